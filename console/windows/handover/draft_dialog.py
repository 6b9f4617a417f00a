"""The brief of who leaves as a dialog: edited, signed, and at hand for who takes over at this seat."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import QWidget

from console.viewmodels.desk.words import moment_words
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.kept import DRAFT, KEPT, REFUSED, SIGNED, Draft
from console.windows.desk.desk_list import ListLine
from console.windows.desk.paper import AskPath, AskPrinter, ask_path, ask_printer, document
from console.windows.handover.frame import SheetFrame
from console.windows.handover.sign import SignDialog
from console.windows.handover.words import PaperSigns, brief_lines, counts_words, paper_body, signs_of
from services.domain.roles import ROLES
from services.ports.handover import BriefLine, Handover, Person
from widgets.forms.fields import LineField, TextField


def tr(text: str) -> str:
    """Translate a word of the dialogs."""
    return QCoreApplication.translate("Handover", text)


class HandoverDialog(SheetFrame):
    """The brief of who leaves: edited, signed, and then at hand for who takes over at this seat."""

    def __init__(
        self,
        book: HandoverBook,
        unlock: Callable[[str], bool],
        host: QWidget,
        path_asked: AskPath = ask_path,
        printer_asked: AskPrinter = ask_printer,
    ) -> None:
        """Show the draft; it is drafted anew by `book.begin`."""
        super().__init__(book.seat, host, tr("交接班"), path_asked, printer_asked, tr("签字交班"))
        self.book, self._unlock = book, unlock
        self.remark = LineField(tr("这一行的附注"), "Alt+R", tr("选中一行，写给接班人的话"), self)
        self.note = LineField(tr("加一行"), "Alt+N", tr("按回车加到交代事项里"), self)
        self.remarks = TextField(tr("总的交代"), "Alt+O", tr("设备、人员、上级要求…"), self)
        for keys, field in (("Alt+R", self.remark), ("Alt+N", self.note), ("Alt+O", self.remarks)):
            QShortcut(QKeySequence(keys), self).activated.connect(field.editor.setFocus)
            self.content.addWidget(field)
        self.remarks.editor.setFixedHeight(72)
        self.list.chosen.connect(self._on_chosen)
        self.remark.text_changed.connect(self._on_remark)
        self.remark.submitted.connect(lambda _text: self.list.setFocus())
        self.note.submitted.connect(self._on_note)
        self.remarks.text_changed.connect(book.set_remarks)
        book.draft_changed.connect(self.show_model)
        book.outgoing_changed.connect(self.show_model)
        book.failed.connect(self._on_failed)
        book.sheets.failed.connect(self._on_failed)
        book.sheets.taken.connect(self._on_taken)
        seat = book.seat
        seat.connection_changed.connect(self._on_connection)
        self._trouble = ""
        self.sign_dialog: SignDialog | None = None
        self.show_model()

    # --- showing ----------------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft | None:
        """The draft as it stands."""
        return self.book.draft

    def lines(self) -> tuple[BriefLine, ...]:
        """Return the lines of the draft."""
        return self.draft.lines if self.draft is not None else ()

    def show_model(self) -> None:
        """Show the draft and how far it has come."""
        draft, calendar = self.draft, self.seat.rules.calendar
        if draft is None:
            return
        self.head.subtitle.set_text(
            tr("{post} {name} · 自 {began}").format(
                post=ROLES.get(draft.post, draft.post), name=self.seat.actor.name,
                began=moment_words(draft.began_at, self.now, calendar),
            )
        )  # fmt: skip
        shown = brief_lines(draft.lines, self.now, calendar)
        empty = ListLine("none", tr("没有要交代的案件。"), heading=True)
        self.list.show_lines(shown or (empty,))
        editable = draft.status == DRAFT
        for field in (self.remark, self.note, self.remarks):
            field.set_read_only(not editable)
        self.remarks.set_text(draft.remarks)
        self._show_state(draft)

    def _show_state(self, draft: Draft) -> None:
        main = tr("接班人在本席签字") if draft.status in (SIGNED, KEPT) else tr("签字交班")
        if self.main_button.text() != main:
            self.main_button.setText(main)
        self.set_main_reason(self._why_not(draft))
        self.show_notice(*self._state_words(draft))

    def _why_not(self, draft: Draft) -> str:
        if draft.status == DRAFT:
            return "" if draft.post else tr("您的岗位不交接班")
        if draft.status == SIGNED:
            return tr("交班单还没有到中心，接班人暂时不能签字")
        if draft.status == KEPT:
            sheet = self.book.sheets.read.get(draft.handover_id)
            taken = sheet.head.taken_over if sheet is not None else None
            return tr("{name} 已接班签字").format(name=taken.name) if taken is not None else ""
        return tr("中心没有收下这份交班单")

    def _state_words(self, draft: Draft) -> tuple[str, str, str]:
        if self._trouble:
            return "error", self._trouble, ""
        if draft.status == SIGNED:
            return (
                "warning",
                tr("已签字，还没有到中心"),
                tr("本机已保存，联网后自动送到；送到之前别的席位看不到。"),
            )
        if draft.status == REFUSED:
            return "error", tr("中心没有收下：{why}").format(why=draft.why), ""
        if draft.status == KEPT:
            taken = self._why_not(draft)
            return ("good", taken, tr("班已交出。")) if taken else ("good", tr("已到中心，等接班人签字"), "")
        if draft.log_known:
            return "info", "", ""
        if self.book.drafting:
            return "info", tr("正在并入中心日志…"), ""
        return "warning", tr("离线：只有本机知道的事项"), tr("对市民的承诺、回访和占用要等联网后才能并入。")

    # --- editing ----------------------------------------------------------------------------------------

    def _place(self) -> int:
        return int(self.list.current) if self.list.current.isdigit() else -1

    def _on_chosen(self, key: str) -> None:
        place, lines = (int(key) if key.isdigit() else -1), self.lines()
        self.remark.set_text(lines[place].remark if 0 <= place < len(lines) else "")

    def _on_remark(self, text: str) -> None:
        self.book.set_remark(self._place(), text)
        draft = self.draft
        if draft is not None:
            self.list.show_lines(brief_lines(draft.lines, self.now, self.seat.rules.calendar))

    def _on_note(self, text: str) -> None:
        self.book.add_note(text)
        self.note.editor.clear()

    # --- signing ----------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Ask for the signature that comes next."""
        draft = self.draft
        if draft is None or self._why_not(draft):
            return
        self._trouble = ""
        if draft.status == DRAFT:
            dialog = SignDialog.for_leaving(self, self.seat, self._unlock, session=self.book.online)
            dialog.proved.connect(self.book.sign)
        else:
            dialog = SignDialog.for_taking(self, self.seat, draft.handover_id, self.book.sheets)
        self.sign_dialog = dialog
        dialog.open()

    def _on_taken(self, sheet: object) -> None:
        assert isinstance(sheet, Handover)
        self._trouble = ""
        self.show_model()

    def _on_failed(self, why: str) -> None:
        self._trouble = why
        self.show_model()

    def _on_connection(self, _line: object) -> None:
        self.show_model()

    # --- paper ------------------------------------------------------------------------------------------

    def paper(self) -> QTextDocument:
        """Return the sheet laid out for A4, with the signatures there are."""
        draft = self.draft
        assert draft is not None
        sheet = self.book.sheets.read.get(draft.handover_id)
        signs = signs_of(sheet) if sheet is not None else PaperSigns(self._own_sign(draft), None)
        title = f"{self.head.subtitle.text()} · {counts_words(draft.lines)}"
        return document(
            paper_body(title, draft.lines, draft.remarks, signs, self.now, self.seat.rules.calendar)
        )

    def _own_sign(self, draft: Draft) -> Person | None:
        actor = self.seat.actor
        return None if draft.said_at is None else Person(actor.id, actor.name, draft.said_at)
