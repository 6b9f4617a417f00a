"""The ground in panes: rectangles of device pixels, fixed to the world at one scale.

A pan at the same scale keeps the panes and draws those that come into view; another scale has panes of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maps.canvas.id_raster import IdArray, PixelFrame
from maps.canvas.pixels import OPAQUE, PixelSheet
from maps.geometry.viewport import Viewport

PaneKey = tuple[int, int]
"""Column and row of a pane; ``(0, 0)`` has its corner where the first view had its own."""
PANE_PX = 512
"""Panes are about this wide and high, so that whole ones fill the view they were made for."""
NEVER = -1
"""Revision of a part that has not been drawn yet."""


@dataclass(frozen=True, slots=True)
class PaneGrid:
    """Where the panes of one scale lie.

    Attributes:
        west: left edge of pane ``(0, 0)``, world metres.
        north: top edge of pane ``(0, 0)``, world metres.
        scale: world metres a logical pixel.
        ratio: device pixels a logical pixel.
        width: device pixels of a pane.
        height: device pixels of a pane.
        cy: northing of the first view: widths in metres are those of one latitude in all panes.
    """

    west: float
    north: float
    scale: float
    ratio: float
    width: int
    height: int
    cy: float

    @staticmethod
    def for_view(view: Viewport, ratio: float) -> PaneGrid:
        """Lay panes so that whole ones just fill the view.

        Pixels are fixed to the world at each scale, not to the first view: the same place looks the same
        whichever way one came.
        """
        pixel = view.scale / ratio
        west, _, _, north = view.bounds
        return PaneGrid(
            round(west / pixel) * pixel,
            round(north / pixel) * pixel,
            view.scale,
            ratio,
            _side(view.width * ratio),
            _side(view.height * ratio),
            view.cy,
        )

    @property
    def pixel(self) -> float:
        """World metres a device pixel."""
        return self.scale / self.ratio

    def fits(self, view: Viewport, ratio: float) -> bool:
        """Tell whether the panes may be copied into a view as they are."""
        return abs(view.scale / self.scale - 1) < 1e-9 and ratio == self.ratio

    def corner(self, view: Viewport) -> tuple[int, int]:
        """Where pane ``(0, 0)`` begins in a view of the same scale, whole device pixels."""
        west, _, _, north = view.bounds
        return round((self.west - west) / self.pixel), round((north - self.north) / self.pixel)

    def keys(self, view: Viewport) -> list[PaneKey]:
        """Panes that a view of the same scale shows, the middle first."""
        left, top = self.corner(view)
        c0 = math.floor(-left / self.width)
        c1 = math.ceil((math.ceil(view.width * self.ratio - 1e-6) - left) / self.width)
        r0 = math.floor(-top / self.height)
        r1 = math.ceil((math.ceil(view.height * self.ratio - 1e-6) - top) / self.height)
        mx, my = (c0 + c1 - 1) / 2, (r0 + r1 - 1) / 2
        found = [(c, r) for r in range(r0, r1) for c in range(c0, c1)]
        return sorted(found, key=lambda k: (k[0] - mx) ** 2 + (k[1] - my) ** 2)

    def frame(self, key: PaneKey) -> PixelFrame:
        """The pixels of a pane."""
        return PixelFrame(
            self.west + key[0] * self.width * self.pixel,
            self.north - key[1] * self.height * self.pixel,
            self.pixel,
            self.width,
            self.height,
        )

    def view(self, key: PaneKey) -> Viewport:
        """What a pane shows, as a view in logical pixels."""
        west, south, east, north = self.frame(key).bounds
        width, height = self.width / self.ratio, self.height / self.ratio
        return Viewport((west + east) / 2, (south + north) / 2, self.scale, width, height)


def _side(pixels: float) -> int:
    """Side of a pane: the length in as many equal parts as come nearest to :data:`PANE_PX`."""
    whole = max(math.ceil(pixels - 1e-6), 1)
    return math.ceil(whole / max(round(whole / PANE_PX), 1))


class Pane:
    """One pane: what was drawn for it, and from which revision of the world.

    Attributes:
        frame: its pixels in the world.
        view: the same as a view in logical pixels.
        ids: number of the cell at each pixel (index + 1, 0 outside); None before it is drawn.
        cells: indices of the cells whose box meets the pane, ascending.
        under: tiles and areas outside; None where there is only the plain ground.
        over: water, roads, features, borders; None where there is nothing.
        top: all cases as dots or heat; None where there is nothing.
        ground: all of it together, as it is shown.
        ids_rev: revision of the geometry the ids were drawn from; likewise for the other parts.
    """

    __slots__ = (
        "cells",
        "frame",
        "ground",
        "ground_rev",
        "ids",
        "ids_rev",
        "over",
        "over_rev",
        "top",
        "top_rev",
        "under",
        "under_rev",
        "view",
    )

    def __init__(self, frame: PixelFrame, view: Viewport) -> None:
        self.frame = frame
        self.view = view
        self.ids: IdArray | None = None
        self.cells: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.under: PixelSheet | None = None
        self.over: PixelSheet | None = None
        self.top: PixelSheet | None = None
        self.ground = PixelSheet(frame.width, frame.height, OPAQUE)
        self.ids_rev = self.under_rev = self.over_rev = self.top_rev = self.ground_rev = NEVER

    @property
    def shown(self) -> bool:
        """Something whole has been drawn, if perhaps an older state."""
        return self.ground_rev != NEVER

    @property
    def nbytes(self) -> int:
        """Memory of its pictures."""
        sheets = (self.under, self.over, self.top, self.ground)
        return sum(s.nbytes for s in sheets if s is not None) + (0 if self.ids is None else self.ids.nbytes)

    def keep_picture_only(self) -> None:
        """Give back everything but what is shown."""
        self.ids = self.under = self.over = self.top = None
        self.ids_rev = self.under_rev = self.over_rev = self.top_rev = NEVER
