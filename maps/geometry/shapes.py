"""Areas as they come in and as they are refused or mended: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class AreaShape:
    """One area as it comes in: WGS84 lon/lat polygon with its code, name, level and parent code."""

    code: str
    name: str
    level: str
    parent: str | None
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class RefusedArea:
    """An area that is not drawn, and why.

    Reasons: empty, not_polygon, not_a_number, out_of_range, swapped (latitude before longitude), tangled
    (its border crosses itself too often to be mended), duplicate, bad_level, no_code.
    """

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class MendedArea:
    """An area whose shape was changed so that neighbours share their edge; ``share`` of its area changed."""

    code: str
    share: float
