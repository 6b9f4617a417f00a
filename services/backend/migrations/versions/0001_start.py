"""The schema a centre starts with: log, cases, people, areas, reference data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.sql.types import Uid

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BigKey = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, the word index and the guards of what is only ever appended to."""
    _tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if sqlite else _POSTGRES:
        op.execute(statement)


_SQLITE = (
    "CREATE VIRTUAL TABLE case_words USING fts5 (words, content='', contentless_delete=1, detail=none)",
    *(
        f"CREATE TRIGGER {table}_only_grows_{what} BEFORE {what} ON {table} {when}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is only appended to'); END"
        for table, what, when in (
            ("changes", "UPDATE", "WHEN OLD.seq IS NOT NULL"),
            ("changes", "DELETE", ""),
            ("seals", "UPDATE", ""),
            ("seals", "DELETE", ""),
            ("audit", "UPDATE", ""),
            ("audit", "DELETE", ""),
        )
    ),
)

_POSTGRES = (
    "CREATE TABLE case_words (ref BIGINT PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX ix_case_words ON case_words USING gin (words)",
    "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER changes_only_grows BEFORE UPDATE ON changes FOR EACH ROW"
    " WHEN (OLD.seq IS NOT NULL) EXECUTE FUNCTION only_grows()",
    "CREATE TRIGGER changes_never_deleted BEFORE DELETE ON changes"
    " FOR EACH ROW EXECUTE FUNCTION only_grows()",
    *(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION only_grows()"
        for table in ("seals", "audit")
    ),
)


def _tables() -> None:
    """Make the tables that are the same on both databases."""
    op.create_table(
        "accounts",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("area_code", sa.String(length=15), nullable=True),
        sa.Column("dept", sa.String(length=64), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rights_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_login", sa.BigInteger(), nullable=True),
        sa.Column("failed_since", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_accounts"),
        sa.UniqueConstraint("username", name="uq_accounts_username"),
    )
    op.create_table(
        "areas",
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent", sa.String(length=15), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("registered", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_areas"),
    )
    op.create_index("ix_areas_level", "areas", ["level"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_attachments"),
    )
    op.create_table(
        "audit",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=100), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "callers",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("command_id", Uid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_mac", sa.LargeBinary(length=16), nullable=True),
        sa.Column("last4", sa.String(length=4), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callers"),
    )
    op.create_index("ix_callers_case_id", "callers", ["case_id"], unique=False)
    op.create_index("ix_callers_phone_mac", "callers", ["phone_mac"], unique=False)
    op.create_table(
        "case_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "case_id", name="pk_case_files"),
    )
    op.create_index("ix_case_files_case", "case_files", ["case_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("ref", BigKey, autoincrement=True, nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("xver", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("lead_dept", sa.String(length=64), nullable=True),
        sa.Column("co_depts", sa.Text(), server_default="", nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_cases"),
        sa.UniqueConstraint("case_id", name="uq_cases_case_id"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cases_closed",
        "cases",
        ["closed_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_cases_created", "cases", ["created_at", "case_id"], unique=False)
    op.create_index(
        "ix_cases_to_archive",
        "cases",
        ["closed_at"],
        unique=False,
        sqlite_where=sa.text("state = 'closed'"),
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_index("ix_cases_grid", "cases", ["grid", "created_at"], unique=False)
    op.create_index("ix_cases_lead", "cases", ["lead_dept", "created_at"], unique=False)
    op.create_index(
        "ix_cases_open",
        "cases",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_index(
        "ix_cases_open_due",
        "cases",
        ["due_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_index(
        "ix_cases_wake",
        "cases",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("wake_at IS NOT NULL"),
        postgresql_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_table(
        "changes",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("xver", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("command_id", Uid(), nullable=False),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("depts", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.UniqueConstraint("case_id", "version", name="uq_changes_case_id_version"),
        sa.UniqueConstraint("seq", name="uq_changes_seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_changes_unnumbered",
        "changes",
        ["id"],
        unique=False,
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "claims",
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "user_id", name="pk_claims"),
    )
    op.create_table(
        "commands",
        sa.Column("command_id", Uid(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("render", sa.SmallInteger(), nullable=False),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("diag", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("command_id", name="pk_commands"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counters",
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_counters"),
    )
    op.create_table(
        "dispatches",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("case_id", Uid(), nullable=False),
        sa.Column("command_id", Uid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("lead_dept", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
    )
    op.create_index(
        "uq_dispatches_active",
        "dispatches",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "login_failures",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_who", "login_failures", ["username", "at"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "reference",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_reference"),
    )
    op.create_table(
        "seals",
        sa.Column("to_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("algo", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("to_seq", name="pk_seals"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("console_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("rights_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
