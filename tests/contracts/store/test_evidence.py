"""What a stage's workers said, all at once, with what its items are known to be."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from hitline.model import ItemState
from hitline.policies import Approve, Policy, Staff, VoteLead
from hitline.store import Store, evidence, hits, items, provisional
from hitline.store.evidence import Evidence
from hitline.store.schema import answers
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


def say(
    store: Store, item_id: str, worker: str, values: dict[str, Any], why_not: str | None = None
) -> None:
    answer = {
        "assignment_id": f"{item_id}{worker}",
        "worker_id": worker,
        "item_id": item_id,
        "hit_id": "HIT1",
        "values": values,
        "counted": why_not is None,
        "why_not": why_not,
        "submitted_at": at(1),
    }
    with store.writing() as connection:
        hits.record_answers(store, connection, [answer])


def read(store: Store, stage: str = "breed") -> Evidence:
    with store.reading() as connection:
        return evidence.of_stage(store, connection, "dogs", stage)


def spelled(said: Evidence) -> list[tuple[str, str, str]]:
    """(item, worker, label) of each answer, as they stand."""
    columns = zip(said.item.tolist(), said.worker.tolist(), said.label.tolist(), strict=True)
    return [(said.items[i], said.workers[w], said.labels[label]) for i, w, label in columns]


def test_counted_answers_come_with_the_labels_of_their_items_version(
    rows: Rows, store: Store
) -> None:
    old, new = version(store, "breed"), version(store, "kind")
    a = rows.item("a", version=old, golds={"breed": "poodle"})
    b = rows.item("b", version=new)
    elsewhere = rows.item("a", stage="age")
    say(store, b, "W1", {"kind": "terrier"})
    say(store, a, "W2", {"breed": "terrier"}, "late")
    say(store, a, "W1", {"breed": "poodle"})
    say(store, elsewhere, "W1", {"age": "old"})
    with store.writing() as connection:
        items.finished(connection, b, ItemState.SETTLED, "agreed", at(2), label="terrier")

    assert spelled(read(store)) == sorted([(a, "W1", "poodle"), (b, "W1", "terrier")])
    with store.reading() as connection:
        assert evidence.known(connection, "dogs", "breed") == {a: "poodle"}
        assert evidence.settled(connection, "dogs", "breed") == {b: "terrier"}


def test_what_was_read_is_kept_and_only_what_is_new_is_added(rows: Rows, store: Store) -> None:
    kind = version(store, "breed")
    a, b = rows.item("a", version=kind), rows.item("b", version=kind)
    say(store, b, "W2", {"breed": "poodle"})
    before = read(store)
    assert read(store) is before
    say(store, a, "W1", {"breed": "terrier"})

    assert spelled(read(store)) == sorted([(a, "W1", "terrier"), (b, "W2", "poodle")])
    assert read(store) is not before


def test_the_same_answers_make_the_same_evidence_however_they_were_read(
    rows: Rows, store: Store
) -> None:
    kind = version(store, "breed")
    ids = [rows.item(key, version=kind) for key in "abc"]
    for number, item in enumerate(ids):
        say(store, item, f"W{3 - number}", {"breed": "poodle" if number else "terrier"})
        read(store)
    piecemeal = read(store)

    at_once = read(Store(store.engine))
    assert spelled(at_once) == spelled(piecemeal)
    for column in ("items", "workers", "labels"):
        assert getattr(at_once, column) == getattr(piecemeal, column)


def test_an_answer_that_counts_after_all_is_seen(rows: Rows, store: Store) -> None:
    a = rows.item("a", version=version(store, "breed"))
    say(store, a, "W1", {"breed": "poodle"})
    say(store, a, "W2", {"breed": "terrier"}, "late")
    say(store, a, "W1", {"breed": "terrier"}, "answered before")
    assert spelled(read(store)) == [(a, "W1", "poodle")]

    with store.writing() as connection:
        assert provisional.count_late(store, connection, a) == 1

    assert spelled(read(store)) == [(a, "W1", "poodle"), (a, "W2", "terrier")]


def test_a_late_answer_of_somebody_who_counts_already_stays_uncounted(
    rows: Rows, store: Store
) -> None:
    a = rows.item("a", version=version(store, "breed"))
    say(store, a, "W1", {"breed": "poodle"})
    with store.writing() as connection:
        connection.execute(update(answers).values(assignment_id="the first"))
    say(store, a, "W1", {"breed": "terrier"}, "late")

    with store.writing() as connection:
        assert provisional.count_late(store, connection, a) == 0


def test_a_change_that_took_no_number_is_noticed_by_the_count(rows: Rows, store: Store) -> None:
    a = rows.item("a", version=version(store, "breed"))
    say(store, a, "W1", {"breed": "poodle"})
    say(store, a, "W2", {"breed": "terrier"})
    assert len(spelled(read(store))) == 2
    with store.writing() as connection:
        connection.execute(update(answers).where(answers.c.worker_id == "W1").values(counted=False))

    assert spelled(read(store)) == [(a, "W2", "terrier")]


def test_where_an_item_stands_is_told_and_that_nobody_has_answered_one(
    rows: Rows, store: Store
) -> None:
    kind = version(store, "breed")
    a, b = rows.item("a", version=kind), rows.item("b", version=kind)
    assert read(store).places([a, b]) == [-1, -1]
    say(store, b, "W1", {"breed": "poodle"})

    assert read(store).places([a, b]) == [-1, 0]


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
