"""Qualification types: defining, finding and deleting them, and the HITs that use them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marketplace.api import limits, pages, questions, shapes
from marketplace.engine import (
    Engine,
    answer_keys,
    hits,
    qualification_search,
    qualification_types,
    system_qualifications,
)
from marketplace.engine.qualification_types import QualificationType
from marketplace.engine.system_qualifications import SystemQualification
from marketplace.errors import ParameterValidationError

Given = Mapping[str, Any]

SETTINGS = {
    "Test": "test",
    "AnswerKey": "answer_key",
    "TestDurationInSeconds": "test_duration",
    "RetryDelayInSeconds": "retry_delay",
    "AutoGranted": "auto_granted",
    "AutoGrantedValue": "auto_granted_value",
}
OPENING = datetime(2005, 11, 2, tzinfo=UTC)  # of MTurk, and so of its own types


def create_qualification_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    _check(given)
    with engine.act() as tx:
        created = qualification_types.create(
            tx,
            requester_id,
            name=given["Name"],
            description=given["Description"],
            keywords=given.get("Keywords"),
            status=given["QualificationTypeStatus"],
            settings=_settings(given),
        )
    return {"QualificationType": _shape(created, requester_id)}


def update_qualification_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    _check(given)
    changes = _settings(given)
    for member, name in (("Description", "description"), ("QualificationTypeStatus", "status")):
        if member in given:
            changes[name] = given[member]
    with engine.act() as tx:
        changed = qualification_types.change(
            tx, requester_id, given["QualificationTypeId"], changes
        )
    return {"QualificationType": _shape(changed, requester_id)}


def delete_qualification_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.act() as tx:
        qualification_types.delete(tx, requester_id, given["QualificationTypeId"])
    return {}


def get_qualification_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """Anybody's type; the key to its test is shown to its owner alone."""
    type_id = given["QualificationTypeId"]
    with engine.look() as tx:
        system = system_qualifications.of(sandbox=tx.settings.sandbox).get(type_id)
        if system is not None:
            return {"QualificationType": _system_shape(system)}
        found = qualification_types.find(tx, type_id)
    return {"QualificationType": _shape(found, requester_id)}


def list_qualification_types(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """Requesters' types, newest first, then the system's own, unless these are not wanted."""
    query, requestable = given.get("Query"), given["MustBeRequestable"]
    owned = given.get("MustBeOwnedByCaller", False)
    scope = ("ListQualificationTypes", requester_id, query, requestable, owned)
    number, passed = pages.start(given, *scope) or [None, 0]
    limit = pages.size(given)
    with engine.look() as tx:
        rows = qualification_search.search(
            tx,
            query=query,
            requester_id=requester_id,
            owned=owned,
            requestable=requestable,
            before=number,
            limit=limit,
        )
        found = [QualificationType.from_row(row) for row in rows]
        system = list(system_qualifications.of(sandbox=tx.settings.sandbox).values())
    if owned or requestable:
        system = []
    system = [one for one in system if qualification_search.matches(one, query)]
    rest = system[passed : passed + limit - len(found)]
    elements = [_shape(one, requester_id) for one in found] + [_system_shape(one) for one in rest]
    last = [found[-1].id if found else number, passed + len(rest)] if elements else None
    return pages.page("QualificationTypes", elements, last, *scope)


def list_hits(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """The caller's HITs that require the type, whoever owns it, newest first."""
    type_id = given["QualificationTypeId"]
    scope = ("ListHITsForQualificationType", requester_id, type_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        if (
            type_id not in system_qualifications.of(sandbox=tx.settings.sandbox)
            and qualification_types.lookup(tx, type_id) is None
        ):
            raise qualification_types.no_such_type(type_id)
        found = hits.listing(
            tx,
            requester_id,
            requiring=type_id,
            before=key[0] if key else None,
            limit=pages.size(given),
        )
    last = [found[-1].id] if found else None
    return pages.page("HITs", [shapes.hit(hit) for hit in found], last, *scope)


def _check(given: Given) -> None:
    limits.check(given)
    if "Test" in given:
        questions.check_test(given["Test"])
    if "AnswerKey" in given:
        if len(given["AnswerKey"].encode()) > questions.MOST_BYTES:
            raise ParameterValidationError(
                f"The AnswerKey is longer than the {questions.MOST_BYTES} bytes that are allowed."
            )
        answer_keys.parse(given["AnswerKey"])


def _settings(given: Given) -> dict[str, Any]:
    return {name: given[member] for member, name in SETTINGS.items() if member in given}


def _shape(found: QualificationType, requester_id: str) -> dict[str, Any]:
    members = {
        "QualificationTypeId": found.qualification_type_id,
        "CreationTime": shapes.epoch(found.created_at),
        "Name": found.name,
        "Description": found.description,
        "Keywords": found.keywords or None,
        "QualificationTypeStatus": found.status,
        "Test": found.test,
        "TestDurationInSeconds": found.test_duration,
        "AnswerKey": found.answer_key if found.requester_id == requester_id else None,
        "RetryDelayInSeconds": found.retry_delay,
        "IsRequestable": found.is_requestable,
        "AutoGranted": found.auto_granted,
        "AutoGrantedValue": found.auto_granted_value,
    }
    return {name: value for name, value in members.items() if value is not None}


def _system_shape(found: SystemQualification) -> dict[str, Any]:
    return {
        "QualificationTypeId": found.qualification_type_id,
        "CreationTime": shapes.epoch(OPENING),
        "Name": found.name,
        "Description": found.description,
        "QualificationTypeStatus": qualification_types.ACTIVE,
        "IsRequestable": False,
        "AutoGranted": False,
    }


OPERATIONS = {
    "CreateQualificationType": create_qualification_type,
    "UpdateQualificationType": update_qualification_type,
    "DeleteQualificationType": delete_qualification_type,
    "GetQualificationType": get_qualification_type,
    "ListQualificationTypes": list_qualification_types,
    "ListHITsForQualificationType": list_hits,
}
