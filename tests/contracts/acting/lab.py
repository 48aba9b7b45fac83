"""A requester's lab: hitline's acting half and a real marketplace, on one clock, without Prefect.

`drive` does for one door what flows/rounds.py and flows/close.py do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from hitline.acting import claiming, effects, launching, rounds, sweeping
from hitline.acting.rounds import Errand, Told
from hitline.acting.sweeping import Swept
from hitline.fields import Choice
from hitline.itemsfile import ItemRow
from hitline.model import Door, Item, ItemState
from hitline.money import MTURK, NONE
from hitline.mturk.client import Requester
from hitline.notifications import read
from hitline.pipeline import Pipeline, Stage
from hitline.policies import RaiseReward, SettleBest, VoteLead
from hitline.questions import HtmlTemplate
from hitline.store import Store, inbox, items, leases, ledger
from hitline.store import schema as ours
from hitline.wiring import Hitline
from marketplace.api.operator import facts
from marketplace.engine.states import VISIBLE
from marketplace.notify.documents import group, render
from marketplace.notify.outbox import event_in
from marketplace.store import schema as theirs

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/hitline-notifications"
PAGE = HtmlTemplate('<form><p>${text}</p><input name="answer"></form>', name="ask.html")
SHARED_PAGE = HtmlTemplate(
    "<form><!-- each item --><p>${text}</p><input><!-- end item --></form>", name="ask-many.html"
)
LADDER = RaiseReward(by="0.05", most="0.15", times=2, then=SettleBest(lead=1))


def cents(count: int) -> Decimal:
    return Decimal(count) / 100


def stage(name: str, **changes: Any) -> Stage:
    """Yes or no, at 5, 10 and 15 cents, each open for an hour; two answers, two votes ahead."""
    attributes: dict[str, Any] = {
        "question": PAGE if changes.get("items_per_hit", 1) == 1 else SHARED_PAGE,
        "title": f"Stage {name}",
        "reward": "0.05",
        "answer": Choice("answer", ["yes", "no"]),
        "lifetime": "1h",
        "duration": "10m",
        "redundancy": VoteLead(start=2, lead=2, most=9),
        "expiry": LADDER,
    }
    return Stage(name, **{**attributes, **changes})


def drive(
    hitline: Hitline, door: Door, pipeline: str, stage: str, owner: str = "a run"
) -> list[Told]:
    """Drain what waits behind a door of a stage."""
    errand = Errand(door=door, flow_run=owner)
    told: list[Told] = []
    while chunk := claiming.claim(hitline, door, pipeline, stage, owner):
        if door is Door.CLOSE:
            rounds.close(hitline, chunk)
            continue
        orders = rounds.sort_out(rounds.look(hitline, chunk))
        told += effects.settle(hitline, orders.settle, errand)
        told += effects.extend(hitline, orders.extend, errand)
        told += effects.repost(hitline, orders.repost, errand)
        told += effects.post(hitline, orders.post, errand)
    return told


@dataclass
class Lab:
    """One pipeline of a requester, and the workers who may answer it."""

    market: Any
    store: Store
    pipeline: Pipeline
    requester: Requester
    chunk: int = 50
    told: list[Told] = field(default_factory=list)
    _delivered: int = 0

    def __post_init__(self) -> None:
        self.reopen(self.store)

    def reopen(self, store: Store) -> None:
        """Another process of the requester's, on the same database."""
        self.store = store
        self.hitline = Hitline(
            store=self.store,
            requester=self.requester,
            clock=self.market.clock,
            fees=MTURK,
            pipeline=lambda _: self.pipeline,
            chunk=self.chunk,
        )

    def free(self) -> None:
        """The requester is told that the endpoint charges nothing, and has no wall."""
        self.hitline = replace(self.hitline, fees=NONE)

    # the requester

    def prepare(self) -> None:
        launching.prepare(
            self.hitline, self.pipeline, Path("pipeline.py"), transport="SQS", destination=QUEUE
        )

    def launch(self, *keys: str, golds: Mapping[str, str] | None = None) -> None:
        """Prepare the stages, add the items, and post what can be posted."""
        self.prepare()
        self.add(*keys, golds=golds)
        self.drive_all()

    def add(self, *keys: str, golds: Mapping[str, str] | None = None) -> None:
        """Have the items wait to be posted."""
        rows = [
            ItemRow(key=key, input={"text": f"text {key}"}, gold=dict(golds or {}), line=line)
            for line, key in enumerate(keys, 2)
        ]
        launching.launch(self.hitline, self.pipeline, rows)

    def drive_all(self) -> list[Told]:
        """Answer every bell until none rings."""
        before = len(self.told)
        while ringing := self.waiting():
            for one in ringing:
                self.told += drive(self.hitline, one.door, one.pipeline, one.stage)
        return self.told[before:]

    def waiting(self) -> list[leases.Waiting]:
        with self.store.reading() as connection:
            return leases.waiting(connection, self.hitline.clock.wall())

    def run(self) -> list[Told]:
        """Deliver what the marketplace has sent, and do what it asks for."""
        self.deliver()
        self.market.advance(seconds=2)  # an early look waits a moment
        return self.drive_all()

    def sweep(self) -> Swept:
        """Once a minute, and what it rings for."""
        self.market.advance(seconds=60)
        swept = self.mark_what_is_due()
        self.drive_all()
        return swept

    def mark_what_is_due(self) -> Swept:
        return sweeping.sweep(self.hitline)

    def finish(self) -> None:
        """Run and sweep until a sweep finds nothing, or nothing else than the one before."""
        before = None
        for _ in range(10):
            self.run()
            found = self.sweep().marked
            if not found or found == before:
                return
            before = found
        raise AssertionError(f"the sweep goes on finding: {before}")

    def outlive_leases(self) -> None:
        """A run died: its items are free once its lease is over."""
        self.market.advance(seconds=leases.LEASE.total_seconds() + 1)

    # the way between

    def sent(self) -> list[str]:
        """Bodies of the notifications sent since the last call, one event each, in order."""
        with self.market.engine.look() as tx:
            rows = tx.connection.execute(
                select(theirs.outbox)
                .where(theirs.outbox.c.id > self._delivered)
                .order_by(theirs.outbox.c.id)
            ).mappings()
            events = [event_in(row) for row in rows]
        if events:
            self._delivered = events[-1].id
        return [render(document) for event in events for document in group([event])]

    def deliver(self, bodies: Iterable[str] | None = None) -> None:
        for body in self.sent() if bodies is None else bodies:
            with self.store.writing() as connection:
                inbox.receive(
                    self.store,
                    connection,
                    read(body),
                    sent_at=None,
                    wall=self.hitline.clock.wall(),
                )

    # the crowd

    def hits(self) -> list[str]:
        """The HITs that the marketplace has, oldest first."""
        query = select(theirs.hits.c.hit_id).order_by(theirs.hits.c.id)
        with self.market.engine.look() as tx:
            return list(tx.connection.scalars(query))

    def hit(self, hit_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.market.client.get_hit(HITId=hit_id)["HIT"]
        return shown

    def answer(self, hit_id: str, *labels: str, by: str = "A") -> None:
        """One worker after the other submits a label; workers are named A1, A2, …"""
        for number, label in enumerate(labels, 1):
            self.market.submit(hit_id, f"{by}WORKER{number}", answer=label)
            self.market.advance(seconds=1)

    # what came of it

    def item(self, key: str, stage: str | None = None) -> Item:
        with self.store.reading() as connection:
            found = items.find(connection, key)
        wanted = stage or self.pipeline.first.name
        return next(item for item in found if item.stage == wanted)

    def items(self, stage: str) -> list[Item]:
        with self.store.reading() as connection:
            ids = connection.scalars(select(ours.items.c.id).where(ours.items.c.stage == stage))
            return items.load(connection, ids)

    def state(self, key: str, stage: str | None = None) -> tuple[ItemState, str | None]:
        item = self.item(key, stage)
        return item.state, item.label

    def reason(self, key: str) -> str:
        return str(self.cell(ours.items.c.reason, ours.items.c.key == key))

    def cell(self, column: Any, *where: Any) -> Any:
        with self.store.reading() as connection:
            return connection.scalar(select(column).where(*where))

    def count(self, table: Any, *where: Any) -> int:
        with self.store.reading() as connection:
            return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def verdicts(self, key: str) -> list[str]:
        """The kinds of what was decided about an item of the first stage, in order."""
        with self.store.reading() as connection:
            query = select(ours.verdicts.c.kind).where(ours.verdicts.c.item_id == self.item(key).id)
            return list(connection.scalars(query.order_by(ours.verdicts.c.id)))

    def not_counted(self) -> list[str]:
        """Why answers were not counted, sorted."""
        query = select(ours.answers.c.why_not).where(ours.answers.c.counted.is_(False))
        with self.store.reading() as connection:
            return sorted(connection.scalars(query))

    def reserved(self) -> Decimal:
        with self.store.reading() as connection:
            return ledger.reserved(connection, self.pipeline.name).total

    def spent(self) -> Decimal:
        with self.store.reading() as connection:
            return ledger.spent(connection, self.pipeline.name).total

    def account(self) -> dict[str, str]:
        """The requester's figures at the marketplace."""
        figures: dict[str, str] = facts(self.market.engine)["accounts"]["lab"]
        return figures

    def lose(self, *tables: Any) -> None:
        """Rows are lost, for whatever reason."""
        with self.store.writing() as connection:
            for table in tables:
                connection.execute(delete(table))

    def audit(self) -> None:
        """Money agrees to the cent, nothing is reserved, everybody who submitted was judged."""
        account = self.account()
        with self.store.reading() as connection:
            spent = ledger.spent(connection, self.pipeline.name)
            kept = dict(
                connection.execute(
                    select(ours.assignments.c.assignment_id, ours.assignments.c.status)
                ).all()
            )
        figures = {
            "spent_rewards": f"{spent.reward:.2f}",
            "spent_fees": f"{spent.fee:.2f}",
            "liability": "0.00",
        }
        assert {name: account[name] for name in figures} == figures
        assert self.reserved() == Decimal("0.00")
        with self.market.engine.look() as tx:
            shown = dict(
                tx.connection.execute(
                    select(theirs.assignments.c.assignment_id, theirs.assignments.c.status).where(
                        theirs.assignments.c.status.in_([status.value for status in VISIBLE])
                    )
                ).all()
            )
        assert kept == shown
        assert "Submitted" not in shown.values()
        assert self.count(ours.intents, ours.intents.c.wall_done_at.is_(None)) == 0
        assert self.count(ours.dirt) == 0


class Killed(BaseException):
    """The process dies: nothing catches it."""


class Mortal:
    """Raises `death` at the step after the next `left` ones, once.

    A call has two steps, before it reaches the endpoint and before its answer reaches us; a
    transaction that writes has one, before it begins.
    """

    def __init__(self, client: Any, death: Callable[[], BaseException] = Killed) -> None:
        self.death = death
        self.left: int | None = None
        client.meta.events.register("before-send.mturk", self.step)
        client.meta.events.register("after-call.mturk", self.step)

    def step(self, **_: Any) -> None:
        if self.left is None:
            return
        if self.left == 0:
            self.left = None
            raise self.death()
        self.left -= 1


class MortalStore(Store):
    """A store whose process may die before it writes."""

    def __init__(self, store: Store, mortal: Mortal) -> None:
        super().__init__(store.engine)
        self._mortal = mortal

    def writing(self) -> Any:
        self._mortal.step()
        return super().writing()
