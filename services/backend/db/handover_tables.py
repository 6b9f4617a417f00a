"""Tables of the desk: hand-overs with their signatures (only appended to), and marked callers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, text

from services.backend.db.tables import changes, metadata
from services.sql.types import BigKey, Uid

handovers = Table(
    "handovers",
    metadata,
    Column("n", BigKey, primary_key=True, autoincrement=True),
    Column("handover_id", Uid, nullable=False, unique=True),
    Column("area_code", String(15), nullable=False),
    Column("post", String(20), nullable=False),
    # who leaves; signed by sending it
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # the brief as checked (packed), and its place in the chain
    Column("doc", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("prev_hash", LargeBinary(32), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

handover_signatures = Table(
    "handover_signatures",
    metadata,
    Column("handover_id", Uid, primary_key=True),
    # who takes over
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    # case ids whose claim moved, one blank between
    Column("moved", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

#: callers who keep the desk busy (无理缠诉, 骚扰): a mark with a reason and an end, never a lock
marked_callers = Table(
    "marked_callers",
    metadata,
    Column("mark_id", Uid, primary_key=True),
    # HMAC of the number under the centre's phone key; the number itself is not kept here
    Column("phone_mac", LargeBinary(16), nullable=False, index=True),
    Column("last4", String(4), nullable=False),
    Column("reason", Text, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    # set when the mark was taken off before its end; rows are never deleted
    Column("lifted_at", BigInteger),
    Column("lifted_by", Text),
)

_CONTACTS = text("action = 'contact_citizen'")
#: what citizens were told lately is asked at every hand-over
Index(
    "ix_changes_contacts", changes.c.at, changes.c.case_id, sqlite_where=_CONTACTS, postgresql_where=_CONTACTS
)
