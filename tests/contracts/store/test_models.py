"""Models of workers, kept with the verdicts that rest on them, on both databases."""

from __future__ import annotations

import numpy as np
import pytest

from hitline.consensus.calibration import Calibration
from hitline.consensus.grounds import Grounds
from hitline.model import Door
from hitline.store import Store, items, models
from hitline.store.items import VerdictRow
from tests.contracts.store.rows import Rows, at, wall


def grounds(version: str, **of_workers: float) -> Grounds:
    """Workers and how often each is right, of 100 answers in all."""
    right = list(of_workers.values())
    return Grounds(
        version=version,
        answers=100,
        labels=("no", "yes"),
        shares=np.array([0.4, 0.6]),
        calibration=Calibration(shift=0.1, slope=0.7),
        by_votes=False,
        workers=tuple(of_workers),
        volume=tuple(10 for _ in right),
        confusion=np.array([[[rate, 1 - rate], [1 - rate, rate]] for rate in right]),
    )


def keep(store: Store, kept: Grounds, minute: float = 0) -> None:
    with store.writing() as connection:
        models.keep(store, connection, "dogs", "breed", kept, at(minute))


def load(store: Store, version: str) -> Grounds | None:
    with store.reading() as connection:
        return models.load(connection, "dogs", "breed", version)


def rest_on(rows: Rows, store: Store, version: str) -> None:
    """A verdict on an item names the version."""
    about = rows.item(f"of {version}")
    with store.writing() as connection:
        (item,) = items.load(connection, [about])
        verdict = VerdictRow(
            item=item,
            door=Door.AGGREGATE,
            kind="settle",
            why="sure",
            outcome=None,
            hit_id=None,
            flow_run=None,
            at=at(1),
            wall_at=wall(1),
            wall_sent_at=None,
            model=version,
        )
        items.record_verdict(connection, verdict)


def test_a_model_comes_back_as_it_was_kept(store: Store) -> None:
    keep(store, grounds("100-a", W1=0.9, W2=0.7))

    found = load(store, "100-a")

    assert found is not None
    assert (found.answers, found.labels, found.workers, found.volume) == (
        100,
        ("no", "yes"),
        ("W1", "W2"),
        (10, 10),
    )
    assert found.calibration == Calibration(shift=0.1, slope=0.7)
    assert found.shares.tolist() == [0.4, 0.6]
    assert found.confusion[0] == pytest.approx(np.array([[0.9, 0.1], [0.1, 0.9]]))
    assert load(store, "100-b") is None


def test_verdicts_of_one_version_add_their_workers(store: Store) -> None:
    keep(store, grounds("100-a", W1=0.9))
    keep(store, grounds("100-a", W1=0.9, W2=0.7))

    found = load(store, "100-a")

    assert found is not None
    assert found.workers == ("W1", "W2")


def test_what_no_verdict_names_is_pruned_but_for_the_newest(rows: Rows, store: Store) -> None:
    for minute, version in enumerate(["1-a", "2-b", "3-c", "4-d"]):
        keep(store, grounds(version, W1=0.9), minute)
    rest_on(rows, store, "2-b")

    with store.writing() as connection:
        assert models.prune(connection, "dogs", "breed") == 2
        assert models.prune(connection, "dogs", "breed") == 0
        assert models.newest(connection, "dogs", "breed") == "4-d"

    assert [load(store, one) is not None for one in ("1-a", "2-b", "3-c", "4-d")] == [
        False,
        True,
        False,
        True,
    ]
