"""Replay of texts and numbers: what a rule asks for, and how far off its labels are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployments.cli import main
from hitline.errors import InvalidRecording
from hitline.fields import Number, Text
from hitline.policies import Agree, Fixed, StandardError, VoteLead
from hitline.recorded_values import RecordedValues, read_values
from hitline.replay_values import Outcome, replayed_values

HEARD = RecordedValues(
    field=Text("label"),
    tasks=("t1", "t2"),
    said=(
        ("the cat sat", "The cat sat.", "the cat sat"),
        ("a b c d e f g h i j", "a b c d e f g h i x", "q r s t u v w x y z"),
    ),
    gold=("the cat sat", "a b c d e f g h i j"),
)
RATED = RecordedValues(
    field=Number("label", least=0, most=100),
    tasks=("t1", "t2"),
    said=(("10", "10", "10", "10", "10"), ("0", "50", "100", "30", "70")),
    gold=("12", "50"),
)


def run(recorded: RecordedValues, rule: object, orders: int = 3) -> Outcome:
    return replayed_values(recorded, rule, orders=orders, seed=0)  # type: ignore[arg-type]


def test_texts_are_asked_for_until_two_agree_or_all_have_come() -> None:
    found = run(HEARD, Agree())

    # Any two agree on the first; the second has all its three answers, in two rounds.
    assert found.answers_per_item == (2 + 3) / 2
    assert found.rounds == (1 + 2) / 2
    # The merged text is right but for ties: the medoid's word wins them.
    assert found.exact == 1.0
    assert found.error == 0.0


def test_the_word_error_rate_is_edits_over_all_right_words() -> None:
    wrong = RecordedValues(
        field=Text("label"),
        tasks=("t1", "t2"),
        said=(("a x",), ("a b c d e f g h",)),
        gold=("a b", "a b c d e f g h"),
    )
    found = run(wrong, Fixed(answers=1), orders=1)

    assert (found.error, found.exact) == (1 / 10, 1 / 2)


def test_numbers_are_asked_for_until_the_error_is_small_enough() -> None:
    found = run(RATED, StandardError(at_most=1.0, start=3))

    # Three equal ones suffice; the other task has but five, and their mean is right.
    assert found.answers_per_item == (3 + 5) / 2
    assert (found.error, found.exact) == ((2 + 0) / 2, 1 / 2)


def test_baselines_are_of_the_same_orders_by_plain_numbers_of_answers() -> None:
    texts, numbers = run(HEARD, Agree()), run(RATED, Fixed(answers=5))

    assert set(texts.baselines) == {"fixed3_rover", "fixed5_rover", "all_rover", "all_medoid"}
    assert set(numbers.baselines) == {"fixed3_mean", "fixed5_mean", "all_mean", "all_median"}
    assert numbers.baselines["fixed5_mean"] == numbers.baselines["all_mean"] == numbers.error
    assert numbers.baselines["all_median"] == 1.0


def test_votes_on_texts_take_the_first_of_a_tie() -> None:
    tied = RecordedValues(field=Text("label"), tasks=("t",), said=(("a", "b"),), gold=("a",))

    assert 0 < run(tied, VoteLead(), orders=30).exact < 1


def test_the_same_seed_gives_the_same_figures_and_items_may_be_fewer() -> None:
    rule = Fixed(answers=3)

    assert run(RATED, rule) == run(RATED, rule)
    part = replayed_values(RATED, rule, orders=20, seed=1, items=1)
    assert part.answers_per_item == 3


# Files

ANSWERS = "task,worker,label\nt1,W1,5\nt1,W2,7.0\nt1,W1,9\nt2,W1,4\n"
GOLD = "task,label\nt1,6\nt3,1\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    answers, gold = tmp_path / "answers.csv", tmp_path / "gold.csv"
    answers.write_text(ANSWERS, encoding="utf-8")
    gold.write_text(GOLD, encoding="utf-8")
    return answers, gold


def test_files_are_read_task_by_task_and_of_a_worker_the_first_answer(
    files: tuple[Path, Path],
) -> None:
    found = read_values(*files, Number("label"))

    assert found.tasks == ("t1", "t2")
    assert found.said == (("5", "7"), ("4",))
    assert found.gold == ("6", None)


@pytest.mark.parametrize(
    ("answers", "gold", "told"),
    [
        (ANSWERS + "t2,W2,many\n", GOLD, "line 6, column label: 'many' is no number"),
        (ANSWERS, "task,label\nt1,six\n", "line 2, column label: 'six' is no number"),
        (ANSWERS, "task,label\nt9,6\n", "none of its tasks was answered"),
        ("task,worker,label\n", GOLD, "it has no answers"),
        ("task,label\nt1,5\n", GOLD, "column worker missing"),
        (ANSWERS, GOLD + "t1,7\n", "task 't1' is '7' here and '6' on line 2"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_column(
    files: tuple[Path, Path], answers: str, gold: str, told: str
) -> None:
    files[0].write_text(answers, encoding="utf-8")
    files[1].write_text(gold, encoding="utf-8")

    with pytest.raises(InvalidRecording, match="csv: ") as refused:
        read_values(*files, Number("label"))
    assert told in str(refused.value)


def replay(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], *typed: str
) -> tuple[int, str, str]:
    code = main(["replay", "--answers", str(files[0]), "--gold", str(files[1]), *typed])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_command_tells_its_figures_as_json(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = replay(capsys, files, "--policy", "number:error=1,start=2,most=9", "--json")

    assert code == 0
    # 5 and 7 have a standard error of 1; the one answer of the other task is all there is.
    assert json.loads(out) == {
        "answers_per_item": 1.5,
        "mean_absolute_error": 0.0,
        "mean_absolute_error_sd": 0.0,
        "accuracy": 1.0,
        "accuracy_sd": 0.0,
        "rounds": 1.0,
        "cost_per_item": 0.09,
        "flips": 0.0,
        "baselines": {"fixed3_mean": 0.0, "fixed5_mean": 0.0, "all_mean": 0.0, "all_median": 0.0},
    }


def test_the_command_tells_its_figures_as_a_table(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = replay(capsys, files, "--policy", "fixed:3", "--kind", "text", "--orders", "1")

    assert code == 0
    assert "3 texts for 2 items, 2 replayed, 1 order" in out
    assert "word error rate" in out
    assert "fixed5 rover" in out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--policy", "fixed:3", "--kind", "boxes"], "kind: 'boxes' is none"),
        (["--policy", "thorough", "--kind", "text"], "redundancy: Adaptive takes choice, not text"),
        (["--policy", "text:equal=2", "--kind", "number"], "Agree takes text, not number"),
        (["--policy", "text:equal=2", "--known", ".1"], "known: known answers tell these rules"),
        (["--policy", "text:equal=2", "--items", "3"], "items: 3, but only 2 have answers"),
        (["--policy", "number:most=9"], "policy.error: is missing"),
    ],
)
def test_the_command_refuses_what_cannot_be_by_its_name(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], typed: list[str], told: str
) -> None:
    code, _, err = replay(capsys, files, *typed)

    assert code == 1
    assert told in err
