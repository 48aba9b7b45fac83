"""The web hook: what SNS signed for our topic is stored, and nothing else.

The documents are signed by a key of the test, whose certificate stands at SNS's address.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select
from starlette.testclient import TestClient

from deployments.webhook.app import MOST_BYTES, Hook, application, fetcher
from deployments.webhook.signatures import Forged, sns_address
from hitline.clock import RunningClock
from hitline.store import Store, open_store, schema, upgrade

TOPIC = "arn:aws:sns:us-east-1:111122223333:hitline-notifications"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-" + "01" * 16 + ".pem"
CONFIRM = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
EVENTS = '{"Events":[{"EventType":"HITReviewable","HITId":"3HIT"}]}'
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


class Sns:
    """SNS's own addresses: the certificate, and the confirmation of a subscription."""

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate
        self.asked: list[str] = []
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.down:
            return httpx.Response(503)
        return httpx.Response(200, content=self.certificate)


@pytest.fixture
def sns_side(certificate: bytes) -> Sns:
    return Sns(certificate)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    store = open_store(url)
    yield store
    store.dispose()


@pytest.fixture
def hook(store: Store, sns_side: Sns) -> TestClient:
    client = httpx.Client(transport=httpx.MockTransport(sns_side))
    made = Hook(store=store, clock=RunningClock(), topic_arn=TOPIC, fetch=fetcher(client))
    return TestClient(application(made))


def signed(key: rsa.RSAPrivateKey, version: str = "2", **changed: str) -> dict[str, str]:
    """A message as SNS sends it, then `changed` before it is signed."""
    message = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": EVENTS,
        "Timestamp": "2026-01-05T10:00:03.848Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        **changed,
    }
    text = "".join(
        f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if name in message
    )
    kind = {"1": SHA1, "2": SHA256}[version]()
    signature = key.sign(text.encode(), PKCS1v15(), kind)
    return {**message, "Signature": base64.b64encode(signature).decode()}


def count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_notification_is_stored(
    hook: TestClient, store: Store, key: rsa.RSAPrivateKey, version: str
) -> None:
    answer = hook.post("/", content=json.dumps(signed(key, version, Subject="1767607203809")))

    assert answer.status_code == 200
    assert count(store, schema.events) == 1
    with store.reading() as connection:
        assert connection.scalar(select(schema.ways.c.way)) == "https"


@pytest.mark.parametrize(
    "forged",
    [
        {"Message": EVENTS.replace("3HIT", "3OTHER")},
        {"TopicArn": TOPIC + "x"},
        {"Signature": "AAAA"},
        {"Signature": "no base64!"},
        {"SignatureVersion": "3"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/cert.pem"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/a.pem?Action=ListTopics"},
        {"SigningCertURL": CERTIFICATE + "?Action=GetEndpointAttributes"},
        {"SigningCertURL": CERTIFICATE + "#x"},
        {"SigningCertURL": CERTIFICATE.replace("/Simple", "/x/Simple")},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com.evil.example/cert.pem"},
        {"SigningCertURL": "https://evil.example/cert.pem"},
        {"SigningCertURL": "http://sns.us-east-1.amazonaws.com/cert.pem"},
        {"SigningCertURL": "https://user@sns.us-east-1.amazonaws.com/cert.pem"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com:8443/cert.pem"},
        {"SigningCertURL": "https://s3.us-east-1.amazonaws.com/cert.pem"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/cert"},
        {"SigningCertURL": "https://[sns/cert.pem"},
    ],
)
def test_what_sns_did_not_sign_is_refused_and_not_stored(
    hook: TestClient, store: Store, sns_side: Sns, key: rsa.RSAPrivateKey, forged: dict[str, str]
) -> None:
    """Nothing is asked of an address that is not SNS's."""
    answer = hook.post("/", content=json.dumps({**signed(key), **forged}))

    assert answer.status_code == 403
    assert count(store, schema.events) == count(store, schema.unparsed) == 0
    assert all(asked == CERTIFICATE for asked in sns_side.asked)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"Type": "Notification"}'])
def test_what_is_no_message_of_sns_is_refused(hook: TestClient, body: bytes) -> None:
    assert hook.post("/", content=body).status_code == 403


def test_a_body_larger_than_a_message_can_be_is_not_read(hook: TestClient) -> None:
    assert hook.post("/", content=b"x" * (MOST_BYTES + 1)).status_code == 413


def test_a_signed_message_that_is_no_event_document_is_kept_with_the_reason(
    hook: TestClient, store: Store, key: rsa.RSAPrivateKey
) -> None:
    assert hook.post("/", content=json.dumps(signed(key, Message="hello"))).status_code == 200
    assert count(store, schema.unparsed) == 1


def test_a_subscription_is_confirmed_at_sns_itself(
    hook: TestClient, sns_side: Sns, key: rsa.RSAPrivateKey
) -> None:
    message = signed(key, Type="SubscriptionConfirmation", SubscribeURL=CONFIRM, Token="t")
    assert hook.post("/", content=json.dumps(message)).status_code == 200
    assert sns_side.asked == [CERTIFICATE, CONFIRM]


def test_a_confirmation_that_leads_elsewhere_is_not_followed(
    hook: TestClient, sns_side: Sns, key: rsa.RSAPrivateKey
) -> None:
    evil = "https://evil.example/?Action=ConfirmSubscription"
    message = signed(key, Type="SubscriptionConfirmation", SubscribeURL=evil, Token="t")
    assert hook.post("/", content=json.dumps(message)).status_code == 403
    assert sns_side.asked == [CERTIFICATE]


def test_what_cannot_be_checked_now_is_asked_for_again(
    hook: TestClient, store: Store, sns_side: Sns, key: rsa.RSAPrivateKey
) -> None:
    """SNS delivers again what is answered with 503."""
    sns_side.down = True
    assert hook.post("/", content=json.dumps(signed(key))).status_code == 503
    sns_side.down = False
    assert hook.post("/", content=json.dumps(signed(key))).status_code == 200
    assert count(store, schema.events) == 1


def test_the_certificate_is_fetched_once(
    hook: TestClient, sns_side: Sns, key: rsa.RSAPrivateKey
) -> None:
    for number in range(3):
        hook.post("/", content=json.dumps(signed(key, MessageId=str(number))))
    assert sns_side.asked == [CERTIFICATE]


def test_chinas_regions_have_their_own_ending() -> None:
    url = "https://sns.cn-north-1.amazonaws.com.cn/cert.pem"
    assert sns_address(url, "SigningCertURL") == url
    with pytest.raises(Forged):
        sns_address("https://sns.cn-north-1.amazonaws.com.com/cert.pem", "SigningCertURL")
