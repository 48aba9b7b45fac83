"""Launching, pausing, resuming and stopping a pipeline, against the marketplace over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from deployments.cli import main
from hitline.acting import claiming, controlling, effects, posting, rounds, sweeping
from hitline.acting.launching import launch, prepare
from hitline.acting.rounds import Decided, Errand
from hitline.errors import HitlineError
from hitline.facts import Control
from hitline.fields import Choice
from hitline.itemsfile import ItemRow
from hitline.model import Door
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate
from hitline.reporting.progress import Progress, progress
from hitline.store import items as item_rows
from hitline.store import open_store, outstanding, subscriptions, upgrade
from hitline.store.ledger import Amount
from hitline.store.outstanding import Owed
from hitline.wiring import Hitline
from marketplace.store.schema import notification_specs

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/hitline-notifications"
TOPIC = "arn:aws:sns:us-east-1:123456789012:hitline-notifications"

DOGS = Pipeline(
    "dogs",
    stages=[
        Stage(
            "breed",
            question=HtmlTemplate("<!DOCTYPE html><form><p>${key}</p></form>"),
            title="Which breed is the dog?",
            reward="0.05",
            answer=Choice("breed", ["terrier", "poodle"]),
            lifetime="1h",
            duration="5m",
        )
    ],
)


PIPELINE = """
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate

pipeline = Pipeline("dogs", stages=[
    Stage("breed", question=HtmlTemplate("<p>${url}</p>"), title="Which breed?", reward="0.05",
          answer=Choice("breed", ["terrier", "poodle"]), lifetime="1h", duration="5m"),
])
"""


class Lab:
    """The requester's side at work on a marketplace, one turn of a flow at a time."""

    def __init__(self, hitline: Hitline, market: Any) -> None:
        self.hitline = hitline
        self.market = market

    def look(self, door: Door) -> list[Decided]:
        return rounds.look(self.hitline, claiming.claim(self.hitline, door, "dogs", "breed", "run"))

    def act(self, decided: list[Decided], door: Door) -> None:
        orders, errand = rounds.sort_out(decided), Errand(door=door, flow_run="run")
        effects.settle(self.hitline, orders.settle, errand)
        effects.post(self.hitline, orders.post, errand)

    def turn(self, door: Door) -> None:
        self.act(self.look(door), door)

    def close(self) -> None:
        rounds.close(self.hitline, claiming.claim(self.hitline, Door.CLOSE, "dogs", "breed", "run"))

    def hit_ids(self) -> list[str]:
        return sorted(hit.hit_id for hit in self.hitline.requester.list_hits())

    def progress(self) -> Progress:
        with self.hitline.store.reading() as connection:
            return progress(connection, DOGS)

    def states(self) -> dict[str, int]:
        (stage,) = self.progress().stages
        return {str(state): count for state, count in stage.states.items() if count}


@pytest.fixture
def lab(market: Any, tmp_path: Path) -> Iterator[Lab]:
    """Three items, launched and marked, not yet asked about."""
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    hitline = Hitline(
        store=open_store(url),
        requester=Requester(market.client),
        clock=market.clock,
        fees=MTURK,
        pipeline=lambda name: DOGS,
    )
    prepare(hitline, DOGS, Path("dogs.py"), transport="SQS", destination=QUEUE)
    rows = [ItemRow(key=key, input={"key": key}, gold={}, line=2) for key in "abc"]
    launch(hitline, DOGS, rows)
    yield Lab(hitline, market)
    hitline.store.dispose()


def test_a_paused_stage_asks_nothing_until_it_is_resumed(lab: Lab) -> None:
    assert controlling.pause(lab.hitline, "dogs", "breed") == 0
    lab.turn(Door.PUBLISH)
    assert (lab.states(), lab.hit_ids()) == ({"held": 3}, [])

    assert controlling.resume(lab.hitline, "dogs", "breed") == 3
    lab.turn(Door.PUBLISH)
    assert lab.states() == {"open": 3}
    assert len(lab.hit_ids()) == 3


def test_a_pause_leaves_hits_out_and_settles_from_their_answers(lab: Lab) -> None:
    lab.turn(Door.PUBLISH)
    assert controlling.pause(lab.hitline, "dogs") == 3

    for hit_id in lab.hit_ids():
        lab.market.submit(hit_id, "AWORKER1", breed="terrier")
        lab.market.submit(hit_id, "AWORKER2", breed="terrier")
    sweeping.sweep(lab.hitline)
    lab.turn(Door.AGGREGATE)

    assert lab.states() == {"settled": 3}


def test_a_stage_does_not_go_on_while_its_pipeline_is_paused(lab: Lab) -> None:
    controlling.pause(lab.hitline, "dogs")
    controlling.pause(lab.hitline, "dogs", "breed")

    with pytest.raises(HitlineError, match=r'whole pipeline is paused.*"hitline resume dogs"'):
        controlling.resume(lab.hitline, "dogs", "breed")

    controlling.resume(lab.hitline, "dogs")
    with lab.hitline.store.reading() as connection:
        assert item_rows.control(connection, "dogs", "breed") is Control.RUNNING


def test_a_stop_ends_what_is_out_pays_what_is_held_and_drops_the_rest(lab: Lab) -> None:
    """Of three HITs one has an answer, one is in a worker's hands, and nobody took the third."""
    lab.turn(Door.PUBLISH)
    answered, in_hand, _ = lab.hit_ids()
    lab.market.submit(answered, "AWORKER1", breed="terrier")
    assignment = lab.market.accept(in_hand, "AWORKER2")

    stopped = controlling.stop(lab.hitline, "dogs")

    assert (stopped.hits, stopped.items) == (3, 3)
    assert stopped.owed == Owed(
        reserved=Amount(reward=Decimal("0.30"), fee=Decimal("0.06")), unjudged=0, held=1
    )
    assert {lab.market.status(hit) for hit in (answered, in_hand)} == {
        "Reviewable",
        "Unassignable",
    }
    lab.turn(Door.AGGREGATE)
    assert lab.states() == {"dropped": 2, "open": 1}

    lab.market.engine.submit(assignment, "AWORKER2", {"breed": "poodle"})
    lab.market.advance(minutes=6)
    sweeping.sweep(lab.hitline)
    lab.turn(Door.REPOST)
    lab.turn(Door.AGGREGATE)
    lab.close()
    assert lab.states() == {"dropped": 3}
    with lab.hitline.store.reading() as connection:
        owed = outstanding.owed(connection, "dogs")
    assert owed == Owed(reserved=Amount(), unjudged=0, held=0)
    assert lab.progress().spent.total == Decimal("0.12")


def test_a_hit_that_is_posted_while_we_stop_is_ended_too(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run had reserved its money before the stop, and posts after we looked what is out."""
    lab.turn(Door.PUBLISH)
    (late,) = _one_more(lab)

    class Racing(Requester):
        raced = False

        def expire(self, hit_id: str) -> None:
            super().expire(hit_id)
            if not self.raced:
                self.raced = True
                with monkeypatch.context() as before:
                    before.setattr(posting.items, "control", lambda *_: Control.RUNNING)
                    lab.act([late], Door.PUBLISH)

    hitline = _with(lab.hitline, Racing(lab.market.client))

    assert controlling.stop(hitline, "dogs").hits == 4
    assert {lab.market.status(hit_id) for hit_id in lab.hit_ids()} == {"Reviewable"}


def test_a_stop_that_failed_half_way_goes_on_where_it_was(lab: Lab) -> None:
    lab.turn(Door.PUBLISH)
    first, *_ = lab.hit_ids()

    class Failing(Requester):
        def expire(self, hit_id: str) -> None:
            if hit_id == first:
                raise HitlineError("the endpoint did not answer")
            super().expire(hit_id)

    with pytest.raises(HitlineError):
        controlling.stop(_with(lab.hitline, Failing(lab.market.client)), "dogs")
    assert lab.market.status(first) == "Assignable"

    assert controlling.stop(lab.hitline, "dogs").hits == 1
    assert {lab.market.status(hit_id) for hit_id in lab.hit_ids()} == {"Reviewable"}


def test_notifications_are_held_back_and_sent_elsewhere_and_remembered(lab: Lab) -> None:
    assert controlling.hold_notifications(lab.hitline, "dogs", "breed") == 1
    assert _sent_to(lab) == [(QUEUE, "SQS", False)]
    assert _remembered(lab) == [(QUEUE, "SQS", False)]

    types = controlling.send_notifications(lab.hitline, "dogs", transport="SNS", destination=TOPIC)
    assert types == 1
    assert _sent_to(lab) == [(TOPIC, "SNS", True)]
    assert _remembered(lab) == [(TOPIC, "SNS", True)]


def test_launching_again_remembers_the_destination_that_was_set_last(lab: Lab) -> None:
    prepare(lab.hitline, DOGS, Path("dogs.py"), transport="SNS", destination=TOPIC)

    assert _remembered(lab) == _sent_to(lab) == [(TOPIC, "SNS", True)]


def test_launching_again_leaves_off_what_a_person_switched_off(lab: Lab) -> None:
    controlling.hold_notifications(lab.hitline, "dogs")
    left_off = prepare(lab.hitline, DOGS, Path("dogs.py"), transport="SNS", destination=TOPIC)

    assert left_off == 1
    assert _remembered(lab) == _sent_to(lab) == [(QUEUE, "SQS", False)]


def test_the_command_line_publishes_once_and_stops(
    market: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name, value in _environment(market, tmp_path).items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "items.csv"
    file.write_text("key,url\na,x\nb,y\n")

    said = []
    for typed in (
        ["run", "dogs", str(file), "--yes"],
        ["run", "dogs", str(file)],
        ["notifications", "show", "dogs"],
        ["notifications", "on", "dogs", "breed", "--destination", TOPIC],
        ["pause", "dogs", "breed"],
        ["stop", "dogs", "--yes"],
        ["run", "dogs", str(file)],
        ["results", "--csv", str(tmp_path / "results.csv")],
        ["results", "--csv", str(tmp_path / "nowhere" / "results.csv")],
    ):
        code = main(typed)
        printed = capsys.readouterr()
        said.append((code, printed.out + printed.err))

    assert [code for code, _ in said] == [0, 0, 0, 0, 0, 0, 1, 0, 1]
    texts = [text for _, text in said]
    assert "2 items added, 0 known already" in texts[0]
    assert texts[1] == "0 items added, 2 known already\n"
    assert QUEUE in texts[2]
    assert texts[3] == f"the events of 1 HIT type go to {TOPIC} by SNS\n"
    assert texts[4] == "dogs/breed is paused; 0 HITs still out\n"
    assert "0 HITs expired, 2 items will be settled from what there is, or dropped" in texts[5]
    assert "$0.00 reserved" in texts[5]
    assert "dogs/breed is stopped and would drop the items" in texts[6]
    assert texts[7] == f"2 items written to {tmp_path / 'results.csv'}\n"
    assert texts[8].endswith("results.csv cannot be written: No such file or directory\n")


def _environment(market: Any, folder: Path) -> dict[str, str]:
    """What reaches the marketplace, and a clock that stands nearly still at its time."""
    pipeline = folder / "pipelines" / "dogs" / "pipeline.py"
    pipeline.parent.mkdir(parents=True)
    pipeline.write_text(PIPELINE)
    return {
        "HITLINE_DATABASE_URL": f"sqlite:///{folder / 'hitline.db'}",
        "HITLINE_PIPELINES": str(folder / "pipelines"),
        "HITLINE_ENDPOINT_URL": market.url,
        "HITLINE_QUEUE_URL": QUEUE,
        "HITLINE_CLOCK_ANCHOR": market.clock.now().isoformat(),
        "HITLINE_CLOCK_SPEED": "0.000001",
        "AWS_ACCESS_KEY_ID": market.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": market.credentials.secret_access_key,
    }


def _one_more(lab: Lab) -> list[Decided]:
    """A fourth item that was looked at, and is about to be posted."""
    launch(lab.hitline, DOGS, [ItemRow(key="d", input={"key": "d"}, gold={}, line=2)])
    return lab.look(Door.PUBLISH)


def _with(hitline: Hitline, requester: Requester) -> Hitline:
    return Hitline(
        store=hitline.store,
        requester=requester,
        clock=hitline.clock,
        fees=hitline.fees,
        pipeline=hitline.pipeline,
    )


def _sent_to(lab: Lab) -> list[tuple[str, str, bool]]:
    """What the marketplace has for each HIT type."""
    with lab.market.engine.look() as tx:
        rows = tx.connection.execute(select(notification_specs))
        return [(row.destination, row.transport, row.active) for row in rows]


def _remembered(lab: Lab) -> list[tuple[str | None, str | None, bool]]:
    with lab.hitline.store.reading() as connection:
        found = subscriptions.of_pipeline(connection, "dogs")
    return [(one.destination, one.transport, one.active) for one in found]
