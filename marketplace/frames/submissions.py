"""What frames post: `/mturk/externalSubmit`, plain as on MTurk, or under a pass.

Data in the address counts as well as data in the body, and GET as well as POST: both are in use in
public templates and libraries, and worked on MTurk.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from marketplace.engine import Engine, assignments, hits, passes, work
from marketplace.engine.answers import from_fields, question_form_answers
from marketplace.engine.model import Assignment
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotWork
from marketplace.frames.addresses import PREVIEW
from marketplace.frames.notices import notice
from marketplace.frames.question import page_of, parse
from marketplace.frames.serving import signed_in

MOST_BYTES = 4 * 2**20
MOST_FIELDS = 5000
DONE = "Your work was submitted."
ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "600",
}


class Refused(Exception):
    """Why a submission does not count, for the worker to read."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class Submissions:
    """The submit address, in all its spellings."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        # turkSubmitTo is often joined without looking whether it ends in a slash.
        starts = ("/", "//", "/frames/page/{pass_}/", "/frames/page/{pass_}//")
        methods = ["GET", "POST", "OPTIONS"]
        return [
            Route(f"{start}mturk/externalSubmit", self.submit, methods=methods) for start in starts
        ]

    async def submit(self, request: Request) -> Response:
        """Answered by a page that says what became of it."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=ALLOWED)
        try:
            fields = await posted(request)
            assignment_id = await run_in_threadpool(self._submit, request, fields)
        except Refused as refused:
            return notice(refused.text, status=refused.status)
        return notice(DONE, status=200, submitted=assignment_id)

    def _submit(self, request: Request, fields: list[tuple[str, str]]) -> str:
        given = dict(reversed(fields)).get("assignmentId", "").strip()
        if not given:
            raise Refused("The page did not say which assignment it submits (assignmentId).", 400)
        if given == PREVIEW:
            raise Refused("This is a preview: accept the HIT before you submit.", 400)
        with self._engine.act() as tx:
            assignment = _authorised(tx, request.path_params.get("pass_"), given)
            worker = signed_in(tx, request)
            if worker is not None and worker != assignment.worker_id:
                raise Refused("You are signed in as somebody who does not hold this HIT.", 403)
            _refuse_late(assignment)
            _refuse_form(tx, assignment)
            answer = question_form_answers(
                from_fields(fields), prologue=tx.settings.answer_prologue
            )
            try:
                work.hand_in(tx, given, assignment.worker_id, answer)
            except CannotWork as error:
                raise Refused(str(error), 409) from error
        return given


def _authorised(tx: Transaction, pass_: str | None, assignment_id: str) -> Assignment:
    """The go at the HIT that is submitted; see `engine.passes` for why an id alone may not do."""
    if pass_ is not None:
        assignment = passes.admitted(tx, pass_)
        if assignment is None or assignment.assignment_id != assignment_id:
            raise Refused("The page submits to an address that is not its own.", 403)
        return assignment
    sole = passes.sole_holder(tx, assignment_id)
    if sole is not None:
        return sole
    if assignments.lookup(tx, assignment_id) is not None:
        raise Refused(
            "Somebody else held this assignment before you, so the page must submit to the address "
            "that it was given as turkSubmitTo. Please tell the requester.",
            403,
        )
    raise Refused("You do not hold this assignment: it was returned, or its time is up.", 404)


def _refuse_late(assignment: Assignment) -> None:
    match assignment.status:
        case AssignmentStatus.ACCEPTED:
            return
        case AssignmentStatus.RETURNED:
            raise Refused("You returned this HIT, so it can no longer be submitted.", 409)
        case AssignmentStatus.ABANDONED:
            raise Refused("The time for this HIT is up, so it can no longer be submitted.", 409)
        case _:
            raise Refused("This HIT was submitted before; the first answers count.", 409)


def _refuse_form(tx: Transaction, assignment: Assignment) -> None:
    hit = hits.lookup(tx, assignment.hit_id)
    if hit is None or page_of(parse(hit.question)) is None:
        raise Refused("This HIT has a form of its own: submit that.", 409)


async def posted(request: Request) -> list[tuple[str, str]]:
    """Names and values in the order of the address, then of the body; a file's value is its name.

    Raises `Refused` where there is too much of it.
    """
    too_much = Refused("The answers are too long to be submitted.", 413)
    fields: list[tuple[str, str]] = list(request.query_params.multi_items())
    if request.method == "POST":
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise too_much
        except ClientDisconnect as error:
            raise Refused("The answers did not arrive whole.", 400) from error
        fields += await _read(request, bytes(body)) if body else []
    if len(fields) > MOST_FIELDS:
        raise too_much
    return fields


async def _read(request: Request, body: bytes) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        text = body.decode(errors="replace")
        return parse_qsl(text, keep_blank_values=True, errors="replace")
    if kind != "multipart/form-data":
        raise Refused("The answers cannot be read as a form.", 415)

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form = await Request(request.scope, receive).form(
            max_files=MOST_FIELDS, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES
        )
    except (HTTPException, MultiPartException) as error:
        raise Refused("The answers cannot be read as a form.", 400) from error
    return [*_named(form)]


def _named(form: FormData) -> Iterable[tuple[str, str]]:
    for name, value in form.multi_items():
        yield name, (value.filename or "") if isinstance(value, UploadFile) else value
