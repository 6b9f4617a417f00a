"""The layers panel: every change by keyboard and by mouse, class breaks, small maps, both themes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from maps.canvas import layer_words
from maps.canvas.breaks_page import BreaksPage, BreaksView
from maps.canvas.layer_rows import LayerAsk, LayerRow, LayersView
from maps.canvas.layers_desk import asked_book, layers_view
from maps.canvas.layers_panel import LayersPanel
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.layers.base import FeatureLayer
from maps.layers.book import DEFAULT_ORDER, LayerBook
from maps.layers.measures import BreaksError
from tests.widgets.maps import layer_values as values
from tests.widgets.maps.conftest import MakeMap

K = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def grid_map(make_map: MakeMap) -> GridMapWidget:
    widget = make_map(size=(1200, 900))
    widget.furniture.toggle_layers()
    return widget


def panel_of(widget: GridMapWidget) -> LayersPanel:
    return widget.furniture.layers


def go_to(qtbot: QtBot, panel: LayersPanel, layer: str) -> None:
    qtbot.keyClick(panel, K.Key_Home)
    while panel.current != layer:
        before = panel.current
        qtbot.keyClick(panel, K.Key_Down)
        assert panel.current != before, f"{layer} is not in the panel"


def centre(box: QRectF) -> QPoint:
    return box.center().toPoint()


# --- what it shows --------------------------------------------------------------------------------


def test_every_layer_has_a_row_from_above(grid_map: GridMapWidget) -> None:
    rows = panel_of(grid_map).view.rows
    assert [row.id for row in rows] == [i for i in reversed(DEFAULT_ORDER) if i != "base.sea"]
    assert [row.title for row in rows][:4] == ["注记", "标绘", "案件", "轨迹"]
    assert {row.id for row in rows if not row.movable} == {"labels", "heat", "borders"}


def test_no_row_is_dead(grid_map: GridMapWidget) -> None:
    notes = {row.id: row.note for row in panel_of(grid_map).view.rows}
    assert notes["cameras"] == notes["components"] == notes["tracks"] == "暂无数据"
    assert notes["cases"] == notes["fill"] == ""
    values.fill(grid_map)
    grid_map.furniture.sync()
    notes = {row.id: row.note for row in panel_of(grid_map).view.rows}
    assert {name for name, note in notes.items() if note} == {"outside"}


def test_a_remembered_source_that_is_not_there_says_so(grid_map: GridMapWidget) -> None:
    grid_map.set_book(grid_map.book.with_source("tiles:gone", "老地图"))
    row = next(row for row in panel_of(grid_map).view.rows if row.id == "tiles:gone")
    assert (row.title, row.note) == ("老地图", "来源未连接")


def test_a_source_has_a_row_with_its_name(grid_map: GridMapWidget) -> None:
    grid_map.set_features(FeatureLayer.of("green", "绿地", []))
    assert [r.title for r in panel_of(grid_map).view.rows if r.id == "features:green"] == ["绿地"]
    # A book that was remembered before the source was there does not lose it.
    grid_map.set_book(LayerBook())
    assert grid_map.book.get("features:green") is not None
    grid_map.drop_ground_layer("features:green")
    assert grid_map.book.get("features:green") is None


# --- by keyboard ----------------------------------------------------------------------------------


def test_the_key_unfolds_and_gives_the_keyboard_back(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.setFocus()
    qtbot.keyClick(widget, K.Key_L)
    assert not panel_of(widget).folded and panel_of(widget).hasFocus()
    assert panel_of(widget).height() > 200
    for key in (K.Key_L, K.Key_Escape):
        qtbot.keyClick(panel_of(widget), key)
        assert panel_of(widget).folded and widget.hasFocus()
        assert widget.selection.case_id == ""
        qtbot.keyClick(widget, K.Key_L)


def test_space_switches_a_layer_and_the_change_is_told(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "cases")
    with qtbot.waitSignal(grid_map.layers_changed) as told:
        qtbot.keyClick(panel, K.Key_Space)
    assert isinstance(told.args[0], LayerBook) and not told.args[0].shows("cases")
    assert not grid_map.state.shows("cases")
    assert panel.current == "cases"
    qtbot.keyClick(panel, K.Key_Return)
    assert grid_map.state.shows("cases")


def test_alt_and_arrows_change_the_order(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "officers")
    qtbot.keyClick(panel, K.Key_Up, ALT)
    ids = grid_map.book.ids()
    assert ids.index("officers") == ids.index("tracks") + 1
    assert panel.current == "officers"
    qtbot.keyClick(panel, K.Key_Down, ALT)
    assert grid_map.book.ids() == DEFAULT_ORDER
    go_to(qtbot, panel, "labels")
    with qtbot.assertNotEmitted(grid_map.layers_changed):
        qtbot.keyClick(panel, K.Key_Down, ALT)


def test_arrows_change_the_opacity(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "fill")
    for _ in range(3):
        qtbot.keyClick(panel, K.Key_Left)
    assert grid_map.state.fill_opacity == pytest.approx(0.7)
    for _ in range(6):
        qtbot.keyClick(panel, K.Key_Right)
    assert grid_map.state.fill_opacity == 1.0


def test_reset_puts_all_back(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    changed = grid_map.book.shown("cases", False).moved("officers", 2).with_opacity("fill", 0.2)
    grid_map.set_book(changed.with_breaks("density/grid", (0, 2, 3, 4, 5)))
    qtbot.keyClick(panel, K.Key_R)
    assert grid_map.book == LayerBook()
    assert grid_map.state.area_layer.custom == {}


def test_the_row_is_spoken(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "cameras")
    assert panel.accessibleDescription() == "视频，已隐藏，不透明度 100%，暂无数据"
    qtbot.keyClick(panel, K.Key_Space)
    assert panel.accessibleDescription() == "视频，已显示，不透明度 100%，暂无数据"


def test_the_tabulator_leaves_no_case_chosen(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    qtbot.keyClick(panel, K.Key_B)
    assert panel.page.fields[0].hasFocus()
    qtbot.keyClick(panel.page.fields[0], K.Key_Escape)
    assert panel.hasFocus() and panel.page.isHidden()
    qtbot.keyClick(panel, K.Key_B)
    grid_map.furniture.toggle_layers()
    assert grid_map.hasFocus()
    assert grid_map.selection.case_id == ""


# --- by mouse -------------------------------------------------------------------------------------


def test_clicks_on_the_parts_of_a_row(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(panel, left, pos=centre(panel.zones()["check|cases"]))
    assert not grid_map.state.shows("cases")
    bar = panel.zones()["bar|fill"]
    qtbot.mouseClick(panel, left, pos=QPoint(round(bar.left() + 2 + 13), round(bar.center().y())))
    assert grid_map.state.fill_opacity == pytest.approx(0.5, abs=0.05)
    row = panel.zones()["row|water"]
    qtbot.mouseClick(panel, left, pos=QPoint(100, round(row.center().y())))
    assert panel.current == "water" and grid_map.state.shows("water")
    qtbot.mouseClick(panel, left, pos=centre(panel.zones()["reset"]))
    assert grid_map.book == LayerBook()
    qtbot.mouseClick(panel, left, pos=centre(panel.zones()["breaks"]))
    assert not panel.page.isHidden()
    panel.close_breaks()
    qtbot.mouseClick(panel, left, pos=centre(panel.zones()["fold"]))
    assert panel.folded


def test_a_row_is_dragged_to_another_place(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    start = panel.zones()["row|drawings"].center().toPoint()
    qtbot.mousePress(panel, Qt.MouseButton.LeftButton, pos=QPoint(100, start.y()))
    for y in range(start.y(), start.y() + 60, 6):
        qtbot.mouseMove(panel, QPoint(100, y))
    qtbot.mouseRelease(panel, Qt.MouseButton.LeftButton, pos=QPoint(100, start.y() + 60))
    ids = grid_map.book.ids()
    assert ids.index("drawings") == DEFAULT_ORDER.index("drawings") - 2
    assert grid_map.state.shows("drawings")


# --- class breaks ---------------------------------------------------------------------------------


def test_breaks_are_changed_and_the_legend_follows(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    qtbot.keyClick(panel, K.Key_B)
    page = panel.page
    assert [field.text() for field in page.fields] == ["1", "4", "9", "16"]
    assert not page.default.isEnabled()
    for field, text in zip(page.fields, ("2", "5", "10", "20"), strict=True):
        field.setText(text)
    with qtbot.waitSignal(grid_map.layers_changed):
        qtbot.keyClick(page.fields[3], K.Key_Return)
    assert grid_map.book.breaks == {"density/grid": (0, 2, 5, 10, 20)}
    legend = grid_map.furniture.legend.legend
    assert legend is not None and [c.label for c in legend.classes] == ["0–1", "2–4", "5–9", "10–19", "≥20"]
    assert sum(legend.counts) + legend.gaps == legend.areas
    assert page.default.isEnabled()
    page.default.click()
    assert grid_map.book.breaks == {}
    assert [field.text() for field in page.fields] == ["1", "4", "9", "16"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("1", "1", "9", "16"), "下限须逐级增大。"),
        (("9", "4", "9", "16"), "下限须逐级增大。"),
        (("1", "4.5", "9", "16"), "请填数字；件数须为整数。"),
        (("", "4", "9", "16"), "请填数字；件数须为整数。"),
        (("nan", "4", "9", "16"), "请填数字；件数须为整数。"),
        (("一", "4", "9", "16"), "请填数字；件数须为整数。"),
        (("1", "4", "9", "1e99"), "请填数字；件数须为整数。"),
    ],
)
def test_breaks_that_cannot_be_used_are_told(
    qtbot: QtBot, grid_map: GridMapWidget, texts: tuple[str, ...], message: str
) -> None:
    page = panel_of(grid_map).page
    panel_of(grid_map).open_breaks()
    for field, text in zip(page.fields, texts, strict=True):
        field.setText(text)
    with qtbot.assertNotEmitted(grid_map.layers_changed):
        page.apply.click()
    assert page.message == message
    assert page.fields[0].hasFocus()
    qtbot.keyClick(page.fields[0], K.Key_1)
    assert page.message == ""


def test_full_width_figures_are_read(grid_map: GridMapWidget) -> None:
    page = panel_of(grid_map).page
    panel_of(grid_map).open_breaks()
    page.fields[3].setText("１，０２０ ")
    page.apply.click()
    assert grid_map.book.breaks == {"density/grid": (0, 1, 4, 9, 1020)}


def test_officers_have_no_breaks(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    grid_map.set_measure("officer")
    panel = panel_of(grid_map)
    assert panel.view.breaks is None
    qtbot.keyClick(panel, K.Key_B)
    assert panel.page.back.hasFocus() and not panel.page.apply.isEnabled()
    panel.grab()
    qtbot.keyClick(panel.page.back, K.Key_Return)
    assert panel.page.isHidden()


@pytest.mark.parametrize("measure", ["density", "overdue", "new_today", "nearest", "silent"])
def test_each_measure_has_breaks_with_its_colours(grid_map: GridMapWidget, measure: str) -> None:
    grid_map.set_measure(measure)
    view = layers_view(grid_map).breaks
    assert view is not None
    assert (len(view.values), len(view.tokens)) == (5, 5)
    assert view.title.startswith("分级：")
    changed = (0.0, *(v * 2 for v in view.values[1:]))
    book = asked_book(grid_map.book, LayerAsk("breaks", view.key, 0.0, changed))
    grid_map.change_book(book)
    again = layers_view(grid_map).breaks
    assert again is not None and again.values == changed and again.changed


# --- asking ---------------------------------------------------------------------------------------


@given(
    st.sampled_from(["show", "move", "opacity", "reset", "dance"]),
    st.sampled_from([*DEFAULT_ORDER, "tiles:a", "nobody"]),
    st.floats(-30, 30),
)
def test_asking_never_loses_a_layer(what: str, layer: str, value: float) -> None:
    book = LayerBook().with_source("tiles:a", "影像")
    assert set(asked_book(book, LayerAsk(what, layer, value)).ids()) == set(book.ids())


def test_bad_breaks_are_not_asked_for_twice() -> None:
    with pytest.raises(BreaksError):
        asked_book(LayerBook(), LayerAsk("breaks", "overdue", 0.0, (0, 5, 4, 3, 2)))


# --- room and looks -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(480, 320), (560, 360), (900, 700), (1920, 1080)])
def test_the_panel_fits_into_any_map(qtbot: QtBot, make_map: MakeMap, size: tuple[int, int]) -> None:
    widget = make_map(size=size)
    widget.furniture.toggle_layers()
    panel = panel_of(widget)
    inside = widget.rect().adjusted(8, 8, -8, -8)
    assert inside.contains(panel.geometry())
    for _ in range(20):
        qtbot.keyClick(panel, K.Key_Down)
        assert f"row|{panel.current}" in panel.zones(), "the current row is in sight"
        assert QRectF(panel.rect()).contains(panel.zones()[f"row|{panel.current}"])
    qtbot.keyClick(panel, K.Key_B)
    assert inside.contains(panel.geometry())
    for child in (*panel.page.fields, panel.page.apply, panel.page.default, panel.page.back):
        assert panel.page.rect().contains(child.geometry())


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_panel_is_painted_in_the_colours_of_the_theme(qtbot: QtBot, theme: str) -> None:
    palette = MapPalette.load(theme)
    host = QWidget()
    qtbot.addWidget(host)
    panel = LayersPanel(palette, host)
    rows = tuple(
        LayerRow(f"l{i}", f"图层 {i}", i % 2 == 0, i / 10, "暂无数据" * (i % 3 == 0)) for i in range(9)
    )
    panel.set_view(LayersView(rows, None))
    panel.set_folded(False)
    image = panel.grab().toImage()
    assert image.pixelColor(150, 6).name().upper() == palette.color("bg.overlay").name().upper()
    other = MapPalette.load("light" if theme == "dark" else "dark")
    panel.set_map_palette(other)
    assert panel.grab().toImage() != image


def test_a_long_name_leaves_room_for_the_opacity(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    panel = LayersPanel(MapPalette.load("dark"), host)
    panel.set_folded(False)
    panel.set_view(LayersView((LayerRow("a", "很长" * 40, True, 0.5, "来源未连接"),)))
    plain = panel.grab().toImage()
    panel.set_view(LayersView((LayerRow("a", "很长" * 41, True, 0.5, "来源未连接"),)))
    assert panel.grab().toImage() == plain


def test_the_page_keeps_what_is_being_typed_while_nothing_changes(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    page = BreaksPage(MapPalette.load("dark"), host)
    view = BreaksView(
        "overdue", "分级", (0, 1, 2, 3, 4), tuple(f"map.overdue_ramp.{i}" for i in range(5)), False
    )
    page.set_view(view)
    page.fields[0].setText("1.5")
    page.set_view(BreaksView(view.key, view.title, view.values, view.tokens, view.whole))
    assert page.fields[0].text() == "1.5"
    with qtbot.waitSignal(page.applied) as told:
        page.apply.click()
    assert told.args == [(0.0, 1.5, 2.0, 3.0, 4.0)]


def test_panel_without_rows(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    panel = LayersPanel(MapPalette.load("dark"), host)
    panel.set_room(QSize(300, 200))
    panel.set_folded(False)
    for key in (K.Key_Down, K.Key_Up, K.Key_Space, K.Key_Left, K.Key_End):
        qtbot.keyClick(panel, key)
    assert panel.current == ""
    panel.grab()
    assert layer_words.note("rubbish") == ""


# --- ways of drawing ------------------------------------------------------------------------------


def test_cases_are_drawn_in_the_way_that_is_chosen(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "cases")
    seen = []
    for _ in range(4):
        row = next(row for row in panel.view.rows if row.id == "cases")
        seen.append((row.choice, grid_map.state.case_mode))
        qtbot.keyClick(panel, K.Key_T)
    assert seen == [("聚合", "clusters"), ("散点", "dots"), ("热力", "heat"), ("聚合", "clusters")]
    chip = panel.zones()["choice|cases"]
    with qtbot.waitSignal(grid_map.layers_changed) as told:
        qtbot.mouseClick(panel, Qt.MouseButton.LeftButton, pos=centre(chip))
    assert told.args[0].option("cases", "mode", "") in ("dots", "heat")


def test_the_heat_has_a_radius(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "heat")
    words = []
    for _ in range(6):
        words.append(next(row.choice for row in panel.view.rows if row.id == "heat"))
        qtbot.keyClick(panel, K.Key_T)
    assert words == ["随比例", "80 米", "150 米", "300 米", "600 米", "1200 米"]
    assert grid_map.book.option("heat", "radius_m", 5.0) == 0.0


def test_a_layer_without_a_choice_has_none(qtbot: QtBot, grid_map: GridMapWidget) -> None:
    panel = panel_of(grid_map)
    go_to(qtbot, panel, "water")
    with qtbot.assertNotEmitted(grid_map.layers_changed):
        qtbot.keyClick(panel, K.Key_T)
    assert asked_book(LayerBook(), LayerAsk("choice", "water")) == LayerBook()
    odd = LayerBook().with_option("cases", "mode", "stars")
    assert asked_book(odd, LayerAsk("choice", "cases")).option("cases", "mode", "") == "dots"
