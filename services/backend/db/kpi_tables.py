"""Tables of the figures: what each case contributes, the sums of it, and how far the log was followed.

All but `kpi_entries` are projections of the log: they can be thrown away and counted again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text, text

from services.backend.db.tables import metadata
from services.sql.types import BigKey, Uid

#: how far the log was followed, and by which definitions (hash)
kpi_place = Table(
    "kpi_place",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
)

#: what a case contributes on a local day (days since 1970) for a unit and a post; `ripe_at`: only from then on
kpi_parts = Table(
    "kpi_parts",
    metadata,
    Column("case_id", Uid, primary_key=True),
    Column("n", SmallInteger, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("ripe_at", BigInteger),
    Column("grid", String(15)),
    Column("category", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("dept", String(64), nullable=False),
    Column("post", String(64), nullable=False),
    # names of measures with their thousandths, see `services.backend.kpi.parts.counts_text`
    Column("counts", Text, nullable=False),
    Index("ix_kpi_parts_day", "day"),
    Index(
        "ix_kpi_parts_ripe",
        "ripe_at",
        sqlite_where=text("ripe_at IS NOT NULL"),
        postgresql_where=text("ripe_at IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

#: sums in thousandths by cube (what `key` is: nothing, dept, category, source, post), area and span (day or month)
kpi_sums = Table(
    "kpi_sums",
    metadata,
    Column("measure", String(64), primary_key=True),
    Column("cube", String(1), primary_key=True),
    Column("area", String(9), primary_key=True),
    Column("span", Integer, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: figures the log cannot know (registers, telephone system, heartbeats), entered with the document they rest on
kpi_entries = Table(
    "kpi_entries",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("kpi", String(64), nullable=False),
    Column("day", Integer, nullable=False),
    Column("area", String(15), nullable=False),
    # thousandths; a count has no denominator
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger),
    Column("document", Text, nullable=False),
    Column("by_user", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_kpi_entries_day", "kpi", "day"),
)
