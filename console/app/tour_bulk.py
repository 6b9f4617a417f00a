"""Pictures of acts on many cases, of presence and of a lost race, at the end of the scripted shift."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.field_hands import FieldHand
from console.app.tour_seats import TourSeats
from console.viewmodels.bulk_hold import second_thoughts
from console.windows.dispatch.page import DispatchPage

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
        self.act_on_many(page)

    def act_on_many(self, page: DispatchPage) -> None:
        """Mark rows of the own turn, preview, confirm, take back, confirm again, and follow the answers."""
        stage, shell = self.stage, self.shell
        page.queue_model.show_tab("turn")
        stage.wait(lambda: page.queue_model.count > 2, "轮到我办的案件")
        page.queue.rows.set_marked(page.queue_model.ids[:MANY])
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
