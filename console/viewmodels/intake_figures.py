"""本席今日: what this seat did today, counted from its own commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import APPLIED, CONFLICT, REJECTED, WAITING, SavedCommand

HISTORY = 2000


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Commands of today by action that the centre applied or has not decided yet, and what became of the rest."""

    registered: int = 0
    accepted: int = 0
    filed: int = 0
    closed: int = 0
    answered: int = 0
    joined: int = 0
    waiting: int = 0
    refused: int = 0
    dispatched: int = 0
    forwarded: int = 0


class OwnFiguresViewModel(QObject):
    """Counts anew when the outbox changed; `changed()` follows."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the outbox."""
        super().__init__(parent)
        self._seat = seat
        self.figures = OwnFigures()
        seat.outbox_changed.connect(self._on_outbox)
        self._on_outbox(None)

    def _on_outbox(self, _counts: object) -> None:
        seat = self._seat
        outbox, local, today = seat.services.outbox, seat.rules.calendar.local, seat.now()

        def work() -> OwnFigures:
            day = local(today).date()
            own = [c for c in outbox.history(HISTORY) if local(c.saved_at).date() == day]
            return figures_of(own)

        seat.background.submit(STORE, "own-figures", work, self._on_counted)

    def _on_counted(self, figures: object) -> None:
        assert isinstance(figures, OwnFigures)
        self.figures = figures
        self.changed.emit()


def figures_of(commands: Iterable[SavedCommand]) -> OwnFigures:
    """Count commands; refused and conflicting ones count as refused only."""
    done: Counter[str] = Counter()
    waiting = refused = 0
    for command in commands:
        if command.status in (APPLIED, WAITING):
            done[command.action] += 1
            waiting += command.status == WAITING
        elif command.status in (REJECTED, CONFLICT):
            refused += 1
    return OwnFigures(
        done["register"], done["accept"], done["file"], done["close"], done["self_close"], done["log_call"],
        waiting, refused, done["dispatch"] + done["redispatch"], done["send_check"],
    )  # fmt: skip
