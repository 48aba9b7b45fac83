"""What the console shows of HIT types, HITs and answers, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from marketplace.engine import messages, qualification_requests, requesters
from tests.contracts.console.conftest import query_of

TYPED = {
    "feedback": "x",
    "amount": "1.00",
    "reason": "x",
    "hours": "1",
    "number": "1",
    "event": "Ping",
}
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}"


def requester_id(market: Any) -> str:
    with market.engine.look() as tx:
        return requesters.named(tx, "lab").requester_id


def test_the_overview_has_the_money_and_the_hits_by_state(market: Any, console: Any) -> None:
    market.create_hit(MaxAssignments=2)  # 2 x (0.05 + 0.01) held
    full = market.create_hit(Title="Full")
    market.submit(full["HITId"], "AWORKER1", breed="poodle")  # 0.06 held until it is judged
    deleted = market.create_hit(Title="Gone")
    market.client.update_expiration_for_hit(HITId=deleted["HITId"], ExpireAt=0)
    market.client.delete_hit(HITId=deleted["HITId"])
    assert console.get("/requester/").figures() == {
        "Available": "$99.82",
        "Balance": "$100.00",
        "Held for open work": "$0.18",
        "Assignable": "1",
        "Unassignable": "0",
        "Reviewable": "1",
        "Reviewing": "0",
        "Disposed": "1",
    }


def test_a_hit_type_counts_its_hits_by_state(market: Any, console: Any) -> None:
    hit = market.create_hit(MaxAssignments=2)
    market.create_hit()
    market.submit(market.create_hit()["HITId"], "AWORKER1", breed="poodle")
    (row,) = console.get("/requester/types").texts("tbody tr")
    counts = "2 HITs Assignable 0 1 HITs Reviewable 0 0"
    assert row == f"Which breed? $0.05 {counts}"
    figures = console.get(f"/requester/types/{hit['HITTypeId']}").figures()
    assert (figures["Assignable"], figures["Reviewable"]) == ("2", "1")


def every_page(console: Any, path: str, label: str, selector: str) -> list[list[str]]:
    """The texts of each page, from the first to the last."""
    pages, address = [], path
    while address:
        page = console.get(address)
        assert page.status == 200
        pages.append(page.texts(selector))
        address = page.link(label)
    return pages


@pytest.mark.parametrize(
    ("query", "sizes"),
    [("", [20, 6]), ("?status=Assignable", [20, 5]), ("?status=Reviewable", [1])],
)
def test_hits_are_listed_newest_first_in_pages(
    market: Any, console: Any, query: str, sizes: list[int]
) -> None:
    made = [market.create_hit()["HITId"] for _ in range(26)]
    market.submit(made[3], "AWORKER1", breed="poodle")
    pages = every_page(console, f"/requester/hits{query}", "Older", "tbody th .id")
    assert [len(page) for page in pages] == sizes
    kept = {"": made, "?status=Assignable": made[:3] + made[4:], "?status=Reviewable": made[3:4]}
    assert [hit_id for page in pages for hit_id in page] == kept[query][::-1]


def test_hits_of_one_type_are_listed_by_themselves(market: Any, console: Any) -> None:
    wanted = market.create_hit()
    market.create_hit(Title="Another")
    for query in ("", "&status=Assignable"):
        page = console.get(f"/requester/hits?type={wanted['HITTypeId']}{query}")
        assert page.texts("tbody th .id") == [wanted["HITId"]]


def test_hit_types_are_listed_in_pages(market: Any, console: Any) -> None:
    for number in range(23):
        market.create_hit(Title=f"Number {number}")
        market.advance(seconds=number % 2)  # some at one moment
    pages = every_page(console, "/requester/types", "Older", "tbody th")
    assert [len(page) for page in pages] == [20, 3]
    assert {title for page in pages for title in page} == {f"Number {n}" for n in range(23)}


def test_answers_are_listed_in_pages(market: Any, console: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=30)["HITId"]
    made = [market.submit(hit_id, f"AWORKER{n}", breed=str(n)) for n in range(13)]
    pages = every_page(console, f"/requester/hits/{hit_id}", "More →", "article h3 .id")
    assert pages == [made[:10], made[10:]]


def test_hostile_text_is_shown_as_text(market: Any, console: Any) -> None:
    hit = market.create_hit(
        Title=HOSTILE, Description=HOSTILE, Keywords=HOSTILE, RequesterAnnotation=HOSTILE
    )
    hit_id = hit["HITId"]
    # Names of the answer are hostile too.
    assignment_id = market.accept(hit_id, "AWORKER1")
    market.engine.submit(assignment_id, "AWORKER1", {HOSTILE: HOSTILE})
    market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback=HOSTILE)
    market.client.send_bonus(
        WorkerId="AWORKER1", AssignmentId=assignment_id, BonusAmount="1.00", Reason=HOSTILE
    )
    market.client.create_worker_block(WorkerId="AWORKER1", Reason=HOSTILE)
    with market.engine.act() as tx:
        messages.send_to_requester(tx, "AWORKER1", requester_id(market), HOSTILE, HOSTILE, hit_id)
    for path in (
        "/requester/",
        "/requester/types",
        f"/requester/types/{hit['HITTypeId']}",
        "/requester/hits",
        f"/requester/hits/{hit_id}",
        f"/requester/assignments/{assignment_id}",
        f"/requester/assignments/{assignment_id}/override",
        "/requester/workers/AWORKER1",
        "/requester/workers/AWORKER1/unblock",
        "/requester/messages",
        "/requester/messages/1",
        f"/requester/hits?status={HOSTILE}",
        f"/requester/workers?worker={HOSTILE}",
    ):
        page = console.get(path)
        assert page.status == 200, path
        assert page.all("script") + page.all("img") + page.all("[onerror]") == [], path
    assert HOSTILE in console.get(f"/requester/hits/{hit_id}").texts(".answer dd")[0]


def test_a_crowd_forms_json_becomes_names_and_values(market: Any, console: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    content = [{"sure": True, "box": {"left": 10, "label": "cat"}, "inner": json.dumps({"a": []})}]
    market.submit(hit_id, "AWORKER1", taskAnswers=json.dumps(content))
    assert console.get(f"/requester/hits/{hit_id}").answer() == {
        "sure checked": "yes",
        "box.left": "10",
        "box.label": "cat",
        "inner.a JSON": "[]",
    }


def test_a_long_answer_is_shortened_and_shown_whole_on_its_own_page(
    market: Any, console: Any
) -> None:
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.submit(hit_id, "AWORKER1", story="a" * 5000)
    page = console.get(f"/requester/hits/{hit_id}")
    assert page.answer() == {"story": "a" * 280 + "… 5,000 characters in all"}
    whole = console.get(str(page.link("See the whole answer")))
    assert whole.path == f"/requester/assignments/{assignment_id}"
    assert whole.answer() == {"story": "a" * 5000}


def test_the_question_is_shown_in_a_sandboxed_frame_where_it_is_asked_for(
    market: Any, console: Any
) -> None:
    hit_id = market.create_hit()["HITId"]
    page = console.get(f"/requester/hits/{hit_id}")
    assert page.all("iframe") == []
    shown = console.get(str(page.link("Show the question")))
    (frame,) = shown.all("iframe")
    assert "allow-same-origin" not in frame.get("sandbox")
    assert "ASSIGNMENT_ID_NOT_AVAILABLE" in frame.get("src")
    assert query_of(frame.get("src"))["hitId"] == hit_id


def test_a_deleted_hit_shows_no_answers(market: Any, console: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.submit(hit_id, "AWORKER1", breed="poodle")
    market.client.approve_assignment(AssignmentId=assignment_id)
    market.client.delete_hit(HITId=hit_id)
    page = console.get(f"/requester/hits/{hit_id}")
    assert page.all("article") + page.all(".answer") == []
    assert console.get(f"/requester/assignments/{assignment_id}").status == 404


def test_workers_are_listed_with_what_became_of_their_work(market: Any, console: Any) -> None:
    for number in range(3):
        hit_id = market.create_hit(MaxAssignments=2)["HITId"]
        first = market.submit(hit_id, "AFIRST", breed="poodle")
        if number == 0:
            market.client.reject_assignment(AssignmentId=first, RequesterFeedback="No.")
        if number == 1:
            market.client.approve_assignment(AssignmentId=first)
    market.engine.register_worker("ABLOCKED")
    market.engine.register_worker("AIDLE")
    market.client.create_worker_block(WorkerId="ABLOCKED", Reason="Known from elsewhere")
    rows = console.get("/requester/workers").texts("tbody tr")
    assert rows == ["ABLOCKED 0 0 0 blocked", "AFIRST 1 1 1 no"]
    assert console.get("/requester/workers?worker=aidle").path == "/requester/workers/AIDLE"


def test_workers_are_listed_in_pages(market: Any, console: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=40)["HITId"]
    workers = [f"AWORKER{number:02}" for number in range(23)]
    for worker in workers:
        market.submit(hit_id, worker, breed="poodle")
    pages = every_page(console, "/requester/workers", "Next", "tbody th")
    assert pages == [workers[:20], workers[20:]]


def test_messages_are_listed_and_counted_until_they_are_read(market: Any, console: Any) -> None:
    market.engine.register_worker("AWORKER1")
    with market.engine.act() as tx:
        messages.send_to_requester(tx, "AWORKER1", requester_id(market), "Help", "It is\nbroken.")
    page = console.get("/requester/messages")
    assert page.link("Messages (1)") == "/requester/messages"
    assert page.texts("tbody tr") == ["Help AWORKER1 5 Jan 2026, 10:00 UTC new"]
    assert console.get("/requester/messages/1").texts(".card") == ["It is broken."]
    assert console.get("/requester/messages").link("Messages (1)") is None


@pytest.fixture
def others(market: Any) -> dict[str, str]:
    """Ids of what another requester has."""
    credentials = market.add_requester("other", Decimal("10.00"))
    client = market.client_of(credentials)
    hit = client.create_hit(
        Title="Theirs",
        Description="x",
        Reward="0.05",
        AssignmentDurationInSeconds=60,
        LifetimeInSeconds=600,
        Question=market.html_question,
    )["HIT"]
    assignment_id = market.submit(hit["HITId"], "AWORKER1", breed="poodle")
    type_id = client.create_qualification_type(
        Name="Theirs", Description="x", QualificationTypeStatus="Active"
    )["QualificationType"]["QualificationTypeId"]
    with market.engine.act() as tx:
        qualification_requests.request(tx, "AWORKER1", type_id)
        other = requesters.named(tx, "other").requester_id
        messages.send_to_requester(tx, "AWORKER1", other, "Theirs", "x")
    (request,) = client.list_qualification_requests()["QualificationRequests"]
    return {
        "hit": hit["HITId"],
        "type": hit["HITTypeId"],
        "assignment": assignment_id,
        "request": request["QualificationRequestId"],
    }


THEIRS = [
    "/requester/hits/{hit}",
    "/requester/hits/{hit}?preview=1",
    "/requester/hits?type={type}",
    "/requester/types/{type}",
    "/requester/assignments/{assignment}",
    "/requester/messages/1",
    "/requester/hits/NOSUCH",
    "/requester/workers/ANOBODY",
    "/requester/workers/%00",
    "/requester/messages/99999999999999999999",
]
THEIR_ACTIONS = [
    "/requester/hits/{hit}/expire",
    "/requester/hits/{hit}/prolong",
    "/requester/hits/{hit}/assignments",
    "/requester/hits/{hit}/approve",
    "/requester/hits/{hit}/delete",
    "/requester/types/{type}/test",
    "/requester/assignments/{assignment}/approve",
    "/requester/assignments/{assignment}/reject",
    "/requester/assignments/{assignment}/override",
    "/requester/assignments/{assignment}/bonus",
    "/requester/qualification-requests/{request}/grant",
    "/requester/qualification-requests/{request}/refuse",
    "/requester/workers/ANOBODY/block",
]


def test_what_another_requester_has_is_not_found(console: Any, others: dict[str, str]) -> None:
    for path in THEIRS + THEIR_ACTIONS:
        assert console.get(path.format(**others)).status == 404, path


def test_what_another_requester_has_cannot_be_acted_on(
    console: Any, others: dict[str, str]
) -> None:
    token = console.form_token()
    for path in THEIR_ACTIONS[:-1]:
        page = console.post(path.format(**others), form_token=token, value="1", **TYPED)
        assert page.status == 404, path


def test_lists_hold_nothing_of_another_requester(
    open_console: Callable[..., Any], market: Any, console: Any, others: dict[str, str]
) -> None:
    for path in (
        "/requester/types",
        "/requester/hits",
        "/requester/workers",
        "/requester/messages",
        "/requester/money",
        "/requester/qualification-requests",
    ):
        page = console.get(path)
        assert "Theirs" not in page.text
        assert "AWORKER1" not in page.text
