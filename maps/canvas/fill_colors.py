"""Colours of the cells as a table by cell number: a change of colours is a look-up, however many cells there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, eq=False)
class FillTable:
    """Pixels by variant and cell number.

    Attributes:
        clear: ``(VARIANTS, n + 1)`` pixels multiplied by alpha; number 0 (outside) is nothing.
        solid: the same laid over the plain ground.
        patterned: ``(n + 1,)`` the cell has a pattern, so that its pixels differ by variant.
    """

    clear: Pixels
    solid: Pixels
    patterned: npt.NDArray[np.bool_]

    def differing(self, other: FillTable) -> npt.NDArray[np.int64]:
        """Indices of the cells that look different in another table of the same cells."""
        return np.flatnonzero((self.clear[:, 1:] != other.clear[:, 1:]).any(axis=0))


def fill_table(
    classes: npt.NDArray[np.int8],
    styles: Sequence[ClassStyle],
    palette: MapPalette,
    off: frozenset[int] = frozenset(),
    opacity: float = 1.0,
) -> FillTable:
    """Make the table.

    Args:
        classes: class of each cell, ``NO_DATA`` where nothing is known.
        styles: look of each class, class 0 first.
        palette: colours.
        off: classes that are drawn dimmed.
        opacity: of the whole fill, 0 to 1.
    """
    looks = [*styles, NO_DATA_STYLE]
    values = [*range(len(styles)), NO_DATA]
    rows = [
        _variants(s, palette, opacity * (DIMMED if v in off else 1.0))
        for s, v in zip(looks, values, strict=True)
    ]
    by_class = np.stack([*rows, np.zeros(VARIANTS, dtype=np.uint32)], axis=1)
    at = np.where((classes >= 0) & (classes < len(styles)), classes, len(styles)).astype(np.intp)
    at = np.concatenate([[len(looks)], at])
    sea = _pixel(palette.color("map.sea"), 1.0)
    patterned = np.array([bool(s.pattern) for s in looks] + [False])
    return FillTable(by_class[:, at], over(by_class, np.full_like(by_class, sea))[:, at], patterned[at])


def no_fill(cells: int, palette: MapPalette) -> FillTable:
    """Table of cells that are not filled."""
    clear = np.zeros((VARIANTS, cells + 1), dtype=np.uint32)
    sea = _pixel(palette.color("map.sea"), 1.0)
    return FillTable(clear, np.full_like(clear, sea), np.zeros(cells + 1, dtype=bool))


def _variants(style: ClassStyle, palette: MapPalette, opacity: float) -> Pixels:
    """Pixels of one class for each coverage by hatch and dots."""
    ink = palette.color(style.pattern_token) if style.pattern else QColor()
    out = np.empty(VARIANTS, dtype=np.uint32)
    for i in range(VARIANTS):
        hatch, dots = divmod(i, DOT_STEPS + 1)
        cover = {"hatch": hatch / HATCH_STEPS, "dots": dots / DOT_STEPS}.get(style.pattern, 0.0)
        alpha = cover * (PATTERN_ALPHA if style.pattern == "hatch" else 1.0)
        whole = over(
            np.array([_pixel(ink, alpha)], dtype=np.uint32),
            np.array([_pixel(palette.color(style.token), 1.0)], dtype=np.uint32),
        )[0]
        out[i] = premultiplied(whole >> 16 & 255, whole >> 8 & 255, whole & 255, opacity)
    return out


def _pixel(color: QColor, alpha: float) -> int:
    return int(premultiplied(color.red(), color.green(), color.blue(), alpha * color.alphaF()))


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
    return np.rint(np.clip(DOT_RADIUS * ratio + 0.5 - off, 0.0, 1.0) * DOT_STEPS).astype(np.intp)


def colour_pixels(
    out: PixelArray,
    ids: npt.NDArray[np.unsignedinteger],
    table: Pixels,
    variants: npt.NDArray[np.intp] | None,
) -> None:
    """Write the pixel of each number: ``out[i] = table[variants[i], ids[i]]``."""
    if variants is None:
        np.take(table[0], ids, out=out, mode="clip")
    else:
        np.take(table.ravel(), ids + variants * table.shape[1], out=out, mode="clip")


def hatch_pixels(frame: PixelFrame, ratio: float, color: QColor) -> PixelArray:
    """Picture of the hatch alone."""
    steps = np.array([_pixel(color, i / HATCH_STEPS) for i in range(HATCH_STEPS + 1)], dtype=np.uint32)
    return steps[hatch_cover(frame, ratio)]
