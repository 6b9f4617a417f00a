"""Tabs: 28 high in panels with counts beside the words, 48 in the top bar with the keys of those not shown."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import format as fmt
from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.indicators.sla_shape import draw_sla_shape
from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width

_PAD = 10
#: where there is little room the words come closer together before anything is cut
_LEAST_PAD = 4


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: key, word, count (−1: none; 0 stays), band shape in front, keys printed when it is not shown."""

    key: str
    word: str
    count: int = -1
    band: str = ""
    keys: str = ""


class TabStrip(QWidget):
    """A row of tabs.

    Args:
        tabs: left to right.
        top: the top bar's look: 48 high, underlined, with key caps.

    Signals:
        chosen(str): key of the tab the operator chose.
    """

    chosen = Signal(str)

    def __init__(
        self, tabs: tuple[Tab, ...] = (), parent: QWidget | None = None, *, top: bool = False
    ) -> None:
        super().__init__(parent)
        self._tabs = tabs
        self._top = top
        self._current = tabs[0].key if tabs else ""
        self._hover = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def current(self) -> str:
        """The key of the tab shown."""
        return self._current

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """All tabs."""
        return self._tabs

    def set_tabs(self, tabs: tuple[Tab, ...]) -> None:
        """Show other tabs or counts; the current one stays when it is still there."""
        same_words = [(t.key, t.word) for t in tabs] == [(t.key, t.word) for t in self._tabs]
        self._tabs = tabs
        if self._current not in {tab.key for tab in tabs}:
            self._current = tabs[0].key if tabs else ""
        if not same_words or self.width() < self.sizeHint().width():
            self.updateGeometry()
        self.setAccessibleName("，".join(f"{t.word} {t.count}" if t.count >= 0 else t.word for t in tabs))
        self.update()

    def set_current(self, key: str) -> None:
        """Show a tab as current without a signal; an unknown key changes nothing."""
        if any(tab.key == key for tab in self._tabs):
            self._current = key
            self.updateGeometry()
            self.update()

    def choose(self, place: int) -> bool:
        """Choose the tab at a place (0 …) as the operator would (Alt+1…5); False when there is none."""
        if not 0 <= place < len(self._tabs):
            return False
        key = self._tabs[place].key
        if key != self._current:
            self.set_current(key)
            self.chosen.emit(key)
        return True

    def sizeHint(self) -> QSize:
        """Return all tabs beside each other."""
        look = theme()
        return QSize(round(sum(self._width(tab, look) for tab in self._tabs)) + 1, 48 if self._top else 28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by Left and Right."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        keys = [tab.key for tab in self._tabs]
        if not step or self._current not in keys:
            event.ignore()
            return
        self.choose(min(max(keys.index(self._current) + step, 0), len(keys) - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.choose(self._place_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what the pointer is on."""
        self._hover = self._place_at(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """The pointer is on no tab."""
        self._hover = -1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tabs."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            x, pad = 0.0, self._pad(look)
            for place, tab in enumerate(self._tabs):
                box = QRectF(x, 0, self._width(tab, look, pad), self.height())
                self._draw_tab(painter, tab, box, place == self._hover, look)
                x = box.right()

    def _draw_tab(self, painter: QPainter, tab: Tab, box: QRectF, hovered: bool, look: Theme) -> None:
        current = tab.key == self._current
        self._draw_ground(painter, box, current, hovered, look)
        x = box.x() + self._pad(look)
        if tab.band:
            draw_sla_shape(painter, QRectF(x, 0, 14, box.height()), tab.band, look, 14)
            x += 20
        font = look.font("body", current)
        colour = look.color("text.primary" if current else "text.secondary")
        words = QRectF(x, 0, box.right() - x, box.height())
        x += draw_text(painter, words, tab.word, font, colour, elide=False) + 6
        if tab.count >= 0:
            loud = bool(tab.band) and tab.count > 0
            token = f"sla.{tab.band}.text" if loud else "text.primary" if current else "text.tertiary"
            row = QRectF(x, 0, box.right() - x, box.height())
            number = look.font("body", current or loud)
            x += draw_text(painter, row, fmt.count(tab.count), number, look.color(token), elide=False) + 6
        if tab.keys and self._top and not current:
            draw_keycap(painter, round(x + 2), box.center().y(), tab.keys, look)

    def _draw_ground(self, painter: QPainter, box: QRectF, current: bool, hovered: bool, look: Theme) -> None:
        if self._top:
            if hovered and not current:
                painter.fillRect(box, look.color("bg.hover"))
            if current:
                painter.fillRect(
                    QRectF(box.x() + 2, box.bottom() - 2, box.width() - 4, 2), look.color("accent.base")
                )
        elif current or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("bg.selected" if current else "bg.hover"))
            painter.drawRoundedRect(box, 3, 3)
        if current and self.hasFocus():
            painter.setPen(QPen(look.color("accent.focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _pad(self, look: Theme) -> float:
        """Return the room beside the words of a tab: less where not all of them fit."""
        over = sum(self._width(tab, look) for tab in self._tabs) - self.width()
        return max(_LEAST_PAD, _PAD - max(0.0, over) / (2 * max(1, len(self._tabs))))

    def _width(self, tab: Tab, look: Theme, pad: float = _PAD) -> float:
        width = text_width(look.font("body", True), tab.word) + 2 * pad
        if tab.band:
            width += 20
        if tab.count >= 0:
            width += text_width(look.font("body", True), fmt.count(tab.count)) + 6
        if tab.keys and self._top and tab.key != self._current:
            width += keycap_width(tab.keys, look) + 8
        return round(width)

    def _place_at(self, x: float) -> int:
        look, left = theme(), 0.0
        pad = self._pad(look)
        for place, tab in enumerate(self._tabs):
            left += self._width(tab, look, pad)
            if x < left:
                return place
        return -1
