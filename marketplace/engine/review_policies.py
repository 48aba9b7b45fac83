"""Review policies as a requester states them, and their limits (MTurk's API: Assignment Review
Policies, HIT Review Policies)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.errors import ParameterValidationError

KNOWN_ANSWERS = "ScoreMyKnownAnswers/2011-09-01"
SIMPLE_PLURALITY = "SimplePlurality/2011-09-01"

YEAR = 31_536_000
PERCENT = (0, 101)  # 101: a score is always below it
MOST_QUESTIONS = 15
LONGEST_QUESTION_ID = 255  # bytes
DEFAULT_EXTEND_MAXIMUM = 5

# T and F are documented; clients were seen to send the words.
FLAGS = {"t": True, "true": True, "f": False, "false": False}

Policy = Mapping[str, Any]
"""PolicyName and Parameters, as they came with CreateHIT."""


@dataclass(frozen=True, kw_only=True)
class KnownAnswers:
    """ScoreMyKnownAnswers: scores are percentages, None switches an action off."""

    answer_key: Mapping[str, frozenset[str]]
    approve_at: int | None
    approve_reason: str | None
    reject_below: int | None
    reject_reason: str | None
    extend_below: int | None
    extend_maximum: int
    extend_seconds: int


@dataclass(frozen=True, kw_only=True)
class Plurality:
    """SimplePlurality: scores are percentages, None switches an action off."""

    question_ids: tuple[str, ...]
    threshold: int
    disregard_rejected: bool
    disregard_below: int | None
    approve_at: int | None
    reject_below: int | None
    reject_reason: str | None
    extend_below: int | None
    extend_maximum: int
    extend_seconds: int


def known_answers(policy: Policy) -> KnownAnswers:
    """An AssignmentReviewPolicy; raises ParameterValidationError where it breaks a limit."""
    given = _Parameters(policy, KNOWN_ANSWERS)
    read = KnownAnswers(
        answer_key=given.answer_key(),
        approve_at=given.integer("ApproveIfKnownAnswerScoreIsAtLeast", *PERCENT),
        approve_reason=given.text("ApproveReason"),
        reject_below=given.integer("RejectIfKnownAnswerScoreIsLessThan", *PERCENT),
        reject_reason=given.text("RejectReason"),
        extend_below=given.integer("ExtendIfKnownAnswerScoreIsLessThan", *PERCENT),
        extend_maximum=given.integer("ExtendMaximumAssignments", 2, 25) or DEFAULT_EXTEND_MAXIMUM,
        extend_seconds=given.integer("ExtendMinimumTimeInSeconds", 60, YEAR) or 0,
    )
    given.refuse_the_rest()
    return read


def plurality(policy: Policy) -> Plurality:
    """A HITReviewPolicy; raises ParameterValidationError where it breaks a limit."""
    given = _Parameters(policy, SIMPLE_PLURALITY)
    extend_below = given.integer("ExtendIfHITAgreementScoreIsLessThan", 1, 100)
    if extend_below is not None:
        given.require("ExtendMaximumAssignments")
        given.require("ExtendMinimumTimeInSeconds")
    given.require("QuestionAgreementThreshold")
    read = Plurality(
        question_ids=given.question_ids(),
        threshold=given.integer("QuestionAgreementThreshold") or 0,
        disregard_rejected=given.flag("DisregardAssignmentIfRejected"),
        disregard_below=given.integer("DisregardAssignmentIfKnownAnswerScoreIsLessThan"),
        approve_at=given.integer("ApproveIfWorkerAgreementScoreIsAtLeast"),
        reject_below=given.integer("RejectIfWorkerAgreementScoreIsLessThan"),
        reject_reason=given.text("RejectReason"),
        extend_below=extend_below,
        extend_maximum=given.integer("ExtendMaximumAssignments") or 0,
        extend_seconds=given.integer("ExtendMinimumTimeInSeconds", 60, YEAR) or 0,
    )
    given.refuse_the_rest()
    return read


class _Parameters:
    """The parameters of a policy by name; which were read is kept, so that others are refused."""

    def __init__(self, policy: Policy, name: str) -> None:
        if policy["PolicyName"] != name:
            raise _invalid("PolicyName", policy["PolicyName"])
        self._policy = name
        self._by_name: dict[str, Mapping[str, Any]] = {}
        self._read: set[str] = set()
        for parameter in policy.get("Parameters", []):
            key = parameter.get("Key", "")
            if key in self._by_name:
                raise ParameterValidationError(f"The review policy {name} has {key} twice.")
            self._by_name[key] = parameter

    def require(self, name: str) -> None:
        if name not in self._by_name:
            raise ParameterValidationError(
                f"The review policy {self._policy} needs the parameter {name}."
            )

    def values(self, name: str) -> Sequence[str]:
        self._read.add(name)
        values: Sequence[str] = self._by_name.get(name, {}).get("Values", [])
        return values

    def text(self, name: str) -> str | None:
        """The one value, or None where the parameter is not given."""
        if name not in self._by_name:
            return None
        values = self.values(name)
        if len(values) != 1:
            raise ParameterValidationError(
                f"The parameter {name} of the review policy {self._policy} needs exactly one value."
            )
        return values[0]

    def integer(self, name: str, least: int | None = None, most: int | None = None) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch(r"[+-]?[0-9]{1,10}", text.strip()):
            raise _invalid(name, text)
        value = int(text)
        if (least is not None and value < least) or (most is not None and value > most):
            raise ParameterValidationError(
                f"The value {value} is invalid for {name}. "
                f"Valid values range from {least} to {most}."
            )
        return value

    def flag(self, name: str) -> bool:
        self.require(name)
        text = self.text(name) or ""
        if text.strip().lower() not in FLAGS:
            raise _invalid(name, text)
        return FLAGS[text.strip().lower()]

    def question_ids(self) -> tuple[str, ...]:
        """Separated by commas, as the table of parameters says, or one by one, as its samples."""
        # The samples spell it QuestionIDs.
        name = "QuestionIDs" if "QuestionIDs" in self._by_name else "QuestionIds"
        self.require(name)
        found = [part.strip() for value in self.values(name) for part in value.split(",")]
        question_ids = tuple(dict.fromkeys(part for part in found if part))
        if not 1 <= len(question_ids) <= MOST_QUESTIONS:
            raise ParameterValidationError(
                f"There are {len(question_ids)} {name}. "
                f"The review policy {self._policy} takes from 1 to {MOST_QUESTIONS}."
            )
        return question_ids

    def answer_key(self) -> dict[str, frozenset[str]]:
        self.require("AnswerKey")
        self._read.add("AnswerKey")
        key: dict[str, frozenset[str]] = {}
        for entry in self._by_name["AnswerKey"].get("MapEntries", []):
            question_id = entry.get("Key", "")
            if not 1 <= len(question_id.encode()) <= LONGEST_QUESTION_ID or question_id in key:
                raise _invalid("AnswerKey", question_id)
            values = (value.strip() for value in entry.get("Values", []))
            key[question_id] = frozenset(value for value in values if value)
        if not key:
            raise ParameterValidationError("The parameter AnswerKey needs at least one MapEntry.")
        return key

    def refuse_the_rest(self) -> None:
        for name in self._by_name:
            if name not in self._read:
                raise ParameterValidationError(
                    f'The review policy {self._policy} has no parameter "{name}".'
                )


def _invalid(name: str, value: str) -> ParameterValidationError:
    return ParameterValidationError(f'The value "{value}" is not valid for the parameter {name}.')
