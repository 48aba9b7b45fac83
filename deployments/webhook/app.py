"""The web hook's application: one address, which takes what SNS signed for our topic.

SNS tries again what is not answered with 2xx, so a message is answered after it is stored. What
is forged or for another topic is refused and not stored: anybody can post here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deployments.receiving import Delivery, receive
from deployments.webhook.signatures import Forged, sns_address, verify
from hitline.clock import Clock
from hitline.errors import Retryable, StoreError
from hitline.store import Store

MOST_BYTES = 1024 * 1024
"""An envelope holds a message of at most 256 KiB, escaped once more."""
MOST_OF_A_CERTIFICATE = 64 * 1024

Fetch = Callable[[str], bytes]
"""GETs an address of SNS; raises httpx.HTTPError."""

log = logging.getLogger("hitline.webhook")


@dataclass(frozen=True, kw_only=True)
class Hook:
    """What the address needs: where to store, and which topic's messages it takes."""

    store: Store
    clock: Clock
    topic_arn: str
    fetch: Fetch


def application(hook: Hook) -> Starlette:
    """The address is `/`; `/health` answers those who watch over it."""

    async def post(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        return await run_in_threadpool(_answer, hook, body)

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[Route("/", post, methods=["POST"]), Route("/health", health, methods=["GET"])]
    )


async def _body(request: Request) -> bytes | None:
    """The body, unless it is larger than a message can be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _answer(hook: Hook, body: bytes) -> Response:
    try:
        message = _message(body)
        if message.get("TopicArn") != hook.topic_arn:
            raise Forged("it is not of our topic")
        verify(message, hook.fetch)
        match message.get("Type"):
            case "Notification":
                _store(hook, message)
            case "SubscriptionConfirmation":
                hook.fetch(sns_address(str(message["SubscribeURL"]), "SubscribeURL"))
                log.info("subscribed to %s", hook.topic_arn)
            case _:
                pass  # a farewell; there is nothing to do
    except Forged as forged:
        log.warning("refused: %s", forged)
        return PlainTextResponse(f"refused: {forged}", 403)
    except (httpx.HTTPError, Retryable, StoreError) as failed:
        log.warning("not now: %s", failed)
        return PlainTextResponse("not now; try again", 503)
    return PlainTextResponse("stored")


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("it is not JSON") from None
    if not isinstance(message, dict):
        raise Forged("it is no JSON object")
    return message


def _store(hook: Hook, message: dict[str, Any]) -> None:
    delivery = Delivery(message_id=str(message["MessageId"])[:90], body=str(message["Message"]))
    receive(hook.store, [delivery], "https", hook.clock.wall())


def fetcher(client: httpx.Client) -> Fetch:
    """GETs over `client`; certificates are kept, for the next message has the same."""

    @lru_cache(maxsize=16)
    def certificate(url: str) -> bytes:
        return get(url)

    def get(url: str) -> bytes:
        with client.stream("GET", url, follow_redirects=False) as answer:
            answer.raise_for_status()
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_OF_A_CERTIFICATE:
                    raise Forged("what the address leads to is too large")
        return body

    return lambda url: certificate(url) if url.endswith(".pem") else get(url)
