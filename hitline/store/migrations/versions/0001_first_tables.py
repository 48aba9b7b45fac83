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
        "bells",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("wall_rung_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_answered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("wall_finished_at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pipeline", "stage", "door", name=op.f("pk_bells")),
    )
    op.create_table(
        "controls",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("control", sa.String(length=10), nullable=False),
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
        batch_op.create_index("ix_events_stage_type", ["pipeline", "stage", "type"], unique=False)

    op.create_table(
        "hit_types",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "version", "rung", name=op.f("pk_hit_types")),
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
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("agreement", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("chained", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("look_at", UtcTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=36), nullable=True),
        sa.Column("wall_lease_until", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["items.id"], name=op.f("fk_items_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_items_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_items_stage_state", ["pipeline", "stage", "state"], unique=False)
        batch_op.create_index("ix_items_state_look_at", ["state", "look_at"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("token", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.String(length=10), nullable=False),
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("assignment_id", sa.String(length=64), nullable=True),
        sa.Column("reward", Cents(), nullable=False),
        sa.Column("fee", Cents(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_hit_id"), ["hit_id"], unique=False)
        batch_op.create_index("ix_ledger_pipeline", ["pipeline", "stage", "entry"], unique=False)

    op.create_table(
        "pipelines",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("budget", Cents(), nullable=True),
        sa.Column("wall_created_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pipelines")),
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
        "answers",
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=13), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("why_not", sa.String(length=40), nullable=True),
        sa.Column("submitted_at", UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_answers_item_id")),
        sa.PrimaryKeyConstraint("assignment_id", "worker_id", "item_id", name=op.f("pk_answers")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answers_item_id"), ["item_id"], unique=False)

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
        batch_op.drop_index(batch_op.f("ix_assignments_status"))
        batch_op.drop_index("ix_assignments_judge")
        batch_op.drop_index(batch_op.f("ix_assignments_hit_id"))

    op.drop_table("assignments")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answers_item_id"))

    op.drop_table("answers")
    op.drop_table("unparsed")
    op.drop_table("subscriptions")
    op.drop_table("stage_versions")
    op.drop_table("pipelines")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_pipeline")
        batch_op.drop_index(batch_op.f("ix_ledger_hit_id"))

    op.drop_table("ledger")
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_index("ix_items_state_look_at")
        batch_op.drop_index("ix_items_stage_state")
        batch_op.drop_index(batch_op.f("ix_items_parent_id"))

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
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_stage_type")
        batch_op.drop_index("ix_events_resolved")
        batch_op.drop_index(batch_op.f("ix_events_hit_id"))

    op.drop_table("events")
    op.drop_table("controls")
    op.drop_table("bells")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index("ix_alerts_unsent")
        batch_op.drop_index("ix_alerts_about")

    op.drop_table("alerts")
