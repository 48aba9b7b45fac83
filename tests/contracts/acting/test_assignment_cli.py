"""`hitline assignment`: what a person sees of a submission, and does about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from deployments.cli import assignment, main
from hitline.pipeline import Pipeline
from hitline.policies import Fixed
from tests.contracts.acting.lab import Lab, stage

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(open_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch) -> Lab:
    """AWORKER1 answered one of the items, whose answer is known to be no."""
    asked = stage("ask", redundancy=Fixed(answers=3))
    lab = open_lab(Pipeline("lab", stages=[asked], budget="5.00"))
    lab.launch("one", golds={"ask": "no"})
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    monkeypatch.setattr(assignment, "opened", lambda: lab.hitline)
    return lab


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["assignment", *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def submitted(lab: Lab) -> str:
    (one,) = lab.requester.assignments(lab.hits()[0])
    return one.assignment_id


def test_a_submission_is_shown_with_what_it_says_and_until_when_it_is_judged(
    lab: Lab, run: Run
) -> None:
    code, out, _ = run("show", submitted(lab))

    assert code == 0
    assert f"{submitted(lab)} · lab/ask · submitted" in out
    assert "by AWORKER1 on HIT" in out
    assert "judged by 2026-01-07 09:00:00" in out
    assert [line.split() for line in out.splitlines() if line.startswith("one")] == [
        ["one", "answer", "=", "yes", "yes", "no"]
    ]


def test_what_a_worker_wrote_cannot_harm_the_terminal(lab: Lab, run: Run) -> None:
    """An escape sequence is shown, not obeyed."""
    lab.market.submit(lab.hits()[0], "AEVIL", answer="\u202eyes[31m")
    lab.run()
    evil = lab.requester.assignments(lab.hits()[0])[-1].assignment_id

    code, out, _ = run("show", evil)

    assert code == 0
    assert "\u202e" not in out


def test_submissions_are_approved_each_and_what_fails_is_named(lab: Lab, run: Run) -> None:
    code, out, err = run("approve", submitted(lab), "3NONE")

    assert code == 1
    assert f"{submitted(lab)} is approved" in out
    assert "3NONE: no submission '3NONE' is known on any HIT of ours" in err
    assert "1 of 2 failed" in err
    assert lab.spent() == Decimal("0.06")


def test_a_rejection_takes_feedback_and_a_yes(lab: Lab, run: Run) -> None:
    one = submitted(lab)
    assert run("reject", one, "--yes")[0] == 2
    assert run("reject", one, "--yes", "--feedback", " ")[0] == 1
    assert run("approve")[0] == 1

    code, out, _ = run("reject", one, "--yes", "--feedback", "Not read.")

    assert (code, out) == (0, f"{one} is rejected\n")
    shown = lab.market.client.get_assignment(AssignmentId=one)["Assignment"]
    assert shown["RequesterFeedback"] == "Not read."
    assert "rejected" in run("show", one)[1]


def test_a_rejection_is_overridden(lab: Lab, run: Run) -> None:
    one = submitted(lab)
    run("reject", one, "--yes", "--feedback", "Not read.")

    assert run("override", one, "--feedback", "We were wrong.")[:2] == (0, f"{one} is approved\n")


def test_a_worker_is_compensated_and_the_bonus_is_shown(lab: Lab, run: Run) -> None:
    one = submitted(lab)

    code, out, _ = run("compensate", "AWORKER1", "1.50", "--reason", "Our page failed.")

    assert code == 0
    assert out.startswith(f"AWORKER1 got $1.50 (fee $0.30) on {one} at 2026-01-05")
    assert "compensation" in run("show", one)[1]


def test_a_compensation_over_the_cap_is_held_and_a_sub_cent_one_refused(lab: Lab, run: Run) -> None:
    code, out, _ = run("compensate", "AWORKER1", "50.00", "--reason", "Our page failed.")
    assert code == 0
    assert out.startswith("held: ")

    code, _, err = run("compensate", "AWORKER1", "0.005", "--reason", "Our page failed.")
    assert code == 1
    assert "amount: '0.005' is no amount in whole cents" in err


def test_who_never_submitted_is_told_of_with_the_way_out(lab: Lab, run: Run) -> None:
    code, _, err = run("compensate", "ANOBODY", "1.50", "--reason", "Our page failed.")

    assert code == 1
    assert "no submission of ANOBODY is known" in err
    assert "post a HIT that only they may accept" in err
