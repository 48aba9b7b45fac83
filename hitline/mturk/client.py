"""The requester: MTurk's Requester API in hitline's nouns and errors.

Thin on purpose. A method is one call, or one list read to its end; nothing is retried beyond what
botocore retries, and nothing is remembered. Every method raises an `MTurkError` of
`hitline.errors` where MTurk refuses or does not answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from hitline.model import Assignment, EventType, Hit
from hitline.mturk.connection import Credentials, boto_client
from hitline.mturk.payments import Payments
from hitline.mturk.qualifications import Qualifications
from hitline.mturk.records import assignment_from, hit_from
from hitline.mturk.wire import Wire, dollars
from hitline.mturk.workers import Workers

Transport = Literal["SQS", "SNS"]
"""Where notifications go: SQS takes a queue URL as destination, SNS a topic ARN."""

NEEDED_EVENTS = (
    EventType.HIT_REVIEWABLE,
    EventType.HIT_EXPIRED,
    EventType.ASSIGNMENT_SUBMITTED,
    EventType.ASSIGNMENT_ABANDONED,
    EventType.ASSIGNMENT_RETURNED,
    EventType.ASSIGNMENT_REJECTED,
)
"""The events that change what hitline does; the others echo its own calls or are mere history."""

NOTIFICATION_VERSION = "2014-08-15"
DEFAULT_PAGE = 10
"""What MTurk's lists give when no MaxResults is asked for: no page that has a next is shorter."""

LONG_AGO = 0
"""An ExpireAt in the past on every clock, which MTurk takes as "now"."""


def connect(
    *,
    endpoint_url: str | None,
    region: str = "us-east-1",
    credentials: Credentials | None = None,
    max_pool_connections: int = 10,
    attempts: int = 6,
) -> Requester:
    """A requester for `endpoint_url` (None: Amazon's own), for as many threads as connections."""
    return Requester(
        boto_client(
            "mturk",
            endpoint_url=endpoint_url,
            region=region,
            credentials=credentials,
            max_pool_connections=max_pool_connections,
            attempts=attempts,
        )
    )


class Requester(Payments, Qualifications, Workers):
    """The Requester API over one boto3 client, which all threads may share."""

    def __init__(self, mturk: Any) -> None:
        self._wire = Wire(mturk)

    # HITs

    def create_hit_type(
        self,
        *,
        title: str,
        description: str,
        keywords: str,
        reward: Decimal,
        duration: timedelta,
        auto_approval: timedelta,
        qualifications: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """The id of the HIT type with these attributes: the same attributes give the same id.

        `reward` is in US dollars, `duration` a worker's time for one assignment, `auto_approval`
        the time from submission to approval by MTurk itself.
        """
        hit_type_id = self._wire.ask(
            "CreateHITType",
            "HITTypeId",
            Title=title,
            Description=description,
            Keywords=keywords,
            Reward=dollars("CreateHITType", reward),
            AssignmentDurationInSeconds=_seconds(duration),
            AutoApprovalDelayInSeconds=_seconds(auto_approval),
            QualificationRequirements=[dict(requirement) for requirement in qualifications],
        )
        return str(hit_type_id)

    def create_hit(
        self,
        *,
        hit_type_id: str,
        question: str,
        max_assignments: int,
        lifetime: timedelta,
        annotation: str,
        token: str,
    ) -> Hit:
        """Post a HIT. A reused `token` (24 hours) is `AlreadyDone` with the first HIT's id.

        `question` is the question XML, `lifetime` how long workers may accept the HIT,
        `annotation` a reference of at most 255 characters that only the requester sees.
        """
        created = self._wire.ask(
            "CreateHITWithHITType",
            "HIT",
            HITTypeId=hit_type_id,
            Question=question,
            MaxAssignments=max_assignments,
            LifetimeInSeconds=_seconds(lifetime),
            RequesterAnnotation=annotation,
            UniqueRequestToken=token,
        )
        return hit_from(created)

    def get_hit(self, hit_id: str) -> Hit:
        return hit_from(self._wire.ask("GetHIT", "HIT", HITId=hit_id))

    def list_hits(self) -> Iterator[Hit]:
        """Every HIT that is not disposed of; the newest may be missing for some seconds."""
        for page in self._wire.pages("ListHITs", "HITs"):
            yield from map(hit_from, page)

    def reviewable_hits(
        self, hit_type_id: str | None = None, reviewing: bool = False
    ) -> Iterator[str]:
        """The ids of the HITs that are Reviewable, or else of those marked Reviewing.

        Read it to the end before changing any of them: a HIT that leaves the list moves the rest.
        """
        wanted = {"Status": "Reviewing" if reviewing else "Reviewable"}
        if hit_type_id is not None:
            wanted["HITTypeId"] = hit_type_id
        for page in self._wire.pages("ListReviewableHITs", "HITs", **wanted):
            yield from (record["HITId"] for record in page)

    def add_assignments(self, hit_id: str, count: int, token: str) -> None:
        """Ask for `count` more answers. A reused `token` (24 hours) is `AlreadyDone`."""
        self._wire.call(
            "CreateAdditionalAssignmentsForHIT",
            HITId=hit_id,
            NumberOfAdditionalAssignments=count,
            UniqueRequestToken=token,
        )

    def expire(self, hit_id: str) -> None:
        """Offer the HIT to nobody from now on; who holds it may still submit. Harmless twice."""
        self._wire.call("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=LONG_AGO)

    def extend_expiry(self, hit_id: str, until: datetime) -> None:
        """Offer the HIT until `until`, rounded up to a whole second.

        MTurk turns this into an increment on the current expiry (on now, if that has passed) and
        refuses less than 60 s, and so every shortening: `Refused`. It remembers HIT and target as
        if they were a token: the same target again is `AlreadyDone`.
        """
        self._wire.call(
            "UpdateExpirationForHIT", HITId=hit_id, ExpireAt=math.ceil(until.timestamp())
        )

    def change_type(self, hit_id: str, hit_type_id: str) -> None:
        """Give the HIT another type's reward and wording; `WrongState` once anybody accepted it."""
        self._wire.call("UpdateHITTypeOfHIT", HITId=hit_id, HITTypeId=hit_type_id)

    def mark_reviewing(self, hit_id: str) -> None:
        """Take a Reviewable HIT off that list; `WrongState` if it is not Reviewable."""
        self._wire.call("UpdateHITReviewStatus", HITId=hit_id, Revert=False)

    def dispose(self, hit_id: str) -> None:
        """Delete the HIT with its answers; `WrongState` while any of them is unjudged."""
        self._wire.call("DeleteHIT", HITId=hit_id)

    # Assignments

    def assignments(self, hit_id: str) -> list[Assignment]:
        """Every submitted assignment of a HIT, whatever became of it, in MTurk's order.

        MTurk sends a token for the next page even with the last one, so the end shows only in an
        empty page. For a HIT with less than `DEFAULT_PAGE` answers, which is nearly every HIT, that
        second call is saved: no filter is asked for that could thin a page out, and not even an
        endpoint that ignores the page size asked for cuts a page that short. A page of that length
        or longer proves nothing and is followed to the end.
        """
        found: list[Assignment] = []
        for page in self._wire.pages("ListAssignmentsForHIT", "Assignments", HITId=hit_id):
            found += map(assignment_from, page)
            if len(page) < DEFAULT_PAGE:
                break
        return found

    def get_assignment(self, assignment_id: str) -> Assignment:
        """A submitted assignment; `WrongState` or `NotYet` while it is not."""
        found = self._wire.ask("GetAssignment", "Assignment", AssignmentId=assignment_id)
        return assignment_from(found)

    # Notifications

    def notify(
        self,
        hit_type_id: str,
        *,
        destination: str,
        transport: Transport,
        events: Sequence[EventType],
        active: bool = True,
    ) -> None:
        """Set where a HIT type's events go, in place of what was set; up to five minutes to act."""
        self._wire.call(
            "UpdateNotificationSettings",
            HITTypeId=hit_type_id,
            Notification=_notification(destination, transport, events),
            Active=active,
        )

    def set_active(self, hit_type_id: str, active: bool) -> None:
        """Send or hold back a HIT type's events; what is held back is never sent."""
        self._wire.call("UpdateNotificationSettings", HITTypeId=hit_type_id, Active=active)

    def send_test_event(self, destination: str, transport: Transport, event: EventType) -> None:
        """Have MTurk send one made-up event, to see that the way is open."""
        self._wire.call(
            "SendTestEventNotification",
            Notification=_notification(destination, transport, [event]),
            TestEventType=event.value,
        )


def _notification(
    destination: str, transport: Transport, events: Sequence[EventType]
) -> dict[str, Any]:
    return {
        "Destination": destination,
        "Transport": transport,
        "Version": NOTIFICATION_VERSION,
        "EventTypes": [event.value for event in events],
    }


def _seconds(span: timedelta) -> int:
    """Whole seconds, rounded up: nobody gets less time than was promised."""
    return math.ceil(span.total_seconds())
