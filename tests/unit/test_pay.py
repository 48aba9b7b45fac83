"""Pay: when a submission is due to be judged, and which may be rejected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.errors import InvalidDefinition
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import Approve, RejectFailedKnown
from hitline.questions import HtmlTemplate

SUBMITTED = datetime(2026, 1, 5, 10, tzinfo=UTC)
FINISHED = SUBMITTED + timedelta(hours=3)
RULE = RejectFailedKnown(at_least=3, below="50%", feedback="Please read the question.")


def stage(name: str = "ask", **changes: Any) -> Stage:
    attributes: dict[str, Any] = {
        "question": HtmlTemplate('<form><p>${text}</p><input name="answer"></form>', name="a"),
        "title": f"Stage {name}",
        "reward": "0.05",
        "answer": Choice("answer", ["yes", "no"]),
        "lifetime": "1h",
        "duration": "10m",
    }
    return Stage(name, **{**attributes, **changes})


# When


@pytest.mark.parametrize(
    ("pay", "while_open", "once_finished"),
    [
        # By itself: 48 hours, and an hour before that to try again.
        (Approve(), 47, 3),
        (Approve(after="2h"), 47, 5),
        (Approve(after="46h"), 47, 47),
        (Approve(on="submission"), 0, 0),
        (Approve(on="submission", after="2h"), 2, 2),
        (Approve(within="10h"), 9, 3),
        (Approve(within="10h", on="submission", after="10h"), 9, 9),
        (Approve(within="20m"), 0.3, 0.3),
    ],
)
def test_a_submission_is_due_so_many_hours_after_it_came(
    pay: Approve, while_open: float, once_finished: float
) -> None:
    assert pay.judge_by(SUBMITTED) == SUBMITTED + timedelta(hours=while_open)
    assert pay.judge_by(SUBMITTED, FINISHED) == SUBMITTED + timedelta(hours=once_finished)


# Whether


@pytest.mark.parametrize(
    ("right", "known", "condemned"),
    [(0, 2, False), (0, 3, True), (1, 3, True), (2, 4, False), (1, 4, True), (49, 100, True)],
)
def test_too_few_known_answers_or_half_of_them_right_condemn_nobody(
    right: int, known: int, condemned: bool
) -> None:
    assert RULE.condemns(right, known) is condemned


def test_the_feedback_names_what_failed_and_not_the_right_answers() -> None:
    assert RULE.says(["headline-7"], 1, 4) == (
        'Please read the question. Answered wrong, though the answer is known: "headline-7". '
        "Of such questions you answered 1 of 4 right; 50% is asked for."
    )


def test_a_key_in_the_feedback_is_plain_and_short_and_of_many_three_are_named() -> None:
    """What a page or a terminal would obey is left out; so is what a HIT's key has too much."""
    keys = ['<b>"\x1b[31m', "k" * 100, "third", "fourth", "fifth"]

    said = RULE.says(keys, 0, 5)

    assert f'known: "b[31m", "{"k" * 59}…", "third" and 2 more.' in said


def test_the_longest_feedback_fits_into_what_mturk_takes() -> None:
    rule = RejectFailedKnown(feedback="f" * 700)

    assert len(rule.says(["k" * 100] * 10, 999, 1000)) <= 1024


# What is refused


@pytest.mark.parametrize(
    ("build", "field", "reason"),
    [
        (lambda: Approve(on="payday"), "pay.on", 'neither "settlement" nor "submission"'),
        (lambda: Approve(within="49h"), "pay.within", "is not between 0:01:00 and 2 days"),
        (lambda: Approve(after="5h", within="4h"), "pay.after", "between 0:00:00 and 4:00:00"),
        (lambda: RejectFailedKnown(), "pay.reject.feedback", "is empty"),
        (lambda: RejectFailedKnown(feedback=" "), "pay.reject.feedback", "told why"),
        (lambda: RejectFailedKnown(feedback="x" * 701), "pay.reject.feedback", "at most 700"),
        (lambda: RejectFailedKnown(feedback="\x07"), "pay.reject.feedback", "control characters"),
        (lambda: RejectFailedKnown(feedback="x", at_least=0), "pay.reject.at_least", "0 is not"),
        (lambda: RejectFailedKnown(feedback="x", below="0%"), "pay.reject.below", "1%"),
        (lambda: RejectFailedKnown(feedback="x", below=0.5), "pay.reject.below", "is no share"),
        (
            lambda: stage(auto_approval="1h"),
            "stage ask: pay.within",
            "2 days, 0:00:00 is longer than auto_approval (1:00:00)",
        ),
        (
            lambda: stage(auto_approval="0s", pay=Approve(reject=RULE)),
            "stage ask: pay.within",
            "longer than auto_approval",
        ),
        (lambda: stage(hourly_wage="12.005"), "stage ask: hourly_wage", "whole cents"),
        (lambda: stage(hourly_wage="-1"), "stage ask: hourly_wage", "not negative"),
        (lambda: stage(hourly_wage="0"), "stage ask: hourly_wage", "leave it out"),
        (lambda: stage(hourly_wage=12.0), "stage ask: hourly_wage", "write dollars as text"),
        (lambda: Pipeline("lab", stages=[stage()], hourly_wage="0.001"), "hourly_wage", "cents"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_field(
    build: Callable[[], object], field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        build()

    assert refused.value.field == field
    assert reason in refused.value.reason


def test_a_stage_that_the_endpoint_pays_at_once_needs_no_shorter_time() -> None:
    assert stage(auto_approval="0s").auto_approval_time == timedelta(0)


def test_the_pipelines_wage_is_that_of_every_stage_without_one() -> None:
    pipeline = Pipeline(
        "lab", stages=[stage(), stage("again", hourly_wage="15.00")], hourly_wage="12.00"
    )

    wages = [stage.policy.hourly_wage for stage in pipeline.stages]
    assert wages == [Decimal("12.00"), Decimal("15.00")]
