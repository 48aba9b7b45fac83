"""From settings to collaborators: the one place that knows concrete classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from hitline import loading
from hitline.clock import Clock
from hitline.money import MTURK, NONE, Fees
from hitline.mturk.client import Requester, connect
from hitline.pipeline import Pipeline
from hitline.settings import Settings, read_settings
from hitline.store import Store, open_store


@dataclass(frozen=True, kw_only=True)
class Hitline:
    """The requester's side, put together. Every part can be replaced by keyword."""

    store: Store
    requester: Requester
    clock: Clock
    fees: Fees
    pipeline: Callable[[str], Pipeline]
    chunk: int = 50
    calls_per_second: int | None = None
    keep_events: timedelta = timedelta(days=30)


def wire(
    settings: Settings, *, store: Store | None = None, requester: Requester | None = None
) -> Hitline:
    """Everything that `settings` name, opened."""
    return Hitline(
        store=store or open_store(settings.database_url),
        requester=requester or connect(endpoint_url=settings.endpoint_url, region=settings.region),
        clock=settings.clock,
        fees=MTURK if settings.fees == "mturk" else NONE,
        pipeline=cache(lambda name: loading.load(name, settings.pipelines)),
        # With a limit, a chunk is what may be called in a second: smooth, and soon done.
        chunk=min(settings.chunk, settings.calls_per_second or settings.chunk),
        calls_per_second=settings.calls_per_second,
        keep_events=timedelta(days=settings.keep_days),
    )


@cache
def wired() -> Hitline:
    """The Hitline of this process, from its environment; built when it is first asked for."""
    return wire(read_settings())
