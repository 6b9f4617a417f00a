"""The command bar (DESIGN §4, §6): 720 wide, 96 from the top; a field, what it may mean, and how to go on."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QCoreApplication, QModelIndex, QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.viewmodels.verbs.command_bar import CommandBar
from console.viewmodels.verbs.offers import Row
from console.windows.palette.line_field import LineField
from console.windows.palette.row_list import ROW_ROLE, RowList
from widgets.dialogs.frame import Scrim, draw_shadow
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

WIDTH, TOP, HEAD, FOOT, SHADOW = 720, 96, 60, 36, 24


def tr(text: str) -> str:
    """Translate a word of the command bar."""
    return QCoreApplication.translate("Palette", text)


class Palette(QDialog):
    """Shows a `CommandBar`; what is chosen runs once the bar is gone and the focus is back where it was."""

    def __init__(self, host: QWidget, model: CommandBar) -> None:
        """Lay field, list and foot out over the window of `host`."""
        super().__init__(host.window(), Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(tr("命令面板"))
        self.setAccessibleName(tr("命令面板"))
        self.model, self._host = model, host.window()
        self._scrim: Scrim | None = None
        self._return_to: QWidget | None = None
        self._lay_out()
        self.field.textChanged.connect(model.ask)
        self.field.stepped.connect(self._on_step)
        self.field.accepted.connect(self._on_accepted)
        self.field.completed.connect(self._on_completed)
        self.field.left.connect(self._on_left)
        self.field.earlier.connect(lambda: self._put(model.history.earlier(self.field.text())))
        self.field.later.connect(lambda: self._put(model.history.later()))
        self.list.clicked.connect(self._on_clicked)
        model.changed.connect(self._show)

    def _lay_out(self) -> None:
        """Build the parts."""
        self.field = LineField(self)
        self.field.setFrame(False)
        self.field.setFont(theme().font("heading"))
        self.field.setProperty("ground", "overlay")
        self.field.setStyleSheet("border: none; background: transparent; padding: 0;")
        self.field.setPlaceholderText(tr("命令、案号后四位、单位、网格；例：pq 0312 sz"))
        self.field.setAccessibleName(tr("命令"))
        self.count = TextLabel("", "label", "text.tertiary", self)
        self.list = RowList(self)
        self.problem = TextLabel("", "body", "sla.soon.text", self, wrap=True)
        keys = (
            KeyHint(("Up", "Down"), tr("选择")),
            KeyHint(("Return",), tr("执行")),
            KeyHint(("Tab",), tr("补全")),
            KeyHint(("Ctrl+Up",), tr("用过的")),
        )
        self.prefixes = TextLabel(
            tr("前缀 # 案号  @ 人员、单位  / 网格  > 命令"), "label", "text.tertiary", self
        )
        head = QHBoxLayout()
        head.setContentsMargins(48, 0, 16, 0)
        head.setSpacing(12)
        head.addWidget(self.field, 1)
        head.addWidget(self.count)
        head.addWidget(KeyLegend((KeyHint(("Esc",), ""),), self))
        foot = QHBoxLayout()
        foot.setContentsMargins(18, 0, 18, 0)
        foot.addWidget(KeyLegend(keys, self))
        foot.addStretch(1)
        foot.addWidget(self.prefixes)
        column = QVBoxLayout(self)
        edge = SHADOW + 1
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(0)
        self._head, self._foot = _box(head, HEAD, self), _box(foot, FOOT, self)
        note = QHBoxLayout()
        note.setContentsMargins(18, 10, 18, 10)
        note.addWidget(self.problem)
        self._note = QWidget(self)
        self._note.setLayout(note)
        for part in (self._head, self._note, self.list, self._foot):
            column.addWidget(part)

    # --- showing --------------------------------------------------------------------------------------------

    def start(self, text: str = "") -> None:
        """Open with a line."""
        self.model.history.rest()
        self.field.setText(text)
        self.model.ask(text)
        self.open()

    def _show(self) -> None:
        """Show the rows of the present line."""
        model = self.model
        subject = model.offers.subject_words()
        on = tr("（作用于 {case}）").format(case=subject) if subject and model.line.empty else ""
        self.list.show_rows(model.rows, on)
        self.problem.set_text(model.problem)
        self._note.setVisible(bool(model.problem))
        told = tr("共 {n} 件 · 本机检索 {ms} 毫秒").format(n=model.total, ms=max(1, round(model.took_ms)))
        self.count.set_text(told if model.total else "")
        self._fit()

    def _fit(self) -> None:
        """Follow the height of the list; the upper edge stays where it is."""
        note = self._note.sizeHint().height() if self.model.problem else 0
        height = HEAD + note + self.list.height() * bool(self.model.rows) + FOOT
        self.list.setVisible(bool(self.model.rows))
        self.setFixedSize(WIDTH + 2 * (SHADOW + 1), height + 2 * (SHADOW + 1))
        middle = self._host.mapToGlobal(QPoint(self._host.width() // 2, TOP))
        self.move(middle.x() - self.width() // 2, middle.y() - SHADOW - 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Put the scrim behind and the cursor into the field."""
        super().showEvent(event)
        self._return_to = self._host.focusWidget()
        if self._scrim is None:
            self._scrim = Scrim(self._host)
        self._scrim.appear()
        self._fit()
        self.field.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """Look nothing up for a bar that is not there."""
        super().hideEvent(event)
        self.model.stop()

    def done(self, result: int) -> None:
        """Take the scrim away and give the focus back."""
        if self._scrim is not None:
            self._scrim.hide()
            self._scrim.deleteLater()
            self._scrim = None
        super().done(result)
        # the field may have gone meanwhile; to touch it here would end the program (ARCHITECTURE, platform notes)
        if self._return_to is not None and shiboken6.isValid(self._return_to):
            self._return_to.setFocus(Qt.FocusReason.OtherFocusReason)
        self._return_to = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shadow, card, glass and dividers."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            card = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
            radius = look.metric("radius.dialog")
            draw_shadow(painter, card, radius, SHADOW)
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.setBrush(look.color("bg.overlay"))
            painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            glass = QRectF(card.x() + 17, card.y(), 20, HEAD)
            draw_icon(painter, glass, "search", look.color("accent.base"), 18)
            painter.setPen(QPen(look.color("line.subtle"), 1))
            for y in (card.y() + HEAD - 1, card.bottom() - FOOT + 1):
                painter.drawLine(round(card.x()) + 1, round(y), round(card.right()) - 1, round(y))

    # --- hands ----------------------------------------------------------------------------------------------

    def _put(self, text: str) -> None:
        """Put a line into the field."""
        self.field.setText(text)
        self.field.end(False)

    def _on_step(self, steps: int) -> None:
        """Move the mark; upwards from the first row leads into the history, downwards out of it again."""
        history = self.model.history
        if steps == 1 and history.walking:
            self._put(history.later())
        elif not self.list.step(steps) and steps == -1:
            self._put(history.earlier(self.field.text()))

    def _on_completed(self) -> None:
        """Tab: write the marked row out."""
        self.model.finish()
        row = self.list.current
        if row is not None:
            self._put(self.model.complete(row))

    def _on_accepted(self) -> None:
        """Enter: what was typed last is looked up before the marked row counts."""
        self.model.finish()
        row = self.list.current
        if row is not None:
            self._take(row)

    def _on_clicked(self, index: QModelIndex) -> None:
        """A click is Enter on that row."""
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            self._take(row)

    def _take(self, row: Row) -> None:
        """Run a row once the bar is gone; a row that cannot be done says why and the bar stays."""
        if not row.verb_id or (row.reason and row.line.endswith(" ")):
            self._put(row.line)  # an earlier line, or a verb that still needs its object
        elif row.reason:
            self.problem.set_text(row.reason)
            self._note.show()
            self._fit_with_reason()
        else:
            self.accept()
            # the focus is back first, so that a dialog returns it to the list and not to a field that is gone
            QTimer.singleShot(0, self.model, lambda: self.model.run(row))

    def _fit_with_reason(self) -> None:
        """Make room for a sentence below the field."""
        self.setFixedHeight(
            HEAD + self._note.sizeHint().height() + self.list.height() + FOOT + 2 * (SHADOW + 1)
        )

    def _on_left(self) -> None:
        """Esc empties the field, then leaves."""
        if self.field.text():
            self.field.clear()
        else:
            self.reject()


def _box(row: QHBoxLayout, height: int, parent: QWidget) -> QWidget:
    """Return a bar of one height that holds a row."""
    bar = QWidget(parent)
    bar.setFixedHeight(height)
    bar.setLayout(row)
    return bar


def open_palette(host: QWidget, model: CommandBar, text: str = "") -> Palette:
    """Open the command bar over the window of `host`; it deletes itself when closed."""
    bar = Palette(host, model)
    bar.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    bar.start(text)
    return bar
