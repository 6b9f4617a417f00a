"""Several backend processes behind one socket: started, watched, replaced when they die or freeze."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)
#: a worker that says nothing for so long is killed and replaced
FROZEN_S = 10.0
START_S = 60.0
STOP_S = 20.0
#: a worker that dies sooner than this after its start is not replaced at once
_QUICK_DEATH_S = 2.0
URL_ENV = "GRIDDESK_WORKER_DB"


@dataclass(slots=True)
class _Worker:
    """One child: its process, the reading end of its pipe, when it began and when it was last heard."""

    process: subprocess.Popen[bytes]
    pipe: int
    began: float
    heard: float
    ready: bool = False


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
        """Start one worker; it gets the socket and the writing end of a pipe."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        command = [
            sys.executable, "-m", "services.backend.worker", "--url-env", URL_ENV, "--data", str(self._data_dir),
            "--socket", str(self._listening.fileno()), "--pipe", str(writing), "--parent", str(os.getpid()),
        ]  # fmt: skip
        for network in self._networks:
            command += ["--network", network]
        try:
            process = subprocess.Popen(
                command,
                env={**os.environ, URL_ENV: self._url, "PYTHONPATH": _import_path()},
                stdin=subprocess.DEVNULL,
                pass_fds=(self._listening.fileno(), writing),
            )
        finally:
            os.close(writing)
        now = time.monotonic()
        return _Worker(process, reading, now, now)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self._stopping and not all(worker.ready for worker in self._workers):
            self._listen(0.2)
            dead = [worker for worker in self._workers if worker.process.poll() is not None]
            if dead:
                raise RuntimeError(f"a worker ended with code {dead[0].process.returncode}")
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
            code = worker.process.poll()
            if code is None and now - worker.heard > (FROZEN_S if worker.ready else START_S):
                logger.error("worker %d says nothing, it is replaced", worker.process.pid)
                worker.process.kill()
                code = worker.process.wait()
            if code is None or self._stopping:
                continue
            if now - worker.began < _QUICK_DEATH_S:
                time.sleep(0.5)
            logger.warning("worker %d ended with code %s, a new one starts", worker.process.pid, code)
            os.close(worker.pipe)
            self._workers[place] = self._start()

    def _stop(self) -> None:
        """Ask the workers to end, and make those that do not."""
        self._stopping = True
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.terminate()
        deadline = time.monotonic() + STOP_S
        for worker in self._workers:
            try:
                worker.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            os.close(worker.pipe)
        self._workers = []


def _import_path() -> str:
    """Return the import path of this process for the workers (a checkout need not be installed)."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path)
