"""Pictures of acts on many cases, of presence and of a lost race, at the end of the scripted shift."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.field_hands import FieldHand
from console.app.tour_seats import TourSeats
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.presence import seat_presence
from console.windows.dialogs.conflict_dialog import ConflictDialog
from console.windows.dispatch.page import DispatchPage
from services.usecases.bulk import Wish

CTRL = Qt.KeyboardModifier.ControlModifier
MANY = 12


class BulkTour:
    """Works the dispatcher's console; `rival` signs another dispatcher in, who has no window here."""

    def __init__(self, seats: TourSeats, rival: Callable[[], FieldHand]) -> None:
        """Use the consoles of the shift."""
        self.seats, self.stage, self._rival = seats, seats.stage, rival
        self.shell = seats.shell("dispatcher")

    def walk(self) -> None:
        """Take every picture."""
        page = self.seats.desk()
        other = self._rival()
        self.people(page, other)
        self.lost_race(page, other)
        self.act_on_many(page)

    def act_on_many(self, page: DispatchPage) -> None:
        """Mark rows of the own turn, preview, confirm, take back, confirm again, and follow the answers."""
        stage, shell = self.stage, self.shell
        page.queue_model.show_tab("turn")
        stage.wait(lambda: page.queue_model.count > 2, "轮到我办的案件")
        page.queue.rows.set_marked(self._mixed(page))
        stage.wait(page.bulk.bar.isVisible, "批量操作条")
        stage.picture(shell, "25_batch_bar")
        dialog = page.bulk.open("dispatch")
        assert dialog is not None
        stage.wait(lambda: dialog.model.preview is not None, "批量预览")
        stage.picture(shell, "26_bulk_preview")
        dialog.tabs.chosen.emit("refuse")
        stage.picture(shell, "27_bulk_refused")
        dialog.tabs.chosen.emit("accept")
        if not dialog.model.chosen:
            dialog.reject()
            return
        if "reason" in dialog.editors:
            dialog.model.set_value("reason", "原单位说明不属本职责，改由责任单位处置。")
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
        thoughts = second_thoughts(page.seat)
        stage.wait(lambda: thoughts.acts, "批量已保存")
        stage.wait(lambda: page.bulk.results is not None and page.bulk.results.model.lines, "办理清单")
        stage.picture(shell, "28_bulk_hold")
        thoughts.release(thoughts.latest)
        results = page.bulk.results
        assert results is not None
        stage.wait(lambda: results.model.settled, "中心逐件答复")
        stage.picture(shell, "29_bulk_results")
        results.close_panel()
        page.bulk.clear()

    def _mixed(self, page: DispatchPage) -> list[str]:
        """Return cases to dispatch and a few that will refuse."""
        known = page.seat.read_cases(page.queue_model.ids)
        fits = [
            i
            for i in page.queue_model.ids
            if i in known and known[i].case.state in ("pending_dispatch", "returned")
        ]
        rest = [case_id for case_id in page.queue_model.ids if case_id not in fits]
        return fits[: MANY - 3] + rest[:3]

    def people(self, page: DispatchPage, other: FieldHand) -> None:
        """Somebody else holds a case: a lock in the row, a line in the panel; another one is claimed here."""
        stage, presence = self.stage, seat_presence(page.seat)
        page.queue_model.show_tab("pending_dispatch")
        stage.wait(lambda: page.queue_model.count > 1, "待派遣的案件")
        held, mine = page.queue_model.ids[:2]
        other.claim(held)
        page.show_case(held)
        stage.wait(lambda: presence.lock(held)[0], "看见别人在办")
        presence.claim(mine)
        stage.rest(600)
        stage.picture(self.shell, "23_presence")
        presence.let_go(mine)
        other.unclaim(held)

    def lost_race(self, page: DispatchPage, other: FieldHand) -> None:
        """Two dispatch the same case; ours comes second and is shown in three columns."""
        stage, seat = self.stage, page.seat
        case_id = page.queue_model.ids[-1]
        first, second = [unit for unit in seat.rules.departments.values() if unit.active][:2]
        shown = seat.case(case_id)
        assert shown is not None
        other.act("dispatch", case_id, {"lead_dept": first.id, "note": "已电话说明，请先到现场。"})
        # what the eye saw a moment ago: the other was quicker
        ours = {"lead_dept": second.id, "note": "请今晚内处置并拍照。"}
        bulk = seat.services.desk.bulk
        [lost] = bulk.submit([Wish(shown, "dispatch", ours)], bulk.name(), staged=False)
        stage.wait(lambda: seat.counts.by_status.get("conflict", 0), "冲突答复")
        self.shell.show_conflict(lost.command_id)
        dialog = stage.dialog(self.shell)
        assert isinstance(dialog, ConflictDialog)
        stage.wait(lambda: dialog.model.entry is not None, "对方的操作")
        stage.rest(300)
        stage.picture(self.shell, "24_conflict")
        QTest.keyClick(dialog, Qt.Key.Key_1)
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
        stage.wait(lambda: not seat.counts.by_status.get("conflict", 0), "冲突处理完")
