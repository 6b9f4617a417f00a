"""Everything a desk has beside its workspaces, put together once for a shell: view-models, verbs, dialogs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.viewmodels.desk.shift import Shift
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import Verb, noop
from console.windows.handover.draft_dialog import HandoverDialog
from console.windows.handover.sheet_dialog import LastDialog, SheetDialog
from console.windows.shell import ShellWindow
from services.ports.handover import DeskCentre, Handover
from widgets.dialogs.frame import DialogFrame


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
        self.sheets = HandoverSheets(seat, centre, self.shift, self)
        self.handover = HandoverBook(seat, self.sheets, parent=self)
        self.sheets.incoming.connect(self._on_incoming)
        self.sheets.opened.connect(self._show_sheet)
        self._verbs()

    def start(self) -> None:
        """Read what was kept here."""
        self.shift.load()
        self.handover.load()
        self.sheets.load()

    def _verbs(self) -> None:
        verbs = self.seat.verbs
        verbs.add(
            Verb("handover.open", noop("交接班"), ("jiaojie", "jb", "交班"), keys=("Ctrl+B",), icon="people"),
            self.open_handover,
        )
        verbs.add(
            Verb("handover.last", noop("历次交接班"), ("接班", "jieban"), icon="history"), self.open_last
        )

    # --- dialogs ----------------------------------------------------------------------------------------

    def _show(self, dialog: DialogFrame) -> DialogFrame:
        """Open a dialog over the shell; it deletes itself when it was closed."""
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_handover(self) -> HandoverDialog:
        """Draft the brief and show it."""
        dialog = HandoverDialog(self.handover, self._unlock, self._host)
        dialog.case_wanted.connect(self.shell.show_case)
        self.handover.begin()
        self._show(dialog)
        return dialog

    def open_last(self) -> LastDialog:
        """Show the last hand-overs."""
        dialog = LastDialog(self.sheets, self._host)
        dialog.sheet_wanted.connect(self.sheets.open)
        self._show(dialog)
        return dialog

    def _show_sheet(self, sheet: object) -> SheetDialog:
        assert isinstance(sheet, Handover)
        dialog = SheetDialog(sheet, self.sheets, self._host)
        dialog.case_wanted.connect(self.shell.show_case)
        self._show(dialog)
        return dialog

    def _on_incoming(self, sheet: object) -> None:
        """Begin the shift with what the last one left."""
        self._show_sheet(sheet)

    @property
    def _host(self) -> QWidget:
        return self.shell
