"""Qualification types: what their owners define, and how they end.

Deletion takes as long as the service is told it takes, and as long as HITs use the type. Until
then the type is Disposing: its name stays taken, and what was granted keeps its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, select, update

from marketplace.engine import ids, qualification_search
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import ParameterValidationError, RequestError
from marketplace.store import schema

ACTIVE, INACTIVE = "Active", "Inactive"

_table = schema.qualification_types
_uses = schema.hit_type_requirements
_requests = schema.qualification_requests


@dataclass(frozen=True, kw_only=True)
class QualificationType:
    """A type; `test_duration` and `retry_delay` are seconds, no retry delay means no second try."""

    id: int
    qualification_type_id: str
    requester_id: str
    name: str
    description: str
    keywords: str | None
    status: str
    test: str | None
    answer_key: str | None
    test_duration: int | None
    retry_delay: int | None
    auto_granted: bool
    auto_granted_value: int | None
    created_at: datetime
    deleted_at: datetime | None

    @classmethod
    def from_row(cls, row: Row[Any]) -> QualificationType:
        columns = row._mapping
        return cls(**{field.name: columns[field.name] for field in fields(cls)})

    @property
    def is_requestable(self) -> bool:
        """Whether workers may ask for it on the site."""
        return self.status == ACTIVE and self.deleted_at is None


BY_ID = select(_table).where(_table.c.qualification_type_id == bindparam("type_id"))
IS_IN_USE = select(
    exists().where(
        _uses.c.qualification_type_id == bindparam("type_id"),
        schema.hits.c.hit_type_id == _uses.c.hit_type_id,
        schema.hits.c.status.in_([status.value for status in HitStatus if status != "Disposed"]),
    )
)


def create(
    tx: Transaction,
    requester_id: str,
    *,
    name: str,
    description: str,
    keywords: str | None,
    status: str,
    settings: Mapping[str, Any],
) -> QualificationType:
    """Make a type. `settings`: the test, its key and duration, the retry delay, auto-granting.

    A name is the requester's own again only when the deletion of its earlier bearer has ended.
    """
    same_name = _table.c.requester_id == requester_id, _table.c.name == name
    for row in tx.connection.execute(select(_table).where(*same_name)):
        if not is_gone(tx, QualificationType.from_row(row)):
            raise RequestError(
                "You have already created a QualificationType with this name. A "
                "QualificationType's name must be unique among all of the QualificationTypes "
                "created by the same user.",
                code="AWS.MechanicalTurk.QualificationTypeAlreadyExists",
            )
    type_id = ids.entity_id()
    values = _consistent({**_BLANK, **settings})
    tx.connection.execute(
        insert(_table).values(
            qualification_type_id=type_id,
            requester_id=requester_id,
            name=name,
            description=description,
            keywords=keywords,
            searchable=qualification_search.searchable(name, description, keywords),
            status=status,
            created_at=tx.now,
            **values,
        )
    )
    return find_owned(tx, requester_id, type_id)


def change(
    tx: Transaction, requester_id: str, type_id: str, changes: Mapping[str, Any]
) -> QualificationType:
    """Change all but name and keywords; a test cannot be taken away, nor can retries."""
    before = find_owned(tx, requester_id, type_id)
    settings = {name: getattr(before, name) for name in _BLANK}
    others = {name: changes[name] for name in ("description", "status") if name in changes}
    given = {name: changes[name] for name in _BLANK if name in changes}
    if "test" in given:
        given.setdefault("answer_key", None)  # the key of the old test does not fit the new one
    elif given.keys() & {"test_duration", "answer_key"}:
        raise ParameterValidationError(
            "The parameters TestDurationInSeconds and AnswerKey change together with the Test: "
            "give the Test too, be it the same."
        )
    values = _consistent({**settings, **given}) | others
    if "description" in others:
        values["searchable"] = qualification_search.searchable(
            before.name, others["description"], before.keywords
        )
    tx.connection.execute(update(_table).where(_table.c.id == before.id).values(**values))
    return find_owned(tx, requester_id, type_id)


def delete(tx: Transaction, requester_id: str, type_id: str) -> None:
    """Begin the deletion: pending requests are rejected, tests being taken end."""
    found = find_owned(tx, requester_id, type_id)
    tx.connection.execute(update(_table).where(_table.c.id == found.id).values(deleted_at=tx.now))
    tx.connection.execute(
        update(_requests)
        .where(
            _requests.c.qualification_type_id == type_id,
            _requests.c.status.in_(("Started", "Pending")),
        )
        .values(status="Rejected", decided_at=tx.now, reason="The qualification was withdrawn.")
    )


def lookup(tx: Transaction, type_id: str) -> QualificationType | None:
    """The type, whoever owns it, until its deletion has ended."""
    row = tx.connection.execute(BY_ID, {"type_id": type_id}).one_or_none()
    found = None if row is None else QualificationType.from_row(row)
    return None if found is None or is_gone(tx, found) else found


def find(tx: Transaction, type_id: str) -> QualificationType:
    """The type, whoever owns it; one that is being deleted is in the wrong state."""
    found = lookup(tx, type_id)
    if found is None:
        raise no_such_type(type_id)
    if found.deleted_at is not None:
        raise invalid_state(ACTIVE, INACTIVE)
    return found


def find_owned(
    tx: Transaction, requester_id: str, type_id: str, *, disposing: bool = False
) -> QualificationType:
    """The requester's own type; another requester's does not exist for them.

    With `disposing`, also one that is being deleted, whose grants still count.
    """
    found = lookup(tx, type_id)
    if found is None or found.requester_id != requester_id:
        raise no_such_type(type_id)
    if found.deleted_at is not None and not disposing:
        raise invalid_state(ACTIVE, INACTIVE)
    return found


def is_gone(tx: Transaction, found: QualificationType) -> bool:
    """Whether the type's deletion has ended."""
    if found.deleted_at is None:
        return False
    if tx.now < found.deleted_at + timedelta(seconds=tx.settings.qualification_deletion):
        return False
    return not tx.connection.scalar(IS_IN_USE, {"type_id": found.qualification_type_id})


def no_such_type(type_id: str) -> RequestError:
    return RequestError(
        f"QualificationType {type_id} does not exist.",
        code="AWS.MechanicalTurk.QualificationTypeDoesNotExist",
    )


def invalid_state(*allowed: str) -> RequestError:
    return RequestError(
        f"This operation can be called with a status of: {','.join(allowed)}",
        code="AWS.MechanicalTurk.InvalidQualificationTypeState",
    )


_BLANK: Mapping[str, Any] = {
    "test": None,
    "answer_key": None,
    "test_duration": None,
    "retry_delay": None,
    "auto_granted": False,
    "auto_granted_value": None,
}


def _consistent(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as they are kept, if they go together."""
    if settings["answer_key"] is not None and settings["test"] is None:
        raise ParameterValidationError("An AnswerKey can only be given together with a Test.")
    if settings["test"] is not None and settings["test_duration"] is None:
        raise ParameterValidationError(
            "The parameter TestDurationInSeconds must be given together with a Test."
        )
    if settings["test"] is not None and settings["auto_granted"]:
        raise ParameterValidationError("A QualificationType with a Test cannot be AutoGranted.")
    if settings["test"] is None:
        settings["test_duration"] = None
    value = settings["auto_granted_value"]
    settings["auto_granted_value"] = (
        (1 if value is None else value) if settings["auto_granted"] else None
    )
    return settings
