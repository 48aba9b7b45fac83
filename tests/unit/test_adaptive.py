"""Adaptive buys answers until it is sure, and stops where more would not tell."""

from __future__ import annotations

import pytest

from hitline.consensus.adaptive import Belief, Savings, bar, doubt, judge
from hitline.consensus.choice import Agreed, Needs, Tally, Undecided
from hitline.errors import InvalidDefinition
from hitline.policies import THOROUGH, THRIFTY, Adaptive


def votes(yes: int, no: int = 0) -> Tally:
    return Tally.of(["yes"] * yes + ["no"] * no)


def sure(yes: float, *, by_votes: bool = False) -> Belief:
    """The model's, stated as half as far from an even chance."""
    likely = max(yes, 1 - yes)
    return Belief(
        label="yes" if yes >= 0.5 else "no",
        likely=likely,
        confidence=0.5 + (likely - 0.5) / 2,
        by_votes=by_votes,
    )


@pytest.mark.parametrize(
    ("rule", "tally", "belief", "spare", "more"),
    [
        # Not begun, or begun in part: what is missing from the start.
        (THOROUGH, votes(0), None, None, 2),
        (THOROUGH, votes(1), sure(0.999), None, 1),
        (THOROUGH, votes(0), sure(0.5, by_votes=True), None, 2),
        # Sure, but not ahead: as many at once as the lead takes.
        (THOROUGH, votes(1, 1), sure(0.995), None, 2),
        (THOROUGH, votes(2, 1), sure(0.995), None, 1),
        # Ahead, but not sure.
        (THOROUGH, votes(2), sure(0.98), None, 1),
        # The model holds with the few: the votes must come round.
        (THOROUGH, votes(1, 2), sure(0.995), None, 1),
        (THRIFTY, votes(1, 1), sure(0.95), None, 1),
        # No more than are allowed.
        (THOROUGH, votes(4, 4), sure(0.9), None, 1),
        # Labels are final: the sixth answer comes out of what others left over.
        (THOROUGH, votes(3, 2), sure(0.9), 1.0, 1),
        (THOROUGH, votes(2, 2), sure(0.9), 5.0, 1),
        (THOROUGH, votes(3, 3), sure(0.9), 1.5, 1),
        (THOROUGH, votes(3, 3), sure(0.9), 2.0, 2),
        # By votes: what can decide a majority of five.
        (THOROUGH, votes(2), sure(0.999, by_votes=True), None, 1),
        (THOROUGH, votes(1, 1), sure(0.999, by_votes=True), None, 2),
        (THOROUGH, votes(2), None, None, 1),
    ],
)
def test_it_asks_for_more(
    rule: Adaptive, tally: Tally, belief: Belief | None, spare: float | None, more: int
) -> None:
    assert judge(tally, belief, rule, spare=spare) == Needs(answers=more)


@pytest.mark.parametrize(
    ("rule", "tally", "belief", "spare", "label", "why"),
    [
        (THOROUGH, votes(2), sure(0.996), None, "yes", "75% sure, 2 votes ahead (yes 2)"),
        (THRIFTY, votes(2, 1), sure(0.9), None, "yes", "70% sure, 1 vote ahead (yes 2, no 1)"),
        (
            THOROUGH,
            votes(5, 4),
            sure(0.4),
            None,
            "no",
            "55% sure, all 9 answers that are allowed (yes 5, no 4)",
        ),
        (
            THOROUGH,
            votes(3, 2),
            sure(0.9),
            0.9,
            "yes",
            "70% sure, no answers left over for a further one (yes 3, no 2)",
        ),
        # What has to stand though the model doubts it is not set against a clear lead.
        (
            THOROUGH,
            votes(2, 3),
            sure(0.9),
            0.9,
            "yes",
            "70% sure, no answers left over for a further one (no 3, yes 2)",
        ),
        (
            THOROUGH,
            votes(2, 4),
            sure(0.9),
            0.9,
            "no",
            "2 votes ahead, against the model; no answers left over for a further one "
            "(no 4, yes 2)",
        ),
        (
            THOROUGH,
            votes(3, 1),
            sure(0.6, by_votes=True),
            None,
            "yes",
            "55% sure, by votes: the 1 answers left cannot change it (yes 3, no 1)",
        ),
        (
            THOROUGH,
            votes(3, 3),
            sure(0.4, by_votes=True),
            None,
            "no",
            "55% sure, the model breaks the tie (no 3, yes 3)",
        ),
    ],
)
def test_it_settles(
    rule: Adaptive, tally: Tally, belief: Belief, spare: float | None, label: str, why: str
) -> None:
    assert judge(tally, belief, rule, spare=spare) == Agreed(label=label, why=why)


def test_without_a_model_a_tie_stays_one() -> None:
    assert judge(votes(3, 3), None, THOROUGH, spare=None) == Undecided()


@pytest.mark.parametrize(
    ("answers", "asked"),
    [(2, 0.99), (5, 0.99), (6, 0.985), (7, 0.9775), (8, 0.96625), (9, 0.949375)],
)
def test_with_each_answer_after_the_fifth_half_as_much_doubt_again_is_accepted(
    answers: int, asked: float
) -> None:
    assert bar(THOROUGH, answers) == pytest.approx(asked)


def test_never_is_a_coins_throw_enough() -> None:
    assert bar(Adaptive(confidence=0.6), 9) == 0.5


def test_what_settled_items_left_below_99_percent_of_the_average_is_spare() -> None:
    # Ten items may take 49.5; they took 30, and open ones have taken 4 beyond five each.
    assert Savings(THOROUGH, settled=10, answers=30, taken=4).left == pytest.approx(15.5)


@pytest.mark.parametrize(
    ("ruling", "total", "left"),
    [
        (Needs(answers=2), 5, 8.0),
        (Needs(answers=2), 3, 10.0),  # within the average, nothing is taken from others
        (Agreed(label="yes", why=""), 2, 12.95),
        # What went beyond the average was taken when it was asked for.
        (Agreed(label="yes", why=""), 7, 9.95),
        (Undecided(), 5, 9.95),
    ],
)
def test_savings_grow_with_what_settles_early_and_shrink_with_what_is_asked_late(
    ruling: Agreed | Needs | Undecided, total: int, left: float
) -> None:
    savings = Savings(THOROUGH, taken=-10)
    savings.heed(ruling, total)

    assert savings.left == pytest.approx(left)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"most": 31}, "redundancy.most"),
        ({"start": 0}, "redundancy.start"),
        ({"confidence": 1.0}, "redundancy.confidence"),
        ({"confidence": 0.5}, "redundancy.confidence"),
        ({"lead": 10}, "redundancy.lead"),
        ({"lead": -1}, "redundancy.lead"),
        ({"average": 1}, "redundancy.average"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_by_the_name_of_its_field(
    wrong: dict[str, float], field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        Adaptive(**wrong)  # type: ignore[arg-type]

    assert refused.value.field == field


def test_a_settled_label_is_doubted_once_the_model_is_sure_of_another() -> None:
    rule = Adaptive(confidence=0.9, lead=1, most=5)
    tally = Tally.of(["yes", "yes", "no"])
    another = Belief(label="no", likely=0.95, confidence=0.8)

    assert doubt("yes", tally, another, rule) == (
        "the model is 80% sure of no by now (yes 2, no 1)"
    )


def test_a_settled_label_that_has_hardly_a_chance_is_doubted_by_a_strict_rule_too() -> None:
    rule = Adaptive(confidence=0.99, lead=2, most=9)
    tally = Tally.of(["yes", "yes", "no"])

    assert doubt("yes", tally, Belief(label="no", likely=0.71, confidence=0.6), rule) is not None
    assert doubt("yes", tally, Belief(label="no", likely=0.69, confidence=0.6), rule) is None


def test_a_settled_label_of_which_the_model_is_less_sure_than_before_stands() -> None:
    rule = Adaptive(confidence=0.99, lead=2, most=9)
    belief = Belief(label="yes", likely=0.55, confidence=0.5)

    assert doubt("yes", Tally.of(["yes", "yes"]), belief, rule) is None
