"""First tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.store.schema.types import Dollars, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index("attempts_by_subject", ["subject", "at"], unique=False)
        batch_op.create_index("attempts_by_time", ["at"], unique=False)

    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "outages",
        sa.Column("destination", sa.String(length=2000), nullable=False),
        sa.Column("failed_at", Moment(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("destination", name=op.f("pk_outages")),
    )
    op.create_table(
        "requesters",
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("balance", Dollars(), nullable=False),
        sa.Column("liability", Dollars(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("requester_id", name=op.f("pk_requesters")),
        sa.UniqueConstraint("account", name=op.f("uq_requesters_account")),
        sa.UniqueConstraint("name", name=op.f("uq_requesters_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("sessions_expired", ["expires_at"], unique=False)
        batch_op.create_index("sessions_of_person", ["kind", "person_id"], unique=False)

    op.create_table(
        "workers",
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_workers")),
    )
    op.create_table(
        "access_keys",
        sa.Column("access_key_id", sa.String(length=32), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("revoked_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_access_keys_requester_id")
        ),
        sa.PrimaryKeyConstraint("access_key_id", name=op.f("pk_access_keys")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_blocks_requester_id")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_blocks_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint(
            "requester_id", "worker_id", name=op.f("uq_blocks_requester_id_worker_id")
        ),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index("blocks_listed", ["requester_id", "id"], unique=False)
        batch_op.create_index("blocks_of_worker", ["worker_id"], unique=False)

    op.create_table(
        "hit_layouts",
        sa.Column("layout_id", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("frame_height", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_hit_layouts_requester_id")
        ),
        sa.PrimaryKeyConstraint("layout_id", name=op.f("pk_hit_layouts")),
        sa.UniqueConstraint("requester_id", "name", name=op.f("uq_hit_layouts_requester_id_name")),
    )
    op.create_table(
        "hit_types",
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("reward", Dollars(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("auto_approval_delay", sa.BigInteger(), nullable=False),
        sa.Column("requirements", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_hit_types_requester_id")
        ),
        sa.PrimaryKeyConstraint("hit_type_id", name=op.f("pk_hit_types")),
        sa.UniqueConstraint(
            "requester_id", "fingerprint", name=op.f("uq_hit_types_requester_id_fingerprint")
        ),
    )
    with op.batch_alter_table("hit_types", schema=None) as batch_op:
        batch_op.create_index("hit_types_by_group", ["group_id"], unique=False)
        batch_op.create_index(
            "hit_types_listed", ["requester_id", "created_at", "hit_type_id"], unique=False
        )

    op.create_table(
        "links",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_links_worker_id")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_links")),
    )
    op.create_table(
        "logins",
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("subdivision", sa.String(length=2), nullable=True),
        sa.Column("adult", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("closed_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_logins_worker_id")
        ),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_logins")),
        sa.UniqueConstraint("email", name=op.f("uq_logins_email")),
    )
    op.create_table(
        "media",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_media_requester_id")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_media")),
        sa.UniqueConstraint(
            "requester_id", "name", "sha256", name=op.f("uq_media_requester_id_name_sha256")
        ),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index("media_by_content", ["sha256"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("source_account", sa.String(length=12), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("event_type", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("assignment_id", sa.String(length=64), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("transport", sa.String(length=8), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("due_at", Moment(timezone=True), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=True),
        sa.Column("sent_at", Moment(timezone=True), nullable=True),
        sa.Column("sent_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("copy_of", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_outbox_requester_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("outbox_by_requester", ["requester_id", "id"], unique=False)
        batch_op.create_index("outbox_by_type", ["hit_type_id", "id"], unique=False)
        batch_op.create_index("outbox_documents", ["document_id"], unique=False)
        batch_op.create_index(
            "outbox_undocumented",
            ["id"],
            unique=False,
            sqlite_where=sa.text("document_id IS NULL"),
            postgresql_where=sa.text("document_id IS NULL"),
        )
        batch_op.create_index(
            "outbox_waiting",
            ["due_at", "document_id", "id", "destination"],
            unique=False,
            sqlite_where=sa.text("document_id IS NOT NULL AND sent_at IS NULL AND lost IS 0"),
            postgresql_where=sa.text(
                "document_id IS NOT NULL AND sent_at IS NULL AND lost IS false"
            ),
        )

    op.create_table(
        "qualification_types",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("qualification_type_id", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=True),
        sa.Column("searchable", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("test", sa.Text(), nullable=True),
        sa.Column("answer_key", sa.Text(), nullable=True),
        sa.Column("test_duration", sa.BigInteger(), nullable=True),
        sa.Column("retry_delay", sa.BigInteger(), nullable=True),
        sa.Column("auto_granted", sa.Boolean(), nullable=False),
        sa.Column("auto_granted_value", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("deleted_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["requester_id"],
            ["requesters.requester_id"],
            name=op.f("fk_qualification_types_requester_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_types")),
        sa.UniqueConstraint(
            "qualification_type_id", name=op.f("uq_qualification_types_qualification_type_id")
        ),
    )
    with op.batch_alter_table("qualification_types", schema=None) as batch_op:
        batch_op.create_index(
            "qualification_types_by_name",
            ["requester_id", "name"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index("qualification_types_by_owner", ["requester_id", "id"], unique=False)

    op.create_table(
        "qualifications",
        sa.Column("qualification_type_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("granted_at", Moment(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_qualifications_worker_id")
        ),
        sa.PrimaryKeyConstraint(
            "qualification_type_id", "worker_id", name=op.f("pk_qualifications")
        ),
    )
    with op.batch_alter_table("qualifications", schema=None) as batch_op:
        batch_op.create_index(
            "qualifications_by_type", ["qualification_type_id", "status", "worker_id"], unique=False
        )
        batch_op.create_index("qualifications_by_worker", ["worker_id", "status"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=128), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_tokens_requester_id")
        ),
        sa.PrimaryKeyConstraint("requester_id", "operation", "token", name=op.f("pk_tokens")),
    )
    op.create_table(
        "hit_type_requirements",
        sa.Column("qualification_type_id", sa.String(length=64), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["hit_type_id"],
            ["hit_types.hit_type_id"],
            name=op.f("fk_hit_type_requirements_hit_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "qualification_type_id", "hit_type_id", name=op.f("pk_hit_type_requirements")
        ),
    )
    with op.batch_alter_table("hit_type_requirements", schema=None) as batch_op:
        batch_op.create_index("hit_type_requirements_by_hit_type", ["hit_type_id"], unique=False)

    op.create_table(
        "hits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("annotation", sa.String(length=255), nullable=True),
        sa.Column("layout_id", sa.String(length=64), nullable=True),
        sa.Column("max_assignments", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment(timezone=True), nullable=False),
        sa.Column("expires_at", Moment(timezone=True), nullable=False),
        sa.Column("active_at", Moment(timezone=True), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("ever_accepted", sa.Boolean(), nullable=False),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.Column("reviewing", sa.Boolean(), nullable=False),
        sa.Column("disposed", sa.Boolean(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("fee", Dollars(), nullable=False),
        sa.Column("liability", Dollars(), nullable=False),
        sa.Column("due_at", Moment(timezone=True), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hit_type_id"], ["hit_types.hit_type_id"], name=op.f("fk_hits_hit_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_hits_requester_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hits")),
        sa.UniqueConstraint("hit_id", name=op.f("uq_hits_hit_id")),
    )
    with op.batch_alter_table("hits", schema=None) as batch_op:
        batch_op.create_index("hits_by_status", ["status", "id"], unique=False)
        batch_op.create_index("hits_due", ["due_at"], unique=False)
        batch_op.create_index("hits_listed", ["requester_id", "disposed", "id"], unique=False)
        batch_op.create_index("hits_of_type", ["hit_type_id", "status", "id"], unique=False)
        batch_op.create_index(
            "hits_open",
            ["status", "hit_type_id", "created_at", "expires_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'Assignable'"),
            postgresql_where=sa.text("status = 'Assignable'"),
        )
        batch_op.create_index("hits_owned", ["hit_id", "requester_id", "hit_type_id"], unique=False)
        batch_op.create_index("hits_reviewable", ["requester_id", "status", "id"], unique=False)

    op.create_table(
        "notification_specs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hit_type_id", sa.String(length=64), nullable=False),
        sa.Column("effective_at", Moment(timezone=True), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("transport", sa.String(length=8), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("event_types", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hit_type_id"],
            ["hit_types.hit_type_id"],
            name=op.f("fk_notification_specs_hit_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_specs")),
    )
    with op.batch_alter_table("notification_specs", schema=None) as batch_op:
        batch_op.create_index("notification_specs_of_type", ["hit_type_id", "id"], unique=False)

    op.create_table(
        "qualification_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("qualification_type_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("test", sa.Text(), nullable=True),
        sa.Column("answer_key", sa.Text(), nullable=True),
        sa.Column("deadline", Moment(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_at", Moment(timezone=True), nullable=False),
        sa.Column("submitted_at", Moment(timezone=True), nullable=True),
        sa.Column("decided_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["qualification_type_id"],
            ["qualification_types.qualification_type_id"],
            name=op.f("fk_qualification_requests_qualification_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_qualification_requests_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification_requests")),
        sa.UniqueConstraint("request_id", name=op.f("uq_qualification_requests_request_id")),
    )
    with op.batch_alter_table("qualification_requests", schema=None) as batch_op:
        batch_op.create_index(
            "qualification_requests_by_type",
            ["qualification_type_id", "status", "submitted_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "qualification_requests_by_worker",
            ["worker_id", "qualification_type_id", "id"],
            unique=False,
        )

    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("accepted_at", Moment(timezone=True), nullable=False),
        sa.Column("deadline", Moment(timezone=True), nullable=False),
        sa.Column("submitted_at", Moment(timezone=True), nullable=True),
        sa.Column("auto_approval_at", Moment(timezone=True), nullable=True),
        sa.Column("approved_at", Moment(timezone=True), nullable=True),
        sa.Column("rejected_at", Moment(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("due_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_assignments_hit_id")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_assignments_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(
            "assignments_by_approval",
            ["approved_at"],
            unique=False,
            sqlite_where=sa.text("approved_at IS NOT NULL"),
            postgresql_where=sa.text("approved_at IS NOT NULL"),
        )
        batch_op.create_index("assignments_by_hit", ["hit_id", "submitted_at", "id"], unique=False)
        batch_op.create_index("assignments_by_id", ["assignment_id", "id"], unique=False)
        batch_op.create_index(
            "assignments_by_worker", ["worker_id", "status", "id", "hit_id"], unique=False
        )
        batch_op.create_index("assignments_due", ["due_at"], unique=False)
        batch_op.create_index(
            "assignments_live_id",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
            postgresql_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
        )
        batch_op.create_index(
            "assignments_one_per_worker",
            ["hit_id", "worker_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
            postgresql_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
        )

    op.create_table(
        "bonuses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("assignment_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("amount", Dollars(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_bonuses_hit_id")),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_bonuses_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonuses")),
    )
    with op.batch_alter_table("bonuses", schema=None) as batch_op:
        batch_op.create_index("bonuses_by_assignment", ["assignment_id", "id"], unique=False)
        batch_op.create_index("bonuses_by_hit", ["hit_id", "id"], unique=False)
        batch_op.create_index("bonuses_by_time", ["granted_at"], unique=False)
        batch_op.create_index("bonuses_by_worker", ["worker_id", "id"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", Dollars(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("assignment_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_ledger_hit_id")),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_ledger_requester_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ledger_by_requester", ["requester_id", "kind"], unique=False)
        batch_op.create_index("ledger_listed", ["requester_id", "id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("worker_id", sa.String(length=64), nullable=False),
        sa.Column("from_worker", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=True),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("read_at", Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_messages_hit_id")),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["requesters.requester_id"], name=op.f("fk_messages_requester_id")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.worker_id"], name=op.f("fk_messages_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "messages_of_requester", ["requester_id", "from_worker", "id"], unique=False
        )
        batch_op.create_index(
            "messages_of_worker", ["worker_id", "from_worker", "id"], unique=False
        )

    op.create_table(
        "review_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("action_id", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["hit_id"], ["hits.hit_id"], name=op.f("fk_review_entries_hit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_entries")),
    )
    with op.batch_alter_table("review_entries", schema=None) as batch_op:
        batch_op.create_index("review_entries_by_hit", ["hit_id", "id"], unique=False)

    op.create_table(
        "review_policies",
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("assignment_policy", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("hit_policy", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["hit_id"], ["hits.hit_id"], name=op.f("fk_review_policies_hit_id")
        ),
        sa.PrimaryKeyConstraint("hit_id", name=op.f("pk_review_policies")),
    )


def downgrade() -> None:
    op.drop_table("review_policies")
    with op.batch_alter_table("review_entries", schema=None) as batch_op:
        batch_op.drop_index("review_entries_by_hit")

    op.drop_table("review_entries")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("messages_of_worker")
        batch_op.drop_index("messages_of_requester")

    op.drop_table("messages")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ledger_listed")
        batch_op.drop_index("ledger_by_requester")

    op.drop_table("ledger")
    with op.batch_alter_table("bonuses", schema=None) as batch_op:
        batch_op.drop_index("bonuses_by_worker")
        batch_op.drop_index("bonuses_by_time")
        batch_op.drop_index("bonuses_by_hit")
        batch_op.drop_index("bonuses_by_assignment")

    op.drop_table("bonuses")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(
            "assignments_one_per_worker",
            sqlite_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
            postgresql_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
        )
        batch_op.drop_index(
            "assignments_live_id",
            sqlite_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
            postgresql_where=sa.text("status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"),
        )
        batch_op.drop_index("assignments_due")
        batch_op.drop_index("assignments_by_worker")
        batch_op.drop_index("assignments_by_id")
        batch_op.drop_index("assignments_by_hit")
        batch_op.drop_index(
            "assignments_by_approval",
            sqlite_where=sa.text("approved_at IS NOT NULL"),
            postgresql_where=sa.text("approved_at IS NOT NULL"),
        )

    op.drop_table("assignments")
    with op.batch_alter_table("qualification_requests", schema=None) as batch_op:
        batch_op.drop_index("qualification_requests_by_worker")
        batch_op.drop_index("qualification_requests_by_type")

    op.drop_table("qualification_requests")
    with op.batch_alter_table("notification_specs", schema=None) as batch_op:
        batch_op.drop_index("notification_specs_of_type")

    op.drop_table("notification_specs")
    with op.batch_alter_table("hits", schema=None) as batch_op:
        batch_op.drop_index("hits_reviewable")
        batch_op.drop_index("hits_owned")
        batch_op.drop_index(
            "hits_open",
            sqlite_where=sa.text("status = 'Assignable'"),
            postgresql_where=sa.text("status = 'Assignable'"),
        )
        batch_op.drop_index("hits_of_type")
        batch_op.drop_index("hits_listed")
        batch_op.drop_index("hits_due")
        batch_op.drop_index("hits_by_status")

    op.drop_table("hits")
    with op.batch_alter_table("hit_type_requirements", schema=None) as batch_op:
        batch_op.drop_index("hit_type_requirements_by_hit_type")

    op.drop_table("hit_type_requirements")
    op.drop_table("tokens")
    with op.batch_alter_table("qualifications", schema=None) as batch_op:
        batch_op.drop_index("qualifications_by_worker")
        batch_op.drop_index("qualifications_by_type")

    op.drop_table("qualifications")
    with op.batch_alter_table("qualification_types", schema=None) as batch_op:
        batch_op.drop_index("qualification_types_by_owner")
        batch_op.drop_index(
            "qualification_types_by_name",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("qualification_types")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "outbox_waiting",
            sqlite_where=sa.text("document_id IS NOT NULL AND sent_at IS NULL AND lost IS 0"),
            postgresql_where=sa.text(
                "document_id IS NOT NULL AND sent_at IS NULL AND lost IS false"
            ),
        )
        batch_op.drop_index(
            "outbox_undocumented",
            sqlite_where=sa.text("document_id IS NULL"),
            postgresql_where=sa.text("document_id IS NULL"),
        )
        batch_op.drop_index("outbox_documents")
        batch_op.drop_index("outbox_by_type")
        batch_op.drop_index("outbox_by_requester")

    op.drop_table("outbox")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index("media_by_content")

    op.drop_table("media")
    op.drop_table("logins")
    op.drop_table("links")
    with op.batch_alter_table("hit_types", schema=None) as batch_op:
        batch_op.drop_index("hit_types_listed")
        batch_op.drop_index("hit_types_by_group")

    op.drop_table("hit_types")
    op.drop_table("hit_layouts")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index("blocks_of_worker")
        batch_op.drop_index("blocks_listed")

    op.drop_table("blocks")
    op.drop_table("access_keys")
    op.drop_table("workers")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index("sessions_of_person")
        batch_op.drop_index("sessions_expired")

    op.drop_table("sessions")
    op.drop_table("requesters")
    op.drop_table("outages")
    op.drop_table("meta")
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index("attempts_by_time")
        batch_op.drop_index("attempts_by_subject")

    op.drop_table("attempts")
