"""What a request may cost before anything is known of who sends it: time, memory, threads.

Every handler bounds the body that it reads; here is what no single handler sees.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import h11
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
BODY_SECONDS = 20.0
MOST_BUFFERED = 48 << 20  # bytes of bodies that are being read or answered, of all requests
MOST_AT_ONCE = 10  # requests of one session; a browser opens six connections
MOST_CONNECTIONS = 800  # under the 1,024 files that a process may commonly have open
LARGEST_HEAD = 32 << 10  # bytes of request line and headers
SESSION_COOKIES = ("worker", "requester")


class Guard:
    """ASGI middleware: a body must arrive in time and fit, and a session waits for its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._buffered = 0
        self._busy: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        session = _session(scope)
        if session and self._busy[session] >= MOST_AT_ONCE:
            refusal = PlainTextResponse("Too many requests at once.", status_code=429)
            await refusal(scope, receive, send)
            return
        self._busy[session] += 1
        try:
            await self._pass(scope, receive, send)
        finally:
            self._busy[session] -= 1
            if not self._busy[session]:
                del self._busy[session]

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + BODY_SECONDS
        held, complete = 0, False
        refused: PlainTextResponse | None = None

        async def bounded() -> Message:
            """The next part of the body; to the handler a refused body is a client that left."""
            nonlocal held, complete, refused
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                refused = PlainTextResponse("The body took too long.", status_code=408)
                return {"type": "http.disconnect"}
            complete = not message.get("more_body", False)
            held += len(message.get("body", b""))
            self._buffered += len(message.get("body", b""))
            if self._buffered > MOST_BUFFERED:
                refused = PlainTextResponse("Too much at once: try again.", status_code=503)
                return {"type": "http.disconnect"}
            return message

        async def unless_refused(message: Message) -> None:
            if refused is None:
                await send(message)

        try:
            await self._app(scope, bounded, unless_refused)
        except (ClientDisconnect, HTTPException):
            if refused is None:
                raise
        finally:
            self._buffered -= held
        if refused is not None:
            refused.headers["Connection"] = "close"
            await refused(scope, receive, send)


class ImpatientProtocol(H11Protocol):
    """uvicorn's HTTP, which by itself would wait for the end of a request's headers for ever."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._mind_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._mind_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._calm_down()

    def _mind_headers(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._calm_down()
        elif self._patience is None:
            self._patience = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _calm_down(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _session(scope: Scope) -> str:
    """The session's cookies, nothing where there are none: strangers share what is left."""
    cookies = Request(scope).cookies
    return ";".join(cookies[name] for name in SESSION_COOKIES if name in cookies)
