"""Statements about more ids than a database takes at once."""

from __future__ import annotations

import pytest

from hitline.model import Door
from hitline.store import Store, aside, items, leases, neglected, outstanding, pieces
from hitline.store.leases import NEVER
from tests.contracts.store.rows import Rows, wall


@pytest.fixture
def seven(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven items, of which two fit into a statement; a HIT carries the first three."""
    monkeypatch.setattr(pieces, "PIECE", 2)
    ids = [rows.item(f"item-{number}") for number in range(7)]
    rows.hit("HIT", *ids[:3])
    return ids


def test_ids_come_in_order_and_each_once() -> None:
    many = [f"{number:04}" for number in range(2500)]
    found = list(pieces.pieces(reversed(many + many[:5])))
    assert [len(some) for some in found] == [1000, 1000, 500]
    assert [each for some in found for each in some] == many
    assert list(pieces.pieces([])) == []


def test_many_items_are_marked_loaded_and_looked_for(store: Store, seven: list[str]) -> None:
    with store.writing() as connection:
        leases.mark(store, connection, seven, Door.PUBLISH, "new", wall(0))
        leases.mark(store, connection, seven[:5], Door.PUBLISH, "again", wall(1))
        (waiting,) = leases.waiting(connection, wall(2))
        assert waiting.items == 7
        assert [item.key for item in items.load(connection, reversed(seven))] == [
            f"item-{number}" for number in range(7)
        ]
        assert outstanding.asked(connection, seven) == set(seven[:3])
        assert neglected.unmarked(connection, seven, Door.CLOSE) == sorted(seven)
        assert neglected.unmarked(connection, seven, Door.PUBLISH) == []


def test_many_items_are_set_aside_and_tried_again(store: Store, seven: list[str]) -> None:
    with store.writing() as connection:
        leases.mark(store, connection, seven, Door.PUBLISH, "new", wall(0))
        aside.set_aside(connection, seven)
        assert leases.waiting(connection, NEVER.replace(year=9998)) == []
        assert len(aside.of_pipeline(connection, "dogs")) == 7
        aside.try_again(connection, seven, wall(5))
        (waiting,) = leases.waiting(connection, wall(5))
        assert waiting.items == 7
