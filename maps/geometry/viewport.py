"""The part of the world that is on screen: an immutable value; every move gives a new one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray, MapDataError, true_scale

Bounds = tuple[float, float, float, float]
"""west, south, east, north in world metres."""

MIN_SCALE = 0.05
"""Finest world metres a pixel; a doorstep fills the screen."""
MAX_SCALE = 40_000.0
"""Coarsest world metres a pixel; a province fits."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """Centre (world metres), scale (world metres per logical pixel) and size (logical pixels).

    Screen y grows downwards, world y grows to the north.
    """

    cx: float
    cy: float
    scale: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Refuse a view that no arithmetic survives."""
        values = (self.cx, self.cy, self.scale, self.width, self.height)
        if not all(math.isfinite(v) for v in values):
            raise MapDataError("viewport is not finite")
        if self.scale <= 0 or self.width <= 0 or self.height <= 0:
            raise MapDataError("viewport has no extent")

    @staticmethod
    def fit(bounds: Bounds, width: float, height: float, padding: float = 24.0) -> Viewport:
        """Show all of ``bounds`` in the middle with ``padding`` pixels around, as large as possible."""
        west, south, east, north = bounds
        room_x = max(width - 2 * padding, 1.0)
        room_y = max(height - 2 * padding, 1.0)
        scale = max((east - west) / room_x, (north - south) / room_y)
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        return Viewport((west + east) / 2, (south + north) / 2, scale, width, height)

    @property
    def metres_per_pixel(self) -> float:
        """True metres a logical pixel at the latitude of the centre."""
        return self.scale * true_scale(self.cy)

    @property
    def bounds(self) -> Bounds:
        """World rectangle on screen."""
        half_w = self.width * self.scale / 2
        half_h = self.height * self.scale / 2
        return (self.cx - half_w, self.cy - half_h, self.cx + half_w, self.cy + half_h)

    def to_screen(self, xy: npt.ArrayLike) -> FloatArray:
        """World metres ``(..., 2)`` to logical pixels ``(..., 2)``."""
        pts = np.asarray(xy, dtype=np.float64)
        out = np.empty_like(pts)
        out[..., 0] = (pts[..., 0] - self.cx) / self.scale + self.width / 2
        out[..., 1] = (self.cy - pts[..., 1]) / self.scale + self.height / 2
        return out

    def to_world(self, xy: npt.ArrayLike) -> FloatArray:
        """Logical pixels ``(..., 2)`` to world metres ``(..., 2)``."""
        pts = np.asarray(xy, dtype=np.float64)
        out = np.empty_like(pts)
        out[..., 0] = self.cx + (pts[..., 0] - self.width / 2) * self.scale
        out[..., 1] = self.cy - (pts[..., 1] - self.height / 2) * self.scale
        return out

    def panned(self, dx: float, dy: float) -> Viewport:
        """Move the picture by ``dx``, ``dy`` pixels, as a hand drags paper."""
        return replace(self, cx=self.cx - dx * self.scale, cy=self.cy + dy * self.scale)

    def zoomed_at(self, factor: float, px: float, py: float, coarsest: float = MAX_SCALE) -> Viewport:
        """Enlarge by ``factor`` (> 1 nearer); the world point below pixel ``px, py`` stays there.

        The scale stops at its limits, the outer one being ``coarsest`` world metres a pixel; the point below the
        cursor stays in any case.
        """
        if not (math.isfinite(factor) and factor > 0):
            raise MapDataError("zoom factor must be a positive number")
        # A subnormal factor makes the scale infinite, which the limit cuts.
        scale = min(max(self.scale / factor, MIN_SCALE), max(min(coarsest, MAX_SCALE), MIN_SCALE))
        fx = px - self.width / 2
        fy = py - self.height / 2
        return replace(
            self, cx=self.cx + fx * (self.scale - scale), cy=self.cy - fy * (self.scale - scale), scale=scale
        )

    def centred_on(self, x: float, y: float) -> Viewport:
        """Same scale, other centre (world metres)."""
        return replace(self, cx=x, cy=y)

    def resized(self, width: float, height: float) -> Viewport:
        """Same centre and scale in a window of another size."""
        return replace(self, width=width, height=height)

    def clamped(self, extent: Bounds, coarsest: float | None = None) -> Viewport:
        """Keep the centre inside ``extent`` and the scale at most ``coarsest``, so the map is never lost."""
        west, south, east, north = extent
        scale = self.scale if coarsest is None else min(self.scale, max(coarsest, MIN_SCALE))
        return replace(
            self, cx=min(max(self.cx, west), east), cy=min(max(self.cy, south), north), scale=scale
        )

    def contains(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Tell whether a world point is on screen, at least ``margin`` pixels from the edge."""
        px, py = self.to_screen((x, y))
        return bool(margin <= px <= self.width - margin and margin <= py <= self.height - margin)

    def between(self, other: Viewport, t: float) -> Viewport:
        """The view at part ``t`` (0 to 1) of a movement to ``other``; scale moves geometrically.

        The centre follows the scale so that a zoom about a fixed point keeps that point fixed all the way.
        """
        ratio = other.scale / self.scale
        scale = self.scale * ratio**t
        part = t if abs(ratio - 1) < 1e-9 else (self.scale - scale) / (self.scale - other.scale)
        return replace(
            self,
            cx=self.cx + (other.cx - self.cx) * part,
            cy=self.cy + (other.cy - self.cy) * part,
            scale=scale,
        )
