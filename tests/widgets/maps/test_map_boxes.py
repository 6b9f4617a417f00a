"""Boxes, words and the translator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTranslator
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from maps.canvas import texts
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.layers.areas import Measure
from maps.layers.cases import MapCase
from maps.layers.legend import LegendModel
from maps.layers.state import LAYER_ORDER
from maps.layers.tokens import BANDS
from services.domain.codes import LEVELS
from tests.widgets.maps.conftest import MakeMap


class Doubling(QTranslator):
    """A language in which every word of the map is twice as long."""

    def translate(self, context: str, source: str, disambiguation: str = "", n: int = -1) -> str:
        del disambiguation, n
        return source + source if context == "GridMap" else ""

    def isEmpty(self) -> bool:  # noqa: N802 # Qt's name
        return False


@pytest.fixture
def other_language(qapp: QApplication) -> Iterator[Doubling]:
    translator = Doubling()
    yield translator
    qapp.removeTranslator(translator)


def test_the_boxes_grow_with_the_language(
    qapp: QApplication, make_map: MakeMap, other_language: Doubling
) -> None:
    widget = make_map(size=(1200, 900))
    before = widget.furniture.switch.width()
    qapp.installTranslator(other_language)
    qapp.processEvents()
    assert widget.furniture.switch.width() > before * 1.3
    assert widget.accessibleName() == "网格地图网格地图"
    assert widget.furniture.layers.geometry().right() < 1200
    widget.grab()
    qapp.removeTranslator(other_language)
    qapp.processEvents()
    assert widget.furniture.switch.width() == before


def test_every_word_goes_through_the_translator(qapp: QApplication, other_language: Doubling) -> None:
    def everything() -> list[str]:
        legends = [LegendModel(m, level, 3, (), False) for m in Measure for level in LEVELS]
        return [
            *(texts.measure_name(m) for m in Measure),
            *(texts.layer_name(name) for name in LAYER_ORDER),
            *(texts.band_name(band) for band in BANDS),
            *(texts.level_name(level) for level in LEVELS),
            *(texts.legend_title(legend) for legend in legends),
            *(texts.area_count(legend) for legend in legends),
            *(texts.distance(m) for m in (5, 5000)),
            *(texts.officer_state(b, lost, "14:07") for b in (True, False) for lost in (True, False)),
            texts.legend_title_short(),
            texts.no_data(),
            texts.manned(),
            texts.unmanned(),
            texts.layers_title(),
            texts.zoom_in(),
            texts.zoom_out(),
            texts.locate(),
            texts.nearest_officer("方知夏", 180),
            texts.case_count(3),
            texts.open_and_overdue(3, 1),
            texts.landed("望塔-09", 5),
            texts.outside(),
            texts.pick_hint(),
            texts.fine_tune(),
            texts.map_name(),
            texts.nothing_loaded(),
        ]

    plain = everything()
    qapp.installTranslator(other_language)
    for short, long in zip(plain, everything(), strict=True):
        assert long != short
        assert len(long) > len(short)


def test_words_of_the_design() -> None:
    assert [texts.measure_name(m) for m in Measure] == [
        "在办密度",
        "超时占比",
        "网格员",
        "今日新增",
        "最近到期",
        "静默网格",
    ]
    assert [texts.band_name(b) for b in BANDS] == [
        "超时>72h",
        "超时24–72h",
        "超时<24h",
        "即将超时",
        "挂账",
        "正常",
        "已结案",
    ]
    assert texts.band_name("strange") == "strange"
    assert texts.landed("望塔-09", 0.2) == "已落入网格 望塔-09 · 精度约 1 米"
    assert texts.officer_state(False, True, "") == "位置为 — 最后上报"
    assert texts.case_count(1234) == "1,234 件在办"
    street = LegendModel(Measure.DENSITY, "street", 8, (), False)
    assert texts.legend_title(street) == "在办案件（件/街道）"
    assert texts.area_count(street) == "8 个街道"
    assert texts.area_count(LegendModel(Measure.DENSITY, "grid", 20000, (), False)) == "20,000 个网格"


def test_tooltips_of_the_zoom_box(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    box = widget.furniture.zoom
    qtbot.mouseMove(box, QPoint(5, 5))
    qtbot.mouseMove(box, box.zones()["out"].center().toPoint())
    qtbot.waitUntil(lambda: QToolTip.text() == texts.zoom_out(), timeout=1000)
    assert box._hover == "out"
    QApplication.sendEvent(box, _leave())
    assert box._hover == ""
    QToolTip.hideText()
    assert box.zone_tip("nothing") == ""
    assert widget.furniture.legend.zone_tip("fold") == ""


def _leave() -> object:
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_the_right_button_chooses_nothing(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    box = widget.furniture.switch
    with qtbot.assertNotEmitted(box.zone_clicked):
        qtbot.mouseClick(box, Qt.MouseButton.RightButton, pos=box.zones()["overdue"].center().toPoint())
    with qtbot.assertNotEmitted(widget.area_clicked), qtbot.assertNotEmitted(widget.case_selected):
        qtbot.mouseClick(widget, Qt.MouseButton.RightButton, pos=QPoint(450, 350))
        qtbot.mouseDClick(widget, Qt.MouseButton.RightButton, pos=QPoint(450, 350))


def test_a_click_between_the_zones_chooses_nothing(qtbot: QtBot, make_map: MakeMap) -> None:
    box = make_map().furniture.switch
    with qtbot.assertNotEmitted(box.zone_clicked):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))


def test_the_boxes_never_take_the_keyboard(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    for box in (
        widget.furniture.switch,
        widget.furniture.layers,
        widget.furniture.zoom,
        widget.furniture.legend,
    ):
        zone = next(iter(box.zones().values()))
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=zone.center().toPoint())
        assert widget.hasFocus()
        assert box.accessibleName()


def test_the_focus_is_visible(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    widget.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    focused = widget.grab().toImage().pixelColor(1, 400)
    widget.clearFocus()
    assert widget.grab().toImage().pixelColor(1, 400) != focused
    assert focused == widget.scene.palette.color("accent.focus")


def test_hit_areas_are_at_least_24_pixels(make_map: MakeMap) -> None:
    widget = make_map()
    for box in (
        widget.furniture.switch,
        widget.furniture.layers,
        widget.furniture.zoom,
        widget.furniture.legend,
    ):
        for zone in box.zones().values():
            assert zone.height() >= 24
            assert zone.width() >= 24


def test_the_zones_of_a_box_do_not_overlap_and_lie_inside(make_map: MakeMap) -> None:
    widget = make_map()
    for box in (widget.furniture.switch, widget.furniture.layers, widget.furniture.zoom):
        zones = list(box.zones().values())
        for i, zone in enumerate(zones):
            assert box.rect().toRectF().contains(zone)
            assert not any(zone.intersects(other) for other in zones[:i])


# --- what comes in ------------------------------------------------------------------------------------


def test_a_case_without_coordinates_is_taken(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    widget.set_cases(
        [MapCase("a", "1", None, None), MapCase("b", "2", 113.25, None), MapCase("c", "3", 113.25, 23.15)]
    )
    widget.refresh_now()
    assert widget.state.cases.unplaced == {"a", "b"}
    widget.nav.jump(widget.view.centred_on(*widget.state.cases.point("c")))
    widget.refresh_now()
    assert [m.case_ids for m in widget.scene.layout.marks] == [("c",)]
    widget.select_case("a")
    widget.grab()


def test_refused_areas_are_reported(make_map: MakeMap, shapes: list[AreaShape]) -> None:
    widget = make_map(filled=False)
    assert widget.set_areas(shapes) == ()
    refused = widget.set_areas([*shapes, shapes[0], AreaShape("", "", "grid", None, shapes[0].geometry)])
    assert [r.reason for r in refused] == ["duplicate", "no_code"]


def test_generators_are_taken(make_map: MakeMap, shapes: list[AreaShape], open_cases: list[MapCase]) -> None:
    widget = make_map(filled=False)
    widget.set_areas(s for s in shapes)
    widget.set_cases(c for c in open_cases)
    widget.update_cases((c for c in open_cases[:3]), (c.case_id for c in open_cases[3:6]))
    widget.refresh_now()
    assert len(widget.state.cases.cases) == len(open_cases) - 3


def test_a_measure_by_name(make_map: MakeMap) -> None:
    widget = make_map()
    widget.set_measure("overdue")
    assert widget.state.area_layer.measure is Measure.OVERDUE
    with pytest.raises(ValueError, match="weather"):
        widget.set_measure("weather")


def test_what_is_selected_is_described(make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map()
    assert widget.accessibleName() == "网格地图"
    widget.select_case(open_cases[0].case_id)
    assert open_cases[0].title in widget.accessibleDescription()
    assert open_cases[0].address in widget.accessibleDescription()
    widget.select_case("")
    assert widget.accessibleDescription() == ""


def test_size_hints(make_map: MakeMap) -> None:
    assert make_map().minimumSizeHint().width() == 480
    mini = GridMapWidget(mini=True)
    assert mini.sizeHint().width() < make_map().sizeHint().width()
    assert mini.minimumSizeHint().width() == 200
    mini.deleteLater()


def test_the_pin_learns_its_grid_when_the_areas_come(make_map: MakeMap, shapes: list[AreaShape]) -> None:
    widget = make_map(size=(352, 200), mini=True, filled=False)
    widget.set_point(113.26, 23.15)
    assert widget.pin.area_code == ""
    widget.set_areas(shapes)
    assert widget.pin.area_code == widget.selection.area_code != ""
    widget.set_areas([])
    assert widget.pin.area_code == ""


def test_a_pin_before_the_areas_is_no_error(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    widget.set_pick_mode(True)
    widget.set_point(113.26, 23.15)
    image = widget.grab().toImage()
    tip = widget.view.to_screen((widget.pin.x, widget.pin.y))
    at = QPointF(float(tip[0]), float(tip[1]) - 10)
    assert image.pixelColor(at.toPoint()).name() == widget.scene.palette.color("accent.fill").name()
