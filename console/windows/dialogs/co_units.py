"""Co-units as chips with a cross, and a search field that adds one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.actions.choices import Choice
from console.windows.dialogs.pick_field import PickField
from widgets.forms.buttons import Button, ButtonSize


class CoUnits(QWidget):
    """Signals: `added(str)`, `removed(str)` with the unit's id."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, label: str, keys: str = "", parent: QWidget | None = None) -> None:
        """Start without units."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        hint = QCoreApplication.translate("Dialogs", "添加协办单位")
        self.field = PickField(label, keys, hint, self, rows=3)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(4)
        self._chips.addStretch(1)
        column.addWidget(self.field)
        column.addLayout(self._chips)
        self.setFocusProxy(self.field)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._offered: tuple[Choice, ...] = ()
        self.buttons: list[Button] = []
        self.field.picked.connect(self._on_picked)

    def set_units(self, units: tuple[tuple[str, str], ...], offered: tuple[Choice, ...]) -> None:
        """Show the chosen units (id, name) and those that can still be added."""
        if offered != self._offered:
            self._offered = offered
            self.field.set_choices(offered)
        if units == self._shown:
            return
        self._shown = units
        for button in self.buttons:
            self._chips.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for unit, name in units:
            button = Button(name, icon="x", size=ButtonSize.SMALL, parent=self)
            button.setAccessibleName(
                QCoreApplication.translate("Dialogs", "移除协办 {unit}").format(unit=name)
            )
            button.clicked.connect(lambda _=False, each=unit: self.removed.emit(each))
            self._chips.insertWidget(self._chips.count() - 1, button)
            self.buttons.append(button)

    def set_error(self, sentence: str) -> None:
        """Show or clear the error."""
        self.field.set_error(sentence)

    def _on_picked(self, unit: str) -> None:
        self.field.set_chosen("", "")
        self.added.emit(unit)
