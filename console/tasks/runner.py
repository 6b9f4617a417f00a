"""The one way to work in the background: plain values in and out, results on the main thread.

A *lane* is one worker thread that takes its tasks in order (the store has one, so no two tasks ever write it at
once). A task has a *key*; a newer one of the same asker with the same key drops the older one's result. Nothing
fails in silence: an error goes to the task's own handler, or else to `failed`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from console.tasks.relay import Relay

log = logging.getLogger(__name__)

Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker hands back."""

    key: str
    turn: int
    value: Any
    error: Exception | None
    done: Done | None
    failed: Failed | None


class Background(QObject):
    """Runs tasks on named lanes. Made and closed on the main thread.

    `failed` carries (key, exception) of tasks that have no handler of their own.
    """

    failed = Signal(object)
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no lanes; each is made when first used."""
        super().__init__(parent)
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._turns: dict[str, int] = {}
        self._under_way = 0
        self._relay = Relay(self._deliver, self)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a task is waiting or running, or its result not yet delivered."""
        return self._under_way > 0

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
        self._under_way += 1
        future = pool.submit(work)

        def over(finished: Future[Any]) -> None:
            if finished.cancelled():
                return
            error = finished.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            value = None if error is not None else finished.result()
            self._relay.post(_Outcome(key, turn, value, error, done, failed))

        future.add_done_callback(over)

    def _deliver(self, outcome: object) -> None:
        """Hand a result to its receiver, unless a newer task with the same key was submitted meanwhile."""
        assert isinstance(outcome, _Outcome)
        self._under_way -= 1
        if self._turns.get(outcome.key) == outcome.turn:
            if outcome.error is None:
                if outcome.done is not None and _alive(outcome.done):
                    outcome.done(outcome.value)
            elif outcome.failed is not None:
                if _alive(outcome.failed):
                    outcome.failed(outcome.error)
            else:
                name = outcome.key.partition("@")[0]
                log.error("task %s failed", name, exc_info=outcome.error)
                self.failed.emit((name, outcome.error))
        if not self._under_way:
            self.idle.emit()

    def close(self) -> None:
        """Drop what waits, let what runs finish, deliver nothing more."""
        self._closed = True
        self._relay.close()
        for pool in self._lanes.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self._lanes.clear()


def _alive(receiver: Callable[[Any], None]) -> bool:
    """Tell whether a result still has somebody to go to: a closed dialog's method must not be called."""
    owner = getattr(receiver, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
