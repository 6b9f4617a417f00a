"""Short forms of the fault runs of the closed loop (long forms: tests/faults/loop)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.centres import Hall, open_hall
from tests.support.consoles import ConsoleThread
from tests.support.loop_runs import (
    CREW,
    RECOVERED_S,
    TOLD_S,
    Say,
    backend_kills,
    console_kills,
    feed_run,
    new_seed,
    race_rounds,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.mark.postgres
class TestThreeProcessesOnPostgres:
    """Nothing is killed here."""

    def test_two_dispatchers_on_one_case(self, pg_hall: Hall, tmp_path: Path, say: Say) -> None:
        figures, verdict = race_rounds(pg_hall, ConsoleThread, tmp_path, 25, new_seed())
        say(f"race, postgresql: {figures.sentence()}; {verdict.sentence()}")
        verdict.check()
        assert max(figures.told_s) <= TOLD_S

    def test_the_feed_misses_nothing(self, pg_hall: Hall, say: Say) -> None:
        say(f"feed, postgresql: {feed_run(pg_hall, 304, new_seed()).sentence()}")


class TestThreeProcessesOnSqlite:
    """The centre stays; a console is killed."""

    def test_the_feed_misses_nothing(self, sqlite_hall: Hall, say: Say) -> None:
        say(f"feed, sqlite: {feed_run(sqlite_hall, 304, new_seed()).sentence()}")

    def test_a_console_is_killed(self, sqlite_hall: Hall, tmp_path: Path, say: Say) -> None:
        seats = ("shift_leader1",), ("acceptor1",)
        figures = console_kills(sqlite_hall, ConsoleThread, tmp_path, 2, new_seed(), *seats)
        say(f"console killed: {figures.sentence()}")
        assert figures.verdict is not None
        figures.verdict.check()
        assert figures.clicks > 5


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_the_centre_is_killed(kind: str, request: pytest.FixtureRequest, tmp_path: Path, say: Say) -> None:
    workers = (1,) if kind == "sqlite" else (2,)
    with open_hall(kind, request, tmp_path, workers) as hall:
        figures = backend_kills(
            hall, ConsoleThread, tmp_path, 2, new_seed(), CREW[:3], 0.15, kind == "sqlite"
        )
    say(f"centre killed, {kind}: {figures.sentence()}")
    assert figures.verdict is not None
    figures.verdict.check()
    assert figures.verdict.applied > 5
    assert max(figures.line_s) <= RECOVERED_S
