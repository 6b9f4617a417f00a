"""F30, F31: several processes on one file, and a crowd of idle polls before one centre."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.integration.faults.ground import Hall, command
from tests.support.centre import HERE, Backend, birth
from tests.support.log_oracle import examine
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[3]


# --- lost updates (F30) --------------------------------------------------------------------------------------------


def count_up(kind: str, path: Path, forks: int, times: int) -> dict[str, Any]:
    """Let processes count on one file; what came of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.faults.counting", kind, str(path), str(forks), str(times)],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    print(kind, found)
    return found


@pytest.mark.parametrize("kind", ["centre", "console"])
def test_four_processes_read_and_write_and_lose_nothing(kind: str, tmp_path: Path) -> None:
    found = count_up(kind, tmp_path / "one.db", 4, 60)
    assert found["n"] == 4 * 60 - found["failed"], "an update was lost without an error"
    assert found["failed"] == 0, "a writer was shut out"


# --- a crowd of idle polls (F31) -------------------------------------------------------------------------------------


def crowd(hall: Hall, polls: int, clicks: int) -> Counter[int]:
    """Idle long polls, and commands through the same door; every poll must be woken. Statuses of the commands."""
    backend = hall.backend
    seats = [backend.fresh_seat(name) for name in ("leader1", "shift_leader1", "acceptor2", "evaluator1")]
    since, epoch = backend.settle(), backend.centre.facts.epoch
    answers: list[Any] = []

    def poll(n: int) -> None:
        answers.append(seats[n % len(seats)].get("/changes", epoch=epoch, since=since, wait=25))

    threads = [threading.Thread(target=poll, args=(n,), daemon=True) for n in range(polls)]
    for thread in threads:
        thread.start()
    assert until(lambda: backend.centre.hub.waiting >= polls, 60), f"only {backend.centre.hub.waiting} wait"
    assert until(lambda: held(backend) == 0, 10), "an idle poll holds a database session"
    acceptor = backend.seat("acceptor1")
    statuses: Counter[int] = Counter()
    told: dict[str, Any] = {}
    lock = threading.Lock()

    def work(mine: list[dict[str, Any]]) -> None:
        for body in mine:
            answer = acceptor.post("/commands", body)
            with lock:
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    told[body["command_id"]] = answer.json()

    bodies = [command("register", None, **birth(HERE)) for _ in range(clicks)]
    workers = [threading.Thread(target=work, args=(bodies[n::8],), daemon=True) for n in range(8)]
    for thread in (*workers, *threads):
        if thread in workers:
            thread.start()
    for thread in (*workers, *threads):
        thread.join(90)
        assert not thread.is_alive(), "somebody waits for ever"
    assert {answer.status_code for answer in answers} == {200} and len(answers) == polls
    assert all(answer.json()["changes"] for answer in answers), "a poll slept through the news"
    assert {outcome["outcome"] for outcome in told.values()} == {"applied"}
    backend.settle()
    examine(backend.url, told)
    return statuses


def held(backend: Backend) -> int:
    """How many database connections are in use now."""
    return int(backend.engine.pool.checkedout())  # type: ignore[attr-defined] # a pool that counts


@pytest.mark.timeout(240)
def test_idle_polls_hold_no_session_and_starve_no_command(hall: Hall) -> None:
    assert crowd(hall, polls=80, clicks=48) == {200: 48}
