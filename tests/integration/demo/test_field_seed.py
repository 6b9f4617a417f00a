"""A demo district has things along its streets and people who move, also one that was made without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select

from services.backend.centre import Centre
from services.backend.db.access_tables import accounts
from services.backend.db.field_tables import cameras, components, last_positions, positions
from services.backend.db.opening import open_database, read_meta
from services.backend.db.tables import meta
from services.backend.demo.patrol import SHIFT
from services.backend.demo.seed import ensure_demo
from services.backend.field.duties import ROUTES_KEY, WALK_EVERY_S, FieldDuties
from services.backend.field.positions import officers, settings_of
from services.backend.reference_store import load, newest_number
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import to_ms

#: in the middle of the night: a demo is looked at at any hour
NOW = datetime.fromisoformat("2026-11-22T03:40:00+08:00")


@pytest.fixture
def demo(db_url: str, tmp_path: Path) -> Iterator[tuple[Engine, Path]]:
    engine = open_database(db_url)
    assert ensure_demo(engine, tmp_path, now=NOW, cases=30, days=5, grids=60)
    yield engine, tmp_path
    engine.dispose()


def counted(engine: Engine, table: object) -> int:
    with glancing(engine) as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]  # a table


def test_things_and_tracks_are_there(demo: tuple[Engine, Path]) -> None:
    engine, _ = demo
    assert counted(engine, components) > 300 and counted(engine, cameras) >= 10
    with glancing(engine) as conn:
        first, last = conn.execute(select(func.min(positions.c.at), func.max(positions.c.at))).one()
        walking = conn.execute(select(func.count(func.distinct(positions.c.user_id)))).scalar_one()
        unknown = select(positions.c.user_id).where(positions.c.user_id.not_in(select(accounts.c.user_id)))
        assert conn.execute(unknown.limit(1)).first() is None
    assert to_ms(NOW - SHIFT) <= first < to_ms(NOW - SHIFT) + 600_000 and last <= to_ms(NOW)
    assert walking >= 3 and counted(engine, last_positions) == walking


def test_the_map_of_a_running_centre_moves(demo: tuple[Engine, Path]) -> None:
    engine, folder = demo
    moment = [NOW]
    centre = Centre(engine, folder, lambda: moment[0])
    clock = [0.0]
    duties = FieldDuties(centre, lambda: clock[0])
    chief = Actor("u-x", "值班长", ("shift_leader",), "990101")

    def seen() -> dict[str, tuple[float, float, str]]:
        found = officers(centre, chief)["officers"]
        return {one["user"]: (one["lon"], one["lat"], one["at"]) for one in found if one["at"] is not None}

    board = officers(centre, chief)
    assert any(one["on_duty"] for one in board["officers"]) and settings_of(centre).retention_days == 3
    duties.turn()
    before = seen()
    for _ in range(30):
        moment[0] += timedelta(seconds=WALK_EVERY_S)
        clock[0] += WALK_EVERY_S
        duties.turn()
    after = seen()
    assert set(after) >= set(before)
    moved = [user for user in before if after[user][:2] != before[user][:2]]
    assert len(moved) > 0.6 * len(before)
    duties.turn()  # not due yet
    assert seen() == after


def test_a_real_centre_has_nobody_who_walks(db_url: str, tmp_path: Path) -> None:
    engine = open_database(db_url)
    centre = Centre(engine, tmp_path, lambda: NOW)
    assert centre.duties.walk() == 0 and centre.duties.forget() == 0 and counted(engine, positions) == 0
    engine.dispose()


def test_a_district_made_without_them_gets_them_at_the_next_start(demo: tuple[Engine, Path]) -> None:
    engine, folder = demo
    things = counted(engine, components)
    with writing(engine) as conn:
        for table in (components, cameras, positions, last_positions):
            conn.execute(delete(table))
        conn.execute(delete(meta).where(meta.c.key == ROUTES_KEY))
    assert ensure_demo(engine, folder, now=NOW) is False
    assert counted(engine, components) == things and counted(engine, positions) > 0
    with glancing(engine) as conn:
        assert read_meta(conn, ROUTES_KEY) is not None
        assert load(conn, newest_number(conn)).doc["field"]["hours"] == ["00:00", "24:00"]
    assert ensure_demo(engine, folder, now=NOW) is False
