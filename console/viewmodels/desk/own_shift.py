"""本班经办: what this person did in this shift, from the own outbox, with counts; and the same as a table file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.outcomes import action_word
from console.viewmodels.desk.shift import Shift
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.outbox import (
    APPLIED,
    CONFLICT,
    DISCARDED,
    HELD,
    INVALID,
    LOST,
    NEEDS_CONFIRM,
    REJECTED,
    REPLACED,
    WAITING,
    SavedCommand,
)

MOST = 5000


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("OwnShift", text)


def status_word(status: str) -> str:
    """Return what became of an operation."""
    words = {
        APPLIED: tr("已生效"), WAITING: tr("待发送"), CONFLICT: tr("对方先办"), REJECTED: tr("未通过"),
        NEEDS_CONFIRM: tr("需再确认"), INVALID: tr("中心收不下"), HELD: tr("已暂停"), DISCARDED: tr("已撤回"),
        REPLACED: tr("已重做"), LOST: tr("中心已不记得"),
    }  # fmt: skip
    return words.get(status, status)


@dataclass(frozen=True, slots=True)
class Done:
    """One operation of the shift: on which case, what, when saved, when decided, what became of it."""

    command_id: str
    case_id: str
    number: str
    action: str
    label: str
    at: datetime
    decided_at: datetime | None
    status: str


class OwnShift(QObject):
    """Reads the own operations since the shift began. `changed()` when `rows` is new."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, shift: Shift, parent: QObject | None = None) -> None:
        """Start empty; `load` reads."""
        super().__init__(parent)
        self.seat, self.shift = seat, shift
        self.rows: tuple[Done, ...] = ()

    def load(self) -> None:
        """Read the operations since the beginning of the shift, newest first."""
        outbox, began, me = self.seat.services.outbox, self.shift.began_at, self.seat.actor.id

        def work() -> tuple[SavedCommand, ...]:
            return tuple(
                command
                for command in outbox.history(MOST)
                if command.saved_at >= began and command.user_id == me
            )

        self.seat.background.submit(STORE, "own-shift", work, self._read)

    def _read(self, commands: tuple[SavedCommand, ...]) -> None:
        rows = []
        for command in commands:
            entry = self.seat.case(command.case_id)
            number = command.number or (entry.case.number if entry is not None else None) or ""
            rows.append(
                Done(
                    command.command_id, command.case_id, number, command.action, command.label, command.saved_at,
                    command.decided_at, command.status,
                )
            )  # fmt: skip
        self.rows = tuple(rows)
        self.changed.emit()

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return how many took effect by action, the most first; operations taken back are not counted."""
        found = Counter(row.action for row in self.rows if row.status == APPLIED)
        return tuple((action_word(action), n) for action, n in found.most_common())

    @property
    def cases(self) -> int:
        """Return how many different cases were acted on with effect."""
        return len({row.case_id for row in self.rows if row.status == APPLIED})

    def table(self) -> str:
        """Return the list as CSV for a spreadsheet (with a mark of the encoding for Excel)."""
        calendar = self.seat.rules.calendar
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow((tr("时间"), tr("案号"), tr("办理"), tr("结果"), tr("中心答复时间"), tr("摘要")))
        for row in self.rows:
            decided = calendar.local(row.decided_at).strftime("%Y-%m-%d %H:%M:%S") if row.decided_at else ""
            at = calendar.local(row.at).strftime("%Y-%m-%d %H:%M:%S")
            writer.writerow(
                plain((at, row.number, action_word(row.action), status_word(row.status), decided, row.label))
            )
        return "\ufeff" + out.getvalue()


def plain(cells: Sequence[str]) -> list[str]:
    """Return cells that no spreadsheet takes for a formula."""
    return [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
