"""One address for all operations, and a few for the operator."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from marketplace.api import (
    assignments,
    faults,
    hits,
    money,
    notifications,
    operator,
    qualification_types,
    qualifications,
    reviews,
    signatures,
    upkeep,
    wire,
    workers,
)
from marketplace.api.validation import checked, operation_model
from marketplace.clock import wall_now
from marketplace.engine import Engine, requesters
from marketplace.errors import FrameworkError, Refusal, ServiceFault

LARGEST_BODY = 1 << 20  # the largest question, every character of it escaped, fits

Handler = Callable[[Engine, str, Mapping[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Handler] = {
    **hits.OPERATIONS,
    **upkeep.OPERATIONS,
    **assignments.OPERATIONS,
    **money.OPERATIONS,
    **notifications.OPERATIONS,
    **reviews.OPERATIONS,
    **workers.OPERATIONS,
    **qualification_types.OPERATIONS,
    **qualifications.OPERATIONS,
}

log = logging.getLogger(__name__)


def routes(engine: Engine) -> list[BaseRoute]:
    """The Requester API on `/`, and `/-/health` and `/-/facts` for the operator."""
    calls: Counter[str] = Counter()

    async def call(request: Request) -> Response:
        try:
            body = await _body(request)
        except FrameworkError as error:
            return _refused(engine, error)
        calls[wire.name_of(request.headers, OPERATIONS)] += 1
        return await run_in_threadpool(answer, engine, request.headers, body, request.url.query)

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "now": engine.clock.now().isoformat()})

    def facts(request: Request) -> Response:
        return JSONResponse(operator.facts(engine) | {"calls": dict(calls)})

    return [
        Route("/", call, methods=["POST"]),
        Route("/-/health", health),
        Route("/-/facts", facts),
    ]


def answer(engine: Engine, headers: Headers, body: bytes, query: str = "") -> Response:
    """The response to one request of the Requester API."""
    try:
        operation = wire.operation_of(headers)
        handler, model = OPERATIONS.get(operation), operation_model(operation)
        if handler is None or model is None:
            raise wire.unknown_operation()
        requester_id = _requester(engine, headers, body, query)
        given = checked(model, wire.parameters_in(body))
        with faults.passing(engine, requester_id):
            return wire.result(handler(engine, requester_id, given))
    except Refusal as error:
        return _refused(engine, error)
    except Exception:
        log.exception("A request failed on our side: %s", headers.get("x-amz-target"))
        return _refused(engine, ServiceFault())


def _refused(engine: Engine, error: Refusal) -> Response:
    return wire.refusal(error, now=engine.clock.now(), sandbox=engine.settings.sandbox)


def _requester(engine: Engine, headers: Headers, body: bytes, query: str) -> str:
    """The requester whose key signed this very request."""
    claim = signatures.claim_in(headers)
    with engine.store.read() as connection:
        key = requesters.key_of(connection, claim.access_key_id)
    # Keys of ours are for good, they come without a session's token.
    if key is None or key.revoked_at is not None or headers.get("x-amz-security-token"):
        raise signatures.unrecognized()
    signatures.check_time(claim, wall_now())
    signatures.check_signature(
        claim,
        engine.secrets.unseal(key.sealed_secret),
        headers=headers,
        query=query,
        body=body,
        hosts=_hosts(engine.settings.public_url, headers),
    )
    return key.requester_id


def _hosts(public_url: str | None, headers: Headers) -> Iterator[str]:
    """What the client may have called this service: a proxy may have put another name there."""
    yield headers.get("host", "")
    if public_url is not None:
        yield urlsplit(public_url).netloc


async def _body(request: Request) -> bytes:
    """The body, read no further than what a request may need."""
    chunks, length = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            length += len(chunk)
            if length > LARGEST_BODY:
                raise FrameworkError(
                    "RequestEntityTooLargeException",
                    f"The request is longer than {LARGEST_BODY} bytes.",
                    status=413,
                )
    except ClientDisconnect as error:
        raise FrameworkError("SerializationException", "") from error
    return b"".join(chunks)
