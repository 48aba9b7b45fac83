"""One address for all operations, and a few for the operator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from marketplace.api import assignments, hits, money, notifications, operator, upkeep, wire
from marketplace.api.validation import checked, operation_model
from marketplace.engine import Engine, requesters
from marketplace.errors import FrameworkError, Refusal

LARGEST_BODY = 1 << 20  # the largest question, every character of it escaped, fits

Handler = Callable[[Engine, str, Mapping[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Handler] = {
    **hits.OPERATIONS,
    **upkeep.OPERATIONS,
    **assignments.OPERATIONS,
    **money.OPERATIONS,
    **notifications.OPERATIONS,
}

log = logging.getLogger(__name__)


def routes(engine: Engine) -> list[BaseRoute]:
    """The Requester API on `/`, and `/-/health` and `/-/facts` for the operator."""

    async def call(request: Request) -> Response:
        try:
            body = await _body(request)
        except FrameworkError as error:
            return _refused(engine, error)
        return await run_in_threadpool(answer, engine, request.headers, body)

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "now": engine.clock.now().isoformat()})

    def facts(request: Request) -> Response:
        return JSONResponse(operator.facts(engine))

    return [
        Route("/", call, methods=["POST"]),
        Route("/-/health", health),
        Route("/-/facts", facts),
    ]


def answer(engine: Engine, headers: Mapping[str, str], body: bytes) -> Response:
    """The response to one request of the Requester API."""
    try:
        operation = wire.operation_of(headers)
        handler, model = OPERATIONS.get(operation), operation_model(operation)
        if handler is None or model is None:
            raise wire.unknown_operation()
        requester_id = _requester(engine, wire.access_key_of(headers))
        given = checked(model, wire.parameters_in(body))
        return wire.result(handler(engine, requester_id, given))
    except Refusal as error:
        return _refused(engine, error)
    except Exception:
        log.exception("A request failed on our side: %s", headers.get("x-amz-target"))
        return wire.fault()


def _refused(engine: Engine, error: Refusal) -> Response:
    return wire.refusal(error, now=engine.clock.now(), sandbox=engine.settings.sandbox)


def _requester(engine: Engine, access_key_id: str) -> str:
    with engine.store.read() as connection:
        requester_id = requesters.holder_of(connection, access_key_id)
    if requester_id is None:
        raise wire.unrecognized_client()
    return requester_id


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
