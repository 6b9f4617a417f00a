"""Where a point lies: the grid index over the centre's areas, rebuilt when areas were imported."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, select

from services.backend.db.opening import read_meta, write_meta
from services.backend.db.tables import areas
from services.domain.codes import area_path
from services.domain.reference import Position
from services.geo.areas import from_wkb
from services.geo.grids import NEAR_BOUNDARY_M, GridIndex
from services.sql.engine import glancing

_VERSION = "areas_version"


def touch_areas(conn: Connection) -> int:
    """Say that the areas have changed (whoever writes `areas` calls this in the same transaction)."""
    number = areas_version(conn) + 1
    write_meta(conn, _VERSION, str(number))
    return number


def areas_version(conn: Connection) -> int:
    """Return how often the areas have changed."""
    return int(read_meta(conn, _VERSION) or 0)


def load_index(conn: Connection, near_m: float = NEAR_BOUNDARY_M) -> tuple[GridIndex, dict[str, str]]:
    """Build the index over all grids that have a polygon; also the parent of every area by code."""
    rows = conn.execute(select(areas.c.code, areas.c.level, areas.c.parent, areas.c.wkb)).all()
    grids = [
        (row.code, from_wkb(bytes(row.wkb))) for row in rows if row.level == "grid" and row.wkb is not None
    ]
    parents = {row.code: row.parent for row in rows if row.parent}
    return GridIndex([code for code, _ in grids], [shape for _, shape in grids], near_m), parents


def path_of(grid: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return the area codes from the district down to the grid: by the tree, else by the code's own prefixes."""
    path = [grid]
    while (above := parents.get(path[0])) is not None and above not in path:
        path.insert(0, above)
    return tuple(code for code in path if len(code) >= 6) if len(path) > 1 else area_path(grid)


class Places:
    """Finds grids for points; thread-safe, the index is replaced as a whole.

    `near_m` is the distance from a border below which a point is marked `near_boundary` (a setting).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._version = -1
        self._near_m = NEAR_BOUNDARY_M
        self._lock = threading.Lock()
        self._index = GridIndex([], [])
        self._parents: dict[str, str] = {}

    @property
    def version(self) -> int:
        """Return the version of the areas the index stands for, -1 before the first load."""
        return self._version

    def refresh(self, near_m: float = NEAR_BOUNDARY_M) -> bool:
        """Rebuild the index when the areas or the distance have changed; tells whether they had."""
        with self._lock, glancing(self._engine) as conn:
            version = areas_version(conn)
            if version == self._version and near_m == self._near_m:
                return False
            index, parents = load_index(conn, near_m)
            self._index, self._parents, self._version, self._near_m = index, parents, version, near_m
            return True

    @property
    def index(self) -> GridIndex:
        """Return the index in force; it is never changed, a new one takes its place."""
        return self._index

    def position(self, lon: float, lat: float) -> Position:
        """Return grid, areas and near neighbour of a WGS84 point; no grid outside every one."""
        hit = self._index.locate(lon, lat)
        if hit is None:
            return Position(None)
        near = (hit.neighbour or hit.code) if hit.near_boundary else None
        return Position(hit.code, path_of(hit.code, self._parents), near)

    def has_grid(self, code: str) -> bool:
        """Tell whether a grid is known."""
        return code in self._index
