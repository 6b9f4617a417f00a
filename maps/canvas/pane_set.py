"""The panes of one scale, kept as long as they are near what is looked at."""

from __future__ import annotations

import math

from maps.canvas.pane_painter import GroundPlan
from maps.canvas.panes import Pane, PaneGrid, PaneKey

KEPT = 1.6
"""Panes are given back, the farthest first, when there are this many times those in view."""


class PaneSet:
    """The panes of one scale."""

    def __init__(self, grid: PaneGrid) -> None:
        self.grid = grid
        self.panes: dict[PaneKey, Pane] = {}

    def pane(self, key: PaneKey) -> Pane:
        """The pane of a key, a new one when it is not there."""
        found = self.panes.get(key)
        if found is None:
            found = self.panes[key] = Pane(self.grid.frame(key), self.grid.view(key))
        return found

    def whole(self, keys: list[PaneKey], plan: GroundPlan) -> bool:
        """Tell whether all these panes show the plan."""
        return all(k in self.panes and plan.current(self.panes[k]) for k in keys)

    def trim(self, keys: list[PaneKey]) -> None:
        """Give back the panes farthest from those wanted."""
        most = max(math.ceil(len(keys) * KEPT), len(keys) + 4)
        if len(self.panes) <= most:
            return
        mx = sum(k[0] for k in keys) / len(keys)
        my = sum(k[1] for k in keys) / len(keys)
        far = sorted(self.panes, key=lambda k: (k[0] - mx) ** 2 + (k[1] - my) ** 2)
        for key in far[most:]:
            del self.panes[key]
