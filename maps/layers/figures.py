"""Figures of the finest areas: one value per area as it comes in, columns for what is done with all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from maps.geometry.areas import IntArray
from maps.geometry.mercator import FloatArray

FlagArray = npt.NDArray[np.int8]
UNKNOWN = -1
"""Value of a flag column where nothing is known."""


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """Figures of one finest cell.

    Attributes:
        open: open cases (在办).
        overdue: those of them that are overdue (超时).
        on_duty: an officer is on duty (在岗); None where nobody knows.
        new_today: cases reported since midnight (今日新增).
        nearest_h: hours to the nearest deadline of an open case (最近到期), below zero when it has passed;
            infinite when no clock runs; None where it is not known. Without open cases it is not looked at.
        silent_days: days since the last report from here; None when there has been none on record.
        silent: no report for too long against what is usual here (静默); None where that cannot be judged.
    """

    open: int = 0
    overdue: int = 0
    on_duty: bool | None = None
    new_today: int = 0
    nearest_h: float | None = None
    silent_days: float | None = None
    silent: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FigureColumns:
    """Figures of ``n`` areas as parallel arrays over the area index.

    Attributes:
        known: the area has figures at all.
        open: open cases.
        overdue: overdue ones.
        duty: 1 manned, 0 not manned, :data:`UNKNOWN`.
        new_today: new cases.
        nearest_h: hours; NaN unknown, infinite when no clock runs or nothing is open.
        silent_days: longest time without a report, days; NaN unknown.
        judged: cells of the area whose silence can be judged.
        silent: those of them that are silent.
    """

    known: npt.NDArray[np.bool_]
    open: IntArray
    overdue: IntArray
    duty: FlagArray
    new_today: IntArray
    nearest_h: FloatArray
    silent_days: FloatArray
    judged: IntArray
    silent: IntArray

    def __len__(self) -> int:
        return len(self.known)

    @staticmethod
    def blank(n: int) -> FigureColumns:
        """Nothing known of ``n`` areas."""
        return FigureColumns(
            known=np.zeros(n, dtype=bool),
            open=np.zeros(n, dtype=np.int64),
            overdue=np.zeros(n, dtype=np.int64),
            duty=np.full(n, UNKNOWN, dtype=np.int8),
            new_today=np.zeros(n, dtype=np.int64),
            nearest_h=np.full(n, np.nan),
            silent_days=np.full(n, np.nan),
            judged=np.zeros(n, dtype=np.int64),
            silent=np.zeros(n, dtype=np.int64),
        )

    @staticmethod
    def of(figures: Mapping[str, AreaFigures], codes: Sequence[str]) -> FigureColumns:
        """Columns in the order of ``codes``; a code without figures is not known."""
        out = FigureColumns.blank(len(codes))
        get = figures.get
        at, found = [], []
        for i, code in enumerate(codes):
            mine = get(code)
            if mine is not None:
                at.append(i)
                found.append(mine)
        out._write(np.array(at, dtype=np.int64), found)
        return out

    def patched(self, changed: Mapping[str, AreaFigures | None], index: Mapping[str, int]) -> FigureColumns:
        """Copy with the figures of a few codes replaced, None takes them away; unknown codes are left out."""
        out = replace(self, **{name: getattr(self, name).copy() for name in _COLUMNS})
        pairs = [(index[code], mine) for code, mine in changed.items() if code in index]
        gone = np.array([i for i, mine in pairs if mine is None], dtype=np.int64)
        if len(gone):
            out._write(gone, [AreaFigures()] * len(gone))
            out.known[gone] = False
        rows = [(i, mine) for i, mine in pairs if mine is not None]
        out._write(np.array([i for i, _ in rows], dtype=np.int64), [mine for _, mine in rows])
        return out

    def _write(self, at: IntArray, figures: Sequence[AreaFigures]) -> None:
        """Write figures into rows of the arrays that nobody has seen yet."""
        n = len(figures)
        self.known[at] = True
        self.open[at] = np.fromiter((f.open for f in figures), np.int64, n)
        self.overdue[at] = np.fromiter((f.overdue for f in figures), np.int64, n)
        self.duty[at] = np.fromiter((_flag(f.on_duty) for f in figures), np.int8, n)
        self.new_today[at] = np.fromiter((f.new_today for f in figures), np.int64, n)
        self.nearest_h[at] = np.fromiter((_hours(f) for f in figures), np.float64, n)
        self.silent_days[at] = np.fromiter((_days(f) for f in figures), np.float64, n)
        self.judged[at] = np.fromiter((f.silent is not None for f in figures), np.int64, n)
        self.silent[at] = np.fromiter((f.silent is True for f in figures), np.int64, n)

    def summed(self, owner: IntArray, n: int) -> FigureColumns:
        """Put the cells of each of ``n`` upper areas together.

        Counts add up; the nearest deadline is the least, the silence the longest; an area is manned when any of
        its cells is, not manned when all known ones are not. ``owner`` is the upper area of each cell, -1 none.
        """
        own = np.flatnonzero((owner >= 0) & self.known)
        to = owner[own]
        out = FigureColumns.blank(n)
        out.known[to] = True
        for name in ("open", "overdue", "new_today", "judged", "silent"):
            sums = np.bincount(to, weights=getattr(self, name)[own], minlength=n)
            getattr(out, name)[:] = np.rint(sums).astype(np.int64)
        duty = self.duty[own]
        out.duty[to[duty == 0]] = 0
        out.duty[to[duty == 1]] = 1
        np.fmin.at(out.nearest_h, to, self.nearest_h[own])
        np.fmax.at(out.silent_days, to, self.silent_days[own])
        return out

    def at(self, i: int) -> AreaFigures | None:
        """Figures of one area as a value, None where nothing is known."""
        if not self.known[i]:
            return None
        hours, days = float(self.nearest_h[i]), float(self.silent_days[i])
        return AreaFigures(
            int(self.open[i]),
            int(self.overdue[i]),
            None if self.duty[i] == UNKNOWN else bool(self.duty[i]),
            int(self.new_today[i]),
            None if math.isnan(hours) or (math.isinf(hours) and not self.open[i]) else hours,
            None if math.isnan(days) or math.isinf(days) else days,
            bool(self.silent[i]) if self.judged[i] else None,
        )


class FigureTable(Mapping[str, AreaFigures]):
    """Figures of areas by code, kept as columns; a value is made only for the area that is asked for."""

    __slots__ = ("codes", "columns", "index")

    def __init__(self, codes: tuple[str, ...], columns: FigureColumns, index: Mapping[str, int]) -> None:
        """Take columns in the order of ``codes``, and the place of each code."""
        self.codes, self.columns, self.index = codes, columns, index

    def __getitem__(self, code: str) -> AreaFigures:
        """Figures of an area; KeyError where nothing is known."""
        found = self.columns.at(self.index[code])
        if found is None:
            raise KeyError(code)
        return found

    def __iter__(self) -> Iterator[str]:
        return (self.codes[i] for i in np.flatnonzero(self.columns.known).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self.columns.known))


_COLUMNS = (
    "known",
    "open",
    "overdue",
    "duty",
    "new_today",
    "nearest_h",
    "silent_days",
    "judged",
    "silent",
)


def _flag(value: bool | None) -> int:
    return UNKNOWN if value is None else int(value)


def _hours(figures: AreaFigures) -> float:
    """Nothing open has no deadline, which is far away; open cases without a known one are not known."""
    if figures.open <= 0:
        return math.inf
    return math.nan if figures.nearest_h is None else figures.nearest_h


def _days(figures: AreaFigures) -> float:
    """A silent area without any report on record has been silent for ever."""
    if figures.silent_days is not None:
        return figures.silent_days
    return math.inf if figures.silent else math.nan


def figures_of_cases(
    codes: Iterable[str], cases: Iterable[tuple[str, str]], on_duty: Mapping[str, bool] | None = None
) -> dict[str, AreaFigures]:
    """Count cases into figures.

    Args:
        codes: all finest area codes; each gets figures, zero where no case lies.
        cases: (area code, band) of every open case; a code that is not listed is ignored.
        on_duty: area code to whether its officer is on duty; None where unknown.
    """
    counts: dict[str, list[int]] = {code: [0, 0] for code in codes}
    for code, band in cases:
        if code in counts and band != "closed":
            counts[code][0] += 1
            counts[code][1] += band.startswith("over")
    duty = on_duty or {}
    return {code: AreaFigures(n, late, duty.get(code)) for code, (n, late) in counts.items()}
