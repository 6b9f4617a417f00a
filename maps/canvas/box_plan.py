"""Where the boxes of a map stand: each takes the first of its places that is free. Plain rectangles, no widgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF

EDGE = 12.0
"""From the rim of the map to its boxes."""
GAP = 6.0
"""Between two boxes."""
STRIP = 26.0
"""Height of the scale bar and of the coordinates."""


@dataclass(frozen=True, slots=True)
class Place:
    """A box in one of its forms (``full``, ``folded`` …) at a rectangle of the map."""

    form: str
    room: QRectF


class BoxPlan:
    """Rectangles that do not overlap and lie within the map; who comes first chooses first."""

    def __init__(self, width: float, height: float) -> None:
        """Plan for a map of this size in logical pixels."""
        self.width, self.height = width, height
        self._screen = QRectF(0, 0, width, height)
        self.taken: dict[str, Place] = {}

    def put(self, name: str, places: Iterable[Place]) -> Place | None:
        """Give a box the first place that is free; None when there is none: it stays away."""
        for place in places:
            if self._screen.contains(place.room) and self.is_free(place.room):
                self.taken[name] = place
                return place
        return None

    def is_free(self, room: QRectF) -> bool:
        """Tell whether a rectangle keeps its distance from all that is placed."""
        wide = room.adjusted(-GAP, -GAP, GAP, GAP)
        return not any(wide.intersects(place.room) for place in self.taken.values())

    # --- corners ----------------------------------------------------------------------------------

    def top_left(self, size: QSizeF, down: float = 0.0) -> QRectF:
        """In the upper left corner, `down` pixels lower."""
        return QRectF(EDGE, EDGE + down, size.width(), size.height())

    def top_right(self, size: QSizeF, down: float = 0.0) -> QRectF:
        """In the upper right corner."""
        return QRectF(self.width - EDGE - size.width(), EDGE + down, size.width(), size.height())

    def bottom_left(self, size: QSizeF, up: float = 0.0) -> QRectF:
        """In the lower left corner."""
        return QRectF(EDGE, self.height - EDGE - up - size.height(), size.width(), size.height())

    def bottom_right(self, size: QSizeF, up: float = 0.0, left: float = 0.0) -> QRectF:
        """In the lower right corner, `up` pixels higher, `left` pixels further in."""
        x = self.width - EDGE - left - size.width()
        return QRectF(x, self.height - EDGE - up - size.height(), size.width(), size.height())

    def lowest(self, form: str, size: QSizeF) -> Iterator[Place]:
        """Places for a line from the bottom upwards: in the middle first, then at the rims, then beside a box."""
        beside = [place.room.right() + GAP + 1 for place in self.taken.values()]
        rims = [(self.width - size.width()) / 2, EDGE, self.width - EDGE - size.width()]
        y = self.height - EDGE - size.height()
        while y >= EDGE:
            for x in (*rims, *beside):
                yield Place(form, QRectF(x, y, size.width(), size.height()))
            y -= 4.0
