"""A short storm over a real stack: everything killed, the services failing, and the books clean."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.contracts.store.conftest import SERVER

REPOSITORY = Path(__file__).parents[2]
KILLS = 15
DEADLINE = 1500.0
REACHED = {
    "before CreateHITWithHITType",
    "after CreateHITWithHITType",
    "before CreateAdditionalAssignmentsForHIT",
    "after CreateAdditionalAssignmentsForHIT",
    "before ApproveAssignment",
    "after ApproveAssignment",
    "before UpdateHITReviewStatus",
    "after UpdateHITReviewStatus",
    "before RejectAssignment",
    "after RejectAssignment",
    "before SendBonus",
    "after SendBonus",
    "after ReceiveMessage",
    "after DeleteMessageBatch",
    "after receiving.receive",
    "after claiming.claim",
    "after posting._reserve",
    "after posting.adopt",
    "after collecting._keep",
    "after changing.reserve",
    "after changing.extend",
    "after settling.settle",
    "after settling.keep_verdict",
    "after judging._begin",
    "after judging._keep",
    "after bonuses._begin",
    "after bonuses._paid",
    "after closing._write_off",
    "after ring._due",
    "after lease._note",
}
"""What an ordinary item goes through, or a person asks for; the rest is reached if there is
occasion."""

ZERO = (
    *("lost", "posted_twice", "paid_twice", "cap_exceeded", "bought_after_settled"),
    *("unjudged", "judged_otherwise", "blocked_otherwise"),
)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> str:
    require: Callable[[bool, str], None] = request.getfixturevalue("require")
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=5).close()
    except psycopg.OperationalError as missing:
        require(False, f"a PostgreSQL server at {SERVER} (TEST_POSTGRESQL): {missing}")
    return SERVER


@pytest.fixture(scope="module")
def storm(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The summary of one storm."""
    root = tmp_path_factory.mktemp("chaos") / "root"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "deployments.chaos", "--root", str(root)),
            *("--kills", str(KILLS), "--seed", "1", "--database", "postgresql"),
            *("--under-way", "24", "--purse", "20", "--longest", "180"),
            *(part for point in sorted(REACHED) for part in ("--reach", point)),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert (root / "summary.json").exists(), done.stdout
    summary: dict[str, Any] = json.loads((root / "summary.json").read_text())
    summary["said"] = done.stdout
    return summary


@pytest.mark.slow
@pytest.mark.parametrize("figure", ZERO)
def test_nothing_is_lost_and_nothing_done_twice(storm: dict[str, Any], figure: str) -> None:
    assert storm[figure] == 0, storm["said"]


@pytest.mark.slow
def test_the_books_agree_to_the_cent(storm: dict[str, Any]) -> None:
    assert storm["ledger_difference"] == "0.00", storm["said"]


@pytest.mark.slow
def test_every_step_that_items_go_through_was_died_at(storm: dict[str, Any]) -> None:
    assert {*storm["faults"]["points"]} >= REACHED, storm["said"]
    assert storm["kills"] >= KILLS + len(REACHED)


@pytest.mark.slow
def test_the_services_failed_too(storm: dict[str, Any]) -> None:
    faults = storm["faults"]
    assert {*faults["database_away"]} == {"hitline", "prefect", "marketplace"}
    assert faults["disk_full"] == 1
    assert faults["notifications"]["lost"] > 0
    assert sum(storm["repaired"].values()) > 0


@pytest.mark.slow
def test_what_a_death_leaves_behind_is_put_right_within_two_minutes(
    storm: dict[str, Any],
) -> None:
    assert storm["repair_seconds"]["p95"] <= 120, storm["said"]
