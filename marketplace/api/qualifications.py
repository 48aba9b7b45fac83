"""Who holds which qualification, and who asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from marketplace.api import limits, pages, shapes
from marketplace.engine import Engine, qualification_decisions, qualification_grants

Given = Mapping[str, Any]

DEFAULT_VALUE = 1
LONGEST_REASON = 1024  # as long as the feedback on an assignment


def associate(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.act() as tx:
        qualification_grants.assign(
            tx,
            requester_id,
            given["QualificationTypeId"],
            given["WorkerId"],
            given.get("IntegerValue", DEFAULT_VALUE),
            notify=given.get("SendNotification", True),
        )
    return {}


def disassociate(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    type_id, worker_id = given["QualificationTypeId"], given["WorkerId"]
    reason = _reason(given)
    with engine.act() as tx:
        qualification_grants.revoke(tx, requester_id, type_id, worker_id, reason)
    return {}


def get_score(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    type_id, worker_id = given["QualificationTypeId"], given["WorkerId"]
    with engine.look() as tx:
        row = qualification_grants.score(tx, requester_id, type_id, worker_id)
    return {"Qualification": _qualification(row)}


def list_workers(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    type_id = given["QualificationTypeId"]
    status = given.get("Status", qualification_grants.GRANTED)
    scope = ("ListWorkersWithQualificationType", requester_id, type_id, status)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        rows = qualification_grants.listing(
            tx,
            requester_id,
            type_id,
            status=status,
            after=key[0] if key else None,
            limit=pages.size(given),
        )
    last = [rows[-1].worker_id] if rows else None
    return pages.page("Qualifications", [_qualification(row) for row in rows], last, *scope)


def list_requests(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    type_id = given.get("QualificationTypeId")
    scope = ("ListQualificationRequests", requester_id, type_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        rows = qualification_decisions.listing(
            tx,
            requester_id,
            type_id,
            after=(datetime.fromisoformat(key[0]), key[1]) if key else None,
            limit=pages.size(given),
        )
    last = [rows[-1].submitted_at.isoformat(), rows[-1].id] if rows else None
    return pages.page("QualificationRequests", [_request(row) for row in rows], last, *scope)


def accept_request(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    value = given.get("IntegerValue", DEFAULT_VALUE)
    with engine.act() as tx:
        qualification_decisions.accept(tx, requester_id, given["QualificationRequestId"], value)
    return {}


def reject_request(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    reason = _reason(given)
    with engine.act() as tx:
        qualification_decisions.reject(tx, requester_id, given["QualificationRequestId"], reason)
    return {}


def _reason(given: Given) -> str | None:
    reason: str | None = given.get("Reason")
    if reason is not None and len(reason) > LONGEST_REASON:
        raise limits.invalid("Reason", reason)
    return reason


def _qualification(row: Row[Any]) -> dict[str, Any]:
    return {
        "QualificationTypeId": row.qualification_type_id,
        "WorkerId": row.worker_id,
        "GrantTime": shapes.epoch(row.granted_at),
        "IntegerValue": row.value,
        "Status": row.status,
    }


def _request(row: Row[Any]) -> dict[str, Any]:
    members = {
        "QualificationRequestId": row.request_id,
        "QualificationTypeId": row.qualification_type_id,
        "WorkerId": row.worker_id,
        "Test": row.test,
        "Answer": row.answer,
        "SubmitTime": shapes.epoch(row.submitted_at),
    }
    return {name: value for name, value in members.items() if value is not None}


OPERATIONS = {
    "AssociateQualificationWithWorker": associate,
    "DisassociateQualificationFromWorker": disassociate,
    "GetQualificationScore": get_score,
    "ListWorkersWithQualificationType": list_workers,
    "ListQualificationRequests": list_requests,
    "AcceptQualificationRequest": accept_request,
    "RejectQualificationRequest": reject_request,
}
