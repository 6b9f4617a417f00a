"""Marks on callers: the line at the telephone field of intake, the list, and the dialog that sets one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.desk.caller_marks import CallerMarks
from console.viewmodels.desk.words import moment_words
from console.windows.desk.desk_list import DeskList, ListLine
from services.ports.handover import CallerMark
from widgets.dialogs.frame import DialogFrame
from widgets.forms.fields import LineField
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the marks."""
    return QCoreApplication.translate("CallerMarks", text)


class MarkBar(NoticeBar):
    """Says at intake that a number is marked; nothing is blocked. Stands in a column above `below`."""

    def __init__(self, marks: CallerMarks, phone: LineField, column: QVBoxLayout, below: QWidget) -> None:
        """Follow a telephone field."""
        super().__init__("warning", parent=below.parentWidget())
        self.marks = marks
        column.insertWidget(column.indexOf(below), self)
        self.hide()
        marks.matched.connect(self._on_matched)
        phone.editor.textChanged.connect(marks.typed)

    def _on_matched(self, mark: object) -> None:
        self.setVisible(isinstance(mark, CallerMark))
        if isinstance(mark, CallerMark):
            seat = self.marks.seat
            until = moment_words(mark.until, seat.now(), seat.rules.calendar)
            title = tr("这个号码有标记：{reason}").format(reason=mark.reason)
            text = tr("{by} 标记，至 {until}；标记时近 30 天来电 {n} 次。照常受理，标记不拦截。").format(
                by=mark.by, until=until, n=mark.calls
            )
            self.set_notice("warning", title, text)


class MarkDialog(DialogFrame):
    """Sets a mark on the caller of a case, or on a number."""

    def __init__(self, marks: CallerMarks, host: QWidget, case_id: str = "") -> None:
        """Ask for number (without a case), reason and time."""
        entry = marks.seat.case(case_id) if case_id else None
        number = (entry.case.number or "") if entry is not None else ""
        super().__init__(host, tr("标记来电号码"), number, "flag", 560, main=tr("标记"))
        self.marks, self.case_id = marks, case_id if entry is not None else ""
        why = tr("受理席来电号码相符时显示这条标记，不拦截、不影响受理。标记和取消都记入审计。")
        self.content.addWidget(TextLabel(why, "body", "text.secondary", self, wrap=True))
        self.phone = LineField(tr("电话号码"), parent=self, required=True)
        self.phone.setVisible(not self.case_id)
        self.reason = LineField(
            tr("原因"), placeholder=tr("例如：深夜反复拨打，无具体诉求"), parent=self, required=True
        )
        self.days = Segmented(
            (
                Segment("7", tr("7 天")), Segment("30", tr("30 天")), Segment("90", tr("90 天")),
                Segment("365", tr("1 年")),
            ),
            self, boxed=True,
        )  # fmt: skip
        self.days.setAccessibleName(tr("标记多久"))
        self.days.set_current("30")
        for part in (self.phone, self.reason, self.days):
            self.content.addWidget(part)
        self.set_first_field((self.reason if self.case_id else self.phone).editor)

    def accept(self) -> None:
        """Hand the mark over; the answer comes as a notice of the list."""
        phone, reason = self.phone.text().strip(), self.reason.text().strip()
        if not self.case_id and not phone:
            self.phone.set_error(tr("请填电话号码。"))
            return
        if not reason:
            self.reason.set_error(tr("请写明原因。"))
            return
        self.marks.set(
            reason, int(self.days.current), phone="" if self.case_id else phone, case_id=self.case_id
        )
        super().accept()


class MarksDialog(DialogFrame):
    """The marks that hold; the shift leader takes them off by Delete."""

    def __init__(self, marks: CallerMarks, host: QWidget) -> None:
        """List what the centre has."""
        hints = (KeyHint(("Delete",), tr("取消标记")),) if marks.may_set else ()
        super().__init__(host, tr("来电标记"), "", "flag", 760, cancel=tr("关闭"), hints=hints)
        self.marks = marks
        self.notice = NoticeBar("info", parent=self)
        self.notice.hide()
        self.list = DeskList(tr("来电标记"), self)
        self.list.setMinimumHeight(300)
        self.content.addWidget(self.notice)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        marks.listed.connect(self.show_model)
        marks.failed.connect(self._on_failed)
        if marks.may_set:
            QShortcut(QKeySequence(Qt.Key.Key_Delete), self).activated.connect(
                lambda: marks.lift(self.list.current)
            )
        self.show_model()
        marks.load()

    def show_model(self) -> None:
        """Show the marks."""
        seat = self.marks.seat
        now, calendar = seat.now(), seat.rules.calendar
        lines = tuple(
            ListLine(
                mark.mark_id, mark.reason, f"****{mark.last4}",
                tr("{by} {at} 标记 · 来电 {n} 次").format(
                    by=mark.by, at=moment_words(mark.at, now, calendar), n=mark.calls
                ),
                tr("至 {until}").format(until=moment_words(mark.until, now, calendar)), "flag",
            )
            for mark in self.marks.marks
        )  # fmt: skip
        self.list.show_lines(lines or (ListLine("none", tr("没有标记。"), heading=True),))

    def _on_failed(self, why: str) -> None:
        self.notice.set_notice("error", why)
        self.notice.show()
