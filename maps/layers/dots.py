"""Every case a small mark: a picture of the worst band at each pixel, straight from the columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray
from maps.layers.tokens import BANDS

Levels = npt.NDArray[np.uint8]

QUIET, HALO = 1, len(BANDS) + 1
"""Levels of a pixel: 0 nothing, 1 the quietest band to 7 the worst, 8 the halo around a dot."""
SEVERE = len(BANDS) - BANDS.index("over2")
"""From this level on dots are larger: the second cue beside the colour."""


def level_of(band: npt.NDArray[np.uint8]) -> Levels:
    """Level of a band by its index in :data:`BANDS`."""
    return (np.uint8(len(BANDS)) - band).astype(np.uint8)


def dot_levels(
    xy: FloatArray,
    level: Levels,
    west: float,
    north: float,
    pixel: float,
    width: int,
    height: int,
    grow: int = 1,
) -> Levels:
    """Level of each pixel of a picture.

    Args:
        xy: ``(n, 2)`` world metres, in the order in which dots are drawn: the worst last.
        level: ``(n,)`` level of each.
        west: left edge of the picture, world metres.
        north: top edge of the picture, world metres.
        pixel: world metres a device pixel.
        width: device pixels.
        height: device pixels.
        grow: pixels on each side of the middle of a quiet dot; severe ones have one more.

    Returns:
        ``(height, width)`` levels. Of dots that meet, the worse is seen.
    """
    margin = grow + 3
    wide, high = width + 2 * margin, height + 2 * margin
    more = margin * pixel
    x, y = xy[:, 0], xy[:, 1]
    near = (x >= west - more) & (x < west + width * pixel + more)
    near &= (y > north - height * pixel - more) & (y <= north + more)
    if not near.any():
        return np.zeros((height, width), dtype=np.uint8)
    column = np.floor((x[near] - west) / pixel).astype(np.int64) + margin
    row = np.floor((north - y[near]) / pixel).astype(np.int64) + margin
    middle = np.zeros((high, wide), dtype=np.uint8)
    # Beside the edges the division may round a point over them; the margin has room for one.
    middle.reshape(-1)[np.clip(row, 0, high - 1) * wide + np.clip(column, 0, wide - 1)] = level[near]
    out = _grown(middle, grow)
    # Products of bytes take a tenth of the time of masks.
    np.maximum(out, _grown(out * (out >= SEVERE).view(np.uint8), 1), out=out)
    halo = (_grown((out > 0).view(np.uint8), 1) > 0) & (out == 0)
    out += halo.view(np.uint8) * np.uint8(HALO)
    return np.ascontiguousarray(out[margin:-margin, margin:-margin])


def _grown(levels: Levels, by: int) -> Levels:
    """Each pixel takes the highest level within a square around it."""
    out = levels
    for axis in (0, 1):
        grown = out.copy()
        for shift in range(1, by + 1):
            ahead = (slice(shift, None), slice(None)) if axis == 0 else (slice(None), slice(shift, None))
            behind = (slice(None, -shift), slice(None)) if axis == 0 else (slice(None), slice(None, -shift))
            np.maximum(grown[ahead], out[behind], out=grown[ahead])
            np.maximum(grown[behind], out[ahead], out=grown[behind])
        out = grown
    return out
