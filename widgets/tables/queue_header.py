"""The head of the case queue: sticky, sortable, arrow and word."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.tables.queue_row import column_names, column_title
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import LEFT, RIGHT, draw_text, text_width

SORTABLE = frozenset({"number", "category", "grid", "source", "stage", "limit", "holder"})
_LEFT_PAD = {"stage": 0, "holder": 12, "source": 4}


class QueueHeader(QHeaderView):
    """Paints the head cells; which column sorts is said by ``show_sort``, never worked out here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = column_names()
        self._sort = ""
        self._descending = False
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(8)
        self.setFixedHeight(theme().metric("size.table_header"))

    def show_sort(self, column: str, descending: bool) -> None:
        """Mark the column by which the list is ordered; an empty name marks none."""
        self._sort, self._descending = column, descending
        self.viewport().update()

    @property
    def sort(self) -> tuple[str, bool]:
        """Column and direction (True: descending) marked now."""
        return self._sort, self._descending

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
