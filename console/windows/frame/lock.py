"""The session lock (design section 4): counts only, no case, no name of a citizen; unlocking works offline.

Dialogs and panels in windows of their own are hidden while it is shut, and are back with all that was typed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QVBoxLayout, QWidget

from console.viewmodels.seat import SeatViewModel
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme


def tr(text: str) -> str:
    """Translate a word of the lock."""
    return QCoreApplication.translate("Lock", text)


class LockScreen(QWidget):
    """Covers the window until the password of the user was entered. Text that was being typed stays behind it.

    `unlocked(str)` carries the password that was right: the session may have ended meanwhile.
    """

    unlocked = Signal(object)

    def __init__(self, host: QWidget, seat: SeatViewModel, unlock: Callable[[str], bool]) -> None:
        """Build it hidden; `unlock` tells whether a password is the user's."""
        super().__init__(host)
        self._seat, self._unlock = seat, unlock
        self._return_to: QWidget | None = None
        self._hidden: list[QWidget] = []
        self._busy = False
        self.locked = False
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        self._clock = TextLabel("", "lock_clock", "text.primary", self, align=centre)
        self._date = TextLabel("", "title", "text.secondary", self, align=centre)
        self._counts = TextLabel("", "body", "text.secondary", self, align=centre)
        self._who = TextLabel("", "title", "text.primary", self, align=centre)
        for label in (self._clock, self._date, self._counts):
            column.addWidget(label)
        column.addSpacing(32)
        column.addWidget(self._who)
        self._field = QLineEdit(self)
        self._field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field.setPlaceholderText(tr("输入密码解锁"))
        self._field.setFixedWidth(320)
        self._field.returnPressed.connect(self._try)
        column.addWidget(self._field, 0, centre)
        self._error = TextLabel("", "label", "sla.over2.text", self, align=centre)
        column.addWidget(self._error)
        button = Button(tr("解锁"), ButtonKind.MAIN, "Return", size=ButtonSize.LARGE, parent=self)
        button.clicked.connect(self._try)
        column.addWidget(button, 0, centre)
        column.addStretch(3)
        host.installEventFilter(self)
        seat.second.connect(self._on_second)
        self.hide()

    def lock(self) -> None:
        """Cover the window."""
        if self.locked:
            return
        self.locked = True
        host = self.parentWidget()
        self._return_to = host.focusWidget() if host is not None else None
        if host is not None:
            self.setGeometry(host.rect())
        self._error.set_text("")
        self._field.clear()
        self._who.set_text(self._seat.actor.name)
        self._on_second(self._seat.now())
        self.raise_()
        self.show()
        self._hide_others()
        self._field.setFocus()

    def say(self, sentence: str) -> None:
        """Show a sentence below the field (why it is locked)."""
        self._error.set_text(sentence)

    def _hide_others(self) -> None:
        """Hide what this window has opened beside itself; it may show a case."""
        host = self.window()
        for window in QApplication.topLevelWidgets():
            above: QWidget | None = window
            while above is not None and above is not host:
                above = above.parentWidget()
            if window is not host and above is host and window.isVisible():
                self._hidden.append(window)
                window.setVisible(False)
                if isinstance(window, QDialog):
                    window.finished.connect(self._on_finished)

    def _on_finished(self, _result: int) -> None:
        """A dialog has ended behind the lock: it is not shown again."""
        over = self.sender()
        self._hidden = [window for window in self._hidden if window is not over]

    def _show_others(self) -> None:
        """Show again what was hidden, as far as it is still there: work went on behind the lock."""
        hidden, self._hidden = self._hidden, []
        for window in hidden:
            if not shiboken6.isValid(window):
                continue
            if isinstance(window, QDialog):
                window.finished.disconnect(self._on_finished)
            window.setVisible(True)
        back, self._return_to = self._return_to, None
        if back is not None and shiboken6.isValid(back):
            back.setFocus()

    def _try(self) -> None:
        """Check the password; that takes a good part of a second on purpose, so it is done in the background."""
        password = self._field.text()
        if self._busy or not password:
            return
        self._busy = True
        self._error.set_text(tr("正在核对…"))
        work = self._unlock
        self._seat.background.submit(
            "unlock", "unlock", lambda: (work(password), password), self._tried, self._failed
        )

    def _tried(self, result: tuple[bool, str]) -> None:
        """Open, or say that it was not the password."""
        right, password = result
        self._busy = False
        if not right:
            self._error.set_text(tr("密码不对，请再试。"))
            self._field.selectAll()
            return
        self.locked = False
        self._field.clear()
        self.hide()
        self._show_others()
        self.unlocked.emit(password)

    def _failed(self, _error: Exception) -> None:
        """Whatever went wrong, the lock stays shut."""
        self._busy = False
        self._error.set_text(tr("没有打开，请再试。"))

    def _on_second(self, now: object) -> None:
        """Show time and counts."""
        if not self.locked or not isinstance(now, datetime):
            return
        local = self._seat.rules.calendar.local(now)
        days = tr("星期一 星期二 星期三 星期四 星期五 星期六 星期日").split(" ")
        self._clock.set_text(local.strftime("%H:%M"))
        self._date.set_text(
            tr("{y} 年 {m} 月 {d} 日 {w}").format(
                y=local.year, m=local.month, d=local.day, w=days[local.weekday()]
            )
        )
        columns = self._seat.book.columns
        shown, urgent = int(columns.open.sum()), int((columns.open & columns.urgent).sum())
        waiting = self._seat.counts.waiting
        self._counts.set_text(
            tr("在办 {n} 件 · 急要件 {u} 件 · 待发送 {w} 项").format(n=shown, u=urgent, w=waiting)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if event.type() == QEvent.Type.Resize:
            host = self.parentWidget()
            if host is not None:
                self.setGeometry(host.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover everything."""
        painter = QPainter(self)
        painter.fillRect(QRectF(self.rect()), theme().color("bg.app"))
        painter.end()
