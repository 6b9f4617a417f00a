"""The queue as the operator has it: counters, orders, columns, saved filters, news at the edges, slack on request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_filters import KNOWN
from console.viewmodels.queue_tabs import dispatch_tabs
from console.windows.dispatch.page import DispatchPage
from console.windows.dispatch.queue_card import slack_lines
from console.windows.dispatch.queue_empty import empty_state
from console.windows.dispatch.queue_panel import QueuePanel
from services.domain.durations import Durations
from services.domain.experience import Experience, Record
from tests.support.fakes import World, close_seat, seat_of, settled, world_for
from tests.support.many_cases import many
from tests.widgets.console.dispatch.conftest import Open, press

ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def crowded(world: World, n: int = 70) -> None:
    for entry in many(n, world.now, world.rules):
        world.cases[entry.case.case_id] = entry.case


def entry_of(menu: QMenu, key: str) -> QAction:
    found = [
        action
        for sub in (menu, *menu.findChildren(QMenu))
        for action in sub.actions()
        if action.data() == key
    ]
    return found[0]


def said(notices: Any) -> str:
    return " ".join(notice.title for notice in notices.kept)


def shown_counts(page: DispatchPage) -> dict[str, int]:
    return {key: button.count for key, button in page.queue.counters.buttons.items()}


# --- counters ---------------------------------------------------------------------------------------------


def test_a_counter_lists_what_it_counts_by_click_and_by_key(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page(prepare=crowded)
    queue, strip = page.queue, page.queue.counters
    counts = shown_counts(page)
    assert counts == page.queue_model.counters and counts["handling"] > 0
    QTest.mouseClick(strip.buttons["handling"], Qt.MouseButton.LeftButton)
    assert (
        page.queue_model.tab == "open" and page.queue_model.count == counts["handling"] == queue.rows.count()
    )
    assert strip.buttons["handling"].isChecked()
    QTest.mouseClick(strip.buttons["handling"], Qt.MouseButton.LeftButton)
    assert not page.queue_model.filter.active and not strip.buttons["handling"].isChecked()
    queue.focus_list()
    press(page, Qt.Key.Key_0, ALT)
    assert strip.buttons["reported"].hasFocus()
    press(page, Qt.Key.Key_Right)
    press(page, Qt.Key.Key_Return)
    assert page.queue_model.filter == CaseFilter(states=("verifying",))
    assert strip.buttons["verifying"].hasFocus(), "the hand stays in the line"
    press(page, Qt.Key.Key_Left)
    press(page, Qt.Key.Key_Space)
    assert page.queue_model.filter == CaseFilter(states=("reported",))
    press(page, Qt.Key.Key_Escape)
    assert queue.table.hasFocus()


def test_counters_that_stand_at_nothing_give_way_and_the_line_breaks(open_page: Open) -> None:
    _, _, page = open_page("pending_dispatch", width=1400)
    strip = page.queue.counters
    assert all(not button.isHidden() for button in strip.buttons.values()), "there is room for all"
    strip.resize(300, strip.height())
    hidden = {key for key, button in strip.buttons.items() if button.isHidden()}
    assert hidden and "pending_dispatch" not in hidden
    for button in strip.buttons.values():
        button.count = 12345
    strip._arrange()
    edges = [button.geometry().right() for button in strip.buttons.values()]
    assert max(edges) <= 300 and strip.height() > 28


# --- order and columns ------------------------------------------------------------------------------------


def test_o_opens_the_orders_and_a_choice_is_remembered(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch", "pending_dispatch")
    page.queue_model.look._timer.setInterval(0)
    press(page, Qt.Key.Key_O)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert entry_of(menu, "risk").isChecked() and not entry_of(menu, "descending").isEnabled()
    entry_of(menu, "limit").trigger()
    menu.close()
    assert (page.queue_model.order, page.queue.order.text()) == ("limit", "按时限")
    assert page.queue.table._head.sort == ("limit", False)
    menu = page.queue.open_orders()
    entry_of(menu, "descending").trigger()
    menu.close()
    assert page.queue.order.text() == "按时限 倒序"
    qtbot.waitUntil(lambda: world.settings.get("dispatch.queue", {}).get("descending") is True)
    settled(seat, qtbot)
    again = DispatchPage(seat, page._theme_store)
    qtbot.addWidget(again)
    assert (again.queue_model.order, again.queue_model.descending) == ("limit", True)
    assert again.queue.table._head.sort == ("limit", True)


def test_a_head_goes_up_down_and_back_to_the_risk_order(open_page: Open) -> None:
    _, _, page = open_page("pending_dispatch", "pending_dispatch")
    head, seen = page.queue.table._head, []
    for _ in range(3):
        head.sectionClicked.emit(2)
        seen.append((page.queue_model.order, page.queue_model.descending))
    assert seen == [("number", False), ("number", True), ("risk", False)]


def test_columns_and_density_by_the_menu_are_remembered_and_reset(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    queue = page.queue
    page.queue_model.look._timer.setInterval(0)
    for key in ("source.shown", "holder.left", "grid.wider", "density.compact"):
        menu = queue.open_columns(QPoint(5, 5))
        entry_of(menu, key).trigger()
        menu.close()
    layout = queue.table.columns
    assert (layout.hidden, layout.width("grid"), layout.density) == ({"source"}, 90, "compact")
    assert layout.names[-1] == "limit" and queue.table.rowHeight(0) == 28
    qtbot.waitUntil(
        lambda: (world.settings.get("dispatch.queue", {}).get("columns") or {}).get("density") == "compact"
    )
    again = DispatchPage(seat, page._theme_store)
    qtbot.addWidget(again)
    assert again.queue.table.columns == layout
    menu = queue.open_columns()
    assert not entry_of(menu, "number.shown").isEnabled(), "a row without its number says nothing"
    entry_of(menu, "reset").trigger()
    menu.close()
    assert page.queue_model.look.columns is None and queue.table.rowHeight(0) == 32
    queue.table._head.resizeSection(3, 120)
    assert page.queue_model.look.columns is not None, "what is dragged is kept as well"


# --- saved filters ----------------------------------------------------------------------------------------


def test_a_filter_is_named_and_asked_for_by_keys_alone(open_page: Open) -> None:
    _, seat, page = open_page("pending_dispatch", "handling")
    strip = page.queue.saved
    assert strip.isHidden()
    page.filters.set_part(stages=("handle",))
    press(page, Qt.Key.Key_F, CTRL | SHIFT)
    assert strip.field.hasFocus()
    strip.field.insert("处置中的")
    press(page, Qt.Key.Key_Return)
    assert [button.saved.name for button in strip.buttons] == ["处置中的"]
    assert page.queue.table.hasFocus() or page.queue.empty.hasFocus()
    assert strip.buttons[0].isChecked() and strip.field.isHidden()
    page.queue.clear_filter()
    page.queue.focus_list()
    press(page, Qt.Key.Key_F, ALT)
    assert strip.buttons[0].hasFocus()
    press(page, Qt.Key.Key_1)
    assert page.filters.filter == CaseFilter(stages=("handle",))
    assert seat.verbs.run(f"queue.saved.{strip.buttons[0].saved.filter_id}")
    assert not page.filters.filter.active, "the command bar knows it by its name"


def test_saved_filters_are_renamed_moved_and_dropped_by_keys(open_page: Open) -> None:
    def known(world: World) -> None:
        entries = [
            {"filter_id": one, "name": name, "filter": {"text": name}, "place": place}
            for place, (one, name) in enumerate((("a", "甲"), ("b", "乙"), ("c", "丙")))
        ]
        shared = {
            "filter_id": "s",
            "name": "共享",
            "filter": {"urgency": [3]},
            "mine": False,
            "owner": {"name": "顾怀舟"},
        }
        world.settings[KNOWN] = {"etag": "1", "filters": [*entries, shared]}

    _, seat, page = open_page("pending_dispatch", prepare=known)
    strip, heard = page.queue.saved, seat.notices

    def names() -> list[str]:
        return [button.saved.name for button in strip.buttons]

    strip.focus_first()
    press(page, Qt.Key.Key_Right, ALT)
    assert names() == ["乙", "甲", "丙", "共享"] and strip.buttons[1].hasFocus()
    press(page, Qt.Key.Key_F2)
    strip.field.setText("乙")
    press(page, Qt.Key.Key_Return)
    assert strip.field.isVisible() and "同名" in said(heard)
    strip.field.setText("新甲")
    press(page, Qt.Key.Key_Return)
    assert names() == ["乙", "新甲", "丙", "共享"]
    strip.buttons[2].setFocus()
    press(page, Qt.Key.Key_Delete)
    assert names() == ["乙", "新甲", "共享"]
    strip.buttons[2].setFocus()
    press(page, Qt.Key.Key_Delete)
    assert names() == ["乙", "新甲", "共享"] and "不能删除" in said(heard)
    menu = strip.open_menu(strip.buttons[2])
    assert [action.isEnabled() for action in menu.actions()] == [False] * 4
    menu.close()
    assert "顾怀舟" in strip.buttons[2].toolTip() and strip.buttons[2].icon_name == "people"
    assert strip.buttons[0].icon_name == "cloud_up", "no centre has taken it yet"


def test_nothing_to_save_is_said(open_page: Open) -> None:
    _, seat, page = open_page("pending_dispatch")
    page.queue.saved.ask_name()
    assert "没有可以保存的条件" in said(seat.notices) and page.queue.saved.field.isHidden()


# --- news at the edges ------------------------------------------------------------------------------------


def test_new_cases_out_of_sight_are_announced_and_reached(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page(prepare=lambda world: crowded(world, 130))
    queue, table = page.queue, page.queue.table
    page.queue_model.show_tab("open")
    page.queue_model.set_order("number")
    table.set_current_place(70)
    settled(seat, qtbot)
    chosen, top = table.current_id, table.verticalScrollBar().value()
    offset = table.current_place() - top
    fresh = [world.walk("pending_dispatch").case_id, world.walk("pending_dispatch").case_id]
    world.announce({"cases"}, set(fresh))
    settled(seat, qtbot)
    assert set(queue.news.unseen) == set(fresh)
    assert table.current_id == chosen and table.current_place() - table.verticalScrollBar().value() == offset
    bars = [bar for bar in (queue.news.above, queue.news.below) if bar.isVisible()]
    assert sum(int(bar.words.split(" ")[1]) for bar in bars) == 2
    bar = bars[0]
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton)
    assert table.current_id in fresh and table._glow.strength(table.current_id) > 0
    press(page, Qt.Key.Key_Down if bars[-1] is queue.news.below else Qt.Key.Key_Up, ALT)
    assert len(queue.news.unseen) < 2
    page.queue_model.set_filter(CaseFilter(text="井盖"))
    assert not queue.news.unseen and not queue.news.above.isVisible(), "another question has no news"


def test_new_cases_in_sight_stand_out_and_are_not_announced(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    fresh = world.walk("pending_dispatch").case_id
    world.announce({"cases"}, {fresh})
    settled(seat, qtbot)
    assert page.queue.table._glow.strength(fresh) > 0
    assert not page.queue.news.unseen and not page.queue.news.above.isVisible()


def test_a_new_case_that_leaves_is_no_news(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page(prepare=lambda world: crowded(world, 130))
    page.queue_model.show_tab("open")
    news = page.queue.news
    page.queue.table.set_current_place(0)
    news.add([page.queue_model.ids[-1], "41f16855-0000-4000-8000-000000000000"])
    assert news.unseen == (page.queue_model.ids[-1],)
    assert news.below.words == "下方有 1 件新案件" and not news.go_up()
    page.queue.table.verticalScrollBar().setValue(10_000)
    assert not news.unseen and not news.below.isVisible(), "seen by scrolling there"


def test_a_changed_row_flashes(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_sign", "pending_sign")
    page.queue_model.show_tab("open")
    page.queue.table.viewport().repaint()
    case_id = page.queue_model.ids[0]
    world.apply("sign", case_id)
    world.announce({"cases"}, {case_id})
    settled(seat, qtbot)
    assert page.queue.table._glow.strength(case_id) > 0
    others = [one for one in page.queue_model.ids if one != case_id]
    assert all(page.queue.table._glow.strength(one) == 0 for one in others)


# --- slack ------------------------------------------------------------------------------------------------


def learned(seat: Any, hours: float, own: bool = True) -> None:
    made = Experience()
    unit = "muni" if own else "sani"
    made.records[(unit, "component-0101")] = Record(23, 0, 23, 23, Durations.of([hours * 3600] * 23))
    seat.learned.experience = made
    seat.learned.changed.emit()


def lines_of(page: DispatchPage, case_id: str) -> list[str]:
    return page.queue.card(case_id, "limit").split("\n")


def test_the_slack_of_a_row_says_what_it_rests_on(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("handling", "pending_dispatch")
    page.queue_model.show_tab("open")
    by_state = {seat.cases[case_id].case.state: case_id for case_id in page.queue_model.ids}
    at_work, waiting = by_state["handling"], by_state["pending_dispatch"]
    first, second = lines_of(page, at_work)
    assert first.startswith("余 ") and first.endswith("到期") and "不足 5 件" in second
    learned(seat, 0.5)
    usual, slack = lines_of(page, at_work)[1:]
    assert "通常用时 " in usual and "23 件" in usual and "市政" in usual and slack.startswith("余量 ")
    found = page.queue_model.slack(at_work)
    assert found is not None and found.reading is not None and found.usual_s is not None
    assert found.slack_s == found.reading.remaining_s - found.usual_s
    learned(seat, 400, own=False)
    usual, slack = lines_of(page, at_work)[1:]
    assert "各单位" in usual and slack.endswith("按通常用时已来不及") and "−" in slack
    assert lines_of(page, waiting)[1] == "还没有单位处置，余量就是剩余时间"
    page.queue.table.select_case(at_work)
    press(page, Qt.Key.Key_L, SHIFT)
    assert page.queue.table.show_card(page.queue.table.current_place()).split("\n")[2] == slack


def test_what_is_late_or_stands_still_has_no_slack(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("handling")
    page.queue_model.show_tab("open")
    case_id = next(iter(world.cases))
    entry = seat.cases[case_id]
    late = page.queue_model.slack(case_id)
    assert late is not None
    world.advance(days=30)
    late = page.queue_model.slack(case_id)
    assert late is not None and late.slack_s is None
    assert slack_lines(late, seat, seat.now())[1] == "已超时，排在还来得及的之后"
    assert page.queue.card("41f16855-0000-4000-8000-000000000000", "limit") == ""
    assert page.queue.card(case_id, "summary") == entry.case.description
    assert page.queue.card(case_id, "grid") == ""


# --- tabs, keys, empty ------------------------------------------------------------------------------------


def test_alt_and_digits_go_through_the_tabs(open_page: Open) -> None:
    _, _, page = open_page("pending_dispatch", "handling", "closed")
    seen = []
    for key in (Qt.Key.Key_2, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_7, Qt.Key.Key_1):
        press(page, key, ALT)
        seen.append(page.queue_model.tab)
    assert seen == ["pending_dispatch", "open", "late", "recent", "turn"]


def test_recently_closed_cases_are_listed_and_opened(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("closed", "pending_dispatch")
    press(page, Qt.Key.Key_7, ALT)
    settled(seat, qtbot)
    table = page.queue.table
    assert page.queue.rows.count() == 1 and table.row_of(0).limit_shown(world.now) == "按期结案"
    table.setFocus()
    press(page, Qt.Key.Key_Home)
    settled(seat, qtbot)
    assert page.panel_model.case_id == page.queue_model.ids[0]
    assert "1 / 1" in page.queue.count.text()
    world.advance(hours=25)
    seat.book.beat.emit(world.now)
    assert empty_state(page.queue_model).title == "近 24 小时没有结案"


def test_the_empty_list_offers_what_waits(open_page: Open) -> None:
    _, _, page = open_page("pending_dispatch")
    page.queue_model.set_filter(CaseFilter(text="没有这样的字"))
    state = empty_state(page.queue_model)
    assert [act.key for act in state.actions] == ["clear", "pending_dispatch"]
    assert "看待派遣 1 件" in state.actions[1].word
    page.queue.empty.acted.emit("pending_dispatch")
    assert (page.queue_model.tab, page.queue_model.count) == ("pending_dispatch", 1)


@pytest.mark.parametrize("width", [1366, 2560])
def test_everything_fits_in_the_head(open_page: Open, width: int) -> None:
    _, _, page = open_page(prepare=crowded, width=width)
    queue = page.queue
    assert queue.tabs.width() >= queue.tabs.sizeHint().width()
    assert queue.tabs.geometry().right() < queue.order.geometry().left()
    assert queue.order.geometry().right() <= queue.width()
    assert all(button.geometry().right() <= queue.width() for button in queue.counters.buttons.values())


def test_time_moves_on_between_ticks(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    table = page.queue.table
    qtbot.waitUntil(lambda: bool(table._times))
    before = table._times[0]
    world.now += timedelta(seconds=3)
    seat.second.emit(world.now)
    qtbot.waitUntil(lambda: table._times[0] != before)


def test_the_leader_shares_by_the_menu(qtbot: Any) -> None:
    world = world_for("shift_leader")
    for state in ("pending_filing", "pending_close", "handling"):
        world.walk(state)
    seat = seat_of(world)
    seat.start()
    settled(seat, qtbot)
    panel = QueuePanel(QueueViewModel(seat, dispatch_tabs(seat.actor.roles)))
    qtbot.addWidget(panel)
    assert [tab.id for tab in panel.model.tabs][:3] == ["turn", "pending_filing", "pending_close"]
    assert panel.model.counts["turn"] == 2
    panel.model.filters.set_part(stages=("close",))
    panel.saved.model.save("晨会")
    menu = panel.saved.open_menu(panel.saved.buttons[0])
    posts = next(sub for sub in menu.findChildren(QMenu))
    assert [action.text() for action in posts.actions()][:3] == ["只自己用", "所有岗位", "派遣员"]
    posts.actions()[1].trigger()
    menu.close()
    button = panel.saved.buttons[0]
    assert button.saved.share == "all" and "已共享给所有岗位" in button.toolTip()
    close_seat(seat)
