"""What another run has taken over is left alone; what nobody told of is found and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hitline.acting import alerting, claiming, effects, posting, rounds
from hitline.acting.rounds import Decided, Errand
from hitline.acting.settling import TAKEN_OVER
from hitline.errors import NotAuthorized, UnknownPipeline
from hitline.facts import Control
from hitline.model import Door, ItemState
from hitline.pipeline import Pipeline
from hitline.policies import VoteLead
from hitline.store import alerts, items, leases, schema
from tests.contracts.acting.lab import Lab, cents, stage

SETTLED_YES = (ItemState.SETTLED, "yes")
BY_A = Errand(door=Door.AGGREGATE, flow_run="A")
OpenLab = Callable[..., Lab]


def decided_by(lab: Lab, owner: str) -> list[Decided]:
    """A run has leased what waits, looked at it and decided."""
    chunk = claiming.claim(lab.hitline, Door.AGGREGATE, "lab", "ask", owner)
    return rounds.look(lab.hitline, chunk)


@pytest.mark.parametrize(
    ("labels", "changed"), [(["yes", "yes"], "settle"), (["yes", "no"], "extend")]
)
def test_a_run_that_was_taken_for_dead_decides_nothing_any_more(
    lab: Lab, labels: list[str], changed: str
) -> None:
    """It stood still for longer than its lease; another has the item when it goes on."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, *labels)
    lab.deliver()
    slow = decided_by(lab, "A")
    lab.outlive_leases()
    others = decided_by(lab, "B")
    effect = getattr(effects, changed)

    (told,) = effect(lab.hitline, slow, BY_A)
    assert told.outcome == TAKEN_OVER
    assert lab.item("a").state is ItemState.OPEN
    assert lab.hit(hit)["MaxAssignments"] == 2
    assert lab.count(schema.dirt) > 0
    (told,) = effect(lab.hitline, others, BY_A)
    assert told.outcome != TAKEN_OVER
    assert lab.count(schema.dirt, schema.dirt.c.door != Door.CLOSE) == 0


def test_a_run_that_was_taken_over_clears_no_marks(lab: Lab) -> None:
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.deliver()
    lab.market.advance(seconds=2)
    slow = claiming.claim(lab.hitline, Door.EVALUATE, "lab", "ask", "A")
    lab.outlive_leases()
    claiming.claim(lab.hitline, Door.EVALUATE, "lab", "ask", "B")
    with lab.store.writing() as connection:
        leases.clear(connection, slow)
    assert lab.count(schema.dirt) == 1
    assert lab.cell(schema.items.c.lease_owner) == "B"


def test_an_answer_that_nobody_told_of_is_read_and_paid_before_its_hit_is_closed(
    open_lab: OpenLab,
) -> None:
    """Settled by two of three; the third comes just before the HIT ends, its event never."""
    three = stage("ask", redundancy=VoteLead(start=3))
    lab = open_lab(Pipeline("lab", stages=[three]))
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "yes")
    lab.deliver()
    lab.market.advance(seconds=2)
    chunk = claiming.claim(lab.hitline, Door.EVALUATE, "lab", "ask", "A")
    effects.settle(lab.hitline, rounds.look(lab.hitline, chunk), BY_A)
    assert lab.state("a") == SETTLED_YES
    lab.answer(hit, "no", by="LATE")
    lab.sent()  # and lost

    lab.finish()
    assert lab.count(schema.assignments) == 3
    assert lab.market.status(hit) == "Reviewing"
    lab.audit()


def test_a_pipeline_that_cannot_be_loaded_keeps_no_sweep_from_its_work(lab: Lab) -> None:
    """Its file is gone or broken. An alert says so, and is over when it loads again."""
    lab.launch("a")
    whole = lab.hitline

    def gone(name: str) -> Pipeline:
        raise UnknownPipeline(f'there is no pipeline "{name}"')

    lab.hitline = replace(whole, pipeline=gone)
    swept = lab.mark_what_is_due()
    alerting.look(lab.hitline, swept)
    with lab.store.reading() as connection:
        (standing,) = alerts.standing(connection)
    assert (standing.kind, standing.pipeline) == ("pipeline-unknown", "lab")

    lab.hitline = whole
    alerting.look(lab.hitline, lab.mark_what_is_due())
    with lab.store.reading() as connection:
        assert alerts.standing(connection) == []


def test_a_refusal_for_want_of_rights_frees_no_money_of_a_call_that_may_have_been_made(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that ran out say nothing of what the call before came to."""
    lab.prepare()
    lab.add("a")

    def refused(**_: object) -> None:
        raise NotAuthorized("CreateHITWithHITType", "the token has expired")

    with monkeypatch.context() as patch:
        patch.setattr(lab.requester, "create_hit", refused)
        with pytest.raises(NotAuthorized):
            lab.drive_all()
    assert lab.reserved() > 0
    lab.outlive_leases()
    lab.drive_all()
    assert len(lab.hits()) == 1
    assert lab.reserved() == cents(12)


def test_what_was_decided_before_a_stop_is_not_posted_after_it(lab: Lab) -> None:
    lab.prepare()
    lab.add("a")
    chunk = claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "A")
    decided = rounds.look(lab.hitline, chunk)
    with lab.store.writing() as connection:
        items.set_control(lab.store, connection, "lab", "ask", Control.STOPPED)
    (told,) = effects.post(lab.hitline, decided, Errand(door=Door.PUBLISH, flow_run="A"))
    assert told.outcome == posting.STOPPED
    assert lab.hits() == []
    assert lab.reserved() == 0
