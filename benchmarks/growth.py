"""`python -m benchmarks.growth`: what a HIT costs with few and with many HITs in the database.

A real marketplace, and hitline's own steps in this process, without Prefect: post, look, settle,
close, then one sweep. In between, the database grows by copies of what those HITs left behind:
items, HITs, submissions, answers, events, calls, ledger entries and verdicts, under new ids. The
goal is 1.2 times the cost at most.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from benchmarks import service, whole
from benchmarks.figures import table
from deployments.local import Databases, Local, Ports, now_at
from deployments.provision import NotificationPath
from deployments.receiving import Delivery, receive
from hitline.acting import budgeting, claiming, effects, rounds, sweeping
from hitline.acting.rounds import Errand
from hitline.model import Door
from hitline.mturk.client import connect
from hitline.mturk.connection import Credentials
from hitline.store import leases, open_store, upgrade
from hitline.store.schema import metadata
from hitline.wiring import Hitline, wire

GOAL = 1.2
EARLY = timedelta(seconds=5)
"""An early look waits a moment for a HIT's last answer; here nobody waits."""
IDS = {
    *("id", "item_id", "parent_id", "root_id", "hit_id", "annotation", "assignment_id"),
    *("identity", "document_id", "token", "key"),
}
"""Columns whose values are new in a copy; those that are numbers are left to the database."""
COPIED = (
    *("items", "hits", "hit_items", "assignments", "answers", "events"),
    *("intents", "intent_items", "ledger", "verdicts"),
)


def measure(root: Path, server: str | None, *, few: int, many: int, hits: int) -> dict[str, Any]:
    """Milliseconds a HIT, and a sweep, with `few` and with `many` HITs in the database."""
    with (
        whole.databases(root, server) as where,
        service.marketplace(where.marketplace, root) as market,
    ):
        hitline, local = _wired(root, where, market.url)
        crowd = whole.Crowd(local)
        _work(hitline, local, crowd, hits, first=1)
        _grow(hitline, hits, few)
        small = _work(hitline, local, crowd, hits, first=hits + 1)
        _grow(hitline, hits, many)
        large = _work(hitline, local, crowd, hits, first=2 * hits + 1)
    return {
        "hits": [few, many],
        "small": small,
        "large": large,
        "slower": round(large["ms_per_hit"] / small["ms_per_hit"], 3),
        "sweep_slower": round(large["sweep_ms"] / small["sweep_ms"], 3),
        "goal": GOAL,
    }


def _work(
    hitline: Hitline, local: Local, crowd: whole.Crowd, count: int, *, first: int
) -> dict[str, float]:
    """Take so many HITs from an item to a closed HIT; the crowd's own part is not measured."""
    whole.publish(hitline, local, "one", count, first=first)
    spent = _timed(lambda: _drive(hitline))
    for hit_id in crowd.open_hits():
        crowd.answer(hit_id, kind="cat")
        _tell(hitline, hit_id)
    spent += _timed(lambda: _drive(hitline))
    sweep = _timed(lambda: sweeping.sweep(hitline))
    return {
        "ms_per_hit": round(spent / count * 1000, 2),
        "sweep_ms": round(sweep * 1000, 1),
    }


def _tell(hitline: Hitline, hit_id: str) -> None:
    """What the marketplace would send of a HIT that is done."""
    now = hitline.clock.now()
    body = {
        "Events": [
            {"EventType": kind, "HITId": hit_id, "EventTimestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
            for kind in ("AssignmentSubmitted", "HITReviewable")
        ]
    }
    delivery = Delivery(message_id=hit_id, body=json.dumps(body))
    receive(hitline.store, [delivery], "sqs", hitline.clock.wall() - EARLY)


def _drive(hitline: Hitline) -> None:
    """What the flow runs of all doors do, one after another."""
    while ringing := _waiting(hitline):
        for one in ringing:
            while chunk := claiming.claim(hitline, one.door, one.pipeline, one.stage, "benchmark"):
                if one.door is Door.CLOSE:
                    rounds.close(hitline, chunk)
                    continue
                errand = Errand(door=one.door, flow_run="benchmark")
                orders = rounds.sort_out(rounds.look(hitline, chunk))
                effects.settle(hitline, orders.settle, errand)
                effects.post(hitline, orders.post, errand)


def _waiting(hitline: Hitline) -> list[leases.Waiting]:
    with hitline.store.reading() as connection:
        return leases.waiting(connection, hitline.clock.wall())


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _grow(hitline: Hitline, base: int, to: int) -> None:
    """Copy what the first `base` HITs left until there are `to` in all."""
    with hitline.store.reading() as connection:
        originals = {name: _rows(connection, metadata.tables[name]) for name in COPIED}
    have = len(originals["hits"])
    copy = 0
    while have < to:
        copy += 1
        with hitline.store.writing() as connection:
            for name, rows in originals.items():
                made = [_copied(row, f"{to}-{copy}") for row in rows]
                if not made:
                    continue
                connection.execute(insert(metadata.tables[name]), made)
        have += len(originals["hits"])
    budgeting.fold(hitline)  # as each sweep would have done on the way
    with hitline.store.writing() as connection:
        connection.exec_driver_sql("ANALYZE")


def _rows(connection: Connection, of: Table) -> list[dict[str, Any]]:
    """A table's rows, at most as many as a thousand HITs leave; generated numbers left out."""
    found = connection.execute(select(of).limit(8000)).mappings().all()
    return [
        {name: value for name, value in row.items() if not _generated(of, name)} for row in found
    ]


def _generated(of: Table, name: str) -> bool:
    return name == "id" and of.c.id.type.python_type is int


def _copied(row: Mapping[str, Any], copy: str) -> dict[str, Any]:
    """The row under new ids, which are as long as the old ones and differ from copy to copy."""
    return {
        name: _renamed(value, copy) if name in IDS and isinstance(value, str) else value
        for name, value in row.items()
    }


def _renamed(value: str, copy: str) -> str:
    new = sha256(f"{copy}/{value}".encode()).hexdigest()
    return (new * (len(value) // len(new) + 1))[: max(len(value), 12)]


def _wired(root: Path, where: Databases, url: str) -> tuple[Hitline, Local]:
    keys = service.add_requester(where.marketplace, root)
    upgrade(where.hitline)
    credentials = Credentials(
        access_key_id=keys.access_key_id, secret_access_key=keys.secret_access_key
    )
    path = NotificationPath(
        transport="SQS",
        destination="https://sqs.us-east-1.amazonaws.com/123456789012/nobody",
        queue_url="",
    )
    local = Local(
        root=root,
        ports=Ports(),
        clock=now_at(1.0),
        path=path,
        env={"HITLINE_DATABASE_URL": where.hitline, "HITLINE_PIPELINES": str(whole.PIPELINES)},
        databases=where,
    )
    requester = connect(endpoint_url=url, credentials=credentials)
    wired = wire(local.settings, store=open_store(where.hitline), requester=requester)
    return replace(wired, clock=local.clock), local


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--few", type=int, default=1_000, help="HITs of the small database")
    add("--many", type=int, default=100_000, help="HITs of the large one")
    add("--hits", type=int, default=200, help="HITs that are worked on each time")
    add("--database", help="URL of a PostgreSQL server, on which databases are made and dropped")
    add("--json", action="store_true", help="print JSON only")
    asked = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="hitline-growth-"))
    try:
        found = measure(root, asked.database, few=asked.few, many=asked.many, hits=asked.hits)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if asked.json:
        print(json.dumps(found))
        return
    rows = [
        {"HITs": count, **found[name]}
        for count, name in zip(found["hits"], ("small", "large"), strict=True)
    ]
    title = f"A HIT costs {found['slower']}x, a sweep {found['sweep_slower']}x; goal {GOAL}x"
    print(table(title, rows))


if __name__ == "__main__":
    main()
