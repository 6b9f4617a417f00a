"""People of the demo district who walk: where each of them is at any moment, along the streets of their community.

A place is a pure function of the person and the moment, so that several processes of a centre write the same
points, and a centre that stood still for a while can fill in what was missed. Now and then somebody is out of
reach for a while (失联), as in life. Nothing of this runs in a real centre: only a demo keeps ways.
"""

from __future__ import annotations

import json
import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, select

from services.backend.db.field_tables import last_positions
from services.backend.db.packing import compact
from services.backend.demo.geometry import District
from services.backend.demo.roster import Person
from services.backend.field.judging import Fix
from services.backend.field.positions import move_last, store
from services.geo.coords import metres_per_degree
from services.sql.engine import glancing, writing
from services.sql.types import to_ms

Floats = NDArray[np.float64]

#: a walk is a stretch of so many metres, there and back again
_WALK_M = 4_000.0
#: people who walk; beyond it a demo has enough of them to see
MOST_WALKERS = 600
#: seconds between two places while the centre runs, in a track that is kept, and in one that is filled in
LIVE_S, KEPT_S, FILLED_S = 20, 60, 90
#: how far back a track is filled in: the shift of today
SHIFT = timedelta(hours=9)
#: somebody walks so long of every block of time and stands for the rest (talks, takes photographs)
_BLOCK_S, _WALKING = 600, 0.7
#: stretches in which somebody may be out of reach, and one in how many is
_QUIET_S, _QUIET_ONE_IN = 2_700, 12


@dataclass(frozen=True, slots=True)
class Walker:
    """One person: which way, how quick (m/s), and how far along at the beginning of time (m)."""

    user: str
    way: int
    speed: float
    phase: float


@dataclass(frozen=True)
class Patrol:
    """All who walk, and their ways as (n, 2) arrays of WGS84 lon/lat."""

    walkers: tuple[Walker, ...]
    ways: tuple[Floats, ...]
    lengths: tuple[Floats, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Measure the ways: metres from their beginning at each corner."""
        object.__setattr__(self, "lengths", tuple(_along(way) for way in self.ways))

    # --- keeping ------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return the patrol as text, for the database."""
        walkers = [[w.user, w.way, w.speed, w.phase] for w in self.walkers]
        return compact({"walkers": walkers, "ways": [way.tolist() for way in self.ways]})

    @staticmethod
    def read(text: str) -> Patrol:
        """Return the patrol a text stands for."""
        doc: dict[str, Any] = json.loads(text)
        ways = tuple(np.asarray(way, dtype=np.float64) for way in doc["ways"])
        return Patrol(tuple(Walker(*entry) for entry in doc["walkers"]), ways)

    # --- walking ------------------------------------------------------------------------------------

    def places(self, walker: Walker, seconds: NDArray[np.int64]) -> Floats:
        """Return where somebody is at moments (whole seconds since 1970): (n, 2) lon/lat."""
        blocks, into = np.divmod(seconds.astype(np.float64), _BLOCK_S)
        walked = walker.speed * (blocks * _BLOCK_S * _WALKING + np.minimum(into, _BLOCK_S * _WALKING))
        metres = self.lengths[walker.way]
        total = max(float(metres[-1]), 1.0)
        # there and back: a saw tooth over twice the way
        along = total - np.abs(np.mod(walked + walker.phase, 2.0 * total) - total)
        way = self.ways[walker.way]
        return np.column_stack([np.interp(along, metres, way[:, axis]) for axis in (0, 1)])

    def fixes(self, walker: Walker, seconds: NDArray[np.int64]) -> list[Fix]:
        """Return the points somebody sends at these moments; none while out of reach."""
        heard = seconds[~quiet(walker.user, seconds)]
        if not heard.size:
            return []
        xy = self.places(walker, heard).round(6)
        return [
            Fix(int(at) * 1000, float(lon), float(lat), 5.0 + float(at // 60 % 4) * 3.0)
            for at, (lon, lat) in zip(heard, xy, strict=True)
        ]

    def fill(self, conn: Connection, now: datetime) -> int:
        """Write the tracks up to `now` from where they end, at most one shift; returns how many points."""
        end = to_ms(now) // 1000
        earliest = end - int(SHIFT.total_seconds())
        ends = {row.user_id: row.at // 1000 for row in conn.execute(select(last_positions)).all()}
        found: dict[str, list[Fix]] = {}
        for walker in self.walkers:
            start = max(earliest, ends.get(walker.user, 0) + 1)
            found[walker.user] = self.fixes(walker, _steps(start, end, FILLED_S))
        store(conn, found)
        return sum(map(len, found.values()))

    def advance(self, engine: Engine, now: datetime) -> int:
        """Write where everybody is at the last whole step; every process writes the same. Returns how many.

        Tracks keep a point a minute; in between only the last position moves.
        """
        second = to_ms(now) // 1000 // LIVE_S * LIVE_S
        at = np.array([second], dtype=np.int64)
        found = {walker.user: self.fixes(walker, at) for walker in self.walkers}
        if self._behind(engine, second):
            with writing(engine) as conn:
                return self.fill(conn, now)
        with writing(engine) as conn:
            if second % KEPT_S == 0:
                store(conn, found)
            else:
                move_last(conn, found)
        return sum(map(len, found.values()))

    def _behind(self, engine: Engine, second: int) -> bool:
        """Tell whether the centre stood still: nobody was heard of for several minutes."""
        with glancing(engine) as conn:
            newest = conn.execute(
                select(last_positions.c.at).order_by(last_positions.c.at.desc()).limit(1)
            ).scalar()
        return newest is None or second - newest // 1000 > 5 * KEPT_S


def quiet(user: str, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell at which moments somebody is out of reach; the same for everybody who asks."""
    blocks = seconds // _QUIET_S
    mark = zlib.crc32(user.encode())
    draws = {int(b): zlib.crc32(f"{mark}-{b}".encode()) % _QUIET_ONE_IN == 0 for b in np.unique(blocks)}
    return np.array([draws[int(b)] for b in blocks], dtype=np.bool_)


def _steps(start: int, end: int, every: int) -> NDArray[np.int64]:
    """Return the moments from `start` to `end`, whole multiples of a step (equal in every process)."""
    first = -(-start // every) * every
    return np.arange(first, end + 1, every, dtype=np.int64)


def _along(way: Floats) -> Floats:
    """Return metres from the beginning of a way at each of its corners."""
    scale = np.array(metres_per_degree(float(way[:, 1].mean())))
    steps = np.hypot(*(np.diff(way, axis=0) * scale).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def make_patrol(district: District, people: Sequence[Person], seed: int) -> Patrol:
    """Let people walk the streets of their community; at most `MOST_WALKERS` of them."""
    words = random.Random(f"patrol-{seed}")
    roads = np.array([shapely.linestrings(np.array(road.coords)) for road in district.roads], dtype=object)
    tree = shapely.STRtree(roads)
    ways: list[Floats] = []
    number: dict[str, int] = {}
    walkers = []
    for person in people[:MOST_WALKERS]:
        if person.area_code not in number:
            number[person.area_code] = len(ways)
            ways.append(_way(district, person.area_code, roads, tree, words))
        speed = round(words.uniform(0.9, 1.6), 2)
        walkers.append(
            Walker(person.id, number[person.area_code], speed, round(words.uniform(0, _WALK_M), 1))
        )
    return Patrol(tuple(walkers), tuple(ways))


def _way(
    district: District, code: str, roads: NDArray[np.object_], tree: shapely.STRtree, words: random.Random
) -> Floats:
    """Return a walk along the streets inside an area; between two of its places where it has no street."""
    polygon = district.by_code[code].geometry
    near = roads[tree.query(polygon, "intersects")]
    inside = shapely.intersection(near, polygon)
    pieces = shapely.get_parts(shapely.union_all(inside)) if len(inside) else np.zeros(0, dtype=object)
    edges = [shapely.get_coordinates(p) for p in pieces if p.geom_type == "LineString" and p.length > 0]
    found = _walk(edges, words) if edges else np.zeros((0, 2))
    if len(found) < 2:
        found = np.array([district.random_point(code, words) for _ in range(2)])
    # a way is measured by the billion metres since 1970: a digit lost in the database would be another place
    return found.round(6)


def _walk(edges: Sequence[Floats], words: random.Random) -> Floats:
    """Return a walk along edges that meet at their ends: new streets first, never at once back, `_WALK_M` long."""
    at: dict[tuple[float, float], list[tuple[int, bool]]] = defaultdict(list)
    for n, edge in enumerate(edges):
        at[_corner(edge[0])].append((n, True))
        at[_corner(edge[-1])].append((n, False))
    lengths = [float(_along(edge)[-1]) for edge in edges]
    # begin in the busiest corner, which lies in the largest net of streets more often than not
    here = max(sorted(at), key=lambda corner: len(at[corner]))
    walked: list[Floats] = []
    seen: dict[int, int] = defaultdict(int)
    last, metres = -1, 0.0
    while metres < _WALK_M and len(walked) < 400:
        options = [entry for entry in at[here] if entry[0] != last] or at[here]
        fewest = min(seen[n] for n, _ in options)
        n, forward = words.choice([entry for entry in options if seen[entry[0]] == fewest])
        edge = edges[n] if forward else edges[n][::-1]
        walked.append(edge if not walked else edge[1:])
        metres += lengths[n]
        seen[n] += 1
        last, here = n, _corner(edge[-1])
    return np.concatenate(walked)


def _corner(xy: Floats) -> tuple[float, float]:
    """Return the name of a corner: its place to a tenth of a metre."""
    return round(float(xy[0]), 6), round(float(xy[1]), 6)
