"""The command line; a file for each group of commands."""

from __future__ import annotations

import sys

from cyclopts import App

from marketplace.cli.crowds import crowd_app
from marketplace.cli.requesters import deposit, requester_app
from marketplace.cli.serving import serve
from marketplace.errors import MarketplaceError

app = App(
    name="marketplace",
    help="A service that speaks Mechanical Turk's Requester API, and its crowd.",
    version_flags=[],
)
app.command(serve)
app.command(deposit)
for group in (requester_app, crowd_app):
    app.command(group)


def main() -> None:
    """Run the command line; what goes wrong on purpose is one sentence and exit code 1."""
    try:
        app()
    except MarketplaceError as error:
        print(f"marketplace: {error}", file=sys.stderr)
        sys.exit(1)
