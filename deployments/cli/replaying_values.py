"""Trying a rule on recorded texts or numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from deployments.cli.showing import count, say, show
from hitline.errors import InvalidDefinition
from hitline.fields import Text
from hitline.money import MTURK
from hitline.policies import WALL, Agree, Overlap, Rule, StandardError
from hitline.policies.rules import check_rule
from hitline.recorded_values import RecordedValues, read_numbers, read_values
from hitline.replay_values import Outcome, replayed_values

TEXT = Text("label", most=1_000_000)
ERRORS = {"text": "word_error_rate", "number": "mean_absolute_error"}


def kind_of(rule: Rule, said: str | None) -> str:
    """The kind of recorded answers: as said, or as the rule needs it. Refuses what does not fit."""
    needs = {Agree: "text", StandardError: "number", Overlap: "boxes"}.get(type(rule), "choice")
    kind = said or needs
    if kind not in ("choice", *ERRORS):
        raise InvalidDefinition("kind", f"{kind!r} is none; write choice, text or number")
    check_rule(rule, kind)
    return kind


def replay(
    kind: str,
    rule: Rule,
    files: tuple[Path, Path],
    *,
    policy: str,
    orders: int,
    seed: int,
    items: int | None,
    known: float,
    pays: Decimal,
    as_json: bool,
) -> None:
    """Replay and show; `files` are the answers and what is right."""
    if known:
        raise InvalidDefinition("known", "known answers tell these rules nothing; leave it out")
    recorded = read_numbers(*files) if kind == "number" else read_values(*files, TEXT)
    if items is not None and items > len(recorded.tasks):
        raise InvalidDefinition("items", f"{items}, but only {len(recorded.tasks)} have answers")
    found = replayed_values(recorded, rule, orders=orders, seed=seed, items=items)
    cost = float(pays + MTURK.assignment_fee(pays, min(rule.most, WALL))) * found.answers_per_item
    if as_json:
        print(json.dumps(_as_json(kind, found, cost), indent=2))
    else:
        _show(kind, recorded, found, cost, policy, items or len(recorded.tasks), orders)


def _as_json(kind: str, found: Outcome, cost: float) -> dict[str, object]:
    figures = {
        "answers_per_item": found.answers_per_item,
        ERRORS[kind]: found.error,
        f"{ERRORS[kind]}_sd": found.error_sd,
        "accuracy": found.exact,
        "accuracy_sd": found.exact_sd,
        "rounds": found.rounds,
        "cost_per_item": cost,
        "flips": 0.0,
    }
    rounded = {name: round(value, 6) for name, value in figures.items()}
    return {**rounded, "baselines": {name: round(v, 6) for name, v in found.baselines.items()}}


def _show(
    kind: str,
    recorded: RecordedValues,
    found: Outcome,
    cost: float,
    policy: str,
    items: int,
    orders: int,
) -> None:
    say(
        f"{count(recorded.answers, kind)} for {count(len(recorded.tasks), 'item')}, "
        f"{items} replayed, {count(orders, 'order')}"
    )
    say()
    error = ERRORS[kind].replace("_", " ")
    form = "{:.2%}" if kind == "text" else "{:.2f}"
    show(
        ["rule", "answers an item", error, "exact", "rounds", "cost an item"],
        [
            (
                policy,
                f"{found.answers_per_item:.2f}",
                f"{form.format(found.error)} ± {form.format(found.error_sd)}",
                f"{found.exact:.1%}",
                f"{found.rounds:.1f}",
                f"${cost:.3f}",
            ),
            *(
                (name.replace("_", " "), None, form.format(worse), None, None, None)
                for name, worse in found.baselines.items()
            ),
        ],
    )
