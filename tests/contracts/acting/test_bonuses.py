"""Bonuses: each paid once in effect, whatever dies or gets lost between any two steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from hitline.acting import auditing, bonuses, reviewing
from hitline.errors import HitlineError, InvalidDefinition, MTurkError, Unavailable
from hitline.pipeline import Pipeline
from hitline.policies import Fixed
from hitline.store import alerts, caps, schema
from hitline.store.bonuses import Bonus, BonusState
from hitline.store.caps import Cap
from marketplace.faults import written
from marketplace.store.faults import keep_faults, kept_faults
from tests.contracts.acting.lab import Killed, Lab, Mortal, MortalStore, stage
from tests.contracts.acting.test_crashes import answer_lost

HALF = Decimal("0.50")
PAID, ORDERED, REFUSED = BonusState.PAID, BonusState.ORDERED, BonusState.REFUSED

Open = Callable[..., Lab]


@pytest.fixture
def answered(open_lab: Open) -> Lab:
    """AWORKER1 was paid for one answer, 0.06 of the budget of 2.00; nothing is reserved."""
    return one_answer(open_lab)


def one_answer(open_lab: Open) -> Lab:
    asked = stage("ask", redundancy=Fixed(answers=1))
    lab = open_lab(Pipeline("lab", stages=[asked], budget="2.00"))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")
    lab.finish()
    return lab


def give(lab: Lab, token: str = "t" * 64, **changes: Any) -> Bonus:
    arguments: dict[str, Any] = {
        "pipeline": "lab",
        "stage": "ask",
        "worker_id": "AWORKER1",
        "assignment_id": lab.cell(schema.assignments.c.assignment_id),
        "amount": HALF,
        "reason": "For care.",
        "cause": "a test",
    }
    return bonuses.bonus(lab.hitline, token=token, **{**arguments, **changes})


def listed(lab: Lab) -> list[tuple[str, Decimal]]:
    """(worker, amount) of what the endpoint has paid."""
    return [
        (bonus.worker_id, bonus.amount)
        for bonus in lab.requester.list_bonuses(hit_id=lab.hits()[0])
    ]


def standing(lab: Lab) -> list[str]:
    with lab.store.reading() as connection:
        return [alert.kind for alert in alerts.standing(connection) if "bonus" in alert.kind]


def raise_cap(lab: Lab, total: str) -> None:
    with lab.store.writing() as connection:
        caps.put(lab.store, connection, Cap(pipeline="lab", total=Decimal(total)))


def later(lab: Lab) -> bonuses.Sent:
    """A sweep after what was tried may be tried again."""
    lab.market.advance(minutes=2)
    return bonuses.send_all(lab.hitline)


def set_faults(market: Any, **changes: str) -> None:
    with market.store.write() as connection:
        keep_faults(connection, written(kept_faults(connection), changes))
    market.engine.tick()


def agrees(lab: Lab, *, bonus: str, fee: str) -> None:
    """The ledger and the endpoint's account agree: one answer at 0.05 and 0.01, and bonuses."""
    account = lab.account()
    rewards, fees = Decimal("0.05") + Decimal(bonus), Decimal("0.01") + Decimal(fee)
    assert (account["spent_rewards"], account["spent_fees"]) == (f"{rewards}", f"{fees}")
    lab.audit()
    assert auditing.audit(lab.hitline).differences == ()


def test_a_bonus_is_paid_with_its_fee(answered: Lab) -> None:
    """A fifth of it."""
    sent = give(answered)

    assert (sent.state, sent.fee) == (PAID, Decimal("0.10"))
    assert listed(answered) == [("AWORKER1", HALF)]
    agrees(answered, bonus="0.50", fee="0.10")


def test_the_least_fee_is_a_cent(answered: Lab) -> None:
    give(answered, amount=Decimal("0.01"))

    agrees(answered, bonus="0.01", fee="0.01")


def test_the_worker_reads_the_reason_and_a_reference(answered: Lab) -> None:
    give(answered, token="ab" * 32)

    (shown,) = answered.requester.list_bonuses(hit_id=answered.hits()[0])
    assert shown.reason == "For care. (reference abababababababab)"


def test_the_same_token_pays_once_and_another_again(answered: Lab) -> None:
    give(answered)
    give(answered)
    assert listed(answered) == [("AWORKER1", HALF)]

    give(answered, token="u" * 64)
    assert len(listed(answered)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal("0.00")}, "amount"),
        ({"amount": Decimal("-1.00")}, "amount"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 901}, "reason"),
    ],
)
def test_a_bonus_that_makes_no_sense_is_refused_by_its_field(
    answered: Lab, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        give(answered, **changes)

    assert refused.value.field == field
    assert answered.count(schema.bonuses) == 0


# Money that is not there


def test_over_the_cap_it_is_held_with_an_alert_and_sent_once_that_is_raised(answered: Lab) -> None:
    """1.94 are left, and 1.80 with a fee of 0.36 are too much."""
    held = give(answered, amount=Decimal("1.80"))
    assert held.state is ORDERED
    assert "has 1.94 left, and this reserves 2.16" in (held.held or "")
    assert standing(answered) == ["bonuses-held"]
    assert later(answered).held == 1
    assert listed(answered) == []

    raise_cap(answered, "3.00")

    assert later(answered).paid == 1
    assert standing(answered) == []
    agrees(answered, bonus="1.80", fee="0.36")


def test_out_of_funds_it_is_held_and_reserves_nothing(open_lab: Open) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=Fixed(answers=1))]))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")
    lab.finish()

    held = give(lab, amount=Decimal("500.00"))

    assert (held.state, held.held) == (ORDERED, "the account has not enough funds")
    assert standing(lab) == ["bonuses-held"]
    assert lab.reserved() == Decimal("0.00")


def test_what_the_endpoint_refuses_reserves_nothing_and_is_told(answered: Lab) -> None:
    answered.market.engine.register_worker("AOTHER")

    refused = give(answered, worker_id="AOTHER")

    assert refused.state is REFUSED
    assert standing(answered) == ["bonus-refused"]
    assert later(answered) == bonuses.Sent()
    agrees(answered, bonus="0.00", fee="0.00")


# Answers that get lost


def test_a_failure_after_the_effect_pays_once(answered: Lab) -> None:
    """The endpoint pays and answers 500; the sweep's second call meets its own effect."""
    set_faults(answered.market, api_fault_after="1")
    with pytest.raises(Unavailable):
        give(answered)
    assert bonuses.send_all(answered.hitline) == bonuses.Sent()  # tried just now
    assert later(answered).put_off == 1
    set_faults(answered.market, api_fault_after="0")

    assert later(answered).paid == 1

    assert listed(answered) == [("AWORKER1", HALF)]
    agrees(answered, bonus="0.50", fee="0.10")


def test_a_bonus_whose_answer_was_lost_is_paid_though_its_hit_was_disposed_of(
    answered: Lab,
) -> None:
    """Nothing is shown of it any more: that its token was used says that it was paid."""
    set_faults(answered.market, api_fault_after="1")
    with pytest.raises(Unavailable):
        give(answered)
    set_faults(answered.market, api_fault_after="0")
    answered.requester.dispose(answered.hits()[0])

    assert later(answered) == bonuses.Sent(paid=1)
    assert later(answered) == bonuses.Sent()
    assert answered.account()["spent_rewards"] == "0.55"
    assert answered.reserved() == Decimal("0.00")


def test_a_hit_is_not_disposed_of_while_a_bonus_for_it_is_under_way(answered: Lab) -> None:
    """The endpoint has paid, and the answer was lost; a month later it is still shown."""
    (hit,) = answered.hits()
    set_faults(answered.market, api_fault_after="1")
    with pytest.raises(Unavailable):
        give(answered)
    set_faults(answered.market, api_fault_after="0")
    answered.market.advance(days=31)
    answered.finish()
    assert answered.hit(hit)["HITStatus"] == "Reviewing"

    assert later(answered).paid == 1
    answered.finish()
    assert answered.hit(hit)["HITStatus"] == "Disposed"
    assert answered.account()["spent_rewards"] == "0.55"


@pytest.mark.parametrize("fault", ["api_fault_after", "api_fault_before"])
def test_after_a_day_the_endpoint_is_looked_at_before_it_is_asked_again(
    answered: Lab, fault: str
) -> None:
    """The token is forgotten; what was paid is found, what was not is paid."""
    set_faults(answered.market, **{fault: "1"})
    with pytest.raises(Unavailable):
        give(answered)
    set_faults(answered.market, **{fault: "0"})
    answered.market.advance(hours=30)

    assert later(answered).paid == 1

    assert listed(answered) == [("AWORKER1", HALF)]
    agrees(answered, bonus="0.50", fee="0.10")


def test_a_bonus_of_the_same_amount_is_not_taken_for_it(answered: Lab) -> None:
    """One is listed that bears another reference."""
    give(answered, token="u" * 64)
    set_faults(answered.market, api_fault_before="1")
    with pytest.raises(Unavailable):
        give(answered)
    set_faults(answered.market, api_fault_before="0")
    answered.market.advance(hours=30)

    assert later(answered).paid == 1

    assert len(listed(answered)) == 2


def test_a_used_token_without_a_bonus_is_not_believed(
    answered: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list may lag; nothing is entered before the bonus is seen."""
    set_faults(answered.market, api_fault_after="1")
    with pytest.raises(Unavailable):
        give(answered)
    set_faults(answered.market, api_fault_after="0")
    with monkeypatch.context() as lagging:
        lagging.setattr(answered.requester, "list_bonuses", lambda **_: iter(()))
        assert later(answered).put_off == 1
        assert answered.spent() == Decimal("0.06")

    assert later(answered).paid == 1
    agrees(answered, bonus="0.50", fee="0.10")


@pytest.mark.slow
@pytest.mark.parametrize("death", [Killed, answer_lost], ids=["killed", "answer lost"])
def test_disturbed_between_any_two_steps_it_is_paid_once(open_lab: Open, death: Any) -> None:
    """One bonus after the other, each disturbed one step later, until one gets through."""
    lab = one_answer(open_lab)
    raise_cap(lab, "50.00")
    mortal = Mortal(lab.market.client, death)
    if death is Killed:
        lab.reopen(MortalStore(lab.store, mortal))
    through, points = False, 0
    while not through:
        token = f"{points:064d}"
        mortal.left = points
        with suppress(Killed, MTurkError):
            give(lab, token)
        through, mortal.left = mortal.left is not None, None
        give(lab, token)  # asked for once more: as after a restart
        later(lab)
        points += 1
        agrees(lab, bonus=f"{points * HALF:.2f}", fee=f"{points * Decimal('0.10'):.2f}")
    assert points >= (5 if death is Killed else 3)


# Compensation


def test_a_worker_is_compensated_on_their_newest_submission_once(answered: Lab) -> None:
    first = reviewing.compensate(answered.hitline, "AWORKER1", HALF, "Our page failed.")
    again = reviewing.compensate(answered.hitline, "AWORKER1", HALF, "Our page failed.")

    assert first == again
    assert (first.state, first.cause) == (PAID, "compensation")
    agrees(answered, bonus="0.50", fee="0.10")


def test_who_never_submitted_cannot_be_compensated_so_and_the_way_out_is_told(
    answered: Lab,
) -> None:
    with pytest.raises(HitlineError, match="post a HIT that only they may accept"):
        reviewing.compensate(answered.hitline, "ANOBODY", HALF, "Our page failed.")
