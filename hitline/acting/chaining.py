"""Chaining: the items of later stages that follow from an item's end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from hitline.errors import ChainRuleFailed, UnreadableAnswer
from hitline.fields import spelled, values_of
from hitline.model import FINISHED, Item, ItemState, Label
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled, Stage
from hitline.store import items
from hitline.tokens import child_id


def what_follows(
    connection: Connection, pipeline: Pipeline, item: Item, versions: Mapping[str, int]
) -> list[Item]:
    """The items that `item`, just finished, leads to; `versions` are the stages' current ones.

    Call it in the transaction that finishes the item: of two last children finished at once, the
    second sees the first. Raises ChainRuleFailed naming the link and the item.
    """
    made: list[Item] = []
    if item.copy_of is not None:
        return made  # a copy of a known item measures workers, and leads to nothing
    if item.state is ItemState.SETTLED:
        for link in pipeline.links_from(item.stage):
            made += _linked(link, pipeline, item, versions)
    for gather in pipeline.gathers_of(item.stage):
        made += _gathered(connection, gather, pipeline, item, versions)
    return made


def _linked(link: Link, pipeline: Pipeline, item: Item, versions: Mapping[str, int]) -> list[Item]:
    if link.rounds is not None and item.round >= link.rounds:
        return []
    try:
        returned = link.rule(_settled(pipeline, item))
        # A rule may be a generator, and then fails here.
        new = list(returned) if isinstance(returned, Iterable) else [returned]
    except Exception as failed:
        raise _failure(link, item, f"raised {type(failed).__name__}: {failed}") from failed
    if returned is None:
        return []
    round_ = item.round + 1 if link.rounds is not None else item.round
    return [
        _child(pipeline, link, item, child, ordinal, round_, versions)
        for ordinal, child in enumerate(new)
    ]


def _gathered(
    connection: Connection,
    gather: Gather,
    pipeline: Pipeline,
    item: Item,
    versions: Mapping[str, int],
) -> list[Item]:
    if item.parent_id is None:
        return []
    items.lock(connection, item.parent_id)
    parent = items.load(connection, [item.parent_id])[0]
    if parent.stage != gather.parent:
        return []
    siblings = items.children(connection, parent.id, gather.source)
    if any(_is_open(item if sibling.id == item.id else sibling) for sibling in siblings):
        return []
    settled = [
        _settled(pipeline, item if sibling.id == item.id else sibling)
        for sibling in siblings
        if (item if sibling.id == item.id else sibling).state is ItemState.SETTLED
    ]
    try:
        child = gather.rule(_settled(pipeline, parent), settled)
    except Exception as failed:
        raise _failure(gather, item, f"raised {type(failed).__name__}: {failed}") from failed
    if child is None:
        return []
    return [_child(pipeline, gather, parent, child, 0, parent.round, versions)]


def _is_open(child: Item) -> bool:
    """Whether a label may still come: staff are asked for theirs, and waited for."""
    return child.state not in FINISHED or child.state is ItemState.STAFF


def _child(
    pipeline: Pipeline,
    link: Link | Gather,
    parent: Item,
    child: Any,
    ordinal: int,
    round_: int,
    versions: Mapping[str, int],
) -> Item:
    wrong = _what_is_wrong(child, pipeline.stage(link.target))
    if wrong is not None:
        raise _failure(link, parent, f"returned {wrong}")
    if link.target not in versions:
        raise ChainRuleFailed(
            f"the chain rule {link.source} → {link.target} leads to a stage that was never "
            f'launched (item {parent.key}); run "hitline run {pipeline.name}" again'
        )
    golds = dict(parent.golds)
    if child.gold is not None:
        golds[link.target] = spelled(pipeline.stage(link.target).fields, child.gold)
    way = f"{link.target}/{round_}"
    if isinstance(link, Gather):
        way += f"/{link.source}"
    if parent.remade:
        way += f"/remade {parent.remade}"
    return Item(
        id=child_id(parent.id, way, ordinal),
        pipeline=pipeline.name,
        stage=link.target,
        key=parent.key if ordinal == 0 else f"{parent.key}.{ordinal + 1}",
        input=dict(child.input),
        golds=golds,
        version=versions[link.target],
        parent_id=parent.id,
        root_id=parent.root_id or parent.id,
        round=round_,
        gathered_from=link.source if isinstance(link, Gather) else None,
    )


def _what_is_wrong(child: object, stage: Stage) -> str | None:
    """Why a chain rule's return value is no item of `stage`; None if it is one."""
    if not isinstance(child, NewItem):
        return f"{child!r}, which is no NewItem"
    if not isinstance(child.input, Mapping):
        return f"a NewItem whose input is no mapping: {child.input!r}"
    for name, value in child.input.items():
        if not isinstance(name, str) or not isinstance(value, str):
            return f"a NewItem whose input is not text: {name!r} is {value!r}"
    if not isinstance(child.gold, str | None):
        return f"a NewItem whose gold is no label: {child.gold!r}"
    try:
        if child.gold is not None:
            spelled(stage.fields, child.gold)
    except UnreadableAnswer as wrong:
        return f"a NewItem whose gold is no label ({wrong})"
    lacking = sorted(set(stage.question.placeholders) - set(child.input))
    if lacking:
        return f"an item without {', '.join(lacking)}, which the template of {stage.name} needs"
    return None


def _settled(pipeline: Pipeline, item: Item) -> Settled:
    return Settled(
        key=item.key,
        input=item.input,
        label=item.label or "",
        agreement=item.agreement or 0.0,
        gold=item.gold,
        round=item.round,
        values=_values(pipeline.stage(item.stage), item.label),
    )


def _values(stage: Stage, label: Label | None) -> dict[str, Any]:
    """The label by field; nothing where the stage was edited and it is no label of it any more."""
    try:
        return values_of(stage.fields, label) if label is not None else {}
    except UnreadableAnswer:
        return {}


def _failure(link: Link | Gather, item: Item, what: str) -> ChainRuleFailed:
    return ChainRuleFailed(
        f"the chain rule {link.source} → {link.target} {what} (item {item.key}); "
        "mend it and restart the workers; the sweep tries again"
    )
