"""The command line, as processes: serving, stopping, restarting, and what is wrong in one line."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

Run = Callable[..., "subprocess.CompletedProcess[str]"]
COMMAND = [sys.executable, "-m", "marketplace"]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'marketplace.db'}"


@pytest.fixture
def run(database: str) -> Run:
    """Run a command on the test's database."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env=_env(database), capture_output=True, text=True, check=False
        )

    return call


@pytest.fixture
def serve(database: str) -> Iterator[Callable[..., tuple[str, subprocess.Popen[str]]]]:
    """Start the service; returns its address and process."""
    started: list[subprocess.Popen[str]] = []

    def call(*arguments: str) -> tuple[str, subprocess.Popen[str]]:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            env=_env(database),
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process.stdout.readline().split()[-1], process

    yield call
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_key_is_printed_once_as_two_lines(run: Run) -> None:
    added = run("requester", "add", "lab")
    first, second = added.stdout.splitlines()
    assert first.startswith("AWS_ACCESS_KEY_ID=AKIA")
    assert second.startswith("AWS_SECRET_ACCESS_KEY=")
    assert run("deposit", "lab", "12.50").stdout == "lab has 12.50 available.\n"
    requester, key = run("requester", "list").stdout.splitlines()
    assert requester.startswith("lab\tA")
    assert requester.endswith("\t12.50")
    assert key.split("\t")[1] == first.partition("=")[2]
    assert second.partition("=")[2] not in key


def test_keys_are_changed_while_the_service_runs(run: Run, serve: Any) -> None:
    """A further key, then the first one revoked; the service hears it from the database."""
    first = dict(line.split("=", 1) for line in run("requester", "add", "lab").stdout.splitlines())
    url, _ = serve()
    second = dict(line.split("=", 1) for line in run("requester", "key", "lab").stdout.splitlines())
    assert _balance(url, first) == _balance(url, second) == "0.00"
    key_id = first["AWS_ACCESS_KEY_ID"]
    assert run("requester", "revoke", key_id).stdout == f"{key_id} is revoked.\n"
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        _balance(url, first)
    assert _balance(url, second) == "0.00"
    listed = run("requester", "list").stdout.splitlines()[1:]
    states = {line.split("\t")[1]: line.split("\t")[3] for line in listed}
    assert states[key_id].startswith("revoked 20")
    assert states[second["AWS_ACCESS_KEY_ID"]] == "in force"


def test_a_key_file_that_does_not_fit_keeps_the_service_from_starting(
    run: Run, tmp_path: Path
) -> None:
    run("requester", "add", "lab")
    (tmp_path / "marketplace.db.key").unlink()
    refused = run("serve", "--port", "0")
    assert refused.returncode == 1
    assert "marketplace.db.key cannot be read" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["requester", "add", "lab"], "There is a requester 'lab' already"),
        (["requester", "key", "nobody"], "There is no requester 'nobody'"),
        (["requester", "revoke", "AKIA"], "There is no access key 'AKIA'"),
        (["deposit", "nobody", "1"], "There is no requester 'nobody'"),
        (["deposit", "lab", "1.005"], "AMOUNT: '1.005'"),
        (["deposit", "lab", "NaN"], "AMOUNT: 'NaN'"),
        (["requester", "list", "--database", "nonsense://x"], "--database: give the path"),
        (["serve", "--port", "99999"], "--port (or MARKETPLACE_PORT)"),
        (["serve", "--clock-anchor", "2026-01-01T00:00:00Z"], "--clock-wall-anchor go together"),
    ],
)
def test_what_is_wrong_is_one_sentence(run: Run, arguments: list[str], said: str) -> None:
    run("requester", "add", "lab")
    result = run(*arguments)
    assert result.returncode == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_sentence(run: Run, serve: Any) -> None:
    url, _ = serve()
    result = run("serve", "--port", url.rstrip("/").rpartition(":")[2])
    assert result.returncode == 1
    assert "choose another port" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_database_of_a_newer_version_is_one_sentence(run: Run, database: str) -> None:
    run("requester", "add", "lab")
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["requester", "list"], ["serve", "--port", "0"]):
        result = run(*command)
        assert result.returncode == 1
        assert "version 9999, newer than this program's" in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_cleanly(serve: Any, number: signal.Signals) -> None:
    url, process = serve()
    assert httpx.get(f"{url}-/health").status_code == 200
    process.send_signal(number)
    assert process.wait(timeout=20) == 0


def test_a_killed_service_goes_on_in_the_same_time(serve: Any) -> None:
    """Business time began a century ahead; after the kill and with another speed it goes on."""
    anchors = ("2126-01-01T00:00:00Z", datetime.now().astimezone().isoformat())
    url, process = serve(
        *("--clock-anchor", anchors[0], "--clock-wall-anchor", anchors[1], "--clock-speed", "3600")
    )
    before = _now(url)
    process.kill()
    process.wait()
    resumed, process = serve()
    after = _now(resumed)
    process.kill()
    process.wait()
    slowed, _ = serve("--clock-speed", "1")
    much_later = _now(slowed)
    assert before.year == after.year == much_later.year == 2126
    assert before < after < much_later


def test_the_rules_of_a_database_hold_for_every_process_on_it(run: Run, serve: Any) -> None:
    """`serve` was told of the sandbox, the other command was not."""
    _, process = serve("--sandbox")
    run("requester", "add", "lab")
    assert run("requester", "list").stdout.splitlines()[0].endswith("\t10000.00")
    process.kill()
    refused = run("serve", "--port", "0")
    assert refused.returncode == 1
    assert "add --sandbox" in refused.stderr


def _balance(url: str, key: dict[str, str]) -> str:
    client = boto3.Session().client(
        "mturk",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
    )
    return str(client.get_account_balance()["AvailableBalance"])


def _now(url: str) -> datetime:
    return datetime.fromisoformat(httpx.get(f"{url}-/health").json()["now"])


def _env(database: str) -> dict[str, str]:
    return {**os.environ, "MARKETPLACE_DATABASE": database}
