"""Doing a HIT on the site: accept, work, submit, return, run out of time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.clock import RunningClock
from marketplace.engine import blocks, requesters, work
from marketplace.errors import CannotAccept
from marketplace.site.working import pace
from tests.contracts.visiting import Page, Visitor

ANN = "AWORKER1"


def accept(visitor: Visitor, hit: dict[str, Any], **fields: str) -> Page:
    page = visitor.get(f"/groups/{hit['HITGroupId']}")
    return visitor.send(page, f"/groups/{hit['HITGroupId']}/accept", **fields)


def assignment_of(page: Page) -> str:
    return page.path.removeprefix("/work/")


def test_accepting_leads_to_the_work_with_its_time_left(market: Any) -> None:
    hit = market.create_hit()
    ann = Visitor(market, ANN)
    page = accept(ann, hit)
    assert page.path.startswith("/work/3")
    (frame,) = page.tree.xpath("//div[@id='work']//iframe")
    assert frame.get("src").endswith(f"/frames/work/{assignment_of(page)}")
    assert "allow-same-origin" not in frame.get("sandbox")
    market.advance(minutes=2)
    (clock,) = ann.get(page.path).tree.xpath("//*[@id='clock']")
    assert (clock.get("role"), clock.get("data-seconds"), clock.get("data-speed")) == (
        "timer",
        "480.0",
        "0.0",
    )


def test_the_countdown_runs_at_the_pace_of_the_business_clock() -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert pace(RunningClock(wall_anchor=now, anchor=now, speed=60.0)) == 60.0


def test_the_hit_that_was_looked_at_is_the_one_accepted(market: Any) -> None:
    market.create_hit(MaxAssignments=2)
    second = market.create_hit(MaxAssignments=2)
    ann = Visitor(market, ANN)
    page = accept(ann, second, hit_id=second["HITId"])
    with market.engine.look() as tx:
        assignment = work.own(tx, assignment_of(page), ANN)
    assert assignment is not None
    assert assignment.hit_id == second["HITId"]


def test_where_it_was_taken_meanwhile_the_next_one_is_accepted(market: Any) -> None:
    first, second = market.create_hit(), market.create_hit()
    ann = Visitor(market, ANN)
    page = ann.get(f"/groups/{first['HITGroupId']}")
    market.accept(first["HITId"], "AWORKER2")
    done = ann.send(page, f"/groups/{first['HITGroupId']}/accept")
    assert market.status(second["HITId"]) == "Unassignable"
    assert done.path.startswith("/work/")


def test_a_submission_is_confirmed_and_the_next_hit_offered(market: Any) -> None:
    hit = market.create_hit(AutoApprovalDelayInSeconds=3600)
    market.create_hit(AutoApprovalDelayInSeconds=3600)
    ann = Visitor(market, ANN)
    page = accept(ann, hit)
    assert ann.json(f"{page.path}/state") == {"status": "Accepted"}
    answer = ann.http.post(
        "/mturk/externalSubmit", data={"assignmentId": assignment_of(page), "breed": "pug"}
    )
    assert answer.status_code == 200
    assert ann.json(f"{page.path}/state") == {"status": "Submitted"}
    done = ann.get(page.path)
    assert done.h1 == "Submitted"
    assert "approved by 5 Jan 2026, 11:00 UTC at the latest" in done.main
    assert "1 more HIT of this group is open for you" in done.main
    following = ann.send(done, f"/groups/{hit['HITGroupId']}/accept")
    assert following.path.startswith("/work/")
    assert following.path != page.path


def test_what_one_holds_can_be_resumed_the_most_urgent_first(market: Any) -> None:
    slow = market.create_hit(Title="Slow", AssignmentDurationInSeconds=3600)
    fast = market.create_hit(Title="Fast", AssignmentDurationInSeconds=60)
    ann = Visitor(market, ANN)
    pages = [accept(ann, hit) for hit in (slow, fast)]
    held = ann.get("/work")
    assert held.texts("//main//li//h2") == ["Fast", "Slow"]
    assert held.tree.xpath("//main//li//h2/a/@href") == [page.path for page in reversed(pages)]
    assert "You hold 2 unfinished HITs" in ann.get("/hits").main


def test_a_returned_hit_is_open_again_also_to_the_one_who_returned_it(market: Any) -> None:
    hit = market.create_hit()
    ann = Visitor(market, ANN)
    page = accept(ann, hit)
    returned = ann.send(page, f"{page.path}/return")
    assert returned.h1 == "Returned"
    assert market.status(hit["HITId"]) == "Assignable"
    again = accept(ann, hit)
    assert again.tree.xpath("//*[@id='clock']") != []


def test_a_hit_that_ran_out_of_time_says_so(market: Any) -> None:
    hit = market.create_hit(AssignmentDurationInSeconds=60)
    ann = Visitor(market, ANN)
    page = accept(ann, hit)
    market.advance(seconds=61)
    late = ann.get(page.path)
    assert late.h1 == "The time was up"
    assert "by 5 Jan 2026, 10:01 UTC" in late.main
    assert ann.json(f"{page.path}/state") == {"status": "Abandoned"}
    token = late.form("/sign-out")["form_token"]
    refused = ann.http.post(f"{page.path}/return", data={"form_token": token})
    assert refused.status_code == 409


def test_a_hit_that_expires_in_hand_can_still_be_submitted(market: Any) -> None:
    hit = market.create_hit(LifetimeInSeconds=60, AssignmentDurationInSeconds=600)
    ann = Visitor(market, ANN)
    page = accept(ann, hit)
    market.advance(seconds=120)
    assert ann.get(page.path).tree.xpath("//iframe") != []
    answer = ann.http.post("/mturk/externalSubmit", data={"assignmentId": assignment_of(page)})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["", "/state"])
def test_other_peoples_work_is_not_there(market: Any, path: str) -> None:
    page = accept(Visitor(market, ANN), market.create_hit())
    bob = Visitor(market, "AWORKER2")
    assert bob.get(f"{page.path}{path}").status == 404
    token = bob.get("/hits").form("/sign-out")["form_token"]
    answer = bob.http.post(f"{page.path}/return", data={"form_token": token})
    assert answer.status_code == 409
    assert "AWORKER1" not in answer.text


def test_an_id_that_passed_on_shows_each_worker_their_own_go(market: Any) -> None:
    hit = market.create_hit()
    ann, bob = Visitor(market, ANN), Visitor(market, "AWORKER2")
    page = accept(ann, hit)
    ann.send(page, f"{page.path}/return")
    assert accept(bob, hit).path == page.path
    assert ann.get(page.path).h1 == "Returned"
    assert bob.get(page.path).tree.xpath("//*[@id='clock']") != []


def test_as_many_are_held_as_the_limit_allows(open_market: Callable[..., Any]) -> None:
    market = open_market(held_limit=2)
    hits = [market.create_hit() for _ in range(3)]
    ann = Visitor(market, ANN)
    pages = [accept(ann, hit) for hit in hits[:2]]
    group = ann.get(f"/groups/{hits[2]['HITGroupId']}")
    assert "You hold 2 HITs, the most allowed" in group.main
    token = group.form("/sign-out")["form_token"]
    refused = ann.http.post(f"/groups/{hits[2]['HITGroupId']}/accept", data={"form_token": token})
    assert (refused.status_code, "You hold 2 unfinished HITs" in refused.text) == (409, True)
    ann.send(pages[0], f"{pages[0].path}/return")
    assert accept(ann, hits[2]).status == 200


def test_a_blocked_worker_accepts_nothing_and_submits_what_is_held(market: Any) -> None:
    first, second = market.create_hit(), market.create_hit()
    held = market.accept(first["HITId"], ANN)
    with market.engine.act() as tx:
        blocks.block(tx, requesters.named(tx, "lab").requester_id, ANN, "spam")
    with pytest.raises(CannotAccept, match="does not accept work from you"):
        market.engine.accept(second["HITId"], ANN)
    market.engine.submit(held, ANN, {"breed": "pug"})
    assert market.status(first["HITId"]) == "Reviewable"


def test_many_workers_at_once_get_one_slot_each(market: Any) -> None:
    hits = [market.create_hit() for _ in range(4)]
    people = [Visitor(market, f"AWORKER{number}") for number in range(6)]
    pages = [visitor.get(f"/groups/{hits[0]['HITGroupId']}") for visitor in people]
    got: list[Page] = []

    def take(visitor: Visitor, page: Page) -> None:
        got.append(visitor.send(page, f"/groups/{hits[0]['HITGroupId']}/accept"))

    threads = [threading.Thread(target=take, args=pair) for pair in zip(people, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(page.status for page in got) == [200, 200, 200, 200, 409, 409]
    assert len({page.path for page in got if page.status == 200}) == 4
    assert {market.status(hit["HITId"]) for hit in hits} == {"Unassignable"}


def test_one_worker_twice_at_once_gets_two_hits_never_one_twice(market: Any) -> None:
    hit = market.create_hit(MaxAssignments=2)
    ann = Visitor(market, ANN)
    page = ann.get(f"/groups/{hit['HITGroupId']}")
    fields = page.form(f"/groups/{hit['HITGroupId']}/accept")
    codes: list[int] = []

    def take() -> None:
        answer = ann.http.post(f"/groups/{hit['HITGroupId']}/accept", data=fields)
        codes.append(answer.status_code)

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409, 409]
