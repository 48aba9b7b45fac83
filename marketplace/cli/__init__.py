"""The command line; a file for each group of commands."""

from __future__ import annotations

import sys

from cyclopts import App

from marketplace.cli.crowds import crowd_app
from marketplace.cli.earnings import earnings
from marketplace.cli.faults import faults_app
from marketplace.cli.layouts import layout_app
from marketplace.cli.media import media_app
from marketplace.cli.requesters import deposit, requester_app
from marketplace.cli.serving import serve
from marketplace.cli.workers import worker_app
from marketplace.errors import MarketplaceError

app = App(
    name="marketplace",
    help="A service that speaks Mechanical Turk's Requester API, and its crowd.",
    version_flags=[],
)
app.command(serve)
app.command(deposit)
requester_app.command(earnings)
for group in (requester_app, worker_app, layout_app, media_app, crowd_app, faults_app):
    app.command(group)


def main() -> None:
    """Run the command line; what goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except MarketplaceError as error:
        print(f"marketplace: {error}", file=sys.stderr)
        sys.exit(1)
