"""Short forms of the fault runs: overlapping writers, storms, duels, kills, a frozen process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.domain.ids import uuid7
from tests.faults.backend.drills import duel, freeze, kill_loop, overlap_writers, storm
from tests.support.centre import Backend, furnish_url
from tests.support.log_oracle import examine, gaps
from tests.support.postgres import Cluster
from tests.support.served import Served


@pytest.fixture
def furnished_pg(pg_cluster: Cluster) -> Iterator[str]:
    name = pg_cluster.create(pg_cluster.template("furnished", furnish_url))
    yield pg_cluster.url(name)
    pg_cluster.drop(name)


def test_overlapping_writers_leave_no_gap_in_the_feed(own_backend: Backend) -> None:
    overlap_writers(own_backend, writers=3, count=15, pause_ms=3)


def test_two_dispatchers_one_case(own_backend: Backend) -> None:
    backend = own_backend
    cases = [backend.reach("pending_dispatch") for _ in range(6)]
    duel((backend.fresh_seat("dispatcher1"), backend.fresh_seat("dispatcher2")), cases)
    examine(backend.url)


@pytest.mark.postgres
def test_three_processes_one_database(furnished_pg: str, tmp_path: Path) -> None:
    """A storm of one command, duels and a frozen process, over three processes that share a data folder."""
    served = [Served(tmp_path, url=furnished_pg) for _ in range(3)]
    try:
        seats = [one.sign_in("acceptor1") for one in served]
        storm(seats, times=60, threads=6)
        leader = served[2].sign_in("shift_leader1")
        cases = []
        for _ in range(4):
            case = leader.do("accept", seats[0].register())["case"]
            cases.append(leader.do("file", case, category="event-0110", condition=0)["case"])
        duel((served[0].sign_in("dispatcher1"), served[1].sign_in("dispatcher2")), cases)
        assert freeze(served, 0, seats[1], served[2].sign_in("leader1"), 2.0) < 5.0
        assert seats[0].get("/me").status_code == 200
        assert [one.stop() for one in served] == [0, 0, 0]
    finally:
        for one in served:
            one.kill()
    examine(furnished_pg)


def test_kills_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    furnish_url(url)
    found = kill_loop(lambda: Served(tmp_path), url, kills=2, seconds=0.6, seed=11)
    assert found["commands"] > 0


def test_gaps_are_counted() -> None:
    assert gaps([]) == gaps([4]) == gaps([3, 1, 2]) == 0 and gaps([1, 4, 4, 6]) == 3


def test_the_oracle_sees_what_is_wrong(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.seat("acceptor1").register()
    assert examine(backend.url)["changes"] == 1
    with pytest.raises(AssertionError, match="lost"):
        examine(backend.url, {uuid7(): {"outcome": "applied"}})
    known = backend.seat("acceptor1").get(f"/cases/{case['case_id']}").json()["timeline"][0]["command_id"]
    with pytest.raises(AssertionError, match="another outcome"):
        examine(backend.url, {known: {"outcome": "conflict"}})
