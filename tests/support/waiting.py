"""Waiting for what another thread or process does: by condition with a deadline, or for a stretch of time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float = 5.0, every: float = 0.02) -> bool:
    """Ask again and again until the condition holds; False when it did not come about in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def rest(seconds: float) -> None:
    """Let a stretch of time pass on purpose: the test is about time itself, or about nothing happening in it."""
    time.sleep(seconds)
