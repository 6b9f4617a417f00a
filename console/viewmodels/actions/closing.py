"""结案: the closing condition, offered from the filing condition, and the call-back where the caller wants one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.base import ActionViewModel


class CloseViewModel(ActionViewModel):
    """The closing dialog."""

    def prepare(self) -> None:
        """Offer the filing condition's own closing condition."""
        if "closing_condition" not in self.values:
            offered = self.offered()
            self.values["closing_condition"] = offered[0] if offered else ""

    def offered(self) -> tuple[str, ...]:
        """Return the closing conditions of the category, the filing condition's own first, none twice."""
        case = self.case
        entry = self.seat.rules.categories.get(case.category or "") if case is not None else None
        if case is None or entry is None:
            return ()
        own = self.seat.rules.condition(case.category, case.condition)
        words = [own.closing] if own is not None else []
        words += [condition.closing for condition in entry.conditions]
        return tuple(dict.fromkeys(word for word in words if word))

    @property
    def needs_callback(self) -> bool:
        """Whether the caller must be called back before this case can be closed."""
        case = self.case
        return case is not None and case.need_callback and "called_back" not in case.marks

    def callback(self) -> dict[str, Any] | None:
        """Return the call-back facts; None when nothing was entered."""
        reached = self.values.get("callback.reached")
        if reached is None:
            return None
        made: dict[str, Any] = {"reached": reached}
        for name in ("solved", "satisfaction", "text"):
            value = self.values.get(f"callback.{name}")
            if value not in (None, ""):
                made[name] = value
        return made

    def payload(self) -> dict[str, Any]:
        """Return the payload."""
        made: dict[str, Any] = {"closing_condition": self.values.get("closing_condition", "")}
        called = self.callback()
        if called is not None:
            made["callback"] = called
        return made

    def own_errors(self) -> dict[str, str]:
        """Ask for what is missing."""
        errors = {}
        if not str(self.values.get("closing_condition", "")).strip():
            errors["closing_condition"] = QCoreApplication.translate("Close", "请选择或填写结案条件")
        if self.needs_callback and self.values.get("callback.reached") is None:
            errors["callback.reached"] = QCoreApplication.translate("Close", "来电人要求回访，请先回访再结案")
        return errors
