"""A list of cases in order: worked out on the spot when it is short, on a lane when it is long."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.case_columns import CaseColumns, Ints
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.queue_order import Ordered, order_plan
from console.viewmodels.queue_sight import first_of
from console.viewmodels.seat import SeatViewModel
from services.ports.picture import Projected

LANE = "queue"
Made = tuple[tuple[object, ...], Ordered, CaseColumns, int, tuple[object, dict[str, Projected]]]
AT_ONCE = 4000
"""A list of so few rows is ordered on the spot."""
CALM_MS = 250


class QueueListing(QObject):
    """Keeps the cases of one list in order.

    While a long list is ordered on the lane the old one stands. `shown(bool)` follows every order that is taken; it
    tells whether the lane made it. `wanted()` asks to be given the cases again: something changed meanwhile.
    """

    shown = Signal(bool)
    wanted = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Start with no case."""
        super().__init__(parent)
        self.seat = seat
        self.packed = b""
        self.question: tuple[object, ...] = ()
        self._ids: tuple[str, ...] | None = ()
        self._ordered: tuple[Ordered, CaseColumns, int] | None = None
        self._away, self._again = False, False
        self._asked: tuple[object, ...] = ()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.wanted)

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.packed) // 16

    @property
    def ids(self) -> tuple[str, ...]:
        """The cases in order; made when asked for."""
        if self._ids is None:
            book = self.seat.book.columns
            if self._ordered is not None and self._ordered[1:] == (book, book.layout):
                self._ids = tuple(book.ids[at] for at in self._ordered[0].slots.tolist())
            else:  # cases have moved to other slots since, or never had one
                packed = self.packed
                self._ids = tuple(str(UUID(bytes=packed[at : at + 16])) for at in range(0, len(packed), 16))
        return self._ids

    def put(
        self, columns: CaseColumns, shown: Ints, order: str, descending: bool, question: tuple[object, ...]
    ) -> None:
        """Order some cases; `question` names what the list answers (tab, filter, order)."""
        self._asked = question
        if self._away and len(shown) > AT_ONCE:
            self._again = True
            return
        layout = columns.layout
        work = order_plan(columns, shown, order, descending, self.seat, self.seat.now())
        if len(shown) <= AT_ONCE:
            self._again = False
            self._take(work(), columns, layout, question, away=False)
            return
        self._away = True

        fresh, picture, cases = question != self.question, self.seat.services.picture, self.seat.cases

        def away() -> Made:
            ordered = work()
            first = first_of(picture, ordered.packed) if fresh else {}
            return question, ordered, columns, layout, (cases, first)

        self.seat.background.submit(LANE, "queue-order", away, self._made, self._failed)

    def put_ready(self, ordered: Ordered, columns: CaseColumns, question: tuple[object, ...]) -> None:
        """Take cases that are in order already."""
        self._asked, self._again = question, False
        self._take(ordered, columns, columns.layout, question, away=False)

    def put_packed(self, packed: bytes, question: tuple[object, ...]) -> None:
        """Take cases that are in order already and have no slots."""
        self._asked, self._again = question, False
        if packed != self.packed:
            self.packed, self._ids = packed, None
        self._ordered, self.question = None, question
        self.shown.emit(False)

    def _made(self, made: Made) -> None:
        """Show what the lane ordered, unless something else is asked by now; what changed meanwhile follows."""
        question, ordered, columns, layout, (cases, first) = made
        if cases is self.seat.cases and isinstance(cases, CaseShelf):
            cases.keep(first)
        self._away = False
        same = question == self._asked
        if same:
            self._take(ordered, columns, layout, question, away=True)
        if self._again:
            self._again = False
            self._soon.start(CALM_MS if same else 0)

    def _failed(self, error: Exception) -> None:
        """Keep the rows that are shown; the next change tries again."""
        self._away = self._again = False
        self.seat.background.failed.emit(("queue-order", error))

    def _take(
        self, ordered: Ordered, columns: CaseColumns, layout: int, question: tuple[object, ...], *, away: bool
    ) -> None:
        """Take an order."""
        if ordered.packed != self.packed:
            self.packed, self._ids = ordered.packed, None
        self._ordered = ordered, columns, layout
        self.question = question
        self.shown.emit(away)


def nothing() -> Ints:
    """Return no slot."""
    return np.zeros(0, np.int64)
