"""What lies below a pixel: mark, officer or area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maps.canvas.sprites import OFFICER_PX, SINGLE_PX
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark
from maps.layers.officers import MapOfficer
from maps.layers.state import MapState
from maps.layers.tokens import MapTokens

HIT_PX = 12.0
"""Half of the least hit area of 24 px."""


def marks_at(marks: Sequence[Mark], view: Viewport, tokens: MapTokens, px: float, py: float) -> list[Mark]:
    """All marks whose symbols are below a pixel, the nearest first."""
    found: list[tuple[float, int]] = []
    for i, mark in enumerate(marks):
        sx, sy = view.to_screen((mark.x, mark.y))
        size = SINGLE_PX / 2 if mark.count == 1 else tokens.cluster_radius(mark.count)
        distance = float(np.hypot(sx - px, sy - py))
        if distance <= max(size, HIT_PX):
            found.append((distance, i))
    return [marks[i] for _, i in sorted(found)]


def officer_at(state: MapState, view: Viewport, px: float, py: float) -> MapOfficer | None:
    """The officer whose symbol is below a pixel."""
    for officer, point in zip(state.officers.officers, state.officers.points, strict=True):
        sx, sy = view.to_screen(point)
        if np.hypot(sx - px, sy - py) <= max(OFFICER_PX / 2, HIT_PX):
            return officer
    return None


def area_at(state: MapState, view: Viewport, px: float, py: float) -> str:
    """Code of the finest cell below a pixel, empty outside."""
    x, y = view.to_world((px, py))
    return state.area_at(float(x), float(y))
