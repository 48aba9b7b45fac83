"""What review policies computed and did, kept for ListReviewPolicyResultsForHIT."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select

from marketplace.engine import ids
from marketplace.engine.model import Hit
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store.schema import review_entries

KNOWN_ANSWER_SCORE = "KnownAnswerScore"


class Level(StrEnum):
    """Whose policy it is: one of assignments as they come in, or one of the HIT as a whole."""

    ASSIGNMENT = "Assignment"
    HIT = "HIT"


class Kind(StrEnum):
    """An entry is something computed, or something done."""

    RESULT = "result"
    ACTION = "action"


class Report:
    """One run of a policy, written down as it goes; its results share one action id."""

    def __init__(self, tx: Transaction, hit: Hit, level: Level) -> None:
        self._tx = tx
        self._hit_id = hit.hit_id
        self._level = level
        self._run_id = ids.entity_id()

    def result(
        self, subject: Level, subject_id: str, key: str, value: str, question_id: str | None = None
    ) -> None:
        """Something computed: of one question, or of the subject as a whole."""
        self._add(
            kind=Kind.RESULT,
            action_id=self._run_id,
            subject_type=subject,
            subject_id=subject_id,
            key=key,
            value=value,
            question_id=question_id,
        )

    def reviewed(self, subject: Level, subject_id: str, outcome: str) -> None:
        """That the review itself was done."""
        self._add(
            kind=Kind.ACTION,
            action_id=self._run_id,
            subject_type=subject,
            subject_id=subject_id,
            name="review",
            status="Succeeded",
            outcome=outcome,
        )

    def act(self, name: str, subject: Level, subject_id: str, action: Callable[[], str]) -> None:
        """Do something, which returns its outcome; what it raises as refusal is its failure."""
        status, code = "Succeeded", None
        try:
            with self._tx.connection.begin_nested():  # a failure leaves nothing half done
                outcome = action()
        except RequestError as refusal:
            status, outcome, code = "Failed", refusal.message, refusal.code
        self._add(
            kind=Kind.ACTION,
            action_id=ids.entity_id(),
            subject_type=subject,
            subject_id=subject_id,
            name=name,
            status=status,
            outcome=outcome,
            error_code=code,
        )

    def _add(self, **values: Any) -> None:
        self._tx.connection.execute(
            insert(review_entries).values(
                hit_id=self._hit_id, level=self._level, at=self._tx.now, **values
            )
        )


def listing(
    tx: Transaction,
    hit_id: str,
    *,
    levels: Collection[Level],
    kinds: Collection[Kind],
    after: int | None,
    limit: int,
) -> list[Row[Any]]:
    """Rows of `review_entries` in order of time, from above the number `after`."""
    query = select(review_entries).where(
        review_entries.c.hit_id == hit_id,
        review_entries.c.level.in_([level.value for level in levels]),
        review_entries.c.kind.in_([kind.value for kind in kinds]),
    )
    if after is not None:
        query = query.where(review_entries.c.id > after)
    return list(tx.connection.execute(query.order_by(review_entries.c.id).limit(limit)))


def known_answer_scores(tx: Transaction, hit_id: str) -> dict[str, int]:
    """The scores of the HIT's assignments on known answers, by assignment id."""
    rows = tx.connection.execute(
        select(review_entries.c.subject_id, review_entries.c.value).where(
            review_entries.c.hit_id == hit_id, review_entries.c.key == KNOWN_ANSWER_SCORE
        )
    )
    return {row.subject_id: int(row.value) for row in rows}
