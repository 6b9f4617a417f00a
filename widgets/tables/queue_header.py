"""The head of the case queue: sticky, sortable, arrow and word; columns are dragged wider and to other places."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.tables.queue_columns import LEAST_WIDTH, SUMMARY_LEAST, ColumnLayout
from widgets.tables.queue_row import column_names, column_title, column_width
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import LEFT, RIGHT, draw_text, text_width

SORTABLE = frozenset({"number", "category", "grid", "source", "stage", "limit", "holder"})
SCROLL_ROOM = 12
_LEFT_PAD = {"stage": 0, "holder": 12, "source": 4}


class QueueHeader(QHeaderView):
    """Paints the head cells; which column sorts is said by ``show_sort``, never worked out here.

    Signals:
        arranged(ColumnLayout): the operator dragged a column wider or to another place.
        menu_wanted(QPoint): the menu of columns is asked for (right click), in global pixels.
    """

    arranged = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = column_names()
        self._sort = ""
        self._descending = False
        self._layout = ColumnLayout()
        self._room = SCROLL_ROOM
        self._busy = False
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(min(LEAST_WIDTH.values()))
        self.setFixedHeight(theme().metric("size.table_header"))
        self.sectionResized.connect(self._on_resized)
        self.sectionMoved.connect(self._on_moved)

    # --- columns ------------------------------------------------------------------------------------

    @property
    def columns(self) -> ColumnLayout:
        """The columns as the operator wants them."""
        return self._layout

    def set_columns(self, layout: ColumnLayout, room: int | None = None) -> None:
        """Arrange the columns; ``room`` is what the last one takes beside its width (no scroll bar is shown)."""
        self._layout = layout
        self._room = self._room if room is None else room
        if self.count() != len(self._columns):
            return
        self._busy = True
        for place, name in enumerate(layout.names):
            logical = self._columns.index(name)
            self.moveSection(self.visualIndex(logical), place)
            self.setSectionHidden(logical, name in layout.hidden)
            stretch = not column_width(name)
            mode = QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.Interactive
            self.setSectionResizeMode(logical, mode)
        last = self.last_shown()
        for name in self._columns:
            if width := layout.width(name):
                self.resizeSection(self._columns.index(name), width + (self._room if name == last else 0))
        self._busy = False

    def last_shown(self) -> str:
        """Return the rightmost column that is shown."""
        return next(name for name in reversed(self._layout.names) if name not in self._layout.hidden)

    def boxes(self) -> tuple[tuple[str, int, int], ...]:
        """Return name, left edge and width of each shown column, from left to right."""
        shown = [name for name in self._layout.names if name not in self._layout.hidden]
        places = [(name, self._columns.index(name)) for name in shown]
        return tuple((name, self.sectionViewportPosition(at), self.sectionSize(at)) for name, at in places)

    def _on_resized(self, logical: int, old: int, new: int) -> None:
        """Take a width that was dragged; the column of words keeps some room."""
        name = self._columns[logical]
        if self._busy or not column_width(name) or old == new:
            return
        extra = self._room if name == self.last_shown() else 0
        spare = self.sectionSize(self._columns.index("summary")) - SUMMARY_LEAST
        width = new - extra + min(0, spare)
        self._layout = self._layout.with_width(name, width)
        if self._layout.width(name) + extra != new:
            self.set_columns(self._layout)
        self.arranged.emit(self._layout)

    def _on_moved(self, _logical: int, _old: int, _new: int) -> None:
        """Take an order that was dragged."""
        if self._busy:
            return
        order = tuple(self._columns[self.logicalIndex(place)] for place in range(self.count()))
        doc = {**self._layout.to_doc(), "order": order}
        self.set_columns(ColumnLayout.from_doc(doc))  # the last column is another one, and takes the room
        self.arranged.emit(self._layout)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of columns."""
        self.menu_wanted.emit(event.globalPos())

    # --- the order ----------------------------------------------------------------------------------

    def show_sort(self, column: str, descending: bool) -> None:
        """Mark the column by which the list is ordered; an empty name marks none."""
        self._sort, self._descending = column, descending
        self.viewport().update()

    @property
    def sort(self) -> tuple[str, bool]:
        """Column and direction (True: descending) marked now."""
        return self._sort, self._descending

    # --- Qt -----------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the fixed height of table heads."""
        return QSize(super().sizeHint().width(), theme().metric("size.table_header"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        """Draw one head cell."""
        look = theme()
        name = self._columns[logicalIndex]
        box = QRectF(rect)
        painter.save()
        painter.fillRect(box, look.color("bg.panel"))
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        sorted_here = name == self._sort
        colour = look.color("text.primary" if sorted_here else "text.tertiary")
        font = look.font("label", sorted_here)
        arrow = 12 if sorted_here else 0
        right = name == "limit"
        inner = box.adjusted(_LEFT_PAD.get(name, 6), 0, -1, -1)
        words = column_title(name)
        taken = text_width(font, words)
        draw_text(
            painter,
            inner.adjusted(0, 0, -arrow, 0) if right else inner,
            words,
            font,
            colour,
            RIGHT if right else LEFT,
            elide=False,
        )
        if sorted_here:
            x = inner.right() - arrow if right else inner.x() + taken + 1
            icon = "chevron_down" if self._descending else "chevron_up"
            draw_icon(painter, QRectF(x, inner.y(), arrow, inner.height()), icon, colour, arrow)
        painter.restore()
