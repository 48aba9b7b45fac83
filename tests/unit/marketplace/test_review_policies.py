"""Review policies as CreateHIT takes them, and the limits of their parameters."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.engine.review_policies import known_answers, plurality
from marketplace.errors import ParameterValidationError

KNOWN = "ScoreMyKnownAnswers/2011-09-01"
PLURALITY = "SimplePlurality/2011-09-01"
KEY = {"Key": "AnswerKey", "MapEntries": [{"Key": "q", "Values": [" a ", "b"]}]}
NEEDED = {
    "QuestionIds": "p, q",
    "QuestionAgreementThreshold": "50",
    "DisregardAssignmentIfRejected": "T",
}


def known(**values: str) -> dict[str, Any]:
    return {"PolicyName": KNOWN, "Parameters": [KEY, *parameters(values)]}


def simple(**values: str | None) -> dict[str, Any]:
    return {"PolicyName": PLURALITY, "Parameters": parameters({**NEEDED, **values})}


def parameters(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Key": name, "Values": [value]} for name, value in values.items() if value is not None]


def test_a_policy_of_known_answers_with_nothing_but_its_key_does_nothing() -> None:
    policy = known_answers(known())

    assert policy.answer_key == {"q": {"a", "b"}}
    assert (policy.approve_at, policy.reject_below, policy.extend_below) == (None, None, None)
    assert (policy.extend_maximum, policy.extend_seconds) == (5, 0)


def test_a_policy_of_known_answers_with_all_its_parameters() -> None:
    policy = known_answers(
        known(
            ApproveIfKnownAnswerScoreIsAtLeast="79",
            ApproveReason="Well done.",
            RejectIfKnownAnswerScoreIsLessThan="0",
            RejectReason="Guessed.",
            ExtendIfKnownAnswerScoreIsLessThan="101",
            ExtendMaximumAssignments="25",
            ExtendMinimumTimeInSeconds="3600",
        )
    )

    assert (policy.approve_at, policy.approve_reason) == (79, "Well done.")
    assert (policy.reject_below, policy.reject_reason) == (0, "Guessed.")
    assert (policy.extend_below, policy.extend_maximum, policy.extend_seconds) == (101, 25, 3600)


def test_a_policy_of_plurality_with_its_required_parameters() -> None:
    policy = plurality(simple())

    assert policy.question_ids == ("p", "q")
    assert (policy.threshold, policy.disregard_rejected) == (50, True)
    assert (policy.approve_at, policy.reject_below, policy.extend_below) == (None, None, None)


def test_question_ids_may_come_one_by_one_and_in_the_samples_spelling() -> None:
    ids = {"Key": "QuestionIDs", "Values": ["p", "q", "p"]}
    others = parameters({name: NEEDED[name] for name in list(NEEDED)[1:]})

    policy = plurality({"PolicyName": PLURALITY, "Parameters": [ids, *others]})

    assert policy.question_ids == ("p", "q")


@pytest.mark.parametrize(
    ("text", "flag"), [("T", True), ("F", False), ("true", True), ("FALSE", False)]
)
def test_a_flag_is_a_letter_or_a_word(text: str, flag: bool) -> None:
    assert plurality(simple(DisregardAssignmentIfRejected=text)).disregard_rejected is flag


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            {"PolicyName": PLURALITY, "Parameters": [KEY]},
            f'The value "{PLURALITY}" is not valid for the parameter PolicyName.',
        ),
        (
            {"PolicyName": KNOWN},
            f"The review policy {KNOWN} needs the parameter AnswerKey.",
        ),
        (
            {"PolicyName": KNOWN, "Parameters": [{"Key": "AnswerKey", "MapEntries": []}]},
            "The parameter AnswerKey needs at least one MapEntry.",
        ),
        (
            {
                "PolicyName": KNOWN,
                "Parameters": [{"Key": "AnswerKey", "MapEntries": KEY["MapEntries"] * 2}],
            },
            'The value "q" is not valid for the parameter AnswerKey.',
        ),
        (
            {
                "PolicyName": KNOWN,
                "Parameters": [{"Key": "AnswerKey", "MapEntries": [{"Key": "é" * 128}]}],
            },
            f'The value "{"é" * 128}" is not valid for the parameter AnswerKey.',
        ),
        (
            {"PolicyName": KNOWN, "Parameters": [KEY, KEY]},
            f"The review policy {KNOWN} has AnswerKey twice.",
        ),
        (
            known(ApproveIfKnownAnswerScoreIsAtLeast="102"),
            "The value 102 is invalid for ApproveIfKnownAnswerScoreIsAtLeast. "
            "Valid values range from 0 to 101.",
        ),
        (
            known(RejectIfKnownAnswerScoreIsLessThan="-1"),
            "The value -1 is invalid for RejectIfKnownAnswerScoreIsLessThan. "
            "Valid values range from 0 to 101.",
        ),
        (
            known(ExtendMaximumAssignments="1"),
            "The value 1 is invalid for ExtendMaximumAssignments. Valid values range from 2 to 25.",
        ),
        (
            known(ExtendMinimumTimeInSeconds="59"),
            "The value 59 is invalid for ExtendMinimumTimeInSeconds. "
            "Valid values range from 60 to 31536000.",
        ),
        (
            known(ExtendIfKnownAnswerScoreIsLessThan="most"),
            'The value "most" is not valid for the parameter ExtendIfKnownAnswerScoreIsLessThan.',
        ),
        (
            known(QuestionIds="q"),
            f'The review policy {KNOWN} has no parameter "QuestionIds".',
        ),
    ],
)
def test_policies_of_known_answers_that_cannot_be(policy: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterValidationError) as caught:
        known_answers(policy)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            known(),
            f'The value "{KNOWN}" is not valid for the parameter PolicyName.',
        ),
        *(
            (simple(**{name: None}), f"The review policy {PLURALITY} needs the parameter {name}.")
            for name in NEEDED
        ),
        (
            simple(DisregardAssignmentIfRejected="perhaps"),
            'The value "perhaps" is not valid for the parameter DisregardAssignmentIfRejected.',
        ),
        (
            simple(QuestionIds=",".join(f"q{number}" for number in range(16))),
            f"There are 16 QuestionIds. The review policy {PLURALITY} takes from 1 to 15.",
        ),
        (
            simple(QuestionIds=" , "),
            f"There are 0 QuestionIds. The review policy {PLURALITY} takes from 1 to 15.",
        ),
        (
            simple(ExtendIfHITAgreementScoreIsLessThan="0"),
            "The value 0 is invalid for ExtendIfHITAgreementScoreIsLessThan. "
            "Valid values range from 1 to 100.",
        ),
        (
            simple(ExtendIfHITAgreementScoreIsLessThan="50"),
            f"The review policy {PLURALITY} needs the parameter ExtendMaximumAssignments.",
        ),
        (
            simple(ExtendIfHITAgreementScoreIsLessThan="50", ExtendMaximumAssignments="3"),
            f"The review policy {PLURALITY} needs the parameter ExtendMinimumTimeInSeconds.",
        ),
        (
            {
                "PolicyName": PLURALITY,
                "Parameters": [
                    *parameters({**NEEDED, "QuestionAgreementThreshold": None}),
                    {"Key": "QuestionAgreementThreshold", "Values": ["1", "2"]},
                ],
            },
            "The parameter QuestionAgreementThreshold of the review policy "
            f"{PLURALITY} needs exactly one value.",
        ),
    ],
)
def test_policies_of_plurality_that_cannot_be(policy: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterValidationError) as caught:
        plurality(policy)
    assert caught.value.message == message
