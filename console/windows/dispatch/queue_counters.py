"""The counters above the queue: a word and a figure each; a press lists what is counted, once more takes it back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_counters import COUNTERS, Counter
from widgets import format as fmt
from widgets.theme import theme
from widgets.theme.text import draw_text, text_width

HEIGHT = 28
_PAD, _GAP, _BETWEEN = 3, 2, 1
_LOUD = {"soon": "sla.soon.text", "late": "sla.over2.text"}


def tr(text: str) -> str:
    """Translate a word of the counters."""
    return QCoreApplication.translate("CounterStrip", text)


class CounterStrip(QWidget):
    """Shows the counters of a `QueueViewModel`; where there is no room those at 0 give way, then the line breaks.

    `left()` asks to give the focus back to the list.
    """

    left = Signal()

    def __init__(self, model: QueueViewModel, parent: QWidget | None = None) -> None:
        """Make one button for each counter."""
        super().__init__(parent)
        self.model = model
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("队列计数"))
        self.buttons = {counter.id: CounterButton(counter, self) for counter in COUNTERS}
        for button in self.buttons.values():
            button.clicked.connect(lambda _on=False, one=button.counter: self.model.choose_counter(one))
        model.changed.connect(self.show_counts)
        self.show_counts()

    def show_counts(self) -> None:
        """Show the figures as they are."""
        counts, asked = self.model.counters, self.model.filter
        for counter_id, button in self.buttons.items():
            button.show_count(counts[counter_id], button.counter.asked(asked))
        self._arrange()

    def focus_first(self) -> None:
        """Give the focus to the counter that is chosen, else to the first."""
        shown = self._shown()
        chosen = next((button for button in shown if button.isChecked()), None)
        if shown:
            (chosen or shown[0]).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _shown(self) -> list[CounterButton]:
        return [button for button in self.buttons.values() if not button.isHidden()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the buttons side by side; empty ones go, from the right, where there is no room."""
        buttons = list(self.buttons.values())
        room = self.width() - 2 * (16 - _PAD)
        wide = {button: button.sizeHint().width() + _BETWEEN for button in buttons}
        spare = room - sum(wide.values())
        hidden: set[CounterButton] = set()
        for button in reversed(buttons):
            if spare >= 0:
                break
            if not button.count and not button.isChecked() and not button.hasFocus():
                hidden.add(button)
                spare += wide[button]
        x, y = 16 - _PAD, 2
        for button in buttons:
            button.setVisible(button not in hidden)
            if button not in hidden:
                if x > 16 and x + wide[button] > self.width() - 16 + _PAD:
                    x, y = 16 - _PAD, y + HEIGHT - 4
                button.setGeometry(x, y, wide[button] - _BETWEEN, HEIGHT - 4)
                x += wide[button]
        self.setFixedHeight(y + HEIGHT - 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go to the next counter, Esc back to the list; Enter and Space choose."""
        shown = self._shown()
        at = next((place for place, button in enumerate(shown) if button.hasFocus()), -1)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and at >= 0:
            shown[(at + step) % len(shown)].setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            event.ignore()


class CounterButton(QAbstractButton):
    """One counter."""

    def __init__(self, counter: Counter, parent: QWidget | None = None) -> None:
        """Start at 0."""
        super().__init__(parent)
        self.counter, self.count = counter, 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("只列{title}，再按一次取消").format(title=counter.title))

    def show_count(self, count: int, chosen: bool) -> None:
        """Show a figure, and whether the list shows it."""
        self.count = count
        self.setChecked(chosen)
        self.setAccessibleName(f"{self.counter.title} {fmt.count(count)}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return word and figure."""
        look = theme()
        words = text_width(look.font("label"), self.counter.title)
        figure = text_width(look.font("label", True), fmt.count(self.count))
        return QSize(round(words + figure) + _GAP + 2 * _PAD, HEIGHT - 4)

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """The model says what is chosen."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses as Space does; arrows are the strip's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, word and figure; what stands at 0 is quiet."""
        look, box = theme(), QRectF(self.rect())
        chosen = self.isChecked()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if chosen or self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("bg.selected" if chosen else "bg.hover"))
                painter.drawRoundedRect(box, 3, 3)
            if self.hasFocus():
                painter.setPen(QPen(look.color("accent.focus"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            words = look.color(
                "text.primary" if chosen else "text.secondary" if self.count else "text.tertiary"
            )
            title = self.counter.title
            taken = draw_text(
                painter, box.adjusted(_PAD, 0, 0, 0), title, look.font("label"), words, elide=False
            )
            token = _LOUD.get(self.counter.id, "text.primary") if self.count else "text.tertiary"
            place = box.adjusted(_PAD + taken + _GAP, 0, 0, 0)
            figure = look.font("label", bool(self.count))
            draw_text(painter, place, fmt.count(self.count), figure, look.color(token), elide=False)
