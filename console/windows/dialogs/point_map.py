"""The small map of a form: the seat's areas, a pin, and where it lies in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.intake_place import Place
from console.viewmodels.intake_similar import Candidate
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import open_grids
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.layers.areas import figures_of_cases
from maps.layers.cases import MapCase
from widgets.theme import theme, theme_store


def tr(text: str) -> str:
    """Translate a word of the map."""
    return QCoreApplication.translate("Intake", text)


class PointMap(QWidget):
    """Picks a point. `point_picked(float, float)` gives WGS84 lon and lat, inside the district or not."""

    point_picked = Signal(float, float)

    def __init__(self, seat: SeatViewModel, parent: QWidget | None = None) -> None:
        """Show the areas as soon as they are read."""
        super().__init__(parent)
        self._seat = seat
        self.map = GridMapWidget(MapPalette.load(theme().name), self, mini=True)
        self.map.set_pick_mode(True)
        self.map.setAccessibleName(tr("位置地图"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.map)
        self.setFocusProxy(self.map)
        self._shown: tuple[float, float] | None = None
        self.map.point_picked.connect(self._on_picked)
        seat.map_ground.ready.connect(self._on_ground)
        seat.map_ground.finer.connect(self.map.ground_layer_changed)
        theme_store().changed.connect(self._on_theme)
        self._on_ground()

    def show_point(self, lon: float | None, lat: float | None) -> None:
        """Put the pin; None takes it away."""
        point = (lon, lat) if lon is not None and lat is not None else None
        if point == self._shown:
            return
        self._shown = point
        if point is None:
            self.map.clear_point()
        else:
            self.map.set_point(*point)

    def show_candidates(self, candidates: tuple[Candidate, ...]) -> None:
        """Show cases near by."""
        self.map.set_cases(
            MapCase(each.case_id, each.number, each.lon, each.lat, each.band, title=each.category)
            for each in candidates
            if each.lon is not None and each.lat is not None
        )

    def _on_picked(self, lon: float, lat: float) -> None:
        self._shown = (lon, lat)
        self.point_picked.emit(lon, lat)

    def _on_ground(self) -> None:
        """Take the areas once they are ready."""
        ground = self._seat.map_ground
        if ground.district is None:
            return
        self.map.set_prepared(ground.district)
        self.map.set_metric(figures_of_cases(ground.codes, [(grid, "ok") for grid in open_grids(self._seat)]))
        if self._shown is not None:
            self.map.set_point(*self._shown)

    def _on_theme(self, _theme: object) -> None:
        self.map.set_map_palette(MapPalette.load(theme().name))


def place_words(place: Place | None, known: bool) -> tuple[str, str]:
    """Return the sentence about a point and its colour token."""
    if not known:
        return tr("网格资料还没有取到，登记后由中心确定网格"), "sla.soon.text"
    if place is None:
        return tr("在地图上点一下，定出位置"), "text.tertiary"
    if not place.inside:
        return tr("地址不在本区范围内，请重选"), "sla.over2.text"
    officer = tr("网格员 {name}").format(name=place.officer) if place.officer else tr("暂无网格员")
    words = tr("已落入网格 {grid} · {street}{community} · {officer}").format(
        grid=place.grid_name, street=place.street, community=place.community, officer=officer
    )
    if place.near_boundary and place.neighbour:
        words += tr("；靠近 {grid}，请核对").format(grid=place.neighbour)
    return words, "sla.closed.text"
