"""The worked example for people: its items fit its templates, and its stages lead to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitline.itemsfile import read_items
from hitline.loading import load
from hitline.pipeline import Gather, Link, Pipeline, Settled
from hitline.questions import render

FOLDER = Path(__file__).parents[2] / "pipelines" / "tickets"


@pytest.fixture(scope="module")
def tickets() -> Pipeline:
    return load("tickets", FOLDER.parent)


def settled(label: str, **given: str) -> Settled:
    return Settled(key="t01", input=given, label=label, agreement=1.0, gold=None, round=0)


def test_there_are_thirty_messages_and_each_fits_the_first_template(tickets: Pipeline) -> None:
    rows = read_items(FOLDER / "items.csv", tickets.first.question.placeholders)

    assert len(rows) == 30
    for row in rows:
        render(tickets.first.question, [row.input])


def test_a_settled_topic_becomes_a_draft_for_each_of_three_writers(tickets: Pipeline) -> None:
    (link,) = (link for link in tickets.links if isinstance(link, Link))

    made = link.rule(settled("billing", message="Twice!"))

    assert isinstance(made, list)
    assert [item.input for item in made] == [
        {"message": "Twice!", "topic": "billing", "draft": draft} for draft in ("1", "2", "3")
    ]
    for item in made:
        render(tickets.stage("reply").question, [item.input])


@pytest.mark.parametrize(
    ("drafts", "shown"),
    [
        (["one", "two", "three"], {"reply_a": "one", "reply_b": "two", "reply_c": "three"}),
        (["one", "two"], {"reply_a": "one", "reply_b": "two", "reply_c": ""}),
        (["one"], None),
        ([], None),
    ],
)
def test_the_drafts_of_a_message_are_compared_where_there_are_two_or_more(
    tickets: Pipeline, drafts: list[str], shown: dict[str, str] | None
) -> None:
    (gather,) = (link for link in tickets.links if isinstance(link, Gather))

    made = gather.rule(settled("billing", message="Twice!"), [settled(draft) for draft in drafts])

    assert (made and made.input) == (shown and {"message": "Twice!", **shown})
    if made:
        render(tickets.stage("pick").question, [made.input])


def test_nobody_writes_twice_about_a_message_nor_judges_their_own_draft(tickets: Pipeline) -> None:
    assert tickets.stage("reply").once.per == "parent"
    assert tickets.stage("pick").once.not_by == ("reply",)
