"""Tables of the hotline's calls and of how the seats stand (空闲, 通话, 整理, 小休, 离席)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text

from services.backend.db.tables import metadata
from services.sql.types import BigKey, Uid

calls = Table(
    "calls",
    metadata,
    # the switch's own id of the call, the same at every seat
    Column("call_id", String(200), primary_key=True),
    # grows with every change of any call; what a console asks after
    Column("rev", BigInteger, nullable=False, unique=True),
    Column("incoming", Boolean, nullable=False),
    Column("queue", String(40), nullable=False),
    # the caller's number: digits (personal), the kind of number, its keyed mark, its end for lists
    Column("phone", String(24)),
    Column("kind", String(10), nullable=False),
    Column("phone_mac", LargeBinary(16), index=True),
    Column("last4", String(4), nullable=False),
    Column("began_at", BigInteger, nullable=False, index=True),
    Column("answered_at", BigInteger),
    Column("over_at", BigInteger),
    # empty while it goes on
    Column("outcome", String(10), nullable=False),
    Column("taker", String(64)),
    # the parts of all seats (packed)
    Column("doc", LargeBinary, nullable=False),
    Column("recording", Text),
    # the thread: the case it became, or why it became none
    Column("case_id", Uid),
    Column("reason", Text),
    Column("settled_by", String(64)),
    # a missed caller who was called back: by whom, when, with what result
    Column("back_by", String(64)),
    Column("back_at", BigInteger),
    Column("back_result", String(20)),
)
Index(
    "ix_calls_open",
    calls.c.outcome,
    sqlite_where=calls.c.outcome == "",
    postgresql_where=calls.c.outcome == "",
)
Index("ix_calls_case", calls.c.case_id)

#: what each seat said of itself, only appended to; the last row of a user is the present
seat_states = Table(
    "seat_states",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("user_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("extension", String(40), nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_seat_states_user", seat_states.c.user_id, seat_states.c.id)
