"""The frame: workspaces by role, what is told about the line and about decisions, the list of waiting operations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.notices.notice import Notice
from console.viewmodels.shell import ShellViewModel, workspace_title, workspaces_for
from console.viewmodels.waiting import WaitingViewModel
from services.domain.roles import ROLES
from services.ports.centre import Reason, Winner
from services.ports.errors import Problem
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, Connection
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start


@pytest.mark.parametrize(
    ("role", "workspaces"),
    [
        ("acceptor", ("intake",)),
        ("dispatcher", ("dispatch",)),
        ("shift_leader", ("intake", "dispatch")),
        ("dept_user", ()),
        ("supervisor", ()),
    ],
)
def test_workspaces_follow_the_roles(role: str, workspaces: tuple[str, ...]) -> None:
    assert role in ROLES
    assert workspaces_for((role,)) == workspaces
    assert all(workspace_title(name).endswith("席") for name in workspaces)


def titles(seat: Any) -> list[str]:
    return [notice.title for notice in reversed(seat.notices.kept)]


def test_the_line_is_told_once_each_way(world: World, start: Start) -> None:
    seat = start(world)
    _kept = ShellViewModel(seat)
    for state, queued in ((ONLINE, 0), (OFFLINE, 0), (OFFLINE, 2), (NO_ANSWER, 2), (ONLINE, 2)):
        seat.connection_changed.emit(Connection(state, queued=queued))
    assert titles(seat) == ["网络已断开，可继续工作", "网络已恢复"]
    assert seat.notices.kept[0].text == "正在送出 2 项…"


def test_a_decision_is_told_and_counted(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    model = ShellViewModel(seat)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    assert titles(seat) == []
    world.judge_all()
    settled(seat, qtbot)
    assert titles(seat)[0].startswith("已派出 ")
    assert model.figures.words == (("派遣", 1),)


def test_saved_offline_says_so(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    world.online = False
    seat = start(world)
    _kept = ShellViewModel(seat)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    assert "已保存，待发送—尚未派出" in titles(seat)


def test_what_fails_in_the_background_is_told(world: World, start: Start) -> None:
    seat = start(world)
    _kept = ShellViewModel(seat)
    seat.background.failed.emit(("rows", RuntimeError("x")))
    assert titles(seat) == ["程序出现问题"]


def test_notice_buttons_ask_the_windows(world: World, start: Start) -> None:
    seat = start(world)
    model = ShellViewModel(seat)
    asked: list[str] = []
    model.case_wanted.connect(asked.append)
    model.waiting_wanted.connect(lambda: asked.append("waiting"))
    model.act("show_case", "c1")
    model.act("open_waiting", "")
    assert asked == ["c1", "waiting"]
    assert model.seat_words == ("派遣员 · 江予安", "示例区")
    assert isinstance(Notice("info", "x"), Notice)


def test_waiting_lines_say_why_and_offer_what_helps(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    marks = {}
    cases = [world.walk("pending_dispatch") for _ in range(6)]
    for case in cases:
        seat.cases[case.case_id] = world.project(case.case_id)  # type: ignore[assignment] # there it is
        seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    changes: list[dict[str, Any]] = [
        {},
        {"tries": 2},
        {"status": "conflict", "winner": Winner("顾怀舟", world.now, "dispatch", "派遣 → 排水")},
        {"status": "needs_confirm"},
        {"status": "held"},
        {"status": "rejected", "reason": Reason("x", "没有这个承办单位。")},
    ]
    for number, change in enumerate(changes):
        world.commands[number] = replace(world.commands[number], **change)
    model = WaitingViewModel(seat)
    settled(seat, qtbot)
    for line in model.lines:
        number = next(n for n, c in enumerate(world.commands) if c.command_id == line.command_id)
        marks[number] = (line.mark, tuple(act for act, _ in line.acts), line.why)
    assert marks[0] == ("待发送—尚未派出", ("take_back",), "")
    assert marks[1][1] == ()
    assert "同一编号" in marks[1][2]
    assert marks[2][0] == "冲突"
    assert "顾怀舟 09:30 已派遣" in marks[2][2]
    assert marks[3][1] == ("confirm", "discard")
    assert marks[4][0] == "已暂停"
    assert marks[5][2] == "没有这个承办单位。"


def test_taking_back_and_confirming(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    model = WaitingViewModel(seat)
    settled(seat, qtbot)
    model.act("take_back", model.lines[0].command_id)
    settled(seat, qtbot)
    assert model.lines == ()
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    old = world.commands[-1]
    problem = Problem(400, "bad", "收不下")
    world.commands[-1] = replace(old, status="needs_confirm", problem=problem)
    world.announce({"outbox"})
    settled(seat, qtbot)
    model.act("confirm", old.command_id)
    settled(seat, qtbot)
    assert [c.status for c in world.commands[-2:]] == ["replaced", "waiting"]
    assert model.lines[0].command_id == world.commands[-1].command_id
    model.act("discard", "no-such-command")
    settled(seat, qtbot)
    assert len(model.lines) == 1
