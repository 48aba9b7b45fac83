"""Standings, sanctions and mixtures as rows, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hitline.model import Item
from hitline.policies import Approve, Policy, Staff, Step, VoteLead
from hitline.standing import Evidence
from hitline.store import Store, hits, items, mixtures, sanctions, scoring, workers
from hitline.store.mixtures import Mixture
from hitline.store.sanctions import PERSON, Sanction
from hitline.store.schema import answers
from hitline.tokens import copy_id, item_id
from tests.contracts.store.rows import START, Rows, at, wall

POLICY = Policy(
    redundancy=VoteLead(),
    rewards=(),
    end=Staff(),
    pay=Approve(),
    lifetime=timedelta(hours=1),
    duration=timedelta(hours=1),
    field="breed",
)
PATIENCE = timedelta(seconds=60)


def answer(store: Store, number: int, item: str, said: str, worker: str = "A1") -> None:
    row = {
        "assignment_id": f"ASSIGNMENT{number}",
        "worker_id": worker,
        "item_id": item,
        "hit_id": f"HIT{number}",
        "values": {"breed": said},
        "problem": None,
        "counted": True,
        "why_not": None,
        "submitted_at": at(number),
    }
    with store.writing() as connection:
        hits.record_answers(store, connection, [row])


def score(store: Store, most: int = 10) -> int:
    with store.writing() as connection:
        items.register_version(connection, "dogs", "breed", POLICY, wall(0))
        return scoring.score(store, connection, "dogs", "breed", most=most)


def take(store: Store, step: Step = Step.STOP, stage: str = "breed") -> Sanction | None:
    with store.writing() as connection:
        return sanctions.take(
            store,
            connection,
            pipeline="dogs",
            stage=stage,
            worker_id="A1",
            step=step,
            by=PERSON,
            reason="seen",
            message=None,
            evidence={"known": 3},
            at=at(1),
        )


def test_answers_are_scored_once_and_an_item_at_a_time(store: Store, rows: Rows) -> None:
    known = rows.item("known", golds={"breed": "pug"})
    plain = rows.item("plain")
    answer(store, 1, known, "pug")
    answer(store, 2, plain, "pug")

    assert [score(store, most=1), score(store, most=1), score(store)] == [1, 1, 0]
    with store.reading() as connection:
        (one,) = workers.standings_of(connection, "dogs", "breed")
        assert workers.unscored(connection) == []
    assert (one.answers, one.evidence) == (2, Evidence(known=1, right=1))


def test_known_answers_are_told_by_the_key_of_the_item_that_was_handed_in(
    store: Store, rows: Rows
) -> None:
    known = rows.item("known", golds={"breed": "pug"})
    copy = Item(
        id=copy_id(known, 1),
        pipeline="dogs",
        stage="breed",
        key="known~1",
        input={},
        golds={"breed": "pug"},
        copy_of=known,
    )
    with store.writing() as connection:
        items.add(store, connection, [copy], START)
    answer(store, 1, copy.id, "cat", worker="A1")
    answer(store, 2, known, "pug", worker="A2")
    score(store)

    with store.reading() as connection:
        first = workers.known_answers(connection, "dogs", "breed", "A1")
        assert [(one.key, one.right) for one in first] == [("known", False)]
        assert workers.known_since(connection, "dogs", "breed", "A1", at(0)) == 1
        assert workers.known_since(connection, "dogs", "breed", "A1", at(1)) == 0
        assert workers.stages_of(connection, "A2") == [("dogs", "breed")]


def test_answers_stop_counting_and_count_again_and_others_are_left_as_they_are(
    store: Store, rows: Rows
) -> None:
    first, second = rows.item("first"), rows.item("second")
    answer(store, 1, first, "pug")
    answer(store, 2, second, "pug")
    answer(store, 3, first, "pug", worker="A2")
    with store.writing() as connection:
        connection.execute(
            answers.update()
            .where(answers.c.item_id == second)
            .values(counted=False, why_not="late")
        )
        stopped = sanctions.reweigh(store, connection, "dogs", "breed", "A1", count=False)
    with store.writing() as connection:
        query = select(answers.c.why_not).order_by(answers.c.assignment_id)
        between = list(connection.scalars(query))
        back = sanctions.reweigh(store, connection, "dogs", "breed", "A1", count=True)
        after = list(connection.scalars(query))

    assert stopped == back == [first]
    assert between == ["stopped", "late", None]
    assert after == [None, "late", None]


def test_a_step_stands_once_and_may_be_taken_anew_once_it_was_undone(store: Store) -> None:
    first = take(store)
    assert take(store) is None
    with store.writing() as connection:
        assert sanctions.stopped(connection, "dogs", "breed") == {"A1"}
        (undone,) = sanctions.undo(connection, "dogs", "breed", "A1", "why", at(2))
        assert sanctions.stopped(connection, "dogs", "breed") == set()
    again = take(store)

    assert first is not None
    assert again is not None
    assert undone.id == first.id
    assert again.token != first.token


def test_one_run_at_a_time_carries_a_step_out(store: Store) -> None:
    taken = take(store)
    assert taken is not None
    with store.writing() as connection:
        first = sanctions.begin(connection, taken.id, wall(0), PATIENCE)
        second = sanctions.begin(connection, taken.id, wall(60), PATIENCE)
        third = sanctions.begin(connection, taken.id, wall(61), PATIENCE)

    assert (first, second, third) == (True, False, True)


def test_what_is_unfinished_is_what_was_not_done_or_not_lifted(store: Store) -> None:
    taken = take(store)
    assert taken is not None
    with store.writing() as connection:
        assert sanctions.stages_with_unfinished(connection) == [("dogs", "breed")]
        sanctions.done(connection, taken.id, wall(1))
        assert sanctions.unfinished(connection, "dogs", "breed") == []
        sanctions.undo(connection, "dogs", "breed", "A1", "why", at(2))
        assert len(sanctions.unfinished(connection, "dogs", "breed")) == 1
        sanctions.lifted(connection, taken.id, wall(2), None)
        assert sanctions.unfinished(connection, "dogs", "breed") == []


def test_the_strictest_step_is_the_one_that_stands(store: Store) -> None:
    for step in (Step.STOP, Step.WARN):
        take(store, step)
    take(store, Step.BLOCK, stage="side")
    with store.reading() as connection:
        assert sanctions.standing_steps(connection, "dogs") == {
            ("breed", "A1"): Step.STOP,
            ("side", "A1"): Step.BLOCK,
        }
        assert sanctions.blocked(connection, "A1")
        assert not sanctions.blocked(connection, "A2")


def test_an_answer_that_slipped_in_beside_a_stop_is_found(store: Store, rows: Rows) -> None:
    item = rows.item("first")
    answer(store, 1, item, "pug")
    answer(store, 2, item, "pug", worker="A2")
    take(store)
    with store.writing() as connection:
        assert sanctions.slipped_in(connection, "dogs", "breed") == ["A1"]
        sanctions.reweigh(store, connection, "dogs", "breed", "A1", count=False)
        assert sanctions.slipped_in(connection, "dogs", "breed") == []


def test_a_mixture_is_kept_for_each_stage(store: Store, rows: Rows) -> None:
    known = rows.item("known", golds={"breed": "pug"})
    with store.writing() as connection:
        assert mixtures.locked(store, connection, "dogs", "breed") == Mixture(others=0, known=0)
        mixtures.record(connection, "dogs", "breed", Mixture(others=7, known=2))
    with store.writing() as connection:
        assert mixtures.locked(store, connection, "dogs", "breed") == Mixture(others=7, known=2)
        found, asked = mixtures.known_items(connection, "dogs", "breed")
        assert ([item.id for item in found], asked) == ([known], {})
        assert mixtures.present(connection, [known, item_id("dogs", "breed", "x")]) == {known}
        assert mixtures.seen(connection, "dogs", "breed")
        assert not mixtures.seen(connection, "dogs", "side")
