"""Templates in the style of those that requesters have, unchanged, each submitted in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Desk, Site, html_question

pytestmark = pytest.mark.browser

FIELD = '<label>Breed <input name="breed"></label>'
HIDDEN = '<input type="hidden" name="assignmentId" id="assignmentId" value="">'
GUP = """
  function gup(name) {
    var found = new RegExp("[\\\\?&]" + name + "=([^&#]*)").exec(window.location.href);
    return found == null ? "" : found[1];
  }"""

TEMPLATES = {
    "externalHIT_v1.js fills the form": f"""<!DOCTYPE html><html><head>
        <script src='https://s3.amazonaws.com/mturk-public/externalHIT_v1.js'></script></head><body>
        <form name='mturk_form' method='post' id='mturk_form'
          action='https://www.mturk.com/mturk/externalSubmit'>{HIDDEN}{FIELD}
        <input type='submit' id='submitButton' value='Submit'></form>
        <script language='Javascript'>turkSetAssignmentID();</script></body></html>""",
    "the address is joined from turkSubmitTo, undecoded": f"""<form id="f" method="post">{HIDDEN}
        {FIELD}<button>Submit</button></form><script>{GUP}
        document.getElementById("assignmentId").value = gup("assignmentId");
        document.getElementById("f").action = gup("turkSubmitTo") + "/mturk/externalSubmit";
        </script>""",
    "the address is chosen by the referrer": f"""<form id="f" method="post">{HIDDEN}{FIELD}
        <button>Submit</button></form><script>{GUP}
        document.getElementById("assignmentId").value = gup("assignmentId");
        var sandbox = document.referrer && document.referrer.indexOf("workersandbox") != -1;
        document.getElementById("f").action = "https://" + (sandbox ? "workersandbox" : "www")
          + ".mturk.com" + "/mturk/externalSubmit";</script>""",
    "a handler sets the address at the last moment": f"""<form id="f" method="post">{HIDDEN}{FIELD}
        <button>Submit</button></form><script>
        document.getElementById("f").addEventListener("submit", function () {{
          var told = new URLSearchParams(location.search), parts = ["mturk", "externalSubmit"];
          this.elements.assignmentId.value = told.get("assignmentId");
          this.setAttribute("action", "https://www.mturk.com/" + parts.join("/"));
        }});</script>""",
    "a field called submit, and one called action": f"""<form id="f" method="post" target="_top"
        action="http://www.mturk.com/mturk/externalSubmit">{HIDDEN}{FIELD}
        <input type="hidden" name="action" value="go">
        <input type="submit" name="submit" value="Submit">
        </form><script>{GUP}
        document.getElementById("assignmentId").value = gup("assignmentId");</script>""",
    "a script submits a form that it made": f"""{FIELD}<button onclick="send()">Submit</button>
        <script>{GUP}
        function send() {{
          var form = document.createElement("form");
          form.method = "POST";
          form.action = decodeURIComponent(gup("turkSubmitTo")) + "/mturk/externalSubmit";
          var breed = document.querySelector("input").value;
          var all = {{assignmentId: gup("assignmentId"), breed: breed}};
          for (var name in all) {{
            var field = document.createElement("input");
            field.type = "hidden"; field.name = name; field.value = all[name];
            form.appendChild(field);
          }}
          document.body.appendChild(form);
          form.submit();
        }}</script>""",
    "the frame is led to the address": f"""{FIELD}<button onclick="send()">Submit</button>
        <script>{GUP}
        function send() {{
          var answers = "breed=" + escape(document.querySelector("input").value);
          window.location.href = gup("turkSubmitTo") + "/mturk/externalSubmit?" + answers
            + "&assignmentId=" + gup("assignmentId");
        }}</script>""",
    "XMLHttpRequest, as jQuery posts": f"""{FIELD}<button onclick="send()">Submit</button>
        <script>{GUP}
        function send() {{
          var request = new XMLHttpRequest();
          request.open("POST", "https://workersandbox.mturk.com" + "/mturk/externalSubmit", true);
          request.setRequestHeader("Content-Type",
            "application/x-www-form-urlencoded; charset=UTF-8");
          request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
          request.send("assignmentId=" + gup("assignmentId") + "&breed="
            + encodeURIComponent(document.querySelector("input").value));
        }}</script>""",
    "fetch with a FormData": f"""<form id="f">{HIDDEN}{FIELD}</form>
        <button onclick="send()">Submit</button><script>
        async function send() {{
          const fields = new FormData(document.getElementById("f"));
          fields.set("assignmentId", new URLSearchParams(location.search).get("assignmentId"));
          await fetch("https://www.mturk.com" + "/mturk/externalSubmit",
            {{method: "POST", body: fields, credentials: "include", mode: "no-cors"}});
        }}</script>""",
    "from the root, with storage and cookies": f"""<html><body>
        <form action="/mturk/externalSubmit" method="post">{HIDDEN}{FIELD}
        <input type="submit" value="Submit"></form><script>
        localStorage.setItem("visits", Number(localStorage.visits || 0) + 1);
        sessionStorage.id = new URLSearchParams(location.search).get("assignmentId");
        document.cookie = "seen=yes; path=/";
        if (localStorage.length === 1 && document.cookie === "seen=yes" && "id" in sessionStorage)
          document.forms[0].elements.assignmentId.value = sessionStorage.getItem("id");
        </script></body></html>""",
    "a button with an address of its own": f"""<form method="post">{HIDDEN}{FIELD}
        <button formaction="https://www.mturk.com/mturk/externalSubmit">Submit</button></form>
        <script>{GUP}
        document.getElementById("assignmentId").value = gup("assignmentId");</script>""",
    "submitted when a timer says so": f"""<form id="f" action="mturk/externalSubmit" method="post">
        {HIDDEN}{FIELD}</form><button onclick="setTimeout(send)">Submit</button><script>{GUP}
        function send() {{
          document.getElementById("assignmentId").value = gup("assignmentId");
          HTMLFormElement.prototype.requestSubmit.call(document.getElementById("f"));
        }}</script>""",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_submits_here(desk: Desk, name: str) -> None:
    desk.sit(html_question(TEMPLATES[name]))
    frame = desk.page.frame_locator("#question")
    frame.get_by_label("Breed").fill("Norwich — é")
    frame.get_by_role("button", name="Submit").click()
    answers = desk.wait_submitted()
    if "escape(" in TEMPLATES[name] and "location.href =" in TEMPLATES[name]:
        assert answers["breed"].startswith("Norwich")  # `escape` never knew more than Latin letters
    else:
        assert answers["breed"] == "Norwich — é"
    assert set(answers) <= {"breed", "action", "submit"}


@pytest.mark.parametrize("name", ["externalHIT_v1.js fills the form"])
def test_in_a_preview_amazons_script_switches_the_button_off(desk: Desk, name: str) -> None:
    desk.sit(html_question(TEMPLATES[name]), preview=True)
    button = desk.page.frame_locator("#question").get_by_role("button")
    expect(button).to_be_disabled()
    expect(button).to_have_value("You must ACCEPT the HIT before you can submit the results.")


def test_a_preview_that_is_submitted_says_why_not(desk: Desk) -> None:
    template = TEMPLATES["the address is joined from turkSubmitTo, undecoded"]
    desk.sit(html_question(template), preview=True)
    frame = desk.page.frame_locator("#question")
    frame.get_by_role("button", name="Submit").click()
    expect(frame.get_by_text("accept the HIT before you submit")).to_be_visible()


@pytest.mark.parametrize(("given", "shown"), [(0, 1508), (350, 350)])
def test_a_frame_is_as_tall_as_was_asked_for(desk: Desk, given: int, shown: int) -> None:
    """Zero: as tall as the page, 1500 pixels and the margin of 8, whenever it grows."""
    content = """<!DOCTYPE html><body style="margin: 0 0 8px">
      <div id="d" style="height: 900px"></div><script>
      setTimeout(() => { document.getElementById("d").style.height = "1500px"; }, 50)</script>"""
    desk.sit(html_question(content, height=given))
    frame = desk.page.locator("#question")
    expect(frame).to_have_js_property("clientHeight", shown)


def work(desk: Desk, question: str) -> Page:
    """The HIT on the site's own page."""
    desk.sit(question)
    desk.page.goto(f"{desk.site.url}/work/{desk.assignment_id}")
    return desk.page


def test_the_works_page_goes_on_after_a_submission(desk: Desk) -> None:
    page = work(desk, html_question(TEMPLATES["externalHIT_v1.js fills the form"]))
    frame = page.frame_locator("#question")
    frame.get_by_label("Breed").fill("Norfolk")
    frame.get_by_role("button", name="Submit").click()
    expect(page.locator("#question")).to_have_count(0)
    assert page.url == f"{desk.site.url}/work/{desk.assignment_id}"
    assert desk.site.answers(desk.hit_id)["breed"] == "Norfolk"


def test_reloading_the_page_in_the_frame_works(desk: Desk, site: Site) -> None:
    """It sends no session then: the pass in its address is enough."""
    page = work(desk, html_question(f"<p id='n'>{FIELD}</p>"))
    frame = page.frame_locator("#question")
    frame.get_by_label("Breed").fill("x")
    frame.locator("#n").evaluate("() => { location.reload(); }")
    expect(frame.get_by_label("Breed")).to_have_value("")
