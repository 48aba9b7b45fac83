"""Scores of review policies; the tables are MTurk's own example, and cases worked out by hand."""

from __future__ import annotations

import pytest

from marketplace.engine.answers import Chosen, question_form_answers
from marketplace.engine.review_scores import Answers, answers_in, known_score, plurality


def one(**answers: str) -> Answers:
    return {name: frozenset({value}) for name, value in answers.items()}


# MTurk's API, HIT Review Policies: four questions, three workers.
CLOTHES = [
    one(A="coat", B="blue", C="large", D="Furry"),
    one(A="sweater", B="blue", C="large", D="fur"),
    one(A="coat", B="green", C="large", D="furr"),
]


def test_the_documentations_example_has_the_documentations_scores() -> None:
    score = plurality("ABCD", 50, CLOTHES)

    assert [(q.answer, q.percent) for q in score.questions[:3]] == [
        (frozenset({"coat"}), 66),
        (frozenset({"blue"}), 66),
        (frozenset({"large"}), 100),
    ]
    assert score.questions[3].answer is None
    assert [worker.percent for worker in score.workers] == [100, 66, 66]
    assert score.percent == 75


@pytest.mark.parametrize(
    ("threshold", "agreed"), [(49, True), (65, True), (66, False), (100, False)]
)
def test_an_answer_is_agreed_on_above_the_threshold_not_at_it(threshold: int, agreed: bool) -> None:
    (question,) = plurality(["A"], threshold, CLOTHES).questions

    assert (question.answer is not None) == agreed


@pytest.mark.parametrize(
    ("given", "answer", "percent"),
    [
        pytest.param(["x", "x", "y", "y"], None, 50, id="a tie has no plurality"),
        pytest.param(["x", "x", "y", "z"], "x", 50, id="half and two others"),
        pytest.param(["x", "X"], None, 50, id="case counts"),
        pytest.param(["x", "x."], None, 50, id="punctuation counts"),
        pytest.param(["x", "x", "l" * 257], "x", 100, id="a long answer takes no part"),
        pytest.param(["l" * 257], None, 0, id="nothing but a long answer"),
        pytest.param(["l" * 256], "l" * 256, 100, id="256 characters are not long"),
    ],
)
def test_the_plurality_of_one_question(given: list[str], answer: str | None, percent: int) -> None:
    (question,) = plurality(["q"], 40, [one(q=value) for value in given]).questions

    assert question.answer == (None if answer is None else {answer})
    assert question.percent == percent


def test_sets_of_selections_agree_only_as_wholes() -> None:
    both, first = frozenset({"a", "b"}), frozenset({"a"})

    score = plurality(["q"], 50, [{"q": both}, {"q": both}, {"q": first}])

    assert score.questions[0].answer == both
    assert [worker.percent for worker in score.workers] == [100, 100, 0]


def test_workers_who_all_left_a_question_empty_agree() -> None:
    score = plurality(["q"], 50, [{}, {"q": frozenset()}, one(q="x")])

    assert score.questions[0].answer == frozenset()
    assert score.questions[0].percent == 66


def test_without_an_agreed_answer_a_worker_has_no_score() -> None:
    score = plurality(["q"], 50, [one(q="x"), one(q="y")])

    assert [worker.percent for worker in score.workers] == [None, None]
    assert score.percent == 0


def test_a_worker_is_not_scored_on_a_question_whose_answer_is_too_long() -> None:
    score = plurality(["p", "q"], 50, [one(p="x", q="l" * 300), one(p="x", q="y")])

    assert [(worker.agreed, worker.disagreed) for worker in score.workers] == [(1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("wanted", "given", "correct"),
    [
        pytest.param({"a"}, {"a"}, True, id="the same"),
        pytest.param({"a"}, {"A"}, False, id="another case"),
        pytest.param({"a", "b"}, {"a"}, False, id="one of two"),
        pytest.param({"a"}, {"a", "b"}, False, id="one too many"),
        pytest.param({"a"}, set(), False, id="left empty"),
        pytest.param(set(), set(), True, id="rightly left empty"),
        pytest.param(set(), {"a"}, False, id="should have been left empty"),
        pytest.param({"l" * 257}, {"l" * 257}, False, id="too long to compare"),
    ],
)
def test_a_known_answer_is_matched_exactly(
    wanted: set[str], given: set[str], correct: bool
) -> None:
    score = known_score({"q": frozenset(wanted)}, {"q": frozenset(given)})

    assert score.correct == {"q": correct}


def test_the_score_on_known_answers_is_cut_off_to_whole_percents() -> None:
    key = one(p="1", q="2", r="3")

    assert known_score(key, one(p="1", q="2", r="0")).percent == 66
    assert known_score(key, one(p="1")).percent == 33
    assert known_score(key, {**key, "more": frozenset({"x"})}).percent == 100


@pytest.mark.parametrize("prologue", ["ascii", "utf8"])
def test_answers_are_read_trimmed_and_without_empty_ones(prologue: str) -> None:
    document = question_form_answers(
        {
            "text": "  Köter \r\n",
            "empty": "",
            "chosen": Chosen(selections=("b", " a "), other="c"),
            "none": Chosen(),
        },
        prologue=prologue,  # type: ignore[arg-type]
    )

    assert answers_in(document) == {
        "text": {"Köter"},
        "empty": set(),
        "chosen": {"a", "b", "c"},
        "none": set(),
    }


def test_an_empty_document_has_no_answers() -> None:
    assert answers_in("") == {}
