"""From recorded answers to the script of a crowd that is simulated like them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from marketplace.crowd.errors import RecordingError
from marketplace.crowd.estimation import dawid_skene, times
from marketplace.crowd.estimation.spread import Kinds, activity, kinds
from marketplace.crowd.estimation.texts import number_errors, word_errors
from marketplace.crowd.forms.html_fields import number
from marketplace.crowd.recording import Recording, has_times
from marketplace.crowd.script import Script

Gold = Mapping[str, Mapping[str, str]]
"""Set -> task -> the true value of the form's field."""
LEAST_SHARE = 0.005  # of workers, for spam to be worth a group

SPAM = (("random", "at random"), ("first", "always the first"))


def estimate(script: Script, recording: Recording, gold: Gold) -> dict[str, Any]:
    """The content of a simulation's script; raises RecordingError where it cannot be told.

    Choices by Dawid and Skene, with true values where `gold` has them; numbers against `gold` or
    the task's mean; texts against `gold`.
    """
    group: dict[str, Any] = {"name": "recorded", "share": 1.0}
    spam: list[tuple[float, float, float]] = []
    priors = {}
    for set_ in script.sets:
        found, prior = _choice(script, set_, recording, gold.get(set_, {}))
        spam.append(found.shares)
        priors[set_] = prior
        group.setdefault("confusion", {})[set_] = _matrix(found, list(prior))
    for set_ in script.verbatim:
        _verbatim(group, set_, recording, gold.get(set_, {}))
    content: dict[str, Any] = {"name": f"{script.name}-simulated", "seed": script.seed}
    content |= {"workers": _workers(recording), "held_at_most": 1}
    content["arrival"] = {"sessions_per_hour": 6.0}
    if has_times(recording):
        _timed(content, recording)
    else:
        content["arrival"]["activity_spread"] = _round(_visits(recording).spread)
    if priors:
        content["priors"] = priors
    content["groups"] = _groups(group, spam)
    return content


def read_gold(path: Path, script: Script) -> Gold:
    """A CSV with a column `task`, and for each set `SET` or `gold_SET`, or `label` as recorded."""
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise RecordingError(f"Cannot read {path}: {error.strerror}.") from error
    names = set(rows[0]) if rows else set()
    gold: dict[str, dict[str, str]] = {}
    for set_ in (*script.sets, *script.verbatim):
        column = next((one for one in (set_, f"gold_{set_}", "label") if one in names), None)
        given = {row.get("task") or "": row.get(column or "") or "" for row in rows}
        if column == "label":
            given = {task: script.value(set_, label) or "" for task, label in given.items()}
        gold[set_] = {task: value for task, value in given.items() if task and value}
    if not any(gold.values()):
        wanted = ", ".join((*script.sets, *script.verbatim, "label"))
        raise RecordingError(f"{path} needs the column task, and one of {wanted}, with values.")
    return gold


def _choice(
    script: Script, set_: str, recording: Recording, gold: Mapping[str, str]
) -> tuple[Kinds, dict[str, float]]:
    labels = list(dict.fromkeys(script.sets[set_].values()))
    given = [
        (task, one.worker, labels.index(value))
        for task, answers in recording.items()
        for one in answers
        if (value := script.value(set_, one.label)) is not None
    ]
    if not given:
        raise RecordingError(f"Nobody recorded an answer for the set {set_}.")
    tasks = {task: place for place, task in enumerate(dict.fromkeys(task for task, _, _ in given))}
    workers = {one: place for place, one in enumerate(dict.fromkeys(who for _, who, _ in given))}
    answers = dawid_skene.Answers(
        tasks=np.array([tasks[task] for task, _, _ in given]),
        workers=np.array([workers[worker] for _, worker, _ in given]),
        labels=np.array([label for _, _, label in given]),
        of_tasks=len(tasks),
        of_workers=len(workers),
        of_labels=len(labels),
    )
    known = [labels.index(gold[task]) if gold.get(task) in labels else -1 for task in tasks]
    fitted = dawid_skene.fit(answers, np.array(known))
    prior = dict(zip(labels, map(_round, fitted.truth.mean(axis=0)), strict=True))
    return kinds(fitted.counts), prior


def _matrix(found: Kinds, labels: list[str]) -> dict[str, Any]:
    rows = {
        truth: dict(zip(labels, map(_round, found.common[place]), strict=True))
        for place, truth in enumerate(labels)
    }
    return {"concentration": _round(found.concentration), "rows": rows}


def _verbatim(
    group: dict[str, Any], set_: str, recording: Recording, gold: Mapping[str, str]
) -> None:
    labels = [one.label for answers in recording.values() for one in answers]
    if all(number(label) is not None for label in labels):
        means = {
            task: str(np.mean([float(one.label) for one in answers]))
            for task, answers in recording.items()
        }
        errors = number_errors(_against(recording, gold or means))
        group.setdefault("number", {})[set_] = {
            "bias": _round(errors.bias),
            "bias_spread": _round(errors.bias_spread),
            "noise": _round(errors.noise),
        }
        return
    if not gold:
        raise RecordingError(f"The set {set_} has texts: give the true ones with --gold.")
    found = word_errors(_against(recording, gold))
    rate = {"mean": _round(found.rate), "concentration": _round(found.concentration)}
    group["words"] = {
        "substitutions": _round(found.substitutions),
        "deletions": _round(found.deletions),
        "insertions": _round(found.insertions),
        "error_rate": rate,
    }


def _against(recording: Recording, gold: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [
        (one.worker, one.label, gold[task])
        for task, answers in recording.items()
        for one in answers
        if task in gold
    ]


def _groups(group: dict[str, Any], spam: list[tuple[float, float, float]]) -> list[dict[str, Any]]:
    """The group of those with skill, and those of spam that are more than a trace."""
    means = [sum(column) / len(spam) for column in zip(*spam, strict=True)]
    traces = zip(SPAM, means[1:], strict=False)
    kept = [(name, answers, share) for (name, answers), share in traces if share >= LEAST_SHARE]
    skilled = {**group, "share": _round(1 - sum(_round(share) for _, _, share in kept))}
    return [
        skilled,
        *({"name": name, "share": _round(share), "answers": how} for name, how, share in kept),
    ]


def _timed(content: dict[str, Any], recording: Recording) -> None:
    done = times.turns(recording)
    sessions, pace = times.sessions(done), times.pace(done)
    visits = activity(np.array(list(sessions.visits.values()), dtype=float))
    content["workers"] = visits.workers
    content["arrival"] = {
        "sessions_per_hour": _round(sessions.per_hour),
        "day": [_round(weight) for weight in sessions.day],
        "activity_spread": _round(visits.spread),
        "session_minutes": _round(sessions.minutes),
        "session_spread": _round(sessions.spread),
    }
    content["pace"] = {
        "seconds": 0.0,
        "seconds_per_question": _round(pace.seconds),
        "spread": _round(pace.spread),
        "worker_spread": _round(pace.worker_spread),
    }


def _visits(recording: Recording) -> Any:
    counts: dict[str, int] = {}
    for answers in recording.values():
        for one in answers:
            counts[one.worker] = counts.get(one.worker, 0) + 1
    return activity(np.array(list(counts.values()), dtype=float))


def _workers(recording: Recording) -> int:
    return len({one.worker for answers in recording.values() for one in answers})


def _round(value: float) -> float:
    return round(float(value), 4)
