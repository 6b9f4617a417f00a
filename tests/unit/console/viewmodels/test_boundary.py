"""A case near the border of its grid says so, with the neighbour's name; equal to shapely's answer."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import shapely

from console.viewmodels.boundary import KEPT, BoundaryWatch, boundary_watch
from console.viewmodels.case_panel import CasePanelViewModel
from services.geo.coords import metres_per_degree
from tests.support.fakes import SOUTH, STEP, WEST, World, grid_at, invented_areas, settled
from tests.unit.console.viewmodels.conftest import Start


def polygons() -> dict[str, Any]:
    """The invented grids in metres around the district."""
    east, north = metres_per_degree(SOUTH + 1.5 * STEP)
    found = {}
    for feature in invented_areas()["grid"]["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        found[feature["properties"]["code"]] = shapely.transform(shape, lambda xy: xy * (east, north))
    return found


def ask(watch: BoundaryWatch, lon: float, lat: float, qtbot: Any) -> str:
    watch.words(lon, lat)
    settled(watch.seat, qtbot)
    return watch.words(lon, lat)


def test_distance_and_neighbour_are_those_of_shapely(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    watch = boundary_watch(seat)
    settled(seat, qtbot)
    shapes, rng = polygons(), random.Random(3)
    east, north = metres_per_degree(SOUTH + 1.5 * STEP)
    near = 0
    for _ in range(120):
        # around the corner and the borders of the first street's second grid
        lon = WEST + STEP + rng.uniform(-0.0006, 0.0006)
        lat = SOUTH + STEP * 1.5 + rng.uniform(-0.006, 0.006)
        watch.words(lon, lat)
        settled(seat, qtbot)
        hit, code = watch.hit(lon, lat), grid_at(lon, lat)
        assert hit is not None
        assert hit.code == code
        point = shapely.Point(lon * east, lat * north)
        distance = shapes[code or ""].boundary.distance(point)
        assert abs(hit.boundary_m - distance) < 0.2
        if abs(distance - 30) < 0.5:
            continue
        assert hit.near_boundary == (distance < 30)
        if hit.near_boundary:
            near += 1
            others = {other: shape.distance(point) for other, shape in shapes.items() if other != code}
            nearest = min(others.values())
            assert others[hit.neighbour or ""] < nearest + 0.2
            words = watch.words(lon, lat)
            assert words.startswith("距网格边界 ")
            assert words.endswith(f"邻 {seat.areas.name(hit.neighbour)}")
    assert near > 20


def test_the_middle_of_a_grid_and_nowhere_say_nothing(world: World, start: Start, qtbot: Any) -> None:
    watch = boundary_watch(start(world))
    settled(watch.seat, qtbot)
    assert ask(watch, WEST + STEP / 2, SOUTH + STEP / 2, qtbot) == ""
    assert ask(watch, 0.0, 0.0, qtbot) == ""
    assert watch.words(None, 23.0) == ""


def test_at_the_rim_nobody_is_on_the_other_side(world: World, start: Start, qtbot: Any) -> None:
    watch = boundary_watch(start(world))
    settled(watch.seat, qtbot)
    words = ask(watch, WEST + 0.0001, SOUTH + STEP / 2, qtbot)
    assert "界外不在本区" in words


def test_an_answer_is_asked_once_and_told(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    watch = boundary_watch(seat)
    settled(seat, qtbot)
    heard: list[int] = []
    watch.changed.connect(lambda: heard.append(1))
    lon, lat = WEST + STEP - 0.0001, SOUTH + STEP / 2
    assert watch.words(lon, lat) == ""
    assert watch.words(lon, lat) == ""
    settled(seat, qtbot)
    assert watch.words(lon, lat).startswith("距网格边界 10 米，邻 柳岸-01")
    assert heard == [1]
    # new areas: old answers no longer count
    seat.areas_changed.emit()
    settled(seat, qtbot)
    assert watch._known == {}
    for n in range(KEPT + 5):
        watch._answered(((float(n), 0.0), None))
    assert len(watch._known) == KEPT


def test_one_watch_a_seat(world: World, start: Start) -> None:
    seat = start(world)
    assert boundary_watch(seat) is boundary_watch(seat)


def test_a_setting_says_what_is_near(world: World, start: Start, qtbot: Any) -> None:
    world.rules = replace(world.rules, settings=replace(world.rules.settings, near_boundary_m=5.0))
    watch = boundary_watch(start(world))
    settled(watch.seat, qtbot)
    assert ask(watch, WEST + STEP - 0.0001, SOUTH + STEP / 2, qtbot) == ""
    assert ask(watch, WEST + STEP - 0.00003, SOUTH + STEP / 2, qtbot) != ""


def test_the_case_panel_names_the_neighbour(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch", lon=WEST + STEP - 0.0001, lat=SOUTH + STEP / 2)
    seat = start(world)
    panel = CasePanelViewModel(seat)
    panel.show_case(case.case_id)
    settled(seat, qtbot)
    settled(seat, qtbot)
    assert panel.panel is not None
    notes = [text for label, text, _ in panel.panel.facts if label == "提示"]
    assert notes == ["距网格边界 10 米，邻 柳岸-01，派遣前请核对责任区"]
