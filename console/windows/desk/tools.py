"""Everything a desk has beside its workspaces, put together once for a shell: view-models, verbs, dialogs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout

from console.viewmodels.actions.attaching import AttachViewModel
from console.viewmodels.desk.caller_marks import CallerMarks
from console.viewmodels.desk.contacts import ContactBook
from console.viewmodels.desk.own_shift import OwnShift
from console.viewmodels.desk.paper_dispatch import PaperDispatch
from console.viewmodels.desk.sentences import SentenceBook
from console.viewmodels.desk.shift import Shift
from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.seat import SeatViewModel
from console.windows.desk.contact_card import ContactDialog
from console.windows.desk.desk_verbs import bind_desk
from console.windows.desk.grab import RegionGrab, clipboard_picture, picture_bytes
from console.windows.desk.marks import MarkBar, MarkDialog, MarksDialog
from console.windows.desk.own_shift_dialog import OwnShiftDialog
from console.windows.desk.paper_form import PaperFormDialog, PaperListDialog
from console.windows.desk.sentences_popup import SentenceKeys
from console.windows.desk.watch_dialog import ReminderDialog, WatchDialog
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.registry import open_action
from console.windows.dispatch.page import DispatchPage
from console.windows.handover.draft_dialog import HandoverDialog
from console.windows.handover.sheet_dialog import LastDialog, SheetDialog
from console.windows.intake.page import IntakePage
from console.windows.shell import ShellWindow
from services.ports.handover import DeskCentre, Handover
from widgets.dialogs.frame import DialogFrame
from widgets.theme import theme_store


def tr(text: str) -> str:
    """Translate a word of the tools."""
    return QCoreApplication.translate("DeskTools", text)


class DeskTools(QObject):
    """The tools of one signed-in desk; `start` reads what was kept, `seat.verbs` gets their verbs."""

    def __init__(
        self,
        seat: SeatViewModel,
        shell: ShellWindow,
        centre: DeskCentre | None,
        unlock: Callable[[str], bool],
        parent: QObject | None = None,
    ) -> None:
        """Build the view-models and bind the verbs."""
        super().__init__(parent)
        self.seat, self.shell, self._unlock = seat, shell, unlock
        self.shift = Shift(seat, self)
        self.watch = WatchBook(seat, self)
        self.sheets = HandoverSheets(seat, centre, self.shift, self)
        self.handover = HandoverBook(seat, self.sheets, self.watch.lines, self)
        self.sentences = SentenceBook(seat, self)
        self.contacts = ContactBook(seat)
        self.own_shift = OwnShift(seat, self.shift, self)
        self.paper = PaperDispatch(seat, self)
        self.marks = CallerMarks(seat, centre, self)
        self.sentence_keys = SentenceKeys(self.sentences, shell)
        self.grab: RegionGrab | None = None
        self.sheets.incoming.connect(self._show_sheet)
        self.sheets.opened.connect(self._show_sheet)
        bind_desk(self)
        self._mark_bar()

    def start(self) -> None:
        """Read what was kept here."""
        for part in (self.shift, self.watch, self.handover, self.sheets, self.sentences, self.paper):
            part.load()

    def _mark_bar(self) -> None:
        """Put the line about marked numbers into the form of 受理席."""
        page = self.shell.workspaces.get("intake")
        if isinstance(page, IntakePage) and self.marks.may_see:
            column = page.form.layout()
            assert isinstance(column, QVBoxLayout)
            self.mark_bar = MarkBar(self.marks, page.form.phone, column, page.form.photos)

    def show_dialog(self, dialog: DialogFrame) -> None:
        """Open a dialog over the shell; it deletes itself when it was closed."""
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # --- hand-over --------------------------------------------------------------------------------------

    def open_handover(self) -> HandoverDialog:
        """Draft the brief and show it."""
        dialog = HandoverDialog(self.handover, self._unlock, self.shell)
        dialog.case_wanted.connect(self.shell.show_case)
        self.handover.begin()
        self.show_dialog(dialog)
        return dialog

    def open_last(self) -> LastDialog:
        """Show the last hand-overs."""
        dialog = LastDialog(self.sheets, self.shell)
        dialog.sheet_wanted.connect(self.sheets.open)
        self.show_dialog(dialog)
        return dialog

    def _show_sheet(self, sheet: object) -> None:
        """Show a hand-over: one that was asked for, or the one a shift begins with."""
        assert isinstance(sheet, Handover)
        dialog = SheetDialog(sheet, self.sheets, self.shell)
        dialog.case_wanted.connect(self.shell.show_case)
        self.show_dialog(dialog)

    # --- watch list -------------------------------------------------------------------------------------

    def open_watch(self) -> WatchDialog:
        """Show the watch list."""
        dialog = WatchDialog(self.watch, self.shell)
        dialog.case_wanted.connect(self.shell.show_case)
        dialog.reminder_wanted.connect(self.open_reminder)
        self.show_dialog(dialog)
        return dialog

    def open_reminder(self, case_id: str) -> ReminderDialog:
        """Ask when to be reminded of a case."""
        dialog = ReminderDialog(self.watch, case_id, self.shell)
        self.show_dialog(dialog)
        return dialog

    # --- units and the own shift ------------------------------------------------------------------------

    def open_contact(self, case_id: str = "", unit: str = "") -> ContactDialog:
        """Show the card of a unit, of the unit of a case, or all."""
        entry = self.seat.case(case_id) if case_id else None
        dept = unit or (entry.case.lead_dept if entry is not None else "") or ""
        dialog = ContactDialog(self.contacts, self.shell, dept)
        self.show_dialog(dialog)
        return dialog

    def open_own_shift(self) -> OwnShiftDialog:
        """Show what was done in this shift."""
        dialog = OwnShiftDialog(self.own_shift, self.shell)
        dialog.case_wanted.connect(self.shell.show_case)
        self.show_dialog(dialog)
        return dialog

    # --- paper ------------------------------------------------------------------------------------------

    def open_paper(self, case_id: str) -> PaperFormDialog:
        """Fill in a dispatch form for a case."""
        entry = self.seat.case(case_id)
        page, picked = self.shell.workspaces.get("dispatch"), ""
        if isinstance(page, DispatchPage):
            picked = page.panel_model.picked if page.panel_model.case_id == case_id else ""
        dept = picked or (entry.case.lead_dept if entry is not None else "") or ""
        dialog = PaperFormDialog(self.paper, self.contacts, case_id, dept, self.shell)
        self.show_dialog(dialog)
        return dialog

    def open_papers(self) -> PaperListDialog:
        """Show the forms that wait to be entered."""
        dialog = PaperListDialog(self.paper, self.shell)
        dialog.case_wanted.connect(self.shell.show_case)
        dialog.entry_wanted.connect(self.enter_paper)
        self.show_dialog(dialog)
        return dialog

    def enter_paper(self, serial: str) -> None:
        """补录: open the dispatch with the unit and the words of the form; else leave a remark alone."""
        form = next((one for one in self.paper.waiting if one.serial == serial), None)
        entry = self.seat.case(form.case_id) if form is not None else None
        if form is None or entry is None:
            return
        allowed = self.seat.services.desk.allowed(entry)
        action = next((one for one in ("dispatch", "redispatch") if one in allowed), "")
        if not action:
            self.paper.enter_by_remark(serial)
            return
        dialog = open_action(
            action, form.case_id, self.seat, theme_store(), self.shell, preset={"lead_dept": form.dept}
        )
        if isinstance(dialog, DispatchDialog):
            dialog.note.append(self.paper.dispatch_note(form))

    # --- marks ------------------------------------------------------------------------------------------

    def open_marks(self) -> MarksDialog:
        """Show the marks that hold."""
        dialog = MarksDialog(self.marks, self.shell)
        self.show_dialog(dialog)
        return dialog

    def open_mark(self, case_id: str = "") -> MarkDialog:
        """Mark the caller of a case, or a number."""
        dialog = MarkDialog(self.marks, self.shell, case_id)
        self.show_dialog(dialog)
        return dialog

    # --- pictures ---------------------------------------------------------------------------------------

    def grab_region(self, case_id: str) -> RegionGrab:
        """Let the operator draw a region of the screen; it is looked at before it is attached."""
        grab = RegionGrab(self.shell)
        grab.taken.connect(lambda image: self.attach_picture(case_id, image, tr("屏幕截图")))
        self.grab = grab
        grab.show()
        grab.activateWindow()
        return grab

    def paste_picture(self, case_id: str) -> None:
        """Attach the picture on the clipboard, after a look at it."""
        image = clipboard_picture()
        if image is not None:
            self.attach_picture(case_id, image, tr("截图"))

    def why_no_paste(self) -> str:
        """Return why there is nothing to paste."""
        return "" if clipboard_picture() is not None else tr("剪贴板里没有图片")

    def attach_picture(self, case_id: str, image: object, name: str) -> None:
        """Open the attach dialog with a picture in it."""
        assert isinstance(image, QImage)
        dialog = open_action("attach", case_id, self.seat, theme_store(), self.shell)
        data, mime = picture_bytes(image)
        local = self.seat.rules.calendar.local(self.seat.now())
        ending = "png" if mime == "image/png" else "jpg"
        assert isinstance(dialog.model, AttachViewModel)
        dialog.model.reader.add_bytes(data, f"{name}-{local:%Y%m%d-%H%M%S}.{ending}", mime)
