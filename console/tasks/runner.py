"""The one way to work in the background: plain values in and out, results on the main thread.

A *lane* is one worker thread that takes its tasks in order (the store has one, so no two tasks ever write it at
once). A task has a *key*; a newer one of the same asker with the same key drops the older one's result. Nothing
fails in silence: an error goes to the task's own handler, or else to `failed`.

A worker never holds the last of an asker. Whoever lets go last destroys, and a Qt object destroyed on a worker leaves
its timers behind in the main loop (measured on PySide6 6.11: segmentation fault at the next one). So what a task
brings along (its work, its receivers, its result or its error with the frames in it) stays in a slip the main thread
keeps, and is let go there; the worker has nothing but the slip.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from console.tasks.relay import Relay

log = logging.getLogger(__name__)

TURN_S = 0.0005
"""How long a lane may keep the interpreter while the window waits for it. At the interpreter's own 5 ms every call into
Qt may cost a window that long; measured with 200 changes a second: longest stall 352 ms, with this 58 ms."""
Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


@dataclass(slots=True, eq=False)
class _Task:
    """The slip of one task: filled in by the worker, emptied on the main thread."""

    key: str
    turn: int
    work: Callable[[], Any] | None
    done: Done | None
    failed: Failed | None
    value: Any = None
    error: Exception | None = None

    def run(self) -> None:
        """Run on the lane. An error is kept with its traceback, whose frames hold what the work held."""
        assert self.work is not None
        try:
            self.value = self.work()
        except Exception as error:  # noqa: BLE001 - whatever it is goes to the asker
            self.error = error

    def empty(self) -> None:
        """Let go of everything; for the main thread."""
        self.work = self.done = self.failed = self.value = self.error = None


class Background(QObject):
    """Runs tasks on named lanes. Made and closed on the main thread.

    `failed` carries (key, exception) of tasks that have no handler of their own.
    """

    failed = Signal(object)
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no lanes; each is made when first used."""
        super().__init__(parent)
        sys.setswitchinterval(TURN_S)
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._turns: dict[str, int] = {}
        self._tasks: set[_Task] = set()
        self._relay = Relay(self._deliver, self)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a task is waiting or running, or its result not yet delivered."""
        return bool(self._tasks)

    def submit(
        self,
        lane: str,
        key: str,
        work: Callable[[], Any],
        done: Done | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Queue `work` on a lane; `done` or `failed` is called on the main thread with what came of it.

        The asker is the object whose method `done` is.
        """
        if self._closed:
            return
        # two askers of the same thing must not drop each other's answers
        key = f"{key}@{id(getattr(done, '__self__', None))}"
        turn = self._turns[key] = self._turns.get(key, 0) + 1
        pool = self._lanes.get(lane)
        if pool is None:
            pool = self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"lane-{lane}")
        task = _Task(key, turn, work, done, failed)
        self._tasks.add(task)
        pool.submit(_run, task, self._relay)

    def _deliver(self, task: object) -> None:
        """Hand a result to its receiver, unless a newer task with the same key was submitted meanwhile."""
        assert isinstance(task, _Task)
        self._tasks.discard(task)
        try:
            if self._turns.get(task.key) == task.turn:
                self._hand_over(task)
        finally:
            task.empty()
        if not self._tasks:
            self.idle.emit()

    def _hand_over(self, task: _Task) -> None:
        """Call the receiver of a result or of an error."""
        if task.error is None:
            if task.done is not None and _alive(task.done):
                task.done(task.value)
        elif task.failed is not None:
            if _alive(task.failed):
                task.failed(task.error)
        else:
            name = task.key.partition("@")[0]
            log.error("task %s failed", name, exc_info=task.error)
            self.failed.emit((name, task.error))

    def close(self) -> None:
        """Drop what waits, let what runs finish, deliver nothing more."""
        self._closed = True
        self._relay.close()
        for pool in self._lanes.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self._lanes.clear()
        dropped, self._tasks = self._tasks, set()
        for task in dropped:
            task.empty()


def _run(task: _Task, relay: Relay) -> None:
    """Do a task on its lane and send its slip back."""
    task.run()
    relay.post(task)


def _alive(receiver: Callable[[Any], None]) -> bool:
    """Tell whether a result still has somebody to go to: a closed dialog's method must not be called."""
    owner = getattr(receiver, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
