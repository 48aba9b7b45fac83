"""Items, why they are to be looked at, and what was decided about them.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

items = Table(
    "items",
    metadata,
    Column("id", String(13), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("key", Text, nullable=False),
    Column("input", JSON, nullable=False),
    Column("gold", Text),
    Column("golds", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent_id", String(13), ForeignKey("items.id"), index=True),
    Column("root_id", String(13)),
    Column("round", Integer, nullable=False, default=0),
    Column("copy_of", String(13), ForeignKey("items.id"), index=True),
    Column("position", Integer, nullable=False, default=0),
    Column("state", String(10), nullable=False),
    Column("label", Text),
    Column("agreement", Float),
    # As it is stated by now; each refit states it anew.
    Column("confidence", Float),
    Column("reason", Text),
    # Held for want of money: it goes on by itself when there is some.
    Column("for_money", Boolean, nullable=False, server_default=false()),
    Column("problem", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("chained", Boolean, nullable=False, server_default=false()),
    Column("chain_failures", Integer, nullable=False, default=0, server_default="0"),
    # Whether its answers are still to be entered, or entered anew, into workers' standing.
    Column("unscored", Boolean, nullable=False, server_default=false()),
    # Something was built on the label: it is not changed any more, only reported.
    Column("final", Boolean, nullable=False, server_default=false()),
    Column("would_flip", Text),
    Column("reopened", Integer, nullable=False, default=0),
    # What it came from is asked again; another item takes its place.
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    # Its HITs from this generation on are those of its present asking.
    Column("generation", Integer, nullable=False, default=0),
    # How often what was made from it was withdrawn: part of the ids of what is made next.
    Column("remade", Integer, nullable=False, default=0),
    Column("gathered_from", String(40)),
    Column("look_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("lease_owner", String(36)),
    Column("wall_lease_until", UtcTime),
    Index("ix_items_stage_state", "pipeline", "stage", "state", "finished_at"),
    Index("ix_items_state_look_at", "state", "look_at"),
    Index("ix_items_unscored", "unscored", "pipeline", "stage"),
)

# Why an item is to be looked at. `mark` grows with each reason, so that a run clears what it saw.
dirt = Table(
    "dirt",
    metadata,
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True),
    Column("door", String(10), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("mark", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("wall_marked_at", UtcTime, nullable=False),
    Column("wall_sent_at", UtcTime),
    Column("wall_not_before", UtcTime, nullable=False),
    Index("ix_dirt_stage_door", "pipeline", "stage", "door", "wall_not_before"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item_id", String(13), ForeignKey("items.id"), nullable=False, index=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("door", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("why", Text, nullable=False),
    Column("outcome", Text),
    Column("confidence", Float),
    Column("model", String(40)),
    Column("hit_id", String(64)),
    Column("flow_run", String(36)),
    Column("at", UtcTime, nullable=False),
    Column("wall_at", UtcTime, nullable=False),
    Column("wall_sent_at", UtcTime),
    Index("ix_verdicts_stage", "pipeline", "stage", "kind"),
)

bells = Table(
    "bells",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("door", String(10), primary_key=True),
    Column("wall_rung_at", UtcTime),
    Column("wall_answered_at", UtcTime),
    Column("wall_finished_at", UtcTime),
    Column("flow_run", String(36)),
    # How often it was rung since a run last answered.
    Column("rings", Integer, nullable=False, default=0),
)
