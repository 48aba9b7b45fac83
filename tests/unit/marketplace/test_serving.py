"""The threads beside the HTTP server: what they wait for, and what takes the service down."""

from __future__ import annotations

import threading

import pytest
import uvicorn
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from marketplace import serve
from marketplace.serve import Service


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(serve, "RETRY_SECONDS", 0.0)
    return Service(uvicorn.Config("nothing:at_all"))


@pytest.mark.parametrize(
    "away",
    [
        OperationalError("SELECT 1", {}, Exception("gone")),
        # As PostgreSQL ends the session of a process that was stopped within a transaction.
        InternalError("SELECT 1", {}, Exception("gone"), connection_invalidated=True),
    ],
)
def test_a_database_that_is_away_is_waited_for(
    service: Service, caplog: pytest.LogCaptureFixture, away: DBAPIError
) -> None:
    tries: list[int] = []
    worked = threading.Event()

    def work(stop: threading.Event) -> None:
        tries.append(len(tries))
        if len(tries) < 4:
            raise away
        worked.set()
        stop.wait()

    service.beside("ticker", work)
    assert worked.wait(10)
    assert not service.stop.is_set()
    service.join()

    assert (len(tries), service.failed) == (4, False)
    assert [record.getMessage() for record in caplog.records] == [
        "The ticker waits for the database: gone"
    ]


@pytest.mark.parametrize(
    "bug", [ValueError("a bug"), InternalError("SELECT x", {}, Exception("a bug"))]
)
def test_what_fails_otherwise_takes_the_service_down(service: Service, bug: Exception) -> None:
    def work(_stop: threading.Event) -> None:
        raise bug

    service.beside("sender", work)
    assert service.stop.wait(10)
    service.join()

    assert (service.failed, service.should_exit) == (True, True)


def test_work_that_is_asked_to_stop_while_it_waits_is_done(service: Service) -> None:
    def work(stop: threading.Event) -> None:
        service.close()
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    service.beside("ticker", work)
    service.join()

    assert not service.failed
