"""预下载: fetches the tiles of an area ahead, for work without a line. Bounded, polite, and stopped at any time.

One tile after another, so that a map in use is never held up; what is kept and fresh is not asked for again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from services.basemaps.errors import PictureError, ServiceError
from services.basemaps.matrices import METRES_PER_DEGREE, Bounds, Plane, TileAddress, TileGrid
from services.basemaps.placement import plane_bounds
from services.basemaps.sources import Datum
from services.domain.errors import DomainError
from services.usecases.map_tiles import TileReader

MOST_TILES = 20_000
MOST_BYTES = 300 * 1024 * 1024
#: world metres a pixel down to which tiles are fetched: single houses can be told apart
FINEST = 1.2
_PATIENCE_S = 120.0
_LOOK_S = 0.5
Progress = Callable[["PrefetchState"], None]


@dataclass(frozen=True, slots=True)
class PrefetchState:
    """How far it is: tiles looked at, tiles in all, bytes fetched, failures; `sentence` once it has ended."""

    source: str
    looked_at: int = 0
    total: int = 0
    fetched_bytes: int = 0
    failed: int = 0
    sentence: str = ""

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self.sentence


def plan_prefetch(
    grid: TileGrid, datum: Datum, world: Bounds, finest: float = FINEST, most: int = MOST_TILES
) -> tuple[TileAddress, ...]:
    """Return the tiles of a rectangle (world metres), coarse levels first; at most so many, whole levels only."""
    bounds = plane_bounds(grid.plane, datum, world)
    factor = 1.0 if grid.plane is Plane.MERCATOR else METRES_PER_DEGREE
    tiles: list[TileAddress] = []
    for at, matrix in enumerate(grid.matrices):
        # a level a little finer than wanted still counts: levels are a factor of two apart
        if matrix.resolution * factor < finest / 1.42 and tiles:
            break
        found = matrix.covering(bounds)
        if found is None:
            continue
        c0, c1, r0, r1 = found
        if len(tiles) + (c1 - c0 + 1) * (r1 - r0 + 1) > most:
            break
        tiles += [TileAddress(at, c, r) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)]
    return tuple(tiles)


def prefetch(
    reader: TileReader, world: Bounds, stop: threading.Event, progress: Progress, most_bytes: int = MOST_BYTES
) -> PrefetchState:
    """Fetch an area (worker). Ends when all is there, when stopped, at the limit, or when the service refuses."""
    state = PrefetchState(reader.source.id)
    try:
        tiles = plan_prefetch(reader.open(), reader.source.datum, world)
    except DomainError as error:
        return _ended(state, error.title)
    state = PrefetchState(reader.source.id, total=len(tiles))
    waited = 0.0
    for tile in tiles:
        while (wait_s := reader.gate.wait_s()) > 0 and not stop.is_set():
            waited += _LOOK_S
            trouble = reader.gate.trouble
            if wait_s > _PATIENCE_S or waited > _PATIENCE_S:
                return _ended(state, trouble.sentence if trouble is not None else "地图服务没有答复。")
            stop.wait(_LOOK_S)
        if stop.is_set():
            return _ended(state, "已停止。")
        size, failed = 0, 0
        try:
            size = reader.keep(tile)
            waited = 0.0
        except (ServiceError, PictureError):
            failed = 1
        state = PrefetchState(
            state.source,
            state.looked_at + 1,
            state.total,
            state.fetched_bytes + size,
            state.failed + failed,
        )
        if state.fetched_bytes > most_bytes:
            return _ended(state, "已到下载上限。")
        progress(state)
    return _ended(state, "没有可下载的瓦片。" if not tiles else "已完成。")


def _ended(state: PrefetchState, sentence: str) -> PrefetchState:
    """Return the last state, with what came of it."""
    missed = f"{state.failed:,} 张没有取到。" if state.failed else ""
    return PrefetchState(
        state.source, state.looked_at, state.total, state.fetched_bytes, state.failed, sentence + missed
    )
