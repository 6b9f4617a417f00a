"""The dialog of every simple action: what it means, its fields from the table, and what will follow."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.generic import GenericViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.spec_fields import field_for
from widgets.indicators.text_label import TextLabel


class GenericDialog(ActionDialog):
    """Lays out the fields of a `GenericViewModel` under each other."""

    def __init__(self, model: GenericViewModel, host: QWidget) -> None:
        """Build the fields."""
        super().__init__(model, host, model.spec.icon, 560, danger=model.spec.danger)
        self.meaning = TextLabel(model.meaning, "body", "text.secondary", self, wrap=True)
        self.content.addWidget(self.meaning)
        first: QWidget | None = None
        for spec in model.spec.fields:
            editor, field = field_for(spec, model)
            self.content.addWidget(editor)
            self.fields[spec.name] = field
            first = first or editor
        self.set_first_field(first or self.main_button)
        self.finish_layout()
