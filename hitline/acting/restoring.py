"""Restoring: rows that were lost, or that a backup has as they were, by what the endpoint shows."""

from __future__ import annotations

from dataclasses import dataclass

from hitline.acting import paying
from hitline.acting.posting import adopt
from hitline.model import Door, Hit
from hitline.store import hits, items, leases
from hitline.store.hits import HitRow
from hitline.tokens import Annotation
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True)
class CaughtUp:
    """How many HITs had no row, and how many stood otherwise in it."""

    restored: int = 0
    changed: int = 0


def restore(hitline: Hitline, hit: Hit) -> bool:
    """Bring a HIT back to its row by its annotation; whether it is one of ours."""
    about = Annotation.parse(hit.annotation)
    if about is None:
        return False
    with hitline.store.reading() as connection:
        known = {item.id for item in items.load(connection, about.items)}
    if set(about.items) - known:
        return False
    adopt(hitline, hit, about, rung=0, token=None)
    _take_over(hitline, hit, about.items, "its HIT was found again")
    return True


def restore_all(hitline: Hitline) -> int:
    """Bring back the rows of every HIT that the endpoint lists and we lack; how many there were."""
    found = 0
    for hit in hitline.requester.list_hits():
        with hitline.store.reading() as connection:
            known = bool(hits.load(connection, [hit.hit_id]))
        found += not known and restore(hitline, hit)
    return found


def catch_up(hitline: Hitline) -> CaughtUp:
    """After a backup was restored: take over what became of our HITs since it was made.

    HITs posted since get their rows, so that none is posted twice however old the backup is. Of
    those that were raised, extended or prolonged, reward, number and time are taken over, and the
    money that they may cost by now is reserved.
    """
    restored = changed = 0
    for hit in hitline.requester.list_hits():
        with hitline.store.reading() as connection:
            rows = hits.load(connection, [hit.hit_id])
        if not rows:
            restored += restore(hitline, hit)
        elif rows[0].closed_at is None and _differs(rows[0], hit):
            _change(hitline, rows[0], hit)
            changed += 1
    return CaughtUp(restored=restored, changed=changed)


def _differs(row: HitRow, hit: Hit) -> bool:
    ours = (row.hit_type_id, row.reward, row.max_assignments, row.expires_at)
    return ours != (hit.hit_type_id, hit.reward, hit.max_assignments, hit.expires_at)


def _change(hitline: Hitline, row: HitRow, hit: Hit) -> None:
    with hitline.store.writing() as connection:
        paying.grown(hitline, connection, row, hit)
    _take_over(hitline, hit, row.item_ids, "its HIT was changed since the backup")


def _take_over(hitline: Hitline, hit: Hit, item_ids: tuple[str, ...], cause: str) -> None:
    """The endpoint's word in our row, and a look at the items that the HIT is about."""
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        hits.refresh(connection, hit)
        leases.mark(hitline.store, connection, item_ids, Door.AGGREGATE, cause, wall)
