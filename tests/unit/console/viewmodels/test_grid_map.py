"""What the map shows: areas with polygons, cases that pass the filter, officers, base map, age of the picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from console.viewmodels.areas import AreaBook
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.grid_map import GridMapViewModel, base_map
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from services.ports.picture import OFFLINE, ONLINE, Connection
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start

LINE = {"type": "LineString", "coordinates": [[113.0, 23.0], [113.01, 23.01]]}
POND = {"type": "Polygon", "coordinates": [[[113.0, 23.0], [113.01, 23.0], [113.01, 23.01], [113.0, 23.0]]]}


def test_areas_cases_and_filter(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    world.walk("handling")
    seat = start(world)
    queue = QueueViewModel(seat, dispatch_tabs())
    model = GridMapViewModel(seat, queue)
    model.cases.begin(lambda _case_id: None)
    settled(seat, qtbot)
    assert seat.map_ground.district is not None
    assert seat.map_ground.district.areas is not None
    assert set(seat.map_ground.district.areas.levels) == {"district", "street", "community", "grid"}
    assert len(seat.map_ground.codes) == 9
    assert case.case_id in model.cases.shown
    assert len(model.cases.shown) == 2
    queue.set_filter(CaseFilter(areas=("990101003",)))
    assert model.cases.shown == set()


def test_officers_come_from_the_roster(world: World, start: Start, qtbot: Any) -> None:
    place = {"lon": 113.005, "lat": 23.005}
    heard = world.now - timedelta(minutes=3)
    silent = world.now - timedelta(minutes=30)
    world.doc["roster"] = [
        {"user": "g1", "name": "方知夏", "role": "grid_worker", "area_code": "990101001001001", "on_duty": True,
         "seen_at": heard.isoformat(), **place},
        {"user": "g2", "name": "陆小满", "role": "supervisor", "area_code": "990101002001",
         "seen_at": silent.isoformat(), **place},
        {"user": "g3", "name": "没有位置", "role": "grid_worker", "area_code": "990101003001001"},
        {"user": "d1", "name": "派遣员", "role": "dispatcher", **place},
    ]  # fmt: skip
    seat = start(world)
    model = GridMapViewModel(seat, QueueViewModel(seat, dispatch_tabs()))
    found = {officer.officer_id: officer for officer in model.field.officers()}
    assert set(found) == {"g1", "g2"}
    assert (found["g1"].lost, found["g2"].lost) == (False, True)
    assert found["g1"].area_name == "望塔-01"
    assert model.field.duty_of()["990101001001001"] is True
    assert "990101002001001" not in model.field.duty_of()


def test_the_picture_says_how_old_it_is(world: World, start: Start) -> None:
    seat = start(world)
    model = GridMapViewModel(seat, QueueViewModel(seat, dispatch_tabs()))
    heard: list[str] = []
    model.line_changed.connect(lambda: heard.append(model.stale_text))
    seat.connection_changed.emit(Connection(OFFLINE, data_at=world.now))
    seat.connection_changed.emit(Connection(OFFLINE, data_at=world.now))
    seat.connection_changed.emit(Connection(ONLINE))
    assert heard == ["离线底图 · 位置为 09:30 最后上报", ""]


def test_base_map_is_read_from_the_reference_data() -> None:
    doc = {
        "roads": {"features": [{"properties": {"name": "松影路", "width_m": 24}, "geometry": LINE}]},
        "water": {"features": [{"properties": {}, "geometry": POND}]},
    }
    base = base_map(doc)
    assert base.roads[0][1:] == ("松影路", 24.0)
    assert len(base.water) == 1
    assert base_map({}).roads == ()


def test_area_book_copes_with_what_is_missing() -> None:
    officer = {"name": "方知夏"}
    features = [
        {"properties": {"code": "990101", "name": "示例区"}, "geometry": None},
        {"properties": {"name": "没有编码"}},
        {"properties": {"code": "990101001", "officer": officer}},
    ]
    book = AreaBook({"district": {"features": features}, "street": {}})
    assert len(book) == 2
    assert book.name("990101") == "示例区"
    assert book.name("990101001") == "990101001"
    assert book.name(None) == ""
    assert book.name("000000") == "000000"
    assert book.officer("990101001") == "方知夏"
    assert book.officer("990101") == ""
    assert [entry.code for entry in book.of_level("district")] == ["990101", "990101001"]
