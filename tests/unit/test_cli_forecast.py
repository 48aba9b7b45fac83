"""`hitline forecast` and `hitline export`: their figures, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deployments.cli import main
from hitline.store import upgrade

PIPELINE = """
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import Fixed
from hitline.questions import HtmlTemplate

pipeline = Pipeline("dogs", budget="5.00", stages=[
    Stage("breed", question=HtmlTemplate("<p>${url}</p>"), title="Which breed?", reward="0.05",
          answer=Choice("breed", ["terrier", "poodle"]), lifetime="1h", duration="5m",
          redundancy=Fixed(answers=3)),
])
"""
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HITLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'hitline.db'}")
    monkeypatch.setenv("HITLINE_PIPELINES", str(tmp_path / "pipelines"))
    monkeypatch.setenv("HITLINE_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HITLINE_QUEUE_URL", "http://127.0.0.1:9/queue")
    (tmp_path / "pipelines" / "dogs").mkdir(parents=True)
    (tmp_path / "pipelines" / "dogs" / "pipeline.py").write_text(PIPELINE)
    rows = "".join(f"k{number},u{number}\n" for number in range(100))
    (tmp_path / "items.csv").write_text(f"key,url\n{rows}")
    return tmp_path


@pytest.fixture
def hitline(place: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    def call(*tokens: str) -> tuple[int, str, str]:
        code = main(list(tokens))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def recording(place: Path, label: str = "terrier") -> list[str]:
    """Three workers who say the same of each of 50 tasks, and are right."""
    answers = "".join(f"t{task},W{worker},{label}\n" for task in range(50) for worker in range(3))
    (place / "answers.csv").write_text(f"task,worker,label\n{answers}")
    gold = "".join(f"t{task},{label}\n" for task in range(50))
    (place / "gold.csv").write_text(f"task,label\n{gold}")
    return ["--crowd", str(place / "answers.csv"), "--gold", str(place / "gold.csv")]


def test_without_anything_known_the_priors_are_taken_and_said(hitline: Typed, place: Path) -> None:
    code, out, _ = hitline("forecast", "dogs", str(place / "items.csv"))

    assert code == 0
    assert "priors; nothing is known of this crowd" in out
    assert "a pilot (hitline run --pilot) or a former run (--from) makes them narrower" in out
    assert "the budget of dogs, $5.00, may not suffice" in out


def test_a_forecast_needs_no_database_and_makes_none(hitline: Typed, place: Path) -> None:
    hitline("forecast", "dogs", str(place / "items.csv"))

    assert not (place / "hitline.db").exists()


def test_the_same_seed_gives_the_same_forecast(hitline: Typed, place: Path) -> None:
    typed = ("forecast", "dogs", str(place / "items.csv"), "--json")

    assert hitline(*typed) == hitline(*typed)
    assert hitline(*typed) != hitline(*typed, "--seed", "1")


def test_recorded_answers_go_through_the_stages_own_rule(hitline: Typed, place: Path) -> None:
    typed = ("forecast", "dogs", str(place / "items.csv"), *recording(place), "--json")

    told = json.loads(hitline(*typed)[1])

    # Two that agree settle an item, and some offers expire with half of their answers.
    assert 150 <= told["answers"]["middle"] <= 200
    assert told["accuracy"]["middle"] == 1.0
    assert told["source"] == "breed's rule on 150 recorded answers"


def test_without_gold_the_accuracy_is_a_prior(hitline: Typed, place: Path) -> None:
    crowd = recording(place)[:2]

    code, out, _ = hitline("forecast", "dogs", str(place / "items.csv"), *crowd)

    assert code == 0
    assert "breed: without --gold its accuracy is a prior" in out


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ([], 'say which items, as in "hitline forecast dogs ITEMS.csv"'),
        (["ITEMS", "--from", "dogs", "--crowd", "a.csv"], "by it or by --from, not by both"),
        (["ITEMS", "--gold", "g.csv"], "--gold: it says what is right of --crowd"),
        (["ITEMS", "--seed", "-1"], "seed: -1 is less than 0"),
        (["ITEMS", "--crowd", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["nowhere.csv"], "nowhere.csv cannot be read"),
        (["ITEMS", "--from", "dogs"], "there is no database"),
        (["--past"], "there is no database"),
    ],
)
def test_what_cannot_be_forecast_is_refused_in_one_sentence(
    hitline: Typed, place: Path, typed: list[str], sentence: str
) -> None:
    tokens = [str(place / "items.csv") if token == "ITEMS" else token for token in typed]

    code, _, err = hitline("forecast", "dogs", *tokens)

    assert code == 1
    assert sentence in err


def test_recorded_labels_that_no_stage_asks_for_are_refused(hitline: Typed, place: Path) -> None:
    crowd = recording(place, label="cat")

    code, _, err = hitline("forecast", "dogs", str(place / "items.csv"), *crowd)

    assert code == 1
    assert "no stage of dogs asks for (breed has terrier, poodle)" in err


def test_a_former_run_of_a_pipeline_that_never_ran_is_refused(hitline: Typed, place: Path) -> None:
    upgrade(f"sqlite:///{place / 'hitline.db'}")

    code, _, err = hitline("forecast", "dogs", str(place / "items.csv"), "--from", "cats")

    assert code == 1
    assert 'the pipeline "cats" was never launched' in err


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["--pilot", "0"], "--pilot: 0 is less than 1"),
        (["--pilot", "100"], "--pilot: 100 of 100 new items leave nothing for later"),
        (["--wait"], "--wait: it waits for a pilot"),
        (["--pilot", "5", "--seed", "-1"], "--seed: -1 is less than 0"),
    ],
)
def test_a_pilot_that_cannot_be_is_refused_before_the_endpoint_is_asked(
    hitline: Typed, place: Path, typed: list[str], sentence: str
) -> None:
    code, _, err = hitline("run", "dogs", str(place / "items.csv"), "--yes", *typed)

    assert code == 1
    assert sentence in err


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["--out", "x.xlsx"], "ends in neither .csv nor .parquet"),
        (["--out", "x.parquet", "--spreadsheet"], "it is for CSV"),
        (["--out", "x.csv"], "nothing was launched yet"),
    ],
)
def test_an_export_that_cannot_be_is_refused(
    hitline: Typed, place: Path, typed: list[str], sentence: str
) -> None:
    upgrade(f"sqlite:///{place / 'hitline.db'}")

    code, _, err = hitline("export", "dogs", *typed)

    assert code == 1
    assert sentence in err


def test_an_export_of_what_is_no_export_is_a_usage_error(hitline: Typed) -> None:
    assert hitline("export", "dogs", "--out", "x.csv", "--what", "everything")[0] == 2
