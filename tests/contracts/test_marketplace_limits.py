"""Limits that botocore's model does not know: lengths, ranges, requirements, question XML."""

from __future__ import annotations

from typing import Any

import pytest

NAMESPACE = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
HTML = f'<HTMLQuestion xmlns="{NAMESPACE}2011-11-11/HTMLQuestion.xsd">'
EXTERNAL = f'<ExternalQuestion xmlns="{NAMESPACE}2006-07-14/ExternalQuestion.xsd">'
FORM = f'<QuestionForm xmlns="{NAMESPACE}2017-11-06/QuestionForm.xsd">'


def html(content: str, height: str = "0") -> str:
    return (
        f"{HTML}<HTMLContent><![CDATA[{content}]]></HTMLContent>"
        f"<FrameHeight>{height}</FrameHeight></HTMLQuestion>"
    )


def external(url: str) -> str:
    return (
        f"{EXTERNAL}<ExternalURL>{url}</ExternalURL><FrameHeight>0</FrameHeight></ExternalQuestion>"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"AssignmentDurationInSeconds": 29},
            "The value 29 is invalid for AssignmentDurationInSeconds. "
            "Valid values range from 30 to 31536000.",
        ),
        (
            {"LifetimeInSeconds": 31_536_001},
            "The value 31536001 is invalid for LifetimeInSeconds. "
            "Valid values range from 30 to 31536000.",
        ),
        (
            {"AutoApprovalDelayInSeconds": 2_592_001},
            "The value 2592001 is invalid for AutoApprovalDelayInSeconds. "
            "Valid values range from 0 to 2592000.",
        ),
        (
            {"MaxAssignments": 0},
            "The value 0 is invalid for MaxAssignments. Valid values range from 1 to 1000000000.",
        ),
        ({"Title": ""}, 'The value "" is not valid for the parameter Title.'),
        (
            {"Title": "x" * 129},
            f'The value "{"x" * 129}" is not valid for the parameter Title.',
        ),
        (
            {"Description": "x" * 2001},
            f'The value "{"x" * 2001}" is not valid for the parameter Description.',
        ),
        (
            {"Keywords": "x" * 1001},
            f'The value "{"x" * 1001}" is not valid for the parameter Keywords.',
        ),
        (
            {"RequesterAnnotation": "x" * 256},
            f'The value "{"x" * 256}" is not valid for the parameter RequesterAnnotation.',
        ),
        (
            {"RequesterAnnotation": "Köter"},
            'The value "Köter" is not valid for the parameter RequesterAnnotation.',
        ),
        (
            {"Question": None},
            "Exactly one of the parameters Question and HITLayoutId must be given.",
        ),
        (
            {"HITLayoutId": "3A"},
            "Exactly one of the parameters Question and HITLayoutId must be given.",
        ),
    ],
)
def test_limits_that_the_model_does_not_know(
    market: Any, changed: dict[str, Any], message: str
) -> None:
    error = market.refusal(market.create_hit, **changed)
    assert error == {"code": "ParameterValidationError", "turk": None, "message": message}


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        ([{"QualificationTypeId": "3NONE", "Comparator": "Exists"}], "RequestError"),
        (
            [{"QualificationTypeId": "00000000000000000040", "Comparator": "EqualTo"}],
            "ParameterValidationError",
        ),
        (
            [
                {
                    "QualificationTypeId": "00000000000000000040",
                    "Comparator": "Exists",
                    "IntegerValues": [1],
                }
            ],
            "ParameterValidationError",
        ),
        (
            [
                {
                    "QualificationTypeId": "00000000000000000071",
                    "Comparator": "In",
                    "LocaleValues": [{"Country": "US"}] * 31,
                }
            ],
            "ParameterValidationError",
        ),
        (
            [{"QualificationTypeId": "00000000000000000060", "Comparator": "Exists"}] * 11,
            "ParameterValidationError",
        ),
        (
            # The sandbox's Masters do not exist in production.
            [{"QualificationTypeId": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "Comparator": "Exists"}],
            "RequestError",
        ),
    ],
)
def test_requirements_that_cannot_be_are_refused(
    market: Any, requirements: list[dict[str, Any]], code: str
) -> None:
    assert market.refusal(market.create_hit, QualificationRequirements=requirements)["code"] == code


@pytest.mark.parametrize(
    "feedback", ["x" * 1025, "a\x08b"], ids=["longer than 1024", "control character"]
)
def test_feedback_that_is_too_long_or_unprintable_is_refused(market: Any, feedback: str) -> None:
    assignment_id = market.submit(market.create_hit()["HITId"], "A1")
    market.refusal(
        market.client.reject_assignment, AssignmentId=assignment_id, RequesterFeedback=feedback
    )
    found = market.client.get_assignment(AssignmentId=assignment_id)["Assignment"]
    assert found["AssignmentStatus"] == "Submitted"


@pytest.mark.parametrize(
    "question",
    [
        html("<!DOCTYPE html><html><body><p>Norfolk or Norwich?</p></body></html>"),
        html("<p>ü</p>", height="450"),
        '<?xml version="1.0" encoding="UTF-8"?>\n' + html("<crowd-form></crowd-form>"),
        external("https://example.org/task?item=1&amp;n=2"),
        external("http://127.0.0.1:8000/task"),
        f"{FORM}<Question><QuestionIdentifier>q</QuestionIdentifier><QuestionContent><Text>?</Text>"
        "</QuestionContent><AnswerSpecification><FreeTextAnswer/></AnswerSpecification></Question>"
        "</QuestionForm>",
        html("x" * 65_200 + "<p></p>"),
    ],
)
def test_questions_of_every_kind_are_posted(market: Any, question: str) -> None:
    assert market.create_hit(Question=question)["Question"] == question


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Norfolk or Norwich?", "error parsing the XML"),
        (html("<p>x</p>")[:-3], "error parsing the XML"),
        ("<HTMLQuestion/>", "error parsing the XML"),
        (f"{HTML}<FrameHeight>0</FrameHeight></HTMLQuestion>", "exactly one HTMLContent"),
        (html("<p>x</p>", height="tall"), "FrameHeight 'tall'"),
        (html(" "), "error parsing the HTML5"),
        (html("<!-- nothing -->"), "error parsing the HTML5"),
        (external("http://example.org/"), "must be an https address"),
        (external("javascript:alert(1)"), "must be an https address"),
        (external("https://"), "must be an https address"),
        (f"{FORM}</QuestionForm>", "at least one Question"),
        (
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + external("https://x/&e;"),
            "error parsing the XML",
        ),
        (html("é" * 32_768), "65535 bytes"),
    ],
)
def test_questions_that_mturk_would_not_show_are_refused(
    market: Any, question: str, text: str
) -> None:
    error = market.refusal(market.create_hit, Question=question)
    assert error["code"] == "ParameterValidationError"
    assert text in error["message"]


def test_an_unknown_layout_does_not_exist(market: Any) -> None:
    error = market.refusal(market.create_hit, Question=None, HITLayoutId="3A")
    assert error["turk"] == "AWS.MechanicalTurk.HITLayoutDoesNotExist"
