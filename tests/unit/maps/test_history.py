"""Back and forward as plain values: bursts, limits, and the promise that back undoes the last move."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maps.geometry.history import BURST_S, Motion, Stop, ViewHistory
from maps.geometry.viewport import Viewport

KEYS, WHEEL = Motion("keys"), Motion("wheel")


def stop(n: float, width: float = 800) -> Stop:
    return Stop(Viewport(n, 0.0, 10.0, width, 600))


def test_a_new_history_leads_nowhere() -> None:
    history = ViewHistory()
    assert not history.can_back(stop(0))
    assert not history.can_forward(stop(0))
    assert history.back(stop(0)) is None
    assert history.forward(stop(0)) is None


def test_back_and_forward_mirror_each_other() -> None:
    history = ViewHistory()
    for n in range(3):
        assert history.note(stop(n), None, float(n))
    here = stop(3)
    way = [here]
    while (there := history.back(way[-1])) is not None:
        way.append(there)
    assert way == [stop(3), stop(2), stop(1), stop(0)]
    assert not history.can_back(way[-1])
    for wanted in (stop(1), stop(2), stop(3)):
        assert history.can_forward(way[-1])
        way.append(history.forward(way[-1]))
        assert way[-1] == wanted
    assert history.forward(way[-1]) is None


def test_a_new_move_drops_the_way_forward() -> None:
    history = ViewHistory()
    history.note(stop(0), None, 0.0)
    assert history.back(stop(1)) == stop(0)
    history.note(stop(0), None, 5.0)
    assert not history.can_forward(stop(9))
    assert history.back(stop(9)) == stop(0)


def test_quick_steps_of_one_kind_are_one_move() -> None:
    history = ViewHistory()
    assert history.note(stop(0), KEYS, 0.0)
    assert not history.note(stop(1), KEYS, BURST_S)
    assert not history.note(stop(2), KEYS, 2 * BURST_S)
    assert history.back(stop(3)) == stop(0)


def test_a_pause_another_kind_or_a_step_back_begins_a_new_move() -> None:
    history = ViewHistory()
    history.note(stop(0), KEYS, 0.0)
    assert history.note(stop(1), KEYS, 3 * BURST_S)
    assert history.note(stop(2), WHEEL, 3 * BURST_S)
    assert history.back(stop(3)) == stop(2)
    assert history.note(stop(2), WHEEL, 3 * BURST_S)
    history.end_burst()
    assert history.note(stop(4), WHEEL, 3 * BURST_S)


def test_moves_without_a_motion_stand_alone() -> None:
    history = ViewHistory()
    assert history.note(stop(0), None, 0.0)
    assert history.note(stop(1), None, 0.0)


def test_one_gesture_is_one_move_however_long_and_two_are_two() -> None:
    history = ViewHistory()
    assert history.note(stop(0), Motion("drag", 1), 0.0)
    assert not history.note(stop(1), Motion("drag", 1), 1000.0)
    assert history.note(stop(2), Motion("drag", 2), 1000.0)
    assert history.back(stop(3)) == stop(2)


def test_a_drag_there_and_back_is_no_place_to_go_back_to() -> None:
    history = ViewHistory()
    history.note(stop(0), None, 0.0)
    history.note(stop(5), Motion("drag", 1), 1.0)
    assert history.back(stop(5)) == stop(0)
    lonely = ViewHistory()
    lonely.note(stop(5), Motion("drag", 1), 1.0)
    assert not lonely.can_back(stop(5))
    assert lonely.back(stop(5)) is None


def test_the_oldest_views_are_forgotten() -> None:
    history = ViewHistory(limit=5)
    for n in range(50):
        history.note(stop(n), None, 0.0)
    here, seen = stop(50), 0
    while (there := history.back(here)) is not None:
        here, seen = there, seen + 1
    assert (seen, here) == (5, stop(45))


def test_a_stop_in_another_window() -> None:
    by_hand = stop(7)
    assert by_hand.in_window(800, 600) is by_hand.view
    assert by_hand.in_window(400, 300) == Viewport(7, 0.0, 10.0, 400, 300)
    bounds = (0.0, 0.0, 1000.0, 500.0)
    fitted = Stop(Viewport.fit(bounds, 800, 600), bounds)
    assert fitted.in_window(400, 300) == Viewport.fit(bounds, 400, 300)


MOTIONS = st.sampled_from([None, KEYS, WHEEL, Motion("drag", 1), Motion("drag", 2)])
ORDERS = st.lists(
    st.tuples(st.sampled_from(["move", "back", "forward"]), st.integers(0, 6), MOTIONS, st.floats(0, 2)),
    max_size=60,
)


@given(orders=ORDERS)
def test_any_order_keeps_the_promise(orders: list[tuple[str, int, Motion | None, float]]) -> None:
    history, here, now = ViewHistory(limit=8), stop(0), 0.0
    for order, place, motion, pause in orders:
        now += pause
        if order == "move":
            left = here
            if place == here.view.cx:
                continue
            fresh = history.note(left, motion, now)
            here = stop(place)
            if fresh:
                assert history.can_back(here)
                assert not history.can_forward(here)
        else:
            can = history.can_back(here) if order == "back" else history.can_forward(here)
            there = history.back(here) if order == "back" else history.forward(here)
            assert (there is not None) == can
            if there is not None:
                again = history.forward(there) if order == "back" else history.back(there)
                assert again == here
                assert (history.back(here) if order == "back" else history.forward(here)) == there
                here = there
