"""The benchmark measures what it says, on data that the engine could have left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import frontier, frontier_values, loading
from benchmarks.figures import latency, quantile, table
from hitline.policies import Agree
from hitline.replay_values import replayed_values
from marketplace.clock import SetClock
from marketplace.engine import Engine, account, requesters
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.schema import assignments, hits, ledger
from tests.contracts.conftest import START

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)]
)
def test_a_quantile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert quantile(range(1, 101), share) == expected


def test_latency_is_in_milliseconds() -> None:
    assert latency([0.001, 0.002, 0.1]) == {
        "count": 3,
        "p50": 2.0,
        "p95": 100.0,
        "p99": 100.0,
        "max": 100.0,
    }
    assert latency([]) == {"count": 0}


def test_a_table_has_its_numbers_to_the_right() -> None:
    shown = table("Title", [{"kind": "page", "ms": 1.5}, {"kind": "a submit", "ms": 1200.0}])
    assert shown.splitlines() == [
        "Title",
        "  kind         ms",
        "  page       1.50",
        "  a submit  1,200",
    ]


def test_loaded_data_is_as_the_engine_would_have_left_it(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'marketplace.db'}")
    engine = Engine(store, SetClock(START), Settings())
    with engine.act() as tx:
        requesters.add(tx, "lab")
        requester = requesters.named(tx, "lab").requester_id
        account.deposit(tx, requester, Decimal("1000.00"))
    loaded = loading.load(engine, 20)
    loading.load(engine, 10, worked_on=False)
    with engine.look() as tx:
        statuses = Counter(tx.connection.scalars(select(hits.c.status)))
        states = Counter(tx.connection.scalars(select(assignments.c.status)))
        figures = account.of(tx, requester)
        balance = tx.connection.scalar(select(func.sum(ledger.c.amount)))
        liability = tx.connection.scalar(select(func.sum(hits.c.liability)))
    store.close()
    # 14 approved HITs and 4 in review are reviewable; 2 want three more, 10 were never worked on.
    assert statuses == {"Reviewable": 18, "Assignable": 12}
    assert states == {"Approved": 70, "Submitted": 30}
    assert len(loaded.submitted) == 30
    # Each answer costs 5 cents and a fee of one: 70 were paid, 30 + 2 x 3 + 10 x 5 may be.
    assert figures.balance == balance == Decimal("1000.00") - 70 * Decimal("0.06")
    assert figures.liability == liability == 86 * Decimal("0.06")


def test_transcripts_that_come_with_it_are_merged_as_well_as_the_decision_says() -> None:
    crowd = frontier_values.read_any(frontier.SPEECH)
    found = replayed_values(crowd, Agree(), orders=2, seed=0)

    assert (crowd.field.kind, len(crowd.tasks), crowd.answers) == ("text", 600, 4110)
    assert found.error <= 0.067
    assert found.answers_per_item <= 5.4
    assert found.error < found.baselines["all_medoid"] < found.baselines["fixed5_rover"]


@pytest.mark.slow
def test_every_part_runs_without_an_error(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    small = {"workers": 5, "hits": 50, "seconds": 4, "pause": 0.5}
    few = {"small": 100, "large": 200, "calls": 40, "rounds": 1, "events": 60}
    options = [word for name, value in {**small, **few}.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "benchmarks.marketplace", "--json", report, *options]
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, timeout=240)
    found = json.loads(report.read_text())
    assert found["site"]["first_errors"] == []
    assert found["site"]["submits"]["count"] > 0
    assert found["api"]["first_errors"] == [[], []]
    assert found["api"]["operations"]["GetHIT"][0]["count"] == 16
    assert found["notifications"]["batch_10"]["events_per_second"] > 0
