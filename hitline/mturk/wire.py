"""Calls of MTurk's operations by their API names, with hitline's errors."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from botocore import xform_name

from hitline.errors import Refused, Unavailable
from hitline.mturk.records import Record
from hitline.mturk.translation import translated

LARGEST_PAGE = 100
"""MaxResults of every list, at MTurk's limit."""


class Wire:
    """One boto3 MTurk client, whose methods are called by the name of the operation."""

    def __init__(self, mturk: Any) -> None:
        self._mturk = mturk

    def call(self, operation: str, **arguments: Any) -> Record:
        with translated(operation):
            response: Record = getattr(self._mturk, xform_name(operation))(**arguments)
            return response

    def ask(self, operation: str, member: str, **arguments: Any) -> Any:
        """Call, and give the one member of the response that matters."""
        return _member(operation, self.call(operation, **arguments), member)

    def pages(self, operation: str, member: str, **arguments: Any) -> Iterator[list[Record]]:
        """A list page by page, until the page that has no token for a next one."""
        paginator = self._mturk.get_paginator(xform_name(operation))
        size = {"PageSize": LARGEST_PAGE}
        with translated(operation):
            for page in paginator.paginate(**arguments, PaginationConfig=size):
                yield _member(operation, page, member)


def _member(operation: str, response: Record, member: str) -> Any:
    """A web server that knows nothing of MTurk also answers 200: never mistake that for "none"."""
    try:
        return response[member]
    except KeyError as missing:
        message = f"the answer lacks {member}; the endpoint does not speak MTurk's API"
        raise Unavailable(operation, message) from missing


def dollars(operation: str, amount: Decimal) -> str:
    """MTurk's notation of money, which has two decimals; an amount is never rounded on its way."""
    written = f"{amount:.2f}"
    if Decimal(written) != amount:
        raise Refused(operation, f"{amount} US dollars is not a whole number of cents")
    return written
