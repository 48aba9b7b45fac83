"""Early stop is exact: it saves answers, and never changes what they would have said."""

from __future__ import annotations

from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hitline.consensus.choice import Agreed, Needs, Tally, Undecided, judge
from hitline.policies import Fixed, VoteLead

LABELS = "abc"
VOTES = st.text(LABELS, max_size=9)


@st.composite
def rules(draw: st.DrawFn) -> VoteLead:
    most = draw(st.integers(1, 9))
    return VoteLead(start=draw(st.integers(1, most)), lead=draw(st.integers(1, most)), most=most)


@st.composite
def by_early_stop_alone(draw: st.DrawFn) -> VoteLead:
    """A lead that only all the answers together can reach."""
    most = draw(st.integers(1, 9))
    return VoteLead(start=1, lead=most, most=most)


@given(by_early_stop_alone(), VOTES)
def test_an_early_stop_gives_the_label_that_all_the_answers_would(
    rule: VoteLead, votes: str
) -> None:
    votes = votes[: rule.most]
    ruling = judge(Tally.of(votes), rule)

    if isinstance(ruling, Agreed):
        for label in LABELS:
            # The worst that can come: all the rest for one label. Any other lot is kinder.
            everything = Tally.of(votes + label * (rule.most - len(votes)))
            assert everything.leader == ruling.label


@given(by_early_stop_alone(), st.text(LABELS, max_size=5))
def test_asking_goes_on_exactly_while_the_rest_could_change_the_label(
    rule: VoteLead, votes: str
) -> None:
    votes = votes[: rule.most]
    left = min(rule.most - len(votes), 4)
    votes += "a" * (rule.most - len(votes) - left)

    ends = {Tally.of((*votes, *rest)).leader for rest in product(LABELS, repeat=left)}
    settled = isinstance(judge(Tally.of(votes), rule), Agreed)
    assert settled == (len(ends) == 1 and ends != {None})


@given(rules(), VOTES)
def test_nobody_is_asked_beyond_the_most(rule: VoteLead, votes: str) -> None:
    ruling = judge(Tally.of(votes), rule)

    if isinstance(ruling, Needs):
        assert 1 <= ruling.answers <= rule.most - len(votes)
    if len(votes) >= rule.most:
        assert isinstance(ruling, Agreed | Undecided)


@given(rules(), VOTES, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(
    rule: VoteLead, votes: str, chance: Random
) -> None:
    shuffled = list(votes)
    chance.shuffle(shuffled)

    assert judge(Tally.of(shuffled), rule) == judge(Tally.of(votes), rule)


@given(rules(), VOTES)
def test_after_the_start_fewer_answers_than_asked_for_can_settle_nothing(
    rule: VoteLead, votes: str
) -> None:
    ruling = judge(Tally.of(votes), rule)
    if not isinstance(ruling, Needs) or len(votes) < rule.start:
        return
    fewer = min(ruling.answers - 1, 4)
    for rest in product(LABELS, repeat=fewer):
        assert not isinstance(judge(Tally.of((*votes, *rest)), rule), Agreed)
    best = [judge(Tally.of(votes + label * ruling.answers), rule) for label in LABELS]
    assert any(isinstance(one, Agreed) for one in best)


@given(rules(), VOTES)
def test_what_is_agreed_has_most_votes(rule: VoteLead, votes: str) -> None:
    ruling = judge(Tally.of(votes), rule)

    if isinstance(ruling, Agreed):
        others = [votes.count(label) for label in LABELS if label != ruling.label]
        assert votes.count(ruling.label) > max(others)
    else:
        assert Tally.of(votes).lead < rule.lead


@given(st.text(LABELS, min_size=9, max_size=9), rules())
def test_buying_as_asked_ends_within_the_most(answers: str, rule: VoteLead) -> None:
    bought = 0
    while isinstance(ruling := judge(Tally.of(answers[:bought]), rule), Needs):
        bought += ruling.answers
        assert bought <= rule.most
    assert isinstance(ruling, Agreed | Undecided)


@given(st.integers(1, 9), st.text(LABELS, min_size=9, max_size=9))
def test_fixed_gives_the_label_of_all_its_answers_for_no_more_of_them(
    answers: int, votes: str
) -> None:
    bought = 0
    while isinstance(ruling := judge(Tally.of(votes[:bought]), Fixed(answers=answers)), Needs):
        bought += ruling.answers
    everything = Tally.of(votes[:answers])

    assert bought <= answers
    if isinstance(ruling, Agreed):
        assert ruling.label == everything.leader
    else:
        assert everything.leader is None


@given(st.integers(1, 7), st.text("ab", max_size=6))
def test_fixed_asks_for_the_least_that_can_decide_and_for_nothing_once_it_is_decided(
    answers: int, votes: str
) -> None:
    """By brute force over whatever may still come."""
    votes = votes[:answers]
    ends = {Tally.of((*votes, *rest)).leader for rest in product("ab", repeat=answers - len(votes))}
    decided = len(ends) == 1 and ends != {None}
    ruling = judge(Tally.of(votes), Fixed(answers=answers))

    assert isinstance(ruling, Agreed) is decided
    if isinstance(ruling, Needs):
        for fewer in range(1, ruling.answers):
            for rest in product("ab", repeat=fewer):
                assert not isinstance(
                    judge(Tally.of((*votes, *rest)), Fixed(answers=answers)), Agreed
                )
