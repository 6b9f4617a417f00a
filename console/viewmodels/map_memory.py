"""What the map and its panels remember for a user on this machine: layers, view, measure, coordinates, dividers, marks.

Whatever stands in the store (of an older version, cut off, rubbish), a start gets usable values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from console.viewmodels.seat import STORE, SeatViewModel
from maps.geometry.mercator import WORLD_HALF_M
from maps.geometry.viewport import MAX_SCALE, MIN_SCALE

MEASURES = ("density", "overdue", "officer", "new_today", "nearest", "silent")
SYSTEMS = ("wgs84", "gcj02")
KEEP_AFTER_MS = 700
MOST_PX = 20_000


@dataclass(frozen=True, slots=True)
class MapMemory:
    """Remembered values.

    Attributes:
        layers: document of the layer book, read by the book itself; None for the shipped one.
        view: centre (world metres) and scale (world metres a pixel); None shows the whole district.
        measure: what the fill shows.
        system: coordinate system in which places are named.
        splitter: widths of the panels in pixels; empty for the usual ones.
        follow: a row that is chosen is brought into the middle of the map.
        drawings: document of the drawn marks, read by the layer itself; None for none.
    """

    layers: Mapping[str, Any] | None = None
    view: tuple[float, float, float] | None = None
    measure: str = "density"
    system: str = "wgs84"
    splitter: tuple[int, ...] = ()
    follow: bool = False
    drawings: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_doc(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            **self.extra,
            "layers": dict(self.layers) if self.layers is not None else None,
            "view": list(self.view) if self.view is not None else None,
            "measure": self.measure,
            "system": self.system,
            "splitter": list(self.splitter),
            "follow": self.follow,
            "drawings": dict(self.drawings) if self.drawings is not None else None,
        }

    @staticmethod
    def from_doc(doc: object) -> MapMemory:
        """Read what was remembered; what cannot be used takes the shipped value, what is unknown is kept."""
        if not isinstance(doc, Mapping):
            return MapMemory()
        layers = doc.get("layers")
        measure, system = doc.get("measure"), doc.get("system")
        drawings = doc.get("drawings")
        known = {"layers", "view", "measure", "system", "splitter", "follow", "drawings"}
        return MapMemory(
            layers if isinstance(layers, Mapping) else None,
            _view(doc.get("view")),
            measure if isinstance(measure, str) and measure in MEASURES else "density",
            system if isinstance(system, str) and system in SYSTEMS else "wgs84",
            _sizes(doc.get("splitter")),
            doc.get("follow") is True,
            drawings if isinstance(drawings, Mapping) else None,
            {str(key): value for key, value in doc.items() if key not in known},
        )


def _numbers(value: object, count: int) -> list[float]:
    """Return finite numbers of a list of the right length, nothing for another thing."""
    if not isinstance(value, list | tuple) or (count and len(value) != count):
        return []
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
        return []
    try:
        found = [float(v) for v in value]
    except OverflowError:
        return []
    return found if all(math.isfinite(v) for v in found) else []


def _view(value: object) -> tuple[float, float, float] | None:
    """Return a view that lies in the world, None for another thing."""
    found = _numbers(value, 3)
    if not found or max(abs(found[0]), abs(found[1])) > WORLD_HALF_M:
        return None
    return (found[0], found[1], found[2]) if MIN_SCALE <= found[2] <= MAX_SCALE else None


def _sizes(value: object) -> tuple[int, ...]:
    """Return widths of three panels, nothing for another thing."""
    found = _numbers(value, 3)
    return tuple(int(v) for v in found) if found and all(0 < v <= MOST_PX for v in found) else ()


class MapMemoryKeeper(QObject):
    """Reads the memory once and writes it down, on the store's lane, when the hand has rested."""

    def __init__(
        self, seat: SeatViewModel, name: str = "dispatch.map", parent: QObject | None = None
    ) -> None:
        """Read what is there."""
        super().__init__(parent)
        self.seat, self._name = seat, name
        self.memory = MapMemory.from_doc(seat.services.settings.value(name))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._timer.timeout.connect(self.write)

    def keep(self, **values: Any) -> None:
        """Remember some values."""
        fresh = replace(self.memory, **values)
        if fresh != self.memory:
            self.memory = fresh
            self._timer.start()

    def write(self) -> None:
        """Write down now."""
        self._timer.stop()
        doc, name, settings = self.memory.to_doc(), self._name, self.seat.services.settings
        self.seat.background.submit(STORE, name, lambda: settings.put_value(name, doc))
