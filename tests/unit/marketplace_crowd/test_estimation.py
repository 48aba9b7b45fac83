"""Estimating a crowd from its recorded answers recovers what it was made of."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketplace.crowd.errors import RecordingError
from marketplace.crowd.estimation.dawid_skene import Answers, fit
from marketplace.crowd.estimation.estimate import estimate, read_gold
from marketplace.crowd.estimation.spread import activity
from marketplace.crowd.estimation.texts import edits, number_errors, word_errors
from marketplace.crowd.estimation.toml import to_toml
from marketplace.crowd.forms import Form, FormField, Kind
from marketplace.crowd.recording import Recorded, Recording
from marketplace.crowd.script import Script
from marketplace.crowd.simulation.answering import answers
from marketplace.crowd.simulation.people import population
from marketplace.crowd.simulation.script import Simulation
from marketplace.crowd.simulation.sessions import Timetable
from marketplace.crowd.simulation.truth import Truth
from marketplace.crowd.simulation.work import Held, Task, plan

START = datetime(2026, 1, 5, tzinfo=UTC)
REPLAYED = Script.model_validate(
    {"name": "team", "answers": "a.csv", "seed": 1, "pace": 60, "sets": {"q": {"n": "n", "y": "y"}}}
)
MADE: dict[str, Any] = {
    "name": "team",
    "seed": 3,
    "workers": 150,
    "arrival": {
        "sessions_per_hour": 8,
        "day": [0.5] * 12 + [1.5] * 12,
        "activity_spread": 0.9,
        "session_minutes": 25,
        "session_spread": 0.5,
    },
    "pace": {"seconds": 0, "seconds_per_question": 40, "spread": 0.5, "worker_spread": 0.4},
    "priors": {"q": {"n": 0.4, "y": 0.6}},
    "groups": [
        {
            "name": "team",
            "share": 0.8,
            "confusion": {
                "q": {
                    "concentration": 15,
                    "rows": {"n": {"n": 0.8, "y": 0.2}, "y": {"n": 0.1, "y": 0.9}},
                }
            },
        },
        {"name": "random", "share": 0.12, "answers": "at random"},
        {"name": "first", "share": 0.08, "answers": "always the first"},
    ],
}
TASKS = 1500


def recorded(script: Simulation, *, days: int) -> tuple[Recording, dict[str, str]]:
    """What the crowd would record in so many days, with work for all; and the truth of tasks."""
    people, truth = population(script), Truth(script)
    tasks = {}
    for number in range(TASKS):
        field = FormField(name="q", set="q", kind=Kind.CHOICE, options=("n", "y"), key=str(number))
        form = Form(fields=(field,), style="html")
        digest = f"question {number}"
        tasks[str(number)] = Task(digest=digest, form=form, facts=truth.of(form, digest))
    done: dict[int, int] = {}
    free: dict[int, datetime] = {}
    found: dict[str, list[Recorded]] = {}
    for session in Timetable(script, people).starting(START, START + timedelta(days=days)):
        person, at = people[session.worker], session.start
        if at < free.get(session.worker, START):
            continue
        while at < session.end and done.get(session.worker, 0) < TASKS:
            # Each goes through the tasks from a place of their own.
            number = done.get(session.worker, 0)
            key = str((session.worker * 37 + number) % TASKS)
            done[session.worker] = number + 1
            held = Held(
                assignment_id=key,
                reward=Decimal("0.05"),
                accepted_at=at,
                deadline=at + timedelta(days=1),
                task=tasks[key],
            )
            _, end = plan(person, held, begun=at, hours=0)
            form, facts, digest = tasks[key].form, tasks[key].facts, tasks[key].digest
            label = str(answers(person, form, facts, digest=digest, hours=0)["q"])
            answer = Recorded(
                order=len(found),
                task=key,
                worker=str(session.worker),
                label=label,
                accepted_at=at,
                working_time=end - at,
            )
            found.setdefault(key, []).append(answer)
            at = end
        free[session.worker] = at
    return found, {key: str(task.facts["q"].answer) for key, task in tasks.items()}


@pytest.fixture(scope="module")
def made() -> tuple[Recording, dict[str, str]]:
    return recorded(Simulation.model_validate(MADE), days=4)


@pytest.fixture(scope="module", params=["without gold", "with gold"])
def estimated(request: Any, made: tuple[Recording, dict[str, str]]) -> dict[str, Any]:
    recording, truth = made
    return estimate(REPLAYED, recording, {"q": truth} if request.param == "with gold" else {})


def test_confusion_is_recovered(estimated: dict[str, Any]) -> None:
    confusion = estimated["groups"][0]["confusion"]["q"]
    assert confusion["rows"]["n"]["n"] == pytest.approx(0.8, abs=0.05)
    assert confusion["rows"]["y"]["y"] == pytest.approx(0.9, abs=0.05)
    assert 15 / 1.6 <= confusion["concentration"] <= 15 * 1.6


def test_shares_of_spam_are_recovered(estimated: dict[str, Any]) -> None:
    shares = {group["name"]: group["share"] for group in estimated["groups"]}
    assert shares["recorded"] == pytest.approx(0.8, abs=0.05)
    assert shares["random"] == pytest.approx(0.12, abs=0.05)
    assert shares["first"] == pytest.approx(0.08, abs=0.04)


def test_the_prior_is_recovered(estimated: dict[str, Any]) -> None:
    assert estimated["priors"]["q"] == pytest.approx({"n": 0.4, "y": 0.6}, abs=0.05)


def test_pace_is_recovered(estimated: dict[str, Any]) -> None:
    pace = estimated["pace"]
    assert pace["seconds_per_question"] == pytest.approx(40, rel=0.1)
    assert pace["spread"] == pytest.approx(0.5, abs=0.03)
    assert pace["worker_spread"] == pytest.approx(0.4, abs=0.06)


def test_arrival_is_recovered(estimated: dict[str, Any]) -> None:
    arrival = estimated["arrival"]
    assert arrival["sessions_per_hour"] == pytest.approx(8, rel=0.15)
    assert arrival["activity_spread"] == pytest.approx(0.9, abs=0.2)
    assert arrival["session_minutes"] == pytest.approx(25, rel=0.15)
    assert arrival["session_spread"] == pytest.approx(0.5, abs=0.1)
    assert sum(arrival["day"][12:]) / sum(arrival["day"]) == pytest.approx(0.75, abs=0.04)
    assert estimated["workers"] == pytest.approx(150, rel=0.15)


def test_the_estimate_is_a_script_that_simulate_takes(estimated: dict[str, Any]) -> None:
    assert Simulation.model_validate(tomllib.loads(to_toml(estimated))).workers > 0


# Parts


def test_dawid_skene_trusts_those_who_agree_with_others_more_than_a_contrarian() -> None:
    # Four tasks: two good workers, and two who always turn it round but once.
    votes = [[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 0], [1, 1, 0, 0]]
    tasks, workers = np.divmod(np.arange(16), 4)
    numbers = Answers(
        tasks=tasks,
        workers=workers,
        labels=np.array(votes).ravel(),
        of_tasks=4,
        of_workers=4,
        of_labels=2,
    )
    fitted = fit(numbers, known=np.array([0, 1, -1, -1]))
    assert fitted.truth.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert fitted.counts.sum() == pytest.approx(16)


def test_activity_counts_those_who_were_never_seen() -> None:
    chance = np.random.default_rng(1)
    visits = chance.poisson(np.exp(chance.normal(0.5, 0.8, size=1000)))
    found = activity(visits[visits > 0].astype(float))
    assert found.workers == pytest.approx(1000, rel=0.1)
    assert found.spread == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize(
    ("true", "heard", "expected"),
    [
        ("a b c", "a b c", {}),
        ("a b c", "a x c", {"substitution": 1}),
        ("a b c", "a c", {"deletion": 1}),
        ("a b c", "a b x c", {"insertion": 1}),
        ("a b c", "", {"deletion": 3}),
        ("", "a", {"insertion": 1}),
    ],
)
def test_edits_are_the_fewest(true: str, heard: str, expected: dict[str, int]) -> None:
    assert edits(true.split(), heard.split()) == Counter(expected)


def test_word_errors_disregard_case_and_punctuation() -> None:
    truth = "the old door is open"
    given = [("w1", "The old door, is open!", truth), ("w2", "the old floor is", truth)]
    found = word_errors(given)
    assert found.rate == pytest.approx(2 / 10)
    assert (found.substitutions, found.deletions, found.insertions) == (0.5, 0.5, 0)


def test_number_errors_are_split_between_workers_and_answers() -> None:
    chance = np.random.default_rng(2)
    bias = chance.normal(3, 4, size=300)
    given = [
        (str(worker), str(50 + own + error), "50")
        for worker, own in enumerate(bias)
        for error in chance.normal(0, 6, size=20)
    ]
    found = number_errors(given)
    assert found.bias == pytest.approx(3, abs=0.6)
    assert found.bias_spread == pytest.approx(4, abs=0.4)
    assert found.noise == pytest.approx(6, abs=0.2)


def test_toml_is_read_back_as_it_was_written() -> None:
    content = {
        "name": 'a "b"\n\x7f é',
        "day": [1.0, 2],
        "on": True,
        "a b": {"c": {"x": 1}},
        "groups": [{"name": "g", "rows": {"x": {"y": 0.5}}}, {"name": "h"}],
        "none": {},
    }
    assert tomllib.loads(to_toml(content)) == content


# Gold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task,q\n1,y\n2,\n", {"q": {"1": "y"}}),
        ("task,gold_q,label\n1,y,n\n", {"q": {"1": "y"}}),
        ("task,label\n1,y\n2,unknown\n", {"q": {"1": "y"}}),
    ],
)
def test_gold_is_read_by_set_or_as_recorded(
    tmp_path: Path, text: str, expected: dict[str, Any]
) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(text)
    assert read_gold(path, REPLAYED) == expected


@pytest.mark.parametrize("text", [None, "task,other\n1,y\n", "q\ny\n"])
def test_wrong_gold_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "gold.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RecordingError, match=r"gold\.csv"):
        read_gold(path, REPLAYED)


def test_texts_need_gold() -> None:
    script = REPLAYED.model_copy(update={"sets": {}, "verbatim": ("t",)})
    recording = {"1": [Recorded(order=1, task="1", worker="w", label="some words")]}
    with pytest.raises(RecordingError, match="The set t has texts: give the true ones"):
        estimate(script, recording, {})
