"""Drawing one pane of the ground, step by step, from a plan of what the ground is made of."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter

from maps.canvas.fill_colors import FillTable, colour_pixels, hatch_pixels, variants_at
from maps.canvas.id_raster import CellRings, IdArray, draw_ids
from maps.canvas.palette import MapPalette
from maps.canvas.panes import Pane
from maps.canvas.pixels import CLEAR, PixelSheet
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport

Steps = Callable[[QPainter, Viewport], Iterator[None]]
STALE_ALPHA = 0.13
"""Opacity of the hatch over a map whose figures are no longer fresh."""
FEW_CELLS = 12
"""A change of at most so many cells of a pane colours their boxes only, not the whole pane."""
FEW_PIXELS = 0.25
"""... unless the boxes take more than this share of the pane."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundPlan:
    """What the ground is made of at one moment, with a revision for each part.

    Attributes:
        palette: colours.
        ratio: device pixels a logical pixel.
        rings: rings of the cells at the detail of the scale; None without areas.
        bounds: ``(n, 4)`` boxes of the cells.
        table: pixels by cell number; None without areas.
        under: layers below the fill with their opacity, from below.
        over: layers above the fill with their opacity, from below.
        top: pictures of all cases, above everything else of the ground.
        stale: figures and positions are old; all is hatched.
        revs: revisions of ids, under, over, top and of all together.
    """

    palette: MapPalette
    ratio: float
    rings: CellRings | None
    bounds: FloatArray
    table: FillTable | None
    under: tuple[tuple[float, Steps], ...]
    over: tuple[tuple[float, Steps], ...]
    top: tuple[tuple[float, Steps], ...]
    stale: bool
    revs: tuple[int, int, int, int, int]

    def current(self, pane: Pane) -> bool:
        """Tell whether a pane shows all of this."""
        drawn = (pane.ids_rev, pane.under_rev, pane.over_rev, pane.top_rev, pane.ground_rev)
        return drawn == self.revs


def pane_steps(pane: Pane, plan: GroundPlan) -> Generator[None]:
    """Draw what is out of date in a pane, then all of it together; yields every few milliseconds."""
    ids, under, over, top, ground = plan.revs
    if pane.ids_rev != ids:
        yield from _draw_cells(pane, plan)
        pane.ids_rev = ids
        yield
    if pane.under_rev != under:
        made: list[PixelSheet | None] = []
        yield from _draw_layers(pane, plan, plan.under, made)
        pane.under, pane.under_rev = made[0], under
    if pane.over_rev != over:
        made = []
        yield from _draw_layers(pane, plan, plan.over, made)
        pane.over, pane.over_rev = made[0], over
        yield
    if pane.top_rev != top:
        made = []
        yield from _draw_layers(pane, plan, plan.top, made)
        pane.top, pane.top_rev = made[0], top
    compose(pane, plan)
    pane.ground_rev = ground


def _draw_cells(pane: Pane, plan: GroundPlan) -> Iterator[None]:
    if plan.rings is None:
        pane.ids, pane.cells = None, np.empty(0, dtype=np.int64)
        return
    west, south, east, north = pane.frame.bounds
    b = plan.bounds
    met = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
    cells = np.flatnonzero(met)
    found: list[IdArray] = []
    yield from draw_ids(plan.rings, cells, pane.frame, found, plan.bounds)
    pane.ids, pane.cells = found[0], cells


def _draw_layers(
    pane: Pane,
    plan: GroundPlan,
    layers: tuple[tuple[float, Steps], ...],
    made: list[PixelSheet | None],
) -> Iterator[None]:
    """Paint layers into one picture; a picture nothing was painted into is not kept."""
    if not layers:
        made.append(None)
        return
    sheet = PixelSheet(pane.frame.width, pane.frame.height, CLEAR)
    painter = QPainter(sheet.image)
    try:
        painter.scale(plan.ratio, plan.ratio)
        for opacity, steps in layers:
            painter.save()
            try:
                painter.setOpacity(opacity)
                yield from steps(painter, pane.view)
            finally:
                painter.restore()
    finally:
        # Also when the view has moved on and the run is given up: a painter must not outlive its picture.
        painter.end()
    made.append(sheet if sheet.pixels.any() else None)


def compose(pane: Pane, plan: GroundPlan, box: QRect | None = None) -> None:
    """Lay under, fill, over and hatch into the picture that is shown, or only into a box of it."""
    box = QRect(0, 0, pane.frame.width, pane.frame.height) if box is None else box
    rows, columns = slice(box.top(), box.bottom() + 1), slice(box.left(), box.right() + 1)
    out = pane.ground.pixels[rows, columns]
    sea = plan.palette.color("map.sea").rgba()
    fill = None
    if plan.table is None or pane.ids is None:
        out[...] = sea
    elif pane.under is None:
        _color(out, pane, plan, plan.table, True, rows, columns)
    else:
        out[...] = sea
        fill = PixelSheet(box.width(), box.height(), CLEAR)
        _color(fill.pixels, pane, plan, plan.table, False, rows, columns)
    if pane.under is None and pane.over is None and pane.top is None and not plan.stale:
        return
    painter = QPainter(pane.ground.image)
    try:
        if pane.under is not None:
            painter.drawImage(box.topLeft(), pane.under.image, box)
        if fill is not None:
            painter.drawImage(box.topLeft(), fill.image)
        if pane.over is not None:
            painter.drawImage(box.topLeft(), pane.over.image, box)
        if pane.top is not None:
            painter.drawImage(box.topLeft(), pane.top.image, box)
        if plan.stale:
            hatch = PixelSheet(pane.frame.width, pane.frame.height, CLEAR)
            hatch.pixels[...] = hatch_pixels(
                pane.frame, plan.ratio, plan.palette.color("sla.soon.text", STALE_ALPHA)
            )
            painter.drawImage(box.topLeft(), hatch.image, box)
    finally:
        painter.end()


def _color(
    out: np.ndarray[tuple[int, ...], np.dtype[np.uint32]],
    pane: Pane,
    plan: GroundPlan,
    table: FillTable,
    solid: bool,
    rows: slice,
    columns: slice,
) -> None:
    if pane.ids is None:
        return
    patterned = table.patterned(pane.cells)
    variants = variants_at(pane.frame, plan.ratio)[rows, columns] if patterned else None
    colour_pixels(out, pane.ids[rows, columns], table.rows(solid, patterned), variants)


def recolour(pane: Pane, plan: GroundPlan, changed: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """Bring a pane whose drawing is up to date to other colours of some cells."""
    mine = pane.cells[np.isin(pane.cells, changed, assume_unique=True)]
    if len(mine) <= FEW_CELLS:
        boxes = [box for cell in mine.tolist() if not (box := _box(pane, plan.bounds[cell])).isEmpty()]
        room = sum(box.width() * box.height() for box in boxes)
        if room <= FEW_PIXELS * pane.frame.width * pane.frame.height:
            for box in boxes:
                compose(pane, plan, box)
            pane.ground_rev = plan.revs[4]
            return
    compose(pane, plan)
    pane.ground_rev = plan.revs[4]


def _box(pane: Pane, bounds: FloatArray) -> QRect:
    """Pixels of a pane that a cell may colour."""
    frame = pane.frame
    west, south, east, north = bounds.tolist()
    left = max(int((west - frame.west) / frame.pixel) - 1, 0)
    top = max(int((frame.north - north) / frame.pixel) - 1, 0)
    right = min(int((east - frame.west) / frame.pixel) + 1, frame.width - 1)
    bottom = min(int((frame.north - south) / frame.pixel) + 1, frame.height - 1)
    return QRect(QPoint(left, top), QPoint(right, bottom))
