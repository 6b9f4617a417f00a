"""The ground of every map of a seat: areas made ready once, in the background, and shared by the maps."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from console.tasks.runner import Background
from console.viewmodels.areas import AreaBook
from maps.geometry.areas import AreaShape
from maps.layers.district import PreparedDistrict, prepare_district
from services.geo.geojson_shapes import ShapeError, build_shape

LANE = "geometry"
LEVELS = ("district", "street", "community", "grid")
_MOST_VERTICES = 1_000_000


class MapGround(QObject):
    """Keeps the prepared areas of a seat. `ready()` tells that `district` and `codes` are new."""

    ready = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Start with nothing."""
        super().__init__(parent)
        self._background = background
        self.district: PreparedDistrict | None = None
        self.codes: tuple[str, ...] = ()

    def prepare(self, book: AreaBook) -> None:
        """Make the areas of a book ready; maps hear `ready` when it is done."""
        if len(book):
            self._background.submit(LANE, "map-ground", lambda: _prepared(book), self._on_prepared)

    def _on_prepared(self, made: tuple[PreparedDistrict, tuple[str, ...]]) -> None:
        """Hand the district to the maps."""
        self.district, self.codes = made
        self.ready.emit()


def _prepared(book: AreaBook) -> tuple[PreparedDistrict, tuple[str, ...]]:
    """Return the prepared areas and the codes of the grids; runs on the geometry lane."""
    shapes = shapes_of(book)
    codes = tuple(shape.code for shape in shapes if shape.level == "grid")
    return prepare_district(shapes), codes


def shapes_of(book: AreaBook) -> list[AreaShape]:
    """Return the areas of every level with their polygons; a shape that cannot be built is left out."""
    found = []
    for level in LEVELS:
        for entry in book.of_level(level):
            try:
                geometry = build_shape(entry.geometry, _MOST_VERTICES).geometry
            except ShapeError:
                continue
            if geometry is not None:
                found.append(AreaShape(entry.code, entry.name, entry.level, entry.parent, geometry))
    return found
