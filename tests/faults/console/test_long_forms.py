"""Long forms: ten thousand commands over 72 hours, upgrades killed everywhere, 50,000 cached cases, larger crowds."""

from __future__ import annotations

import random
import resource
import shutil
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from services.backend.db.opening import HEAD_REVISION
from services.backend.db.tables import changes
from services.domain.digest import bucket_of, digest
from services.ports.centre import CaseDetail, DigestReply
from services.sql.engine import glancing
from services.store.stores import open_stores
from services.sync.digest import DigestCheck, Drift
from tests.integration.faults.ground import HERE, KEY, Hall, command, say
from tests.integration.faults.test_clocks import SkewedClock
from tests.integration.faults.test_crowds import count_up, crowd
from tests.integration.faults.test_flushes import lag_under_a_long_transaction, on_postgres
from tests.integration.faults.test_upgrade_kills import centre_at, killed, meta_of, revision_of, state
from tests.integration.faults.test_windows import churned
from tests.support.centre import Backend, birth
from tests.support.centres import send_all
from tests.support.console_core import quick_folder
from tests.unit.store.ground import case as cached_case

__all__ = ["on_postgres"]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
SEED = 20261123
HOURS = 72


def test_ten_thousand_commands_over_72_hours_offline(hall: Hall) -> None:
    """F17: one command every 26 s of three days without a line, a restart every six hours; then the line is back."""
    rng = random.Random(SEED)
    cases = [
        case["case_id"]
        for _ in range(5)
        for case in send_all(
            hall.backend.seat("acceptor1"), [command("register", None, **birth(HERE)) for _ in range(100)]
        )
    ]
    start = datetime.now(UTC)
    clock = SkewedClock(start)
    core = hall.sit_down(clock=clock)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, clicks = time.monotonic(), []
    for n in range(10_000):
        clicks.append(say(core, rng.choice(cases), f"离线 {n}"))
        clock.pass_(HOURS * 3600 / 10_000)
        if n % 833 == 832:
            core.restart()
    saved_s = time.monotonic() - began
    assert core.outbox.counts().waiting == 10_000
    hall.backend.centre.now = lambda: start + timedelta(hours=HOURS)
    began, rounds = time.monotonic(), 0
    while core.outbox.waiting():
        core.gateway.faults = ["lost_reply"] if rng.random() < 0.03 else []
        core.push()
        core.sender.line_is_back()
        rounds += 1
        assert rounds < 2000, "the queue does not come to its end"
    core.gateway.faults = []
    drained_s = time.monotonic() - began
    assert hall.settled(clicks) == {"applied": 10_000}
    with glancing(hall.backend.engine) as conn:
        log = list(conn.execute(select(changes.c.case_id, changes.c.command_id).order_by(changes.c.seq)))
    order: dict[str, list[str]] = {}
    for row in log:
        order.setdefault(row.case_id, []).append(row.command_id)
    for case_id in cases:
        assert order[case_id][1:] == [c.command_id for c in clicks if c.case_id == case_id]
    more_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
    print(
        f"seed {SEED}: 10,000 saved in {saved_s:.0f} s, decided in {drained_s:.0f} s and {rounds} rounds,"
        f" {more_mb:.0f} MiB more at most; 0 lost, 0 doubled"
    )


def test_a_centre_made_anew_killed_at_every_statement() -> None:
    """F28: from nothing to today's schema; a centre is there whole or not at all."""
    folder = quick_folder()
    whole = folder / "whole.db"
    centre_at("head", whole)
    new = state(whole, None)
    files = killed("centre", None, folder / "kills")
    found = [state(path, None) for path in files]
    between = [n for n, seen in enumerate(found) if seen not in ((0, ()), new)]
    assert between == [], f"neither empty nor new after {between}"
    assert len(files) > 30 and revision_of(files[-1]) == HEAD_REVISION and meta_of(files[-1])["feed_epoch"]
    print(f"{len(files) - 1} kills")
    shutil.rmtree(folder)


class _Centre:
    """A centre that knows 50,000 cases, as far as a digest asks."""

    def __init__(self, versions: dict[str, int]) -> None:
        self.versions = versions
        self.asked: list[str] = []

    def digest(self, as_of: int) -> DigestReply:
        return DigestReply(as_of, tuple(digest(self.versions.items())), "e1")

    def case_detail(self, case_id: str) -> CaseDetail:
        self.asked.append(case_id)
        found = replace(cached_case(1, self.versions[case_id]), case_id=case_id)
        return CaseDetail(found)


def test_one_flipped_version_among_fifty_thousand() -> None:
    """F27: found by the first digest, and no more than its bucket read again."""
    rng = random.Random(SEED)
    folder = quick_folder()
    stores = open_stores(folder, KEY, synchronous="OFF")
    stores.cache.begin_copy("e1", 50_000)
    for start in range(0, 50_000, 5_000):
        stores.cache.add_to_copy([cached_case(n) for n in range(start, start + 5_000)])
    assert stores.cache.finish_copy() == 50_000
    centre = _Centre(dict(stores.cache.open_versions()))
    check = DigestCheck(stores.cache, centre)  # type: ignore[arg-type] # what a digest asks of a centre
    assert check.check(50_000).drift is Drift.NONE
    for _ in range(10):
        victim = f"case-{rng.randrange(50_000)}"
        with stores.cache._file.write() as conn:
            conn.exec_driver_sql("UPDATE cases SET version = version + 1 WHERE case_id = ?", (victim,))
        centre.asked.clear()
        report = check.check(50_000)
        assert (report.drift, report.changed) == (Drift.REPAIRED, {victim}), f"seed {SEED}"
        assert {bucket_of(case_id) for case_id in centre.asked} == {bucket_of(victim)}
        assert len(centre.asked) <= 400
        assert check.check(50_000).drift is Drift.NONE
    print(f"seed {SEED}: bucket of at most {max(Counter(map(bucket_of, centre.versions)).values())} cases")
    stores.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize("kind", ["centre", "console"])
def test_four_processes_three_hundred_times_each(kind: str, tmp_path: Path) -> None:
    """F30."""
    found = count_up(kind, tmp_path / "one.db", 4, 300)
    assert (found["n"], found["failed"]) == (1200, 0)


def test_three_hundred_idle_polls_and_a_stream_of_commands(hall: Hall) -> None:
    """F31."""
    assert crowd(hall, polls=300, clicks=400) == {200: 400}


@pytest.mark.postgres
def test_a_transaction_that_stays_open_holds_up_no_feed(on_postgres: Backend) -> None:
    """F7."""
    worst = lag_under_a_long_transaction(on_postgres, 60)
    print(f"a change is fed after {worst * 1000:.0f} ms at most while a transaction is held open")
    assert worst < 2.5


def test_two_thousand_windows_come_and_go() -> None:
    """F42, F43."""
    found = churned(2000, 600)
    print(
        f"{found['windows']} windows, {found['after']} threads, main thread computed {found['longest_ms']} ms at most"
    )
    assert found["longest_ms"] <= 250
