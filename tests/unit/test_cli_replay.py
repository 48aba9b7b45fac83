"""`hitline replay`: its figures, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.cli import main


@dataclass(frozen=True)
class Ended:
    """How the command ended, and what it printed."""

    code: int
    out: str
    err: str


Hitline = Callable[..., Ended]


@pytest.fixture
def hitline(capsys: pytest.CaptureFixture[str]) -> Hitline:
    def call(*tokens: str) -> Ended:
        code = main(list(tokens))
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return call


REPLAYED = "task,worker,label\na,W1,yes\na,W2,yes\nb,W1,no\nb,W2,no\nb,W3,no\n"


@pytest.fixture
def crowd(tmp_path: Path) -> list[str]:
    """The options that name recorded answers, all of them right, and what is right."""
    (tmp_path / "answers.csv").write_text(REPLAYED, encoding="utf-8")
    (tmp_path / "gold.csv").write_text("task,label\na,yes\nb,no\n", encoding="utf-8")
    return ["--answers", str(tmp_path / "answers.csv"), "--gold", str(tmp_path / "gold.csv")]


def test_replay_tells_its_figures_as_json(hitline: Hitline, crowd: list[str]) -> None:
    ended = hitline("replay", *crowd, "--policy", "fixed:3", "--reward", "0.04", "--json")

    assert ended.code == 0
    assert json.loads(ended.out) == {
        "answers_per_item": 2.0,
        "accuracy": 1.0,
        "accuracy_sd": 0.0,
        "rounds": 1.0,
        "cost_per_item": 0.1,  # two answers of 4 cents, and 1 cent each at least as a fee
        "flips": 0.0,
        "baselines": {
            "fixed3_majority": 1.0,
            "fixed5_majority": 1.0,
            "all_majority": 1.0,
            "all_dawid_skene": 1.0,
        },
    }


def test_replay_tells_its_figures_as_a_table(hitline: Hitline, crowd: list[str]) -> None:
    ended = hitline("replay", *crowd, "--policy", "thrifty", "--open", ".5", "--orders", "1")

    assert ended.code == 0
    assert "5 answers to 2 items, 2 replayed 0.5 open, 1 order" in ended.out
    assert "thrifty" in ended.out
    assert "fixed5 majority" in ended.out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--policy", "best"], "policy: 'best' is none; write thorough, thrifty"),
        (["--policy", "fixed:31"], "redundancy.answers: 31 is not between 1 and 30"),
        (["--orders", "0"], "orders: 0 is less than 1"),
        (["--seed", "-1"], "seed: -1 is less than 0"),
        (["--items", "3"], "items: 3, but only 2 have answers"),
        (["--open", "0"], "open: 0.0 is no share"),
        (["--open", "5"], "open: 5.0 is no share"),
        (["--known", "1"], "known: 1.0 is no share"),
        (["--reward", "0.005"], "reward: '0.005' is no amount in whole cents"),
        (["--reward", "0"], "reward: 0.00 is under the minimum reward"),
    ],
)
def test_replay_refuses_what_cannot_be_by_its_name(
    hitline: Hitline, crowd: list[str], typed: list[str], told: str
) -> None:
    ended = hitline("replay", *crowd, *typed)

    assert ended.code == 1
    assert told in ended.err


def test_replay_names_the_line_that_is_wrong(
    hitline: Hitline, crowd: list[str], tmp_path: Path
) -> None:
    (tmp_path / "gold.csv").write_text("task,label\na,yes\na,no\n", encoding="utf-8")
    ended = hitline("replay", *crowd)

    assert ended.code == 1
    assert "gold.csv: line 3, column label: task 'a' is 'no' here" in ended.err
