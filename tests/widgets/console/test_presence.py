"""Presence on the screen: lock in the row, line in the panel, the key 认领, windows that cannot be seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt

from console.viewmodels.presence import seat_presence
from console.windows.dispatch.page import DispatchPage
from services.ports.centre import Presence
from tests.support.fakes import World, settled
from tests.widgets.console.dispatch.conftest import Open, open_page, press

__all__ = ["open_page"]


def seen(page: DispatchPage, qtbot: Any) -> None:
    seat_presence(page.seat).ask()
    settled(page.seat, qtbot)


def other(world: World, case_id: str, *, silent: bool = False) -> Presence:
    ago = world.now - timedelta(seconds=40)
    return Presence(case_id, "u-gu", "顾怀舟", "hold", ago, ago, silent)


def shown(page: DispatchPage, world: World, qtbot: Any) -> str:
    """Show the first case in the panel."""
    case_id = next(iter(world.cases))
    page.show_case(case_id)
    qtbot.waitUntil(lambda: page.panel_model.panel is not None, timeout=5000)
    return case_id


def test_somebody_elses_hold_is_seen_in_row_and_panel(open_page: Open, qtbot: Any) -> None:
    world, _, page = open_page("pending_dispatch")
    case_id = shown(page, world, qtbot)
    world.claims = (other(world, case_id),)
    seen(page, qtbot)
    line = page.panel.presence
    assert line.isVisible() and line.words.text() == "顾怀舟 正在办理 · 40 秒前"
    row = page.queue.rows.row_at(page.queue.rows.place_of(case_id))
    assert row is not None and (row.locked_by, row.locked_silent) == ("顾怀舟", False)
    assert "顾怀舟" in row.spoken(world.now)


def test_a_silent_one_is_amber_and_taken_over_with_a_key(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    case_id = shown(page, world, qtbot)
    world.claims = (other(world, case_id, silent=True),)
    seen(page, qtbot)
    line = page.panel.presence
    assert line.button.text() == "接手" and line._tone == "sla.soon.text"
    row = page.queue.rows.row_at(page.queue.rows.place_of(case_id))
    assert row is not None and row.locked_silent
    page.queue.table.setFocus()
    press(page, Qt.Key.Key_Y)
    assert seat_presence(seat).claimed(case_id)
    assert line.words.text().startswith("本席已认领") and line.button.text() == "放开"
    line.button.click()
    assert not seat_presence(seat).claimed(case_id)
    settled(seat, qtbot)


def test_nobody_there_offers_to_claim_what_waits(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch", "handling")
    shown(page, world, qtbot)
    line = page.panel.presence
    assert line.isVisible() and (line.words.text(), line.button.text()) == ("没有人在办", "认领")
    at_unit = list(world.cases)[1]
    page.show_case(at_unit)
    qtbot.waitUntil(
        lambda: page.panel_model.panel is not None and page.panel_model.panel.case_id == at_unit, timeout=5000
    )
    assert not line.isVisible()
    assert seat.verbs.why_not("case.claim")


def test_without_a_line_the_age_is_shown_in_grey(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    case_id = shown(page, world, qtbot)
    world.claims = (other(world, case_id),)
    seen(page, qtbot)
    world.online = False
    world.advance(minutes=2)
    seen(page, qtbot)
    seat.second.emit(world.now)
    line = page.panel.presence
    assert line._tone == "text.tertiary" and "2 分钟前的情况" in line.words.text()


def test_an_open_dialog_is_a_hold(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    case_id = shown(page, world, qtbot)
    presence = seat_presence(seat)
    page.run_action("dispatch", case_id)
    assert presence._dialogs[case_id] == 1
    qtbot.waitUntil(lambda: ("claim", case_id, "hold") in seat.services.gateway.asked, timeout=5000)
    dialog: Any = next(d for d in page.window().findChildren(object) if type(d).__name__ == "DispatchDialog")
    dialog.reject()
    qtbot.waitUntil(lambda: ("unclaim", case_id) in seat.services.gateway.asked, timeout=5000)
    settled(seat, qtbot)


def test_a_hidden_window_asks_nothing(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    presence = seat_presence(seat)
    seen(page, qtbot)
    assert presence._next.isActive()
    page.window().hide()
    settled(seat, qtbot)
    assert not presence._next.isActive()
    page.window().show()
    settled(seat, qtbot)
    assert presence._next.isActive()
