"""What the demo shows: a board that changes while it runs, and the summary at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deployments.demo.crowdside import Crowdside
from deployments.runs import RunCounts
from hitline.model import ItemState
from hitline.reporting.progress import Progress

PLAIN_EVERY = 10.0
"""Seconds between two lines where there is no terminal to redraw."""
DONE = {"note": "noted", "warn": "warned", "stop": "stopped", "block": "blocked"}
"""What was done about a worker, by step."""


class Board:
    """Redrawn in a terminal; a line now and then anywhere else."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._last = -PLAIN_EVERY

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, now: Progress, runs: RunCounts, crowd: Crowdside, seconds: float) -> None:
        """The state of things after `seconds` of wall time."""
        if self._live:
            self._live.update(_table(now, runs, crowd, seconds), refresh=True)
        elif seconds - self._last >= PLAIN_EVERY:
            self._last = seconds
            self._console.print(_line(now, runs, crowd, seconds), soft_wrap=True)


def show_summary(console: Console, came_to: Mapping[str, Any], root: str) -> None:
    """The summary, as a person reads it; summary.json has all of it."""
    table = Table(title="What it came to", title_justify="left")
    for column in ("stage", "items", "settled", "staff", "answers", "extended", "reposted"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    table.add_column("known", justify="right")
    for name, stage in came_to["stages"].items():
        accuracy = stage["accuracy"]
        table.add_row(
            name,
            *(str(stage[key]) for key in ("items", "settled", "staff")),
            *(str(stage[key]) for key in ("answers", "extended", "reposted")),
            "-" if accuracy is None else f"{accuracy:.0%} of {stage['gold_items']}",
        )
    console.print(table)
    if any(came_to["compared"].values()):
        console.print(_beside(came_to["compared"]))
    spent, events, action = (
        came_to[key] for key in ("spent", "notifications", "event_to_action_seconds")
    )
    failed = sum(counts["failed"] for counts in came_to["flow_runs"].values())
    completed = sum(counts["completed"] for counts in came_to["flow_runs"].values())
    console.print(
        f"items      {came_to['items']['published']} published, {came_to['items']['open']} open\n"
        f"money      ${spent['total']} spent (${spent['rewards']} rewards, ${spent['fees']} fees); "
        f"the account changed by ${came_to['account_change']}\n"
        f"ledger     {_ledger(came_to['audit'])}\n"
        f"known      {_known(came_to)}\n"
        f"alerts     {_alerts(came_to['alerts'])}\n"
        f"events     {events['sent']} sent, {events['received']} received, "
        f"{events['duplicates']} doubled, {events['unparsed']} unparsed\n"
        f"flow runs  {completed} completed, {failed} failed\n"
        f"speed      event to action p50 {action['p50']} s, p95 {action['p95']} s; "
        f"{came_to['wall_seconds']:.0f} s in all\n"
        f"files      {root}/summary.json, results.csv, log/",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _beside(compared: Mapping[str, Any]) -> Table:
    """What was settled, with the truth of all items, beside five answers each by majority."""
    table = Table(title="Beside five answers each, by majority", title_justify="left")
    table.add_column("stage")
    for column in ("answers each", "right", "stated", "by five", "right", "saved"):
        table.add_column(column, justify="right")
    for name, stage in compared.items():
        if stage is None:
            continue
        five, stated = stage["majority_of_five"], stage["stated_confidence"]
        table.add_row(
            name,
            f"{stage['answers_per_item']:.2f}",
            f"{stage['accuracy']:.1%} of {stage['items']}",
            "-" if stated is None else f"{stated:.1%}",
            f"{five['answers_per_item']:.2f}",
            f"{five['accuracy']:.1%}",
            _dollars(stage["saved"]),
        )
    return table


def _known(came_to: Mapping[str, Any]) -> str:
    """What known items cost beyond those handed in, and what followed from them."""
    copies = came_to["copies"]
    steps = ", ".join(f"{count} {DONE[step]}" for step, count in came_to["steps"].items() if count)
    return (
        f"{copies['items']} copies of known headlines, {copies['answers']} answers to them for "
        f"${copies['cost']}; workers: {steps or 'nothing done about any'}"
    )


def _ledger(audit: Mapping[str, Any]) -> str:
    found = audit["differences"]
    told = f"{audit['hits']} HITs and {audit['assignments']} assignments agree with the endpoint's"
    return "\n           ".join(["differs:", *found]) if found else told


def _alerts(alerts: Sequence[Mapping[str, str]]) -> str:
    told = [f"{alert['stage']}: {alert['text']}" for alert in alerts]
    return "\n           ".join(told) or "none"


def _dollars(amount: str) -> str:
    return f"-${amount[1:]}" if amount.startswith("-") else f"${amount}"


def _table(now: Progress, runs: RunCounts, crowd: Crowdside, seconds: float) -> Table:
    table = Table(title=f"stance, {seconds:.0f} s", title_justify="left", caption_justify="left")
    table.add_column("stage")
    for state in ItemState:
        table.add_column(str(state), justify="right")
    for column in ("answers", "extended", "reposted"):
        table.add_column(column, justify="right")
    for stage in now.stages:
        table.add_row(
            stage.name,
            *(str(stage.states[state] or "·") for state in ItemState),
            *(str(count or "·") for count in (stage.answers, stage.extended, stage.reposted)),
        )
    table.caption = _rest(now, runs, crowd)
    return table


def _line(now: Progress, runs: RunCounts, crowd: Crowdside, seconds: float) -> str:
    states = ", ".join(f"{now.count(state)} {state}" for state in ItemState if now.count(state))
    return f"{seconds:4.0f} s  {states}; {now.answers} answers; {_rest(now, runs, crowd)}"


def _rest(now: Progress, runs: RunCounts, crowd: Crowdside) -> str:
    return (
        f"${now.spent.total} spent, ${now.reserved.total} reserved; "
        f"{crowd.sent} events sent, {now.notifications.received} received; "
        f"{runs.completed} flow runs, {runs.failed} failed"
    )
