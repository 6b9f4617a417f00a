"""Fields of a form (DESIGN §6): label with required dot and key, editor 32 high, error sentence below, read-only lock."""

from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme, theme_store
from widgets.theme.icons import themed_icon
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
        painter = QPainter(self)
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
        painter.end()


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


class LineField(Field[QLineEdit]):
    """One line of text.

    Signals:
        text_changed(str): the operator changed the text (not by ``set_text``).
        submitted(str): Enter.
    """

    text_changed = Signal(str)
    submitted = Signal(str)

    def __init__(
        self,
        label: str,
        keys: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        required: bool = False,
    ) -> None:
        super().__init__(QLineEdit(), label, keys, parent, required=required)
        self.editor.setPlaceholderText(placeholder)
        self.editor.textEdited.connect(self._on_edited)
        self.editor.returnPressed.connect(self._on_return)
        self._mark = QAction(self.editor)
        self._mark.setVisible(False)
        self.editor.addAction(self._mark, QLineEdit.ActionPosition.TrailingPosition)
        self._mark_name = ""
        theme_store().changed.connect(self._on_theme_changed)

    def text(self) -> str:
        """Return the text."""
        return self.editor.text()

    def set_text(self, text: str) -> None:
        """Show a text without announcing a change; the cursor stays where it can."""
        if text != self.editor.text():
            self.editor.setText(text)

    def set_read_only(self, on: bool) -> None:
        """Lock or unlock: raised ground and a lock."""
        self.editor.setReadOnly(on)
        repolish(self.editor)
        self._show_mark("lock" if on else "")

    def _mark_error(self, on: bool) -> None:
        self._show_mark("warn" if on else "lock" if self.editor.isReadOnly() else "")

    def _show_mark(self, name: str) -> None:
        self._mark_name = name
        self._mark.setVisible(bool(name))
        if name:
            token = "sla.over2.text" if name == "warn" else "text.tertiary"
            self._mark.setIcon(themed_icon(name, theme(), token))

    def _on_edited(self, text: str) -> None:
        if self._error:
            self.set_error("")
        self.text_changed.emit(text)

    def _on_return(self) -> None:
        self.submitted.emit(self.editor.text())

    def _on_theme_changed(self, _theme: object) -> None:
        self._show_mark(self._mark_name)


class TextField(Field[QPlainTextEdit]):
    """Several lines of text, at least 64 high; Tab leaves the field.

    Signals:
        text_changed(str): the operator changed the text (not by ``set_text``).
    """

    text_changed = Signal(str)

    def __init__(
        self,
        label: str,
        keys: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        required: bool = False,
    ) -> None:
        super().__init__(QPlainTextEdit(), label, keys, parent, required=required)
        self._setting = False
        self.editor.setPlaceholderText(placeholder)
        self.editor.setTabChangesFocus(True)
        self.editor.setMinimumHeight(theme().metric("size.textarea_min"))
        self.editor.textChanged.connect(self._on_changed)

    def text(self) -> str:
        """Return the text."""
        return self.editor.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text without announcing a change."""
        if text == self.text():
            return
        self._setting = True
        try:
            self.editor.setPlainText(text)
        finally:
            self._setting = False

    def append(self, text: str) -> None:
        """Put text at the end as the operator would, announcing the change."""
        self.editor.appendPlainText(text)

    def set_read_only(self, on: bool) -> None:
        """Lock or unlock."""
        self.editor.setReadOnly(on)
        repolish(self.editor)

    def _on_changed(self) -> None:
        if self._setting:
            return
        if self._error:
            self.set_error("")
        self.text_changed.emit(self.text())


class ComboField(Field[QComboBox]):
    """One of a short list.

    Signals:
        chosen(str): key of the entry the operator chose.
    """

    chosen = Signal(str)

    def __init__(
        self, label: str, keys: str = "", parent: QWidget | None = None, *, required: bool = False
    ) -> None:
        super().__init__(WheelLessCombo(), label, keys, parent, required=required)
        self.editor.activated.connect(self._on_activated)

    def set_entries(self, entries: tuple[tuple[str, str], ...], current: str = "") -> None:
        """Show entries (key, word); ``current`` is chosen without a signal."""
        self.editor.clear()
        for key, word in entries:
            self.editor.addItem(word, key)
        self.set_current(current)

    def set_current(self, key: str) -> None:
        """Choose without a signal; an unknown key chooses nothing."""
        self.editor.setCurrentIndex(self.editor.findData(key))

    def current(self) -> str:
        """Return the chosen key; empty when none."""
        data = self.editor.currentData()
        return str(data) if data is not None else ""

    def _on_activated(self, _index: int) -> None:
        if self._error:
            self.set_error("")
        self.chosen.emit(self.current())


class WheelLessCombo(QComboBox):
    """A combo box that a turned wheel never changes by accident while scrolling a form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand wheel turns to what is around unless the list is open."""
        if event.type() == QEvent.Type.Wheel and watched is self:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


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
