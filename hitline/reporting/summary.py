"""The summary of a run, as it is written to summary.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from hitline.model import FINISHED, ItemState
from hitline.money import as_string
from hitline.pipeline import Pipeline
from hitline.policies import Step
from hitline.reporting.progress import StageProgress, event_to_action, progress
from hitline.store import sanctions
from hitline.store.alerts import standing


def summary(
    connection: Connection,
    pipeline: Pipeline,
    *,
    sent: int,
    account_change: Decimal,
    flow_runs: Mapping[str, Mapping[str, int]],
    wall_seconds: float,
) -> dict[str, Any]:
    """What the pipeline came to: money as decimal strings, times in seconds of wall time.

    What only others know is passed in: `sent` events and the `account_change` (opening less
    closing balance) by the endpoint, `flow_runs` (deployment → completed, failed) by Prefect.
    """
    now = progress(connection, pipeline)
    latency = event_to_action(connection, pipeline.name)
    finished = {state: now.count(state) for state in FINISHED}
    return {
        "items": {
            "published": now.items,
            "settled": finished[ItemState.SETTLED],
            "staff": finished[ItemState.STAFF],
            "dropped": finished[ItemState.DROPPED],
            "open": now.items - sum(finished.values()),
        },
        "stages": {stage.name: _stage(stage) for stage in now.stages},
        "answers": now.answers,
        "spent": {
            "rewards": as_string(now.spent.reward),
            "fees": as_string(now.spent.fee),
            "total": as_string(now.spent.total),
        },
        "account_change": as_string(account_change),
        "copies": {
            "items": now.copies.items,
            "answers": now.copies.answers,
            "cost": as_string(now.copies.cost),
        },
        "steps": _steps(connection, pipeline.name),
        "would_flip": now.would_flip,
        "alerts": [
            {"kind": alert.kind, "stage": alert.stage, "text": alert.text}
            for alert in standing(connection, pipeline.name)
        ],
        "notifications": {
            "sent": sent,
            "received": now.notifications.received,
            "duplicates": now.notifications.duplicates,
            "unparsed": now.notifications.unparsed,
        },
        "flow_runs": {name: dict(counts) for name, counts in sorted(flow_runs.items())},
        "event_to_action_seconds": {
            "p50": _rounded(latency.p50, 3),
            "p95": _rounded(latency.p95, 3),
        },
        "wall_seconds": round(wall_seconds, 1),
    }


def _stage(stage: StageProgress) -> dict[str, Any]:
    return {
        "items": stage.items,
        "settled": stage.states[ItemState.SETTLED],
        "staff": stage.states[ItemState.STAFF],
        "gold_items": stage.gold_items,
        "accuracy": _rounded(stage.accuracy, 4),
        "answers": stage.answers,
        "extended": stage.extended,
        "reposted": stage.reposted,
    }


def _steps(connection: Connection, pipeline: str) -> dict[str, int]:
    """How many workers each step stands against; of several, the strictest counts."""
    taken = Counter(sanctions.standing_steps(connection, pipeline).values())
    return {str(step): taken[step] for step in Step}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
