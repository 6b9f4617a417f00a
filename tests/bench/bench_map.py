"""Benches of the map (`make bench ONLY=map`), with QGIS drawing the same city in the same run.

Times are medians after a warm-up. `floor_ms` is a copy of a picture of the same size in the same run; where a
machine is shared, `cpu_…` fields tell what the processor spent, without the time given to others.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from maps.canvas.ground import Ground
from maps.canvas.palette import MapPalette
from maps.canvas.scene import Scene
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures, Measure
from maps.layers.state import MapState
from tests.bench.map_city import ROOT, City, grid, wales
from tests.bench.map_frames import TimedMap, blit_ms, high
from tests.bench.map_frames import run as run_frames
from tests.bench.map_peer import against, tell

AREA = "map"
ROUNDS = 9
FULL_HD, UHD = (1920, 1080), (3840, 2160)
MEMORY_GOAL_MIB = 250


def filled(city: City, mode: str = "clusters") -> MapState:
    """State of a map of a city with figures and cases."""
    state = MapState()
    state.set_prepared(city.district())
    state.set_figures(city.figures())
    state.set_prepared_cases(city.cases())
    state.set_case_mode(mode)
    return state


def clock(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of some work by the clock and by the processor."""
    cpu, begun = time.thread_time(), time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3, (time.thread_time() - cpu) * 1e3


def medians(work: Callable[[], object], rounds: int = ROUNDS) -> dict[str, float]:
    """Median times of some work, after it has been done twice."""
    work()
    work()
    pairs = [clock(work) for _ in range(rounds)]
    return {
        "ours_ms": round(statistics.median(p[0] for p in pairs), 2),
        "cpu_ms": round(statistics.median(p[1] for p in pairs), 2),
    }


class Canvas:
    """A picture to draw frames into."""

    def __init__(self, width: int, height: int) -> None:
        self.image = QImage(width, height, QImage.Format.Format_RGB32)

    def draw(self, scene: Scene, view: Viewport) -> None:
        painter = QPainter(self.image)
        scene.draw(painter, view)
        painter.end()


def full_ms(state: MapState, size: tuple[int, int], part: float = 1.0) -> dict[str, float]:
    """Time from nothing drawn to all drawn: ground, marks, labels, frame; data and small pictures are warm."""
    assert state.areas is not None
    palette, canvas = MapPalette.load(), Canvas(*size)
    view = Viewport.fit(state.areas.extent, *map(float, size), 0.0)
    view = view.zoomed_at(1 / part, size[0] / 2, size[1] / 2)

    scene = Scene(state, palette)

    def work() -> None:
        scene.ground = Ground(state, palette)
        scene.ground.set_top(scene.pictures)
        scene.layout = None
        scene.refresh(view, 1.0, [])
        canvas.draw(scene, view)

    return medians(work)


def first_full(city: City) -> Iterator[dict[str, Any]]:
    """The first full picture, as the product shows it and with every point drawn."""
    areas = city.district().areas
    assert areas is not None
    floor = round(statistics.median(blit_ms(*FULL_HD, 31)), 2)
    for mode in ("clusters", "dots"):
        state = filled(city, mode)
        for part, what in ((1.0, "full"), (0.1, "mid")):
            times = full_ms(state, FULL_HD, part)
            name = "map.first_full" if (mode, what) == ("clusters", "full") else f"map.first_{what}.{mode}"
            yield {
                "bench": name, **times, **against(times["ours_ms"], city, f"both_{what}"), "n": len(areas.cells),
                "points": len(state.cases.table), "cases_as": mode, "floor_ms": floor, "city": city.name,
                "goal_ratio": 0.2,
            }  # fmt: skip


def recolour(city: City, size: tuple[int, int] = FULL_HD) -> Iterator[dict[str, Any]]:
    """From new figures, or another measure, to pixels of the next frame."""
    state = filled(city)
    assert state.areas is not None
    view = Viewport.fit(state.areas.extent, *map(float, size), 0.0)
    scene, canvas = Scene(state, MapPalette.load()), Canvas(*size)
    scene.refresh(view, 1.0, [])
    codes, rng = state.areas.cells.codes, np.random.default_rng(3)
    state.area_layer = type(state.area_layer)(figures=state.area_layer.figures, level=state.areas.finest)
    scene.refresh(view, 1.0, [])
    changes = [
        {codes[i]: AreaFigures(int(rng.integers(0, 30))) for i in rng.integers(0, len(codes), 200).tolist()}
        for _ in range(ROUNDS + 2)
    ]
    measures = [Measure.OVERDUE, Measure.DENSITY]
    floor = round(statistics.median(blit_ms(*size, 31)), 2)

    def all_cells() -> None:
        state.set_measure(measures[0])
        measures.reverse()
        scene.advance(view, 1.0, [], seconds=0.0)
        canvas.draw(scene, view)

    def few_cells() -> None:
        state.update_figures(changes.pop())
        scene.advance(view, 1.0, [], seconds=0.0)
        canvas.draw(scene, view)

    label = "" if size == FULL_HD else ".2160p"
    for name, work, changed in (
        (f"map.recolour{label}", all_cells, len(codes)),
        (f"map.recolour_live{label}", few_cells, 200),
    ):
        times = medians(work)
        yield {
            "bench": name, **times, **against(times["ours_ms"], city, "cells_full"), "n": len(codes),
            "changed": changed, "floor_ms": floor, "blits": round(times["ours_ms"] / floor, 1), "city": city.name,
            "goal_ratio": round(1 / 60, 4), "goal_blits": 10,
        }  # fmt: skip


def frames(city: City, name: str, size: tuple[int, int], goal: float) -> Iterator[dict[str, Any]]:
    """Frames while panning and zooming, and the longest time the main thread answered nobody."""
    widget = TimedMap()
    widget.resize(*size)
    widget.set_prepared(city.district())
    widget.set_metric(city.figures())
    widget.set_prepared_cases(city.cases())
    widget.show()
    QApplication.processEvents()
    run_frames(widget)
    found = run_frames(widget)
    floor = blit_ms(*size, len(found.clock))
    pictures = widget.scene.ground.nbytes
    widget.close()
    widget.deleteLater()
    ours = round(statistics.median(found.clock), 2)
    yield {
        "bench": name, "ours_ms": ours, **against(ours, city, "both_full", *size), "n": len(found.clock),
        "p99_ms": high(found.clock), "max_ms": round(max(found.clock), 2), "cpu_p99_ms": high(found.cpu),
        "max_stall_ms": round(max(found.gaps), 1), "stall_p99_ms": high(found.gaps),
        "cpu_max_stall_ms": round(max(found.busy), 1), "floor_ms": round(statistics.median(floor), 2),
        "floor_p99_ms": high(floor), "pictures_mib": round(pictures / 2**20, 1), "cells": 20_000,
        "points": len(city.cases().table), "city": city.name, "goal_p99_ms": goal, "goal_max_stall_ms": 50,
    }  # fmt: skip


def growth(small: City, large: City) -> Iterator[dict[str, Any]]:
    """Twice the cells: what a first picture and a change of colours cost then."""
    one, two = (full_ms(filled(city), FULL_HD) for city in (small, large))
    before, after = (next(recolour(city)) for city in (small, large))
    yield {
        "bench": "map.growth", "ours_ms": two["ours_ms"], "peer": "half the cells", "peer_ms": one["ours_ms"],
        "ratio": round(two["ours_ms"] / one["ours_ms"], 3), "cpu_ratio": round(two["cpu_ms"] / one["cpu_ms"], 3),
        "recolour_ratio": round(after["ours_ms"] / before["ours_ms"], 3), "n": 40_000, "goal_ratio": 2.2,
    }  # fmt: skip


def memory() -> Iterator[dict[str, Any]]:
    """A process with the city in its window beside one with an empty window."""
    for size in (FULL_HD, UHD):
        found = {}
        for what in ("bare", "empty", "city", "city"):
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.map_memory", what, *map(str, size)],
                cwd=ROOT, capture_output=True, text=True, timeout=600, check=True,
            )  # fmt: skip
            found[what] = float(done.stdout.split()[-1])
        yield {
            "bench": "map.memory" if size == FULL_HD else "map.memory.2160p",
            "ours_ms": None, "peer": "the window without data", "peer_ms": None,
            "ratio": round(found["city"] / found["empty"], 3), "n": 20_000, "points": 100_000,
            "mib": round(found["city"] - found["empty"], 1),
            "mib_above_bare_window": round(found["city"] - found["bare"], 1),
            "empty_window_mib": found["empty"], "goal_mib": MEMORY_GOAL_MIB,
        }  # fmt: skip


def run() -> Iterator[dict[str, Any]]:
    """All benches of the map."""
    QApplication.instance() or QApplication([])
    city = grid(20_000)
    if city is None:
        tell("no map benches: the generator of the test city is not there")
        return
    yield from first_full(city)
    yield from recolour(city)
    yield from recolour(city, UHD)
    yield from frames(city, "map.frame_1080p", FULL_HD, 16.0)
    yield from frames(city, "map.frame_2160p", UHD, 33.0)
    large = grid(40_000)
    if large is not None:
        yield from growth(city, large)
    yield from memory()
    real = wales()
    if real is not None:
        for line in (*first_full(real), *recolour(real)):
            yield line | {"bench": line["bench"].replace("map.", "map.wales.", 1)}
