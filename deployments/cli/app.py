"""The commands together, and the code with which each ends."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from deployments.cli import (
    control,
    explaining,
    launching,
    notifications,
    replaying,
    upkeep,
    watching,
)
from deployments.cli.showing import complain
from hitline.errors import HitlineError

REFUSED, USAGE, INTERRUPTED = 1, 2, 130
"""What was asked cannot be done; it was asked wrongly; Ctrl-C. Success is 0."""


def main(tokens: Sequence[str] | None = None) -> int:
    """Run the command in `tokens`, by default the process's own; the exit code."""
    try:
        build()(tokens if tokens is None else list(tokens), exit_on_error=False)
    except CycloptsError:
        return USAGE  # cyclopts has said what is wrong
    except HitlineError as refused:
        complain(str(refused))
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def build() -> App:
    """The application with all its commands."""
    app = App(
        name="hitline",
        help="Crowd work on Mechanical Turk's API: publish items, watch them, stop them.",
        help_format="plaintext",
        version=lambda: version("hitline"),
        result_action="return_none",
        suppress_keyboard_interrupt=False,
    )
    for command in (
        launching.up,
        launching.run,
        launching.preview,
        watching.status,
        explaining.explain,
        watching.results,
        watching.events,
        replaying.replay,
        control.pause,
        control.resume,
        control.stop,
        upkeep.sweep,
    ):
        app.command(command)
    path = App(name="notifications", help=notifications.__doc__)
    for command in (notifications.on, notifications.off, notifications.show):
        path.command(command)
    app.command(path)
    database = App(name="db", help="The database.")
    database.command(upkeep.upgrade)
    app.command(database)
    return app
