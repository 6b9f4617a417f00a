"""Hand-overs, their signatures, marked callers, and an index over what citizens were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import BigKey, Uid

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make three tables, an index, and the guards of what is only ever appended to."""
    op.create_table(
        "handovers",
        sa.Column("n", BigKey, autoincrement=True, nullable=False),
        sa.Column("handover_id", Uid(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=False),
        sa.Column("post", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_handovers"),
        sa.UniqueConstraint("handover_id", name="uq_handovers_handover_id"),
        sa.UniqueConstraint("prev_hash", name="uq_handovers_prev_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "handover_signatures",
        sa.Column("handover_id", Uid(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("handover_id", name="pk_handover_signatures"),
    )
    op.create_table(
        "marked_callers",
        sa.Column("mark_id", Uid(), nullable=False),
        sa.Column("phone_mac", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mark_id", name="pk_marked_callers"),
    )
    op.create_index("ix_marked_callers_phone_mac", "marked_callers", ["phone_mac"], unique=False)
    contacts = sa.text("action = 'contact_citizen'")
    op.create_index(
        "ix_changes_contacts", "changes", ["at", "case_id"], unique=False, sqlite_where=contacts,
        postgresql_where=contacts,
    )  # fmt: skip
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


_GROWING = ("handovers", "handover_signatures")
_SQLITE = tuple(
    f"CREATE TRIGGER {table}_only_grows_{what} BEFORE {what} ON {table}"
    f" BEGIN SELECT RAISE(ABORT, '{table} is only appended to'); END"
    for table in _GROWING
    for what in ("UPDATE", "DELETE")
)
_POSTGRES = tuple(
    f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION only_grows()"
    for table in _GROWING
)
