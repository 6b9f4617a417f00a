"""The state of the map: what each change asks to be drawn, and what it leaves alone."""

from __future__ import annotations

import math

import pytest
import shapely

from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project
from maps.layers.areas import AreaFigures, Measure
from maps.layers.base import BaseLayer, BaseShape
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer, OfficerLayer
from maps.layers.state import LAYER_ORDER, MapState, Redraw, Selection
from tests.unit.maps.districts import SIDE, SOUTH, WEST, code, squares


@pytest.fixture
def state() -> MapState:
    made = MapState()
    made.set_areas(squares(4, 2))
    made.set_cases(
        [MapCase("c1", "1120-0001", WEST + SIDE / 2, SOUTH + SIDE / 2, "soon", area_code=code(1, 0, 0))]
    )
    return made


def test_the_view_is_not_part_of_the_state() -> None:
    names = {f for f in MapState.__dataclass_fields__}
    assert not {n for n in names if "view" in n or "centre" in n or "scale" in n}


def test_each_change_names_its_parts(state: MapState) -> None:
    assert state.set_areas(squares(3, 2)) is Redraw.EVERYTHING
    assert state.set_figures({"x": AreaFigures(1)}) == Redraw.FILL | Redraw.LEGEND
    assert state.set_measure(Measure.OVERDUE) == Redraw.FILL | Redraw.LEGEND
    assert state.set_cases([]) == Redraw.MARKS | Redraw.SELECTION
    assert state.set_officers([MapOfficer("o", "何", WEST, SOUTH)]) == Redraw.MARKS | Redraw.SELECTION
    assert state.set_offline(True, "离线") == Redraw.GROUND | Redraw.MARKS
    assert state.show_layer("grid", False) == Redraw.GROUND | Redraw.MARKS
    assert state.set_base(BaseLayer()) == Redraw.GROUND | Redraw.MARKS


def test_the_same_again_draws_nothing(state: MapState) -> None:
    case = state.cases.cases["c1"]
    officer = MapOfficer("o", "何", WEST, SOUTH)
    state.set_officers([officer])
    state.set_figures({"x": AreaFigures(1)})
    state.set_offline(True, "离线")
    assert state.set_cases([case]) is Redraw.NOTHING
    assert state.update_cases([case], []) is Redraw.NOTHING
    assert state.set_officers([officer]) is Redraw.NOTHING
    assert state.set_figures({"x": AreaFigures(1)}) is Redraw.NOTHING
    assert state.set_measure(Measure.DENSITY) is Redraw.NOTHING
    assert state.set_offline(True, "离线") is Redraw.NOTHING
    assert state.show_layer("grid", True) is Redraw.NOTHING
    assert state.show_layer("clouds", False) is Redraw.NOTHING


def test_layers_switch_and_come_back(state: MapState) -> None:
    for layer in LAYER_ORDER:
        state.show_layer(layer, False)
        assert not state.shows(layer)
        state.show_layer(layer, True)
        assert state.shows(layer)


def test_selecting_a_case_selects_the_grid_it_lies_in(state: MapState) -> None:
    assert state.select_case("c1") == Redraw.MARKS | Redraw.SELECTION
    assert state.selection == Selection("c1", code(1, 0, 0))
    assert state.select_case("c1") is Redraw.NOTHING
    state.select_case("nobody")
    assert state.selection == Selection()


def test_a_case_without_a_place_selects_the_grid_it_names(state: MapState) -> None:
    state.set_cases([MapCase("c9", "", math.nan, 0.0, area_code=code(1, 0, 1))])
    state.select_case("c9")
    assert state.selection == Selection("c9", code(1, 0, 1))


def test_selecting_an_area(state: MapState) -> None:
    state.select_area(code(1, 0, 1))
    assert state.selection == Selection("", code(1, 0, 1))
    state.select_area("440199001")
    assert state.selection.area_code == "440199001"
    state.select_area("nowhere")
    assert state.selection == Selection()


def test_a_moved_case_takes_its_selection_along(state: MapState) -> None:
    state.select_case("c1")
    state.update_cases([MapCase("c1", "1120-0001", WEST + SIDE * 3.5, SOUTH + SIDE * 1.5)], [])
    assert state.selection == Selection("c1", code(2, 1, 3))


def test_a_case_that_leaves_takes_its_selection_away(state: MapState) -> None:
    state.select_case("c1")
    state.update_cases([], ["c1"])
    assert state.selection == Selection()


def test_all_bad_areas_leave_an_empty_map(state: MapState) -> None:
    state.set_areas([AreaShape("E", "", "grid", None, shapely.Polygon())])
    assert state.areas is None
    assert state.picker is None
    assert [r.reason for r in state.refused] == ["empty"]
    assert state.area_at(0.0, 0.0) == ""
    state.select_area("E")
    assert state.selection.area_code == ""


def test_area_at_a_point(state: MapState) -> None:
    x, y = project(WEST + SIDE * 1.5, SOUTH + SIDE / 2)
    assert state.area_at(float(x), float(y)) == code(1, 0, 1)
    assert state.area_at(0.0, 0.0) == ""


def test_nearest_officer_is_one_in_contact() -> None:
    layer = OfficerLayer.of(
        [
            MapOfficer("b", "远", WEST + 0.02, SOUTH),
            MapOfficer("a", "失", WEST, SOUTH, lost=True),
            MapOfficer("c", "近", WEST + 0.01, SOUTH),
            MapOfficer("d", "无", math.nan, SOUTH),
        ]
    )
    assert [o.officer_id for o in layer.officers] == ["a", "b", "c"]
    x, y = project(WEST, SOUTH)
    near = layer.nearest(float(x), float(y))
    assert near is not None
    assert layer.officers[near[0]].officer_id == "c"
    assert near[1] == pytest.approx(1024, rel=0.01)
    assert OfficerLayer().nearest(0, 0) is None


def test_base_map_takes_lines_and_areas_bare_or_named() -> None:
    lake = shapely.box(1, 1, 2, 2).difference(shapely.box(1.4, 1.4, 1.6, 1.6))
    base = BaseLayer.of(
        roads=[BaseShape(shapely.LineString([(0, 0), (1, 1)]), "环山路", 20.0), shapely.LineString()],
        water=[lake, shapely.MultiLineString([[(0, 0), (1, 0)], [(0, 1), (1, 1)]]), None],
        outside=[shapely.box(0, 0, 500, 1), shapely.Point(1, 1)],
    )
    assert [(r.name, r.width_m, r.closed, r.xy.shape) for r in base.roads] == [
        ("环山路", 20.0, False, (2, 2))
    ]
    assert [w.closed for w in base.water] == [True, True, False, False]
    assert base.outside == ()
