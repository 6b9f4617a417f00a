"""The shell: workspaces by role, notices as toasts, waiting operations, lock, themes, bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.notices.notice import ERROR, Notice, NoticeAction
from console.tasks.runner import Background
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import ShellViewModel
from console.viewmodels.sign_in import DemoAccount, SignInViewModel
from console.windows.dispatch.page import DispatchPage
from console.windows.frame.notices import NoticeList
from console.windows.frame.sign_in import SignInPage
from console.windows.frame.top_bar import reading_of
from console.windows.frame.waiting import WaitingDialog
from console.windows.shell import ShellWindow
from services.ports.centre import Meta
from services.ports.picture import OFFLINE, ONLINE, SYNCING, Connection
from tests.support.blank_workspace import BlankWorkspace
from tests.support.fakes import World, close_seat, seat_of, settled, world_for
from widgets.indicators.connection_pill import ConnectionState
from widgets.theme import theme_store

Open = Callable[..., tuple[World, SeatViewModel, ShellWindow]]


@pytest.fixture
def open_shell(qtbot: Any) -> Iterator[Open]:
    opened: list[tuple[SeatViewModel, ShellWindow]] = []

    def make(*roles: str) -> tuple[World, SeatViewModel, ShellWindow]:
        theme_store().apply()
        world = world_for(*roles)
        world.walk("pending_dispatch")
        seat = seat_of(world)
        builders: dict[str, Any] = {"dispatch": DispatchPage, "intake": BlankWorkspace}
        shell = ShellWindow(
            ShellViewModel(seat), theme_store(), builders, lambda password: password == "right"
        )
        opened.append((seat, shell))
        shell.resize(1920, 1080)
        shell.show()
        seat.start()
        settled(seat, qtbot)
        return world, seat, shell

    yield make
    for seat, shell in opened:
        close_seat(seat)
        shell.close()
        shell.deleteLater()


def test_a_shift_leader_has_both_workspaces(open_shell: Open, qtbot: Any) -> None:
    _, _, shell = open_shell("shift_leader")
    assert [tab.key for tab in shell.top.tabs.tabs] == ["intake", "dispatch"]
    intake = shell.workspaces["intake"]
    assert isinstance(intake, BlankWorkspace)
    assert intake.active == 1
    shell.show_workspace("dispatch")
    assert intake.active == 0
    shell.show_workspace("nowhere")
    assert shell.stack.currentWidget() is shell.workspaces["dispatch"]


def test_notices_are_toasts_with_buttons(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    case_id = next(iter(seat.cases))
    seat.notices.tell(Notice(ERROR, "没有办成", "原因", (NoticeAction("show_case", "看案件", case_id),), "k"))
    assert shell.toasts.keys() == ("k",)
    assert seat.notices.unseen == 1
    shell.toasts.acted.emit("k", "show_case")
    settled(seat, qtbot)
    page = shell.workspaces["dispatch"]
    assert isinstance(page, DispatchPage)
    assert page.panel_model.case_id == case_id
    assert shell.toasts.keys() == ()
    shell.show_notices()
    assert shell.findChild(NoticeList) is not None
    assert seat.notices.unseen == 0
    shell.findChild(NoticeList).reject()


def test_waiting_operations_can_be_taken_back(open_shell: Open, qtbot: Any) -> None:
    world, seat, shell = open_shell("dispatcher")
    case_id = next(iter(seat.cases))
    seat.submit("dispatch", case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    shell.show_waiting()
    settled(seat, qtbot)
    dialog = shell.findChild(WaitingDialog)
    assert dialog is not None
    asked: list[str] = []
    dialog.case_wanted.connect(asked.append)
    dialog._model.act("take_back", world.commands[0].command_id)
    settled(seat, qtbot)
    assert world.commands[0].status == "discarded"
    dialog._on_case_wanted(case_id)
    assert asked == [case_id]


def test_the_lock_shows_counts_only_and_opens_with_the_password(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    shell.lock()
    lock = shell._lock
    assert lock.locked
    assert lock.isVisible()
    assert "在办 1 件" in lock._counts.text()
    assert "井盖" not in lock._counts.text()
    lock._field.setText("wrong")
    lock._try()
    settled(seat, qtbot)
    assert lock.locked
    assert lock._error.text() == "密码不对，请再试。"
    lock._field.setText("right")
    QTest.keyClick(lock._field, Qt.Key.Key_Return)
    settled(seat, qtbot)
    assert not lock.locked


def test_the_theme_switches_without_restart(open_shell: Open, qtbot: Any) -> None:
    _, _, shell = open_shell("dispatcher")
    before = shell.grab().toImage().pixelColor(5, 5)
    theme_store().toggle()
    try:
        assert shell.grab().toImage().pixelColor(5, 5) != before
    finally:
        theme_store().toggle()


def test_bars_follow_the_seat(open_shell: Open, qtbot: Any) -> None:
    world, seat, shell = open_shell("dispatcher")
    assert shell.top.seat.text() == "派遣员 · 江予安"
    assert shell.top.area.text() == "示例区"
    seat.second.emit(datetime(2026, 11, 20, 6, 32, 8, tzinfo=UTC))
    assert shell.top.clock.text() == "14:32:08"
    assert shell.top.date.text() == "11-20 周五"
    assert shell.status.figures.text() == "本席还没有办理操作"
    seat.submit("dispatch", next(iter(seat.cases)), {"lead_dept": "muni"})
    settled(seat, qtbot)
    world.judge_all()
    settled(seat, qtbot)
    assert "派遣 1" in shell.status.figures.text()


def test_the_pill_s_reading() -> None:
    assert reading_of(Connection(ONLINE), 0).state is ConnectionState.ONLINE
    reading = reading_of(Connection(SYNCING, progress=0.64), 0)
    assert (reading.state, reading.percent) == (ConnectionState.SYNCING, 64)
    offline = reading_of(Connection(OFFLINE, queued=7), 1)
    assert (offline.waiting, offline.conflicts) == (7, 1)


class Door:
    """A door that opens for one password."""

    def meta(self) -> Meta:
        return Meta("e", "0.1", 1, datetime(2026, 11, 20, tzinfo=UTC), "990101", "示例区指挥中心", True)

    def enter(self, username: str, password: str) -> object:
        return (username, password)


def test_the_sign_in_page_offers_demo_accounts(qtbot: Any) -> None:
    background = Background()
    account = DemoAccount("pqy01", "Secret-1", "dispatcher")
    model = SignInViewModel(Door(), background, (account,))  # type: ignore[arg-type] # the calls used here
    page = SignInPage(model)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    qtbot.waitUntil(lambda: not background.busy)
    page.demo.setCurrentIndex(1)
    assert (page.username.text(), page.password.text()) == ("pqy01", "Secret-1")
    with qtbot.waitSignal(model.entered) as heard:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert heard.args == [("pqy01", "Secret-1")]
    assert not page.new.isVisible()
    model.must_change = True
    model.changed.emit()
    assert page.new.isVisible()
    background.close()


def test_a_demo_account_is_a_value() -> None:
    account = DemoAccount("a", "b", "acceptor")
    assert replace(account, username="c").words == "受理员  c"
