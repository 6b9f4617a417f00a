"""The consoles of the scripted shift: each step is done with the keys and fields an operator would use."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from shapely.geometry import shape

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.paths import Paths
from console.app.stage import Stage
from console.app.tour_queue import queue_pictures
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.sign_in import DemoAccount
from console.windows.deadline.sheet import open_sheet
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.file_dialog import FileDialog
from console.windows.dispatch.page import DispatchPage
from console.windows.intake.page import IntakePage
from console.windows.shell import ShellWindow
from maps.geometry.mercator import project
from services.geo.grids import label_point
from services.ports.picture import Projected
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier


class TourSeats:
    """Three signed-in consoles in one process."""

    def __init__(
        self, url: str, paths: Paths, stage: Stage, people: list[dict[str, Any]], size: tuple[int, int]
    ) -> None:
        """Sign in at all three; the first sign-in page is pictured."""
        self.stage, self._size = stage, size
        accounts = tuple(DemoAccount(p["username"], p["password"], p["roles"][0]) for p in people)
        self._controllers: dict[str, Controller] = {}
        for number, role in enumerate(("acceptor", "shift_leader", "dispatcher")):
            door = CentreDoor(url, paths, "embedded")
            controller = Controller(door, accounts)
            self._controllers[role] = controller
            self._sign_in(controller, role, accounts, pictured=number == 0)

    def _sign_in(
        self, controller: Controller, role: str, accounts: tuple[DemoAccount, ...], *, pictured: bool
    ) -> None:
        """Choose a demo account on the sign-in page and press Enter."""
        stage = self.stage
        controller.start()
        page = controller.sign_in
        assert page is not None
        page.resize(*self._size)
        stage.wait(lambda: controller.sign_in_model.meta is not None, "中心答复")
        number = next(n for n, account in enumerate(accounts, 1) if account.role == role)
        page.demo.setCurrentIndex(number)
        if pictured:
            stage.picture(page, "01_sign_in")
        QTest.keyClick(page.password, Qt.Key.Key_Return)
        stage.wait(lambda: controller.shell is not None, "登录")
        self.shell(role).resize(*self._size)
        seat = self.seat(role)
        stage.wait(lambda: len(seat.areas) and seat.cases and seat.rules.categories, "首次取数", 60)
        stage.wait(lambda: seat.connection is not None and seat.connection.state == "online", "在线", 60)

    # --- who ------------------------------------------------------------------------------------------

    def shell(self, role: str) -> ShellWindow:
        """Return the window of a seat."""
        shell = self._controllers[role].shell
        assert shell is not None
        return shell

    def controller(self, role: str) -> Controller:
        """Return the whole console of a role."""
        return self._controllers[role]

    def seat(self, role: str) -> SeatViewModel:
        """Return the seat of a role."""
        seat = self._controllers[role].seat
        assert seat is not None
        return seat

    def page(self, role: str, workspace: str) -> QWidget:
        """Bring a workspace of a seat to the front and return it."""
        shell = self.shell(role)
        shell.show_workspace(workspace)
        shell.activateWindow()
        self.stage.wait(shell.isActiveWindow, "窗口获得焦点")
        return shell.workspaces[workspace]

    def intake(self, role: str) -> IntakePage:
        """Return 受理席 of a seat."""
        page = self.page(role, "intake")
        assert isinstance(page, IntakePage)
        return page

    def desk(self) -> DispatchPage:
        """Return 派遣席."""
        page = self.page("dispatcher", "dispatch")
        assert isinstance(page, DispatchPage)
        return page

    def in_state(self, role: str, case_id: str, state: str) -> None:
        """Wait until a seat sees a case in a state, decided by the centre."""
        seat = self.seat(role)

        def there() -> bool:
            entry = seat.case(case_id)
            return entry is not None and entry.cached is not None and entry.cached.state == state

        self.stage.wait(there, f"案件进入 {state}")

    # --- steps ------------------------------------------------------------------------------------------

    def register(self, area: str, story: str, address: str, category: str, letters: str) -> tuple[str, str]:
        """Fill the register form in the order of speech and save; returns case id and number."""
        stage, page = self.stage, self.intake("acceptor")
        lon, lat = self._point_in(area)
        stage.write(page.form.description.editor, story)
        stage.write(page.form.address.editor, address)
        picker = page.form.map.map
        view = picker.view
        at = view.to_screen(project(lon, lat))
        stage.click(picker, QPointF(float(at[0]), float(at[1])))
        stage.wait(lambda: page.model.place() is not None, "落入网格")
        page.form.category.setFocus()
        stage.rest(100)
        QTest.keyClicks(page.form.category.window().focusWidget(), letters)
        QTest.keyClick(page.form.category.window().focusWidget(), Qt.Key.Key_Return)
        stage.write(page.form.name.editor, "韩梅")
        stage.write(page.form.phone.editor, "13800002716")
        stage.rest(800)
        stage.picture(self.shell("acceptor"), "02_intake_form")
        case_id = page.model.form.case_id
        stage.press(self.shell("acceptor"), Qt.Key.Key_Return, CTRL)
        self.in_state("acceptor", case_id, "reported")
        entry = self.seat("acceptor").case(case_id)
        return case_id, (entry.case.number or "") if entry is not None else ""

    def _point_in(self, area: str) -> tuple[float, float]:
        """Return a point well inside the largest grid of an area."""
        grids = [g for g in self.seat("acceptor").areas.of_level("grid") if g.code.startswith(area)]
        largest = max((shape(g.geometry) for g in grids if g.geometry), key=lambda polygon: polygon.area)
        lon, lat = label_point(largest)
        return float(lon), float(lat)

    def _take(self, role: str, case_id: str, picture: str = "") -> None:
        """Mark a case in its pool and take the pool's own step; a dialog is confirmed by keys."""
        page, shell = self.intake(role), self.shell(role)
        self.stage.wait(lambda: page.show_case(case_id), "案件进入待办池")
        self.stage.rest()
        page.pools.run_main()
        self.stage.rest(500)
        if picture:
            self.stage.picture(shell, picture)

    def accept(self, case_id: str) -> None:
        """受理: one key in the pool."""
        self._take("acceptor", case_id)
        self.in_state("acceptor", case_id, "pending_filing")
        self.stage.picture(self.shell("acceptor"), "03_intake_pools")

    def file(self, case_id: str) -> None:
        """立案 with a filing condition."""
        self.in_state("shift_leader", case_id, "pending_filing")
        self._take("shift_leader", case_id)
        dialog = self.stage.dialog(self.shell("shift_leader"))
        assert isinstance(dialog, FileDialog)
        dialog.conditions.setFocus()
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Down)
        self.stage.picture(self.shell("shift_leader"), "04_dialog_file")
        self.stage.confirm(self.shell("shift_leader"))
        self.in_state("shift_leader", case_id, "pending_dispatch")

    def dispatch(self, case_id: str, dept: str) -> None:
        """派遣: D opens the dialog, the unit is found by its letters."""
        stage, page, shell = self.stage, self.desk(), self.shell("dispatcher")
        self.in_state("dispatcher", case_id, "pending_dispatch")
        stage.wait(lambda: page.show_case(case_id), "案件出现在队列")
        stage.wait(
            lambda: page.panel_model.panel is not None and page.panel_model.detail is not None, "案件面板"
        )
        stage.rest(800)
        stage.picture(shell, "05_dispatch")
        page.queue.table.setFocus()
        stage.press(shell, Qt.Key.Key_D)
        dialog = stage.dialog(shell)
        assert isinstance(dialog, DispatchDialog)
        unit = self.seat("dispatcher").rules.departments[dept]
        stage.write(dialog.units.picker.line, unit.short or unit.name)
        stage.rest()
        stage.picture(shell, "06_dialog_dispatch")
        stage.confirm(shell)
        self.in_state("dispatcher", case_id, "pending_sign")

    def send_check(self, case_id: str) -> None:
        """批转: S and Ctrl+Enter."""
        stage, page, shell = self.stage, self.desk(), self.shell("dispatcher")
        self.in_state("dispatcher", case_id, "feedback_review")
        stage.wait(lambda: page.show_case(case_id), "案件出现在队列")
        stage.wait(lambda: page.panel_model.panel is not None, "案件面板")
        stage.rest(500)
        page.queue.table.setFocus()
        stage.press(shell, Qt.Key.Key_S)
        stage.confirm(shell)
        self.in_state("dispatcher", case_id, "checking")

    def close_case(self, case_id: str) -> None:
        """结案: the closing condition of the filing condition is offered."""
        self.in_state("shift_leader", case_id, "pending_close")
        self._take("shift_leader", case_id, "07_dialog_close")
        self.stage.confirm(self.shell("shift_leader"))
        self.in_state("shift_leader", case_id, "closed")

    def last_pictures(self, case_id: str) -> None:
        """Picture the closed case, 时限说明书 of a case with a story, the light theme, the lock."""
        stage, page, shell = self.stage, self.desk(), self.shell("dispatcher")
        stage.wait(lambda: page.show_case(case_id), "案件可看")
        stage.wait(lambda: page.panel_model.detail is not None, "流转记录")
        stage.rest(800)
        stage.picture(shell, "08_case_closed")
        told = self._case_with_a_story()
        page.show_case(told)
        stage.rest(500)
        sheet = open_sheet(told, self.seat("dispatcher"), theme_store(), page)
        stage.wait(lambda: sheet.model.detail is not None, "时限说明书")
        stage.rest(500)
        stage.picture(shell, "09_deadline_sheet")
        sheet.reject()
        page.queue_model.show_tab("open")
        stage.rest(300)
        self._map_pictures(page, shell)
        queue_pictures(stage, page, shell)
        theme_store().toggle()
        stage.rest(300)
        page.map.map.refresh_now()
        stage.picture(shell, "10_dispatch_light")
        theme_store().toggle()
        shell.lock()
        stage.picture(shell, "11_lock")

    def _map_pictures(self, page: DispatchPage, shell: ShellWindow) -> None:
        """Picture the map at three zooms: the whole district, streets, grids."""
        grid_map, stage = page.map.map, self.stage
        stage.wait(lambda: page.map_model.cases.shown, "地图上的案件")
        for name, metres in (("12_map_district", 0.0), ("13_map_streets", 8.0), ("14_map_grids", 2.0)):
            view = grid_map.nav.goal
            if metres:
                factor = view.metres_per_pixel / metres
                grid_map.nav.jump(view.zoomed_at(factor, view.width / 2, view.height / 2))
            else:
                grid_map.fit_all()
            stage.rest(900)
            grid_map.refresh_now()
            stage.picture(shell, name)
        grid_map.fit_all()
        stage.rest(300)

    def _case_with_a_story(self) -> str:
        """Return an open case whose handling clock was extended, or counts working time."""

        def story(entry: Projected) -> tuple[int, int, str]:
            clock = entry.case.clocks.get("handle")
            if clock is None or not clock.live:
                return 0, 0, entry.case.case_id
            return len(clock.extensions) + len(clock.pauses), int(clock.limit.working), entry.case.case_id

        return max(self.seat("dispatcher").open_cases(), key=story).case.case_id

    def close(self) -> None:
        """Close every console."""
        for controller in self._controllers.values():
            if controller.shell is not None:
                controller.shell.close()
            controller.close()
