"""A shift handed over between two real consoles at a real centre: drafted with the log, signed, read, claims moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.paths import Paths
from console.windows.handover.sheet_dialog import SheetDialog
from services.api.desk_calls import HttpDeskCalls
from services.ports.errors import NeverValid, SignInNeeded
from services.ports.handover import BriefLine
from tests.support.centre import birth
from tests.support.centres import PASSWORD, Hall, cases_to_dispatch, open_hall

CTRL = Qt.KeyboardModifier.ControlModifier
Enter = Callable[[str], Controller]


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall("sqlite", request, tmp_path_factory.mktemp("handover")) as made:
        yield made


@pytest.fixture
def enter(hall: Hall, tmp_path: Path, qtbot: Any) -> Iterator[Enter]:
    """Sign somebody in at a console of its own, and wait until it is on line."""
    made: list[Controller] = []

    def sign_in(username: str) -> Controller:
        controller = Controller(CentreDoor(hall.base(), Paths(tmp_path / username).make()))
        made.append(controller)
        controller.start()
        page = controller.sign_in
        assert page is not None
        page.username.setText(username)
        page.password.setText(PASSWORD)
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: controller.shell is not None, timeout=30_000)
        seat = controller.seat
        assert seat is not None
        qtbot.waitUntil(
            lambda: (
                seat.connection is not None
                and seat.connection.state == "online"
                and bool(seat.rules.departments)
            ),
            timeout=40_000,
        )
        return controller

    yield sign_in
    for controller in made:
        if controller.shell is not None:
            controller.shell.close()
            controller.shell.deleteLater()
        if controller.sign_in is not None:
            controller.sign_in.deleteLater()
        controller.close()


@pytest.mark.timeout(180)
def test_a_shift_goes_from_one_console_to_the_next(hall: Hall, enter: Enter, qtbot: Any) -> None:
    case = cases_to_dispatch(hall.seat("shift_leader1"), birth(), "event-0110", 1)[0]
    hall.seat("acceptor1").do(
        "contact_citizen", case, at=datetime.now(UTC).isoformat(), reached=True, text="答应今晚前回电"
    )
    leaving = enter("dispatcher1")
    seat, tools = leaving.seat, leaving.tools
    assert seat is not None and tools is not None
    seat.services.gateway.claim(case["case_id"])
    qtbot.waitUntil(lambda: case["case_id"] in seat.cases, timeout=20_000)
    dialog = tools.open_handover()
    book = tools.handover
    qtbot.waitUntil(lambda: book.draft is not None and book.draft.log_known, timeout=20_000)
    assert book.draft is not None
    kinds = {(line.kind, line.case_id) for line in book.draft.lines}
    assert {("promise", case["case_id"]), ("claim", case["case_id"])} <= kinds
    dialog.remarks.append("夜间电话已转")
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    assert dialog.sign_dialog is not None
    dialog.sign_dialog.password.set_text(PASSWORD)
    QTest.keyClick(dialog.sign_dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: book.draft is not None and book.draft.status == "kept", timeout=30_000)
    dialog.reject()

    coming = enter("dispatcher2")
    shell = coming.shell
    assert shell is not None
    qtbot.waitUntil(lambda: shell.findChild(SheetDialog) is not None, timeout=20_000)
    sheet = shell.findChild(SheetDialog)
    assert sheet is not None and "夜间电话已转" in sheet.remarks.text()
    QTest.keyClick(sheet, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: sheet.sheet.head.taken_over is not None, timeout=20_000)
    taken = sheet.sheet.head.taken_over
    assert taken is not None and taken.user_id == "u-dispatcher2" and taken.moved == (case["case_id"],)
    sheet.reject()
    claims = hall.seat("shift_leader1").get("/presence").json()["claims"]
    held = {claim["user"]["id"] for claim in claims if claim["case_id"] == case["case_id"]}
    assert held == {"u-dispatcher2"}


def test_the_line_reads_what_the_centre_says(hall: Hall, tmp_path: Path) -> None:
    """Every call of the desk's adapter against the real routes, with its error classes."""
    now = datetime.now(UTC)

    def calls(username: str) -> tuple[CentreDoor, HttpDeskCalls]:
        door = CentreDoor(hall.base(), Paths(tmp_path / f"line-{username}").make())
        door.gateway.sign_in(username, PASSWORD, "console-1")
        return door, HttpDeskCalls(door.gateway)

    first, desk = calls("dispatcher1")
    second, next_desk = calls("dispatcher2")
    third, leader = calls("shift_leader1")
    try:
        facts = desk.handover_facts()
        assert facts.as_of_seq >= 0
        brief = {
            "handover_id": "0193d6c1-0000-7000-8000-0000000000aa", "post": "dispatcher",
            "began_at": now.isoformat(), "drafted_at": now.isoformat(), "said_at": now.isoformat(),
            "lines": [BriefLine("note", "看好抢修", due_at=now).doc()], "remarks": "好",
        }  # fmt: skip
        kept = desk.hand_over(brief)
        assert (
            kept.lines[0].text == "看好抢修" and kept.lines[0].due_at == now and kept.head.taken_over is None
        )
        assert desk.handover(kept.head.handover_id) == kept
        heads = desk.handovers(5, unsigned=True)
        assert heads[0].handover_id == kept.head.handover_id and heads[0].counts == {"note": 1}
        with pytest.raises(NeverValid) as own:
            desk.take_over(kept.head.handover_id)
        assert own.value.problem.code == "own_handover"
        taken = next_desk.take_over(kept.head.handover_id, "收到").head.taken_over
        assert taken is not None and taken.note == "收到" and taken.name == "dispatcher2先生"
        mark = leader.mark_caller("深夜谩骂", 30, phone="13800009911")
        assert leader.match_caller("13800009911")[0] == mark and leader.marked_callers() == (mark,)
        leader.unmark_caller(mark.mark_id)
        assert leader.match_caller("13800009911") == (None, 0)
        with pytest.raises(SignInNeeded):
            desk.marked_callers()
    finally:
        for door in (first, second, third):
            door.gateway.close()
