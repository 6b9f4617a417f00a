"""Rows that stand out once: which, and how strongly now (DESIGN §2.4)."""

from collections.abc import Iterable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from widgets.theme import theme

_FRAME_MS = 40
MOST_MOVING = 3
"""More rows than this do not fade (DESIGN §2.4): they stand out evenly, and stop at once."""


class RowGlow(QObject):
    """Fades the ground of single rows from 1 to 0 over 1600 ms; does nothing with reduced motion.

    While more than three stand out none of them fades: each keeps its full ground until its time is over.

    Signals:
        frame(tuple[str, ...]): these cases must be painted again.
    """

    frame = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._started: dict[str, float] = {}
        self._even: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self.advance)

    @property
    def active(self) -> bool:
        """Whether anything still fades."""
        return bool(self._started)

    def start(self, case_ids: Iterable[str]) -> None:
        """Let cases stand out from now on."""
        if not theme().duration("new_row_highlight_ms"):
            return
        now = monotonic()
        fresh = dict.fromkeys(case_ids, now)
        if not fresh:
            return
        self._started.update(fresh)
        if len(self._started) > MOST_MOVING:
            self._even.update(self._started)
        self._timer.start()
        self.frame.emit(tuple(fresh))

    def strength(self, case_id: str) -> float:
        """Return how strongly a case stands out: 1 at first, 0 when over or never started."""
        started = self._started.get(case_id)
        if started is None:
            return 0.0
        total = theme().metric("motion.new_row_highlight_ms") / 1000
        left = max(0.0, 1.0 - (monotonic() - started) / total)
        return 1.0 if left > 0 and case_id in self._even else left

    def advance(self) -> None:
        """Ask for one more picture of the rows that fade or are over; forget those that are over."""
        before = tuple(self._started)
        over = {case_id for case_id in before if self.strength(case_id) <= 0}
        for case_id in over:
            del self._started[case_id]
        self._even &= self._started.keys()
        if not self._started:
            self._timer.stop()
        moving = tuple(case_id for case_id in before if case_id in over or case_id not in self._even)
        if moving:
            self.frame.emit(moving)
