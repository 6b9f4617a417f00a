"""A labelled picker that folds away after a choice: for a category, a unit or a case inside a form."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.actions.choices import Choice
from widgets.forms.fields import FieldLabel, repolish
from widgets.forms.picker import Picker
from widgets.forms.picker_match import PickerItem
from widgets.indicators.text_label import TextLabel


def picker_items(choices: Iterable[Choice]) -> tuple[PickerItem, ...]:
    """Return choices as the picker shows them."""
    return tuple(
        PickerItem(
            each.id,
            each.name,
            each.short,
            each.code,
            each.pinyin,
            each.initials,
            each.note,
            each.right,
            reason=each.reason,
        )
        for each in choices
    )


class PickField(QWidget):
    """Label, search field, list, error. The list shows while the operator searches, and folds after a choice.

    Signals: `picked(str)` with the id, `searched(str)` with the text (for lists found elsewhere).
    """

    picked = Signal(str)
    searched = Signal(str)

    def __init__(
        self,
        label: str,
        keys: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        required: bool = False,
        rows: int = 4,
    ) -> None:
        """Start folded."""
        super().__init__(parent)
        self.chosen = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = FieldLabel(label, keys, self, required=required)
        self.picker = Picker(placeholder, rows, self)
        self._error = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error.hide()
        for part in (self.label, self.picker, self._error):
            column.addWidget(part)
        self.setFocusProxy(self.picker)
        self.picker.line.setAccessibleName(label)
        self.picker.picked.connect(self._on_picked)
        self.picker.query_changed.connect(self._on_query)
        self.picker.line.installEventFilter(self)
        self._name = ""
        self._unfolded = False
        self.fold()

    def set_choices(self, choices: Iterable[Choice], *, searched: bool = False) -> None:
        """Offer other candidates."""
        self.picker.set_items(picker_items(choices), searched=searched)
        self._show_list()

    def set_chosen(self, item_id: str, name: str) -> None:
        """Show what is chosen without a signal."""
        self.chosen, self._name = item_id, name
        if not self._unfolded:
            self._show_name()

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self.picker.line.setProperty("invalid", bool(sentence))
        repolish(self.picker.line)
        self.picker.line.setAccessibleDescription(sentence)
        self._error.set_text(sentence)
        self._error.setVisible(bool(sentence))

    def unfold(self) -> None:
        """Show the candidates."""
        self._unfolded = True
        self._show_list()

    def fold(self) -> None:
        """Hide the candidates and show what is chosen."""
        self._unfolded = False
        self._show_list()
        self._show_name()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Unfold on Down, fold when the field is left or by Esc."""
        if event.type() == QEvent.Type.FocusOut and self._unfolded:
            self.fold()
        if event.type() == QEvent.Type.KeyPress:
            key = event.key()  # type: ignore[attr-defined]  # a key event by its type
            if key == Qt.Key.Key_Escape and self._unfolded:
                self.fold()
                return True
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and not self._unfolded:
                self.picker.set_query("")
                self.unfold()
                return True
        return super().eventFilter(watched, event)

    def _on_query(self, text: str) -> None:
        self.unfold()
        self.searched.emit(text)

    def _on_picked(self, item_id: str) -> None:
        item = self.picker.item_of(item_id)
        self.set_chosen(item_id, item.name if item is not None else item_id)
        self.fold()
        self.picked.emit(item_id)

    def _show_name(self) -> None:
        if self.picker.line.text() != self._name:
            self.picker.line.setText(self._name)
        self.picker.line.setCursorPosition(0)

    def _show_list(self) -> None:
        shown = self._unfolded and self.picker.count > 0
        self.picker.list.setVisible(shown)
        self.updateGeometry()
