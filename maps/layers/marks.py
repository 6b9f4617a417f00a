"""What is drawn for cases at a zoom: single shapes and clusters, as columns; values on demand."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Bounds
from maps.layers.case_columns import prepare_cases
from maps.layers.case_table import CaseTable, Flags, Rows
from maps.layers.tokens import BANDS

Counts = npt.NDArray[np.int32]


class CaseIds(Sequence[str]):
    """Ids of the cases of a mark, worst first; sorted only when more than the first are asked for."""

    __slots__ = ("_count", "_find", "_rows", "_sorted", "_table")

    def __init__(self, table: CaseTable, count: int, find: Callable[[], Rows]) -> None:
        """Keep where the rows can be found; nothing is looked up yet."""
        self._table, self._count, self._find = table, count, find
        self._rows: Rows | None = None
        self._sorted: tuple[str, ...] | None = None

    @property
    def rows(self) -> Rows:
        """Rows of the cases in the table, in no order."""
        if self._rows is None:
            self._rows = self._find()
        return self._rows

    def of(self, table: CaseTable) -> bool:
        """Whether these are rows of that table."""
        return self._table is table

    def first(self, most: int) -> tuple[str, ...]:
        """The worst few ids; quick also for a mark of many thousands."""
        if self._sorted is not None or most >= self._count:
            return self._all()[:most]
        risk = self._table.risk(self.rows)
        last = np.partition(risk, most - 1)[most - 1]
        near = np.flatnonzero(risk <= last)
        ids = self._table.ids
        keys = zip(risk[near].tolist(), (ids[r] for r in self.rows[near].tolist()), strict=True)
        return tuple(case_id for _, case_id in heapq.nsmallest(most, keys))

    def _all(self) -> tuple[str, ...]:
        if self._sorted is None:
            ids = self._table.ids
            risk = self._table.risk(self.rows).tolist()
            pairs = sorted(zip(risk, (ids[r] for r in self.rows.tolist()), strict=True))
            self._sorted = tuple(case_id for _, case_id in pairs)
        return self._sorted

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """The id at a place of the order."""
        if at == 0 and self._count:
            return self.first(1)[0]
        return self._all()[at]

    def __len__(self) -> int:
        """How many cases."""
        return self._count

    def __contains__(self, case_id: object) -> bool:
        """Whether a case is among them, without sorting."""
        row = self._table.row_of.get(case_id) if isinstance(case_id, str) else None
        return row is not None and bool(np.any(self.rows == row))

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of the same ids in the same order."""
        return isinstance(other, (CaseIds, tuple, list)) and self._all() == tuple(other)

    def __hash__(self) -> int:
        """As the tuple of the ids."""
        return hash(self._all())

    def __repr__(self) -> str:
        """The first ids and how many there are."""
        return f"CaseIds({', '.join(self.first(3))} … {self._count})"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn for cases: a single shape or a cluster disc.

    Attributes:
        x: world metres, east.
        y: world metres, north.
        case_ids: cases it stands for, worst first.
        bands: (band, count) worst first, only those present.
        pending: any of the cases waits for a decision.
        stage: stage of a single case, 0 for none or for a cluster.
    """

    x: float
    y: float
    case_ids: Sequence[str]
    bands: tuple[tuple[str, int], ...]
    pending: bool = False
    stage: int = 0

    @property
    def count(self) -> int:
        """How many cases the mark stands for."""
        return len(self.case_ids)


class Marks(Sequence[Mark]):
    """Marks as columns in the order of drawing: single shapes, the quiet first, then clusters, the selected case last.

    Attributes:
        x: world metres, east.
        y: world metres, north.
        counts: cases of each mark.
        bands: ``(n, 7)`` cases by index in :data:`BANDS`.
        pending: marks with a case that waits for a decision.
        stage: stage of single cases.
        worst: index of the worst band of each mark.
        chosen: index of the mark of the selected case, -1 for none.
    """

    def __init__(self, table: CaseTable, rows: Rows, label: Rows, xy: FloatArray, chosen: int = -1) -> None:
        """Count the cases ``rows`` by their mark ``label``; ``xy`` is where the marks stand.

        A mark of one case stands where its case is; a mark without a case is left out.

        Args:
            table: the cases.
            rows: cases that are drawn.
            label: mark of each of them, an index into ``xy``.
            xy: ``(k, 2)`` places of the marks.
            chosen: row of the selected case, which is a mark of its own; -1 for none.
        """
        kinds = len(BANDS)
        shown, k = table.shown_band, len(xy)
        bands = np.bincount(label.astype(np.int64) * kinds + shown[rows], minlength=k * kinds)
        bands = bands.reshape(k, kinds)
        count = bands.sum(axis=1)
        pending = np.zeros(k, dtype=bool)
        pending[label[table.pending[rows]]] = True
        single = np.zeros(k, dtype=np.int32)
        single[label] = rows
        worst = (bands > 0).argmax(axis=1)
        last = (count == 1) & (single == chosen)
        order = np.lexsort((np.arange(k), -worst, count > 1, last))
        order = order[count[order] > 0]
        place = np.where((count == 1)[:, None], table.xy[single], xy) if len(table.ids) else xy
        self._table = table
        self._label, self._rows, self._order = label, rows, order
        self.x, self.y = place[order, 0], place[order, 1]
        self.counts: Counts = count[order].astype(np.int32)
        self.bands: Counts = bands[order].astype(np.int32)
        self.pending: Flags = pending[order]
        self.worst = worst[order].astype(np.int32)
        self._single = single[order]
        self.stage = np.where(self.counts == 1, table.stage[self._single] if len(table.ids) else 0, 0)
        self.chosen = -1
        if len(self) and bool(last[order[-1]]):
            self.chosen = len(self) - 1

    def __len__(self) -> int:
        """How many marks."""
        return len(self.x)

    @overload
    def __getitem__(self, at: int) -> Mark: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Mark]: ...
    def __getitem__(self, at: int | slice) -> Mark | Sequence[Mark]:
        """A mark as a value; its ids are found when they are asked for."""
        if isinstance(at, slice):
            return tuple(self[i] for i in range(len(self))[at])
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        ids = CaseIds(self._table, int(self.counts[at]), lambda: self.rows_of(at))
        return Mark(
            float(self.x[at]),
            float(self.y[at]),
            ids,
            self.bands_of(at),
            bool(self.pending[at]),
            int(self.stage[at]),
        )

    def __iter__(self) -> Iterator[Mark]:
        """All marks as values."""
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of equal marks."""
        return isinstance(other, (Marks, tuple)) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # columns are no key

    def within(self, bounds: Bounds | None) -> Flags:
        """Which marks stand in a world rectangle."""
        return within(np.column_stack([self.x, self.y]), bounds)

    def bands_of(self, at: int) -> tuple[tuple[str, int], ...]:
        """(band, count) of a mark, worst first, only those present."""
        return tuple((BANDS[i], n) for i, n in enumerate(self.bands[at].tolist()) if n)

    def rows_of(self, at: int) -> Rows:
        """Rows of the cases of a mark."""
        if self.counts[at] == 1:
            return np.asarray(self._single[at : at + 1], dtype=np.int32)
        return np.asarray(self._rows[self._label == self._order[at]], dtype=np.int32)

    def id_of(self, at: int) -> str:
        """Id of the case of a single mark."""
        return self._table.ids[int(self._single[at])]


NO_MARKS = Marks(
    prepare_cases(()),
    np.empty(0, np.int32),
    np.empty(0, np.int32),
    np.empty((0, 2)),
)
"""No cases, no marks."""


def within(xy: FloatArray, bounds: Bounds | None) -> Flags:
    """Which world points lie in a rectangle, its edges included; all of them in None."""
    if bounds is None:
        return np.ones(len(xy), dtype=bool)
    west, south, east, north = bounds
    x, y = xy[:, 0], xy[:, 1]
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
