"""What items will cost, take and bring, before they are published; and how that turned out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import chosen, database_if_any, open_database
from deployments.cli.showing import count, say, show
from hitline import loading
from hitline.acting import forecasting
from hitline.acting.forecasting import Basis
from hitline.acting.launching import check
from hitline.errors import HitlineError, InvalidDefinition
from hitline.forecast import FIGURES, SHARE, Forecast, Interval
from hitline.itemsfile import read_items
from hitline.money import MTURK, NONE
from hitline.pipeline import Pipeline
from hitline.recorded import read_recorded
from hitline.reporting.runs import Compared, compared
from hitline.settings import read_settings
from hitline.store import Store


def forecast(
    pipeline: str,
    items: Path | None = None,
    /,
    *,
    from_: Annotated[
        str | None,
        Parameter(name="--from", help="By a former run: PIPELINE, or PIPELINE@2 for its second."),
    ] = None,
    crowd: Annotated[
        Path | None, Parameter(help="By recorded answers: a CSV with task, worker, label.")
    ] = None,
    gold: Annotated[
        Path | None, Parameter(help="What is right of them: a CSV with task, label.")
    ] = None,
    seed: Annotated[int, Parameter(help="The same seed gives the same figures.")] = 0,
    past: Annotated[
        bool, Parameter(negative="", help="How far earlier forecasts were off.")
    ] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="As JSON.")] = False,
) -> None:
    """Forecast cost, accuracy and time of publishing a file's items; nothing is spent.

    For example: hitline forecast stance pipelines/stance/items.csv --from stance

    Parameters
    ----------
    pipeline
        The name of a folder in the pipelines folder.
    items
        The items file, as for run; with --past there is none.
    """
    if past:
        _past(pipeline, as_json)
        return
    if items is None:
        raise HitlineError(f'say which items, as in "hitline forecast {pipeline} ITEMS.csv"')
    if from_ is not None and crowd is not None:
        raise InvalidDefinition("--crowd", "a forecast goes by it or by --from, not by both")
    if gold is not None and crowd is None:
        raise InvalidDefinition("--gold", "it says what is right of --crowd, which is missing")
    settings = read_settings()
    definition = loading.load(pipeline, settings.pipelines)
    rows = read_items(items, definition.first.question.placeholders)
    check(definition, rows, items)
    store = database_if_any(settings)
    new = forecasting.new_rows(store, definition, rows)
    basis = _basis(store, definition, from_, crowd, gold, seed)
    fees = MTURK if settings.fees == "mturk" else NONE
    made = forecasting.foresee(definition, new, basis, fees, seed=seed)
    if store is not None:
        forecasting.keep(store, definition, new, made, settings.clock.wall())
    if as_json:
        print(json.dumps(made.to_json(), indent=2))
    else:
        tell(made)


def tell(made: Forecast, title: str = "") -> None:
    """The forecast on the screen: over all, then by stage where there are several."""
    say(
        f"{title}{count(made.items, 'item')}, by {made.source}; "
        f"{SHARE:.0%} of the cases lie within the brackets"
    )
    say()
    figures = [("all", made.figures)]
    if len(made.stages) > 1:
        figures += list(made.stages.items())
    show(["stage", *FIGURES], [(name, *_cells(found)) for name, found in figures])
    for note in made.notes:
        say(f"- {note}")


def shown(figure: str, interval: Interval) -> str:
    """`$4.20 (3.10 to 5.80)`."""
    middle, low, high = (_number(figure, v) for v in (interval.middle, interval.low, interval.high))
    return f"{'$' if figure == 'cost' else ''}{middle} ({low} to {high})"


def _basis(
    store: Store | None,
    definition: Pipeline,
    from_: str | None,
    crowd: Path | None,
    gold: Path | None,
    seed: int,
) -> Basis:
    if from_ is not None:
        opened = store or open_database(read_settings())
        return forecasting.from_past(opened, definition, from_)
    if crowd is not None:
        return forecasting.from_crowd(definition, read_recorded(crowd, gold), seed)
    return Basis()


def _cells(found: Mapping[str, Interval]) -> list[str | None]:
    return [shown(figure, found[figure]) if figure in found else None for figure in FIGURES]


def _number(figure: str, value: float) -> str:
    match figure:
        case "cost":
            return f"{value:.2f}"
        case "hours":
            return f"{value:.1f} h"
        case "accuracy":
            return f"{value:.0%}"
    return f"{value:.0f}"


def _past(pipeline: str, as_json: bool) -> None:
    settings = read_settings()
    definition = loading.load(pipeline, settings.pipelines)
    asked = {stage.name: stage.fields for stage in definition.stages}
    with open_database(settings).reading() as connection:
        found = compared(connection, chosen(connection, pipeline), asked)
    if as_json:
        print(json.dumps([_as_json(one) for one in found], indent=2))
        return
    if not found:
        say(
            f"no forecast of {pipeline} was followed by a run of the same items; "
            f'"hitline forecast {pipeline} ITEMS.csv" before "hitline run" makes one'
        )
    for one in found:
        tell_compared(one)


def tell_compared(one: Compared) -> None:
    """A forecast beside what came of it."""
    so_far = f", {one.came_to.unfinished} unfinished" if one.came_to.unfinished else ""
    say(f"{count(one.made.items, 'item')}{so_far}, by {one.made.source}")
    rows = []
    for figure in FIGURES:
        actual, off, held = one.actual(figure), one.off(figure), one.held(figure)
        rows.append(
            (
                figure,
                shown(figure, one.forecast(figure)),
                None if actual is None else _number(figure, actual),
                None if off is None else f"{off:+.0%}",
                None if held is None else ("within" if held else "outside"),
            )
        )
    show(["figure", "forecast", "came to", "off by", "interval"], rows)


def _as_json(one: Compared) -> dict[str, object]:
    return {
        "items": one.made.items,
        "source": one.made.source,
        "unfinished": one.came_to.unfinished,
        **{
            figure: {
                "forecast": one.forecast(figure).to_json(),
                "came_to": one.actual(figure),
                "off": one.off(figure),
                "within": one.held(figure),
            }
            for figure in FIGURES
        },
    }
