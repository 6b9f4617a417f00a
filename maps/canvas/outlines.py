"""Outlines of single areas on a frame: the chosen one, and the cell the pointer is over."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from maps.canvas.line_paths import path_of
from maps.canvas.palette import MapPalette
from maps.geometry.detail import DetailCache
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import RingTable
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState

CHOSEN_PX = 2.4
CHOSEN_FILL = 0.14
HOVER_PX = 1.6
HOVER_ALPHA = 0.85

Rings = tuple[FloatArray, npt.NDArray[np.int64]]
"""Points of all rings one after the other, and how many each ring has."""


class Outlines:
    """Paints outlines; keeps the rings of the last few areas, so that a frame looks nothing up."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, int], tuple[object, Rings]] = {}

    def paint_chosen(self, painter: QPainter, state: MapState, palette: MapPalette, view: Viewport) -> None:
        """Outline the selected area in accent, lightly filled."""
        code = state.selection.area_code
        found = state.areas.locate(code) if state.areas is not None and code else None
        if found is None:
            return
        path = self._path(state, view, *found)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, palette.color("accent.base", CHOSEN_FILL))
        painter.strokePath(path, QPen(palette.color("accent.base"), CHOSEN_PX, j=Qt.PenJoinStyle.RoundJoin))
        painter.restore()

    def paint_hovered(
        self, painter: QPainter, state: MapState, palette: MapPalette, view: Viewport, cell: int
    ) -> None:
        """Outline the cell below the pointer; nothing for -1 or a cell that is there no more."""
        if state.areas is None or not 0 <= cell < len(state.areas.cells):
            return
        path = self._path(state, view, state.areas.finest, cell)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = palette.color("text.primary", HOVER_ALPHA)
        painter.strokePath(path, QPen(color, HOVER_PX, j=Qt.PenJoinStyle.RoundJoin))
        painter.restore()

    def _path(self, state: MapState, view: Viewport, level: str, index: int) -> QPainterPath:
        xy, counts = self._rings(state, view, level, index)
        return path_of(view.to_screen(xy), counts)

    def _rings(self, state: MapState, view: Viewport, level: str, index: int) -> Rings:
        """Rings at the detail of the view, from the tables that the ground is drawn from."""
        areas = state.areas
        key = (level, index, DetailCache.step_of(view.scale))
        kept = self._kept.get(key)
        if kept is not None and kept[0] is areas:
            return kept[1]
        if areas is None:
            return np.empty((0, 2)), np.empty(0, dtype=np.int64)
        detail = state.detail.ready(view.scale) if state.detail is not None else None
        if level == areas.finest and detail is not None:
            parts = detail.rings.of_cell(index)
            rings = np.concatenate(parts), np.array([len(p) for p in parts], dtype=np.int64)
        else:
            shape = shapely.simplify(areas.levels[level].geometry[index : index + 1], view.scale / 3)
            table = RingTable.of(shape)
            rings = table.xy, table.stop - table.start
        if len(self._kept) > 16:
            self._kept.clear()
        self._kept[key] = (areas, rings)
        return rings
