"""The tables, a family a file. Times called `wall_…` are wall time, all others business time."""

from hitline.store.schema.alerts import alerts
from hitline.store.schema.base import metadata
from hitline.store.schema.inbox import events, unparsed
from hitline.store.schema.items import bells, dirt, items, verdicts
from hitline.store.schema.money import ledger
from hitline.store.schema.stages import (
    controls,
    hit_types,
    pipelines,
    stage_versions,
    subscriptions,
)
from hitline.store.schema.work import answers, assignments, hit_items, hits, intent_items, intents

__all__ = [
    "alerts",
    "answers",
    "assignments",
    "bells",
    "controls",
    "dirt",
    "events",
    "hit_items",
    "hit_types",
    "hits",
    "intent_items",
    "intents",
    "items",
    "ledger",
    "metadata",
    "pipelines",
    "stage_versions",
    "subscriptions",
    "unparsed",
    "verdicts",
]
