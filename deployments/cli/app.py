"""The commands together, and the code with which each ends."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from deployments.cli import (
    assignment,
    control,
    events,
    explaining,
    exporting,
    forecasting,
    launching,
    money,
    notifications,
    piloting,
    provisioning,
    redoing,
    replaying,
    staff,
    upkeep,
    watching,
    worker,
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
        exporting.export,
        forecasting.forecast,
        replaying.replay,
        control.pause,
        control.resume,
        control.retry,
        control.dismiss,
        control.stop,
        money.budget,
        redoing.redo,
        provisioning.provision,
        upkeep.sweep,
    ):
        app.command(command)
    for group in (*_about_work(), *_about_running()):
        app.command(group)
    return app


def _about_work() -> list[App]:
    """The groups on people and what they did."""
    submissions = App(name="assignment", help=assignment.__doc__)
    submissions.command(assignment.look, name="show")
    for judgement in (
        assignment.approve,
        assignment.reject,
        assignment.override,
        assignment.compensate,
    ):
        submissions.command(judgement)
    people = App(name="worker", help=worker.__doc__)
    people.command(worker.everybody, name="list")
    people.command(worker.look, name="show")
    for step in (worker.note, worker.warn, worker.stop, worker.block, worker.undo):
        people.command(step)
    pilot = App(name="pilot", help=piloting.__doc__)
    pilot.command(piloting.show_pilot, name="show")
    pilot.command(piloting.go_on, name="continue")
    pilot.command(piloting.stop)
    desk = App(name="staff", help=staff.__doc__)
    desk.command(staff.list_, name="list")
    desk.command(staff.import_, name="import")
    for action in (staff.export, staff.drop, staff.grant, staff.revoke):
        desk.command(action)
    return [submissions, people, pilot, desk]


def _about_running() -> list[App]:
    """The groups on money, notifications and the database."""
    books = App(name="ledger", help="The ledger: what was reserved, paid and freed.")
    books.command(money.check)
    books.command(money.entries, name="show")
    happened = App(name="events")
    happened.default(events.events)
    happened.command(events.replay)
    path = App(name="notifications", help=notifications.__doc__)
    for command in (notifications.on, notifications.off, notifications.show):
        path.command(command)
    database = App(name="db", help="The database.")
    database.command(upkeep.upgrade)
    database.command(upkeep.restored)
    return [books, happened, path, database]
