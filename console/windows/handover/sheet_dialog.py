"""A hand-over as the centre keeps it, to be read and signed by who takes over; and the list of the last ones."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from console.viewmodels.desk.words import moment_words
from console.viewmodels.handover.sheets import HandoverSheets
from console.windows.desk.desk_list import DeskList, ListLine
from console.windows.desk.paper import AskPath, AskPrinter, ask_path, ask_printer, document
from console.windows.handover.frame import SheetFrame
from console.windows.handover.words import brief_lines, counts_words, head_words, paper_body, signs_of
from services.domain.roles import ROLES
from services.ports.handover import BriefLine, Handover
from widgets.dialogs.frame import DialogFrame
from widgets.forms.fields import LineField
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the dialogs."""
    return QCoreApplication.translate("Handover", text)


class SheetDialog(SheetFrame):
    """A hand-over as the centre keeps it; who takes over signs here with the own session."""

    def __init__(
        self,
        sheet: Handover,
        sheets: HandoverSheets,
        host: QWidget,
        path_asked: AskPath = ask_path,
        printer_asked: AskPrinter = ask_printer,
    ) -> None:
        """Show a sheet."""
        super().__init__(sheets.seat, host, tr("交接班单"), path_asked, printer_asked, tr("接班签字"))
        self.sheet, self.sheets = sheet, sheets
        self.remarks = TextLabel("", "body", "text.primary", self, wrap=True)
        self.signature = TextLabel("", "label", "text.secondary", self, wrap=True)
        self.content.addWidget(self.remarks)
        self.content.addWidget(self.signature)
        self.note = LineField(tr("接班人的话"), "Alt+O", tr("可以不填"), self)
        self.content.addWidget(self.note)
        sheets.taken.connect(self._on_taken)
        sheets.failed.connect(self._on_failed)
        self.show_sheet()

    def lines(self) -> tuple[BriefLine, ...]:
        """Return the lines of the sheet."""
        return self.sheet.lines

    def show_sheet(self) -> None:
        """Show lines, remarks and signatures."""
        calendar, head = self.seat.rules.calendar, self.sheet.head
        self.head.subtitle.set_text(head_words(head, self.now, calendar))
        shown = brief_lines(self.sheet.lines, self.now, calendar)
        self.list.show_lines(shown or (ListLine("none", tr("没有要交代的案件。"), heading=True),))
        self.remarks.set_text(tr("交代：{text}").format(text=self.sheet.remarks or tr("无")))
        taken = head.taken_over
        words = [tr("交班人 {name} {at} 已签").format(name=head.left.name, at=self._at(head.left.at))]
        if taken is not None:
            words.append(tr("接班人 {name} {at} 已签").format(name=taken.name, at=self._at(taken.at)))
            if taken.moved:
                words.append(tr("{n} 件占用已转到接班人").format(n=len(taken.moved)))
        words.append(tr("校验 {hash}").format(hash=head.hash[:16]))
        self.signature.set_text(" · ".join(words))
        self.note.setVisible(taken is None and not self._why_not())
        self.set_main_reason(self._why_not())

    def _at(self, moment: datetime) -> str:
        return moment_words(moment, self.now, self.seat.rules.calendar)

    def _why_not(self) -> str:
        head, me = self.sheet.head, self.seat.actor
        if head.taken_over is not None:
            return tr("{name} 已接班签字").format(name=head.taken_over.name)
        if head.left.user_id == me.id:
            return tr("交班人不能接自己的班")
        return (
            "" if head.post in me.roles else tr("这是{post}的班").format(post=ROLES.get(head.post, head.post))
        )

    def accept(self) -> None:
        """Sign with the own session."""
        if not self._why_not():
            self.show_notice("info", tr("正在签字…"))
            self.sheets.take_over(self.sheet.head.handover_id, self.note.text())

    def _on_taken(self, sheet: object) -> None:
        assert isinstance(sheet, Handover)
        if sheet.head.handover_id == self.sheet.head.handover_id:
            self.sheet = sheet
            self.show_notice(
                "good", tr("已接班"), tr("占用的案件已转到您名下。") if sheet.head.taken_over else ""
            )
            self.show_sheet()

    def _on_failed(self, why: str) -> None:
        self.show_notice("error", why)

    def paper(self) -> QTextDocument:
        """Return the sheet laid out for A4."""
        calendar = self.seat.rules.calendar
        title = f"{head_words(self.sheet.head, self.now, calendar)} · {counts_words(self.sheet.lines)}"
        return document(
            paper_body(title, self.sheet.lines, self.sheet.remarks, signs_of(self.sheet), self.now, calendar)
        )


class LastDialog(DialogFrame):
    """The last hand-overs of the area; `sheet_wanted(str)` asks to read one."""

    sheet_wanted = Signal(str)

    def __init__(self, sheets: HandoverSheets, host: QWidget) -> None:
        """List what is known, and ask for the rest."""
        super().__init__(host, tr("历次交接班"), "", "history", 720, cancel=tr("关闭"))
        self.sheets = sheets
        self.list = DeskList(tr("历次交接班"), self)
        self.list.setMinimumHeight(360)
        self.list.opened.connect(self.sheet_wanted)
        self.notice = NoticeBar("info", parent=self)
        self.content.addWidget(self.notice)
        self.content.addWidget(self.list, 1)
        self.set_first_field(self.list)
        sheets.list_changed.connect(self.show_model)
        sheets.failed.connect(lambda why: self.notice.set_notice("error", why))
        self.show_model()
        sheets.load_list()

    def show_model(self) -> None:
        """Show the heads; without a line those that were read here."""
        heads = self.sheets.heads
        if not heads:
            heads = tuple(sheet.head for sheet in reversed(self.sheets.read.values()))
        self.notice.setVisible(not self.sheets.online)
        if not self.sheets.online:
            self.notice.set_notice("warning", tr("离线：只列出本机读过的"))
        calendar, now = self.sheets.seat.rules.calendar, self.sheets.seat.now()
        lines = []
        for head in heads:
            taken = head.taken_over
            under = tr("接班人 {name}").format(name=taken.name) if taken else tr("等接班人签字")
            lines.append(
                ListLine(
                    head.handover_id, head_words(head, now, calendar), "", under, "", "people",
                    under_tone="text.secondary" if taken else "sla.soon.text",
                )
            )  # fmt: skip
        self.list.show_lines(tuple(lines) or (ListLine("none", tr("还没有交接班记录。"), heading=True),))
