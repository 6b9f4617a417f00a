"""Saved filters of the queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import Uid

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "saved_filters",
        sa.Column("filter_id", Uid(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("share", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("filter_id", name="pk_saved_filters"),
    )
    op.create_index("ix_saved_filters_owner", "saved_filters", ["owner"], unique=False)
    op.create_index("ix_saved_filters_share", "saved_filters", ["share"], unique=False)
