"""Tables of the months of evaluation: figures as published and sealed, objections, signatures."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from services.backend.db.tables import metadata
from services.sql.types import Uid

kpi_months = Table(
    "kpi_months",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("area", String(15), primary_key=True),
    # computed, published, frozen
    Column("state", String(12), nullable=False),
    Column("doc", LargeBinary, nullable=False),
    Column("by_user", String(64), nullable=False),
    Column("published_at", BigInteger),
    Column("objections_until", BigInteger),
    Column("frozen_at", BigInteger),
    # sealed when frozen; each seal holds the one of the month frozen before it
    Column("hash", LargeBinary(32)),
    Column("prev_hash", LargeBinary(32)),
)

kpi_objections = Table(
    "kpi_objections",
    metadata,
    Column("objection_id", Uid, primary_key=True),
    Column("month", Integer, nullable=False, index=True),
    Column("area", String(15), nullable=False),
    Column("kpi", String(64), nullable=False),
    Column("dept", String(64), nullable=False),
    Column("case_id", Uid, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_user", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("approved", Boolean),
    Column("decided_by", String(64)),
    Column("decided_at", BigInteger),
    Column("note", Text),
)

kpi_signatures = Table(
    "kpi_signatures",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("area", String(15), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)
