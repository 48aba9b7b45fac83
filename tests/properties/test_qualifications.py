"""Comparators and answer keys, on anything that could be given to them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.engine.answer_keys import AnswerKey, KeyQuestion
from marketplace.engine.qualifications import is_met
from marketplace.engine.worker_records import Place
from tests.unit.marketplace.test_answer_keys import key, option, percentage, question, value

OPPOSITES = [
    ("LessThan", "GreaterThanOrEqualTo"),
    ("GreaterThan", "LessThanOrEqualTo"),
    ("EqualTo", "NotEqualTo"),
    ("In", "NotIn"),
    ("Exists", "DoesNotExist"),
]
integers = st.integers(-(2**31), 2**31 - 1)
places = st.builds(
    Place, st.sampled_from(["US", "DE"]), st.sampled_from([None, "CA", "NY"]) | st.none()
)
names = st.sampled_from("abcd")


def requirement(comparator: str, **values: Any) -> dict[str, Any]:
    return {"QualificationTypeId": "3X", "Comparator": comparator, **values}


@given(st.sampled_from(OPPOSITES), integers, st.lists(integers, min_size=1, max_size=15))
def test_opposite_comparators_never_agree_on_a_value(
    pair: tuple[str, str], value: int, wanted: list[int]
) -> None:
    one, other = (is_met(requirement(name, IntegerValues=wanted), value) for name in pair)
    assert one is not other


@given(st.sampled_from(OPPOSITES), st.lists(integers, min_size=1, max_size=15))
def test_only_absence_is_true_of_nothing(pair: tuple[str, str], wanted: list[int]) -> None:
    for name in pair:
        met = is_met(requirement(name, IntegerValues=wanted), None)
        assert met is (name == "DoesNotExist")


@given(places, st.lists(places, min_size=1, max_size=4))
def test_a_place_is_in_or_out_and_its_country_contains_it(home: Place, wanted: list[Place]) -> None:
    locales = [
        {"Country": one.country} | ({"Subdivision": one.subdivision} if one.subdivision else {})
        for one in wanted
    ]
    inside = is_met(requirement("In", LocaleValues=locales), home)
    assert inside is not is_met(requirement("NotIn", LocaleValues=locales), home)
    if any(one.subdivision is None and one.country == home.country for one in wanted):
        assert inside


@given(
    st.dictionaries(
        names,
        st.tuples(
            st.dictionaries(st.frozensets(names, min_size=1), st.integers(-50, 50), min_size=1),
            st.integers(-50, 50),
        ),
        min_size=1,
    ),
    st.dictionaries(names, st.frozensets(names)),
)
def test_a_score_is_the_sum_of_what_each_question_gives(
    scores: dict[str, tuple[dict[frozenset[str], int], int]], answers: dict[str, frozenset[str]]
) -> None:
    questions = tuple(
        KeyQuestion(identifier=name, options=tuple(options.items()), default=default)
        for name, (options, default) in scores.items()
    )
    expected = sum(
        options.get(answers.get(name, frozenset()), default)
        for name, (options, default) in scores.items()
    )
    assert AnswerKey(questions=questions, mapping=lambda total: total).value(answers) == expected


@given(st.integers(-1000, 1000), st.integers(1, 1000))
def test_a_percentage_is_rounded_to_the_nearest_halves_upwards(total: int, maximum: int) -> None:
    document = key(question("q", option(total, "a")), mapping=percentage(maximum))
    difference = value(document, q="a") - Fraction(100 * total, maximum)
    assert Fraction(-1, 2) < difference <= Fraction(1, 2)
