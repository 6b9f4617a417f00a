"""The one way from a worker thread to the main thread: a queued signal whose sender was made there.

A signal sender made inside a worker would run its slots on that worker, and a queued lambda is lost in silence
(measured on PySide6 6.11); so relays are made on the main thread and connected to bound methods only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class Relay(QObject):
    """Carries plain values to a bound method on the main thread; `post` may be called from any thread."""

    _arrived = Signal(object)

    def __init__(self, receiver: Callable[[object], None], parent: QObject | None = None) -> None:
        """Connect the receiver; must be called on the main thread."""
        super().__init__(parent)
        self._receiver = receiver
        self._open = True
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def post(self, value: object) -> None:
        """Hand a value over; after `close` it is dropped."""
        if self._open:
            self._arrived.emit(value)

    def close(self) -> None:
        """Stop delivering, also what is already under way."""
        self._open = False

    def _on_arrived(self, value: object) -> None:
        """Run on the main thread."""
        if self._open:
            self._receiver(value)
