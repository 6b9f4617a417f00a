"""Signing a hand-over: who leaves proves with password or session, who takes over with name and password."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.seat import SeatViewModel
from widgets.dialogs.frame import DialogFrame
from widgets.forms.fields import LineField
from widgets.indicators.text_label import TextLabel

LANE = "unlock"


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("HandoverSign", text)


class SignDialog(DialogFrame):
    """Asks for what proves a signature. `proved()` when who leaves may sign; taking over is sent from here."""

    proved = Signal()

    def __init__(self, host: QWidget, title: str, text: str, main: str) -> None:
        """Build the empty form; use the two makers below."""
        super().__init__(host, title, "", "edit", 480, main=main)
        self.content.addWidget(TextLabel(text, "body", "text.secondary", self, wrap=True))
        self.name = LineField(tr("接班人账号"), parent=self, required=True)
        self.password = LineField(tr("密码"), parent=self)
        self.password.editor.setEchoMode(QLineEdit.EchoMode.Password)
        self.note = LineField(tr("接班人的话"), placeholder=tr("可以不填"), parent=self)
        for field in (self.name, self.password, self.note):
            self.content.addWidget(field)
        self._act: Callable[[], None] = lambda: None
        self._seat: SeatViewModel | None = None

    @classmethod
    def for_leaving(
        cls, host: QWidget, seat: SeatViewModel, unlock: Callable[[str], bool], *, session: bool
    ) -> SignDialog:
        """Ask who leaves: the password is checked on this machine, or the session signs when there is a line."""
        text = (
            tr("输入您的密码签字；联网时可以不填，用当前登录签字。")
            if session
            else tr("离线：请输入您的密码签字，本机核对。")
        )
        dialog = cls(host, tr("交班人签字"), text, tr("签字"))
        dialog.name.hide()
        dialog.note.hide()
        dialog._seat = seat
        dialog.set_first_field(dialog.password.editor)
        dialog._act = lambda: dialog._leave(unlock, session=session)
        return dialog

    @classmethod
    def for_taking(
        cls, host: QWidget, seat: SeatViewModel, handover_id: str, sheets: HandoverSheets
    ) -> SignDialog:
        """Ask who takes over at this seat: account and password, checked by the centre."""
        text = tr("请接班人输入自己的账号和密码；占用的案件随签字转到接班人名下。")
        dialog = cls(host, tr("接班人签字"), text, tr("接班签字"))
        dialog._seat = seat
        dialog.set_first_field(dialog.name.editor)
        dialog._act = lambda: dialog._take(handover_id, sheets)
        sheets.taken.connect(dialog._done)
        sheets.failed.connect(dialog._refused)
        return dialog

    def accept(self) -> None:
        """Sign."""
        self._act()

    def _leave(self, unlock: Callable[[str], bool], *, session: bool) -> None:
        word = self.password.text()
        if not word and session:
            self._done(None)
            self.proved.emit()
        elif not word:
            self.password.set_error(tr("请输入密码。"))
        elif self._seat is not None:
            self.set_main_reason(tr("正在核对…"))
            # the key file takes its time on purpose; not on the thread that paints
            self._seat.background.submit(LANE, "sign", lambda: unlock(word), self._checked)

    def _checked(self, right: bool) -> None:
        self.set_main_reason("")
        if right:
            self._done(None)
            self.proved.emit()
        else:
            self._refused(tr("密码不对，请再试。"))

    def _take(self, handover_id: str, sheets: HandoverSheets) -> None:
        name, word = self.name.text().strip(), self.password.text()
        if not name or not word:
            (self.password if name else self.name).set_error(tr("账号和密码都要填。"))
            return
        self.set_main_reason(tr("正在签字…"))
        sheets.take_over(handover_id, self.note.text().strip(), name, word)

    def _refused(self, why: str) -> None:
        self.set_main_reason("")
        self.password.editor.clear()
        self.password.set_error(why)
        self.password.editor.setFocus()

    def _done(self, _result: object) -> None:
        self.password.editor.clear()
        super().accept()
