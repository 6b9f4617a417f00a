"""直接答复办结 (Ctrl+J): what the caller was told; the case is registered and closed in one go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from widgets.dialogs.frame import DialogFrame
from widgets.forms.fields import TextField
from widgets.indicators.text_label import TextLabel


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("Intake", text)


class AnswerDialog(DialogFrame):
    """Asks for the answer; `answer(str)` is called with it when it is confirmed."""

    def __init__(self, host: QWidget, summary: str, answer: Callable[[str], None]) -> None:
        """Build the dialog."""
        super().__init__(host, tr("直接答复办结"), "", "speech", 560, main=tr("答复办结"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._answer = answer
        self.result_field = TextField(tr("答复内容"), placeholder=tr("已经怎样答复诉求人"), required=True)
        self.result_field.editor.setFixedHeight(120)
        self.content.addWidget(TextLabel(summary, "body", "text.secondary", self, wrap=True, max_lines=3))
        self.content.addWidget(self.result_field)
        words = tr("确认后：登记并直接结案，不再派遣；中心收到后生效。")
        self.content.addWidget(TextLabel(words, "body", "text.secondary", self, wrap=True))
        self.result_field.text_changed.connect(lambda _text: self.result_field.set_error(""))
        self.set_first_field(self.result_field)

    def accept(self) -> None:
        """Hand the answer over; an empty one is asked for."""
        text = self.result_field.text().strip()
        if not text:
            self.result_field.set_error(tr("请填写答复内容"))
            self.result_field.setFocus()
            return
        super().accept()
        self._answer(text)
