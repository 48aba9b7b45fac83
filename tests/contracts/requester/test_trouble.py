"""What does not exist, who may not ask, and an endpoint in trouble."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hitline.errors import (
    Gone,
    MTurkError,
    NotAuthorized,
    NotYet,
    Refused,
    Throttled,
    Unavailable,
)
from hitline.mturk.client import Requester, connect
from hitline.mturk.connection import Credentials, boto_client
from tests.contracts.requester.asking import (
    UNKNOWN,
    answering,
    make_type,
    post,
)

ON_WHAT_DOES_NOT_EXIST: tuple[Callable[[Requester], object], ...] = (
    lambda requester: requester.get_hit(UNKNOWN),
    lambda requester: requester.assignments(UNKNOWN),
    lambda requester: requester.add_assignments(UNKNOWN, 1, "t"),
    lambda requester: requester.expire(UNKNOWN),
    lambda requester: requester.mark_reviewing(UNKNOWN),
    lambda requester: requester.dispose(UNKNOWN),
    lambda requester: requester.get_assignment(UNKNOWN),
    lambda requester: requester.approve(UNKNOWN),
    lambda requester: post(requester, UNKNOWN),
    lambda requester: requester.set_active(UNKNOWN, True),
)


def test_what_does_not_exist_is_gone(requester: Requester) -> None:
    for call in ON_WHAT_DOES_NOT_EXIST:
        with pytest.raises(Gone):
            call(requester)


def test_an_unknown_key_is_not_authorized(market: Any) -> None:
    stranger = Credentials(access_key_id="AKIASTRANGER", secret_access_key="none")
    requester = connect(endpoint_url=market.url, credentials=stranger)

    with pytest.raises(NotAuthorized):
        requester.balance()


def test_a_question_that_is_no_xml_is_refused(requester: Requester, hit_type_id: str) -> None:
    with pytest.raises(Refused):
        post(requester, hit_type_id, question="Which breed?")


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (400, {"__type": "ThrottlingException", "message": "Rate exceeded"}, Throttled),
        (500, {"__type": "ServiceFault", "Message": "…"}, Unavailable),
        (
            400,
            {
                "__type": "RequestError",
                "Message": "This operation can be called with a status of: null (1)",
                "TurkErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState",
            },
            NotYet,
        ),
    ],
)
def test_an_endpoint_in_trouble_is_told_from_one_that_refuses(
    client: Any,
    requester: Requester,
    status: int,
    document: dict[str, str],
    expected: type[MTurkError],
) -> None:
    client.meta.events.register("before-send.mturk", answering(status, document))

    with pytest.raises(expected):
        requester.approve(UNKNOWN)


def test_throttling_in_the_middle_of_a_list_is_throttled(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    post(requester, hit_type_id)
    hits = requester.list_hits()
    next(hits)
    document = {"__type": "ThrottlingException", "message": "Rate exceeded"}
    client.meta.events.register("before-send.mturk.ListHITs", answering(400, document))

    with pytest.raises(Throttled, match="ListHITs: Rate exceeded"):
        next(hits)


def test_a_web_server_that_is_no_mturk_is_named(client: Any, requester: Requester) -> None:
    client.meta.events.register("before-send.mturk", answering(200, {"hello": "world"}))

    with pytest.raises(MTurkError, match="the endpoint does not speak MTurk's API"):
        requester.assignments(UNKNOWN)


def test_connect_serves_many_threads_and_retries_adaptively_up_to_six_times(market: Any) -> None:
    client = boto_client(
        "mturk",
        endpoint_url=market.url,
        region="us-east-1",
        credentials=market.credentials,
        max_pool_connections=8,
    )
    requester = Requester(client)
    hit_type_id = make_type(requester)

    with ThreadPoolExecutor(8) as pool:
        posted = list(pool.map(lambda n: post(requester, hit_type_id, f"t{n}"), range(16)))

    assert len({hit.hit_id for hit in posted}) == 16
    assert client.meta.config.max_pool_connections == 8
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 6}
