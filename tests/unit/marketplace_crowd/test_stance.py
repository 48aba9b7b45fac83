"""The worked example's data fits its templates and its recorded crowd."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hitline.questions import html_question, template
from marketplace.crowd.estimation.estimate import estimate, read_gold
from marketplace.crowd.questions import Asked, asked_in
from marketplace.crowd.recording import Recording, read_recording
from marketplace.crowd.script import Script, load_script
from marketplace.crowd.simulation.script import Simulation, load_simulation
from marketplace.crowd.simulation.truth import Truth

STANCE = Path(__file__).parents[3] / "pipelines" / "stance"


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script(STANCE / "crowd.toml")


@pytest.fixture(scope="module")
def recording(script: Script) -> Recording:
    return read_recording(script.answers)


@pytest.fixture(scope="module")
def items() -> list[dict[str, str]]:
    with (STANCE / "items.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("stage", ["position", "side"])
def test_a_template_asks_the_crowd_about_its_item(script: Script, stage: str) -> None:
    question = html_question(template(STANCE / f"{stage}.html"), [{"task": "1644"}])
    assert asked_in(question) == (Asked(set=stage, task="1644", field=stage),)
    assert stage in script.sets


def test_the_template_of_five_asks_about_each_in_a_field_of_its_own() -> None:
    tasks = ["1644", "7", "12", "3", "99"]
    question = html_question(
        template(STANCE / "position5.html"), [{"task": task} for task in tasks]
    )
    assert asked_in(question) == tuple(
        Asked(set="position", task=task, field=f"position.{slot}")
        for slot, task in enumerate(tasks, 1)
    )


def test_every_item_has_recorded_answers_and_a_key_of_its_own(
    items: list[dict[str, str]], recording: Recording
) -> None:
    assert len({item["key"] for item in items}) == len(items) == 2595
    assert min(len(recording[item["task"]]) for item in items) == 3


def test_every_fifth_item_is_a_known_answer(items: list[dict[str, str]]) -> None:
    known = [number for number, item in enumerate(items) if item["gold_position"]]
    assert known == list(range(0, 2595, 5))
    assert {(item["gold_position"], item["gold_side"]) for item in items} == {
        ("", ""),
        ("no", ""),
        ("yes", "for"),
        ("yes", "against"),
    }


def test_the_crowd_takes_every_recorded_label_for_position(
    script: Script, recording: Recording
) -> None:
    labels = {answer.label for answers in recording.values() for answer in answers}
    assert labels == set(script.sets["position"]) == {"for", "against", "observing"}
    assert script.sets["side"] == {"for": "for", "against": "against"}


def test_the_simulated_crowd_is_what_was_estimated_from_the_recorded_one(
    script: Script, recording: Recording
) -> None:
    estimated = estimate(script, recording, read_gold(STANCE / "gold.csv", script))
    simulated = load_simulation(STANCE / "simulate.toml")
    kept = {*estimated}
    assert simulated.model_dump(include=kept) == Simulation.model_validate(estimated).model_dump(
        include=kept
    )
    assert Truth(simulated)
