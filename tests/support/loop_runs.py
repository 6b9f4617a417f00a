"""The four runs of the closed loop under trouble; short forms and long forms differ in size only.

Each makes its own trouble on a running `Hall`, asks the oracle, and returns its figures as one line.
"""

from __future__ import annotations

import os
import random
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, select

from services.backend.db.tables import dispatches
from services.sql.engine import glancing, open_engine
from tests.support.centre import CATEGORY, Seat, birth, command
from tests.support.centres import Hall, Server, cases_to_dispatch, send_all
from tests.support.consoles import AnyConsole, ConsoleProcess, open_consoles, story_of
from tests.support.oracle import CentreStory, Verdict, judge, read_history, sequence_faults
from tests.support.waiting import rest

Make = Callable[[Path, str, str], AnyConsole]
Say = Callable[[str], None]

TOLD_S = 2.0
RECOVERED_S = 5.0
DRAINED_S = 60.0
#: who sits at the consoles of a working hall
CREW = ("acceptor1", "shift_leader1", "muni1", "dispatcher1", "dispatcher2", "supervisor1")


def new_seed() -> int:
    """A seed, or the one to repeat (LOOP_SEED)."""
    return int(os.environ.get("LOOP_SEED") or secrets.randbits(31))


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print a line of figures whether or not the test passes."""

    def told(line: str) -> None:
        if (
            "PYTEST_XDIST_WORKER" in os.environ
        ):  # a worker's own output goes nowhere; the report of the test is shown
            print(line)
            return
        with capsys.disabled():
            print(f"\n  {line}", flush=True)

    return told


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# --- two dispatchers, one case ------------------------------------------------------------------------


@dataclass(slots=True)
class RaceFigures:
    """Seconds from the click: on disk, and told (losers)."""

    rounds: int = 0
    saved_s: list[float] = field(default_factory=list)
    told_s: list[float] = field(default_factory=list)
    winners: dict[str, int] = field(default_factory=dict)
    apart_ms: list[float] = field(default_factory=list)
    #: how many connections each backend process held at the end
    spread: list[int] = field(default_factory=list)

    def sentence(self) -> str:
        return (
            f"{self.rounds} rounds, one applied and one conflict each; loser told: p50"
            f" {1000 * statistics.median(self.told_s):.0f} ms, p99 {1000 * quantile(self.told_s, 0.99):.0f} ms,"
            f" most {1000 * max(self.told_s):.0f} ms; saved p99 {1000 * quantile(self.saved_s, 0.99):.0f} ms;"
            f" clicks apart p50 {statistics.median(self.apart_ms):.1f} ms; won {self.winners};"
            f" connections a process {self.spread}"
        )


def race_rounds(hall: Hall, make: Make, folder: Path, rounds: int, seed: int) -> tuple[RaceFigures, Verdict]:
    """Four consoles of two accounts; each round a pair of both accounts dispatches one case at a barrier."""
    rng = random.Random(seed)
    leader = hall.seat("shift_leader1")
    cases = cases_to_dispatch(leader, birth(), CATEGORY, min(rounds, 200))
    seats = [(hall.base(n), f"dispatcher{n % 2 + 1}") for n in range(4)]
    figures, engine = RaceFigures(), open_engine(hall.url)
    try:
        with open_consoles(make, folder, seats) as consoles:
            names = [console.do("ready")["name"] for console in consoles]
            for n in range(rounds):
                if n and n % len(cases) == 0:
                    cases = send_all(leader, [command("recall", case, reason="误派") for case in cases])
                at = n % len(cases)
                pair = [rng.choice((0, 2)), rng.choice((1, 3))]
                rng.shuffle(pair)
                answers = _race([consoles[place] for place in pair], cases[at])
                _judge_round(engine, cases[at], answers, [names[place] for place in pair], figures)
                cases[at] = {**cases[at], "version": cases[at]["version"] + 1, "xver": cases[at]["xver"] + 1}
            figures.spread = [n for server in hall.servers for n in connections(server).values()]
            stories = [story_of(console) for console in consoles]
    finally:
        engine.dispose()
    verdict = judge(stories, CentreStory.read(hall.url), seed)
    return figures, verdict


def _race(pair: list[AnyConsole], case: dict[str, Any]) -> list[dict[str, Any]]:
    """Both look at the case, then both click."""
    for console in pair:
        console.ask("look", case_id=case["case_id"], version=case["version"])
    for console in pair:
        assert console.answer()["state"] == "pending_dispatch"
    for console, dept in zip(pair, ("muni", "sani"), strict=True):
        console.ask("race", case_id=case["case_id"], action="dispatch", payload={"lead_dept": dept})
    return [console.answer() for console in pair]


def _judge_round(
    engine: Engine,
    case: dict[str, Any],
    answers: list[dict[str, Any]],
    names: list[str],
    figures: RaceFigures,
) -> None:
    """One applied, one conflict that names the winner, one active dispatch in the database."""
    assert sorted(answer["status"] for answer in answers) == ["applied", "conflict"], answers
    won = 0 if answers[0]["status"] == "applied" else 1
    winner, loser = answers[won], answers[1 - won]
    told = loser["winner"]
    assert told is not None and told["actor"] == names[won] and told["action"] == "dispatch", (told, names)
    assert datetime.fromisoformat(told["at"]) == datetime.fromisoformat(winner["decided_at"])
    assert told["summary"]
    with glancing(engine) as conn:
        wanted = (dispatches.c.case_id == case["case_id"], dispatches.c.ended_at.is_(None))
        active = conn.execute(select(dispatches.c.command_id, dispatches.c.lead_dept).where(*wanted)).all()
    assert [tuple(row) for row in active] == [(winner["command_id"], ("muni", "sani")[won])]
    figures.rounds += 1
    figures.told_s.append(loser["told_s"])
    figures.saved_s += [winner["saved_s"], loser["saved_s"]]
    figures.apart_ms.append(1000 * abs(winner["began"] - loser["began"]))
    figures.winners[names[won]] = figures.winners.get(names[won], 0) + 1


# --- many writers, a feed without a gap ---------------------------------------------------------------


@dataclass(slots=True)
class FeedFigures:
    """What writers got applied and pollers saw."""

    writers: int = 0
    applied: int = 0
    pollers: int = 0
    processes: int = 0
    missed: int = 0
    gaps: int = 0
    took_s: float = 0.0
    lag_s: list[float] = field(default_factory=list)

    def sentence(self) -> str:
        return (
            f"{self.writers} writers, {self.processes} processes, {self.applied} changes in {self.took_s:.1f} s"
            f" ({self.applied / self.took_s:.0f}/s), {self.pollers} pollers: missed {self.missed}, gaps"
            f" {self.gaps}; answer to feed p50 {1000 * statistics.median(self.lag_s):.0f} ms, p99"
            f" {1000 * quantile(self.lag_s, 0.99):.0f} ms"
        )


class _Poller(threading.Thread):
    """Follows the feed from 0 and keeps what it saw, in order, with the moment it came."""

    def __init__(self, seat: Seat, epoch: str, rng: random.Random) -> None:
        super().__init__(name="poller")
        self._seat, self._epoch, self._rng = seat, epoch, rng
        self.last: int | None = None
        self.seen: list[tuple[int, str, int, str]] = []
        self.came: dict[str, float] = {}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while self.last is None or len(self.seen) < self.last:
                self._step()
        except BaseException as error:  # noqa: BLE001 - told by `finish`
            self.failure = error

    def _step(self) -> None:
        since = self.seen[-1][0] if self.seen else 0
        rest(self._rng.uniform(0, 0.06))
        limit = self._rng.choice((2, 7, 50, 500))
        answer = self._seat.get("/changes", epoch=self._epoch, since=since, limit=limit, wait=1)
        assert answer.status_code == 200, answer.text
        page, now = answer.json(), time.monotonic()
        for change in page["changes"]:
            self.seen.append((change["seq"], change["case_id"], change["version"], change["command_id"]))
            self.came.setdefault(change["command_id"], now)
        assert page["next"] == (self.seen[-1][0] if self.seen else 0) <= page["head"], page["next"]

    def finish(self, last: int, within: float) -> None:
        """End it once it has seen as many changes as there are."""
        self.last = last
        self.join(within)
        if self.failure is not None:
            raise self.failure
        assert not self.is_alive(), f"a poller saw {len(self.seen)} of {last} changes in time"


class _Writer(threading.Thread):
    """Sends commands one by one until it has had its share applied; remembers which, and when it was told."""

    def __init__(self, seat: Seat, share: int, shared: list[dict[str, Any]], rng: random.Random) -> None:
        super().__init__(name="writer")
        self._seat, self._share, self._shared, self._rng = seat, share, shared, rng
        self._own: dict[str, Any] | None = None
        self.applied: dict[str, float] = {}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while len(self.applied) < self._share:
                body = self._next()
                outcome = self._seat.send(body)
                if outcome["outcome"] == "applied":
                    self.applied[outcome["command_id"]] = time.monotonic()
                    if body["action"] in ("register", "accept"):
                        self._own = outcome["case"] if body["action"] == "register" else None
                else:
                    assert outcome["outcome"] == "conflict", outcome
        except BaseException as error:  # noqa: BLE001 - raised again by who joins
            self.failure = error

    def _next(self) -> dict[str, Any]:
        """A birth, the step after it, or a remark on a case that all writers write on."""
        if self._rng.random() < 0.5:
            return command("comment", self._rng.choice(self._shared), text="记录")
        if self._own is not None:
            return command("accept", self._own)
        return command("register", None, **birth())


def feed_run(hall: Hall, total: int, seed: int, writers: int = 8, pollers: int = 4) -> FeedFigures:
    """Writers over HTTP through all servers, pollers through all servers; every poller sees every change once."""
    rng = random.Random(seed)
    watchers = [hall.seat("leader1", n) for n in range(pollers)]
    first = watchers[0].get("/meta").json()["feed_epoch"]
    before = [hall.seat("acceptor1").register() for _ in range(4)]
    follow = [_Poller(seat, first, random.Random(rng.random())) for seat in watchers]
    write = [
        _Writer(hall.seat(f"acceptor{n % 2 + 1}", n), total // writers, before, random.Random(rng.random()))
        for n in range(writers)
    ]
    begun = time.monotonic()
    for thread in (*follow, *write):
        thread.start()
    for writer in write:
        writer.join(600)
    took = time.monotonic() - begun
    centre = CentreStory.read(hall.url)
    try:
        for writer in write:
            if writer.failure is not None:
                raise writer.failure
    finally:
        for poller in follow:
            poller.finish(len(centre.log), 30)
    # read again: the last rows may not have had their number yet, but now somebody has seen it
    centre = CentreStory.read(hall.url)
    applied = {command_id: at for writer in write for command_id, at in writer.applied.items()}
    figures = FeedFigures(len(write), len(applied), len(follow), hall.process_count(), took_s=took)
    logged = [(row.seq, row.case_id, row.version, row.command_id) for row in centre.log]
    for poller in follow:
        saw = [entry[3] for entry in poller.seen]
        figures.missed += len(set(applied) - set(saw))
        figures.gaps += len(sequence_faults([entry[0] for entry in poller.seen]))
        assert [entry[0] for entry in poller.seen] == list(range(1, len(poller.seen) + 1))
        assert poller.seen == follow[0].seen
        figures.lag_s += [
            max(0.0, poller.came[one] - at) for one, at in applied.items() if one in poller.came
        ]
    assert sorted(follow[0].seen) == sorted(logged, key=lambda row: row[0] or 0)
    assert (figures.missed, figures.gaps) == (0, 0), figures.sentence()
    judge((), centre, seed).check()
    return figures


# --- the centre is killed -----------------------------------------------------------------------------


@dataclass(slots=True)
class KillFigures:
    """How often what was killed, and how soon all was well again."""

    kills: int = 0
    parents: int = 0
    clicks: int = 0
    line_s: list[float] = field(default_factory=list)
    drained_s: list[float] = field(default_factory=list)
    verdict: Verdict | None = None

    def sentence(self) -> str:
        verdict = self.verdict.sentence() if self.verdict is not None else ""
        return (
            f"{self.kills} kills ({self.parents} of the whole server), {self.clicks} clicks; consoles on the line"
            f" again p50 {statistics.median(self.line_s):.2f} s, most {max(self.line_s):.2f} s after its return,"
            f" what waited decided most {max(self.drained_s):.2f} s; {verdict}"
        )


@contextmanager
def working(consoles: Sequence[AnyConsole], seed: int, **more: Any) -> Iterator[list[dict[str, int]]]:
    """Robots at all consoles; what they did stands in the list afterwards."""
    done: list[dict[str, int]] = []
    for n, console in enumerate(consoles):
        console.do("work", seed=seed + n, **more)
    try:
        yield done
    finally:
        for console in consoles:
            console.ask("rest")
        done += [console.answer() for console in consoles]


def backend_kills(
    hall: Hall,
    make: Make,
    folder: Path,
    kills: int,
    seed: int,
    crew: Sequence[str] = CREW,
    pace_s: float = 0.12,
    quiet: bool = True,
) -> KillFigures:
    """Kill the server (or a worker of it) in the middle of the loop, again and again, and once when all is quiet."""
    rng, figures, server = random.Random(seed), KillFigures(), hall.servers[0]
    with open_consoles(make, folder, [(hall.base(), name) for name in crew]) as consoles:
        with working(consoles, seed, pace_s=pace_s) as done:
            for _ in range(kills):
                rest(rng.uniform(0.3, 1.8))
                returned = _kill(server, rng, figures, far=figures.kills % 5 == 4)
                _await_recovery(consoles, returned, figures)
        figures.clicks = sum(found["clicks"] for found in done)
        drain(consoles)
        if quiet:  # nobody does anything now, so no news come either: the line alone has to tell
            server.kill()
            _await_recovery(consoles, server.start(), figures)
        figures.verdict = settle(hall, consoles, seed)
    return figures


def _kill(server: Server, rng: random.Random, figures: KillFigures, *, far: bool) -> float:
    """One kill; the moment from which the centre answers again. `far`: it stays away for a while."""
    figures.kills += 1
    if len(server.processes()) > 1 and rng.random() < 0.5:
        return server.kill_worker(rng)
    figures.parents += 1
    server.kill()
    rest(rng.uniform(6, 12) if far else rng.uniform(0, 0.5))
    return server.start()


def _await_recovery(consoles: Sequence[AnyConsole], returned: float, figures: KillFigures) -> None:
    """Every console on the line again in time."""
    for console in consoles:
        console.ask("recovered", after=returned, within=30.0)
    for console in consoles:
        found = console.answer()
        assert found["line_s"] is not None and found["drained_s"] is not None, (console.username, found)
        figures.line_s.append(found["line_s"])
        figures.drained_s.append(found["drained_s"])


def settle(hall: Hall, consoles: Sequence[AnyConsole], seed: int, before: int = 0) -> Verdict:
    """Let everything come to rest, then ask the oracle; `before` changes are older than the run."""
    drain(consoles)
    stories = [story_of(console) for console in consoles]
    return judge(stories, CentreStory.read(hall.url), seed, before)


def drain(consoles: Sequence[AnyConsole]) -> None:
    """Wait until nothing waits at any console."""
    for console in consoles:
        console.ask("drain", within=DRAINED_S)
    for console in consoles:
        found = console.answer()
        assert found["waiting"] == 0, (console.username, found)


# --- a console is killed ------------------------------------------------------------------------------


def console_kills(
    hall: Hall, make: Make, folder: Path, kills: int, seed: int, crew: Sequence[str], victims: Sequence[str]
) -> KillFigures:
    """Kill console processes in the middle of clicking; the `crew` at consoles made by `make` goes on working."""
    rng, figures = random.Random(seed), KillFigures()
    before = len(CentreStory.read(hall.url).log)
    with (
        open_consoles(make, folder / "crew", [(hall.base(), name) for name in crew]) as others,
        open_consoles(ConsoleProcess, folder / "victims", [(hall.base(n), v) for n, v in enumerate(victims)])
        as doomed,
    ):  # fmt: skip
        with working(others, seed) as done:
            for n in range(kills):
                victim = doomed[n % len(doomed)]
                assert isinstance(victim, ConsoleProcess)
                _kill_console(victim, rng, figures)
        figures.clicks += sum(found["clicks"] for found in done)
        figures.verdict = settle(hall, [*others, *doomed], seed, before)
        for victim in doomed:
            figures.clicks += sum(
                line["kind"] == "saved" for line in read_history(victim.folder / "history.jsonl")
            )
    return figures


def _kill_console(victim: ConsoleProcess, rng: random.Random, figures: KillFigures) -> None:
    """Let it click, kill it, start it, and look for everything it had shown as saved."""
    victim.do("work", seed=rng.randrange(1 << 30), pace_s=0.015, most_open=120)
    rest(rng.uniform(0.3, 1.5))
    victim.kill()
    figures.kills += 1
    shown = {line["id"] for line in read_history(victim.folder / "history.jsonl") if line["kind"] == "saved"}
    begun = time.monotonic()
    victim.start()
    found = victim.do("ready")
    missing = shown - set(found["outbox"])
    assert not missing, f"{len(missing)} of {len(shown)} shown as saved are not in the outbox"
    figures.line_s.append(found["took_s"])
    figures.drained_s.append(time.monotonic() - begun)


def connections(server: Server) -> dict[int, int]:
    """How many connections each process of a server holds; evidence that several answer."""
    found = {}
    for pid in server.processes():
        held = psutil.Process(pid).net_connections(kind="tcp")
        found[pid] = sum(
            1 for one in held if one.status == psutil.CONN_ESTABLISHED and one.laddr.port == server.port
        )
    return found


__all__ = [
    "CREW", "DRAINED_S", "RECOVERED_S", "TOLD_S", "backend_kills", "connections", "console_kills", "feed_run",
    "new_seed", "quantile", "race_rounds", "say", "working",
]  # fmt: skip
