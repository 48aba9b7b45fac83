"""hitline staff: the queue on the screen, out to a file and back, item by item."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from deployments.cli import main
from hitline.model import Item, ItemState
from hitline.store import Store, items, open_store, pipelines, schema, upgrade
from hitline.tokens import item_id
from tests.unit.test_cli import define

START = datetime(2026, 1, 5, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The pipeline dogs, with two items in the queue and one that is still open."""
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    monkeypatch.setenv("HITLINE_DATABASE_URL", url)
    monkeypatch.setenv("HITLINE_PIPELINES", str(tmp_path / "pipelines"))
    monkeypatch.setenv("HITLINE_ENDPOINT_URL", "http://127.0.0.1:9")
    define(tmp_path)
    upgrade(url)
    opened = open_store(url)
    with opened.writing() as connection:
        pipelines.register(opened, connection, "dogs", "dogs.py", START)
        new = [
            Item(
                id=item_id("dogs", "breed", key),
                pipeline="dogs",
                stage="breed",
                key=key,
                input={"url": f"=1+{key}"},
            )
            for key in ("a", "b", "c")
        ]
        items.add(opened, connection, new, START)
        for item in new[:2]:
            items.finished(connection, item.id, ItemState.STAFF, "nobody came (no answers)", START)
    yield opened
    opened.dispose()


def said(store: Store) -> dict[str, str | None]:
    """What is written down of what staff said, by the item's key."""
    query = select(schema.items.c.key, schema.staff_labels.c.label).join(
        schema.items, schema.items.c.id == schema.staff_labels.c.item_id
    )
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def filled_in(file: Path, **labels: str) -> None:
    """Write labels into an exported file, by key."""
    with file.open(newline="", encoding="utf-8") as before:
        rows = list(csv.DictReader(before))
    with file.open("w", newline="", encoding="utf-8") as after:
        writer = csv.DictWriter(after, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "label": labels.get(row["key"], "")} for row in rows)


def test_the_queue_is_listed_with_why(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "list"]) == 0

    told = capsys.readouterr().out
    assert "2026-01-05 10:00:00" in told
    assert "nobody came (no answers)" in told
    assert "2 items of dogs waiting for staff: 2 of breed" in told


def test_what_is_exported_and_filled_in_is_taken_over(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "queue.csv"
    assert main(["staff", "export", str(file)]) == 0
    filled_in(file, a="poodle")

    assert main(["staff", "import", str(file)]) == 0

    assert "1 label taken over" in capsys.readouterr().out
    assert said(store) == {"a": "poodle"}


def test_a_label_outside_the_choices_is_refused_and_nothing_taken_over(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "queue.csv"
    main(["staff", "export", str(file)])
    filled_in(file, a="poodle", b="cat")

    assert main(["staff", "import", str(file)]) == 1

    told = capsys.readouterr().err
    assert "line 3, column label" in told
    assert "cat" in told
    assert "nothing was taken over" in told
    assert said(store) == {}


def test_an_item_is_given_up_by_its_key(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "drop", "b"]) == 0
    assert said(store) == {"b": None}

    assert main(["staff", "drop", "c"]) == 1
    assert 'no item "c" of dogs is in the staff queue' in capsys.readouterr().err


def test_a_stage_that_is_not_there_is_told(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", "list", "nope"]) == 1
    assert 'dogs has no stage "nope"' in capsys.readouterr().err
