"""Faults: late, lost, refused and repeated, each when it is switched on and only then."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from marketplace.errors import InvalidSettings
from marketplace.faults import Faults, written
from marketplace.settings import Settings
from marketplace.store.faults import keep_faults, kept_faults

Open = Callable[..., Any]


def test_nothing_goes_wrong_unless_it_is_told_to() -> None:
    """Shares and lags are zero; delays of 0 to 2 seconds are how MTurk was on a good day."""
    values = Faults().model_dump()
    assert {name for name, value in values.items() if value} == {
        "notify_delay_max",
        "notify_late_min",
        "notify_late_max",
        "throttle_burst",
        "api_slow_seconds",
    }
    assert (values["notify_delay_min"], values["notify_delay_max"]) == (0, 2)


def extend(market: Any, hit_id: str) -> None:
    market.client.create_additional_assignments_for_hit(
        HITId=hit_id, NumberOfAdditionalAssignments=1
    )


def prolong(market: Any, hit_id: str) -> None:
    market.client.update_expiration_for_hit(
        HITId=hit_id, ExpireAt=market.clock.now() + timedelta(hours=2)
    )


def retype(market: Any, hit_id: str) -> None:
    hit_type_id = market.client.create_hit_type(
        Title="t", Description="d", Reward="0.05", AssignmentDurationInSeconds=60
    )["HITTypeId"]
    market.client.update_hit_type_of_hit(HITId=hit_id, HITTypeId=hit_type_id)


@pytest.mark.parametrize("change", [extend, prolong, retype])
def test_a_new_hit_cannot_be_changed_for_a_while(
    open_market: Open, change: Callable[[Any, str], None]
) -> None:
    market = open_market(hit_mutable_after=10)
    hit_id = market.create_hit()["HITId"]
    market.advance(seconds=9)
    error = market.refusal(lambda: change(market, hit_id))
    assert (error["code"], error["turk"]) == (
        "RequestError",
        "AWS.MechanicalTurk.InvalidHITState",
    )
    market.advance(seconds=1)
    change(market, hit_id)


def test_a_new_hit_can_be_expired_at_once(open_market: Open) -> None:
    market = open_market(hit_mutable_after=10)
    hit_id = market.create_hit()["HITId"]
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    assert market.status(hit_id) == "Reviewable"


def test_a_submission_is_not_known_everywhere_at_once(open_market: Open) -> None:
    """The list shows it; approving, rejecting and getting it name a state of null."""
    market = open_market(approve_consistency_delay=30)
    hit_id = market.create_hit(MaxAssignments=2)["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.advance(seconds=29)
    listed = market.client.list_assignments_for_hit(HITId=hit_id)["Assignments"]
    assert [assignment["AssignmentId"] for assignment in listed] == [assignment_id]
    about = {"AssignmentId": assignment_id}
    feedback = {**about, "RequesterFeedback": "no"}
    bonus = {**about, "WorkerId": "A1", "BonusAmount": "0.10", "Reason": "thanks"}
    for call, given in (
        (market.client.approve_assignment, about),
        (market.client.reject_assignment, feedback),
        (market.client.get_assignment, about),
    ):
        assert market.refusal(call, **given) == {
            "code": "RequestError",
            "turk": "AWS.MechanicalTurk.InvalidAssignmentState",
            "message": "This operation can be called with a status of: null",
        }
    assert market.refusal(market.client.send_bonus, **bonus) == {
        "code": "RequestError",
        "turk": "AWS.MechanicalTurk.AssignmentDoesNotExist",
        "message": f"Assignment {assignment_id} does not exist.",
    }
    market.advance(seconds=1)
    market.client.approve_assignment(**about)
    market.client.send_bonus(**bonus)


def counts(market: Any, hit_id: str) -> tuple[int, int, int]:
    """Available, pending, completed."""
    hit = market.client.get_hit(HITId=hit_id)["HIT"]
    return (
        hit["NumberOfAssignmentsAvailable"],
        hit["NumberOfAssignmentsPending"],
        hit["NumberOfAssignmentsCompleted"],
    )


def test_counters_may_lag_behind_what_was_done(open_market: Open) -> None:
    """Five slots: submitted work counts as pending, judged work as not judged, for a minute."""
    market = open_market(counter_lag=60)
    hit_id = market.create_hit(MaxAssignments=5)["HITId"]
    first, second = (market.submit(hit_id, f"A{number}") for number in (1, 2))
    assert counts(market, hit_id) == (3, 2, 0)
    market.advance(seconds=60)
    assert counts(market, hit_id) == (3, 0, 0)
    market.client.approve_assignment(AssignmentId=first)
    market.client.reject_assignment(AssignmentId=second, RequesterFeedback="no")
    assert counts(market, hit_id) == (3, 0, 0)
    market.advance(seconds=60)
    assert counts(market, hit_id) == (3, 0, 2)


def test_changed_notification_settings_act_after_a_while(open_market: Open) -> None:
    """Until then the old ones do, or none; what happens meanwhile is not made up for."""
    market = open_market(notification_spec_lag=300)
    hit_type_id = market.create_hit()["HITTypeId"]
    market.subscribe(hit_type_id, "HITCreated")
    market.create_hit()
    assert market.events() == []
    market.advance(seconds=300)
    market.create_hit()
    assert market.events() == ["HITCreated"]
    market.subscribe(hit_type_id, "HITExpired")
    market.client.update_notification_settings(HITTypeId=hit_type_id, Active=False)
    market.create_hit()
    assert market.events() == ["HITCreated"] * 2
    market.advance(seconds=300)
    market.create_hit()
    market.advance(days=1)
    assert market.events() == ["HITCreated"] * 2


@pytest.mark.parametrize("ending", ["submit", "return", "abandon"])
def test_a_forced_expiry_may_silence_the_work_that_was_held(open_market: Open, ending: str) -> None:
    """Reported once of MTurk; the requester's own acts are told of as ever."""
    market = open_market(drop_events_after_forced_expiry=True)
    hit = market.create_hit(MaxAssignments=2)
    market.subscribe(
        hit["HITTypeId"],
        *["AssignmentSubmitted", "AssignmentReturned", "AssignmentAbandoned"],
        *["HITExpired", "HITReviewable", "AssignmentApproved"],
    )
    held = market.accept(hit["HITId"], "A1")
    market.client.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    if ending == "submit":
        market.engine.submit(held, "A1", {})
        market.client.approve_assignment(AssignmentId=held)
    elif ending == "return":
        market.engine.give_back(held, "A1")
    else:
        market.advance(minutes=10)
    assert market.status(hit["HITId"]) == "Reviewable"
    assert market.events() == ["HITExpired", *["AssignmentApproved"] * (ending == "submit")]
    prolong(market, hit["HITId"])
    market.submit(hit["HITId"], "A2")
    assert market.events()[-1] == ("HITReviewable" if ending == "submit" else "AssignmentSubmitted")


@pytest.mark.parametrize("settings", [{}, {"drop_events_after_forced_expiry": True}])
def test_expiry_that_nobody_holds_work_through_is_told_of(
    open_market: Open, settings: dict[str, Any]
) -> None:
    market = open_market(**settings)
    hit = market.create_hit()
    market.subscribe(hit["HITTypeId"], "HITExpired", "HITReviewable")
    market.client.update_expiration_for_hit(HITId=hit["HITId"], ExpireAt=0)
    assert market.events() == ["HITExpired", "HITReviewable"]


def test_an_account_has_a_number_of_calls_a_second(open_market: Open) -> None:
    """A burst of three, then two a second by the wall; another account has its own."""
    market = open_market(throttle_rate=2, throttle_burst=3)
    balance = market.client.get_account_balance
    stranger = market.client_of(market.add_requester("other"))
    for _ in range(3):
        balance()
    assert market.refusal(balance) == {
        "code": "ThrottlingException",
        "turk": None,
        "message": "Rate exceeded",
    }
    stranger.get_account_balance()
    market.advance(seconds=0.5)
    balance()
    assert market.refusal(balance)["code"] == "ThrottlingException"
    market.advance(hours=1)
    for _ in range(3):
        balance()
    assert market.refusal(balance)["code"] == "ThrottlingException"


@pytest.mark.parametrize(
    ("fault", "hits"), [("api_fault_before", 0), ("api_fault_after", 1)], ids=["undone", "done"]
)
def test_a_call_fails_before_or_after_it_acted(open_market: Open, fault: str, hits: int) -> None:
    market = open_market(**{fault: 1})
    error = market.refusal(market.create_hit, UniqueRequestToken="t-1")
    assert (error["code"], error["turk"]) == ("ServiceFault", "AWS.ServiceUnavailable")
    set_faults(market, **{fault: "0"})
    assert market.client.list_hits()["NumResults"] == hits


def test_a_share_of_calls_is_throttled_however_few_come(open_market: Open) -> None:
    market = open_market(api_throttled=1)
    error = market.refusal(market.create_hit)
    assert error["code"] == "ThrottlingException"
    set_faults(market, api_throttled="0")
    assert market.client.list_hits()["NumResults"] == 0


def test_a_refusal_stays_one_when_calls_fail_afterwards(open_market: Open) -> None:
    market = open_market(api_fault_after=1)
    error = market.refusal(market.client.get_hit, HITId="3A")
    assert error["turk"] == "AWS.MechanicalTurk.HITDoesNotExist"


def test_a_share_of_calls_fails_as_the_seed_says(open_market: Open) -> None:
    def failures(seed: int) -> list[bool]:
        market = open_market(api_fault_before=0.5, seed=seed)
        return [market.post("GetAccountBalance").status_code == 500 for _ in range(20)]

    first = failures(1)
    assert 0 < sum(first) < 20
    assert failures(1) == first
    assert failures(2) != first


def test_a_share_of_calls_is_slow(open_market: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    market = open_market(api_slow=1, api_slow_seconds=7)
    monkeypatch.setattr("marketplace.api.faults.time", _Time(waited))
    market.client.get_account_balance()
    assert waited == [7]


class _Time:
    def __init__(self, waited: list[float]) -> None:
        self.sleep = waited.append
        self.monotonic = time.monotonic


def set_faults(market: Any, **changes: str) -> None:
    """As `marketplace faults set` does, and the ticker's next round."""
    with market.store.write() as connection:
        keep_faults(connection, written(kept_faults(connection), changes))
    market.engine.tick()


def test_faults_are_set_and_cleared_while_the_service_runs(open_market: Open) -> None:
    """They last over a restart, beside those it was started with."""
    market = open_market(index_lag=60)
    hit_id = market.create_hit()["HITId"]
    listed = market.client.list_hits
    set_faults(market, hit_mutable_after="60", index_lag="0")
    assert listed()["NumResults"] == 1
    market.restart()
    assert market.client.list_hits()["NumResults"] == 1
    market.refusal(lambda: extend(market, hit_id))
    with market.store.write() as connection:
        keep_faults(connection, None)
    market.engine.tick()
    assert market.client.list_hits()["NumResults"] == 0
    extend(market, hit_id)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"notify_lost": "1"}, "notify_lost: there is no such fault"),
        ({"notify_loss": "2"}, "notify_loss: Input should be less than or equal to 1"),
        ({"api_slow_seconds": "soon"}, "api_slow_seconds: Input should be a valid number"),
        ({"sandbox": "true"}, "sandbox: there is no such fault"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(changes: dict[str, str], text: str) -> None:
    with pytest.raises(InvalidSettings, match=text):
        written(None, changes)


def test_later_changes_add_to_earlier_ones() -> None:
    kept = written(written(None, {"notify_loss": "0.5"}), {"api_slow": "1"})
    settings = Settings(notify_duplicates=0.25).under(kept)
    assert (settings.notify_loss, settings.api_slow, settings.notify_duplicates) == (0.5, 1, 0.25)


def test_the_command_acts_on_a_service_that_runs(market: Any) -> None:
    hit_id = market.create_hit()["HITId"]
    command(market, "set", "index_lag=60", "notify_loss=0.5")
    assert market.client.list_hits()["NumResults"] == 0
    shown = command(market, "show").stdout.splitlines()
    assert [line.split("\t")[0] for line in shown if line.startswith("*")] == [
        "* index_lag=60.0",
        "* notify_loss=0.5",
    ]
    assert len(shown) == len(Faults.model_fields)
    assert command(market, "clear").returncode == 0
    assert [hit["HITId"] for hit in market.client.list_hits()["HITs"]] == [hit_id]
    refused = command(market, "set", "notify_loss")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "write NAME=VALUE" in refused.stderr


def command(market: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketplace", "faults", *arguments],
        env={
            **os.environ,
            "MARKETPLACE_DATABASE": market.database,
            "MARKETPLACE_KEY_FILE": str(market.settings.key_file),
        },
        capture_output=True,
        text=True,
        check=False,
    )
