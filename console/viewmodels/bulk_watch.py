"""Follows acts on many cases after they have left, and tells once how they ended instead of once a case."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from console.notices.notice import GOOD, WARN, Notice, NoticeAction
from console.viewmodels.bulk_actions import act_word, tr
from console.viewmodels.bulk_hold import LIST, SecondThoughts, notice_key
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import APPLIED, ATTENTION, WAITING, SavedCommand

READ_MS = 500


class BulkWatch(QObject):
    """Reads the outbox while an act is under way."""

    def __init__(self, seat: SeatViewModel, thoughts: SecondThoughts, parent: QObject | None = None) -> None:
        """Listen to acts that leave."""
        super().__init__(parent)
        self.seat = seat
        self._under_way: set[str] = set()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(READ_MS)
        self._soon.timeout.connect(self._read)
        thoughts.over.connect(self.follow)
        seat.outbox_changed.connect(self._on_outbox)

    def follow(self, batch: str) -> None:
        """Watch an act until each of its cases has an answer."""
        self._under_way.add(batch)
        self._on_outbox()

    def _on_outbox(self, _counts: object = None) -> None:
        if self._under_way and not self._soon.isActive():
            self._soon.start()

    def _read(self) -> None:
        """Read the acts under way, on the store's lane."""
        batches, outbox = tuple(self._under_way), self.seat.services.outbox
        work = self.seat.background.submit
        work(STORE, "bulk-watch", lambda: [outbox.batch(batch) for batch in batches], self._have_read)

    def _have_read(self, acts: list[tuple[SavedCommand, ...]]) -> None:
        """Tell of the acts that have ended."""
        for commands in acts:
            if commands and not any(command.status == WAITING for command in commands):
                batch = commands[0].batch or ""
                self._under_way.discard(batch)
                self._tell(batch, commands)

    def _tell(self, batch: str, commands: tuple[SavedCommand, ...]) -> None:
        """Tell how an act of several cases ended; taken back whole, that was said already."""
        done = sum(command.status == APPLIED for command in commands)
        look = sum(command.status in ATTENTION for command in commands)
        if len(commands) < 2 or not done + look:
            return
        title = tr("{action}：{n} 件已办").format(action=act_word(commands[0].action), n=done)
        text = tr("{n} 件要看一下。").format(n=look) if look else ""
        acts = (NoticeAction(LIST, tr("看清单"), batch),)
        self.seat.notices.tell(Notice(WARN if look else GOOD, title, text, acts, notice_key(batch)))
