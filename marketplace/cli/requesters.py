"""`marketplace requester`, and `marketplace deposit`: who posts HITs, and what they pay with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from marketplace.cli.opening import Database, opened
from marketplace.engine import account, requesters
from marketplace.errors import InvalidSettings

requester_app = App(name="requester", help="Who may post HITs.")


KeyFile = Annotated[
    Path | None,
    Parameter(help="What secrets are encrypted under; by default a file beside the database"),
]


@requester_app.command(name="add")
def add_requester(name: str, *, database: Database = None, key_file: KeyFile = None) -> None:
    """Make a requester; prints the access key, whose secret is not shown again.

    Example: marketplace requester add lab >> .env
    """
    with opened(database, key_file=key_file) as engine, engine.act() as tx:
        key = requesters.add(tx, name)
    _print(key)


@requester_app.command(name="key")
def add_key(name: str, *, database: Database = None, key_file: KeyFile = None) -> None:
    """Make a further access key, so that clients can change to it before the old one is revoked.

    Example: marketplace requester key lab
    """
    with opened(database, key_file=key_file) as engine, engine.act() as tx:
        key = requesters.add_key(tx, requesters.named(tx, name).requester_id)
    _print(key)


@requester_app.command(name="revoke")
def revoke_key(access_key_id: str, *, database: Database = None) -> None:
    """Let nothing be done with an access key any more, from now on and for good.

    Example: marketplace requester revoke AKIA0123456789ABCDEF
    """
    with opened(database) as engine, engine.act() as tx:
        requesters.revoke(tx, access_key_id)
    print(f"{access_key_id} is revoked.")


@requester_app.command(name="list")
def list_requesters(*, database: Database = None) -> None:
    """Show every requester (name, MTurk id, account, available balance), and under it the keys."""
    with opened(database) as engine, engine.look() as tx:
        for found in requesters.everybody(tx):
            available = account.of(tx, found.requester_id).available
            print(f"{found.name}\t{found.requester_id}\t{found.account}\t{available:.2f}")
            for key in requesters.keys_held(tx, found.requester_id):
                state = "in force" if key.revoked_at is None else f"revoked {_day(key.revoked_at)}"
                print(f"\t{key.access_key_id}\tmade {_day(key.created_at)}\t{state}")


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


def _print(key: requesters.AccessKey) -> None:
    print(f"AWS_ACCESS_KEY_ID={key.access_key_id}")
    print(f"AWS_SECRET_ACCESS_KEY={key.secret_access_key}")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


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
