"""Pipelines: wrong definitions are refused at construction, with field and reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.errors import InvalidDefinition
from hitline.fields import Choice, Text
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import Adaptive, Approve, Drop, RaiseReward, VoteLead
from hitline.questions import ExternalUrl, HtmlTemplate


def stage(name: str = "breed", **changed: Any) -> Stage:
    return Stage(
        name,
        **{
            "question": HtmlTemplate("<p>${url}</p>"),
            "title": f"Tell the {name}",
            "reward": "0.05",
            "answer": Choice("answer", ["yes", "no"]),
            "lifetime": "1h",
            "duration": "5m",
            **changed,
        },
    )


def follow(settled: Settled) -> NewItem:
    return NewItem(input=settled.input)


def fold(parent: Settled, children: object) -> None:
    return None


def link(source: str, target: str, rounds: int | None = None) -> Link:
    return Link(source=source, target=target, rule=follow, rounds=rounds)


def gather(parent: str, source: str, target: str) -> Gather:
    return Gather(parent=parent, source=source, target=target, rule=fold)


A, B, C = stage("a"), stage("b"), stage("c")


@pytest.mark.parametrize(
    ("changed", "field", "reason"),
    [
        ({"reward": 0.05}, "reward", "0.05 is a float; write dollars as text"),
        ({"reward": "0.005"}, "reward", "whole cents"),
        ({"reward": "0.00"}, "reward", "0.00 is under the minimum reward, 0.01"),
        ({"reward": "-1"}, "reward", "not negative"),
        ({"lifetime": "soon"}, "lifetime", "'soon' is no length of time"),
        ({"lifetime": 3600}, "lifetime", "3600 is no length of time"),
        ({"lifetime": "59s"}, "lifetime", "0:00:59 is not between 0:01:00"),
        ({"lifetime": "366d"}, "lifetime", "is not between"),
        ({"duration": "29s"}, "duration", "0:00:29 is not between 0:00:30"),
        ({"auto_approval": "31d"}, "auto_approval", "is not between 0:00:00 and 30 days"),
        ({"grace": "121d"}, "grace", "is not between 0:00:00 and 120 days"),
        ({"title": ""}, "title", "is empty"),
        ({"title": "   "}, "title", "is empty"),
        ({"title": "x" * 129}, "title", "129 characters; at most 128"),
        ({"description": "x" * 2001}, "description", "2001 characters; at most 2000"),
        ({"keywords": "x" * 1001}, "keywords", "1001 characters; at most 1000"),
        (
            {"answer": Text("reply"), "redundancy": Adaptive()},
            "redundancy",
            "Adaptive takes choice, not text; use VoteLead or Fixed or Agree",
        ),
        ({"items_per_hit": 0}, "items_per_hit", "0 is not between 1 and 10"),
        ({"items_per_hit": 11}, "items_per_hit", "11 is not between 1 and 10"),
        ({"items_per_hit": 5}, "items_per_hit", "cannot ask about 5 items at once"),
        (
            {"items_per_hit": 2, "question": ExternalUrl("https://dogs.example/?url=${url}")},
            "items_per_hit",
            "takes a template with an <!-- each item -->",
        ),
        ({"qualifications": [{}] * 11}, "qualifications", "at most 10"),
        ({"budget": "-1.00"}, "budget", "not negative"),
        ({"daily_budget": "0.005"}, "daily_budget", "whole cents"),
        (
            {"expiry": RaiseReward(by="50%", most="0.04")},
            "expiry.most",
            "0.04 is less than the reward (0.05)",
        ),
    ],
)
def test_a_wrong_stage_is_refused_with_its_name_the_field_and_the_reason(
    changed: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        stage(**changed)

    assert refused.value.field == f"stage breed: {field}"
    assert reason in refused.value.reason


@pytest.mark.parametrize("name", ["", "Breed", "1st", "a b", "a/b", "a+b", "é", "x" * 41])
def test_names_are_short_and_plain_for_they_travel_in_annotations(name: str) -> None:
    with pytest.raises(InvalidDefinition, match="must be 1 to 40 of a-z") as refused:
        stage(name, title="Tell")
    assert refused.value.field == "stage name"

    with pytest.raises(InvalidDefinition) as refused:
        Pipeline(name, stages=[A])
    assert refused.value.field == "pipeline name"


@pytest.mark.parametrize(
    ("built", "field", "reason"),
    [
        ({"stages": []}, "stages", "at least one stage"),
        ({"stages": [A, stage("a", title="x")]}, "stages", 'two stages are called "a"'),
        ({"stages": [A, B], "budget": 5.0}, "budget", "5.0 is a float"),
        ({"stages": [A, B], "budget": "lots"}, "budget", "whole cents"),
        ({"stages": [A, B], "budget": "-5.00"}, "budget", "not negative"),
        ({"stages": [A, B], "daily_budget": "0.005"}, "daily_budget", "whole cents"),
        (
            {"stages": [A, stage("b", title="Tell the a")]},
            "stage b: title",
            'is the same as of stage "a"',
        ),
        (
            # A HIT type's description is its title where none is given.
            {"stages": [A, stage("b", title="Tell the a", description="Tell the a")]},
            "stage b: title",
            "MTurk makes one HIT type of equal attributes",
        ),
        ({"links": [link("x", "b")]}, "links.source", 'no stage "x"; the stages are a, b, c'),
        ({"links": [link("a", "x")]}, "links.target", 'no stage "x"'),
        ({"links": [link("a", "a")]}, "links.rounds", "a → a is a loop; say how many rounds"),
        ({"links": [link("b", "a")]}, "links.rounds", "b → a is a loop"),
        ({"links": [link("b", "a", rounds=0)]}, "links.rounds", "0 is less than 1"),
        ({"links": [link("a", "b", rounds=-1)]}, "links.rounds", "-1 is less than 1"),
        ({"links": [link("a", "b")] * 2}, "links", "two lead from a to b; make it one"),
        ({"links": [gather("x", "b", "c")]}, "links.parent", 'no stage "x"'),
        ({"links": [gather("a", "b", "b")]}, "links.target", "goes to a later stage"),
        ({"links": [gather("a", "b", "c")]}, "links.parent", "no link leads from a to b"),
        (
            {"links": [link("a", "b"), gather("a", "b", "c"), gather("a", "b", "c")]},
            "links",
            "two lead from a and b to c",
        ),
    ],
)
def test_a_wrong_pipeline_is_refused_with_field_and_reason(
    built: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        Pipeline("dogs", **{"stages": [A, B, C], **built})

    assert refused.value.field == field
    assert reason in refused.value.reason


def test_stages_of_one_wording_but_another_time_limit_have_types_of_their_own() -> None:
    Pipeline("dogs", stages=[A, stage("b", title="Tell the a", duration="6m")])


def test_the_policy_holds_what_the_stage_was_given_in_exact_units() -> None:
    policy = stage(
        expiry=RaiseReward(by="50%", most="0.10", times=2, then=Drop()),
        redundancy=VoteLead(start=3, lead=3, most=7),
        pay=Approve(within="1h"),
        items_per_hit=5,
        question=HtmlTemplate("<!-- each item --><p>${url}</p><!-- end item -->"),
        grace="2d",
    ).policy

    assert policy.rewards == (Decimal("0.05"), Decimal("0.08"), Decimal("0.10"))
    assert policy.end == Drop()
    assert policy.redundancy.most == 7
    assert policy.pay.within == timedelta(hours=1)
    assert (policy.lifetime, policy.duration) == (timedelta(hours=1), timedelta(minutes=5))
    assert (policy.field, policy.items_per_hit, policy.grace) == ("answer", 5, timedelta(days=2))


def test_the_endpoint_approves_by_itself_after_two_days_unless_told_otherwise() -> None:
    assert stage().auto_approval_time == timedelta(days=2)
    assert stage(auto_approval="0s").auto_approval_time == timedelta(0)


def test_stages_and_links_are_found_by_name() -> None:
    pipeline = Pipeline(
        "dogs",
        stages=[A, B, C],
        links=[link("a", "b"), gather("a", "b", "c"), link("b", "b", rounds=2)],
        budget="50",
    )

    assert pipeline.first is A
    assert pipeline.stage("b") is B
    assert pipeline.cap == Decimal("50.00")
    assert [one.target for one in pipeline.links_from("b")] == ["b"]
    assert [one.target for one in pipeline.gathers_of("b")] == ["c"]
    assert (pipeline.links_from("c"), pipeline.gathers_of("c")) == ([], [])
    with pytest.raises(InvalidDefinition, match='stage: dogs has no stage "d"; it has a, b, c'):
        pipeline.stage("d")


def test_a_pipeline_without_budget_has_no_cap() -> None:
    assert Pipeline("dogs", stages=[A]).cap is None
