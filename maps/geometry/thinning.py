"""Which points of a line are needed at which tolerance: the method of Douglas and Peucker, for all tolerances at once.

Every point gets a *weight*: the largest tolerance at which it is still kept. One pass over all lines gives the
weights; the points of any tolerance are then those of greater weight.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray
from maps.geometry.tables import IntArray

_MOST_ROUNDS = 60
"""Halvings of a line that are followed; a line that needs more (no border does) keeps the rest of its points."""


def point_weights(xy: FloatArray, start: IntArray, stop: IntArray, least: float) -> npt.NDArray[np.float32]:
    """Weigh the points of many lines.

    Args:
        xy: ``(k, 2)`` points of all lines.
        start: ``(n,)`` first row of each line.
        stop: ``(n,)`` row after its last; every line has two points at least.
        least: tolerances below this are not asked for, and points that matter less get weight 0.

    Returns:
        ``(k,)`` weights in the unit of the points; the ends of a line have weight infinity. The line through
        the points of weight greater than ``t`` is nowhere further than ``t`` from the full one.
    """
    weight = np.zeros(len(xy), dtype=np.float32)
    weight[start] = weight[stop - 1] = np.inf
    left, right = start.copy(), stop - 1
    limit = np.full(len(start), np.inf)
    for _ in range(_MOST_ROUNDS):
        open_ = right - left > 1
        left, right, limit = left[open_], right[open_], limit[open_]
        if len(left) == 0:
            return weight
        far, at = _farthest(xy, left, right)
        mine = np.minimum(far, limit)
        split = mine >= least
        left, right, limit, at = left[split], right[split], mine[split], at[split]
        weight[at] = limit
        left, right = np.concatenate([left, at]), np.concatenate([at, right])
        limit = np.concatenate([limit, limit])
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        weight[a + 1 : b] = np.inf
    return weight


def _farthest(xy: FloatArray, left: IntArray, right: IntArray) -> tuple[FloatArray, IntArray]:
    """Distance and row of the point between each pair of rows that lies farthest from the stretch between them."""
    counts = right - left - 1
    first = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(left)), counts)
    rows = np.arange(int(counts.sum())) - np.repeat(first - left - 1, counts)
    base, along = xy[left], xy[right] - xy[left]
    square = np.einsum("ij,ij->i", along, along)
    off = xy[rows] - base[owner]
    run = along[owner]
    reach = np.einsum("ij,ij->i", off, run)
    share = np.clip(reach / np.where(square > 0, square, 1.0)[owner], 0.0, 1.0)
    off -= share[:, None] * run
    distance = np.einsum("ij,ij->i", off, off)
    most = np.maximum.reduceat(distance, first)
    hit = np.flatnonzero(distance == most[owner])
    at = np.empty(len(left), dtype=np.int64)
    at[owner[hit][::-1]] = rows[hit][::-1]  # the first of equals
    return np.sqrt(most), at
