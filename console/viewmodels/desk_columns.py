"""Columns of a whole desk at once, from what the cache gives side by side; may run on any thread.

The same values as `CaseColumns.put` gives case by case (a test holds the two together), a hundred times quicker:
times of clocks that only run are worked out by arithmetic on all of them. The few clocks with a history (pauses,
extensions, suspensions) are read one by one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from console.viewmodels.case_columns import STAGE_AT, STATE_AT, CaseColumns, Codes, Floats, number_key
from console.viewmodels.limit_columns import (
    BAND_AT,
    NO_LIMIT,
    WALL,
    WORKING,
    LimitFacts,
    WorkedTime,
    bands_at,
    limit_facts,
    soon_room,
)
from maps.geometry.mercator import EARTH_RADIUS_M, MAX_LATITUDE
from services.domain.bands import BandSettings
from services.domain.calendar import WorkCalendar, from_s, to_s
from services.domain.case_doc import clock_from
from services.domain.limits import Limit
from services.ports.search import DeskColumns

Known = npt.NDArray[Any]
_LIMIT = '"limit":['
_APPLIED = ("extension_pending", "suspend_pending")


def columns_of(desk: DeskColumns, calendar: WorkCalendar, bands: BandSettings, now: datetime) -> CaseColumns:
    """Return the columns of a desk as they are at a moment.

    Raises:
        ValueError: an id is no UUID.
    """
    columns = CaseColumns(WorkedTime(calendar, now - timedelta(days=1)), bands)
    n = len(desk)
    ids = list(desk.case_id)
    keys = np.frombuffer(bytes.fromhex("".join(ids).replace("-", "")), np.uint8).reshape(n, 16)
    texts = [
        f"{number or ''} {said} {where}".lower().encode()
        for number, said, where in zip(desk.number, desk.description, desk.address, strict=True)
    ]
    urgent = np.array(desk.urgent, np.bool_)
    lon, lat = _degrees(desk.lon), _degrees(desk.lat)
    x, y = _world(lon, lat)
    columns.take(
        ids,
        texts,
        keys,
        {
            "lon": lon, "lat": lat, "x": x, "y": y,
            "created": np.array(desk.created_ms, np.float64) / 1000.0,
            "number": np.fromiter(map(number_key, desk.number), np.int64, n),
            "stamp": np.arange(1, n + 1),
            "grid": _numbers(desk.grid, columns.grids),
            "category": _numbers(desk.category, columns.categories),
            "source": _numbers(desk.source, columns.sources),
            "dept": _numbers(desk.lead_dept, columns.depts),
            "holder": _numbers(desk.owner_user, columns.holders),
            "state": _table(desk.state, {state: STATE_AT.get(state, -1) for state in set(desk.state)}),
            "stage": _table(desk.stage, {stage: STAGE_AT.get(stage or "", 0) for stage in set(desk.stage)}),
            "urgency": np.where(urgent, 3, np.array(desk.level, np.int8)),
            "urgent": urgent,
            "open": np.array(desk.open, np.bool_),
            "applied": _table(
                desk.flags, {flags: any(f in flags.split() for f in _APPLIED) for flags in set(desk.flags)}
            ),
            "pending": np.zeros(n, np.bool_),
            **_limits(desk, columns, now),
        },
    )  # fmt: skip
    return columns


def _degrees(values: Sequence[float | None]) -> Floats:
    """Return coordinates, NaN for none."""
    return np.array(values, dtype=np.float64)


def _world(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return world metres, NaN where a position cannot be used."""
    with np.errstate(invalid="ignore"):
        usable = (np.abs(lon) <= 180.0) & (np.abs(lat) <= MAX_LATITUDE)
        x = np.where(usable, np.radians(lon) * EARTH_RADIUS_M, math.nan)
        tangent = np.tan(math.pi / 4 + np.radians(np.where(usable, lat, 0.0)) / 2)
        return x, np.where(usable, np.log(tangent) * EARTH_RADIUS_M, math.nan)


def _numbers(values: Sequence[str | None], codes: Codes) -> Known:
    """Return the number of each code."""
    return _table(values, {code: codes.number(code) for code in dict.fromkeys(values)})


def _table(values: Sequence[Any], known: dict[Any, Any]) -> Known:
    """Look every value up."""
    return np.array(list(map(known.__getitem__, values)))


# --- time limits -----------------------------------------------------------------------------------------


def _limits(desk: DeskColumns, columns: CaseColumns, now: datetime) -> dict[str, Known]:
    """Return kind, due, soon, left and band of every case."""
    n = len(desk)
    facts = {
        "kind": np.full(n, NO_LIMIT.kind, np.int8), "due": np.full(n, NO_LIMIT.due),
        "soon": np.full(n, NO_LIMIT.soon), "left": np.full(n, NO_LIMIT.left),
        "band": np.full(n, NO_LIMIT.band, np.int8),
    }  # fmt: skip
    plain: list[int] = []
    rooms: list[float] = []
    working: list[bool] = []
    known: dict[str, tuple[float, bool]] = {}
    for at, doc in enumerate(desk.clock):
        if doc is None:
            continue
        if desk.due_ms[at] is None or _has_history(doc):
            _put(facts, at, limit_facts(clock_from("", json.loads(doc)), now, columns.worked, columns.bands))
            continue
        start = doc.index(_LIMIT) + len(_LIMIT)
        words = doc[start : doc.index("]", start)]
        if words not in known:
            limit = Limit(*json.loads(f"[{words}]"))
            seconds = limit.seconds(columns.worked.calendar.day_hours)
            known[words] = soon_room(seconds, columns.bands), limit.working
        plain.append(at)
        rooms.append(known[words][0])
        working.append(known[words][1])
    if plain:
        slots = np.array(plain)
        due = np.array([desk.due_ms[at] for at in plain], np.float64) // 1000
        _put_plain(facts, slots, due, np.array(rooms), np.array(working, np.bool_), columns, now)
    return facts


def _has_history(doc: str) -> bool:
    """Tell whether a ledger has more than a limit that runs."""
    return '"gaps"' in doc or '"more"' in doc or '"left"' in doc


def _put(facts: dict[str, Known], at: int, one: LimitFacts) -> None:
    """Write the facts of one clock."""
    for name in facts:
        facts[name][at] = getattr(one, name)


def _put_plain(
    facts: dict[str, Known],
    slots: Known,
    due: Floats,
    room: Floats,
    working: Known,
    columns: CaseColumns,
    now: datetime,
) -> None:
    """Write the facts of clocks that only run; `room` is how long before the deadline a limit counts as soon."""
    at = to_s(now)
    spans = WorkingSpans(columns.worked.calendar, at, float(due.max(initial=at)))
    wall = due - at
    left = np.where(
        wall < 0, wall, np.where(working, spans.worked(due) - spans.worked(np.array([float(at)])), wall)
    )
    ahead = np.ceil(left - room)
    soon = np.where(working, spans.after(np.maximum(ahead, 0.0)), at + ahead)
    facts["due"][slots] = due
    facts["soon"][slots] = np.where(left - room <= 0, -math.inf, soon)
    counts = working & (left >= 0)
    facts["kind"][slots] = np.where(counts, WORKING, WALL)
    facts["left"][slots] = left + np.where(counts, columns.worked.at(at), 0)
    band = np.full(len(slots), BAND_AT["ok"], np.int8)
    facts["band"][slots] = bands_at(facts["kind"][slots], due, facts["soon"][slots], band, now, columns.bands)


class WorkingSpans:
    """The working time between two moments as a line of steps: what `WorkCalendar` counts, for many at once."""

    def __init__(self, calendar: WorkCalendar, start: int, end: float) -> None:
        """Take the spans from `start` to the end of the day of `end`, seconds since 1970."""
        self._start = float(start)
        until = max(from_s(int(end)), from_s(start)) + timedelta(days=1)
        spans = list(calendar.spans(start, True, to_s(until)))
        self._from = np.array([a for a, _ in spans] or [start], np.float64)
        self._to = np.array([b for _, b in spans] or [start], np.float64)
        self._done = np.cumsum(self._to - self._from)

    def worked(self, moments: Floats) -> Floats:
        """Return the working seconds from the start to each moment; 0 before it."""
        at = np.searchsorted(self._to, moments, "left")
        whole = np.where(at > 0, self._done[np.maximum(at, 1) - 1], 0.0)
        inside = np.minimum(at, len(self._from) - 1)
        part = np.clip(moments - self._from[inside], 0.0, self._to[inside] - self._from[inside])
        return np.asarray(whole + np.where(at < len(self._from), part, 0.0))

    def after(self, seconds: Floats) -> Floats:
        """Return the moment at which so many seconds have been worked; no more are asked than there are."""
        at = np.minimum(np.searchsorted(self._done, seconds, "left"), len(self._done) - 1)
        return np.asarray(self._to[at] - (self._done[at] - seconds))
