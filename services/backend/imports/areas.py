"""Writing imported areas: the plan comes from `services.geo.area_import`, the rows go in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.db.tables import areas
from services.backend.imports.refused import safe_cell
from services.backend.places import touch_areas
from services.backend.reference.departments import with_streets
from services.backend.reference.load import seal
from services.backend.reference_store import load, newest_number, publish
from services.geo.area_import import AreaImport
from services.geo.areas import Area, to_wkb
from services.sql.engine import glancing, is_sqlite, writing

_ROWS = 500


def known_codes(engine: Engine) -> frozenset[str]:
    """Return the codes of all areas the centre has."""
    with glancing(engine) as conn:
        return frozenset(conn.execute(select(areas.c.code)).scalars())


def store_areas(engine: Engine, planned: AreaImport, now: datetime | None = None) -> int:
    """Write planned areas in one transaction; an area with the same code is replaced, others stay.

    Streets become street offices in a new version of the reference document. Returns how many were written.
    """
    with writing(engine) as conn:
        for start in range(0, len(planned.areas), _ROWS):
            _put(conn, planned.areas[start : start + _ROWS])
        if planned.areas:
            touch_areas(conn)
        if any(area.level == "street" for area in planned.areas):
            _street_offices(conn, now)
    return len(planned.areas)


def _put(conn: Connection, some: Sequence[Area]) -> None:
    """Insert or replace some areas."""
    rows = [
        {
            "code": area.code,
            "level": area.level,
            "parent": area.parent,
            "name": area.name,
            "officer": area.officer,
            "registered": True,
            "wkb": None if area.geometry is None else to_wkb(area.geometry),
        }
        for area in some
    ]
    made = (sqlite_insert if is_sqlite(conn) else pg_insert)(areas)
    fresh = {name: made.excluded[name] for name in ("level", "parent", "name", "officer", "wkb")}
    conn.execute(made.on_conflict_do_update(index_elements=["code"], set_=fresh), rows)


def _street_offices(conn: Connection, now: datetime | None) -> None:
    """Publish the reference document with an office for every street the centre has."""
    number = newest_number(conn)
    if number == 0:
        return
    streets = conn.execute(
        select(areas.c.code, areas.c.name).where(areas.c.level == "street").order_by(areas.c.code)
    ).all()
    doc = with_streets(dict(load(conn, number).doc), [(row.code, row.name) for row in streets])
    publish(conn, seal(doc), now)


def write_report(imported: Path, planned: AreaImport) -> Path | None:
    """Write `<file>.areas.csv` with what was repaired and refused; None when there was nothing to say."""
    path = imported.with_name(imported.name + ".areas.csv")
    lines = [*_told("已修复", planned.repaired), *_told("未导入", planned.refused)]
    if not lines:
        path.unlink(missing_ok=True)
        return None
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("结果", "要素", "说明"), *lines])
    return path


def _told(word: str, entries: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str, str]]:
    """Return lines of the report."""
    return ((word, safe_cell(label), safe_cell(sentence)) for label, sentence in entries)
