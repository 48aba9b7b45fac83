"""`python -m deployments.chaos`: what `make chaos` runs."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from sqlalchemy import func, select

from deployments.chaos import repairing
from deployments.chaos.audit import Audit, audit
from deployments.chaos.books import Books
from deployments.chaos.databases import choose
from deployments.chaos.feeding import BATCHES, PURSE, Feeding
from deployments.chaos.hands import Hands
from deployments.chaos.repairing import Repair
from deployments.chaos.stack import Chaotic, bring_up, crowd
from deployments.chaos.storm import FAULTS, Storm
from deployments.chaos.watching import Watch
from deployments.stack import Stack, parts
from hitline.clock import RunningClock
from hitline.errors import HitlineError
from hitline.model import FINISHED, ItemState
from hitline.store import sanctions
from hitline.store.bonuses import BonusState
from hitline.store.outstanding import nothing_left
from hitline.store.schema import bonuses, items
from hitline.wiring import Hitline

ROOT = parts.ROOT / "var" / "chaos"
SERVER = "postgresql://postgres@127.0.0.1:5432"
SPEED = 240.0
"""Business seconds in a wall second: a HIT's hour passes in a quarter of a minute."""

app = App(name="deployments.chaos", help=__doc__)
log = logging.getLogger("chaos")


@app.default
def chaos(
    *,
    kills: Annotated[int, Parameter(help="Processes killed at random moments.")] = 100,
    seed: Annotated[int, Parameter(help="Of who is killed when.")] = 1,
    database: Annotated[
        Literal["auto", "postgresql", "sqlite"],
        Parameter(help="auto: PostgreSQL, if there is a server."),
    ] = "auto",
    server: Annotated[
        str, Parameter(help="A PostgreSQL server to make databases on.", env_var="TEST_POSTGRESQL")
    ] = SERVER,
    under_way: Annotated[int, Parameter(help="Items that are unfinished at any time.")] = 40,
    purse: Annotated[int, Parameter(help="Items that share a budget too small for them.")] = 30,
    patience: Annotated[float, Parameter(help="Seconds for what is left afterwards.")] = 900.0,
    longest: Annotated[
        float, Parameter(help="Seconds after which no named point is waited for any more.")
    ] = 3600.0,
    reach: Annotated[
        tuple[str, ...], Parameter(help="A named point that is waited for all the same.")
    ] = (),
    keep: Annotated[bool, Parameter(negative="", help="Do not drop the databases.")] = False,
    root: Annotated[Path, Parameter(help="Emptied first; everything is kept here.")] = ROOT,
) -> int:
    """Kill, fail and lose; then see in the marketplace's books what came of it."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    began = time.monotonic()
    databases = choose(root, database, server)
    try:
        with Stack(root / "log", restart_after=0.5, gives_up=False) as stack:
            print(f"Starting two of everything on {databases.kind} in {root}", flush=True)
            chaotic = bring_up(stack, root, databases, clock=_clock())
            print(f"Up after {time.monotonic() - began:.0f} s", flush=True)
            summary, came_to = run(
                stack,
                chaotic,
                kills=kills,
                seed=seed,
                under_way=under_way,
                purse=purse,
                patience=patience,
                longest=longest,
                reach=reach,
                began=began,
            )
    finally:
        if keep:
            print(f"Kept: {databases.url('hitline')} {databases.url('marketplace')}")
        else:
            databases.drop()
    (root / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary, indent=2))
    for line in came_to.found:
        print(line)
    return 0 if came_to.is_clean else 1


def _clock() -> RunningClock:
    """In the evening, so that soon there is a day's wage to be made up."""
    now = datetime.now(UTC).replace(microsecond=0)
    evening = now.replace(hour=21, minute=0, second=0)
    return RunningClock(wall_anchor=now, anchor=evening, speed=SPEED)


def run(
    stack: Stack,
    chaotic: Chaotic,
    *,
    kills: int,
    seed: int,
    under_way: int,
    purse: int,
    patience: float,
    longest: float,
    reach: Sequence[str],
    began: float,
) -> tuple[dict[str, Any], Audit]:
    """Everything but starting and stopping; the summary, and what the audit found."""
    hitline = chaotic.local.hitline()
    books = Books(chaotic.databases.url("marketplace"))
    feeding = Feeding(chaotic, hitline, under_way=under_way, purse=purse)
    feeding.start()
    chaotic.faults(**FAULTS)
    stack.start(crowd(chaotic))
    watch = Watch(chaotic, hitline, books)
    watch.start()
    hands = Hands(chaotic, hitline, seed=seed)
    hands.start()
    storm = Storm(stack, chaotic, watch, seed=seed)
    storm.blow(kills, longest=longest, wanted=reach)
    print(f"{storm.kills} kills, {len(watch.points)} at named points", flush=True)
    hands.stop()
    feeding.stop()
    chaotic.no_more_faults()
    _calm_down(stack, hitline, hands, patience)
    stack.end("crowd")
    watch.stop()
    budgets = {PURSE: hitline.pipeline(PURSE).budget}
    came_to = audit(
        hitline,
        books,
        feeding.fed,
        {name: Decimal(budget) for name, budget in budgets.items() if budget is not None},
        watch.committed,
    )
    repairs = [*watch.repaired, *repairing.after_losses(hitline, books)]
    repairing.write(chaotic.local.root / "repairs.csv", repairs)
    summary = {
        **_summary(storm, watch, books, came_to, repairs),
        "judged": dict(Counter(books.judgements().values())),
        "by_hand": {**hands.done, "given_up": hands.given_up},
        "database": chaotic.databases.kind,
        "seed": seed,
        "start_seconds": round(chaotic.start_seconds, 1),
        "seconds": round(time.monotonic() - began, 1),
    }
    books.close()
    return summary, came_to


def _summary(
    storm: Storm, watch: Watch, books: Books, came_to: Audit, repairs: Sequence[Repair]
) -> dict[str, Any]:
    return {
        "kills": storm.kills + len(watch.points),
        "faults": {
            "killed": dict(storm.killed),
            "points": sorted(watch.points),
            "points_not_reached": sorted(set(storm.points) - set(watch.points)),
            "database_away": dict(storm.away),
            "disk_full": storm.full,
            "notifications": books.notifications(),
            "shares": FAULTS,
        },
        "items": came_to.items,
        "hits": len(books.hits()),
        "lost": came_to.lost,
        "posted_twice": came_to.posted_twice,
        "paid_twice": came_to.paid_twice,
        "cap_exceeded": came_to.cap_exceeded,
        "bought_after_settled": came_to.bought_after_settled,
        "unjudged": came_to.unjudged,
        "judged_otherwise": came_to.judged_otherwise,
        "blocked_otherwise": came_to.blocked_otherwise,
        "ledger_difference": f"{came_to.ledger_difference:.2f}",
        "repaired": dict(came_to.repaired),
        "repair_seconds": repairing.figures(repairs),
        "repair_seconds_after": {
            cause: repairing.figures([one for one in repairs if one.cause == cause])
            for cause in (repairing.DEATH, repairing.LOSS)
        },
    }


def _calm_down(stack: Stack, hitline: Hitline, hands: Hands, patience: float) -> None:
    """Let what is left be done; nothing more is added or killed, and nothing fails."""
    until = time.monotonic() + patience
    still = 0
    while still < 3 and time.monotonic() < until:
        pause = time.monotonic() + 1.0
        stack.watch(lambda pause=pause: time.monotonic() > pause)  # type: ignore[misc]
        try:
            hands.retry()
            still = still + 1 if _is_done(hitline) else 0
        except HitlineError:
            still = 0


def _is_done(hitline: Hitline) -> bool:
    finished = [str(state) for state in FINISHED]
    unfinished = select(func.count()).where(
        items.c.state.not_in(finished), items.c.pipeline.in_(BATCHES)
    )
    asking = select(func.count()).where(items.c.state == ItemState.OPEN)
    paying = select(func.count()).where(bonuses.c.state == BonusState.BEGUN)
    with hitline.store.reading() as connection:
        under_way = [connection.scalar(query) for query in (unfinished, asking, paying)]
        if any(under_way) or sanctions.stages_with_unfinished(connection):
            return False
        return nothing_left(connection)


def main() -> int:
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        return int(app(result_action="return_value") or 0)
    except HitlineError as failed:
        print(f"chaos: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
