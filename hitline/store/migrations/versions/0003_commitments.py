"""Sums of the ledger, so that a cap is quickly looked at however long it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hitline.store.types import Cents

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = ["pipeline", "stage", "entry", "day", "reward", "fee"]


def upgrade() -> None:
    op.create_table(
        "commitments",
        sa.Column("pipeline", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", Cents(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "stage", "day", name=op.f("pk_commitments")),
    )
    with op.batch_alter_table("ledger") as batch_op:
        batch_op.add_column(
            sa.Column("folded", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(
            "ix_ledger_fresh",
            COLUMNS,
            sqlite_where=sa.column("folded").is_(False),
            postgresql_where=sa.column("folded").is_(False),
        )


def downgrade() -> None:
    with op.batch_alter_table("ledger") as batch_op:
        batch_op.drop_index("ix_ledger_fresh")
        batch_op.drop_column("folded")
    op.drop_table("commitments")
