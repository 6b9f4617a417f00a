"""The whole console over a real centre: sign in by keys, see the cases, dispatch one, be told, close in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.paths import Paths
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dispatch.page import DispatchPage
from tests.support.centre import birth
from tests.support.centres import PASSWORD, Hall, cases_to_dispatch, open_hall


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall("sqlite", request, tmp_path_factory.mktemp("controller")) as made:
        yield made


@pytest.fixture
def controller(hall: Hall, tmp_path: Path, qtbot: Any) -> Iterator[Controller]:
    made = Controller(CentreDoor(hall.base(), Paths(tmp_path).make()))
    made.start()
    yield made
    if made.shell is not None:
        made.shell.close()
        made.shell.deleteLater()
    if made.sign_in is not None:
        made.sign_in.deleteLater()
    made.close()


def sign_in(controller: Controller, username: str, qtbot: Any) -> None:
    page = controller.sign_in
    assert page is not None
    page.username.setText(username)
    page.password.setText(PASSWORD)
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: controller.shell is not None, timeout=20_000)


@pytest.mark.timeout(180)
def test_a_dispatcher_signs_in_and_dispatches(hall: Hall, controller: Controller, qtbot: Any) -> None:
    leader = hall.seat("shift_leader1")
    category = "event-0110"
    case = cases_to_dispatch(leader, birth(), category, 1)[0]
    sign_in(controller, "dispatcher1", qtbot)
    seat, shell = controller.seat, controller.shell
    assert seat is not None
    assert shell is not None
    case_id = case["case_id"]
    qtbot.waitUntil(lambda: case_id in seat.cases and bool(seat.rules.departments), timeout=30_000)
    page = shell.workspaces["dispatch"]
    assert isinstance(page, DispatchPage)
    qtbot.waitUntil(lambda: page.show_case(case_id), timeout=10_000)
    # own files and the centre answer in either order
    qtbot.waitUntil(
        lambda: page.panel_model.detail is not None and page.panel_model.panel is not None, timeout=10_000
    )
    assert page.panel_model.panel is not None
    assert [line.sentence[:2] for line in page.panel_model.panel.history] == ["立案", "受理", "登记"]
    page.run_action("dispatch")
    dialog = shell.findChild(DispatchDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: bool(dialog.model.values["lead_dept"]), timeout=5000)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(
        lambda: (
            seat.cases[case_id].cached is not None
            and seat.cases[case_id].cached.state == "pending_sign"
            and not seat.cases[case_id].pending
        ),
        timeout=20_000,
    )
    qtbot.waitUntil(lambda: any("已派出" in n.title for n in controller.notices.kept), timeout=10_000)
    told = hall.seat("shift_leader1").get(f"/cases/{case_id}").json()
    assert told["state"] == "pending_sign"
    assert [entry["action"] for entry in told["timeline"]][-1] == "dispatch"


def test_a_crash_is_told_with_its_number(controller: Controller) -> None:
    controller._on_crash("E-ABC123", "trace")
    assert controller.notices.kept[0].number == "E-ABC123"


@pytest.mark.timeout(120)
def test_closing_the_window_ends_the_run(hall: Hall, controller: Controller, qtbot: Any) -> None:
    sign_in(controller, "dispatcher2", qtbot)
    assert controller.shell is not None
    with qtbot.waitSignal(controller.ended):
        controller.shell.close()
    assert controller.seat is None
    controller.close()
