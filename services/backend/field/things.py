"""Components (部件) and cameras: public things of the district, in the caller's scope, paged and tagged.

Whoever writes them calls `write_components` or `write_cameras`, which move the version on: the tags of all
answers rest on it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, false, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.db.field_tables import cameras, components
from services.backend.db.opening import read_meta, write_meta
from services.backend.db.packing import compact
from services.backend.problems import invalid
from services.backend.scoping import prefix
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, reading

#: states of a component (domain section 3.4)
STATUSES = ("intact", "damaged", "lost", "occupied", "removed")
CAMERA_STATES = ("on", "off", "fault")
MAX_PAGE = 5000
_VERSION = "things_version"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A component as stored; `status` is one of STATUSES."""

    code: str
    category: str
    name: str
    dept: str | None
    maintainer: str
    status: str
    lon: float
    lat: float
    grid: str
    address: str


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera as stored; `state` is one of CAMERA_STATES, `heading` None when it turns."""

    code: str
    name: str
    lon: float
    lat: float
    heading: float | None
    state: str
    dept: str | None
    grid: str


def write_components(conn: Connection, rows: Iterable[ComponentRow]) -> int:
    """Write components, replacing those of the same code; returns how many. Raises ValueError for a bad row."""
    return _write(conn, components, (_checked_component(row) for row in rows))


def write_cameras(conn: Connection, rows: Iterable[CameraRow]) -> int:
    """Write cameras, replacing those of the same code; returns how many. Raises ValueError for a bad row."""
    return _write(conn, cameras, (_checked_camera(row) for row in rows))


def _checked_component(row: ComponentRow) -> dict[str, Any]:
    """Check code and state of a component (domain section 3.3: 6 + 2 + 2 + 6 digits, in line with its category)."""
    good = row.code.isascii() and row.code.isdigit() and len(row.code) == 16
    if not good or row.code[6:10] != row.category.removeprefix("component-"):
        raise ValueError(
            f"部件标识码 {row.code[:24]} 应为 16 位数字，第 7–10 位与类别 {row.category[:24]} 一致"
        )
    if row.status not in STATUSES:
        raise ValueError(f"部件 {row.code} 的状态 {row.status[:24]} 不认识")
    return _values(row)


def _checked_camera(row: CameraRow) -> dict[str, Any]:
    """Check id and state of a camera (domain section 12.1)."""
    if not (row.code.isascii() and row.code.isdigit() and len(row.code) == 20):
        raise ValueError(f"摄像机编号 {row.code[:24]} 应为 20 位数字")
    if row.state not in CAMERA_STATES:
        raise ValueError(f"摄像机 {row.code} 的状态 {row.state[:24]} 不认识")
    return _values(row)


def _values(row: ComponentRow | CameraRow) -> dict[str, Any]:
    """Return a row's values by column; `asdict` copies everything deeply, which takes ten times as long."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _write(conn: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert or replace rows in batches and move the version on."""
    insert = (sqlite_insert if is_sqlite(conn) else pg_insert)(table)
    key = next(iter(table.primary_key)).name
    values = {name: insert.excluded[name] for name in table.c.keys() if name != key}  # noqa: SIM118 - a column collection
    statement = insert.on_conflict_do_update(index_elements=[key], set_=values)
    count = 0
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        conn.execute(statement, batch)
        count += len(batch)
    write_meta(conn, _VERSION, str(int(read_meta(conn, _VERSION) or 0) + 1))
    return count


def things_version(engine: Engine) -> int:
    """Return how often components or cameras were written."""
    with glancing(engine) as conn:
        return int(read_meta(conn, _VERSION) or 0)


def things_scope(actor: Actor, table: Table) -> ColumnElement[bool]:
    """Return the condition that a thing lies in an actor's scope: area prefix, and for units their own things.

    Like cases (contract section 3): who works for a department sees what that department is in charge of. What
    lies in no grid is seen by those whose area is the whole district.
    """
    if not actor.area_code:
        return false()
    area: ColumnElement[bool] = prefix(table.c.grid, actor.area_code)
    if len(actor.area_code) <= 6:
        area = or_(area, table.c.grid == "")
    if not actor.dept_only:
        return area
    return area & (table.c.dept == actor.dept) if actor.dept is not None else false()


def tag_of(epoch: str, version: int, actor: Actor, *asked: object) -> str:
    """Return the ETag of an answer: the state of the things, the caller's scope, and what was asked."""
    scope = compact([actor.area_code, actor.dept, actor.dept_only, [str(part) for part in asked]])
    return f'"{epoch[:8]}-{version}-{hashlib.sha256(scope.encode()).hexdigest()[:16]}"'


def components_page(
    engine: Engine, actor: Actor, area: str | None, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of components by grid and code: `components`, `next_cursor`, `version`.

    Raises Problem 422 for a cursor that is none.
    """
    statement = select(components).where(things_scope(actor, components))
    if area:
        statement = statement.where(prefix(components.c.grid, area))
    if cursor:
        grid, code = _place(cursor)
        beyond = and_(components.c.grid == grid, components.c.code > code)
        statement = statement.where(components.c.grid >= grid, or_(components.c.grid > grid, beyond))
    order = (components.c.grid, components.c.code)
    with reading(engine) as conn:
        version = int(read_meta(conn, _VERSION) or 0)
        rows = conn.execute(statement.order_by(*order).limit(limit + 1)).mappings().all()
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "components": [dict(row) for row in page],
        "next_cursor": _cursor(page[-1]["grid"], page[-1]["code"]) if more else None,
        "version": version,
    }


def cameras_of(engine: Engine, actor: Actor) -> dict[str, Any]:
    """Return the cameras in scope: symbols only, no address of a stream and no credentials."""
    shown = [column for column in cameras.c if column.name != "dept"]
    statement = select(*shown).where(things_scope(actor, cameras)).order_by(cameras.c.code)
    with reading(engine) as conn:
        version = int(read_meta(conn, _VERSION) or 0)
        rows: Sequence[Mapping[Any, Any]] = conn.execute(statement).mappings().all()
    return {"cameras": [dict(row) for row in rows], "version": version}


def _cursor(grid: str, code: str) -> str:
    """Return the token of the place after a row."""
    return base64.urlsafe_b64encode(compact([grid, code]).encode()).decode().rstrip("=")


def _place(token: str) -> tuple[str, str]:
    """Read a token; raises Problem 422 for anything but one."""
    try:
        grid, code = json.loads(base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)))
        if all(isinstance(part, str) and part.isascii() and len(part) <= 16 for part in (grid, code)):
            return grid, code
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise invalid({"cursor": "不是有效的续页标记"})
