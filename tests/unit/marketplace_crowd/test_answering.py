"""How simulated workers answer: as well as they were made, and always validly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from marketplace.crowd.forms import Box, Form, FormField, Kind
from marketplace.crowd.simulation.ability import Words
from marketplace.crowd.simulation.answering import answer, answers, misheard, write_number
from marketplace.crowd.simulation.people import Person
from marketplace.crowd.simulation.script import Simulation
from marketplace.crowd.simulation.truth import Fact, Truth

MANY = 4000
XY = ("x", "y", "z")


def script(*, groups: Any = (), **changes: Any) -> Simulation:
    return Simulation.model_validate(
        {
            "name": "team",
            "seed": 1,
            "workers": 4,
            "arrival": {"sessions_per_hour": 60},
            "groups": groups or [{"name": "all"}],
            **changes,
        }
    )


def field(kind: Kind = Kind.CHOICE, **rest: Any) -> FormField:
    given = {"options": XY} if kind in (Kind.CHOICE, Kind.SEVERAL) else {}
    return FormField(**{"name": "q", "set": "q", "kind": kind, **given, **rest})


def given(
    group: dict[str, Any], field: FormField, truth: Any, *, attention: float = 1.0
) -> list[Any]:
    """What one worker answers, many times over, to questions with the same truth."""
    person = Person(script(groups=[{"name": "all", **group}]), 0)
    chance = person.script.chance("test")
    return [answer(person, field, truth, attention, chance) for _ in range(MANY)]


def shares(found: list[Any]) -> dict[Any, float]:
    return {value: count / len(found) for value, count in Counter(found).items()}


def near(**expected: float) -> Any:
    return pytest.approx(expected, abs=0.025)


SURE = {"mean": 1.0}
MATRIX = {
    "q": {"rows": {"x": {"x": 0.5, "y": 0.3, "z": 0.2}}, "concentration": 1e7},
}


@pytest.mark.parametrize(
    ("group", "attention", "expected"),
    [
        ({"accuracy": {"mean": 0.7, "concentration": 1e7}}, 1.0, {"x": 0.7, "y": 0.15, "z": 0.15}),
        ({"accuracy": {"mean": 0.7, "concentration": 1e7}}, 0.5, {"x": 0.52, "y": 0.24, "z": 0.24}),
        ({"confusion": MATRIX}, 1.0, {"x": 0.5, "y": 0.3, "z": 0.2}),
        ({"answers": "at random"}, 1.0, {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}),
        ({"answers": "always the first", "accuracy": SURE}, 1.0, {"x": 1.0}),
    ],
)
def test_choices_follow_skill_attention_and_spam(
    group: dict[str, Any], attention: float, expected: dict[str, float]
) -> None:
    assert shares(given(group, field(), "x", attention=attention)) == near(**expected)


def test_a_matrix_that_knows_other_labels_is_left_aside() -> None:
    group = {"confusion": MATRIX, "accuracy": SURE}
    assert shares(given(group, field(), "z")) == {"z": 1.0}
    assert shares(given(group, field(options=("x", "other")), "x")) == {"x": 1.0}


def test_each_option_of_several_is_judged_with_the_workers_accuracy() -> None:
    found = given(
        {"accuracy": {"mean": 0.9, "concentration": 1e7}}, field(Kind.SEVERAL), ("x", "z")
    )
    marked = Counter(option for one in found for option in one)
    assert [marked[option] / MANY for option in XY] == pytest.approx([0.9, 0.1, 0.9], abs=0.02)


@pytest.mark.parametrize("attention", [1.0, 0.5])
def test_numbers_have_bias_and_noise_that_grows_with_inattention(attention: float) -> None:
    group = {"number": {"q": {"bias": 5, "noise": 8}}}
    found = given(group, field(Kind.NUMBER, step=0.001), "40", attention=attention)
    numbers = [float(one) for one in found]
    assert fmean(numbers) == pytest.approx(45, abs=0.8)
    assert stdev(numbers) == pytest.approx(8 / attention, rel=0.05)


def test_texts_have_the_workers_share_of_each_kind_of_error() -> None:
    truth = ["the", "old", "voice", "came", "from", "behind", "a", "wooden", "door"] * 400
    errors = Words.model_validate({"substitutions": 2, "deletions": 1, "insertions": 1})
    heard = misheard(truth, errors, 0.2, script().chance("text"))
    assert len(heard) == pytest.approx(3600, abs=60)  # as many inserted as deleted
    kept = sum(word in set(truth) for word in heard)
    assert kept / 3600 == pytest.approx(1 - 0.2 * 3 / 4, abs=0.02)


def test_boxes_are_near_the_true_ones_or_missed() -> None:
    box = Box("cat", 100, 50, 80, 40)
    group = {"boxes": {"jitter": 0.1, "missed": 0.25}}
    found = given(group, field(Kind.BOXES, options=("cat",)), (box,))
    drawn = [one[0] for one in found if one]
    assert len(drawn) / MANY == pytest.approx(0.75, abs=0.02)
    assert {one.label for one in drawn} == {"cat"}
    assert fmean(one.left for one in drawn) == pytest.approx(100, abs=0.6)
    assert stdev(one.left for one in drawn) == pytest.approx(8, rel=0.06)


@pytest.mark.parametrize(
    ("asked", "value", "written"),
    [
        ({}, 3.7, "4"),
        ({"step": 0.5}, 3.3, "3.5"),
        ({"least": 0, "most": 10}, -4, "0"),
        ({"least": 0, "most": 10}, 14, "10"),
        ({"least": 1, "most": 10, "step": 4}, 10, "9"),
        ({"step": 0.001}, 0.0004, "0"),
    ],
)
def test_a_number_is_written_as_the_field_takes_it(
    asked: dict[str, float], value: float, written: str
) -> None:
    assert write_number(field(Kind.NUMBER, **asked), value) == written


HOW = ["by skill", "at random", "always the first"]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(
    ("asked", "truth", "fits"),
    [
        (field(), "x", lambda one: one in XY),
        (field(Kind.SEVERAL, required=True), (), lambda one: 1 <= len(one) <= 3),
        (field(Kind.SEVERAL, least=2, most=2), ("x",), lambda one: len(one) == 2),
        (field(Kind.NUMBER, least=1, most=5), "3", lambda one: one in "12345"),
        (field(Kind.TEXT, least=20, most=30), "short", lambda one: 20 <= len(one) <= 30),
        (field(Kind.TEXT, required=True), "", bool),
        (field(Kind.TEXT, format="email"), "x", lambda one: one == "worker@example.org"),
    ],
)
def test_whoever_answers_answers_validly(how: str, asked: FormField, truth: Any, fits: Any) -> None:
    found = given({"answers": how, "accuracy": {"mean": 0.5}}, asked, truth)
    assert all(fits(one) for one in found)


def form(*fields: FormField, marks: tuple[str, ...] = ()) -> Form:
    return Form(fields=fields, style="html", marks=frozenset(marks))


def test_a_worker_gives_an_item_the_same_answer_in_any_hit_and_others_another() -> None:
    crowd = script(groups=[{"name": "all", "accuracy": {"mean": 0.5}}], workers=200)
    asked = form(field(key="7"))
    facts = {"q": Fact(answer="x", difficulty=0)}

    def of(number: int, digest: str) -> Any:
        return answers(Person(crowd, number), asked, facts, digest=digest, hours=0)["q"]

    assert all(of(number, "one") == of(number, "two") for number in range(200))
    assert Counter(of(number, "one") for number in range(200))["x"] == pytest.approx(100, abs=25)


def test_fatigue_and_difficulty_bring_choices_down_to_guessing() -> None:
    crowd = script(
        groups=[{"name": "all", "accuracy": SURE}],
        workers=3000,
        fatigue={"attention_per_hour": 0.6931471805599453},
    )

    def right(hours: float, difficulty: float) -> float:
        facts = {"q": Fact(answer="x", difficulty=difficulty)}
        given = [
            answers(Person(crowd, n), form(field()), facts, digest="d", hours=hours)["q"]
            for n in range(3000)
        ]
        return given.count("x") / 3000

    assert right(0, 0) == 1
    assert right(1, 0) == pytest.approx(0.5 + 0.5 / 3, abs=0.03)  # attention is halved in an hour
    assert right(0, 0.8) == pytest.approx(0.2 + 0.8 / 3, abs=0.03)


def test_fields_to_skip_are_left_empty() -> None:
    crowd = script(skip=["remarks"])
    asked = form(field(), field(Kind.TEXT, name="remarks", set="remarks"))
    facts = Truth(crowd).of(asked, "digest")
    assert set(answers(Person(crowd, 0), asked, facts, digest="digest", hours=0)) == {"q"}


# Truth


def truth_of(tmp_path: Path, form: Form, **truth: Any) -> dict[str, Fact]:
    file = tmp_path / "truth.csv"
    file.write_text("task,stance,tags,hard\n7,for,x|z,0.4\n8,,,\n9,unheard,,\n")
    crowd = script(truth={"file": file, **truth})
    return Truth(crowd).of(form, "digest")


@pytest.mark.parametrize(
    ("asked", "truth", "expected"),
    [
        (form(field(set="stance", key="7", options=("for", "no"))), {}, "for"),
        (form(field(key="7")), {"columns": {"q": "stance"}, "values": {"q": {"for": "y"}}}, "y"),
        (form(field(Kind.SEVERAL, set="tags", key="7")), {}, ("x", "z")),
        (
            form(field(options=("for", "no")), marks=("a", "7")),
            {"find": "value", "columns": {"q": "stance"}},
            "for",
        ),
    ],
)
def test_truth_is_read_from_the_items_row(
    tmp_path: Path, asked: Form, truth: dict[str, Any], expected: Any
) -> None:
    found = truth_of(tmp_path, asked, difficulty="hard", **truth)
    assert list(found.values()) == [Fact(answer=expected, difficulty=0.4)]


@pytest.mark.parametrize("key", ["8", "9", "10", None])
def test_truth_that_is_missing_or_does_not_fit_is_drawn_and_the_same_for_all(
    tmp_path: Path, key: str | None
) -> None:
    asked = form(field(set="stance", key=key))
    found = truth_of(tmp_path, asked)["q"].answer
    assert found in XY
    assert truth_of(tmp_path, asked)["q"].answer == found


def test_drawn_truth_has_its_priors() -> None:
    truth = Truth(script(priors={"q": {"x": 3, "y": 1}}))
    drawn = [truth.of(form(field()), str(number))["q"].answer for number in range(2000)]
    assert shares(drawn) == near(x=0.75, y=0.25)


@pytest.mark.parametrize("kind", list(Kind))
def test_truth_of_any_kind_can_be_drawn(kind: Kind) -> None:
    asked = field(kind, options=("x",) if kind is not Kind.TEXT else ())
    fact = Truth(script()).of(form(asked), "digest")["q"]
    person = Person(script(), 0)
    assert answer(person, asked, fact.answer, 1.0, person.chance("test")) is not None
