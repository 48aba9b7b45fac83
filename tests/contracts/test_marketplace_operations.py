"""All 39 operations: they are there, their lists have pages, and what is another's is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from marketplace.api.app import OPERATIONS
from marketplace.api.validation import API_VERSION, service_model
from marketplace.engine import layouts, qualification_requests, requesters, work

PUBLIC = "shows what is the caller's, or everybody's: there is nothing of another's to ask for"
EXEMPT = {
    "CreateHITType": PUBLIC,
    "CreateQualificationType": PUBLIC,
    "CreateWorkerBlock": PUBLIC,
    "DeleteWorkerBlock": PUBLIC,
    "GetAccountBalance": PUBLIC,
    "GetQualificationType": PUBLIC,
    "ListHITs": PUBLIC,
    "ListHITsForQualificationType": PUBLIC,
    "ListQualificationTypes": PUBLIC,
    "ListReviewableHITs": PUBLIC,
    "ListWorkerBlocks": PUBLIC,
    "NotifyWorkers": PUBLIC,
    "SendTestEventNotification": PUBLIC,
}


@dataclass(frozen=True, kw_only=True)
class Objects:
    """Ids of one of each thing."""

    hit_id: str
    hit_type_id: str
    assignment_id: str
    qualification_type_id: str
    request_id: str
    layout_id: str


def test_the_operations_are_those_of_botocores_model() -> None:
    assert set(OPERATIONS) == set(service_model().operation_names)
    assert len(OPERATIONS) == 39


def test_every_operation_answers(market: Any) -> None:
    """With a result, or a refusal of its own for want of parameters."""
    answers = {}
    for operation in OPERATIONS:
        try:
            getattr(market.client, xform_name(operation))()
        except ClientError as error:
            answers[operation] = error.response["Error"]["Code"]
    refusals = {"ValidationException", "ParameterValidationError"}
    assert {operation: code for operation, code in answers.items() if code not in refusals} == {}
    assert set(OPERATIONS) - set(answers) == {
        "GetAccountBalance",
        "ListHITs",
        "ListQualificationRequests",
        "ListReviewableHITs",
        "ListWorkerBlocks",
    }


# Pages


def test_every_paginator_of_botocore_reads_page_after_page_to_an_empty_one(market: Any) -> None:
    """Three things in pages of two; every page but the empty one has a token."""
    objects = three_of_each(market)
    arguments: dict[str, dict[str, Any]] = {
        "ListAssignmentsForHIT": {"HITId": objects.hit_id},
        "ListBonusPayments": {"HITId": objects.hit_id},
        "ListHITs": {},
        "ListHITsForQualificationType": {"QualificationTypeId": objects.qualification_type_id},
        "ListQualificationRequests": {"QualificationTypeId": objects.qualification_type_id},
        "ListQualificationTypes": {"MustBeRequestable": True, "MustBeOwnedByCaller": True},
        "ListReviewableHITs": {},
        "ListWorkerBlocks": {},
        "ListWorkersWithQualificationType": {"QualificationTypeId": objects.qualification_type_id},
    }
    description = Loader().load_service_model("mturk", "paginators-1", API_VERSION)["pagination"]
    assert set(arguments) == set(description)
    for operation, given in arguments.items():
        paginator = market.client.get_paginator(xform_name(operation))
        pages = list(paginator.paginate(**given, PaginationConfig={"PageSize": 2}))
        elements = [page[description[operation]["result_key"]] for page in pages]
        assert [len(page) for page in elements] == [2, 1, 0], operation
        assert [page["NumResults"] for page in pages] == [2, 1, 0], operation
        assert ["NextToken" in page for page in pages] == [True, True, False], operation
        found = [str(element) for page in elements for element in page]
        assert len(set(found)) == 3, operation


def test_botocores_older_spelling_of_a_method_works(market: Any) -> None:
    objects = three_of_each(market)
    page = market.client.list_hi_ts_for_qualification_type(
        QualificationTypeId=objects.qualification_type_id
    )
    assert page["NumResults"] == 3


# Ownership


def test_what_belongs_to_another_requester_does_not_exist(market: Any) -> None:
    objects = three_of_each(market)
    before = market.client.get_hit(HITId=objects.hit_id)["HIT"]
    other = market.client_of(market.add_requester("other"))
    table = foreign(market, objects)
    assert {operation for operation, _ in table} | set(EXEMPT) == set(OPERATIONS)
    for operation, given in table:
        error = market.refusal(getattr(other, xform_name(operation)), **given)
        assert error["code"] == "RequestError", (operation, error)
        assert "does not exist" in error["message"], (operation, error)
        assert error["turk"] is None or error["turk"].endswith("DoesNotExist"), (operation, error)
    assert market.client.get_hit(HITId=objects.hit_id)["HIT"] == before
    assert other.get_account_balance()["AvailableBalance"] == "100.00"


def foreign(market: Any, objects: Objects) -> list[tuple[str, dict[str, Any]]]:
    """Calls that name something of the first requester's."""
    hit, hit_type = {"HITId": objects.hit_id}, {"HITTypeId": objects.hit_type_id}
    assignment = {"AssignmentId": objects.assignment_id}
    kind = {"QualificationTypeId": objects.qualification_type_id}
    request = {"QualificationRequestId": objects.request_id}
    attributes = {
        "Title": "Which breed?",
        "Description": "Look at a picture.",
        "Reward": "0.05",
        "AssignmentDurationInSeconds": 600,
        "LifetimeInSeconds": 600,
    }
    question = {"LifetimeInSeconds": 600, "Question": market.html_question}
    notification = {
        "Destination": "https://sqs.us-east-1.amazonaws.com/123456789012/hits",
        "Transport": "SQS",
        "Version": "2014-08-15",
        "EventTypes": ["HITReviewable"],
    }
    bonus = {"WorkerId": "A1", "BonusAmount": "0.01", "Reason": "Thanks."}
    return [
        ("AcceptQualificationRequest", request),
        ("ApproveAssignment", assignment),
        ("AssociateQualificationWithWorker", {**kind, "WorkerId": "A1"}),
        ("CreateAdditionalAssignmentsForHIT", {**hit, "NumberOfAdditionalAssignments": 1}),
        ("CreateHIT", {**attributes, "HITLayoutId": objects.layout_id}),
        ("CreateHITWithHITType", {**hit_type, **question}),
        ("DeleteHIT", hit),
        ("DeleteQualificationType", kind),
        ("DisassociateQualificationFromWorker", {**kind, "WorkerId": "A1"}),
        ("GetAssignment", assignment),
        ("GetFileUploadURL", {**assignment, "QuestionIdentifier": "breed"}),
        ("GetHIT", hit),
        ("GetQualificationScore", {**kind, "WorkerId": "A1"}),
        ("ListAssignmentsForHIT", hit),
        ("ListBonusPayments", hit),
        ("ListBonusPayments", assignment),
        ("ListQualificationRequests", kind),
        ("ListReviewPolicyResultsForHIT", hit),
        ("ListWorkersWithQualificationType", kind),
        ("RejectAssignment", {**assignment, "RequesterFeedback": ""}),
        ("RejectQualificationRequest", request),
        ("SendBonus", {**assignment, **bonus}),
        ("UpdateExpirationForHIT", {**hit, "ExpireAt": 0}),
        ("UpdateHITReviewStatus", hit),
        ("UpdateHITTypeOfHIT", {**hit, **hit_type}),
        ("UpdateNotificationSettings", {**hit_type, "Notification": notification}),
        ("UpdateQualificationType", {**kind, "Description": "Mine."}),
    ]


# Uploaded files


@pytest.mark.parametrize("status", ["held", "submitted"])
def test_no_answer_holds_an_uploaded_file(market: Any, status: str) -> None:
    hit_id = market.create_hit()["HITId"]
    one = market.accept(hit_id, "A1") if status == "held" else market.submit(hit_id, "A1", a="x")
    error = market.refusal(
        market.client.get_file_upload_url, AssignmentId=one, QuestionIdentifier="a"
    )
    if status == "held":
        assert error["turk"] == "AWS.MechanicalTurk.InvalidAssignmentState"
    else:
        assert error["code"] == "ParameterValidationError"
        assert error["message"].startswith(
            'The value "a" is not valid for the parameter QuestionIdentifier'
        )


# What there is to list


def three_of_each(market: Any) -> Objects:
    """Three of whatever has a list: HITs that require a type, assignments, bonuses, requests, …"""
    client = market.client
    types = [
        client.create_qualification_type(
            Name=f"type {number}", Description="x", QualificationTypeStatus="Active"
        )["QualificationType"]["QualificationTypeId"]
        for number in range(3)
    ]
    workers = ["A1", "A2", "A3"]
    for worker in workers:
        market.engine.register_worker(worker)
        client.associate_qualification_with_worker(QualificationTypeId=types[0], WorkerId=worker)
    requirement = {"QualificationTypeId": types[0], "Comparator": "Exists"}
    posted = [
        market.create_hit(MaxAssignments=3, QualificationRequirements=[requirement])
        for _ in range(3)
    ]
    assignments = [
        market.submit(hit["HITId"], worker, breed="norfolk") for hit in posted for worker in workers
    ]
    for worker, assignment_id in zip(workers, assignments, strict=False):
        client.send_bonus(
            WorkerId=worker, AssignmentId=assignment_id, BonusAmount="0.01", Reason="Thanks."
        )
    with market.engine.act() as tx:
        for worker in ("A4", "A5", "A6"):
            work.register(tx, worker)
            qualification_requests.request(tx, worker, types[0])
        lab = requesters.named(tx, "lab").requester_id
        layout_id = layouts.add(tx, lab, "breeds", "<p>Which breed?</p>", 0).layout_id
    for worker in workers:
        client.create_worker_block(WorkerId=worker, Reason="Guesses.")
    requests = client.list_qualification_requests()["QualificationRequests"]
    return Objects(
        hit_id=posted[0]["HITId"],
        hit_type_id=posted[0]["HITTypeId"],
        assignment_id=assignments[0],
        qualification_type_id=types[0],
        request_id=requests[0]["QualificationRequestId"],
        layout_id=layout_id,
    )
