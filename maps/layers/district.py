"""A district made ready for the map: areas, their index, and their copies for zoom steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from maps.geometry.areas import AreaShape, PreparedAreas, RefusedArea, prepare_areas
from maps.geometry.detail import COARSEST_STEP, FINEST_STEP, Detail, DetailCache
from maps.geometry.picking import AreaPicker

Progress = Callable[[str, float], None]
"""Called with the stage (``areas``, ``detail``) and the share done, 0 to 1; the words are the caller's."""

EVERY_STEP = range(COARSEST_STEP, FINEST_STEP - 1, -1)
"""All zoom steps, coarse to fine."""


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


def prepare_district(
    shapes: Iterable[AreaShape],
    warm: Iterable[int] = EVERY_STEP,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> PreparedDistrict:
    """Make areas ready for drawing. Runs on any thread; nothing is raised for bad geometry.

    Args:
        shapes: areas of every level, WGS84.
        warm: zoom steps whose copies are made now; the others by :meth:`PreparedDistrict.finish`.
        cache: folder where prepared districts are kept between starts, None for nowhere.
        progress: told how far it is.
    """
    tell = progress or (lambda stage, share: None)
    tell("areas", 0.0)
    areas, refused = prepare_areas(shapes)
    tell("areas", 1.0)
    if areas is None:
        return PreparedDistrict(None, refused, None, None)
    detail = DetailCache(areas)
    steps = list(warm)
    for done, step in enumerate(steps):
        tell("detail", done / len(steps))
        detail.finish(step)
    tell("detail", 1.0)
    return PreparedDistrict(areas, refused, detail, AreaPicker(areas))
