"""A submission as cells: names as they were submitted, and what a crowd-form sent taken apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hitline.errors import UnreadableAnswer
from hitline.reporting.batch import pacific
from hitline.reporting.cells import flattened


def xml(**answers: str) -> str:
    parts = "".join(
        f"<Answer><QuestionIdentifier>{name}</QuestionIdentifier><FreeText>{text}</FreeText></Answer>"
        for name, text in answers.items()
    )
    return f"<QuestionFormAnswers>{parts}</QuestionFormAnswers>"


def test_each_field_of_a_form_is_a_cell() -> None:
    assert flattened(xml(position="yes", comment="fine")) == {"position": "yes", "comment": "fine"}


def test_several_selections_stand_in_one_cell() -> None:
    chosen = (
        "<QuestionFormAnswers><Answer><QuestionIdentifier>pets</QuestionIdentifier>"
        "<SelectionIdentifier>cat</SelectionIdentifier><SelectionIdentifier>dog"
        "</SelectionIdentifier></Answer></QuestionFormAnswers>"
    )

    assert flattened(chosen) == {"pets": "cat|dog"}


def test_a_crowd_form_stands_as_it_came_and_taken_apart() -> None:
    sent = '[{"category": {"label": "cat"}, "sure": true, "note": "x", "no": {"on": false}}]'

    assert flattened(xml(taskAnswers=sent)) == {
        "taskAnswers": sent,
        "category.label": "cat",
        "sure": "true",
        "note": "x",
        "no.on": "false",
    }


def test_a_crowd_form_that_is_no_json_stands_as_it_came() -> None:
    assert flattened(xml(taskAnswers="[{")) == {"taskAnswers": "[{"}


def test_what_is_no_answer_document_is_refused() -> None:
    with pytest.raises(UnreadableAnswer):
        flattened("<html/>")


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2025, 10, 9, 7, 30, 20, tzinfo=UTC), "Thu Oct 09 00:30:20 PDT 2025"),
        (datetime(2026, 1, 1, 7, 0, 0, tzinfo=UTC), "Wed Dec 31 23:00:00 PST 2025"),
    ],
)
def test_times_are_in_words_on_the_pacific_coast(at: datetime, written: str) -> None:
    assert pacific(at) == written
