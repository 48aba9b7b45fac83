"""Qualification types for tests, one with a test on cats."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
TEST = (
    f'<QuestionForm xmlns="{SCHEMAS}2017-11-06/QuestionForm.xsd"><Question>'
    "<QuestionIdentifier>cat</QuestionIdentifier><QuestionContent><Text>Is it a cat?</Text>"
    "</QuestionContent><AnswerSpecification><SelectionAnswer><Selections>"
    "<Selection><SelectionIdentifier>yes</SelectionIdentifier><Text>Yes</Text></Selection>"
    "<Selection><SelectionIdentifier>no</SelectionIdentifier><Text>No</Text></Selection>"
    "</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"
)
KEY = (
    f'<AnswerKey xmlns="{SCHEMAS}2005-10-01/AnswerKey.xsd"><Question>'
    "<QuestionIdentifier>cat</QuestionIdentifier><AnswerOption>"
    "<SelectionIdentifier>yes</SelectionIdentifier><AnswerScore>7</AnswerScore>"
    "</AnswerOption></Question></AnswerKey>"
)


def create(client: Any, name: str = "Cats", **members: Any) -> dict[str, Any]:
    given = {"Name": name, "Description": "Knows cats", "QualificationTypeStatus": "Active"}
    created: dict[str, Any] = client.create_qualification_type(**{**given, **members})
    return dict(created["QualificationType"])


def requires(type_id: str) -> list[dict[str, Any]]:
    return [{"QualificationTypeId": type_id, "Comparator": "Exists"}]


def other_client(market: Any) -> Any:
    return market.client_of(market.add_requester("other", Decimal("10.00")))


def answers(*selections: str) -> str:
    """The test's answers, with these selections made."""
    selected = "".join(f"<SelectionIdentifier>{one}</SelectionIdentifier>" for one in selections)
    return (
        f'<QuestionFormAnswers xmlns="{SCHEMAS}2005-10-01/QuestionFormAnswers.xsd"><Answer>'
        f"<QuestionIdentifier>cat</QuestionIdentifier>{selected}</Answer></QuestionFormAnswers>"
    )
