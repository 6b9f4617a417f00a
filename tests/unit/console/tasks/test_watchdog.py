"""The stall watchdog sees a main thread that does not answer, and says where it was."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, ClassVar

import pytest

from console.tasks.watchdog import DEPTH, Watchdog, stack_of


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


class Witness:
    """Says on which threads its kind was let go."""

    ends: ClassVar[list[int]] = []

    def __del__(self) -> None:
        Witness.ends.append(threading.get_ident())


def stand_still_holding() -> None:
    held = Witness()
    stand_still(0.4)
    del held


def stand_still_owning() -> Witness:
    owned = Witness()
    stand_still(0.4)
    return owned


def test_what_a_stalled_function_holds_ends_with_it_and_on_its_own_thread(qtbot: Any) -> None:
    Witness.ends.clear()
    watchdog = Watchdog(limit_ms=100)
    watchdog.start()
    qtbot.wait(120)
    stand_still_owning()
    assert Witness.ends == [threading.get_ident()]
    stand_still_holding()
    qtbot.waitUntil(lambda: bool(watchdog.stalls))
    watchdog.stop()
    assert set(Witness.ends) == {threading.get_ident()}
    assert len(Witness.ends) == 2
    assert "stand_still" in watchdog.stalls[0].stack


CLOSED_AFTER_A_STALL = """
import sys, time
from PySide6.QtWidgets import QApplication
from console.tasks.watchdog import Watchdog
{made}
def stalled():
    held = make()
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        pass

application = QApplication(sys.argv)
watchdog = Watchdog(limit_ms=100)
watchdog.start()
stalled()
watchdog.stop()
application.processEvents()
print("alive", len(watchdog.stalls))
"""
TIMER = """
from PySide6.QtCore import QTimer
def make():
    made = QTimer()
    made.start(0)
    return made
"""
PAPER = """
from console.windows.desk.paper import document, facts_table
def make():
    made = document(facts_table([("事项", "已电话催过，下午三点前再问一次")] * 300))
    made.pageCount()  # a long text is laid out step by step, on a timer of Qt's own
    return made
"""


@pytest.mark.parametrize("made", [TIMER, PAPER], ids=["timer", "paper"])
def test_a_stall_leaves_no_timer_of_a_dead_object_behind(made: str) -> None:
    """The local died on the watching thread, its timer went on in the main loop: a segmentation fault."""
    # freed memory is overwritten (glibc), so that what is still used after its end is found every time
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MALLOC_PERTURB_": "165"}
    code = CLOSED_AFTER_A_STALL.format(made=made)
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("alive")
    assert "another thread" not in ran.stderr


def test_the_stack_of_another_thread_is_told_innermost_last() -> None:
    ready, leave = threading.Event(), threading.Event()

    def inner() -> None:
        ready.set()
        leave.wait(30)

    def outer() -> None:
        inner()

    thread = threading.Thread(target=outer)
    thread.start()
    ready.wait(30)
    with tempfile.TemporaryFile(buffering=0) as notes:
        first = stack_of(thread.ident or 0, notes)
        again = stack_of(thread.ident or 0, notes)
        nobody = stack_of(1, notes)
        mine = stack_of(threading.get_ident(), notes)
    leave.set()
    thread.join()
    assert first.index("in outer\n    inner()") < first.index("in inner\n")
    assert again.count("in outer") == 1, "the notes of the time before are written over"
    assert nobody == ""
    assert "in test_the_stack_of_another_thread" in mine
    assert "in inner" not in mine


def test_without_a_place_for_notes_stalls_are_measured_all_the_same(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    watchdog = Watchdog(limit_ms=100)
    watchdog.start()
    stand_still(0.3)
    qtbot.waitUntil(lambda: bool(watchdog.stalls))
    watchdog.stop()
    assert watchdog.stalls[0].stack == ""


def deep(levels: int) -> str:
    if levels:
        return deep(levels - 1)
    with tempfile.TemporaryFile(buffering=0) as notes:
        return stack_of(threading.get_ident(), notes)


def test_only_the_innermost_frames_are_kept() -> None:
    stack = deep(3 * DEPTH)
    assert stack.count("  File ") == DEPTH
    assert stack.rstrip().endswith("faulthandler.dump_traceback(notes, all_threads=True)")
