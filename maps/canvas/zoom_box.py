"""The zoom box: plus, minus, locate, back, forward, and the menu of everything else."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from maps.canvas import texts, tool_texts
from maps.canvas.boxes import MapBox
from maps.canvas.keys import KEY_WORDS
from maps.canvas.palette import MapPalette

SIDE = 32
BUTTONS = ("in", "out", "fit", "back", "forward", "menu")
COLUMNS = {"column": 1, "pair": 2, "row": 6}
"""Forms of the box and how many buttons stand side by side."""


class ZoomBox(MapBox):
    """Buttons that move the view; back and forward are grey while they lead nowhere."""

    SIDE = SIDE

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(palette, parent)
        self._form = "column"
        self._possible = {"back": False, "forward": False}
        self.refit()

    def set_form(self, form: str) -> None:
        """One of :data:`COLUMNS`."""
        if form != self._form:
            self._form = form
            self.refit()
            self.update()

    def set_ways(self, back: bool, forward: bool) -> None:
        """Say whether there is a view to go back or forward to."""
        ways = {"back": back, "forward": forward}
        if ways != self._possible:
            self._possible = ways
            self.update()

    def zones(self) -> dict[str, QRectF]:
        """Squares, row by row."""
        columns = COLUMNS[self._form]
        return {
            name: QRectF(i % columns * SIDE, i // columns * SIDE, SIDE, SIDE)
            for i, name in enumerate(BUTTONS)
        }

    def zone_tip(self, zone: str) -> str:
        """What a square does and its key."""
        if zone in ("back", "forward", "menu"):
            return tool_texts.with_key(tool_texts.command_title(zone), KEY_WORDS[zone])
        return {"in": texts.zoom_in(), "out": texts.zoom_out(), "fit": texts.locate()}.get(zone, "")

    @staticmethod
    def size_of(form: str) -> QSize:
        """Size in a form."""
        columns = COLUMNS[form]
        return QSize(columns * SIDE, -(-len(BUTTONS) // columns) * SIDE)

    def sizeHint(self) -> QSize:
        """As the form asks."""
        return self.size_of(self._form)

    def paint_content(self, painter: QPainter) -> None:
        """Line drawings in the text colour."""
        for name, box in self.zones().items():
            possible = self._possible.get(name, True)
            if self._hover == name and possible:
                painter.fillRect(box.adjusted(2, 2, -2, -2), self._palette.color("bg.hover"))
            painter.setPen(QPen(self._palette.color("line.normal"), 1))
            if box.top() > 0:
                painter.drawLine(box.topLeft() + QPointF(1, 0), box.topRight() - QPointF(1, 0))
            if box.left() > 0:
                painter.drawLine(box.topLeft() + QPointF(0, 1), box.bottomLeft() - QPointF(0, 1))
            token = "text.primary" if possible else "text.disabled"
            painter.setPen(QPen(self._palette.color(token), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            _draw(painter, name, box.center())


def _draw(painter: QPainter, name: str, at: QPointF) -> None:
    if name == "fit":
        painter.drawEllipse(at, 3.4, 3.4)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(x, y) * 3.4, at + QPointF(x, y) * 7)
    elif name in ("back", "forward"):
        way = -1.0 if name == "back" else 1.0
        painter.drawLine(at + QPointF(-5.5, 0), at + QPointF(5.5, 0))
        for dy in (-4.5, 4.5):
            painter.drawLine(at + QPointF(way * 5.5, 0), at + QPointF(way, dy))
    elif name == "menu":
        painter.setBrush(painter.pen().color())
        for dot in (-5.0, 0.0, 5.0):
            painter.drawEllipse(at + QPointF(dot, 0), 0.9, 0.9)
    else:
        painter.drawLine(at + QPointF(-5.5, 0), at + QPointF(5.5, 0))
        if name == "in":
            painter.drawLine(at + QPointF(0, -5.5), at + QPointF(0, 5.5))
