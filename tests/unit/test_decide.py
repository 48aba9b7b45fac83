"""The decision: a table of facts and the one verdict on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hitline.decide import decide
from hitline.facts import Control, HitFacts, ItemFacts
from hitline.model import HitStatus, Item, ItemState
from hitline.policies import SettleBest
from hitline.verdicts import Extend, GiveUp, Hold, Nothing, Post, Repost, Settle, Verdict, Wait
from tests.unit.deciding import LAST, POLICY, at, expired, full, hit, verdict_on

# Asking, and asking again


def test_an_item_that_was_not_asked_yet_is_posted_for_the_start() -> None:
    assert verdict_on() == Post(answers=2, rung=0, generation=0, why="not asked yet")


def test_answers_that_agree_settle_the_item() -> None:
    assert verdict_on("aa", [full()]) == Settle(label="a", agreement=1.0, why="2 votes ahead (a 2)")


def test_an_item_settles_with_its_deciding_answer_though_its_hit_is_still_out() -> None:
    verdict = verdict_on("aab" + "a", [hit(max_assignments=6, submitted=4)])

    assert isinstance(verdict, Settle)
    assert (verdict.label, verdict.agreement) == ("a", 0.75)


def test_answers_still_to_come_are_waited_for() -> None:
    assert verdict_on("a", [hit(submitted=1)]) == Wait(why="1 of 2 answers of HIT HIT1 to come")


def test_disagreement_buys_more_answers_on_the_same_hit() -> None:
    one = full()
    assert verdict_on("ab", [one], minute=20) == Extend(
        hit=one, answers=2, until=None, why="2 more: a 1, b 1"
    )


@pytest.mark.parametrize(
    ("minute", "until"),
    [
        # Half its lifetime is left: fair enough.
        (30, None),
        # Less than half: as much as a new HIT has, a second up because an expiry has whole ones.
        (30.5, at(90.5) + timedelta(seconds=1)),
        (59, at(119) + timedelta(seconds=1)),
        # It ran out after its last answer.
        (100, at(160) + timedelta(seconds=1)),
    ],
)
def test_an_extension_gives_its_new_slots_life_enough(
    minute: float, until: datetime | None
) -> None:
    verdict = verdict_on("ab", [full()], minute=minute)

    assert isinstance(verdict, Extend)
    assert verdict.until == until


def test_an_expiry_is_moved_by_a_minute_at_least() -> None:
    """MTurk refuses less; a lifetime of a minute with 40 s left would ask for 20 s."""
    short = replace(POLICY, lifetime=timedelta(minutes=1.5))
    item = Item(id="item000000000", pipeline="dogs", stage="breed", key="a", input={})
    verdict = decide(
        ItemFacts(item=item, policy=short, hits=(full(),), labels=("a", "b"), now=at(59.3))
    )

    assert isinstance(verdict, Extend)
    assert verdict.until == at(61) + timedelta(seconds=1)


def test_past_the_wall_of_nine_a_sibling_is_posted() -> None:
    """Nine slots were used up by answers of which one could not be read."""
    verdict = verdict_on("aaaabbbb", [full(9, rung=1, generation=1)], minute=10, unreadable=1)

    assert verdict == Post(answers=1, rung=1, generation=1, sibling=1, why=verdict.why)


def test_before_the_wall_of_nine_only_what_fits_is_asked_on_the_same_hit() -> None:
    """Two more are wanted of eight slots: the ninth fits, the tenth does not."""
    verdict = verdict_on("aabbcc", [full(8)], minute=10, unreadable=2)

    assert isinstance(verdict, Extend)
    assert verdict.answers == 1


def test_up_to_the_wall_of_nine_the_hit_itself_is_extended() -> None:
    assert isinstance(verdict_on("aabbcc" + "d", [full(7)], minute=10), Extend)


def test_a_sibling_is_extended_in_its_turn() -> None:
    sibling = full(1, hit_id="HIT2", sibling=1)
    verdict = verdict_on("aaaabbb" + "b", [full(9), sibling], minute=10, unreadable=2)

    assert verdict == Extend(hit=sibling, answers=1, until=None, why="1 more: a 4, b 4")


def test_undecided_items_of_a_full_hit_are_regrouped_not_extended() -> None:
    """An extension would ask about the settled items beside it again."""
    verdict = verdict_on("ab", [full(items=5)], minute=10)

    assert verdict == Post(answers=2, rung=0, generation=0, sibling=1, why="2 more: a 1, b 1")


def test_a_hit_that_vanished_is_replaced_at_the_same_reward() -> None:
    gone = hit(status=HitStatus.DISPOSED, submitted=1, rung=1, generation=1)

    verdict = verdict_on("a", [gone], minute=10)
    assert verdict == Post(answers=1, rung=1, generation=1, sibling=1, why="1 more: a 1")


def test_a_full_hit_that_vanished_is_replaced_too() -> None:
    verdict = verdict_on("ab", [full(status=HitStatus.DISPOSED)], minute=10)

    assert verdict == Post(answers=2, rung=0, generation=0, sibling=1, why="2 more: a 1, b 1")


# Expiry and held work


@pytest.mark.parametrize("status", [HitStatus.UNASSIGNABLE, HitStatus.ASSIGNABLE])
def test_held_work_of_an_expired_hit_is_waited_for_until_its_last_deadline(
    status: HitStatus,
) -> None:
    held = hit(status=status, submitted=1, pending=1)

    for minute in (60, 69.9):
        assert verdict_on("a", [held], minute=minute) == Wait(
            until=at(70), why="HIT HIT1 expired with work still held"
        )


def test_after_the_last_deadline_nothing_is_waited_for() -> None:
    """Counters lag: the endpoint may still show work as held."""
    held = hit(status=HitStatus.UNASSIGNABLE, submitted=1, pending=1)

    assert isinstance(verdict_on("a", [held], minute=70), Repost)


def test_nothing_is_waited_for_once_the_endpoint_says_reviewable() -> None:
    assert isinstance(verdict_on("a", [expired(submitted=1)], minute=60), Repost)


def test_held_work_of_an_older_hit_is_waited_for_too() -> None:
    older = hit(status=HitStatus.UNASSIGNABLE, submitted=1, pending=1)
    newer = full(1, hit_id="HIT2", generation=1, expires_at=at(500))

    verdict = verdict_on("ab", [older, newer], minute=65)
    assert verdict == Wait(until=at(70), why="HIT HIT1 expired with work still held")


def test_an_expired_hit_whose_answers_suffice_is_settled_not_reposted() -> None:
    verdict = verdict_on("aa", [expired(submitted=2, max_assignments=3)], minute=61)

    assert isinstance(verdict, Settle)


# Answers that nobody can read


def test_an_unreadable_answer_is_bought_again() -> None:
    assert isinstance(verdict_on("a", [full()], unreadable=1, minute=10), Extend)


@pytest.mark.parametrize(
    ("labels", "unreadable", "held"),
    [("", 2, False), ("", 3, True), ("ab", 3, True), ("abc", 3, False), ("abc", 4, True)],
)
def test_a_form_that_nobody_can_fill_in_is_not_paid_for_again(
    labels: str, unreadable: int, held: bool
) -> None:
    verdict = verdict_on(labels, [full(len(labels) + unreadable)], unreadable=unreadable)

    assert isinstance(verdict, Hold) is held
    assert not held or f"{unreadable} answers could not be read" in verdict.why


def test_unreadable_answers_do_not_keep_the_readable_from_settling() -> None:
    assert isinstance(verdict_on("aa", [full(6)], unreadable=4), Settle)


# What a person said


@pytest.mark.parametrize(
    ("labels", "hits", "minute"),
    [
        ("", [], 30),
        ("ab", [full()], 30),
        ("", [expired()], 61),
        ("", [LAST], 500),
        ("aaaabbbbc", [full(9)], 30),
    ],
    ids=["not asked", "undecided", "expired", "ladder's end", "shared first place"],
)
def test_a_paused_stage_asks_nothing_and_gives_nothing_up(
    labels: str, hits: Sequence[HitFacts], minute: float
) -> None:
    verdict = verdict_on(labels, hits, minute=minute, control=Control.PAUSED)

    assert verdict == Hold(why="the stage is paused")


@pytest.mark.parametrize("control", list(Control))
def test_whatever_was_said_answers_settle_and_those_to_come_are_waited_for(
    control: Control,
) -> None:
    assert isinstance(verdict_on("aa", [full()], control=control), Settle)
    assert isinstance(verdict_on("a", [hit(submitted=1)], control=control), Wait)


def test_a_stopped_stage_gives_its_items_up_once_held_work_is_done() -> None:
    ended = hit(ended_by_us=True, expires_at=at(20), status=HitStatus.UNASSIGNABLE, pending=1)

    def stopped(*hits: HitFacts) -> Verdict:
        return verdict_on("", hits, minute=25, control=Control.STOPPED, end=SettleBest())

    assert isinstance(stopped(ended), Wait)
    given_up = GiveUp(to_staff=False, why="the stage was stopped (no answers)")
    assert stopped(replace(ended, status=HitStatus.REVIEWABLE, pending=0)) == given_up
    assert stopped() == given_up


@pytest.mark.parametrize("rung", [0, 2], ids=["first rung", "last rung"])
def test_an_expiry_of_our_own_making_never_enters_the_ladder(rung: int) -> None:
    ended = expired(ended_by_us=True, expires_at=at(20), rung=rung, max_assignments=2)

    verdict = verdict_on("", [ended], minute=30)
    assert verdict == Post(answers=2, rung=rung, generation=0, sibling=1, why="2 more: no answers")


# Finished items


@pytest.mark.parametrize("state", [ItemState.SETTLED, ItemState.DROPPED])
@pytest.mark.parametrize(
    ("labels", "hits"),
    [("aab", [full(3)]), ("ab", [hit(submitted=1)]), ("", []), ("", [expired()])],
    ids=["late answers", "one still out", "no HIT", "expired"],
)
def test_a_finished_item_is_left_alone(
    state: ItemState, labels: str, hits: Sequence[HitFacts]
) -> None:
    assert verdict_on(labels, hits, state=state, minute=61) == Nothing(why=f"the item is {state}")


@pytest.mark.parametrize("state", [ItemState.NEW, ItemState.OPEN, ItemState.HELD])
def test_an_unfinished_item_is_decided_by_its_answers_whatever_its_state(
    state: ItemState,
) -> None:
    assert isinstance(verdict_on("ab", [full()], state=state), Extend)
