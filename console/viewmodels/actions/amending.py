"""更正: category and condition, position, description; the deadline that would follow is shown beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import (
    Choice,
    ConditionChoice,
    category_choices,
    category_name,
    condition_choices,
)
from console.viewmodels.actions.preview import Preview, preview
from console.viewmodels.intake_place import Place, PlaceFinder, place_finder
from console.viewmodels.seat import SeatViewModel
from services.domain.clocks import Clock
from services.domain.reference import Position
from services.domain.states import BEFORE_FILING


class AmendViewModel(ActionViewModel):
    """The amend dialog; only what differs from the case goes into the payload."""

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Listen to the finder of places."""
        super().__init__(seat, action, case_id, parent)
        self.finder: PlaceFinder = place_finder(seat)
        self.finder.ready_changed.connect(self.changed)

    def prepare(self) -> None:
        """Start with what the case says now."""
        case = self.case
        if case is None or self.values:
            return
        self.values = {
            "category": case.category,
            "condition": case.condition,
            "description": case.description,
            "address": case.location.address,
            "lon": case.location.lon,
            "lat": case.location.lat,
            "reason": "",
        }

    # --- category and condition ---------------------------------------------------------------------

    def categories(self) -> tuple[Choice, ...]:
        """Return the categories, the case's own first."""
        return category_choices(self.seat.rules, self.case.category if self.case is not None else None)

    def category_name(self) -> str:
        """Return the name of the chosen category."""
        return category_name(self.seat.rules, self.values.get("category"))

    def choose_category(self, code: str) -> None:
        """Choose a category; a condition of another one no longer counts."""
        case = self.case
        if code != self.values.get("category"):
            back = case is not None and code == case.category
            self.values["condition"] = case.condition if back and case is not None else None
            self.set_value("category", code)

    def conditions(self) -> tuple[ConditionChoice, ...]:
        """Return the filing conditions of the chosen category."""
        case = self.case
        if case is None:
            return ()
        start = self.handle_start() or self.now()
        return condition_choices(
            self.seat.rules, self.values.get("category"), start, case.grid, case.lead_dept
        )

    def handle_start(self) -> datetime | None:
        """Return when the handling clock started: a new condition counts from there."""
        clock = self.case.clocks.get("handle") if self.case is not None else None
        return clock.started_at if clock is not None else None

    # --- position -----------------------------------------------------------------------------------

    def set_point(self, lon: float, lat: float) -> None:
        """Move the point."""
        self.values["lon"] = lon
        self.set_value("lat", lat)
        self.changed.emit()

    def place(self) -> Place | None:
        """Return where the point lies; None without a point or before the areas are known."""
        lon, lat = self.values.get("lon"), self.values.get("lat")
        return self.finder.find(lon, lat) if lon is not None and lat is not None else None

    def position(self, lon: float, lat: float) -> Position | None:
        """Return grid and areas of a point."""
        found = self.finder.find(lon, lat)
        return found.position if found is not None else None

    def sure(self) -> bool:
        """A refusal about the place counts only when the areas are known here."""
        return self.finder.ready

    # --- what would follow --------------------------------------------------------------------------

    def handle_clocks(self) -> tuple[Clock | None, Clock | None]:
        """Return the handling clock now and after the amendment."""
        case, ahead = self.case, self.preview()
        before = case.clocks.get("handle") if case is not None else None
        after = ahead.after.clocks.get("handle") if ahead is not None and ahead.after is not None else None
        return before, after

    def preview(self) -> Preview | None:
        """Return what the amendment would do, also before its reason was written."""
        payload = self.payload()
        if self.case is None or len(payload) == 1:
            return None
        told = payload | {"reason": payload["reason"].strip() or "—"}
        return preview(
            self.case, self.action, told, self.seat.actor, self.now(), self.seat.rules, self.facts(told)
        )

    def payload(self) -> dict[str, Any]:
        """Return what differs from the case, and the reason."""
        case, made = self.case, {"reason": self.values.get("reason", "")}
        if case is None or not self.prepared:
            return made
        if self.values["category"] != case.category:
            made["category"] = self.values["category"]
        condition = self.values["condition"]
        if condition is not None and (condition != case.condition or "category" in made):
            made["condition"] = condition
        if self.values["description"].strip() != case.description:
            made["description"] = self.values["description"]
        here = (self.values["lon"], self.values["lat"], self.values["address"].strip())
        at = case.location
        if here != (at.lon, at.lat, at.address) and here[0] is not None:
            made["location"] = {"lon": here[0], "lat": here[1], "address": here[2]}
        return made

    def own_errors(self) -> dict[str, str]:
        """Ask for what is missing, in words that fit the fields."""
        errors, made, case = {}, self.payload(), self.case
        if len(made) == 1:
            errors["description"] = QCoreApplication.translate("Amend", "还没有改动任何内容")
        if not made["reason"].strip():
            errors["reason"] = QCoreApplication.translate("Amend", "请填写更正理由")
        filed = case is not None and case.state not in BEFORE_FILING
        if "category" in made and filed and "condition" not in made:
            errors["condition"] = QCoreApplication.translate("Amend", "换了类别，请同时选择立案条件")
        place = self.place()
        if "location" in made and place is not None and not place.inside:
            errors["location"] = QCoreApplication.translate("Amend", "地址不在本区范围内，请重选")
        return errors
