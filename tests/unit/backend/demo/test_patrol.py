"""People who walk: along the streets, no quicker than people, the same for everybody who asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, func, select, update

from services.backend.db.field_tables import last_positions, positions
from services.backend.db.opening import open_database
from services.backend.demo.geometry import District
from services.backend.demo.patrol import FILLED_S, KEPT_S, LIVE_S, SHIFT, Patrol, make_patrol, quiet
from services.backend.demo.roster import Person
from services.geo.coords import distance_m
from services.sql.engine import glancing, writing
from services.sql.types import to_ms
from tests.unit.backend.demo.conftest import NOW

SECOND = to_ms(NOW) // 1000


@pytest.fixture(scope="module")
def patrol(district: District) -> Patrol:
    homes = [area.code for area in district.areas if area.level == "community"]
    people = [
        Person(f"u-{role}{n}", f"{role}{n}", "方知夏", role, home)
        for n, home in enumerate(homes)
        for role in ("supervisor", "grid_worker")
    ]
    return make_patrol(district, people, district.seed)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'centre.db'}")
    yield made
    made.dispose()


def kept(engine: Engine) -> int:
    with glancing(engine) as conn:
        return int(conn.execute(select(func.count()).select_from(positions)).scalar_one())


def test_everybody_walks_inside_the_own_community(district: District, patrol: Patrol) -> None:
    seconds = np.arange(SECOND - 7200, SECOND, 97, dtype=np.int64)
    communities = [area.geometry for area in district.areas if area.level == "community"]
    homes = {
        f"u-{role}{n}": shape for n, shape in enumerate(communities) for role in ("supervisor", "grid_worker")
    }
    for walker in patrol.walkers:
        xy = patrol.places(walker, seconds)
        around = shapely.buffer(homes[walker.user], 1e-5)
        assert bool(shapely.contains_xy(around, xy[:, 0], xy[:, 1]).all()), walker.user


def test_ways_follow_the_streets(district: District, patrol: Patrol) -> None:
    streets = shapely.union_all([shapely.LineString(road.coords) for road in district.roads])
    seconds = np.arange(SECOND - 3600, SECOND, 60, dtype=np.int64)
    xy = np.concatenate([patrol.places(walker, seconds) for walker in patrol.walkers])
    off = shapely.distance(shapely.points(xy), streets)
    assert float((off < 2e-5).mean()) > 0.95


def test_nobody_runs(patrol: Patrol) -> None:
    seconds = np.arange(SECOND - 3600, SECOND, 5, dtype=np.int64)
    for walker in patrol.walkers[:20]:
        xy = patrol.places(walker, seconds)
        steps = [distance_m(*a, *b) for a, b in zip(xy[:-1].tolist(), xy[1:].tolist(), strict=True)]
        assert max(steps) <= walker.speed * 5 * 1.02 + 0.2
        assert sum(steps) > 0.5 * walker.speed * 3600  # and nobody stands all the time


def test_the_same_patrol_comes_out_of_the_database(patrol: Patrol) -> None:
    again = Patrol.read(patrol.text())
    seconds = np.arange(SECOND - 600, SECOND, 20, dtype=np.int64)
    assert again.walkers == patrol.walkers
    for walker in patrol.walkers:
        assert again.fixes(walker, seconds) == patrol.fixes(walker, seconds)


def test_some_are_out_of_reach_for_a_while_and_come_back() -> None:
    people = [f"u-wgy{n:02d}" for n in range(120)]
    now = np.array([SECOND], dtype=np.int64)
    lost = [user for user in people if quiet(user, now)[0]]
    assert 2 <= len(lost) <= 30
    day = np.arange(SECOND, SECOND + 86_400, 300, dtype=np.int64)
    for user in lost:
        assert not quiet(user, day).all()


def test_a_shift_is_filled_in_once(patrol: Patrol, engine: Engine) -> None:
    with writing(engine) as conn:
        written = patrol.fill(conn, NOW)
    steps = SHIFT.total_seconds() / FILLED_S
    assert 0.7 * steps * len(patrol.walkers) < written <= (steps + 1) * len(patrol.walkers)
    with writing(engine) as conn:
        again = patrol.fill(conn, NOW)
    assert again <= len(patrol.walkers) and kept(engine) == written
    with glancing(engine) as conn:
        first, last = conn.execute(select(func.min(positions.c.at), func.max(positions.c.at))).one()
    assert to_ms(NOW - SHIFT) <= first and last <= to_ms(NOW)


def test_the_last_positions_move_while_tracks_keep_a_point_a_minute(patrol: Patrol, engine: Engine) -> None:
    begin = NOW.replace(second=0)
    with writing(engine) as conn:
        patrol.fill(conn, begin - timedelta(seconds=1))
    before = kept(engine)
    moments = [begin + timedelta(seconds=LIVE_S * n) for n in range(6)]
    written = [patrol.advance(engine, moment) for moment in moments]
    assert all(0 < count <= len(patrol.walkers) for count in written)
    minutes = sum(int(moment.timestamp()) % KEPT_S == 0 for moment in moments)
    assert minutes == 2 and kept(engine) <= before + minutes * len(patrol.walkers)
    with glancing(engine) as conn:
        newest = conn.execute(select(func.max(last_positions.c.at))).scalar_one()
    assert newest == to_ms(moments[-1]) // 1000 // LIVE_S * LIVE_S * 1000


def test_several_processes_write_the_same_points(patrol: Patrol, engine: Engine) -> None:
    with writing(engine) as conn:
        patrol.fill(conn, NOW)
    at = NOW.replace(second=0) + timedelta(minutes=1)
    patrol.advance(engine, at)
    once = kept(engine)
    Patrol.read(patrol.text()).advance(engine, at + timedelta(seconds=3))
    assert kept(engine) == once


def test_what_was_missed_is_filled_in(patrol: Patrol, engine: Engine) -> None:
    with writing(engine) as conn:
        patrol.fill(conn, NOW)
    before = kept(engine)
    patrol.advance(engine, NOW + timedelta(hours=1))
    assert kept(engine) - before > 0.6 * len(patrol.walkers) * 3600 / FILLED_S
    with writing(engine) as conn:  # nobody was ever heard of
        conn.execute(update(last_positions).values(at=0))
    assert patrol.advance(engine, NOW + timedelta(hours=1)) > 0


def test_a_community_without_a_street_has_a_way_too(district: District) -> None:
    from dataclasses import replace

    bare = replace(district, roads=district.roads[:1])
    homes = [area.code for area in district.areas if area.level == "community"]
    people = [Person(f"u-{n}", f"x{n}", "方知夏", "supervisor", home) for n, home in enumerate(homes)]
    made = make_patrol(bare, people, 1)
    assert all(len(way) >= 2 for way in made.ways) and all(float(m[-1]) > 0 for m in made.lengths)
