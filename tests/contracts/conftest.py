"""A marketplace over real HTTP, on a clock that stands still until a test moves it."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.credentials
import httpx
import pytest
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from sqlalchemy import make_url, select

from hitline.mturk.connection import Credentials
from marketplace.app import create_app
from marketplace.clock import SetClock
from marketplace.engine import Engine, account, requesters
from marketplace.serve import bind, http_config
from marketplace.settings import Settings
from marketplace.store import Store, outbox
from tests.contracts.store.conftest import SERVER, made_database

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
DEPOSIT = Decimal("100.00")
HTML_QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
    '2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><html><body><form>'
    '<input name="breed"></form></body></html>]]></HTMLContent><FrameHeight>0</FrameHeight>'
    "</HTMLQuestion>"
)
HIT_TYPE: Mapping[str, Any] = {
    "Title": "Which breed?",
    "Description": "Look at a picture.",
    "Reward": "0.05",
    "AssignmentDurationInSeconds": 600,
}
HIT: Mapping[str, Any] = {"LifetimeInSeconds": 3600, "Question": HTML_QUESTION}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/hits"


class Market:
    """The service, a requester with a deposit, and the workers' side."""

    html_question = HTML_QUESTION

    def __init__(self, database: str, settings: Settings, clock: SetClock) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.start()
        self.credentials = self.add_requester("lab")
        self.client = self.client_of(self.credentials)

    def start(self) -> None:
        _lay_out(self.database)
        self.store = Store(self.database)
        self.engine = Engine(self.store, self.clock, self.settings)
        listener = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(http_config(create_app(self.engine)))
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()

    def stop(self) -> None:
        self.leave()
        self._thread.join()

    def leave(self) -> None:
        """Stop, without waiting for the server to notice, which takes a tenth of a second."""
        self._server.should_exit = True
        self.store.close()

    def restart(self) -> None:
        """Another process on the same database."""
        self.stop()
        self.start()
        self.client = self.client_of(self.credentials)

    def add_requester(self, name: str, deposit: Decimal = DEPOSIT) -> Credentials:
        with self.engine.act() as tx:
            key = requesters.add(tx, name)
            if deposit:
                account.deposit(tx, requesters.named(tx, name).requester_id, deposit)
        return Credentials(access_key_id=key.access_key_id, secret_access_key=key.secret_access_key)

    def client_of(self, credentials: Credentials) -> Any:
        """A boto3 client that sends what it is given, once."""
        return _session().client(
            "mturk",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
        )

    def create_hit(self, **changes: Any) -> dict[str, Any]:
        hit: dict[str, Any] = self.client.create_hit(**{**HIT_TYPE, **HIT, **changes})["HIT"]
        return hit

    def status(self, hit_id: str) -> str:
        return str(self.client.get_hit(HITId=hit_id)["HIT"]["HITStatus"])

    def balance(self) -> str:
        return str(self.client.get_account_balance()["AvailableBalance"])

    def accept(self, hit_id: str, worker: str) -> str:
        self.engine.register_worker(worker)
        return self.engine.accept(hit_id, worker)

    def submit(self, hit_id: str, worker: str, **answers: str) -> str:
        assignment_id = self.accept(hit_id, worker)
        self.engine.submit(assignment_id, worker, answers)
        return assignment_id

    def advance(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    def subscribe(self, hit_type_id: str, *event_types: str) -> None:
        self.client.update_notification_settings(
            HITTypeId=hit_type_id,
            Notification={
                "Destination": QUEUE,
                "Transport": "SQS",
                "Version": "2014-08-15",
                "EventTypes": list(event_types),
            },
        )

    def events(self) -> list[str]:
        """What the outbox holds, in the order in which it happened, after the clock was heeded."""
        with self.engine.look() as tx:
            rows = tx.connection.execute(select(outbox.c.event_type).order_by(outbox.c.id))
            return [row.event_type for row in rows]

    @staticmethod
    def refusal(call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
        """The refusal's code, TurkErrorCode, and text without the time at its end."""
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        response = caught.value.response
        return {
            "code": response["Error"]["Code"],
            "turk": response.get("TurkErrorCode"),
            "message": re.sub(r" \(\d+( s)?\)$", "", response["Error"]["Message"]),
        }

    def post(
        self,
        operation: str | None,
        body: bytes | Mapping[str, Any] = b"{}",
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """A request made by hand and signed, unless it has its own Authorization.

        A header of None is left out.
        """
        sent: dict[str, str | None] = {
            "X-Amz-Target": f"MTurkRequesterServiceV20170117.{operation}" if operation else None,
            "Content-Type": "application/x-amz-json-1.1",
            **(headers or {}),
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name: value for name, value in sent.items() if value is not None}
        if "Authorization" not in sent:
            given = self.signed(given, content)
        return httpx.post(self.url, content=content, headers=given)

    def signed(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        credentials: Credentials | None = None,
        service: str = "mturk-requester",
        host: str | None = None,
    ) -> dict[str, str]:
        """The headers as botocore signs them, for this service unless another host is named."""
        keys = credentials or self.credentials
        signer = SigV4Auth(
            botocore.credentials.Credentials(keys.access_key_id, keys.secret_access_key),
            service,
            "us-east-1",
        )
        url = f"http://{host}" if host else self.url
        request = AWSRequest("POST", f"{url}/", headers=dict(headers), data=body)
        signer.add_auth(request)
        return {**dict(request.headers.items()), "Host": urlsplit(url).netloc}


def _lay_out(database: str) -> None:
    """Give a new SQLite file its tables by copying them: making them takes 250 ms."""
    path = Path(database.removeprefix("sqlite:///"))
    if database.startswith("sqlite:///") and not path.exists():
        path.write_bytes(_empty_database())


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Store(f"sqlite:///{path}").close()
        return path.read_bytes()


@cache
def _session() -> boto3.Session:
    """One for all tests: it keeps the service's model, which is slow to load."""
    return boto3.Session()


ON_BOTH = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)
"""For tests of what the two databases do each in their own way."""


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless TEST_POSTGRES_URL names a server on which everything is to be tried."""
    default = "postgresql" if "TEST_POSTGRES_URL" in os.environ else "sqlite"
    return str(getattr(request, "param", default))


@pytest.fixture
def new_database(
    database_kind: str, tmp_path: Path, require: Callable[[bool, str], None]
) -> Iterator[Callable[[], str]]:
    """Call for the address of an empty database; all are dropped after the test."""
    url = make_url(os.environ.get("TEST_POSTGRES_URL", SERVER)).set(drivername="postgresql")
    server = url.set(database="").render_as_string(hide_password=False).rstrip("/")
    with ExitStack() as made:
        yield lambda: made.enter_context(
            made_database(database_kind, tmp_path, require, server=server)
        )


@pytest.fixture
def open_market(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Callable[..., Market]]:
    """Call with settings; every market closes after the test."""
    opened: list[Market] = []

    def call(**settings: Any) -> Market:
        settings.setdefault("key_file", tmp_path / "marketplace.key")
        opened.append(Market(new_database(), Settings(**settings), SetClock(START)))
        return opened[-1]

    yield call
    for market in opened:
        market.leave()


@pytest.fixture
def market(open_market: Callable[..., Market]) -> Market:
    """A marketplace in production mode."""
    return open_market()
