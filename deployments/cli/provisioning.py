"""The way that notifications take: made or mended, and tried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from deployments.cli.notifications import tell_left_off
from deployments.cli.opening import open_database
from deployments.cli.showing import confirm, count, say
from deployments.provision import Changes, Names, NotificationPath, provision_path
from deployments.provision.proof import ping as send_ping
from hitline.acting import controlling
from hitline.errors import StoreError
from hitline.model import EventType
from hitline.mturk.client import connect
from hitline.mturk.connection import boto_client
from hitline.settings import Settings, read_settings
from hitline.store import Store, inbox, pipelines, subscriptions
from hitline.wiring import Hitline, wire


def provision(
    *,
    transport: Annotated[
        Literal["sqs", "sns"] | None, Parameter(help="How notifications come; as set, if not said.")
    ] = None,
    name: Annotated[str, Parameter(help="What queue and topic are called.")] = Names().queue,
    raw: Annotated[
        bool, Parameter(negative="", help="SNS delivers MTurk's document without its envelope.")
    ] = False,
    ping: Annotated[bool, Parameter(help="Send a Ping through to prove the way.")] = True,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
) -> None:
    """Make or mend queue, dead-letter queue, topic, policies and notification settings.

    What would change is said first; a second run changes nothing. For example: hitline provision
    """
    settings = read_settings()
    by = transport or settings.transport
    hitline = _opened(settings)
    planned = Changes(dry=True)
    thought = _way(settings, by, name, raw, planned)
    stray, off = _stray(hitline, thought) if hitline else ([], 0)
    for told in (*planned.said, *planned.kept):
        say(told)
    if stray:
        say(f"send the events of {count(len(stray), 'HIT type')} there")
    tell_left_off(off)
    if not planned.said and not stray:
        say("nothing has to be changed")
    elif not yes:
        confirm("Change that?")
    path = _way(settings, by, name, raw, Changes())
    if hitline:
        controlling.send_types_to(hitline, stray, path.transport, path.destination)
    say(f"HITLINE_TRANSPORT={by}")
    say(f"HITLINE_QUEUE_URL={path.queue_url}")
    if path.transport == "SNS":
        say(f"HITLINE_TOPIC_ARN={path.destination}")
    if ping:
        _prove(settings, hitline, path)


def _way(
    settings: Settings, transport: str, name: str, raw: bool, changes: Changes
) -> NotificationPath:
    return provision_path(
        "SNS" if transport == "sns" else "SQS",
        Names(queue=name, dead_letters=f"{name}-dead", topic=name),
        sqs=_client(settings, "sqs"),
        sns=_client(settings, "sns"),
        account=settings.source_account,
        raw=raw,
        changes=changes,
    )


def _opened(settings: Settings) -> Hitline | None:
    """The requester's side, if there is a database already."""
    try:
        return wire(settings, store=open_database(settings))
    except StoreError:
        return None


def _stray(hitline: Hitline, path: NotificationPath) -> tuple[list[str], int]:
    """The HIT types whose events were not sent along `path` when they were last set, and how many
    there are that somebody has switched off, which stay so."""
    with hitline.store.reading() as connection:
        types = [
            one
            for name in pipelines.names(connection)
            for one in subscriptions.of_pipeline(connection, name)
        ]
    right = (path.transport, path.destination)
    off = {one.hit_type_id for one in types if one.transport is not None and not one.active}
    stray = [
        one.hit_type_id
        for one in types
        if one.hit_type_id not in off and (one.transport, one.destination) != right
    ]
    return list(dict.fromkeys(stray)), len(off)


def _prove(settings: Settings, hitline: Hitline | None, path: NotificationPath) -> None:
    if settings.endpoint_url is None:
        say("no Ping was sent: HITLINE_ENDPOINT_URL is not set")
        return
    store = hitline.store if hitline else None
    said = send_ping(
        connect(endpoint_url=settings.endpoint_url, region=settings.region),
        path,
        sqs=_client(settings, "sqs"),
        stored=lambda: _last_ping(store) if store else None,
    )
    say(said)


def _last_ping(store: Store) -> datetime | None:
    with store.reading() as connection:
        return inbox.last_event(connection, EventType.PING)


def _client(settings: Settings, service: Literal["sqs", "sns"]) -> Any:
    endpoint = settings.sqs_endpoint if service == "sqs" else settings.sns_endpoint
    return boto_client(service, endpoint_url=endpoint, region=settings.region)
