"""Automatic rules with their acts; steps and disputes between units. What was learned is learned anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import Uid

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the filing conditions are counted from now on, so the log is read from its beginning."""
    _rules()
    _acts()
    _disputes()
    op.execute(sa.text("DELETE FROM learned"))


def _rules() -> None:
    op.create_table(
        "auto_rules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("switched_at", sa.BigInteger(), nullable=True),
        sa.Column("switched_by", sa.Text(), nullable=True),
        sa.Column("switched_why", sa.Text(), nullable=True),
        sa.Column("tried_edit", sa.Integer(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("trial", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_auto_rules"),
    )


def _acts() -> None:
    op.create_table(
        "auto_acts",
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("edit", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("xver", sa.Integer(), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(length=20), nullable=True),
        sa.Column("again", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("case_id", "action", name="pk_auto_acts"),
        sa.UniqueConstraint("rule_id", "day", "slot", name="uq_auto_acts_rule_id_day_slot"),
    )
    op.create_index("ix_auto_acts_undone", "auto_acts", ["rule_id", "undone_at"])


def _disputes() -> None:
    op.create_table(
        "bounce_steps",
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("giver", sa.String(length=64), nullable=False),
        sa.Column("taker", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "n", name="pk_bounce_steps"),
    )
    op.create_index("ix_bounce_steps_pair", "bounce_steps", ["giver", "taker", "at"])
    op.create_table(
        "disputes",
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.Column("decided", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="pk_disputes"),
    )
