"""The case layer: points with their time-limit band, and the marks they make at a zoom."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial

import numpy as np

from maps.geometry.areas import PreparedAreas
from maps.geometry.clusters import ClusterTree, step_of
from maps.geometry.mercator import FloatArray
from maps.geometry.picking import AreaPicker
from maps.geometry.viewport import Bounds
from maps.layers.case_columns import prepare_cases, prepare_columns
from maps.layers.case_groups import UNKNOWN, PreparedCases, find_cells, ready_cases
from maps.layers.case_table import CaseTable, CaseView, Rows
from maps.layers.map_case import MapCase, risk_key
from maps.layers.marks import NO_MARKS, CaseIds, Mark, Marks, within
from maps.layers.tokens import BANDS, MapTokens, ZoomBand

__all__ = (
    "CASE_MODES",
    "CaseLayer",
    "CaseTable",
    "CaseView",
    "MapCase",
    "Mark",
    "Marks",
    "PreparedCases",
    "prepare_cases",
    "prepare_columns",
    "ready_cases",
    "risk_key",
)

CASE_MODES = ("clusters", "dots", "heat")
"""How cases are drawn: discs with counts, every case a small mark, or their density."""
STACK_PX = 4.0
"""Single shapes nearer than this hide each other and are one counted mark; up to three times as far they may be."""
CROWD = 8
"""Where more cases than this lie within the distance of a cluster, single shapes would be a heap: one disc stays."""
FEW = 2000
"""So few cases are grouped anew after every change; more keep their groups and take changes in."""
OWNER_LEVELS = ("street", "community")
"""Zoomed out, cases meet in the areas of the first of these levels that the district has."""


class CaseLayer:
    """All cases of the map with their groups. Cases without a usable point are kept apart."""

    def __init__(self, cases: Iterable[MapCase] = ()) -> None:
        """Begin with some cases."""
        self._take(PreparedCases(prepare_cases(cases)))

    def _take(self, prepared: PreparedCases) -> None:
        self._ready = prepared
        self._leaf_of: Rows | None = None
        self._order: Rows | None = None
        # What the last marks were made of: panning groups nothing anew.
        self._grouped: tuple[object, FloatArray, Rows] = ((), np.empty((0, 2)), np.empty(0, np.int32))

    @property
    def table(self) -> CaseTable:
        """The cases as columns."""
        return self._ready.table

    @property
    def cases(self) -> CaseView:
        """The cases by id, built as they are asked for."""
        return CaseView(self.table)

    @property
    def unplaced(self) -> set[str]:
        """Ids of cases without a usable point."""
        table = self.table
        lost = np.flatnonzero(table.alive & ~np.isfinite(table.xy[:, 0]))
        return {table.ids[row] for row in lost.tolist()}

    # --- changes ----------------------------------------------------------------------------------

    def replace_all(self, cases: Iterable[MapCase]) -> bool:
        """Take a whole new set; True if anything differs."""
        return self.set_prepared(PreparedCases(prepare_cases(cases)))

    def set_prepared(self, prepared: PreparedCases) -> bool:
        """Take a set made ready elsewhere; True if anything differs."""
        if prepared.table.same_as(self.table):
            return False
        self._take(prepared)
        return True

    def update(self, changed: Iterable[MapCase], removed: Iterable[str]) -> bool:
        """Put in the changed cases and take out the removed ids; True if anything differs."""
        changed = list(changed)
        table, ready = self.table, self._ready
        touched, more = table.update(changed, removed)
        if not touched:
            return False
        self._order = None
        start = len(table.ids) - more
        if ready.cell is not None:
            ready.cell = np.append(ready.cell, np.full(more, UNKNOWN))
            rows = [table.row_of[c.case_id] for c in changed if c.case_id in table.row_of]
            ready.cell[rows] = UNKNOWN
        if len(table) <= FEW or ready.tree.late + more > max(FEW, len(table) // 8):
            self._regroup()
        elif more:
            fresh = np.arange(start, len(table.ids), dtype=np.int32)
            fresh = fresh[np.isfinite(table.xy[fresh, 0])]
            ready.tree.add(table.xy[fresh])
            leaf = np.full(more, -1, dtype=np.int32)
            leaf[fresh - start] = np.arange(len(ready.rows), len(ready.rows) + len(fresh), dtype=np.int32)
            self._leaf_of = np.append(self._leaves(), leaf)
            ready.rows = np.append(ready.rows, fresh)
        return True

    def _regroup(self) -> None:
        """The groups are made anew when they are next asked for."""
        self._ready.rows = self.table.placed
        self._ready.tree = ClusterTree(self.table.xy[self._ready.rows])
        self._leaf_of = None

    def forget_owners(self) -> None:
        """The areas are new: which cell a case lies in must be found again."""
        self._ready.cell = self._ready.areas = None

    # --- questions --------------------------------------------------------------------------------

    def point(self, case_id: str) -> tuple[float, float] | None:
        """World point of a case, None if it is unknown or has no usable point."""
        row = self.table.row_of.get(case_id)
        if row is None:
            return None
        x, y = self.table.xy[row].tolist()
        return (x, y) if np.isfinite(x) else None

    def spread(self, case_ids: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Lower left and upper right corner of the points of some placed cases, world metres."""
        if isinstance(case_ids, CaseIds):
            points = self.table.xy[case_ids.rows]
        else:
            points = self.table.xy[[self.table.row_of[i] for i in case_ids]]
        return points.min(axis=0), points.max(axis=0)

    def present(self, mark: Mark) -> bool:
        """Whether all cases of a mark are still there, where they were when it was made."""
        ids = mark.case_ids
        if isinstance(ids, CaseIds):
            return ids.of(self.table) and bool(self.table.alive[ids.rows].all())
        return all(i in self.table.row_of for i in ids)

    def rows_in(self, bounds: Bounds | None) -> Rows:
        """Rows of the cases in a world rectangle."""
        return self.table.placed[within(self.table.placed_xy, bounds)]

    def ids_in(self, bounds: Bounds | None, most: int | None = None) -> list[str]:
        """Ids of the cases in a world rectangle, worst first; at most ``most``."""
        rows = self.rows_in(bounds)
        ids = CaseIds(self.table, len(rows), lambda: rows)
        return list(ids if most is None else ids.first(most))

    def next_in(self, bounds: Bounds, chosen: str, forward: bool) -> str:
        """The case after ``chosen`` in a rectangle, worst first; empty after the last, the first without one."""
        table = self.table
        rows = self.rows_in(bounds)
        risk = table.risk(rows)
        best: Callable[[Iterable[str]], str] = min if forward else max
        row = table.row_of.get(chosen, -1)
        if row >= 0 and np.any(rows == row):
            here = int(table.risk(np.array([row]))[0])
            same = (table.ids[r] for r in rows[risk == here].tolist())
            beside = [i for i in same if (i > chosen if forward else i < chosen)]
            if beside:
                return best(beside)
            rest = risk > here if forward else risk < here
            rows, risk = rows[rest], risk[rest]
        if not len(rows):
            return ""
        # Only the cases of the nearest risk are compared by their ids.
        group = rows[risk == (risk.min() if forward else risk.max())]
        return best(table.ids[r] for r in group.tolist())

    def band_counts(self, bounds: Bounds | None = None) -> dict[str, int]:
        """How many placed cases each band has in a world rectangle, only those present."""
        counts = np.bincount(self.table.shown_band[self.rows_in(bounds)], minlength=len(BANDS))
        return {band: n for band, n in zip(BANDS, counts.tolist(), strict=True) if n}

    def quiet_first(self) -> Rows:
        """Rows of all placed cases in the order in which dots are drawn: the worst last, on top."""
        if self._order is None:
            placed = self.table.placed
            order = np.argsort(self.table.shown_band[placed], kind="stable")[::-1]
            self._order = placed[order]
        return self._order

    # --- marks ------------------------------------------------------------------------------------

    def marks(
        self,
        zoom: ZoomBand,
        scale: float,
        tokens: MapTokens,
        areas: PreparedAreas | None,
        picker: AreaPicker | None,
        apart: str | None = None,
        bounds: Bounds | None = None,
    ) -> Marks:
        """Group the cases for a zoom; see :meth:`mark_steps`."""
        steps = self.mark_steps(zoom, scale, tokens, areas, picker, apart, bounds)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                made: Marks = done.value
                return made

    def mark_steps(
        self,
        zoom: ZoomBand,
        scale: float,
        tokens: MapTokens,
        areas: PreparedAreas | None,
        picker: AreaPicker | None,
        apart: str | None = None,
        bounds: Bounds | None = None,
    ) -> Generator[None, None, Marks]:
        """Group the cases for a zoom, a few milliseconds a turn.

        Args:
            zoom: row of the zoom table.
            scale: world metres per pixel.
            tokens: distances.
            areas: district, for clusters by street.
            picker: index of the same district.
            apart: id of the selected case, which is never hidden in a cluster.
            bounds: world rectangle of the view; None makes the marks of all cases.

        Returns:
            The marks that stand in ``bounds`` or have a case there. Every placed case is in exactly one
            mark, so the cases of these marks that lie in ``bounds`` are all cases there.
        """
        level = next((n for n in OWNER_LEVELS if areas is not None and n in areas.levels), "")
        if zoom.cases == "street" and areas is not None and picker is not None and level:
            ready, group = partial(self._cell_steps, areas, picker), partial(self._by_owner, areas, level)
        else:
            fine = step_of(STACK_PX * scale) if zoom.cases == "single" else None
            step = step_of(tokens.cluster_px * scale)
            ready, group = partial(self._tree_steps, step), partial(self._by_distance, step, fine)
        yield from ready()
        grouped, seen = group(), (self.table, self.table.revision)
        yield
        if seen != (self.table, self.table.revision):
            # Other cases came in between the two turns; from here to the marks there is none.
            yield from ready()
            grouped = group()
        return self._marks_in(*grouped, apart, bounds)

    def _by_owner(self, areas: PreparedAreas, level: str) -> tuple[FloatArray, Rows]:
        """Places and mark of each placed case: one mark per area at its label point, one for cases in none."""
        key = (areas, level, self.table, self.table.revision)
        if self._grouped[0] != key:
            cell = self._cells()[self.table.placed]
            owner = np.where(cell >= 0, areas.owners[level][np.maximum(cell, 0)], -1)
            anchors = areas.levels[level].anchors
            lost = self.table.placed_xy[owner < 0]
            middle = lost.mean(axis=0) if len(lost) else np.zeros(2)
            label = np.where(owner >= 0, owner, len(anchors)).astype(np.int32)
            self._grouped = (key, np.vstack([anchors, middle]), label)
        return self._grouped[1:]

    def _by_distance(self, step: int, fine: int | None) -> tuple[FloatArray, Rows]:
        """Places and mark of each placed case: clusters; or single shapes but where they would be a heap."""
        tree = self._ready.tree
        key = (tree, step, fine, self.table.revision)
        if self._grouped[0] != key:
            leaves = self._leaves()[self.table.placed]
            places, label = tree.step(step).places, tree.labels(step)[leaves]
            if fine is not None and fine < step:
                few = np.bincount(label, minlength=len(places)) <= CROWD
                near = tree.labels(fine)[leaves] + np.int32(len(places))
                places, label = np.vstack([places, tree.step(fine).places]), np.where(few[label], near, label)
            self._grouped = (key, places, label)
        return self._grouped[1:]

    def lone_mark(self, case_id: str) -> Marks:
        """The mark of one case and of no other; no mark when it has no usable point."""
        row = self.table.row_of.get(case_id, -1)
        if row < 0 or self.point(case_id) is None:
            return NO_MARKS
        return Marks(
            self.table, np.array([row], np.int32), np.zeros(1, np.int32), self.table.xy[row : row + 1], row
        )

    def mark_around(self, x: float, y: float, reach: float) -> Marks:
        """One mark of all cases nearer to a world point than ``reach`` in either direction; none without a case."""
        rows = self.rows_in((x - reach, y - reach, x + reach, y + reach))
        return Marks(self.table, rows, np.zeros(len(rows), np.int32), np.array([[x, y]]))

    def _marks_in(self, places: FloatArray, label: Rows, apart: str | None, bounds: Bounds | None) -> Marks:
        """The marks of a rectangle: those that stand there and those with a case there."""
        table, rows = self.table, self.table.placed
        chosen = table.row_of.get(apart or "", -1)
        if chosen >= 0 and np.isfinite(table.xy[chosen, 0]):
            places = np.vstack([places, table.xy[chosen]])
            label = label.copy()
            label[np.searchsorted(rows, chosen)] = len(places) - 1
        else:
            chosen = -1
        if bounds is None:
            return Marks(table, rows, label.astype(np.int32), places, chosen)
        seen = within(places, bounds)
        seen[label[within(table.placed_xy, bounds)]] = True
        keep = seen[label]
        fresh = np.cumsum(seen, dtype=np.int32) - np.int32(1)
        return Marks(table, rows[keep], fresh[label[keep]], places[seen], chosen)

    def _leaves(self) -> Rows:
        """Row to point of the tree, -1 for rows that are none."""
        if self._leaf_of is None:
            ready = self._ready
            self._leaf_of = np.full(len(self.table.ids), -1, dtype=np.int32)
            self._leaf_of[ready.rows] = np.arange(len(ready.rows), dtype=np.int32)
        return self._leaf_of

    def _cells(self) -> Rows:
        assert self._ready.cell is not None
        return self._ready.cell

    def _tree_steps(self, step: int) -> Generator[None]:
        tree = None
        while tree is not self._ready.tree:
            tree = self._ready.tree
            yield from tree.build(step)

    def _cell_steps(self, areas: PreparedAreas, picker: AreaPicker) -> Generator[None]:
        while True:
            # Other cases may come in between two turns.
            ready = self._ready
            if ready.cell is None or ready.areas is not areas:
                ready.areas, ready.cell = areas, np.full(len(self.table.ids), UNKNOWN, dtype=np.int32)
            elif not np.any(ready.cell == UNKNOWN):
                return
            yield from find_cells(self.table, ready.cell, areas, picker)
