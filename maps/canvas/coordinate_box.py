"""The coordinates below the pointer; a click names them in the other system."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from maps.canvas import tool_texts
from maps.canvas.boxes import MapBox
from maps.canvas.palette import MapPalette
from maps.layers.coordinates import CoordinateSystem

HEIGHT = 26
_WIDEST = "180.00000, 85.00000"


class CoordinateBox(MapBox):
    """Figures and the name of the system. It is as wide as the widest figures, so that it never jumps."""

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(palette, parent)
        self._text = ""
        self._system = CoordinateSystem.WGS84
        # The figures change with every move of the pointer; an opaque box lets the map below alone.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.refit()

    @property
    def text(self) -> str:
        """Figures that are shown."""
        return self._text

    def set_figures(self, text: str, system: CoordinateSystem) -> None:
        """Show other figures."""
        if (text, system) != (self._text, self._system):
            self._text, self._system = text, system
            self.setAccessibleDescription(f"{text} {system.label}")
            self.update()

    def zones(self) -> dict[str, QRectF]:
        """The whole box."""
        return {"system": QRectF(self.rect())}

    def zone_tip(self, zone: str) -> str:
        """What it shows and what a click does."""
        return tool_texts.coordinates_tip(self._system.other.label) if zone else ""

    def sizeHint(self) -> QSize:
        """Room for the widest figures and the longest name."""
        names = max(self.text_width(system.label, 11) for system in CoordinateSystem)
        return QSize(round(self.text_width(_WIDEST, 11) + names + 24), HEIGHT)

    def paint_content(self, painter: QPainter) -> None:
        """Figures left, system right."""
        room = QRectF(self.rect())
        painter.fillRect(room.adjusted(1, 1, -1, -1), self._palette.color("bg.overlay"))
        if self._hover:
            painter.fillRect(room.adjusted(1, 1, -1, -1), self._palette.color("bg.hover"))
        self.write(painter, room.adjusted(8, 0, -8, 0), self._text, "text.secondary", 11)
        self.write(
            painter,
            room.adjusted(8, 0, -8, 0),
            self._system.label,
            "text.tertiary",
            11,
            align=Qt.AlignmentFlag.AlignRight,
        )
