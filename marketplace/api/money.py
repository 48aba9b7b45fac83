"""The account and bonus payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.api import limits, pages, shapes
from marketplace.engine import Engine, account, assignments, bonuses, hits
from marketplace.errors import ParameterValidationError

Given = Mapping[str, Any]


def get_account_balance(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.look() as tx:
        return {"AvailableBalance": f"{account.of(tx, requester_id).available:.2f}"}


def send_bonus(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.act() as tx:
        bonuses.pay(
            tx,
            requester_id,
            worker_id=given["WorkerId"],
            assignment_id=given["AssignmentId"],
            amount=limits.amount("BonusAmount", given["BonusAmount"], least=limits.CENT),
            reason=given["Reason"],
            token=given.get("UniqueRequestToken"),
        )
    return {}


def list_bonus_payments(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    hit_id, assignment_id = given.get("HITId"), given.get("AssignmentId")
    if (hit_id is None) == (assignment_id is None):
        raise ParameterValidationError(
            "Exactly one of the parameters HITId and AssignmentId must be given."
        )
    scope = ("ListBonusPayments", hit_id, assignment_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        if hit_id is not None:
            hits.find(tx, requester_id, hit_id)
        if assignment_id is not None:
            assignments.find_submitted(tx, requester_id, assignment_id)
        found = bonuses.listing(
            tx,
            hit_id=hit_id,
            assignment_id=assignment_id,
            after=key[0] if key else None,
            limit=pages.size(given),
        )
    elements = [
        {
            "WorkerId": row.worker_id,
            "BonusAmount": f"{row.amount:.2f}",
            "AssignmentId": row.assignment_id,
            "Reason": row.reason,
            "GrantTime": shapes.epoch(row.granted_at),
        }
        for row in found
    ]
    last = [found[-1].id] if found else None
    return pages.page("BonusPayments", elements, last, *scope)


OPERATIONS = {
    "GetAccountBalance": get_account_balance,
    "SendBonus": send_bonus,
    "ListBonusPayments": list_bonus_payments,
}
