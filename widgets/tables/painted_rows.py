"""The view under the case queue: it paints whole rows, counts their times down, and lets single ones stand out."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QHelpEvent, QHoverEvent, QPainter, QPaintEvent, QRegion, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from widgets.indicators.countdown import BOLD_BANDS, draw_limit
from widgets.indicators.sla_shape import known_band
from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_columns import ColumnLayout
from widgets.tables.queue_header import SCROLL_ROOM, QueueHeader
from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow, column_names
from widgets.tables.row_glow import RowGlow
from widgets.tables.row_painter import Column, RowLook, RowPainter, words_of
from widgets.theme import Theme, theme, theme_store
from widgets.theme.text import RIGHT

AnyIndex = QModelIndex | QPersistentModelIndex
_LIMIT = column_names().index("limit")
_HOVERS = (QEvent.Type.HoverEnter, QEvent.Type.HoverMove, QEvent.Type.HoverLeave)
_REMEMBERED = 512
_RIGHT = RIGHT.value | Qt.TextFlag.TextSingleLine.value
_FITS = 90
"""Pixels into which every time fits that does not stand still."""


class PaintedRows(QTableView):
    """Paints any model that answers ``ROW_ROLE`` with a ``QueueRow`` (None paints a skeleton row).

    A repaint shows kept pictures of rows and writes their times; a tick repaints the cells whose time reads
    differently now, and nothing else.
    """

    def __init__(self, parent: QWidget | None = None, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(parent)
        self._now = now or (lambda: datetime.now(UTC))
        self._painter = RowPainter()
        self._glow = RowGlow(self)
        self._glow.frame.connect(self._on_glow_frame)
        self._hovered = -1
        self._times: dict[int, tuple[str, str]] = {}
        self._said: dict[str, tuple[object, ...]] = {}
        self._density = "standard"
        self.shows_focus: Callable[[], bool] = self.hasFocus
        self.card_of: Callable[[str, str], str] | None = None
        self._setup_view()
        self._head = QueueHeader(self)
        self.setHorizontalHeader(self._head)
        self._head.arranged.connect(lambda _layout: self._columns_moved())
        self._head.geometriesChanged.connect(self._columns_moved)
        self._head.sectionResized.connect(lambda *_: self._columns_moved())
        theme_store().changed.connect(self._on_theme_changed)

    # --- values in ----------------------------------------------------------------------------------

    def set_now(self, now: Callable[[], datetime]) -> None:
        """Use another clock (the centre's, corrected)."""
        self._now = now
        self.tick()

    def set_density(self, name: str) -> None:
        """Set the row height: ``compact`` 28, ``standard`` 32, ``comfortable`` 40."""
        self._density = name
        self.verticalHeader().setDefaultSectionSize(theme().metric(f"size.row.{name}"))

    @property
    def density(self) -> str:
        """The density shown now."""
        return self._density

    def set_columns(self, layout: ColumnLayout) -> None:
        """Show these columns in this density."""
        if layout.density != self._density:
            self.set_density(layout.density)
        self._arrange(layout)

    @property
    def columns(self) -> ColumnLayout:
        """The columns as they are shown."""
        return self._head.columns

    def show_sort(self, column: str, descending: bool = False) -> None:
        """Mark the column that orders the list."""
        self._head.show_sort(column, descending)

    # --- time -----------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Repaint the times that read differently now; call once a second, all lists in the same tick."""
        if not self.isVisible() or not self._painter.columns:
            self._times.clear()
            return
        now = self._now()
        left, width = self.columnViewportPosition(_LIMIT), self.columnWidth(_LIMIT)
        for place in self.shown_places():
            row = self.row_of(place)
            if row is not None and self._times.get(place) != row.limit_parts(now):
                top, height = self.rowViewportPosition(place), self.rowHeight(place)
                self.viewport().update(QRect(left, top, width, height))

    # --- standing out -----------------------------------------------------------------------------------

    def highlight(self, case_ids: Iterable[str]) -> None:
        """Let rows stand out once: their ground fades over 1600 ms (not at all with reduced motion)."""
        self._glow.start(case_ids)

    def flash_changed(self, case_ids: Iterable[str]) -> None:
        """Let those of some rows stand out that are in sight and say something else than they last did."""
        asked = set(case_ids)
        changed = []
        for place in self.shown_places():
            row = self.row_of(place)
            if row is None or row.case_id not in asked:
                continue
            before = self._said.get(row.case_id)
            if before is not None and before != words_of(row):
                changed.append(row.case_id)
        self.highlight(changed)

    def shown_places(self) -> range:
        """Return the places of the rows in sight, the one cut at the lower edge too."""
        model = self.model()
        count = model.rowCount() if model is not None else 0
        first = self.rowAt(0)
        if first < 0 or not count:
            return range(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(first, (last if last >= 0 else count - 1) + 1)

    def row_of(self, place: int) -> QueueRow | None:
        """Return the row value at a place; None outside or while it is being read."""
        model = self.model()
        if isinstance(model, KeyedRows):
            return model.row_at(place)
        if not 0 <= place < model.rowCount():
            return None
        found = model.index(place, 0).data(ROW_ROLE)
        return found if isinstance(found, QueueRow) else None

    # --- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are asked for."""
        self.executeDelayedItemsLayout()
        self._take_boxes()
        area = event.rect()
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        count = self.model().rowCount() if self.model() is not None else 0
        with QPainter(self.viewport()) as painter:
            if first < 0 or last < 0:
                painter.fillRect(area, theme().color("bg.panel"))
            if first >= 0 and count:
                places = range(first, (last if last >= 0 else count - 1) + 1)
                self._paint_rows(painter, places, event.region())

    def _paint_rows(self, painter: QPainter, places: range, region: QRegion) -> None:
        look, now, focused = theme(), self._now(), self.shows_focus()
        current = self.selectionModel().currentIndex().row() if self.selectionModel().hasSelection() else -1
        x, width = self.columnViewportPosition(_LIMIT), self.columnWidth(_LIMIT)
        shift, ratio = painter.deviceTransform(), painter.device().devicePixelRatioF()
        for place in places:
            top, height = self.rowViewportPosition(place), self.rowHeight(place)
            rect = QRectF(0, top, self._painter.width, height)
            if not region.intersects(rect.toRect()):
                continue
            row = self.row_of(place)
            marked = row is not None and self._is_marked(place, row)
            state = RowLook(place == current, focused, marked, place == self._hovered)
            if row is None:
                self._painter.draw_skeleton(painter, rect, place, state, look)
                continue
            words, glow = words_of(row), self._glow.strength(row.case_id)
            if glow > 0 or not _whole(shift.dx(), shift.dy() + top * ratio, height * ratio):
                painter.fillRect(rect, look.color("bg.panel"))
                self._painter.draw(painter, rect, row, state, look, glow)
            else:
                strip = self._painter.strip(row, words, state, height, ratio, look)
                painter.drawPixmap(0, top, strip)
            self._times[place] = parts = row.limit_parts(now)
            _draw_time(painter, QRectF(x, top, width - 1, height - 1), parts, row.band, look)
            self._said[row.case_id] = words

    def _is_marked(self, place: int, row: QueueRow) -> bool:
        model = self.model()
        if isinstance(model, KeyedRows):
            return model.is_marked(row.case_id)
        return bool(model.index(place, 0).data(MARK_ROLE))

    def _take_boxes(self) -> None:
        """Paint in the columns as they stand; forget what was painted out of sight."""
        self._painter.set_columns(tuple(Column(*box) for box in self._head.boxes()))
        if len(self._said) > _REMEMBERED:
            shown = {row.case_id for place in self.shown_places() if (row := self.row_of(place)) is not None}
            self._said = {case_id: said for case_id, said in self._said.items() if case_id in shown}
        if len(self._times) > _REMEMBERED:
            self._times.clear()

    # --- Qt ---------------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Follow the pointer: the whole row under it is raised; ``card_of`` (case, column) tells more of it."""
        if event.type() == QEvent.Type.ToolTip and self.card_of is not None:
            assert isinstance(event, QHelpEvent)
            self.show_card(self.rowAt(event.y()), self.columnAt(event.x()), event.globalPos())
            return True
        if event.type() in _HOVERS:
            assert isinstance(event, QHoverEvent)
            leaves = event.type() == QEvent.Type.HoverLeave
            self._set_hovered(-1 if leaves else self.rowAt(int(event.position().y())))
        return super().viewportEvent(event)

    def show_card(self, place: int, column: int = _LIMIT, at: QPoint | None = None) -> str:
        """Show what is told of a row, at the pointer or below its time; returns the words, empty for none."""
        row = self.row_of(place)
        if row is None or column < 0 or self.card_of is None:
            QToolTip.hideText()
            return ""
        words = self.card_of(row.case_id, column_names()[column])
        if at is None:
            below = self.rowViewportPosition(place) + self.rowHeight(place)
            at = self.viewport().mapToGlobal(QPoint(self.columnViewportPosition(column), below))
        QToolTip.showText(at, words, self.viewport())
        return words

    def _set_hovered(self, place: int) -> None:
        if place != self._hovered:
            before, self._hovered = self._hovered, place
            for one in (before, place):
                self._repaint_row(one)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus frame."""
        if self.currentIndex().isValid():
            super().focusInEvent(event)
        else:  # the view's own would make the first row current
            QWidget.focusInEvent(self, event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus frame away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        """Repaint times that stood still while the table was hidden."""
        super().showEvent(event)
        self.tick()

    # --- inside -----------------------------------------------------------------------------------------

    def _setup_view(self) -> None:
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAutoScroll(False)
        self.setAccessibleName(self.tr("案件队列"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(20)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _arrange(self, layout: ColumnLayout | None = None) -> None:
        """Arrange the columns; they stay where they are whether or not the scroll bar is shown."""
        room = 0 if self.verticalScrollBar().isVisible() else SCROLL_ROOM
        self._head.set_columns(self._head.columns if layout is None else layout, room)
        self._columns_moved()

    def _columns_moved(self) -> None:
        self.viewport().update()

    def _repaint_row(self, place: int) -> None:
        if place >= 0:
            top, height = self.rowViewportPosition(place), self.rowHeight(place)
            self.viewport().update(QRect(0, top, self.viewport().width(), height))

    def _on_glow_frame(self, case_ids: tuple[str, ...]) -> None:
        fading = set(case_ids)
        for place in self.shown_places():
            row = self.row_of(place)
            if row is not None and row.case_id in fading:
                self._repaint_row(place)

    def _on_theme_changed(self, _theme: object) -> None:
        self._painter.forget()
        self.set_density(self._density)
        self.viewport().update()


def _draw_time(painter: QPainter, cell: QRectF, parts: tuple[str, str], band: str, look: Theme) -> None:
    """Write a time right-aligned; the usual one is known to fit and is not measured first."""
    still, time = parts
    if still or band == "over3" or cell.width() < _FITS:
        draw_limit(painter, cell, time, band, look, still)
        return
    painter.setFont(look.font("body", band in BOLD_BANDS))
    painter.setPen(look.color(f"sla.{known_band(band)}.text"))
    painter.drawText(cell, _RIGHT, time)


def _whole(*edges: float) -> bool:
    """Return whether a row begins and ends on device pixels, so that its kept picture is shown as it was drawn."""
    return all(abs(edge - round(edge)) < 1e-3 for edge in edges)
