"""Cyclic garbage is collected on the main thread only."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from console.tasks import collector as room
from console.tasks.collector import MainThreadCollector

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    """As in a fresh interpreter: automatic collection is on."""
    was = gc.isenabled()
    gc.enable()
    yield
    if not was:
        gc.disable()


@pytest.fixture
def collector() -> Iterator[MainThreadCollector]:
    made = MainThreadCollector()
    yield made
    made.stop()
    made.deleteLater()


class Node:
    """Garbage that tells on which thread it died."""

    died_on: list[int]

    def __init__(self, died_on: list[int]) -> None:
        self.me, self.died_on = self, died_on

    def __del__(self) -> None:
        self.died_on.append(threading.get_ident())


def allocate(count: int = 20_000) -> list[list[int]]:
    return [[n] for n in range(count)]


def test_a_worker_collects_nothing_while_it_runs(collector: MainThreadCollector) -> None:
    died: list[int] = []
    collector.start()
    for _ in range(100):
        Node(died)
    keep: list[Any] = []
    worker = threading.Thread(target=lambda: keep.extend(allocate()))
    worker.start()
    worker.join()
    assert died == []
    collector.step()
    assert set(died) == {threading.get_ident()}
    assert len(died) == 100


def test_without_it_a_worker_does_collect() -> None:
    died: list[int] = []
    for _ in range(100):
        Node(died)
    keep: list[Any] = []
    worker = threading.Thread(target=lambda: keep.extend(allocate()))
    worker.start()
    worker.join()
    assert any(ident != threading.get_ident() for ident in died)


def test_automatic_collection_comes_back_with_the_last_one(collector: MainThreadCollector) -> None:
    other = MainThreadCollector()
    collector.start()
    collector.start()
    other.start()
    assert not gc.isenabled()
    other.stop()
    other.stop()
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    other.deleteLater()


def test_what_was_off_before_stays_off(collector: MainThreadCollector) -> None:
    gc.disable()
    collector.start()
    collector.stop()
    assert not gc.isenabled()


def test_few_young_objects_are_left_alone(collector: MainThreadCollector, monkeypatch: Any) -> None:
    walks: list[int] = []
    collector.start()
    gc.collect()
    monkeypatch.setattr(collector, "_walk", walks.append)
    collector.step()
    assert walks == []
    keep = allocate()
    collector.step()
    assert walks == [0]
    assert keep


def walk_until_full(collector: MainThreadCollector, most: int) -> int:
    for turn in range(1, most + 1):
        keep = allocate(room.YOUNG + 500)
        collector.step()
        del keep
        if collector.full_walks:
            return turn
    return 0


def test_a_full_walk_waits_for_a_rest(collector: MainThreadCollector, monkeypatch: Any) -> None:
    monkeypatch.setattr(room, "REST_S", 3600.0)
    collector.start()
    collector.touched()
    assert walk_until_full(collector, 150) == 0
    monkeypatch.setattr(room, "REST_S", 0.0)
    assert walk_until_full(collector, 20) > 0


def test_a_hall_that_never_rests_gets_it_in_the_end(collector: MainThreadCollector, monkeypatch: Any) -> None:
    monkeypatch.setattr(room, "REST_S", 3600.0)
    monkeypatch.setattr(room, "LONGEST_WAIT_S", 0.0)
    collector.start()
    assert walk_until_full(collector, 150) == room.MIDDLE_EVERY * room.FULL_EVERY


def test_a_long_full_walk_sets_its_survivors_aside(collector: MainThreadCollector, monkeypatch: Any) -> None:
    monkeypatch.setattr(room, "REST_S", 0.0)
    monkeypatch.setattr(room, "LONG_WALK_MS", 0.0)
    collector.start()
    assert walk_until_full(collector, 150)
    assert gc.get_freeze_count() > 0
    collector.collect_all()
    assert gc.get_freeze_count() == 0


def test_cycles_set_aside_go_at_the_end(collector: MainThreadCollector) -> None:
    died: list[int] = []
    collector.start()
    watched = weakref.ref(Node(died))
    gc.freeze()
    collector.stop()
    assert watched() is None


def test_the_beat_collects_by_itself(collector: MainThreadCollector, qtbot: Any) -> None:
    died: list[int] = []
    collector.start()
    Node(died)
    keep = allocate()
    qtbot.waitUntil(lambda: bool(died), timeout=5000)
    assert len(keep) == 20_000


WINDOWS = """
import gc, threading, faulthandler
faulthandler.enable()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from console.tasks.collector import MainThreadCollector
application = QApplication([])
{start}
def window():
    made = QWidget()
    made.beat = QTimer()
    made.beat.start(1)
    made.me = made
    made.label = QLabel("x", made)
    made.show()
gc.set_threshold(20)
stop = threading.Event()
def work():
    while not stop.is_set():
        [[] for _ in range(50)]
workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers:
    worker.start()
for turn in range(40):
    window()
    application.processEvents()
    {step}
stop.set()
for worker in workers:
    worker.join()
print("whole")
"""


def run_windows(start: str, step: str) -> subprocess.CompletedProcess[str]:
    """Open windows that only cycles hold while workers allocate with the most eager threshold."""
    code = WINDOWS.format(start=start, step=step)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False,
        env={"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ":".join(p for p in sys.path if p)},
    )  # fmt: skip


def test_windows_held_by_cycles_survive_busy_workers() -> None:
    made = run_windows("c = MainThreadCollector(); c.start()", "c.step(); gc.collect(0)")
    assert made.returncode == 0, made.stderr
    assert "whole" in made.stdout
    assert "another thread" not in made.stderr
