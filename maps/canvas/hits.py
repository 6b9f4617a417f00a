"""What lies below a pixel: mark or area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maps.canvas.layout import SceneLayout
from maps.canvas.sprites import SINGLE_PX
from maps.geometry.viewport import Viewport
from maps.layers.cases import Mark
from maps.layers.marks import Marks
from maps.layers.state import MapState
from maps.layers.tokens import MapTokens

HIT_PX = 12.0
"""Half of the least hit area of 24 px."""
DOT_PX = 6.0
"""So far from the pointer a dot is still meant."""


def marks_at(marks: Sequence[Mark], view: Viewport, tokens: MapTokens, px: float, py: float) -> list[Mark]:
    """All marks whose symbols are below a pixel, the nearest first."""
    if isinstance(marks, Marks):
        places, counts = np.column_stack([marks.x, marks.y]), marks.counts
    else:
        places = np.array([(mark.x, mark.y) for mark in marks]).reshape(-1, 2)
        counts = np.array([mark.count for mark in marks], dtype=np.int32)
    if len(places) == 0:
        return []
    away = np.hypot(*(view.to_screen(places) - (px, py)).T)
    size = np.where(counts == 1, SINGLE_PX / 2, tokens.cluster_radii_of(counts))
    below = np.flatnonzero(away <= np.maximum(size, HIT_PX))
    return [marks[i] for i in below[np.argsort(away[below], kind="stable")].tolist()]


def cases_at(
    state: MapState, layout: SceneLayout, view: Viewport, tokens: MapTokens, px: float, py: float
) -> list[Mark]:
    """The marks of cases below a pixel, the nearest first; where every case is a dot, one mark of those there.

    None whose case has gone since they were laid out.
    """
    found = marks_at(layout.marks, view, tokens, px, py)
    if state.shows_dots and not found:
        x, y = view.to_world((px, py)).tolist()
        found = list(state.cases.mark_around(x, y, DOT_PX * view.scale))
    return [mark for mark in found if state.cases.present(mark)]


def area_at(state: MapState, view: Viewport, px: float, py: float) -> str:
    """Code of the finest cell below a pixel, empty outside."""
    x, y = view.to_world((px, py))
    return state.area_at(float(x), float(y))
