"""What every field of a form has: label with required dot and key, place for the error sentence, room beside others."""

from typing import Generic, TypeVar

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.text import draw_text, text_width

EditorT = TypeVar("EditorT", bound=QWidget)


class FieldLabel(QWidget):
    """The words above a field: required dot, label, key cap, and a quiet remark at the right."""

    def __init__(
        self, text: str = "", keys: str = "", parent: QWidget | None = None, *, required: bool = False
    ) -> None:
        super().__init__(parent)
        self._text, self._keys, self._required, self._remark = text, keys, required, ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_label(self, text: str, keys: str = "", *, required: bool = False) -> None:
        """Show other words."""
        self._text, self._keys, self._required = text, keys, required
        self.updateGeometry()
        self.update()

    def set_remark(self, text: str) -> None:
        """Show a remark at the right end (自动保存 14:32:06)."""
        self._remark = text
        self.update()

    def sizeHint(self) -> QSize:
        """Return the words' width, 20 high."""
        look = theme()
        width = text_width(look.font("label"), self._text) + (10 if self._required else 0)
        if self._keys:
            width += 6 + keycap_width(self._keys, look)
        return QSize(round(width) + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw dot, label, key and remark."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            x, middle = 0.0, self.height() / 2
            if self._required:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("sla.over2.text"))
                painter.drawEllipse(QRectF(1, middle - 2.5, 5, 5))
                x = 10
            words = QRectF(x, 0, self.width() - x, self.height())
            x += draw_text(painter, words, self._text, look.font("label"), look.color("text.secondary"))
            if self._keys:
                x += 6 + draw_keycap(painter, round(x + 6), middle, self._keys, look)
            if self._remark:
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                room = QRectF(x + 8, 0, max(0.0, self.width() - x - 8), self.height())
                draw_text(painter, room, self._remark, look.font("label"), look.color("text.tertiary"), right)


class Field(QWidget, Generic[EditorT]):
    """A label, an editor and the place for an error sentence.

    The sentence takes its room only when there is one. ``set_error("")`` clears it.
    """

    def __init__(
        self,
        editor: EditorT,
        label: str,
        keys: str = "",
        parent: QWidget | None = None,
        *,
        required: bool = False,
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self._error = ""
        self._required = required
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = FieldLabel(label, keys, self, required=required)
        self._error_label = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error_label.hide()
        column.addWidget(self.label)
        column.addWidget(editor)
        column.addWidget(self._error_label)
        self.setFocusProxy(editor)
        editor.setAccessibleName(f"{label}{self.tr('（必填）')}" if required else label)

    @property
    def error(self) -> str:
        """The sentence shown below; empty when the field is right."""
        return self._error

    @property
    def required(self) -> bool:
        """Whether the form cannot be saved without it."""
        return self._required

    def set_error(self, sentence: str) -> None:
        """Show or clear the error: red frame, triangle, sentence."""
        self._error = sentence
        self.editor.setProperty("invalid", bool(sentence))
        repolish(self.editor)
        self.editor.setAccessibleDescription(sentence)
        self._error_label.set_text(sentence)
        self._error_label.setVisible(bool(sentence))
        self._mark_error(bool(sentence))

    def _mark_error(self, on: bool) -> None:
        """Show the triangle inside the editor, where the editor has a place for it."""


class FieldRow(QWidget):
    """Fields beside each other with the form's gap of 16."""

    def __init__(self, *fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for field in fields:
            row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)


def repolish(widget: QWidget) -> None:
    """Let the stylesheet look again at a widget whose property changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
