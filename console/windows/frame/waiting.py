"""The list of waiting operations (Ctrl+O): what has not left, what was decided otherwise, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.waiting import WaitingLine, WaitingViewModel
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.forms.chip import Chip
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("WaitingDialog", text)


class _Line(QWidget):
    """One operation."""

    acted = Signal(str, str)
    case_wanted = Signal(str)

    def __init__(self, line: WaitingLine, parent: QWidget | None = None) -> None:
        """Build the line."""
        super().__init__(parent)
        self._line = line
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(TextLabel(line.title, "body", "text.primary", self, bold=True))
        head.addWidget(Chip(line.mark, line.mark_icon, line.tone, self))
        head.addStretch(1)
        head.addWidget(TextLabel(line.time, "label", "text.tertiary", self))
        words.addLayout(head)
        if line.label:
            words.addWidget(TextLabel(line.label, "label", "text.secondary", self, wrap=True))
        if line.why:
            words.addWidget(TextLabel(line.why, "label", f"{line.tone}.text", self, wrap=True))
        row.addLayout(words, 1)
        for act, word in line.acts:
            button = Button(word, ButtonKind.PLAIN, size=ButtonSize.SMALL, parent=self)
            button.setProperty("act", act)
            button.clicked.connect(self._on_clicked)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        look = Button(tr("看案件"), ButtonKind.PLAIN, size=ButtonSize.SMALL, parent=self)
        look.clicked.connect(self._on_case)
        row.addWidget(look, 0, Qt.AlignmentFlag.AlignVCenter)

    def _on_clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.acted.emit(str(sender.property("act")), self._line.command_id)

    def _on_case(self) -> None:
        self.case_wanted.emit(self._line.case_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and frame."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.raised"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class WaitingDialog(DialogFrame):
    """Shows the lines of `WaitingViewModel`; `case_wanted(str)` asks to show a case."""

    case_wanted = Signal(str)
    conflict_wanted = Signal(str)

    def __init__(self, seat: SeatViewModel, host: QWidget) -> None:
        """Build the frame; the lines come when the outbox has been read."""
        super().__init__(host, tr("待处理的操作"), tr("都保存在本机"), "cloud_up", 820, cancel=tr("关闭"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = WaitingViewModel(seat, self)
        self._model.changed.connect(self._show)
        self._scroll = QScrollArea(self.body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setMinimumHeight(420)
        self.content.addWidget(self._scroll)
        self.set_first_field(self.cancel_button)

    def _show(self) -> None:
        """Lay the lines out anew."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for value in self._model.lines:
            line = _Line(value, inner)
            line.acted.connect(self._on_acted)
            line.case_wanted.connect(self._on_case_wanted)
            column.addWidget(line)
        if not self._model.lines:
            column.addWidget(
                TextLabel(tr("没有等待的操作，全部已由中心办理。"), "body", "text.tertiary", inner)
            )
        column.addStretch(1)
        self._scroll.setWidget(inner)

    def _on_acted(self, act: str, command_id: str) -> None:
        """Do it here, or leave for the dialog of a conflict."""
        if act == "resolve":
            self.conflict_wanted.emit(command_id)
            self.reject()
        else:
            self._model.act(act, command_id)

    def _on_case_wanted(self, case_id: str) -> None:
        self.case_wanted.emit(case_id)
        self.reject()
