"""How the operator wants the queue: columns, density, order; remembered for the user on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from console.viewmodels.queue_order import RISK
from console.viewmodels.seat import STORE, SeatViewModel

KEEP_AFTER_MS = 700
ORDERS = (RISK, "limit", "number", "category", "grid", "source", "stage", "holder", "urgency")


class QueueLook(QObject):
    """Reads what was remembered once, and writes it down when the hand has rested.

    `columns` is the document of the columns as the table wrote it (None: the shipped ones), `order` one of `ORDERS`.
    """

    def __init__(
        self, seat: SeatViewModel, name: str = "dispatch.queue", parent: QObject | None = None
    ) -> None:
        """Read what is there; whatever it is, usable values come out."""
        super().__init__(parent)
        self.seat, self._name = seat, name
        kept = seat.services.settings.value(name) if name else None
        doc: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
        columns, order = doc.get("columns"), doc.get("order")
        self.columns: Mapping[str, Any] | None = columns if isinstance(columns, Mapping) else None
        self.order = order if order in ORDERS else RISK
        self.descending = doc.get("descending") is True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._timer.timeout.connect(self.write)

    def keep_columns(self, columns: Mapping[str, Any] | None) -> None:
        """Remember the columns; None gives the shipped ones back."""
        if columns != self.columns:
            self.columns = columns
            self._timer.start()

    def keep_order(self, order: str, descending: bool) -> None:
        """Remember the order."""
        if (order, descending) != (self.order, self.descending):
            self.order, self.descending = order, descending
            self._timer.start()

    def write(self) -> None:
        """Write down now, on the store's lane; a look without a name is for the moment alone."""
        self._timer.stop()
        if not self._name:
            return
        doc = {
            "columns": dict(self.columns) if self.columns is not None else None,
            "order": self.order,
            "descending": self.descending,
        }
        name, settings = self._name, self.seat.services.settings
        self.seat.background.submit(STORE, name, lambda: settings.put_value(name, doc))
