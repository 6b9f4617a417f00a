"""The stall watchdog sees a main thread that does not answer, and says where it was."""

from __future__ import annotations

import time
from typing import Any

from console.tasks.watchdog import Watchdog


def stand_still(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_a_stall_is_recorded_with_its_stack(qtbot: Any) -> None:
    watchdog = Watchdog(limit_ms=100)
    watchdog.start()
    qtbot.wait(120)
    stand_still(0.4)
    qtbot.waitUntil(lambda: bool(watchdog.stalls))
    watchdog.stop()
    stall = watchdog.stalls[0]
    assert stall.ms >= 250
    assert "stand_still" in stall.stack
    assert watchdog.longest_ms >= stall.ms


def test_a_quiet_loop_has_no_stalls(qtbot: Any) -> None:
    watchdog = Watchdog(limit_ms=2000)
    watchdog.start()
    qtbot.wait(150)
    watchdog.stop()
    assert watchdog.stalls == []
