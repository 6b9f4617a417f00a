"""When this person's shift began: at the first sign-in after a long pause, or at the last hand-over taken over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.viewmodels.seat import STORE, SeatViewModel

#: who comes back after so long begins a new shift (a choice of the product; shifts of centres are 8 to 12 hours)
PAUSE = timedelta(hours=14)
NAME = "shift.began"


class Shift(QObject):
    """Keeps the beginning of the shift over restarts of the console. `changed()` when it is known or moved."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Begin now, until the kept beginning has been read."""
        super().__init__(parent)
        self.seat = seat
        self.began_at: datetime = seat.now()
        self.known = False

    def load(self) -> None:
        """Read the kept beginning; one that is too old, or lies ahead, is replaced by now."""
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, "shift", lambda: settings.value(NAME), self._read)

    def restart(self) -> None:
        """Begin a new shift now."""
        self._set(self.seat.now())

    def _read(self, kept: Any) -> None:
        now = self.seat.now()
        try:
            began = datetime.fromisoformat(str(kept))
            good = timedelta(0) <= now - began < PAUSE
        except (ValueError, TypeError):
            good = False
        if good:
            self.began_at, self.known = began, True
            self.changed.emit()
        else:
            self._set(now)

    def _set(self, moment: datetime) -> None:
        self.began_at, self.known = moment, True
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, "shift-put", lambda: settings.put_value(NAME, moment.isoformat()))
        self.changed.emit()
