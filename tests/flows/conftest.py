"""A real Prefect server, as the stack runs it, once for all tests here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOGGING_LEVEL,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_WORKER_QUERY_SECONDS,
    temporary_settings,
)

from deployments.stack import Stack, free_port, parts
from deployments.stack.parts import ROOT, WORK_POOL
from deployments.worker import InProcessWorker

PATIENCE = 90
"""Seconds after which a test stops waiting for the server."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/flows" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Automations fire for real: triggers, actions and schedules run in this server.

    Prefect's own test harness starts its server bare, which on SQLite may stop for a minute.
    """
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    quiet = {
        PREFECT_API_URL: f"{parts.url(port)}/api",
        PREFECT_LOGGING_LEVEL: "ERROR",
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_WORKER_QUERY_SECONDS: 0.25,
    }
    with Stack(home / "logs") as stack:
        stack.start(parts.prefect_server(home, port))
        with temporary_settings(quiet):
            yield


@pytest.fixture(scope="session")
def deployed(prefect_server: None) -> None:
    """As in the stack: the worker's pool, then everything in prefect.yaml."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type=InProcessWorker.type))
    deploy()


def deploy() -> None:
    """`prefect deploy --all`, as the stack runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        env=os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value())},
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
async def client(prefect_server: None) -> AsyncIterator[PrefectClient]:
    async with get_client() as client:
        yield client


@asynccontextmanager
async def deadline() -> AsyncIterator[None]:
    async with asyncio.timeout(PATIENCE):
        yield
