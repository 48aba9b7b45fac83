"""`marketplace faults`: what goes wrong on purpose, while the service runs."""

from __future__ import annotations

from cyclopts import App

from marketplace import faults
from marketplace.cli.opening import Database, opened
from marketplace.errors import InvalidSettings
from marketplace.store.faults import keep_faults, kept_faults

faults_app = App(name="faults", help="What goes wrong on purpose; it acts at once.")


@faults_app.command
def show(*, database: Database = None) -> None:
    """List every fault: its value, and what it means. A star marks those set by command."""
    with opened(database) as engine, engine.store.read() as connection:
        changed = faults.read(kept_faults(connection))
    for name, field in faults.Faults.model_fields.items():
        value = changed.get(name, getattr(engine.settings, name))
        print(f"{'*' if name in changed else ' '} {name}={value}\t{field.description}")


@faults_app.command(name="set")
def set_faults(*changes: str, database: Database = None) -> None:
    """Switch faults on or off, in a service that runs as in one that starts later.

    Example: marketplace faults set notify_loss=0.1 api_fault_after=0.05

    Parameters
    ----------
    changes
        Each is NAME=VALUE, of those that `marketplace faults show` lists.
    """
    parted = [change.partition("=") for change in changes]
    for name, sign, _ in parted:
        if not sign:
            raise InvalidSettings(f"{name!r} is no fault and its value: write NAME=VALUE.")
    given = {name: value for name, _, value in parted}
    with opened(database) as engine, engine.store.write() as connection:
        keep_faults(connection, faults.written(kept_faults(connection), given))


@faults_app.command
def clear(*, database: Database = None) -> None:
    """Forget all that was set: the service's own settings act again."""
    with opened(database) as engine, engine.store.write() as connection:
        keep_faults(connection, None)
