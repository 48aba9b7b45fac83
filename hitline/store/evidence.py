"""What a stage's workers said: the answers that its labels are judged by, all at once.

A process keeps what it has read of a stage, and reads only rows that were written since
(`revisions`). How many counted answers there are, and what their revisions add up to, is compared
each time; if something was changed past the revisions, all is read anew.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, case, func, select

from hitline.model import FINISHED, ItemState, Label
from hitline.store.database import Store
from hitline.store.items import policies
from hitline.store.schema import answers, hit_items, hits, items

Numbers = NDArray[np.intp]

_NONE = ""
"""Of an answer without a value for the item's field; no label is empty."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """The counted answers of a stage as columns of equal length, by item and then by worker.

    `item`, `worker` and `label` are places in the sorted lists `items`, `workers` and `labels`, so
    the same answers make the same evidence, whichever process read them, and in whatever order.
    """

    items: list[str]
    workers: list[str]
    labels: list[Label]
    item: Numbers
    worker: Numbers
    label: Numbers

    def places(self, ids: Iterable[str]) -> list[int]:
        """Where these items stand in `items`; -1 for those that nobody has answered."""
        wanted = list(ids)
        if not self.items:
            return [-1] * len(wanted)
        found = np.searchsorted(np.array(self.items), wanted).tolist()
        return [
            place if place < len(self.items) and self.items[place] == name else -1
            for place, name in zip(found, wanted, strict=True)
        ]


class _Names:
    """Names, numbered as they come."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self._order: Numbers = np.empty(0, dtype=np.intp)

    def __getitem__(self, name: str) -> int:
        return self.number.setdefault(name, len(self.number))

    def ordered(self, numbers: Numbers) -> tuple[list[str], Numbers]:
        """The names that occur in `numbers`, sorted; and each number's place among them."""
        names = list(self.number)
        if len(self._order) != len(names):
            self._order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
        occurs = np.bincount(numbers, minlength=len(names)) > 0
        there = self._order[occurs[self._order]]
        place = np.empty(len(names), dtype=np.intp)
        place[there] = np.arange(len(there))
        return [names[number] for number in there.tolist()], place[numbers]


class _Kept:
    """What a process has read of one stage."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._rows: dict[tuple[str, str, str], int] = {}
        self._items, self._workers, self._labels = _Names(), _Names(), _Names()
        self._none = self._labels[_NONE]
        self._columns = tuple(array("q") for _ in range(4))
        self._revisions = array("q")
        self.revision = 0
        self._made: Evidence | None = None

    @property
    def check(self) -> tuple[int, int]:
        """How many counted answers there are, and what their revisions add up to."""
        counted = np.array(self._columns[3], dtype=bool)
        return int(counted.sum()), int(np.array(self._revisions)[counted].sum())

    def take(self, rows: Iterable[tuple[str, str, str, Label | None, bool, int]]) -> None:
        """Rows that are new, or were changed."""
        for assignment, worker, item, label, counted, revision in rows:
            key = assignment, worker, item
            place = self._rows.setdefault(key, len(self._rows))
            values = (
                self._items[item],
                self._workers[worker],
                self._labels[label or _NONE],
                int(counted),
            )
            fresh = place == len(self._revisions)
            for column, value in zip(
                (*self._columns, self._revisions), (*values, revision), strict=True
            ):
                if fresh:
                    column.append(value)
                else:
                    column[place] = value
            self.revision = max(self.revision, revision)
            self._made = None

    def evidence(self) -> Evidence:
        if self._made is None:
            columns = [np.array(column, dtype=np.intp) for column in self._columns]
            heard = (columns[3] > 0) & (columns[2] != self._none)
            item, worker, label = (column[heard] for column in columns[:3])
            item_names, item = self._items.ordered(item)
            worker_names, worker = self._workers.ordered(worker)
            label_names, label = self._labels.ordered(label)
            order = np.argsort(item * max(len(worker_names), 1) + worker, kind="stable")
            self._made = Evidence(
                items=item_names,
                workers=worker_names,
                labels=label_names,
                item=item[order],
                worker=worker[order],
                label=label[order],
            )
        return self._made


_KEPT: WeakKeyDictionary[Store, dict[tuple[str, str], _Kept]] = WeakKeyDictionary()
_TURN = threading.Lock()


def of_stage(store: Store, connection: Connection, pipeline: str, stage: str) -> Evidence:
    """Every counted answer of the stage; the same object as before while nothing has changed."""
    with _TURN:
        kept = _KEPT.setdefault(store, {}).setdefault((pipeline, stage), _Kept())
    with kept.lock:
        kept.take(_rows(connection, pipeline, stage, kept.revision))
        if kept.check != _check(connection, pipeline, stage, kept.revision):
            kept.forget()
            kept.take(_rows(connection, pipeline, stage, 0))
        return kept.evidence()


def known(connection: Connection, pipeline: str, stage: str) -> dict[str, Label]:
    """The known answers of the stage's items."""
    rows = connection.execute(
        select(items.c.id, items.c.gold).where(
            items.c.pipeline == pipeline, items.c.stage == stage, items.c.gold.is_not(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def settled(connection: Connection, pipeline: str, stage: str) -> dict[str, Label]:
    """The labels of the stage's settled items, without copies of known ones."""
    rows = connection.execute(
        select(items.c.id, items.c.label).where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.copy_of.is_(None),
            items.c.state == ItemState.SETTLED,
        )
    )
    return {row[0]: row[1] for row in rows}


def asked(connection: Connection, pipeline: str, stage: str) -> dict[str, int]:
    """How many answers each unfinished item was asked for; slots that ran out unused count too."""
    total = func.sum(hits.c.max_assignments)
    rows = connection.execute(
        select(hit_items.c.item_id, total)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .join(items, items.c.id == hit_items.c.item_id)
        .where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.copy_of.is_(None),
            items.c.state.not_in(sorted(FINISHED)),
            hits.c.generation >= items.c.generation,
        )
        .group_by(hit_items.c.item_id)
    )
    return {item: int(count) for item, count in rows}


def _rows(
    connection: Connection, pipeline: str, stage: str, above: int
) -> Iterable[tuple[str, str, str, Label | None, bool, int]]:
    versions = policies(connection, pipeline, stage)
    if not versions:
        return []
    # Taken out of the JSON by the database; an item's field is its own version's.
    label = case(
        *(
            (items.c.version == version, answers.c["values"][policy.field].as_string())
            for version, policy in versions.items()
        )
    )
    query = select(
        answers.c.assignment_id,
        answers.c.worker_id,
        answers.c.item_id,
        label,
        answers.c.counted,
        answers.c.revision,
    ).join(items, items.c.id == answers.c.item_id)
    return [tuple(row) for row in connection.execute(_of(query, pipeline, stage, above))]


def _check(connection: Connection, pipeline: str, stage: str, upto: int) -> tuple[int, int]:
    query = select(func.count(), func.coalesce(func.sum(answers.c.revision), 0)).where(
        answers.c.pipeline == pipeline,
        answers.c.stage == stage,
        answers.c.counted.is_(True),
        answers.c.revision <= upto,
    )
    count, total = connection.execute(query).one()
    return int(count), int(total)


def _of(query: Select, pipeline: str, stage: str, above: int) -> Select:  # type: ignore[type-arg]
    return query.where(
        answers.c.pipeline == pipeline,
        answers.c.stage == stage,
        answers.c.counted.in_([True, False]),  # both, so that the index leads to the revision
        answers.c.revision > above,
    )
