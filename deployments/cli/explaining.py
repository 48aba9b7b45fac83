"""`hitline explain`: an item's story, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deployments.cli.opening import open_database
from deployments.cli.showing import count, dollars, moment, say, show
from hitline.consensus.choice import shown
from hitline.consensus.grounds import Grounds
from hitline.model import Item
from hitline.reporting.story import Came, Decision, Posted, Story, stories
from hitline.settings import read_settings

Moment = tuple[datetime, str, str]
"""When, what, and the details."""


def explain(item: str, /) -> None:
    """Tell an item's whole story, by its id or key: asked, answered, decided and why, cost.

    For example: hitline explain headline-2179
    """
    with open_database(read_settings()).reading() as connection:
        told = stories(connection, item)
    for story in told:
        tell(story)


def tell(story: Story) -> None:
    """Print one item's story; times are business time, UTC."""
    item = story.item
    say(f"{item.pipeline}/{item.stage} · {item.key} · {item.id} · {_state(item)}")
    for name, value in item.input.items():
        say(f"{name}: {value}", indent=2)
    if item.gold is not None:
        say(f"known answer: {item.gold}", indent=2)
    if item.parent_id is not None:
        say(f"made from: {item.parent_id}", indent=2)
    if story.reason:
        say(f"why {item.state}: {story.reason}", indent=2)
    if story.problem:
        say(f"trouble: {story.problem}", indent=2)
    # Sorted by time alone: what happened at once stands as it was told.
    told = sorted(_moments(story), key=lambda one: one[0])
    show(["at", "what", "details"], [(moment(at), what, details) for at, what, details in told])
    if story.grounds is not None:
        _tell_weights(story, story.grounds)
    if story.would_flip is not None:
        say(f"final; would be {story.would_flip} by now, see hitline redo", indent=2)
    answers = sum(1 for one in story.came if one.counted)
    say(f"cost: {dollars(story.cost)}, {count(answers, 'answer')} counted", indent=2)
    for child in story.children:
        say(f"→ {child.stage} · {child.key} · {child.id} · {_state(child)}", indent=2)
    say()


def _tell_weights(story: Story, grounds: Grounds) -> None:
    """What each answer weighed when the label was settled, and what they came to together."""
    label, said = story.item.label or "", _said(story, grounds)
    posterior = grounds.posterior(said)
    rows = []
    for worker, spoke in said:
        weight = grounds.weight((worker, spoke), label)
        rows.append((worker, spoke, "-" if weight is None else f"{weight:+.2f}"))
    show(["worker", "said", f"log-odds of {label}"], rows)
    stated = next((one.confidence for one in reversed(story.decided) if one.confidence), None)
    likely = f"{posterior[label]:.1%}" if label in posterior else "nothing"
    worth = "" if stated is None else f", stated as {stated:.1%}"
    rule = "; votes decide, for known answers speak against the model" if grounds.by_votes else ""
    say(
        f"model {grounds.version} of {count(grounds.answers, 'answer')}: {likely} for "
        f"{label}{worth}{rule}",
        indent=2,
    )


def _said(story: Story, grounds: Grounds) -> list[tuple[str, str]]:
    """(worker, label) of the answers that counted when the label was settled."""
    settled = story.finished_at
    return [
        (one.worker_id, str(value))
        for one in story.came
        if one.counted and (settled is None or one.at <= settled)
        for value in (one.values or {}).values()
        if str(value) in grounds.labels
    ]


def _state(item: Item) -> str:
    if item.label is None:
        return str(item.state)
    return f"{item.state} as {shown(item.label)}, agreement {item.agreement or 0:.2f}"


def _brief(value: object) -> str:
    """Text stands as it is; lists and boxes are cut short."""
    return value if isinstance(value, str) else shown(str(value))


def _moments(story: Story) -> Iterator[Moment]:
    yield story.created_at, "added", f"to {story.item.stage}, round {story.item.round}"
    for hit in story.posted:
        yield hit.at, "posted", _posted(hit)
    for answer in story.came:
        yield answer.at, "answered", _came(answer)
    for decision in story.decided:
        yield decision.at, f"decided: {decision.kind}", _decided(decision)
    for hit in story.posted:
        if hit.closed_at is not None:
            yield hit.closed_at, "closed", f"HIT {hit.hit_id}, {count(hit.submitted, 'answer')}"
        if hit.disposed_at is not None:
            yield hit.disposed_at, "disposed", f"HIT {hit.hit_id}"


def _posted(hit: Posted) -> str:
    """A HIT may have grown, lived longer or become dearer since: this is what it is by now."""
    others = f", with {count(hit.items - 1, 'other item')}" if hit.items > 1 else ""
    ended = ", ended early by us" if hit.ended_by_us else ""
    return (
        f"HIT {hit.hit_id} for {count(hit.max_assignments, 'answer')} at {dollars(hit.reward)} "
        f"(rung {hit.rung}, generation {hit.generation}, sibling {hit.sibling}){others}, open "
        f"until {moment(hit.expires_at)}{ended}"
    )


def _came(answer: Came) -> str:
    if answer.values is None:
        said = f"cannot be read: {answer.problem}"
    else:
        said = ", ".join(f"{name} = {_brief(value)}" for name, value in answer.values.items())
    counted = "" if answer.counted else f" · not counted: {answer.why_not}"
    return f"{answer.worker_id} · {said}{counted} · {answer.status}"


def _decided(decision: Decision) -> str:
    parts = [decision.why]
    if decision.outcome and decision.outcome != decision.why:
        parts.append(decision.outcome)
    parts.append(f"by {decision.door}")
    if decision.flow_run:
        parts.append(f"flow run {decision.flow_run}")
    return " · ".join(parts)
