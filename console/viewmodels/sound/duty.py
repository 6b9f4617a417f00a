"""What is new among the cases of one post, read off the columns: arrivals, dangers, limits that came near or passed.

A look costs a few passes over the columns and the ids of what waits here, no case is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from console.viewmodels.case_columns import Bools, CaseColumns
from console.viewmodels.queue_tabs import late, my_turn
from services.domain.bands import BANDS
from services.domain.roles import Actor

_SOON = BANDS.index("soon")
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class DutyNews:
    """What is new since the last look.

    Attributes:
        arrived: a case came to this post or person that did not wait here before, and not by one's own act.
        urgent: 急要件 that came so, or were made urgent while they waited here.
        gone: 急要件 that no longer wait here.
        soon: a held case came near its limit.
        over: a held case passed its limit.
    """

    arrived: bool = False
    urgent: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    soon: bool = False
    over: bool = False


class Duty:
    """Remembers what waited at the last look. `look(..., quiet=True)` takes everything as known."""

    def __init__(self, actor: Actor) -> None:
        """Know nothing yet."""
        self._actor = actor
        self._turn = my_turn(actor.roles)
        self._waiting: Keys = np.zeros(0, np.uint64)
        self._urgent: frozenset[str] = frozenset()
        self._bands: dict[str, int] = {}

    def look(self, columns: CaseColumns, claimed: Iterable[str] = (), *, quiet: bool = False) -> DutyNews:
        """Return what is new; `claimed` are the cases this seat has claimed."""
        held = self._held(columns, claimed)
        mine = np.asarray((self._turn(columns) | held) & columns.open, dtype=np.bool_)
        arrived = self._arrived(columns, mine)
        urgent = self._ids(columns, mine & columns.urgent)
        own = self._ids(columns, mine & columns.urgent & columns.pending)
        fresh, gone = urgent - self._urgent - own, self._urgent - urgent
        self._urgent = urgent
        soon, over = self._moved(columns, held)
        return DutyNews() if quiet else DutyNews(arrived, fresh, gone, soon, over)

    def _held(self, columns: CaseColumns, claimed: Iterable[str]) -> Bools:
        """Tell which open cases this person holds: owned by name, or claimed."""
        held = np.zeros(columns.n, np.bool_)
        me = columns.holders.find(self._actor.id)
        if me > 0:
            held |= columns.holder == me
        slots = [columns.slot[case_id] for case_id in claimed if case_id in columns.slot]
        held[slots] = True
        return np.asarray(held & columns.open, dtype=np.bool_)

    @staticmethod
    def _ids(columns: CaseColumns, mask: Bools) -> frozenset[str]:
        return frozenset(columns.ids[at] for at in np.flatnonzero(mask).tolist())

    def _arrived(self, columns: CaseColumns, mine: Bools) -> bool:
        """Tell whether something waits that did not; what one has in hand oneself arrives in silence."""
        keys = np.sort(_keys(columns, mine))
        before, self._waiting = self._waiting, keys
        if np.array_equal(keys, before):
            return False
        others = np.sort(_keys(columns, mine & ~columns.pending))
        if not len(before):
            return bool(len(others))
        places = np.minimum(np.searchsorted(before, others), len(before) - 1)
        return bool((before[places] != others).any())

    def _moved(self, columns: CaseColumns, held: Bools) -> tuple[bool, bool]:
        """Tell whether the band of a held case became 将超时, or one of the late ones."""
        slots = np.flatnonzero(held).tolist()
        lates = late(columns)
        soon = over = False
        bands: dict[str, int] = {}
        for at in slots:
            case_id, band = columns.ids[at], int(columns.band[at])
            before = self._bands.get(case_id, band)
            was_late = BANDS[before].startswith("over")
            soon = soon or (band == _SOON and before == BANDS.index("ok"))
            over = over or (bool(lates[at]) and not was_late)
            bands[case_id] = band
        self._bands = bands
        return soon, over


def _keys(columns: CaseColumns, mask: Bools) -> Keys:
    """Return the random halves of some ids; that two of them are the same does not happen."""
    return np.ascontiguousarray(columns.keys[mask][:, 8:]).view(np.uint64).ravel()
