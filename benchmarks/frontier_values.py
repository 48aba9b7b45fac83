"""What texts and numbers cost: hitline's rules and fixed numbers of answers, on recorded crowds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hitline.errors import InvalidRecording
from hitline.fields import Field, Number, Text
from hitline.policies import Agree, Fixed, Rule, StandardError
from hitline.recorded_values import RecordedValues, read_numbers, read_values
from hitline.replay_values import replayed_values

COUNTS = (3, 5, 7, 9)
WITHIN = (0.05, 0.1)
SHARES = (0.04, 0.05, 0.06)
"""Standard errors, as shares of what lies between the least and the greatest answer."""


def read_any(folder: Path) -> RecordedValues:
    """The crowd in a folder, as numbers if all its labels are, else as texts."""
    files = folder / "answers.csv", folder / "gold.csv"
    try:
        return read_numbers(*files)
    except InvalidRecording:
        return read_values(*files, Text("label", most=1_000_000))


def rows(crowd: RecordedValues, orders: int, each: float) -> list[dict[str, object]]:
    """A row for each rule; `each` is what one answer costs, in dollars."""
    error = "word error %" if crowd.field.kind == "text" else "mean error"
    scale = 100.0 if crowd.field.kind == "text" else 1.0
    found = []
    for name, rule in _rules(crowd.field).items():
        one = replayed_values(crowd, rule, orders=orders, seed=0)
        found.append(
            {
                "rule": name,
                "answers": one.answers_per_item,
                error: scale * one.error,
                "exact %": 100 * one.exact,
                "rounds": one.rounds,
                "$ for 1,000": 1000 * one.answers_per_item * each,
            }
        )
    return found


def _rules(field: Field) -> Mapping[str, Rule]:
    if isinstance(field, Number):
        assert field.least is not None
        assert field.most is not None
        width = field.most - field.least
        return {
            **{f"fixed {count}, mean": Fixed(answers=count) for count in COUNTS},
            **{
                f"fixed {count}, median": StandardError(
                    at_most=1e-9, start=count, most=count, of="median"
                )
                for count in COUNTS
            },
            **{
                f"standard error {share * width:g}": StandardError(at_most=share * width)
                for share in SHARES
            },
        }
    return {
        **{f"fixed {count}, medoid": Fixed(answers=count) for count in COUNTS},
        **{f"fixed {count}, ROVER": Agree(start=count, most=count) for count in COUNTS},
        "two equal, medoid": Agree(merge="medoid"),
        "two equal, ROVER": Agree(),
        **{f"two within {share:.0%}, ROVER": Agree(within=share) for share in WITHIN},
    }
