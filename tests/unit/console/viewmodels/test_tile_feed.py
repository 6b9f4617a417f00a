"""The feed: the most wanted first, few at a time, failures left alone, stale tiles asked again, no late deliveries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from console.tasks.runner import Background
from console.viewmodels.tile_feed import REMOTE_LANES, TileFeed
from services.basemaps.errors import PictureError, ServiceError
from services.basemaps.matrices import Plane, TileAddress, TileGrid, ladder
from services.basemaps.sources import Dark, Kind, MapSource
from services.basemaps.warp import Patch
from services.domain.errors import DomainError
from services.usecases.map_gate import Gate
from services.usecases.map_tiles import TileAnswer

GRID = ladder(Plane.MERCATOR, 0, 18)
ROW = tuple(TileAddress(9, column, 5) for column in range(12))


class Reader:
    """Gives tiles when a test lets it; notes what was asked."""

    def __init__(self) -> None:
        self.source = MapSource("s", "s", Kind.XYZ, "http://h/{z}/{x}/{y}")
        self.gate = Gate()
        self.asked: list[TileAddress] = []
        self.darks: list[Dark] = []
        self.opened = 0
        self.fault: DomainError | None = None
        self.open_fault: DomainError | None = None
        self.stale = False
        self.free = threading.Event()
        self.free.set()
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.closed = False

    def open(self) -> TileGrid:
        self.opened += 1
        if self.open_fault is not None:
            raise self.open_fault
        return GRID

    def read(self, tile: TileAddress, dark: Dark) -> TileAnswer:
        with self._lock:
            self.asked.append(tile)
            self.darks.append(dark)
            self._now += 1
            self.most = max(self.most, self._now)
        self.free.wait(5)
        with self._lock:
            self._now -= 1
        if self.fault is not None:
            if self.fault.code != "waiting":
                self.gate.failed(self.fault)
            raise self.fault
        pixels = np.zeros((2, 2, 4), np.uint8)
        return TileAnswer(tile, Patch(pixels, (0.0, 0.0, 1.0, 1.0), True), self.stale)

    def close(self) -> None:
        self.closed = True


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Kept:
    """What a feed delivered."""

    def __init__(self, feed: TileFeed) -> None:
        self.tiles: list[TileAddress] = []
        feed.arrived.connect(self.take)

    def take(self, answer: object) -> None:
        assert isinstance(answer, TileAnswer)
        self.tiles.append(answer.tile)


Parts = tuple[TileFeed, Reader, Kept, Clock]


@pytest.fixture
def parts(qtbot: QtBot) -> Iterator[Parts]:
    background, reader, clock = Background(), Reader(), Clock()
    feed = TileFeed(reader, background, clock=clock)  # type: ignore[arg-type] # a stand-in for the reader
    yield feed, reader, Kept(feed), clock
    reader.free.set()
    feed.close()
    background.close()


def opened(qtbot: QtBot, parts: Parts) -> Parts:
    feed = parts[0]
    with qtbot.waitSignal(feed.opened, timeout=3000):
        feed.want("map", ())
    return parts


def test_a_wish_opens_the_source_first(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    assert feed.grid == GRID
    assert (reader.opened, reader.asked) == (1, [])
    feed.want("map", ROW[:3])
    qtbot.waitUntil(lambda: len(kept.tiles) == 3)
    assert reader.opened == 1


def test_the_most_wanted_come_first_and_few_at_a_time(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    feed.want("map", ROW)
    qtbot.waitUntil(lambda: len(kept.tiles) == len(ROW), timeout=5000)
    assert set(reader.asked[:REMOTE_LANES]) == set(ROW[:REMOTE_LANES])
    assert sorted(reader.asked) == sorted(ROW), "each once"
    assert reader.most <= REMOTE_LANES


def test_a_view_that_moves_on_drops_what_was_not_begun(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    reader.free.clear()
    feed.want("map", ROW[:8])
    qtbot.waitUntil(lambda: len(reader.asked) == REMOTE_LANES)
    feed.want("map", ROW[10:])
    reader.free.set()
    qtbot.waitUntil(lambda: set(ROW[10:]) <= set(kept.tiles))
    assert len(reader.asked) == REMOTE_LANES + 2


def test_two_maps_take_turns(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    feed.want("one", ROW[:6])
    feed.want("two", ROW[6:])
    qtbot.waitUntil(lambda: len(kept.tiles) == 12)
    assert {ROW[0], ROW[6]} <= set(reader.asked[:REMOTE_LANES])
    feed.forget("one")
    feed.want("two", (TileAddress(3, 1, 1),))
    qtbot.waitUntil(lambda: len(kept.tiles) == 13)


def test_a_hanging_server_holds_up_its_lanes_only(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    reader.free.clear()
    feed.want("map", ROW)
    qtbot.waitUntil(lambda: len(reader.asked) == REMOTE_LANES)
    assert feed.busy
    for _ in range(20):
        feed.want("map", tuple(reversed(ROW)))
        feed.want("map", ROW)
    qtbot.wait(50)
    assert len(reader.asked) == REMOTE_LANES
    assert kept.tiles == []


def test_a_failed_tile_is_left_alone_longer_each_time(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, clock = opened(qtbot, parts)
    reader.fault = PictureError("坏。")
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: feed.trouble is not None and not feed.busy)
    for pause in (4.0, 0.5):
        clock.at += pause
        feed.want("map", ())
        feed.want("map", ROW[:1])
        qtbot.wait(30)
    assert len(reader.asked) == 1
    clock.at += 1.0
    feed.want("map", ())
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: len(reader.asked) == 2 and not feed.busy)
    reader.fault = None
    clock.at += 11.0
    reader.gate.worked()
    feed.want("map", ())
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: kept.tiles == [ROW[0]])
    assert feed.trouble is None


def test_while_the_gate_is_closed_nothing_is_held_against_tiles(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, _, clock = opened(qtbot, parts)
    reader.fault = ServiceError("忙。", code="waiting")
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: len(reader.asked) == 1 and not feed.busy)
    assert feed.trouble is None
    reader.fault = None
    clock.at += 1.1
    feed.want("map", ())
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: len(reader.asked) == 2)


def test_trouble_is_told_once_in_words_and_taken_back(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, _, _ = opened(qtbot, parts)
    told: list[str] = []
    feed.trouble_changed.connect(lambda: told.append(feed.trouble.sentence if feed.trouble else ""))
    reader.fault = ServiceError("拒绝。", code="denied", passing=False)
    feed.want("map", ROW[:4])
    qtbot.waitUntil(lambda: not feed.busy and bool(told))
    assert told == ["拒绝。"]
    assert feed.trouble is not None
    assert feed.trouble.again_in_s > 200
    reader.fault = None
    reader.gate.worked()
    feed.want("map", ROW[5:6])
    qtbot.waitUntil(lambda: told[-1] == "")


def test_a_stale_tile_is_shown_and_asked_for_again_later(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, clock = opened(qtbot, parts)
    reader.stale = True
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: kept.tiles == [ROW[0]])
    feed.want("map", ())
    feed.want("map", ROW[:1])
    qtbot.wait(30)
    assert len(reader.asked) == 1
    reader.stale = False
    clock.at += 61
    feed.want("map", ())
    feed.want("map", ROW[:1])
    qtbot.waitUntil(lambda: len(kept.tiles) == 2)


def test_a_source_that_does_not_open_is_tried_again_later(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, _, clock = parts
    reader.open_fault = ServiceError("没有。", code="refused")
    feed.want("map", ())
    qtbot.waitUntil(lambda: feed.trouble is not None)
    feed.want("map", ROW[:1])
    qtbot.wait(30)
    assert reader.opened == 1
    reader.open_fault = None
    clock.at += 5.1
    with qtbot.waitSignal(feed.opened, timeout=3000):
        feed.want("map", ROW[:2])


def test_tiles_of_the_other_theme_are_dropped(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    reader.free.clear()
    feed.want("map", ROW[:2])
    qtbot.waitUntil(lambda: len(reader.asked) == 2)
    feed.set_dark(Dark.DIM)
    reader.free.set()
    qtbot.waitUntil(lambda: len(kept.tiles) == 2)
    assert reader.darks[:2] == [Dark.NONE, Dark.NONE]
    assert reader.darks[2:] == [Dark.DIM, Dark.DIM], "asked for anew, only these are delivered"


def test_whatever_a_tile_does_its_lane_comes_back(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)

    def broken(*_: Any) -> TileAnswer:
        raise ZeroDivisionError

    good, reader.read = reader.read, broken  # type: ignore[method-assign] # a fault of ours
    feed.want("map", ROW[:6])
    qtbot.waitUntil(lambda: feed.trouble is not None and not feed.busy)
    reader.read = good  # type: ignore[method-assign] # back to good
    feed.want("map", ROW[8:10])
    qtbot.waitUntil(lambda: set(kept.tiles) == set(ROW[8:10]))


def test_after_closing_nothing_is_delivered(qtbot: QtBot, parts: Parts) -> None:
    feed, reader, kept, _ = opened(qtbot, parts)
    reader.free.clear()
    feed.want("map", ROW[:2])
    qtbot.waitUntil(lambda: len(reader.asked) == 2)
    feed.close()
    reader.free.set()
    qtbot.waitUntil(lambda: not feed.busy)
    feed.want("map", ROW[3:5])
    qtbot.wait(30)
    assert kept.tiles == []
    assert len(reader.asked) == 2
    assert reader.closed
