"""Fault drills over the centre; the short forms in `tests/integration` and the long runs here share them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from services.domain.ids import uuid7
from tests.support.centre import Backend, Seat, birth, command
from tests.support.log_oracle import examine, feed_of, gaps
from tests.support.served import ROOT, Served


def overlap_writers(backend: Backend, writers: int, count: int, pause_ms: float) -> dict[str, float]:
    """Let processes write with overlapping transactions while a poller follows the feed; nothing may be missed."""
    seat = backend.seat("leader1")
    epoch = backend.centre.facts.epoch
    started = time.monotonic()
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.faults.backend.writers",
                backend.url,
                str(n),
                str(count),
                str(pause_ms),
            ],
            cwd=ROOT,
        )
        for n in range(writers)
    ]
    seen: list[int] = []
    at = 0
    try:
        while True:
            running = any(process.poll() is None for process in processes)
            assert not any(process.poll() for process in processes), "a writer failed"
            answer = seat.get("/changes", epoch=epoch, since=at, limit=1000, wait=0).json()
            seen += [change["seq"] for change in answer["changes"]]
            at = answer["next"]
            if not running and len(seen) >= writers * count:
                break
            assert running or time.monotonic() - started < 300, f"{len(seen)} of {writers * count} seen"
            time.sleep(0.005)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0] * writers
    took = time.monotonic() - started
    assert len(seen) == len(set(seen)) == writers * count and gaps(seen) == 0 and seen == sorted(seen)
    examine(backend.url)
    return {"changes": len(seen), "per_second": len(seen) / took}


def storm(seats: Sequence[Seat], times: int, threads: int) -> bytes:
    """Send one command `times` times over threads and seats at once; one effect, one answer: returned."""
    body = command("register", **birth())
    answers: list[bytes] = []
    turns = iter(range(times))
    guard = threading.Lock()

    def fire(seat: Seat) -> None:
        while True:
            with guard:
                if next(turns, None) is None:
                    return
            answer = seat.post("/commands", body)
            assert answer.status_code == 200, answer.text
            answers.append(answer.content)

    at_once = [threading.Thread(target=fire, args=(seats[n % len(seats)],)) for n in range(threads)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    assert len(answers) == times and len(set(answers)) == 1
    return answers[0]


def duel(seats: tuple[Seat, Seat], cases: Sequence[dict[str, Any]]) -> None:
    """Two dispatchers dispatch each case at the same moment: one is applied, one conflicts and hears who won."""
    for case in cases:
        barrier = threading.Barrier(2)
        outcomes: list[dict[str, Any]] = []

        def act(seat: Seat, dept: str, case: dict[str, Any] = case, barrier: threading.Barrier = barrier,
                outcomes: list[dict[str, Any]] = outcomes) -> None:  # fmt: skip
            body = command("dispatch", case, lead_dept=dept)
            barrier.wait()
            outcomes.append({**seat.send(body), "by": seat.user["id"]})

        pair = [
            threading.Thread(target=act, args=(seat, dept))
            for seat, dept in zip(seats, ("muni", "sani"), strict=True)
        ]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        won, lost = sorted(outcomes, key=lambda outcome: outcome["outcome"])
        assert [won["outcome"], lost["outcome"]] == ["applied", "conflict"], outcomes
        winner = lost["winner"]
        assert (
            winner["actor"]["id"] == won["by"]
            and winner["action"] == "dispatch"
            and winner["at"] == won["decided_at"]
        )
        assert lost["case"]["lead_dept"] == won["case"]["lead_dept"]


class Hammer:
    """Sends commands and keeps every answer; what got none is sent again under its id, as a console does."""

    def __init__(self, session: dict[str, Any], address: Callable[[], str]) -> None:
        self.session = session
        self.address = address
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.unknown: list[dict[str, Any]] = []
        self.recoveries: list[float] = []

    def turn(self) -> None:
        """Send one command: an old one without an answer first."""
        body = self.unknown[0] if self.unknown else self._fresh()
        if not self.unknown:
            self.unknown.append(body)
        try:
            with httpx.Client(base_url=self.address(), timeout=5, trust_env=False) as client:
                answer = Seat(client, self.session).post("/commands", body)
        except httpx.HTTPError:
            time.sleep(0.02)
            return
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            time.sleep(0.02)
            return
        assert answer.status_code == 200, answer.text
        outcome = answer.json()
        known = self.outcomes.setdefault(body["command_id"], outcome)
        assert known == outcome
        self.unknown.remove(body)

    def _fresh(self) -> dict[str, Any]:
        if self.outcomes and random.random() < 0.6:
            last = next(reversed(self.outcomes.values()))
            return command("comment", last["case_id"], text=uuid7())
        return command("register", **birth())


def kill_loop(
    start: Callable[[], Served], url: str, kills: int, seconds: float, seed: int
) -> dict[str, float]:
    """Kill the centre again and again in the middle of commands; every answer ever given must hold."""
    rng = random.Random(seed)
    served = start()
    hammer = Hammer(served.sign_in("acceptor1").session, lambda: served.base)
    try:
        for _ in range(kills):
            until = time.monotonic() + rng.uniform(seconds / 4, seconds)
            killer = threading.Timer(until - time.monotonic(), os.kill, (served.pid, signal.SIGKILL))
            killer.start()
            while killer.is_alive() or served.process.poll() is None:
                hammer.turn()
            killer.join()
            served.kill()
            begun = time.monotonic()
            served = start()
            hammer.recoveries.append(time.monotonic() - begun)
        while hammer.unknown:
            hammer.turn()
        seat = Seat(served.client(), hammer.session)
        epoch = seat.get("/meta").json()["feed_epoch"]
        deadline = time.monotonic() + 5
        applied = {key for key, outcome in hammer.outcomes.items() if outcome["outcome"] == "applied"}
        while len(shown := feed_of(seat, epoch)) < len(applied) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert {change["command_id"] for change in shown} == applied
        assert served.stop() == 0
    finally:
        served.kill()
    counts = examine(url, hammer.outcomes)
    return {**counts, "seed": seed, "slowest_recovery": max(hammer.recoveries, default=0.0)}


def freeze(served: Sequence[Served], place: int, seat: Seat, watcher: Seat, seconds: float) -> float:
    """Stop one process for a while (SIGSTOP) and go on with the others; the longest the feed stood still."""
    epoch = watcher.get("/meta").json()["feed_epoch"]
    at = watcher.get("/changes", epoch=epoch, since=0, wait=0).json()["head"]
    os.kill(served[place].pid, signal.SIGSTOP)
    worst = 0.0
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            outcome = seat.do("register", **birth())
            assert outcome["outcome"] == "applied"
            while True:
                answer = watcher.get("/changes", epoch=epoch, since=at, wait=5).json()
                at = answer["next"]
                if any(change["command_id"] == outcome["command_id"] for change in answer["changes"]):
                    break
                assert time.monotonic() - begun < 20, "the feed stands still"
            worst = max(worst, time.monotonic() - begun)
    finally:
        os.kill(served[place].pid, signal.SIGCONT)
    return worst
