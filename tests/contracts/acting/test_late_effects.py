"""Calls that have their effect after a stage was stopped, or had it though they seem to fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hitline.acting import claiming, controlling, effects, posting, rounds
from hitline.acting.rounds import Errand
from hitline.errors import AlreadyDone, Gone, NotAuthorized, Refused
from hitline.facts import Control
from hitline.model import Door, Hit, ItemState
from hitline.mturk.client import Requester
from hitline.store import items, leases, repairs, schema
from tests.contracts.acting.lab import Lab

SETTLED_YES = (ItemState.SETTLED, "yes")


def decided(lab: Lab, door: Door) -> rounds.Orders:
    """What a run would do next about the stage."""
    chunk = claiming.claim(lab.hitline, door, "lab", "ask", "a run")
    return rounds.sort_out(rounds.look(lab.hitline, chunk))


def stop_beside(lab: Lab) -> None:
    """As another process says it, between a run's decision and its call."""
    with lab.store.writing() as connection:
        items.set_control(lab.store, connection, "lab", "", Control.STOPPED)


def test_no_more_answers_are_bought_once_the_stage_is_stopped(lab: Lab) -> None:
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "no")
    lab.deliver()
    orders = decided(lab, Door.AGGREGATE)
    stop_beside(lab)

    errand = Errand(door=Door.AGGREGATE, flow_run="a run")
    (told,) = effects.extend(lab.hitline, orders.extend, errand)
    assert told.outcome == posting.STOPPED
    assert lab.hit(hit)["MaxAssignments"] == 2


def test_no_reward_is_raised_once_the_stage_is_stopped(lab: Lab) -> None:
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(hours=1)
    lab.deliver()
    orders = decided(lab, Door.REPOST)
    stop_beside(lab)

    errand = Errand(door=Door.REPOST, flow_run="a run")
    (told,) = effects.repost(lab.hitline, orders.repost, errand)
    assert told.outcome == posting.STOPPED
    assert lab.hit(hit)["Reward"] == "0.05"
    assert lab.market.status(hit) == "Reviewable"


def test_the_sweep_ends_what_came_out_after_its_stage_was_stopped(lab: Lab) -> None:
    """As a call that was under way has its effect after `hitline stop` looked for the last time."""
    lab.launch("a")
    (hit,) = lab.hits()
    stop_beside(lab)
    assert lab.market.status(hit) == "Assignable"
    lab.sweep()
    assert lab.market.status(hit) != "Assignable"
    with lab.store.reading() as connection:
        assert repairs.by_cause(connection)["open, though its stage was stopped"] == 1

    lab.finish()
    assert lab.state("a") == (ItemState.DROPPED, None)
    assert controlling.end_what_was_stopped(lab.hitline) == 0
    lab.audit()


def test_one_hit_that_cannot_be_ended_keeps_no_other_open(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.launch("a", "b")
    first, second = lab.hits()
    stop_beside(lab)
    expire = lab.requester.expire

    def refused(hit_id: str) -> None:
        if hit_id == first:
            raise Refused("UpdateExpirationForHIT", "a proxy says no")
        expire(hit_id)

    monkeypatch.setattr(lab.requester, "expire", refused)
    assert controlling.end_what_was_stopped(lab.hitline) == 1
    assert [lab.market.status(hit) for hit in (first, second)] == ["Assignable", "Reviewable"]


class Wrapped(Requester):
    """The endpoint, but for what a test puts in the way of one call."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.market.client)
        self.raised: Exception | None = None
        self.unlisted = False

    def get_hit(self, hit_id: str) -> Hit:
        if self.raised is not None:
            raise self.raised
        return super().get_hit(hit_id)

    def list_hits(self) -> Any:
        return [] if self.unlisted else super().list_hits()


@pytest.fixture
def wrapped(lab: Lab) -> Wrapped:
    requester = Wrapped(lab)
    lab.hitline = replace(lab.hitline, requester=requester)
    return requester


@pytest.mark.parametrize(
    "trouble",
    [NotAuthorized("GetHIT", "the token has expired"), Refused("GetHIT", "a proxy says no")],
    ids=["not authorized", "refused"],
)
def test_a_raise_that_took_effect_keeps_its_money_whatever_comes_after(
    lab: Lab, wrapped: Wrapped, trouble: Exception
) -> None:
    """Two answers at 0.10 and the fee are 0.24; of that 0.12 were reserved at first."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(hours=1)
    lab.deliver()
    orders = decided(lab, Door.REPOST)
    wrapped.raised = trouble
    with pytest.raises(type(trouble)):
        effects.repost(lab.hitline, orders.repost, Errand(door=Door.REPOST, flow_run="a run"))
    assert (lab.hit(hit)["Reward"], lab.market.status(hit)) == ("0.10", "Assignable")
    assert str(lab.reserved()) == "0.24"

    wrapped.raised = None
    lab.outlive_leases()
    lab.finish()
    lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    lab.audit()


def test_a_token_that_was_used_keeps_its_money_until_a_list_shows_the_hit(
    lab: Lab, wrapped: Wrapped, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call's answer was lost, and the endpoint's lists are some seconds behind."""
    lab.prepare()
    lab.add("a")
    create = wrapped.create_hit

    def lose(**about: Any) -> Hit:
        create(**about)
        raise AlreadyDone("CreateHITWithHITType", "it exists", existing_id="3UNKNOWN")

    monkeypatch.setattr(wrapped, "create_hit", lose)
    wrapped.unlisted, wrapped.raised = True, Gone("GetHIT", "does not exist")
    orders = decided(lab, Door.PUBLISH)
    effects.post(lab.hitline, orders.post, Errand(door=Door.PUBLISH, flow_run="a run"))
    assert "no list shows the HIT" in str(lab.cell(schema.items.c.problem))
    assert str(lab.reserved()) == "0.12"

    wrapped.unlisted, wrapped.raised = False, None
    monkeypatch.undo()
    lab.outlive_leases()
    lab.drive_all()
    assert lab.count(schema.hits) == len(lab.hits()) == 1
    assert str(lab.reserved()) == "0.12"


def test_a_posting_of_a_stopped_stage_is_not_given_up_while_it_may_be_under_way(
    lab: Lab, wrapped: Wrapped, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run was taken for dead; the HIT appears a moment later."""
    lab.prepare()
    lab.add("a")
    orders = decided(lab, Door.PUBLISH)

    def die(**_: Any) -> Hit:
        raise KeyboardInterrupt

    monkeypatch.setattr(wrapped, "create_hit", die)
    with pytest.raises(KeyboardInterrupt):
        effects.post(lab.hitline, orders.post, Errand(door=Door.PUBLISH, flow_run="a run"))
    monkeypatch.undo()
    stop_beside(lab)
    with lab.store.writing() as connection:
        assert leases.abandoned(connection, ["a run"]) == 1
    assert claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "another") == []
    assert str(lab.reserved()) == "0.12"

    lab.market.clock.advance(timedelta(seconds=61))
    lab.drive_all()
    assert str(lab.reserved()) == "0.00"
    assert lab.state("a") == (ItemState.DROPPED, None)
