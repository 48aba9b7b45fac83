"""Texts: how they are compared, when they agree, and what is made of them."""

from __future__ import annotations

from itertools import permutations

import pytest

from hitline.consensus.choice import Agreed, Needs
from hitline.consensus.text import Texts
from hitline.consensus.wording import LONGEST, Wording, aligned, worded
from hitline.policies import Agree, Fixed

TWO = Agree()


def texts(*written: str, rule: Agree | Fixed = TWO) -> Texts:
    return Texts(rule, written)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Comparing


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("The CAT sat.", "the cat sat"),
        ("  the\n\tcat — sat! ", "the cat sat"),
        ("It\u2019s 5 o'clock", "it's 5 o'clock"),
        ("'quoted'", "quoted"),
        ("well-known", "well known"),
        ("Stra\u00dfe", "strasse"),
        ("\ufb01ne e\u0301tude", "fine \u00e9tude"),
        ("…", "…"),
    ],
)
def test_texts_are_compared_by_their_words(text: str, compared: str) -> None:
    assert worded(text).words == words(compared)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "a c", 1),
        ("a c", "a b b c", 2),
        ("a b c d", "b c d a", 2),
        ("a", "b c d", 3),
        ("k i t t e n", "s i t t i n g", 3),
    ],
)
def test_edits_are_words_changed_added_and_left_out(one: str, other: str, edits: int) -> None:
    wording = Wording()

    assert wording.edits(words(one), words(other)) == edits
    assert wording.edits(words(other), words(one)) == edits


def test_an_alignment_tells_which_word_stands_for_which_and_what_is_extra() -> None:
    found = aligned(words("the cat sat"), words("well the fat cat"))

    # "well" before the first word, "fat" before the second, and nothing for "sat".
    assert found.stands == (1, 3, None)
    assert found.extra == ((0,), (2,), (), ())


def test_a_text_beyond_measure_is_compared_by_its_beginning() -> None:
    assert len(worded("a " * (LONGEST + 5)).words) == LONGEST


# Agreeing


def test_two_of_the_same_words_settle() -> None:
    assert texts("A cat.", "a cat").judge() == Agreed(
        label="A cat.", why="2 the same (A cat. 2, 0 others)"
    )


def test_different_texts_ask_for_more_up_to_the_most_two_at_once_if_they_are_far_apart() -> None:
    rule = Agree(start=2, most=3)

    assert texts().judge() == Needs(answers=2)
    assert texts("a").judge() == Needs(answers=1)
    assert texts("a b c d e", "a b c d x").judge() == Needs(answers=1)
    assert texts("a b c d", "a b c x").judge() == Needs(answers=2)
    assert texts("a b c", "x y z", rule=rule).judge() == Needs(answers=1)
    last = texts("a b c", "x y z", "q r s", rule=rule).judge()
    assert isinstance(last, Agreed)
    assert last.why == "all 3 answers that are allowed (3 different texts)"


def test_two_near_enough_settle() -> None:
    near = "a b c d e f g h i j", "a b c d e f g h i x"

    assert texts(*near, rule=Agree(within=0.1)).judge() == Agreed(
        label="a b c d e f g h i j", why="two within 10% of their words (2 different texts)"
    )
    assert texts(*near, rule=Agree(within=0.09)).judge() == Needs(answers=1)


def test_more_than_two_may_have_to_be_the_same() -> None:
    assert texts("a", "a", rule=Agree(equal=3)).judge() == Needs(answers=1)
    assert isinstance(texts("a", "b", "a", "a", rule=Agree(equal=3)).judge(), Agreed)


def test_a_fixed_number_of_texts_gives_one_persons_and_stops_when_it_is_certain() -> None:
    rule = Fixed(answers=3)

    assert texts(rule=rule).judge() == Needs(answers=3)
    assert texts("a b", "a c", rule=rule).judge() == Needs(answers=1)
    assert texts("a b", "a b", rule=rule).judge() == Agreed(
        label="a b", why="2 of 3 the same (a b 2, 0 others)"
    )
    assert texts("a b", "a c d", "a c", rule=rule).judge() == Agreed(
        label="a c", why="1 of 3 the same (3 different texts)"
    )


# Merging


def test_each_word_is_voted_on() -> None:
    heard = "the cat sat on a mat", "the bat sat on the mat", "the cat sat at the mat"

    assert texts(*heard).label == "the cat sat on the mat"


def test_a_word_that_most_left_out_is_left_out_and_one_that_most_put_in_is_put_in() -> None:
    assert texts("so the cat sat", "the cat sat", "the cat sat well").label == "the cat sat"
    assert texts("the cat", "the big cat sat", "the big dog sat").label == "the big cat sat"


def test_what_somebody_wrote_so_is_given_as_they_wrote_it() -> None:
    assert texts("The cat sat.", "The bat sat.", "A cat sat.").label == "The cat sat."


def test_a_word_is_spelled_as_most_spell_it() -> None:
    heard = "Mr Smith is at home", "mr Smith was at work", "Mr Smith was in home"

    assert texts(*heard).label == "Mr Smith was at home"


@pytest.mark.parametrize("merge", ["rover", "medoid"])
def test_the_order_of_the_answers_does_not_matter(merge: str) -> None:
    heard = "the cat sat", "a cat sat down", "the bat sat", "the cat is down"
    rule = Agree(merge=merge)  # type: ignore[arg-type]

    assert len({texts(*order, rule=rule).label for order in permutations(heard)}) == 1


def test_the_medoid_is_the_text_nearest_to_all_others() -> None:
    heard = "the cat sat on a mat", "the bat sat on the mat", "the bat sat on a mat"

    assert texts(*heard, rule=Agree(merge="medoid")).label == heard[2]


def test_texts_with_nothing_in_common_still_give_one() -> None:
    assert texts("a", "b c", "d e f").label


def test_texts_beyond_measure_are_not_merged() -> None:
    long = "a " * LONGEST
    assert texts(long + "b", long + "c", rule=Agree(start=3)).label == long + "b"


def test_agreement_on_a_text_is_the_mean_share_of_its_words() -> None:
    assert texts("a b c d", "a b c x").agreement("a b c d") == pytest.approx((1 + 3 / 4) / 2)
    assert texts().view.best is None
