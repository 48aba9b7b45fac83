"""What labels cost: hitline's rules and rivals on recorded crowds, in answers, rounds, dollars.

    python -m benchmarks.frontier --crowds FOLDER --orders 10

FOLDER holds a folder for each crowd, with answers.csv (task, worker, label) and gold.csv (task,
label); without it, only the crowds that come with hitline are replayed. All answers of a batch are
bought in rounds; streaming has 5 % of the items open at a time, and labels are final. A crowd with
more labels than a choice has is one of numbers or of texts, and has a table of its own.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import frontier_values
from benchmarks.figures import table
from benchmarks.rivals import More, chance_test, deal, fixed, simple_plurality
from hitline.consensus import skill
from hitline.deck import Deck
from hitline.errors import InvalidRecording
from hitline.money import MTURK, money
from hitline.policies import THOROUGH, THRIFTY, Fixed, Redundancy
from hitline.recorded import Recorded, read_recorded
from hitline.recorded_values import RecordedValues
from hitline.replay import Setting, replay

SHIPPED = Path(__file__).parents[1] / "pipelines" / "stance"
SPEECH = Path(__file__).parent / "data" / "crowdspeech_600"
OURS: Mapping[str, Redundancy] = {
    "thorough": THOROUGH,
    "thrifty": THRIFTY,
    "fixed 5, early stop": Fixed(answers=5),
}
RIVALS: Mapping[str, More] = {
    "fixed 3": fixed(3),
    "fixed 5": fixed(5),
    "fixed 9": fixed(9),
    "chance test .95": chance_test(),
    "SimplePlurality": simple_plurality(),
}
OPEN = 0.05
KNOWN = 0.1


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one rule on one crowd, in the mean over its orders; `gap` is off the stated confidence."""

    answers: float
    accuracy: float
    rounds: float
    gap: float | None = None


def main() -> None:
    asked = _arguments()
    pays = money(asked.reward, "reward")
    each = float(pays + MTURK.assignment_fee(pays, 9))
    values: dict[str, RecordedValues] = {}
    crowds = dict(_crowds(asked.crowds, asked.sets, values))
    for name, written in values.items():
        shown = frontier_values.rows(written, asked.orders, each)
        print(table(f"{name}, {written.field.kind}", shown), flush=True)
    whole = {name: _figures(crowd, None, None, asked) for name, crowd in crowds.items()}
    if len(whole) > 1:
        whole["mean"] = _mean(list(whole.values()))
    for name, found in whole.items():
        print(table(f"{name}, batch", _rows(found, each)), flush=True)
    for items in asked.streaming:
        for name, crowd in crowds.items():
            if items > len(crowd.tasks):
                continue
            found = _figures(crowd, items, OPEN, asked)
            print(table(f"{name}, streaming, {items} items", _rows(found, each)), flush=True)


def _figures(
    crowd: Recorded, items: int | None, share: float | None, asked: argparse.Namespace
) -> dict[str, Figures]:
    # Small sets differ much from draw to draw.
    orders = asked.orders * max(1, 400 // (items or 400))
    seeds = range(orders)
    found = {name: _rival(crowd, rule, items, seeds) for name, rule in RIVALS.items()}
    found["9, Dawid-Skene"] = _rival(crowd, fixed(9), items, seeds, by_model=True)
    for name, rule in OURS.items():
        found[name] = _ours(crowd, Setting(rule=rule, items=items, open_share=share), seeds)
        if name in ("thorough", "thrifty"):
            told = Setting(rule=rule, items=items, open_share=share, known_share=KNOWN)
            found[f"{name}, {KNOWN:.0%} known"] = _ours(crowd, told, seeds)
    return found


def _ours(crowd: Recorded, setting: Setting, seeds: Iterable[int]) -> Figures:
    outcomes = [replay(crowd, setting, np.random.default_rng([0, seed])) for seed in seeds]
    gaps = [one.calibration_error for one in outcomes if one.calibration_error is not None]
    return Figures(
        answers=float(np.mean([one.answers_per_item for one in outcomes])),
        accuracy=float(np.mean([one.accuracy for one in outcomes])),
        rounds=float(np.mean([one.rounds for one in outcomes])),
        gap=float(np.mean(gaps)) if gaps else None,
    )


def _rival(
    crowd: Recorded, rule: More, items: int | None, seeds: Iterable[int], *, by_model: bool = False
) -> Figures:
    found = []
    for seed in seeds:
        deck = Deck.shuffled(crowd, items, np.random.default_rng([0, seed]))
        label, have, rounds = deal(deck, rule)
        if by_model:
            label = skill.fit(deck.upto(have))[1].argmax(axis=1)
        scored = deck.gold >= 0
        found.append((have.mean(), (label == deck.gold)[scored].mean(), rounds.mean()))
    answers, accuracy, rounds_ = np.mean(found, axis=0).tolist()
    return Figures(answers=answers, accuracy=accuracy, rounds=rounds_)


def _mean(several: Sequence[dict[str, Figures]]) -> dict[str, Figures]:
    def over(rule: str, figure: str) -> float:
        return float(np.mean([getattr(found[rule], figure) for found in several]))

    return {
        rule: Figures(
            answers=over(rule, "answers"),
            accuracy=over(rule, "accuracy"),
            rounds=over(rule, "rounds"),
            gap=None if one.gap is None else over(rule, "gap"),
        )
        for rule, one in several[0].items()
    }


def _rows(found: Mapping[str, Figures], each: float) -> list[dict[str, object]]:
    votes = found["fixed 5"].accuracy
    return [
        {
            "rule": name,
            "answers": one.answers,
            "accuracy %": 100 * one.accuracy,
            "points over fixed 5": 100 * (one.accuracy - votes),
            "rounds": one.rounds,
            "$ for 1,000": 1000 * one.answers * each,
            "confidence off by %": "" if one.gap is None else 100 * one.gap,
        }
        for name, one in found.items()
    ]


def _crowds(
    folder: Path | None, sets: Sequence[str], values: dict[str, RecordedValues]
) -> Iterable[tuple[str, Recorded]]:
    """The crowds that made a choice; those that wrote texts or numbers are put into `values`."""
    if folder is None:
        values["crowdspeech_600"] = frontier_values.read_any(SPEECH)
        yield "emergent_stance", _shipped()
        return
    for place in sorted(folder.iterdir()):
        if not (place / "answers.csv").exists() or (sets and place.name not in sets):
            continue
        try:
            yield place.name, read_recorded(place / "answers.csv", place / "gold.csv")
        except InvalidRecording as refused:
            if "are no choice" not in str(refused):
                print(f"{place.name} is left out: {refused}", file=sys.stderr)
                continue
            values[place.name] = frontier_values.read_any(place)


def _shipped() -> Recorded:
    """The stance pipeline's crowd: its two questions were one of three labels."""
    with (SHIPPED / "gold.csv").open(newline="") as file:
        right = [
            (row["task"], row["gold_side"] if row["gold_position"] == "yes" else "observing")
            for row in csv.DictReader(file)
        ]
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder, "gold.csv")
        with gold.open("w", newline="") as file:
            csv.writer(file).writerows([("task", "label"), *right])
        return read_recorded(SHIPPED / "answers.csv", gold)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--crowds", type=Path, help="folder of recorded crowds")
    parser.add_argument("--sets", nargs="*", default=[], help="only the crowds of these names")
    parser.add_argument("--orders", type=int, default=10, help="random orders of the answers")
    parser.add_argument("--reward", default="0.05", help="dollars an answer; fees are added")
    parser.add_argument(
        "--streaming", type=int, nargs="*", default=[50, 200, 800], help="sizes, none for no run"
    )
    asked = parser.parse_args()
    if asked.crowds is not None and not asked.crowds.is_dir():
        parser.error(f"--crowds: there is no folder {asked.crowds}")
    return asked


if __name__ == "__main__":
    main()
