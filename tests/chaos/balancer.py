"""What the TLS proxy does in deployments/cluster, without the TLS: one address, several servers."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

LOOPBACK = "127.0.0.1"


class Balancer:
    """Hands each connection to the next server; to another one if that does not answer."""

    def __init__(self, port: int, servers: Sequence[int], *, host: str = LOOPBACK) -> None:
        """It listens at `host` and `port`; the servers are ports of the loopback."""
        self._port = port
        self._host = host
        self._turns = itertools.cycle(range(len(servers)))
        self._servers = list(servers)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._pass_on, self._host, self._port)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(self._turns)
        for port in self._servers[first:] + self._servers[:first]:
            with suppress(OSError):
                there, away = await asyncio.open_connection(LOOPBACK, port)
                await asyncio.gather(_copy(reader, away), _copy(there, writer))
                return
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until this side ends; then the other side is told."""
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        writer.close()
