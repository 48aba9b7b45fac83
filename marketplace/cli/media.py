"""`marketplace media`: pictures, sound and film for the questions of HITs, without a bucket."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

from cyclopts import App, Parameter

from marketplace.cli.opening import Database, opened, settings_from
from marketplace.engine import Engine, media, requesters
from marketplace.engine.media import Medium
from marketplace.errors import InvalidSettings
from marketplace.media import intake

media_app = App(name="media", help="Pictures, sound and film for the questions of HITs.")

PublicUrl = Annotated[
    str | None, Parameter(help="how browsers reach the service, such as https://work.example.org")
]
MediaFolder = Annotated[
    Path | None, Parameter(help="where pictures and sound lie, if not beside the database")
]


@media_app.command(name="add")
def add_media(
    folder: Path,
    *,
    requester: str,
    csv_file: Annotated[Path | None, Parameter(name="--csv")] = None,
    public_url: PublicUrl = None,
    media_folder: MediaFolder = None,
    database: Database = None,
) -> int:
    """Store every picture, sound and film under a folder; print `name,url` lines for items.

    Run it again after a stop, or after files changed: what is there keeps its address, a changed
    file gets another one. Exit code 1 where a file was refused.

    Example: marketplace media add photos --requester lab --csv photos.csv

    Parameters
    ----------
    folder
        Whose files to store; in an address, the path inside it is the name.
    requester
        Whose media they are.
    csv_file
        File for the lines, instead of standard output.
    """
    with opened(database, media_folder=media_folder) as engine:
        base = _base(engine, public_url)
        with engine.look() as tx:
            requester_id = requesters.named(tx, requester).requester_id
        report = intake.add_folder(engine, requester_id, folder)
    for name, reason in report.left_out.items():
        print(f"left out: {name}: {reason}.", file=sys.stderr)
    for name, reason in report.refused.items():
        print(f"refused: {name}: {reason}.", file=sys.stderr)
    if csv_file is None:
        _write(sys.stdout, report.added, base)
    else:
        with csv_file.open("w", newline="", encoding="utf-8") as file:
            _write(file, report.added, base)
    _say_where(base)
    return 1 if report.refused else 0


@media_app.command(name="list")
def list_media(*, requester: str, public_url: PublicUrl = None, database: Database = None) -> None:
    """Show a requester's media: name, address, type, bytes."""
    with opened(database) as engine, engine.look() as tx:
        base = _base(engine, public_url)
        for medium in media.listing(tx, requesters.named(tx, requester).requester_id):
            print(f"{medium.name}\t{base}{medium.address}\t{medium.content_type}\t{medium.size}")
    _say_where(base)


@media_app.command(name="remove")
def remove_media(
    *names: str,
    requester: str,
    all: Annotated[bool, Parameter(negative="")] = False,
    media_folder: MediaFolder = None,
    database: Database = None,
) -> int:
    """Take away every address of these names; browsers may go on showing what they kept.

    Example: marketplace media remove cat.png birds/owl.mp3 --requester lab

    Parameters
    ----------
    names
        As `media list` shows them.
    all
        Take away everything of the requester.
    """
    if all == bool(names):
        raise InvalidSettings("Name the media to remove, or give --all: one of the two.")
    with opened(database, media_folder=media_folder) as engine:
        with engine.look() as tx:
            requester_id = requesters.named(tx, requester).requester_id
        gone = intake.remove(engine, requester_id, None if all else names)
    for medium in gone:
        print(f"{medium.name}\t{medium.address}")
    missing = sorted(set(names) - {medium.name for medium in gone})
    for name in missing:
        print(f"there is no {name!r}.", file=sys.stderr)
    return 1 if missing else 0


def _base(engine: Engine, public_url: str | None) -> str:
    """Where browsers reach the service: as given, or as `serve` was told."""
    told = settings_from(public_url=public_url).public_url or engine.settings.public_url
    return (told or "").rstrip("/")


def _write(file: TextIO, added: Iterable[Medium], base: str) -> None:
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(["name", "url"])
    lines.writerows([medium.name, base + medium.address] for medium in added)


def _say_where(base: str) -> None:
    if not base:
        print(
            "The addresses are relative to the service: give --public-url, here or to `serve`, for "
            "complete ones.",
            file=sys.stderr,
        )
