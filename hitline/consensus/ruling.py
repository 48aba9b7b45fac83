"""The ruling on an item: what its answers come to by its stage's rule, for every kind of answer.

Labels are text; here they become values again, each kind's own consensus judges them, and what it
says is a label. Of several fields each is judged on its own: an item's label stands when all
fields' do, and the label is the JSON object of their values.
"""

from __future__ import annotations

from collections.abc import Sequence

from hitline.consensus.adaptive import Belief
from hitline.consensus.boxes import Drawings
from hitline.consensus.choice import Agreed, Needs, Tally, Undecided
from hitline.consensus.multichoice import Sets
from hitline.consensus.number import Numbers
from hitline.consensus.text import Texts
from hitline.consensus.view import Consensus, Ruling, View
from hitline.consensus.votes import Votes
from hitline.consensus.wording import Wording
from hitline.facts import ItemFacts
from hitline.fields import Boxes, Field, MultiChoice, Number, from_json, label_of, values_of
from hitline.model import Label
from hitline.policies import (
    Adaptive,
    Agree,
    Fixed,
    Overlap,
    PerField,
    Policy,
    Rule,
    StandardError,
    VoteLead,
)

__all__ = ["Agreed", "Needs", "Ruling", "Undecided", "agreement", "asked", "judge", "view"]


def judge(facts: ItemFacts) -> Ruling:
    """Whether the item's label stands, and what is missing if it does not."""
    if not _several(facts.policy):
        return _single(facts).judge()
    fields = asked(facts.policy)
    rulings = {name: one.judge() for name, one in _each(facts).items()}
    missing = [one.answers for one in rulings.values() if isinstance(one, Needs)]
    if missing:
        return Needs(answers=max(missing))
    agreed = {name: one for name, one in rulings.items() if isinstance(one, Agreed)}
    if len(agreed) < len(rulings):
        return Undecided()
    return Agreed(
        label=_together(fields, {name: one.label for name, one in agreed.items()}),
        why="; ".join(f"{name}: {one.why}" for name, one in agreed.items()),
    )


def view(facts: ItemFacts) -> View:
    """What the answers come to so far. Several fields have a label when each has one."""
    if not _several(facts.policy):
        return _single(facts).view
    views = {name: one.view for name, one in _each(facts).items()}
    best = {name: one.best for name, one in views.items() if one.best is not None}
    return View(
        best=_together(asked(facts.policy), best) if len(best) == len(views) else None,
        lead=min(one.lead for one in views.values()),
        said="; ".join(f"{name}: {one.said}" for name, one in views.items()),
    )


def agreement(facts: ItemFacts, label: Label) -> float:
    """How far the answers agree with `label`, 0 to 1; of several fields, on the one they do least.

    Raises UnreadableAnswer if it is no label of the item's fields.
    """
    if not _several(facts.policy):
        return _single(facts).agreement(label)
    fields = asked(facts.policy)
    values = values_of(fields, label)
    each = _each(facts)
    return min(each[field.name].agreement(field.write(values[field.name])) for field in fields)


def asked(policy: Policy) -> tuple[Field, ...]:
    """The fields of the answer; none where the policy was stored without them."""
    return tuple(from_json(field) for field in policy.fields)


def consensus(
    field: Field | None,
    rule: Rule,
    labels: Sequence[Label],
    *,
    belief: Belief | None = None,
    spare: float | None = None,
    wording: Wording | None = None,
) -> Consensus:
    """The answers to one field, as what judges them; without a field, labels are votes.

    Who judges the same texts again and again passes one `wording`, which remembers them.

    Raises UnreadableAnswer if one of `labels` is none of the field.
    """
    match field, rule:
        case MultiChoice(), VoteLead() | Fixed():
            return Sets(field, rule, [field.parse(label) for label in labels])
        case Number(), StandardError() | Fixed():
            return Numbers(field, rule, [field.parse(label) for label in labels])
        case Boxes(), Overlap() | Fixed():
            return Drawings(field, rule, [field.parse(label) for label in labels])
        case _, Agree():
            return Texts(rule, labels, wording or Wording())
        case _, Fixed() if field is not None and field.kind == "text":
            return Texts(rule, labels, wording or Wording())
        case _, VoteLead() | Fixed() | Adaptive():
            return Votes(tally=Tally.of(labels), rule=rule, belief=belief, spare=spare)
    raise AssertionError(f"{rule} was let pass for {field}")


def _several(policy: Policy) -> bool:
    return len(policy.fields) > 1


def _single(facts: ItemFacts) -> Consensus:
    rule = facts.policy.redundancy
    assert not isinstance(rule, PerField)
    field = next(iter(asked(facts.policy)), None)
    return consensus(field, rule, facts.labels, belief=facts.belief, spare=facts.spare)


def _each(facts: ItemFacts) -> dict[str, Consensus]:
    """The consensus of each field by its name, in their order."""
    rules = facts.policy.redundancy
    assert isinstance(rules, PerField)
    fields = asked(facts.policy)
    values = [values_of(fields, label) for label in facts.labels]
    return {
        field.name: consensus(
            field, rules.rules[field.name], [field.write(one[field.name]) for one in values]
        )
        for field in fields
    }


def _together(fields: Sequence[Field], labels: dict[str, Label]) -> Label:
    return label_of(fields, {field.name: field.parse(labels[field.name]) for field in fields})
