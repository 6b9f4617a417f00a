"""Pictures of the desk's own tools at the end of the scripted shift: hand-over, signatures, lists, forms on paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtTest import QTest

from console.app.tour_seats import TourSeats
from console.windows.desk.tools import DeskTools

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
        self.handover()

    def handover(self) -> None:
        """Draft, add remarks, sign, let the next one sign at the same seat; the sheet on paper."""
        stage, book = self.stage, self.tools.handover
        dialog = self.tools.open_handover()
        stage.wait(lambda: book.draft is not None and book.draft.log_known and book.draft.lines, "交班单起草")
        dialog.list.step(1)
        dialog.remark.editor.setText("已电话催过，下午三点前再问一次")
        dialog.remark.text_changed.emit(dialog.remark.text())
        dialog.remarks.append("夜间值守电话已转到本席；市政抢修队今晚两组。")
        stage.picture(self.shell, "15_handover_draft")
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
        assert dialog.sign_dialog is not None
        stage.rest(300)
        stage.picture(self.shell, "16_handover_sign")
        QTest.keyClick(dialog.sign_dialog, Qt.Key.Key_Return, CTRL)
        stage.wait(lambda: book.draft is not None and book.draft.status == "kept", "交班单到中心")
        stage.rest(300)
        stage.picture(self.shell, "17_handover_waiting")
        paper = dialog.paper()
        self._pages("18_handover_paper", "交接班单", paper)
        dialog.reject()

    def _pages(self, name: str, title: str, paper: object) -> None:
        """Write a form as PDF and its first page as picture."""
        from PySide6.QtGui import QTextDocument

        from console.windows.desk.paper import write_pdf

        assert isinstance(paper, QTextDocument)
        file = self.stage.out / f"{name}.pdf"
        write_pdf(str(file), title, paper)
        self.stage.pictures.append(file)
        picture = first_page(file)
        picture.save(str(file.with_suffix(".png")))
        self.stage.pictures.append(file.with_suffix(".png"))


def first_page(file: Path, width: int = 1000) -> QImage:
    """Return the first page of a PDF as a picture on white."""
    pdf = QPdfDocument()
    pdf.load(str(file))
    size = pdf.pagePointSize(0)
    rendered = pdf.render(0, QSize(width, round(width * size.height() / size.width())))
    page = QImage(rendered.size(), QImage.Format.Format_RGB32)
    page.fill(Qt.GlobalColor.white)
    with QPainter(page) as painter:
        painter.drawImage(0, 0, rendered)
    pdf.close()
    return page
