"""The supervisor with real forked children that only pretend to serve."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.backend import supervisor as module
from services.backend.supervisor import Supervisor

pytestmark = pytest.mark.allow_log


def beating(*arguments: Any) -> None:
    """Beat until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while True:
        os.write(arguments[-1], b".")
        time.sleep(0.02)  # house: ok sleeping-test: a stand-in for a worker process


def silent_after_a_beat(*arguments: Any) -> None:
    """Beat once, then freeze; does not even hear SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(arguments[-1], b".")
    time.sleep(60)  # house: ok sleeping-test: a stand-in for a worker process


def dying(*_: Any) -> None:
    raise SystemExit(3)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found


@pytest.fixture
def make(
    listening: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []
    monkeypatch.setattr(module, "_QUICK_DEATH_S", 0.0)
    handlers = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def build(work: Callable[..., None], count: int = 2) -> Supervisor:
        monkeypatch.setattr(module, "work", work)
        found = Supervisor("sqlite:///x", tmp_path, listening, count)
        made.append(found)
        return found

    yield build
    for one in made:
        one._stop()
    signal.signal(signal.SIGTERM, handlers[0])
    signal.signal(signal.SIGINT, handlers[1])


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_workers_get_ready_and_end_when_told(make: Callable[..., Supervisor]) -> None:
    supervisor = make(beating, 3)
    seen: list[list[int]] = []

    def ready() -> None:
        seen.append([worker.pid for worker in supervisor._workers])
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()

    assert supervisor.run(ready) == 0
    (pids,) = seen
    assert len(set(pids)) == 3 and all(gone(pid) for pid in pids) and supervisor._workers == []


def test_a_dead_worker_is_replaced(make: Callable[..., Supervisor]) -> None:
    supervisor = make(beating)
    supervisor._workers = [supervisor._start(), supervisor._start()]
    supervisor._await_ready()
    victim, other = (worker.pid for worker in supervisor._workers)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while victim in {worker.pid for worker in supervisor._workers} and time.monotonic() < deadline:
        supervisor._listen(0.05)
        supervisor._replace()
    pids = {worker.pid for worker in supervisor._workers}
    assert victim not in pids and other in pids and len(pids) == 2
    supervisor._await_ready()


def test_a_frozen_worker_is_replaced(
    make: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = make(silent_after_a_beat, 1)
    supervisor._workers = [supervisor._start()]
    supervisor._await_ready()
    (before,) = supervisor._workers
    monkeypatch.setattr(module, "FROZEN_S", 0.0)
    time.sleep(0.01)  # house: ok sleeping-test: part of a poll with its own deadline
    supervisor._replace()
    (after,) = supervisor._workers
    assert after.pid != before.pid and gone(before.pid) and before.code == -signal.SIGKILL
    monkeypatch.setattr(module, "STOP_S", 0.1)
    supervisor._stop()
    assert gone(after.pid)


def test_workers_that_cannot_start_are_told(
    make: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = make(dying, 1)
    with pytest.raises(RuntimeError, match="ended with code"):
        supervisor.run(lambda: None)
    assert supervisor._workers == []
    monkeypatch.setattr(module, "START_S", 0.2)
    slow = make(lambda *_: time.sleep(30), 1)  # house: ok sleeping-test: a worker that never gets ready
    with pytest.raises(RuntimeError, match="in time"):
        slow.run(lambda: None)


def test_a_worker_is_waited_for_only_so_long(make: Callable[..., Supervisor]) -> None:
    supervisor = make(silent_after_a_beat, 1)
    worker = supervisor._start()
    assert worker.wait(0.05) is None and worker.poll() is None
    worker.send(signal.SIGKILL)
    assert worker.wait(5) == -signal.SIGKILL
    worker.send(signal.SIGKILL)  # nobody is there any more
    os.close(worker.pipe)
