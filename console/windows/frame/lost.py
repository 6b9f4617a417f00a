"""The list of operations a restored centre no longer knows, with a box each: 再次送出 or 不再送."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.viewmodels.lost import LostLine, LostViewModel
from console.viewmodels.seat import SeatViewModel
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("LostDialog", text)


class _Line(QWidget):
    """One operation with its box, chosen at first: nobody should have to tick what they did."""

    def __init__(self, line: LostLine, chosen: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(12)
        self.box = QCheckBox(self)
        self.box.setChecked(chosen)
        self.box.setAccessibleName(f"{line.title} {line.label}")
        self.box.setProperty("command_id", line.command_id)
        row.addWidget(self.box)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel(line.title, "body", "text.primary", self, bold=True))
        words.addWidget(TextLabel(line.label, "label", "text.secondary", self, wrap=True))
        row.addLayout(words, 1)
        row.addWidget(TextLabel(line.time, "label", "text.tertiary", self))


class LostDialog(DialogFrame):
    """Shows the lines of `LostViewModel`; Ctrl+Enter sends the chosen ones again."""

    def __init__(self, seat: SeatViewModel, host: QWidget) -> None:
        """Build the frame; the lines come when the outbox has been read."""
        super().__init__(
            host, tr("中心已不记得的操作"), tr("数据恢复到较早的时刻之后"), "history", 760,
            main=tr("再次送出"), cancel=tr("稍后决定"), tone="sla.over2",
        )  # fmt: skip
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.model = LostViewModel(seat, self)
        self.model.changed.connect(self._show)
        self.model.settled.connect(self.reject)
        self._boxes: list[QCheckBox] = []
        text = tr(
            "下面的操作当时已经办成，但中心恢复后的数据里没有它们。再次送出用原来的编号，不会重复办理。"
        )
        self.content.addWidget(TextLabel(text, "body", "text.secondary", self.body, wrap=True))
        self._scroll = QScrollArea(self.body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setMinimumHeight(320)
        self.content.addWidget(self._scroll)
        self.let_go = Button(tr("不再送"), ButtonKind.PLAIN, parent=self)
        self.let_go.clicked.connect(self._on_let_go)
        self.foot.left.addWidget(self.let_go)
        self.set_first_field(self.main_button)

    def chosen(self) -> tuple[str, ...]:
        """Return the ids whose box is ticked."""
        return tuple(str(box.property("command_id")) for box in self._boxes if box.isChecked())

    def accept(self) -> None:
        """Send the chosen ones again; the dialog closes when nothing is left to decide."""
        self.model.send_again(self.chosen())

    def _on_let_go(self) -> None:
        self.model.let_go(self.chosen())

    def _show(self) -> None:
        """Lay the lines out anew; boxes that were unticked stay so."""
        unticked = {str(box.property("command_id")) for box in self._boxes if not box.isChecked()}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(2)
        self._boxes = []
        for value in self.model.lines:
            line = _Line(value, value.command_id not in unticked, inner)
            line.box.toggled.connect(self._on_toggled)
            self._boxes.append(line.box)
            column.addWidget(line)
        if not self.model.lines:
            column.addWidget(TextLabel(tr("没有需要决定的操作。"), "body", "text.tertiary", inner))
        column.addStretch(1)
        self._scroll.setWidget(inner)
        self._on_toggled()

    def _on_toggled(self, _checked: bool = False) -> None:
        """Allow the buttons where something is chosen."""
        reason = "" if self.chosen() else tr("还没有勾选操作")
        self.set_main_reason(reason)
        self.let_go.set_reason(reason)
