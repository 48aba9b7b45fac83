"""The tables, a family a file. Times called `wall_…` are wall time, all others business time."""

from hitline.store.schema.alerts import alerts
from hitline.store.schema.base import metadata
from hitline.store.schema.inbox import events, unparsed
from hitline.store.schema.items import bells, dirt, items, verdicts
from hitline.store.schema.models import model_workers, models, revisions
from hitline.store.schema.money import balances, caps, commitments, ledger
from hitline.store.schema.pay import bonuses, wage_days, wage_spells
from hitline.store.schema.planning import forecasts, pilot_items, pilots, secrets
from hitline.store.schema.qualifying import grants, qualification_types, staff_labels
from hitline.store.schema.repairs import repairs
from hitline.store.schema.stages import (
    controls,
    hit_types,
    pipelines,
    stage_versions,
    subscriptions,
)
from hitline.store.schema.strangers import strangers
from hitline.store.schema.ways import ways
from hitline.store.schema.work import answers, assignments, hit_items, hits, intent_items, intents
from hitline.store.schema.workers import mixtures, paces, sanctions, standings

__all__ = [
    "alerts",
    "answers",
    "assignments",
    "balances",
    "bells",
    "bonuses",
    "caps",
    "commitments",
    "controls",
    "dirt",
    "events",
    "forecasts",
    "grants",
    "hit_items",
    "hit_types",
    "hits",
    "intent_items",
    "intents",
    "items",
    "ledger",
    "metadata",
    "mixtures",
    "model_workers",
    "models",
    "paces",
    "pilot_items",
    "pilots",
    "pipelines",
    "qualification_types",
    "repairs",
    "revisions",
    "sanctions",
    "secrets",
    "staff_labels",
    "stage_versions",
    "standings",
    "strangers",
    "subscriptions",
    "unparsed",
    "verdicts",
    "wage_days",
    "wage_spells",
    "ways",
]
