"""A district made ready for the map: areas, their index, and their copies for zoom steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from maps.geometry.areas import AreaShape, PreparedAreas, RefusedArea, prepare_areas
from maps.geometry.detail import COARSEST_STEP, FINEST_STEP, Detail, DetailCache
from maps.geometry.kept_district import ShelfKeeper, keep_areas, take_areas
from maps.geometry.picking import AreaPicker
from maps.geometry.shelf import Shelf, content_key

Progress = Callable[[str, float], None]
"""Called with the stage (``areas``, ``detail``) and the share done, 0 to 1; the words are the caller's."""

EVERY_STEP = range(COARSEST_STEP, FINEST_STEP - 1, -1)
"""All zoom steps, coarse to fine."""
_WINDOW = (1600.0, 900.0)
"""Pixels that a whole district is fitted into when a map is opened."""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedDistrict:
    """Areas with their index and their copies for zoom steps; may be shared by several maps of one thread."""

    areas: PreparedAreas | None
    refused: tuple[RefusedArea, ...]
    detail: DetailCache | None
    picker: AreaPicker | None

    def finish(self, step: int) -> Detail | None:
        """Make the copy of one zoom step unless it is there; for a lane. None without areas."""
        return self.detail.finish(step) if self.detail is not None else None


def opening_step(areas: PreparedAreas) -> int:
    """The zoom step at which a wide window shows all of a district."""
    west, south, east, north = areas.extent
    return DetailCache.step_of(max((east - west) / _WINDOW[0], (north - south) / _WINDOW[1], 1e-3))


def step_order(district: PreparedDistrict) -> list[int]:
    """Steps that are not finished, those near the opening one first: that is where the operator looks next."""
    if district.areas is None or district.detail is None:
        return []
    opening, finished = opening_step(district.areas), district.detail.steps
    return sorted((s for s in EVERY_STEP if s not in finished), key=lambda step: (abs(step - opening), step))


def prepare_district(
    shapes: Iterable[AreaShape],
    warm: Iterable[int] | None = EVERY_STEP,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> PreparedDistrict:
    """Make areas ready for drawing. Runs on any thread; nothing is raised for bad geometry.

    Args:
        shapes: areas of every level, WGS84.
        warm: zoom steps whose copies are made now, None for the one that shows everything; the others by
            :meth:`PreparedDistrict.finish`.
        cache: folder where prepared districts are kept between starts, None for nowhere.
        progress: told how far it is.
    """
    tell = progress or (lambda stage, share: None)
    tell("areas", 0.0)
    everything = list(shapes)
    shelf = Shelf(cache, content_key(everything)) if cache is not None else None
    found = take_areas(shelf) if shelf is not None else None
    if found is not None:
        areas, refused = found
    else:
        made, refused = prepare_areas(everything)
        if made is None:
            return PreparedDistrict(None, refused, None, None)
        areas = made
        if shelf is not None:
            keep_areas(shelf, areas, refused)
    tell("areas", 1.0)
    keeper = ShelfKeeper(shelf, len(areas.arcs.xy), len(areas.arcs)) if shelf is not None else None
    detail = DetailCache(areas, keeper)
    steps = [opening_step(areas)] if warm is None else list(warm)
    for done, step in enumerate(steps):
        tell("detail", done / len(steps))
        detail.finish(step)
    tell("detail", 1.0)
    return PreparedDistrict(areas, refused, detail, AreaPicker(areas))
