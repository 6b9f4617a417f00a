"""Several backend processes behind one socket: started, watched, replaced when they die or freeze.

Workers are forked: they have everything imported already, so a dead one is replaced within a fraction of a second.
The parent keeps no thread and no database connection, so that nothing half-done is copied.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.backend.worker import work

logger = logging.getLogger(__name__)
#: a worker that says nothing for so long is killed and replaced
FROZEN_S = 10.0
START_S = 60.0
STOP_S = 20.0
#: a worker that dies sooner than this after its start is not replaced at once
_QUICK_DEATH_S = 2.0


@dataclass(slots=True)
class _Worker:
    """One child: its process id, the reading end of its pipe, when it began and when it was last heard.

    `code` is its exit code (negative: the signal that ended it) once it is gone.
    """

    pid: int
    pipe: int
    began: float
    heard: float
    ready: bool = False
    code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.code is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def send(self, signum: signal.Signals) -> None:
        """Send a signal, unless it is gone."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; the exit code, None when it still runs."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.code


class Supervisor:
    """Keeps `count` workers alive until told to stop.

    `url` and `data_dir` are those of the centre, `listening` the bound socket they share. Raises
    RuntimeError from `run` when the workers do not come up.
    """

    def __init__(
        self, url: str, data_dir: Path, listening: socket.socket, count: int, networks: Sequence[str] = ()
    ) -> None:
        self._url = url
        self._data_dir = data_dir
        self._listening = listening
        self._count = count
        self._networks = networks
        self._workers: list[_Worker] = []
        self._stopping = False

    def run(self, ready: Callable[[], None]) -> int:
        """Start the workers, call `ready` when all answer, watch them; returns the exit code."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            self._workers = [self._start() for _ in range(self._count)]
            self._await_ready()
            if not self._stopping:
                ready()
            while not self._stopping:
                self._listen(0.5)
                self._replace()
        finally:
            self._stop()
        return 0

    def _on_signal(self, _signum: int, _frame: object) -> None:
        self._stopping = True

    def _start(self) -> _Worker:
        """Fork one worker; it gets the socket and the writing end of a pipe."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_worker(parent, writing, reading)
        os.close(writing)
        now = time.monotonic()
        return _Worker(pid, reading, now, now)

    def _be_worker(self, parent: int, writing: int, reading: int) -> None:
        """Live as a worker; never returns into the supervisor's code."""
        code = 1
        try:
            os.close(reading)
            for worker in self._workers:
                os.close(worker.pipe)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            work(self._url, self._data_dir, self._listening, self._networks, parent, writing)
            code = 0
        except BaseException:
            logger.exception("a worker failed")
        finally:
            logging.shutdown()
            os._exit(code)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._stopping and not all(worker.ready for worker in self._workers):
            self._listen(0.2)
            dead = [worker for worker in self._workers if worker.poll() is not None]
            if dead:
                raise RuntimeError(f"a worker ended with code {dead[0].code}")
            if time.monotonic() > deadline:
                raise RuntimeError("the workers did not get ready in time")

    def _listen(self, seconds: float) -> None:
        """Hear the workers' signs of life."""
        pipes = {worker.pipe: worker for worker in self._workers}
        try:
            found, _, _ = select.select(list(pipes), [], [], seconds)
        except InterruptedError:
            return
        for pipe in found:
            try:
                heard = os.read(pipe, 4096)
            except BlockingIOError:
                continue
            if heard:
                pipes[pipe].heard, pipes[pipe].ready = time.monotonic(), True
            else:
                time.sleep(0.05)  # a closed pipe is always readable; the poll below finds the dead worker

    def _replace(self) -> None:
        """Replace workers that died or froze."""
        for place, worker in enumerate(self._workers):
            now = time.monotonic()
            code = worker.poll()
            if code is None and now - worker.heard > (FROZEN_S if worker.ready else START_S):
                logger.error("worker %d says nothing, it is replaced", worker.pid)
                worker.send(signal.SIGKILL)
                code = worker.wait(5)
            if code is None or self._stopping:
                continue
            if now - worker.began < _QUICK_DEATH_S:
                time.sleep(0.5)
            logger.warning("worker %d ended with code %s, a new one starts", worker.pid, code)
            # the new one first: it closes the pipes of all that are listed, so they must be open
            self._workers[place] = self._start()
            os.close(worker.pipe)

    def _stop(self) -> None:
        """Ask the workers to end, and make those that do not."""
        self._stopping = True
        for worker in self._workers:
            worker.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for worker in self._workers:
            if worker.wait(max(0.1, deadline - time.monotonic())) is None:
                worker.send(signal.SIGKILL)
                worker.wait(5)
            os.close(worker.pipe)
        self._workers = []
