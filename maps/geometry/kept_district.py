"""A prepared district as files on a shelf and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from maps.geometry.arcs import ArcTable, BoolArray
from maps.geometry.areas import AreaLevel, PreparedAreas
from maps.geometry.borders import BorderChains
from maps.geometry.detail import COARSEST_STEP, FINEST_STEP, StepPlan
from maps.geometry.shapes import MendedArea, RefusedArea
from maps.geometry.shelf import (
    Shelf,
    packed,
    packed_mask,
    packed_shapes,
    unpacked,
    unpacked_mask,
    unpacked_shapes,
)

AREAS, PLAN = "areas", "plan"
_ARC_FIELDS = tuple(ArcTable.__dataclass_fields__)
_WRONG = (KeyError, ValueError, IndexError, TypeError, shapely.errors.ShapelyError)
"""What taking the arrays of a file apart may raise when they are not what they should be."""

Arrays = dict[str, np.ndarray[Any, Any]]
Found = tuple[PreparedAreas, tuple[RefusedArea, ...]]


def keep_areas(shelf: Shelf, areas: PreparedAreas, refused: tuple[RefusedArea, ...]) -> None:
    """Put the areas of a district on its shelf."""
    facts: dict[str, Any] = {
        "finest": areas.finest,
        "exact": areas.valid_coverage,
        "refused": [(r.code, r.reason) for r in refused],
        "mended": [(m.code, m.share) for m in areas.mended],
        "levels": {name: {"codes": lv.codes, "names": lv.names} for name, lv in areas.levels.items()},
    }
    arrays: Arrays = {"facts": packed(facts)}
    arrays |= {f"arc_{name}": getattr(areas.arcs, name) for name in _ARC_FIELDS}
    for name, level in areas.levels.items():
        made = {
            "parents": level.parents,
            "bounds": level.bounds,
            "anchors": level.anchors,
            "radii": level.radii,
            "owner": areas.owners[name],
        }
        if name != areas.finest:  # the cells are made of the arcs
            made |= packed_shapes(level.geometry)
        arrays |= {f"{name}_{what}": array for what, array in made.items()}
    shelf.put(AREAS, arrays)


def take_areas(shelf: Shelf) -> Found | None:
    """Return the areas of a district as they were kept, None when they were not or the file is of no use."""
    arrays = shelf.take(AREAS)
    if arrays is None:
        return None
    try:
        return _areas(dict(arrays))
    except _WRONG:
        shelf.drop(AREAS)
        return None


def _areas(arrays: Arrays) -> Found:
    facts = unpacked(arrays["facts"])
    arcs = ArcTable(*[arrays[f"arc_{name}"] for name in _ARC_FIELDS])
    levels, owners = {}, {}
    for name, words in facts["levels"].items():
        codes = tuple(words["codes"])
        if name == facts["finest"]:
            geometry = arcs.whole(np.ones(len(arcs.xy), dtype=bool)).polygons(len(codes))
        else:
            geometry = unpacked_shapes(arrays[f"{name}_wkb"], arrays[f"{name}_wkb_stop"])
        if len(geometry) != len(codes):
            raise ValueError("shapes and codes do not fit")
        levels[name] = AreaLevel(
            level=name,
            codes=codes,
            names=tuple(words["names"]),
            parents=arrays[f"{name}_parents"],
            geometry=geometry,
            bounds=arrays[f"{name}_bounds"],
            anchors=arrays[f"{name}_anchors"],
            radii=arrays[f"{name}_radii"],
            index={code: i for i, code in enumerate(codes)},
        )
        owners[name] = arrays[f"{name}_owner"]
    mended = tuple(MendedArea(code, share) for code, share in facts["mended"])
    refused = tuple(RefusedArea(code, reason) for code, reason in facts["refused"])
    return PreparedAreas(levels, facts["finest"], owners, bool(facts["exact"]), arcs, mended), refused


class ShelfKeeper:
    """Keeps the zoom steps of a district on its shelf (see `StepKeeper`)."""

    def __init__(self, shelf: Shelf, points: int, arcs: int) -> None:
        """Take the shelf, and how many points and arcs the district has: kept files must fit them."""
        self._shelf = shelf
        self._points = points
        self._arcs = arcs

    def plan(self) -> StepPlan | None:
        """Return the plan of the steps, None when it was not kept."""
        arrays = self._shelf.take(PLAN)
        if arrays is None:
            return None
        try:
            chains = BorderChains(arrays["piece"], arrays["begin"], arrays["end"], arrays["rank"])
            leaders = tuple(int(step) for step in arrays["leaders"].tolist())
            self._check(chains, leaders)
        except _WRONG:
            self._shelf.drop(PLAN)
            return None
        return StepPlan(chains, leaders)

    def _check(self, chains: BorderChains, leaders: tuple[int, ...]) -> None:
        """Raise ValueError when a plan is not one of this district."""
        arcs = np.sort(np.where(chains.piece < 0, ~chains.piece, chains.piece))
        steps = range(FINEST_STEP, COARSEST_STEP + 1)
        if (
            not np.array_equal(arcs, np.arange(self._arcs))
            or len(leaders) != len(steps)
            or any(leader not in steps or leader > step for leader, step in zip(leaders, steps, strict=True))
        ):
            raise ValueError("plan and district do not fit")

    def keep_plan(self, plan: StepPlan) -> None:
        """Put the plan on the shelf."""
        chains = plan.chains
        arrays: Arrays = {
            "piece": chains.piece,
            "begin": chains.begin,
            "end": chains.end,
            "rank": chains.rank,
        }
        self._shelf.put(PLAN, {**arrays, "leaders": np.array(plan.leaders, dtype=np.int64)})

    def kept(self, step: int) -> BoolArray | None:
        """Return the points a step keeps, None when they were not kept."""
        kind = f"step{step}"
        arrays = self._shelf.take(kind)
        if arrays is None:
            return None
        try:
            mask = unpacked_mask(arrays)
            if len(mask) != self._points:
                raise ValueError("step and district do not fit")
        except _WRONG:
            self._shelf.drop(kind)
            return None
        return mask

    def keep(self, step: int, kept: BoolArray) -> None:
        """Put the points of a step on the shelf."""
        self._shelf.put(f"step{step}", packed_mask(kept))
