"""关注: the list of watched cases, and the small dialog that sets a reminder."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.desk.words import moment_words, span_words
from console.windows.desk.desk_list import DeskList, ListLine
from services.domain.states import STATES
from widgets.dialogs.frame import DialogFrame
from widgets.forms.datetime_field import DateTimeField
from widgets.forms.fields import LineField
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.key_legend import KeyHint

BEFORE = {"before:1800": 1800, "before:3600": 3600, "before:14400": 14_400}


def tr(text: str) -> str:
    """Translate a word of the dialogs."""
    return QCoreApplication.translate("Watch", text)


class WatchDialog(DialogFrame):
    """The watch list. `case_wanted(str)` asks to show a case, `reminder_wanted(str)` to set a reminder."""

    case_wanted = Signal(str)
    reminder_wanted = Signal(str)

    def __init__(self, book: WatchBook, host: QWidget) -> None:
        """List the cases."""
        hints = (KeyHint(("Enter",), tr("看案件")), KeyHint(("Delete",), tr("取消关注")))
        super().__init__(
            host, tr("我的关注"), "", "star_filled", 860, main=tr("设提醒"), cancel=tr("关闭"), hints=hints
        )
        self.book = book
        self.list = DeskList(tr("我的关注"), self)
        self.list.setMinimumHeight(360)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        self.list.opened.connect(self._on_opened)
        QShortcut(QKeySequence(Qt.Key.Key_Delete), self).activated.connect(self.drop)
        book.changed.connect(self.show_model)
        book.seat.second.connect(self._on_second)
        self.show_model()

    def show_model(self) -> None:
        """Show the cases, what reminds first."""
        book, seat = self.book, self.book.seat
        now, calendar = seat.now(), seat.rules.calendar

        def order(case_id: str) -> tuple[int, str]:
            entry = book.entries[case_id]
            when = book.due(entry) if entry.reminds else None
            return (0, when.isoformat()) if when is not None else (1, entry.since.isoformat())

        lines = []
        for case_id in sorted(book.entries, key=order):
            entry, known = book.entries[case_id], seat.case(case_id)
            number, words = "", entry.label
            under = tr("已不在本机")
            if known is not None:
                case = known.case
                number = (case.number or "")[4:]
                words = " · ".join(part for part in entry.label.split(" · ") if part != case.number)
                left = ""
                if case.due_at is not None:
                    seconds = (case.due_at - now).total_seconds()
                    left = tr("余 {span}") if seconds >= 0 else tr("超 {span}")
                    left = left.format(span=span_words(abs(seconds)))
                under = " · ".join(part for part in (STATES[case.state].name, left, entry.note) if part)
            lines.append(
                ListLine(
                    case_id, words, number, under, book.words(entry), "star_filled",
                    "accent.base" if entry.reminds else "text.tertiary",
                )
            )  # fmt: skip
        empty = ListLine("none", tr("还没有关注的案件。在案件上按 Shift+S 加入。"), heading=True)
        self.list.show_lines(tuple(lines) or (empty,))
        self.head.subtitle.set_text(
            tr("{n} 件 · {at}").format(n=len(lines), at=moment_words(now, now, calendar))
        )
        self.set_main_reason("" if lines else tr("还没有关注的案件"))

    def accept(self) -> None:
        """Ask for a reminder for the case under the cursor."""
        if self.list.current in self.book.entries:
            self.reminder_wanted.emit(self.list.current)

    def drop(self) -> None:
        """Take the case under the cursor off the list."""
        if self.list.current in self.book.entries:
            self.book.toggle(self.list.current)

    def _on_opened(self, case_id: str) -> None:
        if case_id in self.book.entries:
            self.case_wanted.emit(case_id)
            self.reject()

    def _on_second(self, now: object) -> None:
        """Move the times on, once a minute is enough for words of minutes."""
        if isinstance(now, datetime) and now.second == 0:
            self.show_model()


class ReminderDialog(DialogFrame):
    """When a watched case should be called to mind."""

    def __init__(self, book: WatchBook, case_id: str, host: QWidget) -> None:
        """Offer usual moments, and one of one's own."""
        entry = book.entries.get(case_id)
        super().__init__(host, tr("设提醒"), entry.label if entry else "", "bell", 620, main=tr("设好"))
        self.book, self.case_id = book, case_id
        self.when = Segmented(
            (
                Segment("at", tr("到时间")), Segment("before:1800", tr("到期前 30 分")),
                Segment("before:3600", tr("到期前 1 小时")), Segment("before:14400", tr("到期前 4 小时")),
                Segment("none", tr("不提醒")),
            ),
            self, boxed=True,
        )  # fmt: skip
        self.when.setAccessibleName(tr("什么时候提醒"))
        calendar = book.seat.rules.calendar
        self.at = DateTimeField(tr("时间"), ZoneInfo(calendar.zone), parent=self)
        start = (
            entry.at
            if entry is not None and entry.at is not None
            else book.seat.now() + timedelta(minutes=30)
        )
        self.at.set_moment(calendar.local(start))
        self.note = LineField(tr("要提醒自己什么"), placeholder=tr("可以不填"), parent=self)
        self.note.set_text(entry.note if entry is not None else "")
        self.when.set_current(f"before:{entry.before_s}" if entry is not None and entry.before_s else "at")
        for part in (self.when, self.at, self.note):
            self.content.addWidget(part)
        self.set_first_field(self.when)

    def accept(self) -> None:
        """Set the reminder."""
        chosen, note = self.when.current, self.note.text().strip()
        if chosen == "at":
            moment = self.at.moment()
            if moment <= self.book.seat.now():
                self.at.set_error(tr("这个时间已经过了。"))
                return
            self.book.remind(self.case_id, moment, note=note)
        else:
            self.book.remind(self.case_id, before_s=BEFORE.get(chosen, 0), note=note)
        super().accept()
