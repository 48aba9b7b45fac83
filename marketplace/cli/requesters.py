"""`marketplace requester`, and `marketplace deposit`: who posts HITs, and what they pay with."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from cyclopts import App

from marketplace.cli.opening import Database, opened
from marketplace.engine import account, requesters
from marketplace.errors import InvalidSettings

requester_app = App(name="requester", help="Who may post HITs.")


@requester_app.command(name="add")
def add_requester(name: str, *, database: Database = None) -> None:
    """Make a requester; prints the access key, whose secret is not shown again.

    Example: marketplace requester add lab >> .env
    """
    with opened(database) as engine, engine.act() as tx:
        key = requesters.add(tx, name)
    print(f"AWS_ACCESS_KEY_ID={key.access_key_id}")
    print(f"AWS_SECRET_ACCESS_KEY={key.secret_access_key}")


@requester_app.command(name="list")
def list_requesters(*, database: Database = None) -> None:
    """Show every requester: name, MTurk id, account, available balance."""
    with opened(database) as engine, engine.look() as tx:
        for found in requesters.everybody(tx):
            available = account.of(tx, found.requester_id).available
            print(f"{found.name}\t{found.requester_id}\t{found.account}\t{available:.2f}")


def deposit(name: str, amount: str, *, database: Database = None) -> None:
    """Add prepaid money to a requester's account.

    Example: marketplace deposit lab 100.00
    """
    dollars = _dollars(amount)
    with opened(database) as engine, engine.act() as tx:
        found = requesters.named(tx, name)
        account.deposit(tx, found.requester_id, dollars)
        available = account.of(tx, found.requester_id).available
    print(f"{name} has {available:.2f} available.")


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
        in_cents = amount == amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        in_cents = False
    if not in_cents or amount <= 0:
        raise InvalidSettings(
            f"AMOUNT: {text!r} is no amount above zero in dollars and cents, such as 100.00."
        )
    return amount
