"""The media folder: files under the SHA-256 of what they hold, each put in place whole."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from marketplace.engine import Engine
from marketplace.errors import RefusedMedium
from marketplace.media.kinds import HEAD

CHUNK = 1 << 20
INCOMING = "incoming"
FALLBACK = Path("var") / "media"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What was read of a file; `size` is in bytes."""

    sha256: str
    size: int
    head: bytes
    incoming: Path | None
    """A copy that waits to be put in place; None where the folder has this content already."""


class MediaFolder:
    """Where contents lie; it holds no names, those are in the database."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, engine: Engine) -> MediaFolder:
        """The one in the settings, or else beside an SQLite database, or else `FALLBACK`."""
        chosen, database_file = engine.settings.media_folder, engine.store.file
        if chosen is None:
            chosen = FALLBACK if database_file is None else Path(f"{database_file}.media")
        return cls(chosen)

    def path(self, sha256: str) -> Path:
        """Where this content lies, if it does."""
        return self.root / sha256[:2] / sha256

    @contextmanager
    def read_in(self, source: Path, *, largest: int) -> Iterator[Content]:
        """The content of `source`, copied unless the folder has it; a copy not `kept` is dropped.

        Raises RefusedMedium for what is no regular file, or is larger than `largest` bytes.
        """
        with _opened(source) as file:
            digest, size, head = _copy(file, None, largest)
            if self._holds(digest, size):
                yield Content(sha256=digest, size=size, head=head, incoming=None)
                return
            file.seek(0)
            incoming = self.root / INCOMING / secrets.token_hex(16)
            incoming.parent.mkdir(parents=True, exist_ok=True)
            try:
                with incoming.open("xb") as copy:
                    digest, size, head = _copy(file, copy, largest)
                    copy.flush()
                    os.fsync(copy.fileno())
                yield Content(sha256=digest, size=size, head=head, incoming=incoming)
            finally:
                incoming.unlink(missing_ok=True)

    def keep(self, content: Content) -> None:
        """Put the copy in place, for good once this returns.

        Call it inside the transaction that adds the name: removal looks in one of its own.
        """
        path = self.path(content.sha256)
        if content.incoming is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            content.incoming.replace(path)
            _sync(path.parent)
        elif not self._holds(content.sha256, content.size):
            raise RefusedMedium("its content was removed at the same moment: add it again")

    def sweep(self, before: datetime) -> None:
        """Delete copies from before this wall time that were never put in place."""
        for copy in (self.root / INCOMING).glob("*"):
            if copy.stat().st_mtime < before.timestamp():
                copy.unlink(missing_ok=True)

    def drop(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def _holds(self, sha256: str, size: int) -> bool:
        path = self.path(sha256)
        return path.is_file() and path.stat().st_size == size


def _copy(source: BinaryIO, target: BinaryIO | None, largest: int) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := source.read(CHUNK):
        head = head or chunk[:HEAD]
        size += len(chunk)
        if size > largest:
            raise RefusedMedium(f"it is larger than {largest} bytes (MARKETPLACE_MEDIA_LARGEST)")
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest(), size, head


def _opened(source: Path) -> BinaryIO:
    """The file opened, without following a link or waiting for a pipe's other end."""
    try:
        number = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise RefusedMedium(f"it cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise RefusedMedium("it is no regular file")
    return os.fdopen(number, "rb")


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
