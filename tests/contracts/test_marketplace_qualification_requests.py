"""Asking for qualifications, as workers do: tests, waiting, retries."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from marketplace.engine import blocks, qualification_requests, requesters
from marketplace.engine.qualification_requests import RequestOutcome, Standing
from marketplace.errors import CannotWork
from tests.contracts.qualifying import KEY, TEST, answers, create

TESTED = {"Test": TEST, "TestDurationInSeconds": 300}
SCORED = {**TESTED, "AnswerKey": KEY}


@pytest.fixture(autouse=True)
def _worker(market: Any) -> None:
    market.engine.register_worker("A1")


def make(market: Any, **members: Any) -> str:
    return str(create(market.client, **members)["QualificationTypeId"])


def begin(market: Any, type_id: str, worker: str = "A1") -> qualification_requests.TestSession:
    with market.engine.act() as tx:
        return qualification_requests.begin_test(tx, worker, type_id)


def ask(market: Any, type_id: str, answer: str | None = None, worker: str = "A1") -> RequestOutcome:
    with market.engine.act() as tx:
        return qualification_requests.request(tx, worker, type_id, answer)


def standing(market: Any, type_id: str) -> Standing:
    with market.engine.look() as tx:
        return qualification_requests.standing(tx, "A1", type_id)


def score(market: Any, type_id: str) -> int:
    found = market.client.get_qualification_score(QualificationTypeId=type_id, WorkerId="A1")
    return int(found["Qualification"]["IntegerValue"])


def test_an_automatic_type_grants_at_once(market: Any) -> None:
    type_id = make(market, AutoGranted=True, AutoGrantedValue=42)
    assert ask(market, type_id) == RequestOutcome(status="Granted", value=42)
    assert score(market, type_id) == 42
    assert standing(market, type_id).value == 42


def test_other_types_without_a_test_wait_for_the_requester(market: Any) -> None:
    type_id = make(market)
    assert ask(market, type_id) == RequestOutcome(status="Pending", value=None)
    found = standing(market, type_id)
    assert (found.value, found.pending, found.can_request) == (None, True, False)
    with pytest.raises(CannotWork, match="wait for an answer"):
        ask(market, type_id)


@pytest.mark.parametrize(
    ("selections", "value"), [(["yes"], 7), (["no"], 0), ([], 0), (["yes", "no"], 0)]
)
def test_a_test_with_a_key_is_scored_at_once(
    market: Any, selections: list[str], value: int
) -> None:
    type_id = make(market, **SCORED)
    session = begin(market, type_id)
    assert session.test_xml == TEST
    assert session.deadline - session.started_at == timedelta(seconds=300)
    outcome = ask(market, type_id, answers(*selections))
    assert outcome == RequestOutcome(status="Granted", value=value)
    assert score(market, type_id) == value


def test_a_test_without_a_key_waits_for_the_requester(market: Any) -> None:
    type_id = make(market, **TESTED)
    begin(market, type_id)
    assert ask(market, type_id, answers("yes")).status == "Pending"
    assert standing(market, type_id).pending


def test_a_test_that_was_begun_goes_on_until_its_time_is_up(market: Any) -> None:
    """Coming back to it is no new try."""
    type_id = make(market, **SCORED)
    first = begin(market, type_id)
    market.advance(seconds=299)
    assert begin(market, type_id) == first
    assert standing(market, type_id).can_request
    market.advance(seconds=1)
    with pytest.raises(CannotWork, match="for the test of the qualification “Cats” is over"):
        ask(market, type_id, answers("yes"))
    with pytest.raises(CannotWork, match="only once"):
        begin(market, type_id)


@pytest.mark.parametrize(
    ("members", "answer", "text"),
    [
        (SCORED, None, "has a test: begin it first"),
        (SCORED, answers("yes"), "has a test: begin it first"),
    ],
)
def test_a_test_must_be_begun_before_it_is_handed_in(
    market: Any, members: dict[str, Any], answer: str | None, text: str
) -> None:
    type_id = make(market, **members)
    with pytest.raises(CannotWork, match=text):
        ask(market, type_id, answer)


def test_a_test_is_not_passed_by_asking(market: Any) -> None:
    type_id = make(market, **SCORED)
    begin(market, type_id)
    with pytest.raises(CannotWork, match="hand it in"):
        ask(market, type_id)


@pytest.mark.parametrize("answer", ["", "no xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_answers_that_cannot_be_read_leave_the_test_open(market: Any, answer: str) -> None:
    type_id = make(market, **SCORED)
    session = begin(market, type_id)
    with pytest.raises(CannotWork, match="cannot be read"):
        ask(market, type_id, answer)
    assert begin(market, type_id) == session


def test_a_test_is_scored_by_the_key_that_it_had_when_it_was_begun(market: Any) -> None:
    type_id = make(market, **SCORED)
    begin(market, type_id)
    market.client.update_qualification_type(
        QualificationTypeId=type_id, **TESTED, AnswerKey=KEY.replace("7", "99")
    )
    assert ask(market, type_id, answers("yes")).value == 7


def test_without_a_retry_delay_there_is_one_try(market: Any) -> None:
    type_id = make(market, AutoGranted=True)
    ask(market, type_id)
    market.advance(days=300)
    found = standing(market, type_id)
    assert (found.can_request, found.may_request_at) == (False, None)
    with pytest.raises(CannotWork, match="only once"):
        ask(market, type_id)


@pytest.mark.parametrize("handed_in", [True, False])
def test_a_retry_waits_from_when_the_last_test_began(market: Any, handed_in: bool) -> None:
    """A better score replaces the former; so does a worse one."""
    type_id = make(market, **SCORED, RetryDelayInSeconds=600)
    begun = begin(market, type_id).started_at
    market.advance(seconds=200)
    if handed_in:
        ask(market, type_id, answers("yes"))
    market.advance(seconds=399)
    found = standing(market, type_id)
    assert found.may_request_at == begun + timedelta(seconds=600)
    assert found.why_not is not None
    assert "2026-01-05 10:10 UTC" in found.why_not
    with pytest.raises(CannotWork, match="2026-01-05 10:10 UTC"):
        begin(market, type_id)
    market.advance(seconds=1)
    assert standing(market, type_id).can_request
    begin(market, type_id)
    assert ask(market, type_id, answers("no")).value == 0
    assert score(market, type_id) == 0


def test_after_a_rejection_the_retry_delay_counts(market: Any) -> None:
    type_id = make(market, RetryDelayInSeconds=60)
    ask(market, type_id)
    [found] = market.client.list_qualification_requests()["QualificationRequests"]
    market.client.reject_qualification_request(
        QualificationRequestId=found["QualificationRequestId"]
    )
    with pytest.raises(CannotWork, match="again from"):
        ask(market, type_id)
    market.advance(seconds=60)
    assert ask(market, type_id).status == "Pending"


def test_who_was_given_a_qualification_or_lost_it_may_still_ask(market: Any) -> None:
    type_id = make(market, AutoGranted=True, AutoGrantedValue=9)
    given = {"QualificationTypeId": type_id, "WorkerId": "A1"}
    market.client.associate_qualification_with_worker(**given, IntegerValue=2)
    market.client.disassociate_qualification_from_worker(**given)
    assert standing(market, type_id).value is None
    assert ask(market, type_id).value == 9
    assert score(market, type_id) == 9


def _inactive(market: Any, type_id: str) -> None:
    market.client.update_qualification_type(
        QualificationTypeId=type_id, QualificationTypeStatus="Inactive"
    )


def _deleted(market: Any, type_id: str) -> None:
    market.client.delete_qualification_type(QualificationTypeId=type_id)


def _gone(market: Any, type_id: str) -> None:
    _deleted(market, type_id)
    market.advance(hours=48)


def _blocked(market: Any, type_id: str) -> None:
    with market.engine.act() as tx:
        blocks.block(tx, requesters.named(tx, "lab").requester_id, "A1", "Spam")


REFUSALS = [
    (_inactive, "cannot be requested at present"),
    (_deleted, "was withdrawn"),
    (_gone, "no qualification"),
    (_blocked, "does not want you"),
]


@pytest.mark.parametrize(("happens", "text"), REFUSALS)
def test_a_request_may_be_out_of_the_question(
    market: Any, happens: Callable[[Any, str], None], text: str
) -> None:
    type_id = make(market)
    happens(market, type_id)
    with pytest.raises(CannotWork, match=text):
        ask(market, type_id)
    if happens is not _gone:
        found = standing(market, type_id)
        assert not found.can_request
        assert found.why_not is not None
        assert text in found.why_not


@pytest.mark.parametrize(("happens", "text"), [(_deleted, "withdrawn"), (_gone, "no qualif")])
def test_a_deleted_type_ends_the_tests_being_taken(
    market: Any, happens: Callable[[Any, str], None], text: str
) -> None:
    type_id = make(market, **SCORED)
    begin(market, type_id)
    happens(market, type_id)
    with pytest.raises(CannotWork, match=text):
        ask(market, type_id, answers("yes"))


@pytest.mark.parametrize("happens", [_inactive, _blocked])
def test_who_began_in_good_time_may_hand_in(
    market: Any, happens: Callable[[Any, str], None]
) -> None:
    type_id = make(market, **SCORED)
    begin(market, type_id)
    happens(market, type_id)
    assert ask(market, type_id, answers("yes")).value == 7


def test_types_and_workers_must_be_known(market: Any) -> None:
    with pytest.raises(CannotWork, match="no qualification 3NONE"):
        ask(market, "3NONE")
    with pytest.raises(CannotWork, match="no qualification 00000000000000000071"):
        ask(market, "00000000000000000071")
    with pytest.raises(CannotWork, match="A9 is no registered worker"):
        ask(market, make(market), worker="A9")


@pytest.mark.parametrize("members", [{}, {"AutoGranted": True}, SCORED])
def test_two_requests_at_once_are_one(market: Any, members: dict[str, Any]) -> None:
    """Of a worker who clicks twice: one is granted or kept, the others are refused."""
    type_id = make(market, **members)
    answer = None
    if members is SCORED:
        answer = answers("yes")
        begin(market, type_id)

    def attempt(_: int) -> str | None:
        try:
            return ask(market, type_id, answer).status
        except CannotWork:
            return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(outcome is None for outcome in outcomes) == [False] + [True] * 7


def test_two_tests_begun_at_once_are_one(market: Any) -> None:
    type_id = make(market, **SCORED)
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: begin(market, type_id), range(8)))
    assert len({session.request_id for session in sessions}) == 1
