"""Cell indices by pixel: what lies where on screen, drawn once a view without Qt and without antialias.

Each edge of a ring adds the number of its cell where it crosses the middle line of a pixel row, with the sign of
its direction; sums from the left then give the number of the cell at each pixel. Two neighbours that share an
edge cross at the same place, so that there is neither gap nor overlap between them, and holes and separate parts
need no care. Numbers are index + 1; 0 is outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray
from maps.geometry.tables import RingTable, gathered

IdArray = npt.NDArray[np.unsignedinteger]
Index = npt.NDArray[np.int64]

ONE = 1 << 32
"""Added beside the number of a cell: the upper half of a sum tells how many cells lie at a pixel."""
BATCH = 12_000
"""Vertices in one step; about 2 ms."""
LONGEST_OVERLAP = 2
"""Overlaps up to this many pixels wide are flaws at an edge; wider ones are drawn cell by cell."""


@dataclass(frozen=True, slots=True)
class PixelFrame:
    """A rectangle of device pixels in the world: left and top edge, world metres a pixel, size in pixels."""

    west: float
    north: float
    pixel: float
    width: int
    height: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in world metres."""
        return (
            self.west,
            self.north - self.height * self.pixel,
            self.west + self.width * self.pixel,
            self.north,
        )


class CellRings:
    """Rings of all cells at one detail, with the sign that makes the inside of every cell count once.

    Signs are found when a ring is first drawn: a whole city at once would be a stall.
    """

    def __init__(self, rings: RingTable, cells: int) -> None:
        """Index the rings of so many cells."""
        self.xy = rings.xy
        self.start = rings.start
        self.count = rings.stop - rings.start - 1
        self.cell = rings.cell
        self.first = np.searchsorted(rings.cell, np.arange(cells + 1))
        self.dtype = np.uint16 if cells < 0xFFFF else np.uint32
        self._ends = np.concatenate([[0], np.cumsum(self.count)])
        self._sign = np.zeros(len(rings.cell), dtype=np.int64)

    def _signs(self, rings: Index) -> Index:
        """1 for rings that run round their inside one way, -1 the other way, turned round for holes."""
        unknown = rings[self._sign[rings] == 0]
        if len(unknown):
            areas = _twice_areas(self.xy, self.start[unknown], self.count[unknown])
            self._sign[unknown] = np.where(areas < 0, -1, 1)
            several = unknown[np.diff(self.first)[self.cell[unknown]] > 1]
            for cell in np.unique(self.cell[several]).tolist():
                mine = np.arange(self.first[cell], self.first[cell + 1])
                areas = _twice_areas(self.xy, self.start[mine], self.count[mine])
                outer = self._outer(mine, np.abs(areas))
                self._sign[mine] = np.where(areas < 0, -1, 1) * np.where(outer, 1, -1)
        return self._sign[rings]

    def _outer(self, rings: Index, areas: FloatArray) -> npt.NDArray[np.bool_]:
        """Which rings of one cell are the outside of a part: those within an even number of larger ones."""
        spans = zip(self.start[rings].tolist(), self.count[rings].tolist(), strict=True)
        shapes = shapely.polygons([shapely.linearrings(self.xy[s : s + n + 1]) for s, n in spans])
        inner = shapely.get_coordinates(shapely.point_on_surface(shapes))
        within = shapely.contains_xy(shapes[:, None], inner[None, :, 0], inner[None, :, 1])
        within &= areas[:, None] > areas[None, :]
        return np.asarray(within.sum(axis=0) % 2 == 0)

    def batches(self, cells: Index) -> Iterator[Index]:
        """Split cells (ascending) into runs of about :data:`BATCH` vertices."""
        sizes = self._ends[self.first[cells + 1]] - self._ends[self.first[cells]]
        cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // BATCH)) + 1
        yield from np.split(cells, cuts)

    def edges(self, cells: Index) -> tuple[FloatArray, FloatArray, Index]:
        """Both ends of every edge of some cells, ``(m, 2)`` each, and its signed weight."""
        rings = gathered(self.first[cells], self.first[cells + 1] - self.first[cells])
        count = self.count[rings]
        at = gathered(self.start[rings], count)
        weight = np.repeat((self.cell[rings] + (1 + ONE)) * self._signs(rings), count)
        return self.xy.take(at, axis=0), self.xy.take(at + 1, axis=0), weight


def draw_ids(
    rings: CellRings, cells: Index, frame: PixelFrame, found: list[IdArray], bounds: FloatArray
) -> Iterator[None]:
    """Draw the numbers of some cells; put the picture into ``found`` at the end.

    Args:
        rings: geometry of all cells.
        cells: indices that may lie in the frame, ascending.
        frame: the pixels wanted.
        found: takes the ``(height, width)`` picture.
        bounds: ``(n, 4)`` bounds of all cells in world metres.

    Yields:
        Every few milliseconds, so that the caller may let others run.
    """
    if len(cells) == 0:
        found.append(np.zeros((frame.height, frame.width), dtype=rings.dtype))
        return
    sums = np.zeros(frame.height * (frame.width + 1), dtype=np.int64)
    for batch in rings.batches(cells):
        _add_crossings(sums, *rings.edges(batch), frame)
        yield
    table = sums.reshape(frame.height, frame.width + 1)
    np.cumsum(table, axis=1, out=table)
    yield
    ids, count = _parted(table)
    if int(count.max(initial=0)) > 1 or int(count.min(initial=0)) < 0:
        ids, count = np.where(count == 1, ids, 0), count.copy()
        yield from _settle_overlaps(ids, count, rings, cells, frame, bounds)
    found.append(ids.astype(rings.dtype))


def _add_crossings(sums: Index, one: FloatArray, two: FloatArray, weight: Index, frame: PixelFrame) -> None:
    """Add the weight of each edge where it crosses the middle of the pixel rows."""
    x0, y0 = (one[:, 0] - frame.west) / frame.pixel, (frame.north - one[:, 1]) / frame.pixel
    x1, y1 = (two[:, 0] - frame.west) / frame.pixel, (frame.north - two[:, 1]) / frame.pixel
    # Both cells of an edge must count from the same end, or rounding would part them.
    turn = y0 > y1
    upper, lower = np.where(turn, y1, y0), np.where(turn, y0, y1)
    first = np.clip(np.ceil(upper - 0.5), 0, frame.height).astype(np.int64)
    rows = np.clip(np.ceil(lower - 0.5), 0, frame.height).astype(np.int64) - first
    some = np.flatnonzero(rows)
    turn, rows, upper = turn[some], rows[some], upper[some]
    left = np.where(turn, x1[some], x0[some])
    slope = (np.where(turn, x0[some], x1[some]) - left) / (lower[some] - upper)
    row = gathered(first[some], rows)
    across = (row + 0.5 - np.repeat(upper, rows)) * np.repeat(slope, rows) + np.repeat(left, rows)
    column = np.clip(np.ceil(across - 0.5), 0, frame.width).astype(np.int64)
    signed = np.where(turn, -weight[some], weight[some])
    np.add.at(sums, row * (frame.width + 1) + column, np.repeat(signed, rows))


def _parted(sums: Index) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
    """Numbers and how many cells lie at each pixel, as views; a number is only right where that is 1 (or 0)."""
    halves = sums.astype("<i8", copy=False).view("<i4").reshape(*sums.shape, 2)[:, :-1]
    return halves[..., 0].view(np.uint32), halves[..., 1]


def _settle_overlaps(
    ids: npt.NDArray[np.uint32],
    count: npt.NDArray[np.int32],
    rings: CellRings,
    cells: Index,
    frame: PixelFrame,
    bounds: FloatArray,
) -> Iterator[None]:
    """Give pixels that several cells claim to one of them: the left one at an edge, else the lowest index."""
    for _ in range(LONGEST_OVERLAP):
        row, column = np.nonzero(count > 1)
        keep = column > 0
        row, column = row[keep], column[keep]
        settled = count[row, column - 1] == 1
        row, column = row[settled], column[settled]
        ids[row, column] = ids[row, column - 1]
        count[row, column] = 1
    row, column = np.nonzero(count > 1)
    if len(row) == 0:
        return
    yield
    west, east = frame.west + column.min() * frame.pixel, frame.west + (column.max() + 1) * frame.pixel
    north, south = frame.north - row.min() * frame.pixel, frame.north - (row.max() + 1) * frame.pixel
    b = bounds[cells]
    near = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
    for cell in cells[near][::-1].tolist():
        one = np.zeros(frame.height * (frame.width + 1), dtype=np.int64)
        _add_crossings(one, *rings.edges(np.array([cell])), frame)
        table = np.cumsum(one.reshape(frame.height, frame.width + 1), axis=1)[:, : frame.width]
        ids[(table != 0) & (count > 1)] = cell + 1
        yield


def _twice_areas(xy: FloatArray, start: Index, count: Index) -> FloatArray:
    """Signed double areas of rings of ``count`` edges each."""
    if len(start) == 0:
        return np.zeros(0)
    at = gathered(start, count)
    # About a point of the ring: far from the origin the products would swallow the area of a small one.
    middle = np.repeat(xy[start], count, axis=0)
    x0, y0 = (xy.take(at, axis=0) - middle).T
    x1, y1 = (xy.take(at + 1, axis=0) - middle).T
    ends = np.cumsum(count)
    return np.asarray(np.add.reduceat(x0 * y1 - x1 * y0, ends - count), dtype=np.float64)
