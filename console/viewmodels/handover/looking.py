"""Which cases a brief has to look at: told by the columns of the seat's book, so that few are read from the file."""

from __future__ import annotations

import numpy as np

from console.viewmodels.case_columns import STATE_AT
from console.viewmodels.limit_columns import BAND_AT
from console.viewmodels.seat import SeatViewModel

#: with fewer open cases all of them are read; the file gives so many in a fraction of a second
FEW = 3000
#: sources whose cases another platform waits for
UPPER_SOURCES = ("upper", "transfer")


def candidates(seat: SeatViewModel) -> list[str]:
    """Return the ids of the open cases that may stand in a brief (main thread; no case is read)."""
    columns, now = seat.book.columns, seat.now()
    if columns.n == 0:
        return []
    chosen = np.array(columns.open, dtype=np.bool_)
    if int(chosen.sum()) > FEW:
        left = columns.remaining(now)
        slack = left - seat.usual_times.of(columns, seat.learned.experience)
        near = (left > 0) & ((slack < 0) | (columns.band == BAND_AT["soon"]))
        upper = columns.by_code(
            columns.source,
            columns.sources,
            "handover.upper",
            lambda codes: [code in UPPER_SOURCES for code in codes],
        )
        waiting = columns.state == STATE_AT["pending_sign"]
        chosen &= columns.urgent | columns.applied | waiting | near | upper
    return seat.book.ids_at(np.flatnonzero(chosen).tolist())


def late_count(seat: SeatViewModel) -> int:
    """Return how many open cases are past their limit."""
    columns = seat.book.columns
    return int((columns.open & (columns.remaining(seat.now()) < 0)).sum())
