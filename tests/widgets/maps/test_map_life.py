"""Birth, long use and death of a map: what is painted when, and nothing is left behind."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

import maps.canvas.widget as widget_module
from maps.canvas.palette import MapPalette
from maps.canvas.panes import Pane
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.layers.areas import AreaFigures
from maps.layers.cases import MapCase
from tests.widgets.maps import invented
from tests.widgets.maps.conftest import MakeMap, settle


def worst(one: QImage, two: QImage) -> int:
    """Greatest difference of a colour part between two pictures."""
    # rows of three-byte pixels are filled up with bytes that nobody sets; those of four are not
    a, b = (i.convertToFormat(QImage.Format.Format_RGB32) for i in (one, two))
    parts = [np.frombuffer(i.constBits(), np.uint8).reshape(-1, 4)[:, :3].astype(np.int16) for i in (a, b)]
    return int(np.abs(parts[0] - parts[1]).max())


def destroy(widget: GridMapWidget) -> None:
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)


# --- what is painted when -----------------------------------------------------------------------------


def test_a_frame_while_dragging_paints_and_lays_out_nothing_new(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(3.0, 450, 350))
    settle(qtbot, widget)
    ground, layout = widget.scene.ground_paints, widget.scene.layout
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    for i in range(1, 12):
        qtbot.mouseMove(widget, QPoint(400 + 5 * i, 300 + 3 * i))
        widget.repaint()
        assert widget.scene.ground_paints == ground
        assert widget.scene.layout is layout
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(455, 333))
    settle(qtbot, widget)
    assert widget.scene.layout is not layout


def test_frames_of_a_zoom_scale_the_last_picture(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_reduced_motion(False)
    ground = widget.scene.ground_paints
    widget.nav.zoom_at(2.0, 450, 350)
    qtbot.waitUntil(lambda: widget.nav.view.scale != widget.scene.layout.view.scale, timeout=1000)
    widget.repaint()
    assert widget.nav.moving
    # the ground may be drawn already for where the movement ends, but only for there
    assert widget.scene.ground_paints <= ground + 1
    settle(qtbot, widget)
    assert widget.scene.ground_paints == ground + 1
    assert widget.scene.layout.view == widget.view


def test_data_that_comes_while_dragging_waits_for_the_hand(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(2.0, 450, 350))
    ground = widget.scene.ground_paints
    widget.set_metric({s.code: AreaFigures(30) for s in shapes})
    widget.update_cases([replace(open_cases[0], band="over3")])
    assert widget.nav.moving
    assert widget.scene.ground_paints == ground
    qtbot.waitUntil(lambda: not widget.nav.moving and widget.scene.ground_paints > ground, timeout=10_000)
    qtbot.waitUntil(lambda: not widget.scene.ground_stale and not widget.scene.marks_stale, timeout=10_000)


def test_cases_alone_paint_no_ground(qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map()
    ground, layout = widget.scene.ground_paints, widget.scene.layout
    widget.update_cases([replace(open_cases[0], band="over3")])
    settle(qtbot, widget)
    assert widget.scene.ground_paints == ground
    assert widget.scene.layout is not layout


def test_the_same_data_again_paints_nothing(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = make_map()
    ground, layout = widget.scene.ground_paints, widget.scene.layout
    widget.set_cases(open_cases)
    widget.set_metric(invented.figures(shapes, open_cases))
    widget.set_officers(invented.officers(shapes))
    widget.set_offline(False)
    settle(qtbot, widget)
    assert widget.scene.ground_paints == ground
    assert widget.scene.layout is layout


def test_a_case_that_left_between_paint_and_click_is_not_chosen(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    widget.set_cases(open_cases[:1])
    settle(qtbot, widget)
    x, y = widget.view.to_screen(widget.state.cases.point(open_cases[0].case_id))
    widget.state.set_cases([])
    with qtbot.assertNotEmitted(widget.case_selected):
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert widget.selection.case_id == ""


def test_the_picture_is_the_same_after_the_same_way_back(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    # the frame of the focus comes and goes with the window's activation; it is not what is compared
    widget.clearFocus()
    settle(qtbot, widget)
    start = widget.view
    # the way back is offered now; the button that says so is not what is compared
    part = QRect(0, 0, 850, 700)
    before = widget.grab(part).toImage()
    widget.nav.jump(start.zoomed_at(4.0, 300, 200))
    settle(qtbot, widget)
    widget.grab()
    widget.fit_all()
    settle(qtbot, widget)
    assert widget.view == start
    widget.clearFocus()
    # antialias may round the other way where the ground is divided at another place
    qtbot.waitUntil(lambda: worst(widget.grab(part).toImage(), before) < 40, timeout=5000)


def test_themes_there_and_back_give_the_same_picture(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    before = widget.grab().toImage()
    widget.set_map_palette(MapPalette.load("light"))
    settle(qtbot, widget)
    assert widget.grab().toImage() != before
    widget.set_map_palette(MapPalette.load("dark"))
    settle(qtbot, widget)
    # text of the boxes is blended a shade otherwise the first time
    assert worst(widget.grab().toImage(), before) < 40


# --- faults -------------------------------------------------------------------------------------------


def test_an_error_while_painting_ends_the_painter(
    qtbot: QtBot, make_map: MakeMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = make_map()

    used: list[QPainter] = []

    def broken(_map: GridMapWidget, painter: QPainter) -> None:
        used.append(painter)
        raise RuntimeError("paint")

    with capture_exceptions(), monkeypatch.context() as patch, pytest.raises(RuntimeError, match="paint"):
        patch.setattr(widget_module, "paint_frame", broken)
        widget.repaint()
    assert not used[0].isActive()
    # The next frame is whole again, which it could not be with the old painter still at work.
    assert not widget.grab().isNull()


def test_an_error_in_the_ground_ends_its_painter(make_map: MakeMap, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = make_map()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("lines")

    with monkeypatch.context() as patch:
        patch.setattr("maps.canvas.base_painters.stroke_lines", broken)
        widget.set_map_palette(MapPalette.load("light"))
        with pytest.raises(RuntimeError, match="lines"):
            widget.refresh_now()
    widget.refresh_now()
    assert not widget.scene.ground_stale


# --- end ----------------------------------------------------------------------------------------------


def test_a_map_that_is_deleted_leaves_nothing(
    qapp: QApplication, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = GridMapWidget()
    widget.resize(400, 300)
    widget.set_areas(shapes)
    widget.set_cases(open_cases)
    widget.grab()
    seen = [weakref.ref(widget.scene), weakref.ref(widget.furniture), weakref.ref(widget.nav)]
    destroy(widget)
    assert not shiboken6.isValid(widget)
    del widget
    gc.collect()
    assert [ref() for ref in seen] == [None, None, None]


def test_a_map_can_be_deleted_in_the_middle_of_everything(qtbot: QtBot, shapes: list[AreaShape]) -> None:
    widget = GridMapWidget()
    widget.resize(400, 300)
    widget.set_areas(shapes)
    widget.show()
    qtbot.waitExposed(widget)
    qtbot.mouseMove(widget, QPoint(100, 100))
    qtbot.mouseMove(widget, QPoint(120, 100))
    widget.nav.zoom_at(2.0, 100, 100)
    widget.set_metric({s.code: AreaFigures(3) for s in shapes})
    destroy(widget)
    # Timers of hover, movement, rest and repaint would all have fired by now.
    qtbot.wait(500)


def test_long_use_keeps_no_old_pictures(qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape]) -> None:
    widget = make_map(size=(500, 400))

    def pictures() -> int:
        gc.collect()
        return sum(isinstance(o, Pane) for o in gc.get_objects())

    widget.refresh_now()
    before, most = pictures(), widget.scene.ground.nbytes * 4
    for n in range(15):
        widget.set_metric({s.code: AreaFigures(n + 1) for s in shapes})
        widget.nav.jump(widget.view.panned(200 * (-1) ** n, 0))
        widget.refresh_now()
    assert pictures() <= before + 8
    assert widget.scene.ground.nbytes <= most
    settle(qtbot, widget)


def test_details_are_kept_per_zoom_step_and_go_with_their_areas(
    make_map: MakeMap, shapes: list[AreaShape]
) -> None:
    widget = make_map(size=(500, 400))
    first = widget.state.detail
    for factor in (2.0, 2.0, 2.0):
        widget.nav.jump(widget.view.zoomed_at(factor, 250, 200))
        widget.refresh_now()
    assert 3 <= len(first._made) <= 5
    widget.set_areas(shapes[:40])
    assert widget.state.detail is not first


def test_a_hidden_map_takes_data_and_shows_it_later(
    qtbot: QtBot, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = GridMapWidget()
    qtbot.addWidget(widget)
    widget.set_areas(shapes)
    widget.set_cases(open_cases)
    widget.set_metric(invented.figures(shapes, open_cases))
    widget.resize(640, 480)
    widget.show()
    qtbot.waitExposed(widget)
    settle(qtbot, widget)
    assert widget.scene.layout.marks
    image = widget.grab().toImage()
    x, y = widget.view.to_screen((widget.view.cx, widget.view.cy))
    assert image.pixelColor(QPointF(float(x), float(y)).toPoint()) != widget.scene.palette.color("map.sea")
