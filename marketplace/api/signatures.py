"""Signature Version 4: what a request claims, and whether its signature bears that out.

The signature itself is computed by botocore, over the headers that the client says it signed and
the very bytes that arrived. The refusals are those that AWS's services on JSON answer, all of them
with HTTP 400.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from starlette.datastructures import Headers

from marketplace.errors import FrameworkError

SERVICE = "mturk-requester"
ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
PARAMETERS = ("Credential", "Signature", "SignedHeaders")
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who a request says has signed it, when, and which of its headers."""

    access_key_id: str
    region: str
    at: datetime
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def timestamp(self) -> str:
        return self.at.strftime(SIGV4_TIMESTAMP)


def claim_in(headers: Headers) -> Claim:
    """What the Authorization header says, once it is complete and meant for this service."""
    authorization = headers.get("authorization")
    if authorization is None:
        raise FrameworkError("MissingAuthenticationTokenException", "Missing Authentication Token")
    given = _parameters(authorization)
    dated = headers.get("x-amz-date") or headers.get("date")
    missing = [
        f"Authorization header requires '{name}' parameter. "
        for name in PARAMETERS
        if not given.get(name)
    ]
    if dated is None:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    if missing or dated is None:
        raise _incomplete(f"{''.join(missing)}Authorization={authorization}")
    at = _moment(dated)
    access_key_id, region = _scope(given["Credential"], at)
    signed_headers = tuple(name.lower() for name in given["SignedHeaders"].split(";"))
    if "host" not in signed_headers:
        raise _invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    return Claim(
        access_key_id=access_key_id,
        region=region,
        at=at,
        signed_headers=signed_headers,
        signature=given["Signature"],
    )


def check_time(claim: Claim, wall: datetime) -> None:
    """Refuse what was signed more than five minutes ago, or will be in more than five minutes."""
    wall = wall.replace(microsecond=0)
    earliest, latest = wall - SKEW, wall + SKEW
    if claim.at < earliest:
        raise _invalid(
            f"Signature expired: {claim.timestamp} is now earlier than "
            f"{earliest:{SIGV4_TIMESTAMP}} ({wall:{SIGV4_TIMESTAMP}} - 5 min.)"
        )
    if claim.at > latest:
        raise _invalid(
            f"Signature not yet current: {claim.timestamp} is still later than "
            f"{latest:{SIGV4_TIMESTAMP}} ({wall:{SIGV4_TIMESTAMP}} + 5 min.)"
        )


def check_signature(
    claim: Claim, secret: str, *, headers: Headers, query: str, body: bytes, hosts: Iterable[str]
) -> None:
    """Refuse a signature that was not made with this secret over this request.

    `hosts`: what the client may have sent as its Host header, before any proxy changed it.
    """
    for host in hosts:
        expected = _Recomputed(claim, secret, headers, host).signature_of(query, body)
        if hmac.compare_digest(expected.encode(), claim.signature.encode(errors="replace")):
            return
    raise _invalid(
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    )


def unrecognized() -> FrameworkError:
    """For a key that is unknown or revoked: AWS tells neither from the other."""
    return FrameworkError(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )


class _Recomputed(SigV4Auth):
    """botocore's signer, told which headers to sign, and when."""

    def __init__(self, claim: Claim, secret: str, headers: Headers, host: str) -> None:
        super().__init__(Credentials(claim.access_key_id, secret), SERVICE, claim.region)
        self._claim = claim
        self._signed = HTTPHeaders()
        for name in claim.signed_headers:
            for value in [host] if name == "host" else headers.getlist(name) or [""]:
                self._signed.add_header(name, value)

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        return self._signed

    def signature_of(self, query: str, body: bytes) -> str:
        # Without headers of its own: a digest of the body that a client sends is not believed.
        request = AWSRequest("POST", f"https://{SERVICE}/?{query}", data=body)
        request.context["timestamp"] = self._claim.timestamp
        signed = self.string_to_sign(request, self.canonical_request(request))
        return self.signature(signed, request)


def _parameters(authorization: str) -> dict[str, str]:
    algorithm, _, rest = authorization.strip().partition(" ")
    given = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise _incomplete(
                f"'{part}' not a valid key=value pair (missing equal-sign) in Authorization "
                f"header: '{authorization}'."
            )
        given[name] = value
    return given if algorithm == ALGORITHM else {}


def _moment(text: str) -> datetime:
    """X-Amz-Date, or the Date header in its own form."""
    try:
        return datetime.strptime(text, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _incomplete(
            f"Date must be in ISO-8601 'basic format'. Got '{text}'. "
            "See http://en.wikipedia.org/wiki/ISO_8601"
        ) from error


def _scope(credential: str, at: datetime) -> tuple[str, str]:
    parts = credential.split("/")
    if len(parts) != 5:
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            f"keyid/date/region/service/term, got '{credential}'"
        )
    access_key_id, date, region, service, terminator = parts
    wrong = ""
    if not region:
        wrong += "Credential should be scoped to a valid region. "
    if service != SERVICE:
        wrong += f"Credential should be scoped to correct service: '{SERVICE}'. "
    if terminator != TERMINATOR:
        wrong += (
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{terminator}'. "
        )
    if date != f"{at:%Y%m%d}":
        wrong += (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date}' != '{at:%Y%m%d}', from '{at:{SIGV4_TIMESTAMP}}'. "
        )
    if wrong:
        raise _invalid(wrong)
    return access_key_id, region


def _incomplete(message: str) -> FrameworkError:
    return FrameworkError("IncompleteSignatureException", message)


def _invalid(message: str) -> FrameworkError:
    return FrameworkError("InvalidSignatureException", message)
