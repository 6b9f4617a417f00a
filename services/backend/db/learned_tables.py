"""The table of what was learned from the log; disposable, it can be learned again from the first change."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from services.backend.db.tables import metadata

#: one row a subject: how far the log was followed, and the document (packed)
learned = Table(
    "learned",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("doc", LargeBinary, nullable=False),
)
