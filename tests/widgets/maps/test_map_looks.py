"""What is painted: colours of classes, labels beside symbols, boxes, themes, sharpness."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from maps.canvas import texts
from maps.canvas.card_box import CardLine, place_card
from maps.canvas.cards import area_card, mark_card
from maps.canvas.furniture import Furniture
from maps.canvas.ground import Ground
from maps.canvas.label_shapes import cell_number, short_code
from maps.canvas.overlay import case_card, scale_bar_length
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.canvas.sprites import SpriteBook
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures, Measure
from maps.layers.cases import MapCase, Mark
from maps.layers.officers import MapOfficer
from maps.layers.tokens import BANDS
from tests.widgets.maps import invented
from tests.widgets.maps.conftest import MakeMap, settle

DARK = MapPalette.load("dark")


def two_cells(widget: GridMapWidget) -> None:
    widget.set_areas(
        [
            AreaShape("440199001001001", "甲-01", "grid", None, shapely.box(113.2, 23.1, 113.25, 23.2)),
            AreaShape("440199001001002", "甲-02", "grid", None, shapely.box(113.25, 23.1, 113.3, 23.2)),
        ]
    )
    widget.set_layer_visible("labels", False)


def colour_at(widget: GridMapWidget, x: int, y: int) -> QColor:
    widget.refresh_now()
    return widget.grab().toImage().pixelColor(x, y)


# --- fill ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_fill_has_the_colour_of_its_class(make_map: MakeMap, theme: str) -> None:
    widget = make_map(theme, filled=False)
    two_cells(widget)
    palette = MapPalette.load(theme)
    for count, expected in ((0, 0), (2, 1), (8, 2), (12, 3), (40, 4)):
        widget.set_metric({"440199001001001": AreaFigures(count), "440199001001002": AreaFigures(0)})
        assert colour_at(widget, 330, 200) == palette.color(f"map.density_ramp.{expected}")
        assert colour_at(widget, 600, 200) == palette.color("map.density_ramp.0")
    assert colour_at(widget, 60, 400) == palette.color("map.sea")


def test_the_fill_of_overdue_shares_is_orange(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_metric({"440199001001001": AreaFigures(10, 3), "440199001001002": AreaFigures(10, 0)})
    widget.set_measure(Measure.OVERDUE)
    assert colour_at(widget, 330, 200) == DARK.color("map.overdue_ramp.4")
    assert colour_at(widget, 600, 200) == DARK.color("map.overdue_ramp.0")


def stripes(widget: GridMapWidget, left: int) -> int:
    """How many colours a patch of ground has."""
    widget.refresh_now()
    image = widget.grab().toImage()
    return len({image.pixel(x, y) for x in range(left, left + 60) for y in range(200, 230)})


def test_no_data_is_hatched_and_zero_is_not(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_metric({"440199001001002": AreaFigures(0)})
    assert stripes(widget, 300) > 3
    assert stripes(widget, 560) == 1
    assert widget.furniture.legend.legend.has_gaps


def test_cells_without_an_officer_are_hatched(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_measure(Measure.OFFICER)
    widget.set_metric(
        {"440199001001001": AreaFigures(9, 9, False), "440199001001002": AreaFigures(9, 9, True)}
    )
    assert stripes(widget, 300) > 3
    assert stripes(widget, 560) == 1


def test_offline_hatches_everything_and_says_since_when(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_metric({c: AreaFigures(1) for c in widget.state.areas.cells.codes})
    assert stripes(widget, 300) == 1
    widget.set_offline(True, "离线底图 · 位置为 14:07 最后上报")
    assert stripes(widget, 300) > 3
    assert colour_at(widget, 100, 55) == DARK.color("sla.soon.soft")
    widget.set_offline(False)
    assert stripes(widget, 300) == 1


def test_neighbours_leave_no_gap_between_their_fills(make_map: MakeMap, shapes: list[AreaShape]) -> None:
    widget = make_map()
    for layer in ("labels", "cases", "officers", "base"):
        widget.set_layer_visible(layer, False)
    widget.set_metric({s.code: AreaFigures(5) for s in shapes})
    widget.refresh_now()
    image = widget.grab().toImage()
    sea = DARK.color("map.sea").rgb()
    inner = shapely.transform(
        shapely.buffer(shapely.coverage_union_all(widget.state.areas.cells.geometry), -8 * widget.view.scale),
        widget.view.to_screen,
    )
    shapely.prepare(inner)
    boxes = widget.furniture.obstacles()
    xs, ys = np.meshgrid(np.arange(0, 900, 2), np.arange(0, 700, 2))
    inside = shapely.contains_xy(inner, xs.ravel(), ys.ravel())
    for x, y in zip(xs.ravel()[inside].tolist(), ys.ravel()[inside].tolist(), strict=True):
        assert image.pixel(x, y) != sea or any(b.contains(QPointF(x, y)) for b in boxes)


def test_far_out_the_fill_is_by_street(make_map: MakeMap) -> None:
    widget = make_map(size=(480, 320))
    widget.nav.jump(widget.view.zoomed_at(0.5, 240, 160))
    widget.refresh_now()
    widget._update_legend()
    assert widget.scene.layout.zoom.id == "city"
    assert widget.furniture.legend.legend.level == "street"
    assert {label.text for label in widget.scene.layout.labels} == {"示例区"}
    assert len(widget.scene.layout.marks) <= 9


# --- labels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.0, 1.7, 4.0, 14.0])
@pytest.mark.parametrize("selected", [False, True])
def test_labels_cover_no_symbol_no_box_and_no_other_label(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase], factor: float, selected: bool
) -> None:
    widget = make_map(size=(1200, 1000))
    if selected:
        widget.select_case(open_cases[7].case_id)
        widget.nav.jump(widget.view.centred_on(*widget.state.cases.point(open_cases[7].case_id)))
    widget.nav.jump(widget.view.zoomed_at(factor, 600, 500))
    settle(qtbot, widget)
    layout, view = widget.scene.layout, widget.view
    book = SpriteBook(DARK, 1.0)
    rooms = []
    for label in layout.labels:
        size = book.label_size(label.text, label.pixels, label.bold)
        x, y = view.to_screen((label.x, label.y))
        turn = np.radians(label.angle)
        wide = abs(np.cos(turn)) * size.width() + abs(np.sin(turn)) * size.height()
        high = abs(np.sin(turn)) * size.width() + abs(np.cos(turn)) * size.height()
        rooms.append(QRectF(x + label.dx - wide / 2, y + label.dy - high / 2, wide, high))
    assert rooms
    for i, room in enumerate(rooms):
        assert not any(room.intersects(other) for other in rooms[i + 1 :])
        assert QRectF(widget.rect()).contains(room)
    chosen_name = widget.state.areas.name_of(widget.selection.area_code) if selected else None
    for mark in layout.marks:
        x, y = view.to_screen((mark.x, mark.y))
        radius = 8 if mark.count == 1 else DARK.tokens.cluster_radius(mark.count)
        symbol = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        for label, room in zip(layout.labels, rooms, strict=True):
            assert label.text == chosen_name or not room.intersects(symbol)
    for box in widget.furniture.obstacles():
        for label, room in zip(layout.labels, rooms, strict=True):
            assert label.text == chosen_name or not room.intersects(box)


def test_the_label_of_the_selected_grid_is_always_there(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = make_map()
    for case in open_cases[:25]:
        widget.select_case(case.case_id)
        widget.refresh_now()
        name = widget.state.areas.name_of(widget.selection.area_code)
        assert name in {label.text for label in widget.scene.layout.labels}


def test_labels_follow_the_zoom_table(qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map(size=(1200, 1000))
    names: dict[str, set[str]] = {}
    case = next(c for c in open_cases if c.band == "over1")
    widget.nav.jump(widget.view.centred_on(*widget.state.cases.point(case.case_id)))
    for scale in (20.0, 8.0, 2.0, 0.6):
        view = widget.view
        widget.nav.jump(view.zoomed_at(view.metres_per_pixel / scale, 600, 500))
        settle(qtbot, widget)
        names[widget.scene.layout.zoom.id] = {label.text for label in widget.scene.layout.labels}
    assert names["district"] & set(invented.STREETS)
    assert not any(n.isdigit() for n in names["district"])
    assert any(n.isdigit() and len(n) == 2 for n in names["street"])
    assert any("-" in n for n in names["grid"])
    assert case.number in names["place"]


def test_a_street_is_named_where_it_is_seen(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    street = widget.state.areas.levels["street"]
    corner = shapely.get_coordinates(street.geometry[2])[0]
    inner = street.anchors[2] * 0.25 + corner * 0.75
    widget.nav.jump(Viewport(*(float(v) for v in inner), 1.5, 900, 700))
    settle(qtbot, widget)
    texts_there = {label.text for label in widget.scene.layout.labels}
    at = widget.state.area_at(widget.view.cx, widget.view.cy)
    owner = widget.state.areas.owners["street"][widget.state.areas.cells.index[at]]
    assert street.names[owner] in texts_there


def test_officers_out_of_contact_carry_their_time(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_layer_visible("labels", True)
    widget.set_officers(
        [
            MapOfficer("a", "何", 113.23, 23.15, lost=True, seen="14:07"),
            MapOfficer("b", "林", 113.27, 23.15, seen="14:31"),
        ]
    )
    widget.refresh_now()
    assert {label.text for label in widget.scene.layout.labels} >= {"14:07"}
    assert "14:31" not in {label.text for label in widget.scene.layout.labels}
    widget.set_offline(True, "离线")
    widget.refresh_now()
    assert {label.text for label in widget.scene.layout.labels} >= {"14:07", "14:31"}


@pytest.mark.parametrize(
    ("code", "name", "number"),
    [("440199001001009", "望塔-09", "09"), ("440199001001112", "望塔-112", "112"), ("440199001001007", "七号", "07"),
     ("440199001001107", "", "107")],
)  # fmt: skip
def test_short_number_of_a_grid(code: str, name: str, number: str) -> None:
    assert cell_number(code, name) == number
    assert short_code(code) == code[-3:].removeprefix("0")


# --- symbols ------------------------------------------------------------------------------------------


def paint(sprite_of: object, ratio: float = 4.0) -> QImage:
    sprite = sprite_of(SpriteBook(DARK, ratio))  # type: ignore[operator]
    return sprite.pixmap.toImage()


@pytest.mark.parametrize("band", [b for b in BANDS if b != "ok"])
def test_a_symbol_has_the_colour_of_its_band(band: str) -> None:
    image = paint(lambda book: book.band(band))
    middle = image.width() // 2
    colours = {image.pixelColor(middle + d, middle + 12).name() for d in range(-10, 11)}
    assert DARK.color(f"sla.{band}.fill").name() in colours


def test_the_quiet_ring_is_hollow() -> None:
    image = paint(lambda book: book.band("ok"))
    assert image.pixelColor(image.width() // 2, image.height() // 2).name() == DARK.color("bg.overlay").name()


def test_shapes_differ_without_colour() -> None:
    outlines = {}
    for band in BANDS:
        image = paint(lambda book, band=band: book.band(band)).convertToFormat(QImage.Format.Format_Alpha8)
        grey = paint(lambda book, band=band: book.band(band)).convertToFormat(QImage.Format.Format_Grayscale8)
        outlines[band] = (image.constBits().tobytes(), grey.constBits().tobytes())
    assert len(set(outlines.values())) == len(BANDS)


def test_the_ring_of_a_cluster_is_divided_worst_first_clockwise_from_the_top() -> None:
    mark = Mark(0, 0, ("a", "b", "c", "d"), (("over2", 1), ("soon", 1), ("ok", 2)))
    image = paint(lambda book: book.mark(mark))
    centre = image.width() / 2
    reach = 4.0 * (17 - 3.5 / 2 - 0.5)

    def at(degrees: float) -> str:
        angle = np.radians(degrees)
        return image.pixelColor(
            round(centre + reach * np.sin(angle)), round(centre - reach * np.cos(angle))
        ).name()

    assert at(45) == DARK.color("sla.over2.fill").name()
    assert at(135) == DARK.color("sla.soon.fill").name()
    assert at(225) == at(315) == DARK.color("sla.ok.text").name()


def test_pictures_are_painted_once() -> None:
    book = SpriteBook(DARK, 1.0)
    assert book.band("soon") is book.band("soon")
    assert book.label("望塔", 15, True, "map.label") is book.label("望塔", 15, True, "map.label")
    assert book.officer(False, True) is not book.officer(False, False)
    for i in range(4200):
        book.label(str(i), 11, False, "map.label")
    assert book.label("望塔", 15, True, "map.label").size.width() > 20


def test_labels_have_a_halo() -> None:
    image = SpriteBook(DARK, 2.0).label("望", 15, True, "map.label").pixmap.toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert DARK.color("map.halo").name() in colours
    assert DARK.color("map.label").name() in colours


# --- sharpness ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_the_ground_is_painted_in_device_pixels(make_map: MakeMap, ratio: float) -> None:
    widget = make_map()
    picture = Ground(widget.state, DARK).picture(widget.view, ratio)
    assert (picture.width(), picture.height()) == (900 * ratio, 700 * ratio)
    assert picture.devicePixelRatio() == ratio


def test_a_moved_picture_lies_where_the_ground_is(make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    two_cells(widget)
    widget.set_metric({"440199001001001": AreaFigures(40), "440199001001002": AreaFigures(0)})
    ground = Ground(widget.state, DARK)
    ground.finish(widget.view, 1.0)
    for view in (widget.view.panned(40, 0), widget.view.zoomed_at(2.0, 450, 350)):
        image = QImage(900, 700, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        ground.draw(painter, view)
        painter.end()
        border, middle = (round(float(v)) for v in view.to_screen((widget.view.cx, widget.view.cy)))
        assert image.pixelColor(border - 15, middle) == DARK.color("map.density_ramp.4")
        assert image.pixelColor(border + 15, middle) == DARK.color("map.density_ramp.0")


def test_high_dpi_in_a_process_of_its_own(tmp_path: object) -> None:
    script = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from tests.widgets.maps.pictures import build\n"
        "w = build(size=(480, 320)); w.show(); w.refresh_now()\n"
        "image = w.grab().toImage()\n"
        "print(image.width(), image.height(), w.scene.ratio, w.scene.ground.picture(w.view, 2.0).devicePixelRatio())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60,
        env={"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "2", "PYTHONPATH": ".", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.split() == ["960", "640", "2.0", "2.0"], done.stderr


def test_polygons_come_through_unchanged() -> None:
    for count in (0, 1, 2, 3, 5000):
        xy = np.random.default_rng(count).normal(0, 1e6, (count, 2))
        polygon = polygon_of(xy)
        assert [(p.x(), p.y()) for p in polygon.toList()] == [tuple(p) for p in xy.tolist()]
    assert [(p.x(), p.y()) for p in polygon_of([[1, 2], [3, 4]]).toList()] == [(1, 2), (3, 4)]


# --- boxes --------------------------------------------------------------------------------------------


def test_the_legend_prints_what_is_shown_and_folds(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    legend = widget.furniture.legend
    assert texts.legend_title(legend.legend) == "在办案件（件/网格）"
    assert texts.area_count(legend.legend) == f"{len(widget.state.areas.cells)} 个网格"
    assert [c.label for c in legend.legend.classes] == ["0", "1–3", "4–8", "9–15", "≥16"]
    tall = legend.height()
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.zones()["fold"].center().toPoint())
    assert legend.height() < tall
    widget.grab()
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.zones()["fold"].center().toPoint())
    assert legend.height() == tall


def test_the_legend_is_wide_enough_for_its_words(make_map: MakeMap) -> None:
    legend = make_map().furniture.legend
    rows, height = legend._band_rows()
    assert height == 48
    for band, x, _ in rows:
        assert x + 20 + legend.text_width(texts.band_name(band), 12) <= legend.width() - 8


def test_the_switch_and_keys_choose_the_measure(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    with qtbot.waitSignal(widget.measure_changed) as seen:
        qtbot.keyClick(widget, Qt.Key.Key_2)
    assert seen.args == ["overdue"]
    assert texts.legend_title(widget.furniture.legend.legend) == "超时占比（%）"
    switch = widget.furniture.switch
    with qtbot.waitSignal(widget.measure_changed) as seen:
        qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.zones()["officer"].center().toPoint())
    assert seen.args == ["officer"]
    assert texts.legend_title(widget.furniture.legend.legend) == "网格员在岗"
    qtbot.keyClick(widget, Qt.Key.Key_1)
    assert widget.state.area_layer.measure is Measure.DENSITY


def test_the_layers_box_switches_and_folds(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map()
    layers = widget.furniture.layers
    assert layers.folded
    low = layers.height()
    qtbot.keyClick(widget, Qt.Key.Key_L)
    assert not layers.folded
    assert layers.height() > low
    for shown in (False, True):
        check = layers.zones()["check|cases"].center().toPoint()
        qtbot.mouseClick(layers, Qt.MouseButton.LeftButton, pos=check)
        widget.refresh_now()
        assert bool(widget.scene.layout.marks) is shown
    qtbot.mouseClick(layers, Qt.MouseButton.LeftButton, pos=layers.zones()["fold"].center().toPoint())
    assert layers.folded
    assert list(layers.zones()) == ["fold"]


def test_every_layer_changes_the_picture(make_map: MakeMap) -> None:
    widget = make_map()
    widget.refresh_now()
    whole = widget.grab().toImage()
    for layer in ("grid", "cases", "officers", "base", "labels"):
        widget.set_layer_visible(layer, False)
        widget.refresh_now()
        assert widget.grab().toImage() != whole
        widget.set_layer_visible(layer, True)
    widget.refresh_now()
    assert widget.grab().toImage() == whole


def test_the_theme_changes_at_once(make_map: MakeMap) -> None:
    widget, light = make_map(), MapPalette.load("light")
    widget.set_map_palette(light)
    assert colour_at(widget, 30, 350) == light.color("map.sea")
    assert widget.grab().toImage().pixelColor(40, 14) == light.color("bg.overlay")


@pytest.mark.parametrize(
    ("metres_per_pixel", "metres"),
    [(10.9, 1000), (4.0, 200), (1.0, 100), (0.5, 50), (100.0, 10000), (0.01, 1)],
)
def test_the_scale_bar_is_round_and_true(metres_per_pixel: float, metres: float) -> None:
    length, pixels = scale_bar_length(metres_per_pixel)
    assert length == metres
    assert pixels == pytest.approx(metres / metres_per_pixel)
    assert 40 <= pixels <= 120


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (180, "180 米"),
        (999.4, "999 米"),
        (999.6, "1 公里"),
        (1000, "1 公里"),
        (1234, "1.2 公里"),
        (5000, "5 公里"),
        (0.4, "0 米"),
    ],
)
def test_distances_in_words(metres: float, text: str) -> None:
    assert texts.distance(metres) == text


# --- cards --------------------------------------------------------------------------------------------


def test_the_box_of_the_selected_case(make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map()
    assert case_card(widget.state) == []
    widget.set_officers([MapOfficer("o", "方知夏", open_cases[2].lon, open_cases[2].lat)])
    widget.select_case(open_cases[2].case_id)
    lines = [line.text for line in case_card(widget.state)]
    assert lines == [
        f"{open_cases[2].title} · {open_cases[2].area_name}",
        open_cases[2].address,
        "最近网格员 方知夏 · 0 米",
    ]
    widget.set_cases([replace(open_cases[2], area_name="", address="", title="")])
    widget.set_officers([])
    lines = [line.text for line in case_card(widget.state)]
    assert lines == [f"{open_cases[2].number} · {widget.state.areas.name_of(open_cases[2].area_code)}"]


def test_the_box_moves_with_its_case(qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = make_map()
    widget.select_case(open_cases[2].case_id)
    widget.centre_on_case()
    settle(qtbot, widget)
    card = widget.scene.layout.card
    box = card.box(widget.view)
    assert QRectF(widget.rect()).contains(box)
    moved = card.box(widget.view.panned(30, -10))
    assert (moved.x() - box.x(), moved.y() - box.y()) == pytest.approx((30, -10))
    assert not any(box.intersects(o) for o in widget.furniture.obstacles())


@pytest.mark.parametrize("corner", [(5, 5), (895, 5), (5, 695), (895, 695), (450, 350)])
def test_a_card_stays_on_screen(corner: tuple[int, int]) -> None:
    view = Viewport(0, 0, 1, 900, 700)
    box = place_card(QPointF(*corner), 200, 80, view)
    assert QRectF(0, 0, 900, 700).contains(box)


def test_a_card_avoids_what_it_should() -> None:
    view = Viewport(0, 0, 1, 900, 700)
    free = place_card(QPointF(450, 350), 200, 80, view)
    other = place_card(QPointF(450, 350), 200, 80, view, [free])
    assert not other.intersects(free)


def test_hover_cards_in_words(make_map: MakeMap) -> None:
    widget = make_map()
    code = widget.state.areas.cells.codes[0]
    widget.set_metric({code: AreaFigures(12, 3, True)})
    assert [line.text for line in area_card(widget.state, code)] == [
        widget.state.areas.cells.names[0],
        f"青禾街道 · {code}",
        "在办 12 件 · 超时 3 件",
        "在岗",
    ]
    other = widget.state.areas.cells.codes[1]
    assert area_card(widget.state, other)[-1].text == "无数据"
    assert area_card(widget.state, "nowhere") == []
    cases = list(widget.state.cases.cases.values())[:3]
    cluster = Mark(0, 0, tuple(c.case_id for c in cases), (("over2", 1), ("ok", 2)))
    assert [(line.text, line.band) for line in mark_card(widget.state, cluster)] == [
        ("3 件在办", ""), ("超时24–72h  1", "over2"), ("正常  2", "ok"),
        *((f"{c.number} {c.title} {c.limit_text}", "") for c in cases),
    ]  # fmt: skip
    single = mark_card(widget.state, Mark(0, 0, (cases[0].case_id,), ((cases[0].band, 1),)))
    assert single[0].text == f"{cases[0].number} {cases[0].title}"
    assert isinstance(single[0], CardLine)


def test_nothing_loaded_is_said_and_nothing_breaks(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(filled=False)
    settle(qtbot, widget)
    empty = widget.grab().toImage()
    assert empty.pixelColor(450, 340) == DARK.color("bg.overlay")
    for key in (
        Qt.Key.Key_0,
        Qt.Key.Key_M,
        Qt.Key.Key_Plus,
        Qt.Key.Key_Right,
        Qt.Key.Key_Escape,
        Qt.Key.Key_1,
    ):
        qtbot.keyClick(widget, key)
    qtbot.keyClick(widget, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(widget.furniture, Furniture)
    assert widget.furniture.legend.isHidden()


def test_painting_keeps_none_alive(make_map: MakeMap) -> None:
    """PySide6 6.12.0 on CPython 3.11 drops a reference to None with every call; the process would end."""
    widget = make_map()
    before = sys.getrefcount(None)
    for _ in range(20):
        widget.grab()
    assert abs(sys.getrefcount(None) - before) < 200
