"""Pictures of all cases at once for the ground: every case a dot, or the heat of their density."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from maps.canvas.palette import MapPalette
from maps.canvas.pixels import CLEAR, premultiplied
from maps.geometry.mercator import FloatArray, true_scale
from maps.geometry.viewport import Viewport
from maps.layers.dots import HALO, Levels, dot_levels, level_of
from maps.layers.heat import RADII_M, HeatField, heat_steps
from maps.layers.state import MapState
from maps.layers.tokens import BANDS

DOTS_KEY, HEAT_KEY = "cases:dots", "cases:heat"
HEAT_HOLD_S = 3.0
"""A few changes of cases do not paint the heat anew more often than this."""
CROWDED_PX = 60.0
"""Where a case has fewer square pixels of the district than this, dots are drawn smaller."""
_HEAT_ALPHA = 0.82
_FEW = 500
_KEPT = 3


class CasePicture:
    """What both pictures share: a revision that grows when the cases, the mode or the colours are others."""

    key = ""

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        self._state = state
        self.palette = palette
        self._seen: tuple[Any, ...] = ()
        self._revision = 0

    @property
    def shown(self) -> bool:
        """Whether there is anything to paint."""
        raise NotImplementedError

    @property
    def revision(self) -> int:
        """Grows when the picture would be another one."""
        now: tuple[Any, ...] = (False,)
        if self.shown:
            now = (True, self._state.cases.table, self.palette, *self._made_of())
        if now != self._seen:
            self._seen = now
            self._revision += 1
        return self._revision

    def _made_of(self) -> tuple[Any, ...]:
        return (self._state.cases.table.revision,)

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what lies in a view, in its logical pixels."""
        raise NotImplementedError


class DotsPicture(CasePicture):
    """Every case a small mark, the worst on top; severe ones are larger, which shows in grey too."""

    key = DOTS_KEY

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        """Nothing is put in order before it is painted."""
        super().__init__(state, palette)
        self._ordered: tuple[object, FloatArray, Levels] | None = None

    @property
    def shown(self) -> bool:
        """Whether cases are drawn as dots."""
        return self._state.shows_dots

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint the dots that lie in a view."""
        if not self.shown:
            return
        ratio = max(painter.deviceTransform().m11(), 0.1)
        width, height = round(view.width * ratio), round(view.height * ratio)
        west, _, _, north = view.bounds
        levels = dot_levels(
            *self._dots(),
            west,
            north,
            view.scale / ratio,
            width,
            height,
            self._grow(view, ratio),
        )
        pixels = self._colours().take(levels)
        image = QImage(pixels.data, width, height, 4 * width, CLEAR)
        painter.drawImage(QRectF(0, 0, view.width, view.height), image)

    def _dots(self) -> tuple[FloatArray, Levels]:
        """Places and levels in the order of drawing; the same for every part of the ground."""
        cases = self._state.cases
        key = (cases.table, cases.table.revision)
        if self._ordered is None or self._ordered[0] != key:
            rows = cases.quiet_first()
            self._ordered = (key, cases.table.xy[rows], level_of(cases.table.shown_band[rows]))
        return self._ordered[1:]

    def _grow(self, view: Viewport, ratio: float) -> int:
        """Pixels around the middle of a dot: fewer at scales at which the district would be one blot."""
        areas, placed = self._state.areas, len(self._state.cases.table.placed)
        if areas is None:
            return max(round(ratio), 1)
        west, south, east, north = areas.extent
        room = (east - west) * (north - south) / view.scale**2
        crowded = placed * CROWDED_PX > room
        return max(round(ratio * 0.5), 0) if crowded else max(round(ratio), 1)

    def _colours(self) -> npt.NDArray[np.uint32]:
        """Level to pixel."""
        colours = [QColor(0, 0, 0, 0)] + [self.palette.band_color(band) for band in reversed(BANDS)]
        colours.insert(HALO, self.palette.color("map.halo", 0.5))
        return _pixels(colours)


class HeatPicture(CasePicture):
    """Density of the cases in the ramp of the tokens; the same place has the same colour in every view."""

    key = HEAT_KEY

    def __init__(self, state: MapState, palette: MapPalette) -> None:
        """Nothing is worked out before it is painted."""
        super().__init__(state, palette)
        self._fields: dict[tuple[Any, ...], tuple[HeatField | None, QImage | None]] = {}
        self._fields_of: object = None
        self._held: tuple[object, int, float] = (None, 0, 0.0)

    @property
    def shown(self) -> bool:
        """Whether the density is drawn."""
        return self._state.shows_heat

    def radius_m(self, view: Viewport) -> float:
        """Radius in true metres: that of the layer's setting, else that of the zoom, one for all parts of a view."""
        chosen = float(self._state.book.option("heat", "radius_m", 0.0))
        if chosen > 0:
            return chosen
        areas = self._state.areas
        north = view.cy if areas is None else (areas.extent[1] + areas.extent[3]) / 2
        return RADII_M[self.palette.tokens.band_at(view.scale * true_scale(north)).id]

    def field(self, view: Viewport) -> HeatField | None:
        """The field that is shown in a view, for the legend; None before it has been painted."""
        return self._fields.get(self._key(self.radius_m(view)), (None, None))[0]

    def steps(self, painter: QPainter, view: Viewport) -> Iterator[None]:
        """Paint the heat, working the field out first where it is missing."""
        if not self.shown:
            return
        radius = self.radius_m(view)
        if self._fields_of is not self._state.cases.table:
            self._fields_of = self._state.cases.table
            self._fields.clear()
        key = self._key(radius)
        if key not in self._fields:
            areas, cases = self._state.areas, self._state.cases
            points = cases.table.xy[cases.table.placed]
            field = yield from heat_steps(points, radius, areas.extent if areas is not None else None)
            while len(self._fields) >= _KEPT:
                self._fields.pop(next(iter(self._fields)))
            self._fields[key] = (field, None if field is None else self._image(field))
            yield
        self._draw(painter, view, *self._fields[key])

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint the heat in one go."""
        for _ in self.steps(painter, view):
            pass

    def _draw(self, painter: QPainter, view: Viewport, field: HeatField | None, image: QImage | None) -> None:
        if field is None or image is None:
            return
        west, south, east, north = field.bounds
        (left, top), (right, bottom) = view.to_screen([(west, north), (east, south)]).tolist()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(painter.opacity() * self._state.book.opacity("heat"))
        painter.drawImage(QRectF(left, top, right - left, bottom - top), image)

    def _image(self, field: HeatField) -> QImage:
        pixels = heat_colours(self.palette).take(field.levels())
        height, width = pixels.shape
        return QImage(pixels.data, width, height, 4 * width, CLEAR).copy()

    def _made_of(self) -> tuple[Any, ...]:
        setting = self._state.book.option("heat", "radius_m", 0.0)
        return (self._data_revision(), setting, self._state.book.opacity("heat"))

    def _key(self, radius: float) -> tuple[Any, ...]:
        return (self._data_revision(), radius, self.palette, self._state.areas)

    def _data_revision(self) -> int:
        """Revision of the cases; held back while only a few of them have changed a moment ago."""
        table, now = self._state.cases.table, time.monotonic()
        held, revision, since = self._held
        few = 0 <= table.revision - revision < max(len(table) // _FEW, 1)
        if held is not table or not few or now - since >= HEAT_HOLD_S:
            if held is not table or revision != table.revision:
                self._held = (table, table.revision, now)
            return table.revision
        return revision


def heat_colours(palette: MapPalette) -> npt.NDArray[np.uint32]:
    """256 pixels from clear over the steps of the ramp to its end."""
    stops = [palette.color(f"map.overdue_ramp.{i}") for i in range(1, 5)]
    at = np.linspace(0.0, 1.0, 256)
    places = np.array([0.0, 0.4, 0.7, 1.0])
    red, green, blue = (
        np.interp(at, places, [getattr(stop, part)() for stop in stops]) for part in ("red", "green", "blue")
    )
    return premultiplied(red, green, blue, np.clip(at * 2.2, 0.0, 1.0) * _HEAT_ALPHA)


def _pixels(colours: list[QColor]) -> npt.NDArray[np.uint32]:
    parts = np.array([(c.red(), c.green(), c.blue(), c.alphaF()) for c in colours])
    return premultiplied(parts[:, 0], parts[:, 1], parts[:, 2], parts[:, 3])
