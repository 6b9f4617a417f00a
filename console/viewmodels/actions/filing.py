"""立案: category and filing condition, the limit that follows from it, and the due time it would give."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import (
    Choice,
    ConditionChoice,
    category_choices,
    category_name,
    condition_choices,
    unit_name,
)


class FileViewModel(ActionViewModel):
    """The filing dialog. The handling clock starts at dispatch, so due times are "if dispatched now"."""

    def prepare(self) -> None:
        """Start with the category given at registration; the condition is always chosen by hand."""
        if "category" not in self.values:
            case = self.case
            self.values = {"category": case.category if case is not None else None, "condition": None}

    def categories(self) -> tuple[Choice, ...]:
        """Return the categories, the case's own first."""
        return category_choices(self.seat.rules, self.case.category if self.case is not None else None)

    def category_name(self) -> str:
        """Return the name of the chosen category."""
        return category_name(self.seat.rules, self.values.get("category"))

    def choose_category(self, code: str) -> None:
        """Choose a category; a condition of another one no longer counts."""
        if code != self.values.get("category"):
            self.values["condition"] = None
            self.set_value("category", code)

    def conditions(self) -> tuple[ConditionChoice, ...]:
        """Return the filing conditions of the chosen category with limit and due time."""
        case = self.case
        grid = case.grid if case is not None else None
        return condition_choices(self.seat.rules, self.values.get("category"), self.now(), grid)

    def unit(self) -> str:
        """Return the name of the unit the duty table gives for the choice; empty when it names none."""
        case = self.case
        if case is None or self.values.get("condition") is None:
            return ""
        rules = self.seat.rules
        return unit_name(
            rules, rules.lead_of(self.values["category"], self.values["condition"], case.area_path)
        )

    def payload(self) -> dict[str, Any]:
        """Return category and condition as far as they are chosen."""
        return {key: value for key, value in self.values.items() if value is not None}

    def own_errors(self) -> dict[str, str]:
        """Ask for both in the dialog's own words."""
        errors = {}
        if not self.values.get("category"):
            errors["category"] = QCoreApplication.translate("File", "请选择案件类别")
        elif self.values.get("condition") is None:
            errors["condition"] = QCoreApplication.translate("File", "请选择立案条件，时限由它决定")
        return errors
