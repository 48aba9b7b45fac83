"""The account, the ledger, and what workers earned."""

from __future__ import annotations

from starlette.responses import Response

from marketplace.console import payroll
from marketplace.console.visits import Handler, RequesterVisit, show
from marketplace.engine import account, earnings
from marketplace.engine.transaction import Transaction
from marketplace.errors import InvalidPeriod
from marketplace.site.pages import secured

A_PAGE = 50
EARNERS_SHOWN = 200


def ledger(visit: RequesterVisit) -> Response:
    """The account's figures and its entries, newest first."""
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        found = account.entries(tx, visit.requester_id, before=before, limit=A_PAGE + 1)
        figures = account.of(tx, visit.requester_id)
        sandbox = tx.settings.sandbox
    return show(
        visit,
        "requester/money.html",
        account=figures,
        entries=found[:A_PAGE],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        paged=before is not None,
        sandbox=sandbox,
    )


def earned(visit: RequesterVisit) -> Response:
    """What each worker earned in some days, and the form that asks for others."""
    with visit.engine.look() as tx:
        try:
            days, found = _earned(tx, visit)
        except InvalidPeriod as error:
            days, found = payroll.period(None, None, now=tx.now), []
            return _earnings_page(visit, days, found, error=str(error), status=400)
    return _earnings_page(visit, days, found)


def earned_csv(visit: RequesterVisit) -> Response:
    """The same as a file."""
    with visit.engine.look() as tx:
        days, found = _earned(tx, visit)
    name = f"earnings-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return secured(Response(payroll.to_csv(found), media_type="text/csv", headers=headers))


def _earned(
    tx: Transaction, visit: RequesterVisit
) -> tuple[payroll.Period, list[earnings.Earnings]]:
    days = payroll.period(visit.asked("from"), visit.asked("to"), now=tx.now)
    return days, earnings.by_worker(tx, visit.requester_id, since=days.since, until=days.until)


def _earnings_page(
    visit: RequesterVisit,
    days: payroll.Period,
    found: list[earnings.Earnings],
    *,
    error: str | None = None,
    status: int = 200,
) -> Response:
    return show(
        visit,
        "requester/earnings.html",
        status=status,
        days=days,
        earnings=found[:EARNERS_SHOWN],
        number=len(found),
        total=sum((one.total for one in found), earnings.NOTHING),
        error=error,
    )


PAGES: dict[str, tuple[Handler | None, Handler | None]] = {
    "/requester/money": (ledger, None),
    "/requester/earnings": (earned, None),
    "/requester/earnings.csv": (earned_csv, None),
}
