"""The grid map of 派遣席: gives the map widget what its view-model says, in the map's own values."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.grid_map import GridMapViewModel
from console.viewmodels.rows import RowView
from console.windows.rows import limit_reading
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.layers.areas import figures_of_cases
from maps.layers.base import BaseShape
from maps.layers.cases import MapCase
from maps.layers.officers import MapOfficer
from widgets.indicators.countdown import limit_text
from widgets.theme import theme, theme_store


class MapPanel(QWidget):
    """Holds the map. `case_chosen(str)` by click, `case_opened(str)` by Enter or double click."""

    case_chosen = Signal(str)
    case_opened = Signal(str)

    def __init__(self, model: GridMapViewModel, parent: QWidget | None = None) -> None:
        """Build the map and hand it what is known."""
        super().__init__(parent)
        self.model = model
        self.setMinimumWidth(theme().metric("size.map.min"))
        self.map = GridMapWidget(MapPalette.load(theme().name), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.map)
        model.areas_ready.connect(self._on_areas)
        model.cases_changed.connect(self._on_cases)
        model.officers_changed.connect(self._on_officers)
        model.line_changed.connect(self._on_line)
        theme_store().changed.connect(self._on_theme)
        self.map.case_selected.connect(self.case_chosen)
        self.map.case_activated.connect(self.case_opened)
        self._shown: object = None
        model.base_changed.connect(self._on_base)
        self._on_areas()
        self._on_base()
        self._on_cases()
        self._on_officers()

    def select_case(self, case_id: str) -> None:
        """Mark a case without moving the view."""
        self.map.select_case(case_id)

    def centre_on(self, case_id: str) -> None:
        """Bring a case into the middle."""
        self.map.centre_on_case(case_id)

    def _on_areas(self) -> None:
        """Take the areas once they are ready."""
        district = self.model.seat.map_ground.district
        if district is not None and district is not self._shown:
            self._shown = district
            self.map.set_prepared(district)

    def _on_base(self) -> None:
        """Take roads and water."""
        base = self.model.base
        self.map.set_base((BaseShape(line, name, width) for line, name, width in base.roads), base.water)

    def _on_cases(self) -> None:
        """Take cases and figures."""
        rows = self.model.cases
        self.map.set_cases(_map_case(row, self.model.grid_of) for row in rows)
        codes = self.model.seat.map_ground.codes
        places = ((self.model.grid_of(row.case_id), row.band) for row in rows)
        self.map.set_metric(figures_of_cases(codes, places, self.model.duty_of()))

    def _on_officers(self) -> None:
        """Take officers."""
        self.map.set_officers(
            MapOfficer(o.id, o.name, o.lon, o.lat, o.busy, o.lost, o.seen, o.area_name)
            for o in self.model.officers()
        )

    def _on_line(self) -> None:
        """Show whether the picture is fresh."""
        self.map.set_offline(bool(self.model.stale_text), self.model.stale_text)

    def _on_theme(self, _theme: object) -> None:
        """Draw in the other theme."""
        self.map.set_map_palette(MapPalette.load(theme().name))


def _map_case(row: RowView, grid_of: Callable[[str], str]) -> MapCase:
    """Return a case as the map draws it."""
    reading = limit_reading(row)
    return MapCase(
        row.case_id,
        row.number_short,
        row.lon,
        row.lat,
        row.band,
        row.urgency,
        row.category,
        row.summary,
        grid_of(row.case_id),
        row.grid,
        limit_text(reading, row.measured_at) if reading is not None else "",
        bool(row.pending),
    )
