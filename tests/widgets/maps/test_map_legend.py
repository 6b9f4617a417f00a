"""The legend filters: by click, by keyboard, said in words, with a way back; and what each change is worth."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from maps.canvas import texts, tool_texts
from maps.canvas.legend_box import LegendBox
from maps.canvas.legend_filter import class_name, classes_of, spoken_legend
from maps.canvas.widget import GridMapWidget
from maps.layers.areas import NO_DATA, AreaFigures, Measure
from tests.widgets.maps.conftest import MakeMap, settle

K = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def click(qtbot: QtBot, legend: LegendBox, zone: str) -> None:
    qtbot.mouseClick(legend, LEFT, pos=legend.zones()[zone].center().toPoint())


@pytest.fixture
def widget(make_map: MakeMap) -> GridMapWidget:
    """A map on which some cells have no data."""
    made = make_map()
    codes = made.state.areas.cells.codes
    made.set_metric({code: AreaFigures(i % 20, i % 3, i % 2 == 0) for i, code in enumerate(codes[:-9])})
    made.refresh_now()
    return made


def test_a_click_on_a_class_switches_it(qtbot: QtBot, widget: GridMapWidget) -> None:
    legend = widget.furniture.legend
    with qtbot.waitSignal(widget.legend_filtered) as seen:
        click(qtbot, legend, "class:2")
    assert seen.args[0].measure is Measure.DENSITY
    assert seen.args[0].off == widget.state.legend_off == {2}
    click(qtbot, legend, f"class:{NO_DATA}")
    assert widget.state.legend_off == {2, NO_DATA}
    click(qtbot, legend, "class:2")
    assert widget.state.legend_off == {NO_DATA}
    widget.grab()


def test_the_picture_changes_and_comes_back(qtbot: QtBot, widget: GridMapWidget) -> None:
    settle(qtbot, widget)
    widget.clearFocus()
    at = widget.view.to_screen(widget.state.areas.cells.anchors[30])
    box = (int(at[0]) - 12, int(at[1]) - 12)

    def shot() -> bytes:
        settle(qtbot, widget)
        picture = widget.grab().toImage().copy(*box, 24, 24)
        return bytes(picture.constBits())

    before = shot()
    one = widget.state.area_layer.classes(
        widget.state.areas, widget.state.areas.finest, widget.scene.palette.tokens
    )[30]
    widget.legend_filter.toggle(one)
    assert shot() != before
    widget.legend_filter.take(frozenset())
    assert shot() == before


def test_all_off_means_all_on(qtbot: QtBot, widget: GridMapWidget) -> None:
    classes = widget.legend_filter.classes()
    assert classes == (0, 1, 2, 3, 4, NO_DATA)
    for one in classes[:-1]:
        widget.legend_filter.toggle(one)
    assert widget.state.legend_off == set(classes[:-1])
    widget.legend_filter.toggle(NO_DATA)
    assert widget.state.legend_off == frozenset()
    with qtbot.assertNotEmitted(widget.legend_filtered):
        widget.legend_filter.take(frozenset({77}))


def test_the_way_back_and_its_words(qtbot: QtBot, widget: GridMapWidget) -> None:
    legend = widget.furniture.legend
    assert "all" not in legend.zones()
    low = legend.height()
    click(qtbot, legend, "class:1")
    click(qtbot, legend, "class:3")
    assert legend.height() == low + 24
    assert tool_texts.entries_off(2) == "已隐藏 2 项 · 显示全部"
    assert legend.accessibleDescription().count(tool_texts.hidden()) == 2
    assert "1–3 已隐藏" in legend.accessibleDescription()
    click(qtbot, legend, "all")
    assert widget.state.legend_off == frozenset()
    assert tool_texts.hidden() not in legend.accessibleDescription()
    assert legend.height() == low


def test_another_measure_shows_all_again(widget: GridMapWidget) -> None:
    widget.legend_filter.toggle(1)
    widget.set_measure("overdue")
    assert widget.state.legend_off == frozenset()
    widget.set_measure("officer")
    assert widget.legend_filter.classes() == (1, 0, NO_DATA)
    assert widget.legend_filter.name(1) == texts.manned()
    assert widget.legend_filter.name(0) == texts.unmanned()
    widget.legend_filter.toggle(0)
    assert widget.state.legend_off == {0}
    widget.grab()


def test_the_legend_by_keyboard_alone(qtbot: QtBot, widget: GridMapWidget) -> None:
    qtbot.keyClick(widget, K.Key_L, SHIFT)
    legend = widget.furniture.legend
    assert legend._focus == "class:0"
    qtbot.keyClick(widget, K.Key_Right)
    qtbot.keyClick(widget, K.Key_Down)
    assert legend._focus == "class:2"
    assert "4–8" in widget.accessibleDescription()
    with qtbot.waitSignal(widget.legend_filtered) as seen:
        qtbot.keyClick(widget, K.Key_Space)
    assert seen.args[0].off == {2}
    assert tool_texts.hidden() in widget.accessibleDescription()
    qtbot.keyClick(widget, K.Key_Left)
    qtbot.keyClick(widget, K.Key_Return)
    assert widget.state.legend_off == {1, 2}
    for _ in range(2):
        qtbot.keyClick(widget, K.Key_Up)
    assert legend._focus == f"class:{NO_DATA}"
    qtbot.keyClick(widget, K.Key_Backspace)
    assert widget.state.legend_off == frozenset()
    widget.grab()
    qtbot.keyClick(widget, K.Key_Escape)
    assert legend._focus == ""
    assert widget.tools.active is None


def test_other_keys_pass_through_the_legend(qtbot: QtBot, widget: GridMapWidget) -> None:
    widget.start_tool("legend")
    scale = widget.view.scale
    qtbot.keyClick(widget, K.Key_Plus)
    assert widget.view.scale < scale
    qtbot.keyClick(widget, K.Key_2)
    assert widget.state.area_layer.measure is Measure.OVERDUE
    assert widget.tools.name == "legend"


def test_the_legend_of_an_empty_map(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    assert widget.legend_filter.classes() == ()
    assert widget.legend_filter.name(2) == ""
    widget.start_tool("legend")
    assert widget.tools.hint() == tool_texts.leave()
    qtbot.keyClick(widget, K.Key_Space)
    assert widget.state.legend_off == frozenset()
    assert spoken_legend(None, frozenset()) == ""


def test_a_class_says_how_many_areas_it_has(widget: GridMapWidget) -> None:
    legend = widget.furniture.legend
    model = legend.legend
    assert f"{model.gaps} 个区域" in legend.zone_tip(f"class:{NO_DATA}")
    assert "单击隐藏" in legend.zone_tip("class:1")
    widget.legend_filter.toggle(1)
    assert "单击显示" in legend.zone_tip("class:1")
    assert legend.zone_tip("fold") == ""
    shown = sum(int(legend.zone_tip(f"class:{i}").split("：")[1].split()[0]) for i in classes_of(model))
    assert shown == model.areas


def test_names_of_classes(widget: GridMapWidget) -> None:
    model = widget.furniture.legend.legend
    assert [class_name(model, i) for i in (0, 4, NO_DATA, 9)] == ["0", "≥16", texts.no_data(), ""]


def test_a_folded_legend_still_tells_of_the_filter(qtbot: QtBot, widget: GridMapWidget) -> None:
    legend = widget.furniture.legend
    widget.legend_filter.toggle(1)
    click(qtbot, legend, "fold")
    assert set(legend.zones()) == {"fold"}
    assert tool_texts.hidden() in legend.accessibleDescription()
    warned = legend.grab().toImage().pixelColor(QPoint(4, 4))
    assert warned.isValid()


def test_from_outside_no_signal_is_sent(qtbot: QtBot, widget: GridMapWidget) -> None:
    with qtbot.assertNotEmitted(widget.legend_filtered):
        widget.set_legend_off(frozenset({1}))
    assert "all" in widget.furniture.legend.zones()


# --- bands --------------------------------------------------------------------------------------------


def test_bands_only_explain_until_somebody_filters_cases(qtbot: QtBot, widget: GridMapWidget) -> None:
    legend = widget.furniture.legend
    assert not any(zone.startswith("band:") for zone in legend.zones())
    with qtbot.assertNotEmitted(widget.legend_filtered):
        widget.legend_filter.take_bands(frozenset({"ok"}))
    assert widget.legend_filter.bands_off is None


@pytest.fixture
def banded(widget: GridMapWidget) -> GridMapWidget:
    widget.legend_filter.set_bands_off(frozenset())
    return widget


def test_a_click_on_a_band_asks_for_the_others(qtbot: QtBot, banded: GridMapWidget) -> None:
    legend = banded.furniture.legend
    with qtbot.waitSignal(banded.legend_filtered) as seen:
        click(qtbot, legend, "band:ok")
    assert seen.args[0].bands_off == {"ok"}
    assert seen.args[0].off == frozenset()
    assert f"{texts.band_name('ok')} {tool_texts.hidden()}" in legend.accessibleDescription()
    assert "已隐藏" in legend.zone_tip("band:ok")
    assert "已隐藏" not in legend.zone_tip("band:soon")
    banded.grab()
    click(qtbot, legend, "class:1")
    with qtbot.waitSignal(banded.legend_filtered) as seen:
        click(qtbot, legend, "all")
    assert (seen.args[0].off, seen.args[0].bands_off) == (frozenset(), frozenset())
    assert banded.state.legend_off == frozenset()
    assert "all" not in legend.zones()


def test_every_band_off_means_every_band_on(banded: GridMapWidget) -> None:
    for band in banded.furniture.legend.legend.bands:
        banded.legend_filter.toggle_item(f"band:{band}")
    assert banded.legend_filter.bands_off == frozenset()
    banded.legend_filter.take_bands(frozenset({"closed", "strange"}))
    assert banded.legend_filter.bands_off == frozenset()


def test_bands_by_keyboard(qtbot: QtBot, banded: GridMapWidget) -> None:
    qtbot.keyClick(banded, K.Key_L, SHIFT)
    qtbot.keyClick(banded, K.Key_Left)
    legend = banded.furniture.legend
    assert legend._focus == "band:suspended"
    assert texts.band_name("suspended") in banded.accessibleDescription()
    qtbot.keyClick(banded, K.Key_Space)
    assert banded.legend_filter.bands_off == {"suspended"}
    assert banded.legend_filter.is_off("band:suspended")
    banded.grab()
    qtbot.keyClick(banded, K.Key_Backspace)
    assert banded.legend_filter.count_off == 0


def test_zones_of_classes_and_bands_are_apart(banded: GridMapWidget) -> None:
    banded.legend_filter.toggle_item("band:ok")
    for measure in Measure:
        banded.set_measure(measure)
        rooms = list(banded.furniture.legend.zones().values())
        for i, room in enumerate(rooms):
            assert room.height() >= 24
            assert room.width() >= 24
            inner = room.adjusted(0.01, 0.01, -0.01, -0.01)
            assert not any(inner.intersects(other) for other in rooms[:i])
