"""The grid map of 派遣席: gives the map widget what its view-model says, in the map's own values."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.notices.notice import INFO, Notice
from console.viewmodels.grid_map import GridMapViewModel
from console.viewmodels.map_cases import MapChange
from console.windows.dispatch.map_export import MapExport
from console.windows.dispatch.map_hands import MapHands
from console.windows.dispatch.map_people import MapPeople
from console.windows.dispatch.map_progress import MapProgress
from console.windows.dispatch.map_remembered import MapRemembered
from console.windows.dispatch.map_verbs import MapVerbs
from console.windows.map_cases import map_case
from console.windows.map_source_layers import attach_sources
from maps.canvas.palette import MapPalette
from maps.canvas.track_bar import TrackBar
from maps.canvas.widget import GridMapWidget
from maps.layers.base import BaseShape
from maps.layers.cases import MapCase, PreparedCases
from maps.layers.figures import FigureTable
from widgets.theme import theme, theme_store


def tr(text: str) -> str:
    """Translate a word of the map panel."""
    return QCoreApplication.translate("MapPanel", text)


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
        self.bar = TrackBar(self.map.scene.palette, self)
        column.addWidget(self.bar)
        self.remembered = MapRemembered(self.map, model.keeper)
        self.hands = MapHands(self.map, model.queue.filters)
        self.export = MapExport(self.map, model)
        self.export.finished.connect(self._on_exported)
        self.people = MapPeople(self.map, self.bar, model)
        self.verbs = MapVerbs(self.map, model, self.people)
        self.progress = MapProgress(model.seat.map_ground, self.map)
        sources = model.seat.map_sources
        self.sources = attach_sources(self.map, sources) if sources is not None else None
        self._shown: object = None
        self._connect()
        self._on_areas()
        self._on_base()
        self._on_line()
        self._on_figures(model.figures.figures)
        model.cases.begin(self.describe)

    def _connect(self) -> None:
        """Connect model and map."""
        model = self.model
        model.areas_ready.connect(self._on_areas)
        model.seat.map_ground.finer.connect(self.map.ground_layer_changed)
        model.base_changed.connect(self._on_base)
        model.line_changed.connect(self._on_line)
        model.cases.replaced.connect(self._on_cases)
        model.cases.updated.connect(self._on_changed)
        model.figures.changed.connect(self._on_figures)
        model.boundary.changed.connect(self._on_boundary)
        theme_store().changed.connect(self._on_theme)
        self.map.case_selected.connect(self.case_chosen)
        self.map.case_activated.connect(self.case_opened)

    # --- choosing -----------------------------------------------------------------------------------------

    def select_case(self, case_id: str) -> None:
        """Mark a case without moving the view, unless the operator wants the map to follow."""
        self.map.select_case(case_id)
        if self.model.keeper.memory.follow:
            self.map.centre_on_case(case_id)

    def centre_on(self, case_id: str) -> None:
        """Bring a case into the middle."""
        self.map.centre_on_case(case_id)

    def describe(self, case_id: str) -> MapCase | None:
        """Return a case in words, for its card or label."""
        entry, row = self.model.seat.case(case_id), self.model.queue.view(case_id)
        if entry is None or row is None:
            return None
        case, note = entry.case, self.model.boundary.words(row.lon, row.lat)
        return map_case(row, case.grid or "", case.location.address, note)

    # --- data in ------------------------------------------------------------------------------------------

    def _on_areas(self) -> None:
        """Take the areas once they are ready."""
        district = self.model.seat.map_ground.district
        if district is not None and district is not self._shown:
            self._shown = district
            self.map.set_prepared(district)
            self.remembered.restore_view()

    def _on_base(self) -> None:
        """Take roads and water."""
        base = self.model.base
        self.map.set_base((BaseShape(line, name, width) for line, name, width in base.roads), base.water)

    def _on_cases(self, prepared: PreparedCases) -> None:
        """Take a whole new set of cases."""
        self.map.set_prepared_cases(prepared)

    def _on_changed(self, change: MapChange) -> None:
        """Take a few cases anew."""
        told = (self.describe(case_id) for case_id in change.changed)
        self.map.update_cases([case for case in told if case is not None], change.removed)

    def _on_figures(self, figures: FigureTable) -> None:
        """Take the figures; classes that are off in the legend hold other areas now."""
        if len(figures):
            self.map.set_figure_table(figures)
            self.hands.follow_legend()

    def _on_boundary(self) -> None:
        """The card of the chosen case may say more now."""
        chosen = self.map.selection.case_id
        case = self.describe(chosen) if chosen else None
        if case is not None:
            self.map.update_cases([case])

    def _on_exported(self, sentence: str) -> None:
        """Keep what became of an export among the notices; the map has said it already."""
        where = str(self.export.path.parent) if self.export.path is not None else ""
        words = tr("{sentence} 文件夹：{where}").format(sentence=sentence, where=where) if where else sentence
        self.model.seat.notices.tell(Notice(INFO, tr("地图导出"), words, key="map-export"))

    def _on_line(self) -> None:
        """Show whether the picture is fresh."""
        self.map.set_offline(bool(self.model.stale_text), self.model.stale_text)

    def _on_theme(self, _theme: object) -> None:
        """Draw in the other theme."""
        palette = MapPalette.load(theme().name)
        self.map.set_map_palette(palette)
        self.people.set_map_palette(palette)

    # --- on screen ----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Officers are asked for while the map is looked at."""
        super().showEvent(event)
        self.model.seat.watch_officers(self, True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.model.seat.watch_officers(self, False)
