"""Lists of HITs, and the pages they come in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest


def test_every_page_that_is_not_empty_has_a_token(market: Any) -> None:
    """Newest first; the list ends with an empty page, which alone has none."""
    ids = [market.create_hit()["HITId"] for _ in range(5)]
    pages, arguments = [], {"MaxResults": 2}
    while True:
        page = market.client.list_hits(**arguments)
        pages.append([hit["HITId"] for hit in page["HITs"]])
        assert page["NumResults"] == len(page["HITs"])
        if "NextToken" not in page:
            break
        assert len(page["NextToken"]) <= 255
        arguments["NextToken"] = page["NextToken"]
    newest_first = ids[::-1]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:], []]


def test_botocores_paginator_sees_each_hit_once(market: Any) -> None:
    ids = {market.create_hit()["HITId"] for _ in range(11)}
    pages = market.client.get_paginator("list_hits").paginate(MaxResults=3)
    found = [hit["HITId"] for page in pages for hit in page["HITs"]]
    assert len(found) == 11
    assert set(found) == ids


@pytest.mark.parametrize("token", ["p1:nonsense", "p1:eyJ9", "x"])
def test_a_token_of_ones_own_making_is_refused(market: Any, token: str) -> None:
    error = market.refusal(market.client.list_hits, NextToken=token)
    assert error["code"] == "ParameterValidationError"


def test_a_token_that_was_changed_is_refused(market: Any) -> None:
    """Its key is of numbers and times, which nothing else may take the place of."""
    market.create_hit()
    token = market.client.list_hits()["NextToken"]
    mark, _ = json.loads(base64.b64decode(token.removeprefix("p1:")))
    forged = base64.b64encode(json.dumps([mark, ["x"]]).encode()).decode()
    error = market.refusal(market.client.list_hits, NextToken=f"p1:{forged}")
    assert error["code"] == "ParameterValidationError"


def test_a_token_of_another_list_is_refused(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    token = market.client.list_hits()["NextToken"]
    error = market.refusal(market.client.list_assignments_for_hit, HITId=hit_id, NextToken=token)
    assert error["code"] == "ParameterValidationError"


@pytest.mark.parametrize(
    ("operation", "key", "about"),
    [
        ("list_reviewable_hits", "HITs", None),
        ("list_assignments_for_hit", "Assignments", "HITId"),
        ("list_bonus_payments", "BonusPayments", "HITId"),
        ("list_bonus_payments", "BonusPayments", "AssignmentId"),
    ],
)
def test_each_list_ends_with_an_empty_page(
    market: Any, operation: str, key: str, about: str | None
) -> None:
    hit_id = market.create_hit()["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.client.send_bonus(
        AssignmentId=assignment_id, WorkerId="A1", BonusAmount="0.10", Reason="thanks"
    )
    ids = {"HITId": hit_id, "AssignmentId": assignment_id}
    given = {} if about is None else {about: ids[about]}
    call = getattr(market.client, operation)
    first = call(**given)
    assert (first["NumResults"], len(first[key])) == (1, 1)
    last = call(**given, NextToken=first["NextToken"])
    assert (last["NumResults"], last[key]) == (0, [])
    assert "NextToken" not in last


def test_reviewable_hits_are_listed_by_id_alone(market: Any) -> None:
    """By status and HIT type."""
    first, second = market.create_hit(), market.create_hit(Reward="0.07")
    market.create_hit()
    for hit in (first, second):
        market.submit(hit["HITId"], "A1")
    market.client.update_hit_review_status(HITId=second["HITId"])
    listed = market.client.list_reviewable_hits
    assert listed()["HITs"] == [{"HITId": first["HITId"]}]
    assert listed(Status="Reviewing")["HITs"] == [{"HITId": second["HITId"]}]
    assert listed(Status="Reviewing", HITTypeId=first["HITTypeId"])["HITs"] == []


def test_a_new_hit_may_be_listed_late_but_is_found_at_once(
    open_market: Callable[..., Any],
) -> None:
    market = open_market(index_lag=60)
    hit_id = market.create_hit()["HITId"]
    assert market.client.list_hits()["HITs"] == []
    assert market.status(hit_id) == "Assignable"
    market.advance(seconds=60)
    assert [hit["HITId"] for hit in market.client.list_hits()["HITs"]] == [hit_id]
