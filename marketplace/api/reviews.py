"""What review policies found and did; files that workers uploaded, of which there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from marketplace.api import pages, shapes
from marketplace.engine import Engine, assignments, hits, review_reports, reviews
from marketplace.engine.review_reports import Kind, Level
from marketplace.engine.states import HitStatus
from marketplace.errors import ParameterValidationError

Given = Mapping[str, Any]

POLICY_MEMBERS = {Level.ASSIGNMENT: "AssignmentReviewPolicy", Level.HIT: "HITReviewPolicy"}
REPORT_MEMBERS = {Level.ASSIGNMENT: "AssignmentReviewReport", Level.HIT: "HITReviewReport"}


def list_review_policy_results(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """A page counts results and actions of both levels together, in order of time."""
    hit_id = given["HITId"]
    levels = [level for level in Level if level in (given.get("PolicyLevels") or Level)]
    wanted = {Kind.RESULT: "RetrieveResults", Kind.ACTION: "RetrieveActions"}
    kinds = [kind for kind, member in wanted.items() if given.get(member, True)]
    scope = ("ListReviewPolicyResultsForHIT", hit_id, *levels, *kinds)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        hit = hits.find(tx, requester_id, hit_id)
        if hit.status is HitStatus.DISPOSED:
            raise hits.no_such_hit(hit_id)
        policies = reviews.of(tx, hit_id)
        found = review_reports.listing(
            tx,
            hit_id,
            levels=levels,
            kinds=kinds,
            after=key[0] if key else None,
            limit=pages.size(given),
        )
    members: dict[str, Any] = {"HITId": hit_id}
    for level, policy in policies.items():
        members[POLICY_MEMBERS[level]] = {"PolicyName": policy["PolicyName"]}
        if level in levels:
            members[REPORT_MEMBERS[level]] = _report([row for row in found if row.level == level])
    return {**members, **pages.token([found[-1].id] if found else None, *scope)}


def get_file_upload_url(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """Refused for every question: no HIT can ask for a file since 12 December 2017."""
    with engine.look() as tx:
        assignments.find_submitted(tx, requester_id, given["AssignmentId"])
    question_id = given["QuestionIdentifier"]
    raise ParameterValidationError(
        f'The value "{question_id}" is not valid for the parameter QuestionIdentifier: the HIT has '
        "no such question with a FileUploadAnswer, which is no longer supported."
    )


def _report(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    return {
        "ReviewResults": [_result(row) for row in rows if row.kind == Kind.RESULT],
        "ReviewActions": [_action(row) for row in rows if row.kind == Kind.ACTION],
    }


def _result(row: Row[Any]) -> dict[str, Any]:
    members = {
        "ActionId": row.action_id,
        "SubjectId": row.subject_id,
        "SubjectType": row.subject_type,
        "QuestionId": row.question_id,
        "Key": row.key,
        "Value": row.value,
    }
    return {name: value for name, value in members.items() if value is not None}


def _action(row: Row[Any]) -> dict[str, Any]:
    members = {
        "ActionId": row.action_id,
        "ActionName": row.name,
        "TargetId": row.subject_id,
        "TargetType": row.subject_type,
        "Status": row.status,
        "CompleteTime": shapes.epoch(row.at),
        "Result": row.outcome,
        "ErrorCode": row.error_code,
    }
    return {name: value for name, value in members.items() if value is not None}


OPERATIONS = {
    "ListReviewPolicyResultsForHIT": list_review_policy_results,
    "GetFileUploadURL": get_file_upload_url,
}
