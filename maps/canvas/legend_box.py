"""The legend box: ramp with printed bounds, bands with their shapes, foldable."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from maps.canvas import texts, tool_texts
from maps.canvas.boxes import MapBox
from maps.canvas.legend_filter import class_name, spoken_legend
from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band
from maps.layers.areas import NO_DATA, Measure
from maps.layers.legend import LegendClass, LegendModel

WIDTH = 336
PAD = 12.0
RAMP = 46.0
"""Height of the ramp with the bounds and the numbers of areas below it."""
SWATCH = 24.0
"""Height of a row that can be clicked."""
BAND = 24.0
"""Height of a row of bands."""
_GAP = 10.0


class LegendBox(MapBox):
    """Explains fill and symbols. A click on its heading folds it, one on a class or a band switches that off."""

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        super().__init__(palette, parent)
        self.folded = False
        """Folded by hand."""
        self._form = "open"
        self._legend: LegendModel | None = None
        self._off: frozenset[int] = frozenset()
        self._bands_off: frozenset[str] | None = None
        self._focus = ""
        self.refit()

    @property
    def legend(self) -> LegendModel | None:
        """What is explained at present."""
        return self._legend

    def set_legend(self, legend: LegendModel | None) -> None:
        """Explain another fill."""
        if legend != self._legend:
            self._legend = legend
            self._changed()

    def set_off(self, off: frozenset[int], bands_off: frozenset[str] | None = None) -> None:
        """Show which classes and bands are switched off; None: bands only explain."""
        if (off, bands_off) != (self._off, self._bands_off):
            self._off, self._bands_off = off, bands_off
            self._changed()

    def set_focus_zone(self, zone: str) -> None:
        """Frame the entry the keyboard is on, empty for none."""
        if zone != self._focus:
            self._focus = zone
            self.update()

    @property
    def _count_off(self) -> int:
        return len(self._off) + len(self._bands_off or ())

    def set_folded(self, folded: bool) -> None:
        """Fold to the heading or unfold."""
        self.folded = folded
        self._changed()

    def set_form(self, form: str) -> None:
        """``open``, or ``folded`` where there is no room for more."""
        if form != self._form:
            self._form = form
            self._changed()

    def _changed(self) -> None:
        self.setAccessibleDescription(spoken_legend(self._legend, self._off, self._bands_off))
        self.refit()
        self.update()

    @property
    def is_folded(self) -> bool:
        """Only the heading is shown, by hand or for want of room."""
        return self.folded or self._form == "folded" or self._legend is None

    def zones(self) -> dict[str, QRectF]:
        """The heading, each class, and the way back to all classes."""
        out = {"fold": QRectF(0, 0, self.width(), 32)}
        legend = self._legend
        if self.is_folded or legend is None:
            return out
        width = (WIDTH - 2 * PAD) / max(len(legend.classes), 1)
        y = 32.0
        if legend.classes:
            for i in range(len(legend.classes)):
                out[f"class:{i}"] = QRectF(PAD + i * width, y, width, RAMP)
            y += RAMP
        for i, one in enumerate(self._swatches(legend)):
            out[f"class:{one}"] = QRectF(PAD + 104 * i, y, 100, SWATCH)
        if self._bands_off is not None:
            y = 32.0 + self._ramp_height()
            for band, x, dy in self._band_rows()[0]:
                width = 24 + self.text_width(texts.band_name(band), 12)
                out[f"band:{band}"] = QRectF(x - 4, y + dy, width, BAND)
        if self._count_off:
            out["all"] = QRectF(PAD, self.height() - SWATCH - 6, WIDTH - 2 * PAD, SWATCH)
        return out

    def zone_tip(self, zone: str) -> str:
        """Class, how many areas it holds, and what a click does."""
        legend = self._legend
        if zone.startswith("band:"):
            band = zone.partition(":")[2]
            return tool_texts.band_tip(texts.band_name(band), band not in (self._bands_off or ()))
        if legend is None or not zone.startswith("class:"):
            return ""
        one = int(zone.partition(":")[2])
        count = self._count(legend, one)
        return tool_texts.class_tip(class_name(legend, one), count, one not in self._off)

    @staticmethod
    def _count(legend: LegendModel, one: int) -> int:
        """How many areas a class holds."""
        if one == NO_DATA:
            return legend.gaps
        return legend.counts[one] if one < len(legend.counts) else 0

    def sizeHint(self) -> QSize:
        """As it is folded or not."""
        return self.size_of("folded" if self.is_folded else "open")

    def size_of(self, form: str) -> QSize:
        """Folded: the heading; else ramp, rows of bands, and the way back."""
        if form == "folded" or self._legend is None:
            width = self.text_width(texts.legend_title_short(), 12, True) + 44
            return QSize(max(round(width), 92), 32)
        more = SWATCH if self._count_off else 0.0
        return QSize(WIDTH, round(32 + self._ramp_height() + self._band_rows()[1] + 10 + more))

    @staticmethod
    def _swatches(legend: LegendModel) -> tuple[int, ...]:
        """Classes explained by a swatch in a row."""
        own = (1, 0) if legend.measure is Measure.OFFICER else ()
        return (*own, NO_DATA) if legend.has_gaps else own

    def _ramp_height(self) -> float:
        legend = self._legend
        if legend is None:
            return 0.0
        own = RAMP if legend.classes else 0.0
        return own + (SWATCH if self._swatches(legend) else 0.0)

    def _band_rows(self) -> tuple[list[tuple[str, float, float]], float]:
        """Position of each band (name, x, y from the first row) and the height of all rows."""
        out: list[tuple[str, float, float]] = []
        x, y = PAD, 0.0
        for band in self._legend.bands if self._legend else ():
            width = 20 + self.text_width(texts.band_name(band), 12)
            if x + width > WIDTH - PAD and x > PAD:
                x, y = PAD, y + BAND
            out.append((band, x, y))
            x += width + _GAP
        return out, y + BAND

    def paint_content(self, painter: QPainter) -> None:
        """Heading, ramp, swatches, bands, the way back."""
        legend = self._legend
        head = QRectF(PAD, 2, self.width() - 2 * PAD, 30)
        if self.is_folded or legend is None:
            token = "sla.soon.text" if self._count_off else "text.primary"
            self.write(painter, head, texts.legend_title_short(), token, bold=True)
            self._chevron(painter, QPointF(self.width() - 18, 16), up=True)
            return
        self.write(painter, head, texts.legend_title(legend), bold=True)
        self._chevron(painter, QPointF(self.width() - 16, 17), up=False)
        right = head.adjusted(0, 0, -18, 0)
        self.write(
            painter, right, texts.area_count(legend), "text.tertiary", align=Qt.AlignmentFlag.AlignRight
        )
        for zone, room in self.zones().items():
            if zone.startswith("class:"):
                self._class(painter, legend, int(zone.partition(":")[2]), room, self._hover == zone)
        y = 32.0 + self._ramp_height()
        for band, x, dy in self._band_rows()[0]:
            self._band(painter, band, x, y + dy)
        self._focus_frame(painter)
        if self._count_off:
            self._way_back(painter, self.zones()["all"])

    def _way_back(self, painter: QPainter, room: QRectF) -> None:
        if self._hover == "all":
            painter.fillRect(room, self._palette.color("bg.hover"))
        words = tool_texts.entries_off(self._count_off)
        self.write(painter, room, words, "accent.base", 12)

    def _class(self, painter: QPainter, legend: LegendModel, one: int, room: QRectF, hovered: bool) -> None:
        """One class: its colour, its bounds; struck out when it is off."""
        if hovered:
            painter.fillRect(room, self._palette.color("bg.hover"))
        ramp = 0 <= one < len(legend.classes)
        if ramp:
            self._ramp_cell(painter, legend.classes[one], room)
        else:
            self._swatch(painter, room, hatched=one != 1)
        on = one not in self._off
        words = QRectF(room.left(), room.top() + 13, room.width(), 18) if ramp else room.adjusted(26, 0, 0, 0)
        align = Qt.AlignmentFlag.AlignHCenter if ramp else Qt.AlignmentFlag.AlignLeft
        name, size = class_name(legend, one), 11.0 if ramp else 12.0
        self.write(painter, words, name, "text.secondary" if on else "text.disabled", size, align=align)
        count = f"{self._count(legend, one):,}"
        below = QRectF(room.left(), room.top() + 28, room.width(), 14)
        beside = words.adjusted(self.text_width(name, size) + 6, 0, 0, 0)
        self.write(painter, below if ramp else beside, count, "text.tertiary", 10.0, align=align)
        if not on:
            self._strike(painter, words, self.text_width(name, size), ramp)

    def _band(self, painter: QPainter, band: str, x: float, y: float) -> None:
        """One band: its shape and its word; struck out when its cases are left out."""
        name, on = texts.band_name(band), band not in (self._bands_off or ())
        if self._hover == f"band:{band}":
            painter.fillRect(self.zones()[self._hover], self._palette.color("bg.hover"))
        painter.setOpacity(1.0 if on else 0.4)
        paint_band(painter, band, QPointF(x + 7, y + BAND / 2), 14, self._palette, halo=False)
        painter.setOpacity(1.0)
        words = QRectF(x + 20, y, 120, BAND)
        self.write(painter, words, name, "text.secondary" if on else "text.disabled")
        if not on:
            self._strike(painter, words, self.text_width(name, 12), False)

    def _focus_frame(self, painter: QPainter) -> None:
        """Frame the entry the keyboard is on."""
        room = self.zones().get(self._focus)
        if room is not None:
            painter.setPen(QPen(self._palette.color("accent.focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(room.adjusted(1, 0, -1, -1), 3, 3)

    def _strike(self, painter: QPainter, words: QRectF, width: float, centred: bool) -> None:
        """Strike a class out: its words, and its colour with a cross line."""
        left = words.center().x() - width / 2 if centred else words.left()
        y = words.center().y()
        painter.setPen(QPen(self._palette.color("text.secondary"), 1.4))
        painter.drawLine(QPointF(left - 2, y), QPointF(left + width + 2, y))
        if centred:
            painter.drawLine(
                QPointF(words.left() + 6, words.top() - 2), QPointF(words.right() - 6, words.top() - 11)
            )

    def _ramp_cell(self, painter: QPainter, one: LegendClass, room: QRectF) -> None:
        box = QRectF(room.left(), room.top() + 2, room.width(), 9)
        painter.fillRect(box, self._palette.color(one.token))
        if one.pattern:
            self._pattern(painter, box, one.pattern, one.pattern_token)
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _swatch(self, painter: QPainter, room: QRectF, hatched: bool) -> None:
        box = QRectF(room.left(), room.center().y() - 6, 20, 12)
        painter.fillRect(box, self._palette.color("map.density_ramp.0" if hatched else "map.density_ramp.1"))
        if hatched:
            self._pattern(painter, box, "hatch", "line.strong")
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _pattern(self, painter: QPainter, box: QRectF, pattern: str, token: str) -> None:
        """The second cue of a class as it is drawn on the map: slanted lines or dots."""
        painter.save()
        painter.setClipRect(box)
        color = self._palette.color(token)
        x = box.left() - box.height()
        while x < box.right():
            if pattern == "hatch":
                painter.setPen(QPen(color, 1.2))
                painter.drawLine(QPointF(x + box.height(), box.top()), QPointF(x, box.bottom()))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QPointF(x + 4, box.center().y()), 1.2, 1.2)
            x += 8
        painter.restore()

    def _chevron(self, painter: QPainter, at: QPointF, up: bool) -> None:
        painter.setPen(QPen(self._palette.color("text.tertiary"), 1.4))
        side = -2.0 if up else 2.0
        painter.drawLine(at + QPointF(-4, -side), at + QPointF(0, side))
        painter.drawLine(at + QPointF(0, side), at + QPointF(4, -side))
