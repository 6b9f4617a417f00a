"""The only place that speaks to the operator: every notice passes here and can be looked at again."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Signal

from console.notices.notice import Notice

KEPT = 200


class NoticeCentre(QObject):
    """Takes notices and hands them on; keeps the last 200 for the bell."""

    raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._kept: deque[Notice] = deque(maxlen=KEPT)
        self.unseen = 0

    @property
    def kept(self) -> tuple[Notice, ...]:
        """Return the notices of this session, newest first."""
        return tuple(reversed(self._kept))

    def tell(self, notice: Notice) -> None:
        """Raise a notice."""
        self._kept.append(notice)
        self.unseen += 1
        self.raised.emit(notice)

    def seen(self) -> None:
        """Count the kept ones as seen."""
        self.unseen = 0
