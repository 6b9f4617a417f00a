"""本班经办: what I did in this shift, with counts; opens the case, goes to a table file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from console.notices.notice import ERROR, GOOD, Notice
from console.notices.outcomes import action_word
from console.viewmodels.desk.own_shift import OwnShift, status_word
from console.viewmodels.desk.words import moment_words
from console.viewmodels.rows import short_number
from console.windows.desk.desk_list import DeskList, ListLine
from services.ports.outbox import APPLIED, WAITING
from widgets.dialogs.frame import DialogFrame
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("OwnShift", text)


def ask_table(parent: QWidget, name: str) -> str:
    """Let the operator choose where the table goes; empty when he did not."""
    path, _ = QFileDialog.getSaveFileName(parent, tr("导出本班经办"), name, "CSV (*.csv)")
    return path


class OwnShiftDialog(DialogFrame):
    """The own operations of the shift. `case_wanted(str)` asks to show a case."""

    case_wanted = Signal(str)

    def __init__(
        self, model: OwnShift, host: QWidget, path_asked: Callable[[QWidget, str], str] = ask_table
    ) -> None:
        """Show what is known and read it anew."""
        hints = (KeyHint(("Enter",), tr("看案件")),)
        super().__init__(
            host, tr("本班经办"), "", "list", 860, main=tr("导出"), cancel=tr("关闭"), hints=hints
        )
        self.model = model
        self._ask_path = path_asked
        self.main_button.set_keys("Ctrl+S")
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.accept)
        self.counts = TextLabel("", "body", "text.primary", self, wrap=True)
        self.list = DeskList(tr("本班经办"), self)
        self.list.setMinimumHeight(380)
        self.content.addWidget(self.counts)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        self.list.opened.connect(self._on_opened)
        model.changed.connect(self.show_model)
        model.seat.outbox_changed.connect(self._on_outbox)
        self.show_model()
        model.load()

    def show_model(self) -> None:
        """Show counts and operations."""
        model, seat = self.model, self.model.seat
        now, calendar = seat.now(), seat.rules.calendar
        year = calendar.local(now).year
        began = moment_words(model.shift.began_at, now, calendar)
        self.head.subtitle.set_text(tr("{name} · 自 {began}").format(name=seat.actor.name, began=began))
        counts = " · ".join(f"{word} {n}" for word, n in model.counts)
        total = tr("经办 {n} 件").format(n=model.cases)
        self.counts.set_text(f"{total}：{counts}" if counts else tr("本班还没有已生效的操作。"))
        lines = []
        for row in model.rows:
            tone = {APPLIED: "text.tertiary", WAITING: "sla.soon.text"}.get(row.status, "sla.over2.text")
            words = " · ".join(part for part in (action_word(row.action), row.label) if part)
            number = short_number(row.number, year) if row.number else ""
            side = f"{status_word(row.status)}  {moment_words(row.at, now, calendar)}"
            lines.append(ListLine(row.command_id, words, number, side=side, tone=tone))
        empty = ListLine("none", tr("本班还没有办理操作。"), heading=True)
        self.list.show_lines(tuple(lines) or (empty,))
        self.set_main_reason("" if lines else tr("还没有可以导出的操作"))

    def _on_outbox(self, _counts: object) -> None:
        """Read again: something was decided meanwhile."""
        self.model.load()

    def _on_opened(self, key: str) -> None:
        row = next((row for row in self.model.rows if row.command_id == key), None)
        if row is not None:
            self.case_wanted.emit(row.case_id)
            self.reject()

    def accept(self) -> None:
        """Write the table."""
        if not self.model.rows:
            return
        local = self.model.seat.rules.calendar.local(self.model.seat.now())
        path = self._ask_path(self, tr("本班经办-{at}.csv").format(at=local.strftime("%Y%m%d-%H%M")))
        if not path:
            return
        notices = self.model.seat.notices
        try:
            Path(path).write_text(self.model.table(), encoding="utf-8", newline="")
        except OSError:
            notices.tell(Notice(ERROR, tr("没有导出：这个位置不能写入。"), path, key="own-shift"))
        else:
            notices.tell(Notice(GOOD, tr("本班经办已导出"), path, key="own-shift"))
