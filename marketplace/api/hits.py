"""Posting HITs and looking at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.api import limits, pages, questions, shapes
from marketplace.engine import (
    Engine,
    assignments,
    hit_types,
    hits,
    layouts,
    qualifications,
    review_policies,
    reviews,
)
from marketplace.engine.model import TypeAttributes
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import ParameterValidationError

Given = Mapping[str, Any]

DEFAULT_AUTO_APPROVAL_DELAY = 2_592_000
DEFAULT_MAX_ASSIGNMENTS = 1


def create_hit_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    limits.check(given)
    with engine.act() as tx:
        hit_type = hit_types.register(tx, requester_id, _attributes(tx, given))
    return {"HITTypeId": hit_type.hit_type_id}


def create_hit(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    limits.check(given)
    content = _content(engine, requester_id, given)
    with engine.act() as tx:
        hit_type = hit_types.register(tx, requester_id, _attributes(tx, given))
        hit = hits.post_once(
            tx, requester_id, "CreateHIT", given.get("UniqueRequestToken"), hit_type, **content
        )
        reviews.attach(tx, hit, *_policies(given))
    return {"HIT": shapes.hit(hit)}


def create_hit_with_hit_type(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    limits.check(given)
    content = _content(engine, requester_id, given)
    operation = "CreateHITWithHITType"
    with engine.act() as tx:
        hit_type = hit_types.find(tx, requester_id, given["HITTypeId"])
        hit = hits.post_once(
            tx, requester_id, operation, given.get("UniqueRequestToken"), hit_type, **content
        )
        reviews.attach(tx, hit, *_policies(given))
    return {"HIT": shapes.hit(hit)}


def get_hit(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.look() as tx:
        hit = hits.find(tx, requester_id, given["HITId"])
        return {"HIT": shapes.hit(assignments.as_counted(tx, hit))}


def list_hits(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    scope = ("ListHITs", requester_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        found = hits.listing(
            tx, requester_id, before=key[0] if key else None, limit=pages.size(given)
        )
    last = [found[-1].id] if found else None
    return pages.page("HITs", [shapes.hit(hit) for hit in found], last, *scope)


def list_reviewable_hits(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """HITs with nothing but their ids, as MTurk's responses were seen to be."""
    status = HitStatus(given.get("Status", HitStatus.REVIEWABLE))
    hit_type_id = given.get("HITTypeId")
    scope = ("ListReviewableHITs", requester_id, status.value, hit_type_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        found = hits.reviewable(
            tx,
            requester_id,
            status=status,
            hit_type_id=hit_type_id,
            after=key[0] if key else None,
            limit=pages.size(given),
        )
    last = [found[-1][0]] if found else None
    return pages.page("HITs", [{"HITId": hit_id} for _, hit_id in found], last, *scope)


def _attributes(tx: Transaction, given: Given) -> TypeAttributes:
    requirements = given.get("QualificationRequirements", [])
    qualifications.check(tx, requirements)
    return TypeAttributes(
        title=given["Title"],
        description=given["Description"],
        keywords=given.get("Keywords", ""),
        reward=limits.amount("Reward", given["Reward"]),
        duration=given["AssignmentDurationInSeconds"],
        auto_approval_delay=given.get("AutoApprovalDelayInSeconds", DEFAULT_AUTO_APPROVAL_DELAY),
        requirements=[_guarded(requirement) for requirement in requirements],
    )


def _guarded(requirement: Given) -> dict[str, Any]:
    """The requirement with both members that say what it guards; the older is deprecated."""
    guarded = qualifications.guards(requirement)
    return {
        **requirement,
        "ActionsGuarded": guarded,
        "RequiredToPreview": guarded != "Accept",
    }


def _content(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """What is checked before the database is locked for writing: reading questions takes long."""
    question = _question(engine, requester_id, given)
    questions.check(question)
    _check_policies(*_policies(given))
    return {
        "question": question,
        "lifetime": given["LifetimeInSeconds"],
        "max_assignments": given.get("MaxAssignments", DEFAULT_MAX_ASSIGNMENTS),
        "annotation": given.get("RequesterAnnotation"),
        "layout_id": given.get("HITLayoutId"),
    }


def _question(engine: Engine, requester_id: str, given: Given) -> str:
    """The Question as given, or a layout filled with its parameters."""
    if ("Question" in given) == ("HITLayoutId" in given):
        raise ParameterValidationError(
            "Exactly one of the parameters Question and HITLayoutId must be given."
        )
    parameters = given.get("HITLayoutParameters", [])
    if "Question" in given:
        if parameters:
            raise ParameterValidationError("HITLayoutParameters go with a HITLayoutId alone.")
        return str(given["Question"])
    values = {parameter["Name"]: parameter["Value"] for parameter in parameters}
    if len(values) < len(parameters):
        raise ParameterValidationError("HITLayoutParameters give a value to a name twice.")
    with engine.look() as tx:
        return layouts.find(tx, requester_id, given["HITLayoutId"]).question(values)


def _policies(given: Given) -> tuple[Given | None, Given | None]:
    return given.get("AssignmentReviewPolicy"), given.get("HITReviewPolicy")


def _check_policies(assignment_policy: Given | None, hit_policy: Given | None) -> None:
    reasons: list[str | None] = []
    if assignment_policy is not None:
        known = review_policies.known_answers(assignment_policy)
        reasons += [known.approve_reason, known.reject_reason]
    if hit_policy is not None:
        reasons.append(review_policies.plurality(hit_policy).reject_reason)
    for reason in reasons:  # workers read it as feedback
        limits.check({"RequesterFeedback": reason or ""})


OPERATIONS = {
    "CreateHITType": create_hit_type,
    "CreateHIT": create_hit,
    "CreateHITWithHITType": create_hit_with_hit_type,
    "GetHIT": get_hit,
    "ListHITs": list_hits,
    "ListReviewableHITs": list_reviewable_hits,
}
