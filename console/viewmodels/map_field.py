"""Officers, cameras and components as the map shows them: words and flags made from what the centre reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.seat import SeatViewModel
from maps.layers.cameras import MapCamera
from maps.layers.components import ComponentLayer
from maps.layers.officers import LOST_AFTER_S, MapOfficer
from services.ports.field import Component, OfficerPosition

LANE = "map-field"
FIELD_ROLES = ("grid_worker", "supervisor")
STATES = {"intact": "完好", "damaged": "破损", "lost": "丢失", "occupied": "占用", "removed": "移除"}


def tr(text: str) -> str:
    """Translate a word of the field."""
    return QCoreApplication.translate("MapField", text)


class MapField(QObject):
    """Follows the seat's field data.

    Signals: `officers_changed()`, `cameras_changed()`, `components_changed(ComponentLayer)`.
    """

    officers_changed = Signal()
    cameras_changed = Signal()
    components_changed = Signal(object)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen."""
        super().__init__(parent)
        self.seat = seat
        seat.field.officers_changed.connect(self.officers_changed)
        seat.field.cameras_changed.connect(self.cameras_changed)
        seat.field.components_changed.connect(self.prepare_components)

    # --- officers ---------------------------------------------------------------------------------------

    def officers(self) -> tuple[MapOfficer, ...]:
        """Return the people of the field who have a position: as last reported, else as the roster knows."""
        now = self.seat.now()
        busy = self._busy()
        heard = self.seat.field.officers
        reported = tuple(
            self._reported(one, heard.lost(one, now), busy)
            for one in heard.officers
            if one.lon is not None and one.lat is not None and (one.on_duty or one.at is not None)
        )
        if reported:
            return reported
        people = self.seat.reference_doc.get("roster") or ()
        found = (self._of_roster(person, now, busy) for person in people)
        return tuple(officer for officer in found if officer is not None)

    def duty_of(self) -> dict[str, bool]:
        """Return for each grid whether its officer is on duty, where that is known."""
        found = {one.area_code: one.on_duty for one in self.seat.field.officers.officers if one.area_code}
        for person in self.seat.reference_doc.get("roster") or ():
            if person.get("role") == "grid_worker" and person.get("area_code"):
                found.setdefault(str(person["area_code"]), bool(person.get("on_duty")))
        if not found:
            return {}
        grids = [entry.code for entry in self.seat.areas.of_level("grid")]
        return {grid: found[code] for grid in grids for code in (grid[:12], grid) if code in found}

    def _busy(self) -> frozenset[str]:
        """Return the users who hold an open case."""
        columns = self.seat.book.columns
        numbers = np.unique(columns.holder[columns.open]).tolist()
        return frozenset(columns.holders.codes[number] for number in numbers)

    def _reported(self, one: OfficerPosition, lost: bool, busy: frozenset[str]) -> MapOfficer:
        """Return an officer as last reported."""
        assert one.lon is not None
        assert one.lat is not None
        return MapOfficer(
            one.user, one.name, one.lon, one.lat, one.user in busy, lost, self._clock(one.at),
            self.seat.areas.name(one.area_code), one.at.timestamp() if one.at is not None else None,
        )  # fmt: skip

    def _of_roster(self, person: Mapping[str, Any], now: datetime, busy: frozenset[str]) -> MapOfficer | None:
        """Return an officer of the roster, None without a position or for another post."""
        lon, lat = person.get("lon"), person.get("lat")
        if person.get("role") not in FIELD_ROLES or lon is None or lat is None:
            return None
        at = datetime.fromisoformat(person["seen_at"]) if person.get("seen_at") else None
        user = str(person.get("user", ""))
        lost = at is None or (now - at).total_seconds() > LOST_AFTER_S
        return MapOfficer(
            user, str(person.get("name", "")), float(lon), float(lat), user in busy, lost, self._clock(at),
            self.seat.areas.name(person.get("area_code")), at.timestamp() if at is not None else None,
        )  # fmt: skip

    def _clock(self, at: datetime | None) -> str:
        """Return the time of a report in words."""
        return self.seat.rules.calendar.local(at).strftime("%H:%M") if at is not None else ""

    # --- cameras and components -------------------------------------------------------------------------

    def cameras(self) -> tuple[MapCamera, ...]:
        """Return the cameras."""
        return tuple(
            MapCamera(one.code, one.name, one.lon, one.lat, one.heading, lost=one.state == "fault")
            for one in self.seat.field.cameras
        )

    def prepare_components(self) -> None:
        """Make the layer of components on a lane; there are tens of thousands."""
        components = self.seat.field.components
        depts = {code: entry.short or entry.name for code, entry in self.seat.rules.departments.items()}
        self.seat.background.submit(
            LANE, "components", lambda: component_layer(components, depts), self.components_changed.emit
        )


def component_layer(components: tuple[Component, ...], depts: Mapping[str, str]) -> ComponentLayer:
    """Return the layer of some components; runs on any thread."""
    return ComponentLayer.of_columns(
        [c.code for c in components],
        [c.lon for c in components],
        [c.lat for c in components],
        [c.name for c in components],
        [depts.get(c.dept, c.dept) for c in components],
        [c.maintainer for c in components],
        [STATES.get(c.status, c.status) for c in components],
    )
