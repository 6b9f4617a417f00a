"""The legend box: ramp with printed bounds, bands with their shapes, foldable."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from maps.canvas import texts
from maps.canvas.boxes import MapBox
from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band
from maps.layers.areas import Measure
from maps.layers.legend import LegendModel

WIDTH = 336
PAD = 12.0
_GAP = 10.0


class LegendBox(MapBox):
    """Explains fill and symbols; a click on its heading folds it."""

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(palette, parent)
        self.folded = False
        self._legend: LegendModel | None = None
        self.setAccessibleName(texts.legend_title_short())
        self.refit()

    @property
    def legend(self) -> LegendModel | None:
        """What is explained at present."""
        return self._legend

    def set_legend(self, legend: LegendModel | None) -> None:
        """Explain another fill."""
        if legend != self._legend:
            self._legend = legend
            self.refit()
            self.update()

    def set_folded(self, folded: bool) -> None:
        """Fold to the heading or unfold."""
        self.folded = folded
        self.refit()
        self.update()

    def zones(self) -> dict[str, QRectF]:
        """Only the heading can be clicked."""
        return {"fold": QRectF(0, 0, self.width(), 32)}

    def sizeHint(self) -> QSize:
        """Folded: the heading; else ramp and two rows of bands."""
        if self.folded or self._legend is None:
            return QSize(92, 32)
        return QSize(WIDTH, round(32 + self._ramp_height() + self._band_rows()[1] + 10))

    def _ramp_height(self) -> float:
        legend = self._legend
        if legend is None:
            return 0.0
        own = 34.0 if legend.classes else 0.0
        return own + (22.0 if legend.has_gaps or legend.measure is Measure.OFFICER else 0.0)

    def _band_rows(self) -> tuple[list[tuple[str, float, float]], float]:
        """Position of each band (name, x, y from the first row) and the height of all rows."""
        out: list[tuple[str, float, float]] = []
        x, y = PAD, 0.0
        for band in self._legend.bands if self._legend else ():
            width = 20 + self.text_width(texts.band_name(band), 12)
            if x + width > WIDTH - PAD and x > PAD:
                x, y = PAD, y + 22
            out.append((band, x, y))
            x += width + _GAP
        return out, y + 22

    def paint_content(self, painter: QPainter) -> None:
        """Heading, ramp, hatch, bands."""
        legend = self._legend
        head = QRectF(PAD, 2, self.width() - 2 * PAD, 30)
        if self.folded or legend is None:
            self.write(painter, head, texts.legend_title_short(), bold=True)
            self._chevron(painter, QPointF(self.width() - 18, 16), up=True)
            return
        self.write(painter, head, texts.legend_title(legend), bold=True)
        self._chevron(painter, QPointF(self.width() - 16, 17), up=False)
        right = head.adjusted(0, 0, -18, 0)
        self.write(
            painter, right, texts.area_count(legend), "text.tertiary", align=Qt.AlignmentFlag.AlignRight
        )
        y = 32.0
        if legend.classes:
            self._ramp(painter, legend, y)
            y += 34
        if legend.measure is Measure.OFFICER:
            self._swatch(painter, PAD, y, False, texts.manned())
            self._swatch(painter, PAD + 96, y, True, texts.unmanned())
            y += 22
        elif legend.has_gaps:
            self._swatch(painter, PAD, y, True, texts.no_data())
            y += 22
        for band, x, dy in self._band_rows()[0]:
            paint_band(painter, band, QPointF(x + 7, y + dy + 11), 14, self._palette, halo=False)
            self.write(painter, QRectF(x + 20, y + dy, 120, 22), texts.band_name(band), "text.secondary")

    def _ramp(self, painter: QPainter, legend: LegendModel, y: float) -> None:
        width = (WIDTH - 2 * PAD) / len(legend.classes)
        for i, one in enumerate(legend.classes):
            box = QRectF(PAD + i * width, y + 2, width, 9)
            painter.fillRect(box, self._palette.color(one.token))
            words = QRectF(box.left(), y + 13, width, 18)
            self.write(painter, words, one.label, "text.secondary", 11, align=Qt.AlignmentFlag.AlignHCenter)
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(PAD, y + 2, WIDTH - 2 * PAD, 9).adjusted(0.5, 0.5, -0.5, -0.5))

    def _swatch(self, painter: QPainter, x: float, y: float, hatched: bool, text: str) -> None:
        box = QRectF(x, y + 5, 20, 12)
        painter.save()
        painter.fillRect(box, self._palette.color("map.density_ramp.0" if hatched else "map.density_ramp.1"))
        if hatched:
            painter.setClipRect(box)
            painter.setPen(QPen(self._palette.color("line.strong"), 1.2))
            for i in range(-1, 5):
                painter.drawLine(QPointF(x + 8 * i + 12, y + 5), QPointF(x + 8 * i, y + 17))
        painter.restore()
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        self.write(painter, QRectF(x + 26, y, 100, 22), text, "text.secondary")

    def _chevron(self, painter: QPainter, at: QPointF, up: bool) -> None:
        painter.setPen(QPen(self._palette.color("text.tertiary"), 1.4))
        side = -2.0 if up else 2.0
        painter.drawLine(at + QPointF(-4, -side), at + QPointF(0, side))
        painter.drawLine(at + QPointF(0, side), at + QPointF(4, -side))
