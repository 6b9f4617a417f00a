"""In which order the cases of a queue stand; worked out on columns, for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from console.viewmodels.case_columns import STATE_AT, Bools, CaseColumns, Floats, Ints
from console.viewmodels.limit_columns import NONE, WORKING
from console.viewmodels.rows import category_name, dept_word, state_word, waiting_word
from console.viewmodels.seat import SeatViewModel
from services.domain.bands import BANDS
from services.domain.calendar import to_s
from services.domain.errors import CalendarError
from services.domain.states import STATES

#: bands in which a case can still be kept in time, and those already lost
KEEPABLE = ("soon", "ok")
LATE = ("over1", "over2", "over3")
RISK = "risk"
_FAR = 1e12
_STATES = tuple(STATES)
_Word = TypeVar("_Word", str, bytes)
_KEEPABLE = np.array([band in KEEPABLE for band in BANDS])
#: place of each band in the risk order: kept, late by band, then what stands still
_GROUP = np.array(
    [1.0 if band in KEEPABLE else 2.0 + LATE.index(band) if band in LATE else 5.0 for band in BANDS]
)


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Cases in order: their slots, and their ids packed in sixteen bytes each."""

    slots: Ints
    packed: bytes


def order_plan(
    columns: CaseColumns, slots: Ints, column: str, descending: bool, seat: SeatViewModel, now: datetime
) -> Callable[[], Ordered]:
    """Return what puts the slots into the order asked for; it rests on copies and may run on any thread.

    Args:
        columns: the cases.
        slots: those that are shown.
        column: `risk`, `limit`, `number`, `category`, `grid`, `source`, `stage`, `holder`, `urgency`, `summary`.
        descending: the other way round; equal ones stay in the order of their numbers.
        seat: gives words and rules.
        now: the moment.
    """
    ids = columns.keys[slots]
    if column == RISK:
        first, key = risk_keys(columns, seat, now)[slots], None
    else:
        first, key = columns.number[slots], _key(columns, slots, column, seat, now)

    def work() -> Ordered:
        order = _sorted(ids, first)
        if key is not None:
            chosen = -key[order] if descending else key[order]
            order = order[np.argsort(chosen, kind="stable")]
        return Ordered(slots[order], ids[order].tobytes())

    return work


def risk_keys(columns: CaseColumns, seat: SeatViewModel, now: datetime) -> Floats:
    """Return the place of every case in the risk order as one number.

    Urgent and safety first, then least slack first, then late, then suspended. Slack is the time left minus what the
    unit usually needs; a limit in working time has also the night before it. What is already late comes after what can
    still be kept: closing it never improves 按期 (design 3.1).
    """
    band = columns.band
    keepable = _KEEPABLE[band]
    group = _GROUP[band]
    group[columns.urgent | (keepable & safety(columns, seat))] = 0.0
    usual = np.where(keepable, seat.usual_times.of(columns, seat.learned.experience), 0.0)
    still = np.where(keepable & (columns.kind == WORKING), _standstill_s(seat, now), 0.0)
    return np.asarray(group * _FAR + columns.remaining(now) + still - usual, dtype=np.float64)


def _standstill_s(seat: SeatViewModel, now: datetime) -> float:
    """Return the seconds until working time counts again; 0 during working time, or where none is to come."""
    at = to_s(now)
    try:
        return float(seat.rules.calendar.add(at, 1, True) - 1 - at)
    except CalendarError:
        return 0.0


def safety(columns: CaseColumns, seat: SeatViewModel) -> Bools:
    """Tell which cases are of a category of safety."""
    known = seat.rules.categories

    def asked(codes: Sequence[str]) -> list[bool]:
        return [code in known and bool(known[code].safety) for code in codes]

    return columns.by_code(columns.category, columns.categories, ("safety", id(known)), asked)


def _sorted(ids: npt.NDArray[np.uint8], key: npt.NDArray[Any]) -> Ints:
    """Return places by a key, equal ones by case id; ids are looked at only where keys are equal."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    same = key[1:] == key[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        words = np.ascontiguousarray(ids[order[tied]]).view(">u8").reshape(-1, 2)
        order[tied] = order[tied][np.lexsort((words[:, 1], words[:, 0], key[tied]))]
    return order


def _key(columns: CaseColumns, slots: Ints, column: str, seat: SeatViewModel, now: datetime) -> Floats:
    """Return the number of each slot by which a column orders."""
    if column == "limit":
        left = columns.remaining(now)[slots]
        return np.where(columns.kind[slots] == NONE, np.inf, left)
    if column == "urgency":
        return -columns.urgency[slots].astype(np.float64)
    if column == "number":
        return columns.number[slots].astype(np.float64)
    if column == "summary":
        return _ranks([columns.texts[at] for at in slots.tolist()])
    return _word_key(columns, column, seat)[slots]


def _word_key(columns: CaseColumns, column: str, seat: SeatViewModel) -> Floats:
    """Return the rank of every case by a word that comes from a table."""
    if column == "stage":
        words = _ranks([state_word(state) for state in _STATES])
        return np.asarray(columns.stage * 100.0 + words[columns.state])
    if column == "holder":
        holders = [waiting_word(state) for state in _STATES]
        depts = [dept_word(code, seat) for code in columns.depts.codes]
        ranks = _ranks([*holders, *depts])
        by_state, by_dept = ranks[: len(holders)], ranks[len(holders) :]
        waits = np.array([bool(word) for word in holders])
        found = np.where(waits[columns.state], by_state[columns.state], by_dept[columns.dept])
        return np.asarray(found, dtype=np.float64)
    tables: dict[str, tuple[Sequence[str], Ints, Callable[[str], str]]] = {
        "category": (columns.categories.codes, columns.category, lambda code: category_name(code, seat)),
        "grid": (columns.grids.codes, columns.grid, seat.areas.name),
        "source": (columns.sources.codes, columns.source, lambda code: seat.rules.sources.get(code, code)),
    }
    if column not in tables:
        return np.zeros(columns.n)
    codes, numbers, word = tables[column]
    return np.asarray(_ranks([word(code) for code in codes])[numbers], dtype=np.float64)


def _ranks(words: Sequence[_Word]) -> Floats:
    """Return the rank of each word; equal words have the same."""
    rank = {word: float(at) for at, word in enumerate(sorted(set(words)))}
    return np.array([rank[word] for word in words])


def in_states(columns: CaseColumns, *states: str) -> Bools:
    """Tell which cases are in some states, as the centre knows them."""
    table = np.zeros(len(STATE_AT) + 1, np.bool_)  # the last place is for a state nobody knows
    table[[STATE_AT[state] for state in states]] = True
    return np.asarray(table[columns.state], dtype=np.bool_)
