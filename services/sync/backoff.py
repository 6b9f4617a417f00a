"""How long to wait before asking again: doubling, capped, with jitter so that a hall is not in step."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """A delay that doubles with every failure; `random` gives numbers in [0, 1)."""

    def __init__(self, random: Callable[[], float], first: float = 0.5, cap: float = 10.0) -> None:
        """Set the first delay and the longest, in seconds."""
        self._random = random
        self._first = first
        self._cap = cap
        self._failures = 0

    def failed(self, at_least: float | None = None) -> float:
        """Note a failure and return the delay in seconds; `at_least` is what the centre asked for."""
        full = min(self._cap, self._first * 2.0 ** min(self._failures, 16))
        self._failures += 1
        jittered = full * (0.5 + 0.5 * self._random())
        return max(jittered, min(at_least or 0.0, 60.0))

    def worked(self) -> None:
        """Note a success: the next failure starts small again."""
        self._failures = 0
