"""Scores of review policies, from answers alone (MTurk's API: Assignment Review Policies, HIT
Review Policies).

Answers agree where they hold the same values, compared exactly but for white space around them.
All scores are percentages, cut off to whole ones as the documentation does with two of three.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

LONGEST_VALUE = 256  # characters; an answer with a longer one takes no part in any score

Values = frozenset[str]
Answers = Mapping[str, Values]
"""By question: the text typed or the selections made; a question left empty has no values."""

NOTHING: Values = frozenset()


@dataclass(frozen=True, kw_only=True)
class KnownScore:
    """How one assignment did on the questions whose answers are known."""

    correct: Mapping[str, bool]

    @property
    def right(self) -> int:
        return sum(self.correct.values())

    @property
    def percent(self) -> int:
        return 100 * self.right // len(self.correct)


@dataclass(frozen=True, kw_only=True)
class QuestionScore:
    """What most workers answered; `answer` is None where too few agree, or two answers tie."""

    question_id: str
    answer: Values | None
    percent: int


@dataclass(frozen=True, kw_only=True)
class WorkerScore:
    """How often one worker gave the agreed answer; questions without one do not count."""

    agreed: int
    disagreed: int

    @property
    def percent(self) -> int | None:
        """None where no question that the worker answered has an agreed answer."""
        judged = self.agreed + self.disagreed
        return 100 * self.agreed // judged if judged else None


@dataclass(frozen=True, kw_only=True)
class HitScore:
    """A HIT's questions, its workers in the order in which their answers were given, and both."""

    questions: tuple[QuestionScore, ...]
    workers: tuple[WorkerScore, ...]

    @property
    def percent(self) -> int:
        """The share of questions that have an agreed answer."""
        agreed = sum(question.answer is not None for question in self.questions)
        return 100 * agreed // len(self.questions)


def answers_in(document: str) -> dict[str, Values]:
    """The answers of a QuestionFormAnswers document; an empty document has none."""
    if not document.strip():
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found: dict[str, Values] = {}
    for answer in etree.fromstring(document.encode(), parser).iterchildren("{*}Answer"):
        question_id = (answer.findtext("{*}QuestionIdentifier") or "").strip()
        parts = answer.iterchildren(
            "{*}FreeText", "{*}SelectionIdentifier", "{*}OtherSelectionText"
        )
        values = ((part.text or "").strip() for part in parts)
        found[question_id] = found.get(question_id, NOTHING) | {value for value in values if value}
    return found


def known_score(key: Answers, answers: Answers) -> KnownScore:
    """Score an assignment against a key that is not empty; every value must match, and no more."""
    return KnownScore(
        correct={
            question_id: _counts(wanted) and answers.get(question_id, NOTHING) == wanted
            for question_id, wanted in key.items()
        }
    )


def plurality(
    question_ids: Sequence[str], threshold: int, all_answers: Sequence[Answers]
) -> HitScore:
    """Score a HIT: an answer is agreed on where more than `threshold` percent gave it."""
    questions = tuple(_question(name, threshold, all_answers) for name in question_ids)
    return HitScore(
        questions=questions, workers=tuple(_worker(questions, answers) for answers in all_answers)
    )


def _question(question_id: str, threshold: int, all_answers: Sequence[Answers]) -> QuestionScore:
    given = [answers.get(question_id, NOTHING) for answers in all_answers]
    votes = Counter(values for values in given if _counts(values))
    ranked = votes.most_common(2)
    if not ranked:
        return QuestionScore(question_id=question_id, answer=None, percent=0)
    answer, number = ranked[0]
    percent = 100 * number // votes.total()
    tie = len(ranked) == 2 and ranked[1][1] == number
    agreed = percent > threshold and not tie
    return QuestionScore(
        question_id=question_id, answer=answer if agreed else None, percent=percent
    )


def _worker(questions: Sequence[QuestionScore], answers: Answers) -> WorkerScore:
    verdicts = [
        values == question.answer
        for question in questions
        if question.answer is not None
        and _counts(values := answers.get(question.question_id, NOTHING))
    ]
    return WorkerScore(agreed=sum(verdicts), disagreed=len(verdicts) - sum(verdicts))


def _counts(values: Values) -> bool:
    return all(len(value) <= LONGEST_VALUE for value in values)
