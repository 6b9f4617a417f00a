"""The counters of a queue (待受理 … 已超时): how many cases there are of each, and the filter that lists them.

They are counted from the same columns as the queue, under the same filter but for the parts a counter itself stands
for: who clicks one sees as many rows as it said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from console.viewmodels.case_columns import STATE_AT
from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.queue_order import LATE
from services.domain.bands import BANDS

PARTS = ("states", "bands", "stages")
"""Parts of the filter a counter replaces."""
NO_COUNTER: dict[str, tuple[str, ...]] = dict.fromkeys(PARTS, ())


def tr(text: str) -> str:
    """Translate a word of the counters."""
    return QCoreApplication.translate("Counters", text)


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter: id, and the states or bands it counts."""

    id: str
    states: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The word on it."""
        words = {
            "reported": tr("待受理"), "verifying": tr("待核实"), "pending_filing": tr("待立案"),
            "pending_dispatch": tr("待派遣"), "returned": tr("回退"), "pending_sign": tr("待签收"),
            "handling": tr("处置中"), "feedback_review": tr("待批转"), "checking": tr("待核查"),
            "pending_close": tr("待结案"), "suspended": tr("挂账"), "soon": tr("将超时"), "late": tr("已超时"),
        }  # fmt: skip
        return words[self.id]

    def asked(self, wanted: CaseFilter) -> bool:
        """Tell whether a filter asks for exactly this counter."""
        return (wanted.states, wanted.bands, wanted.stages) == (self.states, self.bands, ())

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of the filter that list it."""
        return {"states": self.states, "bands": self.bands, "stages": ()}


COUNTERS = (
    Counter("reported", ("reported",)),
    Counter("verifying", ("verifying",)),
    Counter("pending_filing", ("pending_filing",)),
    Counter("pending_dispatch", ("pending_dispatch",)),
    Counter("returned", ("returned",)),
    Counter("pending_sign", ("pending_sign",)),
    Counter("handling", ("handling",)),
    Counter("feedback_review", ("feedback_review",)),
    Counter("checking", ("checking",)),
    Counter("pending_close", ("pending_close",)),
    Counter("suspended", ("suspended",)),
    Counter("soon", bands=("soon",)),
    Counter("late", bands=LATE),
)


def counts_of(filters: FilterModel) -> dict[str, int]:
    """Return how many open cases each counter has under the filter as it stands."""
    columns = filters.book.columns
    asked = filters.mask_but(*PARTS) & columns.open
    # one place more than there are states: a state nobody knows is counted nowhere
    by_state = np.bincount(columns.state[asked] + 1, minlength=len(STATE_AT) + 1)
    by_band = np.bincount(columns.band[asked], minlength=len(BANDS))
    return {
        counter.id: int(
            sum(by_state[STATE_AT[state] + 1] for state in counter.states)
            + sum(by_band[BANDS.index(band)] for band in counter.bands)
        )
        for counter in COUNTERS
    }
