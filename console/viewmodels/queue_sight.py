"""The rows in sight of a list: read on a lane of their own, so that no file is read while a list is painted.

What a lane has read goes on the seat's shelf, where the view finds it; what the shelf has by then is newer and stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from PySide6.QtCore import QObject, Signal

from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import StoreError
from services.ports.picture import Picture, Projected

LANE = "sight"
PORTION = 32
"""So many cases are read at a time: the rows of a screen are here within a frame or two."""
MOST = 256
"""What was asked for before so many others is out of sight again."""
FIRST = 40
"""So many rows are read together with a new list: what a window shows at once."""
_ID = 16


class RowsInSight(QObject):
    """Reads the cases whose rows are looked at, the latest asked for first.

    `read(ids)` names cases that were asked for and can be shown now.
    """

    read = Signal(object)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Nothing is asked for yet."""
        super().__init__(parent)
        self.seat = seat
        self._wanted: dict[str, None] = {}
        self._away = False

    def here(self, case_id: str) -> bool:
        """Tell whether a case can be shown without reading a file."""
        cases = self.seat.cases
        return cases.kept(case_id) if isinstance(cases, CaseShelf) else True

    def want(self, ids: Iterable[str]) -> None:
        """Ask for cases; those that can be shown already are passed over."""
        for case_id in reversed([one for one in ids if not self.here(one)]):
            self._wanted.pop(case_id, None)
            self._wanted[case_id] = None
        while len(self._wanted) > MOST:
            del self._wanted[next(iter(self._wanted))]
        if self._wanted and not self._away:
            self._submit()

    def _submit(self) -> None:
        """Send the latest ones to the lane."""
        ids = list(islice(reversed(self._wanted), PORTION))
        for case_id in ids:
            del self._wanted[case_id]
        picture, cases = self.seat.services.picture, self.seat.cases
        self._away = True

        def work() -> tuple[list[str], object, dict[str, Projected]]:
            return ids, cases, cases_of(picture, ids)

        self.seat.background.submit(LANE, "sight", work, self._arrived, self._failed)

    def _arrived(self, answer: tuple[list[str], object, dict[str, Projected]]) -> None:
        """Put what was read on the shelf it was read for, and go on."""
        ids, cases, found = answer
        self._away = False
        if isinstance(cases, CaseShelf) and cases is self.seat.cases:
            cases.keep(found)
            self.read.emit(frozenset(found))
        else:  # a whole new copy came meanwhile
            self._wanted.update(dict.fromkeys(ids))
        if self._wanted and not self._away:
            self._submit()

    def _failed(self, error: Exception) -> None:
        """Leave the rows as they are; the next look asks again."""
        self._away = False
        self._wanted.clear()
        self.seat.background.failed.emit(("sight", error))


def cases_of(picture: Picture, ids: Iterable[str]) -> dict[str, Projected]:
    """Read some cases; none when the files are closed or busy. For any thread."""
    try:
        return picture.projects(ids)
    except StoreError:
        return {}


def first_of(picture: Picture, packed: bytes) -> dict[str, Projected]:
    """Read the first rows of a list of sixteen bytes a case. For any thread."""
    keys = [packed[at : at + _ID].hex() for at in range(0, min(len(packed), FIRST * _ID), _ID)]
    return cases_of(picture, [f"{k[:8]}-{k[8:12]}-{k[12:16]}-{k[16:20]}-{k[20:]}" for k in keys])
