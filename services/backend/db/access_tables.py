"""Tables of people: accounts, sessions, failed sign-ins, claims and the audit trail."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
    true,
)

from services.backend.db.tables import metadata
from services.sql.types import BigKey, Uid

accounts = Table(
    "accounts",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    # role ids, one blank between
    Column("roles", Text, nullable=False),
    Column("area_code", String(15)),
    Column("dept", String(64)),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    # +1 when roles, area or department change; a feed begun under another number must refetch
    Column("rights_version", Integer, nullable=False, server_default="1"),
    Column("last_login", BigInteger),
    Column("failed_since", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("user_id", String(64), nullable=False, index=True),
    Column("console_id", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("rights_version", Integer, nullable=False),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("username", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    # set in the failure that was one too many; holds for names without an account as well
    Column("locked_until", BigInteger),
    Index("ix_login_failures_who", "username", "at"),
)

claims = Table(
    "claims",
    metadata,
    Column("case_id", Uid, primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("target", String(100)),
    Column("detail", Text),
    Column("trace_id", String(40)),
    Index("ix_audit_at", "at"),
)
