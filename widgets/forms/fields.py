"""Fields of a form (DESIGN §6): one line, several lines, one of a list; error below, read-only with a lock."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from widgets.forms.field_frame import Field, FieldLabel, FieldRow, repolish
from widgets.theme import theme, theme_store
from widgets.theme.icons import themed_icon

__all__ = [
    "ComboField",
    "Field",
    "FieldLabel",
    "FieldRow",
    "LineField",
    "TextField",
    "WheelLessCombo",
    "repolish",
]


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
