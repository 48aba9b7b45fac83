"""A QuestionForm on the site's own page: filled in, checked here and there, handed in."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Desk, Site
from tests.unit.marketplace_frames.test_question_forms import form, free, question, selection

pytestmark = pytest.mark.browser

REGEX = '<AnswerFormatRegex regex="^[0-9]{2}$" errorText="Two digits, please."/>'
BOXES = "<MaxSelectionCount>2</MaxSelectionCount><StyleSuggestion>checkbox</StyleSuggestion>"
QUESTION = form(
    "<Overview><Title>The dog</Title><Text>Look well.</Text></Overview>",
    question(free(REGEX), id="age", name="Age"),
    question(selection(), id="one", name="One", required="true"),
    question(selection(BOXES, "<OtherSelection/>"), id="some", name="Some"),
    question("<FreeTextAnswer><NumberOfLinesSuggestion>4</NumberOfLinesSuggestion></FreeTextAnswer>",
             id="why", name="Why"),
)  # fmt: skip


def sit(desk: Desk) -> Page:
    desk.sit(QUESTION)
    desk.page.goto(f"{desk.site.url}/work/{desk.assignment_id}")
    return desk.page


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit").click()


def answer_of(desk: Desk) -> str:
    found = desk.site.client.list_assignments_for_hit(HITId=desk.hit_id)["Assignments"]
    assert len(found) == 1
    return str(found[0]["Answer"]).split(">", 2)[2].removesuffix("</QuestionFormAnswers>")


def test_a_form_is_filled_in_with_the_keyboard(desk: Desk) -> None:
    """Radio buttons by space, boxes by space, Enter in the text field's place submits."""
    page = sit(desk)
    page.get_by_label("Age").fill("42")
    page.get_by_role("radio", name="The b").press(" ")
    page.get_by_role("checkbox", name="The a").press(" ")
    page.get_by_role("checkbox", name="The c").press(" ")
    page.get_by_label("Why").fill("one\ntwo")
    page.get_by_label("Age").press("Enter")
    expect(page.locator("form.question-form")).to_have_count(0)
    assert page.url == f"{desk.site.url}/work/{desk.assignment_id}"
    assert answer_of(desk) == (
        "<Answer><QuestionIdentifier>age</QuestionIdentifier><FreeText>42</FreeText></Answer>"
        "<Answer><QuestionIdentifier>one</QuestionIdentifier>"
        "<SelectionIdentifier>b</SelectionIdentifier></Answer>"
        "<Answer><QuestionIdentifier>some</QuestionIdentifier><SelectionIdentifier>a"
        "</SelectionIdentifier><SelectionIdentifier>c</SelectionIdentifier></Answer>"
        "<Answer><QuestionIdentifier>why</QuestionIdentifier>"
        "<FreeText>one&#13;\ntwo</FreeText></Answer>"
    )


@pytest.mark.parametrize(
    ("age", "boxes", "field", "words"),
    [
        ("4", (), "Age", "Two digits, please."),
        ("", (), "Age", "Two digits, please."),
        ("42", ("The a", "The b", "The c"), "The a", "Please choose at most 2."),
    ],
)
def test_the_browser_says_what_does_not_fit(
    desk: Desk, age: str, boxes: tuple[str, ...], field: str, words: str
) -> None:
    """A regular expression is tried here alone, also on an empty answer."""
    page = sit(desk)
    page.get_by_label("Age").fill(age)
    page.get_by_role("radio", name="The b").check()
    for box in boxes:
        page.get_by_role("checkbox", name=box).check()
    submit(page)
    at = page.get_by_role("checkbox", name=field) if boxes else page.get_by_label(field)
    assert at.evaluate("field => field.validationMessage") == words
    assert desk.site.status(desk.hit_id) == "Unassignable"


def test_what_gets_past_the_browser_is_checked_here(desk: Desk) -> None:
    """The form comes back as it was filled in, with the errors; mended it is taken."""
    page = sit(desk)
    page.locator("form.question-form").evaluate("form => { form.noValidate = true; }")
    page.get_by_label("Why").fill("because")
    submit(page)
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Question 2: Please answer this question.")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Why")).to_have_value("because")
    page.get_by_role("radio", name="The b").check()
    page.get_by_label("Age").fill("42")
    submit(page)
    expect(page.locator("form.question-form")).to_have_count(0)
    assert "because" in answer_of(desk)


def test_a_form_of_another_site_is_not_taken(site: Site) -> None:
    """Without the session's form token, or by somebody who does not hold the HIT."""
    hit_id = site.create_hit(Question=QUESTION)["HITId"]
    assignment_id = site.accept(hit_id, "AWORKER")
    address = f"{site.url}/frames/forms/{assignment_id}"
    fields = {"answer.1": "42", "answer.2": "b"}
    cookies = {"worker": site.cookie("AWORKER")["value"]}
    assert httpx.post(address, data=fields).headers["location"] == "/sign-in"
    assert httpx.post(address, data=fields, cookies=cookies).status_code == 403
    forged = {**fields, "form_token": "x"}
    assert httpx.post(address, data=forged, cookies=cookies).status_code == 403
    assert site.status(hit_id) == "Unassignable"


def test_a_preview_shows_the_form_and_lets_nobody_fill_it(desk: Desk) -> None:
    desk.sit(QUESTION, preview=True)
    expect(desk.page.get_by_label("Age")).to_be_disabled()
    expect(desk.page.get_by_role("button", name="Submit")).to_have_count(0)
    expect(desk.page.get_by_role("status")).to_contain_text("accept the HIT")
