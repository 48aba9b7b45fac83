"""How often workers of different accuracy are warned and stopped by a stage's standards.

    python -m benchmarks.standing [--workers 4000] [--seed 0]

Each simulated worker answers so many known items one after the other; the standards are looked at
after each, as in a stage that evaluates at once. Nothing but the rule itself is run.
"""

from __future__ import annotations

import argparse
from random import Random

from benchmarks.figures import Row, table
from hitline.policies import Standards, Step
from hitline.standing import Evidence, next_step

KNOWN = (10, 20, 50)
ACCURACIES = (0.95, 0.90, 0.85, 0.80, 0.70, 0.60, 0.50)
AGREEMENT = 5
"""Comparisons with settled labels to each known item, as at a rate of 20 %."""

AGREES = 0.9
"""How often a settled label is right."""


def career(standards: Standards, accuracy: float, known: int, chance: Random) -> list[Step]:
    """The steps taken about one worker who answers so many known items, in order."""
    steps: list[Step] = []
    right = agreed = since = 0
    for count in range(1, known + 1):
        right += chance.random() < accuracy
        for _ in range(AGREEMENT):
            good, label = chance.random() < accuracy, chance.random() < AGREES
            agreed += good == label
        since += 1
        evidence = Evidence(known=count, right=right, compared=count * AGREEMENT, agreed=agreed)
        step = next_step(standards, evidence, steps[-1] if steps else None, since)
        if step is not None:
            steps.append(step)
            since = 0
        if step in (Step.STOP, Step.BLOCK):
            break
    return steps


def shares(standards: Standards, workers: int, seed: int) -> list[Row]:
    """By accuracy and known items: the percent of workers warned and stopped."""
    rows: list[Row] = []
    for accuracy in ACCURACIES:
        row: dict[str, str | float] = {"accuracy": f"{accuracy:.0%}"}
        for known in KNOWN:
            chance = Random(f"{seed}/{accuracy}/{known}")
            careers = [career(standards, accuracy, known, chance) for _ in range(workers)]
            for step in (Step.WARN, Step.STOP):
                met = sum(step in steps for steps in careers)
                row[f"{step} % of {known}"] = 100 * met / workers
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Warnings and stops by workers' accuracy")
    parser.add_argument("--workers", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(
        table(
            "Percent of workers, default standards", shares(Standards(), given.workers, given.seed)
        )
    )


if __name__ == "__main__":
    main()
