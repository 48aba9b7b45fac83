"""`marketplace requester earnings`: what a requester's workers earned."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from marketplace.cli.opening import Database, opened
from marketplace.console import payroll
from marketplace.engine import earnings as rules
from marketplace.engine import requesters


def earnings(
    name: str,
    *,
    first: Annotated[str | None, Parameter(name="--from")] = None,
    last: Annotated[str | None, Parameter(name="--to")] = None,
    csv: Annotated[bool, Parameter(negative="")] = False,
    database: Database = None,
) -> None:
    """Show what each worker earned with a requester, by the days on which work was approved.

    Example: marketplace requester earnings lab --from 2026-01-01 --to 2026-01-31 --csv > pay.csv

    Parameters
    ----------
    name
        The requester.
    first
        First day, UTC, such as 2026-01-01; by default the first of the month.
    last
        Last day, UTC, included; by default today.
    csv
        Print CSV, with the workers' names and e-mail addresses.
    """
    with opened(database) as engine, engine.look() as tx:
        days = payroll.period(first, last, now=tx.now)
        requester_id = requesters.named(tx, name).requester_id
        found = rules.by_worker(tx, requester_id, since=days.since, until=days.until)
    if csv:
        print(payroll.to_csv(found), end="")
        return
    for one in found:
        print(
            f"{one.worker_id}\t{one.name or ''}\t{one.approved}\t{one.rewards:.2f}\t"
            f"{one.bonuses:.2f}\t{one.total:.2f}"
        )
