"""Building a demo centre: areas, people, reference document and history into an empty database.

The history may be told by worker processes; this process brings it into order and writes it. Progress is
reported in cases.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from services.backend.db.opening import read_meta, write_meta
from services.backend.db.packing import compact
from services.backend.db.tables import areas as area_table
from services.backend.demo.bulk import Encoded, Stream, batches, encode
from services.backend.demo.geometry import District
from services.backend.demo.history import History
from services.backend.demo.roster import Roster
from services.backend.demo.sinks import SLOW_INDEXES, sink_for
from services.backend.places import touch_areas
from services.backend.reference.departments import with_streets
from services.backend.reference.load import load_reference, seal
from services.backend.reference_store import publish
from services.sql.engine import writing

Progress = Callable[[int, int], None]
BASEMAP_KEY = "basemap"
#: above this the slow indexes are made at the end
MANY = 20_000
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: how many cases in how many days before `now`, from which seed.

    `seal_every` is how many changes one seal covers; `workers` how many processes tell the history.
    """

    now: datetime
    cases: int
    days: int
    seed: int
    seal_every: int = 5000
    workers: int = 0


def demo_reference(district: District) -> dict[str, object]:
    """Return the reference document of a district: the shipped tables and its street offices, sealed."""
    streets = [(area.code, area.name) for area in district.areas if area.level == "street"]
    return seal(with_streets(load_reference(), streets))


def roster_doc(roster: Roster) -> list[dict[str, object]]:
    """Return the people as the reference document lists them."""
    return [
        {"id": p.id, "name": p.name, "roles": [p.role], "area_code": p.area_code, "dept": p.dept}
        for p in roster.people
    ]


def write_ground(conn: Connection, district: District, roster: Roster, doc: dict[str, object], now: datetime) -> int:
    """Write areas, base map and reference document; returns the number of the document."""
    officers = {p.area_code: p.name for p in roster.of("supervisor")}
    rows = [
        {
            "code": area.code,
            "level": area.level,
            "parent": area.parent,
            "name": area.name,
            "officer": officers.get(area.code[:12]) if len(area.code) >= 12 else None,
            "registered": True,
            "wkb": None if area.geometry is None else area.geometry.wkb,
        }
        for area in district.areas
    ]
    conn.execute(insert(area_table), rows)
    touch_areas(conn)
    write_meta(conn, BASEMAP_KEY, compact(district.base_map()))
    return publish(conn, {**doc, "roster": roster_doc(roster)}, now)


def write_history(conn: Connection, history: History, rules: int, plan: Plan, progress: Progress) -> None:
    """Write a whole history into a database without cases, in the caller's transaction."""
    key = read_meta(conn, "phone_key") or ""
    sink = sink_for(conn)
    done = 0
    for batch in batches(_encoded(history, rules, key, plan.workers), _CHUNK * 4, Stream(plan.seal_every)):
        sink.write(conn, batch)
        done += len(batch.cases)
        progress(done, len(history))
    sink.done(conn)


# -- telling, here or in other processes --------------------------------------------------------------------

_told: tuple[History, int, str] | None = None


def _encoded(history: History, rules: int, key: str, workers: int) -> Iterator[Encoded]:
    """Yield all stories as rows, in the order of birth."""
    if workers < 1 or "fork" not in multiprocessing.get_all_start_methods():
        return (encode(rank, history.story(rank), rules, key) for rank in range(len(history)))
    return chain.from_iterable(_from_workers(history, rules, key, workers))


def _from_workers(history: History, rules: int, key: str, workers: int) -> Iterator[list[Encoded]]:
    """Yield chunks told by other processes, in order, never more than a few ahead.

    The processes are forked so that they have district and births at hand; the caller has no threads.
    """
    global _told  # noqa: PLW0603  # what forked children inherit
    _told = (history, rules, key)
    starts = iter(range(0, len(history), _CHUNK))
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
            ahead: list[Future[list[Encoded]]] = []
            for start in starts:
                ahead.append(pool.submit(_tell_chunk, start))
                if len(ahead) > workers * 3:
                    yield ahead.pop(0).result()
            for future in ahead:
                yield future.result()
    finally:
        _told = None


def _tell_chunk(start: int) -> list[Encoded]:
    """Tell one stretch in a worker process."""
    if _told is None:
        raise RuntimeError("a worker without a history")
    history, rules, key = _told
    stop = min(start + _CHUNK, len(history))
    return [encode(rank, history.story(rank), rules, key) for rank in range(start, stop)]


def usable_workers() -> int:
    """Return how many processes may tell while this one writes."""
    return max(1, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else 1


__all__ = ["Plan", "demo_reference", "usable_workers", "write_ground", "write_history"]
