"""Bonuses: ordered, their money reserved, sent, settled; each once, however often it is tried.

The row in `bonuses` is the intent. SendBonus takes a token that the endpoint remembers for 24
hours and then answers with an error; what the error claims, and what became of a call older than
that, is looked up among the bonuses that the endpoint lists. Each bears a reference to its token
in the reason that the worker reads, so that two of one amount are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from hitline.acting import budgeting
from hitline.acting.posting import TOKEN_LIFE
from hitline.errors import (
    AlreadyDone,
    Gone,
    InvalidDefinition,
    MTurkError,
    NotAuthorized,
    NotYet,
    OutOfFunds,
    Retryable,
)
from hitline.money import NOTHING
from hitline.store import alerts, judgements, ledger
from hitline.store import bonuses as rows
from hitline.store.alerts import Alert
from hitline.store.bonuses import Bonus, BonusState
from hitline.store.ledger import Amount
from hitline.wiring import Hitline

PATIENCE = timedelta(seconds=60)
"""Wall time before the sweep tries again what somebody tried to send."""

REASON = 900
"""Characters of the reason that a worker reads, before the reference."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of bonuses: how many are paid, wait for money, were refused, or failed for now."""

    paid: int = 0
    held: int = 0
    refused: int = 0
    put_off: int = 0

    @property
    def any(self) -> bool:
        return bool(self.paid or self.held or self.refused or self.put_off)

    def __str__(self) -> str:
        told = [(self.paid, "paid"), (self.held, "held"), (self.refused, "refused")]
        told.append((self.put_off, "to be tried again"))
        return "bonuses: " + ", ".join(f"{number} {what}" for number, what in told if number)


def bonus(
    hitline: Hitline,
    *,
    token: str,
    pipeline: str,
    stage: str,
    worker_id: str,
    assignment_id: str,
    amount: Decimal,
    reason: str,
    cause: str,
) -> Bonus:
    """Pay a worker `amount` dollars on an assignment of theirs, once for a token; how far it came.

    A bonus that is held or that failed for the moment is sent by a later sweep. Raises Retryable
    where the endpoint does not answer, and InvalidDefinition naming the field.
    """
    with hitline.store.writing() as connection:
        order(
            hitline,
            connection,
            token=token,
            pipeline=pipeline,
            stage=stage,
            worker_id=worker_id,
            assignment_id=assignment_id,
            amount=amount,
            reason=reason,
            cause=cause,
        )
    return send(hitline, token)


def order(
    hitline: Hitline,
    connection: Connection,
    *,
    token: str,
    pipeline: str,
    stage: str,
    worker_id: str,
    assignment_id: str,
    amount: Decimal,
    reason: str,
    cause: str,
) -> bool:
    """Write a bonus down with what caused it; whether there was none under this token."""
    if amount <= NOTHING:
        raise InvalidDefinition("amount", f"{amount} is no bonus; write a cent or more")
    if not reason.strip():
        raise InvalidDefinition("reason", "is empty; a worker is told what a bonus is for")
    if len(reason) > REASON:
        raise InvalidDefinition("reason", f"{len(reason)} characters; at most {REASON} are allowed")
    return rows.order(
        hitline.store,
        connection,
        Bonus(
            token=token,
            pipeline=pipeline,
            stage=stage,
            worker_id=worker_id,
            assignment_id=assignment_id,
            amount=amount,
            fee=hitline.fees.bonus_fee(amount),
            reason=f"{reason} ({reference(token)})",
            cause=cause,
            ordered_at=hitline.clock.now(),
        ),
    )


def reference(token: str) -> str:
    """By what a bonus is found again among those that the endpoint lists."""
    return f"reference {token[:16]}"


def send(hitline: Hitline, token: str) -> Bonus:
    """Send a bonus that was ordered, or finish what was begun; how far it came."""
    begun = _begin(hitline, token)
    if begun.state is not BonusState.BEGUN:
        return begun
    try:
        _call(hitline, begun)
    except (Retryable, NotAuthorized):
        raise
    except MTurkError as refused:
        # An earlier call, whose answer was lost, may have had the effect that this one had not.
        if not _listed(hitline, begun):
            if isinstance(refused, OutOfFunds):
                return _hold(hitline, begun, "the account has not enough funds")
            return _refuse(hitline, begun, refused)
    return _paid(hitline, begun)


def send_all(hitline: Hitline) -> Sent:
    """Send whatever was ordered or begun and has no end; what fails now is tried again later."""
    with hitline.store.reading() as connection:
        tokens = rows.unsent(connection, hitline.clock.wall() - PATIENCE)
    ends = dict.fromkeys(BonusState, 0)
    put_off = 0
    for token in tokens:
        try:
            ends[send(hitline, token).state] += 1
        except NotAuthorized:
            raise
        except MTurkError:
            put_off += 1
    return Sent(
        paid=ends[BonusState.PAID],
        held=ends[BonusState.ORDERED],
        refused=ends[BonusState.REFUSED],
        put_off=put_off,
    )


def _begin(hitline: Hitline, token: str) -> Bonus:
    """Reserve the money and say that the call is about to be made; or say why it cannot be."""
    now, wall = hitline.clock.now(), hitline.clock.wall()
    with hitline.store.writing() as connection:
        found = rows.load(connection, token)
        assert found is not None
        if found.state in (BonusState.PAID, BonusState.REFUSED):
            return found
        rows.change(connection, token, wall_tried_at=wall)
        if found.state is BonusState.ORDERED:
            on = judgements.find(connection, found.assignment_id)
            short = budgeting.reserve(
                hitline,
                connection,
                token=token,
                pipeline=found.pipeline,
                stage=found.stage,
                amount=_amount(found),
                cause=found.cause,
                hit_id=None if on is None else on.hit_id,
                assignment_id=found.assignment_id,
                worker_id=found.worker_id,
            )
            if short is None:
                rows.change(connection, token, state=BonusState.BEGUN, begun_at=now, held=None)
            else:
                _held(hitline, connection, found, short)
        return _loaded(connection, token)


def _call(hitline: Hitline, begun: Bonus) -> None:
    """SendBonus, unless it was made under a token that may be forgotten, and is listed."""
    assert begun.begun_at is not None
    if hitline.clock.now() - begun.begun_at > TOKEN_LIFE and _listed(hitline, begun):
        return
    try:
        hitline.requester.bonus(
            begun.worker_id, begun.assignment_id, begun.amount, begun.reason, begun.token
        )
    except AlreadyDone as done:
        # The first call took effect and its answer was lost. Verified, not believed; but of a HIT
        # that was disposed of nothing is shown any more, and nobody else has this token.
        if _listed(hitline, begun) is False:
            raise NotYet("SendBonus", f"{done.message}, and the bonus is not listed yet") from done


def _listed(hitline: Hitline, begun: Bonus) -> bool | None:
    """Whether the endpoint shows this bonus as paid; None where it shows nothing of its HIT."""
    try:
        shown = list(hitline.requester.list_bonuses(assignment_id=begun.assignment_id))
    except Gone:
        return None  # disposed of; what the call itself says of it decides
    return any(
        one.worker_id == begun.worker_id
        and one.amount == begun.amount
        and one.reason.endswith(f"({reference(begun.token)})")
        for one in shown
    )


def _paid(hitline: Hitline, begun: Bonus) -> Bonus:
    now, wall = hitline.clock.now(), hitline.clock.wall()
    with hitline.store.writing() as connection:
        rows.change(connection, begun.token, state=BonusState.PAID, done_at=now, held=None)
        ledger.settle(hitline.store, connection, token=begun.token, at=now, cause=begun.cause)
        if not rows.any_held(connection, begun.pipeline, begun.stage):
            alerts.over(connection, _held_alert(begun, ""), wall)
        return _loaded(connection, begun.token)


def _hold(hitline: Hitline, begun: Bonus, why: str) -> Bonus:
    """Nothing was spent: the bonus waits for money, under the same token."""
    with hitline.store.writing() as connection:
        ledger.forget(connection, f"reserve:{begun.token}")
        rows.change(connection, begun.token, state=BonusState.ORDERED, begun_at=None)
        _held(hitline, connection, begun, why)
        return _loaded(connection, begun.token)


def _held(hitline: Hitline, connection: Connection, bonus: Bonus, why: str) -> None:
    rows.change(connection, bonus.token, held=why)
    alerts.raise_alert(connection, _held_alert(bonus, why), hitline.clock.now())


def _refuse(hitline: Hitline, begun: Bonus, refused: MTurkError) -> Bonus:
    """The endpoint will not have it: nothing was spent, and a person must know."""
    now = hitline.clock.now()
    with hitline.store.writing() as connection:
        ledger.forget(connection, f"reserve:{begun.token}")
        rows.change(
            connection, begun.token, state=BonusState.REFUSED, held=str(refused), done_at=now
        )
        alerts.raise_alert(connection, _refused_alert(begun, refused), now)
        return _loaded(connection, begun.token)


def _held_alert(bonus: Bonus, why: str) -> Alert:
    """One for all bonuses of a stage: they wait for the same."""
    return Alert(
        kind="bonuses-held",
        pipeline=bonus.pipeline,
        stage=bonus.stage,
        text=f"bonuses wait for money: {why}; they are sent within a minute or two once there is "
        "enough",
    )


def _refused_alert(bonus: Bonus, refused: MTurkError) -> Alert:
    return Alert(
        kind="bonus-refused",
        pipeline=bonus.pipeline,
        stage=bonus.stage,
        subject=bonus.token,
        text=f"the endpoint refuses a bonus of {bonus.amount} for {bonus.worker_id} on assignment "
        f"{bonus.assignment_id} ({bonus.cause}): {refused.message}",
    )


def _amount(bonus: Bonus) -> Amount:
    return Amount(reward=bonus.amount, fee=bonus.fee)


def _loaded(connection: Connection, token: str) -> Bonus:
    found = rows.load(connection, token)
    assert found is not None
    return found
