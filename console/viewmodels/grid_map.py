"""What the grid map of a seat shows: cases in scope, figures of the grids, the field, base map. No Qt widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely
from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.boundary import boundary_watch
from console.viewmodels.grid_figures import GridFigures
from console.viewmodels.map_cases import MapCases
from console.viewmodels.map_field import MapField
from console.viewmodels.map_memory import MapMemoryKeeper
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import DOWN
from services.ports.centre import Doc
from services.ports.picture import Connection


def tr(text: str) -> str:
    """Translate a word of the map."""
    return QCoreApplication.translate("GridMap", text)


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Lines and areas below the grids: (geometry, name, width in metres) of roads; geometries of water."""

    roads: tuple[tuple[Any, str, float], ...] = ()
    water: tuple[Any, ...] = ()


class GridMapViewModel(QObject):
    """Gives the map its data, in parts that each follow what concerns them.

    `cases` (`MapCases`), `figures` (`GridFigures`), `field` (`MapField`), `boundary` (`BoundaryWatch`) and `keeper`
    (`MapMemoryKeeper`) have signals of their own. Signals here: `areas_ready()`, `base_changed()`, `line_changed()`.
    """

    areas_ready = Signal()
    base_changed = Signal()
    line_changed = Signal()

    def __init__(self, seat: SeatViewModel, queue: QueueViewModel, parent: QObject | None = None) -> None:
        """Follow the seat and the filter of the queue: queue and map share one filter."""
        super().__init__(parent)
        self.seat, self.queue = seat, queue
        self.cases = MapCases(queue, self)
        self.figures = GridFigures(queue, self)
        self.field = MapField(seat, self)
        self.boundary = boundary_watch(seat)
        self.keeper = MapMemoryKeeper(seat, parent=self)
        self.base = BaseMap()
        self.stale_text = ""
        self._base_doc: object = None
        seat.map_ground.ready.connect(self._on_ground)
        seat.reference_changed.connect(self._on_reference)
        seat.connection_changed.connect(self._on_connection)
        seat.field.activity_changed.connect(self._on_activity)
        seat.field.officers_changed.connect(self._on_duty)
        self._on_reference()
        self._on_activity()
        if seat.map_ground.district is not None:
            self._on_ground()

    def _on_ground(self) -> None:
        """Tell the map that its areas are ready."""
        ground = self.seat.map_ground
        areas = ground.district.areas if ground.district is not None else None
        self.areas_ready.emit()
        # the order of the district's own cells, so that figures need no looking up
        self.figures.set_codes(areas.cells.codes if areas is not None else ground.codes)
        self._on_duty()
        self.cases.replace()

    def _on_duty(self) -> None:
        """Take who is on duty."""
        self.figures.set_duty(self.field.duty_of())

    def _on_activity(self) -> None:
        """Take the reports of the grids."""
        activity = self.seat.field.activity
        self.figures.set_activity(activity if activity.grids else None, self.seat.field.silence)

    def _on_reference(self) -> None:
        """Take base map and officers from fresh reference data."""
        doc = self.seat.reference_doc.get("basemap") or {}
        if doc is not self._base_doc:
            self._base_doc = doc
            self.base = base_map(doc)
            self.base_changed.emit()
        self._on_duty()
        self.field.officers_changed.emit()

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
