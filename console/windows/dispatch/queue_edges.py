"""New cases out of sight are announced at the edge of the list: 上方有 3 件新案件. A press or a key goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from widgets import format as fmt
from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.tables.queue_table import CaseQueueTable
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

MOST = 200
"""So many unseen cases are remembered; the oldest are let go."""
UP, DOWN = "Alt+Up", "Alt+Down"
_HEIGHT, _PAD = 26, 10
PlacesOf = Callable[[Iterable[str]], dict[str, int]]


def tr(text: str) -> str:
    """Translate a word of the edges."""
    return QCoreApplication.translate("QueueEdges", text)


class EdgeNews(QObject):
    """Watches which new cases were not seen yet, and shows a bar at the edge behind which they stand."""

    def __init__(self, table: CaseQueueTable, places_of: PlacesOf) -> None:
        """Watch a table; the bars lie over its rows. `places_of` gives the places of those cases that are listed."""
        super().__init__(table)
        self.table, self._places_of = table, places_of
        self._unseen: list[str] = []
        self._places: dict[str, int] = {}
        self.above, self.below = EdgeBar("arrow_up", UP, table), EdgeBar("arrow_down", DOWN, table)
        self.above.clicked.connect(self.go_up)
        self.below.clicked.connect(self.go_down)
        table.settled.connect(self._on_settled)
        table.verticalScrollBar().valueChanged.connect(lambda _value: self._look())
        table.viewport().installEventFilter(self)

    @property
    def unseen(self) -> tuple[str, ...]:
        """New cases that were not in sight yet."""
        return tuple(self._unseen)

    def add(self, case_ids: Iterable[str]) -> None:
        """Tell of new cases: those in sight stand out, the others are announced."""
        fresh = [one for one in case_ids if one not in self._unseen]
        self._unseen = [*self._unseen, *fresh][-MOST:]
        self._on_settled()

    def forget(self) -> None:
        """The list answers another question: nothing in it is news."""
        self._unseen.clear()
        self._places.clear()
        self._show(0, 0)

    def go_up(self) -> bool:
        """Go to the nearest new case above; False when there is none."""
        first, _ = self._sight()
        return self._go(max((place for place in self._places.values() if place < first), default=-1))

    def go_down(self) -> bool:
        """Go to the nearest new case below; False when there is none."""
        _, last = self._sight()
        return self._go(min((place for place in self._places.values() if place > last), default=-1))

    def _go(self, place: int) -> bool:
        if place < 0:
            return False
        self.table.set_current_place(place)
        self.table.setFocus()
        self._look()
        return True

    # --- inside -------------------------------------------------------------------------------------------

    def _sight(self) -> tuple[int, int]:
        """Return the first and the last row that is wholly in sight."""
        shown = self.table.shown_places()
        if not shown:
            return 0, -1
        last = shown[-1]
        if self.table.rowViewportPosition(last) + self.table.rowHeight(last) > self.table.viewport().height():
            last -= 1
        return shown[0], last

    def _on_settled(self) -> None:
        """Find the places of unseen cases in the list as it is now; those that have left are no news any more."""
        if not self._unseen and not self._places:
            return
        self._places = self._places_of(self._unseen)
        self._unseen = [one for one in self._unseen if one in self._places]
        self._look()

    def _look(self) -> None:
        """Let what has come into sight stand out once; announce the rest."""
        if not self._places or not self.table.isVisible():
            self._show(0, 0)
            return
        first, last = self._sight()
        seen = [one for one, place in self._places.items() if first <= place <= last]
        for one in seen:
            del self._places[one]
        if seen:
            self._unseen = [one for one in self._unseen if one in self._places]
            self.table.highlight(seen)
        above = sum(place < first for place in self._places.values())
        self._show(above, len(self._places) - above)

    def _show(self, above: int, below: int) -> None:
        """Put the bars where they belong."""
        self.above.set_words(tr("上方有 {n} 件新案件").format(n=fmt.count(above)) if above else "")
        self.below.set_words(tr("下方有 {n} 件新案件").format(n=fmt.count(below)) if below else "")
        view = self.table.viewport()
        for bar, y in ((self.above, 6), (self.below, view.height() - _HEIGHT - 6)):
            bar.resize(bar.sizeHint())
            bar.move(view.pos() + QPoint((view.width() - bar.width()) // 2, y))
            bar.setVisible(bool(bar.words))
            bar.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the list, and look again when it is shown."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._look()
        return False


class EdgeBar(QAbstractButton):
    """One announcement; hidden while it has no words."""

    def __init__(self, icon: str, keys: str, parent: QWidget) -> None:
        """Start hidden. The keys are printed, the verb hears them."""
        super().__init__(parent)
        self._icon, self._keys = icon, keys
        self.words = ""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.hide()

    def set_words(self, words: str) -> None:
        """Show other words."""
        if words != self.words:
            self.words = words
            self.setAccessibleName(words)
            self.update()

    def sizeHint(self) -> QSize:
        """Return arrow, words and keys."""
        look = theme()
        words = text_width(look.font("label", True), self.words)
        return QSize(round(words + keycap_width(self._keys, look)) + 3 * _PAD + 18, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        look, box = theme(), QRectF(self.rect())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(look.color("accent.base"), 1))
            painter.setBrush(look.color("bg.selected" if self.underMouse() else "accent.soft"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _HEIGHT / 2 - 1, _HEIGHT / 2 - 1)
            colour = look.color("accent.base")
            draw_icon(painter, QRectF(_PAD, 0, 14, _HEIGHT), self._icon, colour, 14)
            place = box.adjusted(_PAD + 18, 0, 0, 0)
            taken = draw_text(painter, place, self.words, look.font("label", True), colour, elide=False)
            draw_keycap(painter, round(place.x() + taken + _PAD), box.center().y(), self._keys, look)
