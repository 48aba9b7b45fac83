"""The crowd's script: what is refused, and what the seed decides."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marketplace.crowd.errors import ScriptError
from marketplace.crowd.script import Script, WageBand, load_script

GOOD: dict[str, Any] = {
    "name": "test",
    "answers": "answers.csv",
    "seed": 1,
    "pace": 60,
    "sets": {"position": {"for": "yes"}},
}


def script(**changes: Any) -> Script:
    return Script.model_validate({**GOOD, **changes})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crowd.json", json.dumps(GOOD)),
        (
            "crowd.toml",
            'name = "test"\nanswers = "answers.csv"\nseed = 1\npace = 60\n'
            '[sets.position]\nfor = "yes"\n',
        ),
    ],
)
def test_a_script_is_toml_or_json_and_names_its_answers_beside_itself(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    assert load_script(tmp_path / name) == script(answers=tmp_path / "answers.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({**GOOD, "pace": 0}, "pace: Input should be greater than 0"),
        ({**GOOD, "pase": 1}, "pase: Extra inputs are not permitted"),
        ({**GOOD, "wages": [{"share": 2, "at_least": "0.05"}]}, "wages.0.share: Input should be"),
        ({**GOOD, "wages": [{"share": 0.6, "at_least": "0.05"}] * 2}, "shares of wages add up to"),
        ({key: GOOD[key] for key in GOOD if key != "seed"}, "seed: Field required"),
        ({**GOOD, "sets": {}}, "give at least one of sets and verbatim"),
        ({**GOOD, "arrivals": "soon"}, "arrivals: Input should be 'drawn' or 'recorded'"),
    ],
)
def test_a_wrong_script_is_refused_with_file_and_field(
    tmp_path: Path, content: Any, message: str
) -> None:
    path = tmp_path / "crowd.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ScriptError) as refused:
        load_script(path)
    assert str(path) in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "= 3", None])
def test_a_script_that_cannot_be_read_is_refused_with_its_name(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "crowd.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ScriptError, match=r"crowd\.toml"):
        load_script(path)


def test_a_workers_id_looks_like_mturks_and_never_changes() -> None:
    assert script().worker_id("w000") == script(seed=2).worker_id("w000") == "A33KB2FHE626UH"
    assert script(name="other").worker_id("w000") != script().worker_id("w000")


def test_shares_of_workers_want_the_wages_of_their_band_and_the_rest_never_comes() -> None:
    bands = script(
        wages=(
            WageBand(share=0.5, at_least=Decimal("0.04")),
            WageBand(share=0.3, at_least=Decimal("0.09")),
        )
    )
    wages = Counter(bands.reservation_wage(f"w{number}") for number in range(1000))
    assert wages[Decimal("0.04")] == pytest.approx(500, abs=50)
    assert wages[Decimal("0.09")] == pytest.approx(300, abs=50)
    assert wages[None] == pytest.approx(200, abs=50)


def test_a_workers_wage_follows_from_the_seed() -> None:
    bands = (WageBand(share=0.5, at_least=Decimal("0.04")),)
    workers = [f"w{number}" for number in range(50)]

    def drawn(seed: int) -> list[Decimal | None]:
        return [script(seed=seed, wages=bands).reservation_wage(worker) for worker in workers]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_gaps_between_arrivals_have_the_pace_as_their_mean_and_repeat_with_the_seed() -> None:
    gaps = script(pace=60).gaps("position/1")
    delays = [script(pace=60).delay(gaps) for _ in range(2000)]
    assert sum(delays, timedelta()) / 2000 == pytest.approx(
        timedelta(seconds=60), abs=timedelta(seconds=5)
    )
    again = script(pace=60).gaps("position/1")
    assert script(pace=60).delay(again) == delays[0]
