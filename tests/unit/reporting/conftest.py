"""A small pipeline some way down its road: every row written by the store's own functions.

Stage breed, items a to h:
  a  terrier, as its known answer says      HIT1, with b and c
  b  terrier, its known answer is poodle    HIT1
  c  poodle; its known answer is no label   HIT1
  d  handed to staff, known answer terrier  HIT2, raised in place, then HIT3 at the next rung
  e  held for money                         HIT4
  f  open, after an extension               HIT5
  g  dropped
  h  new
Stage check, one item, made from a: settled by HIT6 and a sibling, HIT7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from hitline.fields import Choice
from hitline.model import Door, Event, EventType, Hit, HitStatus, Item, ItemState
from hitline.notifications import Document
from hitline.pipeline import Link, Pipeline, Stage
from hitline.questions import HtmlTemplate
from hitline.store import (
    Store,
    caps,
    hits,
    inbox,
    intents,
    items,
    leases,
    ledger,
    open_store,
    pipelines,
    upgrade,
)
from hitline.store.caps import Cap
from hitline.store.intents import Intent
from hitline.store.items import VerdictRow
from hitline.store.ledger import Amount
from hitline.tokens import Annotation, child_id, item_id

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
WALL = datetime(2026, 2, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Business time, so many minutes after the first item was added."""
    return START + timedelta(minutes=minutes)


def wall(seconds: float) -> datetime:
    return WALL + timedelta(seconds=seconds)


@dataclass(frozen=True)
class World:
    """The database and the pipeline whose rows are in it."""

    store: Store
    pipeline: Pipeline

    def read(self) -> Any:
        return self.store.reading()

    def id(self, key: str, stage: str = "breed") -> str:
        return named(key, stage)


def stage(name: str, labels: list[str]) -> Stage:
    return Stage(
        name,
        question=HtmlTemplate("<p>${url}</p>"),
        title=f"Tell the {name}",
        reward="0.05",
        answer=Choice(name, labels),
        lifetime="1h",
        duration="5m",
    )


DOGS = Pipeline(
    "dogs",
    stages=[stage("breed", ["terrier", "poodle"]), stage("check", ["right", "wrong"])],
    links=[Link(source="breed", target="check", rule=lambda settled: None)],
    budget="10.00",
)


def named(key: str, stage: str = "breed") -> str:
    breed = item_id("dogs", "breed", key)
    return breed if stage == "breed" else child_id(breed, f"{stage}/0", 0)


class Writer:
    """Writes rows with the store's functions; times are minutes of business time."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self.store = store
        self.connection = connection

    def add(self, key: str, gold: str | None = None, **changed: Any) -> Item:
        item = Item(
            id=named(key, changed.get("stage", "breed")),
            pipeline="dogs",
            key=key,
            input={"url": f"https://dogs.example/{key}.jpg"},
            golds={} if gold is None else {changed.get("stage", "breed"): gold},
            **{"stage": "breed", **changed},
        )
        items.add(self.store, self.connection, [item], at(0))
        return item

    def post(self, hit_id: str, *carried: Item, rung: int = 0, **changed: Any) -> None:
        stage = carried[0].stage
        about = Annotation(
            pipeline="dogs",
            stage=stage,
            items=tuple(item.id for item in carried),
            generation=changed.pop("generation", 0),
            sibling=changed.pop("sibling", 0),
        )
        hit = Hit(
            hit_id=hit_id,
            hit_type_id=f"TYPE{rung}",
            status=HitStatus.ASSIGNABLE,
            max_assignments=changed.pop("most", 2),
            pending=0,
            available=2,
            completed=0,
            reward=Decimal("0.05"),
            created_at=at(changed.pop("at", 1)),
            expires_at=at(61),
            duration=timedelta(minutes=5),
        )
        hits.record(self.store, self.connection, hit, about, rung)
        if changed:
            hits.change(self.connection, hit_id, **changed)

    def answer(self, number: int, hit_id: str, item: Item, label: str | None, **said: Any) -> None:
        """Worker AWORKER<number>'s submission; without a label nobody can read it."""
        worker, submission = f"AWORKER{number}", f"ASSIGNMENT{number}"
        row = {
            "assignment_id": submission,
            "worker_id": worker,
            "hit_id": hit_id,
            "status": said.get("status", "Approved"),
            "submitted_at": at(said.get("at", 10 + number)),
            "judge_by": at(3000),
        }
        hits.record_assignment(self.store, self.connection, row)
        why_not = said.get("why_not", "unreadable" if label is None else None)
        answer = {
            "assignment_id": submission,
            "worker_id": worker,
            "item_id": item.id,
            "hit_id": hit_id,
            "values": None if label is None else {item.stage: label},
            "problem": said.get("problem"),
            "counted": why_not is None,
            "why_not": why_not,
            "submitted_at": row["submitted_at"],
        }
        hits.record_answers(self.store, self.connection, [answer])

    def money(self, entry: str, token: str, hit_id: str, reward: str, fee: str, stage: str) -> None:
        ledger.enter(
            self.store,
            self.connection,
            token=f"{entry}:{token}",
            entry=entry,
            pipeline="dogs",
            stage=stage,
            amount=Amount(reward=Decimal(reward), fee=Decimal(fee)),
            cause="",
            at=at(30),
            hit_id=hit_id,
        )

    def call(self, token: str, kind: str, item: Item, outcome: str | None, **detail: Any) -> None:
        intent = Intent(
            token=token,
            kind=kind,
            pipeline="dogs",
            stage=item.stage,
            item_ids=(item.id,),
            hit_id=None,
            detail=detail,
            created_at=at(1),
        )
        intents.begin(self.store, self.connection, intent, wall(1))
        if outcome is not None:
            intents.done(self.connection, token, outcome, wall(2))

    def verdict(self, item: Item, kind: str, why: str, **more: Any) -> None:
        row = VerdictRow(
            item=item,
            door=more.get("door", Door.AGGREGATE),
            kind=kind,
            why=why,
            outcome=more.get("outcome"),
            hit_id=more.get("hit_id"),
            flow_run=more.get("flow_run", "run-1"),
            at=at(more.get("at", 20)),
            wall_at=wall(100),
            wall_sent_at=wall(100 - more["took"]) if "took" in more else None,
        )
        items.record_verdict(self.connection, row)

    def event(self, number: int, event_type: EventType, hit_id: str) -> None:
        event = Event(identity=f"event-{number}", type=event_type, at=at(12), hit_id=hit_id)
        document = Document(
            document_id="doc",
            customer_id=None,
            source_account=None,
            version=None,
            events=(event,),
        )
        inbox.receive(self.store, self.connection, document, sent_at=None, wall=wall(number))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    opened = open_store(url)
    yield opened
    opened.dispose()


@pytest.fixture
def dogs() -> Pipeline:
    return DOGS


@pytest.fixture
def world(store: Store) -> World:
    with store.writing() as connection:
        write = Writer(store, connection)
        pipelines.register(store, connection, "dogs", "dogs.py", wall(0))
        caps.put(store, connection, Cap(pipeline="dogs", total=Decimal("10.00")))
        breeds(write)
        checks(write)
    return World(store, DOGS)


def breeds(write: Writer) -> None:
    a, b, c = write.add("a", "terrier"), write.add("b", "poodle"), write.add("c", "cat")
    d, e, f = write.add("d", "terrier"), write.add("e"), write.add("f")
    g, _ = write.add("g"), write.add("h")
    write.post("HIT1", a, b, c, submitted=2, closed_at=at(31), status=HitStatus.REVIEWING)
    for number, label in ((1, "terrier"), (2, "terrier")):
        for item in (a, b, c):
            write.answer(number, "HIT1", item, label)
        write.money("settle", str(number), "HIT1", "0.05", "0.02", "breed")
    write.money("reserve", "HIT1", "HIT1", "0.10", "0.04", "breed")
    for item, label in ((a, "terrier"), (b, "terrier"), (c, "poodle")):
        items.finished(
            write.connection, item.id, ItemState.SETTLED, "2 votes ahead", at(20),
            label=label, agreement=1.0,
        )  # fmt: skip
    write.verdict(a, "post", "not asked yet", door=Door.PUBLISH, at=1, hit_id="HIT1",
                  outcome="posted HIT HIT1 at 0.05")  # fmt: skip
    write.verdict(a, "wait", "1 of 2 answers of HIT HIT1 to come", at=11, took=9)
    write.verdict(a, "settle", "2 votes ahead", at=20, took=1.5, outcome="settled as terrier")

    write.post("HIT2", d, rung=1)
    write.post("HIT3", d, rung=2, generation=1, submitted=1, most=2)
    write.answer(3, "HIT3", d, None, problem="breed: 'x\x1b[31m' is no label")
    write.call("t-d0", "post", d, "HIT2", generation=0, sibling=0)
    write.call("t-d1", "raise", d, "raised", rung=1)
    write.call("t-d2", "raise", d, "failed: taken", rung=2)
    write.call("t-d3", "post", d, "HIT3", generation=1, sibling=0)
    write.verdict(d, "repost", "expired", took=2.5)
    write.verdict(d, "giveup", "nobody came", took=4)
    items.finished(write.connection, d.id, ItemState.STAFF, "nobody came", at(40))

    write.post("HIT4", e)
    items.held(write.connection, e.id, "the budget has 0.02 left")
    write.post("HIT5", f, most=3, submitted=2)
    write.answer(4, "HIT5", f, "terrier", status="Submitted")
    write.answer(5, "HIT5", f, "poodle", status="Submitted")
    write.call("t-f1", "extend", f, "extended", before=2, after=3)
    write.call("t-f2", "extend", f, "failed: Throttled", before=3, after=4)
    write.call("t-f3", "extend", f, None, before=4, after=5)
    write.money("reserve", "HIT5", "HIT5", "0.15", "0.03", "breed")
    items.opened(write.connection, [f.id])
    items.finished(write.connection, g.id, ItemState.DROPPED, "the stage was stopped", at(5))


def checks(write: Writer) -> None:
    a = named("a")
    item = write.add("a", "right", stage="check", parent_id=a, root_id=a)
    write.post("HIT6", item, submitted=1, most=1)
    write.post("HIT7", item, generation=1, sibling=1, submitted=1, most=1)
    write.answer(6, "HIT6", item, "right")
    write.answer(7, "HIT7", item, "right", why_not="late")
    write.call("t-c0", "post", item, "HIT6", generation=0, sibling=0)
    write.call("t-c1", "post", item, "HIT7", generation=1, sibling=1)
    write.money("settle", "6", "HIT6", "0.05", "0.01", "check")
    write.money("reserve", "HIT6", "HIT6", "0.05", "0.01", "check")
    write.verdict(item, "settle", "enough", took=0.5)
    items.finished(
        write.connection, item.id, ItemState.SETTLED, "enough", at(50), label="right", agreement=1.0
    )
    for number, event_type in enumerate([EventType.HIT_REVIEWABLE, EventType.HIT_EXPIRED]):
        write.event(number, event_type, "HIT6")
    for _ in range(3):
        write.event(0, EventType.HIT_REVIEWABLE, "HIT6")
    write.event(2, EventType.HIT_REVIEWABLE, "HITOFOTHERS")
    inbox.resolve(write.connection, "HITOFOTHERS", None, "the HIT is none of ours")
    inbox.keep_unparsed(
        write.store, write.connection, "message-1", "<xml>", "it is no JSON", wall(3)
    )
    leases.mark(write.store, write.connection, [named("h")], Door.PUBLISH, "new", wall(4))
