"""HITs that other programs posted on the same account: once asked about, they are left alone.

ListReviewableHITs gives ids alone, so that each HIT without a row has to be asked for once. An
account that other scripts use, too, may show thousands of them, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from hitline.store.database import Store
from hitline.store.schema import strangers


def known(connection: Connection) -> set[str]:
    """The ids of those that were asked about and not forgotten since."""
    return set(connection.scalars(select(strangers.c.hit_id)))


def keep(store: Store, connection: Connection, hit_ids: Iterable[str], wall: datetime) -> None:
    """These were asked about now, and are none of ours."""
    rows = [{"hit_id": hit_id, "wall_seen_at": wall} for hit_id in sorted(hit_ids)]
    store.insert_new(connection, strangers, rows)


def forget(connection: Connection, before: datetime) -> None:
    """Those that were asked about longer ago will be asked about again, if they are still there."""
    connection.execute(delete(strangers).where(strangers.c.wall_seen_at < before))
