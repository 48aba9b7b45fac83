"""The named points: read from the code, armed by a file, and each fatal to one process once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from deployments.chaos.points import Points, arm, armed, disarm, named, read_journal

TRY = """
import sys
from pathlib import Path
from deployments.chaos.points import Points
Points(Path(sys.argv[1]), Path(sys.argv[2])).reach("after posting.adopt")
"""


def reach(folder: Path, journal: Path) -> int:
    """The exit status of a process that comes to a point."""
    command = [sys.executable, "-c", TRY, str(folder), str(journal)]
    return subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode


def test_every_call_that_changes_something_has_a_point_before_and_after_it() -> None:
    points = named()
    for call in ("CreateHITWithHITType", "ApproveAssignment", "SendBonus", "DeleteHIT"):
        assert {f"before {call}", f"after {call}"} <= {*points}
    assert not [point for point in points if "Get" in point or "List" in point]


def test_every_transaction_that_writes_has_a_point_after_it() -> None:
    writes = {"posting._reserve", "posting.adopt", "settling.settle", "receiving.receive"}
    assert {f"after {write}" for write in writes} <= {*named()}


def test_a_point_kills_the_first_process_that_comes_to_it_and_no_other(tmp_path: Path) -> None:
    folder, journal = tmp_path / "points", tmp_path / "journal"
    arm(folder, ["after posting.adopt", "before DeleteHIT"])

    assert [reach(folder, journal), reach(folder, journal)] == [-9, 0]
    assert armed(folder) == ["before DeleteHIT"]
    (line,), _ = read_journal(journal, 0)
    assert line["point"] == "after posting.adopt"


def test_disarmed_points_kill_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "points"
    arm(folder, ["after posting.adopt"])
    disarm(folder)

    assert reach(folder, tmp_path / "journal") == 0


def test_who_has_just_come_is_spared_and_the_point_waits_for_the_next(tmp_path: Path) -> None:
    folder, journal = tmp_path / "points", tmp_path / "journal"
    arm(folder, ["after posting.adopt"])
    Points(folder, journal, spared=3600).reach("after posting.adopt")

    assert armed(folder) == ["after posting.adopt"]
    assert not journal.exists()


def test_the_journal_is_read_on_from_where_it_was_and_only_whole_lines(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    Points(tmp_path, journal).note(run="a", pid=1)
    first, offset = read_journal(journal, 0)
    Points(tmp_path, journal).note(run="b", pid=2)
    with journal.open("a") as file:
        file.write(json.dumps({"run": "c"})[:5])

    second, _ = read_journal(journal, offset)
    assert [line["run"] for line in (*first, *second)] == ["a", "b"]


def test_a_journal_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "journal", 0) == ([], 0)
