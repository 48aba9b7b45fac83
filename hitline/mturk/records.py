"""HITs, assignments and bonuses out of the API's dictionaries: only this knows their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hitline.errors import MTurkError
from hitline.model import Assignment, AssignmentStatus, BonusPayment, Hit, HitStatus

Record = Mapping[str, Any]
"""A structure of an API response, as botocore parsed it."""


def hit_from(record: Record) -> Hit:
    """A HIT from the API's `HIT` structure.

    Counts, title and annotation may be missing (MTurk leaves out what is empty); what a decision
    rests on (type, status, reward, times) may not.
    """
    with _readable("HIT", record.get("HITId")):
        return Hit(
            hit_id=record["HITId"],
            hit_type_id=record["HITTypeId"],
            status=HitStatus(record["HITStatus"]),
            max_assignments=int(record.get("MaxAssignments", 1)),
            pending=int(record.get("NumberOfAssignmentsPending", 0)),
            available=int(record.get("NumberOfAssignmentsAvailable", 0)),
            completed=int(record.get("NumberOfAssignmentsCompleted", 0)),
            reward=Decimal(record["Reward"]),
            created_at=_utc(record["CreationTime"]),
            expires_at=_utc(record["Expiration"]),
            duration=timedelta(seconds=record["AssignmentDurationInSeconds"]),
            annotation=record.get("RequesterAnnotation") or None,
            title=record.get("Title", ""),
        )


def assignment_from(record: Record) -> Assignment:
    """An assignment from the API's `Assignment` structure; an empty answer is none."""
    with _readable("assignment", record.get("AssignmentId")):
        return Assignment(
            assignment_id=record["AssignmentId"],
            hit_id=record["HITId"],
            worker_id=record["WorkerId"],
            status=AssignmentStatus(record["AssignmentStatus"]),
            accepted_at=_utc_if_any(record.get("AcceptTime")),
            submitted_at=_utc(record["SubmitTime"]),
            auto_approval_at=_utc_if_any(record.get("AutoApprovalTime")),
            answer=record.get("Answer") or None,
        )


def bonus_from(record: Record) -> BonusPayment:
    """A bonus from the API's `BonusPayment` structure."""
    with _readable("bonus on assignment", record.get("AssignmentId")):
        return BonusPayment(
            worker_id=record["WorkerId"],
            assignment_id=record["AssignmentId"],
            amount=Decimal(record["BonusAmount"]),
            reason=record.get("Reason", ""),
            granted_at=_utc(record["GrantTime"]),
        )


@contextmanager
def _readable(noun: str, name: object) -> Iterator[None]:
    try:
        yield
    except KeyError as missing:
        raise MTurkError(noun, f"the endpoint's record of {name} lacks {missing}") from missing
    except (ValueError, TypeError, ArithmeticError) as error:
        reason = f"the endpoint's record of {name} cannot be read: {error!r}"
        raise MTurkError(noun, reason) from error


def _utc(moment: datetime) -> datetime:
    """botocore gives the machine's own zone; a moment without zone is UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _utc_if_any(moment: datetime | None) -> datetime | None:
    return None if moment is None else _utc(moment)
