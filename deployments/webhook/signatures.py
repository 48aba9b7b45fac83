"""Who signed an SNS message: verified before anything in it is believed or stored.

The rule is AWS's ("Verifying the signatures of Amazon SNS messages"): the fields of the message,
in one order, one name and one value a line; signed with RSA PKCS#1 1.5 over SHA-1 (version 1) or
SHA-256 (version 2); the certificate fetched over TLS from SNS's own host and from nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from hitline.errors import HitlineError

FetchCertificate = Callable[[str], bytes]
"""From a certificate's address, already checked, to its PEM."""

_SNS_HOST = re.compile(r"sns\.[a-z0-9-]{1,30}\.amazonaws\.com(\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")
"""The whole path: elsewhere on that host SNS's API answers, with text that callers may choose."""
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES: Mapping[str, Callable[[], SHA1 | SHA256]] = {"1": SHA1, "2": SHA256}


class Forged(HitlineError):
    """A message that SNS did not sign, or whose signature cannot be checked."""


def verify(message: Mapping[str, Any], fetch: FetchCertificate) -> None:
    """Pass if SNS signed `message`. Raises Forged saying what is wrong, without fetching anything
    from an address that is not SNS's."""
    kind = _HASHES.get(_text(message, "SignatureVersion"))
    if kind is None:
        raise Forged("SignatureVersion is neither 1 nor 2")
    address = sns_address(_text(message, "SigningCertURL"), "SigningCertURL")
    found = urlsplit(address)
    if not _CERTIFICATE.fullmatch(found.path) or "?" in address or "#" in address:
        raise Forged("SigningCertURL names none of SNS's certificates")
    try:
        signature = base64.b64decode(_text(message, "Signature"), validate=True)
    except binascii.Error:
        raise Forged("Signature is not base64") from None
    try:
        key = x509.load_pem_x509_certificate(fetch(address)).public_key()
    except ValueError:
        raise Forged("what SigningCertURL leads to is no certificate") from None
    if not isinstance(key, RSAPublicKey):
        raise Forged("the certificate's key is not RSA")
    try:
        key.verify(signature, _signed(message), PKCS1v15(), kind())
    except InvalidSignature:
        raise Forged("the signature is not that of the message") from None


def sns_address(url: str, field: str) -> str:
    """`url` if it is an HTTPS address of SNS itself. Raises Forged naming the field."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forged(f"{field} is no address") from None
    strange = parts.username is not None or port not in (None, 443)
    if parts.scheme != "https" or strange or not _SNS_HOST.fullmatch(parts.hostname or ""):
        raise Forged(f"{field} is not an HTTPS address of SNS")
    return url


def _signed(message: Mapping[str, Any]) -> bytes:
    names = _NOTIFICATION if message.get("Type") == "Notification" else _CONFIRMATION
    lines = [
        part
        for name in names
        if name != "Subject" or message.get("Subject") is not None
        for part in (name, _text(message, name))
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str):
        raise Forged(f"{name} is missing, or no text")
    return value
