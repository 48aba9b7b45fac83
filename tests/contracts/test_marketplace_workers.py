"""Blocking workers, and writing to them."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest

from marketplace.engine import blocks, messages, requesters
from marketplace.errors import CannotAccept, CannotSend

NO_WORK = "Cannot send a notification to a worker who has not done any work for you"


def worked(market: Any, worker: str, *, judged: str | None = "approve") -> str:
    """Have a worker submit to a HIT of its own; returns the HIT's id."""
    hit_id: str = market.create_hit()["HITId"]
    assignment_id = market.submit(hit_id, worker, breed="norfolk")
    if judged == "approve":
        market.client.approve_assignment(AssignmentId=assignment_id)
    if judged == "reject":
        market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback="")
    return hit_id


# Blocks


def test_a_blocked_worker_cannot_accept_but_submits_what_they_hold(market: Any) -> None:
    held, other = market.create_hit()["HITId"], market.create_hit()["HITId"]
    assignment_id = market.accept(held, "A1")
    market.client.create_worker_block(WorkerId="A1", Reason="Guesses.")
    with pytest.raises(CannotAccept):
        market.accept(other, "A1")
    market.engine.submit(assignment_id, "A1", {"breed": "norfolk"})
    assert market.status(held) == "Reviewable"


def test_a_block_counts_for_its_requester_alone_and_until_it_is_lifted(market: Any) -> None:
    market.engine.register_worker("A1")
    other = market.client_of(market.add_requester("other"))
    other.create_worker_block(WorkerId="A1", Reason="")
    with market.engine.look() as tx:
        assert len(blocks.blocking(tx, "A1")) == 1
    market.submit(market.create_hit()["HITId"], "A1")
    market.client.create_worker_block(WorkerId="A1", Reason="Guesses.")
    market.client.delete_worker_block(WorkerId="A1")
    market.submit(market.create_hit()["HITId"], "A1")
    assert market.client.list_worker_blocks()["WorkerBlocks"] == []
    assert other.list_worker_blocks()["WorkerBlocks"] == [{"WorkerId": "A1", "Reason": ""}]


def test_a_second_block_replaces_the_reason(market: Any) -> None:
    for worker in ("A1", "A2"):
        market.engine.register_worker(worker)
        market.client.create_worker_block(WorkerId=worker, Reason="Guesses.")
    market.client.create_worker_block(WorkerId="A1", Reason="Guesses again.")
    assert market.client.list_worker_blocks()["WorkerBlocks"] == [
        {"WorkerId": "A1", "Reason": "Guesses again."},
        {"WorkerId": "A2", "Reason": "Guesses."},
    ]


def test_a_worker_that_is_not_blocked_can_be_unblocked(market: Any) -> None:
    market.engine.register_worker("A1")
    reply = market.client.delete_worker_block(WorkerId="A1", Reason="Never mind.")
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("operation", "worker", "code", "message"),
    [
        (
            "create_worker_block",
            "A404",
            "ParameterValidationError",
            'The value "A404" is not valid for the parameter WorkerId.',
        ),
        (
            "create_worker_block",
            "worker",
            "ValidationException",
            "1 validation error detected: Value 'worker' at 'workerId' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^A[A-Z0-9]+$",
        ),
        ("delete_worker_block", "A404", "ParameterValidationError", "WorkerId is invalid."),
        ("delete_worker_block", "worker", "ParameterValidationError", "WorkerId is invalid."),
        ("delete_worker_block", "", "ParameterValidationError", "WorkerId is invalid."),
        ("delete_worker_block", None, "ParameterValidationError", "WorkerId is invalid."),
    ],
)
def test_a_worker_that_nobody_knows_is_refused(
    market: Any, operation: str, worker: str | None, code: str, message: str
) -> None:
    error = market.refusal(getattr(market.client, operation), WorkerId=worker, Reason="Guesses.")
    assert (error["code"], error["message"]) == (code, message)


def test_more_blocks_than_allowed_are_refused(market: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 1)
    for worker in ("A1", "A2"):
        market.engine.register_worker(worker)
    market.client.create_worker_block(WorkerId="A1", Reason="Guesses.")
    market.client.create_worker_block(WorkerId="A1", Reason="Guesses again.")
    error = market.refusal(market.client.create_worker_block, WorkerId="A2", Reason="Guesses.")
    assert error["message"] == "You block 1 workers, the most allowed: delete a block first."


# Messages


def test_workers_are_notified_once_each_if_their_work_was_judged(market: Any) -> None:
    """Others fail one by one, inside a response that succeeds."""
    worked(market, "A1")
    worked(market, "A2", judged="reject")
    worked(market, "A3", judged=None)
    reply = market.client.notify_workers(
        Subject="Thanks", MessageText="More soon.", WorkerIds=["A1", "A2", "A3", "A404", "A1"]
    )
    assert reply["NotifyWorkersFailureStatuses"] == [
        {
            "NotifyWorkersFailureCode": "HardFailure",
            "NotifyWorkersFailureMessage": NO_WORK,
            "WorkerId": worker,
        }
        for worker in ("A3", "A404")
    ]
    with market.engine.look() as tx:
        inboxes = {worker: messages.inbox_of_worker(tx, worker) for worker in ("A1", "A2", "A3")}
    assert [(m.requester, m.subject, m.body) for m in inboxes["A1"]] == [
        ("lab", "Thanks", "More soon.")
    ]
    assert [len(inbox) for inbox in inboxes.values()] == [1, 1, 0]


def test_work_for_another_requester_does_not_count(market: Any) -> None:
    worked(market, "A1")
    other = market.client_of(market.add_requester("other"))
    reply = other.notify_workers(Subject="Hello", MessageText="Hello", WorkerIds=["A1"])
    assert [status["WorkerId"] for status in reply["NotifyWorkersFailureStatuses"]] == ["A1"]


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        (
            {"Subject": "x" * 201},
            "ParameterValidationError",
            f'The value "{"x" * 201}" is not valid for the parameter Subject.',
        ),
        (
            {"MessageText": "x" * 4097},
            "ParameterValidationError",
            f'The value "{"x" * 4097}" is not valid for the parameter MessageText.',
        ),
        (
            {"WorkerIds": [f"A{number}" for number in range(101)]},
            "ParameterValidationError",
            "There are 101 WorkerIds. One call notifies from 1 to 100.",
        ),
        (
            {"WorkerIds": []},
            "ParameterValidationError",
            "There are 0 WorkerIds. One call notifies from 1 to 100.",
        ),
        (
            {"WorkerIds": ["A1", "somebody"]},
            "ValidationException",
            "1 validation error detected: Value 'somebody' at 'workerIds.2.member' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: ^A[A-Z0-9]+$",
        ),
    ],
)
def test_a_notification_beyond_the_limits_reaches_nobody(
    market: Any, changes: dict[str, Any], code: str, message: str
) -> None:
    worked(market, "A1")
    given = {"Subject": "Thanks", "MessageText": "More soon.", "WorkerIds": ["A1"], **changes}
    error = market.refusal(market.client.notify_workers, **given)
    assert (error["code"], error["message"]) == (code, message)
    with market.engine.look() as tx:
        assert messages.inbox_of_worker(tx, "A1") == []


def test_the_longest_notification_is_delivered(market: Any) -> None:
    worked(market, "A1")
    market.client.notify_workers(Subject="ü" * 200, MessageText="ü" * 4096, WorkerIds=["A1"])
    with market.engine.look() as tx:
        (message,) = messages.inbox_of_worker(tx, "A1")
    assert (len(message.subject), len(message.body)) == (200, 4096)


def test_a_worker_asks_about_a_hit_and_is_answered(market: Any) -> None:
    """Writing first opens the way back, also without work done; reading is remembered."""
    hit_id = market.create_hit()["HITId"]
    market.engine.register_worker("A1")
    lab = lab_of(market)
    with market.engine.act() as tx:
        with pytest.raises(CannotSend):
            messages.send_to_worker(tx, lab, "A1", "Hello", "Hello")
        messages.send_to_requester(tx, "A1", lab, "Which breed?", "It is a cat.", hit_id)
    with market.engine.act() as tx:
        (question,) = messages.inbox_of_requester(tx, lab)
        assert (question.worker_id, question.hit_id, question.read_at) == ("A1", hit_id, None)
        assert messages.unread_by_requester(tx, lab) == 1
        assert messages.open_as_worker(tx, "A1", question.id) is None
        assert messages.open_as_requester(tx, lab, question.id) == question
        assert messages.unread_by_requester(tx, lab) == 0
        messages.send_to_worker(tx, lab, "A1", "Re: Which breed?", "Return it, please.")
        assert messages.unread_by_worker(tx, "A1") == 1
        assert [m.subject for m in messages.inbox_of_worker(tx, "A1")] == ["Re: Which breed?"]


def test_an_inbox_is_read_in_pages_newest_first(market: Any) -> None:
    worked(market, "A1")
    for number in range(5):
        market.client.notify_workers(Subject=f"{number}", MessageText="x", WorkerIds=["A1"])
    with market.engine.look() as tx:
        first = messages.inbox_of_worker(tx, "A1", limit=2)
        second = messages.inbox_of_worker(tx, "A1", limit=2, before=first[-1].id)
    assert [m.subject for m in [*first, *second]] == ["4", "3", "2", "1"]


@pytest.mark.parametrize(
    ("subject", "body"), [("", "x"), ("x", " "), ("x" * 201, "x"), ("x", "x" * 4097)]
)
def test_a_message_from_a_worker_keeps_the_same_limits(
    market: Any, subject: str, body: str
) -> None:
    market.engine.register_worker("A1")
    with market.engine.act() as tx, pytest.raises(CannotSend):
        messages.send_to_requester(tx, "A1", lab_of(market), subject, body)


def test_a_worker_writes_only_about_hits_of_the_requester(market: Any) -> None:
    theirs = copy(market)
    theirs.client = market.client_of(market.add_requester("other"))
    hit_id = theirs.create_hit()["HITId"]
    market.engine.register_worker("A1")
    for about in (hit_id, "3NONE"):
        with market.engine.act() as tx, pytest.raises(CannotSend, match=about):
            messages.send_to_requester(tx, "A1", lab_of(market), "x", "x", about)


def test_a_worker_who_writes_all_day_is_stopped_until_tomorrow(market: Any) -> None:
    lab = lab_of(market)
    market.engine.register_worker("A1")
    for _ in range(messages.MOST_TO_ONE_REQUESTER):
        send(market, lab)
    with pytest.raises(CannotSend):
        send(market, lab)
    market.advance(days=1)
    send(market, lab)


def send(market: Any, requester_id: str) -> None:
    with market.engine.act() as tx:
        messages.send_to_requester(tx, "A1", requester_id, "Hello", "Hello")


def lab_of(market: Any) -> str:
    with market.engine.look() as tx:
        return requesters.named(tx, "lab").requester_id
