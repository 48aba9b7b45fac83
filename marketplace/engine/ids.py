"""Ids in MTurk's form.

They are drawn from the system, never from a seed: a seeded source would repeat itself after a
restart.
"""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_uppercase + string.digits


def entity_id() -> str:
    """An id for a HIT, HIT type, group or assignment: 30 characters, the first a 3."""
    return "3" + _draw(29)


def person_id() -> str:
    """An id for a requester or worker: 14 characters, the first an A."""
    return "A" + _draw(13)


def account_number() -> str:
    """An AWS account id: 12 digits."""
    return "".join(secrets.choice(string.digits) for _ in range(12))


def access_key_id() -> str:
    """20 characters, as AWS prints them."""
    return "AKIA" + _draw(16)


def secret_access_key() -> str:
    """40 characters, as AWS prints them."""
    return "".join(secrets.choice(string.ascii_letters + string.digits + "+/") for _ in range(40))


def _draw(length: int) -> str:
    # One number, written in base 36: the system is asked once, not for each character.
    number = secrets.randbelow(len(ALPHABET) ** length)
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(characters)
