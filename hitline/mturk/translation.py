"""botocore's errors into hitline's.

MTurk answers almost every refusal with one error shape, `RequestError`, whose `TurkErrorCode` says
which refusal it is; a few arrive without that code and are known by their text alone. So the code
decides, and the text only where no code came. Text is never searched in other shapes: a validation
message may quote the requester's own template, which can contain anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
)

from hitline.errors import (
    AlreadyDone,
    Gone,
    MTurkError,
    NotAuthorized,
    NotYet,
    OutOfFunds,
    Refused,
    Throttled,
    Unavailable,
    WrongState,
)

REQUEST_ERROR = "RequestError"
TOO_YOUNG = "status of: null"
"""What MTurk says of an assignment submitted so recently that its state is not known yet."""

_EXISTING_HIT = re.compile(r"HIT with (?:the )?(?:HIT)?ID \"?([A-Z0-9]+)\"?", re.IGNORECASE)

_BY_CODE: tuple[tuple[re.Pattern[str], type[MTurkError]], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"HitAlreadyExists|QualificationTypeAlreadyExists", AlreadyDone),
        (r"\w+DoesNotExist|NonExistentQueue|NotFound(Exception)?", Gone),
        (r"Invalid\w+State|HITAlreadyPassedReview|HITTooOldForExtension", WrongState),
        (r"InsufficientFunds", OutOfFunds),
        (r"Throttl\w+|RequestThrottled\w*|TooManyRequests\w*|RequestLimitExceeded", Throttled),
        # An account that lacks a permission is stopped, not told that its HITs are gone:
        # whoever believes the latter posts, and pays for, all of them again.
        (r"PermissionDenied(Exception)?|NotAuthorized|AccountNotLinked", NotAuthorized),
        (r"Bad(Credential|Claims)Supplied|AccessDenied(Exception)?", NotAuthorized),
        (r"UnrecognizedClient(Exception)?|InvalidClientTokenId|ExpiredToken\w*", NotAuthorized),
        (r"(Invalid|Incomplete)Signature(Exception)?|SignatureDoesNotMatch", NotAuthorized),
        (r"MissingAuthenticationToken(Exception)?", NotAuthorized),
        (r"ServiceFault|ServiceUnavailable\w*|Internal(Failure|Error|ServerError)", Unavailable),
        (r"RequestTimeout\w*", Unavailable),
    )
)

_BY_TEXT: tuple[tuple[re.Pattern[str], type[MTurkError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"idempotency token .* has already been processed", AlreadyDone),
        (_EXISTING_HIT.pattern + " already exists", AlreadyDone),
        (r"already created a QualificationType with this name", AlreadyDone),
        (r"can be called with a status of:", WrongState),
        (r"does not exist", Gone),
        (r"insufficient funds", OutOfFunds),
        (r"is not linked", NotAuthorized),
        (r"rate exceeded", Throttled),
    )
)


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Raise hitline's error for botocore's, with botocore's as its cause."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(operation, error) from error


def translate(operation: str, error: ClientError | BotoCoreError) -> MTurkError:
    """The hitline error that `error` means to the caller of `operation`."""
    if not isinstance(error, ClientError):
        return _kind_of_failure(error)(operation, str(error), code=type(error).__name__)
    response = error.response
    shape = response.get("Error", {}).get("Code", "")
    turk_code = str(response.get("TurkErrorCode") or "")
    text = response.get("Error", {}).get("Message", "") or str(error)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = turk_code or shape
    kind = _kind_of_answer(code, text, status)
    if kind is AlreadyDone:
        named = _EXISTING_HIT.search(text)
        return AlreadyDone(operation, text, code=code, existing_id=named and named.group(1))
    return kind(operation, text, code=code)


def _kind_of_answer(code: str, text: str, status: int) -> type[MTurkError]:
    """Which error an endpoint's answer is: by its code, else by its text, else by its status."""
    if code == REQUEST_ERROR:
        kind = _first(_BY_TEXT, text, whole=False)
    else:
        kind = _first(_BY_CODE, code.rpartition(".")[2], whole=True)
    if kind is WrongState and TOO_YOUNG in text:
        return NotYet
    if kind is not None:
        return kind
    if status == 429:
        return Throttled
    if status in (401, 403):
        return NotAuthorized
    return Unavailable if status >= 500 else Refused


def _kind_of_failure(error: BotoCoreError) -> type[MTurkError]:
    """Which error it is that no answer came, or that botocore would not send the call."""
    if isinstance(error, ConnectionError | HTTPClientError | IncompleteReadError):
        return Unavailable
    if isinstance(error, NoCredentialsError | PartialCredentialsError | NoAuthTokenError):
        return NotAuthorized
    return Refused


def _first(
    table: tuple[tuple[re.Pattern[str], type[MTurkError]], ...], text: str, *, whole: bool
) -> type[MTurkError] | None:
    for pattern, kind in table:
        if pattern.fullmatch(text) if whole else pattern.search(text):
            return kind
    return None
