"""A shift without a mouse over a real centre: three consoles, an input method in action, nothing but keys.

Every step of the desk is done by a key of a pool or queue, by the command bar, or in a dialog by its own keys. Units
and the field collector act over HTTP, they have no console.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.paths import Paths
from console.viewmodels.bulk_hold import second_thoughts
from console.windows.palette.palette import Palette
from console.windows.shell import ShellWindow
from tests.support.centre import CATEGORY
from tests.support.centres import PASSWORD, Hall, open_hall
from tests.support.input_method import InputMethod

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PATIENCE_MS = 30_000
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
WORDS = {"sl": "受理", "huanwei": "环卫", "sz": "市政", "huan": "换一家办理", "cui": "请尽快办理"}
_MOUSE = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.Wheel)


class NoMouse(QObject):
    """Counts what a mouse would do."""

    def __init__(self) -> None:
        super().__init__()
        self.touches = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        self.touches += event.type() in _MOUSE
        return False


class Desk:
    """One signed-in console and the keyboard in front of it."""

    def __init__(self, controller: Controller, qtbot: Any) -> None:
        self.controller, self.qtbot = controller, qtbot
        assert controller.shell is not None
        self.shell: ShellWindow = controller.shell

    @property
    def seat(self) -> Any:
        assert self.controller.seat is not None
        return self.controller.seat

    def wait(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        self.qtbot.waitUntil(lambda: bool(true()), timeout=PATIENCE_MS)

    def front(self) -> None:
        """Come to the front."""
        self.shell.activateWindow()
        self.wait(lambda: self.shell.isActiveWindow() or self.dialogs())

    def dialogs(self) -> list[QDialog]:
        """Return the open dialogs."""
        return [found for found in self.shell.findChildren(QDialog) if found.isVisible()]

    def press(self, key: Any, modifier: Any = NONE) -> None:
        """Press a key where the focus of this console is."""
        dialogs = self.dialogs()
        window: QWidget = dialogs[-1] if dialogs else self.shell
        window.activateWindow()
        self.wait(window.isActiveWindow)
        target = window.focusWidget() or window
        target.setFocus()
        QTest.keyClick(target, key, modifier)

    def until_key(self, key: Any, true: Callable[[], object], most: int = 12) -> None:
        """Press a key until something is so."""
        for _ in range(most):
            if true():
                return
            self.press(key)
        assert true(), f"{key} did not lead there: {QApplication.focusWidget()}, {self.dialogs()}"

    def type(self, line: str) -> None:
        """Type letters and digits one by one; the input method makes of them what it makes."""
        dialogs = self.dialogs()
        window: QWidget = dialogs[-1] if dialogs else self.shell
        window.activateWindow()
        self.wait(lambda: window.isActiveWindow() and QApplication.focusWidget() is window.focusWidget())
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, line)

    def dialog(self) -> QDialog:
        """Wait for the dialog that opens."""
        self.wait(self.dialogs)
        return self.dialogs()[-1]

    def confirm(self) -> None:
        """Ctrl+Enter until the dialog has handed its form over."""
        dialog = self.dialog()
        self.wait(lambda: not self.seat.background.busy)
        self.press(Qt.Key.Key_Return, CTRL)
        self.wait(lambda: dialog not in self.dialogs())

    def line(self, words: str, *, composed: bool = True) -> None:
        """Open the command bar, type a line (each word of letters ends its composition by Enter or Space), Enter."""
        self.press(Qt.Key.Key_K, CTRL)
        self.wait(lambda: isinstance(self.dialogs()[-1] if self.dialogs() else None, Palette))
        bar = self.dialogs()[-1]
        assert isinstance(bar, Palette)
        bar.activateWindow()
        self.wait(bar.field.hasFocus)
        for number, word in enumerate(words.split(" ")):
            if number:
                self.type(" ")
            self.type(word)
            if word.isalpha():
                self.press(Qt.Key.Key_Space if composed else Qt.Key.Key_Return)
        self.press(Qt.Key.Key_Return)
        self.wait(lambda: bar not in self.dialogs() or bar.model.problem)
        assert bar not in self.dialogs(), (bar.field.text(), bar.model.problem, bar.model.rows)

    def state(self, case_id: str, state: str) -> None:
        """Wait until this console knows that the centre has put a case into a state."""

        def there() -> bool:
            entry = self.seat.cases.get(case_id)
            return bool(entry and entry.cached and entry.cached.state == state and not entry.pending)

        self.wait(there)

    def number(self, case_id: str) -> str:
        """Return the last four digits of a case number."""
        number = self.seat.cases[case_id].case.number
        assert number is not None
        return str(number[-4:])


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall("sqlite", request, tmp_path_factory.mktemp("keys")) as made:
        yield made


@pytest.fixture
def desks(hall: Hall, tmp_path: Path, qtbot: Any) -> Iterator[Callable[[str], Desk]]:
    """Sign somebody in by keys; returns the desk."""
    made: list[Controller] = []

    def sign_in(username: str) -> Desk:
        controller = Controller(CentreDoor(hall.base(), Paths(tmp_path / username).make()))
        made.append(controller)
        controller.start()
        page = controller.sign_in
        assert page is not None
        page.username.setText(username)
        page.password.setText(PASSWORD)
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: controller.shell is not None, timeout=PATIENCE_MS)
        desk = Desk(controller, qtbot)
        desk.wait(lambda: len(desk.seat.areas) and desk.seat.rules.departments)
        return desk

    yield sign_in
    for controller in made:
        if controller.shell is not None:
            controller.shell.close()
            controller.shell.deleteLater()
        controller.close()


@pytest.fixture
def keyboard() -> Iterator[tuple[InputMethod, NoMouse]]:
    """The input method, switched on after the windows are there, and the watch over the mouse."""
    method, mouse = InputMethod(WORDS), NoMouse()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(mouse)
    yield method, mouse
    method.leave()
    application.removeEventFilter(mouse)


def choose(desk: Desk, case_id: str) -> None:
    """Come to a case by its number in the command bar: the row is marked and the panel shows it."""
    desk.front()
    desk.line(desk.number(case_id))
    page = desk.shell.workspaces["dispatch"]
    desk.wait(lambda: page.panel_model.panel is not None and page.panel_model.case_id == case_id)  # type: ignore[attr-defined]  # the page of 派遣席
    desk.wait(lambda: not desk.dialogs())


def mark_both(desk: Desk, ids: set[str]) -> None:
    """Show 在办 and mark its rows one by one."""
    page: Any = desk.shell.workspaces["dispatch"]
    number = 1 + [tab.id for tab in page.queue_model.tabs].index("open")
    desk.press(Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.AltModifier)
    desk.wait(lambda: set(page.queue_model.ids) == ids)
    desk.until_key(Qt.Key.Key_F6, page.queue.table.hasFocus)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Space, Qt.Key.Key_J, Qt.Key.Key_Space):
        desk.press(key)
    desk.wait(lambda: set(page.subject()) == ids)


def test_a_shift_without_a_mouse(
    hall: Hall, desks: Callable[[str], Desk], keyboard: tuple[InputMethod, NoMouse], qtbot: Any
) -> None:
    method, mouse = keyboard
    acceptor, leader, dispatcher = desks("acceptor1"), desks("shift_leader1"), desks("dispatcher1")
    method.leave()  # asked first, as a real one is: it must be the newest filter
    QApplication.instance().installEventFilter(method)  # type: ignore[union-attr]  # there is one
    muni, sani, field = hall.seat("muni1"), hall.seat("sani1"), hall.seat("supervisor1")
    born = [hall.seat("acceptor1").register(category=CATEGORY) for _ in range(2)]
    first, second = (case["case_id"] for case in born)

    # 受理: the first by the key of the pool, the second by the command bar with a composed word
    acceptor.front()
    acceptor.state(first, "reported")
    acceptor.state(second, "reported")
    pool = acceptor.shell.workspaces["intake"]
    acceptor.wait(lambda: {first, second} <= set(pool.pools_model.queue.ids))  # type: ignore[attr-defined]  # the page of 受理席
    acceptor.until_key(Qt.Key.Key_F6, pool.pools.table.hasFocus)  # type: ignore[attr-defined]  # the page of 受理席
    acceptor.until_key(Qt.Key.Key_J, lambda: pool.pools_model.case_id == first)  # type: ignore[attr-defined]  # as above
    acceptor.press(Qt.Key.Key_Return)
    acceptor.state(first, "pending_filing")
    acceptor.line(f"sl {acceptor.number(second)}")
    acceptor.state(second, "pending_filing")
    assert "受理" in method.composed

    # 立案: the dialog by the command bar, the filing condition by arrows
    for case_id in (first, second):
        leader.front()
        leader.state(case_id, "pending_filing")
        leader.line(f"lian {leader.number(case_id)}", composed=False)
        dialog = leader.dialog()
        dialog.conditions.setFocus()  # type: ignore[attr-defined]  # the dialog of 立案; Tab leads there too
        leader.press(Qt.Key.Key_Down)
        leader.confirm()
        leader.state(case_id, "pending_dispatch")

    # 派遣: D on the row with the suggested unit; the other by `pq 0312 sz`
    dispatcher.front()
    dispatcher.state(first, "pending_dispatch")
    dispatcher.state(second, "pending_dispatch")
    choose(dispatcher, first)
    dispatcher.press(Qt.Key.Key_D)
    dispatcher.dialog()
    dispatcher.confirm()
    dispatcher.state(first, "pending_sign")
    dispatcher.line(f"pq {dispatcher.number(second)} sz", composed=False)
    dialog = dispatcher.dialog()
    assert dialog.model.values["lead_dept"] == "muni"  # type: ignore[attr-defined]  # the dialog of 派遣
    dispatcher.confirm()
    dispatcher.state(second, "pending_sign")

    # both at once: marked with Space, 急要件 by its key, the preview confirmed, nothing held back here
    second_thoughts(dispatcher.seat).set_seconds(bulk=0.0)
    mark_both(dispatcher, {first, second})
    dispatcher.press(Qt.Key.Key_I)
    dialog = dispatcher.dialog()
    dispatcher.wait(lambda: dialog.model.preview)  # type: ignore[attr-defined]  # the preview of many
    dispatcher.confirm()
    dispatcher.wait(lambda: all(dispatcher.seat.cases[one].cached.urgent for one in (first, second)))
    page: Any = dispatcher.shell.workspaces["dispatch"]
    dispatcher.wait(lambda: page.bulk.results is not None and page.bulk.results.isVisible())
    dispatcher.until_key(
        Qt.Key.Key_Escape, lambda: not page.bulk.results.isVisible() and not page.queue.selected
    )

    # 退单, 改派 by the key of 派遣
    lead = dispatcher.seat.cases[first].case.lead_dept
    unit = {"muni": muni, "sani": sani}[lead]
    unit.do("return_case", unit.get(f"/cases/{first}").json(), reason="不属我单位", basis="权责清单第三条")
    dispatcher.state(first, "returned")
    choose(dispatcher, first)
    dispatcher.press(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    dialog = dispatcher.dialog()
    other = "muni" if lead == "sani" else "sani"
    dispatcher.type("sz" if other == "muni" else "huanwei")
    dispatcher.press(Qt.Key.Key_Space)
    dispatcher.wait(lambda: dialog.model.values["lead_dept"] == other)  # type: ignore[attr-defined]  # as above
    dispatcher.press(Qt.Key.Key_Return)  # on to the reason
    dispatcher.type("huan")
    dispatcher.press(Qt.Key.Key_Space)
    dispatcher.confirm()
    dispatcher.state(first, "pending_sign")
    assert "换一家办理" in " ".join(method.composed)

    # 延期 decided by E, 批转 by S, 核查, 结案
    unit = {"muni": muni, "sani": sani}[other]
    unit.do("sign", unit.get(f"/cases/{first}").json())
    unit.do(
        "apply_extension", unit.get(f"/cases/{first}").json(), reason="等待配件", amount=1, unit="work_day"
    )
    dispatcher.wait(lambda: "extension_pending" in dispatcher.seat.cases[first].case.flags)
    choose(dispatcher, first)
    dispatcher.press(Qt.Key.Key_E)
    dispatcher.dialog()
    dispatcher.confirm()
    dispatcher.wait(lambda: "extension_pending" not in dispatcher.seat.cases[first].cached.flags)
    unit.do("feed_back", unit.get(f"/cases/{first}").json(), result="已完成", solved=True)
    dispatcher.state(first, "feedback_review")
    choose(dispatcher, first)
    dispatcher.press(Qt.Key.Key_S)
    dispatcher.confirm()
    dispatcher.state(first, "checking")
    field.do("check_pass", field.get(f"/cases/{first}").json(), note="")
    leader.front()
    leader.state(first, "pending_close")
    leader.line(f"jiean {leader.number(first)}", composed=False)
    leader.dialog()
    leader.confirm()
    leader.state(first, "closed")

    assert mouse.touches == 0
    assert method.kept > 0
    assert "CaseQueueTable" in method.through
    timeline = hall.seat("shift_leader1").get(f"/cases/{first}").json()["timeline"]
    assert [entry["action"] for entry in timeline] == [
        "register", "accept", "file", "dispatch", "flag_urgent", "return_case", "redispatch", "sign", "apply_extension",
        "decide_extension", "feed_back", "send_check", "check_pass", "close",
    ]  # fmt: skip
