"""The page around an exported map: title and time above, legend, scale, north and small print below."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from maps.canvas import texts
from maps.canvas.case_pictures import HeatPicture
from maps.canvas.heat_legend import SIZE as HEAT_SIZE
from maps.canvas.heat_legend import paint_heat_legend
from maps.canvas.legend_filter import class_name
from maps.canvas.overlay import paint_scale_bar
from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band
from maps.geometry.viewport import Viewport
from maps.layers.areas import NO_DATA
from maps.layers.coordinates import CoordinateSystem
from maps.layers.legend import LegendModel, legend_of
from maps.layers.measures import NO_DATA_STYLE, ClassStyle
from maps.layers.state import MapState

#: dots of a screen an inch: what a logical pixel is on paper
DOTS = 96.0
MARGIN, HEAD, FOOT = 24.0, 60.0, 96.0
_RAMP_W = 58.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A format: logical pixels (1/96 inch on paper) and device pixels a logical pixel in a picture."""

    name: str
    width: float
    height: float
    ratio: float

    @property
    def points(self) -> tuple[float, float]:
        """Width and height in points (1/72 inch), for a PDF."""
        return self.width * 72 / DOTS, self.height * 72 / DOTS

    def turned(self) -> Paper:
        """The same paper upright."""
        return replace(self, width=self.height, height=self.width)


def _sheet(name: str, width_mm: float, height_mm: float) -> Paper:
    return Paper(name, width_mm / 25.4 * DOTS, height_mm / 25.4 * DOTS, 300 / DOTS)


A4, A3 = _sheet("a4", 297, 210), _sheet("a3", 420, 297)
#: a wall or a slide: 3840 × 2160 device pixels with the words of a 1080p screen
UHD = Paper("4k", 1920, 1080, 2.0)
PAPERS = {paper.name: paper for paper in (A4, A3, UHD)}


def screen_paper(width: int, height: int, ratio: float) -> Paper:
    """The size of a window."""
    return Paper("screen", max(width, 480), max(height, 360), ratio)


@dataclass(frozen=True, slots=True)
class PageWords:
    """What stands around the map, ready in words; no data of a citizen belongs here."""

    title: str
    time: str
    data_age: str = ""
    operator: str = ""
    system: CoordinateSystem = CoordinateSystem.WGS84


@dataclass(frozen=True, slots=True)
class Page:
    """One page: paper, words, colours."""

    paper: Paper
    words: PageWords
    palette: MapPalette

    @property
    def map_room(self) -> QRectF:
        """Where the map stands on the page."""
        paper = self.paper
        return QRectF(MARGIN, HEAD, paper.width - 2 * MARGIN, paper.height - HEAD - FOOT)

    def view_of(self, shown: Viewport) -> Viewport:
        """The view of the page: all that is shown now, in the middle, as large as fits."""
        room = self.map_room
        scale = max(shown.width * shown.scale / room.width(), shown.height * shown.scale / room.height())
        return Viewport(shown.cx, shown.cy, scale, room.width(), room.height())

    def paint(
        self, painter: QPainter, state: MapState, view: Viewport, heat: HeatPicture | None = None
    ) -> None:
        """Paint everything around the map, whose frame it closes; `heat` explains its colours where it is shown."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._head(painter, state)
        room = self.map_room
        painter.setPen(QPen(self.palette.color("line.strong"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(room)
        self._legend(painter, state, view, heat)
        self._corner(painter, state, view)
        painter.restore()

    def background(self, painter: QPainter) -> None:
        """Fill the page."""
        painter.fillRect(QRectF(0, 0, self.paper.width, self.paper.height), self.palette.color("bg.panel"))

    # --- above --------------------------------------------------------------------------------------------

    def _head(self, painter: QPainter, state: MapState) -> None:
        words, width = self.words, self.paper.width - 2 * MARGIN
        right = QRectF(MARGIN + width * 0.6, 12, width * 0.4, 22)
        self._write(
            painter, QRectF(MARGIN, 10, width * 0.6 - 8, 30), words.title, 20, "text.primary", bold=True
        )
        self._write(painter, right, words.time, 13, "text.secondary", right=True)
        stale = state.offline and bool(state.offline_text)
        age = state.offline_text if stale else words.data_age
        token = "sla.soon.text" if stale else "text.tertiary"
        self._write(painter, right.translated(0, 20), age, 12, token, right=True)

    # --- below --------------------------------------------------------------------------------------------

    def _legend(self, painter: QPainter, state: MapState, view: Viewport, heat: HeatPicture | None) -> None:
        """The present measure with its classes and how many areas each holds; the shapes of time limits."""
        y = self.paper.height - FOOT + 12
        legend = self._model(state, view)
        x = MARGIN
        if legend is not None and state.shows("fill"):
            self._write(
                painter, QRectF(x, y, 320, 18), texts.legend_title(legend), 13, "text.primary", bold=True
            )
            x = self._classes(painter, legend, state, x, y + 22)
        shapes = state.shows("cases") and state.case_mode != "heat"
        if heat is not None and heat.shown:
            # beside the row of bands where there is one
            corner = QPointF(max(x + 16, MARGIN + (560 if shapes else 340)), y - 2)
            paint_heat_legend(
                painter, QRectF(corner, HEAT_SIZE), heat.field(view), heat.radius_m(view), self.palette
            )
        if shapes:
            self._bands(painter, state, MARGIN, self.paper.height - 30)

    def _model(self, state: MapState, view: Viewport) -> LegendModel | None:
        if state.areas is None:
            return None
        tokens = self.palette.tokens
        zoom = tokens.band_at(view.metres_per_pixel)
        return legend_of(
            state.area_layer, state.areas, state.area_layer.fill_level(state.areas, zoom.id), tokens
        )

    def _classes(
        self, painter: QPainter, legend: LegendModel, state: MapState, left: float, top: float
    ) -> float:
        """Boxes of the classes in a row with bounds and counts; returns where the row ends."""
        styles = state.area_layer.styles()
        shown = [*range(len(styles)), *((NO_DATA,) if legend.has_gaps else ())]
        for value in shown:
            style = styles[value] if value >= 0 else NO_DATA_STYLE
            box = QRectF(left, top, _RAMP_W - 4, 12)
            self._swatch(painter, box, style, value in state.legend_off)
            count = legend.gaps if value < 0 else legend.counts[value]
            words = f"{class_name(legend, value)} ({count:,})"
            width = max(_RAMP_W, QFontMetricsF(self.palette.font(11)).horizontalAdvance(words) + 10)
            self._write(painter, QRectF(left, top + 13, width, 16), words, 11, "text.secondary")
            left += width
        return left

    def _swatch(self, painter: QPainter, box: QRectF, style: ClassStyle, off: bool) -> None:
        painter.save()
        painter.setOpacity(0.18 if off else 1.0)
        painter.fillRect(box, self.palette.color(style.token))
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        ink = self.palette.color(style.pattern_token)
        x = box.left() - box.height() if style.pattern else box.right()
        while x < box.right():
            if style.pattern == "hatch":
                painter.setPen(QPen(ink, 1.2))
                painter.drawLine(QPointF(x + box.height(), box.top()), QPointF(x, box.bottom()))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                painter.drawEllipse(QPointF(x + 4, box.center().y()), 1.3, 1.3)
            x += 8
        painter.restore()
        painter.setPen(QPen(self.palette.color("line.normal"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _bands(self, painter: QPainter, state: MapState, left: float, top: float) -> None:
        """Shapes and words of the bands of time limits."""
        metrics = QFontMetricsF(self.palette.font(12))
        for band in ("ok", "soon", "over1", "over2", "over3", "suspended"):
            paint_band(painter, band, QPointF(left + 8, top + 9), 14, self.palette, halo=False)
            words = texts.band_name(band)
            self._write(painter, QRectF(left + 19, top, 120, 18), words, 12, "text.secondary")
            left += 19 + metrics.horizontalAdvance(words) + 14

    def _corner(self, painter: QPainter, state: MapState, view: Viewport) -> None:
        """Scale bar, north, coordinate system, number of areas and operator, at the right."""
        right, y = self.paper.width - MARGIN, self.paper.height - FOOT
        paint_scale_bar(painter, view, self.palette, right - 40, y + 34)
        _north(painter, QPointF(right - 14, y + 22), self.palette)
        line = QRectF(self.paper.width / 2, y + 44, self.paper.width / 2 - MARGIN, 18)
        self._write(painter, line, crs_words(self.words.system), 11, "text.tertiary", right=True)
        made = QCoreApplication.translate("MapExport", "制图：{name}").format(name=self.words.operator)
        if self.words.operator:
            self._write(painter, line.translated(0, 18), made, 11, "text.tertiary", right=True)

    def _write(
        self,
        painter: QPainter,
        room: QRectF,
        text: str,
        pixels: float,
        token: str,
        *,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Write one line, shortened where it does not fit."""
        font = page_font(self.palette, pixels, bold)
        shown = QFontMetricsF(font).elidedText(
            " ".join(text.split()), Qt.TextElideMode.ElideRight, room.width()
        )
        align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(self.palette.color(token))
        painter.drawText(room, align | Qt.AlignmentFlag.AlignVCenter, shown)


def page_font(palette: MapPalette, pixels: float, bold: bool = False) -> QFont:
    """Return a font of the map whose figures can be searched in a PDF.

    Figures of equal width, and those that Noto puts in by language, are glyphs without a character.
    """
    font = palette.font(pixels, bold)
    font.clearFeatures()
    font.setFeature(QFont.Tag("locl"), 0)
    return font


@contextmanager
def saved(painter: QPainter) -> Iterator[None]:
    """Save the painter's state and restore it, also when a run of steps is given up in between."""
    painter.save()
    try:
        yield
    finally:
        painter.restore()


def crs_words(system: CoordinateSystem) -> str:
    """Name the coordinate system of a page: that of its places, and the projection it is drawn in."""
    return QCoreApplication.translate("MapExport", "坐标系：{name}，Web 墨卡托投影").format(name=system.label)


def _north(painter: QPainter, at: QPointF, palette: MapPalette) -> None:
    """An arrow to the north: the map is never turned."""
    painter.save()
    arrow = QPainterPath(at + QPointF(0, -9))
    for corner in (QPointF(5, 8), QPointF(0, 4), QPointF(-5, 8)):
        arrow.lineTo(at + corner)
    arrow.closeSubpath()
    painter.fillPath(arrow, palette.color("text.secondary"))
    painter.setFont(palette.font(11, True))
    painter.setPen(palette.color("text.secondary"))
    room = QRectF(at.x() - 10, at.y() + 9, 20, 14)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, QCoreApplication.translate("MapExport", "北"))
    painter.restore()
