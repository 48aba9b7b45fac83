"""A marketplace with a recorded crowd, on a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from marketplace.clock import SetClock
from marketplace.crowd.recording import read_recording
from marketplace.crowd.replay import Replay
from marketplace.crowd.script import Script
from marketplace.engine import Engine, hit_types, hits
from marketplace.engine.model import HitType, TypeAttributes
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.schema import assignments, requesters

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
REQUESTER = "AREQUESTER"
XMLNS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"


@dataclass(frozen=True)
class Done:
    """What became of a worker's go at a HIT; times in seconds since `START`."""

    worker: str
    status: str
    answers: tuple[str, ...]
    worked: float | None


class Place:
    """A marketplace with one requester and a recorded crowd, on a clock that we move."""

    def __init__(self, folder: Path, script: Script) -> None:
        self.script = script
        self.clock = SetClock(START)
        self.store = Store(f"sqlite:///{folder / 'marketplace.db'}")
        self.engine = Engine(self.store, self.clock, Settings())
        self.crowd = self.new_crowd()
        with self.store.write() as connection:
            connection.execute(
                insert(requesters).values(
                    requester_id=REQUESTER,
                    name="test",
                    account="123456789012",
                    balance=Decimal("100.00"),
                    liability=Decimal("0.00"),
                    created_at=START,
                )
            )

    def new_crowd(self) -> Replay:
        return Replay(self.script, read_recording(self.script.answers), self.engine)

    def restart_crowd(self) -> None:
        self.crowd = self.new_crowd()
        self.crowd.resume()

    def hit_type(self, reward: str = "0.05", duration: int = 3600) -> HitType:
        attributes = TypeAttributes(
            title="Position",
            description="",
            keywords="",
            reward=Decimal(reward),
            duration=duration,
            auto_approval_delay=2_592_000,
            requirements=[],
        )
        with self.engine.act() as tx:
            return hit_types.register(tx, REQUESTER, attributes)

    def post(
        self, *tasks: str, most: int = 2, lifetime: int = 7200, set: str = "position", **type: Any
    ) -> str:
        """Post a HIT that asks about these tasks; with several, in numbered fields."""
        elements = "".join(
            f'<p data-crowd-set="{set}" data-crowd-task="{task}"'
            + (f' data-crowd-field="{set}.{slot}">' if len(tasks) > 1 else ">")
            for slot, task in enumerate(tasks, 1)
        )
        question = (
            f'<HTMLQuestion xmlns="{XMLNS}/2011-11-11/HTMLQuestion.xsd">'
            f"<HTMLContent><![CDATA[{elements}]]></HTMLContent></HTMLQuestion>"
        )
        hit_type = self.hit_type(**type)
        with self.engine.act() as tx:
            hit = hits.post(
                tx,
                REQUESTER,
                hit_type,
                question=question,
                lifetime=lifetime,
                max_assignments=most,
                annotation=None,
            )
        return hit.hit_id

    def let_pass(self, minutes: float, *, with_crowd: bool = True) -> None:
        """Move the clock on in steps of half a minute."""
        for _ in range(int(minutes * 2)):
            self.clock.advance(timedelta(seconds=30))
            self.engine.tick()
            if with_crowd:
                self.crowd.look()
                self.crowd.act()

    def history(self, hit_id: str) -> list[Done]:
        """What happened to a HIT, by the time of acceptance."""
        people = {self.script.worker_id(f"w{number}"): f"w{number}" for number in range(20)}
        with self.store.read() as connection:
            rows = connection.execute(
                select(assignments)
                .where(assignments.c.hit_id == hit_id)
                .order_by(assignments.c.accepted_at, assignments.c.id)
            ).all()
        return [
            Done(
                worker=people[row.worker_id],
                status=row.status,
                answers=tuple(_values(row.answer)),
                worked=(row.submitted_at - row.accepted_at).total_seconds()
                if row.submitted_at
                else None,
            )
            for row in rows
        ]

    def workers(self, hit_id: str) -> list[str]:
        return [done.worker for done in self.history(hit_id) if done.status == "Submitted"]


def _values(answer: str | None) -> Sequence[str]:
    parts = (answer or "").split("<FreeText>")[1:]
    return [part.split("</FreeText>")[0] for part in parts]


def recorded(folder: Path, *answers: str) -> Path:
    """From words such as `7:w1:for:30:0`: task, worker, label, seconds of work, minute of arrival.

    Without the last all came at once; without seconds the recording has no times.
    """
    lines = ["task,worker,label,accept_time,submit_time"]
    for word in answers:
        task, worker, label, *times = word.split(":")
        if not times:
            lines[0] = "task,worker,label"
            lines.append(f"{task},{worker},{label}")
            continue
        seconds, minute = (*map(int, times), 0)[:2]
        start = datetime(2017, 3, 27) + timedelta(minutes=minute)  # noqa: DTZ001 as recorded
        end = start + timedelta(seconds=seconds)
        lines.append(f"{task},{worker},{label},{start.isoformat()},{end.isoformat()}")
    path = folder / "answers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@contextmanager
def places(folder: Path) -> Iterator[Any]:
    """Call what is given with recorded answers and the script's keys to open a `Place`."""
    opened = []

    def build(*answers: str, **script: Any) -> Place:
        content = {
            "name": "test",
            "answers": recorded(folder, *answers),
            "seed": 1,
            "pace": 60,
            "sets": {"position": {"observing": "no", "for": "yes", "against": "yes"}},
        }
        place = Place(folder, Script.model_validate({**content, **script}))
        opened.append(place)
        return place

    yield build
    for place in opened:
        place.store.close()
