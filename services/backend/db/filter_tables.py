"""The table of saved filters: what an operator named, and with which post of the area it is shared."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from services.backend.db.tables import metadata
from services.sql.types import Uid

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("filter_id", Uid(), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("owner_name", Text, nullable=False),
    # the area of the owner when it was last written: who shares, shares within it
    Column("area_code", String(15), nullable=False),
    Column("name", Text, nullable=False),
    # a role id, "all", or empty for nobody else
    Column("share", String(20), nullable=False),
    Column("place", Integer, nullable=False),
    Column("doc", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_saved_filters_owner", "owner"),
    Index("ix_saved_filters_share", "share"),
)
