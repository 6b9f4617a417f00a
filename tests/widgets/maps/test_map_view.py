"""Moving about: drag, wheel, keys, buttons; and that data never moves the view."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from maps.canvas.furniture import EDGE
from maps.canvas.keys import ZOOM_STEP
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer
from tests.widgets.maps import invented
from tests.widgets.maps.conftest import MakeMap, settle


def wheel(widget: GridMapWidget, at: QPointF, delta: int) -> None:
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def drag(qtbot: QtBot, widget: GridMapWidget, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for t in (0.25, 0.5, 0.75, 1.0):
        at = start + QPoint(round((end.x() - start.x()) * t), round((end.y() - start.y()) * t))
        qtbot.mouseMove(widget, at)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def test_the_first_areas_fill_the_view(make_map: MakeMap) -> None:
    widget = make_map()
    west, south, east, north = widget.state.areas.extent
    left, top = widget.view.to_screen((west, north))
    right, bottom = widget.view.to_screen((east, south))
    assert left >= 23
    assert top >= 23
    assert right <= 877
    assert bottom <= 677
    assert right - left > 800 or bottom - top > 600


def test_a_refresh_of_data_never_moves_the_view(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3.0, 200, 300))
    settle(qtbot, widget)
    before = widget.view
    rng = random.Random(7)
    with qtbot.assertNotEmitted(widget.view_changed, wait=150):
        for _ in range(12):
            moved = [
                replace(c, lon=c.lon + rng.uniform(-0.01, 0.01), band="over2")
                for c in rng.sample(open_cases, 20)
            ]
            widget.update_cases(moved, [c.case_id for c in rng.sample(open_cases, 5)])
            widget.set_metric({s.code: AreaFigures(rng.randrange(40), 0) for s in shapes})
            widget.set_officers([MapOfficer("o", "何", 113.25 + rng.random() / 100, 23.15)])
            widget.set_cases(rng.sample(open_cases, 100))
            widget.set_areas(rng.sample(shapes, len(shapes) - 3))
            widget.set_base(*invented.base())
            widget.set_offline(rng.random() < 0.5, "离线")
            widget.set_measure(rng.choice(["density", "overdue", "officer"]))
            widget.select_case(rng.choice(open_cases).case_id)
            widget.select_area(rng.choice(shapes).code)
            widget.set_layer_visible("cases", rng.random() < 0.5)
            widget.refresh_now()
            assert widget.view == before


def test_areas_that_vanish_and_come_back_leave_the_view(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape]
) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(2.0, 100, 100))
    settle(qtbot, widget)
    before = widget.view
    widget.set_areas([])
    widget.refresh_now()
    widget.set_areas(shapes)
    widget.refresh_now()
    assert widget.view == before


def test_drag_follows_the_hand(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3.0, 450, 350))
    point = widget.view.to_world((400.0, 300.0))
    with qtbot.waitSignal(widget.view_changed, timeout=1000):
        drag(qtbot, widget, QPoint(400, 300), QPoint(460, 250))
    assert widget.view.to_screen(point) == pytest.approx([460, 250], abs=1e-6)


def test_a_drag_keeps_what_is_drawn_and_draws_the_rest(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3.0, 450, 350))
    settle(qtbot, widget)
    panes = set(map(id, widget.scene.ground.panes()))
    drag(qtbot, widget, QPoint(400, 300), QPoint(440, 330))
    settle(qtbot, widget)
    assert panes <= set(map(id, widget.scene.ground.panes()))
    painted = widget.scene.ground_paints
    drag(qtbot, widget, QPoint(440, 330), QPoint(400, 300))
    settle(qtbot, widget)
    assert widget.scene.ground_paints == painted
    drag(qtbot, widget, QPoint(100, 300), QPoint(700, 330))
    settle(qtbot, widget)
    assert widget.scene.ground_paints > painted


def test_many_changes_in_one_turn_paint_once(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape]
) -> None:
    widget = make_map()
    painted = widget.scene.ground_paints
    for n in range(20):
        widget.set_metric({s.code: AreaFigures(n + 1) for s in shapes})
    assert widget.scene.ground_paints == painted
    qtbot.waitUntil(lambda: widget.scene.ground_paints > painted, timeout=1000)
    assert widget.scene.ground_paints == painted + 1


def test_wheel_zooms_about_the_pointer(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    at = QPointF(500, 320)
    point = widget.view.to_world((500.0, 320.0))
    scale = widget.view.scale
    wheel(widget, at, 120)
    assert widget.view.scale == pytest.approx(scale / 1.25)
    assert widget.view.to_screen(point) == pytest.approx([500, 320], abs=1e-6)
    wheel(widget, at, 0)
    assert widget.view.scale == pytest.approx(scale / 1.25)
    wheel(widget, at, -240)
    assert widget.view.scale == pytest.approx(scale * 1.25)


def test_a_zoom_step_is_a_short_movement(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_reduced_motion(False)
    scale = widget.view.scale
    seen: list[float] = []
    widget.nav.moved.connect(lambda: seen.append(widget.view.scale))
    with qtbot.waitSignal(widget.view_changed, timeout=2000):
        wheel(widget, QPointF(300, 300), 120)
        wheel(widget, QPointF(300, 300), 120)
        assert widget.nav.moving
    assert widget.view.scale == pytest.approx(scale / 1.25**2)
    assert len(seen) > 2
    assert all(a >= b - 1e-9 for a, b in pairwise(seen))


def test_keys_pan_and_zoom(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(4.0, 450, 350))
    start = widget.view
    qtbot.keyClick(widget, Qt.Key.Key_Right)
    assert widget.view.cx > start.cx
    qtbot.keyClick(widget, Qt.Key.Key_Left)
    qtbot.keyClick(widget, Qt.Key.Key_Up)
    assert widget.view.cx == pytest.approx(start.cx)
    assert widget.view.cy > start.cy
    qtbot.keyClick(widget, Qt.Key.Key_Down)
    qtbot.keyClick(widget, Qt.Key.Key_Plus)
    assert widget.view.scale == pytest.approx(start.scale / ZOOM_STEP)
    assert (widget.view.cx, widget.view.cy) == pytest.approx((start.cx, start.cy))
    qtbot.keyClick(widget, Qt.Key.Key_Minus)
    assert widget.view.scale == pytest.approx(start.scale)
    qtbot.keyClick(widget, Qt.Key.Key_0)
    assert widget.view == Viewport.fit(widget.state.areas.extent, 900, 700)


def test_the_district_is_never_lost(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    for _ in range(60):
        qtbot.keyClick(widget, Qt.Key.Key_Right)
    west, _, east, _ = widget.state.areas.extent
    assert west <= widget.view.cx <= east
    for _ in range(30):
        qtbot.keyClick(widget, Qt.Key.Key_Minus)
    assert widget.view.scale <= Viewport.fit(widget.state.areas.extent, 900, 700).scale * 6.001


def test_zoom_buttons(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    box = widget.furniture.zoom
    scale = widget.view.scale
    zones = box.zones()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=zones["in"].center().toPoint())
    assert widget.view.scale == pytest.approx(scale / ZOOM_STEP)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=zones["out"].center().toPoint())
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=zones["in"].center().toPoint())
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=zones["fit"].center().toPoint())
    assert widget.view.scale == pytest.approx(scale)
    assert all(box.zone_tip(z) for z in zones)


def test_a_press_on_a_box_starts_no_drag(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    before = widget.view
    drag(qtbot, widget.furniture.legend, QPoint(20, 60), QPoint(120, 90))
    assert widget.view == before


def test_resize_refits_an_untouched_view_and_keeps_a_touched_one(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.resize(600, 500)
    assert widget.view == Viewport.fit(widget.state.areas.extent, 600, 500)
    widget.nav.jump(widget.view.zoomed_at(2.0, 100, 100))
    touched = widget.view
    widget.resize(800, 640)
    assert (widget.view.cx, widget.view.cy, widget.view.scale) == (touched.cx, touched.cy, touched.scale)
    assert (widget.view.width, widget.view.height) == (800, 640)


def test_boxes_keep_their_corners(make_map: MakeMap) -> None:
    widget = make_map(size=(1000, 800))
    f = widget.furniture
    assert f.switch.pos() == QPoint(EDGE, EDGE)
    assert f.layers.geometry().right() == 1000 - EDGE - 1
    assert f.legend.geometry().bottom() == 800 - EDGE - 1
    assert f.zoom.geometry().right() == 1000 - EDGE - 1
    boxes = [f.switch, f.layers, f.legend, f.zoom]
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert not a.geometry().intersects(b.geometry())
