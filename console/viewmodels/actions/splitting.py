"""拆分: one report with several problems becomes several cases of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import Choice, category_choices, category_name
from console.viewmodels.seat import SeatViewModel
from services.domain.ids import uuid7

MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the id its case will have, what it is about, and its category (None: the case's own)."""

    case_id: str
    description: str = ""
    category: str | None = None


class SplitViewModel(ActionViewModel):
    """The split dialog; the parts keep their ids however often they are edited."""

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Start with two empty parts."""
        super().__init__(seat, action, case_id, parent)
        self.parts: tuple[Part, ...] = (Part(uuid7()), Part(uuid7()))

    def categories(self) -> tuple[Choice, ...]:
        """Return the categories, the case's own first."""
        return category_choices(self.seat.rules, self.case.category if self.case is not None else None)

    def category_name(self, place: int) -> str:
        """Return the name of a part's category, the case's own where it has none."""
        own = self.case.category if self.case is not None else None
        return category_name(self.seat.rules, self.parts[place].category or own)

    def add(self) -> None:
        """Add an empty part; at most 20."""
        if len(self.parts) < MOST_PARTS:
            self.parts = (*self.parts, Part(uuid7()))
            self.changed.emit()

    def remove(self, place: int) -> None:
        """Take a part out; one always stays."""
        if len(self.parts) > 1:
            self.parts = self.parts[:place] + self.parts[place + 1 :]
            self.changed.emit()

    def describe(self, place: int, text: str) -> None:
        """Write what a part is about."""
        self._change(place, replace(self.parts[place], description=text))

    def categorise(self, place: int, code: str) -> None:
        """Give a part its own category."""
        self._change(place, replace(self.parts[place], category=code))

    def _change(self, place: int, part: Part) -> None:
        self.parts = (*self.parts[:place], part, *self.parts[place + 1 :])
        if self.errors.pop(f"parts[{place}].description", None) is not None:
            self.errors_changed.emit(dict(self.errors))
        self.changed.emit()

    def payload(self) -> dict[str, Any]:
        """Return the parts."""
        return {"parts": [_part_payload(part) for part in self.parts]}

    def own_errors(self) -> dict[str, str]:
        """Every part says what it is about, and no two the same."""
        errors, seen = {}, set()
        for place, part in enumerate(self.parts):
            text = part.description.strip()
            if not text:
                sentence = QCoreApplication.translate("Split", "请写明第 {n} 件是什么问题")
                errors[f"parts[{place}].description"] = sentence.format(n=place + 1)
            elif text in seen:
                sentence = QCoreApplication.translate("Split", "第 {n} 件与前面的内容相同")
                errors[f"parts[{place}].description"] = sentence.format(n=place + 1)
            seen.add(text)
        return errors


def _part_payload(part: Part) -> dict[str, Any]:
    made: dict[str, Any] = {"case_id": part.case_id, "description": part.description}
    return made | ({"category": part.category} if part.category else {})
