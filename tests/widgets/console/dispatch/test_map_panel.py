"""Map and queue go together: clicks, regions, classes and keys filter; a choice steals neither view nor focus."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from console.viewmodels.case_filter import BOX, CaseFilter, Region
from console.viewmodels.map_ground import GroundProgress
from console.viewmodels.verbs.key_lists import keys_of_places
from console.windows.dialogs.keys_dialog import KeysDialog
from console.windows.dispatch.map_commands import printed
from console.windows.dispatch.map_export import formats
from console.windows.dispatch.map_hands import LEGEND_BANDS, is_box
from console.windows.dispatch.page import DispatchPage
from maps.canvas.keys import KEY_WORDS
from maps.canvas.menu import open_menu
from maps.geometry.mercator import project
from maps.layers.areas import Measure
from maps.layers.book import LayerBook
from services.ports.errors import Unknown
from services.ports.field import OfficerPosition, OfficerPositions, Track, TrackPoint
from services.ports.picture import OFFLINE, Connection
from tests.support.fakes import SOUTH, STEP, WEST, World, settled
from tests.widgets.console.dispatch.conftest import Open, choose_first, press
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def spread(world: World) -> None:
    """Cases in the middle of six grids, two in the first."""
    for x, y in ((0, 0), (0, 0), (1, 0), (1, 1), (2, 2), (0, 2)):
        world.walk("pending_dispatch", lon=WEST + (x + 0.5) * STEP, lat=SOUTH + (y + 0.5) * STEP)


@pytest.fixture
def page(open_page: Open, qtbot: Any) -> DispatchPage:
    _, seat, page = open_page(prepare=spread)
    qtbot.waitUntil(lambda: page.map.map.state.areas is not None)
    settled(seat, qtbot)
    page.queue_model.show_tab("open")
    page.map.map.refresh_now()
    return page


def pixel(page: DispatchPage, x: float, y: float) -> QPoint:
    """The pixel of a place given in steps of the grids."""
    at = page.map.map.view.to_screen(project(WEST + x * STEP, SOUTH + y * STEP)).tolist()
    return QPoint(round(at[0]), round(at[1]))


def click(page: DispatchPage, x: float, y: float, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(page.map.map, LEFT, modifier, pixel(page, x, y))


def same_everywhere(page: DispatchPage) -> None:
    """Queue, counter and map count the same."""
    assert page.queue_model.count == page.queue_model.counts["open"] == len(page.map_model.cases.shown)
    table = page.map.map.state.cases.table
    assert set(page.map.map.state.cases.cases) == set(page.queue_model.ids)
    assert len(table.placed) == page.queue_model.count - page.queue_model.unplaced


# --- clicks ----------------------------------------------------------------------------------------------


def test_a_click_on_an_area_filters_the_queue_and_another_takes_it_back(page: DispatchPage) -> None:
    same_everywhere(page)
    assert page.queue_model.count == 6
    click(page, 0.1, 0.15)
    assert page.filters.filter.areas == ("990101001001001",)
    assert page.queue_model.count == 2
    assert [chip.value for chip in page.queue.filters.chips.chips] == ["望塔-01"]
    same_everywhere(page)
    click(page, 0.1, 0.15)
    assert page.filters.filter.areas == ()
    assert page.queue_model.count == 6


def test_control_adds_areas(page: DispatchPage) -> None:
    click(page, 0.1, 0.15)
    click(page, 1.1, 1.15, CTRL)
    assert page.filters.filter.areas == ("990101001001001", "990101002001002")
    assert page.queue_model.count == 3
    same_everywhere(page)
    click(page, 0.1, 0.15, CTRL)
    assert page.queue_model.count == 1


def test_escape_takes_back_what_the_map_asked_and_nothing_else(page: DispatchPage) -> None:
    page.filters.set_part(text="井盖")
    click(page, 0.1, 0.15)
    page.map.map.setFocus()
    press(page, Qt.Key.Key_Escape)
    assert page.filters.filter == CaseFilter(text="井盖")
    page.filters.toggle_area("990101001")
    page.queue.table.setFocus()
    press(page, Qt.Key.Key_Escape)
    assert page.filters.filter == CaseFilter(text="井盖")


def test_going_to_a_neighbour_by_keys_filters_nothing_until_f(page: DispatchPage) -> None:
    grid_map = page.map.map
    grid_map.select_area("990101001001001")
    grid_map.setFocus()
    press(page, Qt.Key.Key_Right, CTRL)
    assert grid_map.selection.area_code == "990101002001001"
    assert not page.filters.filter.active
    press(page, Qt.Key.Key_F)
    assert page.filters.filter.areas == ("990101002001001",)
    press(page, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert not page.filters.filter.active


def test_a_region_filters_and_its_chip_takes_it_off_the_map(page: DispatchPage) -> None:
    grid_map = page.map.map
    corners = [(0.9, -0.1), (3.1, -0.1), (3.1, 3.1), (0.9, 3.1)]
    ring = [tuple(project(WEST + x * STEP, SOUTH + y * STEP).tolist()) for x, y in corners]
    grid_map.finish_region(ring)
    assert page.queue_model.count == 3
    assert page.filters.filter.region == Region(tuple(ring), BOX)
    same_everywhere(page)
    page.filters.remove("region")
    assert grid_map.region.empty
    assert page.queue_model.count == 6
    grid_map.finish_region(ring)
    grid_map.clear_region()
    assert page.filters.filter.region is None


def test_what_is_a_box() -> None:
    assert is_box(((0, 0), (2, 0), (2, 1), (0, 1)))
    assert not is_box(((0, 0), (2, 0), (2, 1), (0, 2)))
    assert not is_box(((0, 0), (2, 0), (2, 1)))


def test_classes_of_the_legend_filter_and_follow_the_figures(page: DispatchPage, qtbot: Any) -> None:
    page.map_model.figures.finish()
    grid_map = page.map.map
    grid_map.choose_measure(Measure.DENSITY)
    grid_map.legend_filter.take(frozenset({0}))
    part = page.filters.filter.legend
    assert part is not None
    state = grid_map.state
    level = state.area_layer.fill_level(state.areas, grid_map.scene.palette.tokens.band_at(
        grid_map.nav.goal.metres_per_pixel).id)  # fmt: skip
    expected = {
        code
        for code, one in zip(
            state.areas.levels[level].codes,
            state.area_layer.area_classes(state.areas, level).tolist(),
            strict=True,
        )
        if one == 0
    }
    assert part.hidden == (expected or {"-"})
    assert part.words.startswith("不含 0")
    same_everywhere(page)
    page.filters.remove("legend")
    assert state.legend_off == frozenset()
    grid_map.legend_filter.take(frozenset({1}))
    assert page.filters.filter.legend is not None
    grid_map.choose_measure(Measure.OFFICER)
    assert page.filters.filter.legend is None


# --- choosing --------------------------------------------------------------------------------------------


def test_bands_of_the_legend_and_of_the_filter_are_one(page: DispatchPage) -> None:
    grid_map = page.map.map
    legend = grid_map.furniture.legend
    assert set(LEGEND_BANDS) == set(legend.legend.bands)
    before = page.queue_model.count
    bands = {case.band for case in grid_map.state.cases.cases.values()}
    for band in bands:
        QTest.mouseClick(legend, LEFT, pos=legend.zones()[f"band:{band}"].center().toPoint())
    assert set(page.filters.filter.bands) == set(LEGEND_BANDS) - bands
    assert page.queue_model.count == 0
    same_everywhere(page)
    QTest.mouseClick(legend, LEFT, pos=legend.zones()["all"].center().toPoint())
    assert page.filters.filter.bands == ()
    assert page.queue_model.count == before
    # What is chosen in the bar stands in the legend as well.
    page.filters.set_part(bands=("over3",))
    assert grid_map.legend_filter.bands_off == set(LEGEND_BANDS) - {"over3"}
    page.filters.clear()
    assert grid_map.legend_filter.bands_off == frozenset()


def test_choosing_a_row_marks_the_case_and_leaves_view_and_focus(page: DispatchPage, qtbot: Any) -> None:
    before = page.map.map.view
    page.queue.table.setFocus()
    case_id = choose_first(page, page.seat, qtbot, "open")
    assert page.map.map.selection.case_id == case_id
    assert page.map.map.view == before
    assert page.queue.table.hasFocus()


def test_m_centres_and_a_setting_lets_the_map_follow(page: DispatchPage, qtbot: Any) -> None:
    grid_map = page.map.map
    grid_map.set_reduced_motion(True)
    case_id = choose_first(page, page.seat, qtbot, "open")
    press(page, Qt.Key.Key_M)
    point = grid_map.state.cases.point(case_id)
    assert (grid_map.view.cx, grid_map.view.cy) == pytest.approx(point)
    grid_map.fit_all()
    page.map_model.keeper.keep(follow=True)
    page.queue.table.setCurrentIndex(page.queue.rows.index(3, 0))
    point = grid_map.state.cases.point(page.queue.table.current_id)
    assert (grid_map.view.cx, grid_map.view.cy) == pytest.approx(point)
    assert page.queue.table.hasFocus()


def test_choosing_on_the_map_chooses_the_row(page: DispatchPage, qtbot: Any) -> None:
    wanted = page.queue_model.ids[4]
    page.map.map.choose_case(wanted)
    assert page.queue.table.current_id == wanted
    assert page.panel_model.case_id == wanted


# --- data ------------------------------------------------------------------------------------------------


def test_a_change_of_one_case_reaches_map_and_figures(page: DispatchPage, qtbot: Any) -> None:
    world, case_id = page.seat.services.gateway.world, page.queue_model.ids[0]  # type: ignore[attr-defined] # a double
    page.map_model.figures.finish()
    grid = page.seat.case(case_id).case.grid
    before = page.map.map.state.area_layer.figures[grid].open
    world.apply("cancel", case_id, reason="重复登记")
    world.announce({"cases"}, {case_id})
    settled(page.seat, qtbot)
    page.map_model.figures.finish()
    assert case_id not in page.map.map.state.cases.cases
    assert page.map.map.state.area_layer.figures[grid].open == before - 1
    same_everywhere(page)


def test_the_card_names_the_neighbour_of_a_case_at_the_border(open_page: Open, qtbot: Any) -> None:
    def edge(world: World) -> None:
        world.walk("pending_dispatch", lon=WEST + STEP - 0.0001, lat=SOUTH + STEP / 2)

    _, seat, page = open_page(prepare=edge)
    case_id = choose_first(page, seat, qtbot)
    qtbot.waitUntil(lambda: "邻 柳岸-01" in page.map.map.state.cases.cases[case_id].address)
    assert page.map.describe("nobody") is None


def test_offline_and_theme_reach_the_map(page: DispatchPage) -> None:
    page.seat.connection_changed.emit(Connection(OFFLINE, data_at=page.seat.now()))
    assert page.map.map.state.offline
    dark = page.map.map.scene.palette.color("bg.panel").name()
    theme_store().toggle()
    try:
        assert page.map.map.scene.palette.color("bg.panel").name() != dark
    finally:
        theme_store().toggle()


def test_progress_is_shown_on_the_map_until_there_is_a_picture(page: DispatchPage, monkeypatch: Any) -> None:
    box, ground = page.map.progress, page.seat.map_ground
    ground.progress.emit(GroundProgress(0.5, "正在核对区域边界"))
    assert not box.isVisible()
    monkeypatch.setattr(ground, "district", None)
    ground.progress.emit(GroundProgress(0.42, "正在核对区域边界"))
    assert box.isVisible()
    assert "42%" in box.words.text()
    assert box.bar.share == pytest.approx(0.42)
    assert page.map.map.rect().contains(box.geometry())
    page.resize(1700, 900)
    assert page.map.map.rect().contains(box.geometry())
    ground.ready.emit()
    assert not box.isVisible()


# --- the field -------------------------------------------------------------------------------------------


def officer(page: DispatchPage) -> OfficerPosition:
    return OfficerPosition(
        "g1", "方知夏", "grid_worker", "990101002001002", True, page.seat.now(), WEST + 1.5 * STEP,
        SOUTH + 1.2 * STEP,
    )  # fmt: skip


def test_officers_are_watched_while_the_map_is_shown(page: DispatchPage) -> None:
    assert page.seat.field._watchers
    page.map.hide()
    assert not page.seat.field._watchers
    page.map.show()
    field = page.seat.field
    field._officers_read(OfficerPositions((officer(page),), page.seat.now()))
    (shown,) = page.map.map.state.officers.officers
    assert (shown.officer_id, shown.lost, shown.area_name) == ("g1", False, "柳岸-02")
    page.map_model.figures.finish()
    assert page.map_model.figures.figures["990101002001002"].on_duty is True


def test_a_track_is_replayed_in_its_bar(page: DispatchPage, monkeypatch: Any) -> None:
    answers: list[Callable[[Track], None]] = []
    failures: list[Callable[[Exception], None]] = []

    def load(user: str, day: object, done: Any, failed: Any) -> None:
        answers.append(done)
        failures.append(failed)

    monkeypatch.setattr(page.seat, "load_track", load)
    people, bar = page.map.people, page.map.bar
    assert not bar.isVisible()
    people.show_track("g1")
    assert bar.isVisible()
    now = page.seat.now()
    points = tuple(TrackPoint(now.replace(minute=m), WEST + 0.001 * m, SOUTH + 0.01) for m in range(5))
    answers[0](Track("other", "别人", now, now, points))
    assert page.map.map.state.tracks.track is None
    answers[0](Track("g1", "方知夏", now, now, points))
    assert bar.layer.track is not None
    assert len(bar.layer.track) == 5
    answers[0](Track("g1", "方知夏", now, now, ()))
    assert bar.layer.sentence == "方知夏 今天没有上报过位置。"
    failures[0](Unknown("网络已断开，中心没有答复。"))
    assert bar.layer.track is None
    assert bar.layer.sentence
    bar.closed.emit()
    assert not bar.isVisible()
    assert page.map.map.hasFocus()


# --- menu ------------------------------------------------------------------------------------------------


def words_of(page: DispatchPage, x: float, y: float) -> dict[str, Any]:
    menu = open_menu(page.map.map, pixel(page, x, y))
    found = {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}
    menu.close()
    return found


def test_the_menu_filters_by_the_areas_of_a_place(page: DispatchPage) -> None:
    verbs = words_of(page, 1.5, 1.2)
    assert "只看 柳岸-02" in verbs
    assert "只看 示例区" in verbs
    verbs["只看 柳岸街道"].trigger()
    assert page.filters.filter.areas == ("990101002",)
    verbs = words_of(page, 1.5, 1.2)
    verbs["不再只看 柳岸街道"].trigger()
    assert not page.filters.filter.active
    page.filters.set_part(text="井盖")
    words_of(page, 1.5, 1.2)["清除筛选"].trigger()
    assert not page.filters.filter.active


def test_the_menu_switches_following_and_offers_an_officers_track(
    page: DispatchPage, monkeypatch: Any
) -> None:
    words_of(page, 1.5, 1.2)["选中案件时移到地图中央"].trigger()
    assert page.map_model.keeper.memory.follow
    page.seat.field._officers_read(OfficerPositions((officer(page),), page.seat.now()))
    page.map.map.refresh_now()
    asked: list[str] = []
    monkeypatch.setattr(page.map.people, "show_track", asked.append)
    verbs = words_of(page, 1.5, 1.2)
    assert "回放 方知夏 今天的轨迹" in verbs
    verbs["回放 方知夏 今天的轨迹"].trigger()
    assert asked == ["g1"]
    assert not any("轨迹" in word for word in words_of(page, 0.2, 2.8))


# --- remembering -----------------------------------------------------------------------------------------


def test_everything_is_as_it_was_left(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page(prepare=spread)
    qtbot.waitUntil(lambda: page.map.map.state.areas is not None)
    grid_map = page.map.map
    grid_map.set_reduced_motion(True)
    grid_map.choose_measure(Measure.OVERDUE)
    grid_map.switch_coordinate_system()
    grid_map.change_book(grid_map.book.shown("heat", True))
    view = grid_map.nav.goal.centred_on(*project(WEST + STEP, SOUTH + STEP).tolist())
    grid_map.nav.jump(view.zoomed_at(2.0, view.width / 2, view.height / 2))
    page.splitter.setSizes([700, 700, 500])
    page.splitter.splitterMoved.emit(700, 1)
    page.filters.toggle_area("990101002")
    left, sizes = grid_map.view, page.splitter.sizes()
    qtbot.waitUntil(lambda: {"dispatch.map", "dispatch.filter"} <= world.settings.keys())
    kept = dict(world.settings)
    settled(seat, qtbot)

    def again(other: World) -> None:
        other.settings.update(kept)
        spread(other)

    _, seat, page = open_page(prepare=again)
    qtbot.waitUntil(lambda: page.map.map.state.areas is not None)
    grid_map = page.map.map
    assert grid_map.state.area_layer.measure is Measure.OVERDUE
    assert grid_map.coordinate_system.value == "gcj02"
    assert grid_map.book.shows("heat")
    assert (grid_map.view.cx, grid_map.view.cy) == pytest.approx((left.cx, left.cy))
    assert grid_map.view.scale == pytest.approx(left.scale, rel=1e-6)
    assert page.splitter.sizes() == sizes
    assert page.filters.filter.areas == ("990101002",)


@pytest.mark.parametrize(
    "rubbish", ["x", {"view": [1e9, 1e9, 1]}, {"layers": {"layers": [3, None]}, "drawings": 4}]
)
def test_rubbish_in_the_store_gives_the_usual_map(open_page: Open, qtbot: Any, rubbish: object) -> None:
    _, _, page = open_page(prepare=lambda world: world.settings.update({"dispatch.map": rubbish}))
    qtbot.waitUntil(lambda: page.map.map.state.areas is not None)
    assert page.map.map.book == LayerBook()
    extent = page.map.map.state.areas.extent
    assert page.map.map.view.contains((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)


# --- keys and notices ------------------------------------------------------------------------------------


def test_the_status_bar_shows_the_keys_of_the_panel_with_the_focus(page: DispatchPage) -> None:
    shell = page.window()
    page.queue.table.setFocus()
    assert "下一件待派遣" in shell.status.keys.accessibleName()
    page.map.map.setFocus()
    assert "图层指标" in shell.status.keys.accessibleName()
    page.queue.table.setFocus()
    assert "下一件待派遣" in shell.status.keys.accessibleName()


def test_a_question_mark_lists_every_key_of_the_place(page: DispatchPage) -> None:
    page.map.map.setFocus()
    press(page, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    dialog = page.window().findChild(KeysDialog)
    assert dialog is not None
    words = {label.text() for label in dialog.findChildren(TextLabel)}
    assert {"队列", "案件", "地图", "随处可用", "清除筛选", "框选案件", "上一视图", "派遣、改派"} <= words
    for label in dialog.findChildren(TextLabel):
        assert dialog.rect().contains(label.mapTo(dialog, label.rect().bottomRight()))
    dialog.reject()


def test_every_key_of_the_map_stands_in_the_list(page: DispatchPage) -> None:
    (lines,) = [keys for title, keys in keys_of_places(page.seat.verbs, ("map",)) if title == "地图"]
    listed = {key for keys, _ in lines for key in keys.split(" ")}
    assert {printed(key) for command, key in KEY_WORDS.items() if command != "clear_region"} <= listed
    assert {str(n) for n in range(1, len(Measure) + 1)} <= listed
    assert all(word for _, word in lines)


def test_an_export_tells_where_the_file_is(page: DispatchPage, qtbot: Any, tmp_path: Any) -> None:
    choice = next(f for f in formats() if f.key == "geojson")
    page.filters.toggle_area("990101002")
    target = tmp_path / "案件.geojson"
    page.map.export.export(target, choice)
    qtbot.waitUntil(lambda: not page.map.export.busy, timeout=10_000)
    found = json.loads(target.read_text(encoding="utf-8"))
    assert len(found["features"]) == page.queue_model.count
    (notice,) = [n for n in page.seat.notices.kept if n.key == "map-export"]
    assert str(tmp_path) in notice.text
