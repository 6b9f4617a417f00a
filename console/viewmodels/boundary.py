"""Cases near the border of their grid: how near, and who is on the other side (责任区核对).

Asked of the grid index on its lane and remembered for each point, so that neither case panel nor map waits.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.intake_place import LANE, place_finder
from console.viewmodels.seat import SeatViewModel
from services.geo.grids import GridHit

KEPT = 4000

Point = tuple[float, float]


def tr(text: str) -> str:
    """Translate a word of the boundary."""
    return QCoreApplication.translate("Boundary", text)


class BoundaryWatch(QObject):
    """Says which points are near a border. `changed()` tells that answers have come or are no longer valid."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Use the one place finder of the seat."""
        super().__init__(parent)
        self.seat = seat
        self._finder = place_finder(seat)
        self._known: OrderedDict[Point, GridHit | None] = OrderedDict()
        self._asked: set[Point] = set()
        self._finder.ready_changed.connect(self._on_ready)

    def hit(self, lon: float | None, lat: float | None) -> GridHit | None:
        """Return the grid of a point with its border, when it is near one; asks when it is not known yet."""
        if lon is None or lat is None:
            return None
        point = (lon, lat)
        if point in self._known:
            self._known.move_to_end(point)
            return self._known[point]
        self._ask(point)
        return None

    def words(self, lon: float | None, lat: float | None) -> str:
        """Return 距网格边界 12 米，邻 柳岸-02; empty when the point is not near a border, or not known yet."""
        hit = self.hit(lon, lat)
        if hit is None or not hit.near_boundary:
            return ""
        metres = round(hit.boundary_m)
        if hit.neighbour is None:
            return tr("距网格边界 {m} 米，界外不在本区").format(m=metres)
        return tr("距网格边界 {m} 米，邻 {name}").format(m=metres, name=self.seat.areas.name(hit.neighbour))

    def _ask(self, point: Point) -> None:
        """Ask the index on its lane."""
        index = self._finder.index
        if index is None or point in self._asked:
            return
        self._asked.add(point)

        def work() -> tuple[Point, GridHit | None]:
            return point, index.locate(*point)

        self.seat.background.submit(LANE, f"boundary:{point}", work, self._answered, self._failed)

    def _answered(self, answer: tuple[Point, GridHit | None]) -> None:
        """Remember an answer."""
        point, hit = answer
        self._asked.discard(point)
        self._known[point] = hit
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        if hit is not None and hit.near_boundary:
            self.changed.emit()

    def _failed(self, error: Exception) -> None:
        """A point that cannot be asked is asked again when the areas are new."""
        self.seat.background.failed.emit(("boundary", error))

    def _on_ready(self) -> None:
        """The areas are new: ask again."""
        self._known.clear()
        self._asked.clear()
        self.changed.emit()


def boundary_watch(seat: SeatViewModel) -> BoundaryWatch:
    """Return the one watch of a seat."""
    found = seat.findChild(BoundaryWatch)
    return found if isinstance(found, BoundaryWatch) else BoundaryWatch(seat, seat)
