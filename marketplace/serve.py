"""Running the service: HTTP, the ticker and the sender, until a signal or a failure."""

from __future__ import annotations

import contextlib
import logging
import math
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeGuard

import uvicorn
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.types import ASGIApp

from marketplace.app import create_app
from marketplace.clock import RunningClock
from marketplace.engine import Engine, requesters
from marketplace.errors import InvalidSettings, PortInUse
from marketplace.guard import LARGEST_HEAD, MOST_CONNECTIONS, ImpatientProtocol
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.clock import keep_clock, kept_clock
from marketplace.store.rules import keep_rules

TICK_SECONDS = 0.15
RETRY_SECONDS = 0.5
SAID_SECONDS = 60.0
"""What fails again within this time is not said again."""
SHUTDOWN_SECONDS = 5

log = logging.getLogger(__name__)


class Service(uvicorn.Server):
    """The HTTP server, beside which threads work; one that fails takes all down.

    A database that is away is waited for, by the threads as by whoever calls the service.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = threading.Event()
        self.failed = False
        self._threads: list[threading.Thread] = []

    def beside(self, name: str, work: Callable[[threading.Event], None]) -> None:
        """Run `work` in a thread until the service stops."""
        thread = threading.Thread(target=self._guard, args=(name, work), name=name)
        self._threads.append(thread)
        thread.start()

    def close(self, *_signal: object) -> None:
        """Let everything finish."""
        self.stop.set()
        self.should_exit = True

    def join(self) -> None:
        self.close()
        for thread in self._threads:
            thread.join()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn would raise them again before the threads are done."""
        yield

    def _guard(self, name: str, work: Callable[[threading.Event], None]) -> None:
        """Work until the service stops; what is to be done is in the database, so it goes on."""
        last_away = -math.inf
        while not self.stop.is_set():
            try:
                work(self.stop)
            except Exception as failed:
                if not _is_away(failed):
                    log.exception("The %s failed; the service stops.", name)
                    self.failed = True
                    self.close()
                    return
                if time.monotonic() - last_away > SAID_SECONDS:
                    log.warning("The %s waits for the database: %s", name, failed.orig)
                last_away = time.monotonic()
                self.stop.wait(RETRY_SECONDS)


def _is_away(failed: Exception) -> TypeGuard[DBAPIError]:
    """Whether it is the database that is away, or has ended our session: we were stopped in it."""
    if isinstance(failed, OperationalError):
        return True
    return isinstance(failed, DBAPIError) and failed.connection_invalidated


def serve(settings: Settings) -> bool:
    """Serve until SIGTERM or SIGINT; returns False where a part failed."""
    from marketplace.notify.sender import (
        Sender,
    )  # boto3 takes a second; other commands do not need it

    listener = bind(settings.host, settings.port)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    store = Store(settings.database, upgrade=True)
    clock = settle(store, settings)
    engine = Engine(store, clock, settings)
    with engine.look() as tx:
        requesters.any_secret_is_readable(tx)  # now, not at the first request
    service = Service(http_config(create_app(engine)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, service.close)
    service.beside("ticker", lambda stop: tick(engine, stop))
    service.beside("sender", Sender(store, clock, settings).run)
    try:
        print(f"Serving on http://{settings.host}:{settings.port}/", flush=True)
        service.run(sockets=[listener])
    finally:
        service.join()
        store.close()
    return not service.failed


def http_config(app: ASGIApp) -> uvicorn.Config:
    """How HTTP is spoken, which bounds what a stranger's connection may cost."""
    return uvicorn.Config(
        app,
        http=ImpatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def tick(engine: Engine, stop: threading.Event) -> None:
    """Notice what time alone causes, soon after it falls due."""
    while not stop.wait(TICK_SECONDS):
        engine.tick()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises `PortInUse`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that say they are TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"--port: {host}:{port} cannot be listened on ({error.strerror}): stop what uses it, "
            "or choose another port."
        ) from error
    return listener


def settle(store: Store, settings: Settings) -> RunningClock:
    """Keep the rules and the clock to run by in the database; returns the clock."""
    with store.write() as connection:
        keep_rules(connection, settings)
        clock = chosen_clock(kept_clock(connection), settings, wall=datetime.now(UTC))
        keep_clock(connection, clock)
    return clock


def chosen_clock(kept: RunningClock | None, settings: Settings, *, wall: datetime) -> RunningClock:
    """The clock that the settings ask for, given the one that was kept.

    Anchors that are given start a new time. Otherwise the kept clock goes on, at a speed that is
    given without a jump; a new database begins with the wall's time.
    """
    anchor, wall_anchor = settings.clock_anchor, settings.clock_wall_anchor
    if (anchor is None) != (wall_anchor is None):
        raise InvalidSettings("--clock-anchor and --clock-wall-anchor go together: give both.")
    if anchor is not None and wall_anchor is not None:
        if anchor.tzinfo is None or wall_anchor.tzinfo is None:
            raise InvalidSettings("--clock-anchor and --clock-wall-anchor need a time zone: add Z.")
        speed = settings.clock_speed or 1.0
        return RunningClock(anchor=anchor, wall_anchor=wall_anchor, speed=speed)
    if kept is None:
        return RunningClock(anchor=wall, wall_anchor=wall, speed=settings.clock_speed or 1.0)
    if settings.clock_speed is None or settings.clock_speed == kept.speed:
        return kept
    return kept.at_speed(settings.clock_speed)
