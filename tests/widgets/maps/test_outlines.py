"""Outlines of the chosen area and of the cell below the pointer, and the cell that a pixel belongs to."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from maps.canvas.outlines import Outlines
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState
from tests.widgets.maps.conftest import MakeMap, settle

pytestmark = pytest.mark.usefixtures("qapp")
DARK = MapPalette.load("dark")


@pytest.fixture
def state(shapes: list[AreaShape]) -> MapState:
    made = MapState()
    made.set_areas(shapes)
    return made


def whole(state: MapState) -> Viewport:
    assert state.areas is not None
    return Viewport.fit(state.areas.extent, 800, 600)


def covered(state: MapState, view: Viewport, cell: int = -1) -> np.ndarray:
    """Which pixels an outline touches: of a cell, or of the chosen area."""
    image = QImage(800, 600, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    outlines = Outlines()
    if cell >= 0:
        outlines.paint_hovered(painter, state, DARK, view, cell)
    else:
        outlines.paint_chosen(painter, state, DARK, view)
    painter.end()
    return np.array(np.frombuffer(image.constBits(), np.uint8).reshape(600, 800, 4)[..., 3])


def test_the_outline_of_a_cell_runs_around_it(state: MapState) -> None:
    assert state.areas is not None
    view = whole(state).zoomed_at(3.0, 400, 300)
    cell = state.picker.pick(view.cx, view.cy) if state.picker else -1
    drawn = covered(state, view, cell)
    west, south, east, north = state.areas.cells.bounds[cell]
    (left, top), (right, bottom) = view.to_screen([(west, north), (east, south)])
    rows, columns = np.nonzero(drawn)
    assert (columns.min(), columns.max()) == pytest.approx((left, right), abs=3)
    assert (rows.min(), rows.max()) == pytest.approx((top, bottom), abs=3)
    x, y = (round(float(v)) for v in view.to_screen(state.areas.cells.anchors[cell]))
    assert drawn[y, x] == 0, "it is not filled"


@pytest.mark.parametrize("level", ["grid", "street", "district"])
def test_the_chosen_area_of_any_level_is_filled_lightly(state: MapState, level: str) -> None:
    assert state.areas is not None
    areas = state.areas.levels[level]
    state.select_area(areas.codes[0])
    view = whole(state)
    drawn = covered(state, view)
    x, y = (round(float(v)) for v in view.to_screen(areas.anchors[0]))
    assert 25 < drawn[y, x] < 50
    assert drawn.max() > 200


def test_nothing_is_outlined_where_there_is_nothing(state: MapState) -> None:
    view = whole(state)
    assert not covered(state, view).any()
    assert not covered(state, view, 10_000).any()
    assert not covered(MapState(), view, 0).any()


def test_other_areas_have_other_outlines(state: MapState, shapes: list[AreaShape]) -> None:
    view, outlines = whole(state), Outlines()
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    outlines.paint_hovered(painter, state, DARK, view, 0)
    state.set_areas([s for s in shapes if s.level == "grid"][40:44])
    image.fill(QColor("black"))
    outlines.paint_hovered(painter, state, DARK, view, 0)
    painter.end()
    alone = covered(state, view, 0) > 0
    seen = np.frombuffer(image.constBits(), np.uint32).reshape(600, 800) & 0xFFFFFF
    assert ((seen > 0) == alone).mean() > 0.999


def test_the_pointer_outlines_the_cell_below_it(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    areas = widget.state.areas
    x, y = (round(float(v)) for v in widget.view.to_screen(areas.cells.anchors[60]))
    frames = []
    for place in (QPoint(x, y), QPoint(x + 1, y)):
        qtbot.mouseMove(widget, place)
        assert widget.scene.hovered_cell == 60
        frames.append(widget.grab().toImage())
    assert frames[0] == frames[1]
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    qtbot.mouseMove(widget, QPoint(x + 30, y))
    assert widget.scene.hovered_cell == -1, "a dragged map outlines nothing"
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(x + 30, y))
    settle(qtbot, widget)
    assert widget.grab().toImage() != frames[0]


def test_the_small_map_has_its_own_outline(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(mini=True, size=(320, 200))
    qtbot.mouseMove(widget, QPoint(160, 100))
    assert widget.scene.hovered_cell == -1


def answers(widget: GridMapWidget) -> list[int]:
    return [widget.scene.cell_at(widget.view, x, y) for x in range(5, 900, 111) for y in range(5, 700, 93)]


def test_the_picture_and_the_geometry_give_the_same_cell(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    picker = widget.state.picker
    for factor in (1.0, 2.7):
        widget.nav.jump(widget.view.zoomed_at(factor, 450, 350))
        on_the_way = answers(widget)
        settle(qtbot, widget)
        at_rest = answers(widget)
        differing = sum(a != b for a, b in zip(on_the_way, at_rest, strict=True))
        assert differing <= len(at_rest) // 20, "only pixels on a border may differ"
    assert picker is not None
    assert widget.scene.area_at(widget.view, -1e6, 0.0) == ""


def test_a_point_outside_every_cell_has_no_area(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    assert widget.scene.cell_at(widget.view, 2.0, 350.0) == -1
    assert widget.scene.area_at(widget.view, 2.0, 350.0) == ""
    assert not widget.scene.hover(widget.view, QPointF(2.0, 350.0))
    empty = GridMapWidget()
    qtbot.addWidget(empty)
    assert empty.scene.cell_at(empty.view, 10.0, 10.0) == -1
