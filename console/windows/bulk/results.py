"""What became of an act, case by case: a panel over the map that stays open while the answers arrive."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.notices.notice import ERROR, GOOD, Notice
from console.viewmodels.bulk_hold import HeldAct
from console.viewmodels.bulk_results import GROUPS, BulkResultsViewModel, ResultLine, group_word
from console.windows.bulk.case_lines import CaseLines, LineValue
from widgets.forms.buttons import Button, ButtonKind, ButtonSize, IconButton
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.limit_bar import draw_bar
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme

MARGIN, WIDTH = 16, 720
#: room below for the toasts
TOASTS = 176


def tr(text: str) -> str:
    """Translate a word of the panel."""
    return QCoreApplication.translate("BulkResults", text)


class HoldLine(QWidget):
    """The countdown of an act that has not left: a bar that runs empty, the seconds, 撤销."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setFixedHeight(44)
        self._part = 1.0
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 6)
        self.words = TextLabel("", "body", "sla.soon.text", self, bold=True)
        self.send = Button(tr("现在送出"), ButtonKind.PLAIN, size=ButtonSize.SMALL, parent=self)
        self.undo = Button(tr("撤销"), ButtonKind.MAIN, "Ctrl+Z", size=ButtonSize.SMALL, parent=self)
        row.addWidget(self.words)
        row.addStretch(1)
        row.addWidget(self.send)
        row.addWidget(self.undo)
        self.hide()

    def show_left(self, act: HeldAct, seconds: int, words: str) -> None:
        """Show what is left of an act's time."""
        self._part = seconds / act.seconds if act.seconds else 1.0
        self.words.set_text(words)
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and bar."""
        look = theme()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look.tone("sla.soon").soft)
            bar = QRectF(0, self.height() - 4, self.width(), 4)
            draw_bar(painter, bar, self._part, "sla.soon.fill", look)


class ResultsPanel(QWidget):
    """Shows `BulkResultsViewModel`. `case_wanted(str)` shows a case, `again_wanted(tuple)` opens the preview anew."""

    case_wanted = Signal(str)
    again_wanted = Signal(object)

    def __init__(self, model: BulkResultsViewModel, host: QWidget) -> None:
        """Stand over a host, hidden until an act is shown."""
        super().__init__(host)
        self.model = model
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("批量操作的结果"))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self.hold = HoldLine(self)
        self.hold.undo.clicked.connect(self.undo)
        self.hold.send.clicked.connect(self._on_send)
        self.tabs = TabStrip((), self)
        self.tabs.chosen.connect(model.show_group)
        self.lines = CaseLines(self)
        self.lines.opened.connect(self.case_wanted)
        column.addLayout(self._head())
        column.addWidget(self.hold)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(12, 8, 12, 8)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        column.addLayout(tabs)
        column.addWidget(self.lines, 1)
        column.addLayout(self._foot())
        model.changed.connect(self._show)
        model.thoughts.counting.connect(self._on_counting)
        host.installEventFilter(self)
        self.hide()

    def _head(self) -> QHBoxLayout:
        """Return title, what is still on its way, and the cross."""
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 8, 8)
        row.setSpacing(10)
        self.title = TextLabel("", "heading", "text.primary", self)
        self.state = TextLabel("", "label", "text.secondary", self)
        self.cross = IconButton("x", tr("关闭"), ButtonSize.SMALL, self)
        self.cross.clicked.connect(self.close_panel)
        for part in (self.title, self.state):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.cross)
        return row

    def _foot(self) -> QHBoxLayout:
        """Return what can be done with the list."""
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 10)
        row.setSpacing(8)
        self.again = Button("", ButtonKind.MAIN, parent=self)
        self.open = Button(tr("看案件"), ButtonKind.PLAIN, "Return", parent=self)
        self.copy = Button(tr("复制清单"), ButtonKind.PLAIN, icon="copy", parent=self)
        self.export = Button(tr("存为文本…"), ButtonKind.PLAIN, icon="download", parent=self)
        self.again.clicked.connect(self._on_again)
        self.open.clicked.connect(self._on_open)
        self.copy.clicked.connect(self.copy_text)
        self.export.clicked.connect(self.ask_where)
        for part in (self.copy, self.export):
            row.addWidget(part)
        row.addStretch(1)
        for part in (self.open, self.again):
            row.addWidget(part)
        return row

    # --- showing ----------------------------------------------------------------------------------------

    def show_act(self, batch: str) -> None:
        """Show the list of an act."""
        self.hold.hide()
        self.model.show(batch)
        act = self.model.thoughts.acts.get(batch)
        if act is not None:
            self._show_hold(act, round(self.model.thoughts.left(batch) or 0.0))
        self._place()
        self.show()
        self.raise_()

    def close_panel(self) -> None:
        """Fold the panel away; the answers go on arriving."""
        self.hide()

    def _show(self) -> None:
        """Show counts and lines."""
        model = self.model
        self.title.set_text(model.title)
        self.state.set_text(tr("全部有了答复") if model.settled else "")
        shown = [group for group in GROUPS if group in GROUPS[:3] or model.counts[group]]
        self.tabs.set_tabs(tuple(Tab(group, group_word(group), model.counts[group]) for group in shown))
        self.tabs.set_current(model.group)
        self.lines.set_lines(tuple(_line(line) for line in model.shown))
        again = len(model.again_ids)
        self.again.setText(tr("再办 {n} 件…").format(n=again))
        self.again.setVisible(bool(again))
        if model.batch not in model.thoughts.acts:
            self.hold.hide()

    def _on_counting(self, told: object) -> None:
        """Count down."""
        assert isinstance(told, tuple)
        act, seconds = told
        if isinstance(act, HeldAct) and act.batch == self.model.batch:
            self._show_hold(act, seconds)

    def _show_hold(self, act: HeldAct, seconds: int) -> None:
        """Show how long the act can be taken back; one left from an earlier run waits for a word."""
        waits = tr("上次没有来得及送出，等您决定")
        words = waits if act.until is None else tr("{s} 秒后送出").format(s=seconds)
        self.hold.show_left(act, seconds, words)

    # --- acting -----------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the act back."""
        self.model.thoughts.undo(self.model.batch)

    def _on_send(self) -> None:
        self.model.thoughts.release(self.model.batch)

    def _on_again(self) -> None:
        self.again_wanted.emit(self.model.again(self.model.again_ids))

    def _on_open(self) -> None:
        if self.lines.current:
            self.case_wanted.emit(self.lines.current)

    def copy_text(self) -> None:
        """Put the list on the clipboard as text."""
        QGuiApplication.clipboard().setText(self.model.text())
        words = tr("已复制 {n} 行").format(n=len(self.model.shown))
        self.model.seat.notices.tell(Notice(GOOD, words, key="bulk-list"))

    def ask_where(self) -> None:
        """Ask for a file and write the list there."""
        path, _ = QFileDialog.getSaveFileName(
            self, tr("存为文本"), f"{self.model.title}.txt", tr("文本 (*.txt)")
        )
        if path:
            self.write(Path(path))

    def write(self, path: Path) -> None:
        """Write the list as text, on a lane; with a mark at the front by which Windows knows the encoding."""
        text, notices = self.model.text(), self.model.seat.notices

        def done(_: object) -> None:
            notices.tell(Notice(GOOD, tr("清单已存好"), str(path), key="bulk-list"))

        def failed(error: Exception) -> None:
            notices.tell(Notice(ERROR, tr("清单没有存成"), str(error), key="bulk-list"))

        work = self.model.seat.background.submit
        work("files", f"bulk-list:{path}", lambda: path.write_text(text, encoding="utf-8-sig"), done, failed)

    # --- Qt ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc folds the panel away."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the host's size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def move_to(self, host: QWidget) -> None:
        """Stand over another host."""
        old = self.parentWidget()
        if host is old:
            return
        if old is not None:
            old.removeEventFilter(self)
        shown = self.isVisible()
        self.setParent(host)
        host.installEventFilter(self)
        self._place()
        self.setVisible(shown)

    def _place(self) -> None:
        host = self.parentWidget()
        if host is None:
            return
        width = min(WIDTH, host.width() - 2 * MARGIN)
        height = max(240, host.height() - 2 * MARGIN - TOASTS)
        self.setGeometry(MARGIN, MARGIN, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and edge."""
        look = theme()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look.color("bg.overlay"))
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _line(line: ResultLine) -> LineValue:
    """Return a line as the list shows it."""
    address = "　".join(part for part in (line.asked, line.address) if part)
    return LineValue(
        line.case_id, line.number, line.category, address, line.word, line.icon, line.tone, line.why
    )
