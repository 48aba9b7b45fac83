"""Actions on HITs and HIT types: prolong, extend, expire, delete, test the notification path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from marketplace.console.actions import Action, BadField, Field, Subject, call, whole_number
from marketplace.console.visits import RequesterVisit
from marketplace.engine import deliveries, hit_types, hits
from marketplace.engine.events import EventType
from marketplace.engine.transaction import Transaction
from marketplace.site.pages import dollars

Ids = Mapping[str, str]

MOST_HOURS = 8760  # MTurk prolongs by a year at most


def about(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The HIT and its counts."""
    hit = hits.find(tx, requester_id, ids["hit_id"])
    return Subject(
        facts={
            "HIT": hit.type.attributes.title,
            "Id": hit.hit_id,
            "State": hit.status.value,
            "Assignments": f"{hit.max_assignments}, of which {hit.done} were submitted, {hit.held} "
            f"are being worked on, and {hit.submitted} wait for your approval",
            "Expires": f"{hit.expires_at:%Y-%m-%d %H:%M} UTC",
            "An assignment costs, with the fee": dollars(hit.cost),
        },
        back=f"/requester/hits/{hit.hit_id}",
    )


def _expire(visit: RequesterVisit, ids: Ids) -> None:
    members = {"HITId": ids["hit_id"], "ExpireAt": 0}
    call(visit.engine, visit.requester_id, "UpdateExpirationForHIT", members)


def _prolong(visit: RequesterVisit, ids: Ids) -> None:
    hours = whole_number(visit, "hours", "Hours", most=MOST_HOURS)
    with visit.engine.look() as tx:
        hit = hits.find(tx, visit.requester_id, ids["hit_id"])
        # Once a HIT has expired, the increment counts from now, and is cut to whole seconds.
        start = hit.expires_at if hit.expires_at > tx.now else tx.now + timedelta(seconds=1)
    until = int((start + timedelta(hours=hours)).timestamp())
    members = {"HITId": ids["hit_id"], "ExpireAt": until}
    call(visit.engine, visit.requester_id, "UpdateExpirationForHIT", members)


def _add_assignments(visit: RequesterVisit, ids: Ids) -> None:
    members = {
        "HITId": ids["hit_id"],
        "NumberOfAdditionalAssignments": whole_number(visit, "number", "Assignments"),
        "UniqueRequestToken": visit.posted("token"),
    }
    call(visit.engine, visit.requester_id, "CreateAdditionalAssignmentsForHIT", members)


def _delete(visit: RequesterVisit, ids: Ids) -> None:
    call(visit.engine, visit.requester_id, "DeleteHIT", {"HITId": ids["hit_id"]})


def about_type(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The HIT type and where its notifications go."""
    found = hit_types.find(tx, requester_id, ids["hit_type_id"])
    spec = deliveries.of_type(tx, found.hit_type_id, limit=0).spec
    return Subject(
        facts={
            "HIT type": found.attributes.title,
            "Destination": "none" if spec is None else f"{spec.transport} {spec.destination}",
        },
        back=f"/requester/types/{found.hit_type_id}",
    )


def _test(visit: RequesterVisit, ids: Ids) -> str:
    event = visit.posted("event") or EventType.PING.value
    with visit.engine.look() as tx:
        found = hit_types.find(tx, visit.requester_id, ids["hit_type_id"])
        spec = deliveries.of_type(tx, found.hit_type_id, limit=0).spec
    if spec is None:
        raise BadField("This HIT type has no destination yet: set one with the API first.")
    notification = {
        "Destination": spec.destination,
        "Transport": spec.transport,
        "Version": spec.version,
        "EventTypes": spec.event_types,
    }
    members = {"Notification": notification, "TestEventType": event}
    call(visit.engine, visit.requester_id, "SendTestEventNotification", members)
    return f"A test event {event} was sent to {spec.destination}, which took it."


ACTIONS = (
    Action(
        path="/requester/hits/{hit_id}/expire",
        title="Expire this HIT now?",
        says="Nobody can accept it any more. Who works on it may still submit. The money held for "
        "slots that nobody took is released.",
        button="Expire now",
        done="The HIT expired.",
        about=about,
        perform=_expire,
        danger=True,
    ),
    Action(
        path="/requester/hits/{hit_id}/prolong",
        title="Give more time",
        says="The HIT expires so much later; if it has expired, counted from now. That alone adds "
        "no assignments.",
        button="Give more time",
        done="The HIT expires later.",
        about=about,
        perform=_prolong,
        fields=(Field(name="hours", label="Hours more", kind="number", value="24"),),
    ),
    Action(
        path="/requester/hits/{hit_id}/assignments",
        title="Ask for more assignments",
        says="Money for them is held. That alone does not bring back an expired HIT. A HIT "
        "posted with fewer than ten assignments may never reach ten, unless the operator allows "
        "it.",
        button="Add assignments",
        done="The HIT asks for more assignments.",
        about=about,
        perform=_add_assignments,
        fields=(Field(name="number", label="Assignments more", kind="number", value="1"),),
    ),
    Action(
        path="/requester/hits/{hit_id}/delete",
        title="Delete this HIT?",
        says="It leaves all lists, and its answers can no longer be looked at. Every submission "
        "must be approved or rejected before. This cannot be undone.",
        button="Delete for ever",
        done="The HIT was deleted.",
        about=about,
        perform=_delete,
        danger=True,
        after="/requester/hits",
    ),
    Action(
        path="/requester/types/{hit_type_id}/test",
        title="Send a test event",
        says="It is sent at once, whether or not the HIT type subscribes to it, with ids of "
        "nothing.",
        button="Send it",
        done="Sent.",
        about=about_type,
        perform=_test,
        fields=(
            Field(
                name="event",
                label="Event",
                kind="choice",
                value=EventType.PING.value,
                options=tuple(event.value for event in EventType),
            ),
        ),
    ),
)
