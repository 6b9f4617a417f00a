"""Pictures of the desk's own tools at the end of the scripted shift: hand-over, signatures, lists, forms on paper."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest

from console.app.tour_seats import TourSeats
from console.windows.desk.paper import page_picture, write_pdf
from console.windows.desk.tools import DeskTools
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.registry import open_action
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier


class DeskTour:
    """Works the desk's tools of the dispatcher's console."""

    def __init__(self, seats: TourSeats) -> None:
        """Use the consoles of the shift."""
        self.seats, self.stage = seats, seats.stage
        self.shell = seats.shell("dispatcher")

    @property
    def tools(self) -> DeskTools:
        """The tools of the dispatcher's desk."""
        tools = self.seats.controller("dispatcher").tools
        assert tools is not None
        return tools

    def walk(self) -> None:
        """Take every picture."""
        self.seats.desk()
        case_id = self._case_for_paper()
        self.sentences(case_id)
        self.watch(case_id)
        self.small_windows(case_id)
        self.paper(case_id)
        self.marks()
        self.sound()
        self.handover()

    def _case_for_paper(self) -> str:
        """Return a case that waits for dispatch, shown in the panel."""
        page = self.seats.desk()
        page.queue_model.show_tab("pending_dispatch")
        seat = self.seats.seat("dispatcher")
        found = next(entry.case for entry in seat.open_cases() if entry.case.state == "pending_dispatch")
        page.show_case(found.case_id)
        self.stage.wait(
            lambda: page.panel_model.panel is not None and page.panel_model.case_id == found.case_id,
            "案件面板",
        )
        return found.case_id

    def sentences(self, case_id: str) -> None:
        """常用语 in the opinion of a dispatch, found by initials."""
        stage, page = self.stage, self.seats.desk()
        dialog = open_action(
            "dispatch", case_id, page.seat, theme_store(), page, preset={"lead_dept": "muni"}
        )
        stage.rest(400)
        assert isinstance(dialog, DispatchDialog)
        dialog.note.editor.setFocus()
        stage.wait(dialog.note.editor.hasFocus, "意见栏获得焦点")
        QTest.keyClick(dialog.note.editor, Qt.Key.Key_Semicolon, CTRL)
        popup = self.tools.sentence_keys.popup
        assert popup is not None
        stage.write(popup.query.editor, "sjaq")
        stage.rest(300)
        stage.picture(self.shell, "44_sentences")
        QTest.keyClick(popup.query.editor, Qt.Key.Key_Return)
        stage.rest(200)
        dialog.reject()

    def watch(self, case_id: str) -> None:
        """Star some cases, set a reminder, look at the list."""
        stage, watch = self.stage, self.tools.watch
        seat = self.seats.seat("dispatcher")
        others = [entry.case.case_id for entry in seat.open_cases() if entry.case.due_at is not None][:4]
        for other in (case_id, *others):
            if not watch.watched(other):
                watch.toggle(other)
        watch.remind(case_id, seat.now() + timedelta(hours=1), note="问市政围挡到了没有")
        watch.remind(others[-1], before_s=1800)
        dialog = self.tools.open_watch()
        stage.picture(self.shell, "45_watch_list")
        reminder = self.tools.open_reminder(case_id)
        stage.picture(self.shell, "46_reminder")
        reminder.reject()
        dialog.reject()

    def small_windows(self, case_id: str) -> None:
        """联系卡 and 本班经办."""
        stage = self.stage
        card = self.tools.open_contact(unit="muni")
        stage.rest(300)
        card.accept()
        stage.picture(self.shell, "47_contact_card")
        card.reject()
        seat = self.seats.seat("dispatcher")
        seat.submit("comment", case_id, {"text": "已电话联系市政，答复正在途中。"})
        stage.wait(lambda: seat.counts.waiting == 0, "备注到中心")
        mine = self.tools.open_own_shift()
        stage.wait(lambda: mine.model.counts, "本班经办")
        stage.rest(300)
        stage.picture(self.shell, "48_own_shift")
        mine.reject()

    def paper(self, case_id: str) -> None:
        """派遣单 on A4, then the list of what is to be entered."""
        stage = self.stage
        dialog = self.tools.open_paper(case_id)
        dialog.note.editor.setPlainText("请先设围挡，再处置。")
        stage.picture(self.shell, "49_paper_form")
        self._pages("50_paper_dispatch", "派遣单", dialog.paper())
        dialog.reject()
        papers = self.tools.open_papers()
        stage.picture(self.shell, "51_papers_to_enter")
        papers.reject()

    def marks(self) -> None:
        """Mark a number as shift leader; 受理席 sees it when the number is typed."""
        stage, number = self.stage, "13800009911"
        leader = self.seats.controller("shift_leader").tools
        assert leader is not None
        leader.marks.set("深夜反复拨打，无具体诉求", 30, phone=number)
        stage.wait(lambda: leader.marks.marks, "标记到中心")
        page = self.seats.intake("acceptor")
        taker = self.seats.controller("acceptor").tools
        assert taker is not None
        page.form.phone.editor.setText(number)
        stage.wait(lambda: taker.marks.match is not None, "号码相符")
        stage.rest(400)
        stage.picture(self.seats.shell("acceptor"), "52_marked_caller")
        page.form.phone.editor.clear()
        self.seats.desk()

    def sound(self) -> None:
        """声音: volume and cues."""
        tools = self.seats.controller("dispatcher").sound
        assert tools is not None
        dialog = tools.open()
        self.stage.rest(300)
        self.stage.picture(self.shell, "53_sound")
        dialog.reject()

    def handover(self) -> None:
        """Draft, add remarks, sign, let the next one sign at the same seat; the sheet on paper."""
        stage, book = self.stage, self.tools.handover
        dialog = self.tools.open_handover()
        stage.wait(lambda: book.draft is not None and book.draft.log_known and book.draft.lines, "交班单起草")
        dialog.list.step(1)
        stage.write(dialog.remark.editor, "已电话催过，下午三点前再问一次")
        dialog.remarks.append("夜间值守电话已转到本席；市政抢修队今晚两组。")
        stage.picture(self.shell, "40_handover_draft")
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
        assert dialog.sign_dialog is not None
        stage.rest(300)
        stage.picture(self.shell, "41_handover_sign")
        QTest.keyClick(dialog.sign_dialog, Qt.Key.Key_Return, CTRL)
        stage.wait(lambda: book.draft is not None and book.draft.status == "kept", "交班单到中心")
        stage.rest(300)
        stage.picture(self.shell, "42_handover_waiting")
        paper = dialog.paper()
        self._pages("43_handover_paper", "交接班单", paper)
        dialog.reject()

    def _pages(self, name: str, title: str, made: QTextDocument) -> None:
        """Write a form as PDF and its first page as picture."""
        file = self.stage.out / f"{name}.pdf"
        write_pdf(str(file), title, made)
        page_picture(made).save(str(file.with_suffix(".png")))
        self.stage.pictures += [file, file.with_suffix(".png")]
