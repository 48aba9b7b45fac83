"""A pilot and an export as they are typed, against the marketplace over HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from deployments.cli import main, piloting
from deployments.cli.opening import opened
from hitline.acting.piloting import newest
from hitline.model import Door
from hitline.store import leases, outstanding
from tests.contracts.acting.lab import QUEUE, drive

PIPELINE = """
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import Fixed
from hitline.questions import HtmlTemplate

pipeline = Pipeline("dogs", stages=[
    Stage("breed", question=HtmlTemplate("<form><p>${url}</p><input name='breed'></form>"),
          title="Which breed?", reward="0.05", redundancy=Fixed(answers=1),
          answer=Choice("breed", ["terrier", "poodle"]), lifetime="1h", duration="5m"),
])
"""
Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def place(market: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pipeline and ten items, and the settings that reach the marketplace."""
    file = tmp_path / "pipelines" / "dogs" / "pipeline.py"
    file.parent.mkdir(parents=True)
    file.write_text(PIPELINE)
    (tmp_path / "items.csv").write_text("key,url\n" + "".join(f"k{n},u{n}\n" for n in range(10)))
    for name, value in {
        "HITLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'hitline.db'}",
        "HITLINE_PIPELINES": str(tmp_path / "pipelines"),
        "HITLINE_ENDPOINT_URL": market.url,
        "HITLINE_QUEUE_URL": QUEUE,
        "HITLINE_CLOCK_ANCHOR": market.clock.now().isoformat(),
        "HITLINE_CLOCK_SPEED": "0.000001",
        "AWS_ACCESS_KEY_ID": market.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": market.credentials.secret_access_key,
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def hitline(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Run a command as it is typed; `said` is what the person answers."""

    def call(*tokens: str, said: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        code = main([str(place / "items.csv") if token == "ITEMS" else token for token in tokens])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def work(market: Any) -> None:
    """Post what waits, answer every HIT, and settle."""
    there = opened()
    drive(there, Door.PUBLISH, "dogs", "breed")
    for hit in market.client.list_hits()["HITs"]:
        if hit["HITStatus"] == "Assignable":
            market.submit(hit["HITId"], "AWORKER1", breed="terrier")
    with there.store.writing() as connection:
        waiting = outstanding.unfinished(connection, "dogs")
        wall = there.clock.wall()
        leases.mark(there.store, connection, waiting, Door.AGGREGATE, "a test", wall)
    drive(there, Door.AGGREGATE, "dogs", "breed")
    drive(there, Door.CLOSE, "dogs", "breed")


def test_a_pilot_from_its_first_items_to_how_far_its_forecast_was_off(
    market: Any, place: Path, hitline: Typed
) -> None:
    begun = hitline("run", "dogs", "ITEMS", "--pilot", "3", "--yes")
    twice = hitline("run", "dogs", "ITEMS", "--pilot", "3")
    early = hitline("pilot", "show", "dogs")
    status = hitline("status", "dogs")
    beside = hitline("run", "dogs", "ITEMS", "--yes")
    work(market)
    shown = hitline("pilot", "show", "dogs")
    went_on = hitline("pilot", "continue", "dogs", said="y\n")
    again = hitline("pilot", "continue", "dogs", "--yes")
    work(market)
    past = hitline("forecast", "--past", "dogs")

    assert begun[0] == 0
    assert "3 items of 10 added; the rest waits" in begun[1]
    assert "no item is finished yet" in early[1]
    assert "3 items of 10 out already; the rest waits" in twice[1]
    assert 'a pilot is running and 7 items wait for a word: "hitline pilot show dogs"' in status[1]
    assert beside[0] == 1
    assert '"hitline pilot continue dogs" publishes them' in beside[1]
    assert "$0.18 spent on it so far" in shown[1]
    assert "The rest: 7 items, by what became of 3 items of dogs" in shown[1]
    assert "7 items added" in went_on[1]
    assert "0 items added, 7 known already" in again[1]
    assert "7 items, by what became of 3 items of dogs" in past[1]
    assert "0.42" in past[1]  # seven answers at 5 cents and a cent's fee
    assert hitline("run", "dogs", "ITEMS", "--yes")[0] == 0


def test_a_pilot_that_is_stopped_spends_nothing_more(
    market: Any, place: Path, hitline: Typed
) -> None:
    hitline("run", "dogs", "ITEMS", "--pilot", "3", "--yes")

    refused = hitline("pilot", "stop", "dogs", said="n\n")
    stopped = hitline("pilot", "stop", "dogs", "--yes")
    continued = hitline("pilot", "continue", "dogs", "--yes")

    assert refused[0] == 1
    assert "7 items will not be published" in stopped[1]
    assert (continued[0], "was stopped already" in continued[1]) == (1, True)
    work(market)
    assert market.client.list_hits()["HITs"] == []


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("continue\n", "7 items added"),
        ("stop\n", "7 items will not be published"),
        ("\n", 'they wait; "hitline pilot continue dogs" publishes them'),
    ],
)
def test_waiting_ends_with_a_word(
    market: Any,
    place: Path,
    hitline: Typed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    word: str,
    sentence: str,
) -> None:
    hitline("run", "dogs", "ITEMS", "--pilot", "3", "--yes")
    monkeypatch.setattr("sys.stdin", io.StringIO(word))
    there = opened()

    piloting.wait(there, newest(there, "dogs"), pause=lambda _: work(market))

    told = capsys.readouterr().out
    assert "breed: 0 of 3 finished, 0 answers" in told
    assert "breed: 3 of 3 finished, 3 answers" in told
    assert sentence in told


def test_what_was_answered_is_exported_as_it_is_typed(
    market: Any, place: Path, hitline: Typed
) -> None:
    hitline("run", "dogs", "ITEMS", "--yes")
    work(market)

    for what, out in (("answers", "a.csv"), ("results", "r.parquet"), ("labels", "l.csv")):
        code, told = hitline("export", "dogs", "--what", what, "--out", str(place / out))
        assert (code, "10 " in told) == (0, True)

    answers = pd.read_csv(place / "a.csv")
    assert answers["Answer.breed"].tolist() == ["terrier"] * 10
    assert set(answers["Title"]) == {"Which breed?"}
    results = pd.read_parquet(place / "r.parquet")
    assert sum(results["cost"]) == Decimal("0.60")
    assert results["final"].all()
