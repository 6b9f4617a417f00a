"""The map drawn from its values onto any painter, page or picture: areas, lines and words as shapes, not pixels.

The map on screen is copied from pictures that fit its window; a page is larger and a PDF should keep lines and
words as such. So everything is drawn anew here, whole, in steps of a few milliseconds. Marks of people, components
and cameras are the sprites of the screen in a resolution fit for the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from maps.canvas.base_painters import Look, PathTable, border_steps, outside_steps, road_steps, water_steps
from maps.canvas.camera_marks import CameraMarks
from maps.canvas.case_pictures import DotsPicture, HeatPicture
from maps.canvas.component_marks import ComponentMarks
from maps.canvas.drawing_marks import DrawingMarks
from maps.canvas.fill_colors import DIMMED, DOT_PITCH, DOT_RADIUS, HATCH_PITCH, HATCH_WIDTH, PATTERN_ALPHA
from maps.canvas.labels import label_point
from maps.canvas.layout import CHOSEN_PX, SceneLayout, layout_steps
from maps.canvas.line_paths import path_of
from maps.canvas.mark_stack import MarkStack
from maps.canvas.officer_marks import OfficerMarks
from maps.canvas.outlines import Outlines
from maps.canvas.overlay import paint_chosen_case
from maps.canvas.page import page_font, saved
from maps.canvas.palette import MapPalette
from maps.canvas.sprites import HALO_EM, SINGLE_PX, SpriteBook
from maps.canvas.stack import GroundLayer, SteppedLayer
from maps.canvas.symbols import paint_band, paint_cluster, paint_pending, paint_single
from maps.canvas.track_marks import TrackMarks
from maps.geometry.detail import Detail
from maps.geometry.viewport import Viewport
from maps.layers import book as layer_ids
from maps.layers.base import BasePath
from maps.layers.measures import NO_DATA, NO_DATA_STYLE, ClassStyle
from maps.layers.state import MapState

#: cells that are filled as one path of shapes, and lines that are stroked in one step; a few milliseconds
A_STEP, LINES_A_STEP = 250, 4
#: the stroke that closes the hair between two neighbours of one colour
SEAM_PX = 0.4
_SLICE_S = 0.004
#: words are drawn in steps of so many
_WORDS_A_STEP = 4


@dataclass(frozen=True, slots=True)
class VectorMap:
    """What is drawn: the values of a map, its colours, the view of the page, and the layers of sources.

    `ratio` is device pixels a logical pixel of the target; `vector` tells that the target keeps shapes (a PDF), so
    that wide lines are true strokes. `heat` paints the density of the cases and knows its legend.
    """

    state: MapState
    palette: MapPalette
    view: Viewport
    ratio: float
    vector: bool
    heat: HeatPicture
    sources: Sequence[GroundLayer] = ()

    def steps(self, painter: QPainter) -> Iterator[None]:
        """Draw everything in its order, in the view's logical pixels; the painter is left as it was."""
        with saved(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            page = QRectF(0, 0, self.view.width, self.view.height)
            painter.setClipRect(page, Qt.ClipOperation.IntersectClip)
            painter.fillRect(page, self.palette.color("map.sea"))
            detail = self._detail()
            yield
            yield from self._layers(painter, self.state.book.under(), detail)
            yield from self._fill(painter, detail)
            yield from self._layers(painter, self.state.book.over(), detail)
            yield from self._borders(painter, detail)
            yield from self._density(painter)
            yield from self._marks(painter)

    def _detail(self) -> Detail | None:
        """The geometry at the fineness of the page (not of the screen)."""
        if self.state.detail is None or self.state.areas is None:
            return None
        return self.state.detail.at(self.view.scale / max(self.ratio, 1.0))

    def _look(self) -> Look:
        zoom = self.palette.tokens.band_at(self.view.metres_per_pixel)
        # a ratio of nearly nothing makes every line a true stroke, which is what a page of shapes is for
        return Look(self.palette, zoom, self.view.cy, 0.01 if self.vector else self.ratio)

    # --- ground -------------------------------------------------------------------------------------------

    def _layers(
        self, painter: QPainter, specs: Sequence[layer_ids.LayerSpec], detail: Detail | None
    ) -> Iterator[None]:
        """Base map and layers of sources, in the order of the layer book."""
        base, look = self.state.base, self._look()
        built_in = {
            layer_ids.OUTSIDE: lambda p, v: outside_steps(p, v, PathTable(base.outside), look),
            layer_ids.WATER: lambda p, v: water_steps(p, v, PathTable(base.water), look),
            layer_ids.ROADS: lambda p, v: _roads(p, v, base.roads, look),
        }
        given = {layer.key: layer for layer in self.sources}
        for spec in specs:
            with saved(painter):
                painter.setOpacity(spec.opacity)
                if spec.id in built_in:
                    yield from built_in[spec.id](painter, self.view)
                elif spec.id in given:
                    yield from _source_steps(given[spec.id], painter, self.view)

    def _fill(self, painter: QPainter, detail: Detail | None) -> Iterator[None]:
        """Cells in the colours of their classes, with the second cue of a class as lines or dots."""
        state, areas = self.state, self.state.areas
        if detail is None or areas is None or not state.shows(layer_ids.FILL):
            return
        zoom = self.palette.tokens.band_at(self.view.metres_per_pixel)
        layer = state.area_layer
        classes = layer.cell_classes(areas, layer.fill_level(areas, zoom.id), self.palette.tokens)
        west, south, east, north = self.view.bounds
        b = areas.cells.bounds
        met = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
        styles = layer.styles()
        for value in (*range(len(styles)), NO_DATA):
            mine = (classes == value) if value >= 0 else (classes < 0) | (classes >= len(styles))
            style = styles[value] if value >= 0 else NO_DATA_STYLE
            opacity = state.fill_opacity * (DIMMED if value in state.legend_off else 1.0)
            cells = np.flatnonzero(mine & met)
            step = A_STEP if self.vector else max(int(A_STEP / self.ratio**2 / 2), 8)
            for start in range(0, len(cells), step):
                self._fill_some(painter, detail, cells[start : start + step], style, opacity)
                yield

    def _fill_some(
        self,
        painter: QPainter,
        detail: Detail,
        cells: npt.NDArray[np.int64],
        style: ClassStyle,
        opacity: float,
    ) -> None:
        rings = detail.rings.only(cells)
        if len(rings.start) == 0:
            return
        path = path_of(self.view.to_screen(rings.xy), rings.stop - rings.start)
        with saved(painter):
            painter.setOpacity(opacity)
            color = self.palette.color(style.token)
            painter.fillPath(path, color)
            if opacity >= 1.0 and color.alpha() == 255:
                # in a picture a line of one device pixel, which is stroked a hundred times as quickly
                width = SEAM_PX if self.vector else 0.0
                painter.strokePath(path, QPen(color, width, j=Qt.PenJoinStyle.RoundJoin))
            if style.pattern:
                self._pattern(painter, path, style)

    def _pattern(self, painter: QPainter, path: QPainterPath, style: ClassStyle) -> None:
        """Slanted lines or dots inside a path, fixed to the world as on screen."""
        ink = QColor(self.palette.color(style.pattern_token))
        page = QRectF(0, 0, self.view.width, self.view.height)
        room = path.boundingRect().intersected(page)
        if room.isEmpty():
            return
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        east, north = self.view.bounds[0] / self.view.scale, self.view.bounds[3] / self.view.scale
        if style.pattern == "hatch":
            ink.setAlphaF(PATTERN_ALPHA)
            painter.setPen(QPen(ink, HATCH_WIDTH))
            painter.drawPath(_hatch(room, east - north))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            xs = np.arange(_first(room.left(), east), room.right(), DOT_PITCH)
            ys = np.arange(_first(room.top(), -north), room.bottom(), DOT_PITCH)
            for x in xs.tolist():
                for y in ys.tolist():
                    painter.drawEllipse(QPointF(x, y), DOT_RADIUS, DOT_RADIUS)

    def _borders(self, painter: QPainter, detail: Detail | None) -> Iterator[None]:
        book = self.state.book
        if detail is None or not book.shows(layer_ids.BORDERS):
            return
        with saved(painter):
            painter.setOpacity(book.opacity(layer_ids.BORDERS))
            grids = book.shows(layer_ids.FILL)
            yield from border_steps(painter, self.view, detail.lines, self._look(), grids)

    def _density(self, painter: QPainter) -> Iterator[None]:
        """The heat of the cases, or every case a dot: both are pictures by nature, in the resolution of the page."""
        with saved(painter):
            yield from self.heat.steps(painter, self.view)
        dots = DotsPicture(self.state, self.palette)
        if not dots.shown:
            return
        size = (round(self.view.width * self.ratio), round(self.view.height * self.ratio))
        image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        own = QPainter(image)
        own.scale(self.ratio, self.ratio)
        dots.paint(own, self.view)
        own.end()
        yield
        painter.drawImage(QRectF(0, 0, self.view.width, self.view.height), image)
        yield

    # --- marks and words ----------------------------------------------------------------------------------

    def _marks(self, painter: QPainter) -> Iterator[None]:
        """Marks below the cases, the cases, marks above them, labels."""
        state, view = self.state, self.view
        book = SpriteBook(self.palette, max(self.ratio, 4.0) if self.vector else self.ratio)
        others = MarkStack(
            state, (ComponentMarks(), CameraMarks(), OfficerMarks(), TrackMarks(), DrawingMarks())
        )
        layout = yield from layout_steps(state, view, book)
        others.lay_out(view, book)
        while others.advance(_SLICE_S):
            yield
        others.paint_below(painter, view, book)
        Outlines().paint_chosen(painter, state, self.palette, view)
        yield
        yield from self._cases(painter, layout)
        paint_chosen_case(painter, state, self.palette, view)
        others.paint_above(painter, view, book)
        yield
        yield from self._words(painter, layout)

    def _cases(self, painter: QPainter, layout: SceneLayout) -> Iterator[None]:
        """Clusters and single cases as shapes."""
        marks, palette = layout.marks, self.palette
        for i in range(len(marks)):
            mark = marks[i]
            at = QPointF(*self.view.to_screen((mark.x, mark.y)).tolist())
            if mark.count > 1:
                paint_cluster(painter, mark.bands, at, palette.tokens.cluster_radius(mark.count), palette)
            elif i == marks.chosen:
                paint_band(painter, mark.bands[0][0], at, CHOSEN_PX, palette)
            else:
                paint_single(
                    painter,
                    mark.bands[0][0],
                    mark.stage if layout.zoom.numbered else 0,
                    at,
                    SINGLE_PX,
                    palette,
                )
            if marks.pending[i]:
                reach = 7.0 if mark.count == 1 else palette.tokens.cluster_radius(mark.count) * 0.75
                paint_pending(painter, at + QPointF(reach, -reach), palette)
            if i % _WORDS_A_STEP == 0:
                yield

    def _words(self, painter: QPainter, layout: SceneLayout) -> Iterator[None]:
        """Labels as words with their halo as a shape below."""
        for n, label in enumerate(layout.labels):
            font = page_font(self.palette, label.pixels, label.bold)
            metrics = QFontMetricsF(font)
            base = QPointF(
                -metrics.horizontalAdvance(label.text) / 2, (metrics.ascent() - metrics.descent()) / 2
            )
            with saved(painter):
                painter.translate(label_point(self.view, label))
                painter.rotate(label.angle)
                halo = QPainterPath()
                halo.addText(base, font, label.text)
                width = 1.5 * HALO_EM * label.pixels
                pen = QPen(self.palette.color("map.halo"), width, j=Qt.PenJoinStyle.RoundJoin)
                painter.strokePath(halo, pen)
                painter.setFont(font)
                painter.setPen(self.palette.color(label.token))
                painter.drawText(base, label.text)
            if n % _WORDS_A_STEP == 0:
                yield


def _roads(painter: QPainter, view: Viewport, roads: Sequence[BasePath], look: Look) -> Iterator[None]:
    """Roads a few at a time: on paper each of them is a thousand pixels long."""
    for start in range(0, len(roads), LINES_A_STEP):
        yield from road_steps(painter, view, PathTable(tuple(roads[start : start + LINES_A_STEP])), look)
        yield


def _source_steps(layer: GroundLayer, painter: QPainter, view: Viewport) -> Iterator[None]:
    """Paint a layer of a source: what is there; a page waits for no tile."""
    if isinstance(layer, SteppedLayer):
        yield from layer.steps(painter, view)
    else:
        layer.paint(painter, view)
        yield


def _hatch(room: QRectF, shift: float) -> QPainterPath:
    """Lines at 45 degrees over a room; they stand where column plus row has one value, as on screen."""
    pitch = HATCH_PITCH * 2**0.5
    path = QPainterPath()
    first = room.left() + room.top()
    start = first + (-(first + shift)) % pitch
    for at in np.arange(start, room.right() + room.bottom(), pitch).tolist():
        path.moveTo(at - room.top(), room.top())
        path.lineTo(at - room.bottom(), room.bottom())
    return path


def _first(edge: float, shift: float) -> float:
    """The first dot beyond an edge, fixed to the world."""
    return float(edge + (-(edge + shift)) % DOT_PITCH)
