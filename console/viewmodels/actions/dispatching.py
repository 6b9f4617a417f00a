"""派遣 and 改派: the responsible unit, co-units, opinion, and the due time that follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import Choice, due_after, unit_choices, unit_name
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import held_counts
from services.domain.limits import Limit


class DispatchViewModel(ActionViewModel):
    """The dispatch dialog; `redispatch` asks for a reason besides.

    A unit picked in the case panel can be handed in; without one the duty table's own stands first.
    """

    def __init__(
        self,
        seat: SeatViewModel,
        action: str,
        case_id: str,
        unit: str = "",
        parent: QObject | None = None,
    ) -> None:
        """Start with the handed-in unit, if any."""
        super().__init__(seat, action, case_id, parent)
        self.values = {"lead_dept": unit, "co_depts": (), "note": "", "reason": ""}
        self._from_table = not unit

    @property
    def needs_reason(self) -> bool:
        """Whether a reason is asked for."""
        return self.action == "redispatch"

    def prepare(self) -> None:
        """Mark the duty table's unit when none was handed in."""
        if self._from_table and not self.values["lead_dept"]:
            first = next((unit for unit in self.units() if unit.reason), None)
            self.values["lead_dept"] = first.id if first is not None and self.action == "dispatch" else ""

    def units(self) -> tuple[Choice, ...]:
        """Return the units for the picker; where the case already is stands out of it for a 改派."""
        case = self.case
        held = case is not None and case.state in ("pending_sign", "handling")
        out = frozenset({case.lead_dept}) if held and case is not None and case.lead_dept else frozenset()
        return unit_choices(case, self.seat.rules, held_counts(self.seat), out)

    def co_units(self) -> tuple[Choice, ...]:
        """Return the units that can still be added as co-units."""
        out = {*self.values["co_depts"], self.values["lead_dept"]}
        return unit_choices(self.case, self.seat.rules, held_counts(self.seat), frozenset(out))

    def unit_name(self, unit: str) -> str:
        """Return a unit's name."""
        return unit_name(self.seat.rules, unit)

    def add_co_unit(self, unit: str) -> None:
        """Take a co-unit in."""
        if unit and unit not in self.values["co_depts"]:
            self.set_value("co_depts", (*self.values["co_depts"], unit))

    def remove_co_unit(self, unit: str) -> None:
        """Take a co-unit out."""
        self.set_value("co_depts", tuple(each for each in self.values["co_depts"] if each != unit))

    def limit(self) -> Limit | None:
        """Return the handling limit the filing condition fixed."""
        case = self.case
        return self.seat.rules.handling_limit(case.category, case.condition) if case is not None else None

    def due_at(self) -> datetime | None:
        """Return the due time a dispatch now would give."""
        ahead = self.preview()
        clock = ahead.clock if ahead is not None else None
        if clock is not None:
            return clock.due_at
        case, limit = self.case, self.limit()
        if case is None or limit is None:
            return None
        return due_after(limit, self.now(), self.seat.rules, case.grid, None)

    def reason_line(self) -> str:
        """Return why the marked unit is offered, for the line below the picker."""
        chosen = next((unit for unit in self.units() if unit.id == self.values["lead_dept"]), None)
        case = self.case
        if chosen is None or case is None or not chosen.reason:
            return ""
        entry = self.seat.rules.categories.get(case.category or "")
        text = QCoreApplication.translate("Dispatch", "依据：{reason}“{category} → {unit}”；{load}")
        return text.format(
            reason=chosen.reason, category=entry.name if entry else "", unit=chosen.short or chosen.name,
            load=chosen.right,
        )  # fmt: skip

    def payload(self) -> dict[str, Any]:
        """Return the payload; empty parts are left out."""
        made: dict[str, Any] = {"lead_dept": self.values["lead_dept"]}
        if self.values["co_depts"]:
            made["co_depts"] = list(self.values["co_depts"])
        if self.values["note"].strip():
            made["note"] = self.values["note"]
        if self.needs_reason:
            made["reason"] = self.values["reason"]
        return made

    def own_errors(self) -> dict[str, str]:
        """Ask for the unit and, for a 改派, the reason."""
        errors = {}
        if not self.values["lead_dept"]:
            errors["lead_dept"] = QCoreApplication.translate("Dispatch", "请选承办单位")
        if self.needs_reason and not self.values["reason"].strip():
            errors["reason"] = QCoreApplication.translate("Dispatch", "请填写改派理由")
        return errors
