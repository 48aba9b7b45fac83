"""Groups of HITs as one worker stands to them: what is left, what they may do, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from sqlalchemy import bindparam, func, literal_column, select

from marketplace.engine import blocks, qualifications
from marketplace.engine.group_types import HIDDEN, GroupType
from marketplace.engine.qualifications import Unmet
from marketplace.engine.states import LIVE
from marketplace.engine.transaction import Transaction
from marketplace.store import schema

_hits, _assignments = schema.hits, schema.assignments
# Written into the statements: an index of open HITs alone serves no parameters.
IS_OPEN = _hits.c.status == literal_column("'Assignable'")
IS_LIVE = _assignments.c.status.in_(bindparam("live", LIVE, expanding=True, literal_execute=True))
IS_OWN = _assignments.c.worker_id == bindparam("worker")


TIMES_BY_TYPE = (
    select(
        _hits.c.hit_type_id,
        func.count().label("number"),
        func.max(_hits.c.created_at).label("newest_at"),
        func.max(_hits.c.expires_at).label("expires_at"),
    )
    .where(IS_OPEN, _hits.c.hit_type_id.in_(bindparam("types", expanding=True)))
    .group_by(_hits.c.hit_type_id)
)
DONE = (
    select(_hits.c.hit_type_id, func.count().label("number"))
    .select_from(_assignments.join(_hits, _hits.c.hit_id == _assignments.c.hit_id))
    .where(IS_OWN, IS_LIVE, IS_OPEN)
)
DONE_BY_TYPE = DONE.group_by(_hits.c.hit_type_id)
DONE_OF_TYPE = DONE_BY_TYPE.where(_hits.c.hit_type_id == bindparam("type"))


@dataclass(frozen=True, kw_only=True)
class Group:
    """A HIT type with open HITs; `available` are those that the worker has not done or taken.

    `unmet` are the requirements that keep the worker from something, `blocked` says whether the
    requester does. `newest_at` and `expires_at` are None where no HIT is open.
    """

    type: GroupType
    available: int
    newest_at: datetime | None
    expires_at: datetime | None
    unmet: Sequence[Unmet] = ()
    blocked: bool = False

    @property
    def group_id(self) -> str:
        return self.type.group_id

    @property
    def reward(self) -> Decimal:
        return self.type.attributes.reward

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.type.attributes.duration)

    @property
    def may_discover(self) -> bool:
        return not self.blocked and all(lack.guards != HIDDEN for lack in self.unmet)

    @property
    def may_preview(self) -> bool:
        return not self.blocked and all(lack.guards == "Accept" for lack in self.unmet)

    @property
    def may_accept(self) -> bool:
        return not self.blocked and not self.unmet


class View:
    """What one worker may do, for many groups: each question is put to the database once."""

    def __init__(self, tx: Transaction, worker_id: str | None) -> None:
        self._tx = tx
        self._worker_id = worker_id
        self._record = qualifications.load_record(tx, worker_id or "")

    def done(self, type_id: str | None = None) -> dict[str, int]:
        """Open HITs that the worker did or holds, by type, of one type or of all."""
        if self._worker_id is None:
            return {}
        given = {"worker": self._worker_id, "type": type_id}
        query = DONE_BY_TYPE if type_id is None else DONE_OF_TYPE
        return {row.hit_type_id: row.number for row in self._tx.connection.execute(query, given)}

    def shows(self, group_type: GroupType, *, qualified: bool) -> bool:
        """Whether the worker may discover the group, and accept if `qualified` asks for it."""
        if group_type.requester_id in self._blocking:
            return False
        if not (group_type.attributes.requirements if qualified else group_type.hides):
            return True
        unmet = self._unmet(group_type)
        return not unmet if qualified else all(lack.guards != HIDDEN for lack in unmet)

    def group(self, group_type: GroupType) -> Group:
        """One type as a group."""
        type_id = group_type.hit_type_id
        row = self._tx.connection.execute(TIMES_BY_TYPE, {"types": [type_id]}).one_or_none()
        available = (row.number if row else 0) - self.done(type_id).get(type_id, 0)
        return self.groups([(group_type, available)])[0]

    def groups(self, chosen: Sequence[tuple[GroupType, int]]) -> list[Group]:
        """The types, each with its number of available HITs, as groups."""
        given = {"types": [group_type.hit_type_id for group_type, _ in chosen]}
        times = {row.hit_type_id: row for row in self._tx.connection.execute(TIMES_BY_TYPE, given)}
        return [
            Group(
                type=group_type,
                available=max(available, 0),
                newest_at=row.newest_at if (row := times.get(group_type.hit_type_id)) else None,
                expires_at=row.expires_at if row else None,
                unmet=self._unmet(group_type),
                blocked=group_type.requester_id in self._blocking,
            )
            for group_type, available in chosen
        ]

    @cached_property
    def _blocking(self) -> set[str]:
        return blocks.blocking(self._tx, self._worker_id) if self._worker_id else set()

    def _unmet(self, group_type: GroupType) -> Sequence[Unmet]:
        requirements = group_type.attributes.requirements
        if not requirements:
            return ()
        worker_id = self._worker_id or ""
        return qualifications.unmet_all(self._tx, worker_id, requirements, record=self._record)
