"""Figures: what cases contribute, the sums, and what was entered by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import BigKey, Uid

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "kpi_place",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kpi_place"),
    )
    op.create_table(
        "kpi_parts",
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("ripe_at", sa.BigInteger()),
        sa.Column("grid", sa.String(length=15)),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("dept", sa.String(length=64), nullable=False),
        sa.Column("post", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "n", name="pk_kpi_parts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_kpi_parts_day", "kpi_parts", ["day"])
    op.create_index(
        "ix_kpi_parts_ripe",
        "kpi_parts",
        ["ripe_at"],
        sqlite_where=sa.text("ripe_at IS NOT NULL"),
        postgresql_where=sa.text("ripe_at IS NOT NULL"),
    )
    op.create_table(
        "kpi_sums",
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("cube", sa.String(length=1), nullable=False),
        sa.Column("area", sa.String(length=9), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "cube", "area", "span", "key", name="pk_kpi_sums"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kpi_entries",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("by_user", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kpi_entries"),
    )
    op.create_index("ix_kpi_entries_day", "kpi_entries", ["kpi", "day"])
