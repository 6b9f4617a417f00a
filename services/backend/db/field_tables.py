"""Tables of the district's things and people in the field: components, cameras, positions.

Positions are a track of persons (domain section 13.3): they are deleted after the retention a centre sets
(`services.backend.field.settings`), unlike cases.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, String, Table, Text

from services.backend.db.tables import metadata

#: 部件 (domain section 3.4)
components = Table(
    "components",
    metadata,
    # 标识码: 6 division + 2 + 2 category + 6 sequence
    Column("code", String(16), primary_key=True),
    Column("category", String(64), nullable=False),
    Column("name", Text, nullable=False),
    # 主管部门 (in charge), a department id; 养护单位 (maintenance), a name
    Column("dept", String(64)),
    Column("maintainer", Text, nullable=False, server_default=""),
    Column("status", String(12), nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    # "" outside every grid; never NULL, so that pages can be cut by (grid, code)
    Column("grid", String(15), nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Index("ix_components_place", "grid", "code"),
)

cameras = Table(
    "cameras",
    metadata,
    # 20-digit device id (domain section 12.1)
    Column("code", String(20), primary_key=True),
    Column("name", Text, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    # degrees from north clockwise; NULL: it turns
    Column("heading", Float),
    Column("state", String(8), nullable=False),
    Column("dept", String(64)),
    Column("grid", String(15), nullable=False, server_default=""),
)

positions = Table(
    "positions",
    metadata,
    Column("user_id", String(64), primary_key=True),
    # when the device measured, by its own clock (judged at arrival)
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("accuracy_m", Float),
    Column("grid", String(15)),
    Index("ix_positions_at", "at"),
    sqlite_with_rowid=False,
)

#: the newest position of each person, so that the list of all need not search the tracks
last_positions = Table(
    "last_positions",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("accuracy_m", Float),
    Column("grid", String(15)),
)
