"""Secrets at rest: encrypted under a key that a file beside the database holds.

A signature is verified by computing it again, so an access key's secret has to be readable; a copy
of the database alone must not be enough to sign.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from marketplace.errors import KeyFileError

FALLBACK = Path("var") / "marketplace.key"


def key_file(chosen: Path | None, database_file: Path | None) -> Path:
    """`chosen`, or else the file beside an SQLite database, or else one for any other database."""
    if chosen is not None:
        return chosen
    return FALLBACK if database_file is None else Path(f"{database_file}.key")


class Secrets:
    """Encrypts and decrypts under one key file, which is read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fernet: Fernet | None = None

    def make(self) -> None:
        """Write a new key file for its owner only, unless there is one; raises `KeyFileError`."""
        if self.path.exists():
            return
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
                file.flush()
                os.fsync(descriptor)
            # Never a half-written one, which would lock everybody out.
            draft.rename(self.path)
        except OSError as error:
            raise KeyFileError(
                f"--key-file: {self.path} cannot be made ({error.strerror}): name another place."
            ) from error

    def seal(self, secret: str) -> str:
        """The secret as it may be stored; raises `KeyFileError`."""
        return self._read().encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The secret again; raises `KeyFileError` if another key file sealed it."""
        for again in (False, True):
            # Another process may have put another file there since it was read.
            fernet = self._read() if again or self._fernet is None else self._fernet
            try:
                return fernet.decrypt(sealed).decode()
            except InvalidToken:
                continue
        raise KeyFileError(
            f"--key-file: the secrets of this database were encrypted under another key than "
            f"that of {self.path}: {WAY_OUT}"
        )

    def _read(self) -> Fernet:
        try:
            self._fernet = Fernet(self.path.read_bytes().strip())
        except OSError as error:
            raise KeyFileError(
                f"--key-file: {self.path} cannot be read ({error.strerror}): {WAY_OUT}"
            ) from error
        except ValueError as error:
            raise KeyFileError(f"--key-file: {self.path} holds no key: {WAY_OUT}") from error
        return self._fernet


WAY_OUT = (
    "restore the file from the backup or name it with --key-file; if it is lost, revoke every "
    "access key (`marketplace requester list` shows them), delete the file that is there, and make "
    "new keys with `marketplace requester key NAME`."
)
