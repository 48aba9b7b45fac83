"""What a requester can do, each a form on a page of its own that says what will follow.

An action calls the operation of the Requester API that does it, so that the same rules hold and
refusals are in the same words.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from marketplace.api.app import OPERATIONS
from marketplace.api.validation import checked, operation_model
from marketplace.console.visits import Handler, RequesterVisit, done, show, status_of
from marketplace.engine import Engine
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotSend, MarketplaceError, Refusal

UNREADABLE = "Something in it cannot be read."


class BadField(MarketplaceError):
    """A field of a form that cannot be; the message is a sentence about it."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of an action's form."""

    name: str
    label: str
    kind: Literal["line", "text", "number", "dollars", "choice"] = "line"
    required: bool = True
    longest: int | None = None
    """Characters."""
    hint: str = ""
    value: str = ""
    """What stands in it at first."""
    options: tuple[str, ...] = ()
    """Of a choice."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an action is about: shown above its form."""

    facts: Mapping[str, str]
    back: str
    """The page about it."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """A thing to do; `{…}` in `path` are the ids that `about` and `perform` are given."""

    path: str
    title: str
    says: str
    """What will follow, in plain sentences."""
    button: str
    done: str
    about: Callable[[Transaction, str, Mapping[str, str]], Subject]
    """Of a transaction, the requester's id and the ids; refuses what is not the requester's."""
    perform: Callable[[RequesterVisit, Mapping[str, str]], str | None]
    """Does it; a sentence that it returns is said instead of `done`."""
    fields: tuple[Field, ...] = ()
    danger: bool = False
    after: str | None = None
    """Where to go on, if not to where one came from."""

    def ask(self, visit: RequesterVisit) -> Response:
        """The form."""
        return self._form(visit, {field.name: field.value for field in self.fields})

    def act(self, visit: RequesterVisit) -> Response:
        """Do what was posted; a refusal shows the form again, with what was typed."""
        typed = {field.name: visit.posted(field.name) for field in self.fields}
        try:
            sentence = self.perform(visit, ids_of(visit))
        except (BadField, CannotSend, Refusal) as error:
            status = status_of(error)
            if status == 404:
                raise
            return self._form(visit, typed, error=str(error) or UNREADABLE, status=status)
        return done(visit, sentence or self.done, self.after)

    def _form(
        self,
        visit: RequesterVisit,
        typed: Mapping[str, str],
        *,
        error: str | None = None,
        status: int = 200,
    ) -> Response:
        with visit.engine.look() as tx:
            subject = self.about(tx, visit.requester_id, ids_of(visit))
        came_from = visit.posted("back") or visit.asked("back")
        return show(
            visit,
            "requester/action.html",
            status=status,
            action=self,
            subject=subject,
            typed=typed,
            error=error,
            back=visit.back if came_from else subject.back,
            # A form that is sent twice pays one bonus.
            token=visit.posted("token") or secrets.token_hex(16),
        )

    @property
    def page(self) -> tuple[Handler, Handler]:
        return self.ask, self.act


def ids_of(visit: RequesterVisit) -> dict[str, str]:
    """The ids in the address."""
    return {name: str(value) for name, value in visit.request.path_params.items()}


def call(
    engine: Engine, requester_id: str, operation: str, members: Mapping[str, Any]
) -> dict[str, Any]:
    """Call an operation of the Requester API on the requester's behalf.

    Raises what the API answers with; members that are None or empty text are left out.
    """
    model = operation_model(operation)
    assert model is not None
    given = {name: value for name, value in members.items() if value is not None and value != ""}
    return OPERATIONS[operation](engine, requester_id, checked(model, given))


def whole_number(visit: RequesterVisit, name: str, label: str, *, most: int = 10**9) -> int:
    """A posted whole number from 1 to `most`; raises `BadField`."""
    text = visit.posted(name)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= most):
        raise BadField(f"{label}: {text!r} is no whole number from 1 to {most:,}.")
    return int(text)


def required(visit: RequesterVisit, name: str, label: str) -> str:
    """Posted text that is not empty; raises `BadField`."""
    text = visit.posted(name)
    if not text:
        raise BadField(f"{label} must not be empty.")
    return text
