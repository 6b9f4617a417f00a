"""预下载: whole levels of an area, kept for offline, stopped, limited, and never against a service that refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.basemaps.errors import ServiceError
from services.basemaps.matrices import Plane, TileGrid, ladder
from services.basemaps.sources import Datum, Kind, MapSource
from services.ports.map_services import MapServices, Secret
from services.usecases.map_gate import Gate
from services.usecases.map_prefetch import PrefetchState, plan_prefetch, prefetch
from services.usecases.map_tiles import TileReader
from tests.support.map_server import Answer, MapServer, map_server
from tests.support.map_services import real_services, xyz
from tests.support.tile_world import Beacon
from tests.unit.basemaps.test_pictures import picture

X, Y = Beacon(114.03, 30.59).world
AREA = (X - 3000, Y - 3000, X + 3000, Y + 3000)


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(picture(size=(8, 8)))) as made:
        yield made


@pytest.fixture
def services(tmp_path: Path) -> Iterator[MapServices]:
    with real_services(tmp_path) as made:
        yield made


def reader(server: MapServer, services: MapServices, most: int = 13, gate: Gate | None = None) -> TileReader:
    return TileReader(xyz(server.url, max_zoom=most), Secret(), services, gate)


def run(
    tiles: TileReader, stop: threading.Event | None = None, most_bytes: int = 10**9
) -> list[PrefetchState]:
    states: list[PrefetchState] = []
    last = prefetch(tiles, AREA, stop or threading.Event(), states.append, most_bytes)
    return [*states, last]


def test_an_area_is_planned_level_by_level_down_to_houses() -> None:
    grid = ladder(Plane.MERCATOR, 0, 20)
    tiles = plan_prefetch(grid, Datum.WGS84, AREA)
    levels = [tile.matrix for tile in tiles]
    assert levels == sorted(levels)
    assert max(levels) == 17, "1.2 metres a pixel, not finer"
    finest = [tile for tile in tiles if tile.matrix == 17]
    assert 20 * 20 <= len(finest) <= 22 * 22
    degrees = plan_prefetch(ladder(Plane.DEGREES, 0, 20), Datum.GCJ02, AREA)
    assert max(tile.matrix for tile in degrees) == 17


def test_a_plan_never_holds_half_a_level() -> None:
    grid = ladder(Plane.MERCATOR, 0, 20)
    few = plan_prefetch(grid, Datum.WGS84, AREA, most=200)
    assert len(few) <= 200
    deepest = max(tile.matrix for tile in few)
    assert sum(t.matrix == deepest for t in few) == sum(
        t.matrix == deepest for t in plan_prefetch(grid, Datum.WGS84, AREA)
    )
    assert plan_prefetch(TileGrid(Plane.MERCATOR), Datum.WGS84, AREA) == ()


def test_what_was_fetched_ahead_is_there_offline(server: MapServer, services: MapServices) -> None:
    states = run(reader(server, services))
    last = states[-1]
    assert last.sentence == "已完成。"
    assert last.looked_at == last.total == len(server.asked)
    assert not last.running
    assert all(state.running for state in states[:-1])
    server.rule = lambda asked: Answer(status=500)
    tiles = reader(server, services)
    for tile in plan_prefetch(tiles.open(), Datum.WGS84, AREA):
        assert tiles.read(tile).patch is not None
    asked = len(server.asked)
    again = run(reader(server, services))[-1]
    assert (again.fetched_bytes, len(server.asked)) == (0, asked), "nothing is fetched twice"


def test_it_can_be_stopped(server: MapServer, services: MapServices) -> None:
    stop = threading.Event()
    states: list[PrefetchState] = []

    def progress(state: PrefetchState) -> None:
        states.append(state)
        if state.looked_at == 5:
            stop.set()

    last = prefetch(reader(server, services), AREA, stop, progress)
    assert (last.looked_at, last.sentence) == (5, "已停止。")


def test_it_ends_at_its_limit(server: MapServer, services: MapServices) -> None:
    last = run(reader(server, services), most_bytes=200)[-1]
    assert last.sentence == "已到下载上限。"
    assert last.looked_at < last.total


def test_a_refusal_ends_it_at_once(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(status=403)
    last = run(reader(server, services))[-1]
    assert "403" in last.sentence
    assert "1 张没有取到" in last.sentence
    assert len(server.asked) == 1


def test_a_bad_tile_is_counted_and_passed_over(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(b"<html>" if asked.path.startswith("/7/") else picture(size=(8, 8)))
    last = run(reader(server, services))[-1]
    assert last.failed == 1
    assert last.sentence == "已完成。1 张没有取到。"


def test_a_source_that_does_not_open(services: MapServices) -> None:
    source = MapSource("w", "w", Kind.WMTS, "http://127.0.0.1:9/wmts", layer="a")
    last = run(TileReader(source, Secret(), services))[-1]
    assert "连不上" in last.sentence
    with pytest.raises(ServiceError):
        TileReader(source, Secret(), services).open()
