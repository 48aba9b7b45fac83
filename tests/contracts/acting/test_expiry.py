"""What becomes of a HIT that ran out of time, at a real marketplace.

A HIT pays 5 cents (rungs: 5, 10, 15), of which MTurk's fee is a fifth and a cent at least; so an
assignment costs 6, 12 and 18 cents. It is open for an hour, and an assignment lasts ten minutes.
"""

from __future__ import annotations

import pytest

from hitline.model import ItemState
from tests.contracts.acting.lab import Lab, cents

SETTLED_YES = (ItemState.SETTLED, "yes")


def test_a_hit_that_nobody_took_is_raised_in_place(lab: Lab) -> None:
    """The same HIT at the next rung's type, and the reserve with it."""
    lab.launch("a")
    (hit,) = lab.hits()
    first_type = lab.hit(hit)["HITTypeId"]
    lab.market.advance(hours=1)
    lab.run()

    assert lab.hits() == [hit]
    shown = lab.hit(hit)
    assert (shown["Reward"], shown["HITStatus"]) == ("0.10", "Assignable")
    assert shown["HITTypeId"] != first_type
    assert lab.reserved() == cents(24)
    assert lab.account()["liability"] == "0.24"

    lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.spent() == cents(24)
    lab.audit()


def test_a_hit_that_was_returned_is_posted_anew(lab: Lab) -> None:
    """MTurk does not retype what anybody accepted once; the old HIT's money is set free."""
    lab.launch("a")
    (hit,) = lab.hits()
    assignment = lab.market.accept(hit, "AWORKER")
    lab.market.engine.give_back(assignment, "AWORKER")
    lab.market.advance(hours=1)
    lab.run()

    assert len(lab.hits()) == 2
    assert lab.hit(hit)["Reward"] == "0.05"
    shown = lab.hit(lab.hits()[1])
    assert (shown["Reward"], shown["MaxAssignments"]) == ("0.10", 2)
    assert lab.reserved() == cents(24)
    assert lab.account()["liability"] == "0.24"

    lab.answer(lab.hits()[1], "yes", "yes")
    lab.finish()
    assert [lab.market.status(each) for each in lab.hits()] == ["Reviewing", "Reviewing"]
    lab.audit()


def test_only_the_missing_answers_are_asked_for_again(lab: Lab) -> None:
    """One of two came: a new HIT for one, at the next reward."""
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.market.advance(hours=1)
    lab.run()

    shown = lab.hit(lab.hits()[1])
    assert (shown["Reward"], shown["MaxAssignments"]) == ("0.10", 1)
    assert lab.reserved() == cents(6 + 12)

    lab.answer(lab.hits()[1], "yes", by="B")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(6 + 12)
    lab.audit()


def test_work_held_over_the_expiry_is_waited_for_and_counted(lab: Lab) -> None:
    """The ladder begins when nobody works on the HIT any more."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes")
    lab.market.advance(minutes=58)
    held = lab.market.accept(hit, "SLOW")
    lab.market.advance(minutes=5)
    lab.run()
    assert lab.hits() == [hit]
    assert lab.verdicts("a")[-1] == "wait"

    lab.market.engine.submit(held, "SLOW", {"answer": "yes"})
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.hits() == [hit]
    lab.audit()


def test_held_work_that_never_comes_ends_with_its_deadline_even_if_no_event_tells(
    lab: Lab,
) -> None:
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(minutes=59)
    lab.market.accept(hit, "GONE")
    lab.market.advance(minutes=2)
    lab.run()
    assert lab.hits() == [hit]

    lab.market.advance(minutes=10)  # the assignment is abandoned, and no event of it is delivered
    lab.sweep()
    assert len(lab.hits()) == 2


def test_a_hit_that_somebody_else_expired_is_not_waited_for(lab: Lab) -> None:
    """Expired in the console, long before our row says so: the event asks, the API tells."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes")
    lab.run()
    lab.requester.expire(hit)
    lab.run()
    assert len(lab.hits()) == 2


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        (["yes"], SETTLED_YES),
        (["yes", "no"], (ItemState.STAFF, None)),
        ([], (ItemState.STAFF, None)),
    ],
    ids=["a clear lead settles", "a tie goes to staff", "no answer goes to staff"],
)
def test_the_ladder_ends(lab: Lab, answers: list[str], end: tuple[ItemState, str | None]) -> None:
    """Nobody comes for the last reward either."""
    lab.launch("a")
    lab.answer(lab.hits()[0], *answers)
    lab.run()
    for _ in range(3):
        lab.market.advance(hours=1, seconds=30)
        lab.run()
    assert lab.state("a") == end
    assert lab.hit(lab.hits()[-1])["Reward"] == "0.15"
    lab.finish()
    assert lab.spent() == cents(6 * len(answers))
    lab.audit()
