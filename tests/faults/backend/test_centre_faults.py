"""Long fault runs of the centre (`make faults`): the drills at full length, and kills at every flush."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.backend.drills import duel, freeze, kill_loop, overlap_writers, storm
from tests.support.centre import Backend, furnish_url, running
from tests.support.log_oracle import examine
from tests.support.postgres import Cluster
from tests.support.served import ROOT, Served

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(1 << 30)


@pytest.fixture(scope="module", autouse=True)
def tell_the_seed() -> None:
    print(f"seed {SEED} (FAULT_SEED={SEED} repeats the run)")


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    """PostgreSQL with fsync and synchronous commit, as in production."""
    cluster = Cluster(durable=True)
    yield cluster
    cluster.close()


@pytest.fixture
def durable_url(durable: Cluster) -> Iterator[str]:
    name = durable.create(durable.template("furnished", furnish_url))
    yield durable.url(name)
    durable.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'centre.db'}"
        furnish_url(url)
    else:
        url = request.getfixturevalue("durable_url")
    with running(url, tmp_path) as backend:
        yield backend


def test_eight_writers_miss_nothing_in_the_feed(centre: Backend) -> None:
    print(overlap_writers(centre, writers=8, count=150, pause_ms=3))


def test_a_thousand_times_the_same_command_over_three_processes(durable_url: str, tmp_path: Path) -> None:
    served = [Served(tmp_path, url=durable_url) for _ in range(3)]
    try:
        storm([one.sign_in("acceptor1") for one in served], times=1000, threads=8)
    finally:
        for one in served:
            one.kill()
    assert examine(durable_url)["changes"] == 1


def test_a_thousand_duels_over_three_processes(durable_url: str, tmp_path: Path) -> None:
    served = [Served(tmp_path, url=durable_url) for _ in range(3)]
    try:
        leader, acceptor = served[2].sign_in("shift_leader1"), served[2].sign_in("acceptor1")
        pair = served[0].sign_in("dispatcher1"), served[1].sign_in("dispatcher2")
        for _ in range(10):
            cases = []
            for _ in range(100):
                case = leader.do("accept", acceptor.register())["case"]
                cases.append(leader.do("file", case, category="event-0110", condition=0)["case"])
            duel(pair, cases)
    finally:
        for one in served:
            one.kill()
    examine(durable_url)


def test_twenty_kills_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    furnish_url(url)
    print(kill_loop(lambda: Served(tmp_path), url, kills=20, seconds=1.5, seed=SEED))


def test_twenty_kills_on_postgresql(durable_url: str, tmp_path: Path) -> None:
    print(kill_loop(lambda: Served(tmp_path, url=durable_url), durable_url, kills=20, seconds=1.5, seed=SEED))


def test_twenty_kills_of_workers(durable_url: str, tmp_path: Path) -> None:
    """The supervisor dies by kill -9 with its workers; the next one takes over."""
    print(
        kill_loop(
            lambda: Served(tmp_path, "--workers", "3", url=durable_url),
            durable_url,
            kills=20,
            seconds=1.5,
            seed=SEED,
        )
    )


def test_a_frozen_process_holds_the_feed_up_only_for_a_moment(durable_url: str, tmp_path: Path) -> None:
    served = [Served(tmp_path, url=durable_url) for _ in range(3)]
    try:
        seat, watcher = served[1].sign_in("acceptor1"), served[2].sign_in("leader1")
        worst = max(freeze(served, 0, seat, watcher, 4.0) for _ in range(5))
        print(f"the feed stood still for {worst:.2f} s at most")
        assert worst < 5.0
    finally:
        for one in served:
            one.kill()
    examine(durable_url)


def strace() -> str:
    """Path of a strace that may trace here; skips otherwise."""
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not here or may not trace")
    return found


@pytest.mark.parametrize("call", ["fsync,fdatasync", "pwrite64"])
def test_a_kill_at_every_flush_keeps_what_was_answered(tmp_path: Path, call: str) -> None:
    """The kernel kills the writing process at its n-th flush or page write; acknowledged commands must be there."""
    tracer = strace()
    rng = random.Random(SEED)
    kept = killed = 0
    for place in sorted(rng.sample(range(1, 300 if call == "pwrite64" else 45), 12)):
        folder = tmp_path / f"{call}-{place}"
        folder.mkdir()
        url = f"sqlite:///{folder / 'centre.db'}"
        furnish_url(url)
        done = subprocess.run(
            [tracer, "-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={place}",
             "-o", os.devnull, sys.executable, "-m", "tests.faults.backend.acked", url, "40"],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        acked = done.stdout.split()
        assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
        kept += len(acked)
        killed += done.returncode != 0
        examine(url, {command_id: {"outcome": "applied"} for command_id in acked})
    assert kept > 0 and killed >= 6
    print(f"{call}: {kept} acknowledged commands in {killed} killed runs, none missing")


def test_every_commit_is_flushed(tmp_path: Path) -> None:
    tracer = strace()
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    furnish_url(url)
    log = tmp_path / "calls"
    subprocess.run(
        [tracer, "-f", "-qq", "-e", "trace=fdatasync,fsync", "-o", str(log), sys.executable, "-m",
         "tests.faults.backend.acked", url, "100"],
        cwd=ROOT, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    flushes = sum("sync(" in line for line in log.read_text().splitlines())
    assert flushes >= 100
