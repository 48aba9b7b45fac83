"""Requests that mean harm, to a real process: refused, with little memory, and it goes on."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.chaos.conftest import Start, wait_until_serving

MOST_GROWTH = 120 << 20  # bytes: the buffered bodies' bound, and more than as much for the rest
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: MTurkRequesterServiceV20170117.GetHIT\r\n"
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
NO_HTTP = [
    HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\n",
    HEAD + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n",
    b"POST /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
    HEAD + b"Content-Length: -1\r\n\r\n",
    HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\n",
    b"\x00\xff" * 1000 + b"\r\n\r\n",
]


class Victim:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = wait_until_serving(process)
        self.address = (httpx.URL(self.url).host, httpx.URL(self.url).port)

    def memory(self) -> int:
        """Bytes that it holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024

    def send(self, *parts: bytes) -> bytes:
        """The first line of what it answers; nothing where it just hangs up."""
        with socket.create_connection(self.address, timeout=30) as connection:
            try:
                for part in parts:
                    connection.sendall(part)
            except OSError:
                pass  # it has heard enough
            try:
                return connection.recv(65_536).partition(b"\r\n")[0]
            except OSError:
                return b""


@pytest.fixture
def victim(start: Start, tmp_path: Path, require: Callable[[bool, str], None]) -> Victim:
    require(Path("/proc/self/status").exists(), "/proc, which tells a process's memory")
    database = str(tmp_path / "marketplace.db")
    return Victim(start("marketplace", "serve", "--database", database, "--port", "0"))


@pytest.mark.slow
def test_floods_of_large_bodies_are_refused_with_little_memory(victim: Victim) -> None:
    """400 at once, of 20 MiB in chunks without a length, or of a gigabyte that is announced."""
    httpx.get(f"{victim.url}-/health")
    before = victim.memory()
    chunked = (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[CHUNK] * 320)
    announced = (HEAD + b"Content-Length: 1073741824\r\n\r\n", *[CHUNK] * 320)
    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(lambda parts: victim.send(*parts), [chunked, announced] * 200))
    # An answer may be overtaken by the connection's end, since the client is still sending.
    assert {*told} <= {
        b"",
        b"HTTP/1.1 413 Request Entity Too Large",
        b"HTTP/1.1 413 Content Too Large",
    }
    assert victim.memory() - before < MOST_GROWTH
    assert httpx.get(f"{victim.url}-/health").status_code == 200


@pytest.mark.slow
def test_a_flood_of_connections_that_say_little_is_borne(victim: Victim) -> None:
    """600 that each hold a half sent body of half a MiB: some are told to come again."""
    httpx.get(f"{victim.url}-/health")
    before = victim.memory()
    half = HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * 500_000
    connections = []
    for _ in range(600):
        connections.append(socket.create_connection(victim.address, timeout=30))
        with suppress(OSError):  # it may be told to come again before it has sent all
            connections[-1].sendall(half)
    try:
        assert httpx.get(f"{victim.url}-/health", timeout=30).status_code == 200
        assert victim.memory() - before < MOST_GROWTH
    finally:
        for connection in connections:
            connection.close()


def test_what_is_no_http_is_refused(victim: Victim) -> None:
    for case in NO_HTTP:
        assert victim.send(case) in (b"", b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 400 "), case[:99]
    assert httpx.get(f"{victim.url}-/health").status_code == 200


def test_many_requests_on_one_connection_are_answered_one_after_the_other(victim: Victim) -> None:
    """2,000 sent without waiting for an answer."""
    before = victim.memory()
    one = HEAD + b"Content-Length: 2\r\n\r\n{}"
    with (
        socket.create_connection(victim.address, timeout=60) as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        sending = pool.submit(connection.sendall, one * 2000)
        answers = b""
        while answers.count(b"MissingAuthenticationTokenException") < 2000:
            received = connection.recv(1 << 20)
            assert received
            answers += received
        sending.result()
    assert victim.memory() - before < MOST_GROWTH
    assert (
        json.loads(answers.rpartition(b"\r\n\r\n")[2])["message"] == "Missing Authentication Token"
    )
