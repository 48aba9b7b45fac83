"""Alerts: raised once for each time that something arises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hitline.store import Store, alerts
from hitline.store.alerts import Alert

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
HELD = Alert(kind="item-held", pipeline="lab", stage="ask", text="3 items wait")


def test_what_stands_already_is_not_raised_again(store: Store) -> None:
    with store.writing() as connection:
        assert alerts.raise_alert(connection, HELD, AT)
        assert not alerts.raise_alert(connection, HELD, AT + timedelta(hours=1))
        assert alerts.standing(connection) == [HELD]


def test_what_arises_once_more_is_told_once_more(store: Store) -> None:
    with store.writing() as connection:
        alerts.raise_alert(connection, HELD, AT)
        alerts.over(connection, HELD, AT)
        assert alerts.standing(connection) == []
        assert alerts.raise_alert(connection, HELD, AT + timedelta(hours=1))
        assert [one for _, one in alerts.unsent(connection)] == [HELD, HELD]


def test_what_was_told_is_not_told_again(store: Store) -> None:
    with store.writing() as connection:
        alerts.raise_alert(connection, HELD, AT)
        ((number, _),) = alerts.unsent(connection)
        alerts.sent(connection, [number], AT)
        assert alerts.unsent(connection) == []
        assert alerts.standing(connection, "lab") == [HELD]
        assert alerts.standing(connection, "other") == []


def test_what_a_person_has_seen_to_is_off_the_list_once(store: Store) -> None:
    with store.writing() as connection:
        alerts.raise_alert(connection, HELD, AT)
        (standing,) = alerts.standing(connection)
        assert standing.number is not None
        assert alerts.dismiss(connection, standing.number + 1, AT) is None
        assert alerts.dismiss(connection, standing.number, AT) == HELD
        assert alerts.standing(connection) == []
        assert alerts.dismiss(connection, standing.number, AT) is None
