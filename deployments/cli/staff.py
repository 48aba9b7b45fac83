"""What the crowd did not answer: the staff queue, on the screen, as a file, and who is staff."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sqlalchemy import Connection

from deployments.cli.opening import chosen, opened
from deployments.cli.showing import count, moment, say, show
from hitline.acting import qualifying, staffing
from hitline.consensus.choice import Tally
from hitline.model import Item
from hitline.stafffile import Entry, read_labels, write_queue
from hitline.store import hits, items
from hitline.store import staffing as queue
from hitline.store.staffing import Waiting
from hitline.wiring import Hitline


def list_(stage: str | None = None, /, *, pipeline: str | None = None) -> None:
    """Show the items that wait for staff.

    For example: hitline staff list

    Parameters
    ----------
    stage
        Only those of this stage.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, stage)
    with hitline.store.reading() as connection:
        found = _queue(connection, name, stage)
    rows = [
        (moment(one.since), item.stage, item.key, item.id, entry.votes, entry.why)
        for one, item, entry in found
    ]
    show(("since", "stage", "key", "item", "votes", "why"), rows)
    by_stage = Counter(item.stage for _, item, _ in found)
    said = ", ".join(f"{number} of {of}" for of, number in sorted(by_stage.items()))
    say(f"{count(len(found), 'item')} of {name} waiting for staff{f': {said}' if said else ''}")


def export(file: Path, /, *, stage: str | None = None, pipeline: str | None = None) -> None:
    """Write the queue to a CSV file, with an empty column for the labels.

    For example: hitline staff export queue.csv

    Parameters
    ----------
    file
        The file to write.
    stage
        Only the items of this stage.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, stage)
    with hitline.store.reading() as connection:
        entries = [entry for _, _, entry in _queue(connection, name, stage)]
    write_queue(file, entries)
    say(f"{count(len(entries), 'item')} written to {file}; fill in the column label")


def import_(file: Path, /, *, pipeline: str | None = None) -> None:
    """Take the labels of a CSV file over, all or none; lines without a label stay in the queue.

    For example: hitline staff import queue.csv

    Parameters
    ----------
    file
        The file that "hitline staff export" wrote, with labels filled in.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, None)
    taken = staffing.take_over(hitline, hitline.pipeline(name), read_labels(file), file)
    say(f"{count(taken, 'label')} taken over; the next run settles the items with them")


def drop(*names: str, pipeline: str | None = None) -> None:
    """Give items in the queue up, so that what waits for them goes on without.

    For example: hitline staff drop t07

    Parameters
    ----------
    names
        Ids or keys of items.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, None)
    given_up = staffing.give_up(hitline, hitline.pipeline(name), names)
    say(f"{count(given_up, 'item')} given up")


def grant(worker: str, /, *, pipeline: str | None = None) -> None:
    """Let a worker see the HITs that only staff see.

    For example: hitline staff grant A2SHFFBZZ2RIDU

    Parameters
    ----------
    worker
        The worker's id at the endpoint.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, None)
    qualifying.grant(
        hitline, qualifying.STAFF, name, qualifying.WHOLE, worker, reason="named as staff"
    )
    say(f"{worker} is staff of {name}")


def revoke(worker: str, /, *, pipeline: str | None = None) -> None:
    """Let a worker no longer see the HITs that only staff see.

    For example: hitline staff revoke A2SHFFBZZ2RIDU

    Parameters
    ----------
    worker
        The worker's id at the endpoint.
    pipeline
        The pipeline, if several were launched.
    """
    hitline, name = _opened(pipeline, None)
    qualifying.revoke(
        hitline, qualifying.STAFF, name, qualifying.WHOLE, worker, reason="no longer staff"
    )
    say(f"{worker} is no longer staff of {name}")


def _opened(pipeline: str | None, stage: str | None) -> tuple[Hitline, str]:
    hitline = opened()
    with hitline.store.reading() as connection:
        name = chosen(connection, pipeline)
    if stage is not None:
        hitline.pipeline(name).stage(stage)
    return hitline, name


def _queue(
    connection: Connection, pipeline: str, stage: str | None
) -> list[tuple[Waiting, Item, Entry]]:
    """The queue, with what the crowd said of each item."""
    waiting = queue.waiting(connection, pipeline, stage)
    ids = [one.item_id for one in waiting]
    known = {item.id: item for item in items.load(connection, ids)}
    votes = hits.counted(connection, ids)
    found = []
    for one in waiting:
        item = known[one.item_id]
        said = Tally.of(
            ", ".join(str(value) for value in values.values()) for values in votes.get(item.id, [])
        )
        entry = Entry(
            item=item.id,
            stage=item.stage,
            key=item.key,
            votes=str(said),
            why=one.why,
            input=item.input,
        )
        found.append((one, item, entry))
    return found
