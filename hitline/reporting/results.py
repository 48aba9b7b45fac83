"""The results of a pipeline: one row an item, on the screen or in a CSV file."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, func, select

from hitline.model import ItemState, Label
from hitline.money import NOTHING, as_string
from hitline.reporting.costs import costs
from hitline.store.schema import answers, hit_items, hits, items

COLUMNS = (
    "item",
    "stage",
    "input",
    "label",
    "agreement",
    "answers",
    "cost",
    "hit_ids",
    "key",
    "state",
    "counted",
    "confidence",
    "final",
    "would_flip",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a stage came to about one item; `label` and `agreement` are None while there is none.

    `answers` are all that were submitted, `counted` those that the label rests on. `cost` is the
    item's share of what its HITs paid, fees included. `confidence`: how likely the label is right,
    by all that is known by now, where the stage's rule has a model. A `final` label is not changed
    any more, even where answers that came since speak for another (`would_flip`).
    """

    item: str
    key: str
    stage: str
    state: ItemState
    input: dict[str, str]
    label: Label | None
    agreement: float | None
    answers: int
    counted: int
    cost: Decimal
    hit_ids: tuple[str, ...]
    confidence: float | None = None
    final: bool = False
    would_flip: Label | None = None


def results(connection: Connection, pipeline: str) -> list[Result]:
    """Every item of the pipeline, unfinished ones too, in order of publication.

    Copies of known items are left out: they are about workers.
    """
    paid = costs(connection, pipeline)
    came = _answers(connection, pipeline)
    carried_by = _hits(connection, pipeline)
    rows = connection.execute(
        select(items)
        .where(items.c.pipeline == pipeline, items.c.copy_of.is_(None))
        .order_by(items.c.position, items.c.id)
    )
    return [
        Result(
            item=row.id,
            key=row.key,
            stage=row.stage,
            state=ItemState(row.state),
            input=row.input,
            label=row.label,
            agreement=row.agreement,
            answers=came.get(row.id, (0, 0))[0],
            counted=came.get(row.id, (0, 0))[1],
            cost=paid.get(row.id, NOTHING),
            hit_ids=tuple(carried_by.get(row.id, ())),
            confidence=row.confidence,
            final=row.final,
            would_flip=row.would_flip,
        )
        for row in rows
    ]


def write_csv(path: Path, rows: Sequence[Result]) -> None:
    """Write the rows as UTF-8 CSV: input as a JSON object, HIT ids with spaces between them.

    Values stand as they are. A key or label that begins with "=" is a formula to a spreadsheet:
    import such a file as text.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_cells(row) for row in rows)


def _cells(row: Result) -> dict[str, str]:
    return {
        "item": row.item,
        "stage": row.stage,
        "input": json.dumps(row.input, ensure_ascii=False, sort_keys=True),
        "label": row.label or "",
        "agreement": "" if row.agreement is None else f"{row.agreement:.4f}",
        "answers": str(row.answers),
        "cost": as_string(row.cost),
        "hit_ids": " ".join(row.hit_ids),
        "key": row.key,
        "state": str(row.state),
        "counted": str(row.counted),
        "confidence": "" if row.confidence is None else f"{row.confidence:.4f}",
        "final": "yes" if row.final else "no",
        "would_flip": row.would_flip or "",
    }


def _answers(connection: Connection, pipeline: str) -> dict[str, tuple[int, int]]:
    """(submitted, counted) by item."""
    rows = connection.execute(
        select(
            answers.c.item_id,
            func.count(),
            func.count().filter(answers.c.counted.is_(True)),
        )
        .join(items, items.c.id == answers.c.item_id)
        .where(items.c.pipeline == pipeline)
        .group_by(answers.c.item_id)
    )
    return {item_id: (submitted, counted) for item_id, submitted, counted in rows}


def _hits(connection: Connection, pipeline: str) -> dict[str, list[str]]:
    rows = connection.execute(
        select(hit_items.c.item_id, hits.c.hit_id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(hits.c.pipeline == pipeline)
        .order_by(hits.c.generation, hits.c.sibling, hits.c.hit_id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for item_id, hit_id in rows:
        found[item_id].append(hit_id)
    return found
