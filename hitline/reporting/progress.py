"""Counts of what a pipeline has come to: for the live view, the status and the summary."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Connection, and_, case, func, or_, select

from hitline.consensus import known
from hitline.facts import Control
from hitline.fields import Field, is_label
from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.reporting.copies import Copies, copies
from hitline.reporting.inbox import Notifications, notifications
from hitline.store import commitments, ledger, provisional
from hitline.store import items as item_rows
from hitline.store.ledger import Amount
from hitline.store.schema import assignments, hits, intents, items, verdicts

ACTIONS = ("settle", "extend", "post", "repost", "giveup", "hold")
"""The verdicts that do something: what an event is timed to."""


@dataclass(frozen=True, kw_only=True)
class StageProgress:
    """A stage's counts. `gold_items` have a known answer that is one of the stage's labels;
    `gold_settled` of them have a label by now, `gold_right` the right one.

    `answers` are submitted assignments, `extended` and `reposted` calls that succeeded.
    """

    name: str
    control: Control
    states: Mapping[ItemState, int]
    gold_items: int
    gold_settled: int
    gold_right: int
    answers: int
    extended: int
    reposted: int

    @property
    def items(self) -> int:
        return sum(self.states.values())

    @property
    def accuracy(self) -> float | None:
        """The share of right labels among those that can be checked."""
        return self.gold_right / self.gold_settled if self.gold_settled else None


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Seconds of wall time; None before anything was measured."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a pipeline stands. `copies` of known items are in no stage's count of items."""

    pipeline: str
    stages: tuple[StageProgress, ...]
    spent: Amount
    reserved: Amount
    room: Decimal | None
    notifications: Notifications
    copies: Copies = field(default_factory=Copies)
    would_flip: int = 0
    """Final labels that would be others by now."""

    def count(self, state: ItemState) -> int:
        """How many items of all stages are in `state`."""
        return sum(stage.states[state] for stage in self.stages)

    @property
    def items(self) -> int:
        return sum(stage.items for stage in self.stages)

    @property
    def answers(self) -> int:
        return sum(stage.answers for stage in self.stages)


@dataclass(frozen=True, kw_only=True)
class _Golds:
    known: int = 0
    settled: int = 0
    right: int = 0


def progress(connection: Connection, pipeline: Pipeline) -> Progress:
    """The counts of every stage that is defined, and of those that only have items left."""
    name = pipeline.name
    states = _states(connection, name)
    answers = _answers(connection, name)
    calls = _calls(connection, name)
    fields = {stage.name: stage.fields for stage in pipeline.stages}
    golds = _golds(connection, name, fields)
    return Progress(
        pipeline=name,
        stages=tuple(
            StageProgress(
                name=stage,
                control=item_rows.control(connection, name, stage),
                states={state: states.get((stage, state), 0) for state in ItemState},
                gold_items=golds.get(stage, _Golds()).known,
                gold_settled=golds.get(stage, _Golds()).settled,
                gold_right=golds.get(stage, _Golds()).right,
                answers=answers.get(stage, 0),
                extended=calls.get(stage, (0, 0))[0],
                reposted=calls.get(stage, (0, 0))[1],
            )
            for stage in dict.fromkeys([*fields, *(stage for stage, _ in states)])
        ),
        spent=ledger.spent(connection, name),
        reserved=ledger.reserved(connection, name),
        room=commitments.room(connection, name),
        notifications=notifications(connection),
        copies=copies(connection, name),
        would_flip=len(provisional.would_flip(connection, name)),
    )


def event_to_action(connection: Connection, pipeline: str) -> Latency:
    """From a message's sending, as the queue says it, to the verdict that it led to."""
    rows = connection.execute(
        select(verdicts.c.wall_sent_at, verdicts.c.wall_at).where(
            verdicts.c.pipeline == pipeline,
            verdicts.c.kind.in_(ACTIONS),
            verdicts.c.wall_sent_at.is_not(None),
        )
    )
    seconds = sorted((done - sent).total_seconds() for sent, done in rows)
    return Latency(p50=percentile(seconds, 50), p95=percentile(seconds, 95))


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least `percent` % of the values do not exceed (nearest rank)."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else None


def _states(connection: Connection, pipeline: str) -> dict[tuple[str, ItemState], int]:
    rows = connection.execute(
        select(items.c.stage, items.c.state, func.count())
        .where(items.c.pipeline == pipeline, items.c.copy_of.is_(None))
        .group_by(items.c.stage, items.c.state)
        .order_by(items.c.stage)
    )
    return {(stage, ItemState(state)): count for stage, state, count in rows}


def _answers(connection: Connection, pipeline: str) -> dict[str, int]:
    rows = connection.execute(
        select(hits.c.stage, func.count())
        .join(assignments, assignments.c.hit_id == hits.c.hit_id)
        .where(hits.c.pipeline == pipeline)
        .group_by(hits.c.stage)
    )
    return {row[0]: row[1] for row in rows}


def _calls(connection: Connection, pipeline: str) -> dict[str, tuple[int, int]]:
    """(extended, reposted) of each stage: intents whose call took effect."""
    # A later sibling of a dearer generation buys more answers; only the first one is a repost.
    anew = and_(
        intents.c.kind == "post",
        intents.c.detail["generation"].as_integer() > 0,
        intents.c.detail["sibling"].as_integer() == 0,
    )
    reposted = or_(intents.c.kind == "raise", anew)
    rows = connection.execute(
        select(
            intents.c.stage,
            func.sum(case((intents.c.kind == "extend", 1), else_=0)),
            func.sum(case((reposted, 1), else_=0)),
        )
        .where(
            intents.c.pipeline == pipeline,
            intents.c.outcome.is_not(None),
            intents.c.outcome.not_like("failed%"),
        )
        .group_by(intents.c.stage)
    )
    return {stage: (extended, again) for stage, extended, again in rows}


def _golds(
    connection: Connection, pipeline: str, fields: Mapping[str, Sequence[Field]]
) -> dict[str, _Golds]:
    rows = connection.execute(
        select(items.c.stage, items.c.gold, items.c.state, items.c.label, func.count())
        .where(items.c.pipeline == pipeline, items.c.gold.is_not(None), items.c.copy_of.is_(None))
        .group_by(items.c.stage, items.c.gold, items.c.state, items.c.label)
    )
    found: dict[str, _Golds] = {}
    for stage, gold, state, label, count in rows:
        asked = fields.get(stage, ())
        if asked and not is_label(asked, gold):
            continue
        settled = count if state == ItemState.SETTLED else 0
        before = found.get(stage, _Golds())
        found[stage] = _Golds(
            known=before.known + count,
            settled=before.settled + settled,
            right=before.right + (settled if known.is_right(asked, label, gold) else 0),
        )
    return found
