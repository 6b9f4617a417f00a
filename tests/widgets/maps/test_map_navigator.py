"""The view's own rules: limits, movements, rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


# --- back and forward ---------------------------------------------------------------------------------


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(owner: QObject, clock: Clock) -> Navigator:
    made = Navigator(0, owner, clock)
    made.resize(800, 600)
    made.set_extent(EXTENT)
    return made


def test_the_first_fit_by_data_is_no_move(timed: Navigator) -> None:
    assert not timed.can_back
    assert not timed.back()
    timed.set_extent((12_600_000.0, 2_640_000.0, 12_700_000.0, 2_750_000.0))
    assert not timed.can_back


def test_back_and_forward_through_moves(qtbot: QtBot, timed: Navigator) -> None:
    views = [timed.view]
    for n in range(4):
        with qtbot.waitSignal(timed.history_changed, timeout=100):
            timed.jump(timed.view.zoomed_at(1.5, 100 * n, 50))
        views.append(timed.view)
    for view in views[-2::-1]:
        assert timed.back()
        assert timed.view == view
    assert not timed.can_back
    for view in views[1:]:
        assert timed.forward()
        assert timed.view == view
    assert not timed.forward()


def test_wheel_steps_within_a_moment_are_one_move(timed: Navigator, clock: Clock) -> None:
    start = timed.view
    for _ in range(5):
        timed.zoom_at(1.25, 300, 200)
        clock.now += 0.3
    rest = timed.view
    clock.now += 5
    timed.zoom_at(1.25, 300, 200)
    assert timed.back()
    assert timed.view == rest
    assert timed.back()
    assert timed.view == start


def test_a_move_to_where_one_is_is_none(timed: Navigator) -> None:
    timed.jump(timed.view)
    timed.fit_now()
    assert not timed.can_back


def test_going_back_to_a_fit_follows_the_window_again(timed: Navigator) -> None:
    timed.jump(timed.view.zoomed_at(4, 10, 10))
    assert timed.back()
    timed.resize(500, 400)
    assert timed.view == Viewport.fit(EXTENT, 500, 400)


def test_back_in_another_window_keeps_the_place(timed: Navigator) -> None:
    timed.jump(timed.view.zoomed_at(4, 10, 10))
    there = timed.view
    timed.jump(timed.view.panned(300, 20))
    timed.resize(500, 400)
    assert timed.back()
    assert (timed.view.cx, timed.view.cy, timed.view.scale) == (there.cx, there.cy, there.scale)
    assert (timed.view.width, timed.view.height) == (500, 400)


def test_back_stays_within_the_limits_of_new_areas(timed: Navigator) -> None:
    timed.jump(timed.view.zoomed_at(4, 10, 10))
    timed.jump(timed.view.panned(50, 0))
    small = (12_605_000.0, 2_645_000.0, 12_605_500.0, 2_645_500.0)
    timed.set_extent(small)
    assert timed.back()
    assert small[0] <= timed.view.cx <= small[2]
    assert small[1] <= timed.view.cy <= small[3]


def test_back_glides_and_ends_exactly_there(qtbot: QtBot, timed: Navigator) -> None:
    start = timed.view
    timed.jump(timed.view.zoomed_at(3, 100, 500))
    timed.set_motion(60)
    with qtbot.waitSignal(timed.settled, timeout=2000):
        assert timed.back()
        assert timed.goal == start
    assert timed.view == start
    assert timed.can_forward


def test_zooming_out_at_the_limit_keeps_the_point_below_the_cursor(timed: Navigator) -> None:
    timed.jump(timed.view.zoomed_at(0.2, 400, 300))
    before = timed.view.to_world((430, 280))
    timed.zoom_at(0.25, 430, 280)
    assert timed.view.scale == pytest.approx(Viewport.fit(EXTENT, 800, 600).scale * COARSEST)
    assert timed.view.to_world((430, 280)) == pytest.approx(before, abs=1e-6)
    timed.zoom_at(0.25, 10, 10)
    assert timed.view.scale == pytest.approx(Viewport.fit(EXTENT, 800, 600).scale * COARSEST)


@pytest.mark.parametrize("factor", [1e-300, 1e300, 5e-324])
def test_wild_factors_stop_at_the_limits(timed: Navigator, factor: float) -> None:
    timed.zoom_at(factor, 400, 300)
    assert 0.05 <= timed.view.scale <= Viewport.fit(EXTENT, 800, 600).scale * COARSEST * 1.0001


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("jump"), st.floats(-500, 500), st.floats(-500, 500)),
        st.tuples(st.just("zoom"), st.floats(0.2, 5), st.floats(0, 800)),
        st.tuples(st.just("fit"), st.just(0.0), st.just(0.0)),
        st.tuples(st.just("wait"), st.floats(0, 3), st.just(0.0)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_back_after_any_move_is_exactly_the_view_before(
    owner: QObject, moves: list[tuple[str, float, float]]
) -> None:
    clock = Clock()
    nav = Navigator(0, owner, clock)
    nav.resize(800, 600)
    nav.set_extent(EXTENT)
    for kind, a, b in moves:
        if kind == "wait":
            clock.now += a
            continue
        nav.end_burst()
        before = nav.view
        if kind == "jump":
            nav.jump(nav.view.panned(a, b))
        elif kind == "zoom":
            nav.zoom_at(a, b, 300)
        else:
            nav.fit_now()
        after = nav.view
        if after != before:
            assert nav.back()
            assert nav.view == before
            assert nav.forward()
            assert nav.view == after
