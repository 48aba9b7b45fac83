"""`python -m deployments.demo`: what `make demo` runs."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
from cyclopts import App, Parameter
from rich.console import Console

from deployments import runs
from deployments.demo import crowdside
from deployments.demo.board import Board, show_summary
from deployments.demo.compared import compared
from deployments.local import Local, at_normal_speed, bring_up, now_at
from deployments.stack import Stack, parts
from hitline.acting.auditing import audit
from hitline.acting.controlling import pause
from hitline.acting.launching import check, launch, prepare
from hitline.errors import HitlineError, PartFailed
from hitline.itemsfile import read_items
from hitline.model import ItemState
from hitline.reporting.progress import Progress, progress
from hitline.reporting.results import results, write_csv
from hitline.reporting.summary import summary
from hitline.store.outstanding import nothing_left
from hitline.wiring import Hitline

PIPELINE = "stance"
FOR_PEOPLE = "tickets"
"""What is left open for work when the stack stays up."""
ROOT = parts.ROOT / "var" / "demo"
SPEED = 360.0
"""Business seconds in a wall second: an hour of crowd passes in ten seconds."""
LOOK_EVERY = 2.0
"""Wall seconds between two looks at everything; each costs the Prefect server some work."""
PATIENCE = 1800.0
"""Wall seconds after which a demo that does not end is given up."""

app = App(name="deployments.demo", help=__doc__)


@app.default
def demo(
    *,
    items: Annotated[int, Parameter(help="How many of the recorded headlines, 1 to 2595.")] = 200,
    keep: Annotated[bool, Parameter(negative="", help="Leave it running afterwards.")] = False,
    transport: Annotated[Literal["sqs", "sns"], Parameter(help="How notifications come.")] = "sqs",
    root: Annotated[Path, Parameter(help="Emptied first; everything is kept here.")] = ROOT,
) -> None:
    """Run the whole loop on recorded workers, and say what it came to."""
    console = Console()
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with Stack(root / "log") as stack:
        console.print(f"Starting Prefect, queues, marketplace, intake and worker in {_short(root)}")
        began = time.monotonic()
        local = bring_up(
            stack,
            root,
            clock=now_at(SPEED),
            transport="SNS" if transport == "sns" else "SQS",
        )
        local.write_env()
        console.print(f"Up after {time.monotonic() - began:.0f} s; Prefect UI: {local.prefect_ui}")
        came_to = run(stack, local, items, console)
        show_summary(console, came_to, _short(root))
        if keep:
            stay(stack, local, console)


def run(stack: Stack, local: Local, count: int, console: Console) -> dict[str, Any]:
    """Publish, let the crowd work until nothing is left to do, and write down what it came to."""
    began = time.monotonic()
    hitline = local.hitline()
    before = hitline.requester.balance()
    publish(hitline, local, PIPELINE, count)
    script = parts.ROOT / "pipelines" / PIPELINE / "crowd.toml"
    stack.start(parts.crowd(local.market_db, "--script", str(script)))
    with (
        runs.client_of(local.prefect_ui) as prefect,
        crowdside.client_of(local.marketplace_url) as market,
        Board(console) as board,
    ):
        while not _look(hitline, prefect, market, board, began):
            if time.monotonic() - began > PATIENCE:
                raise PartFailed(
                    f"the demo was not done after {PATIENCE:.0f} s; see {local.root}/log"
                )
            _pass_time(stack, LOOK_EVERY)
        stack.end("crowd")
        return write_down(
            hitline,
            local.root,
            sent=crowdside.ask(market).sent,
            account_change=before - hitline.requester.balance(),
            flow_runs=runs.runs_by_deployment(prefect),
            wall_seconds=time.monotonic() - began,
        )


def publish(hitline: Hitline, local: Local, name: str, count: int | None = None) -> None:
    """What `hitline run NAME items.csv` does, for the first `count` items or all."""
    pipeline = hitline.pipeline(name)
    folder = parts.ROOT / "pipelines" / name
    rows = read_items(folder / "items.csv", pipeline.first.question.placeholders)
    if count is not None and not 1 <= count <= len(rows):
        raise HitlineError(f"--items {count}: there are 1 to {len(rows)} items of {name}")
    check(pipeline, rows[:count], folder / "items.csv")
    prepare(
        hitline,
        pipeline,
        folder / "pipeline.py",
        transport=local.path.transport,
        destination=local.path.destination,
    )
    launch(hitline, pipeline, rows[:count])


def _look(
    hitline: Hitline, prefect: httpx.Client, market: httpx.Client, board: Board, began: float
) -> bool:
    """Show where things stand; whether all is done."""
    with hitline.store.reading() as connection:
        now = progress(connection, hitline.pipeline(PIPELINE))
    counted = runs.count_runs(prefect)
    board.show(now, counted, crowdside.ask(market), time.monotonic() - began)
    return done(hitline, now, counted)


def done(hitline: Hitline, now: Progress, counted: runs.RunCounts) -> bool:
    """Whether every item has reached its end, everybody is paid, and nothing is under way."""
    unfinished = (ItemState.NEW, ItemState.OPEN, ItemState.HELD)
    if any(now.count(state) for state in unfinished) or counted.under_way:
        return False
    with hitline.store.reading() as connection:
        return nothing_left(connection)


def write_down(
    hitline: Hitline,
    root: Path,
    *,
    sent: int,
    account_change: Decimal,
    flow_runs: dict[str, dict[str, int]],
    wall_seconds: float,
) -> dict[str, Any]:
    """summary.json, results.csv, and the recorded answers that these are compared with.

    The ledger is compared with the endpoint, as `hitline ledger check` does.
    """
    with hitline.store.reading() as connection:
        came_to = summary(
            connection,
            hitline.pipeline(PIPELINE),
            sent=sent,
            account_change=account_change,
            flow_runs=flow_runs,
            wall_seconds=wall_seconds,
        )
        rows = results(connection, PIPELINE)
    write_csv(root / "results.csv", rows)
    recording = parts.ROOT / "pipelines" / PIPELINE
    came_to["compared"] = {
        stage: compared(recording, stage, rows, root) for stage in came_to["stages"]
    }
    audited = audit(hitline)
    came_to["audit"] = {
        "hits": audited.hits,
        "assignments": audited.assignments,
        "differences": [f"{one.hit_id} {one.said}".strip() for one in audited.differences],
    }
    (root / "summary.json").write_text(json.dumps(came_to, indent=2) + "\n")
    return came_to


def stay(stack: Stack, local: Local, console: Console) -> None:
    """Leave everything up until Ctrl-C, at the wall's speed and with work for people."""
    # The recorded workers have gone: what a refit asks again would wait for them in vain.
    pause(local.hitline(), PIPELINE)
    kept = at_normal_speed(stack, local)
    env = _short(kept.write_env())
    publish(kept.hitline(), kept, FOR_PEOPLE)
    console.print(f"\nPrefect UI    {kept.prefect_ui}")
    console.print(f"Marketplace   {kept.marketplace_url}")
    console.print(f"Work yourself {kept.invitation()}", soft_wrap=True)
    console.print("              Sign up there: 30 messages to a shop wait to be read.")
    in_a_shell = f"set -a; . {env}; set +a; .venv/bin/hitline status"
    console.print(f"In a shell    {in_a_shell}", soft_wrap=True)
    console.print("Ctrl-C stops everything.")
    while True:
        _pass_time(stack, 60.0)


def _pass_time(stack: Stack, seconds: float) -> None:
    """Look after the stack for so long."""
    until = time.monotonic() + seconds
    stack.watch(until=lambda: time.monotonic() > until)


def _short(path: Path) -> str:
    return str(path.relative_to(parts.ROOT) if path.is_relative_to(parts.ROOT) else path)


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app(result_action="return_none")
    except HitlineError as failed:
        print(f"demo: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
