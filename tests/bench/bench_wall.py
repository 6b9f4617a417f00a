"""Bench of the wall's figures (`make bench ONLY=wall`): every figure of a year of 2,000,000 cases, from the sums.

`wall.kpi`: the slowest figure of the wall over the whole year in any grouping, against a count from scratch out of what
each case contributes (all figures of a grouping at once); `all_figures_ms` is sixty figures in one question. Both ways
must be equal in every grouping. The cases are told by the law
once for each way a case may go; their contributions are then spread over a year of days, streets, units, categories and
sources. `GRIDDESK_WALL_CASES` makes it smaller.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from services.backend.db.opening import open_database
from services.backend.kpi.asking import figures, sides
from services.backend.kpi.counting import Ask, Counts, _from_rows, count
from services.backend.kpi.following import add_sums
from services.backend.kpi.parts import ALL, CATEGORY, DEPT, POST, SOURCE, SumKey, case_rows, counts_of
from services.backend.kpi.seeds.plans import Way
from services.backend.kpi.seeds.telling import Birth, Teller
from services.backend.kpi.spans import Period, day_number, month_of
from services.backend.reference.kpis import catalogue_of
from services.backend.reference.load import load_reference, rules_from
from services.domain.facts import CaseFacts, fold
from services.domain.roles import Actor
from services.sql.engine import reading, writing

AREA = "wall"
CASES = int(os.environ.get("GRIDDESK_WALL_CASES", "2000000"))
ROUNDS = 7
YEAR = 2025
STREETS, DEPTS, CATEGORIES, SOURCES = 21, 30, 150, 11
#: how often each way is gone, of a thousand; three of them are open and overdue
MIX: tuple[tuple[Way, int], ...] = (
    (Way(1), 617), (Way(1, late=True), 80), (Way(1, wrong_first=True), 40), (Way(1, late_dispatch=True), 20),
    (Way(1, "hotline", "hotline", until="answer", marks=4), 100), (Way(1, "hotline", "hotline", marks=2), 50),
    (Way(1, "grid", "grid_worker"), 70), (Way(1, until="accept"), 20), (Way(1, until="dispatch", late=True), 3),
)  # fmt: skip
#: the wall's questions: figures of the operation, and what its pages group them by
QUESTIONS = ("none", "dept", "area", "month", "category", "source")


def tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def templates() -> list[list[dict[str, Any]]]:
    """The rows of one case of each way, born on the first of January."""
    doc = load_reference()
    rules = rules_from(doc)
    catalogue, teller = catalogue_of(doc), Teller(rules)
    found = []
    for n, (way, _) in enumerate(MIX):
        story = teller.tell(Birth(datetime(YEAR, 1, 1, 1, tzinfo=UTC), f"{YEAR}0101-{n:04d}", way, n))
        facts: CaseFacts | None = None
        for step in story.steps:
            facts = fold(facts, step.case, step.command.action, step.actor.id, step.at, step.command.payload)
        assert facts is not None
        found.append(case_rows(catalogue, rules.calendar, facts, story.case))
    return found


_INSERT = (
    "INSERT INTO kpi_parts (case_id, n, version, day, ripe_at, grid, category, source, dept, post, counts)"
    " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def fill(engine: Engine, cases: int) -> None:
    """Put the contributions of so many cases, and their sums, into an empty database."""
    made, rng = templates(), np.random.default_rng(7)
    shares = np.array([share for _, share in MIX]) / 1000
    way = rng.choice(len(made), cases, p=shares)
    drawn = {
        "shift": np.arange(cases) * 350 // cases,
        "street": rng.integers(0, STREETS, cases),
        "dept": rng.integers(0, DEPTS, cases),
        "category": rng.integers(0, CATEGORIES, cases),
        "source": rng.integers(0, SOURCES, cases),
        "grid": rng.integers(0, 900, cases),
    }
    with writing(engine) as conn:
        conn.execute(text("DROP INDEX ix_kpi_parts_day"))
        for start in range(0, cases, 20_000):
            if start % 200_000 == 0:
                tell(f"  {start} of {cases} cases")
            conn.exec_driver_sql(_INSERT, list(_parts(made, way, drawn, start, min(start + 20_000, cases))))
        conn.execute(text("CREATE INDEX ix_kpi_parts_day ON kpi_parts (day)"))
        tell("  sums")
        add_sums(conn, _sums(made, way, drawn))
        conn.execute(text("ANALYZE"))


def _parts(
    made: list[list[dict[str, Any]]], way: Any, drawn: dict[str, Any], start: int, stop: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a stretch of cases: the template's, on another day, in another place, for another unit."""
    cut = {name: values[start:stop].tolist() for name, values in drawn.items()}
    for n, kind in enumerate(way[start:stop].tolist()):
        shift, spot = cut["shift"][n], cut["grid"][n]
        grid = f"{_street(cut['street'][n])}{1 + spot // 90:03d}{1 + spot % 90:03d}"
        category, source = f"event-{cut['category'][n]:04d}", f"source{cut['source'][n]}"
        case_id = (start + n).to_bytes(16, "big")
        for row in made[kind]:
            ripe = None if row["ripe_at"] is None else row["ripe_at"] + shift * 86_400_000
            unit = f"dept{cut['dept'][n]:02d}" if row["dept"] else ""
            yield (
                case_id, row["n"], row["day"] + shift, ripe, grid, category, source, unit, row["post"], row["counts"]
            )  # fmt: skip


def _street(number: int) -> str:
    return f"990201{1 + number:03d}"


def _sums(made: list[list[dict[str, Any]]], way: Any, drawn: dict[str, Any]) -> dict[SumKey, int]:
    """The sums of all cases, one array at a time: how many cases share a cell, times what a template gives."""
    found: dict[SumKey, int] = {}
    for kind, rows in enumerate(made):
        chosen = {name: values[way == kind] for name, values in drawn.items()}
        for row in rows:
            if row["ripe_at"] is None:
                _row_sums(found, row, chosen)
    return found


def _row_sums(found: dict[SumKey, int], row: dict[str, Any], chosen: dict[str, Any]) -> None:
    """Add what one row of a template gives in all its cases."""
    counts = counts_of(row["counts"])
    days = row["day"] + chosen["shift"]
    known = np.unique(days)
    by_month = np.array([month_of(int(day)) for day in known])[np.searchsorted(known, days)]
    nothing = np.zeros_like(days)
    keys = (
        (ALL, nothing, [""]), (POST, nothing, [row["post"]]),
        (DEPT, chosen["dept"] if row["dept"] else nothing,
         [f"dept{n:02d}" for n in range(DEPTS)] if row["dept"] else [""]),
        (CATEGORY, chosen["category"], [f"event-{n:04d}" for n in range(CATEGORIES)]),
        (SOURCE, chosen["source"], [f"source{n}" for n in range(SOURCES)]),
    )  # fmt: skip
    for cube, key, names in keys:
        for spans in (days, by_month):
            _cells(found, counts, (cube, nothing, ["990201"]), spans, (key, names))
            if cube == ALL or (cube == DEPT and spans is by_month):
                streets = [_street(n) for n in range(STREETS)]
                _cells(found, counts, (cube, chosen["street"], streets), spans, (key, names))


def _cells(
    found: dict[SumKey, int], counts: dict[str, int], where: tuple[str, Any, list[str]], spans: Any,
    key: tuple[Any, list[str]],
) -> None:  # fmt: skip
    """Count the cases of each cell and add them."""
    cube, area, areas = where
    combined = (spans.astype(np.int64) * len(areas) + area) * len(key[1]) + key[0]
    cells, times = np.unique(combined, return_counts=True)
    for cell, many in zip(cells.tolist(), times.tolist(), strict=True):
        rest, at = divmod(cell, len(key[1]))
        span, place = divmod(rest, len(areas))
        for measure, amount in counts.items():
            name = (measure, cube, areas[place], span, key[1][at])
            found[name] = found.get(name, 0) + many * amount


def scratch(conn: Connection, ask: Ask, measures: frozenset[str]) -> Counts:
    """The same counts from what each case contributes: no sums."""
    found: Counts = {}
    _from_rows(conn, ask, measures, found, ripe_only=False)
    return found


def whole(counts: Counts) -> Counts:
    """Counts without zeros."""
    held = {group: {m: n for m, n in named.items() if n} for group, named in counts.items()}
    return {group: named for group, named in held.items() if named}


def _median(engine: Engine, catalogue: Any, definitions: list[Any], ask: Ask) -> tuple[float, float, float]:
    """Milliseconds of a question answered whole after a warm-up: median, slowest, median of its own work."""
    times, work = [], []
    for _ in range(ROUNDS + 1):
        begun, used = time.perf_counter(), time.process_time()
        with reading(engine) as conn:
            answered = figures(conn, catalogue, definitions, ask)
            _ = [sides(found) for held in answered.values() for found in held.values()]
        times.append((time.perf_counter() - begun) * 1000)
        work.append((time.process_time() - used) * 1000)
    return statistics.median(times[1:]), max(times[1:]), statistics.median(work[1:])


def run() -> Iterator[dict[str, Any]]:
    """Fill a year and ask the wall's questions."""
    catalogue = catalogue_of({})
    wall = [d for d in catalogue.definitions.values() if d.kind in ("ratio", "mean", "count")]
    wall = [d for d in wall if d.id not in catalogue.measures]
    measures = frozenset(name for d in wall for name in d.measures)
    actor = Actor("u", "大屏", ("leader",), "990201", None)
    period = Period(day_number(date(YEAR, 1, 1)), day_number(date(YEAR + 1, 1, 1)))
    with tempfile.TemporaryDirectory(prefix="griddesk-wall-") as folder:
        engine = open_database(f"sqlite:///{Path(folder) / 'centre.db'}")
        started = time.monotonic()
        fill(engine, CASES)
        tell(f"  {CASES} cases in {time.monotonic() - started:.0f} s")
        base = Ask(actor, period, None, "none", datetime(YEAR, 12, 31, tzinfo=UTC) + timedelta(days=1))
        pages = {
            name: _median(engine, catalogue, wall, replace(base, group_by=name))[0] for name in QUESTIONS
        }
        worst: dict[str, Any] = {"ours_ms": 0.0}
        for group_by in QUESTIONS:
            for definition in wall:
                ms, tail, work = _median(engine, catalogue, [definition], replace(base, group_by=group_by))
                if ms > worst["ours_ms"]:
                    worst = {
                        "ours_ms": ms,
                        "p99_ms": tail,
                        "cpu_ms": work,
                        "question": f"{definition.id} by {group_by}",
                    }
        equal, peer_ms = True, 0.0
        for group_by in QUESTIONS:
            ask = replace(base, group_by=group_by)
            begun = time.perf_counter()
            with reading(engine) as conn:
                counted = scratch(conn, ask, measures)
                peer_ms = max(peer_ms, (time.perf_counter() - begun) * 1000)
                equal = equal and whole(count(conn, ask, measures)) == whole(counted)
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
        engine.dispose()
    yield {
        "bench": "wall.kpi", "ours_ms": round(worst["ours_ms"], 2), "peer": "counted from scratch",
        "peer_ms": round(peer_ms, 1), "ratio": round(worst["ours_ms"] / peer_ms, 6), "n": CASES,
        "p99_ms": round(worst["p99_ms"], 2), "cpu_ms": round(worst["cpu_ms"], 2),
        "question": worst["question"], "figures": len(wall), "equal": equal,
        "all_figures_ms": {name: round(ms, 2) for name, ms in pages.items()}, "database_mib": round(size),
        "memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip
