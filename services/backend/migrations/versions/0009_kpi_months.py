"""Months of evaluation: figures as published and sealed, objections, signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import Uid

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "kpi_months",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("by_user", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("objections_until", sa.BigInteger()),
        sa.Column("frozen_at", sa.BigInteger()),
        sa.Column("hash", sa.LargeBinary(length=32)),
        sa.Column("prev_hash", sa.LargeBinary(length=32)),
        sa.PrimaryKeyConstraint("month", "area", name="pk_kpi_months"),
    )
    op.create_table(
        "kpi_objections",
        sa.Column("objection_id", Uid(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("dept", sa.String(length=64), nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_user", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.Boolean()),
        sa.Column("decided_by", sa.String(length=64)),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("objection_id", name="pk_kpi_objections"),
    )
    op.create_index("ix_kpi_objections_month", "kpi_objections", ["month"])
    op.create_table(
        "kpi_signatures",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "area", "user_id", name="pk_kpi_signatures"),
    )
