"""Long work on the main thread is done in slices; what is short is done at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from console.tasks.slices import Slices


class Clock:
    """A clock that a step of work moves by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def steps(clock: Clock, done: list[int], n: int, cost: float) -> Iterator[None]:
    for at in range(n):
        clock.now += cost
        done.append(at)
        yield


def test_short_work_is_done_before_run_returns(qtbot: Any) -> None:
    clock, done, over = Clock(), [], []
    slices = Slices(slice_s=1.0, clock=clock)
    slices.run(steps(clock, done, 5, 0.1), lambda: over.append(True))
    assert done == [0, 1, 2, 3, 4]
    assert over == [True]
    assert not slices.busy


def test_long_work_gives_the_loop_a_turn_after_each_slice(qtbot: Any) -> None:
    clock, done, over = Clock(), [], []
    slices = Slices(slice_s=1.0, clock=clock)
    slices.run(steps(clock, done, 10, 0.4), lambda: over.append(True))
    assert done == [0, 1, 2]
    assert slices.busy
    qtbot.waitUntil(lambda: bool(over))
    assert done == list(range(10))


def test_new_work_drops_the_old(qtbot: Any) -> None:
    clock, first, second, over = Clock(), [], [], []
    slices = Slices(slice_s=1.0, clock=clock)
    slices.run(steps(clock, first, 10, 0.6), lambda: over.append("first"))
    slices.run(steps(clock, second, 3, 0.1), lambda: over.append("second"))
    assert (len(first), len(second), over) == (2, 3, ["second"])


def test_work_may_be_replaced_from_inside(qtbot: Any) -> None:
    clock, second, over = Clock(), [], []
    slices = Slices(slice_s=1.0, clock=clock)

    def first() -> Iterator[None]:
        slices.run(steps(clock, second, 2, 0.1), lambda: over.append("second"))
        yield
        raise AssertionError("the dropped work goes on")

    slices.run(first(), lambda: over.append("first"))
    assert over == ["second"]
    assert not slices.busy


def test_stop_and_finish(qtbot: Any) -> None:
    clock, done = Clock(), []
    slices = Slices(slice_s=1.0, clock=clock)
    slices.run(steps(clock, done, 10, 0.6))
    slices.stop()
    assert not slices.busy
    slices.run(steps(clock, done, 10, 0.6))
    slices.finish()
    assert len(done) == 12
    assert not slices.busy
