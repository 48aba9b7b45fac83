"""Passwords: hashed by Argon2id, a few at a time.

A hash takes time and memory on purpose, so it is never made inside a transaction, and a flood of
sign-ins waits in a queue instead of filling the machine.
"""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 1000
UNUSABLE = "!"  # in place of a hash: no password fits

# OWASP's recommendation for Argon2id.
HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
_turns = threading.BoundedSemaphore(2)


def weakness(password: str) -> str | None:
    """What is wrong with a password that somebody chose; length is all that is asked of it."""
    if len(password) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    return None


def hashed(password: str) -> str:
    """What to keep of a password, in Argon2's own notation."""
    with _turns:
        return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the kept one; takes as long where nothing is kept."""
    known = kept is not None and kept != UNUSABLE
    with _turns:
        try:
            right = HASHER.verify(kept if known and kept else _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return right and known


def is_outdated(kept: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return HASHER.hash("a password that opens nothing")
