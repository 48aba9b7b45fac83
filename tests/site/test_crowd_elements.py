"""Each crowd element in a real browser: what a worker does, and the JSON that is handed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.site.conftest import Desk, html_question

pytestmark = pytest.mark.browser

SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
CATEGORIES = """name="kind" categories="['Cat', 'Dog', 'None']" header="Which is it?" """

Do = Callable[[FrameLocator], Any]


def page(content: str, attributes: str = "") -> str:
    return html_question(
        f"<!DOCTYPE html><body>{SCRIPT}<crowd-form{attributes}>{content}</crowd-form></body>"
    )


def submit(frame: FrameLocator) -> None:
    frame.get_by_role("button", name="Submit").click()


def check(*names: str) -> Do:
    def do(frame: FrameLocator) -> None:
        for name in names:
            radio = frame.get_by_role("radio", name=name, exact=True)
            radio.or_(frame.get_by_role("checkbox", name=name, exact=True)).check()

    return do


def press(label: str, *keys: str) -> Do:
    def do(frame: FrameLocator) -> None:
        field = frame.get_by_label(label)
        field.focus()
        for key in keys:
            field.press(key)

    return do


CASES: dict[str, tuple[str, Do, dict[str, Any]]] = {
    "crowd-input: those without input are left out": (
        '<crowd-input name="tag1" label="First"></crowd-input>'
        '<crowd-input name="tag2" label="Second" value="red"></crowd-input>'
        '<crowd-input name="tag3" label="Third"></crowd-input>',
        lambda frame: frame.get_by_label("First").fill("blue"),
        {"tag1": "blue", "tag2": "red"},
    ),
    "crowd-input: characters that do not match are ignored": (
        '<crowd-input name="year" label="Year" auto-validate allowed-pattern="[0-9]" '
        'max-length="4"></crowd-input>',
        press("Year", "1", "a", "9", "8", "-", "4", "7"),
        {"year": "1984"},
    ),
    "crowd-text-area: line ends are single characters": (
        '<p>Essay</p><crowd-text-area name="essay" rows="4"></crowd-text-area>',
        lambda frame: frame.get_by_label("Essay").fill("one\ntwo"),
        {"essay": "one\ntwo"},
    ),
    "crowd-checkbox: several under one name": (
        '<crowd-checkbox name="seen" value="blurry">Blurry</crowd-checkbox>'
        '<crowd-checkbox name="seen" value="dim" checked="true">Dim</crowd-checkbox>'
        '<crowd-checkbox name="seen" value="bright">Bright</crowd-checkbox>',
        check("Blurry"),
        {"seen": {"blurry": True, "bright": False, "dim": True}},
    ),
    "crowd-checkbox: without a value it is called on": (
        '<crowd-checkbox name="found" required>Found</crowd-checkbox>',
        check("Found"),
        {"found": {"on": True}},
    ),
    "crowd-radio-group: each button says whether it is chosen": (
        '<crowd-radio-group><crowd-radio-button name="tech" value="tech">Technology'
        '</crowd-radio-button><crowd-radio-button name="politics" value="politics">Politics'
        "</crowd-radio-button></crowd-radio-group>",
        lambda frame: [
            frame.get_by_role("radio", name="Technology").click(),
            frame.get_by_role("radio", name="Technology").press("ArrowDown"),
        ],
        {"politics": {"politics": True}, "tech": {"tech": False}},
    ),
    "crowd-radio-button: one name, several values": (
        '<crowd-radio-group><crowd-radio-button name="q" value="a">A</crowd-radio-button>'
        '<crowd-radio-button name="q" value="b" checked>B</crowd-radio-button></crowd-radio-group>',
        lambda frame: frame.get_by_role("radio", name="A").press(" "),
        {"q": {"a": True, "b": False}},
    ),
    "crowd-slider: a number within its bounds": (
        '<p>How much?</p><crowd-slider name="much" min="1" max="10" step="1" pin="true" value="4" '
        "required></crowd-slider>",
        press("How much?", "ArrowRight", "ArrowRight"),
        {"much": 6},
    ),
    "crowd-slider: untouched it is at its least": (
        '<crowd-slider name="much" min="1" max="10" step="0.5"></crowd-slider>',
        lambda frame: None,
        {"much": 1},
    ),
    "crowd-classifier: the label": (
        f"<crowd-classifier {CATEGORIES}><classification-target>Meow</classification-target>"
        "<full-instructions header='All'>Long</full-instructions>"
        "<short-instructions>Short</short-instructions></crowd-classifier>",
        check("Cat"),
        {"kind": {"label": "Cat"}},
    ),
    "crowd-classifier-multi-select: the labels": (
        f"<crowd-classifier-multi-select {CATEGORIES}></crowd-classifier-multi-select>",
        check("Cat", "Dog"),
        {"kind": {"labels": ["Cat", "Dog"]}},
    ),
    "crowd-classifier-multi-select: what excludes the rest": (
        f"""<crowd-classifier-multi-select {CATEGORIES}
        exclusion-category="{{ text: 'No animal' }}"></crowd-classifier-multi-select>""",
        check("Cat", "No animal"),
        {"kind": {"labels": ["No animal"]}},
    ),
    "crowd-image-classifier: the label, and a comment": (
        f"<crowd-image-classifier {CATEGORIES} src='https://pictures.test/cat.png'>"
        "<worker-comment header='Why?'>Say why</worker-comment></crowd-image-classifier>",
        lambda frame: [check("Dog")(frame), frame.get_by_label("Why?").fill("It barks")],
        {"kind": {"label": "Dog", "workerComment": "It barks"}},
    ),
    "HTML's own fields take part": (
        '<input name="country" value="UA"><textarea name="weather">wet</textarea>'
        '<label><input type="radio" name="q" value="1">One</label>'
        '<label><input type="radio" name="q" value="2">Two</label>'
        '<select name="s"><option>x<option selected>y</select>'
        '<input type="hidden" name="assignmentId">',
        check("Two"),
        {"country": "UA", "q": {"1": False, "2": True}, "s": "y", "weather": "wet"},
    ),
    "an element that is not here keeps nobody from submitting": (
        '<crowd-input name="a" value="1"></crowd-input>'
        '<crowd-keypoint name="k" src="x">content</crowd-keypoint>',
        lambda frame: expect(frame.get_by_text("crowd-keypoint")).to_be_visible(),
        {"a": "1"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_element_hands_in_the_documented_json(desk: Desk, case: str) -> None:
    """One answer, taskAnswers, an array with one object, as in AWS's reference of the elements."""
    content, do, expected = CASES[case]
    desk.sit(page(content))
    frame = desk.page.frame_locator("#question")
    do(frame)
    submit(frame)
    answers = desk.wait_submitted()
    assert set(answers) == {"taskAnswers"}
    assert json.loads(answers["taskAnswers"] or "") == [expected]


def test_flattened_answers_are_a_field_each(desk: Desk) -> None:
    """As the columns of MTurk's result files were called."""
    content = (
        f"<crowd-classifier {CATEGORIES}></crowd-classifier>"
        f"<crowd-classifier-multi-select {CATEGORIES.replace('kind', 'more')}>"
        "</crowd-classifier-multi-select>"
        '<crowd-checkbox name="sure" value="yes">Sure</crowd-checkbox>'
    )
    desk.sit(page(content, ' answer-format="flatten-objects"'))
    frame = desk.page.frame_locator("#question")
    frame.get_by_role("radio", name="Dog").check()
    frame.get_by_role("checkbox", name="None").check()
    submit(frame)
    assert desk.wait_submitted() == {
        "kind.label": "Dog",
        "more.labels": '["None"]',
        "sure.yes": "false",
    }


FAULTY = {
    "a required text": ('<crowd-input name="a" label="A" required></crowd-input>', "fill in"),
    "a text too short": (
        '<crowd-input name="a" label="A" value="x" min-length="3"></crowd-input>',
        "at least 3",
    ),
    "a message of the page's own": (
        '<crowd-text-area name="a" required error-message="Do write!"></crowd-text-area>',
        "Do write!",
    ),
    "a required box": ('<crowd-checkbox name="a" required>A</crowd-checkbox>', "tick this box"),
    "no category": (f"<crowd-classifier {CATEGORIES}></crowd-classifier>", "choose a category"),
    "no categories": (
        f"<crowd-classifier-multi-select {CATEGORIES}></crowd-classifier-multi-select>",
        "one category or more",
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_fault_is_said_and_nothing_is_handed_in(desk: Desk, case: str) -> None:
    content, words = FAULTY[case]
    desk.sit(page(content))
    frame = desk.page.frame_locator("#question")
    submit(frame)
    expect(frame.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert desk.site.status(desk.hit_id) == "Unassignable"


def test_a_page_may_fill_its_answers_when_it_is_submitted(desk: Desk) -> None:
    """`onsubmit` runs before, also when a script calls `submit()`; returning false stops it."""
    script = """
      <input type="hidden" name="log" id="log"><button type="button" id="mine">Mine</button>
      <script>
        let tries = 0;
        document.querySelector("crowd-form").onsubmit = () => {
          document.getElementById("log").value = `try ${tries += 1}`;
          return tries > 1;
        };
        const form = document.querySelector("crowd-form");
        document.getElementById("mine").onclick = () => form.submit();
      </script>"""
    desk.sit(page(script))
    frame = desk.page.frame_locator("#question")
    frame.get_by_role("button", name="Mine").click()
    frame.get_by_role("button", name="Mine").click()
    assert desk.wait_submitted() == {"taskAnswers": '[{"log":"try 2"}]'}


def test_in_a_preview_the_button_is_off(desk: Desk) -> None:
    desk.sit(page('<crowd-input name="a"></crowd-input>'), preview=True)
    frame = desk.page.frame_locator("#question")
    expect(frame.get_by_role("button", name="Submit")).to_be_disabled()
    expect(frame.get_by_text("accept the HIT")).to_be_visible()


def test_the_instructions_open_in_a_window_with_tabs(desk: Desk) -> None:
    desk.sit(
        page(
            '<crowd-instructions link-text="View instructions" link-type="button">'
            "<short-summary>In short</short-summary><detailed-instructions>At length"
            "</detailed-instructions><positive-example>Like this</positive-example>"
            "<negative-example>Not so</negative-example></crowd-instructions>"
        )
    )
    frame = desk.page.frame_locator("#question")
    frame.get_by_role("button", name="View instructions").click()
    expect(frame.get_by_text("In short")).to_be_visible()
    expect(frame.get_by_text("At length")).to_be_hidden()
    frame.get_by_role("tab", name="Summary").press("ArrowRight")
    expect(frame.get_by_text("At length")).to_be_visible()
    frame.get_by_role("tab", name="Examples").click()
    expect(frame.get_by_text("Not so")).to_be_visible()
    frame.get_by_role("tab", name="Examples").press("Escape")
    expect(frame.get_by_text("Not so")).to_be_hidden()
