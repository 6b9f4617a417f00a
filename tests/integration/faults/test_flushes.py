"""F7, F12: a long transaction of somebody else holds up no feed; a saved click was flushed to the disk."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.sql.engine import open_engine
from services.store.stores import open_stores
from tests.integration.faults.test_disk_errors import tracer
from tests.integration.faults.upgrade_kills import KEY
from tests.support.centre import Backend, birth, furnish_url, running
from tests.support.postgres import Cluster

ROOT = Path(__file__).resolve().parents[3]


# --- a long transaction (F7) ---------------------------------------------------------------------------------


@pytest.fixture
def on_postgres(pg_cluster: Cluster, tmp_path: Path) -> Iterator[Backend]:
    """A furnished centre on PostgreSQL in this process."""
    name = pg_cluster.create(pg_cluster.template("furnished", furnish_url))
    with running(pg_cluster.url(name), tmp_path, light=True) as backend:
        yield backend
    pg_cluster.drop(name)


def lag_under_a_long_transaction(backend: Backend, commands: int) -> float:
    """Hold a write transaction open, of nobody's business, and go on working; the longest until a change was fed."""
    seat, watcher = backend.seat("acceptor1"), backend.seat("leader1")
    epoch = backend.centre.facts.epoch
    at = watcher.get("/changes", epoch=epoch, since=0, wait=0).json()["head"]
    other, worst = open_engine(backend.url), 0.0
    with other.connect() as held:
        held.execute(text("INSERT INTO meta (key, value) VALUES ('held', 'x')"))
        for _ in range(commands):
            done = seat.do("register", **birth())
            began = time.monotonic()
            while True:
                answer = watcher.get("/changes", epoch=epoch, since=at, wait=5).json()
                at = answer["next"]
                if any(change["command_id"] == done["command_id"] for change in answer["changes"]):
                    break
                assert time.monotonic() - began < 20, (
                    "the feed waits for a transaction that is none of its business"
                )
            worst = max(worst, time.monotonic() - began)
        held.rollback()
    other.dispose()
    return worst


@pytest.mark.postgres
def test_a_transaction_that_stays_open_holds_up_no_feed(on_postgres: Backend) -> None:
    lag_under_a_long_transaction(on_postgres, 3)


# --- the flush really happens (F12) ----------------------------------------------------------------------------


def test_every_saved_click_was_flushed(tmp_path: Path) -> None:
    folder, log = tmp_path / "user", tmp_path / "calls"
    open_stores(folder, KEY).close()
    done = subprocess.run(
        [tracer(), "-f", "-qq", "-e", "trace=fsync,fdatasync,write", "-o", str(log), sys.executable,
         "-m", "tests.integration.faults.saving", str(folder), "10"],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    flushed, told = 0, 0
    for line in log.read_text().splitlines():
        if "sync(" in line:
            flushed += 1
        elif "write(1," in line:
            assert flushed > 0, "told as saved before anything was flushed"
            flushed, told = 0, told + 1
    assert told == 10
