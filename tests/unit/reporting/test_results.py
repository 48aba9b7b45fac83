"""Results: a row an item, and a cost for each that adds up to what was spent."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hitline.model import ItemState
from hitline.reporting.costs import costs, split
from hitline.reporting.results import Result, results, write_csv
from hitline.store import ledger


@pytest.mark.parametrize(
    ("amount", "parts", "shares"),
    [
        ("0.00", 3, ["0.00", "0.00", "0.00"]),
        ("0.14", 1, ["0.14"]),
        ("0.14", 3, ["0.05", "0.05", "0.04"]),
        ("0.02", 5, ["0.01", "0.01", "0.00", "0.00", "0.00"]),
        ("1.20", 5, ["0.24", "0.24", "0.24", "0.24", "0.24"]),
    ],
)
def test_money_is_split_into_cents_that_add_up(amount: str, parts: int, shares: list[str]) -> None:
    assert split(Decimal(amount), parts) == [Decimal(share) for share in shares]


def test_items_of_one_hit_share_what_it_paid_in_the_order_of_their_slots(world: Any) -> None:
    """HIT1 paid 0.14 about a, b and c; HIT6 paid 0.06 about a's check."""
    with world.read() as connection:
        assert costs(connection, "dogs", [world.id("b"), world.id("c")]) == {
            world.id("b"): Decimal("0.05"),
            world.id("c"): Decimal("0.04"),
        }
        paid = costs(connection, "dogs")
        spent = ledger.spent(connection, "dogs")

    assert paid[world.id("a")] == Decimal("0.05")
    assert paid[world.id("a", "check")] == Decimal("0.06")
    assert sum(paid.values()) == spent.total == Decimal("0.20")


def test_every_item_has_a_row_in_order_of_publication(world: Any) -> None:
    with world.read() as connection:
        rows = results(connection, "dogs")

    assert [(row.stage, row.key) for row in rows] == [
        *(("breed", key) for key in "abcdefgh"),
        ("check", "a"),
    ]
    assert rows[2] == Result(
        item=world.id("c"),
        key="c",
        stage="breed",
        state=ItemState.SETTLED,
        input={"url": "https://dogs.example/c.jpg"},
        label="poodle",
        agreement=1.0,
        answers=2,
        counted=2,
        cost=Decimal("0.04"),
        hit_ids=("HIT1",),
    )
    d, check = rows[3], rows[8]
    assert (d.state, d.label, d.answers, d.counted) == (ItemState.STAFF, None, 1, 0)
    assert d.hit_ids == ("HIT2", "HIT3")
    assert (check.answers, check.counted, check.hit_ids) == (2, 1, ("HIT6", "HIT7"))


def test_a_csv_file_reads_back_as_it_was(world: Any, tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    with world.read() as connection:
        write_csv(file, results(connection, "dogs"))

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))

    assert len(rows) == 9
    assert rows[0] == {
        "item": world.id("a"),
        "stage": "breed",
        "input": '{"url": "https://dogs.example/a.jpg"}',
        "label": "terrier",
        "agreement": "1.0000",
        "answers": "2",
        "cost": "0.05",
        "hit_ids": "HIT1",
        "key": "a",
        "state": "settled",
        "counted": "2",
        "confidence": "",
        "final": "no",
        "would_flip": "",
    }
    assert (rows[7]["label"], rows[7]["agreement"], rows[7]["cost"]) == ("", "", "0.00")
