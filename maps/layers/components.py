"""The component layer (部件): public facilities by the tens of thousands, as columns.

Identity is the 标识码: 6 digits division, 2 main class, 2 class, 6 serial (GB/T 30428.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from maps.geometry.clusters import ClusterTree, step_of
from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.geometry.viewport import Bounds

CODE_DIGITS = 16
MAIN_CLASSES = ("01", "02", "03", "04", "05")
"""公用设施, 道路交通, 市容环境, 园林绿化, 其他部件."""
OTHER = 4
"""Main class of a code that names none of them."""
GOOD_STATES = frozenset({"", "完好", "正常"})
"""States in which a component is drawn as sound; every other one is struck."""

_LABELS_A_STEP = 6
"""Steps of grouping that are followed for all components at once."""

IndexArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MapComponent:
    """One component: identity, name, department in charge, maintaining unit, state, WGS84 degrees."""

    code: str
    name: str = ""
    department: str = ""
    unit: str = ""
    state: str = ""
    lon: float = float("nan")
    lat: float = float("nan")


@dataclass(frozen=True, slots=True)
class ComponentBadge:
    """Components put together at a zoom: where the badge stands, how many, and the main class most have."""

    x: float
    y: float
    count: int
    main: int


class _Grouped:
    """Groups made so far: the tree, and the badges of the last step asked for."""

    __slots__ = ("badges", "step", "tree")

    def __init__(self) -> None:
        self.tree: ClusterTree | None = None
        self.step = -1
        self.badges: tuple[FloatArray, IndexArray, npt.NDArray[np.int8]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ComponentLayer:
    """Components as parallel columns over ``n`` placed ones; words are kept once in ``words``.

    Attributes:
        codes: ``(n,)`` 标识码 as text.
        xy: ``(n, 2)`` world metres.
        main: ``(n,)`` main class, 0 to 4.
        sound: ``(n,)`` whether the state is good.
        name: ``(n,)`` index into ``words``; likewise department, unit and state.
        words: every word that occurs.
        unplaced: how many came without a usable position.
    """

    codes: npt.NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="U16"))
    xy: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    main: npt.NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    sound: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    name: IndexArray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    department: IndexArray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    unit: IndexArray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    state: IndexArray = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    words: tuple[str, ...] = ()
    unplaced: int = 0
    _grouped: _Grouped = field(default_factory=_Grouped, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    @staticmethod
    def of(components: Iterable[MapComponent]) -> ComponentLayer:
        """Take components one by one; for many, :meth:`of_columns` is quicker."""
        rows = list(components)
        return ComponentLayer.of_columns(
            [c.code for c in rows],
            [c.lon for c in rows],
            [c.lat for c in rows],
            *([getattr(c, name) for c in rows] for name in ("name", "department", "unit", "state")),
        )

    @staticmethod
    def of_columns(
        codes: Sequence[str],
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        name: Sequence[str],
        department: Sequence[str],
        unit: Sequence[str],
        state: Sequence[str],
    ) -> ComponentLayer:
        """Take columns of equal length (WGS84 degrees); those without a usable position are counted only.

        Of two with one code the later counts. Runs on any thread; about 0.2 s for 100,000.

        Raises:
            ValueError: the columns are not equally long.
        """
        n = len(codes)
        lon_a, lat_a = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if any(len(c) != n for c in (lon_a, lat_a, name, department, unit, state)):
            raise ValueError("columns of components must be equally long")
        text = np.array([str(c)[:CODE_DIGITS] for c in codes], dtype="U16")
        good = valid_mask(lon_a, lat_a) if n else np.empty(0, dtype=bool)
        last = np.zeros(n, dtype=bool)
        last[n - 1 - np.unique(text[::-1], return_index=True)[1]] = True
        keep: IndexArray = np.flatnonzero(good & last).astype(np.int32)
        book: dict[str, int] = {}
        words = [_indexed(column, keep, book) for column in (name, department, unit, state)]
        sound = np.array([w in GOOD_STATES for w in book], dtype=bool)
        return ComponentLayer(
            text[keep],
            project(lon_a[keep], lat_a[keep]) if len(keep) else np.empty((0, 2)),
            _main_classes(text[keep]),
            sound[words[3]] if len(keep) else np.empty(0, dtype=bool),
            words[0],
            words[1],
            words[2],
            words[3],
            tuple(book),
            int(np.count_nonzero(last)) - len(keep),
        )

    def row(self, i: int) -> MapComponent:
        """One component as a value; its position stays in ``xy``."""
        name, department, unit, state = (
            self.words[int(c[i])] for c in (self.name, self.department, self.unit, self.state)
        )
        return MapComponent(str(self.codes[i]), name, department, unit, state)

    def find(self, code: str) -> int:
        """Index of a 标识码, -1 if it is not here."""
        at = np.flatnonzero(self.codes == code)
        return int(at[0]) if len(at) else -1

    def in_view(self, bounds: Bounds, margin: float = 0.0) -> IndexArray:
        """Indices of the components inside a world rectangle, ``margin`` world metres wider."""
        west, south, east, north = bounds
        x, y = self.xy[:, 0], self.xy[:, 1]
        inside = (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)
        return np.flatnonzero(inside).astype(np.int32)

    def nearest(self, x: float, y: float, reach: float) -> int:
        """Index of the component nearest to a world point within ``reach`` world metres, -1 for none."""
        near = self.in_view((x, y, x, y), reach)
        if not len(near):
            return -1
        gap = np.hypot(*(self.xy[near] - (x, y)).T)
        best = int(np.argmin(gap))
        return int(near[best]) if gap[best] <= reach else -1

    def grouping(self, reach: float) -> Iterator[None]:
        """Make the groups of a reach ready in steps of a few milliseconds; nothing when they are."""
        grouped, step = self._grouped, step_of(reach)
        if grouped.step == step and grouped.badges is not None:
            return
        if grouped.tree is None:
            grouped.tree = ClusterTree(self.xy)
            yield
        yield from grouped.tree.build(step)
        for below in range(0, step, _LABELS_A_STEP):
            grouped.tree.labels(below)
            yield
        grouped.tree.labels(step)
        yield
        self.badges(reach)

    def warm(self, coarsest_m: float = 16_000.0) -> ComponentLayer:
        """Group for every zoom now; for a lane, so that the main thread finds the groups made. Returns itself."""
        if len(self):
            self._grouped.tree = self._grouped.tree or ClusterTree(self.xy)
            self._grouped.tree.step(step_of(coarsest_m))
        return self

    def badges(self, reach: float) -> tuple[FloatArray, IndexArray, npt.NDArray[np.int8]]:
        """Groups nearer than about ``reach`` world metres: places, counts and commonest main class.

        They are fixed to the world, so that panning changes none, and their counts add up to all components.
        """
        step = step_of(reach)
        grouped = self._grouped
        if grouped.step != step or grouped.badges is None:
            if grouped.tree is None:
                grouped.tree = ClusterTree(self.xy)
            labels = grouped.tree.labels(step)
            places = grouped.tree.step(step).places
            per_class = np.bincount(
                labels.astype(np.int64) * len(MAIN_CLASSES) + self.main,
                minlength=len(places) * len(MAIN_CLASSES),
            )
            table = per_class.reshape(-1, len(MAIN_CLASSES))
            grouped.step = step
            grouped.badges = (
                places,
                table.sum(axis=1).astype(np.int32),
                table.argmax(axis=1).astype(np.int8),
            )
        return grouped.badges


def _indexed(column: Sequence[str], keep: IndexArray, book: dict[str, int]) -> IndexArray:
    """Indices of words in the book, which grows by those it lacks."""
    return np.fromiter((book.setdefault(column[i], len(book)) for i in keep.tolist()), np.int32, len(keep))


def _main_classes(codes: npt.NDArray[np.str_]) -> npt.NDArray[np.int8]:
    """Digits 7 and 8 of each code as a main class; anything else is of the others."""
    out = np.full(len(codes), OTHER, dtype=np.int8)
    if len(codes):
        letters = codes.view("U1").reshape(len(codes), -1)
        for i, main in enumerate(MAIN_CLASSES):
            out[(letters[:, 6] == main[0]) & (letters[:, 7] == main[1])] = i
    return out
