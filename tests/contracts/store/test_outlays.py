"""Which items go on first once there is money again."""

from __future__ import annotations

import pytest

from hitline.facts import Control
from hitline.store import Store, items, outlays
from tests.contracts.store.rows import Rows, wall
from tests.contracts.store.test_items import POLICY


@pytest.fixture
def held(store: Store, rows: Rows) -> dict[str, str]:
    """Held for money: a, b and c, which others led to, in stage "check", then d and e, new ones,
    in "breed". By their keys."""
    parent = rows.item("parent")
    ids = {key: rows.item(key, stage="check", parent_id=parent) for key in "abc"}
    ids |= {key: rows.item(key) for key in "de"}
    with store.writing() as connection:
        for stage in ("breed", "check"):
            items.register_version(connection, "dogs", stage, POLICY, wall(0))
        for item_id in ids.values():
            items.held(connection, item_id, "the budget is spent", for_money=True)
    return ids


def first_ones(store: Store, held: dict[str, str], most: int) -> str:
    keys = {item_id: key for key, item_id in held.items()}
    with store.reading() as connection:
        found = outlays.next_ones(connection, "dogs", most)
    return "".join(keys[one.item_id] for one in found)


def test_what_others_led_to_goes_on_before_what_is_new(store: Store, held: dict[str, str]) -> None:
    assert first_ones(store, held, 9) == "abcde"


def test_a_stage_with_much_that_waits_keeps_no_other_from_its_turn(
    store: Store, held: dict[str, str]
) -> None:
    """Its own cap may be in the way for weeks."""
    assert first_ones(store, held, 2) == "abde"
    assert first_ones(store, held, 1) == "ad"


def test_what_is_in_a_paused_stage_does_not_go_on(store: Store, held: dict[str, str]) -> None:
    with store.writing() as connection:
        items.set_control(store, connection, "dogs", "check", Control.PAUSED)
    assert first_ones(store, held, 9) == "de"
