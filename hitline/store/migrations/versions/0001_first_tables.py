"""First tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hitline.store.types import Cents, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_sent_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_over_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alerts_about", ["kind", "pipeline", "stage", "subject"], unique=False
        )
        batch_op.create_index("ix_alerts_unsent", ["wall_sent_at"], unique=False)

    op.create_table(
        "balances",
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("available", Cents(), nullable=False),
        sa.Column("spent", Cents(), nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_balances")),
    )
    op.create_table(
        "bells",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("wall_rung_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_answered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_finished_at", UtcTime(timezone=True), nullable=True),
        sa.Column("flow_run", sa.String(length=36), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "door", name=op.f("pk_bells")),
    )
    op.create_table(
        "bonuses",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("amount", Cents(), nullable=False),
        sa.Column("fee", Cents(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("ordered_at", UtcTime(timezone=True), nullable=False),
        sa.Column("begun_at", UtcTime(timezone=True), nullable=True),
        sa.Column("done_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_tried_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_bonuses")),
    )
    with op.batch_alter_table("bonuses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bonuses_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index("ix_bonuses_state", ["state", "wall_tried_at"], unique=False)

    op.create_table(
        "caps",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("total", Cents(), nullable=True),
        sa.Column("daily", Cents(), nullable=True),
        sa.Column("defined_total", Cents(), nullable=True),
        sa.Column("defined_daily", Cents(), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "stage", name=op.f("pk_caps")),
    )
    op.create_table(
        "controls",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("control", sa.String(length=10), nullable=False),
        sa.Column("since", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "stage", name=op.f("pk_controls")),
    )
    op.create_table(
        "events",
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=True),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("hit_type_id", sa.String(length=64), nullable=True),
        sa.Column("assignment_id", sa.String(length=64), nullable=True),
        sa.Column("document_id", sa.String(length=64), nullable=True),
        sa.Column("pipeline", sa.String(length=40), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("wall_sent_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_received_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_hit_id"), ["hit_id"], unique=False)
        batch_op.create_index("ix_events_resolved", ["resolved", "wall_received_at"], unique=False)
        batch_op.create_index(
            "ix_events_stage_type", ["pipeline", "stage", "type", "at"], unique=False
        )

    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("items_digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("wall_made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("launched_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecasts")),
    )
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.create_index("ix_forecasts_pipeline", ["pipeline", "items_digest"], unique=False)

    op.create_table(
        "grants",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=13), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_done_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "pipeline", "stage", "purpose", "subject", "worker_id", name=op.f("pk_grants")
        ),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("ix_grants_undone", ["wall_done_at"], unique=False)

    op.create_table(
        "hit_types",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=13), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "pipeline", "stage", "version", "rung", "subject", name=op.f("pk_hit_types")
        ),
    )
    with op.batch_alter_table("hit_types", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hit_types_hit_type_id"), ["hit_type_id"], unique=False)

    op.create_table(
        "hits",
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("annotation", sa.String(length=255), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("sibling", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("reward", Cents(), nullable=False),
        sa.Column("max_assignments", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("ended_by_us", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("closed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("disposed_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hit_id", name=op.f("pk_hits")),
    )
    with op.batch_alter_table("hits", schema=None) as batch_op:
        batch_op.create_index("ix_hits_disposed", ["disposed_at", "closed_at"], unique=False)
        batch_op.create_index("ix_hits_open", ["closed_at", "expires_at"], unique=False)
        batch_op.create_index("ix_hits_stage", ["pipeline", "stage"], unique=False)

    op.create_table(
        "intents",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_done_at", UtcTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_intents")),
    )
    with op.batch_alter_table("intents", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intents_undone", ["wall_done_at", "wall_created_at"], unique=False
        )

    op.create_table(
        "items",
        sa.Column("id", sa.String(length=13), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("gold", sa.Text(), nullable=True),
        sa.Column("golds", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.String(length=13), nullable=True),
        sa.Column("root_id", sa.String(length=13), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("copy_of", sa.String(length=13), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("agreement", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("for_money", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("chained", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unscored", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("final", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("would_flip", sa.Text(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("remade", sa.Integer(), nullable=False),
        sa.Column("gathered_from", sa.String(length=40), nullable=True),
        sa.Column("look_at", UtcTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=36), nullable=True),
        sa.Column("wall_lease_until", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["copy_of"], ["items.id"], name=op.f("fk_items_copy_of")),
        sa.ForeignKeyConstraint(["parent_id"], ["items.id"], name=op.f("fk_items_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_items_copy_of"), ["copy_of"], unique=False)
        batch_op.create_index(batch_op.f("ix_items_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            "ix_items_stage_state", ["pipeline", "stage", "state", "finished_at"], unique=False
        )
        batch_op.create_index("ix_items_state_look_at", ["state", "look_at"], unique=False)
        batch_op.create_index("ix_items_unscored", ["unscored", "pipeline", "stage"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("entry", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=True),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("assignment_id", sa.String(length=64), nullable=True),
        sa.Column("worker_id", sa.String(length=64), nullable=True),
        sa.Column("reward", Cents(), nullable=False),
        sa.Column("fee", Cents(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(
            "ix_ledger_caps", ["pipeline", "stage", "entry", "day", "reward", "fee"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledger_hit_id"), ["hit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_item_id"), ["item_id"], unique=False)

    op.create_table(
        "mixtures",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", name=op.f("pk_mixtures")),
    )
    op.create_table(
        "model_workers",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("confusion", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint(
            "pipeline", "stage", "version", "worker_id", name=op.f("pk_model_workers")
        ),
    )
    op.create_table(
        "models",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("shift", sa.Float(), nullable=False),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("by_votes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "version", name=op.f("pk_models")),
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.create_index("ix_models_at", ["pipeline", "stage", "at"], unique=False)

    op.create_table(
        "paces",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "worker_id", "bucket", name=op.f("pk_paces")),
    )
    op.create_table(
        "pilot_items",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("gold", sa.JSON(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "number", "item_id", name=op.f("pk_pilot_items")),
    )
    op.create_table(
        "pilots",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(timezone=True), nullable=False),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "number", name=op.f("pk_pilots")),
    )
    op.create_table(
        "pipelines",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wall_created_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pipelines")),
    )
    op.create_table(
        "qualification_types",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=13), nullable=False),
        sa.Column("qualification_type_id", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("wall_tried_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "pipeline", "stage", "purpose", "subject", name=op.f("pk_qualification_types")
        ),
    )
    with op.batch_alter_table("qualification_types", schema=None) as batch_op:
        batch_op.create_index(
            "ix_qualification_types_problem", ["pipeline", "wall_tried_at"], unique=False
        )

    op.create_table(
        "repairs",
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("wall_hour", UtcTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cause", "wall_hour", name=op.f("pk_repairs")),
    )
    op.create_table(
        "revisions",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", name=op.f("pk_revisions")),
    )
    op.create_table(
        "sanctions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=5), nullable=False),
        sa.Column("by", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_begun_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_done_at", UtcTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("undone_at", UtcTime(timezone=True), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=True),
        sa.Column("wall_undone_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
        sa.UniqueConstraint("token", name=op.f("uq_sanctions_token")),
    )
    with op.batch_alter_table("sanctions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sanctions_stage", ["pipeline", "stage", "undone_at"], unique=False
        )
        batch_op.create_index(
            "ix_sanctions_undone", ["wall_done_at", "wall_undone_at"], unique=False
        )
        batch_op.create_index(
            "ix_sanctions_worker", ["worker_id", "pipeline", "stage"], unique=False
        )

    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "stage_versions",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("wall_created_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "version", name=op.f("pk_stage_versions")),
    )
    op.create_table(
        "standings",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("fresh_known", sa.Integer(), nullable=False),
        sa.Column("fresh_right", sa.Integer(), nullable=False),
        sa.Column("fresh_compared", sa.Integer(), nullable=False),
        sa.Column("fresh_agreed", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "stage", "worker_id", name=op.f("pk_standings")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("transport", sa.String(length=3), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("wall_set_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hit_type_id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "unparsed",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("wall_received_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unparsed")),
        sa.UniqueConstraint("message_id", name=op.f("uq_unparsed_message_id")),
    )
    op.create_table(
        "wage_days",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("worth", Cents(), nullable=False),
        sa.Column("rewards", Cents(), nullable=False),
        sa.Column("due", Cents(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "worker_id", "day", name=op.f("pk_wage_days")),
    )
    op.create_table(
        "wage_spells",
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=False),
        sa.Column("wage", Cents(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", "worker_id", name=op.f("pk_wage_spells")),
    )
    with op.batch_alter_table("wage_spells", schema=None) as batch_op:
        batch_op.create_index(
            "ix_wage_spells_worker", ["pipeline", "worker_id", "ended_at"], unique=False
        )

    op.create_table(
        "ways",
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("wall_last_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("way", "type", name=op.f("pk_ways")),
    )
    op.create_table(
        "answers",
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("why_not", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("submitted_at", UtcTime(timezone=True), nullable=False),
        sa.Column("scored", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("known_right", sa.Boolean(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_answers_item_id")),
        sa.PrimaryKeyConstraint("assignment_id", "worker_id", "item_id", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_item_id"), ["item_id"], unique=False)
        batch_op.create_index(
            "ix_answers_revision", ["pipeline", "stage", "counted", "revision"], unique=False
        )
        batch_op.create_index("ix_answers_worker", ["worker_id", "pipeline", "stage"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("accepted_at", UtcTime(timezone=True), nullable=True),
        sa.Column("submitted_at", UtcTime(timezone=True), nullable=False),
        sa.Column("auto_approval_at", UtcTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("judge_by", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_assignments_hit_id")),
        sa.PrimaryKeyConstraint("assignment_id", "worker_id", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_hit_id"), ["hit_id"], unique=False)
        batch_op.create_index("ix_assignments_judge", ["status", "judge_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_status"), ["status"], unique=False)
        batch_op.create_index("ix_assignments_submitted", ["submitted_at"], unique=False)

    op.create_table(
        "dirt",
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("wall_marked_at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_sent_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_not_before", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_dirt_item_id")),
        sa.PrimaryKeyConstraint("item_id", "door", name=op.f("pk_dirt")),
    )
    with op.batch_alter_table("dirt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dirt_stage_door", ["pipeline", "stage", "door", "wall_not_before"], unique=False
        )

    op.create_table(
        "hit_items",
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_hit_items_hit_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_hit_items_item_id")),
        sa.PrimaryKeyConstraint("hit_id", "item_id", name=op.f("pk_hit_items")),
    )
    with op.batch_alter_table("hit_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hit_items_item_id"), ["item_id"], unique=False)

    op.create_table(
        "intent_items",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_intent_items_item_id")),
        sa.ForeignKeyConstraint(["token"], ["intents.token"], name=op.f("fk_intent_items_token")),
        sa.PrimaryKeyConstraint("token", "item_id", name=op.f("pk_intent_items")),
    )
    with op.batch_alter_table("intent_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intent_items_item_id"), ["item_id"], unique=False)

    op.create_table(
        "staff_labels",
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_staff_labels_item_id")),
        sa.PrimaryKeyConstraint("item_id", "generation", name=op.f("pk_staff_labels")),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("model", sa.String(length=40), nullable=True),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("flow_run", sa.String(length=36), nullable=True),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_at", UtcTime(timezone=True), nullable=False),
        sa.Column("wall_sent_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_verdicts_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdicts_item_id"), ["item_id"], unique=False)
        batch_op.create_index("ix_verdicts_stage", ["pipeline", "stage", "kind"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("verdicts", schema=None) as batch_op:
        batch_op.drop_index("ix_verdicts_stage")
        batch_op.drop_index(batch_op.f("ix_verdicts_item_id"))

    op.drop_table("verdicts")
    op.drop_table("staff_labels")
    with op.batch_alter_table("intent_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_intent_items_item_id"))

    op.drop_table("intent_items")
    with op.batch_alter_table("hit_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hit_items_item_id"))

    op.drop_table("hit_items")
    with op.batch_alter_table("dirt", schema=None) as batch_op:
        batch_op.drop_index("ix_dirt_stage_door")

    op.drop_table("dirt")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index("ix_assignments_submitted")
        batch_op.drop_index(batch_op.f("ix_assignments_status"))
        batch_op.drop_index("ix_assignments_judge")
        batch_op.drop_index(batch_op.f("ix_assignments_hit_id"))

    op.drop_table("assignments")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index("ix_answers_worker")
        batch_op.drop_index("ix_answers_revision")
        batch_op.drop_index(batch_op.f("ix_answers_item_id"))

    op.drop_table("answers")
    op.drop_table("ways")
    with op.batch_alter_table("wage_spells", schema=None) as batch_op:
        batch_op.drop_index("ix_wage_spells_worker")

    op.drop_table("wage_spells")
    op.drop_table("wage_days")
    op.drop_table("unparsed")
    op.drop_table("subscriptions")
    op.drop_table("standings")
    op.drop_table("stage_versions")
    op.drop_table("secrets")
    with op.batch_alter_table("sanctions", schema=None) as batch_op:
        batch_op.drop_index("ix_sanctions_worker")
        batch_op.drop_index("ix_sanctions_undone")
        batch_op.drop_index("ix_sanctions_stage")

    op.drop_table("sanctions")
    op.drop_table("revisions")
    op.drop_table("repairs")
    with op.batch_alter_table("qualification_types", schema=None) as batch_op:
        batch_op.drop_index("ix_qualification_types_problem")

    op.drop_table("qualification_types")
    op.drop_table("pipelines")
    op.drop_table("pilots")
    op.drop_table("pilot_items")
    op.drop_table("paces")
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.drop_index("ix_models_at")

    op.drop_table("models")
    op.drop_table("model_workers")
    op.drop_table("mixtures")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_item_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_hit_id"))
        batch_op.drop_index("ix_ledger_caps")
        batch_op.drop_index(batch_op.f("ix_ledger_assignment_id"))

    op.drop_table("ledger")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_index("ix_items_unscored")
        batch_op.drop_index("ix_items_state_look_at")
        batch_op.drop_index("ix_items_stage_state")
        batch_op.drop_index(batch_op.f("ix_items_parent_id"))
        batch_op.drop_index(batch_op.f("ix_items_copy_of"))

    op.drop_table("items")
    with op.batch_alter_table("intents", schema=None) as batch_op:
        batch_op.drop_index("ix_intents_undone")

    op.drop_table("intents")
    with op.batch_alter_table("hits", schema=None) as batch_op:
        batch_op.drop_index("ix_hits_stage")
        batch_op.drop_index("ix_hits_open")
        batch_op.drop_index("ix_hits_disposed")

    op.drop_table("hits")
    with op.batch_alter_table("hit_types", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hit_types_hit_type_id"))

    op.drop_table("hit_types")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_undone")

    op.drop_table("grants")
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.drop_index("ix_forecasts_pipeline")

    op.drop_table("forecasts")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_stage_type")
        batch_op.drop_index("ix_events_resolved")
        batch_op.drop_index(batch_op.f("ix_events_hit_id"))

    op.drop_table("events")
    op.drop_table("controls")
    op.drop_table("caps")
    with op.batch_alter_table("bonuses", schema=None) as batch_op:
        batch_op.drop_index("ix_bonuses_state")
        batch_op.drop_index(batch_op.f("ix_bonuses_assignment_id"))

    op.drop_table("bonuses")
    op.drop_table("bells")
    op.drop_table("balances")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index("ix_alerts_unsent")
        batch_op.drop_index("ix_alerts_about")

    op.drop_table("alerts")
