"""Replay: a stage's rule on answers that were recorded, by the code that judges live ones.

A task's answers come in random order, as often as asked. All items at once, in rounds (batch); or
some open at a time, each label final when its item settles (streaming), as in a chain of stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from hitline.consensus import adaptive, calibration, choice, opinion, skill
from hitline.consensus.adaptive import Savings
from hitline.consensus.choice import Agreed, Needs, Tally, Undecided
from hitline.consensus.opinion import Opinion
from hitline.consensus.skill import Numbers, Shares
from hitline.deck import Deck
from hitline.policies import Adaptive, Fixed, Redundancy, VoteLead
from hitline.recorded import Recorded

Ruling = Agreed | Needs | Undecided


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one order of the answers came to; shares are of the items whose right label is known.

    `rounds`: how often an item waited for answers. `flips`: the share of items whose label is not
    what all the answers bought by the end say. `calibration_error`: of the stated confidence (None
    for rules without one).
    """

    answers_per_item: float
    accuracy: float
    rounds: float
    flips: float
    calibration_error: float | None
    baselines: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How to replay: `open_share` of the items at a time, or all (None).

    `items`: a random part of the items. `known_share`: of them the model is told the right label;
    they come first, and are not scored.
    """

    rule: Redundancy
    open_share: float | None = None
    items: int | None = None
    known_share: float = 0.0

    @property
    def has_model(self) -> bool:
        """Whether the rule states a confidence."""
        return isinstance(self.rule, Adaptive)


@dataclass(frozen=True, kw_only=True)
class Summary(Outcome):
    """The means over several orders; `accuracy_sd` is the standard deviation between them."""

    accuracy_sd: float


def replayed(recorded: Recorded, setting: Setting, *, orders: int, seed: int) -> Summary:
    """The rule on so many random orders; the same seed gives the same orders."""
    outcomes = [
        replay(recorded, setting, np.random.default_rng([seed, order])) for order in range(orders)
    ]

    def mean(name: str) -> float:
        return float(np.mean([getattr(outcome, name) for outcome in outcomes]))

    return Summary(
        answers_per_item=mean("answers_per_item"),
        accuracy=mean("accuracy"),
        accuracy_sd=float(np.std([outcome.accuracy for outcome in outcomes])),
        rounds=mean("rounds"),
        flips=mean("flips"),
        calibration_error=mean("calibration_error") if setting.has_model else None,
        baselines={
            name: float(np.mean([outcome.baselines[name] for outcome in outcomes]))
            for name in outcomes[0].baselines
        },
    )


def replay(recorded: Recorded, setting: Setting, chance: np.random.Generator) -> Outcome:
    """One replay, in an order of answers and items that `chance` gives."""
    deck = Deck.shuffled(recorded, setting.items, chance)
    known = np.full(deck.items, -1, dtype=np.intp)
    told = chance.permutation(np.flatnonzero(deck.gold >= 0))
    told = told[: round(setting.known_share * len(told))]
    known[told] = deck.gold[told]
    scored = np.flatnonzero((deck.gold >= 0) & (known < 0))
    share_open = setting.open_share
    run = Run(deck, setting.rule, known if len(told) else None, final=share_open is not None)
    room = deck.items if share_open is None else max(1, round(share_open * deck.items))
    run.to_the_end(np.concatenate([told, chance.permutation(np.flatnonzero(known < 0))]), room)

    def share(labels: Numbers) -> float:
        return float((labels[scored] == deck.gold[scored]).mean()) if len(scored) else 0.0

    right = run.label[scored] == deck.gold[scored]
    error = calibration.expected_error(run.stated[scored], right)
    everything = deck.upto(np.full(deck.items, deck.most))
    model = skill.fit(everything)[1].argmax(axis=1)
    return Outcome(
        answers_per_item=float(run.have.mean()),
        accuracy=share(run.label),
        rounds=float(run.rounds.mean()),
        flips=float((run.label != run.last).mean()),
        calibration_error=error if setting.has_model else None,
        baselines={
            "fixed3_majority": share(deck.majority(3)),
            "fixed5_majority": share(deck.majority(5)),
            "all_majority": share(deck.majority(deck.most)),
            "all_dawid_skene": share(model),
        },
    )


@dataclass
class Run:
    """One replay under way. `have` answers of each item are bought, in `rounds` rounds.

    `label` is what an item settled with, `stated` the confidence in it at the end, `last` what all
    the answers bought by the end say.
    """

    deck: Deck
    rule: Redundancy
    known: Numbers | None
    final: bool
    have: Numbers = field(init=False)
    rounds: Numbers = field(init=False)
    label: Numbers = field(init=False)
    last: Numbers = field(init=False)
    stated: Shares = field(init=False)

    def __post_init__(self) -> None:
        items = self.deck.items
        self.have, self.rounds = np.zeros(items, dtype=np.intp), np.zeros(items, dtype=np.intp)
        self.label, self.last = np.full(items, -1), np.full(items, -1)
        self.stated = np.zeros(items)
        self._tallies: dict[tuple[float, ...], Tally] = {}

    def to_the_end(self, arrival: Numbers, room: int) -> None:
        """Ask and judge, round by round, until no item needs more; `room` of them at a time.

        An item that settles makes room for the next; as with live ones, it stays settled.
        """
        came, now = 0, arrival[:0]
        while came < len(arrival) or len(now):
            new = arrival[came : came + room - len(now)]
            came += len(new)
            now = self._judge(np.concatenate([now, new]))
        view, self.last = self._view()
        if view is not None:
            # As each refit of a live stage states them anew.
            self.stated = np.where(view.label == self.label, view.stated, 1.0 - view.stated)

    def _judge(self, now: Numbers) -> Numbers:
        """Judge these items, and buy what they need; those that something was bought for."""
        view, labels = self._view()
        asked = []
        for item, ruling in self._rulings(now, view):
            left = self.deck.sizes[item] - self.have[item]
            if isinstance(ruling, Needs) and left:
                self.have[item] += min(ruling.answers, left)
                self.rounds[item] += 1
                asked.append(item)
                continue
            self.label[item] = labels[item]
            if isinstance(ruling, Agreed):
                self.label[item] = self.deck.labels.index(ruling.label)
        return np.array(asked, dtype=np.intp)

    def _view(self) -> tuple[Opinion | None, Numbers]:
        """What the answers bought so far say: the model's opinion if the rule has one, the labels.

        One fit for a round, whatever the number of items.
        """
        bought = self.deck.upto(self.have)
        if isinstance(self.rule, Adaptive):
            view = opinion.form(bought, self.known)
            return view, view.label
        return None, self.deck.leaders(bought.votes)

    def _rulings(self, now: Numbers, view: Opinion | None) -> Iterable[tuple[int, Ruling]]:
        if view is None or not isinstance(self.rule, Adaptive):
            assert isinstance(self.rule, VoteLead | Fixed)
            votes = self.deck.upto(self.have).votes[now]
            for item, tally in zip(now.tolist(), self._tallied(votes), strict=True):
                yield item, choice.judge(tally, self.rule)
            return
        # The surest first: what they leave over is there for the others of the same round.
        now = now[np.argsort(-view.likely[now], kind="stable")]
        savings = self._savings(now) if self.final else None
        tallies = self._tallied(view.answers.votes[now])
        beliefs = view.beliefs(now, self.deck.labels)
        for item, tally, belief in zip(now.tolist(), tallies, beliefs, strict=True):
            spare = savings.left if savings else None
            ruling = adaptive.judge(tally, belief, self.rule, spare=spare)
            if savings:
                savings.heed(ruling, tally.total)
            yield item, ruling

    def _savings(self, now: Numbers) -> Savings:
        assert isinstance(self.rule, Adaptive)
        settled = self.label >= 0
        beyond = np.maximum(self.have[now] - self.rule.average, 0)
        return Savings(
            self.rule,
            settled=int(settled.sum()),
            answers=int(self.have[settled].sum()),
            taken=int(beyond.sum()),
        )

    def _tallied(self, votes: Shares) -> Iterator[Tally]:
        """A tally of each row. There are few different ones, so each is made once."""
        for row in map(tuple, votes.tolist()):
            if row not in self._tallies:
                said = zip(self.deck.labels, row, strict=True)
                self._tallies[row] = Tally.of(
                    label for label, count in said for _ in range(int(count))
                )
            yield self._tallies[row]
