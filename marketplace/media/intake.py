"""Adding a folder of media, and taking media away."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from marketplace.engine import Engine, media
from marketplace.engine.media import LONGEST_NAME, Medium
from marketplace.errors import InvalidMediaFolder, RefusedMedium
from marketplace.media import kinds
from marketplace.media.contents import MediaFolder

LEFT_BEHIND = timedelta(days=1)  # no copy takes that long


@dataclass(kw_only=True)
class Report:
    """What became of a folder's files, by their names; the reasons are sentences without a dot."""

    added: list[Medium] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Files that were never meant to be served."""
    refused: dict[str, str] = field(default_factory=dict)
    """Files that look as if they were meant to be, and cannot."""


def add_folder(engine: Engine, requester_id: str, folder: Path) -> Report:
    """Store every picture, sound and film under `folder`; hidden files are passed over.

    It can be stopped at any moment and run again: what is there is not copied again, and keeps its
    address. Links are not followed, so that nothing outside the folder can come in.
    """
    if not folder.is_dir():
        raise InvalidMediaFolder(f"FOLDER: {str(folder)!r} is no folder.")
    contents = MediaFolder.of(engine)
    contents.sweep(engine.clock.wall() - LEFT_BEHIND)
    report = Report()
    names: set[str] = set()
    for source in _files(folder):
        name = unicodedata.normalize("NFC", source.relative_to(folder).as_posix())
        shown = name.encode("utf-8", "backslashreplace").decode()
        try:
            if source.is_symlink():
                report.left_out[shown] = "it is a link, and links are not followed"
            elif not kinds.is_promised(name):
                report.left_out[shown] = f"only {', '.join(sorted(kinds.KINDS))} are served"
            else:
                _check_name(name, taken=name in names)
                report.added.append(_add(engine, contents, requester_id, name, source))
                names.add(name)
        except RefusedMedium as error:
            report.refused[shown] = str(error)
    return report


def remove(engine: Engine, requester_id: str, names: Collection[str] | None) -> list[Medium]:
    """Take away every address of these names, or of all; returns what was taken away.

    Contents that nobody else uses are deleted.
    """
    with engine.act() as tx:
        found = [
            medium
            for medium in media.listing(tx, requester_id)
            if names is None or medium.name in names
        ]
        media.remove(tx, [medium.token for medium in found])
    contents = MediaFolder.of(engine)
    # Only now, when the names are gone for good, and where nobody can add one at the same time.
    with engine.act() as tx:
        for sha256 in {medium.sha256 for medium in found}:
            if not media.is_used(tx, sha256):
                contents.drop(sha256)
    return found


def _add(
    engine: Engine, contents: MediaFolder, requester_id: str, name: str, source: Path
) -> Medium:
    with contents.read_in(source, largest=engine.settings.media_largest) as content:
        content_type = kinds.content_type(name, content.head)
        if content_type is None:
            raise RefusedMedium("its content is not what its name's ending says")
        with engine.act() as tx:
            contents.keep(content)
            return media.add(
                tx,
                requester_id,
                name,
                content_type=content_type,
                sha256=content.sha256,
                size=content.size,
            )


def _files(folder: Path) -> Iterator[Path]:
    """Everything below but hidden files, by name; links to folders too, which are not entered."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in sorted([*files, *links]):
            if not name.startswith("."):
                yield Path(place, name)


def _check_name(name: str, *, taken: bool) -> None:
    if len(name) > LONGEST_NAME:
        raise RefusedMedium(f"its name is longer than {LONGEST_NAME} characters")
    if any("\ud800" <= character <= "\udfff" for character in name):
        raise RefusedMedium("its name is not UTF-8")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise RefusedMedium("its name has control characters")
    if taken:
        raise RefusedMedium("another file's name is the same once Unicode is normalized")
