"""What dialogs ask of all cases of a seat, answered by the columns of the book; only the few meant are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from console.viewmodels import queue_order
from console.viewmodels.case_columns import Bools
from console.viewmodels.seat import SeatViewModel
from services.domain.case import Case
from services.domain.states import DISPATCHED

MOST = 200
"""So many cases are read at most; a question that fits more must be asked more closely."""


def held_counts(seat: SeatViewModel) -> Counter[str]:
    """Count the cases every unit holds now."""
    columns = seat.book.columns
    held = queue_order.in_states(columns, *DISPATCHED) & (columns.dept > 0)
    counts = np.bincount(columns.dept[held], minlength=len(columns.depts))
    return Counter({columns.depts.codes[at]: int(counts[at]) for at in np.flatnonzero(counts).tolist()})


def applied_cases(seat: SeatViewModel) -> list[Case]:
    """Return the cases that wait for a decision on an application."""
    return _read(seat, np.asarray(seat.book.columns.applied, dtype=np.bool_))


def cases_near(seat: SeatViewModel, lon: float, lat: float, degrees: tuple[float, float]) -> list[Case]:
    """Return the cases within so many degrees of longitude and latitude of a point."""
    columns = seat.book.columns
    with np.errstate(invalid="ignore"):
        near = (np.abs(columns.lon - lon) <= degrees[0]) & (np.abs(columns.lat - lat) <= degrees[1])
    return _read(seat, near)


def cases_said(seat: SeatViewModel, words: Sequence[str]) -> list[Case]:
    """Return cases whose number, text, address or category holds every word; the latest when there are many."""
    columns, known = seat.book.columns, seat.rules.categories
    found = np.ones(columns.n, np.bool_)
    for word in words:
        folded = word.lower().encode()
        in_text = np.array([folded in text for text in columns.texts], dtype=np.bool_)
        in_name = np.array([code in known and word in known[code].name for code in columns.categories.codes])
        found &= in_text | in_name[columns.category]
    slots = np.flatnonzero(found)
    latest = slots[np.argsort(-columns.created[slots], kind="stable")][:MOST]
    chosen = np.zeros(columns.n, np.bool_)
    chosen[latest] = True
    return _read(seat, chosen)


def open_grids(seat: SeatViewModel) -> list[str]:
    """Return the grid of every open case that has one."""
    columns = seat.book.columns
    codes = columns.grids.codes
    return [codes[number] for number in columns.grid[columns.open].tolist() if number]


def _read(seat: SeatViewModel, chosen: Bools) -> list[Case]:
    """Read the cases of some slots."""
    ids = seat.book.ids_at(np.flatnonzero(chosen).tolist())
    return [entry.case for entry in seat.read_cases(ids).values()]
