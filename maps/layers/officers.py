"""The officer layer: where grid workers (网格员) were last heard of, and how long ago."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from maps.geometry.clusters import ClusterTree, step_of
from maps.geometry.mercator import FloatArray, project, true_distance, valid_mask

LOST_AFTER_S = 600.0
"""An officer not heard of for ten minutes is drawn struck and grey."""

APART_PX = 18.0
"""Discs nearer than this on screen would hide one another."""


@dataclass(frozen=True, slots=True)
class MapOfficer:
    """One grid worker with a last position.

    Attributes:
        officer_id: identity.
        name: full name.
        lon: WGS84 longitude, degrees.
        lat: WGS84 latitude, degrees.
        busy: has a task in hand.
        lost: not heard of for ten minutes.
        seen: time of the last report, in words (14:07).
        area_name: grid he or she is responsible for.
        seen_at: moment of the last report, epoch seconds; None where only the words are known.
    """

    officer_id: str
    name: str
    lon: float
    lat: float
    busy: bool = False
    lost: bool = False
    seen: str = ""
    area_name: str = ""
    seen_at: float | None = None


@dataclass(frozen=True, slots=True)
class OfficerGroup:
    """Officers that would hide one another at a scale: where the disc stands and who they are (indices)."""

    x: float
    y: float
    members: tuple[int, ...]


class _Trees:
    """The cluster tree of one set of positions, made when first asked for."""

    __slots__ = ("groups", "tree")

    def __init__(self) -> None:
        self.tree: ClusterTree | None = None
        self.groups: tuple[float, tuple[OfficerGroup, ...]] = (-1.0, ())


@dataclass(frozen=True, slots=True)
class OfficerLayer:
    """Officers with usable positions, ordered by id, and their world points.

    Attributes:
        officers: ordered by id.
        points: world metres of each.
        now: moment the picture shows, epoch seconds; None where ages are not reckoned.
    """

    officers: tuple[MapOfficer, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    now: float | None = None
    _trees: _Trees = field(default_factory=_Trees, compare=False, repr=False)

    @staticmethod
    def of(officers: Iterable[MapOfficer], now: float | None = None) -> OfficerLayer:
        """Take the officers that have a usable position; the others cannot be drawn."""
        everyone = sorted(officers, key=lambda o: o.officer_id)
        lon = np.array([o.lon for o in everyone], dtype=np.float64)
        lat = np.array([o.lat for o in everyone], dtype=np.float64)
        good = np.flatnonzero(valid_mask(lon, lat))
        usable = [everyone[i] for i in good.tolist()]
        points = tuple((x, y) for x, y in project(lon[good], lat[good]).tolist())
        return OfficerLayer(tuple(usable), points, now)

    def at(self, now: float) -> OfficerLayer:
        """The same positions seen at a later moment."""
        return OfficerLayer(self.officers, self.points, now, self._trees)

    def age(self, i: int) -> float | None:
        """Seconds since the last report of an officer, None where it is not known."""
        seen = self.officers[i].seen_at
        if self.now is None or seen is None or not math.isfinite(seen):
            return None
        return max(self.now - seen, 0.0)

    def lost(self, i: int) -> bool:
        """Tell whether an officer has not been heard of for ten minutes."""
        age = self.age(i)
        return self.officers[i].lost if age is None else age > LOST_AFTER_S

    def lost_ones(self) -> frozenset[int]:
        """Indices of all who are lost."""
        return frozenset(i for i in range(len(self.officers)) if self.lost(i))

    def groups(self, reach: float) -> tuple[OfficerGroup, ...]:
        """Group officers nearer than about ``reach`` world metres; a group of one is the officer alone.

        Groups are fixed to the world: panning changes none. Their members add up to all officers.
        """
        kept, made = self._trees.groups
        if kept == reach and made:
            return made
        if not self.officers:
            return ()
        if self._trees.tree is None:
            self._trees.tree = ClusterTree(np.array(self.points, dtype=np.float64))
        at = step_of(reach)
        labels = self._trees.tree.labels(at)
        places: FloatArray = self._trees.tree.step(at).places
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        out = []
        for members in np.split(order, cuts):
            mine = tuple(int(i) for i in members)
            x, y = self.points[mine[0]] if len(mine) == 1 else places[labels[mine[0]]].tolist()
            out.append(OfficerGroup(float(x), float(y), mine))
        self._trees.groups = (reach, tuple(out))
        return self._trees.groups[1]

    def nearest(self, x: float, y: float) -> tuple[int, float] | None:
        """Index and true metres of the nearest officer who is in contact; None if there is none."""
        best: tuple[int, float] | None = None
        for i, point in enumerate(self.points):
            if self.lost(i):
                continue
            distance = true_distance((x, y), point)
            if best is None or distance < best[1]:
                best = (i, distance)
        return best
