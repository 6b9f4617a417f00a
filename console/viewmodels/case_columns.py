"""The open cases of a seat as columns: what filters, counters, order and map ask of all of them at once.

A case has a slot; slots are dense (0 … n-1), the last one moves into a gap. Words are made elsewhere, for the few
rows that are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from console.viewmodels.limit_columns import (
    ODD,
    LimitFacts,
    WorkedTime,
    bands_at,
    left_at,
    limit_facts,
)
from maps.geometry.mercator import EARTH_RADIUS_M, MAX_LATITUDE
from services.domain.bands import BandSettings
from services.domain.clocks import Clock
from services.domain.states import STAGES, STATES
from services.ports.picture import Projected

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
STATE_AT = {state: at for at, state in enumerate(STATES)}
STAGE_AT = {stage: at for at, stage in enumerate(STAGES, 1)}
UNKNOWN = -1
"""Value of a derived column that must be worked out anew."""
NO_NUMBER = 1 << 62
Answer = Callable[[Sequence[str]], list[bool]]
"""Answers a question for some codes."""
MOST_TABLES = 64
"""So many questions about codes are remembered."""

_COLUMNS: dict[str, Any] = {
    "lon": np.float64, "lat": np.float64, "x": np.float64, "y": np.float64,
    "due": np.float64, "soon": np.float64, "left": np.float64, "created": np.float64,
    "number": np.int64, "stamp": np.int64,
    "grid": np.int32, "category": np.int32, "source": np.int32, "dept": np.int32, "holder": np.int32,
    "state": np.int8, "stage": np.int8, "urgency": np.int8, "kind": np.int8, "band": np.int8,
    "open": np.bool_, "urgent": np.bool_, "applied": np.bool_, "pending": np.bool_,
}  # fmt: skip


class Codes:
    """Codes by number; 0 is none. Numbers are given once and never taken back."""

    def __init__(self) -> None:
        """Start with none."""
        self.codes: list[str] = [""]
        self._at: dict[str, int] = {"": 0}

    def __len__(self) -> int:
        return len(self.codes)

    def number(self, code: str | None) -> int:
        """Return the number of a code, a new one when it is not known."""
        at = self._at.get(code or "")
        if at is None:
            assert code is not None
            at = self._at[code] = len(self.codes)
            self.codes.append(code)
        return at

    def find(self, code: str) -> int:
        """Return the number of a code, -1 when no case has it."""
        return self._at.get(code, -1)


class CaseColumns:
    """Columns of the open (or own undecided) cases.

    Columns are attributes of length `n`: degrees `lon`, `lat` and world metres `x`, `y` (NaN without a position),
    `due`, `soon`, `left`, `kind` (see `limit_columns`), `band` (place in `BANDS`), `created` (seconds since 1970),
    `number` (its digits), `grid`, `category`, `source`, `dept`, `holder` (the user) as numbers of `Codes`, `state` and
    `stage` by number, `urgency` 0–3, and the flags `open`, `urgent`, `applied` (waits for a decision on an
    application), `pending` (own undecided commands). `texts` are what a search looks through (number, description,
    address in lower case) in UTF-8: a sixth less memory than as words, and as quick to look through.
    """

    def __init__(self, worked: WorkedTime, bands: BandSettings) -> None:
        """Start with no case."""
        self.worked, self.bands = worked, bands
        self.ids: list[str] = []
        self.texts: list[bytes] = []
        self.slot: dict[str, int] = {}
        self.grids, self.categories, self.sources = Codes(), Codes(), Codes()
        self.depts, self.holders = Codes(), Codes()
        self._room = 256
        self._data = {name: np.zeros(self._room, kind) for name, kind in _COLUMNS.items()}
        self._keys = np.zeros((self._room, 16), np.uint8)
        self._derived: dict[str, npt.NDArray[np.int8]] = {}
        self._tables: dict[object, tuple[int, Bools]] = {}
        self.revision = 0
        """Grows with every change."""
        self.layout = 0
        """Grows when cases change their slots."""
        self._stamp = 0

    @property
    def n(self) -> int:
        """How many cases there are."""
        return len(self.ids)

    def __getattr__(self, name: str) -> npt.NDArray[Any]:
        """Return a column."""
        data = self.__dict__.get("_data")
        if data is None or name not in data:
            raise AttributeError(name)
        return data[name][: len(self.ids)]  # type: ignore[no-any-return]  # a dict of arrays of many types

    @property
    def keys(self) -> npt.NDArray[np.uint8]:
        """The ids as sixteen bytes each, shape `(n, 16)`."""
        return self._keys[: self.n]

    @property
    def placed(self) -> Bools:
        """Which cases have a usable position."""
        return np.asarray(np.isfinite(self.x), dtype=np.bool_)

    def derived(self, name: str) -> npt.NDArray[np.int8]:
        """Return an answer kept for each case (0, 1, or UNKNOWN since the case changed); made when first asked."""
        if name not in self._derived:
            self._derived[name] = np.full(self._room, UNKNOWN, np.int8)
        return self._derived[name][: self.n]

    def forget(self, name: str) -> None:
        """Drop an answer for all cases."""
        self._derived.pop(name, None)

    def by_code(self, column: npt.NDArray[Any], codes: Codes, key: object, answer: Answer) -> Bools:
        """Ask a column of codes: each code once, and once only as long as the question (`key`) is the same."""
        asked, table = self._tables.get(key, (0, np.zeros(0, np.bool_)))
        if asked != len(codes):
            more = np.array(answer(codes.codes[asked:]), dtype=np.bool_)
            table = np.concatenate([table, more])
            if len(self._tables) > MOST_TABLES:
                self._tables.clear()
            self._tables[key] = (len(codes), table)
        return np.asarray(table[column], dtype=np.bool_)

    # --- cases in and out -----------------------------------------------------------------------------

    def take(
        self,
        ids: list[str],
        texts: list[bytes],
        keys: npt.NDArray[np.uint8],
        values: Mapping[str, npt.NDArray[Any]],
    ) -> None:
        """Take a whole desk into empty columns; every column is given, of the length of `ids`."""
        n = len(ids)
        self.ids, self.texts, self.slot = ids, texts, {case_id: at for at, case_id in enumerate(ids)}
        self._room = max(self._room, n + 1024)
        self._keys = _grown(keys, self._room)
        self._data = {name: _grown(values[name].astype(kind), self._room) for name, kind in _COLUMNS.items()}
        self._derived.clear()
        self._stamp = n
        self.revision += 1
        self.layout += 1

    def put(self, entry: Projected, now: datetime) -> bool:
        """Take a case as it is now; True when it is new."""
        case = entry.case
        shown = entry.cached if entry.pending and entry.cached is not None else case
        at = self.slot.get(case.case_id)
        fresh = at is None
        if at is None:
            at = self._append(case.case_id)
        where = case.location
        x, y = world(where.lon, where.lat)
        self._stamp += 1
        self.revision += 1
        values: tuple[tuple[str, Any], ...] = (
            ("lon", degrees(where.lon)), ("lat", degrees(where.lat)), ("x", x), ("y", y),
            ("created", case.created_at.timestamp()), ("number", number_key(case.number)),
            ("stamp", self._stamp), ("grid", self.grids.number(case.grid)),
            ("category", self.categories.number(case.category)), ("source", self.sources.number(case.source)),
            ("dept", self.depts.number(case.lead_dept)), ("holder", self.holders.number(case.owner.user)),
            ("state", STATE_AT.get(shown.state, -1)), ("stage", STAGE_AT.get(shown.stage or "", 0)),
            ("urgency", 3 if case.urgent else case.level), ("open", shown.open or case.open),
            ("urgent", case.urgent), ("applied", bool(case.flags & {"extension_pending", "suspend_pending"})),
            ("pending", bool(entry.pending)),
        )  # fmt: skip
        for name, value in values:
            self._data[name][at] = value
        self.texts[at] = f"{case.number or ''} {case.description} {where.address}".lower().encode()
        self._put_limit(at, limit_facts(case.clock, now, self.worked, self.bands))
        for kept in self._derived.values():
            kept[at] = UNKNOWN
        return fresh

    def drop(self, case_id: str) -> bool:
        """Take a case out; False when it was not there."""
        at = self.slot.pop(case_id, None)
        if at is None:
            return False
        self.revision += 1
        self.layout += 1
        last = len(self.ids) - 1
        if at != last:
            self.ids[at], self.texts[at] = self.ids[last], self.texts[last]
            self.slot[self.ids[at]] = at
            for column in (*self._data.values(), *self._derived.values(), self._keys):
                column[at] = column[last]
        self.ids.pop()
        self.texts.pop()
        return True

    def _append(self, case_id: str) -> int:
        """Return a new slot.

        Raises:
            ValueError: the id is no UUID.
        """
        at, key = len(self.ids), bytes.fromhex(case_id.replace("-", ""))
        if at == self._room:
            self._room *= 2
            self._data = {name: _grown(column, self._room) for name, column in self._data.items()}
            self._derived = {name: _grown(column, self._room) for name, column in self._derived.items()}
            self._keys = _grown(self._keys, self._room)
        self.ids.append(case_id)
        self.texts.append(b"")
        self.slot[case_id] = at
        self._keys[at] = np.frombuffer(key, np.uint8)
        return at

    def _put_limit(self, at: int, facts: LimitFacts) -> None:
        """Write the facts of a clock."""
        data = self._data
        data["kind"][at], data["due"][at], data["soon"][at] = facts.kind, facts.due, facts.soon
        data["left"][at], data["band"][at] = facts.left, facts.band

    # --- the clock ------------------------------------------------------------------------------------

    def move_to(self, now: datetime) -> Ints:
        """Let the bands move to a moment; returns the slots whose band changed."""
        before = self.band
        after = bands_at(self.kind, self.due, self.soon, before, now, self.bands)
        changed = np.flatnonzero(before != after)
        if len(changed):
            self._data["band"][: self.n] = after
            self.revision += 1
        return changed

    def odd(self) -> Ints:
        """Return the slots whose clock must be read again as time goes on."""
        return np.flatnonzero(self.kind == ODD)

    def read_again(self, at: int, clock: Clock | None, now: datetime) -> bool:
        """Take the clock of one case anew; True when its band changed."""
        self.revision += 1
        before = int(self._data["band"][at])
        self._put_limit(at, limit_facts(clock, now, self.worked, self.bands))
        return before != int(self._data["band"][at])

    def remaining(self, now: datetime) -> Floats:
        """Return the seconds left of every case at a moment, 0 without a clock."""
        return left_at(self.kind, self.due, self.left, now, self.worked)


def world(lon: float | None, lat: float | None) -> tuple[float, float]:
    """Return world metres of a position, NaN where there is none that can be used."""
    if lon is None or lat is None or not (abs(lon) <= 180.0 and abs(lat) <= MAX_LATITUDE):
        return math.nan, math.nan
    # one by one, numpy's calls would cost more than the sum
    x = math.radians(lon) * EARTH_RADIUS_M
    return x, math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) * EARTH_RADIUS_M


def degrees(value: float | None) -> float:
    """Return a coordinate as a number, NaN for none."""
    return math.nan if value is None else value


def number_key(number: str | None) -> int:
    """Return a number that orders like the case number; what has none, or another form, comes last."""
    digits = (number or "").replace("-", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else NO_NUMBER


def _grown(column: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    """Return a column with more room."""
    more = np.zeros((room, *column.shape[1:]), column.dtype)
    more[: len(column)] = column
    return more
