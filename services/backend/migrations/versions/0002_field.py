"""Components, cameras and positions of the people in the field."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "components",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dept", sa.String(length=64), nullable=True),
        sa.Column("maintainer", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("grid", sa.String(length=15), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_components"),
    )
    op.create_index("ix_components_place", "components", ["grid", "code"], unique=False)
    op.create_table(
        "cameras",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("heading", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("dept", sa.String(length=64), nullable=True),
        sa.Column("grid", sa.String(length=15), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_cameras"),
    )
    op.create_table(
        "positions",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        *_place(),
        sa.PrimaryKeyConstraint("user_id", "at", name="pk_positions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_positions_at", "positions", ["at"], unique=False)
    op.create_table(
        "last_positions",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_place(),
        sa.PrimaryKeyConstraint("user_id", name="pk_last_positions"),
    )


def _place() -> tuple[sa.Column[Any], ...]:
    """Return the columns of a position."""
    return (
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("grid", sa.String(length=15), nullable=True),
    )
