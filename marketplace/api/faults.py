"""Faults of the API that are switched on: calls throttled, slow, or failing before or after acting.

Clients retry all of them (botocore does so by itself), which is what they are for: a call that
failed after it acted was done, and its repetition meets its own effect.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from marketplace.engine import Engine
from marketplace.errors import FrameworkError, ServiceFault
from marketplace.settings import Settings


@contextmanager
def passing(engine: Engine, requester_id: str) -> Iterator[None]:
    """Around a call's work: raises, or waits, as the faults say that are set at this moment."""
    settings, gate = engine.current, _gate(engine)
    if settings.throttle_rate and not gate.has_token(requester_id, settings, engine.clock.wall()):
        raise FrameworkError("ThrottlingException", "Rate exceeded")
    if gate.draws(settings.api_throttled):
        raise FrameworkError("ThrottlingException", "Rate exceeded")
    if gate.draws(settings.api_slow):
        time.sleep(settings.api_slow_seconds)
    if gate.draws(settings.api_fault_before):
        raise ServiceFault
    yield
    if gate.draws(settings.api_fault_after):
        raise ServiceFault


@dataclass
class _Bucket:
    tokens: float
    at: datetime


class _Gate:
    """Chance, and each account's token bucket; of one engine, for all of its threads."""

    def __init__(self, seed: int | None) -> None:
        self._chance = random.Random(seed)
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def draws(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def has_token(self, requester_id: str, settings: Settings, wall: datetime) -> bool:
        with self._lock:
            bucket = self._buckets.setdefault(requester_id, _Bucket(settings.throttle_burst, wall))
            gained = (wall - bucket.at).total_seconds() * settings.throttle_rate
            bucket.tokens = min(settings.throttle_burst, bucket.tokens + max(gained, 0))
            bucket.at = wall
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True


_gates: WeakKeyDictionary[Engine, _Gate] = WeakKeyDictionary()
_gates_lock = threading.Lock()


def _gate(engine: Engine) -> _Gate:
    with _gates_lock:
        return _gates.setdefault(engine, _Gate(engine.settings.seed))
