"""From a point to its grid, on this machine: grid, community, street and officer are shown while the caller speaks.

The index is built from the cached area documents on a lane of its own; the centre resolves the point again when
it decides (its answer is the law).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from console.viewmodels.areas import AreaBook
from console.viewmodels.seat import SeatViewModel
from services.domain.codes import area_path
from services.domain.reference import Position
from services.geo.grids import NEAR_BOUNDARY_M, GridIndex

LANE = "places"


def _nowhere() -> Position:
    return Position(None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies. Outside every grid `inside` is False and the words are empty.

    `neighbour` names the grid across the border when the point is near it.
    """

    lon: float
    lat: float
    inside: bool
    grid: str = ""
    grid_name: str = ""
    community: str = ""
    street: str = ""
    officer: str = ""
    near_boundary: bool = False
    neighbour: str = ""
    position: Position = field(default_factory=_nowhere)


class PlaceFinder(QObject):
    """Finds places; `ready_changed()` once the areas are known or were read anew."""

    ready_changed = Signal()

    def __init__(self, seat: SeatViewModel) -> None:
        """Belong to the seat and build the index of its areas."""
        super().__init__(seat)
        self._seat = seat
        self._index: GridIndex | None = None
        seat.areas_changed.connect(self._rebuild)
        self._rebuild()

    @property
    def ready(self) -> bool:
        """Whether the areas are known."""
        return self._index is not None

    @property
    def index(self) -> GridIndex | None:
        """The index itself, None while the areas are not known; it may be asked on any thread."""
        return self._index

    def find(self, lon: float, lat: float) -> Place | None:
        """Return where a point lies, None while the areas are not known."""
        if self._index is None:
            return None
        hit = self._index.locate(lon, lat)
        if hit is None:
            return Place(lon, lat, inside=False)
        book, path = self._seat.areas, area_path(hit.code)
        street = next((code for code in path if len(code) == 9), "")
        community = next((code for code in path if len(code) == 12), "")
        near = hit.neighbour if hit.near_boundary else None
        return Place(
            lon,
            lat,
            inside=True,
            grid=hit.code,
            grid_name=book.name(hit.code),
            community=book.name(community),
            street=book.name(street),
            officer=book.officer(hit.code),
            near_boundary=hit.near_boundary,
            neighbour=book.name(near),
            position=Position(hit.code, path, near),
        )

    def _rebuild(self) -> None:
        """Build the index anew on its lane."""
        book = self._seat.areas
        if len(book):
            near_m = self._seat.rules.settings.near_boundary_m
            self._seat.background.submit(LANE, "places", lambda: build_index(book, near_m), self._built)

    def _built(self, index: object) -> None:
        assert isinstance(index, GridIndex)
        self._index = index
        self.ready_changed.emit()


def build_index(book: AreaBook, near_m: float = NEAR_BOUNDARY_M) -> GridIndex:
    """Return the index of the finest areas; a shape that cannot be built is left out. Takes a while.

    Up to `near_m` metres a point counts as near the border.
    """
    codes, polygons = [], []
    for entry in book.of_level("grid"):
        geometry = entry.shape
        if geometry is not None:
            codes.append(entry.code)
            polygons.append(geometry)
    return GridIndex(codes, polygons, near_m)


def place_finder(seat: SeatViewModel) -> PlaceFinder:
    """Return the one finder of a seat."""
    found = seat.findChild(PlaceFinder)
    return found if isinstance(found, PlaceFinder) else PlaceFinder(seat)
