"""Long forms of the fault runs of the closed loop: every console, every centre a process of its own.

Short forms: tests/integration/loop. LOOP_SEED repeats a run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.centres import open_hall
from tests.support.consoles import ConsoleProcess
from tests.support.loop_runs import (
    CREW,
    RECOVERED_S,
    TOLD_S,
    Say,
    backend_kills,
    console_kills,
    feed_run,
    new_seed,
    quantile,
    race_rounds,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.mark.postgres
@pytest.mark.parametrize(("workers", "rounds"), [((3,), 1000), ((1, 1, 1), 400)], ids=["workers", "parents"])
def test_two_dispatchers_on_one_case(
    workers: tuple[int, ...], rounds: int, request: pytest.FixtureRequest, tmp_path: Path, say: Say
) -> None:
    with open_hall("postgresql", request, tmp_path, workers) as hall:
        assert hall.process_count() == 3
        figures, verdict = race_rounds(hall, ConsoleProcess, tmp_path, rounds, new_seed())
    say(f"race, postgresql, servers of {workers} processes: {figures.sentence()}; {verdict.sentence()}")
    verdict.check()
    assert figures.rounds == rounds
    assert quantile(figures.told_s, 0.99) <= TOLD_S
    assert all(held > 0 for held in figures.spread)


@pytest.mark.parametrize(
    ("kind", "workers", "total"),
    [("sqlite", (3,), 2000), pytest.param("postgresql", (1, 1, 1), 8000, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgresql"],
)
def test_the_feed_misses_nothing(
    kind: str, workers: tuple[int, ...], total: int, request: pytest.FixtureRequest, tmp_path: Path, say: Say
) -> None:
    with open_hall(kind, request, tmp_path, workers) as hall:
        assert hall.process_count() == 3
        figures = feed_run(hall, total, new_seed())
    say(f"feed, {kind}: {figures.sentence()}")
    assert figures.applied >= total


@pytest.mark.parametrize("kind", BOTH)
def test_the_centre_is_killed_again_and_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, say: Say
) -> None:
    workers = (1,) if kind == "sqlite" else (2,)
    with open_hall(kind, request, tmp_path, workers) as hall:
        figures = backend_kills(hall, ConsoleProcess, tmp_path, 20, new_seed())
    say(f"centre killed, {kind}: {figures.sentence()}")
    assert figures.verdict is not None
    figures.verdict.check()
    assert figures.kills == 20 and figures.verdict.applied > 400
    assert max(figures.line_s) <= RECOVERED_S


@pytest.mark.parametrize(
    ("kind", "kills"), [("sqlite", 20), pytest.param("postgresql", 10, marks=pytest.mark.postgres)]
)
def test_consoles_are_killed_again_and_again(
    kind: str, kills: int, request: pytest.FixtureRequest, tmp_path: Path, say: Say
) -> None:
    crew = [name for name in CREW if name not in ("acceptor1", "shift_leader1")]
    victims = ("acceptor1", "shift_leader1")
    with open_hall(kind, request, tmp_path, (2,)) as hall:
        figures = console_kills(hall, ConsoleProcess, tmp_path, kills, new_seed(), crew, victims)
    say(f"console killed, {kind}: {figures.sentence()}")
    assert figures.verdict is not None
    figures.verdict.check()
    assert figures.kills == kills and figures.clicks > 20 * kills
