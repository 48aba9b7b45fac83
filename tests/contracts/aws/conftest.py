"""moto's server in place of SQS and SNS, emptied after every test; and a database to fill."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

from deployments import intake
from hitline.clock import RunningClock
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.mturk.connection import boto_client
from hitline.mturk.queue import Queue
from hitline.store import Store, open_store, upgrade
from hitline.wiring import Hitline
from tests.contracts.aws.drinking import HIT
from tests.contracts.store.rows import Rows


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def sqs(moto_server: str) -> Any:
    return boto_client("sqs", endpoint_url=moto_server, region="us-east-1")


@pytest.fixture(scope="session")
def sns(moto_server: str) -> Any:
    return boto_client("sns", endpoint_url=moto_server, region="us-east-1")


@pytest.fixture(autouse=True)
def aws_url(moto_server: str) -> Iterator[str]:
    yield moto_server
    httpx.post(f"{moto_server}/moto-api/reset").raise_for_status()


@pytest.fixture
def dead_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    store = open_store(url)
    rows = Rows(store)
    rows.hit(HIT, rows.item("a"))
    yield store
    store.dispose()


@pytest.fixture
def hitline(store: Store) -> Hitline:
    return Hitline(
        store=store,
        requester=Requester(None),
        clock=RunningClock(),
        fees=MTURK,
        pipeline=lambda name: pytest.fail(f"the intake asks for pipeline {name}"),
    )


@pytest.fixture
def queue(sqs: Any) -> Queue:
    """A message that is not deleted comes again at once."""
    made = sqs.create_queue(QueueName=uuid4().hex, Attributes={"VisibilityTimeout": "0"})
    return Queue(sqs, made["QueueUrl"])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The intake waits for nothing."""
    monkeypatch.setattr(intake, "LONG_POLL", 0)
    monkeypatch.setattr(intake, "AFTER_FAILURE", 0.01)
