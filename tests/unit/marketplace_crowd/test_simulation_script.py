"""The script of a simulated crowd: what is refused, and by which name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from marketplace.crowd.errors import ScriptError
from marketplace.crowd.simulation.script import Simulation, load_simulation
from marketplace.crowd.simulation.truth import Truth

GOOD: dict[str, Any] = {
    "name": "team",
    "seed": 1,
    "workers": 10,
    "arrival": {"sessions_per_hour": 6},
}
HALF = {"name": "half", "share": 0.5}


def test_a_short_script_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "team.toml"
    path.write_text('name = "team"\nseed = 1\nworkers = 10\n[arrival]\nsessions_per_hour = 6\n')
    assert load_simulation(path) == Simulation.model_validate(GOOD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"workers": 0}, "workers: Input should be greater than 0"),
        ({"worker": 3}, "worker: Extra inputs are not permitted"),
        ({"arrival": {}}, "arrival.sessions_per_hour: Field required"),
        ({"arrival": {"sessions_per_hour": 1, "day": [1, 2]}}, "arrival.day: Value error, give 24"),
        ({"arrival": {"sessions_per_hour": 1, "days": []}}, "arrival.days: Extra inputs"),
        ({"pace": {"spread": -1}}, "pace.spread: Input should be greater than or equal to 0"),
        ({"leaving": {"returns": 0.7, "abandons": 0.4}}, "leaving: Value error, returns and"),
        ({"groups": [HALF]}, "groups: Value error, the groups' shares add up to 0.5"),
        ({"groups": []}, "groups: Tuple should have at least 1 item"),
        ({"groups": [{**HALF, "answers": "badly"}]}, "groups.0.answers: Input should be"),
        (
            {"groups": [{"name": "a", "confusion": {"q": {"rows": {"x": {"x": 0.5}}}}}]},
            "groups.0.confusion.q.rows: Value error, row 'x' adds up to 0.5",
        ),
        (
            {"groups": [{"name": "a", "accuracy": {"mean": 2}}]},
            "groups.0.accuracy.mean: Input should be less than or equal to 1",
        ),
        ({"truth": {"file": "t.csv", "find": "guess"}}, "truth.find: Input should be 'marker' or"),
    ],
)
def test_a_wrong_script_is_refused_with_file_and_field(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = tmp_path / "team.json"
    path.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(ScriptError) as refused:
        load_simulation(path)
    assert str(path) in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "truth", "message"),
    [
        (None, {}, "truth.file: cannot read"),
        ("item,a\n", {}, "has no column 'task'"),
        ("task,a\n", {"difficulty": "hard"}, "has no column 'hard'"),
        ("task,hard\n7,2\n", {"difficulty": "hard"}, "line 2: '2' is no number from 0 to 1"),
        ("task,hard\n7,very\n", {"difficulty": "hard"}, "line 2: 'very' is no number"),
    ],
)
def test_a_wrong_file_of_truth_is_refused_by_name(
    tmp_path: Path, text: str | None, truth: dict[str, str], message: str
) -> None:
    file = tmp_path / "truth.csv"
    if text is not None:
        file.write_text(text)
    script = Simulation.model_validate({**GOOD, "truth": {"file": file, **truth}})
    with pytest.raises(ScriptError, match=message):
        Truth(script)
