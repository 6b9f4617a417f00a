"""对方先办了这件 (design section 4): three columns and three ways on, with the keys 1 2 3."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.viewmodels.conflict import ConflictRow, ConflictViewModel
from console.viewmodels.seat import SeatViewModel
from console.windows.dialogs.registry import has_dialog, open_action
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind
from widgets.forms.chip import chip_width, draw_chip
from widgets.forms.choice import ChoiceList, ChoiceValue
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel
from widgets.theme import Theme, ThemeStore, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text

HEAD, ROW, LABEL, GAP = 34, 44, 88, 12


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("ConflictDialog", text)


class ThreeColumns(QWidget):
    """我的 struck through, 对方的 with a tick, 结果 as the case is now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._rows: tuple[ConflictRow, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: tuple[ConflictRow, ...]) -> None:
        """Show other rows."""
        self._rows = rows
        lines = [
            tr("{label}：我的 {mine}，对方的 {theirs}，现在 {now}").format(
                label=r.label, mine=r.mine or "—", theirs=r.theirs or "—", now=r.now or "—"
            )
            for r in rows
        ]
        self.setAccessibleName("；".join(lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return head and rows."""
        return QSize(800, HEAD + ROW * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw head and cells."""
        look = theme()
        width = (self.width() - LABEL - 2 * GAP) / 3
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            heads = (
                (tr("我的"), tr("未生效"), "neutral"),
                (tr("对方的"), tr("已生效"), "sla.closed"),
                (tr("结果"), tr("案件现在"), "accent"),
            )
            for place, (title, chip, tone) in enumerate(heads):
                box = QRectF(LABEL + place * (width + GAP), 0, width, HEAD - 8)
                used = draw_text(painter, box, title, look.font("body", True), look.color("text.primary"))
                mark = QRectF(box.x() + used + 8, box.center().y() - 10, chip_width(chip, "", look), 20)
                draw_chip(painter, mark, chip, "", tone, look)
            for number, row in enumerate(self._rows):
                top = HEAD + number * ROW
                label = QRectF(0, top, LABEL - 8, ROW - 8)
                draw_text(painter, label, row.label, look.font("label", True), look.color("text.secondary"))
                for place, text in enumerate((row.mine, row.theirs, row.now)):
                    box = QRectF(LABEL + place * (width + GAP), top, width, ROW - 8)
                    self._draw_cell(painter, box, text, place, look)

    @staticmethod
    def _draw_cell(painter: QPainter, box: QRectF, text: str, place: int, look: Theme) -> None:
        """Draw one cell: dash and stroke, tick, or plain."""
        painter.setPen(QPen(look.color(("line.subtle", "line.strong", "accent.base")[place]), 1))
        painter.setBrush(look.color("bg.overlay" if place != 2 else "accent.soft"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        icon, tone = (("minus", "text.tertiary"), ("check", "sla.closed.text"), ("", ""))[place]
        words = box.adjusted(12, 0, -10, 0)
        if icon and text:
            draw_icon(painter, QRectF(box.x() + 8, box.y(), 14, box.height()), icon, look.color(tone), 14)
            words = box.adjusted(30, 0, -10, 0)
        ink = look.color("text.tertiary" if place == 0 or not text else "text.primary")
        used = draw_text(painter, words, text or "—", look.font("body"), ink)
        if place == 0 and text:
            painter.setPen(QPen(ink, 1))
            middle = words.center().y()
            painter.drawLine(round(words.x()), round(middle), round(words.x() + used), round(middle))


class ConflictDialog(DialogFrame):
    """One conflict, 1080 wide; `case_wanted(str)` asks to show the case, `settled()` when it is answered."""

    case_wanted = Signal(str)
    settled = Signal()

    def __init__(self, model: ConflictViewModel, host: QWidget, theme_store: ThemeStore) -> None:
        """Lay out sentence, columns and choices; they fill when the outbox was read."""
        hints = (KeyHint(("1", "2", "3"), tr("选择")),)
        super().__init__(
            host, tr("对方先办了这件"), "", "warn", 1080, main=tr("确定"), cancel=tr("以后再说"),
            tone="sla.over2", hints=hints,
        )  # fmt: skip
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model.setParent(self)
        self.model, self._theme, self._over = model, theme_store, host
        self.notice = NoticeBar("error", parent=self)
        self.columns = ThreeColumns(self)
        self.next = TextLabel(tr("接下来"), "heading", "text.primary", self)
        self._values: tuple[ChoiceValue, ...] = ()
        self.choices = ChoiceList((), self)
        for part in (self.notice, self.columns, self.next, self.choices):
            self.content.addWidget(part)
        self.look = Button(tr("看案件"), ButtonKind.PLAIN)
        self.look.clicked.connect(self._on_look)
        self.foot.right.insertWidget(0, self.look)
        model.changed.connect(self.show_model)
        model.done.connect(self._on_done)
        model.again_wanted.connect(self._on_again)
        model.refused.connect(self._on_refused)
        self.set_first_field(self.choices)
        self.show_model()

    # --- showing ----------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show what was read."""
        model = self.model
        self.head.subtitle.set_text(model.head)
        said = tr("这项冲突已经处理过了。") if model.missing else model.sentence
        self.notice.set_notice("error", said, model.their_sentence)
        self.notice.setVisible(bool(said))
        self.columns.set_rows(model.rows)
        if model.rows:
            self._show_choices()
        self.main_button.setEnabled(bool(model.rows) and not model.missing)
        if self.isVisible():
            self._fit()

    def _show_choices(self) -> None:
        """Show the three ways, made anew only when one of them reads differently."""
        values = tuple(
            ChoiceValue(step.key, step.title, step.sentence, str(number), step.reason)
            for number, step in enumerate(self.model.steps, 1)
        )
        if values == self._values:
            self.choices.set_current(self.model.chosen)
            return
        focused = self.choices.hasFocus() or not self.isVisible()
        fresh = ChoiceList(values, self, current=self.model.chosen)
        fresh.chosen.connect(self.model.choose)
        self.content.replaceWidget(self.choices, fresh)
        self.choices.deleteLater()
        self.choices, self._values = fresh, values
        self.set_first_field(fresh)
        if focused:
            fresh.setFocus()
        self._fit()

    def _fit(self) -> None:
        """Take the room the words need."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self.resize(self.sizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in the middle whatever the words take."""
        super().resizeEvent(event)
        self._centre()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1, 2 and 3 choose wherever the focus is."""
        steps = self.model.steps if self.model.rows else ()
        if event.text() in ("1", "2", "3") and steps and not event.modifiers():
            self.choices.choose(steps[int(event.text()) - 1].key)
        else:
            super().keyPressEvent(event)

    # --- acting -----------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Take the chosen way; the dialog closes when it is done."""
        self.model.confirm()

    def _on_done(self) -> None:
        self.settled.emit()
        super().accept()

    def _on_again(self) -> None:
        """Open the action's dialog on the case as it is now; once that is saved the lost one is put aside."""
        command = self.model.command
        action = self.model.again_action
        if command is None or not has_dialog(action):
            return
        preset = self.model.again_preset if action in ("dispatch", "redispatch") else {}
        seat = self.model.seat
        dialog = open_action(action, command.case_id, seat, self._theme, self._over, preset=preset)
        dialog.model.saved.connect(self._on_replaced)

    def _on_replaced(self, _command: object) -> None:
        self.model.replaced()

    def _on_look(self) -> None:
        if self.model.command is not None:
            self.case_wanted.emit(self.model.command.case_id)
            self.reject()

    def _on_refused(self, sentence: str) -> None:
        self.notice.set_notice("error", sentence)
        self.notice.show()


def open_conflict(
    command_id: str, seat: SeatViewModel, theme_store: ThemeStore, host: QWidget
) -> ConflictDialog:
    """Open the dialog of a conflict over the window of `host`."""
    dialog = ConflictDialog(ConflictViewModel(seat, command_id), host, theme_store)
    dialog.open()
    dialog.model.load()
    return dialog
