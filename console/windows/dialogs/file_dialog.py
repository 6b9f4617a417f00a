"""立案: pick the category, pick the filing condition, see the limit and the due time before confirming."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.filing import FileViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.condition_list import ConditionList
from console.windows.dialogs.pick_field import PickField
from console.windows.dialogs.words import moment_with_day, tr
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel


class FileDialog(ActionDialog):
    """The filing dialog."""

    model: FileViewModel

    def __init__(self, model: FileViewModel, host: QWidget) -> None:
        """Lay out description, category and conditions."""
        hints = (KeyHint(("↑", "↓"), tr("选条件")), KeyHint(("Tab",), tr("下一项")))
        super().__init__(model, host, "stamp", 720, main=tr("立案"), hints=hints)
        self.about = TextLabel("", "body", "text.secondary", self, wrap=True, max_lines=3)
        self.category = PickField(
            tr("案件类别"), "Alt+D", tr("名称、编码、拼音或首字母"), self, required=True
        )
        calendar = model.seat.rules.calendar
        self.conditions = ConditionList(lambda when: moment_with_day(when, calendar), self)
        self.unit = TextLabel("", "label", "text.tertiary", self)
        for part in (self.about, self.category, self.conditions, self.unit):
            self.content.addWidget(part)
        self.fields = {"category": self.category, "condition": self.conditions}
        self.category.picked.connect(self._on_category)
        self.conditions.chosen.connect(self._on_condition)
        QShortcut(QKeySequence("Alt+D"), self).activated.connect(self.category.setFocus)
        self.set_first_field(self.category)
        self._offered = False
        self.finish_layout()

    def show_model(self) -> None:
        """Show the choice and what follows from it."""
        model = self.model
        self.about.set_text(model.head().description)
        if not self._offered and model.case is not None:
            self.category.set_choices(model.categories())
            self._offered = True
            if model.values.get("category"):
                self.set_first_field(self.conditions)
                if self.isVisible():
                    self.conditions.setFocus()
        self.category.set_chosen(model.values.get("category") or "", model.category_name())
        self.conditions.set_conditions(model.conditions(), model.values.get("condition"))
        unit = model.unit()
        self.unit.set_text(tr("责任清单：{unit}").format(unit=unit) if unit else "")
        self.unit.setVisible(bool(unit))

    def _on_category(self, code: str) -> None:
        self.model.choose_category(code)
        self.conditions.setFocus()

    def _on_condition(self, index: int) -> None:
        self.model.set_value("condition", int(index))
