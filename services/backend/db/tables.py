"""The centre's tables (contract sections 1 to 4), as SQLAlchemy Core tables.

Times are whole milliseconds since 1970 UTC (`services.sql.types.to_ms`); ids are UUIDs unless said otherwise.
Two million cases with 25 million changes must fit in 15 GB, hence the packed bodies and the few indexes.
The word index (`case_words`) differs by database and stands in the migration alone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.sql.types import BigKey, Uid

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: `cases.due_at` of a case without a running clock: later than every deadline, so that it sorts last
NO_DUE = 1 << 53

meta = Table(
    "meta", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False)
)

cases = Table(
    "cases",
    metadata,
    Column("ref", BigKey, primary_key=True, autoincrement=True),
    Column("case_id", Uid, nullable=False, unique=True),
    Column("number", String(20), unique=True),
    Column("version", Integer, nullable=False),
    Column("xver", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("source", String(64), nullable=False),
    Column("category", String(64)),
    Column("grid", String(15)),
    Column("lead_dept", String(64)),
    # ",water,power," or "": one LIKE finds a co department
    Column("co_depts", Text, nullable=False, server_default=""),
    Column("urgent", Boolean, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("due_at", BigInteger, nullable=False),
    # when a timed action (resume) is due
    Column("wake_at", BigInteger),
    Column("lon", Float),
    Column("lat", Float),
    Column("description", Text, nullable=False),
    Column("address", Text, nullable=False),
    # the whole case: `packing.pack(case_doc.to_doc(case))`
    Column("doc", LargeBinary, nullable=False),
    Index("ix_cases_open", "case_id", sqlite_where=text("open"), postgresql_where=text("open")),
    Index("ix_cases_open_due", "due_at", "case_id", sqlite_where=text("open"), postgresql_where=text("open")),
    Index("ix_cases_created", "created_at", "case_id"),
    Index(
        "ix_cases_closed",
        "closed_at",
        "case_id",
        sqlite_where=text("closed_at IS NOT NULL"),
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    # what is still to be archived; without it the search for it would walk every archived case
    Index(
        "ix_cases_to_archive",
        "closed_at",
        sqlite_where=text("state = 'closed'"),
        postgresql_where=text("state = 'closed'"),
    ),
    Index("ix_cases_grid", "grid", "created_at"),
    Index("ix_cases_lead", "lead_dept", "created_at"),
    Index(
        "ix_cases_wake",
        "wake_at",
        sqlite_where=text("wake_at IS NOT NULL"),
        postgresql_where=text("wake_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

changes = Table(
    "changes",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    # NULL until the sequencer numbered the committed row (contract section 7)
    Column("seq", BigInteger, unique=True),
    Column("case_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("xver", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("action", String(20), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("command_id", Uid, nullable=False),
    # scope of the case after the change; `was` holds "grid|depts" before it, only where it differs
    Column("grid", String(15)),
    Column("depts", Text, nullable=False),
    Column("was", Text),
    Column("rules", Integer, nullable=False),
    # packing.pack({"d": delta, "p": payload, "n": actor name})
    Column("body", LargeBinary, nullable=False),
    Column("row_hash", LargeBinary(16), nullable=False),
    UniqueConstraint("case_id", "version"),
    Index(
        "ix_changes_unnumbered", "id", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")
    ),
    sqlite_autoincrement=True,
)

seals = Table(
    "seals",
    metadata,
    Column("to_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("from_seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("prev_hash", LargeBinary(32), nullable=False),
    Column("algo", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("command_id", Uid, primary_key=True),
    Column("user_id", String(64), nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("case_id", Uid, nullable=False),
    Column("outcome", String(16), nullable=False),
    # the version of the case that the stored outcome shows; NULL when it shows none
    Column("version", Integer),
    Column("decided_at", BigInteger, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("render", SmallInteger, nullable=False),
    # compact JSON of reason and winner, NULL when applied
    Column("head", Text),
    # compact JSON of console_id, console_n and client_time, for diagnosis only
    Column("diag", Text),
    sqlite_with_rowid=False,
)

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("case_id", Uid, nullable=False),
    Column("command_id", Uid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("lead_dept", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    # the promise "exactly one active dispatch a case" held by the database as well
    Index(
        "uq_dispatches_active",
        "case_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

counters = Table(
    "counters", metadata, Column("day", String(8), primary_key=True), Column("value", Integer, nullable=False)
)

callers = Table(
    "callers",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("case_id", Uid, nullable=False, index=True),
    Column("command_id", Uid, nullable=False),
    Column("name", Text),
    Column("phone", Text),
    # keyed HMAC of the normalised number: found again without a readable index
    Column("phone_mac", LargeBinary(16), index=True),
    Column("last4", String(4)),
    Column("facts", Text),
    Column("at", BigInteger, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("mime", String(100), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("user_id", String(64), nullable=False),
)

case_files = Table(
    "case_files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("case_id", Uid, primary_key=True),
    Index("ix_case_files_case", "case_id"),
)

areas = Table(
    "areas",
    metadata,
    Column("code", String(15), primary_key=True),
    Column("level", String(10), nullable=False, index=True),
    Column("parent", String(15)),
    Column("name", Text, nullable=False),
    Column("officer", Text),
    Column("registered", Boolean, nullable=False, server_default=text("true")),
    Column("wkb", LargeBinary),
)

reference = Table(
    "reference",
    metadata,
    # every published reference document is kept: an old decision can be explained and rendered again
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("label", String(40), nullable=False),
    Column("doc", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
