"""The background runner: lanes, keys, results on the main thread, nothing failing in silence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject

from console.tasks.relay import Relay
from console.tasks.runner import Background


@pytest.fixture
def background(qtbot: Any) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def test_a_result_arrives_on_the_main_thread(background: Background, qtbot: Any) -> None:
    got: list[tuple[int, int]] = []
    background.submit(
        "store", "k", threading.get_ident, lambda worker: got.append((worker, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(got))
    worker, here = got[0]
    assert worker != here == threading.get_ident()


def test_one_lane_keeps_the_order(background: Background, qtbot: Any) -> None:
    seen: list[int] = []
    for number in range(50):
        background.submit("store", f"k{number}", lambda number=number: seen.append(number))
    qtbot.waitUntil(lambda: not background.busy)
    assert seen == list(range(50))


def test_a_newer_task_of_the_same_key_drops_the_older_result(background: Background, qtbot: Any) -> None:
    gate, got = threading.Event(), []
    background.submit("network", "detail", lambda: gate.wait(5) and "old", got.append)
    background.submit("network", "detail", lambda: "new", got.append)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert got == ["new"]


def test_an_error_goes_to_its_handler(background: Background, qtbot: Any) -> None:
    got: list[Exception] = []

    def work() -> None:
        raise ValueError("nope")

    background.submit("store", "k", work, failed=got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], ValueError)


@pytest.mark.allow_log(logger="console.tasks.runner", containing="task k failed")
def test_an_error_without_a_handler_is_not_lost(background: Background, qtbot: Any) -> None:
    def work() -> None:
        raise KeyError("lost")

    with qtbot.waitSignal(background.failed) as heard:
        background.submit("store", "k", work)
    key, error = heard.args[0]
    assert key == "k"
    assert isinstance(error, KeyError)


def test_two_lanes_run_side_by_side(background: Background, qtbot: Any) -> None:
    meet, got = threading.Barrier(2, timeout=5), []
    for lane in ("store", "network"):
        background.submit(lane, lane, meet.wait, got.append)
    qtbot.waitUntil(lambda: len(got) == 2)


def test_after_close_nothing_is_delivered(qtbot: Any) -> None:
    background, got = Background(), []
    gate = threading.Event()
    background.submit("store", "a", gate.wait, got.append)
    background.submit("store", "b", lambda: "never", got.append)
    gate.set()
    background.close()
    background.submit("store", "c", lambda: "late", got.append)
    qtbot.wait(20)
    assert got == []


def test_idle_is_told_when_everything_was_delivered(background: Background, qtbot: Any) -> None:
    with qtbot.waitSignal(background.idle):
        background.submit("store", "k", lambda: None)
    assert not background.busy


def test_a_relay_carries_values_and_stops(qtbot: Any) -> None:
    got: list[object] = []
    relay = Relay(got.append)
    thread = threading.Thread(target=lambda: relay.post("from a worker"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: got == ["from a worker"])
    relay.post("under way")
    relay.close()
    relay.post("too late")
    qtbot.wait(20)
    assert got == ["from a worker"]


class Window(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[object] = []

    def take(self, value: object) -> None:
        self.got.append(value)
        self.objectName()


def test_a_result_for_a_closed_window_is_dropped(background: Background, qtbot: Any) -> None:
    window, gate = Window(), threading.Event()
    background.submit("store", "a", gate.wait, window.take)
    background.submit("store", "b", lambda: 1 / 0, failed=window.take)
    shiboken6.delete(window)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert window.got == []


def test_two_askers_with_one_key_both_get_their_answer(background: Background, qtbot: Any) -> None:
    first, second = Window(), Window()
    gate = threading.Event()
    background.submit("store", "figures", lambda: gate.wait(5) and 1, first.take)
    background.submit("store", "figures", lambda: 2, second.take)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert (first.got, second.got) == ([1], [2])


class Asker(QObject):
    """Nobody's child; says on which thread it was let go. `asks` is what a worker does for it."""

    def __init__(self, ends: list[int], gate: threading.Event) -> None:
        super().__init__()
        self.ends, self.gate = ends, gate

    def asks(self) -> int:
        self.gate.wait(10)
        return 1

    def asks_in_vain(self) -> int:
        self.gate.wait(10)
        raise ValueError("nope")

    def take(self, _value: object) -> None:
        """An answer nobody looks at."""

    def __del__(self) -> None:
        self.ends.append(threading.get_ident())


def _ask(background: Background, ask: str, ends: list[int]) -> threading.Event:
    """Let an asker ask, which nobody else holds; returns what lets its task go on."""
    gate = threading.Event()
    asker = Asker(ends, gate)
    background.submit("store", "ask", getattr(asker, ask), asker.take, asker.take)
    return gate


@pytest.mark.parametrize("ask", ["asks", "asks_in_vain"])
def test_an_asker_whose_task_outlives_the_run_ends_on_the_main_thread(qtbot: Any, ask: str) -> None:
    """On a worker it would leave its timers behind, and the next of them takes the process."""
    background, ends = Background(), []
    gate = _ask(background, ask, ends)
    threading.Timer(0.1, gate.set).start()
    background.close()
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == [threading.get_ident()]


@pytest.mark.parametrize("ask", ["asks", "asks_in_vain"])
def test_a_worker_slow_to_let_go_holds_nothing_of_the_asker(
    background: Background, qtbot: Any, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    ends: list[int] = []
    post, let_go = background._relay.post, threading.Event()

    def post_and_linger(value: object) -> None:
        post(value)
        let_go.wait(10)

    monkeypatch.setattr(background._relay, "post", post_and_linger)
    _ask(background, ask, ends).set()
    qtbot.waitUntil(lambda: not background.busy)
    try:
        assert ends == [threading.get_ident()]
    finally:
        let_go.set()


def test_a_task_that_waits_in_vain_ends_on_the_main_thread(qtbot: Any) -> None:
    background, ends = Background(), []
    gate = _ask(background, "asks", ends)
    _ask(background, "asks", ends)
    threading.Timer(0.1, gate.set).start()
    background.close()
    assert ends == [threading.get_ident()] * 2


def test_an_error_in_a_receiver_does_not_stop_the_next_answer(background: Background, qtbot: Any) -> None:
    got: list[int] = []

    def careless(_value: object) -> None:
        raise RuntimeError("careless")

    with qtbot.captureExceptions() as caught:
        background.submit("store", "a", lambda: 1, careless)
        background.submit("store", "b", lambda: 2, got.append)
        qtbot.waitUntil(lambda: bool(got))
    assert [kind for kind, _, _ in caught] == [RuntimeError]
    assert not background.busy


def test_what_was_dropped_by_the_close_is_not_under_way_any_more(qtbot: Any) -> None:
    background, gate = Background(), threading.Event()
    background.submit("store", "a", lambda: gate.wait(10))
    background.submit("store", "b", lambda: 2)
    assert background.busy
    gate.set()
    background.close()
    assert not background.busy
