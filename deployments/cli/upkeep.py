"""Commands that keep things in order: the sweep by hand, the database's version."""

from __future__ import annotations

from deployments.cli.opening import opened
from deployments.cli.showing import count, say, show
from hitline import store
from hitline.acting import restoring, sweeping, wages
from hitline.settings import read_settings


def sweep() -> None:
    """Find what no event told us and mark it, as the schedule does every minute.

    For example: hitline sweep
    """
    hitline = opened()
    swept = sweeping.sweep(hitline)
    sent = wages.pay(hitline).sent
    total = sum(swept.marked.values())
    say(
        f"{count(total, 'item')} marked, {count(swept.restored, 'lost HIT')} restored, "
        f"{count(swept.foreign, 'foreign HIT')} heard of"
    )
    if sent.any:
        say(str(sent))
    show(["cause", "items"], sorted(swept.marked.items()))


def restored() -> None:
    """After a backup was restored: take over what became of our HITs since. Start nothing before.

    For example: hitline db restored
    """
    found = restoring.catch_up(opened())
    lost, changed = count(found.restored, "HIT"), count(found.changed, "HIT")
    say(f"{lost} had no row and {changed} stood otherwise; now they are as at the endpoint")


def upgrade() -> None:
    """Bring the database to this version, creating it if it is not there.

    For example: hitline db upgrade
    """
    say(f"the database is at version {store.upgrade(read_settings().database_url)}")
