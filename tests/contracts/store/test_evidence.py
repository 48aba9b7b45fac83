"""What a stage's workers said, all at once, with what its items are known to be."""

from __future__ import annotations

from typing import Any

from hitline.model import ItemState
from hitline.policies import Approve, Policy, Staff, VoteLead
from hitline.store import Store, evidence, hits, items
from hitline.store.evidence import Said
from tests.contracts.store.rows import Rows, at, wall


def version(store: Store, field: str) -> int:
    """Register a policy of the stage "breed" whose answers stand under `field`."""
    policy = Policy(
        redundancy=VoteLead(),
        rewards=(),
        end=Staff(),
        pay=Approve(),
        lifetime=at(60) - at(0),
        duration=at(5) - at(0),
        field=field,
    )
    with store.writing() as connection:
        return items.register_version(connection, "dogs", "breed", policy, wall(0))


def say(store: Store, item_id: str, worker: str, values: dict[str, Any], counted: bool) -> None:
    answer = {
        "assignment_id": f"{item_id}{worker}",
        "worker_id": worker,
        "item_id": item_id,
        "hit_id": "HIT1",
        "values": values,
        "counted": counted,
        "why_not": None if counted else "late",
        "submitted_at": at(1),
    }
    with store.writing() as connection:
        hits.record_answers(store, connection, [answer])


def test_counted_answers_come_with_their_labels_and_what_is_known(rows: Rows, store: Store) -> None:
    old, new = version(store, "breed"), version(store, "kind")
    a = rows.item("a", version=old, golds={"breed": "poodle"})
    b = rows.item("b", version=new)
    elsewhere = rows.item("a", stage="age")
    for item_id in (a, b, elsewhere):
        rows.hit(f"HIT{item_id}", item_id)
    say(store, a, "W1", {"breed": "poodle"}, True)
    say(store, a, "W2", {"breed": "terrier"}, False)
    say(store, b, "W1", {"kind": "terrier"}, True)
    say(store, elsewhere, "W1", {"age": "old"}, True)
    with store.writing() as connection:
        items.finished(connection, b, ItemState.SETTLED, "agreed", at(2), label="terrier")

    with store.reading() as connection:
        said = evidence.of_stage(connection, "dogs", "breed")

    assert sorted(said, key=lambda one: one.label) == [
        Said(a, "W1", "poodle", "poodle", False),
        Said(b, "W1", "terrier", None, True),
    ]


def test_an_open_item_was_asked_for_what_all_its_hits_together_ask(
    rows: Rows, store: Store
) -> None:
    a, b, done = rows.item("a"), rows.item("b"), rows.item("done")
    rows.hit("HIT1", a, b)
    rows.hit("HIT2", a, generation=1)
    rows.hit("HIT3", done)
    with store.writing() as connection:
        hits.change(connection, "HIT2", max_assignments=3)
        items.finished(connection, done, ItemState.DROPPED, "stopped", at(2))

    with store.reading() as connection:
        assert evidence.asked(connection, "dogs", "breed") == {a: 5, b: 2}
        assert evidence.asked(connection, "dogs", "age") == {}
