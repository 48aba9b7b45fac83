"""What to expect of a crowd that nobody has observed: stated, wide, and replaced by whatever is
known. The numbers and their reasons are in docs/decisions/0019.

A *crowd* here is one draw of all of it: how right its workers are, how items differ, how long an
asking waits, how many offers nobody takes. For each crowd the stage's own rule is run on simulated
answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hitline import wage
from hitline.branching import Branching, labels_of
from hitline.consensus import choice
from hitline.consensus.choice import Agreed, Needs, Tally
from hitline.consensus.skill import Numbers, Shares
from hitline.forecast import Pool, World
from hitline.money import Fees
from hitline.pipeline import Pipeline, Stage
from hitline.policies import Adaptive, Fixed, Policy, SettleBest, VoteLead

CROWDS = 40
"""Crowds that a forecast draws from."""
SIMULATED = 150
"""Items of each."""

RIGHT = (3.0, 2.5)
"""Beta distribution of the share of right answers in a crowd, above guessing."""
ALIKE = 6.0
"""Of one crowd's items: how many answers' worth of certainty that an item is like the others."""
WAIT = 1.0
"""Hours until an asking is answered, in the middle of crowds."""
CROWDS_WAIT = 1.0
ITEMS_WAIT = 0.8
"""Standard deviations of its logarithm, between crowds and between askings."""
UNTAKEN = (1.0, 9.0)
"""Beta distribution of the share of askings that expire; at the next rung it is half as much."""
SECONDS = 30.0
CROWDS_WORK = 0.7
"""Seconds that an answer takes in the middle of crowds, and the deviation of its logarithm."""
ANSWERS_A_DAY = 30.0
"""Answers that a worker gives in a stage on a day."""


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """Items of one stage under one crowd, an entry each, whose answers were asked in `rounds`.

    `label` counts the stage's labels; `right`: 1, 0, or -1 where what is right is not known.
    """

    answers: Numbers
    rounds: Numbers
    label: Numbers
    settled: Numbers
    right: Numbers

    @property
    def accuracy(self) -> float | None:
        """The share of right labels among the settled, if any can be checked."""
        checked = self.right[(self.settled == 1) & (self.right >= 0)]
        return float(checked.mean()) if len(checked) else None

    def another(self, chance: np.random.Generator) -> Simulated:
        """As many of these items as chance gives, some several times."""
        picked = chance.integers(len(self.answers), size=len(self.answers))
        return Simulated(
            answers=self.answers[picked],
            rounds=self.rounds[picked],
            label=self.label[picked],
            settled=self.settled[picked],
            right=self.right[picked],
        )


def worlds(
    pipeline: Pipeline,
    branches: Branching,
    fees: Fees,
    chance: np.random.Generator,
    rehearsed: Mapping[str, Simulated],
) -> list[dict[str, Pool]]:
    """Crowds, each with a pool for every stage; of `rehearsed` stages the answers are known."""
    found: list[dict[str, Pool]] = []
    for _ in range(CROWDS):
        wait, untaken = crowd(chance)
        world: dict[str, Pool] = {}
        for stage in pipeline.stages:
            guessed = simulate(stage, chance)
            known = rehearsed.get(stage.name)
            world[stage.name] = pool(
                stage,
                known.another(chance) if known else guessed,
                accuracy=guessed.accuracy or 0.0,
                branches=branches,
                fees=fees,
                wait=wait,
                untaken=untaken,
                chance=chance,
            )
        for source, target in (pair for pairs in branches.gathered.values() for pair in pairs):
            world[target] = _after(world[target], world[source], chance)
        found.append(world)
    return found


def simulate(stage: Stage, chance: np.random.Generator) -> Simulated:
    """A crowd's answers to items of the stage, asked for by the stage's own rule."""
    labels = len(labels_of(stage) or "12")
    guessing = 1.0 / labels
    right = guessing + (1.0 - guessing) * chance.beta(*RIGHT)
    each = chance.beta(ALIKE * right, ALIKE * (1.0 - right), size=SIMULATED)
    # Which label is right is any, so that chain rules see them all; how often each, is the crowd's.
    truth = chance.choice(labels, size=SIMULATED, p=chance.dirichlet(np.ones(labels)))
    rows = [
        _asked(stage.policy, int(truth[at]), each[at], labels, chance) for at in range(SIMULATED)
    ]
    answers, rounds, label, settled = (
        np.array(column, dtype=np.intp) for column in zip(*rows, strict=True)
    )
    return Simulated(
        answers=answers,
        rounds=rounds,
        label=label,
        settled=settled,
        right=np.asarray((label == truth) & (settled == 1), dtype=np.intp),
    )


def _asked(
    policy: Policy, truth: int, right: float, labels: int, chance: np.random.Generator
) -> tuple[int, int, int, int]:
    """(answers, rounds, label, whether it settled) of one item."""
    rule = policy.redundancy
    if isinstance(rule, Adaptive):
        # In the end the model needs about as many as this; before workers overlap, it asks so.
        rule = VoteLead(start=rule.start, lead=max(rule.lead, 1), most=rule.most)
    if not isinstance(rule, VoteLead | Fixed):
        start = getattr(rule, "start", 1)
        answers = start + int(chance.binomial(max(rule.most - start, 0), 1.0 - right))
        return answers, 1 + answers - start, truth, 1
    said: list[int] = []
    rounds = 0
    while True:
        tally = Tally.of(str(label) for label in said)
        ruling = choice.judge(tally, rule)
        if isinstance(ruling, Agreed):
            return len(said), rounds, int(ruling.label), 1
        if not isinstance(ruling, Needs):
            best = isinstance(policy.end, SettleBest) and tally.leader is not None
            return len(said), rounds, int(tally.leader or 0), int(best)
        rounds += 1
        for _ in range(ruling.answers):
            wrong = (truth + int(chance.integers(1, labels))) % labels
            said.append(truth if chance.random() < right else wrong)


def pool(
    stage: Stage,
    simulated: Simulated,
    *,
    accuracy: float,
    branches: Branching,
    fees: Fees,
    wait: float,
    untaken: float,
    chance: np.random.Generator,
) -> Pool:
    """What the simulated items cost, take and lead to, with a crowd that waits so long.

    `accuracy` is that of their labels where none of them can be checked.
    """
    policy, size = stage.policy, len(simulated.answers)
    climbed = np.zeros(size, dtype=np.intp)
    for rung in range(len(policy.rewards)):
        climbed += (climbed == rung) & (chance.random(size) < untaken / 2**rung)
    gone = climbed == len(policy.rewards)
    # Whom nobody takes at the last rung has about half of what it needed.
    answers = np.where(gone, simulated.answers // 2, simulated.answers)
    top_up = wage_an_answer(
        policy,
        fees,
        seconds=SECONDS * float(np.exp(chance.normal(0.0, CROWDS_WORK))),
        a_day=ANSWERS_A_DAY,
    )
    each = np.array([price(policy, rung, fees) for rung in range(len(policy.rewards))])
    dollars = each[np.minimum(climbed, len(policy.rewards) - 1)] + top_up
    hours = _waited(simulated.rounds, wait, chance)
    lifetime = policy.lifetime.total_seconds() / 3600
    settled = np.where(gone, 0, simulated.settled)
    return Pool(
        answers=answers.astype(np.float64),
        cost=answers * dollars,
        hours=np.minimum(hours, simulated.rounds * lifetime) + climbed * lifetime,
        settled=settled,
        children=children(stage, simulated.label, settled, branches, chance),
        weights=np.full(size, 1.0 / size),
        accuracy=accuracy if simulated.accuracy is None else simulated.accuracy,
    )


def price(policy: Policy, rung: int, fees: Fees) -> float:
    """Dollars of an answer to one item at a rung, fees in; a shared HIT's go to all its items."""
    reward = policy.reward_at(min(rung, len(policy.rewards) - 1))
    assignments = min(policy.redundancy.most, fees.surcharge_from - 1)
    return float(reward + fees.assignment_fee(reward, assignments)) / policy.items_per_hit


def wage_an_answer(policy: Policy, fees: Fees, *, seconds: float, a_day: float) -> float:
    """Dollars that an hourly wage adds to an answer; 0 where the stage has none."""
    if policy.hourly_wage is None:
        return 0.0
    answers = 1000.0
    bonuses, on_them = wage.expected(
        wage=policy.hourly_wage,
        reward=policy.rewards[0],
        seconds=seconds,
        answers=answers,
        worker_days=answers / a_day,
        fees=fees,
    )
    return float(bonuses + on_them) / answers / policy.items_per_hit


def children(
    stage: Stage,
    label: Numbers,
    settled: Numbers,
    branches: Branching,
    chance: np.random.Generator,
) -> dict[str, Numbers]:
    """How many items each leads to, by the pipeline's own rules; only what is settled does."""
    labels = labels_of(stage) or ("",)
    found: dict[str, Numbers] = {}
    for target in branches.targets(stage.name):
        counts = np.zeros(len(label), dtype=np.intp)
        for at, name in enumerate(labels):
            which = label == at if len(labels) > 1 else np.ones(len(label), dtype=bool)
            tries = branches.tries(stage.name, target, name)
            counts[which] = chance.choice(tries, size=int(which.sum()))
        found[target] = np.where(settled == 1, counts, 0)
    for source, target in branches.gathered.get(stage.name, ()):
        found[target] = np.asarray(found.get(source, settled) > 0, dtype=np.intp)
    return found


def crowd(chance: np.random.Generator) -> tuple[float, float]:
    """(hours that an asking waits, share of askings that expire) of some crowd."""
    wait = WAIT * float(np.exp(chance.normal(0.0, CROWDS_WAIT)))
    return wait, float(chance.beta(*UNTAKEN))


def _waited(rounds: Numbers, wait: float, chance: np.random.Generator) -> Shares:
    """Hours that each item's askings took, one after the other."""
    times = wait * np.exp(chance.normal(0.0, ITEMS_WAIT, size=(len(rounds), int(rounds.max()))))
    asked = np.arange(times.shape[1]) < rounds[:, None]
    return np.asarray((times * asked).sum(axis=1))


def _after(gathered: Pool, source: Pool, chance: np.random.Generator) -> Pool:
    """What is gathered begins when the last of what it is gathered from has ended."""
    wait = chance.choice(source.hours, size=(len(gathered.hours), 3), p=source.weights).max(axis=1)
    return replace(gathered, hours=gathered.hours + wait)


def drawn_from(found: list[dict[str, Pool]], chance: np.random.Generator) -> World:
    """One of these worlds, by chance."""
    return found[int(chance.integers(len(found)))]
