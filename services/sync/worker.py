"""A named background thread that does rounds: work, then sleep until the time is up or somebody pokes it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from services.domain.errors import DomainError

_log = logging.getLogger(__name__)
#: a round that failed for a reason of ours is not repeated in a tight circle
AFTER_A_BUG_S = 5.0


class Worker:
    """Runs `round_()` again and again; it returns the seconds until the next round, None for "when poked".

    The thread is a daemon: a request that is under way cannot be cancelled, and must not keep the program.
    """

    def __init__(self, name: str, round_: Callable[[], float | None]) -> None:
        """Name the thread; it starts with `start`."""
        self._round = round_
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to stop; a late result must be thrown away then."""
        return self._stop.is_set()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def poke(self) -> None:
        """Make the next round come at once."""
        self._wake.set()

    def stop(self) -> None:
        """Tell the worker to end after the present round."""
        self._stop.set()
        self._wake.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False when a request is still under way."""
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Do rounds until told to stop."""
        while not self._stop.is_set():
            self._wake.clear()
            delay = self._safely()
            if not self._stop.is_set():
                self._wake.wait(delay)

    def _safely(self) -> float | None:
        """Do one round; a failure is logged and never ends the thread."""
        try:
            return self._round()
        except DomainError as error:  # the disk, mostly: the operator is told by the next thing they do
            if not self._stop.is_set():  # the stores may be closed under a request that came back late
                _log.warning("%s: %s", self._thread.name, error)
        except Exception:  # noqa: BLE001 - a bug in one round must not stop all further sending
            _log.exception("%s failed", self._thread.name)
        return AFTER_A_BUG_S
