"""Who calls: Signature Version 4 over real HTTP, and what AWS answers to whom it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
import httpx
import pytest

from hitline.mturk.connection import Credentials
from marketplace.engine import requesters
from marketplace.errors import KeyFileError

TARGET = "MTurkRequesterServiceV20170117.GetAccountBalance"
HEADERS = {"X-Amz-Target": TARGET, "Content-Type": "application/x-amz-json-1.1"}
MISMATCH = {
    "__type": "InvalidSignatureException",
    "message": (
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    ),
}
UNRECOGNIZED = {
    "__type": "UnrecognizedClientException",
    "message": "The security token included in the request is invalid.",
}
BALANCE = {"AvailableBalance": "100.00"}

Change = Callable[[dict[str, str]], dict[str, str]]


def call(market: Any, headers: dict[str, str], body: bytes = b"{}", path: str = "/") -> Any:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    response = httpx.post(market.url + path, content=body, headers=sent)
    assert response.status_code == (200 if response.json() == BALANCE else 400)
    return response.json()


def in_authorization(old: str, new: str) -> Change:
    return lambda headers: {
        **headers,
        "Authorization": re.sub(old, new, headers["Authorization"]),
    }


def with_header(name: str, value: str) -> Change:
    return lambda headers: {**headers, name: value}


def without_header(name: str) -> Change:
    return lambda headers: {k: v for k, v in headers.items() if k != name}


@pytest.mark.parametrize(
    ("change", "type", "message"),
    [
        (
            without_header("Authorization"),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
        (
            with_header("Authorization", "AWS4-HMAC-SHA256"),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires "
            "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
            "Authorization=AWS4-HMAC-SHA256",
        ),
        (
            with_header("Authorization", "Bearer x"),
            "IncompleteSignatureException",
            "'x' not a valid key=value pair (missing equal-sign) in Authorization header: "
            "'Bearer x'.",
        ),
        (
            with_header("Authorization", "AWS4-HMAC-SHA256 Credential=a, Signature=b"),
            "IncompleteSignatureException",
            "Authorization header requires 'SignedHeaders' parameter. "
            "Authorization=AWS4-HMAC-SHA256 Credential=a, Signature=b",
        ),
        (
            in_authorization("Credential=[^/]+/", "Credential="),
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term, got '{today}/us-east-1/mturk-requester/aws4_request'",
        ),
        (
            in_authorization("mturk-requester/aws4_request", "sqs/aws3"),
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'mturk-requester'. Credential should "
            "be scoped with a valid terminator: 'aws4_request', not 'aws3'. ",
        ),
        (
            in_authorization("/us-east-1/", "//"),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region. ",
        ),
        (
            in_authorization(r"/\d{8}/", "/20151124/"),
            "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: '20151124' != '{today}', from '{date}'. ",
        ),
        (
            with_header("X-Amz-Date", "yesterday"),
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got 'yesterday'. "
            "See http://en.wikipedia.org/wiki/ISO_8601",
        ),
        (
            in_authorization("SignedHeaders=content-type;host;", "SignedHeaders="),
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ],
)
def test_a_signature_that_lacks_something_is_told_what(
    market: Any, change: Change, type: str, message: str
) -> None:
    headers = market.signed(HEADERS, b"{}")
    date = headers["X-Amz-Date"]
    assert call(market, change(headers)) == {
        "__type": type,
        "message": message.replace("{date}", date).replace("{today}", date[:8]),
    }


def test_a_request_without_any_date_is_told_so(market: Any) -> None:
    headers = without_header("X-Amz-Date")(market.signed(HEADERS, b"{}"))
    told = call(market, headers)
    assert told["__type"] == "IncompleteSignatureException"
    assert told["message"] == (
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        f"Authorization={headers['Authorization']}"
    )


@pytest.mark.parametrize(
    ("change", "body", "path"),
    [
        (in_authorization("Signature=.", "Signature="), b"{}", "/"),
        (in_authorization("Signature=.*", "Signature=\u00fc"), b"{}", "/"),
        (in_authorization("SignedHeaders=", "SignedHeaders=accept;"), b"{}", "/"),
        (in_authorization("SignedHeaders=", "SignedHeaders=;;no such name;"), b"{}", "/"),
        (in_authorization("us-east-1", "eu-west-1"), b"{}", "/"),
        (with_header("Content-Type", "application/json"), b"{}", "/"),
        (with_header("X-Amz-Target", TARGET.replace("GetAccountBalance", "ListHITs")), b"{}", "/"),
        (with_header("Host", "elsewhere.example"), b"{}", "/"),
        (with_header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), b"{ }", "/"),
        (lambda headers: headers, b"{ }", "/"),
        (lambda headers: headers, b"", "/"),
        (lambda headers: headers, b"{}", "/?a=1"),
    ],
)
def test_a_request_altered_after_signing_is_refused(
    market: Any, change: Change, body: bytes, path: str
) -> None:
    headers = change(market.signed(HEADERS, b"{}"))
    assert call(market, headers, body, path) == MISMATCH


def test_a_digest_of_the_body_that_the_client_sends_is_not_believed(market: Any) -> None:
    """What was signed as unsigned payload is no signature of this body."""
    headers = {**HEADERS, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert call(market, market.signed(headers, b"{}")) == MISMATCH


def test_a_wrong_secret_and_an_unknown_key_are_told_apart(market: Any) -> None:
    key = market.credentials
    wrong = Credentials(access_key_id=key.access_key_id, secret_access_key="x" * 40)
    unknown = Credentials(access_key_id="AKIANOBODY", secret_access_key=key.secret_access_key)
    token = {**HEADERS, "X-Amz-Security-Token": "of a session"}
    assert call(market, market.signed(HEADERS, b"{}", credentials=wrong)) == MISMATCH
    assert call(market, market.signed(HEADERS, b"{}", credentials=unknown)) == UNRECOGNIZED
    assert call(market, market.signed(token, b"{}")) == UNRECOGNIZED
    assert call(market, market.signed(HEADERS, b"{}")) == BALANCE


@pytest.mark.parametrize(
    ("minutes", "message"),
    [
        (-5.1, r"Signature expired: \d{8}T\d{6}Z is now earlier than \S+ \(\S+ - 5 min\.\)"),
        (5.1, r"Signature not yet current: \d{8}T\d{6}Z is still later than \S+ \(\S+ \+ 5 min.\)"),
    ],
)
def test_a_clock_five_minutes_off_is_told_both_times(
    market: Any, monkeypatch: pytest.MonkeyPatch, minutes: float, message: str
) -> None:
    """By the wall's clock: the marketplace's own stands still in another year."""
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: then)
    told = call(market, market.signed(HEADERS, b"{}"))
    assert told["__type"] == "InvalidSignatureException"
    assert re.fullmatch(message, told["message"])


def test_a_revoked_key_stops_at_once_and_another_of_the_same_requester_goes_on(
    market: Any,
) -> None:
    """Also when another process revokes it, which only the database tells."""
    lab = market.credentials.access_key_id
    assert market.balance() == "100.00"
    with market.engine.act() as tx:
        further = requesters.add_key(tx, requesters.named(tx, "lab").requester_id)
        requesters.revoke(tx, lab)
    assert call(market, market.signed(HEADERS, b"{}")) == UNRECOGNIZED
    credentials = Credentials(
        access_key_id=further.access_key_id, secret_access_key=further.secret_access_key
    )
    assert call(market, market.signed(HEADERS, b"{}", credentials=credentials)) == BALANCE


def test_behind_a_proxy_the_host_that_the_client_signed_counts(
    open_market: Callable[..., Any],
) -> None:
    """nginx sends its own name for the upstream unless it is told otherwise."""
    market = open_market(public_url="https://turk.example.org")
    for signed, sent in [
        ("turk.example.org", "127.0.0.1:8017"),
        ("turk.example.org", "turk.example.org"),
        ("127.0.0.1:8017", "127.0.0.1:8017"),
    ]:
        headers = market.signed(HEADERS, b"{}", host=signed)
        assert call(market, {**headers, "Host": sent}) == BALANCE
    headers = market.signed(HEADERS, b"{}", host="other.example.org")
    assert call(market, {**headers, "Host": "127.0.0.1:8017"}) == MISMATCH


def test_a_secret_is_stored_encrypted_and_tells_its_holder(market: Any) -> None:
    key = market.credentials
    with market.engine.look() as tx:
        lab = requesters.named(tx, "lab").requester_id
        [stored] = requesters.keys_held(tx, lab)
        assert key.secret_access_key not in stored.sealed_secret
        held = requesters.holder_with_secret(tx, key.access_key_id, key.secret_access_key)
        assert held == lab
        assert requesters.holder_with_secret(tx, key.access_key_id, "\udc00") is None
        assert requesters.holder_with_secret(tx, "AKIANOBODY", key.secret_access_key) is None
    with market.engine.act() as tx:
        requesters.revoke(tx, key.access_key_id)
        held = requesters.holder_with_secret(tx, key.access_key_id, key.secret_access_key)
        assert held is None


def test_a_lost_key_file_is_a_clear_error_until_all_its_keys_are_revoked(market: Any) -> None:
    market.engine.secrets.path.unlink()
    market.restart()
    with market.engine.act() as tx:
        lab = requesters.named(tx, "lab").requester_id
        with pytest.raises(KeyFileError, match=r"marketplace\.key cannot be read .* restore the"):
            requesters.add_key(tx, lab)
        requesters.revoke(tx, market.credentials.access_key_id)
        requesters.add_key(tx, lab)
    assert market.engine.secrets.path.stat().st_mode & 0o777 == 0o600
