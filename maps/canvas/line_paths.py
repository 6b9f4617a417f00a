"""Many polylines in one call: numpy coordinates to one Qt path, stroked the quickest way for its width."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QDataStream, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from maps.canvas.polygons import polygon_of
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import gathered

_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_HEAD = 4
_TAIL = bytes(8)
"""Behind the elements of a path in a data stream: first point of the last part and fill rule, both zero."""
THIN_PX = 1.2
"""Pens up to this many device pixels wide are drawn as one pixel."""
PIECE = 6_000
"""Points stroked in one step; about 1 ms for lines of up to one device pixel."""
LONGEST = 40
"""Points of a wide stroke at most; a longer line is stroked in pieces."""
FEW = 1_500
"""Up to so many points wide lines are stroked truly, one by one; more of them get their width by shifting."""

Counts = npt.NDArray[np.int64]


def path_of(xy: FloatArray, counts: Counts) -> QPainterPath:
    """Make one path of many polylines.

    Args:
        xy: ``(k, 2)`` points of all lines, one line after the other, in logical pixels.
        counts: points of each line, each at least 1; they add up to ``k``.
    """
    path = QPainterPath()
    if len(xy) == 0:
        return path
    # Qt reads a path from a stream faster than Python can say lineTo, and in one call.
    data = np.zeros(_HEAD + len(xy) * _ELEMENT.itemsize + len(_TAIL), dtype=np.uint8)
    data[:_HEAD] = np.frombuffer(len(xy).to_bytes(_HEAD, "big"), dtype=np.uint8)
    elements = data[_HEAD : -len(_TAIL)].view(_ELEMENT)
    elements["kind"] = 1
    elements["kind"][np.cumsum(counts) - counts] = 0
    elements["x"], elements["y"] = xy[:, 0], xy[:, 1]
    stream = QDataStream(QByteArray(data.tobytes()))
    stream >> path
    return path


def clipped(
    xy: FloatArray, counts: Counts, width: float, height: float, reach: float
) -> tuple[FloatArray, Counts]:
    """Leave out the stretches of polylines that do not come near a rectangle from the origin.

    Qt spends its time on every point of a stroke, in sight or not.
    """
    if len(xy) == 0:
        return xy, counts
    low, high = np.minimum(xy[:-1], xy[1:]), np.maximum(xy[:-1], xy[1:])
    near = (low[:, 0] <= width + reach) & (high[:, 0] >= -reach)
    near &= (low[:, 1] <= height + reach) & (high[:, 1] >= -reach)
    near[np.cumsum(counts)[:-1] - 1] = False
    return _runs(xy, near, np.cumsum(counts) - counts)


def _runs(xy: FloatArray, drawn: npt.NDArray[np.bool_], starts: Counts) -> tuple[FloatArray, Counts]:
    """Polylines of the stretches that are drawn; stretch i runs from point i to the next one."""
    begins = drawn.copy()
    begins[1:] &= ~drawn[:-1]
    begins[starts[starts < len(drawn)]] = drawn[starts[starts < len(drawn)]]
    run = np.cumsum(begins) - 1
    sizes = np.bincount(run[drawn], minlength=int(begins.sum())) + 1
    first = np.flatnonzero(begins)
    return xy[gathered(first, sizes)], sizes.astype(np.int64)


def dashed(xy: FloatArray, counts: Counts, on: float, off: float) -> tuple[FloatArray, Counts]:
    """Cut polylines into dashes of ``on`` pixels with gaps of ``off``, from the beginning of each line.

    The dashes of a line do not hang on what part of it is in sight, so that they meet between two panes.
    """
    if len(xy) == 0:
        return xy, counts
    starts = np.cumsum(counts) - counts
    step = np.hypot(*np.diff(xy, axis=0).T)
    step[starts[1:] - 1] = 0.0
    way = np.concatenate([[0.0], np.cumsum(step)])
    period = on + off
    # Each line begins at a whole number of periods, with a gap between lines in which nothing is drawn.
    length = np.add.reduceat(np.append(step, 0.0), starts)
    room = (np.floor(length / period) + 2) * period
    origin = np.cumsum(room) - room
    way = way - np.repeat(way[starts] - origin, counts)
    cuts = np.arange(0.0, float(room.sum()), period)
    cuts = np.concatenate([cuts, cuts + on])
    line = np.searchsorted(origin, cuts, side="right") - 1
    cuts = cuts[cuts < origin[line] + length[line]]
    at = np.sort(np.concatenate([way, cuts]), kind="stable")
    points = np.column_stack([np.interp(at, way, xy[:, 0]), np.interp(at, way, xy[:, 1])])
    middle = (at[:-1] + at[1:]) / 2
    owner = np.searchsorted(origin, at, side="right") - 1
    drawn = (middle % period < on) & (owner[:-1] == owner[1:]) & (at[1:] > at[:-1])
    return _runs(points, drawn, np.flatnonzero(np.diff(owner, prepend=-1)))


def stroke_lines(
    painter: QPainter, xy: FloatArray, counts: Counts, pen: QPen, ratio: float
) -> Iterator[None]:
    """Stroke many polylines in steps.

    A pen of up to one device pixel strokes a whole path in one quick run. A wider one makes Qt build the outline
    of the stroke, which for a path of many lines takes time that grows with their square, so it strokes line by
    line; where there are very many, the thin stroke is repeated half a width to all sides, which looks the same.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = _snapped(pen, ratio)
    wide = pen.widthF() * ratio > THIN_PX
    painter.setPen(pen)
    if wide and (len(xy) <= FEW or pen.color().alpha() < 255):
        yield from _one_by_one(painter, xy, counts)
        return
    shifts = [(0.0, 0.0)]
    if wide:
        painter.setPen(QPen(pen.color(), 1.0 / ratio, j=Qt.PenJoinStyle.RoundJoin))
        half = (pen.widthF() - 1.0 / ratio) / 2
        shifts = [(half, 0.0), (-half, 0.0), (0.0, half), (0.0, -half)]
    for piece, parts in _pieces(xy, counts):
        path = path_of(piece, parts)
        for dx, dy in shifts:
            painter.drawPath(path if dx == dy == 0.0 else path.translated(dx, dy))
            yield


def _snapped(pen: QPen, ratio: float) -> QPen:
    """Make a pen that is hardly wider than a device pixel just that wide: nobody sees it, and it is far quicker."""
    wanted = pen.widthF() * ratio
    if not 1.0 < wanted <= THIN_PX:
        return pen
    out = QPen(pen)
    out.setWidthF(1.0 / ratio)
    return out


def _one_by_one(painter: QPainter, xy: FloatArray, counts: Counts) -> Iterator[None]:
    xy, counts = _cut(xy, counts)
    done = at = 0
    for count in counts.tolist():
        painter.drawPolyline(polygon_of(xy[at : at + count]))
        at += count
        if at - done > PIECE // 16:
            done = at
            yield


def _cut(xy: FloatArray, counts: Counts) -> tuple[FloatArray, Counts]:
    """Cut long polylines; the pieces share their ends. A coast as one stroke takes Qt a second."""
    parts = np.maximum(-(-(counts - 1) // (LONGEST - 1)), 1)
    if len(counts) == 0 or int(parts.max()) == 1:
        return xy, counts
    line = np.repeat(np.arange(len(counts)), parts)
    within = np.arange(len(line)) - np.repeat(np.cumsum(parts) - parts, parts)
    start = (np.cumsum(counts) - counts)[line] + within * (LONGEST - 1)
    sizes = np.minimum(LONGEST, np.cumsum(counts)[line] - start)
    return xy[gathered(start, sizes)], sizes


def _pieces(xy: FloatArray, counts: Counts) -> Iterator[tuple[FloatArray, Counts]]:
    """Split lines into runs of about :data:`PIECE` points; no line is cut."""
    ends = np.cumsum(counts)
    cuts = np.flatnonzero(np.diff(ends // PIECE)) + 1
    for part in np.split(np.arange(len(counts)), cuts):
        if len(part):
            first, last = part[0], part[-1]
            yield xy[ends[first] - counts[first] : ends[last]], counts[first : last + 1]
