"""The same call twice, and calls whose answer is lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hitline.errors import (
    AlreadyDone,
    Refused,
    Unavailable,
)
from hitline.mturk.client import Requester
from hitline.mturk.connection import boto_client
from tests.contracts.requester.asking import (
    LosesTheResponse,
    make_type,
    post,
)


def test_a_reused_token_is_already_done_and_names_the_hit(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id, token="once")

    with pytest.raises(AlreadyDone) as caught:
        post(requester, hit_type_id, token="once")

    assert caught.value.existing_id == hit.hit_id


def test_assignments_are_added_once_for_a_token(requester: Requester, hit_type_id: str) -> None:
    hit = post(requester, hit_type_id)
    requester.add_assignments(hit.hit_id, 3, "more")

    with pytest.raises(AlreadyDone):
        requester.add_assignments(hit.hit_id, 3, "more")

    assert requester.get_hit(hit.hit_id).max_assignments == 5


def test_ten_assignments_are_out_of_reach_of_a_hit_posted_with_fewer(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    with pytest.raises(Refused) as caught:
        requester.add_assignments(hit.hit_id, 8, "more")

    assert caught.value.code == "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"


def test_a_hit_whose_response_was_lost_is_posted_once_and_found(
    market: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore tries again by itself, and the second answer says what the first did."""
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    client = boto_client(
        "mturk", endpoint_url=market.url, region="us-east-1", credentials=market.credentials
    )
    requester, loses = Requester(client), LosesTheResponse()
    hit_type_id = make_type(requester)
    client.meta.events.register("before-send.mturk.CreateHITWithHITType", loses)

    with pytest.raises(AlreadyDone) as caught:
        post(requester, hit_type_id)

    assert loses.lost == len(pauses) == 1
    assert [hit.hit_id for hit in requester.list_hits()] == [caught.value.existing_id]


def test_a_response_lost_for_good_leaves_the_effect_unknown(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    client.meta.events.register(
        "before-send.mturk.CreateAdditionalAssignmentsForHIT", LosesTheResponse()
    )

    with pytest.raises(Unavailable):
        requester.add_assignments(hit.hit_id, 3, "more")

    assert requester.get_hit(hit.hit_id).max_assignments == 5
    with pytest.raises(AlreadyDone):
        requester.add_assignments(hit.hit_id, 3, "more")
