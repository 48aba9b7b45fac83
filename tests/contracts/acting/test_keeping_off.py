"""Whoever has answered is kept off the next HIT about it; who slips through is not counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hitline.fields import Text
from hitline.model import ItemState
from hitline.pipeline import Gather, Link, NewItem, Pipeline
from hitline.policies import Fixed, NoRaise, Once, VoteLead
from hitline.store import schema as ours
from marketplace.errors import CannotAccept
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]


def drafts(**once: Any) -> Pipeline:
    """A message gets two drafts, and then somebody says which is better."""
    topic = stage("topic", redundancy=VoteLead(start=1, lead=1, most=1))
    draft = stage(
        "draft",
        answer=Text("answer"),
        redundancy=VoteLead(start=1, lead=1, most=1),
        once=Once(per="parent"),
        expiry=NoRaise(),
    )
    pick = stage("pick", redundancy=VoteLead(start=1, lead=1, most=1), once=Once(**once))
    return Pipeline(
        "lab",
        stages=[topic, draft, pick],
        links=[
            Link(
                source="topic",
                target="draft",
                rule=lambda done: [NewItem(input=done.input), NewItem(input=done.input)],
            ),
            Gather(
                parent="topic",
                source="draft",
                target="pick",
                rule=lambda parent, _: NewItem(input=parent.input),
            ),
        ],
    )


def drafting(open_lab: OpenLab, **once: Any) -> tuple[Lab, str, str]:
    """A lab in which both drafts of one message are asked for."""
    lab = open_lab(drafts(**once))
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes", by="AREADER")
    lab.run()
    _, first, second = lab.hits()
    return lab, first, second


def refused(lab: Lab, hit_id: str, worker: str) -> bool:
    try:
        lab.market.accept(hit_id, worker)
    except CannotAccept:
        return True
    return False


def no_qualifications(client: Any) -> None:
    """From now on the endpoint refuses whatever is about qualifications."""

    def refuse(params: Any, model: Any, **_: Any) -> None:
        if "Qualification" in model.name:
            params["headers"]["X-Amz-Target"] = "MTurkRequesterServiceV20170117.NoSuchOperation"

    client.meta.events.register("before-call.mturk", refuse)


# New generations and siblings of one item


def test_earlier_workers_do_not_see_a_repost(lab: Lab) -> None:
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    lab.market.advance(hours=1)
    lab.run()

    _, again = lab.hits()
    assert refused(lab, again, "AWORKER1")
    lab.answer(again, "yes", by="AB")
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.audit()


def test_a_hit_that_was_posted_first_costs_no_qualification(lab: Lab) -> None:
    lab.launch("a", "b")
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.run()

    assert lab.count(ours.qualification_types) == 0


def test_fifteen_answers_are_asked_for_in_hits_of_nine_at_most(open_lab: OpenLab) -> None:
    """After nine of them, 5 to 4, a sibling brings the others that it takes."""
    ask = stage("ask", redundancy=Fixed(answers=15), lifetime="30d")
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a")
    first = lab.hits()[0]
    assert lab.hit(first)["MaxAssignments"] == 8  # no fewer can decide
    lab.answer(first, *["yes", "no"] * 4)
    lab.run()
    assert lab.hit(first)["MaxAssignments"] == 9
    lab.answer(first, "yes", by="AB")
    lab.run()

    _, sibling = lab.hits()
    assert lab.hit(sibling)["MaxAssignments"] == 3  # 8 to 4 cannot be caught up with
    assert refused(lab, sibling, "AWORKER1")
    lab.answer(sibling, "no", "no", "no", by="AC")
    lab.run()
    assert lab.hit(sibling)["MaxAssignments"] == 4  # nor can 8 to 5
    lab.answer(sibling, "no", by="AD")
    lab.finish()

    assert lab.count(ours.answers, ours.answers.c.counted) == 13
    assert lab.state("a") == (ItemState.SETTLED, "no")
    lab.audit()


def test_where_fees_are_none_one_hit_takes_all_answers(open_lab: OpenLab) -> None:
    ask = stage("ask", redundancy=VoteLead(start=12, lead=2, most=20))
    lab = open_lab(Pipeline("lab", stages=[ask]), wall_of_nine="off", fees="none")
    lab.free()
    lab.launch("a")
    only = lab.hits()[0]
    lab.answer(only, *["yes", "no"] * 6)
    lab.run()

    assert lab.hits() == [only]
    assert lab.hit(only)["MaxAssignments"] == 14


def test_an_endpoint_without_qualifications_is_gone_on_with(lab: Lab) -> None:
    """AWORKER1 answers twice: paid twice, counted once."""
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    no_qualifications(lab.market.client)
    lab.market.advance(hours=1)
    lab.run()

    again = lab.hits()[-1]
    lab.answer(again, "yes")
    lab.run()
    assert lab.not_counted() == ["answered before"]
    assert lab.cell(ours.alerts.c.kind) == "no-qualifications"
    assert lab.count(ours.alerts) == 1
    lab.answer(again, "yes", by="AB")
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.audit()


def test_where_only_the_same_people_answer_no_more_is_bought(open_lab: OpenLab) -> None:
    """The item ends by the ladder's rule once three answers came from who had answered."""
    ask = stage("ask", redundancy=Fixed(answers=3), expiry=NoRaise())
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a")
    no_qualifications(lab.market.client)
    for _ in range(5):
        if lab.state("a")[0] is not ItemState.OPEN:
            break
        lab.answer(lab.hits()[-1], "yes")
        lab.run()
        lab.requester.expire(lab.hits()[-1])
        lab.finish()

    assert lab.state("a")[0] is ItemState.STAFF


# Items that are related


def test_a_writer_does_not_see_the_other_draft_of_the_same_message(open_lab: OpenLab) -> None:
    lab, first, second = drafting(open_lab)
    lab.answer(first, "A draft")
    lab.run()

    assert refused(lab, second, "AWORKER1")
    assert not refused(lab, second, "ABWORKER1")


def test_a_writer_who_was_too_fast_is_paid_and_the_draft_is_asked_of_another(
    open_lab: OpenLab,
) -> None:
    lab, first, second = drafting(open_lab)
    lab.answer(first, "A draft")
    lab.answer(second, "Another draft")
    lab.run()

    assert lab.not_counted() == ["had a part in it before"]
    assert [item.state for item in lab.items("draft")].count(ItemState.SETTLED) == 1
    taken = next(hit for hit in (first, second) if lab.hit(hit)["MaxAssignments"] == 2)
    assert refused(lab, taken, "AWORKER1")
    lab.answer(taken, "By somebody else", by="AB")
    lab.finish()
    assert {item.state for item in lab.items("draft")} == {ItemState.SETTLED}


@pytest.mark.parametrize(("not_by", "kept_off"), [(("draft",), True), ((), False)])
def test_who_wrote_a_draft_may_not_judge_it_if_the_author_says_so(
    open_lab: OpenLab, not_by: tuple[str, ...], kept_off: bool
) -> None:
    lab, first, second = drafting(open_lab, not_by=not_by)
    lab.answer(first, "A draft")
    lab.answer(second, "Another draft", by="AB")
    lab.run()

    pick = lab.hits()[-1]
    assert refused(lab, pick, "AWORKER1") is kept_off


def test_who_answers_once_in_a_stage_sees_none_of_its_other_hits(open_lab: OpenLab) -> None:
    ask = stage("ask", redundancy=VoteLead(start=1, lead=1, most=1), once=Once(per="stage"))
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a", "b")
    first, second = lab.hits()
    lab.answer(first, "yes")
    lab.run()

    assert refused(lab, second, "AWORKER1")
    assert not refused(lab, second, "ABWORKER1")


def test_a_grant_is_made_once_and_a_failed_one_by_the_next_sweep(open_lab: OpenLab) -> None:
    ask = stage("ask", redundancy=VoteLead(start=1, lead=1, most=1), once=Once(per="stage"))
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a", "b")
    first, second = lab.hits()
    lab.answer(first, "yes")
    client = lab.market.client
    failing: list[str] = []

    def fail(model: Any, **_: Any) -> None:
        if model.name == "AssociateQualificationWithWorker":
            failing.append(model.name)
            if len(failing) == 1:
                raise ConnectionError

    client.meta.events.register("before-call.mturk", fail)
    with pytest.raises(ConnectionError):
        lab.run()
    assert not lab.cell(ours.grants.c.wall_done_at)
    lab.outlive_leases()
    lab.sweep()

    assert refused(lab, second, "AWORKER1")
    lab.sweep()
    assert len(failing) == 2
