"""A person comes to the site, qualifies, works on every kind of HIT, and sees what it brought."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from marketplace.engine import people
from marketplace.frames.question import SCHEMAS
from tests.site.conftest import Site, external_question, html_question

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TICKETS = Path(__file__).parents[2] / "pipelines" / "tickets"
PASSWORD = "a long enough password"
FORM = f"{SCHEMAS}2017-11-06/QuestionForm.xsd"

TEST = f"""<QuestionForm xmlns="{FORM}"><Question>
<QuestionIdentifier>capital</QuestionIdentifier><DisplayName>Capital</DisplayName><IsRequired>true</IsRequired>
<QuestionContent><Text>What is the capital of France?</Text></QuestionContent>
<AnswerSpecification><SelectionAnswer><StyleSuggestion>radiobutton</StyleSuggestion><Selections>
<Selection><SelectionIdentifier>paris</SelectionIdentifier><Text>Paris</Text></Selection>
<Selection><SelectionIdentifier>lyon</SelectionIdentifier><Text>Lyon</Text></Selection>
</Selections></SelectionAnswer></AnswerSpecification></Question></QuestionForm>"""
KEY = f"""<AnswerKey xmlns="{SCHEMAS}2005-10-01/AnswerKey.xsd"><Question>
<QuestionIdentifier>capital</QuestionIdentifier>
<AnswerOption><SelectionIdentifier>paris</SelectionIdentifier><AnswerScore>10</AnswerScore></AnswerOption>
</Question></AnswerKey>"""

QUESTION_FORM = f"""<QuestionForm xmlns="{FORM}"><Question>
<QuestionIdentifier>colour</QuestionIdentifier><DisplayName>Colour</DisplayName><IsRequired>true</IsRequired>
<QuestionContent><Text>Which colour is a ripe tomato?</Text></QuestionContent>
<AnswerSpecification><FreeTextAnswer/></AnswerSpecification></Question></QuestionForm>"""

EXTERNAL_PAGE = b"""<!DOCTYPE html><title>Elsewhere</title><form method="post">
<input type="hidden" name="assignmentId"><label>Mood <input name="mood"></label>
<button>Send</button></form>
<script>
const given = new URLSearchParams(location.search), form = document.forms[0];
form.action = given.get("turkSubmitTo") + "/mturk/externalSubmit";
form.elements.assignmentId.value = given.get("assignmentId");
</script>"""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page on a requester's own server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(EXTERNAL_PAGE)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/survey?round=1"
    server.shutdown()
    thread.join()
    server.server_close()


def template(name: str, **values: str) -> str:
    """One of the worked example's templates, as its requester would post it."""
    html = (TICKETS / name).read_text("utf-8")
    for placeholder, value in values.items():
        html = html.replace(f"${{{placeholder}}}", value)
    return html_question(html)


class Person:
    """Somebody in front of a browser, who sees a page and knows nothing of what is behind it."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site = site
        self.page = page

    def sign_up(self) -> None:
        with self.site.engine.act() as tx:
            invitation = people.make_link(tx, "invitation")
        self.page.goto(f"{self.site.url}/sign-up?invitation={invitation}")
        self.page.get_by_label("Name").fill("Ann")
        self.page.get_by_label("Email").fill("ann@example.org")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign up").click()
        self.sees_heading("Find work")

    def accepts(self, title: str) -> None:
        self.page.goto(f"{self.site.url}/hits")
        self.page.get_by_role("link", name=title, exact=True).click()
        self.page.get_by_role("button", name="Accept this HIT").click()
        expect(self.page.get_by_role("timer")).to_be_visible()

    def has_submitted(self) -> None:
        self.sees_heading("Submitted")

    def sees_heading(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.fixture
def ann(site: Site, context: BrowserContext) -> Person:
    """Signed up by invitation."""
    person = Person(site, context.new_page())
    person.sign_up()
    return person


def test_a_plain_template_that_posts_to_amazon_is_answered_here(ann: Person) -> None:
    question = template("topic.html", message="Where is my kettle?")
    hit = ann.site.create_hit(Title="Topic", Question=question)["HITId"]

    ann.accepts("Topic")
    frame = ann.page.frame_locator("iframe")
    frame.get_by_label("a delivery").check()
    frame.get_by_role("button", name="Submit").click()

    ann.has_submitted()
    assert ann.site.answers(hit) == {"topic": "delivery"}


def test_a_crowd_form_is_answered_here(ann: Person) -> None:
    question = template("reply.html", message="Where is my kettle?", topic="delivery", draft="1")
    hit = ann.site.create_hit(Title="Reply", Question=question)["HITId"]

    ann.accepts("Reply")
    frame = ann.page.frame_locator("iframe")
    frame.get_by_label("Your reply").fill("It leaves today.")
    frame.get_by_role("button", name="Submit").click()

    ann.has_submitted()
    assert ann.site.answers(hit) == {"taskAnswers": '[{"reply":"It leaves today."}]'}


def test_a_question_form_is_answered_here_and_says_what_is_missing(ann: Person) -> None:
    hit = ann.site.create_hit(Title="Form", Question=QUESTION_FORM)["HITId"]

    ann.accepts("Form")
    ann.page.get_by_label("Which colour").or_(ann.page.get_by_label("Colour")).first.fill("red")
    ann.page.get_by_role("button", name="Submit").click()

    ann.has_submitted()
    assert ann.site.answers(hit) == {"colour": "red"}


def test_a_page_elsewhere_sends_its_answers_here(ann: Person, elsewhere: str) -> None:
    hit = ann.site.create_hit(Title="Elsewhere", Question=external_question(elsewhere))["HITId"]

    ann.accepts("Elsewhere")
    frame = ann.page.frame_locator("iframe")
    frame.get_by_label("Mood").fill("good")
    frame.get_by_role("button", name="Send").click()

    ann.has_submitted()
    assert ann.site.answers(hit) == {"mood": "good"}


def test_a_test_passed_opens_the_hits_that_ask_for_it(ann: Person) -> None:
    made = ann.site.client.create_qualification_type(
        Name="Capitals",
        Description="Knows capitals.",
        QualificationTypeStatus="Active",
        Test=TEST,
        AnswerKey=KEY,
        TestDurationInSeconds=300,
    )["QualificationType"]["QualificationTypeId"]
    ann.site.create_hit(
        Title="For those who know",
        QualificationRequirements=[
            {
                "QualificationTypeId": made,
                "Comparator": "GreaterThanOrEqualTo",
                "IntegerValues": [10],
            }
        ],
    )

    ann.page.goto(f"{ann.site.url}/hits")
    ann.page.get_by_role("link", name="For those who know", exact=True).click()
    expect(ann.page.get_by_role("button", name="Accept this HIT")).to_have_count(0)
    ann.page.get_by_role("link", name="About the qualification").click()
    ann.page.get_by_role("button", name="Begin the test").click()
    ann.page.get_by_label("Paris").check()
    ann.page.get_by_role("button", name="Submit").click()
    expect(ann.page.get_by_text("with a score of 10")).to_be_visible()

    ann.accepts("For those who know")


def test_a_hit_that_is_returned_goes_to_somebody_else(ann: Person) -> None:
    hit = ann.site.create_hit(Title="Not mine")["HITId"]

    ann.accepts("Not mine")
    ann.page.get_by_role("button", name="Return this HIT").click()

    expect(ann.page.get_by_role("button", name="Return this HIT")).to_have_count(0)
    assert ann.site.accept(hit, "AOTHER")


def test_a_hit_whose_time_runs_out_is_told_plainly(ann: Person) -> None:
    hit = ann.site.create_hit(Title="Too long")["HITId"]

    ann.accepts("Too long")
    ann.site.clock.advance(timedelta(minutes=11))
    ann.page.reload()

    expect(ann.page.get_by_role("main")).to_contain_text("time")
    expect(ann.page.get_by_role("button", name="Return this HIT")).to_have_count(0)
    assert ann.site.client.get_hit(HITId=hit)["HIT"]["NumberOfAssignmentsPending"] == 0


def test_the_reward_shows_among_the_earnings_once_it_is_approved(ann: Person) -> None:
    question = template("topic.html", message="Where is my kettle?")
    hit = ann.site.create_hit(Title="Topic", Question=question, Reward="0.35")["HITId"]
    ann.accepts("Topic")
    frame = ann.page.frame_locator("iframe")
    frame.get_by_label("a delivery").check()
    frame.get_by_role("button", name="Submit").click()
    ann.has_submitted()

    (work,) = ann.site.client.list_assignments_for_hit(HITId=hit)["Assignments"]
    ann.site.client.approve_assignment(
        AssignmentId=work["AssignmentId"], RequesterFeedback="Well read."
    )
    ann.site.client.send_bonus(
        WorkerId=work["WorkerId"],
        AssignmentId=work["AssignmentId"],
        BonusAmount="0.15",
        Reason="Quick.",
    )

    ann.page.get_by_role("link", name="Earnings").click()
    expect(ann.page.get_by_role("main")).to_contain_text("$0.35")
    expect(ann.page.get_by_role("main")).to_contain_text("$0.15")
    expect(ann.page.get_by_role("main")).to_contain_text("$0.50")


def test_a_phones_width_needs_no_sideways_scrolling(ann: Person) -> None:
    ann.site.create_hit(Title="A title that is rather long for so narrow a screen", Keywords="a, b")
    ann.page.set_viewport_size({"width": 360, "height": 740})

    for path in (
        "/hits",
        "/work",
        "/qualifications",
        "/earnings",
        "/history",
        "/messages",
        "/account",
    ):
        ann.page.goto(ann.site.url + path)
        width = ann.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{path} is {width} pixels wide"


def test_everything_is_reached_and_worked_by_the_keyboard(ann: Person) -> None:
    ann.site.create_hit(Title="By keyboard")
    ann.page.goto(f"{ann.site.url}/hits")

    ann.page.keyboard.press("Tab")
    expect(ann.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    ann.page.get_by_role("link", name="By keyboard").focus()
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("button", name="Accept this HIT").focus()
    ann.page.keyboard.press("Enter")

    expect(ann.page.get_by_role("timer")).to_be_visible()
