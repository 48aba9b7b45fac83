"""The Lambda handler: into the database, or on to the queue; and the archive that holds it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from deployments import archive, lambda_handler
from hitline.errors import StoreError
from hitline.store import Store, open_store, schema, upgrade
from tests.contracts.store.conftest import Require, made_database
from tests.contracts.store.rows import Rows

HIT = "3HIT"
GUIDE = {
    "Records": [
        {"Sns": {"Message": f'{{"Events":[{{"EventType":"HITReviewable","HITId":"{HIT}"}}]}}'}}
    ]
}
"""The test event of the AWS guide."""


def document(hit: str = HIT, second: int = 1) -> str:
    return json.dumps(
        {
            "Events": [
                {
                    "EventType": "HITReviewable",
                    "EventTimestamp": f"2026-01-05T10:00:{second:02}Z",
                    "HITId": hit,
                }
            ]
        }
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    require: Require,
) -> Iterator[Store]:
    with made_database(request.param, tmp_path, require) as url:
        upgrade(url)
        monkeypatch.setenv("HITLINE_DATABASE_URL", url)
        lambda_handler._store.cache_clear()
        store = open_store(url)
        rows = Rows(store)
        rows.hit(HIT, rows.item("a"))
        yield store
        store.dispose()
        lambda_handler._store().dispose()
        lambda_handler._store.cache_clear()


def stored(store: Store, column: Any) -> list[Any]:
    with store.reading() as connection:
        return list(connection.scalars(select(column)))


def test_the_guides_test_event_marks_the_hits_item(store: Store) -> None:
    told = lambda_handler.handler(GUIDE)

    assert told == {"records": 1, "events": 1, "repeats": 0, "unparsed": 0}
    assert stored(store, schema.dirt.c.door) == ["aggregate"]
    assert stored(store, schema.ways.c.way) == ["lambda"]


def test_all_records_of_a_batch_are_stored_and_an_unreadable_one_is_kept(store: Store) -> None:
    event = {
        "Records": [
            {"Sns": {"MessageId": "m1", "Message": document()}},
            {"body": document(second=2), "messageId": "m2"},
            {"Sns": {"MessageId": "m\x00\ud8003", "Message": "hello\x00\ud800"}},
            {"neither": 1},
        ]
    }
    told = lambda_handler.handler(event)

    assert told == {"records": 4, "events": 2, "repeats": 0, "unparsed": 2}
    assert stored(store, schema.unparsed.c.body) == ["hello\\x00\\ud800", '{"neither": 1}']
    assert stored(store, schema.unparsed.c.message_id)[0] == "m\\x00\\ud8003#0"


def test_an_invocation_that_is_tried_again_is_counted_and_not_doubled(store: Store) -> None:
    lambda_handler.handler(GUIDE)
    assert lambda_handler.handler(GUIDE)["repeats"] == 1
    assert stored(store, schema.events.c.repeats) == [1]


def test_the_consoles_own_test_event_is_a_document_without_records(store: Store) -> None:
    assert lambda_handler.handler(json.loads(document()))["events"] == 1


def test_without_the_database_the_invocation_fails_and_is_tried_again_by_lambda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    lambda_handler._store.cache_clear()
    with pytest.raises(StoreError):
        lambda_handler.handler(GUIDE)


def test_where_the_database_cannot_be_reached_it_forwards_to_the_queue(
    sqs: Any, aws_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqs.create_queue(QueueName=uuid4().hex)["QueueUrl"]
    monkeypatch.delenv("HITLINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("HITLINE_QUEUE_URL", url)
    monkeypatch.setenv("HITLINE_SQS_ENDPOINT", aws_url)

    assert lambda_handler.handler(GUIDE) == {"records": 1, "forwarded": 1}
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == GUIDE["Records"][0]["Sns"]["Message"]


def test_without_either_setting_it_says_which_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HITLINE_DATABASE_URL", "HITLINE_QUEUE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RuntimeError, match="HITLINE_DATABASE_URL"):
        lambda_handler.handler(GUIDE)


def test_the_archive_alone_stores_events(store: Store, tmp_path: Path) -> None:
    """A bare Python, which sees nothing but the archive's files."""
    archive.write(tmp_path / "lambda.zip", database=True)
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", "lambda.zip", "opened"], cwd=tmp_path, check=True
    )
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'opened')!r}); import json, os; "
        f"os.environ['HITLINE_DATABASE_URL'] = {store.engine.url.render_as_string()!r}; "
        "from deployments.lambda_handler import handler; "
        f"print(json.dumps(handler(json.loads({json.dumps(GUIDE)!r}))))"
    )
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    ran = subprocess.run([base, "-I", "-c", program], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["events"] == 1


def test_the_archive_for_forwarding_holds_no_packages(tmp_path: Path) -> None:
    archive.write(tmp_path / "lambda.zip", database=False)
    assert (tmp_path / "lambda.zip").stat().st_size < 1_000_000
