"""The view's own rules: limits, movements, rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from maps.canvas.navigator import COARSEST, Navigator
from maps.geometry.viewport import Viewport

EXTENT = (12_600_000.0, 2_640_000.0, 12_612_000.0, 2_650_000.0)


@pytest.fixture
def owner(qapp: object) -> Iterator[QObject]:
    parent = QObject()
    yield parent
    parent.deleteLater()


@pytest.fixture
def nav(owner: QObject) -> Navigator:
    made = Navigator(0, owner)
    made.resize(800, 600)
    made.set_extent(EXTENT)
    return made


def test_the_first_extent_is_fitted(nav: Navigator) -> None:
    assert nav.view == Viewport.fit(EXTENT, 800, 600)
    assert nav.goal == nav.view


def test_a_later_extent_moves_nothing(nav: Navigator) -> None:
    before = nav.view
    nav.set_extent((0.0, 0.0, 1000.0, 1000.0))
    assert nav.view == before
    nav.set_extent(None)
    nav.set_extent(EXTENT)
    assert nav.view == before


def test_a_view_that_was_moved_before_the_first_extent_stays(owner: QObject) -> None:
    nav = Navigator(0, owner)
    nav.resize(800, 600)
    nav.jump(Viewport(5.0, 6.0, 7.0, 800, 600))
    nav.set_extent(EXTENT)
    assert (nav.view.cx, nav.view.cy, nav.view.scale) == (5.0, 6.0, 7.0)


def test_a_jump_is_within_the_limits(nav: Navigator) -> None:
    nav.jump(Viewport(0.0, 0.0, 1e4, 800, 600))
    assert (nav.view.cx, nav.view.cy) == (EXTENT[0], EXTENT[1])
    assert nav.view.scale == pytest.approx(Viewport.fit(EXTENT, 800, 600).scale * COARSEST)


def test_without_an_extent_there_are_no_limits(owner: QObject) -> None:
    nav = Navigator(0, owner)
    nav.jump(Viewport(1e6, -1e6, 500.0, 800, 600))
    assert (nav.view.cx, nav.view.cy, nav.view.scale) == (1e6, -1e6, 500.0)
    nav.fit_now()
    assert nav.view.cx == 1e6


def test_moved_comes_at_once_and_settled_when_the_hand_rests(qtbot: QtBot, nav: Navigator) -> None:
    with qtbot.waitSignals([nav.moved, nav.settled], timeout=1000, order="strict"):
        nav.jump(nav.view.panned(10, 0))
        assert nav.moving
    assert not nav.moving


def test_many_steps_settle_once(qtbot: QtBot, nav: Navigator) -> None:
    seen: list[int] = []
    nav.settled.connect(lambda: seen.append(1))
    nav.jump(nav.view.zoomed_at(4, 400, 300))
    for _ in range(10):
        nav.jump(nav.view.panned(5, 5))
    qtbot.waitUntil(lambda: not nav.moving, timeout=1000)
    qtbot.wait(100)
    assert seen == [1]


def test_a_glide_without_motion_is_a_jump(nav: Navigator) -> None:
    goal = nav.view.zoomed_at(2, 400, 300)
    nav.glide(goal)
    assert nav.view == goal


def test_a_glide_ends_exactly_at_its_goal(qtbot: QtBot, nav: Navigator) -> None:
    nav.set_motion(80)
    goal = nav.view.zoomed_at(3, 100, 500)
    with qtbot.waitSignal(nav.settled, timeout=2000):
        nav.glide(goal)
        assert nav.goal == goal
        assert nav.view != goal
    assert nav.view == goal


def test_quick_zoom_steps_add_up(qtbot: QtBot, nav: Navigator) -> None:
    nav.set_motion(80)
    scale = nav.view.scale
    with qtbot.waitSignal(nav.settled, timeout=2000):
        for _ in range(3):
            nav.zoom_at(1.5, 200, 200)
    assert nav.view.scale == pytest.approx(scale / 1.5**3)


def test_a_drag_stops_a_movement(qtbot: QtBot, nav: Navigator) -> None:
    nav.set_motion(200)
    nav.glide(nav.view.zoomed_at(5, 400, 300))
    held = nav.view.panned(3, 3)
    nav.jump(held)
    assert nav.goal == nav.view == held
    qtbot.wait(250)
    assert nav.view == held


def test_a_resize_stops_a_movement(nav: Navigator) -> None:
    nav.set_motion(200)
    nav.glide(nav.view.zoomed_at(5, 400, 300))
    nav.resize(500, 400)
    assert nav.goal == nav.view
    assert (nav.view.width, nav.view.height) == (500, 400)


def test_a_fit_is_untouched_and_follows_the_window(nav: Navigator) -> None:
    nav.jump(nav.view.zoomed_at(3, 0, 0))
    nav.fit_now()
    nav.resize(400, 300)
    assert nav.view == Viewport.fit(EXTENT, 400, 300)


def test_a_window_without_size_does_no_harm(nav: Navigator) -> None:
    nav.resize(0, -5)
    assert (nav.view.width, nav.view.height) == (1, 1)
    nav.resize(800, 600)
    assert nav.view == Viewport.fit(EXTENT, 800, 600)


def test_a_resize_after_new_areas_fits_what_was_fitted(nav: Navigator) -> None:
    nav.set_extent((0.0, 0.0, 1000.0, 1000.0))
    nav.resize(640, 480)
    assert nav.view == Viewport.fit(EXTENT, 640, 480)


def test_the_same_size_again_moves_nothing(qtbot: QtBot, nav: Navigator) -> None:
    with qtbot.assertNotEmitted(nav.moved):
        nav.resize(800, 600)
