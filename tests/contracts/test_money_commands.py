"""`hitline budget` and `hitline ledger`, typed against the marketplace over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.cli import main
from hitline.acting import claiming, effects, rounds
from hitline.acting.rounds import Errand
from hitline.model import Door
from hitline.settings import read_settings
from hitline.wiring import wire

PIPELINE = """
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate

pipeline = Pipeline("dogs", budget="0.20", stages=[
    Stage("breed", question=HtmlTemplate("<p>${url}</p>"), title="Which breed?", reward="0.05",
          answer=Choice("breed", ["terrier", "poodle"]), lifetime="1h", duration="5m"),
])
"""

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(market: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Typed:
    """Two items, launched with 0.20: one is asked, and reserves 0.12. Types a command."""
    folder = tmp_path / "pipelines" / "dogs"
    folder.mkdir(parents=True)
    (folder / "pipeline.py").write_text(PIPELINE)
    for name, value in {
        "HITLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'hitline.db'}",
        "HITLINE_PIPELINES": str(tmp_path / "pipelines"),
        "HITLINE_ENDPOINT_URL": market.url,
        "HITLINE_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/queue",
        "HITLINE_CLOCK_ANCHOR": market.clock.now().isoformat(),
        "HITLINE_CLOCK_SPEED": "0.000001",
        "AWS_ACCESS_KEY_ID": market.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": market.credentials.secret_access_key,
    }.items():
        monkeypatch.setenv(name, value)

    def call(*tokens: str) -> tuple[int, str]:
        code = main(list(tokens))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    items = tmp_path / "items.csv"
    items.write_text("key,url\na,x\nb,y\n")
    assert call("run", "dogs", str(items), "--yes")[0] == 0
    publish()
    return call


def publish() -> None:
    """What the flow of that name does."""
    hitline, errand = wire(read_settings()), Errand(door=Door.PUBLISH, flow_run="run")
    chunk = claiming.claim(hitline, Door.PUBLISH, "dogs", "breed", "run")
    effects.post(hitline, rounds.sort_out(rounds.look(hitline, chunk)).post, errand)
    hitline.store.dispose()


def cells(printed: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell.strip()]
            for line in printed.splitlines()]  # fmt: skip


def test_the_caps_are_shown_with_what_they_have_left(typed: Typed) -> None:
    code, printed = typed("budget", "dogs")

    assert code == 0
    assert ["all", "in all", "$0.20", "$0.00", "$0.12", "$0.08"] in cells(printed)


def test_a_raised_cap_lets_what_was_held_go_on_at_once(typed: Typed) -> None:
    code, printed = typed("budget", "dogs", "--total", "5.00")

    assert code == 0
    assert "1 held item looked at again" in printed
    assert ["all", "in all", "$5.00", "$0.00", "$0.12", "$4.88"] in cells(printed)
    publish()
    assert "$0.24 reserved" in typed("status", "dogs")[1]


def test_a_stage_may_have_a_daily_cap_and_lose_it_again(typed: Typed) -> None:
    code, printed = typed("budget", "dogs", "breed", "--daily", "0.50")
    shown = next(row for row in cells(printed) if row[:1] == ["breed"])
    assert code == 0
    assert shown[1].startswith("on 20")
    assert shown[2:] == ["$0.50", "-", "$0.12", "$0.38"]

    _, printed = typed("budget", "dogs", "breed", "--none")
    assert "breed" not in printed
    assert "in all" in printed


def test_without_any_cap_the_sums_are_told(typed: Typed) -> None:
    _, printed = typed("budget", "dogs", "--none")
    assert "dogs has no budget; $0.00 spent, $0.12 reserved" in printed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--total", "0.11"], "budget: 0.11 is less than what is reserved and spent already"),
        (["--daily", "0.11"], "the least that is possible now is 0.12"),
        (["--total", "0.125"], "--total: '0.125' is no amount in whole cents"),
        (["--daily=-1"], "--daily: '-1' is no amount in whole cents"),
        (["nowhere"], 'dogs has no stage "nowhere"'),
    ],
)
def test_what_cannot_hold_is_refused_with_the_field(
    typed: Typed, asked: list[str], said: str
) -> None:
    code, printed = typed("budget", "dogs", *asked)
    assert (code, said in printed) == (1, True), printed


def test_a_ledger_that_agrees_ends_with_0(typed: Typed) -> None:
    code, printed = typed("ledger", "check")
    assert code == 0
    assert "1 HIT, 0 assignments and 0 bonuses compared; $0.00 spent" in printed
    assert "the ledger and the endpoint agree" in printed


def test_a_ledger_that_differs_ends_with_1_and_names_what(typed: Typed, market: Any) -> None:
    (hit,) = market.client.list_hits()["HITs"]
    assignment = market.submit(hit["HITId"], "AWORKER1", breed="poodle")
    market.client.approve_assignment(AssignmentId=assignment)

    code, printed = typed("ledger", "check", "dogs")
    assert code == 1
    assert f"assignment {assignment} of worker AWORKER1 is approved there (0.06)" in printed
    assert "the ledger and the endpoint differ in 1 place" in printed


def test_the_entries_are_listed(typed: Typed) -> None:
    code, printed = typed("ledger", "show", "dogs")
    assert code == 0
    (entry,) = [row for row in cells(printed) if "reserve" in row]
    assert entry[1:4] == ["reserve", "assignment", "dogs/breed"]
    assert entry[-3:-1] == ["$0.10", "$0.02"]
