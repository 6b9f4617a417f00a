"""The case layer: points with their time-limit band, and the marks they make at a zoom."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from maps.geometry.areas import IntArray, PreparedAreas
from maps.geometry.clusters import Group, group_by_distance, group_by_owner
from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.geometry.picking import AreaPicker
from maps.layers.tokens import BANDS, MapTokens, ZoomBand

STACK_PX = 8.0
"""Single shapes nearer than this would hide each other; they stay one counted mark at any zoom."""


@dataclass(frozen=True, slots=True)
class MapCase:
    """One open case as the map knows it.

    Attributes:
        case_id: identity.
        number: readable number, short form.
        lon: WGS84 longitude, degrees; None or NaN where it is not known.
        lat: WGS84 latitude, degrees; None or NaN where it is not known.
        band: time-limit band: ok, soon, over1, over2, over3, suspended, closed.
        urgency: 0 一般 to 3 特急.
        title: class in words (井盖缺失).
        address: where, in words.
        area_code: code of its grid; empty if unknown.
        area_name: name of its grid; empty if unknown.
        limit_text: time left or over, in words.
        pending: an operation of this seat on the case has not been decided yet.
    """

    case_id: str
    number: str
    lon: float | None
    lat: float | None
    band: str = "ok"
    urgency: int = 0
    title: str = ""
    address: str = ""
    area_code: str = ""
    area_name: str = ""
    limit_text: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn for cases: a single shape or a cluster disc.

    Attributes:
        x: world metres, east.
        y: world metres, north.
        case_ids: cases it stands for, worst first.
        bands: (band, count) worst first, only those present.
        pending: any of the cases waits for a decision.
    """

    x: float
    y: float
    case_ids: tuple[str, ...]
    bands: tuple[tuple[str, int], ...]
    pending: bool = False

    @property
    def count(self) -> int:
        """How many cases the mark stands for."""
        return len(self.case_ids)


@dataclass(slots=True)
class CaseLayer:
    """All cases by id, with their projected points. Cases without a usable point are kept apart."""

    cases: dict[str, MapCase] = field(default_factory=dict)
    unplaced: set[str] = field(default_factory=set)
    _order: list[str] = field(default_factory=list)
    _xy: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    _owner: dict[str, IntArray] = field(default_factory=dict)
    _stale: bool = False

    def replace_all(self, cases: Iterable[MapCase]) -> bool:
        """Take a whole new set; True if anything differs."""
        fresh = {c.case_id: c for c in cases}
        if fresh == self.cases:
            return False
        self.cases = fresh
        self._stale = True
        return True

    def update(self, changed: Iterable[MapCase], removed: Iterable[str]) -> bool:
        """Put in the changed cases and take out the removed ids; True if anything differs."""
        touched = False
        for case in changed:
            if self.cases.get(case.case_id) != case:
                self.cases[case.case_id] = case
                touched = True
        for case_id in removed:
            touched |= self.cases.pop(case_id, None) is not None
        self._stale |= touched
        return touched

    def point(self, case_id: str) -> tuple[float, float] | None:
        """World point of a case, None if it is unknown or has no usable point."""
        case = self.cases.get(case_id)
        if case is None or case.lon is None or case.lat is None or not valid_mask(case.lon, case.lat):
            return None
        x, y = project(case.lon, case.lat)
        return float(x), float(y)

    def forget_owners(self) -> None:
        """The areas are new: which street a case lies in must be found again."""
        self._owner.clear()

    def marks(
        self,
        zoom: ZoomBand,
        scale: float,
        tokens: MapTokens,
        areas: PreparedAreas | None,
        picker: AreaPicker | None,
        apart: str | None = None,
    ) -> tuple[Mark, ...]:
        """Group the cases for a zoom.

        Args:
            zoom: row of the zoom table.
            scale: world metres per pixel.
            tokens: distances.
            areas: district, for clusters by street.
            picker: index of the same district.
            apart: id of the selected case, which is never hidden in a cluster.

        Returns:
            The marks. Their counts add up to the number of placed cases.
        """
        self._refresh()
        keep = np.array([c != apart for c in self._order], dtype=bool)
        at = np.flatnonzero(keep)
        xy = self._xy[at]
        if zoom.cases == "street" and areas is not None and picker is not None and "street" in areas.levels:
            owner = self._street_of(areas, picker)[at]
            groups = group_by_owner(xy, owner, areas.levels["street"].anchors)
        else:
            reach = STACK_PX if zoom.cases == "single" else tokens.cluster_px
            groups = group_by_distance(xy, reach * scale)
        marks = [self._mark(g, at) for g in groups]
        if apart is not None and not bool(keep.all()):
            i = int(np.flatnonzero(~keep)[0])
            marks.append(self._mark(Group(float(self._xy[i, 0]), float(self._xy[i, 1]), (0,)), np.array([i])))
        return tuple(marks)

    def _mark(self, group: Group, at: IntArray) -> Mark:
        members = [self.cases[self._order[int(at[i])]] for i in group.members]
        members.sort(key=risk_key)
        counts: dict[str, int] = {}
        for case in members:
            # A band this version does not know is drawn as the quiet ring, and counted.
            band = case.band if case.band in BANDS else "ok"
            counts[band] = counts.get(band, 0) + 1
        bands = tuple((b, counts[b]) for b in BANDS if b in counts)
        return Mark(
            group.x, group.y, tuple(c.case_id for c in members), bands, any(c.pending for c in members)
        )

    def _refresh(self) -> None:
        if not self._stale:
            return
        ids = sorted(self.cases)
        lon = _numbers(self.cases[i].lon for i in ids)
        lat = _numbers(self.cases[i].lat for i in ids)
        good = valid_mask(lon, lat) if ids else np.empty(0, dtype=bool)
        self._order = [i for i, ok in zip(ids, good.tolist(), strict=True) if ok]
        self.unplaced = set(ids) - set(self._order)
        self._xy = project(lon[good], lat[good]) if self._order else np.empty((0, 2))
        self._owner.clear()
        self._stale = False

    def _street_of(self, areas: PreparedAreas, picker: AreaPicker) -> IntArray:
        if "street" not in self._owner:
            cell = picker.pick_many(self._xy)
            owner = np.where(cell >= 0, areas.owners["street"][np.maximum(cell, 0)], -1)
            self._owner["street"] = np.asarray(owner, dtype=np.int64)
        return self._owner["street"]


def _numbers(values: Iterable[float | None]) -> FloatArray:
    return np.array([math.nan if v is None else v for v in values], dtype=np.float64)


def risk_key(case: MapCase) -> tuple[int, int, str]:
    """Sort key: worse band first, then higher urgency, then id."""
    band = BANDS.index(case.band) if case.band in BANDS else len(BANDS)
    return (band, -case.urgency, case.case_id)


def band_counts(cases: Mapping[str, MapCase]) -> dict[str, int]:
    """How many cases each band has."""
    counts: dict[str, int] = {}
    for case in cases.values():
        counts[case.band] = counts.get(case.band, 0) + 1
    return counts
