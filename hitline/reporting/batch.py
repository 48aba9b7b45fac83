"""Answers in the columns of the requester site's batch results, so that old scripts go on working.

One row a submission. Names and order of the columns, the dollar sign of the reward, times in words
on the Pacific coast and a quoted cell each are the site's own ("Download CSV" of a batch; its
columns stand in many a published script). What we do not know stays empty, the columns "Approve"
and "Reject" as well, which the site left for the reviewer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, func, select

from hitline.errors import UnreadableAnswer
from hitline.money import as_string
from hitline.pipeline import Stage
from hitline.policies import Policy
from hitline.reporting.cells import flattened
from hitline.reporting.judged import Judged, judged
from hitline.reporting.rates import ApprovalRates
from hitline.reporting.tables import Column, Kind, Table, Value
from hitline.store import items as item_rows
from hitline.store.pseudonyms import Pseudonyms
from hitline.store.schema import assignments, hit_items, hits, items

MOST_COLUMNS = 500
"""Names of answers that become columns, those that most submissions bear: workers choose names."""

LONGEST_NAME = 200
"""Characters of an answer's name; what is longer is no name that a template gave."""

CHUNK = 1_000
"""Submissions that are held in memory at a time."""

_PACIFIC = ZoneInfo("America/Los_Angeles")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_FIXED = (
    Column("HITId"),
    Column("HITTypeId"),
    Column("Title"),
    Column("Description"),
    Column("Keywords"),
    Column("Reward"),
    Column("CreationTime", Kind.MOMENT),
    Column("MaxAssignments", Kind.WHOLE),
    Column("RequesterAnnotation"),
    Column("AssignmentDurationInSeconds", Kind.WHOLE),
    Column("AutoApprovalDelayInSeconds", Kind.WHOLE),
    Column("Expiration", Kind.MOMENT),
    Column("NumberOfSimilarHITs", Kind.WHOLE),
    Column("LifetimeInSeconds", Kind.WHOLE),
    Column("AssignmentId"),
    Column("WorkerId"),
    Column("AssignmentStatus"),
    Column("AcceptTime", Kind.MOMENT),
    Column("SubmitTime", Kind.MOMENT),
    Column("AutoApprovalTime", Kind.MOMENT),
    Column("ApprovalTime", Kind.MOMENT),
    Column("RejectionTime", Kind.MOMENT),
    Column("RequesterFeedback"),
    Column("WorkTimeInSeconds", Kind.WHOLE),
    Column("LifetimeApprovalRate"),
    Column("Last30DaysApprovalRate"),
    Column("Last7DaysApprovalRate"),
)
_REVIEW = (Column("Approve"), Column("Reject"))


@lru_cache(maxsize=10_000)
def pacific(moment: datetime) -> str:
    """`Thu Oct 09 00:30:20 PDT 2025`, whatever the machine's language."""
    there = moment.astimezone(_PACIFIC)
    day, month = _DAYS[there.weekday()], _MONTHS[there.month - 1]
    return f"{day} {month} {there:%d %H:%M:%S %Z %Y}"


@dataclass
class Batch:
    """The submissions of a pipeline, or of one stage, as a table that is read as it is written.

    `stages`: what is known of the stages as they are defined now (a HIT's title, say, is kept by
    the endpoint alone). `unreadable` counts the submissions whose answer is no answer document,
    `left_out` the names that became no column; both once the rows have been gone through.
    """

    connection: Connection
    pipeline: str
    stages: Mapping[str, Stage]
    now: datetime
    stage: str | None = None
    pseudonyms: Pseudonyms | None = None
    unreadable: int = 0
    left_out: int = 0
    _policies: dict[str, dict[int, Policy]] = field(default_factory=dict)

    def table(self) -> Table:
        """All columns there will be, and the rows, oldest HIT first."""
        asked = self._input_names()
        said = self._answer_names()
        columns = (
            *_FIXED,
            *(Column(f"Input.{name}") for name in asked),
            *(Column(f"Answer.{name}") for name in said),
            *_REVIEW,
        )
        return Table(columns=columns, rows=self._rows(asked, said), written=pacific)

    def _rows(self, asked: Sequence[str], said: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        self.unreadable = 0
        rates = ApprovalRates(self.connection, self.now)
        slots = self._slots()
        query = select(assignments, *_of_hit()).where(*self._where())
        query = query.join(hits, hits.c.hit_id == assignments.c.hit_id).order_by(
            hits.c.created_at, hits.c.hit_id, assignments.c.submitted_at, assignments.c.worker_id
        )
        for chunk in self._chunks(query):
            carried = _carried(self.connection, {row.hit_id for row in chunk})
            known = judged(self.connection, chunk)
            for row in chunk:
                inputs, version = carried.get(row.hit_id, ([], 0))
                yield (
                    *self._fixed(row, version, known.get(_who(row)), rates),
                    *_picked(asked, _named(inputs, slots.get(row.stage, 1) > 1)),
                    *_picked(said, self._said(row)),
                    None,
                    None,
                )

    def _fixed(
        self, row: Row[Any], version: int, how: Judged | None, rates: ApprovalRates
    ) -> tuple[Value, ...]:
        stage, policy = self.stages.get(row.stage), self._policy(row.stage, version)
        delay, worked = _between(row.submitted_at, row.auto_approval_at), None
        if row.accepted_at is not None:
            worked = _between(row.accepted_at, row.submitted_at)
        worker = self.pseudonyms(row.worker_id) if self.pseudonyms else row.worker_id
        return (
            row.hit_id,
            row.hit_type_id,
            *_told(stage),
            f"${as_string(row.reward)}",
            row.created_at,
            row.max_assignments,
            row.annotation,
            int(policy.duration.total_seconds()) if policy else None,
            delay,
            row.expires_at,
            None,
            int(policy.lifetime.total_seconds()) if policy else None,
            row.assignment_id,
            worker,
            row.status,
            row.accepted_at,
            row.submitted_at,
            row.auto_approval_at,
            *(how or (None, None, None)),
            worked,
            *rates.of(row.worker_id),
        )

    def _said(self, row: Row[Any]) -> Mapping[str, str]:
        try:
            said = flattened(row.answer)
        except UnreadableAnswer:
            self.unreadable += 1
            return {}
        if self.pseudonyms is None:
            return said
        return {name: self.pseudonyms.within(text, row.worker_id) for name, text in said.items()}

    def _answer_names(self) -> list[str]:
        """The names of the answers in alphabetical order, as on the site."""
        seen: Counter[str] = Counter()
        query = select(assignments.c.answer, assignments.c.worker_id)
        query = query.join(hits, hits.c.hit_id == assignments.c.hit_id).where(*self._where())
        for chunk in self._chunks(query):
            for row in chunk:
                seen.update(self._names(row)[:MOST_COLUMNS])
        kept = [name for name, _ in seen.most_common(MOST_COLUMNS)]
        self.left_out = len(seen) - len(kept)
        return sorted(kept)

    def _names(self, row: Row[Any]) -> list[str]:
        """The names that a submission may add to the columns, none of which tells whose it is."""
        try:
            names = [name for name in flattened(row.answer) if len(name) <= LONGEST_NAME]
        except UnreadableAnswer:
            return []
        return [name for name in names if not (self.pseudonyms and row.worker_id in name)]

    def _chunks(self, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
        yield from self.connection.execute(
            query, execution_options={"yield_per": CHUNK}
        ).partitions()

    def _input_names(self) -> list[str]:
        """The columns of the items' inputs, in the order of the file; in shared HITs by slot."""
        by_stage: dict[str, dict[str, None]] = {}
        query = select(items.c.stage, items.c.input).where(items.c.pipeline == self.pipeline)
        if self.stage is not None:
            query = query.where(items.c.stage == self.stage)
        for chunk in self._chunks(query.order_by(items.c.position)):
            for stage, given in chunk:
                by_stage.setdefault(stage, {}).update(dict.fromkeys(given))
        slots = self._slots()
        columns = {
            name: None
            for stage, names in by_stage.items()
            for name in _numbered(list(names), slots.get(stage, 1))
        }
        return list(columns)

    def _where(self) -> list[Any]:
        of_pipeline = [hits.c.pipeline == self.pipeline]
        return of_pipeline if self.stage is None else [*of_pipeline, hits.c.stage == self.stage]

    def _slots(self) -> dict[str, int]:
        """The most items that a HIT of each stage ever carried."""
        rows = self.connection.execute(
            select(hits.c.stage, func.max(hit_items.c.slot))
            .join(hit_items, hit_items.c.hit_id == hits.c.hit_id)
            .where(*self._where())
            .group_by(hits.c.stage)
        )
        return {row[0]: row[1] for row in rows}

    def _policy(self, stage: str, version: int) -> Policy | None:
        if stage not in self._policies:
            self._policies[stage] = item_rows.policies(self.connection, self.pipeline, stage)
        return self._policies[stage].get(version)


def _told(stage: Stage | None) -> tuple[str | None, str | None, str | None]:
    """Title, description and keywords, as the stage's HITs bear them."""
    if stage is None:
        return None, None, None
    return stage.title, stage.description or stage.title, stage.keywords


def _of_hit() -> list[Any]:
    wanted = ("hit_type_id", "stage", "annotation", "reward", "max_assignments", "created_at")
    return [hits.c[name] for name in (*wanted, "expires_at")]


def _numbered(names: Sequence[str], slots: int) -> list[str]:
    """The names, or where several items share a HIT, each with every slot's number behind."""
    if slots == 1:
        return list(names)
    return [f"{name}.{slot}" for slot in range(1, slots + 1) for name in names]


def _carried(
    connection: Connection, hit_ids: set[str]
) -> dict[str, tuple[list[dict[str, str]], int]]:
    """The inputs of each HIT's items, slot by slot, and their version."""
    rows = connection.execute(
        select(hit_items.c.hit_id, items.c.input, items.c.version)
        .join(items, items.c.id == hit_items.c.item_id)
        .where(hit_items.c.hit_id.in_(sorted(hit_ids)))
        .order_by(hit_items.c.hit_id, hit_items.c.slot)
    )
    found: dict[str, tuple[list[dict[str, str]], int]] = {}
    for hit_id, given, version in rows:
        found.setdefault(hit_id, ([], version))[0].append(given)
    return found


def _named(inputs: Sequence[Mapping[str, str]], numbered: bool) -> dict[str, str]:
    """One item's input under its names, several items' with the slot's number behind."""
    if not numbered:
        return dict(inputs[0]) if inputs else {}
    return {
        f"{name}.{slot}": value
        for slot, given in enumerate(inputs, 1)
        for name, value in given.items()
    }


def _picked(names: Sequence[str], values: Mapping[str, str]) -> list[str | None]:
    return [values.get(name) for name in names]


def _who(row: Row[Any]) -> tuple[str, str]:
    return row.assignment_id, row.worker_id


def _between(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else round((end - start).total_seconds())
