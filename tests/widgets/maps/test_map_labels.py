"""Placing of labels on maps made for the purpose."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from maps.canvas.label_shapes import rect_around
from maps.canvas.labels import PlacedLabel, label_point
from maps.canvas.layout import SceneLayout, lay_out, mark_boxes
from maps.canvas.palette import MapPalette
from maps.canvas.sprites import SpriteBook
from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.base import BaseLayer, BaseShape
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer
from maps.layers.state import MapState
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares

pytestmark = pytest.mark.usefixtures("qapp")
WIDTH, HEIGHT = 900, 600


def street_names() -> list[AreaShape]:
    """The two streets and the district of the checkerboard, named."""
    left = shapely.box(WEST, SOUTH, WEST + 2 * SIDE, SOUTH + 3 * SIDE)
    right = shapely.box(WEST + 2 * SIDE, SOUTH, WEST + 4 * SIDE, SOUTH + 3 * SIDE)
    return [
        AreaShape("440199001", "望塔街道", "street", "440199", left),
        AreaShape("440199002", "青禾街道", "street", "440199", right),
        AreaShape("440199", "示例区", "district", None, shapely.union_all([left, right])),
    ]


def state_of(cases: list[MapCase] | None = None) -> MapState:
    state = MapState()
    state.set_areas([*squares(4, 3, wobble=False), *street_names()])
    state.set_cases(cases or [])
    return state


def view_at(metres_per_pixel: float, column: float = 2.0, row: float = 1.5) -> Viewport:
    x, y = (float(v) for v in project(WEST + SIDE * column, SOUTH + SIDE * row))
    view = Viewport(x, y, 1.0, WIDTH, HEIGHT)
    return view.zoomed_at(view.metres_per_pixel / metres_per_pixel, WIDTH / 2, HEIGHT / 2)


def laid(state: MapState, view: Viewport, **more: object) -> SceneLayout:
    return lay_out(state, view, SpriteBook(MapPalette.load(), 1.0), **more)  # type: ignore[arg-type]


def words(layout: SceneLayout) -> set[str]:
    return {label.text for label in layout.labels}


def room(label: PlacedLabel, view: Viewport) -> QRectF:
    book = SpriteBook(MapPalette.load(), 1.0)
    size = book.label_size(label.text, label.pixels, label.bold)
    at = label_point(view, label)
    return rect_around(at.x(), at.y(), size.width(), size.height())


@pytest.mark.parametrize(
    ("metres", "there", "not_there"),
    [
        (60.0, {"示例区"}, {"望塔街道", "01", "测试-01"}),
        (20.0, {"望塔街道", "青禾街道"}, {"示例区", "01", "测试-01"}),
        (9.0, {"望塔街道", "青禾街道", "06"}, {"示例区", "测试-06"}),
        (3.0, {"测试-06", "测试-07"}, {"06", "示例区"}),
    ],
)
def test_each_zoom_has_its_kinds_of_label(metres: float, there: set[str], not_there: set[str]) -> None:
    found = words(laid(state_of(), view_at(metres)))
    assert there <= found
    assert not found & not_there


def test_small_cells_carry_no_number() -> None:
    # A cell of a hundredth of a degree is 1,024 m wide here: 85 px at 12 m a pixel, 52 px at 19.7.
    state = MapState()
    state.set_areas(
        [
            AreaShape(
                "440199001001001",
                "甲-01",
                "grid",
                None,
                shapely.box(WEST, SOUTH, WEST + 0.004, SOUTH + 0.004),
            )
        ]
    )
    assert words(laid(state, view_at(11.0, 0.2, 0.2))) == set()
    assert words(laid(state, view_at(7.0, 0.2, 0.2))) == {"01"}


def test_a_label_gives_way_to_a_symbol() -> None:
    state = state_of()
    view = view_at(9.0)
    before = {label.text: label_point(view, label) for label in laid(state, view).labels}
    cell = state.areas.cells
    at = cell.index["440199001002002"]
    lon, lat = WEST + SIDE * 1.5, SOUTH + SIDE * 1.5
    state.set_cases([MapCase("c", "1", lon, lat)])
    layout = laid(state, view)
    for label in layout.labels:
        for box in mark_boxes(layout.marks, view, SpriteBook(MapPalette.load(), 1.0)):
            assert not room(label, view).intersects(box)
    after = {label.text: label_point(view, label) for label in layout.labels}
    assert cell.names[at] == "测试-06"
    assert after.get("06") != before["06"]


def test_labels_keep_off_obstacles() -> None:
    view = view_at(9.0)
    wall = QRectF(0, 0, WIDTH, HEIGHT / 2)
    layout = laid(state_of(), view, obstacles=[wall])
    assert layout.labels
    assert not any(room(label, view).intersects(wall) for label in layout.labels)


def test_no_room_no_label() -> None:
    assert laid(state_of(), view_at(9.0), obstacles=[QRectF(0, 0, WIDTH, HEIGHT)]).labels == ()


def test_labels_switched_off() -> None:
    state = state_of()
    state.show_layer("labels", False)
    assert laid(state, view_at(9.0)).labels == ()


def test_numbers_go_with_the_grid_layer_and_street_names_stay() -> None:
    state = state_of()
    state.show_layer("grid", False)
    assert words(laid(state, view_at(9.0))) == {"望塔街道", "青禾街道"}


def test_the_chosen_grid_is_named_in_full_even_where_there_is_no_room() -> None:
    state = state_of()
    state.select_area("440199001001001")
    layout = laid(state, view_at(9.0), obstacles=[QRectF(0, 0, WIDTH, HEIGHT)])
    assert words(layout) == {"测试-01"}


def test_a_mini_map_numbers_cells_and_names_no_street() -> None:
    found = words(laid(state_of(), view_at(9.0), mini=True))
    assert "06" in found
    assert not found & {"望塔街道", "青禾街道"}


def test_a_road_is_named_along_itself_when_near() -> None:
    state = state_of()
    slope = BaseShape(
        shapely.LineString([(WEST, SOUTH), (WEST + 4 * SIDE, SOUTH + 3 * SIDE)]), "环山路", 20.0
    )
    back = BaseShape(shapely.LineString([(WEST + 4 * SIDE, SOUTH), (WEST, SOUTH + 3 * SIDE)]), "松影路", 20.0)
    state.set_base(BaseLayer.of([slope, back, BaseShape(shapely.LineString([(0, 0), (1, 1)]), "远路")]))
    view = view_at(3.0, 1.0, 1.0)
    labels = {label.text: label for label in laid(state, view).labels}
    assert labels["环山路"].angle == pytest.approx(-39, abs=3)
    assert "远路" not in labels
    assert "环山路" not in words(laid(state, view_at(9.0)))
    other = {label.text: label for label in laid(state, view_at(3.0, 3.0, 0.6)).labels}
    # Written from left to right whichever way the road was drawn.
    assert -90 < other["松影路"].angle <= 90


def test_a_name_of_a_road_is_not_repeated_close_together() -> None:
    state = state_of()
    pieces = [
        BaseShape(
            shapely.LineString([(WEST + SIDE * u, SOUTH + SIDE), (WEST + SIDE * (u + 0.2), SOUTH + SIDE)]),
            "环山路",
            20.0,
        )
        for u in (0.6, 0.8, 1.0, 1.2, 1.4)
    ]
    state.set_base(BaseLayer.of(pieces))
    labels = [label for label in laid(state, view_at(3.0, 1.0, 1.0)).labels if label.text == "环山路"]
    assert len(labels) == 1


def test_numbers_of_cases_at_the_nearest_zoom() -> None:
    state = state_of([MapCase("c", "1120-0417", WEST + SIDE * 2, SOUTH + SIDE * 1.5)])
    assert "1120-0417" in words(laid(state, view_at(0.7)))
    assert "1120-0417" not in words(laid(state, view_at(2.0)))
    state.set_cases([MapCase("c", "", WEST + SIDE * 2, SOUTH + SIDE * 1.5)])
    assert "" not in words(laid(state, view_at(0.7)))


def test_officers_are_not_drawn_over_the_whole_city() -> None:
    state = state_of()
    state.set_officers([MapOfficer("o", "何", WEST + SIDE, SOUTH + SIDE, lost=True, seen="14:07")])
    assert laid(state, view_at(20.0)).officers
    assert "14:07" in words(laid(state, view_at(20.0)))
    assert not laid(state, view_at(60.0)).officers
    assert "14:07" not in words(laid(state, view_at(60.0)))
    state.show_layer("officers", False)
    assert not laid(state, view_at(20.0)).officers


def test_a_street_whose_middle_is_out_of_sight_is_named_in_sight() -> None:
    state = state_of()
    view = view_at(1.2, 0.3, 0.3)
    label = next(label for label in laid(state, view).labels if label.text == "望塔街道")
    assert view.contains(label.x, label.y)
    anchor = state.areas.levels["street"].anchors[0]
    assert not view.contains(*anchor)


@settings(max_examples=30)
@given(
    st.floats(0.6, 30.0),
    st.floats(0.0, 4.0),
    st.floats(0.0, 3.0),
    st.lists(st.tuples(st.floats(0, 4), st.floats(0, 3)), max_size=25),
)
def test_labels_never_meet_each_other_or_a_mark(
    metres: float, column: float, row: float, places: list[tuple[float, float]]
) -> None:
    assert QApplication.instance() is not None
    cases = [
        MapCase(f"c{i:02d}", f"1120-{i:04d}", WEST + SIDE * u, SOUTH + SIDE * v)
        for i, (u, v) in enumerate(places)
    ]
    view = view_at(metres, column, row)
    layout = laid(state_of(cases), view)
    rooms = [room(label, view) for label in layout.labels]
    for i, one in enumerate(rooms):
        assert not any(one.intersects(other) for other in rooms[:i])
        assert QRectF(0, 0, WIDTH, HEIGHT).contains(one)
    for box in mark_boxes(layout.marks, view, SpriteBook(MapPalette.load(), 1.0)):
        assert not any(one.intersects(box) for one in rooms)
