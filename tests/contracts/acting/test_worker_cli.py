"""`hitline worker`: what a person sees of workers, and does about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deployments.cli import main, worker
from hitline.pipeline import Pipeline
from hitline.policies import Fixed
from tests.contracts.acting.lab import Lab, stage

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(open_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> Lab:
    """AWORKER1 was wrong about the one known item, AWORKER2 right; both were paid."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=Fixed(answers=2))]))
    lab.launch("one", golds={"ask": "no"})
    lab.add("two")
    lab.drive_all()
    for hit in lab.hits():
        lab.answer(hit, "yes", "no")
    lab.run()
    lab.finish()
    monkeypatch.setattr(worker, "opened", lambda: lab.hitline)
    return lab


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["worker", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def lines(out: str, begin: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines() if line.startswith(begin)]


@pytest.mark.usefixtures("lab")
def test_the_list_has_everybody_with_interval_samples_and_step_the_worst_first(run: Run) -> None:
    run("note", "AWORKER2", "--reason", "asks good questions")
    code, out, _ = run("list")

    assert code == 0
    # One of one known: Beta(2, 1), whose ends are the roots of 0.05 and 0.95; two answers each.
    assert [line[:9] for line in lines(out, "AWORKER")] == [
        ["AWORKER1", "ask", "33%", "3%", "to", "78%", "0", "of", "1"],
        ["AWORKER2", "ask", "67%", "22%", "to", "97%", "1", "of", "1"],
    ]
    assert lines(out, "AWORKER2")[0][-1] == "note"


@pytest.mark.usefixtures("lab")
def test_a_worker_is_shown_with_evidence_and_every_step(run: Run) -> None:
    run("stop", "AWORKER1", "--reason", "answers in a second")
    run("undo", "AWORKER1", "--reason", "it was the form")
    code, out, _ = run("show", "AWORKER1")

    assert code == 0
    assert "lab/ask · AWORKER1" in out
    assert "0 of 1 known items right" in out
    assert "known items answered wrong: one" in out
    assert "answers in a second" in out
    assert "it was the form" in out
    assert "since the last pardon: 0 of 0 known items right" in out


def test_steps_are_taken_and_taken_back(lab: Lab, run: Run) -> None:
    for step in ("warn", "stop", "block"):
        code, out, _ = run(step, "AWORKER1", "--stage", "ask")
        assert code == 0
        assert f"AWORKER1 in lab/ask: {step}" in out
        assert "not done yet" not in out
    assert lab.not_counted() == ["stopped", "stopped"]

    code, out, _ = run("undo", "AWORKER1")
    assert code == 0
    assert out == ("taken back for AWORKER1: warn in lab/ask, stop in lab/ask, block in lab/ask\n")
    assert lab.not_counted() == []


@pytest.mark.usefixtures("lab")
def test_a_step_that_stands_is_told_and_not_taken_twice(run: Run) -> None:
    run("note", "AWORKER1")

    assert "the step stands already" in run("note", "AWORKER1")[1]


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["undo", "AWORKER1"], "no step stands against AWORKER1"),
        (["show", "ANOBODY"], "no answer of a worker"),
        (["stop", "ANOBODY"], "name --stage to act in advance"),
        (["stop", "AWORKER1", "--stage", "then"], 'has no stage "then"'),
        (["list", "--pipeline", "other"], "was never launched"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(
    run: Run, words: list[str], complaint: str
) -> None:
    code, _, err = run(*words)

    assert code == 1
    assert complaint in err


def test_somebody_may_be_stopped_in_advance(lab: Lab, run: Run) -> None:
    lab.market.engine.register_worker("ANOTHER")
    code, out, _ = run("stop", "ANOTHER", "--stage", "ask")

    assert (code, "not done yet" in out) == (0, False)


def test_what_the_endpoint_refuses_is_said(lab: Lab, run: Run) -> None:
    """It has never heard of this worker."""
    code, out, _ = run("block", "ANOBODY", "--stage", "ask")

    assert code == 0
    assert "not done yet: CreateWorkerBlock" in out
