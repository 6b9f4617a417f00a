"""Raster tiles as a layer of the ground: patches in memory, drawn for a view, with stand-ins while others come.

The layer loads nothing itself. It is aimed at a view and says what it lacks, somebody brings tiles (`put`), and with
`commit` they become one new revision, so that a burst of tiles is drawn once. All of it runs on the main thread and
none of it waits.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from maps.geometry.viewport import Viewport
from maps.layers.tiles import (
    MOST_TILES,
    TileView,
    ancestors,
    children,
    fitting_matrix,
    overview,
    tiles_in,
)
from services.basemaps.matrices import TileAddress, TileGrid
from services.basemaps.sources import Datum
from services.basemaps.warp import Patch

MOST_BYTES = 96 * 1024 * 1024
"""Memory of the patches of one layer; the longest undrawn go first."""
_STEP_S = 0.0015
_HAIR = 1e-6
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A patch in memory; `image` looks at the patch's own pixels."""

    patch: Patch
    image: QImage

    @staticmethod
    def of(patch: Patch) -> _Held:
        """Wrap a patch without copying it."""
        rows, columns = patch.pixels.shape[:2]
        image = QImage(
            patch.pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied
        )
        return _Held(patch, image)


class TileLayer:
    """Tiles of one source; a `SteppedLayer` of the under picture.

    Args:
        key: id of the layer, ``tiles:<source>``.
        datum: on which system the tiles lie.
        most_bytes: memory for patches.
    """

    def __init__(self, key: str, datum: Datum = Datum.WGS84, most_bytes: int = MOST_BYTES) -> None:
        self.key = key
        self.datum = datum
        self.revision = 0
        self._dirty = False
        self._aim: tuple[float, int] | None = None
        self._most_bytes = most_bytes
        self._grid: TileGrid | None = None
        self._held: OrderedDict[TileAddress, _Held] = OrderedDict()
        self._absent: set[TileAddress] = set()
        self._stale: set[TileAddress] = set()
        self._bytes = 0

    # --- tiles in -----------------------------------------------------------------------------------

    @property
    def grid(self) -> TileGrid | None:
        """Levels of the source, None until they are known."""
        return self._grid

    @property
    def size_bytes(self) -> int:
        """Memory of all patches."""
        return self._bytes

    def set_grid(self, grid: TileGrid) -> None:
        """Take the levels; patches of another grid are dropped."""
        if grid != self._grid:
            self.clear()
            self._grid = grid
            self._aim = None
            self._dirty = True

    def put(self, tile: TileAddress, patch: Patch | None, stale: bool = False) -> None:
        """Take a tile; None means that the source has none there. A stale one is shown and asked for again."""
        self._stale.discard(tile)
        if stale:
            self._stale.add(tile)
        old = self._held.pop(tile, None)
        if old is not None:
            self._bytes -= old.patch.size_bytes
        if patch is None:
            self._absent.add(tile)
        else:
            self._absent.discard(tile)
            self._held[tile] = _Held.of(patch)
            self._bytes += patch.size_bytes
            while self._bytes > self._most_bytes and len(self._held) > 1:
                out, gone = self._held.popitem(last=False)
                self._stale.discard(out)
                self._bytes -= gone.patch.size_bytes
        self._dirty = True

    def commit(self) -> bool:
        """Make what was put since the last time one new revision; tells whether there was anything."""
        if not self._dirty:
            return False
        self._dirty = False
        self.revision += 1
        return True

    def clear(self) -> None:
        """Drop all patches (another theme, another source); they are asked for again."""
        self._held.clear()
        self._absent.clear()
        self._stale.clear()
        self._bytes = 0
        self._dirty = True

    # --- painting -----------------------------------------------------------------------------------

    def aim(self, view: Viewport, ratio: float) -> tuple[TileAddress, ...]:
        """Choose the level for a view at a device pixel ratio; returns what it lacks, the most wanted first."""
        grid = self._grid
        if grid is None or not grid.matrices:
            return ()
        most = self._most_tiles(grid)
        matrix = fitting_matrix(grid, self.datum, view, ratio, most)
        if self._aim is None or self._aim[1] != matrix or abs(self._aim[0] * ratio / view.scale - 1) > _SAME:
            self._aim = (view.scale / ratio, matrix)
            self._dirty = True
        return self._lacking(grid, tiles_in(grid, self.datum, view, matrix, most))

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what is there for a view or a part of it."""
        for _ in self.steps(painter, view):
            pass

    def steps(self, painter: QPainter, view: Viewport) -> Iterator[None]:
        """Paint in slices of a millisecond or two."""
        grid = self._grid
        if grid is None or not grid.matrices:
            return
        ratio = painter.deviceTransform().m11()
        shown = tiles_in(grid, self.datum, view, self._matrix(grid, view, ratio), self._most_tiles(grid))
        began = time.perf_counter()
        for tile in self._drawn(grid, shown):
            held = self._held.get(tile)
            if held is None:
                continue
            self._held.move_to_end(tile)
            _draw(painter, view, held, ratio)
            if time.perf_counter() - began > _STEP_S:
                yield
                began = time.perf_counter()

    def _matrix(self, grid: TileGrid, view: Viewport, ratio: float) -> int:
        """Level for a part of a view: the one aimed at, so that all parts agree."""
        if self._aim is not None and abs(self._aim[0] * ratio / view.scale - 1) <= _SAME:
            return self._aim[1]
        return fitting_matrix(grid, self.datum, view, ratio, self._most_tiles(grid))

    def _most_tiles(self, grid: TileGrid) -> int:
        """So many tiles fit into the memory with room for stand-ins."""
        biggest = max(m.width * m.height * 4 for m in grid.matrices) if grid.matrices else 1
        return max(min(MOST_TILES, int(self._most_bytes * 0.6 / biggest)), 4)

    def _lacking(self, grid: TileGrid, shown: TileView) -> tuple[TileAddress, ...]:
        """Tiles to be asked for: a coarse overview first when there is nothing at all, then the view's own."""
        lacking = [tile for tile in shown.tiles if tile not in self._held and tile not in self._absent]
        first: list[TileAddress] = []
        if lacking and not any(tile in self._held for tile in self._standing_in(grid, shown)):
            first = [t for t in overview(grid, shown) if t not in self._held and t not in self._absent]
        # where the level has a hole, the next coarser tile is the finest there is
        above = {
            up: None
            for tile in shown.tiles
            if tile in self._absent
            for up in [next((a for a in ancestors(grid, tile) if a not in self._absent), None)]
            if up is not None and up not in self._held
        }
        again = (tile for tile in shown.tiles if tile in self._stale)
        return tuple(dict.fromkeys((*first, *lacking, *above, *again)))

    def _drawn(self, grid: TileGrid, shown: TileView) -> tuple[TileAddress, ...]:
        """Tiles to draw from below: stand-ins from coarse to fine, then the view's own."""
        return (*self._standing_in(grid, shown), *shown.tiles)

    def _standing_in(self, grid: TileGrid, shown: TileView) -> tuple[TileAddress, ...]:
        """Held tiles of other levels for what is lacking: the nearest above each, and the finer ones inside."""
        if not self._held:
            return ()
        below: dict[TileAddress, None] = {}
        for tile in shown.tiles:
            if tile in self._held:
                continue
            up = next((a for a in ancestors(grid, tile) if a in self._held), None)
            if up is not None:
                below[up] = None
            if tile not in self._absent:
                below |= {inner: None for inner in children(grid, tile) if inner in self._held}
        return tuple(sorted(below, key=lambda tile: tile.matrix))


def _draw(painter: QPainter, view: Viewport, held: _Held, ratio: float) -> None:
    """Draw a patch where it lies, fractions of a pixel kept.

    Qt rounds the edges of what it fills to whole device pixels; a hair's breadth keeps edges that two neighbours
    share from being rounded differently.
    """
    west, south, east, north = held.patch.bounds
    left, right = ((x - view.cx) / view.scale + view.width / 2 + _HAIR for x in (west, east))
    top, bottom = ((view.cy - y) / view.scale + view.height / 2 + _HAIR for y in (north, south))
    image = held.image
    across, down = (right - left) * ratio - image.width(), (bottom - top) * ratio - image.height()
    whole = all(abs(v * ratio - round(v * ratio)) < 0.01 for v in (left, top))
    plain = whole and abs(across) < 0.01 and abs(down) < 0.01
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not plain)
    painter.drawImage(QRectF(left, top, right - left, bottom - top), image, QRectF(image.rect()))
