"""The tables of the crowd side, a file for each family; `types` says what columns are made of."""

from __future__ import annotations

from marketplace.store.schema.hits import hit_layouts, hit_types, hits, tokens
from marketplace.store.schema.media import media
from marketplace.store.schema.meta import meta
from marketplace.store.schema.notifications import notification_specs, outages, outbox
from marketplace.store.schema.people import attempts, blocks, links, logins, messages, sessions
from marketplace.store.schema.qualifications import (
    hit_type_requirements,
    qualification_requests,
    qualification_types,
    qualifications,
)
from marketplace.store.schema.requesters import access_keys, ledger, requesters
from marketplace.store.schema.reviews import review_entries, review_policies
from marketplace.store.schema.types import metadata
from marketplace.store.schema.work import assignments, bonuses, workers

VERSION = "0001"
"""The newest revision in `store/migrations`."""

__all__ = [
    "VERSION",
    "access_keys",
    "assignments",
    "attempts",
    "blocks",
    "bonuses",
    "hit_layouts",
    "hit_type_requirements",
    "hit_types",
    "hits",
    "ledger",
    "links",
    "logins",
    "media",
    "messages",
    "meta",
    "metadata",
    "notification_specs",
    "outages",
    "outbox",
    "qualification_requests",
    "qualification_types",
    "qualifications",
    "requesters",
    "review_entries",
    "review_policies",
    "sessions",
    "tokens",
    "workers",
]
