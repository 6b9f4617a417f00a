"""Calls of the hotline, and how the seats stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import BigKey, Uid

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("phone_mac", sa.LargeBinary(length=16), nullable=True),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("taker", sa.String(length=64), nullable=True),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.Column("case_id", Uid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("back_by", sa.String(length=64), nullable=True),
        sa.Column("back_at", sa.BigInteger(), nullable=True),
        sa.Column("back_result", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
        sa.UniqueConstraint("rev", name="uq_calls_rev"),
    )
    open_ones = sa.text("outcome = ''")
    op.create_index("ix_calls_phone_mac", "calls", ["phone_mac"], unique=False)
    op.create_index("ix_calls_began_at", "calls", ["began_at"], unique=False)
    op.create_index("ix_calls_case", "calls", ["case_id"], unique=False)
    op.create_index(
        "ix_calls_open",
        "calls",
        ["outcome"],
        unique=False,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    op.create_table(
        "seat_states",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("extension", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seat_states"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_seat_states_user", "seat_states", ["user_id", "id"], unique=False)
