"""Known items among the others: at the chosen rate, as copies when they run out, and unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from hitline.acting import launching
from hitline.errors import InvalidItems
from hitline.itemsfile import ItemRow
from hitline.model import Item, ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.policies import Known, VoteLead
from hitline.reporting.progress import progress
from hitline.reporting.results import results
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab, stage

MIXED = Pipeline("lab", stages=[stage("ask", known=Known(rate="20%"))])


def row(key: str, gold: str | None = None) -> ItemRow:
    return ItemRow(key=key, input={"text": f"text {key}"}, gold={"": gold} if gold else {}, line=2)


def add(lab: Lab, *rows: ItemRow) -> None:
    launching.launch(lab.hitline, lab.pipeline, rows)
    lab.drive_all()


def ten(start: int = 0) -> list[ItemRow]:
    return [row(f"plain{number}") for number in range(start, start + 10)]


def published(lab: Lab) -> list[Item]:
    """The items of the first stage in the order in which the marketplace got their HITs."""
    by_hit = {}
    with lab.store.reading() as connection:
        for hit_id, item_id in connection.execute(
            select(ours.hit_items.c.hit_id, ours.hit_items.c.item_id)
        ):
            by_hit[hit_id] = item_id
    items = {item.id: item for item in lab.items("ask")}
    return [items[by_hit[hit]] for hit in lab.hits()]


def copies(lab: Lab) -> list[Item]:
    return [item for item in lab.items("ask") if item.copy_of is not None]


@pytest.fixture
def lab(open_lab: Callable[..., Lab]) -> Lab:
    lab = open_lab(MIXED)
    lab.prepare()
    return lab


def test_known_items_stand_among_the_others_and_not_where_the_file_has_them(lab: Lab) -> None:
    add(lab, row("gold0", "yes"), row("gold1", "no"), *ten())

    keys = [item.key for item in published(lab)]
    places = [keys.index("gold0"), keys.index("gold1")]
    assert sorted(keys) == sorted(["gold0", "gold1", *(f"plain{n}" for n in range(10))])
    # One to each five others: the first after one to five of them, the second after six to ten.
    assert 1 <= places[0] <= 5
    assert 7 <= places[1] <= 11
    assert copies(lab) == []


def test_when_items_keep_coming_the_least_asked_known_one_is_asked_again(lab: Lab) -> None:
    add(lab, row("gold0", "yes"), row("gold1", "no"), *ten())
    add(lab, *ten(10))
    add(lab, *ten(20))

    gold = {lab.item("gold0").id, lab.item("gold1").id}
    asked_again = [item.copy_of for item in copies(lab)]
    assert len(asked_again) == 4
    # Each once before either twice.
    assert set(asked_again[:2]) == set(asked_again[2:]) == gold


def test_adding_the_same_file_again_adds_no_copy(lab: Lab) -> None:
    rows = [row("gold0", "yes"), *ten()]
    add(lab, *rows)
    before = len(lab.hits())
    add(lab, *rows)

    assert len(lab.hits()) == before == 12  # ten, the known one, and a copy


def test_a_copy_differs_from_other_hits_in_nothing_that_the_endpoint_is_told(
    open_lab: Callable[..., Lab],
) -> None:
    lab = open_lab(MIXED)
    calls: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        calls.append(json.loads(params["body"]))

    lab.market.client.meta.events.register("before-call.mturk.CreateHITWithHITType", keep)
    lab.prepare()
    add(lab, row("gold0", "yes"), *ten())
    kinds = ["copy" if item.copy_of else item.gold or "plain" for item in published(lab)]
    assert sorted(set(kinds)) == ["copy", "plain", "yes"]

    def shape(call: dict[str, Any]) -> dict[str, Any]:
        """What is left of a call once what every item has of its own is blotted out."""
        pipeline, stage_name, item, generation, sibling = call["RequesterAnnotation"].split("/")
        (text,) = [part.split("</p>")[0] for part in call["Question"].split("<p>")[1:]]
        return {
            **call,
            "Question": call["Question"].replace(text, ""),
            "RequesterAnnotation": [pipeline, stage_name, len(item), generation, sibling],
            "UniqueRequestToken": len(call["UniqueRequestToken"]),
        }

    assert len(calls) == len(kinds)
    assert all(shape(call) == shape(calls[0]) for call in calls)
    by_kind = dict(zip(kinds, calls, strict=True))
    assert by_kind["copy"]["Question"] == by_kind["yes"]["Question"]

    # And as the endpoint shows them, to the requester and so to workers.
    own = ("HITId", "CreationTime", "Expiration", "Question", "RequesterAnnotation")
    shown = [
        {name: value for name, value in lab.hit(hit).items() if name not in own}
        for hit in lab.hits()
    ]
    assert all(one == shown[0] for one in shown)
    assert not any("gold" in str(one) or "copy" in str(one) for one in shown)


def test_a_copy_is_closed_and_paid_and_is_no_result(lab: Lab) -> None:
    add(lab, row("gold0", "yes"), *ten())
    (copy,) = copies(lab)
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.run()
    lab.finish()

    lab.audit()
    assert lab.cell(ours.items.c.state, ours.items.c.id == copy.id) == ItemState.SETTLED
    with lab.store.reading() as connection:
        keys = [result.key for result in results(connection, "lab")]
        now = progress(connection, lab.pipeline)
    assert sorted(keys) == sorted(["gold0", *(f"plain{n}" for n in range(10))])
    assert now.items == 11
    assert now.stages[0].gold_items == 1
    assert (now.copies.items, now.copies.answers, now.copies.cost) == (1, 2, Decimal("0.12"))
    assert now.spent.total == Decimal("1.44")  # 12 HITs, two answers each at six cents


def test_a_copy_takes_its_answers_once_and_is_not_asked_on(lab: Lab) -> None:
    add(lab, row("gold0", "yes"), *ten())
    (copy,) = copies(lab)
    (hit,) = [
        hit for hit, item in zip(lab.hits(), published(lab), strict=True) if item.id == copy.id
    ]
    lab.answer(hit, "yes", "no")
    lab.run()

    # Any other item would now be asked of two more.
    assert lab.hit(hit)["MaxAssignments"] == 2
    assert lab.cell(ours.items.c.label, ours.items.c.id == copy.id) == "yes"
    assert "1 of 2 gave it" in lab.cell(ours.items.c.reason, ours.items.c.id == copy.id)


def test_a_copy_that_nobody_takes_is_given_up_at_its_first_reward(lab: Lab) -> None:
    add(lab, row("gold0", "yes"), *ten())
    (copy,) = copies(lab)
    before = len(lab.hits())
    lab.market.advance(hours=2)
    lab.sweep()

    assert lab.cell(ours.items.c.state, ours.items.c.id == copy.id) == ItemState.DROPPED
    assert lab.count(ours.hit_items, ours.hit_items.c.item_id == copy.id) == 1
    assert len(lab.hits()) == before  # the others were raised in place


def test_a_copy_leads_to_nothing_and_later_stages_mix_in_copies_of_their_own(
    open_lab: Callable[..., Lab],
) -> None:
    def on(settled: Settled) -> NewItem:
        return NewItem(input=settled.input)

    both = [
        stage(name, known=Known(rate="50%"), redundancy=VoteLead(start=1, lead=1))
        for name in ("ask", "then")
    ]
    lab = open_lab(Pipeline("lab", stages=both, links=[Link(source="ask", target="then", rule=on)]))
    lab.prepare()
    first = ItemRow(key="gold0", input={"text": "g"}, gold={"": "yes", "then": "no"}, line=2)
    launching.launch(lab.hitline, lab.pipeline, [first, *ten()])
    lab.drive_all()
    for hit in lab.hits():
        lab.answer(hit, "yes")
    lab.run()

    made = lab.items("then")
    assert len(copies(lab)) == 4
    assert len([item for item in made if item.copy_of is None]) == 11
    with lab.store.reading() as connection:
        chained = set(connection.scalars(select(ours.items.c.parent_id)))
    assert not chained & {item.id for item in copies(lab)}
    again = [item for item in made if item.copy_of is not None]
    # As soon as there is a known one: one to each two others, itself included.
    assert 1 <= len(again) <= 4
    assert {item.golds["then"] for item in again} == {"no"}


def test_a_stage_that_mixes_known_items_in_and_has_none_is_refused(lab: Lab) -> None:
    with pytest.raises(InvalidItems, match=r"column gold_ask"):
        launching.launch(lab.hitline, lab.pipeline, ten())

    assert lab.count(ours.items) == 0


def test_the_most_that_it_can_cost_includes_copies(open_lab: Callable[..., Lab]) -> None:
    plain = open_lab(Pipeline("lab", stages=[stage("ask")]))
    mixed = open_lab(Pipeline("lab", stages=[stage("ask", known=Known(rate="20%", answers=3))]))
    before = launching.most_it_can_cost(plain.hitline, plain.pipeline, 10)
    after = launching.most_it_can_cost(mixed.hitline, mixed.pipeline, 10)

    assert before is not None
    assert after is not None
    assert after - before == Decimal("0.36")  # two copies, three answers each at six cents


def test_a_chosen_number_of_people_is_asked_by_each_copy(open_lab: Callable[..., Lab]) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", known=Known(rate="10%", answers=4))]))
    lab.prepare()
    add(lab, row("gold0", "yes"), *ten(), *ten(10))

    (copy,) = copies(lab)
    query = select(ours.hits.c.max_assignments).join(
        ours.hit_items, ours.hit_items.c.hit_id == ours.hits.c.hit_id
    )
    with lab.store.reading() as connection:
        asked = connection.scalar(query.where(ours.hit_items.c.item_id == copy.id))
        others = set(connection.scalars(query.where(ours.hit_items.c.item_id != copy.id)))
        count = connection.scalar(select(func.count()).select_from(ours.hits))
    assert (asked, others, count) == (4, {2}, 22)
