"""The bar of the replay: play, drag, keys, speed, sentences."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from maps.canvas.palette import MapPalette
from maps.canvas.track_bar import SPEEDS, TrackBar
from maps.layers.tracks import OfficerTrack, TrackLayer
from tests.widgets.maps import layer_values as values
from tests.widgets.maps.conftest import MakeMap

K = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
NOW = values.NOW


@pytest.fixture
def bar(qtbot: QtBot) -> TrackBar:
    made = TrackBar(MapPalette.load("dark"))
    qtbot.addWidget(made)
    made.resize(900, 56)
    made.set_layer(TrackLayer.of(values.track()))
    made.show()
    return made


def point(bar: TrackBar, zone: str, part: float = 0.5) -> QPoint:
    box = bar.zones()[zone]
    return QPoint(round(box.left() + box.width() * part), round(box.center().y()))


def test_keys_step_and_stop_at_the_ends(qtbot: QtBot, bar: TrackBar) -> None:
    heard: list[float] = []
    bar.moment_changed.connect(heard.append)
    qtbot.keyClick(bar, K.Key_Left)
    assert heard == []
    qtbot.keyClick(bar, K.Key_Right)
    qtbot.keyClick(bar, K.Key_Right, SHIFT)
    assert heard == [NOW + 60, NOW + 660]
    qtbot.keyClick(bar, K.Key_End)
    assert bar.layer.moment == NOW + 5370
    qtbot.keyClick(bar, K.Key_Right)
    assert heard[-1] == NOW + 5370
    qtbot.keyClick(bar, K.Key_Home)
    assert bar.layer.moment == NOW


def test_page_keys_go_from_event_to_event(qtbot: QtBot, bar: TrackBar) -> None:
    seen = []
    for _ in range(4):
        qtbot.keyClick(bar, K.Key_PageDown)
        seen.append(bar.layer.moment - NOW)
    # The gap begins and ends, then the last report, where it stays.
    assert seen == [1770, 3600, 5370, 5370]
    qtbot.keyClick(bar, K.Key_PageUp)
    assert bar.layer.moment - NOW == 3600


def test_play_runs_to_the_end_and_begins_again(qtbot: QtBot, bar: TrackBar) -> None:
    bar.faster(9)
    assert bar.speed == SPEEDS[-1]
    bar._go(NOW + 5300)
    qtbot.keyClick(bar, K.Key_Space)
    assert bar.playing
    qtbot.waitUntil(lambda: not bar.playing, timeout=5000)
    assert bar.layer.moment == NOW + 5370
    qtbot.keyClick(bar, K.Key_Space)
    assert bar.playing and bar.layer.moment < NOW + 2000
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=point(bar, "play"))
    assert not bar.playing


def test_speed_goes_round_by_mouse_and_stops_by_key(qtbot: QtBot, bar: TrackBar) -> None:
    first = bar.speed
    for _ in SPEEDS:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=point(bar, "speed"))
    assert bar.speed == first
    for _ in range(9):
        qtbot.keyClick(bar, K.Key_Minus)
    assert bar.speed == SPEEDS[0]


def test_the_handle_is_dragged_along_the_day(qtbot: QtBot, bar: TrackBar) -> None:
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=point(bar, "line", 0.25))
    assert bar.layer.moment == pytest.approx(NOW + 5370 * 0.25, abs=12)
    qtbot.mouseMove(bar, point(bar, "line", 0.75))
    assert bar.layer.moment == pytest.approx(NOW + 5370 * 0.75, abs=12)
    qtbot.mouseMove(bar, QPoint(-500, 20))
    assert bar.layer.moment == NOW
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(-500, 20))
    qtbot.mouseMove(bar, point(bar, "line", 0.5))
    assert bar.layer.moment == NOW


def test_what_is_known_is_said(bar: TrackBar) -> None:
    bar.set_layer(bar.layer.moved(NOW + 300))
    assert "停留" in bar.accessibleDescription()
    bar.set_layer(bar.layer.moved(NOW + 2400))
    words = bar.accessibleDescription()
    assert "后无上报，行踪不明" in words and "间断 1 段共 30 分钟" in words
    assert words.startswith("方知夏 · ")


def test_without_a_track_there_is_a_sentence(qtbot: QtBot, bar: TrackBar) -> None:
    painted = bar.grab().toImage()
    bar.set_playing(True)
    bar.set_layer(TrackLayer.of(None, "正在读取…"))
    assert not bar.playing
    assert bar.accessibleDescription() == "正在读取…"
    assert bar.grab().toImage() != painted
    bar.set_playing(True)
    assert not bar.playing
    with qtbot.assertNotEmitted(bar.moment_changed):
        for key in (K.Key_Space, K.Key_Right, K.Key_Home, K.Key_PageDown):
            qtbot.keyClick(bar, key)
    bar.set_layer(TrackLayer())
    assert bar.accessibleDescription() == "没有轨迹可回放：当天没有位置上报。"


def test_escape_and_the_cross_close_it(qtbot: QtBot, bar: TrackBar) -> None:
    bar.set_playing(True)
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar, K.Key_Escape)
    assert not bar.playing
    with qtbot.waitSignal(bar.closed):
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=point(bar, "close"))


def test_bar_and_map_show_the_same_moment(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    bar = TrackBar(MapPalette.load("light"))
    qtbot.addWidget(bar)
    bar.follow(widget)
    widget.set_track(values.track())
    assert widget.book.shows("tracks")
    assert bar.layer.track is widget.state.tracks.track
    qtbot.keyClick(bar, K.Key_Right)
    assert widget.state.tracks.moment == NOW + 60
    widget.set_track_moment(NOW + 600)
    assert bar.layer.moment == NOW + 600
    widget.set_track(None, "读不到轨迹")
    assert bar.accessibleDescription() == "读不到轨迹"
    view = widget.view
    widget.set_track(values.track())
    widget.set_track_moment(NOW + 5000)
    assert widget.view == view, "a replay never moves the view"


def test_a_track_of_one_moment(qtbot: QtBot, bar: TrackBar) -> None:
    bar.set_layer(TrackLayer.of(OfficerTrack.of("o", "方", [NOW], [113.2], [23.1])))
    for key in (K.Key_Right, K.Key_End, K.Key_PageDown, K.Key_Space):
        qtbot.keyClick(bar, key)
    assert bar.layer.moment == NOW
    bar.grab()


@pytest.mark.parametrize("width", [320, 640, 1920])
def test_it_fits_any_width(bar: TrackBar, width: int) -> None:
    bar.resize(width, 56)
    zones = bar.zones()
    assert all(z.left() >= 0 and z.right() <= width for z in zones.values())
    edges = sorted((z.left(), z.right()) for z in zones.values())
    assert all(a[1] <= b[0] for a, b in pairwise(edges))
    bar.grab()


def test_gaps_and_stays_are_on_the_line(bar: TrackBar) -> None:
    image = bar.grab().toImage()
    line = bar.zones()["line"]

    def colours(a: float, b: float) -> set[str]:
        y = round(line.center().y()) - 2
        return {
            image.pixelColor(round(line.left() + line.width() * p), y).name() for p in np.linspace(a, b, 20)
        }

    gap = colours(1900 / 5370, 3500 / 5370)
    solid = colours(200 / 5370, 900 / 5370)
    assert gap.isdisjoint(solid)
