"""The ledger and the earnings of workers, to the cent."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from marketplace.cli import app
from marketplace.engine import account, earnings, people, requesters
from tests.contracts.conftest import START

HEADER = "worker_id,name,email,assignments_approved,rewards,bonuses,total,currency\r\n"

DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


def lines(console: Any, query: str = "") -> list[str]:
    """The lines of the file, without its header."""
    answer = console.client.get(f"/requester/earnings.csv{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith(HEADER)
    return str(answer.text).removeprefix(HEADER).splitlines()


@pytest.fixture
def month(market: Any) -> Any:
    """A market in which, from 5 to 9 January 2026, two workers earned something.

    AONE: 0.10 on the 5th, 0.10 (a rejection overridden) and a bonus of 1.25 on the 9th.
    ATWO: 0.05 approved by itself on the 6th; the rest was rejected or waits.
    """
    dear = market.create_hit(Reward="0.10", MaxAssignments=3, LifetimeInSeconds=864000)["HITId"]
    dear_2 = market.create_hit(Reward="0.10", MaxAssignments=2, LifetimeInSeconds=864000)["HITId"]
    cheap = market.create_hit(Title="Quick", AutoApprovalDelayInSeconds=86400)["HITId"]
    first = market.submit(dear, "AONE", breed="a")
    market.client.approve_assignment(AssignmentId=first)
    rejected = market.submit(dear_2, "AONE", breed="b")
    market.client.reject_assignment(AssignmentId=rejected, RequesterFeedback="No.")
    lost = market.submit(dear, "ATWO", breed="c")
    market.client.reject_assignment(AssignmentId=lost, RequesterFeedback="No.")
    market.submit(cheap, "ATWO", breed="d")
    market.advance(days=4)
    market.submit(dear_2, "ATWO", breed="e")
    market.client.approve_assignment(AssignmentId=rejected, OverrideRejection=True)
    market.client.send_bonus(
        WorkerId="AONE", AssignmentId=first, BonusAmount="1.25", Reason="Careful"
    )
    return market


@pytest.fixture
def reader(month: Any, open_console: Callable[..., Any]) -> Any:
    return open_console(month)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "?from=2026-01-01&to=2026-01-31",
            ["AONE,,,2,0.20,1.25,1.45,USD", "ATWO,,,1,0.05,0.00,0.05,USD"],
        ),
        ("?from=2026-01-05&to=2026-01-05", ["AONE,,,1,0.10,0.00,0.10,USD"]),
        ("?from=2026-01-06&to=2026-01-08", ["ATWO,,,1,0.05,0.00,0.05,USD"]),
        ("?from=2026-01-09&to=2026-01-09", ["AONE,,,1,0.10,1.25,1.35,USD"]),
        ("?from=2025-12-01&to=2025-12-31", []),
        ("", ["AONE,,,2,0.20,1.25,1.45,USD", "ATWO,,,1,0.05,0.00,0.05,USD"]),
    ],
)
def test_earnings_count_on_the_day_of_approval(
    reader: Any, query: str, expected: list[str]
) -> None:
    assert lines(reader, query) == expected


def test_earnings_and_ledger_agree_to_the_cent(month: Any) -> None:
    with month.engine.look() as tx:
        lab = requesters.named(tx, "lab").requester_id
        found = earnings.by_worker(tx, lab, since=START, until=START + timedelta(days=30))
        sums = account.totals(tx, lab)
    assert sum(one.rewards for one in found) == sums[account.Entry.REWARD] == Decimal("0.25")
    assert sum(one.bonuses for one in found) == sums[account.Entry.BONUS] == Decimal("1.25")


@pytest.mark.parametrize(
    "query",
    ["?from=yesterday", "?to=2026-13-01", "?from=2026-02-01&to=2026-01-01", "?to=9999-12-31"],
)
def test_days_that_are_none_are_refused(reader: Any, query: str) -> None:
    assert reader.client.get(f"/requester/earnings.csv{query}").status_code == 409
    page = reader.get(f"/requester/earnings{query}")
    assert page.status == 400
    assert page.texts("[role=alert]") != []


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "'\t=1"),
        ('Ann "Bee", Cee', 'Ann "Bee", Cee'),
        ("Zoë\nX", "Zoë\nX"),
    ],
)
def test_a_name_can_be_no_formula_in_a_spreadsheet(
    market: Any, console: Any, name: str, cell: str
) -> None:
    with market.engine.act() as tx:
        worker_id = people.sign_up(tx, email="ann@example.org", name=name)
    hit_id = market.create_hit()["HITId"]
    market.client.approve_assignment(AssignmentId=market.submit(hit_id, worker_id, breed="a"))
    text = console.client.get("/requester/earnings.csv").text
    _, row = csv.reader(io.StringIO(text, newline=""))
    assert row == [worker_id, cell, "ann@example.org", "1", "0.05", "0.00", "0.05", "USD"]


def test_another_requesters_workers_are_not_in_it(
    month: Any, open_console: Callable[..., Any]
) -> None:
    other = open_console(month, month.add_requester("other"))
    assert lines(other, "?from=2026-01-01&to=2026-01-31") == []


def test_the_page_shows_the_same_and_links_to_the_file(reader: Any) -> None:
    page = reader.get("/requester/earnings?from=2026-01-01&to=2026-01-31")
    assert page.texts("tbody tr") == [
        f"AONE {DASH} 2 $0.20 $1.25 $1.45",
        f"ATWO {DASH} 1 $0.05 $0.00 $0.05",
    ]
    assert "$1.50 to 2 workers." in page.text
    link = str(page.link("Download as CSV"))
    assert link == "/requester/earnings.csv?from=2026-01-01&to=2026-01-31"


def test_the_command_prints_the_same(
    month: Any, reader: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["requester", "earnings", "lab", "--from", "2026-01-01", "--to", "2026-01-31"]
    app([*words, "--csv", "--database", month.database], result_action="return_value")
    printed = capsys.readouterr().out.replace("\r\n", "\n")
    from_console = reader.client.get("/requester/earnings.csv?from=2026-01-01&to=2026-01-31").text
    assert printed == from_console.replace("\r\n", "\n")
    app([*words, "--database", month.database], result_action="return_value")
    assert capsys.readouterr().out.splitlines()[0] == "AONE\t\t2\t0.20\t1.25\t1.45"


def test_the_ledger_is_listed_newest_first_in_pages(month: Any, reader: Any) -> None:
    page = reader.get("/requester/money")
    assert page.figures()["Balance"] == "$98.20"  # 100 - 0.25 - 0.05 - 1.25 - 0.25
    assert page.texts("tbody th") == [
        "Fee of a bonus",
        "Bonus",
        "Fee",
        "Reward",
        "Fee",
        "Reward",
        "Fee",
        "Reward",
        "Deposit",
    ]
    assert page.texts("tbody td.number")[:2] == [f"{MINUS}$0.25", f"{MINUS}$1.25"]
    assert page.texts("tbody td.number")[-1] == "+$100.00"


def test_a_long_ledger_has_pages(market: Any, console: Any) -> None:
    with market.engine.act() as tx:
        lab = requesters.named(tx, "lab").requester_id
        for cents in range(1, 60):
            account.deposit(tx, lab, Decimal(cents) / 100)
    first = console.get("/requester/money")
    second = console.get(str(first.link("Older")))
    amounts = first.texts("tbody td.number") + second.texts("tbody td.number")
    assert amounts == [f"+$0.{cents:02}" for cents in range(59, 0, -1)] + ["+$100.00"]
    assert second.link("Older") is None


def test_the_sandbox_has_no_ledger_and_says_so(
    open_market: Callable[..., Any], open_console: Callable[..., Any]
) -> None:
    page = open_console(open_market(sandbox=True)).get("/requester/money")
    assert page.figures()["Available"] == "$10,000.00"
    assert "This is a sandbox" in page.text
