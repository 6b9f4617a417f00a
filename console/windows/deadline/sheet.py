"""时限说明书 on the screen: every clock of a case with its bar and its sentences; Ctrl+P prints, Ctrl+S saves a PDF."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.notices.notice import ERROR, GOOD, Notice
from console.viewmodels.deadline import DeadlineViewModel, SheetClock
from console.viewmodels.seat import SeatViewModel
from console.windows.deadline.paper import print_sheet, tr, write_pdf
from console.windows.dialogs.ledger import ledger_bar
from console.windows.dialogs.words import moment, moment_with_day
from widgets import format as fmt
from widgets.charts.limit_ledger import LimitLedger
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.forms.chip import Chip
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.state_panel import PanelState, StatePanel
from widgets.indicators.text_label import TextLabel
from widgets.indicators.timeline import Timeline, TimelineEntry
from widgets.theme import ThemeStore

WIDTH, HEIGHT = 880, 820
STATES = {
    "running": ("计时中", "neutral"),
    "late": ("已超期", "sla.over2"),
    "paused": ("已停钟", "sla.suspended"),
    "stopped": ("按期办完", "sla.closed"),
    "stopped_late": ("超期办完", "sla.over1"),
    "replaced": ("已由新的时限接替", "neutral"),
}

LIVE = ("running", "late", "paused")

AskPath = Callable[[QWidget, str], str]
AskPrinter = Callable[[QWidget], QPrinter | None]


def ask_path(parent: QWidget, name: str) -> str:
    """Let the operator choose where the PDF goes; empty when he did not."""
    path, _ = QFileDialog.getSaveFileName(parent, tr("保存时限说明书"), name, "PDF (*.pdf)")
    return path


def ask_printer(parent: QWidget) -> QPrinter | None:
    """Let the operator choose a printer; None when he did not."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QPrintDialog.DialogCode.Accepted else None


class ClockSection(QWidget):
    """One clock: name, limit, state, bar, sentences."""

    def __init__(self, clock: SheetClock, model: DeadlineViewModel, parent: QWidget | None = None) -> None:
        """Show a clock."""
        super().__init__(parent)
        calendar = model.seat.rules.calendar
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(TextLabel(clock.title, "heading", parent=self))
        line.addWidget(TextLabel(clock.limit, "body", "text.secondary", self))
        word, tone = STATES.get(clock.state, (clock.state, "neutral"))
        self.chip = Chip(tr(word), tone=tone, parent=self)
        line.addWidget(self.chip)
        line.addStretch(1)
        if clock.due is not None:
            due = tr("{due} 到期").format(due=moment_with_day(clock.due, calendar))
            line.addWidget(TextLabel(due, "body", "text.primary", self, bold=True))
        column.addLayout(line)
        self.ledger = LimitLedger(ledger_bar(clock, calendar), self)
        self.ledger.setMinimumHeight(100)
        column.addWidget(self.ledger)
        self.sentences = TextLabel("\n".join(clock.sentences), "body", "text.primary", self, wrap=True)
        column.addWidget(self.sentences)
        rule = QFrame(self)
        rule.setFrameShape(QFrame.Shape.NoFrame)
        rule.setFixedHeight(8)
        column.addWidget(rule)


class DeadlineSheet(DialogFrame):
    """The sheet as a dialog over the case; the wheel and the keys scroll it."""

    def __init__(
        self,
        model: DeadlineViewModel,
        host: QWidget,
        path_asked: AskPath = ask_path,
        printer_asked: AskPrinter = ask_printer,
    ) -> None:
        """Build the frame; the clocks come when the model has read them."""
        super().__init__(host, tr("时限说明书"), "", "clock", WIDTH, main=tr("打印"), cancel=tr("关闭"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model.setParent(self)
        self.model = model
        self._ask_path, self._ask_printer = path_asked, printer_asked
        self.main_button.set_keys("Ctrl+P")
        self.save_button = Button(tr("存为 PDF"), keys="Ctrl+S", parent=self)
        self.save_button.clicked.connect(self.save)
        self.foot.right.insertWidget(1, self.save_button)
        for keys, act in (("Ctrl+P", self.accept), ("Ctrl+S", self.save)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self.notice = NoticeBar("info", parent=self)
        self.notice.hide()
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setMinimumHeight(min(HEIGHT, max(320, host.window().height() - 220)))
        self.content.addWidget(self.notice)
        self.content.addWidget(self.area, 1)
        self.sections: list[ClockSection] = []
        self.set_first_field(self.area)
        model.changed.connect(self.show_model)
        self.show_model()

    # --- showing ------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show what the model knows now."""
        model = self.model
        calendar, now = model.seat.rules.calendar, model.printed_at
        head = model.head()
        if head is not None:
            number = fmt.short_number(head.number, calendar.local(now).year) if head.number else ""
            words = " · ".join(part for part in (f"{number} {head.category}".strip(), head.grid) if part)
            self.head.subtitle.set_text(words)
        self.notice.setVisible(model.offline)
        if model.offline:
            self.notice.set_notice("info", tr("离线：依据本机缓存说明，流转记录要等联网后才有。"))
        page = QWidget()
        page.setProperty("ground", "overlay")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        self._fill(column, page)
        column.addStretch(1)
        self.area.setWidget(page)
        self.set_main_reason("" if model.clocks else tr("还没有可以打印的时限"))

    def _fill(self, column: QVBoxLayout, page: QWidget) -> None:
        model = self.model
        head = model.head()
        if head is not None and head.condition:
            text = tr("立案条件：{text}").format(text=head.condition)
            column.addWidget(TextLabel(text, "body", "text.secondary", page, wrap=True))
        # what runs now is what is asked about: it stands first, what is over follows in its order
        clocks = sorted(model.clocks, key=lambda clock: clock.state not in LIVE)
        self.sections = [ClockSection(clock, model, page) for clock in clocks]
        for section in self.sections:
            column.addWidget(section)
        if not model.clocks:
            lines = model.trouble or tr("这件案件没有计过时，或还没有读到本机。")
            column.addWidget(StatePanel(PanelState("clock", tr("没有时限"), lines), page))
        events = model.events()
        if events:
            calendar, now = model.seat.rules.calendar, model.printed_at
            column.addWidget(TextLabel(tr("涉及时限的办理经过"), "heading", parent=page))
            entries = tuple(
                TimelineEntry(
                    moment(event.at, now, calendar), event.actor, f"{event.action}  {event.reason}".rstrip()
                )
                for event in events
            )
            column.addWidget(Timeline(entries, page, wrap=True))

    # --- paper --------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Print; the sheet stays open."""
        if not self.model.clocks:
            return
        printer = self._ask_printer(self)
        if printer is not None:
            print_sheet(printer, self.model)

    def save(self) -> None:
        """Write a PDF where the operator wants it."""
        if not self.model.clocks:
            return
        head = self.model.head()
        name = tr("时限说明书-{number}.pdf").format(number=head.number if head is not None else "")
        path = self._ask_path(self, name)
        if not path:
            return
        try:
            write_pdf(path, self.model)
        except OSError:
            self._tell(ERROR, tr("没有保存：这个位置不能写入。"), path)
        else:
            self._tell(GOOD, tr("时限说明书已保存"), path)

    def _tell(self, severity: str, title: str, text: str) -> None:
        self.model.seat.notices.tell(
            Notice(severity, title, text, key="deadline-sheet", case_id=self.model.case_id)
        )


def open_sheet(case_id: str, seat: SeatViewModel, theme: ThemeStore, parent: QWidget) -> DeadlineSheet:
    """Open the sheet of a case over the window of `parent`; it deletes itself when closed."""
    sheet = DeadlineSheet(DeadlineViewModel(seat, case_id), parent)
    sheet.open()
    sheet.model.load()
    return sheet
