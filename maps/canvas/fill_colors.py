"""Colours of the cells as a table by cell number: a change of colours is a look-up, however many cells there are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from maps.canvas.id_raster import PixelFrame
from maps.canvas.palette import MapPalette
from maps.canvas.pixels import PixelArray, over, premultiplied
from maps.layers.measures import NO_DATA, NO_DATA_STYLE, ClassStyle

HATCH_PITCH, HATCH_WIDTH = 10.0, 1.5
DOT_PITCH, DOT_RADIUS = 8.0, 1.3
HATCH_STEPS, DOT_STEPS = 4, 3
"""Steps of coverage from nothing to full; the table has a row for each pair."""
PATTERN_ALPHA = 0.42
DIMMED = 0.18
"""Opacity left to a class that is switched off in the legend."""
VARIANTS = (HATCH_STEPS + 1) * (DOT_STEPS + 1)

Pixels = npt.NDArray[np.uint32]
Kinds = npt.NDArray[np.uint8]


class ClassLooks:
    """Pixels of each class by variant, and nothing in the last column.

    Attributes:
        clear: ``(VARIANTS, k)`` pixels, multiplied by alpha.
        solid: the same laid over the plain ground.
        patterned: ``(k,)`` the class has a pattern, so that its pixels differ by variant.
    """

    __slots__ = ("clear", "patterned", "solid")

    def __init__(self, clear: Pixels, patterned: Sequence[bool], palette: MapPalette) -> None:
        self.clear = clear
        self.solid = over(clear, np.full_like(clear, _pixels(palette.color("map.sea"), np.ones(1))[0]))
        self.patterned = np.array(patterned, dtype=bool)


def class_looks(
    styles: Sequence[ClassStyle], palette: MapPalette, off: frozenset[int] = frozenset(), opacity: float = 1.0
) -> ClassLooks:
    """Work out the pixels of the classes and, behind them, of no data.

    Args:
        styles: look of each class, class 0 first; none when the fill is switched off.
        palette: colours.
        off: classes that are drawn dimmed.
        opacity: of the whole fill, 0 to 1.
    """
    nothing = np.zeros(VARIANTS, dtype=np.uint32)
    if not styles:
        return ClassLooks(np.stack([nothing, nothing], axis=1), [False, False], palette)
    looks = [*styles, NO_DATA_STYLE]
    values = [*range(len(styles)), NO_DATA]
    columns = [
        _variants(s, palette, opacity * (DIMMED if v in off else 1.0))
        for s, v in zip(looks, values, strict=True)
    ]
    pixels = np.stack([*columns, nothing], axis=1)
    return ClassLooks(pixels, [*(bool(s.pattern) for s in looks), False], palette)


class FillTable:
    """Pixels by cell number, made of the looks of the classes and the class of each cell."""

    __slots__ = ("_rows", "kind", "looks")

    def __init__(self, looks: ClassLooks, classes: npt.NDArray[np.int8]) -> None:
        """Note the column of each number (index + 1) in the looks; a class they lack is no data."""
        nothing = looks.clear.shape[1] - 1
        self.looks = looks
        self.kind: Kinds = np.full(len(classes) + 1, nothing, dtype=np.uint8)
        self.kind[1:] = np.where((classes >= 0) & (classes < nothing - 1), classes, nothing - 1)
        self._rows: dict[tuple[bool, bool], Pixels] = {}

    def rows(self, solid: bool, all_variants: bool) -> Pixels:
        """Pixels by variant and number, ``(VARIANTS or 1, n + 1)``."""
        key = (solid, all_variants)
        if key not in self._rows:
            looks = self.looks.solid if solid else self.looks.clear
            self._rows[key] = np.take(looks if all_variants else looks[:1], self.kind, axis=1)
        return self._rows[key]

    def patterned(self, cells: npt.NDArray[np.int64]) -> bool:
        """Tell whether any of these cells (indices) has a pattern, so that its pixels differ by variant."""
        kinds = self.looks.patterned
        return bool(kinds.any()) and bool(kinds[self.kind[cells + 1]].any())

    def differing(self, other: FillTable) -> npt.NDArray[np.int64]:
        """Indices of the cells that look different in another table of the same cells."""
        unlike = (self.looks.clear[:, :, None] != other.looks.clear[:, None, :]).any(axis=0)
        return np.flatnonzero(unlike[self.kind[1:], other.kind[1:]])


def _variants(style: ClassStyle, palette: MapPalette, opacity: float) -> Pixels:
    """Pixels of one class for each coverage by hatch and dots."""
    hatch, dots = np.divmod(np.arange(VARIANTS), DOT_STEPS + 1)
    whole = _pixels(palette.color(style.token), np.ones(VARIANTS))
    if style.pattern:
        cover = hatch / HATCH_STEPS * PATTERN_ALPHA if style.pattern == "hatch" else dots / DOT_STEPS
        whole = over(_pixels(palette.color(style.pattern_token), cover), whole)
    return premultiplied(whole >> 16 & 255, whole >> 8 & 255, whole & 255, opacity)


def _pixels(color: QColor, alpha: npt.NDArray[np.float64]) -> Pixels:
    """Pixels of one colour at several opacities."""
    return premultiplied(color.red(), color.green(), color.blue(), alpha * color.alphaF())


def variants_at(frame: PixelFrame, ratio: float) -> npt.NDArray[np.intp]:
    """Row of the table for each pixel of a frame: hatch and dots are fixed to the world."""
    rows: npt.NDArray[np.intp] = hatch_cover(frame, ratio) * (DOT_STEPS + 1) + _dot_cover(frame, ratio)
    return rows


def hatch_cover(frame: PixelFrame, ratio: float) -> npt.NDArray[np.intp]:
    """Coverage of each pixel by 45° lines, in steps; the same on every pane of a scale."""
    pitch = HATCH_PITCH * math.sqrt(2) * ratio
    # Lines run where column + row is constant.
    start = math.fmod(frame.west / frame.pixel - frame.north / frame.pixel, pitch)
    t = np.arange(frame.width + frame.height) + start + 1.0
    off = np.abs((t + pitch / 2) % pitch - pitch / 2) / math.sqrt(2)
    steps = np.rint(np.clip(HATCH_WIDTH * ratio / 2 + 0.5 - off, 0.0, 1.0) * HATCH_STEPS).astype(np.intp)
    return np.lib.stride_tricks.sliding_window_view(steps, frame.width)[: frame.height]


def _dot_cover(frame: PixelFrame, ratio: float) -> npt.NDArray[np.intp]:
    pitch = DOT_PITCH * ratio
    x = (np.arange(frame.width) + 0.5 + math.fmod(frame.west / frame.pixel, pitch)) % pitch - pitch / 2
    y = (np.arange(frame.height) + 0.5 - math.fmod(frame.north / frame.pixel, pitch)) % pitch - pitch / 2
    off = np.sqrt(np.square(x)[None, :] + np.square(y)[:, None])
    steps = np.rint(np.clip(DOT_RADIUS * ratio + 0.5 - off, 0.0, 1.0) * DOT_STEPS)
    return np.asarray(steps, dtype=np.intp)


def colour_pixels(
    out: PixelArray,
    ids: npt.NDArray[np.unsignedinteger],
    table: Pixels,
    variants: npt.NDArray[np.intp] | None,
) -> None:
    """Write the pixel of each number: ``out[i] = table[variants[i], ids[i]]``."""
    if variants is None:
        # No number is out of range; of the modes that do not copy, this one is the quickest.
        np.take(table[0], ids, out=out, mode="wrap")
    else:
        np.take(table.ravel(), ids + variants * table.shape[1], out=out, mode="wrap")


def hatch_pixels(frame: PixelFrame, ratio: float, color: QColor) -> PixelArray:
    """Picture of the hatch alone."""
    steps = _pixels(color, np.arange(HATCH_STEPS + 1) / HATCH_STEPS)
    return steps[hatch_cover(frame, ratio)]
