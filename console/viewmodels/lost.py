"""Operations a restored centre no longer knows: told once, listed, sent again or let go as the operator decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import WARN, Notice, NoticeAction
from console.notices.outcomes import action_word, error_notice
from console.viewmodels.rows import short_number
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import LOST, OutboxCounts, SavedCommand


def tr(text: str) -> str:
    """Translate a sentence of the list."""
    return QCoreApplication.translate("Lost", text)


@dataclass(frozen=True, slots=True)
class LostLine:
    """One operation: id, what on which case, its address, and when it was done."""

    command_id: str
    case_id: str
    title: str
    label: str
    time: str


class LostNotice(QObject):
    """Tells of lost operations when there are more than before; stays as long as the seat."""

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the outbox."""
        super().__init__(parent)
        self._seat, self._seen = seat, 0
        seat.outbox_changed.connect(self._on_outbox)

    def _on_outbox(self, counts: object) -> None:
        """Say it once the count has grown; while cases are still looked up the same notice is written anew."""
        if not isinstance(counts, OutboxCounts):
            return
        before, self._seen = self._seen, counts.by_status.get(LOST, 0)
        if self._seen > before:
            text = tr("最近 7 天办过的操作里有 {n} 项，中心已不记得，请决定是否再次送出。").format(
                n=self._seen
            )
            look = NoticeAction("frame.lost", tr("逐项决定"))
            title = tr("中心恢复到了较早的数据")
            self._seat.notices.tell(Notice(WARN, title, text, (look,), key="lost"))


class LostViewModel(QObject):
    """Reads what was lost; `changed()` tells that `lines` is new, `settled()` that nothing is left to decide."""

    changed = Signal()
    settled = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the outbox and read it once."""
        super().__init__(parent)
        self.seat = seat
        self.lines: tuple[LostLine, ...] = ()
        seat.outbox_changed.connect(self._on_outbox)
        self.reload()

    def reload(self) -> None:
        """Read what was lost on the store's lane."""
        lost = self.seat.services.lost
        if lost is not None:
            self.seat.background.submit(STORE, "lost", lost.waiting_for_word, self._read)

    def send_again(self, command_ids: Sequence[str]) -> None:
        """Send the chosen ones again, under their own ids."""
        lost, chosen = self.seat.services.lost, tuple(command_ids)
        if lost is not None and chosen:
            self.seat.background.submit(
                STORE, "again", lambda: lost.send_again(chosen), self._acted, self._failed
            )

    def let_go(self, command_ids: Sequence[str]) -> None:
        """Do not send the chosen ones again."""
        lost, chosen = self.seat.services.lost, tuple(command_ids)
        if lost is not None and chosen:
            self.seat.background.submit(
                STORE, "let_go", lambda: lost.let_go(chosen), self._acted, self._failed
            )

    def _acted(self, _changed: object) -> None:
        self.reload()

    def _failed(self, error: Exception) -> None:
        """Say why it did not work; everything is as it was."""
        self.seat.notices.tell(error_notice(error))
        self.reload()

    def _on_outbox(self, _counts: object) -> None:
        self.reload()

    def _read(self, commands: tuple[SavedCommand, ...]) -> None:
        """Show fresh lines."""
        had = bool(self.lines)
        self.lines = tuple(self._line(command) for command in commands)
        self.changed.emit()
        if had and not self.lines:
            self.settled.emit()

    def _line(self, command: SavedCommand) -> LostLine:
        """Return the line of a command."""
        entry = self.seat.case(command.case_id)
        local = self.seat.rules.calendar.local(command.saved_at)
        number = short_number(entry.case.number if entry is not None else command.number, local.year)
        title = f"{number}  {action_word(command.action)}"
        return LostLine(
            command.command_id, command.case_id, title, command.label, local.strftime("%m-%d %H:%M")
        )
