"""HIT types and HITs at the marketplace: posted, found, listed, prolonged and put away."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.errors import (
    AlreadyDone,
    Refused,
    WrongState,
)
from hitline.model import Hit, HitStatus
from hitline.mturk.client import Requester
from tests.contracts.requester.asking import (
    HOUR,
    calls,
    make_type,
    post,
    work,
)


def test_the_same_attributes_are_the_same_hit_type(requester: Requester) -> None:
    assert make_type(requester) == make_type(requester)
    assert make_type(requester) != make_type(requester, reward=Decimal("0.06"))


def test_a_qualification_requirement_reaches_the_hit_type(
    client: Any, requester: Requester
) -> None:
    locale = {
        "QualificationTypeId": "00000000000000000071",
        "Comparator": "EqualTo",
        "LocaleValues": [{"Country": "US"}],
    }
    hit = post(requester, make_type(requester, qualifications=[locale]))

    (found,) = client.get_hit(HITId=hit.hit_id)["HIT"]["QualificationRequirements"]
    assert found["LocaleValues"] == [{"Country": "US"}]


def test_a_reward_of_broken_cents_is_refused_before_it_is_sent(
    client: Any, requester: Requester
) -> None:
    sent = calls(client)

    with pytest.raises(Refused, match=r"0\.055 US dollars is not a whole number of cents"):
        make_type(requester, reward=Decimal("0.055"))

    assert sent == []


def test_a_posted_hit_is_found_again_as_it_was_posted(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    posted = post(requester, hit_type_id)

    assert requester.get_hit(posted.hit_id) == posted
    assert posted == Hit(
        hit_id=posted.hit_id,
        hit_type_id=hit_type_id,
        status=HitStatus.ASSIGNABLE,
        max_assignments=2,
        pending=0,
        available=2,
        completed=0,
        reward=Decimal("0.05"),
        created_at=market.clock.now(),
        expires_at=market.clock.now() + HOUR,
        duration=timedelta(minutes=5),
        annotation="dogs/breed/i1/0/0",
        title="Which breed is the dog?",
    )


@pytest.mark.slow
def test_every_hit_is_listed_though_they_fill_more_than_a_page(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    posted = {post(requester, hit_type_id, token=f"t{n}").hit_id for n in range(101)}
    sent = calls(client)

    listed = [hit.hit_id for hit in requester.list_hits()]

    assert len(listed) == 101
    assert set(listed) == posted
    assert sent == ["ListHITs"] * 3  # 100, 1, and the empty page that ends the list


def test_reviewable_hits_are_listed_by_type_and_until_marked(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    other_type = make_type(requester, title="Another question")
    ours, other = post(requester, hit_type_id, "a"), post(requester, other_type, "b")
    post(requester, hit_type_id, "c")
    requester.expire(ours.hit_id)
    requester.expire(other.hit_id)

    assert set(requester.reviewable_hits()) == {ours.hit_id, other.hit_id}
    assert list(requester.reviewable_hits(hit_type_id)) == [ours.hit_id]

    requester.mark_reviewing(ours.hit_id)
    assert list(requester.reviewable_hits()) == [other.hit_id]
    assert list(requester.reviewable_hits(reviewing=True)) == [ours.hit_id]


def test_marking_a_hit_that_is_not_reviewable_is_wrong_state(
    requester: Requester, hit_type_id: str
) -> None:
    with pytest.raises(WrongState):
        requester.mark_reviewing(post(requester, hit_type_id).hit_id)


def test_a_type_can_be_changed_until_somebody_accepted(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    dearer = make_type(requester, reward=Decimal("0.08"))
    hit = post(requester, hit_type_id)

    requester.change_type(hit.hit_id, dearer)
    assert requester.get_hit(hit.hit_id).reward == Decimal("0.08")

    work(market, hit, 1)
    with pytest.raises(WrongState):
        requester.change_type(hit.hit_id, hit_type_id)


def test_a_hit_is_disposed_of_once_every_submission_is_judged(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id, max_assignments=1)
    work(market, hit, 1)
    with pytest.raises(WrongState):
        requester.dispose(hit.hit_id)

    (assignment,) = requester.assignments(hit.hit_id)
    requester.approve(assignment.assignment_id)
    requester.dispose(hit.hit_id)

    assert list(requester.list_hits()) == []
    with pytest.raises(WrongState, match="Disposed"):
        requester.dispose(hit.hit_id)


def test_expiring_takes_a_hit_off_the_market_and_is_harmless_twice(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    requester.expire(hit.hit_id)
    requester.expire(hit.hit_id)

    found = requester.get_hit(hit.hit_id)
    assert found.status is HitStatus.REVIEWABLE
    assert found.expires_at == market.clock.now()


def test_an_extension_sets_the_new_expiry_rounded_up_to_a_second(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    requester.extend_expiry(hit.hit_id, hit.expires_at + timedelta(seconds=59.5))

    expected = hit.expires_at + timedelta(seconds=60)
    assert requester.get_hit(hit.hit_id).expires_at == expected


def test_the_same_extension_again_is_already_done(requester: Requester, hit_type_id: str) -> None:
    hit = post(requester, hit_type_id)
    requester.extend_expiry(hit.hit_id, hit.expires_at + HOUR)

    with pytest.raises(AlreadyDone):
        requester.extend_expiry(hit.hit_id, hit.expires_at + HOUR)


@pytest.mark.parametrize("seconds", [59, 0, -60], ids=["too little", "nothing", "shorter"])
def test_an_extension_of_less_than_a_minute_is_refused(
    requester: Requester, hit_type_id: str, seconds: int
) -> None:
    hit = post(requester, hit_type_id)

    with pytest.raises(Refused, match="Valid values range from 60"):
        requester.extend_expiry(hit.hit_id, hit.expires_at + timedelta(seconds=seconds))


def test_an_expired_hit_is_offered_again_when_extended(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    requester.expire(hit.hit_id)

    requester.extend_expiry(hit.hit_id, market.clock.now() + timedelta(minutes=2))

    assert requester.get_hit(hit.hit_id).status is HitStatus.ASSIGNABLE
