"""Forecasting: gathers what is known, has the forecast made, and keeps it for its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hitline.branching import Branching, branching
from hitline.errors import HitlineError, InvalidDefinition
from hitline.forecast import Copies, Forecast, Plan, forecast
from hitline.itemsfile import ItemRow
from hitline.money import Fees, as_string
from hitline.pipeline import Link, Pipeline
from hitline.priors import Simulated, price
from hitline.prospects import Observed, PastStage, prospects
from hitline.recorded import Recorded
from hitline.rehearsal import rehearse, stage_of
from hitline.reporting.past import past
from hitline.reporting.runs import runs
from hitline.store import Store, forecasts
from hitline.store import items as item_rows
from hitline.store import pipelines as pipeline_rows
from hitline.tokens import item_id


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a forecast goes by, in words; stages that nothing is known of go by the priors."""

    source: str = "priors; nothing is known of this crowd"
    past: Mapping[str, PastStage] = field(default_factory=dict)
    rehearsed: Mapping[str, Simulated] = field(default_factory=dict)


def from_past(
    store: Store, pipeline: Pipeline, name: str, *, since: datetime | None = None
) -> Basis:
    """By what became of the finished items of a pipeline, `NAME`, or of its n-th run, `NAME@n`.

    `since` chooses the run by its time. Raises HitlineError where there is none, or none of the
    pipeline's stages has a finished item there.
    """
    other, _, number = name.partition("@")
    asked = {stage.name: stage.fields for stage in pipeline.stages}
    with store.reading() as connection:
        if other not in (known := pipeline_rows.names(connection)):
            raise HitlineError(
                f'--from: the pipeline "{other}" was never launched; launched were '
                f"{', '.join(known) or 'none'}; without --from the priors are taken"
            )
        if number:
            there = {str(run.number): run.at for run in runs(connection, other)}
            if number not in there:
                raise HitlineError(f'--from: {other} has no run "{number}", but 1 to {len(there)}')
            since = there[number]
        found = past(connection, other, asked, since)
        stages = item_rows.current_versions(connection, other)
    if not set(stages) & set(asked):
        raise HitlineError(
            f"--from: {other} has the stages {', '.join(stages)}, and none of {pipeline.name}'s "
            f"({', '.join(asked)}); name a run of the same stages"
        )
    seen = {stage: observed for stage, observed in found.items() if observed.items}
    if not seen:
        raise HitlineError(f"--from: no item of {name} is finished yet; wait, or leave --from out")
    finished = sum(len(observed.items) for observed in seen.values())
    return Basis(source=f"what became of {finished} items of {name}", past=seen)


def from_crowd(pipeline: Pipeline, recorded: Recorded, seed: int) -> Basis:
    """By the stage's own rule on recorded answers. Raises InvalidRecording if no stage fits."""
    stage = stage_of(pipeline, recorded)
    simulated = rehearse(pipeline, stage, recorded, seed)
    return Basis(
        source=f"{stage.name}'s rule on {len(recorded.item)} recorded answers",
        rehearsed={stage.name: simulated},
    )


def foresee(
    pipeline: Pipeline, rows: Sequence[ItemRow], basis: Basis, fees: Fees, *, seed: int
) -> Forecast:
    """What publishing these items will cost, take and bring."""
    if seed < 0:
        raise InvalidDefinition("seed", f"{seed} is less than 0")
    if not rows:
        raise HitlineError("all items of the file are published already; nothing is to forecast")
    branches = branching(pipeline, [row.input for row in rows])
    observed = {
        stage.name: Observed.of(stage, basis.past[stage.name], fees)
        for stage in pipeline.stages
        if stage.name in basis.past
    }
    worlds = prospects(
        pipeline, branches, fees, observed=observed, rehearsed=basis.rehearsed, seed=seed
    )
    plan = Plan(
        first=pipeline.first.name,
        items=len(rows),
        loops=_loops(pipeline),
        copies=_copies(pipeline, rows, fees),
        answers=sum(seen.answers for seen in basis.past.values()) or None,
    )
    made = forecast(plan, worlds.draw, seed=seed, source=basis.source)
    notes = (*_notes(pipeline, basis, branches), *_about_money(pipeline, made))
    return Forecast(
        items=made.items,
        figures=made.figures,
        stages=made.stages,
        source=made.source,
        notes=notes,
    )


def new_rows(store: Store | None, pipeline: Pipeline, rows: Sequence[ItemRow]) -> list[ItemRow]:
    """Those of the items that are not published yet; of no database, all."""
    if store is None:
        return list(rows)
    stage = pipeline.first.name
    ids = {item_id(pipeline.name, stage, row.key): row for row in rows}
    with store.reading() as connection:
        known = item_rows.ids_of(connection, pipeline.name, stage)
    return [row for found, row in ids.items() if found not in known]


def keep(
    store: Store, pipeline: Pipeline, rows: Sequence[ItemRow], made: Forecast, wall: datetime
) -> None:
    """Keep the forecast, for the run that publishes just these items."""
    figures = {name: interval.to_json() for name, interval in made.figures.items()}
    ids = [item_id(pipeline.name, pipeline.first.name, row.key) for row in rows]
    with store.writing() as connection:
        forecasts.keep(connection, pipeline.name, ids, figures, made.source, wall)


def _loops(pipeline: Pipeline) -> dict[tuple[str, str], int]:
    return {
        (link.source, link.target): link.rounds
        for link in pipeline.links
        if isinstance(link, Link) and link.rounds is not None
    }


def _copies(pipeline: Pipeline, rows: Sequence[ItemRow], fees: Fees) -> dict[str, Copies]:
    """What a stage asks beside its own items, where known ones are mixed in."""
    found: dict[str, Copies] = {}
    for stage in pipeline.stages:
        known = stage.policy.known
        if known is None:
            continue
        here = ("", stage.name) if stage is pipeline.first else (stage.name,)
        golds = sum(any(name in row.gold for name in here) for row in rows)
        at_first: int = getattr(stage.policy.redundancy, "start", 1)
        answers = known.answers or at_first
        found[stage.name] = Copies(
            share=known.share,
            known=golds / len(rows),
            answers=answers,
            cost=answers * price(stage.policy, 0, fees),
        )
    return found


def _notes(pipeline: Pipeline, basis: Basis, branches: Branching) -> list[str]:
    """What the reader should know of where the figures come from."""
    notes = []
    if not basis.past and not basis.rehearsed:
        notes.append("a pilot (hitline run --pilot) or a former run (--from) makes them narrower")
    for stage in pipeline.stages:
        seen = basis.past.get(stage.name)
        if basis.past and seen is None:
            notes.append(f"{stage.name}: no item is finished there, so its figures are priors")
        if seen is not None and seen.unfinished:
            notes.append(
                f"{stage.name}: {seen.unfinished} items are not finished; the slowest and dearest "
                "may be among them"
            )
        if seen is not None and not seen.checked:
            notes.append(f"{stage.name}: no known answers, so its accuracy is a prior")
        if stage.name in basis.rehearsed and basis.rehearsed[stage.name].accuracy is None:
            notes.append(f"{stage.name}: without --gold its accuracy is a prior")
        if basis.rehearsed and stage.name not in basis.rehearsed:
            notes.append(f"{stage.name}: nothing was recorded of it, so its figures are priors")
    if basis.rehearsed:
        notes.append("times and expired offers are priors: recorded answers do not tell them")
    for link in branches.failed:
        if not basis.past:
            notes.append(f"the rule {link} could not be tried; one item is taken to follow each")
    return notes


def _about_money(pipeline: Pipeline, made: Forecast) -> list[str]:
    cap, cost = pipeline.cap, made.figures["cost"]
    if cap is None or cost.high <= float(cap):
        return []
    return [f"the budget of {pipeline.name}, ${as_string(cap)}, may not suffice"]
