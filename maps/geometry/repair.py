"""Makes cells that nearly share their edges share them exactly.

What is mended, in world metres: corners nearer than `SNAP_M` fall together; a corner that lies on a neighbour's
edge becomes a corner of the neighbour too; where two cells overlap, the overlap goes to the one it has the
longer border with; gaps narrower than `GAP_M` go to a neighbour. A cell that would lose more than half of its
area (a double under another code, a cell drawn inside another) is left as it is, and so are its edges: those
are drawn as they come, the rest of the coverage stays exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.arcs import DIGITS, ArcTable
from maps.geometry.tables import IntArray

SNAP_M = 0.05
GAP_M = 2.0
MOST_LOST = 0.5
_ROUNDS = 3

GeometryArray = npt.NDArray[np.object_]


def repaired(cells: GeometryArray) -> tuple[GeometryArray, ArcTable, bool]:
    """Mend a coverage where it has to be.

    Args:
        cells: ``(n,)`` valid polygons in world metres.

    Returns:
        The cells, their arcs, and whether all of them share their edges exactly.
    """
    arcs = ArcTable.of(cells)
    kept_out = np.empty(0, dtype=np.int64)
    for round_ in range(_ROUNDS):
        # A gap that was left open the first time has its reasons (a corner between three cells, say).
        bad, near = _flaws(cells, arcs, 0.0 if round_ else GAP_M)
        bad = np.setdiff1d(bad, kept_out)
        if len(bad) == 0:
            break
        area = np.setdiff1d(np.union1d(bad, near), kept_out)
        fresh, lost = _cleaned(cells[area])
        kept_out = np.union1d(kept_out, area[lost])
        if fresh is not None:
            cells = cells.copy()
            cells[area[~lost]] = fresh[~lost]
            arcs = ArcTable.of(cells)
    else:
        bad, _ = _flaws(cells, arcs, 0.0)
    return cells, arcs, len(bad) == 0 and len(kept_out) == 0


def _flaws(cells: GeometryArray, arcs: ArcTable, gap: float) -> tuple[IntArray, IntArray]:
    """Cells with an edge that does not fit its surroundings, and the cells around those places."""
    single = np.flatnonzero(arcs.second < 0)
    none = np.empty(0, dtype=np.int64)
    if len(single) == 0:
        return none, none
    tree = shapely.STRtree(cells)
    lines = arcs.lines(single)
    # An edge two cells share is in order; only what touches an edge of one cell alone can be out of order.
    looked_at = np.union1d(arcs.first[single], tree.query(lines)[1])
    edges = shapely.coverage_invalid_edges(cells[looked_at], gap_width=gap)
    wrong = ~shapely.is_empty(edges)
    return looked_at[wrong], np.unique(tree.query(edges[wrong])[1])


def _cleaned(cells: GeometryArray) -> tuple[GeometryArray | None, npt.NDArray[np.bool_]]:
    """Cells with shared edges and which of them lost too much; None where GEOS gave up (then all are lost)."""
    try:
        made = shapely.coverage_clean(cells, snapping_distance=SNAP_M, gap_width=GAP_M)
    except shapely.errors.GEOSException:
        return None, np.ones(len(cells), dtype=bool)
    rounded = shapely.transform(made, lambda xy: np.round(xy, DIGITS))
    made = np.where(shapely.is_valid(rounded), rounded, made)
    fit = shapely.is_valid(made) & np.isin(shapely.get_type_id(made), (3, 6))
    before = shapely.area(cells)
    lost = ~fit | (np.abs(shapely.area(made) - before) > MOST_LOST * before)
    return np.asarray(made, dtype=object), lost
