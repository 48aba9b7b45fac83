"""`python -m benchmarks.burst --hits N`: N HITs become reviewable at once.

In one run, on the same service:

* hitline, from the first message received until every item is settled and stored; what comes after
  that (approval, closing) is held back and not measured, and so is the sweep;
* a bare loop: the AWS guide's handler, made to read every page. It receives, lists and parses, and
  stores nothing;
* one Prefect flow run for each event, through Prefect's process worker, for --runs events only.

moto's queue gets slower with every message that waits in it. So that the queue is not what is
measured, events travel in documents of ten, for hitline and the loop alike: 5,000 HITs are some
1,000 messages, and 500 for the loop, which is told of HITReviewable alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from benchmarks import per_event, whole
from deployments.local import Local
from deployments.runs import client_of as runs_of
from deployments.runs import count_runs
from deployments.stack import Stack, parts
from hitline.store.schema import verdicts
from hitline.wiring import Hitline

GOALS = {"ratio_to_bare_loop": 0.6, "ratio_to_one_run_per_event": 100.0, "share_used": 0.9}
NOT_MEASURED = ("close", "sweep", "report", "refit", "evaluate")
"""Deployments that do not run meanwhile: approvals and schedules. `evaluate` looks early at what
HITReviewable, which comes with it here, settles anyway."""


def measure(root: Path, server: str | None, *, hits: int, runs: int) -> dict[str, Any]:
    """The figures, by the names that `--json` prints."""
    with whole.up(root, server) as (stack, local):
        hitline, market = local.hitline(), _market(local)
        hit_ids = _all_at_once(stack, local, hitline, market, hits)
        ours = _ours(stack, hitline, market, hits)
        queues = parts.url(local.ports.queues)
        sqs = per_event.client("sqs", queues, parts.LOCAL_AWS)
        mturk = per_event.client("mturk", local.marketplace_url, local.env)
        queue_url = sqs.create_queue(QueueName="bare-loop")["QueueUrl"]
        per_event.fill(sqs, queue_url, hit_ids)
        bare = per_event.bare_loop(sqs, queue_url, mturk, hits)
        log = root / "log" / "process-worker.log"
        single = per_event.one_run_per_event(local.env, log, hit_ids[:runs]) if runs else None
    return {
        "hits": hits,
        "database": "PostgreSQL" if server else "SQLite",
        **ours,
        "bare_loop_hits_per_s": round(bare, 2),
        "one_run_per_event_hits_per_s": single and round(single, 3),
        "one_run_per_event_events": runs,
        "ratio_to_bare_loop": round(ours["hits_per_s"] / bare, 3),
        "ratio_to_one_run_per_event": single and round(ours["hits_per_s"] / single, 1),
    }


def measure_limited(root: Path, server: str | None, *, hits: int, limit: int) -> dict[str, Any]:
    """The same burst at a service that takes `limit` calls a second: how many of them are used."""
    with whole.up(root, server, limit=limit) as (stack, local):
        hitline, market = local.hitline(), _market(local)
        _all_at_once(stack, local, hitline, market, hits)
        whole.faults(local, throttle_rate=limit, throttle_burst=limit)
        ours = _ours(stack, hitline, market, hits)
        with runs_of(local.prefect_ui) as prefect:
            failed = count_runs(prefect).failed
    return {
        "hits": hits,
        "calls_allowed_per_s": limit,
        "seconds": ours["seconds"],
        "share_used": round(ours["hits_per_s"] / limit, 3),
        "calls_per_hit_with_refused": ours["api_calls_per_hit"],
        "failed_flow_runs": failed,
    }


def _market(local: Local) -> httpx.Client:
    return httpx.Client(base_url=local.marketplace_url, timeout=60, trust_env=False)


def _all_at_once(
    stack: Stack, local: Local, hitline: Hitline, market: httpx.Client, hits: int
) -> list[str]:
    """Have all HITs answered, and their events wait in the queue; the intake stands still."""
    whole.publish(hitline, local, "one", hits)
    crowd = whole.Crowd(local)
    _wait(lambda: len(crowd.open_hits()) == hits, "HITs to be posted", 60 + hits)
    time.sleep(5)
    _hold(local)
    hit_ids = crowd.open_hits()
    os.kill(stack.pid("intake"), signal.SIGSTOP)
    for hit_id in hit_ids:
        crowd.answer(hit_id, kind="cat")
    _wait(lambda: _facts(market)["notifications"]["pending"] == 0, "events to be sent", 600)
    return hit_ids


def _ours(stack: Stack, hitline: Hitline, market: httpx.Client, hits: int) -> dict[str, Any]:
    before = sum(_facts(market)["calls"].values())
    # A sweep that was under way may have settled some before they were told of.
    left = hits - _settled(hitline)
    began = time.monotonic()
    os.kill(stack.pid("intake"), signal.SIGCONT)
    _wait(lambda: _settled(hitline) == hits, "items to be settled", 60 + hits)
    seconds = time.monotonic() - began
    calls = sum(_facts(market)["calls"].values()) - before
    return {
        "hits_per_s": round(left / seconds, 2),
        "seconds": round(seconds, 2),
        "api_calls_per_hit": round(calls / left, 3),
        "peak_memory_mb": max(_peak_mb(stack.pid(name)) for name in ("worker", "intake")),
    }


def _hold(local: Local) -> None:
    """What is not measured does not run: its triggers are off, its schedules paused."""
    api = local.env["PREFECT_API_URL"]
    with httpx.Client(timeout=60, trust_env=False) as prefect:
        for made in prefect.post(f"{api}/automations/filter", json={}).json():
            actions = [one.get("deployment_id") for one in made["actions"]]
            names = {_deployment(prefect, api, one) for one in actions if one}
            if names & set(NOT_MEASURED):
                prefect.patch(f"{api}/automations/{made['id']}", json={"enabled": False})
        for one in prefect.post(f"{api}/deployments/filter", json={}).json():
            if one["name"] in NOT_MEASURED:
                prefect.post(f"{api}/deployments/{one['id']}/pause_deployment")


def _deployment(prefect: httpx.Client, api: str, deployment_id: str) -> str:
    found = prefect.get(f"{api}/deployments/{deployment_id}").raise_for_status().json()
    return str(found["name"])


def _settled(hitline: Hitline) -> int:
    query = select(func.count()).where(verdicts.c.kind == "settle")
    with hitline.store.reading() as connection:
        return connection.scalar(query) or 0


def _facts(market: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = market.get("/-/facts").raise_for_status().json()
    return found


def _peak_mb(pid: int) -> int:
    """The most memory that a process held at once."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024


def _wait(done: Any, what: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise SystemExit(f"waited {seconds:.0f} s in vain for {what}; see the stack's logs")
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.burst", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--hits", type=int, default=1000, help="how many become reviewable at once")
    add("--runs", type=int, default=40, help="events of the one-run-per-event part; 0: leave out")
    add(
        "--limit",
        type=int,
        help="only this: with so many calls a second allowed, how many are used",
    )
    add("--database", help="URL of a PostgreSQL server, on which databases are made and dropped")
    add("--root", type=Path, help="keep what the stack leaves here")
    add("--json", action="store_true", help="print JSON only")
    asked = parser.parse_args()
    root = asked.root or Path(tempfile.mkdtemp(prefix="hitline-burst-"))
    try:
        if asked.limit:
            found = measure_limited(root, asked.database, hits=asked.hits, limit=asked.limit)
        else:
            found = measure(root, asked.database, hits=asked.hits, runs=asked.runs)
    finally:
        if asked.root is None:
            shutil.rmtree(root, ignore_errors=True)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        goal = f"   (goal {GOALS[name]})" if name in GOALS else ""
        print(f"{name:32} {value}{goal}")


if __name__ == "__main__":
    main()
