"""A lab in which six workers answer, one of them always wrong."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any

from sqlalchemy import select

from hitline.acting import launching, sanctioning
from hitline.pipeline import Pipeline
from hitline.policies import Approve, Standards, Step, VoteLead
from hitline.standing import Standing
from hitline.store import alerts, sanctions
from hitline.store import schema as ours
from hitline.store.sanctions import Sanction
from marketplace.errors import MarketplaceError
from marketplace.store import schema as theirs
from tests.contracts.acting.lab import Lab, stage
from tests.contracts.acting.test_known_items import row

SPAMMER = "ASPAMMER"
GOOD = [f"AGOOD{number}" for number in range(1, 6)]
LADDER = Standards(note=None, warn=0.8, stop=0.7, least=4, apart=2)


def asking(standards: Standards | None = LADDER, **changes: Any) -> Pipeline:
    rules: dict[str, Any] = {
        "redundancy": VoteLead(start=2, lead=2, most=6),
        "standards": standards,
        "pay": Approve(within="1m"),
    }
    return Pipeline("lab", stages=[stage("ask", **{**rules, **changes})])


class Crowd:
    """A lab in which six workers answer, five of them right and one never."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.turns = cycle(GOOD)
        lab.prepare()

    def ask(self, *keys: str, gold: str | None = None) -> None:
        launching.launch(self.lab.hitline, self.lab.pipeline, [row(key, gold) for key in keys])
        self.lab.drive_all()

    def work(self, *, known: int = 0, plain: int = 0) -> None:
        """So many new items are asked, answered as often as they ask, and looked at."""
        start = self.lab.count(ours.items)
        rows = [row(f"gold{start + n}", "yes") for n in range(known)]
        rows += [row(f"plain{start + n}") for n in range(plain)]
        launching.launch(self.lab.hitline, self.lab.pipeline, rows)
        self.lab.drive_all()
        self.answer()

    def answer(self, *, first: Iterable[str] = (SPAMMER,)) -> None:
        """Everything that is out is answered, by these first, and paid for."""
        while out := [hit for hit in self.lab.requester.list_hits() if hit.available]:
            for hit in out:
                took = 0
                for worker in [*first, *islice(self.turns, len(GOOD))]:
                    if took < hit.available:
                        took += self.try_to_answer(hit.hit_id, worker)
            self.lab.run()
        self.lab.market.advance(minutes=2)
        self.lab.sweep()  # messages go to those who were paid
        self.judge()

    def try_to_answer(self, hit: str, worker: str, label: str | None = None) -> bool:
        said = label or ("no" if worker == SPAMMER else "yes")
        try:
            self.lab.market.submit(hit, worker, answer=said)
        except MarketplaceError:
            return False
        self.lab.market.advance(seconds=1)
        return True

    def judge(self) -> dict[str, Standing]:
        found = sanctioning.evaluate(self.lab.hitline, "lab", "ask")
        return {one.worker_id: one for one in found}

    def undo(self, why: str = "a mistake of ours") -> list[Sanction]:
        return sanctioning.undo(self.lab.hitline, "lab", "ask", SPAMMER, why)

    def take(self, step: Step) -> Sanction | None:
        return sanctioning.take(self.lab.hitline, "lab", "ask", SPAMMER, step, "by hand")

    def sanctions(self, worker: str = SPAMMER) -> list[Sanction]:
        with self.lab.store.reading() as connection:
            return sanctions.of_worker(connection, worker)

    def steps(self, worker: str = SPAMMER) -> list[str]:
        return [str(one.step) for one in self.sanctions(worker)]

    def mail(self, worker: str = SPAMMER) -> list[str]:
        """The first words of the subjects of what the worker was sent."""
        query = select(theirs.messages.c.subject).where(theirs.messages.c.worker_id == worker)
        with self.lab.market.engine.look() as tx:
            found = list(tx.connection.scalars(query.order_by(theirs.messages.c.id)))
        return [subject.split(" ")[0] for subject in found]

    def why_not(self, worker: str = SPAMMER) -> set[str | None]:
        """Why the worker's answers do not count, None for those that do."""
        query = select(ours.answers.c.why_not).where(ours.answers.c.worker_id == worker)
        with self.lab.store.reading() as connection:
            return set(connection.scalars(query))

    def alerts(self) -> list[str]:
        with self.lab.store.reading() as connection:
            return [
                one.subject for one in alerts.standing(connection) if one.kind == "worker-stopped"
            ]


def blocks(lab: Lab) -> list[str]:
    with lab.market.engine.look() as tx:
        return list(tx.connection.scalars(select(theirs.blocks.c.worker_id)))
