"""HITs of other programs, so that none is asked about each minute"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hitline.store.types import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "strangers",
        sa.Column("hit_id", sa.String(length=64), nullable=False),
        sa.Column("wall_seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hit_id", name=op.f("pk_strangers")),
    )


def downgrade() -> None:
    op.drop_table("strangers")
