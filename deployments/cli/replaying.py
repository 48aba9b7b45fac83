"""Trying a rule on answers that were recorded, before it spends money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from deployments.cli import replaying_values
from deployments.cli.showing import count, say, show
from hitline import presets
from hitline.errors import InvalidDefinition
from hitline.money import MINIMUM_REWARD, MTURK, money
from hitline.policies import WALL, Adaptive, Fixed, VoteLead
from hitline.recorded import Recorded, read_recorded
from hitline.replay import Setting, Summary, replayed


def replay(
    *,
    answers: Annotated[Path, Parameter(help="CSV with the columns task, worker, label.")],
    gold: Annotated[Path, Parameter(help="CSV with the columns task, label: what is right.")],
    policy: Annotated[str, Parameter(help=f"One of {presets.FORMS}.")] = "thorough",
    kind: Annotated[
        str | None, Parameter(help="choice, text or number; what the policy is for if not said.")
    ] = None,
    orders: Annotated[int, Parameter(help="Random orders of the answers.")] = 10,
    seed: Annotated[int, Parameter(help="Of the random orders, and of who wins a tie.")] = 0,
    items: Annotated[int | None, Parameter(help="Only so many items, others each order.")] = None,
    open_: Annotated[
        float | None,
        Parameter(
            name="--open", help="Share of the items open at a time; labels are final then (.05)."
        ),
    ] = None,
    known: Annotated[
        float, Parameter(help="Share of the known labels told to the rule, and not scored.")
    ] = 0.0,
    reward: Annotated[str, Parameter(help="Dollars an answer, for the cost.")] = "0.05",
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="As JSON.")] = False,
) -> None:
    """Replay a rule on recorded answers: what it asks for, how right its labels are.

    For example: hitline replay --answers answers.csv --gold gold.csv --policy thrifty --open .05
    """
    rule = presets.redundancy(policy)
    pays = money(reward, "reward")
    if pays < MINIMUM_REWARD:
        raise InvalidDefinition("reward", f"{pays} is under the minimum reward, {MINIMUM_REWARD}")
    for name, number in (("orders", orders), ("items", items)):
        if number is not None and number < 1:
            raise InvalidDefinition(name, f"{number} is less than 1")
    if seed < 0:
        raise InvalidDefinition("seed", f"{seed} is less than 0")
    if open_ is not None and not 0 < open_ <= 1:
        raise InvalidDefinition("open", f"{open_} is no share; write one above 0, up to 1")
    if not 0 <= known < 1:
        raise InvalidDefinition("known", f"{known} is no share; write one from 0 to below 1")
    asked = replaying_values.kind_of(rule, kind)
    if asked != "choice":
        replaying_values.replay(
            asked,
            rule,
            (answers, gold),
            policy=policy,
            orders=orders,
            seed=seed,
            items=items,
            known=known,
            pays=pays,
            as_json=as_json,
        )
        return
    assert isinstance(rule, VoteLead | Fixed | Adaptive)
    recorded = read_recorded(answers, gold)
    if items is not None and items > len(recorded.tasks):
        raise InvalidDefinition("items", f"{items}, but only {len(recorded.tasks)} have answers")
    setting = Setting(rule=rule, open_share=open_, items=items, known_share=known)
    found = replayed(recorded, setting, orders=orders, seed=seed)
    cost = float(pays + MTURK.assignment_fee(pays, min(rule.most, WALL))) * found.answers_per_item
    if as_json:
        print(json.dumps(_as_json(found, cost), indent=2))
    else:
        _show(recorded, setting, found, cost, policy, orders)


def _as_json(found: Summary, cost: float) -> dict[str, Any]:
    figures = {
        "answers_per_item": found.answers_per_item,
        "accuracy": found.accuracy,
        "accuracy_sd": found.accuracy_sd,
        "rounds": found.rounds,
        "cost_per_item": cost,
        "flips": found.flips,
    }
    if found.calibration_error is not None:
        figures["calibration_error"] = found.calibration_error
    rounded = {name: round(value, 6) for name, value in figures.items()}
    return {**rounded, "baselines": {k: round(v, 6) for k, v in found.baselines.items()}}


def _show(
    recorded: Recorded, setting: Setting, found: Summary, cost: float, policy: str, orders: int
) -> None:
    way = "in rounds over all" if setting.open_share is None else f"{setting.open_share:g} open"
    say(
        f"{count(len(recorded.item), 'answer')} to {count(len(recorded.tasks), 'item')}, "
        f"{setting.items or len(recorded.tasks)} replayed {way}, {count(orders, 'order')}"
    )
    say()
    show(
        ["rule", "answers an item", "accuracy", "rounds", "cost an item", "flips"],
        [
            (
                policy,
                f"{found.answers_per_item:.2f}",
                f"{found.accuracy:.1%} ± {found.accuracy_sd:.1%}",
                f"{found.rounds:.1f}",
                f"${cost:.3f}",
                f"{found.flips:.1%}",
            ),
            *(
                (name.replace("_", " "), None, f"{share:.1%}", None, None, None)
                for name, share in found.baselines.items()
            ),
        ],
    )
    if found.calibration_error is not None:
        say(f"the stated confidence is off by {found.calibration_error:.1%} on average")
