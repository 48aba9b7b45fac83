"""Majority with a vote lead: when it settles, and how many more it asks for."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hitline.consensus.choice import Agreed, Needs, Tally, Undecided, judge
from hitline.policies import VoteLead

RULE = VoteLead(start=2, lead=2, most=9)


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ("aa", "a"),
        ("aab", None),
        ("aaab", "a"),
        ("aabbb", None),
        ("aabbbb", "b"),
        # Every lead of 2 settles, however many labels there are.
        ("aaabc", "a"),
        ("aabbcc", None),
        # The ninth answer: one vote ahead is enough, for nobody else may be asked.
        ("aaaabbbbb", "b"),
        ("aaaabbbbc", None),
    ],
)
def test_two_votes_ahead_settle_and_so_does_one_after_the_last(
    votes: str, label: str | None
) -> None:
    ruling = judge(Tally.of(votes), RULE)

    assert (ruling.label if isinstance(ruling, Agreed) else None) == label


@pytest.mark.parametrize(
    ("votes", "rule", "more"),
    [
        ("", RULE, 2),
        ("a", RULE, 1),
        ("ab", RULE, 2),
        ("aab", RULE, 1),
        ("aabb", RULE, 2),
        ("aabbccd", RULE, 2),
        # One is left: whoever gets it is ahead for good.
        ("aaaabbbb", RULE, 1),
        # The start is bought whole, even where fewer could settle.
        ("", VoteLead(start=5, lead=1, most=9), 5),
        ("abb", VoteLead(start=5, lead=2, most=9), 2),
        # A lead of 3 needs three more votes, but two of the three left end it as well.
        ("ab", VoteLead(start=2, lead=3, most=5), 2),
        ("aa", VoteLead(start=2, lead=9, most=9), 3),
    ],
)
def test_so_many_more_answers_are_asked_for(votes: str, rule: VoteLead, more: int) -> None:
    assert judge(Tally.of(votes), rule) == Needs(answers=more)


@pytest.mark.parametrize(
    ("votes", "rule", "settled"),
    [
        # Four of seven ahead of none: the three left can no longer catch up.
        ("aaaa", VoteLead(start=1, lead=7, most=7), True),
        # Three of seven: four are left, and could.
        ("aaa", VoteLead(start=1, lead=7, most=7), False),
        # Three ahead, three left: they could still make it a draw.
        ("aaab" + "a", VoteLead(start=1, lead=7, most=8), False),
        ("aaab" + "a", VoteLead(start=1, lead=7, most=7), True),
    ],
)
def test_asking_stops_once_the_answers_left_cannot_change_the_label(
    votes: str, rule: VoteLead, settled: bool
) -> None:
    assert isinstance(judge(Tally.of(votes), rule), Agreed) is settled


@pytest.mark.parametrize(
    ("votes", "most"), [("ab", 2), ("aabb", 4), ("abc", 3), ("aaabbbc", 7), ("aabbb" + "a", 5)]
)
def test_a_shared_first_place_after_the_last_answer_stays_undecided(votes: str, most: int) -> None:
    assert judge(Tally.of(votes), VoteLead(start=2, lead=2, most=most)) == Undecided()


def test_one_answer_is_enough_where_the_rule_says_so() -> None:
    assert isinstance(judge(Tally.of("a"), VoteLead(start=1, lead=1, most=1)), Agreed)


@pytest.mark.parametrize(
    ("votes", "why"),
    [
        ("aaab", "2 votes ahead (a 3, b 1)"),
        ("aaaabbbbb", "the 0 answers left cannot change it (b 5, a 4)"),
    ],
)
def test_the_reason_tells_the_votes(votes: str, why: str) -> None:
    ruling = judge(Tally.of(votes), RULE)

    assert isinstance(ruling, Agreed)
    assert ruling.why == why


def test_a_tally_counts_ranks_and_shows_the_votes() -> None:
    tally = Tally.of(["no", "yes", "yes", "maybe"])

    assert tally.votes == (("yes", 2), ("maybe", 1), ("no", 1))
    assert (tally.total, tally.first, tally.second, tally.lead) == (4, 2, 1, 1)
    assert (tally.leader, tally.agreement) == ("yes", Fraction(1, 2))
    assert str(tally) == "yes 2, maybe 1, no 1"


def test_an_empty_tally_and_a_draw_have_no_leader() -> None:
    assert Tally.of([]).leader is None
    assert Tally.of("ab").leader is None
    assert Tally.of([]).agreement == 0
    assert str(Tally.of([])) == "no answers"


def test_a_tally_cuts_long_texts_short_and_keeps_to_one_line() -> None:
    text = "Thank you for writing.\nWe will send you a new one tomorrow."

    assert str(Tally.of([text])) == "“Thank you for writing. We will send you…” 1"
