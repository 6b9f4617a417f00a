"""Where the boxes stand: never over each other, never off the map, at any size, language and state."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtWidgets import QWidget

from maps.canvas.box_plan import EDGE, GAP, BoxPlan, Place
from maps.canvas.hint_line import WIDEST, lines_size, wrapped
from maps.canvas.palette import MapPalette
from maps.canvas.tools.toolbox import TOOLS
from maps.canvas.widget import GridMapWidget
from tests.widgets.maps.conftest import MakeMap

SIZES = [
    (480, 320), (480, 760), (512, 340), (640, 360), (680, 760), (800, 600), (900, 320), (1024, 768),
    (1280, 720), (1536, 864), (1920, 1080), (2560, 1440), (3840, 2160),
]  # fmt: skip


def check(widget: GridMapWidget) -> dict[str, QRectF]:
    """No two boxes overlap, all lie on the map; what is a widget stands where the plan says."""
    plan = widget.furniture.plan
    rooms = {name: place.room for name, place in plan.taken.items()}
    screen = QRectF(widget.rect())
    for name, room in rooms.items():
        assert screen.contains(room), name
        for other, its in rooms.items():
            assert other == name or not room.intersects(its), (name, other, widget.size())
    shown = [box for box in widget.furniture._boxes() if not box.isHidden()]
    for box in shown:
        for other in shown:
            assert box is other or not box.geometry().intersects(other.geometry())
        assert widget.rect().contains(box.geometry())
        zones = box.zones() if hasattr(box, "zones") else {}
        for zone, room in zones.items():
            assert room.height() >= 24, zone
            assert room.width() >= 24, zone
            assert QRectF(box.rect()).contains(room), zone
    return rooms


@pytest.mark.parametrize(("theme", "sizes"), [("dark", SIZES), ("light", [SIZES[0], SIZES[-1]])])
def test_boxes_never_overlap(make_map: MakeMap, theme: str, sizes: list[tuple[int, int]]) -> None:
    widget = make_map(theme)
    for size in sizes:
        for folded in (False, True):
            widget.furniture.layers.set_folded(folded)
            widget.resize(*size)
            widget.set_offline(False)
            widget.furniture.arrange()
            rooms = check(widget)
            assert {"scale", "layers", "legend", "coordinates"} <= set(rooms), size
            assert "switch" in rooms or not folded, size
            assert "zoom" in rooms or not folded, size
            widget.set_offline(True, "离线底图 · 位置为 14:07 最后上报")
            for name in (*TOOLS, ""):
                if name:
                    widget.start_tool(name)
                else:
                    widget.tools.leave()
                    widget.say("选区内 1,234 件、567 个网格 · Esc 取消选区")
                rooms = check(widget)
                assert "hint" in rooms or not folded, (size, name)


def test_the_legend_with_every_class_off_and_other_measures(make_map: MakeMap) -> None:
    widget = make_map()
    for size in SIZES:
        widget.resize(*size)
        for measure in ("density", "overdue", "officer", "new_today", "nearest", "silent"):
            widget.set_measure(measure)
            for off in (frozenset(), frozenset(widget.legend_filter.classes()[:1])):
                widget.legend_filter.take(off)
                check(widget)


def test_the_line_of_pick_mode_keeps_off_the_boxes(make_map: MakeMap) -> None:
    widget = make_map()
    widget.furniture.layers.set_folded(True)
    for size in SIZES:
        widget.resize(*size)
        widget.clear_point()
        widget.set_pick_mode(True)
        assert "hint" in check(widget)
        for lon in (113.26, 114.9):
            widget.set_point(lon, 23.15)
            assert "hint" in check(widget)
        widget.set_pick_mode(False)
        assert "hint" not in check(widget)


def test_a_map_that_is_too_small_shows_what_it_can(make_map: MakeMap) -> None:
    widget = make_map()
    widget.setMinimumSize(1, 1)
    for size in ((200, 140), (120, 60), (10, 10), (300, 1), (1, 300)):
        widget.resize(*size)
        widget.start_tool("distance")
        check(widget)
        widget.tools.leave()
        widget.grab()


def test_wide_maps_name_every_measure_and_narrow_ones_the_chosen(make_map: MakeMap) -> None:
    widget = make_map(size=(1200, 800))
    switch = widget.furniture.switch
    assert widget.furniture.plan.taken["switch"].form == "full"
    assert switch.zone_tip("overdue") == ""
    widget.furniture.layers.set_folded(True)
    widget.resize(480, 500)
    assert widget.furniture.plan.taken["switch"].form == "caps"
    assert switch.zone_tip("overdue") == "超时占比"
    before = switch.width()
    widget.set_measure("overdue")
    assert abs(switch.width() - before) < 20
    assert switch.accessibleDescription() == "超时占比"
    check(widget)


def test_the_legend_folds_for_want_of_room_and_opens_again(make_map: MakeMap) -> None:
    widget = make_map(size=(480, 320))
    legend = widget.furniture.legend
    assert legend.is_folded
    assert not legend.folded
    widget.resize(1000, 800)
    assert not legend.is_folded
    legend.set_folded(True)
    widget.furniture.arrange()
    assert widget.furniture.plan.taken["legend"].form == "folded"


# --- the planner --------------------------------------------------------------------------------------

SIZE = st.tuples(st.floats(5, 400), st.floats(5, 200))


@given(width=st.floats(50, 4000), height=st.floats(50, 2200), sizes=st.lists(SIZE, max_size=8))
def test_whatever_is_put_is_apart_and_on_screen(
    width: float, height: float, sizes: list[tuple[float, float]]
) -> None:
    plan = BoxPlan(width, height)
    corners = [plan.top_left, plan.top_right, plan.bottom_left, plan.bottom_right]
    for i, (w, h) in enumerate(sizes):
        size = QSizeF(w, h)
        places = [Place("x", corner(size)) for corner in (*corners[i % 4 :], *corners[: i % 4])]
        taken = plan.put(f"box{i}", places)
        assert (taken is None) == (f"box{i}" not in plan.taken)
        assert taken is None or taken in places
    rooms = [place.room for place in plan.taken.values()]
    for i, room in enumerate(rooms):
        assert QRectF(0, 0, width, height).contains(room)
        for other in rooms[:i]:
            assert not room.adjusted(-GAP, -GAP, GAP, GAP).intersects(other)


def test_the_lowest_place_is_in_the_middle_and_then_beside_a_box() -> None:
    plan = BoxPlan(600, 400)
    first = next(iter(plan.lowest("x", QSizeF(100, 20))))
    assert first.room == QRectF(250, 400 - EDGE - 20, 100, 20)
    plan.put("wide", [Place("x", QRectF(0, 300, 400, 100))])
    hint = plan.put("hint", list(plan.lowest("x", QSizeF(150, 20))))
    assert hint.room.bottom() == 400 - EDGE
    assert hint.room.left() > 400


# --- the hint -----------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(alphabet="选区，方向键·Esc退出 abc：；", min_size=1, max_size=120),
    room=st.floats(80, 900),
)
def test_a_hint_keeps_every_letter_and_fits(qapp: object, text: str, room: float) -> None:
    palette = MapPalette.load()
    lines = wrapped(text, palette, room)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    size = lines_size(lines, palette)
    assert size.width() <= min(room, WIDEST) + 1
    assert size.height() >= 20 * len(lines)


def test_a_sentence_goes_by_itself(qtbot: object, make_map: MakeMap) -> None:
    widget = make_map()
    widget.say("已复制地图图片")
    assert "hint" in widget.furniture.plan.taken
    hint = widget.furniture.hint
    hint._gone.setInterval(20)
    widget.say("又一句")
    qtbot.waitUntil(lambda: hint.said == "", timeout=1000)
    assert "hint" not in widget.furniture.plan.taken


def test_the_boxes_are_children_that_never_take_the_focus(make_map: MakeMap) -> None:
    widget = make_map()
    for box in (widget.furniture.switch, widget.furniture.zoom, widget.furniture.legend):
        assert isinstance(box, QWidget)
        assert box.accessibleName()
        assert box.focusPolicy().value == 0
