"""Secrets at rest: where the key file is, who may read it, and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.engine.secrets import Secrets, key_file
from marketplace.errors import KeyFileError


@pytest.mark.parametrize(
    ("chosen", "database", "expected"),
    [
        ("/etc/key", "/srv/market.db", "/etc/key"),
        (None, "/srv/market.db", "/srv/market.db.key"),
        (None, None, "var/marketplace.key"),
    ],
)
def test_the_key_file_is_the_chosen_one_or_beside_the_database(
    chosen: str | None, database: str | None, expected: str
) -> None:
    found = key_file(Path(chosen) if chosen else None, Path(database) if database else None)
    assert found == Path(expected)


def test_a_new_key_file_is_its_owners_only_and_is_never_replaced(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "new" / "key")
    secrets.make()
    assert secrets.path.stat().st_mode & 0o777 == 0o600
    sealed = secrets.seal("s3cret")
    secrets.make()
    assert Secrets(secrets.path).unseal(sealed) == "s3cret"
    assert "s3cret" not in sealed


def test_a_key_file_that_was_put_there_meanwhile_is_read(tmp_path: Path) -> None:
    ours, theirs = Secrets(tmp_path / "ours"), Secrets(tmp_path / "theirs")
    for secrets in (ours, theirs):
        secrets.make()
    assert ours.unseal(ours.seal("before")) == "before"
    sealed = theirs.seal("after")
    theirs.path.rename(ours.path)
    assert ours.unseal(sealed) == "after"


def test_a_missing_a_broken_and_a_foreign_key_file_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "market.key"
    with pytest.raises(KeyFileError, match=r"market\.key cannot be read \(No such file.* restore"):
        Secrets(path).unseal("x")
    path.write_text("not a key")
    with pytest.raises(KeyFileError, match=r"market\.key holds no key: restore"):
        Secrets(path).seal("x")
    path.unlink()
    other = Secrets(tmp_path / "other")
    other.make()
    Secrets(path).make()
    with pytest.raises(KeyFileError, match=r"under another key than that of .*market\.key: rest"):
        Secrets(path).unseal(other.seal("x"))
