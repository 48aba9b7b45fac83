"""Judging and paying over MTurk's Requester API: approvals, rejections, bonuses, the account."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from hitline.model import BonusPayment
from hitline.mturk.records import bonus_from
from hitline.mturk.wire import Wire, dollars


class Payments:
    """The operations that move money to workers."""

    _wire: Wire

    def approve(self, assignment_id: str, feedback: str | None = None) -> None:
        """Pay reward and fee. `WrongState` unless the assignment waits: it may be paid already."""
        said = {} if feedback is None else {"RequesterFeedback": feedback}
        self._wire.call("ApproveAssignment", AssignmentId=assignment_id, **said)

    def reject(self, assignment_id: str, feedback: str) -> None:
        """Refuse to pay, with a reason that the worker reads. The slot does not open again."""
        self._wire.call("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback=feedback)

    def override(self, assignment_id: str, feedback: str | None = None) -> None:
        """Approve after all what was rejected, and pay for it anew.

        `WrongState` if it was approved meanwhile, or if it was submitted more than 30 days ago
        (MTurk's API reference, ApproveAssignment); `Gone` once its HIT is disposed of.
        """
        said = {} if feedback is None else {"RequesterFeedback": feedback}
        self._wire.call(
            "ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True, **said
        )

    def bonus(
        self, worker_id: str, assignment_id: str, amount: Decimal, reason: str, token: str
    ) -> None:
        """Pay a worker `amount` US dollars more. A reused `token` (24 hours) is `AlreadyDone`."""
        self._wire.call(
            "SendBonus",
            WorkerId=worker_id,
            AssignmentId=assignment_id,
            BonusAmount=dollars("SendBonus", amount),
            Reason=reason,
            UniqueRequestToken=token,
        )

    def list_bonuses(
        self, *, assignment_id: str | None = None, hit_id: str | None = None
    ) -> Iterator[BonusPayment]:
        """The bonuses paid on an assignment, or on all assignments of a HIT: one of the two."""
        about = {"AssignmentId": assignment_id, "HITId": hit_id}
        given = {name: value for name, value in about.items() if value is not None}
        for page in self._wire.pages("ListBonusPayments", "BonusPayments", **given):
            yield from map(bonus_from, page)

    def balance(self) -> Decimal:
        """US dollars that the account can still spend."""
        return Decimal(self._wire.ask("GetAccountBalance", "AvailableBalance"))
