"""HITs and assignments as the API's responses show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import AssignmentStatus


def hit(hit: Hit) -> dict[str, Any]:
    """The members of HIT. Completed counts judged work only; submitted work is in no counter."""
    attributes = hit.type.attributes
    members = {
        "HITId": hit.hit_id,
        "HITTypeId": hit.type.hit_type_id,
        "HITGroupId": hit.type.group_id,
        "CreationTime": epoch(hit.created_at),
        "Title": attributes.title,
        "Description": attributes.description,
        "Question": hit.question,
        "Keywords": attributes.keywords or None,
        "HITStatus": hit.status.value,
        "MaxAssignments": hit.max_assignments,
        "Reward": f"{hit.reward:.2f}",
        "AutoApprovalDelayInSeconds": attributes.auto_approval_delay,
        "Expiration": epoch(hit.expires_at),
        "AssignmentDurationInSeconds": attributes.duration,
        "RequesterAnnotation": hit.annotation,
        "HITLayoutId": hit.layout_id,
        "QualificationRequirements": attributes.requirements,
        "HITReviewStatus": "NotReviewed",
        "NumberOfAssignmentsPending": hit.held,
        "NumberOfAssignmentsAvailable": hit.available,
        "NumberOfAssignmentsCompleted": hit.approved + hit.rejected,
    }
    return {name: value for name, value in members.items() if value is not None}


def assignment(assignment: Assignment) -> dict[str, Any]:
    """The members of Assignment; responses were never seen to carry a Deadline."""
    approved = assignment.status is AssignmentStatus.APPROVED
    members = {
        "AssignmentId": assignment.assignment_id,
        "WorkerId": assignment.worker_id,
        "HITId": assignment.hit_id,
        "AssignmentStatus": assignment.status.value,
        "AutoApprovalTime": epoch(assignment.auto_approval_at),
        "AcceptTime": epoch(assignment.accepted_at),
        "SubmitTime": epoch(assignment.submitted_at),
        "ApprovalTime": epoch(assignment.approved_at),
        "RejectionTime": None if approved else epoch(assignment.rejected_at),
        "Answer": assignment.answer,
        "RequesterFeedback": assignment.feedback,
    }
    return {name: value for name, value in members.items() if value is not None}


def epoch(moment: datetime | None) -> int | float | None:
    """Seconds since 1970, with milliseconds where there are any."""
    if moment is None:
        return None
    seconds = round(moment.timestamp(), 3)
    return int(seconds) if seconds.is_integer() else seconds
