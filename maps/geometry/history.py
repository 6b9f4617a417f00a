"""The views the operator came from: back and forward, bounded; a burst of small moves counts as one."""

from __future__ import annotations

from dataclasses import dataclass

from maps.geometry.viewport import Bounds, Viewport

BURST_S = 0.8
"""Moves of one kind that follow each other within this many seconds are one move."""
LIMIT = 64
"""So many views are kept in each direction; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What a move belongs to.

    Attributes:
        kind: sort of a quick step (wheel, keys); steps of one kind within :data:`BURST_S` are one move.
        gesture: number of a drag or a pinch, which is one move however long it lasts; 0 for none.
    """

    kind: str
    gesture: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A view that was left; `fitted` is what was fitted into it, None for a view moved by hand."""

    view: Viewport
    fitted: Bounds | None = None

    def in_window(self, width: float, height: float) -> Viewport:
        """The same view in a window of this size: a fitted one is fitted again."""
        if (width, height) == (self.view.width, self.view.height):
            return self.view
        if self.fitted is not None:
            return Viewport.fit(self.fitted, width, height)
        return self.view.resized(width, height)

    def same_place(self, other: Stop) -> bool:
        """Tell whether both show the same place at the same scale."""
        mine, its = self.view, other.view
        return (mine.cx, mine.cy, mine.scale) == (its.cx, its.cy, its.scale)


class ViewHistory:
    """Two stacks of stops. It moves nothing itself: it is told what was left, and says where to go."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._past: list[Stop] = []
        self._future: list[Stop] = []
        self._motion: Motion | None = None
        self._noted_at = 0.0

    def note(self, left: Stop, motion: Motion | None, now: float) -> bool:
        """A hand moves the view away from `left` at `now` (seconds of any steady clock).

        Returns:
            Whether the stacks changed: a move that belongs to the one before changes nothing.
        """
        joined = self._joins(motion, now)
        self._motion, self._noted_at = motion, now
        if joined:
            return False
        self._past.append(left)
        del self._past[: -self._limit]
        self._future.clear()
        return True

    def _joins(self, motion: Motion | None, now: float) -> bool:
        last = self._motion
        if motion is None or last is None or not self._past:
            return False
        if motion.gesture or last.gesture:
            return motion == last
        return motion.kind == last.kind and now - self._noted_at <= BURST_S

    def end_burst(self) -> None:
        """The next move stands for itself."""
        self._motion = None

    def back(self, here: Stop) -> Stop | None:
        """Where the last move began; None when there is nothing to go back to."""
        return self._step(self._past, self._future, here)

    def forward(self, here: Stop) -> Stop | None:
        """Where the last step back began; None when there was none."""
        return self._step(self._future, self._past, here)

    def can_back(self, here: Stop) -> bool:
        """Tell whether :meth:`back` would lead somewhere else."""
        return any(not stop.same_place(here) for stop in self._past)

    def can_forward(self, here: Stop) -> bool:
        """Tell whether :meth:`forward` would lead somewhere else."""
        return any(not stop.same_place(here) for stop in self._future)

    def _step(self, source: list[Stop], target: list[Stop], here: Stop) -> Stop | None:
        self._motion = None
        while source:
            stop = source.pop()
            # A drag there and back ends where it began; going back to it would show nothing new.
            if not stop.same_place(here):
                target.append(here)
                del target[: -self._limit]
                return stop
        return None
