"""What a requester does in the console, seen through the API, and refusals in the API's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.engine import messages, qualification_requests, requesters


@pytest.fixture
def hit_id(market: Any) -> str:
    return str(market.create_hit(MaxAssignments=3)["HITId"])


@pytest.fixture
def assignment_id(market: Any, hit_id: str) -> str:
    return str(market.submit(hit_id, "AWORKER1", breed="poodle"))


def of(market: Any, assignment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = market.client.get_assignment(AssignmentId=assignment_id)["Assignment"]
    return found


def notice(page: Any) -> list[str]:
    """What is said to have been done."""
    return list(page.texts("[role=status]"))


def alert(page: Any) -> list[str]:
    """What went wrong, and not the time that the API appends."""
    return [re.sub(r" \(\d+\)$", "", text) for text in page.texts("[role=alert]")]


def test_a_click_approves_and_comes_back_to_the_answer(
    market: Any, console: Any, hit_id: str, assignment_id: str
) -> None:
    page = console.get(f"/requester/hits/{hit_id}")
    after = console.send(page, f"/requester/assignments/{assignment_id}/approve")
    assert (after.path, notice(after)) == (f"/requester/hits/{hit_id}", ["Approved."])
    assert after.response.history[0].headers["location"].endswith(f"#{assignment_id}")
    assert of(market, assignment_id)["AssignmentStatus"] == "Approved"
    assert market.balance() == "99.82"  # 3 x 0.06, of which one was paid
    assert notice(console.get(f"/requester/hits/{hit_id}")) == []


def test_approving_with_feedback_tells_the_worker(
    market: Any, console: Any, assignment_id: str
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/approve")
    console.send(page, feedback="Well\r\nseen, déjà vu")
    found = of(market, assignment_id)
    assert (found["AssignmentStatus"], found["RequesterFeedback"]) == (
        "Approved",
        "Well\nseen, déjà vu",
    )


def test_a_rejection_asks_first_and_wants_a_reason(
    market: Any, console: Any, hit_id: str, assignment_id: str
) -> None:
    address = console.get(f"/requester/hits/{hit_id}").link("Reject…")
    page = console.get(str(address))
    assert "The worker is not paid" in page.text
    assert of(market, assignment_id)["AssignmentStatus"] == "Submitted"
    refused = console.send(page, feedback="  ")
    assert (refused.status, alert(refused)) == (409, ["The reason must not be empty."])
    after = console.send(refused, feedback="No breed.")
    assert (after.path, notice(after)) == (f"/requester/hits/{hit_id}", ["Rejected."])
    assert of(market, assignment_id)["RequesterFeedback"] == "No breed."


def test_a_rejection_can_be_overridden_for_thirty_days(
    market: Any, console: Any, hit_id: str, assignment_id: str
) -> None:
    market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback="No.")
    page = console.get(f"/requester/hits/{hit_id}")
    address = str(page.link("Override the rejection…"))
    market.advance(days=30)
    console.sign_in(market.credentials.access_key_id, market.credentials.secret_access_key)
    console.send(console.get(address))
    assert of(market, assignment_id)["AssignmentStatus"] == "Approved"


def test_after_thirty_days_a_rejection_stands(
    market: Any, console: Any, hit_id: str, assignment_id: str
) -> None:
    market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback="No.")
    market.advance(days=30, seconds=1)
    console.sign_in(market.credentials.access_key_id, market.credentials.secret_access_key)
    assert console.get(f"/requester/hits/{hit_id}").link("Override the rejection…") is None
    page = console.send(console.get(f"/requester/assignments/{assignment_id}/override"))
    assert alert(page) == ["This operation can be called with a status of: Submitted"]


def test_a_bonus_is_paid_once_however_often_its_form_is_sent(
    market: Any, console: Any, assignment_id: str
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/bonus")
    assert notice(console.send(page, amount="$1.50", reason="Careful")) == ["The bonus was paid."]
    again = console.send(page, amount="$1.50", reason="Careful")
    assert "has already been processed." in alert(again)[0]
    (paid,) = market.client.list_bonus_payments(AssignmentId=assignment_id)["BonusPayments"]
    assert (paid["BonusAmount"], paid["Reason"], paid["WorkerId"]) == (
        "1.50",
        "Careful",
        "AWORKER1",
    )
    assert market.balance() == "98.02"  # 100 - 3 x 0.06 held - 1.50 - 0.30 fee


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("", "Amount must not be empty."),
        ("1,50", "Value '1,50' at 'bonusAmount' failed to satisfy constraint"),
        ("-1", "Value '-1' at 'bonusAmount' failed to satisfy constraint"),
        ("0", 'The value "0" is not valid for the parameter BonusAmount.'),
        ("5000", "This Requester has insufficient funds in their account"),
    ],
)
def test_a_bonus_that_cannot_be_is_refused_with_what_was_typed(
    console: Any, assignment_id: str, amount: str, told: str
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/bonus")
    refused = console.send(page, amount=amount, reason="<b>Careful</b>")
    assert refused.status == 409
    assert told in alert(refused)[0]
    assert refused.texts("textarea") == ["<b>Careful</b>"]
    assert refused.all("input[name=amount]")[0].get("value") == amount


def test_what_waits_can_be_approved_at_once(market: Any, console: Any, hit_id: str) -> None:
    made = [market.submit(hit_id, f"AWORKER{number}", breed="x") for number in range(3)]
    market.client.reject_assignment(AssignmentId=made[1], RequesterFeedback="No.")
    page = console.get(str(console.get(f"/requester/hits/{hit_id}").link("Approve all 2…")))
    assert "$0.12" in page.text
    after = console.send(page)
    assert notice(after) == ["Approved 2."]
    states = [of(market, assignment_id)["AssignmentStatus"] for assignment_id in made]
    assert states == ["Approved", "Rejected", "Approved"]


def test_judging_twice_is_refused_in_the_apis_words(
    market: Any, console: Any, assignment_id: str
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/reject")
    market.client.approve_assignment(AssignmentId=assignment_id)
    refused = console.send(page, feedback="Kept?")
    assert alert(refused) == ["This operation can be called with a status of: Submitted"]
    assert refused.texts("textarea") == ["Kept?"]


def test_a_hit_can_be_expired_prolonged_and_extended(
    market: Any, console: Any, hit_id: str
) -> None:
    def expiration() -> Any:
        return market.client.get_hit(HITId=hit_id)["HIT"]["Expiration"]

    first = expiration()
    console.send(console.get(f"/requester/hits/{hit_id}/prolong"), hours="2")
    assert (expiration() - first).total_seconds() == 7200
    page = console.get(str(console.get(f"/requester/hits/{hit_id}").link("Expire…")))
    assert market.status(hit_id) == "Assignable"
    assert notice(console.send(page)) == ["The HIT expired."]
    assert market.status(hit_id) == "Reviewable"
    console.send(console.get(f"/requester/hits/{hit_id}/assignments"), number="2")
    found = market.client.get_hit(HITId=hit_id)["HIT"]
    assert (found["MaxAssignments"], found["HITStatus"]) == (5, "Reviewable")
    market.advance(minutes=1)
    console.send(console.get(f"/requester/hits/{hit_id}/prolong"), hours="1")
    assert market.status(hit_id) == "Assignable"
    assert (expiration() - market.clock.now()).total_seconds() in {3600, 3601}


@pytest.mark.parametrize(
    ("action", "typed", "told"),
    [
        ("prolong", {"hours": "0"}, "Hours: '0' is no whole number from 1 to 8,760."),
        ("prolong", {"hours": "two"}, "Hours: 'two' is no whole number from 1 to 8,760."),
        ("assignments", {"number": "7"}, "was created with fewer than 10 assignments"),
        ("assignments", {"number": "-1"}, "Assignments: '-1' is no whole number"),
        ("delete", {}, "This HIT is currently in the state 'Assignable'."),
    ],
)
def test_what_a_hit_does_not_allow_is_refused(
    console: Any, hit_id: str, action: str, typed: dict[str, str], told: str
) -> None:
    page = console.send(console.get(f"/requester/hits/{hit_id}/{action}"), **typed)
    assert page.status == 409
    assert told in alert(page)[0]


def test_a_deletion_asks_first_and_leads_to_the_list(
    market: Any, console: Any, hit_id: str
) -> None:
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    page = console.get(f"/requester/hits/{hit_id}/delete")
    assert market.status(hit_id) == "Reviewable"
    after = console.send(page)
    assert (after.path, notice(after)) == ("/requester/hits", ["The HIT was deleted."])
    assert market.status(hit_id) == "Disposed"


def test_a_worker_is_blocked_and_unblocked(
    market: Any, console: Any, hit_id: str, assignment_id: str
) -> None:
    console.send(console.get("/requester/workers/AWORKER1/block"), reason="Careless")
    (blocked,) = market.client.list_worker_blocks()["WorkerBlocks"]
    assert blocked == {"WorkerId": "AWORKER1", "Reason": "Careless"}
    assert "Careless" in console.get("/requester/workers/AWORKER1").text
    console.send(console.get("/requester/workers/AWORKER1/unblock"))
    assert market.client.list_worker_blocks()["WorkerBlocks"] == []


def test_a_message_reaches_a_worker_whose_work_was_judged_or_who_wrote(
    market: Any, console: Any, assignment_id: str
) -> None:
    address = "/requester/workers/AWORKER1/message"
    refused = console.send(console.get(address), subject="Thanks", text="Well done.")
    assert "neither done work for you nor written to you" in alert(refused)[0]
    with market.engine.act() as tx:
        lab = requesters.named(tx, "lab").requester_id
        messages.send_to_requester(tx, "AWORKER1", lab, "Help", "It is broken.")
    reply = console.get(str(console.get("/requester/messages/1").link("Reply…")))
    after = console.send(reply, subject="Thanks", text="Try\r\nagain.")
    assert (after.path, notice(after)) == ("/requester/messages/1", ["The message was sent."])
    with market.engine.look() as tx:
        (got,) = messages.inbox_of_worker(tx, "AWORKER1")
    assert (got.subject, got.body) == ("Thanks", "Try\nagain.")


@pytest.fixture
def asked(market: Any) -> str:
    """The id of a qualification type that AWORKER1 asked for."""
    market.engine.register_worker("AWORKER1")
    kind = market.client.create_qualification_type(
        Name="Dogs", Description="Knows dogs", QualificationTypeStatus="Active"
    )["QualificationType"]["QualificationTypeId"]
    with market.engine.act() as tx:
        qualification_requests.request(tx, "AWORKER1", kind)
    return str(kind)


def test_a_request_for_a_qualification_is_granted_with_a_value(
    market: Any, console: Any, asked: str
) -> None:
    page = console.get("/requester/qualification-requests")
    assert page.texts("article h2") == ["Dogs"]
    after = console.send(console.get(str(page.link("Grant…"))), value="85")
    assert (after.path, after.texts("article")) == ("/requester/qualification-requests", [])
    score = market.client.get_qualification_score(QualificationTypeId=asked, WorkerId="AWORKER1")
    assert score["Qualification"]["IntegerValue"] == 85


def test_a_request_for_a_qualification_is_refused(market: Any, console: Any, asked: str) -> None:
    page = console.get("/requester/qualification-requests")
    form = console.get(str(page.link("Refuse…")))
    assert notice(console.send(form, reason="Later.")) == ["The request was refused."]
    assert market.client.list_qualification_requests()["QualificationRequests"] == []
    again = console.send(form, reason="Later.")
    assert (again.status, "This operation can be called" in again.text) == (409, True)


@pytest.mark.parametrize("value", ["", "high", "1.5", "99999999999"])
def test_a_value_that_is_no_number_is_refused(console: Any, asked: str, value: str) -> None:
    address = str(console.get("/requester/qualification-requests").link("Grant…"))
    page = console.send(console.get(address), value=value)
    assert page.status == 409
    assert alert(page) != [""]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/hits", ""])
def test_an_action_leads_nowhere_else(
    market: Any, console: Any, assignment_id: str, back: str
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/approve")
    after = console.send(page, back=back)
    assert after.path == "/requester/"


def test_text_with_characters_that_no_database_takes_is_taken_without_them(
    market: Any, console: Any, assignment_id: str, open_console: Callable[..., Any]
) -> None:
    page = console.get(f"/requester/assignments/{assignment_id}/approve")
    console.send(page, feedback="a\x00b")
    assert of(market, assignment_id)["RequesterFeedback"] == "ab"
