"""Officers, cameras, components, tracks and drawn marks as they are painted and found below the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from maps.canvas import layer_words
from maps.canvas.component_marks import ComponentMarks
from maps.canvas.mark_stack import MarkHit, MarkLayer, MarkStack
from maps.canvas.officer_marks import OfficerMarks
from maps.canvas.widget import GridMapWidget
from maps.geometry.mercator import project
from maps.layers.components import ComponentLayer
from maps.layers.measures import NO_DATA
from maps.layers.tracks import OfficerTrack
from tests.widgets.maps import layer_values as values
from tests.widgets.maps.conftest import MakeMap

MARKS = ("components", "cameras", "officers", "tracks", "drawings")


@pytest.fixture(params=["dark", "light"])
def full(request: pytest.FixtureRequest, make_map: MakeMap) -> GridMapWidget:
    widget = make_map(request.param)
    values.fill(widget)
    return widget


def pixels(widget: GridMapWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    out = flat[:, : image.width()].copy()
    # The boxes at the rim have a life of their own.
    out[:60] = out[540:] = out[:, 840:] = 0
    return out


def at(widget: GridMapWidget, lon: float, lat: float) -> tuple[float, float]:
    px, py = widget.view.to_screen(project(lon, lat)).tolist()
    return px, py


def hit(widget: GridMapWidget, lon: float, lat: float) -> MarkHit | None:
    return widget.scene.others.hit(widget.view, *at(widget, lon, lat))


def lines(found: MarkHit | None) -> list[str]:
    assert found is not None
    return [line.text for line in found.lines]


@pytest.mark.parametrize("name", MARKS)
def test_a_layer_is_seen_when_it_is_switched_on_and_gone_when_off(full: GridMapWidget, name: str) -> None:
    values.look_at(full, 2.0)
    values.only(full)
    bare = pixels(full)
    values.only(full, name)
    shown = pixels(full)
    assert np.count_nonzero(shown != bare) > 60
    full.set_book(full.book.with_opacity(name, 0.0))
    full.refresh_now()
    assert np.array_equal(pixels(full), bare)
    full.set_book(full.book.with_opacity(name, 0.5))
    full.refresh_now()
    half = pixels(full)
    assert not np.array_equal(half, shown) and not np.array_equal(half, bare)
    values.only(full)
    assert np.array_equal(pixels(full), bare)


def test_order_of_the_book_is_the_order_on_screen(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "officers", "cameras")
    ids = full.book.ids()
    assert ids.index("officers") > ids.index("cameras")
    first = pixels(full)
    assert hit(full, values.LON, values.LAT).layer == "officers"  # type: ignore[union-attr]
    full.set_book(full.book.moved("cameras", 1))
    full.refresh_now()
    assert hit(full, values.LON, values.LAT).layer == "cameras"  # type: ignore[union-attr]
    assert not np.array_equal(first, pixels(full))


# --- officers -------------------------------------------------------------------------------------


def marks_of(widget: GridMapWidget) -> OfficerMarks:
    layer = widget.scene.others.layer("officers")
    assert isinstance(layer, OfficerMarks)
    return layer


def test_officers_who_would_hide_one_another_are_put_together(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "officers")
    assert sorted(len(g.members) for g in marks_of(full).groups) == [1, 1, 5]
    text = lines(hit(full, values.LON, values.LAT))
    assert text[0] == "5 名网格员"
    assert text[2] == "林1 · 处置中"
    values.look_at(full, 60.0)
    assert marks_of(full).groups == ()


def test_the_card_of_an_officer_tells_the_age_of_the_position(full: GridMapWidget) -> None:
    values.look_at(full, 0.5)
    values.only(full, "officers")
    assert lines(hit(full, values.LON + 0.004, values.LAT)) == ["方知夏 · 望塔-05", "在岗", "位置 2 分钟前"]
    values.look_at(full, 2.0)
    assert lines(hit(full, values.LON, values.LAT + 0.004)) == [
        "何静姝",
        "位置为 14:07 最后上报",
        "位置 1 小时前",
    ]


def test_an_officer_becomes_lost_while_the_map_is_looked_at(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "officers")
    before = pixels(full)
    full.set_now(values.NOW + 900)
    full.refresh_now()
    assert lines(hit(full, values.LON + 0.004, values.LAT))[1].endswith("最后上报")
    assert not np.array_equal(before, pixels(full))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "3 秒前"), (59.9, "59 秒前"), (60, "1 分钟前"), (1500, "25 分钟前"), (7200, "2 小时前")],
)
def test_ages_in_words(seconds: float, words: str) -> None:
    assert layer_words.age(seconds, values.NOW) == words


def test_an_old_position_has_its_date() -> None:
    assert layer_words.age(100_000, values.NOW) == "11-18 19:06"
    assert layer_words.age(100_000) == "27 小时前"


# --- cameras --------------------------------------------------------------------------------------


def test_cameras_have_a_cone_from_the_grid_zoom_on(full: GridMapWidget) -> None:
    values.only(full, "cameras")

    def changed_north() -> int:
        values.only(full)
        bare = pixels(full)
        values.only(full, "cameras")
        px, py = at(full, values.LON, values.LAT)
        box = np.s_[round(py) - 34 : round(py) - 14, round(px) - 6 : round(px) + 6]
        return int(np.count_nonzero(pixels(full)[box] != bare[box]))

    values.look_at(full, 2.0)
    assert changed_north() > 100
    values.look_at(full, 6.0)
    assert changed_north() == 0
    values.look_at(full, 20.0)
    assert hit(full, values.LON, values.LAT) is None


def test_cards_of_cameras(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "cameras")
    assert lines(hit(full, values.LON, values.LAT)) == ["路口北", "视频点位"]
    assert lines(hit(full, values.LON + 0.002, values.LAT))[1] == "正在查看"
    assert lines(hit(full, values.LON + 0.004, values.LAT))[1] == "视频信号中断 14:02 起"


# --- components -----------------------------------------------------------------------------------


def components_of(widget: GridMapWidget) -> ComponentMarks:
    layer = widget.scene.others.layer("components")
    assert isinstance(layer, ComponentMarks)
    return layer


def test_components_are_badges_from_afar_and_symbols_when_near(full: GridMapWidget) -> None:
    values.only(full, "components")
    values.look_at(full, 20.0)
    far = hit(full, values.LON, values.LAT)
    few = components_of(full).drawn
    assert 0 < few < 400
    values.look_at(full, 0.8)
    near = hit(full, values.LON, values.LAT)
    assert lines(near) == [
        "雨水井盖",
        "标识码 4401990101000000",
        "主管部门 市政园林中心",
        "养护单位 养护一队",
        "状态 完好",
    ]
    assert near is not None and near.id == "4401990101000000"
    if far is not None and far.id == "":
        assert lines(far)[0].endswith("个部件")


def test_a_damaged_component_is_struck(full: GridMapWidget) -> None:
    values.only(full, "components")
    values.look_at(full, 0.5)
    assert lines(hit(full, values.LON + 0.0006, values.LAT))[-1] == "状态 破损"
    struck = pixels(full)
    layer = full.state.components
    sound = ComponentLayer(
        layer.codes, layer.xy, layer.main, np.ones(len(layer), dtype=bool), layer.name, layer.department,
        layer.unit, layer.state, layer.words,
    )  # fmt: skip
    full.set_components(sound)
    full.refresh_now()
    px, py = (round(v) for v in at(full, values.LON + 0.0006, values.LAT))
    box = np.s_[py - 9 : py + 9, px - 9 : px + 9]
    assert np.count_nonzero(pixels(full)[box] != struck[box]) > 15


def test_components_come_in_slices_and_the_old_picture_stays(full: GridMapWidget) -> None:
    values.only(full, "components")
    values.look_at(full, 2.0)
    stack: MarkStack = full.scene.others
    book = full.scene._book
    stack.lay_out(full.view.panned(200, 0), book)
    turns = 0
    while stack.advance(0.0):
        turns += 1
    assert turns >= 2
    assert not stack.advance(0.0)
    stack.lay_out(full.view.panned(200, 0), book)
    assert sum(stack.advance(0.0) for _ in range(4)) <= 2


def test_no_components_no_picture(make_map: MakeMap) -> None:
    widget = make_map()
    values.only(widget, "components")
    assert components_of(widget).drawn == 0
    assert hit(widget, values.LON, values.LAT) is None


# --- tracks ---------------------------------------------------------------------------------------


def test_the_way_in_a_gap_is_dashed_and_elsewhere_solid(make_map: MakeMap) -> None:
    widget = make_map()
    t = np.array([0.0, 60.0, 3600.0, 3660.0])
    lon = values.LON + np.array([-0.003, -0.002, 0.002, 0.003])
    widget.set_track(OfficerTrack.of("o", "", values.NOW + t, lon, np.full(4, values.LAT)))
    values.look_at(widget, 2.0)
    values.only(widget, "tracks")
    shown = pixels(widget)
    values.only(widget)
    bare = pixels(widget)
    row = round(at(widget, values.LON, values.LAT)[1])

    def share(west: float, east: float) -> float:
        a, b = round(at(widget, west, values.LAT)[0]), round(at(widget, east, values.LAT)[0])
        strip = np.s_[row - 1 : row + 2, a:b]
        return float(np.mean(np.any(shown[strip] != bare[strip], axis=0)))

    assert share(values.LON - 0.0024, values.LON - 0.002) > 0.95
    assert 0.2 < share(values.LON - 0.0015, values.LON + 0.0015) < 0.85


def test_the_officer_of_the_replay_moves_and_is_grey_in_the_gap(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "tracks")
    heard: list[float] = []
    full.track_moved.connect(heard.append)
    full.set_track_moment(values.NOW + 1200)
    full.refresh_now()
    known = pixels(full)
    full.set_track_moment(values.NOW + 2400)
    full.refresh_now()
    assert heard == [values.NOW + 1200, values.NOW + 2400]
    assert not np.array_equal(known, pixels(full))
    point = full.state.tracks.track.at(values.NOW + 2400)  # type: ignore[union-attr]
    assert point is not None and not point.known


def test_a_stay_has_a_card(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "tracks")
    stay = full.state.tracks.stays[0]
    px, py = full.view.to_screen((stay.x, stay.y)).tolist()
    found = full.scene.others.hit(full.view, px, py)
    assert lines(found)[0].startswith("停留 ")


# --- drawn marks ----------------------------------------------------------------------------------


def test_drawn_marks_are_found_and_say_who_drew_them(full: GridMapWidget) -> None:
    values.look_at(full, 4.0)
    values.only(full, "drawings")
    found = hit(full, values.LON - 0.006, values.LAT - 0.004)
    assert found is not None and found.id == "spot"
    assert lines(found) == ["集结点", "方知夏 标绘于 2026-11-20 14:02"]
    assert hit(full, values.LON + 0.005, values.LAT).id == "way"  # type: ignore[union-attr]
    assert hit(full, values.LON - 0.005, values.LAT).id == "area"  # type: ignore[union-attr]
    assert hit(full, values.LON - 0.003, values.LAT + 0.001) is None
    assert hit(full, values.LON + 0.004, values.LAT - 0.004).id == "word"  # type: ignore[union-attr]


# --- by hand --------------------------------------------------------------------------------------


def test_a_click_on_a_mark_shows_its_card_and_tells_which(qtbot: QtBot, full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "cameras")
    px, py = at(full, values.LON + 0.002, values.LAT)
    before = full.selection
    with qtbot.waitSignal(full.mark_chosen, timeout=1000) as told:
        qtbot.mouseClick(full, Qt.MouseButton.LeftButton, pos=QPoint(round(px), round(py)))
    assert isinstance(told.args[0], MarkHit) and told.args[0].id == "b"
    assert full.selection == before
    assert full.hover_card is not None and full.hover_card[1][0].text == "桥头"
    assert full.accessibleDescription() == "桥头，正在查看"


def test_every_painting_follows_the_protocol(full: GridMapWidget) -> None:
    for name in MARKS:
        layer = full.scene.others.layer(name)
        assert layer is not None and layer.key == name
        typed: MarkLayer = layer
        assert isinstance(typed.boxes(full.view), list)
    assert full.scene.others.layer("weather") is None


@pytest.mark.parametrize("measure", ["new_today", "nearest", "silent"])
def test_the_new_measures_are_drawn_with_their_pattern(full: GridMapWidget, measure: str) -> None:
    full.set_measure(measure)
    values.only(full)
    shown = pixels(full)
    full.set_measure("density")
    full.refresh_now()
    assert not np.array_equal(shown, pixels(full))
    assert NO_DATA == -1


def test_replay_and_ages_lay_out_nothing_else(full: GridMapWidget) -> None:
    values.look_at(full, 0.5)
    full.refresh_now()
    layout, paints = full.scene.layout, full.scene.ground_paints
    before = pixels(full)
    full.set_track_moment(values.NOW + 1500)
    full.set_now(values.NOW + 45)
    assert not full.scene.marks_stale
    assert not np.array_equal(before, pixels(full))
    assert (
        lines(marks_of(full).hit(full.view, *at(full, values.LON + 0.004, values.LAT)))[-1] == "位置 2 分钟前"
    )
    full.set_now(values.NOW + 60)
    assert (
        lines(marks_of(full).hit(full.view, *at(full, values.LON + 0.004, values.LAT)))[-1] == "位置 3 分钟前"
    )
    assert full.scene.layout is layout and full.scene.ground_paints == paints
    full.set_now(values.NOW + 900)
    assert full.scene.marks_stale


def test_marks_are_reached_by_key(qtbot: QtBot, full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "cameras", "officers")
    full.setFocus()
    names = []
    for _ in range(12):
        qtbot.keyClick(full, Qt.Key.Key_BracketRight)
        if full.hover_card is None:
            break
        names.append(full.hover_card[1][0].text)
        assert full.accessibleDescription().startswith(names[-1])
    # The lost officer stands north of the others; a camera below a crowd is hidden by it.
    assert names[0] == "何静姝"
    assert {"桥头", "站前", "5 名网格员"} <= set(names)
    assert len(names) == len(set(names))
    assert full.scene.others.chosen is None
    back = []
    for _ in range(12):
        qtbot.keyClick(full, Qt.Key.Key_BracketLeft)
        if full.hover_card is None:
            break
        back.append(full.hover_card[1][0].text)
    assert back == names[::-1]


def test_without_marks_the_key_does_nothing(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    values.only(widget)
    assert not widget.next_mark(True)
    assert widget.hover_card is None


def test_the_chosen_mark_is_ringed_until_the_card_goes(full: GridMapWidget) -> None:
    values.look_at(full, 2.0)
    values.only(full, "cameras")
    bare = pixels(full)
    assert full.next_mark(True)
    ringed = pixels(full)
    assert full.scene.others.chosen is not None
    px, py = (round(v) for v in full.view.to_screen(full.scene.others.chosen).tolist())
    near = np.s_[py - 20 : py + 20, px - 20 : px + 20]
    assert np.count_nonzero(ringed[near] != bare[near]) > 60
    full.show_card(None)
    assert full.scene.others.chosen is None
    assert np.array_equal(pixels(full), bare)


def test_marks_below_the_boxes_are_passed_over(full: GridMapWidget) -> None:
    values.look_at(full, 8.0)
    values.only(full, "components")
    boxes = full.furniture.obstacles()
    for _ in range(200):
        if not full.next_mark(True):
            break
        x, y = full.view.to_screen(full.scene.others.chosen).tolist()
        assert not any(box.contains(x, y) for box in boxes)
    else:
        pytest.fail("the last mark never came")
