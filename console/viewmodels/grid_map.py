"""What the grid map of a seat shows: cases in scope, figures of the grids, officers, base map. No Qt widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.queue import QueueViewModel
from console.viewmodels.rows import RowView
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import DOWN
from services.ports.centre import Doc
from services.ports.picture import Connection

LOST_AFTER = timedelta(minutes=10)


def tr(text: str) -> str:
    """Translate a word of the map."""
    return QCoreApplication.translate("GridMap", text)


@dataclass(frozen=True, slots=True)
class OfficerOnMap:
    """An officer with the last position; `lost` when not heard of for ten minutes, `seen` in words."""

    id: str
    name: str
    lon: float
    lat: float
    busy: bool
    lost: bool
    seen: str
    area_name: str


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Lines and areas below the grids: (geometry, name, width in metres) of roads; geometries of water."""

    roads: tuple[tuple[Any, str, float], ...] = ()
    water: tuple[Any, ...] = ()


class GridMapViewModel(QObject):
    """Gives the map its data.

    Signals: `areas_ready()`, `base_changed()`, `cases_changed()`, `officers_changed()`, `line_changed()`.
    """

    areas_ready = Signal()
    base_changed = Signal()
    cases_changed = Signal()
    officers_changed = Signal()
    line_changed = Signal()

    def __init__(self, seat: SeatViewModel, queue: QueueViewModel, parent: QObject | None = None) -> None:
        """Follow the seat and the filter of the queue: queue and map share one filter."""
        super().__init__(parent)
        self.seat, self.queue = seat, queue
        self.base = BaseMap()
        self.stale_text = ""
        queue.changed.connect(self.cases_changed)
        seat.map_ground.ready.connect(self._on_ground)
        seat.reference_changed.connect(self._on_reference)
        seat.connection_changed.connect(self._on_connection)
        self._on_reference()

    @property
    def cases(self) -> tuple[RowView, ...]:
        """Return the open cases that pass the filter and have a position."""
        book = self.seat.book
        shown = book.ids_at(np.flatnonzero(self.queue.open_mask() & book.columns.placed).tolist())
        return self.queue.views_of(tuple(shown))

    def grid_of(self, case_id: str) -> str:
        """Return the grid of a case, empty when it has none."""
        entry = self.seat.case(case_id)
        return (entry.case.grid or "") if entry is not None else ""

    def officers(self) -> tuple[OfficerOnMap, ...]:
        """Return the officers of the roster that have a position."""
        now = self.seat.now()
        busy: set[str | None] = {
            entry.case.owner.user for entry in self.seat.open_cases() if entry.case.owner.user
        }
        return tuple(
            officer
            for person in self.seat.reference_doc.get("roster") or ()
            if (officer := self._officer(person, now, busy)) is not None
        )

    def duty_of(self) -> dict[str, bool]:
        """Return for each grid whether its officer is on duty, where the roster says so."""
        found: dict[str, bool] = {}
        for person in self.seat.reference_doc.get("roster") or ():
            if person.get("role") == "grid_worker" and person.get("area_code"):
                found[str(person["area_code"])] = bool(person.get("on_duty"))
        grids = [entry.code for entry in self.seat.areas.of_level("grid")]
        return {grid: found[code] for grid in grids for code in (grid, grid[:12]) if code in found}

    def _officer(
        self, person: Mapping[str, Any], now: datetime, busy: set[str | None]
    ) -> OfficerOnMap | None:
        """Return one officer, None without a position or for another post."""
        if person.get("role") not in ("grid_worker", "supervisor"):
            return None
        lon, lat = person.get("lon"), person.get("lat")
        if lon is None or lat is None:
            return None
        seen = datetime.fromisoformat(person["seen_at"]) if person.get("seen_at") else None
        lost = seen is None or now - seen > LOST_AFTER
        words = self.seat.rules.calendar.local(seen).strftime("%H:%M") if seen is not None else ""
        area = self.seat.areas.name(person.get("area_code"))
        user = str(person.get("user", ""))
        return OfficerOnMap(
            user, str(person.get("name", "")), float(lon), float(lat), user in busy, lost, words, area
        )

    def _on_ground(self) -> None:
        """Tell the map that its areas are ready."""
        self.areas_ready.emit()
        self.cases_changed.emit()

    def _on_reference(self) -> None:
        """Take base map and officers from fresh reference data."""
        self.base = base_map(self.seat.reference_doc.get("basemap") or {})
        self.base_changed.emit()
        self.officers_changed.emit()

    def _on_connection(self, connection: object) -> None:
        """Say on the map how old the picture is while the line is down."""
        assert isinstance(connection, Connection)
        text = ""
        if connection.state in DOWN:
            at = connection.data_at
            words = self.seat.rules.calendar.local(at).strftime("%H:%M") if at is not None else "—"
            text = tr("离线底图 · 位置为 {time} 最后上报").format(time=words)
        if text != self.stale_text:
            self.stale_text = text
            self.line_changed.emit()


def base_map(doc: Doc) -> BaseMap:
    """Read roads and water from the base map document (two FeatureCollections in WGS84)."""
    roads = []
    for feature in (doc.get("roads") or {}).get("features") or ():
        known = feature.get("properties") or {}
        width = known.get("width_m") or known.get("width") or 0.0
        roads.append(
            (shapely.geometry.shape(feature["geometry"]), str(known.get("name") or ""), float(width))
        )
    water = [shapely.geometry.shape(f["geometry"]) for f in (doc.get("water") or {}).get("features") or ()]
    return BaseMap(tuple(roads), tuple(water))
