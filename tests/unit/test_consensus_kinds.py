"""Consensus on several choices, numbers and boxes: figures that a person worked out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hitline.consensus.boxes import Drawings, grouped, likeness, overlaps
from hitline.consensus.choice import Agreed, Needs, Undecided
from hitline.consensus.multichoice import Sets
from hitline.consensus.number import Numbers
from hitline.fields import Box, Boxes, MultiChoice, Number
from hitline.policies import Fixed, Overlap, StandardError, VoteLead

# Several of a closed set


VOTES = VoteLead(start=2, lead=2, most=5)


def sets(*ticked: str, rule: VoteLead | Fixed = VOTES, **field: Any) -> Sets:
    asked = MultiChoice("topics", ["a", "b", "c"], **{"least": 0, **field})
    return Sets(asked, rule, [list(labels) for labels in ticked])


def test_a_set_settles_when_the_vote_on_every_label_is_decided() -> None:
    assert sets("ab", "ab").judge() == Agreed(
        label='["a","b"]', why="the vote on each label is decided (a 2, b 2 of 2)"
    )


def test_the_label_whose_vote_is_nearest_decides_how_many_more_are_asked() -> None:
    # a and c lead by two; b is one to one, and two more could decide it.
    assert sets("a", "ab").judge() == Needs(answers=2)
    # After a third, b leads no more than by one: one more of five may do, as one is left after it.
    assert sets("a", "ab", "a").judge() == Needs(answers=1)


def test_fixed_settles_once_no_vote_can_change_any_more() -> None:
    assert sets("a", "a", rule=Fixed(answers=3)).judge() == Agreed(
        label='["a"]', why="the vote on each label is decided (a 2 of 2)"
    )
    assert sets("a", "ab", rule=Fixed(answers=3)).judge() == Needs(answers=1)
    assert sets("a", "b", rule=Fixed(answers=2)).judge() == Undecided()


def test_a_label_more_or_less_than_the_field_allows_goes_by_votes() -> None:
    few = sets("a", "b", "", least=1, rule=Fixed(answers=3))
    assert few.judge() == Undecided()  # a and b share the only place there must be
    assert sets("a", "ab", "", "b", "a", least=1, rule=Fixed(answers=5)).judge() == Agreed(
        label='["a"]', why="the vote on each label is decided (a 3, b 2 of 5)"
    )
    many = sets("ab", "abc", "ac", most=1, rule=Fixed(answers=3))
    assert many.judge() == Agreed(
        label='["a"]', why="the vote on each label is decided (a 3, b 2, c 2 of 3)"
    )


def test_agreement_on_a_set_is_the_mean_share_of_common_labels() -> None:
    # Of {a, b}: the same; one of two; one of three (a, b, c together).
    assert sets("ab", "a", "ac").agreement('["a","b"]') == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert sets("", "").agreement("[]") == 1.0


def test_no_answers_have_no_best_set() -> None:
    assert sets().judge() == Needs(answers=2)
    assert (sets().view.best, sets().view.lead, sets().view.said) == (None, 0, "no answers")


# Numbers

FREE = Number("n")
SCALE = Number("n", least=0, most=100)
WITHIN_2 = StandardError(at_most=2)


def numbers(
    *given: float, field: Number = SCALE, rule: StandardError | Fixed = WITHIN_2
) -> Numbers:
    return Numbers(field, rule, given)


def test_a_number_settles_once_its_standard_error_is_small_enough() -> None:
    # Mean 12; deviations -2, 0, 2: variance 4, standard error 2 over the root of 3.
    assert numbers(10, 12, 14).judge() == Agreed(
        label="12", why="standard error 1.15 of 3 answers (10, 12, 14)"
    )


def test_a_number_asks_for_its_start_then_for_half_of_what_it_seems_to_lack() -> None:
    assert numbers().judge() == Needs(answers=3)
    assert numbers(10).judge() == Needs(answers=2)
    # Variance 36, error 3.46: (3.46 / 2)² x 3 = 9 in all, 6 more, 3 of them now.
    assert numbers(10, 16, 22).judge() == Needs(answers=3)
    # Never beyond the most: 100 times as many as three are called for, six are left.
    assert numbers(0, 60, 100).judge() == Needs(answers=6)


def test_a_number_settles_with_what_there_is_when_all_have_answered() -> None:
    rule = StandardError(at_most=2, start=2, most=3)
    assert numbers(0, 50, 100, rule=rule).judge() == Agreed(
        label="50",
        why="all 3 answers that are allowed, standard error 28.9 (0, 50, 100)",
    )


def test_a_fixed_number_of_answers_gives_their_mean() -> None:
    assert numbers(1, 2, rule=Fixed(answers=3)).judge() == Needs(answers=1)
    assert numbers(1, 2, 4, rule=Fixed(answers=3)).judge() == Agreed(
        label="2.333333", why="all 3 answers (1, 2, 4)"
    )


def test_a_slip_of_the_pen_is_left_out_where_the_field_has_no_bounds() -> None:
    slipped = numbers(10, 11, 12, 11, 1100, field=FREE)

    assert slipped.kept == [10, 11, 12, 11]
    assert slipped.judge() == Agreed(
        label="11",
        why="standard error 0.408 of 5 answers, 1 far off left out (10, 11, 11, 12, 1100)",
    )


def test_within_bounds_and_among_few_every_answer_counts() -> None:
    assert numbers(0, 0, 1, 2, 80).kept == [0, 0, 1, 2, 80]
    assert numbers(10, 11, 1100, field=FREE).kept == [10, 11, 1100]


def test_the_median_is_not_moved_by_one_answer() -> None:
    rule = StandardError(at_most=2, of="median")
    # Deviations from 11: 1, 0, 1089; their median 1; 1.2533 x 1.4826 over the root of 3 is 1.07.
    assert numbers(10, 11, 1100, field=FREE, rule=rule).judge() == Agreed(
        label="11", why="standard error 1.07 of 3 answers (10, 11, 1100)"
    )


@pytest.mark.parametrize(
    ("field", "given", "label", "agreement"),
    [
        (SCALE, [10, 20, 30], "20", 1 - (20 / 3) / 50),
        (SCALE, [0, 100], "50", 0.0),
        (FREE, [90, 110], "100", 0.9),
        (FREE, [-5, 5], "0", 0.0),
        (FREE, [0, 0], "0", 1.0),
    ],
)
def test_agreement_on_a_number_is_how_near_the_answers_are(
    field: Number, given: list[float], label: str, agreement: float
) -> None:
    assert numbers(*given, field=field).agreement(label) == pytest.approx(agreement)


# Boxes

THINGS = Boxes("things", ["cat", "dog"])
PAIR = Overlap(start=2)


def box(left: float, top: float, width: float, height: float, label: str = "cat") -> Box:
    return Box(label=label, left=left, top=top, width=width, height=height)


def drawings(*drawn: list[Box], rule: Overlap | Fixed = PAIR) -> Drawings:
    return Drawings(THINGS, rule, drawn)


def label(*boxes: Box) -> str:
    return json.dumps(list(boxes), sort_keys=True, separators=(",", ":"))


def test_overlap_is_shared_area_over_joint_area() -> None:
    # 5 x 10 of 150 joint; 5 x 5 of 175; beside each other; another label.
    others = [box(5, 0, 10, 10), box(5, 5, 10, 10), box(10, 0, 5, 5), box(0, 0, 10, 10, "dog")]

    found = overlaps([box(0, 0, 10, 10)], others)
    assert found.tolist() == [pytest.approx([1 / 3, 25 / 175, 0, 0])]


def test_people_who_drew_the_same_agree_on_the_middle_of_each_side() -> None:
    drawn = [box(0, 0, 100, 100)], [box(2, 0, 100, 100)], [box(4, 0, 100, 104)]
    judged = drawings(*drawn).judge()

    assert isinstance(judged, Agreed)
    assert judged.label == label(box(2, 0, 100, 100))


def test_a_box_stands_if_more_than_half_drew_it() -> None:
    cat, dog = box(0, 0, 50, 50), box(100, 0, 50, 50, "dog")

    assert drawings([cat, dog], [cat], [cat, dog]).joint == [cat, dog]
    assert drawings([cat, dog], [cat]).joint == [cat]


def test_nobody_has_two_boxes_in_one_group() -> None:
    near, nearer = box(0, 0, 10, 10), box(0, 0, 10, 11)
    groups = grouped([[near, nearer], [box(0, 0, 10, 11)]], 0.5)

    assert sorted(map(len, groups)) == [1, 2]
    assert {0: nearer, 1: box(0, 0, 10, 11)} in groups


def test_people_who_see_nothing_agree() -> None:
    assert drawings([], []).judge() == Agreed(
        label="[]", why="agreement 1.00 of 2 drawings (0 boxes of 0, 0)"
    )
    assert likeness([], [box(0, 0, 1, 1)], 0.5) == 0.0


def test_disagreement_asks_one_more_until_enough_confirm_or_all_have_drawn() -> None:
    cat, elsewhere = box(0, 0, 50, 50), box(500, 500, 50, 50)
    rule = Overlap(start=2, agree=0.9, confirm=3, most=5)

    assert drawings([cat], [elsewhere], rule=rule).judge() == Needs(answers=1)
    assert drawings([cat], [elsewhere], [cat], [], [cat], rule=rule).judge() == Agreed(
        label=label(cat), why="3 of 5 drawings agree with it (1 boxes of 0, 1, 1, 1, 1)"
    )
    last = drawings([cat], [elsewhere], [], [cat], [elsewhere], rule=rule).judge()
    assert last == Agreed(
        label="[]", why="all 5 drawings that are allowed (0 boxes of 0, 1, 1, 1, 1)"
    )


def test_a_fixed_number_of_drawings_settles_with_what_most_drew() -> None:
    cat = box(0, 0, 50, 50)

    assert drawings([cat], rule=Fixed(answers=2)).judge() == Needs(answers=1)
    assert drawings([cat], [cat], rule=Fixed(answers=2)).judge() == Agreed(
        label=label(cat), why="all 2 drawings (1 boxes of 1, 1)"
    )


def test_agreement_on_boxes_punishes_those_that_are_missing() -> None:
    cat, dog = box(0, 0, 50, 50), box(100, 0, 50, 50, "dog")

    assert drawings([cat, dog], [cat]).agreement(label(cat)) == pytest.approx((1 / 2 + 1) / 2)
