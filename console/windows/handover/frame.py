"""What the sheets of 交接班 share: the list of lines, printing, PDF, and how things stand."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import QWidget

from console.notices.notice import ERROR, GOOD, Notice
from console.viewmodels.seat import SeatViewModel
from console.windows.desk.desk_list import DeskList
from console.windows.desk.paper import AskPath, AskPrinter, print_out, write_pdf
from services.ports.handover import BriefLine
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar

WIDTH = 960
LIST_HEIGHT = 420


def tr(text: str) -> str:
    """Translate a word of the dialogs."""
    return QCoreApplication.translate("Handover", text)


class SheetFrame(DialogFrame):
    """What both sheets share: the list, printing, PDF. `case_wanted(str)` asks to show a case."""

    case_wanted = Signal(str)

    def __init__(
        self,
        seat: SeatViewModel,
        host: QWidget,
        title: str,
        path_asked: AskPath,
        printer_asked: AskPrinter,
        main: str,
    ) -> None:
        """Build notice, list and the paper buttons."""
        hints = (KeyHint(("Enter",), tr("看案件")),)
        super().__init__(host, title, "", "people", WIDTH, main=main, cancel=tr("关闭"), hints=hints)
        self.seat = seat
        self._ask_path, self._ask_printer = path_asked, printer_asked
        self.notice = NoticeBar("info", parent=self)
        self.notice.hide()
        self.list = DeskList(tr("交接事项"), self)
        self.list.setMinimumHeight(min(LIST_HEIGHT, max(200, host.window().height() - 460)))
        self.list.opened.connect(self._on_opened)
        self.content.addWidget(self.notice)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        self.print_button = Button(tr("打印"), keys="Ctrl+P", parent=self)
        self.save_button = Button(tr("存为 PDF"), keys="Ctrl+S", parent=self)
        for place, (button, act) in enumerate(
            ((self.print_button, self.print_sheet), (self.save_button, self.save_sheet))
        ):
            button.clicked.connect(act)
            self.foot.right.insertWidget(place, button)
            QShortcut(QKeySequence(button.keys), self).activated.connect(act)

    # --- what the paper shows: filled by the two sheets -------------------------------------------------

    def lines(self) -> tuple[BriefLine, ...]:
        """Return the lines shown."""
        raise NotImplementedError

    def paper(self) -> QTextDocument:
        """Return the sheet laid out for A4."""
        raise NotImplementedError

    def file_name(self) -> str:
        """Return the name offered for the PDF."""
        now = self.seat.rules.calendar.local(self.seat.now())
        return tr("交接班单-{date}.pdf").format(date=now.strftime("%Y%m%d-%H%M"))

    # --- acts -------------------------------------------------------------------------------------------

    def print_sheet(self) -> None:
        """Print the sheet; it stays open."""
        printer = self._ask_printer(self)
        if printer is not None:
            print_out(printer, self.paper())

    def save_sheet(self) -> None:
        """Write a PDF where the operator wants it."""
        path = self._ask_path(self, self.file_name())
        if not path:
            return
        try:
            write_pdf(path, tr("交接班单"), self.paper())
        except OSError:
            self._tell(ERROR, tr("没有保存：这个位置不能写入。"), path)
        else:
            self._tell(GOOD, tr("交接班单已保存"), path)

    def _tell(self, severity: str, title: str, text: str) -> None:
        self.seat.notices.tell(Notice(severity, title, text, key="handover-paper"))

    def show_notice(self, severity: str, title: str, text: str = "") -> None:
        """Say how things stand; an empty title says nothing."""
        self.notice.setVisible(bool(title))
        if title:
            self.notice.set_notice(severity, title, text)

    def _on_opened(self, key: str) -> None:
        place = int(key) if key.isdigit() else -1
        lines = self.lines()
        if 0 <= place < len(lines) and lines[place].case_id:
            self.accept_case(lines[place].case_id or "")

    def accept_case(self, case_id: str) -> None:
        """Show a case behind; the sheet closes, its draft is kept."""
        self.case_wanted.emit(case_id)
        self.reject()

    @property
    def now(self) -> datetime:
        """Centre time."""
        return self.seat.now()
