"""The address: free words, with addresses that are known offered below while the operator types."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.viewmodels.intake_addresses import AddressBook
from console.windows.dialogs.pick_field import PickField


class AddressField(PickField):
    """Text that need not be in the list. `text_changed(str)` on typing, `placed(str)` when a known one is taken."""

    text_changed = Signal(str)
    placed = Signal(str)

    def __init__(
        self, book: AddressBook, label: str, keys: str, hint: str, parent: QWidget | None = None
    ) -> None:
        """Search in a book of addresses."""
        super().__init__(label, keys, hint, parent, required=True)
        self._book = book
        self.editor = self.picker.line
        self.error = ""
        self.searched.connect(self._on_text)
        self.picked.connect(self.placed)

    def text(self) -> str:
        """Return the text."""
        return self.editor.text()

    def set_text(self, text: str) -> None:
        """Show a text without announcing a change."""
        if text != self.editor.text():
            self.editor.setText(text)

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self.error = sentence
        super().set_error(sentence)

    def fold(self) -> None:
        """Hide the candidates; nothing is offered to Enter any more."""
        self.picker.set_items((), searched=True)
        super().fold()

    def _on_text(self, text: str) -> None:
        self.set_choices(self._book.choices(text), searched=True)
        self.text_changed.emit(text)

    def _show_name(self) -> None:
        """Keep what was typed: an address need not be a known one."""

    def _on_picked(self, item_id: str) -> None:
        self.set_text(item_id)
        self.fold()
        self.picked.emit(item_id)
