"""Qualifications on the site: asking, taking a test, being told why not."""

from __future__ import annotations

from typing import Any

from tests.contracts.qualifying import KEY, TEST, create
from tests.contracts.visiting import Page, Visitor

ANN = "AWORKER1"


def start(visitor: Visitor, type_id: str) -> Page:
    page = visitor.get(f"/qualifications/{type_id}")
    return visitor.send(page, f"/qualifications/{type_id}/test")


def test_a_requestable_qualification_is_found_and_its_request_waits(market: Any) -> None:
    cats = create(market.client, Description="Knows <cats>")["QualificationTypeId"]
    create(market.client, "Dogs", Description="Knows dogs")
    ann = Visitor(market, ANN)
    found = ann.get("/qualifications/all?search=cats")
    assert found.texts("//main//li//h2") == ["Cats"]
    page = ann.get(f"/qualifications/{cats}")
    assert "Knows <cats>" in page.main
    waiting = ann.send(page, f"/qualifications/{cats}/request")
    assert "wait for the requester's answer" in waiting.main
    assert ann.get("/qualifications").texts("//main//li//span[1]") == ["Waiting"]


def test_what_is_granted_at_once_shows_its_score(market: Any) -> None:
    cats = create(market.client, AutoGranted=True, AutoGrantedValue=7)["QualificationTypeId"]
    ann = Visitor(market, ANN)
    page = ann.send(ann.get(f"/qualifications/{cats}"), f"/qualifications/{cats}/request")
    assert "with a score of 7" in page.main
    assert ann.get("/qualifications").texts("(//tbody)[1]/tr/td")[0] == "7"


def test_a_rejected_request_shows_the_reason_and_when_to_try_again(market: Any) -> None:
    cats = create(market.client, RetryDelayInSeconds=3600)["QualificationTypeId"]
    ann = Visitor(market, ANN)
    ann.send(ann.get(f"/qualifications/{cats}"), f"/qualifications/{cats}/request")
    (request,) = market.client.list_qualification_requests()["QualificationRequests"]
    market.client.reject_qualification_request(
        QualificationRequestId=request["QualificationRequestId"], Reason="Not <i>yet</i>"
    )
    page = ann.get(f"/qualifications/{cats}")
    assert "Not <i>yet</i>" in page.main
    assert "again from 2026-01-05 11:00 UTC" in page.main
    assert page.tree.xpath("//main//form") == []
    market.advance(hours=1)
    assert ann.get(f"/qualifications/{cats}").tree.xpath("//main//form") != []


def test_a_test_is_taken_scored_and_opens_the_hits_that_need_it(market: Any) -> None:
    cats = create(market.client, Test=TEST, AnswerKey=KEY, TestDurationInSeconds=600)
    type_id = cats["QualificationTypeId"]
    requirement = {
        "QualificationTypeId": type_id,
        "Comparator": "GreaterThanOrEqualTo",
        "IntegerValues": [7],
    }
    hit = market.create_hit(QualificationRequirements=[requirement])
    group = f"/groups/{hit['HITGroupId']}"
    ann = Visitor(market, ANN)
    lacking = ann.get(group)
    assert f"/qualifications/{type_id}" in lacking.tree.xpath("//main//a/@href")
    assert lacking.tree.xpath("//main//form") == []
    page = start(ann, type_id)
    assert page.path == f"/qualifications/{type_id}/test"
    assert page.tree.xpath("//*[@id='clock']/@data-seconds") == ["600.0"]
    passed = ann.send(page, f"/qualifications/{type_id}/answers", **{"answer.1": "yes"})
    assert "with a score of 7" in passed.main
    assert ann.get(group).tree.xpath("//main//form") != []


def test_a_test_can_be_left_and_gone_on_with_until_its_time_is_up(market: Any) -> None:
    type_id = create(market.client, Test=TEST, TestDurationInSeconds=600)["QualificationTypeId"]
    ann = Visitor(market, ANN)
    page = start(ann, type_id)
    market.advance(minutes=4)
    (resume,) = ann.get(f"/qualifications/{type_id}").tree.xpath("//a[@class='button']/@href")
    assert ann.get(resume).tree.xpath("//*[@id='clock']/@data-seconds") == ["360.0"]
    market.advance(minutes=7)
    late = ann.send(page, f"/qualifications/{type_id}/answers", **{"answer.1": "yes"})
    assert late.path == f"/qualifications/{type_id}"
    assert "can be requested only once" in late.main


def test_a_test_that_is_not_filled_in_is_shown_again(market: Any) -> None:
    required = TEST.replace(
        "</QuestionIdentifier>", "</QuestionIdentifier><IsRequired>true</IsRequired>", 1
    )
    type_id = create(market.client, Test=required, TestDurationInSeconds=600)["QualificationTypeId"]
    ann = Visitor(market, ANN)
    page = start(ann, type_id)
    again = ann.send(page, f"/qualifications/{type_id}/answers")
    assert (again.status, "Please answer this question." in again.main) == (422, True)
    sent = ann.send(again, f"/qualifications/{type_id}/answers", **{"answer.1": "no"})
    assert "wait for the requester's answer" in sent.main


def test_the_systems_own_values_are_shown(market: Any) -> None:
    market.submit(market.create_hit(AutoApprovalDelayInSeconds=0)["HITId"], ANN, breed="pug")
    page = Visitor(market, ANN).get("/qualifications")
    values = dict(zip(page.texts("//tbody//th"), page.texts("//tbody//td[2]"), strict=True))
    assert values["Worker_NumberHITsApproved"] == "1"
    assert values["Worker_PercentAssignmentsApproved"] == "100"
    assert values["Worker_Locale"] == "none"


def test_a_qualification_that_is_not_there_is_not_found(market: Any) -> None:
    assert Visitor(market, ANN).get("/qualifications/3NONE").status == 404
