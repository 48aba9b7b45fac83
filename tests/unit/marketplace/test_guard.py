"""What a request may cost before anything is known of who sends it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from marketplace import guard
from marketplace.guard import Guard
from marketplace.serve import bind, http_config

pytestmark = pytest.mark.anyio


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the length of the body."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def ask(
    app: Callable[[Scope, Receive, Send], Awaitable[None]],
    *parts: bytes | None,
    cookie: str = "",
) -> tuple[int, str]:
    """Status and text for a body that comes in these parts; after None nothing more comes."""
    left = list(parts)
    sent: list[Message] = []

    async def receive() -> Message:
        part = left.pop(0)
        if part is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(b"cookie", cookie.encode())],
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()


async def test_a_body_that_comes_in_time_passes() -> None:
    assert await ask(Guard(echo), b"ab", b"", b"cde") == (200, "5")


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.02)
    assert await ask(Guard(echo), b"ab", None, b"c") == (408, "The body took too long.")


async def test_bodies_at_once_have_a_bound_which_is_free_again_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "MOST_BUFFERED", 10)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    app = Guard(echo)
    first = asyncio.create_task(ask(app, b"123456", None, b""))
    await asyncio.sleep(0)
    assert await ask(app, b"1234") == (200, "4")
    assert await ask(app, b"1", b"2345", b"6") == (503, "Too much at once: try again.")
    assert (await first)[0] == 408
    assert await ask(app, b"1234567890") == (200, "10")


async def test_a_session_is_answered_ten_requests_at_once_and_others_are_not_kept_waiting() -> None:
    gate = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()
        await echo(scope, receive, send)

    app = Guard(slow)
    flood = [asyncio.create_task(ask(app, b"", cookie="worker=one")) for _ in range(12)]
    other = asyncio.create_task(ask(app, b"", cookie="worker=two"))
    strangers = [asyncio.create_task(ask(app, b"", cookie="lang=de")) for _ in range(12)]
    await asyncio.sleep(0)
    gate.set()
    assert sorted(status for status, _ in await asyncio.gather(*flood)) == [200] * 10 + [429] * 2
    assert (await other)[0] == 200
    assert {status for status, _ in await asyncio.gather(*strangers)} == {200}
    assert await ask(app, b"", cookie="worker=one") == (200, "0")


WHOLE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"


@pytest.mark.parametrize(
    ("before", "begun"), [(b"", b""), (b"", b"POST / HTT"), (b"", WHOLE[:30]), (WHOLE, b"P")]
)
async def test_headers_that_never_end_close_the_connection(
    monkeypatch: pytest.MonkeyPatch, before: bytes, begun: bytes
) -> None:
    """Of the first request and of a later one."""
    monkeypatch.setattr(guard, "HEADER_SECONDS", 0.05)
    listener = bind("127.0.0.1", 0)
    server = uvicorn.Server(http_config(echo))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        # In less than the five seconds for which uvicorn keeps an idle connection.
        with socket.create_connection(listener.getsockname(), timeout=4) as connection:
            connection.sendall(before)
            answer = b""
            while before and not answer.endswith(b"\r\n\r\n1"):
                answer += connection.recv(4096)
            connection.sendall(begun)
            assert connection.recv(4096) == b""
    finally:
        server.should_exit = True
        thread.join()
