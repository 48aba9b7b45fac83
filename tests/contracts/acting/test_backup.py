"""A backup of PostgreSQL taken while work goes on, restored after more of it was done."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hitline.model import ItemState
from hitline.mturk.client import Requester
from hitline.pipeline import Pipeline
from hitline.store import open_store, upgrade
from tests.contracts.acting.lab import Lab, stage
from tests.contracts.store.conftest import Require, made_database

KEYS = ("a", "b", "c", "d")


@pytest.fixture
def url(tmp_path: Path, require: Require) -> Iterator[str]:
    with made_database("postgresql", tmp_path, require) as made:
        yield made


@pytest.fixture
def lab(open_market: Callable[..., Any], url: str) -> Iterator[Lab]:
    """Four items are out; about one two workers disagree, and of one half is answered."""
    upgrade(url)
    market = open_market()
    lab = Lab(
        market=market,
        store=open_store(url),
        pipeline=Pipeline("lab", stages=[stage("ask")]),
        requester=Requester(market.client),
    )
    lab.launch(*KEYS)
    lab.answer(lab.hits()[0], "yes", "no")
    lab.answer(lab.hits()[3], "yes")
    lab.run()
    yield lab
    lab.store.dispose()


def tool(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)


def test_what_was_done_after_a_backup_is_found_again_and_nothing_is_done_twice(
    lab: Lab, url: str, tmp_path: Path
) -> None:
    backup = tmp_path / "hitline.dump"
    tool("pg_dump", "--format=custom", f"--file={backup}", url)
    # Afterwards: one settles, one is extended and one reposted, and one more is asked.
    lab.answer(lab.hits()[1], "yes", "yes")
    lab.answer(lab.hits()[2], "yes", "no")
    lab.add("e")
    lab.run()
    lab.market.advance(hours=1.1)
    lab.run()
    assert lab.state("b")[0] is ItemState.SETTLED
    posted = len(lab.hits())
    assert posted > len(KEYS)

    lab.store.dispose()
    tool("pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(backup))
    lab.reopen(open_store(url))
    assert lab.state("b")[0] is ItemState.OPEN
    lab.outlive_leases()
    lab.add("e")
    for _ in range(6):
        for hit_id in lab.hits():
            shown = lab.hit(hit_id)
            for number in range(shown["NumberOfAssignmentsAvailable"]):
                if shown["HITStatus"] == "Assignable":
                    lab.answer(hit_id, "yes", by=f"W{number}{hit_id[-6:]}")
        lab.run()
        lab.sweep()
    lab.finish()

    annotations = Counter(lab.hit(hit)["RequesterAnnotation"] for hit in lab.hits())
    assert set(annotations.values()) == {1}
    assert {lab.state(key) for key in (*KEYS, "e")} == {(ItemState.SETTLED, "yes")}
    lab.audit()
