"""Admission: new items only as far as what is open can be finished."""

from __future__ import annotations

import pytest

from hitline.admission import MARGIN, Need, Open, Outlook, Record, Room, admit, share, to_finish

FIXED = Record(start=3, most=3, each=0.1)
"""Every item takes three answers at ten cents: nothing to guess."""


def outlook(**records: Record) -> Outlook:
    return Outlook(records)


def let_in(
    rooms: list[Room],
    candidates: int,
    *,
    out: list[Open] | None = None,
    learned: bool = True,
    **records: Record,
) -> int:
    """How many new items of the first stage are let in."""
    stage = next(iter(records))
    said = admit(outlook(**records), rooms, out or [], [stage] * candidates, learned=learned)
    return said.count(None)


def test_before_anything_is_finished_an_item_takes_from_the_fewest_to_the_most_answers() -> None:
    """2, 3 or 4 answers at 0.10: 0.30 on average, 0.40 at worst."""
    need = to_finish(Record(start=2, most=4, each=0.1))
    assert need.mean == pytest.approx(0.3)
    assert need.worst == pytest.approx(0.4)


def test_finished_items_outweigh_what_was_imagined() -> None:
    """97 items at 0.20 and three imagined ones at 0.30: 0.203."""
    need = to_finish(Record(start=3, most=3, each=0.1, costs=[0.2] * 97))
    assert need.mean == pytest.approx(0.203)


def test_what_an_item_has_cost_is_not_needed_again() -> None:
    assert to_finish(FIXED, 0.2).mean == pytest.approx(0.1)
    assert to_finish(FIXED, 0.3).mean == pytest.approx(0.0)


def test_an_item_that_cost_much_is_compared_with_those_that_cost_as_much() -> None:
    """Three imagined items over 2, 3, 4 and 5 answers weigh 0.75 each; those of 0.20 are out."""
    record = Record(start=2, most=5, each=0.1, costs=[0.2] * 20 + [0.6])
    # 0.40 and 0.50 weigh 0.75 each, 0.60 weighs 1: (0 + 0.075 + 0.2) / 2.5
    assert to_finish(record, 0.4).mean == pytest.approx(0.275 / 2.5)


def test_an_item_dearer_than_any_before_needs_one_more_answer() -> None:
    assert to_finish(FIXED, 0.9) == Need(mean=0.1, worst=0.1)


def test_as_many_are_let_in_as_the_room_finishes() -> None:
    assert let_in([Room(stage="", left=1.0)], 10, ask=FIXED) == 3


def test_what_is_open_is_finished_first() -> None:
    """Two that lack a third of 0.30 each leave 0.80 of 1.00."""
    out = [Open(stage="ask", committed=0.2)] * 2
    assert let_in([Room(stage="", left=1.0)], 10, out=out, ask=FIXED) == 2


def test_the_margin_is_for_what_may_come_and_never_beyond_the_worst() -> None:
    spread = Need(mean=1.0, variance=0.01, worst=5.0)
    assert spread.room == pytest.approx(1.0 + MARGIN * 0.1)
    assert Need(mean=1.0, variance=100.0, worst=1.5).room == 1.5


def test_later_stages_are_paid_for_too() -> None:
    """Every item leads to one of 0.60: 0.90 from end to end."""
    ask = Record(start=3, most=3, each=0.1, goes_on={"check": 1.0})
    check = Record(start=3, most=3, each=0.2)
    assert let_in([Room(stage="", left=2.0)], 10, ask=ask, check=check) == 2


def test_a_later_stages_own_cap_counts() -> None:
    ask = Record(start=3, most=3, each=0.1, goes_on={"check": 1.0})
    check = Record(start=3, most=3, each=0.2)
    rooms = [Room(stage="", left=100.0), Room(stage="check", left=0.6)]
    assert let_in(rooms, 10, ask=ask, check=check) == 1


def test_a_cap_of_another_stage_is_no_hindrance() -> None:
    assert let_in([Room(stage="other", left=0.0)], 4, ask=FIXED, other=FIXED) == 4


def test_a_loop_is_followed_as_often_as_it_may_go_round() -> None:
    """Half of the items go round again, three stages deep at most: 1 + 1/2 + 1/4 …"""
    again = Record(start=3, most=3, each=0.1, goes_on={"ask": 0.5})
    needs = Outlook({"ask": again}, rounds=2).needs("ask")
    assert needs["ask"].mean == pytest.approx(0.3 * (1 + 0.5 + 0.25 + 0.125))


def test_an_item_that_leads_to_several_needs_money_for_all_of_them() -> None:
    ask = Record(start=3, most=3, each=0.1, goes_on={"check": 4.0})
    needs = outlook(ask=ask, check=FIXED).needs("ask")
    assert needs["check"].mean == pytest.approx(1.2)
    assert needs["check"].worst == pytest.approx(1.2)


def test_the_share_that_goes_on_is_believed_as_items_finish() -> None:
    """Nothing seen: every one. 10 of 97 seen, with three imagined: 13 of 100."""
    assert share(0, 0) == 1.0
    assert share(10, 97) == pytest.approx(0.13)


def test_where_nothing_was_ever_finished_one_goes_out_to_learn_from() -> None:
    poor = [Room(stage="", left=0.1)]
    assert let_in(poor, 5, learned=False, ask=FIXED) == 1
    assert let_in(poor, 5, learned=True, ask=FIXED) == 0
    assert let_in(poor, 5, out=[Open(stage="ask")], learned=False, ask=FIXED) == 0


def test_under_a_cap_that_renews_one_goes_out_whenever_none_is() -> None:
    assert let_in([Room(stage="", left=0.1, renews=True)], 5, ask=FIXED) == 1


def test_who_does_not_fit_is_told_which_cap_is_in_the_way() -> None:
    rooms = [Room(stage="", left=100.0), Room(stage="ask", left=0.3)]
    assert admit(outlook(ask=FIXED), rooms, [], ["ask", "ask"], learned=True) == [None, 1]
