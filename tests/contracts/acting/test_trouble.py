"""An endpoint that fails or refuses, a person who says stop in between, two runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from hitline.acting import claiming, controlling, effects, rounds
from hitline.acting.rounds import Errand
from hitline.errors import NotAuthorized
from hitline.model import Door, ItemState
from hitline.store import schema
from tests.contracts.acting.lab import Killed, Lab, Mortal

SETTLED_YES = (ItemState.SETTLED, "yes")


@contextmanager
def failing(lab: Lab, operation: str, error: Callable[[], BaseException]) -> Iterator[None]:
    """Calls of one operation never reach the endpoint."""

    def fail(**_: Any) -> None:
        raise error()

    events = lab.market.client.meta.events
    events.register(f"before-send.mturk.{operation}", fail)
    yield
    events.unregister(f"before-send.mturk.{operation}", fail)


def gone() -> BaseException:
    return EndpointConnectionError(endpoint_url="http://127.0.0.1")


def test_an_endpoint_that_is_away_is_waited_out(lab: Lab) -> None:
    """Put off by five seconds, with the reason; then it goes on by itself."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "yes")
    with failing(lab, "ListAssignmentsForHIT", gone):
        lab.run()
        assert lab.state("a") == (ItemState.OPEN, None)
        assert "Could not connect" in str(lab.cell(schema.items.c.problem))
        assert lab.drive_all() == []
    lab.market.advance(seconds=5)
    lab.drive_all()
    assert lab.state("a") == SETTLED_YES
    assert lab.cell(schema.items.c.problem) is None
    lab.finish()
    lab.audit()


def test_one_hit_that_cannot_be_read_does_not_keep_the_others_waiting(lab: Lab) -> None:
    """The endpoint's record of it is broken; the rest of the chunk is settled."""
    lab.launch("a", "b")
    first, second = lab.hits()
    for hit in (first, second):
        lab.answer(hit, "yes", "yes")

    def spoil(parsed: dict[str, Any], **_: Any) -> None:
        for record in parsed.get("Assignments", []):
            if record["HITId"] == first:
                record["AssignmentStatus"] = "Lost"

    lab.market.client.meta.events.register("after-call.mturk.ListAssignmentsForHIT", spoil)
    lab.run()
    assert lab.state("b") == SETTLED_YES
    assert lab.state("a") == (ItemState.OPEN, None)
    assert "cannot be read" in str(lab.cell(schema.items.c.problem, schema.items.c.key == "a"))


def test_a_refused_approval_does_not_keep_the_others_waiting(lab: Lab) -> None:
    lab.launch("a", "b")
    first, second = lab.hits()
    for hit in (first, second):
        lab.answer(hit, "yes", "yes")
    stuck = {assignment.assignment_id for assignment in lab.requester.assignments(first)}

    def rename(params: dict[str, Any], **_: Any) -> None:
        body = params["body"]
        if any(assignment_id.encode() in body for assignment_id in stuck):
            params["body"] = body.replace(b"AssignmentId", b"Assignmentid")

    events = lab.market.client.meta.events
    events.register("before-call.mturk.ApproveAssignment", rename)
    lab.run()
    assert lab.market.status(second) == "Reviewing"
    assert lab.market.status(first) == "Reviewable"
    events.unregister("before-call.mturk.ApproveAssignment", rename)
    lab.finish()
    lab.audit()


def test_refused_credentials_stop_the_run(lab: Lab) -> None:
    """Nothing would go on by itself: the run fails, and says why."""
    lab.launch("a")
    lab.market.advance(hours=1)

    def forge(request: Any, **_: Any) -> None:
        request.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=NOBODY/x/y/z/aws4_request"

    lab.market.client.meta.events.register("before-send.mturk", forge)
    with pytest.raises(NotAuthorized):
        lab.run()


@pytest.mark.parametrize("say", [controlling.pause, controlling.stop])
def test_what_was_begun_is_not_asked_once_the_stage_is_paused_or_stopped(
    lab: Lab, say: Callable[..., Any]
) -> None:
    """The run died before its CreateHIT, and a person spoke before the next one began."""
    lab.prepare()
    lab.add("a")
    with failing(lab, "CreateHITWithHITType", Killed), pytest.raises(Killed):
        lab.drive_all()
    assert lab.reserved() > 0
    say(lab.hitline, "lab")
    lab.outlive_leases()
    lab.drive_all()
    assert lab.hits() == []
    assert lab.reserved() == 0
    state = ItemState.HELD if say is controlling.pause else ItemState.DROPPED
    assert lab.state("a") == (state, None)

    controlling.resume(lab.hitline, "lab")
    lab.drive_all()
    assert len(lab.hits()) == (1 if say is controlling.pause else 0)


@pytest.mark.parametrize("say", [controlling.pause, controlling.stop])
def test_what_was_posted_unseen_is_found_though_the_stage_was_paused_or_stopped(
    lab: Lab, say: Callable[..., Any]
) -> None:
    """The run died after its CreateHIT took effect: the HIT is known, and who answered is paid."""
    mortal = Mortal(lab.market.client)
    lab.prepare()
    lab.add("a")
    mortal.left = 1
    with pytest.raises(Killed):
        lab.drive_all()
    (hit,) = lab.hits()
    say(lab.hitline, "lab")
    lab.outlive_leases()
    lab.drive_all()
    assert lab.count(schema.hits) == 1
    lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    lab.audit()


def test_a_raise_that_was_begun_is_taken_back_when_the_stage_is_paused(lab: Lab) -> None:
    """Retyped and not opened again: it gets its type back, and the rung is offered on resuming."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(hours=1)
    lab.deliver()
    with failing(lab, "UpdateExpirationForHIT", Killed), pytest.raises(Killed):
        lab.drive_all()
    assert lab.hit(hit)["Reward"] == "0.10"
    controlling.pause(lab.hitline, "lab")
    lab.outlive_leases()
    lab.drive_all()
    assert lab.hit(hit)["Reward"] == "0.05"
    assert lab.state("a") == (ItemState.HELD, None)
    assert lab.reserved() == 0

    controlling.resume(lab.hitline, "lab")
    lab.drive_all()
    assert (lab.hit(hit)["Reward"], lab.market.status(hit)) == ("0.10", "Assignable")


def test_two_runs_never_hold_one_item(lab: Lab) -> None:
    """The second finds nothing; after the first one's lease it finishes what was begun."""
    lab.prepare()
    lab.add("a", "b")
    first = claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "first")
    assert len(first) == 2
    assert claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "second") == []

    lab.outlive_leases()
    second = claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "second")
    for leased in (first, second):  # the first one wakes up again, and works on
        orders = rounds.sort_out(rounds.look(lab.hitline, leased))
        effects.post(lab.hitline, orders.post, Errand(door=Door.PUBLISH, flow_run="run"))
        effects.settle(lab.hitline, orders.settle, Errand(door=Door.PUBLISH, flow_run="run"))
    assert len(lab.hits()) == 2


def test_two_runs_that_decided_the_same_post_one_hit(lab: Lab) -> None:
    """Both looked before either acted: the token makes it one."""
    lab.prepare()
    lab.add("a")
    decided = []
    for owner in ("first", "second"):
        leased = claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", owner)
        decided.append(rounds.sort_out(rounds.look(lab.hitline, leased)).post)
        lab.outlive_leases()
    for post in decided:
        effects.post(lab.hitline, post, Errand(door=Door.PUBLISH, flow_run="run"))
    assert len(lab.hits()) == 1
    assert str(lab.reserved()) == "0.12"


def test_what_went_wrong_with_a_chunk_is_not_told_of_what_was_done_before(lab: Lab) -> None:
    """A run fails half-way through its chunk: the items it had dealt with are in no trouble."""
    lab.launch("a", "b")
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.deliver()
    leased = claiming.claim(lab.hitline, Door.AGGREGATE, "lab", "ask", "run")
    decided = rounds.look(lab.hitline, leased)
    effects.settle(lab.hitline, decided[:1], Errand(door=Door.AGGREGATE, flow_run="run"))
    claiming.put_off(lab.hitline, leased, RuntimeError("a bug"))
    problems = {
        item.key: lab.cell(schema.items.c.problem, schema.items.c.key == item.key)
        for item in lab.items("ask")
    }
    assert problems == {"a": None, "b": "a bug"}
    lab.finish()
    lab.audit()
