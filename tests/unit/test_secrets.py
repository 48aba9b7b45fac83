"""Passwords and keys are in no message, whatever is wrong with the settings."""

from __future__ import annotations

import pytest

from deployments.cli import main
from hitline.errors import InvalidSettings, StoreError
from hitline.settings import Settings
from hitline.store import open_store, upgrade

PASSWORD = "correct-horse-battery"
ADDRESSES = {
    "nobody listens": f"postgresql://me:{PASSWORD}@127.0.0.1:1/x",
    "a password among the options": f"postgresql://me@127.0.0.1:1/x?password={PASSWORD}",
    "an option that is none": f"postgresql://me:{PASSWORD}@127.0.0.1:1/x?passwort={PASSWORD}",
    "no port": f"postgresql://me:{PASSWORD}@127.0.0.1:port/x",
    "a slash in the password": f"postgresql://me:a/{PASSWORD}@127.0.0.1:1/x",
    "a colon and a slash": f"postgresql://me:{PASSWORD}:{PASSWORD}/@127.0.0.1:1/x",
    "another kind of database": f"mysql://me:{PASSWORD}@127.0.0.1:1/x",
    "no address": f"me:{PASSWORD}@127.0.0.1",
    "half an address": f"postgresql://me:{PASSWORD}@[::1/x",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_what_is_wrong_with_a_database_is_told_without_its_password(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HITLINE_DATABASE_URL", address)
    for command in (["status"], ["db", "upgrade"], ["events"]):
        assert main(command) == 1
        printed = capsys.readouterr()
        assert printed.err.startswith("hitline: ")
        assert PASSWORD not in printed.out + printed.err
    for attempt in (open_store, upgrade):
        with pytest.raises((StoreError, InvalidSettings)) as told:
            attempt(address)
        assert PASSWORD not in str(told.value)


def test_the_settings_do_not_show_the_password_when_they_are_printed() -> None:
    settings = Settings(database_url=ADDRESSES["nobody listens"])
    assert settings.database_url == ADDRESSES["nobody listens"]
    assert PASSWORD not in repr(settings) + str(settings)


def test_the_keys_of_the_endpoint_do_not_show_when_they_are_printed() -> None:
    from hitline.mturk.connection import Credentials

    keys = Credentials(access_key_id="AKIAEXAMPLE", secret_access_key=PASSWORD)
    assert PASSWORD not in repr(keys) + f"{keys}"
