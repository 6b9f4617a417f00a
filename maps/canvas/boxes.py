"""Boxes that stand on the map: measure switch. Painted widgets with named zones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from maps.canvas import texts
from maps.canvas.palette import MapPalette
from maps.layers.areas import Measure

RADIUS = 4.0


class MapBox(QWidget):
    """A painted box; subclasses lay out zones and paint them. Never takes the keyboard from the map."""

    zone_clicked = Signal(str)

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(parent)
        self._palette = palette
        self._hover = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def set_map_palette(self, palette: MapPalette) -> None:
        """Take the colours of another theme."""
        self._palette = palette
        self.refit()
        self.update()

    def zones(self) -> dict[str, QRectF]:
        """Clickable parts by name, in own coordinates."""
        return {}

    def zone_tip(self, zone: str) -> str:
        """Tooltip of a zone, empty for none."""
        del zone
        return ""

    def refit(self) -> None:
        """Take the size the content asks for."""
        self.resize(self.sizeHint())

    def text_width(self, text: str, pixels: float, bold: bool = False) -> float:
        """Width of a text in logical pixels."""
        return QFontMetricsF(self._palette.font(pixels, bold)).horizontalAdvance(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground and edge, then the content."""
        painter = QPainter(self)
        try:
            if self.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent):
                painter.fillRect(self.rect(), self._palette.color("bg.overlay"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._palette.color("line.normal"), 1))
            painter.setBrush(self._palette.color("bg.overlay"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
            self.paint_content(painter)
        finally:
            # A painter that outlives its device takes the process with it.
            painter.end()

    def paint_content(self, painter: QPainter) -> None:
        """Paint what stands in the box."""

    def write(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        token: str = "text.primary",
        pixels: float = 12,
        bold: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """Write one line, vertically centred in ``box``."""
        painter.setPen(self._palette.color(token))
        painter.setFont(self._palette.font(pixels, bold))
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, text)

    def key_cap(self, painter: QPainter, right: float, middle: float, text: str) -> float:
        """Paint a key cap whose right edge is at ``right``; returns its left edge."""
        width = max(self.text_width(text, 11) + 9, 18.0)
        box = QRectF(right - width, middle - 9, width, 18).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(self._palette.color("bg.field"))
        painter.drawRoundedRect(box, 3, 3)
        self.write(painter, box, text, "text.tertiary", 11, align=Qt.AlignmentFlag.AlignHCenter)
        return right - width

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the zone below the pointer."""
        zone = self._zone_at(event.position())
        if zone != self._hover:
            self._hover = zone
            self.update()
        QToolTip.showText(event.globalPosition().toPoint(), self.zone_tip(zone), self)

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is below the pointer any more."""
        self._hover = ""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Swallow the press: the map below must not start a drag."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click in a zone."""
        zone = self._zone_at(event.position())
        if zone and event.button() is Qt.MouseButton.LeftButton:
            self.zone_clicked.emit(zone)
        event.accept()

    def _zone_at(self, at: QPointF) -> str:
        return next((name for name, box in self.zones().items() if box.contains(at)), "")


class MeasureSwitch(MapBox):
    """Which measure fills the areas, with its key; where room is short only the chosen one shows its name."""

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(palette, parent)
        self._measure = Measure.DENSITY
        self._form = "full"
        self.refit()

    def set_measure(self, measure: Measure) -> None:
        """Show which measure is chosen."""
        self._measure = measure
        self.setAccessibleDescription(texts.measure_name(measure))
        self.refit()
        self.update()

    def set_form(self, form: str) -> None:
        """``full``: every name; ``caps``: the name of the chosen one, else keys alone."""
        if form != self._form:
            self._form = form
            self.refit()
            self.update()

    def zone_tip(self, zone: str) -> str:
        """The name, where only the key is printed."""
        return texts.measure_name(Measure(zone)) if zone and self._form != "full" else ""

    def _named(self, measure: Measure) -> bool:
        return self._form == "full" or measure is self._measure

    def zones(self) -> dict[str, QRectF]:
        """One segment per measure."""
        return self._segments(self._form)

    def _segments(self, form: str) -> dict[str, QRectF]:
        out: dict[str, QRectF] = {}
        x = 3.0
        for measure in Measure:
            named = form == "full" or measure is self._measure
            width = (self.text_width(texts.measure_name(measure), 12, True) + 14 if named else 0) + 30
            out[measure.value] = QRectF(x, 3, width, 24)
            x += width
        return out

    def sizeHint(self) -> QSize:
        """The segments side by side."""
        return self.size_of(self._form)

    def size_of(self, form: str) -> QSize:
        """Size in a form."""
        return QSize(round(list(self._segments(form).values())[-1].right() + 3), 30)

    def paint_content(self, painter: QPainter) -> None:
        """Segments with key caps; the chosen one on the selected ground."""
        for i, measure in enumerate(Measure):
            box = self.zones()[measure.value]
            chosen = measure is self._measure
            if chosen or self._hover == measure.value:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._palette.color("bg.selected" if chosen else "bg.hover"))
                painter.drawRoundedRect(box, 3, 3)
            token = "text.primary" if chosen else "text.secondary"
            if self._named(measure):
                self.write(painter, box.adjusted(9, 0, 0, 0), texts.measure_name(measure), token, 12, chosen)
            self.key_cap(painter, box.right() - 6, box.center().y(), str(i + 1))
