"""What is killed here, and what runs beside it: real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.contracts.conftest import database_kind, new_database
from tests.contracts.test_delivery import Aws

__all__ = ["database_kind", "new_database"]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `python -m …`; what still runs after the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def call(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        env = {**os.environ, "MARKETPLACE_KEY_FILE": str(tmp_path / "marketplace.key")}
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, **options}
        process = subprocess.Popen([sys.executable, "-m", *arguments], env=env, **options)
        started.append(process)
        return process

    yield call
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


def wait_until_serving(process: subprocess.Popen[str]) -> str:
    """The address that a started `marketplace serve` tells."""
    assert process.stdout is not None
    told = process.stdout.readline()
    assert re.match(r"Serving on http://\S+/$", told), told
    return told.split()[-1]


def client(url: str, printed: str) -> Any:
    """A client that tries once, with the key that `marketplace requester add` printed."""
    key = dict(line.split("=", 1) for line in printed.splitlines())
    return boto3.Session().client(
        "mturk",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
    )
