"""The command line: help with an example, honest exit codes, one clear sentence for bad input."""

from __future__ import annotations

import io
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import delete, select

from deployments.cli import events as replaying
from deployments.cli import main
from deployments.cli.showing import printable, say, show
from deployments.receiving import Delivery, receive
from hitline.store import Store, alerts, open_store, upgrade
from hitline.store.alerts import Alert
from hitline.store.schema import dirt
from tests.contracts.store.rows import Rows

NOON = "2026-01-05T12:00:00Z"
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)

PIPELINE = """
from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate

pipeline = Pipeline("{name}", stages=[
    Stage("breed", question=HtmlTemplate({html!r}, name="breed.html"), title="Which breed?",
          reward={reward!r}, answer=Choice("breed", ["terrier", "poodle"]),
          lifetime="1h", duration="5m"),
])
"""
PAGE = "<p>${url}</p>"
COMMANDS = [
    "up",
    "run",
    "preview",
    "status",
    "explain",
    "results",
    "forecast",
    "export",
    "pilot show",
    "pilot continue",
    "pilot stop",
    "events",
    "replay",
    "pause",
    "resume",
    "retry",
    "dismiss",
    "stop",
    "redo",
    "budget",
    "ledger check",
    "ledger show",
    "staff list",
    "staff export",
    "staff import",
    "staff drop",
    "staff grant",
    "staff revoke",
    "sweep",
    "notifications on",
    "notifications off",
    "notifications show",
    "assignment show",
    "assignment approve",
    "assignment reject",
    "assignment override",
    "assignment compensate",
    "db upgrade",
    "db restored",
]


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Hitline = Callable[..., Ended]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pipeline called dogs; the settings name it, and no database is in it yet."""
    monkeypatch.setenv("HITLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'hitline.db'}")
    monkeypatch.setenv("HITLINE_PIPELINES", str(tmp_path / "pipelines"))
    monkeypatch.setenv("HITLINE_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HITLINE_QUEUE_URL", "http://127.0.0.1:9/queue")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    define(tmp_path)
    return tmp_path


def define(place: Path, *, name: str = "dogs", html: str = PAGE, reward: str = "0.05") -> None:
    folder = place / "pipelines" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pipeline.py").write_text(PIPELINE.format(name=name, html=html, reward=reward))


def items(place: Path, text: str) -> str:
    file = place / "items.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.fixture
def hitline(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Hitline:
    """Run a command as it is typed; `said` is what the person answers."""

    def call(*tokens: str, said: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        code = main(list(tokens))
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_with_an_example(hitline: Hitline, command: str) -> None:
    ended = hitline(*command.split(), "--help")

    assert ended.code == 0
    assert f"For example: hitline {command}" in ended.out


def test_every_command_is_listed(hitline: Hitline) -> None:
    listed = hitline("--help").out

    for command in {command.split()[0] for command in COMMANDS}:
        assert f"│ {command} " in listed


@pytest.mark.parametrize(
    "typed",
    [
        ["bogus"],
        ["run"],
        ["run", "dogs"],
        ["explain", "a", "b"],
        ["events", "--last", "many"],
        ["notifications", "sideways", "dogs"],
    ],
)
def test_what_is_typed_wrongly_ends_with_2(hitline: Hitline, typed: list[str]) -> None:
    assert hitline(*typed).code == 2


def test_ctrl_c_ends_with_130(
    hitline: Hitline, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    file = items(place, "key,url\na,x\n")
    stdin = io.StringIO()
    monkeypatch.setattr(stdin, "readline", interrupted)
    monkeypatch.setattr("sys.stdin", stdin)

    assert main(["run", "dogs", file]) == 130


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("key,name\na,x\n", "line 1: column url missing (there are ['key', 'name'])"),
        ("url\nx\n", "line 1: column key missing (there are ['url'])"),
        (
            "key,url\na,x\na,y\n",
            "line 3, column key: 'a' is already on line 2; name each item once",
        ),
        ("key,url\na,x\n\nb,y\n", "line 3: it is empty; delete it"),
        (
            "key,url,gold\na,x,cat\n",
            "line 2, column gold_breed: no label of stage breed; "
            "breed: 'cat' is not one of its labels ('terrier', 'poodle')",
        ),
        ("key,url,gold_size\na,x,big\n", 'dogs has no stage "size"; it has breed'),
    ],
)
def test_an_items_file_that_is_wrong_is_refused_with_one_sentence(
    hitline: Hitline, place: Path, content: str, sentence: str
) -> None:
    ended = hitline("run", "dogs", items(place, content), "--yes")

    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("hitline: ")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
    assert not (place / "hitline.db").exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "cats"}, 'there is no pipeline "dogs"'),
        ({"html": "<p>${picture}</p>"}, "column picture missing"),
        ({"reward": "0.001"}, "stage breed: reward: '0.001' is no amount in whole cents"),
        ({"reward": "0.00"}, "stage breed: reward: 0.00 is under the minimum reward, 0.01"),
        ({"html": PAGE + "x" * 65_535}, "line 2: breed.html (item 'a'): the question is"),
    ],
)
def test_a_pipeline_that_cannot_work_is_refused_before_anything_is_sent(
    hitline: Hitline, place: Path, changed: dict[str, Any], sentence: str
) -> None:
    (place / "pipelines" / "dogs" / "pipeline.py").unlink()
    define(place, **changed)

    ended = hitline("run", "dogs", items(place, "key,url\na,x\n"), "--yes")

    assert ended.code == 1
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("command", [["status"], ["explain", "a"], ["sweep"], ["stop", "dogs"]])
def test_a_database_of_a_newer_hitline_is_left_alone(
    hitline: Hitline, place: Path, command: list[str]
) -> None:
    upgrade(f"sqlite:///{place / 'hitline.db'}")
    with sqlite3.connect(place / "hitline.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'ffff'")

    ended = hitline(*command)

    assert ended.code == 1
    assert "was written by a newer hitline (its version is ffff); install that version" in ended.err
    assert ended.err.count("\n") == 1


def test_an_older_database_says_how_to_bring_it_up(hitline: Hitline, place: Path) -> None:
    sqlite3.connect(place / "hitline.db").close()

    assert 'run "hitline db upgrade"' in hitline("status").err
    assert hitline("db", "upgrade").code == 0
    assert hitline("status").code == 0


def test_looking_at_a_database_that_is_not_there_does_not_make_one(
    hitline: Hitline, place: Path
) -> None:
    ended = hitline("status")

    assert (ended.code, ended.out) == (1, "")
    assert "there is no database" in ended.err
    assert not (place / "hitline.db").exists()


@pytest.mark.parametrize("said", ["", "n\n", "perhaps\n"])
def test_without_a_yes_nothing_is_published(hitline: Hitline, place: Path, said: str) -> None:
    ended = hitline("run", "dogs", items(place, "key,url\na,x\nb,y\n"), said=said)

    assert ended.code == 1
    assert "not confirmed, so nothing was done" in ended.err
    assert "nothing was launched yet" in hitline("status").out


def test_the_most_that_items_can_cost_is_told_before_asking(hitline: Hitline, place: Path) -> None:
    """Two items, nine answers each, at 0.05 and a fee of 0.01."""
    ended = hitline("run", "dogs", items(place, "key,url\na,x\nb,y\n"))

    assert "2 new items; they cost at most $1.08, fees included" in ended.out
    assert "dogs has no budget" in ended.out


def test_a_destination_that_is_not_set_is_named(
    hitline: Hitline, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HITLINE_QUEUE_URL")

    ended = hitline("run", "dogs", items(place, "key,url\na,x\n"), "--yes")

    assert (ended.code, ended.out) == (1, "")
    assert "HITLINE_QUEUE_URL is not set" in ended.err


def test_a_preview_is_the_page_that_a_worker_would_see(hitline: Hitline, place: Path) -> None:
    file = items(place, "key,url\na,first\nb,<second>\n")

    ended = hitline("preview", "breed", file, "--row", "2", "--no-open")

    assert ended.code == 0
    address, _, query = ended.out.strip().partition("?")
    assert query == "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE"
    assert Path(address.removeprefix("file://")).read_text() == "<p>&lt;second&gt;</p>"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["dogs/size"], 'dogs has no stage "size"; it has breed'),
        (["breed", "--row", "3"], "has rows 1 to 2"),
        (["breed", "--row", "0"], "has rows 1 to 2"),
        (["breed", "--pipeline", "cats"], 'there is no pipeline "cats"'),
    ],
)
def test_a_preview_of_what_is_not_there_says_what_is(
    hitline: Hitline, place: Path, typed: list[str], sentence: str
) -> None:
    stage, *options = typed
    file = items(place, "key,url\na,x\nb,y\n")

    ended = hitline("preview", stage, file, *options, "--no-open")

    assert ended.code == 1
    assert sentence in ended.err


def test_among_several_pipelines_a_preview_must_name_one(hitline: Hitline, place: Path) -> None:
    define(place, name="cats")

    ended = hitline("preview", "breed", items(place, "key,url\na,x\n"), "--no-open")

    assert "say which pipeline, as PIPELINE/STAGE" in ended.err
    assert "cats, dogs" in ended.err


@pytest.mark.parametrize("command", ["pause", "resume", "stop", "results"])
def test_a_pipeline_that_was_never_launched_is_refused(hitline: Hitline, command: str) -> None:
    hitline("db", "upgrade")

    ended = hitline(command, "dogs")

    assert ended.code == 1
    assert 'nothing was launched yet; "hitline run PIPELINE ITEMS.csv" does it' in ended.err


def test_an_alert_is_dismissed_by_the_number_that_status_shows(hitline: Hitline) -> None:
    url = os.environ["HITLINE_DATABASE_URL"]
    upgrade(url)
    store = open_store(url)
    refused = Alert(kind="bonus-refused", pipeline="dogs", stage="breed", text="no such worker")
    with store.writing() as connection:
        alerts.raise_alert(connection, refused, datetime(2026, 1, 5, tzinfo=UTC))

    assert "1" in hitline("status").out.split("Not in order")[1]
    assert hitline("dismiss", "1").out == "bonus-refused is off the list: no such worker\n"
    assert "Not in order" not in hitline("status").out
    ended = hitline("dismiss", "1")
    assert ended.code == 1
    assert 'no alert 1 stands; "hitline status" shows those that do' in ended.err


def received(store: Store, *told: tuple[str, str], at: datetime = AT) -> None:
    """Receive events, each a HIT and a type, and have nothing marked."""
    said = [{"EventType": kind, "HITId": hit, "EventTimestamp": NOON} for hit, kind in told]
    receive(store, [Delivery(message_id="m", body=json.dumps({"Events": said}))], "sqs", at)
    with store.writing() as connection:
        connection.execute(delete(dirt))


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    """The database that the settings name, with one HIT about two items and another about one."""
    url = os.environ["HITLINE_DATABASE_URL"]
    upgrade(url)
    store = open_store(url)
    rows = Rows(store)
    rows.hit("3HIT", rows.item("a"), rows.item("b"))
    rows.hit("3MORE", rows.item("c"))
    yield store
    store.dispose()


def test_replaying_says_for_how_many_items_the_intake_rings(hitline: Hitline, store: Store) -> None:
    """Returned work is only recorded, and of a HIT that is not ours nothing is known."""
    received(store, ("3HIT", "HITReviewable"), ("3HIT", "AssignmentReturned"))
    received(store, ("3HIT", "HITExpired"), ("3OTHER", "HITExpired"))

    told = "4 events fed again; the intake rings for 2 items\n"
    assert hitline("events", "replay").out == told
    with store.reading() as connection:
        doors = sorted(connection.scalars(select(dirt.c.door)))
    assert doors == ["aggregate", "aggregate", "repost", "repost"]
    told = "1 event fed again; the intake rings for 0 items\n"
    assert hitline("events", "replay", "--type", "AssignmentReturned").out == told


def test_replaying_holds_the_database_for_a_few_hundred_events_at_a_time(
    hitline: Hitline, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(store, ("3HIT", "HITReviewable"), ("3MORE", "HITReviewable"), ("3MORE", "HITExpired"))
    monkeypatch.setattr(replaying, "AT_ONCE", 2)
    held = Mock(wraps=Store.writing)
    monkeypatch.setattr(Store, "writing", lambda store: held(store))

    told = "3 events fed again; the intake rings for 3 items\n"
    assert hitline("events", "replay").out == told
    assert held.call_count == 2


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (["--hit", "3NONE"], "; those older than 30 days are gone (HITLINE_KEEP_DAYS)"),
        (["--since", "2020-01-01"], "; those older than 30 days are gone (HITLINE_KEEP_DAYS)"),
        (["--since", "9999-01-01"], ""),
    ],
)
def test_where_nothing_is_replayed_it_says_what_may_have_been_removed(
    hitline: Hitline, store: Store, wish: list[str], said: str
) -> None:
    received(store, ("3HIT", "HITReviewable"), at=datetime(2019, 1, 1, tzinfo=UTC))

    assert hitline("events", "replay", *wish).out == f"no event matches{said}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\u202edlrow", "\\u202edlrow"),
        ("\x9b31m", "\\x9b31m"),
        ("naïve 猫 🐕", "naïve 猫 🐕"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_text_of_others_is_never_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say("[red]one[/red] :dog: [link=http://x]y[/link]")
    show(["[b]head[/b]"], [["[red]cell[/red]\x1b]0;title\x07"]], title="[i]title[/i]")

    printed = capsys.readouterr().out
    assert "[red]one[/red] :dog: [link=http://x]y[/link]" in printed
    assert "[b]head[/b]" in printed
    assert "[red]cell[/red]\\x1b]0;title\\x07" in printed
    assert "[i]title[/i]" in printed
    assert "\x1b" not in printed


def test_in_a_pipe_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    say("word " * 100)

    assert capsys.readouterr().out.count("\n") == 1
