"""In whatever order things become known, workers' standing is the same, and so is what follows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from hitline.model import Item, ItemState
from hitline.policies import Approve, Policy, Staff, Standards, Step, VoteLead
from hitline.standing import Evidence, Standing, next_step
from hitline.store import Store, hits, items, open_store, scoring, upgrade, workers
from hitline.store.schema import metadata
from hitline.tokens import item_id

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
POLICY = Policy(
    redundancy=VoteLead(),
    rewards=(),
    end=Staff(),
    pay=Approve(),
    lifetime=timedelta(hours=1),
    duration=timedelta(hours=1),
    field="answer",
)
GOLD = {"known0": "yes", "known1": "no"}
LABELS = {"plain0": "yes", "plain1": "no", "plain2": "yes"}
COPIES = {"again0": "known0", "again1": "known0"}
SAID = {
    # Of what they said to known0 and its copies, the earliest counts.
    "A1": {"known0": "no", "again0": "yes", "known1": "no", "plain0": "yes", "plain1": "yes"},
    "A2": {"again1": "yes", "known1": "yes", "plain2": "yes", "plain1": "no"},
}
EXPECTED = {
    "A1": Evidence(known=2, right=1, compared=2, agreed=1),
    "A2": Evidence(known=2, right=1, compared=2, agreed=2),
}
STANDARDS = Standards(note=0.86, warn=None, stop=0.5, least=2)
"""A1's interval ends at 0.84, that of A2 at 0.88."""

Happening = Callable[[Store, Connection], None]


def id_of(key: str) -> str:
    return item_id("lab", "ask", key)


def answer(worker: str, key: str, number: int) -> Happening:
    def happen(store: Store, connection: Connection) -> None:
        row = {
            "assignment_id": f"{worker}{number}",
            "worker_id": worker,
            "item_id": id_of(key),
            "hit_id": f"HIT{key}",
            "values": {"answer": SAID[worker][key]},
            "problem": None,
            "counted": True,
            "why_not": None,
            "submitted_at": START + timedelta(minutes=number),
        }
        hits.record_answers(store, connection, [row])

    return happen


def settle(key: str, label: str) -> Happening:
    def happen(store: Store, connection: Connection) -> None:
        items.finished(connection, id_of(key), ItemState.SETTLED, "agreed", START, label=label)

    return happen


def score(store: Store, connection: Connection) -> None:
    scoring.score(store, connection, "lab", "ask", most=2)


HAPPENINGS: Sequence[Happening] = [
    *(
        answer(worker, key, number)
        for worker, said in SAID.items()
        for number, key in enumerate(said)
    ),
    *(settle(key, label) for key, label in LABELS.items()),
    settle("known0", "no"),  # what it is settled as tells nothing of a known item
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    empty = tmp_path_factory.mktemp("standings") / "empty.db"
    upgrade(f"sqlite:///{empty}")
    path = empty.with_name("used.db")
    shutil.copy(empty, path)
    store = open_store(f"sqlite:///{path}")
    yield store
    store.dispose()


def begin(store: Store) -> None:
    """Items that nobody has answered."""
    new = [
        Item(
            id=id_of(key),
            pipeline="lab",
            stage="ask",
            key=key,
            input={},
            golds={"ask": gold} if (gold := GOLD.get(COPIES.get(key, key))) else {},
            copy_of=id_of(COPIES[key]) if key in COPIES else None,
        )
        for key in (*GOLD, *COPIES, *LABELS)
    ]
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        items.register_version(connection, "lab", "ask", POLICY, START)
        items.add(store, connection, new, START)


def live(store: Store, happenings: Sequence[Happening]) -> list[Standing]:
    begin(store)
    for happening in happenings:
        with store.writing() as connection:
            happening(store, connection)
    for _ in range(len(GOLD) + len(COPIES) + len(LABELS)):
        with store.writing() as connection:
            score(store, connection)
    with store.reading() as connection:
        return workers.standings_of(connection, "lab", "ask")


@settings(max_examples=40, deadline=None)
@given(
    st.permutations([*HAPPENINGS, *[score] * 4]), st.lists(st.sampled_from(HAPPENINGS), max_size=4)
)
def test_in_any_order_with_doubles_and_looks_in_between(
    store: Store, order: list[Happening], doubles: list[Happening]
) -> None:
    found = live(store, [*order, *doubles])

    assert {one.worker_id: one.evidence for one in found} == EXPECTED
    assert {one.worker_id: one.fresh for one in found} == EXPECTED
    assert {one.worker_id: one.answers for one in found} == {"A1": 5, "A2": 4}
    steps = {one.worker_id: next_step(STANDARDS, one.fresh, None, 0) for one in found}
    assert steps == {"A1": Step.NOTE, "A2": None}


def test_a_label_that_changes_changes_what_agreed_with_it(store: Store) -> None:
    found = live(store, [*HAPPENINGS, score, score, score, settle("plain1", "yes")])

    assert {one.worker_id: one.evidence for one in found} == {
        "A1": Evidence(known=2, right=1, compared=2, agreed=2),
        "A2": Evidence(known=2, right=1, compared=2, agreed=1),
    }


def test_what_was_submitted_before_a_pardon_is_not_fresh_however_late_it_is_scored(
    store: Store,
) -> None:
    def pardon(store: Store, connection: Connection) -> None:
        workers.pardon(connection, "lab", "ask", "A1", START + timedelta(minutes=3))

    found = live(store, [HAPPENINGS[0], score, pardon, *HAPPENINGS[1:]])

    (one,) = [one for one in found if one.worker_id == "A1"]
    # The last two of their five answers, to plain0 and plain1.
    assert one.fresh == Evidence(compared=2, agreed=1)
    assert one.evidence == EXPECTED["A1"]
