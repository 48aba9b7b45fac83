"""Old notifications go; what is unexplained, or young, stays."""

from __future__ import annotations

from sqlalchemy import select

from hitline.store import Store, inbox
from hitline.store.schema import events
from tests.contracts.store.rows import Rows, wall


def kept(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(events.c.hit_id).order_by(events.c.hit_id)))


def test_explained_events_go_by_age_and_the_unexplained_stay(store: Store, rows: Rows) -> None:
    rows.hit("3OLD", rows.item("a"))
    rows.hit("3YOUNG", rows.item("b"))
    rows.event(1, "3OLD")
    rows.event(2, "3YOUNG", received=100)
    rows.event(3, "3NOBODYS")

    with store.writing() as connection:
        assert inbox.forget(connection, wall(50)) == 1
        assert inbox.forget(connection, wall(50)) == 0
    assert kept(store) == ["3NOBODYS", "3YOUNG"]


def test_unread_messages_go_by_age(store: Store) -> None:
    with store.writing() as connection:
        inbox.keep_unparsed(store, connection, "m1", "hello", "no JSON", wall(0))
        inbox.keep_unparsed(store, connection, "m2", "hello", "no JSON", wall(100))
        assert inbox.forget_unparsed(connection, wall(50)) == 1
