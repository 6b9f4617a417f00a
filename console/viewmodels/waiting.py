"""The operations of this seat that wait: not sent yet, or decided otherwise than asked and in need of a look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.outcomes import action_word, error_notice
from console.viewmodels.command_fate import Look, fate_of
from console.viewmodels.rows import short_number
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import (
    CONFLICT,
    HELD,
    LOST,
    NEEDS_CONFIRM,
    WAITING,
    SavedCommand,
)


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("Waiting", text)


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One operation: what, on which case, since when, its mark, the reason, and what can be done (`acts`).

    `acts` are ids among `take_back`, `confirm`, `discard`, `again`, `let_go`.
    """

    command_id: str
    case_id: str
    title: str
    label: str
    time: str
    mark: str
    mark_icon: str
    tone: str
    why: str
    acts: tuple[tuple[str, str], ...]


class WaitingViewModel(QObject):
    """Reads the outbox; `changed()` tells that `lines` is new."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the outbox and read it once."""
        super().__init__(parent)
        self.seat = seat
        self.lines: tuple[WaitingLine, ...] = ()
        seat.outbox_changed.connect(self._on_outbox)
        self.reload()

    def reload(self) -> None:
        """Read the outbox on the store's lane."""
        outbox = self.seat.services.outbox

        def work() -> tuple[SavedCommand, ...]:
            return (*outbox.attention(), *outbox.waiting())

        self.seat.background.submit(STORE, "waiting", work, self._read)

    def act(self, act: str, command_id: str) -> None:
        """Take back, confirm again, or put aside one operation."""
        desk, outbox = self.seat.services.desk, self.seat.services.outbox
        acts: dict[str, Callable[[SavedCommand], object]] = {
            "take_back": desk.take_back,
            "confirm": desk.confirm_again,
            "discard": desk.discard,
            "send": lambda command: desk.bulk.release(command.batch or ""),
        }
        lost = self.seat.services.lost
        if lost is not None:
            acts["again"] = lambda command: lost.send_again([command.command_id])
            acts["let_go"] = lambda command: lost.let_go([command.command_id])

        def work() -> object:
            command = outbox.get(command_id)
            return acts[act](command) if command is not None else None

        self.seat.background.submit(STORE, f"{act}:{command_id}", work, self._acted, self._failed)

    def _acted(self, _result: object) -> None:
        """Look again; the desk has told the engine."""
        self.reload()

    def _failed(self, error: Exception) -> None:
        """Say why it did not work."""
        self.seat.notices.tell(error_notice(error))
        self.reload()

    def _on_outbox(self, _counts: object) -> None:
        self.reload()

    def _read(self, commands: tuple[SavedCommand, ...]) -> None:
        """Show fresh lines."""
        self.lines = tuple(self._line(command) for command in commands)
        self.changed.emit()

    def _line(self, command: SavedCommand) -> WaitingLine:
        """Return the line of a command."""
        mark, icon, tone = _look(command)
        entry = self.seat.case(command.case_id)
        local = self.seat.rules.calendar.local(command.saved_at)
        number = short_number(entry.case.number if entry is not None else command.number, local.year)
        return WaitingLine(
            command.command_id,
            command.case_id,
            f"{number}  {action_word(command.action)}",
            command.label,
            local.strftime("%m-%d %H:%M:%S"),
            mark,
            icon,
            tone,
            self._why(command),
            _acts(command),
        )

    def _why(self, command: SavedCommand) -> str:
        """Return the sentence that says why it waits."""
        if command.status == WAITING:
            return "" if command.tries == 0 else tr("已送出，等中心答复；会用同一编号再送，不会重复。")
        if command.status == CONFLICT and command.winner is not None:
            winner = command.winner
            at = self.seat.rules.calendar.local(winner.at).strftime("%H:%M") if winner.at else ""
            return tr("{who} {at} 已{did}。{more}").format(
                who=winner.actor, at=at, did=action_word(winner.action), more=winner.summary
            )
        if command.status == NEEDS_CONFIRM:
            return tr("操作时看到的画面已超过 10 分钟，请确认是否仍要办理。")
        if command.status == HELD:
            return tr("前一项没有按预想办成，这一项没有送出。")
        if command.status == LOST:
            return tr("中心恢复到了较早的数据，已不记得这项操作，请决定是否再次送出。")
        if command.problem is not None:
            return command.problem.title
        return command.reason.title if command.reason is not None else ""


def _look(command: SavedCommand) -> Look:
    """Return the look of a command's fate; in this list one that is held says that it has not left."""
    if command.staged:
        return tr("可撤销，还没有送出"), "clock", "sla.soon"
    word, icon, tone = fate_of(command)
    return word, icon, tone if tone.startswith("sla.") else "sla.ok"  # reasons are written in the tone


def _acts(command: SavedCommand) -> tuple[tuple[str, str], ...]:
    """Return what can be done about a command."""
    if command.staged:
        return (("send", tr("现在送出")), ("take_back", tr("撤回")))
    if command.status == WAITING:
        return (("take_back", tr("撤回")),) if command.tries == 0 else ()
    if command.status == LOST:
        return (("again", tr("再次送出")), ("let_go", tr("不再送")))
    if command.status in (NEEDS_CONFIRM, HELD):
        return (("confirm", tr("仍要办理")), ("discard", tr("不做了")))
    if command.status == CONFLICT:
        return (("resolve", tr("处理…")),)
    return (("discard", tr("知道了")),)
