"""Work: what workers may do, what requesters see of it, and how it is judged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.clock import SetClock
from marketplace.engine import CannotAccept, CannotWork, Engine
from marketplace.settings import Settings
from marketplace.store import Store

NO_SUCH = "AWS.MechanicalTurk.AssignmentDoesNotExist"
WRONG_STATE = "AWS.MechanicalTurk.InvalidAssignmentState"


def test_a_submitted_assignment_shows_its_answer_and_times(market: Any) -> None:
    """Auto-approval counts from the submission; there is no Deadline."""
    hit_id = market.create_hit(AutoApprovalDelayInSeconds=3600)["HITId"]
    assignment_id = market.accept(hit_id, "AWORKER1")
    market.advance(seconds=90.25)
    market.engine.submit(assignment_id, "AWORKER1", {"breed": "Norfolk & café", "note": ""})
    [assignment] = market.client.list_assignments_for_hit(HITId=hit_id)["Assignments"]
    answer = assignment.pop("Answer")
    assert assignment == {
        "AssignmentId": assignment_id,
        "WorkerId": "AWORKER1",
        "HITId": hit_id,
        "AssignmentStatus": "Submitted",
        "AcceptTime": datetime(2026, 1, 5, 10, tzinfo=UTC),
        "SubmitTime": datetime(2026, 1, 5, 10, 1, 30, 250_000, tzinfo=UTC),
        "AutoApprovalTime": datetime(2026, 1, 5, 11, 1, 30, 250_000, tzinfo=UTC),
    }
    assert answer == (
        '<?xml version="1.0" encoding="ASCII"?><QuestionFormAnswers xmlns="http://'
        "mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/"
        'QuestionFormAnswers.xsd"><Answer><QuestionIdentifier>breed</QuestionIdentifier>'
        "<FreeText>Norfolk &amp; caf&#233;</FreeText></Answer><Answer><QuestionIdentifier>note"
        "</QuestionIdentifier><FreeText/></Answer></QuestionFormAnswers>"
    )


def test_held_work_is_invisible(market: Any) -> None:
    """GetAssignment names the internal states; returned work does not exist."""
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.accept(hit_id, "A1")
    get = market.client.get_assignment
    assert market.client.list_assignments_for_hit(HITId=hit_id)["Assignments"] == []
    assert market.refusal(get, AssignmentId=assignment_id) == {
        "code": "RequestError",
        "turk": WRONG_STATE,
        "message": ("This operation can be called with a status of: Reviewable,Approved,Rejected"),
    }
    market.engine.give_back(assignment_id, "A1")
    assert market.refusal(get, AssignmentId=assignment_id) == {
        "code": "RequestError",
        "turk": NO_SUCH,
        "message": f"Assignment {assignment_id} does not exist.",
    }


def test_get_assignment_brings_the_hit_along(market: Any) -> None:
    hit_id = market.create_hit(RequesterAnnotation="dogs/1")["HITId"]
    found = market.client.get_assignment(AssignmentId=market.submit(hit_id, "A1"))
    assert found["Assignment"]["AssignmentStatus"] == "Submitted"
    assert found["HIT"]["RequesterAnnotation"] == "dogs/1"


def test_assignments_are_listed_by_submission_ten_a_page(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=12)["HITId"]
    held = {f"A{number}": market.accept(hit_id, f"A{number}") for number in range(12)}
    for worker in reversed(held):
        market.advance(seconds=1)
        market.engine.submit(held[worker], worker, {})
    list_page = market.client.list_assignments_for_hit
    first = list_page(HITId=hit_id)
    second = list_page(HITId=hit_id, NextToken=first["NextToken"])
    third = list_page(HITId=hit_id, NextToken=second["NextToken"])
    workers = [a["WorkerId"] for page in (first, second) for a in page["Assignments"]]
    assert workers == [f"A{number}" for number in range(11, -1, -1)]
    assert (first["NumResults"], second["NumResults"], third["NumResults"]) == (10, 2, 0)
    assert "NextToken" not in third


def test_assignments_submitted_at_one_moment_are_all_listed(market: Any) -> None:
    """Pages end in the middle of a moment without losing or repeating anything."""
    hit_id = market.create_hit(MaxAssignments=5)["HITId"]
    ids = [market.submit(hit_id, f"A{number}") for number in range(5)]
    pages = market.client.get_paginator("list_assignments_for_hit").paginate(
        HITId=hit_id, MaxResults=2
    )
    assert [a["AssignmentId"] for page in pages for a in page["Assignments"]] == ids


def test_assignments_are_listed_by_status(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=3)["HITId"]
    approved, rejected, waiting = (market.submit(hit_id, f"A{number}") for number in range(3))
    market.client.approve_assignment(AssignmentId=approved, RequesterFeedback="thanks")
    market.client.reject_assignment(AssignmentId=rejected, RequesterFeedback="empty")

    def listed(*statuses: str) -> list[str]:
        page = market.client.list_assignments_for_hit(
            HITId=hit_id, AssignmentStatuses=list(statuses)
        )
        return [assignment["AssignmentId"] for assignment in page["Assignments"]]

    assert listed("Approved") == [approved]
    assert listed("Submitted", "Rejected") == [rejected, waiting]
    assert listed() == [approved, rejected, waiting]


def test_an_assignment_is_judged_once(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.advance(minutes=1)
    market.client.approve_assignment(AssignmentId=assignment_id, RequesterFeedback="thanks")
    found = market.client.get_assignment(AssignmentId=assignment_id)["Assignment"]
    assert found["AssignmentStatus"] == "Approved"
    assert found["ApprovalTime"] == datetime(2026, 1, 5, 10, 1, tzinfo=UTC)
    assert found["RequesterFeedback"] == "thanks"
    for call, extra in (
        (market.client.approve_assignment, {}),
        (market.client.reject_assignment, {"RequesterFeedback": "no"}),
    ):
        assert market.refusal(call, AssignmentId=assignment_id, **extra) == {
            "code": "RequestError",
            "turk": WRONG_STATE,
            "message": "This operation can be called with a status of: Submitted",
        }


def test_a_rejection_is_overridden_within_30_days_of_submission(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=2)["HITId"]
    soon, late = market.submit(hit_id, "A1"), market.submit(hit_id, "A2")
    approve, reject = market.client.approve_assignment, market.client.reject_assignment
    for assignment_id in (soon, late):
        reject(AssignmentId=assignment_id, RequesterFeedback="no")
    assert market.refusal(approve, AssignmentId=soon)["turk"] == WRONG_STATE
    market.advance(days=30)
    approve(AssignmentId=soon, OverrideRejection=True)
    found = market.client.get_assignment(AssignmentId=soon)["Assignment"]
    assert found["AssignmentStatus"] == "Approved"
    assert "RejectionTime" not in found
    market.advance(seconds=1)
    error = market.refusal(approve, AssignmentId=late, OverrideRejection=True)
    assert error["turk"] == WRONG_STATE


def test_rejecting_never_reopens_a_slot(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    market.client.reject_assignment(
        AssignmentId=market.submit(hit_id, "A1"), RequesterFeedback="no"
    )
    assert market.status(hit_id) == "Reviewable"
    with pytest.raises(CannotAccept):
        market.accept(hit_id, "A2")


@pytest.mark.parametrize("delay", [0, 3600])
def test_nobody_judging_means_approved_after_the_delay(market: Any, delay: int) -> None:
    hit_id = market.create_hit(AutoApprovalDelayInSeconds=delay)["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.advance(seconds=delay)
    found = market.client.get_assignment(AssignmentId=assignment_id)["Assignment"]
    assert found["AssignmentStatus"] == "Approved"
    assert found["ApprovalTime"] == found["AutoApprovalTime"]


def test_work_may_be_handed_in_until_the_deadline_also_after_expiry(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=2, LifetimeInSeconds=60)["HITId"]
    early, late = market.accept(hit_id, "A1"), market.accept(hit_id, "A2")
    market.advance(seconds=599)
    market.engine.submit(early, "A1", {})
    market.advance(seconds=1)
    with pytest.raises(CannotWork, match="does not hold"):
        market.engine.submit(late, "A2", {})


def test_a_worker_gets_each_hit_once(market: Any) -> None:
    """Submitted once, never again, extensions included; returned work may be taken again."""
    hit_id = market.create_hit(MaxAssignments=2)["HITId"]
    market.engine.give_back(market.accept(hit_id, "A1"), "A1")
    market.submit(hit_id, "A1")
    with pytest.raises(CannotAccept, match="You hold this HIT already"):
        market.accept(hit_id, "A1")


def test_strangers_and_the_late_cannot_accept(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    with pytest.raises(CannotAccept, match="no registered worker"):
        market.engine.accept(hit_id, "ASTRANGER")
    with pytest.raises(CannotAccept, match="no HIT"):
        market.accept("3NONE", "A1")
    market.advance(hours=1)
    with pytest.raises(CannotAccept, match="Reviewable, not Assignable"):
        market.accept(hit_id, "A1")


def test_only_the_holder_hands_in(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.accept(hit_id, "A1")
    with pytest.raises(CannotWork):
        market.engine.submit(assignment_id, "A2", {})
    market.engine.submit(assignment_id, "A1", {})
    with pytest.raises(CannotWork, match="submitted before"):
        market.engine.submit(assignment_id, "A1", {})


def test_a_worker_holds_a_limited_number(open_market: Callable[..., Any]) -> None:
    market = open_market(held_limit=2)
    hits = [market.create_hit()["HITId"] for _ in range(3)]
    held = [market.accept(hit_id, "A1") for hit_id in hits[:2]]
    with pytest.raises(CannotAccept, match="You hold 2 unfinished"):
        market.accept(hits[2], "A1")
    market.engine.submit(held[0], "A1", {})
    market.accept(hits[2], "A1")


@pytest.mark.parametrize("reused", [True, False])
def test_a_returned_assignments_id_may_go_to_the_next_worker(
    open_market: Callable[..., Any], reused: bool
) -> None:
    """Seen on MTurk: records are keyed by assignment and worker, or not at all."""
    market = open_market(reuse_assignment_ids=reused)
    hit_id = market.create_hit()["HITId"]
    first = market.accept(hit_id, "A1")
    market.engine.give_back(first, "A1")
    second = market.submit(hit_id, "A2")
    assert (first == second) is reused
    found = market.client.get_assignment(AssignmentId=second)["Assignment"]
    assert found["WorkerId"] == "A2"


@pytest.mark.parametrize(
    ("requirement", "may"),
    [
        (("00000000000000000040", "GreaterThanOrEqualTo", [1]), False),
        (("00000000000000000040", "LessThan", [1]), True),
        (("000000000000000000L0", "GreaterThan", [95]), True),
        (("00000000000000000071", "Exists", None), False),
        (("2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Exists", None), False),
        (("2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "DoesNotExist", None), True),
    ],
)
def test_a_newcomer_against_system_qualifications(
    market: Any, requirement: tuple[str, str, list[int] | None], may: bool
) -> None:
    """Nothing approved yet, which counts as 100 per cent; no locale; no Master."""
    type_id, comparator, integers = requirement
    wanted: dict[str, Any] = {"QualificationTypeId": type_id, "Comparator": comparator}
    if integers is not None:
        wanted["IntegerValues"] = integers
    hit_id = market.create_hit(QualificationRequirements=[wanted])["HITId"]
    if may:
        market.accept(hit_id, "A1")
    else:
        with pytest.raises(CannotAccept, match=type_id):
            market.accept(hit_id, "A1")


def test_open_hits_are_those_with_a_free_slot(market: Any) -> None:
    full, expired, free = (
        market.create_hit(Reward="0.05"),
        market.create_hit(LifetimeInSeconds=30),
        market.create_hit(Reward="0.10", MaxAssignments=3),
    )
    market.accept(full["HITId"], "A1")
    market.accept(free["HITId"], "A1")
    market.advance(seconds=30)
    [found] = market.engine.open_hits()
    assert found.hit_id == free["HITId"]
    assert found.hit_id != expired["HITId"]
    assert (found.available, str(found.reward)) == (2, "0.10")
    assert found.question == free["Question"]


def race(database: str, clock: SetClock, work: Callable[[Engine, int], str]) -> list[str]:
    """What eight threads, each on a connection of its own as a process would be, get done."""
    taken: list[str] = []
    start = threading.Barrier(8)

    def run(number: int) -> None:
        store = Store(database)
        engine = Engine(store, clock, Settings())
        start.wait()
        try:
            taken.append(work(engine, number))
        except CannotAccept:
            pass
        finally:
            store.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def test_accepts_at_once_never_exceed_the_slots(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=3)["HITId"]
    for number in range(8):
        market.engine.register_worker(f"A{number}")
    taken = race(
        market.database,
        market.clock,
        lambda engine, number: engine.accept(hit_id, f"A{number}"),
    )
    assert len(set(taken)) == 3
    assert market.client.get_hit(HITId=hit_id)["HIT"]["NumberOfAssignmentsPending"] == 3


def test_one_worker_at_once_never_gets_two_slots(market: Any) -> None:
    hit_id = market.create_hit(MaxAssignments=5)["HITId"]
    market.engine.register_worker("A1")
    taken = race(market.database, market.clock, lambda engine, number: engine.accept(hit_id, "A1"))
    assert len(taken) == 1
