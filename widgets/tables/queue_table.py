"""The case queue: a table for hands that stay on the keys (DESIGN §6, §7)."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_delegate import QueueDelegate
from widgets.tables.queue_header import SORTABLE, QueueHeader
from widgets.tables.queue_model import QueueModel
from widgets.tables.queue_row import ROW_ROLE, QueueRow, column_names, column_width
from widgets.tables.row_anchor import RowAnchor
from widgets.tables.row_glow import RowGlow
from widgets.theme import theme, theme_store

AnyIndex = QModelIndex | QPersistentModelIndex
DENSITIES = ("compact", "standard", "comfortable")
SCROLL_ROOM = 12


class CaseQueueTable(QTableView):
    """Rows of ``QueueRow``; one current row, any number of marked rows.

    The current case follows its row when the list changes, and keeps its place on the screen. The table never sorts
    and never opens anything: it says what the operator asked for.

    Signals:
        current_changed(str): another case is current; empty when none.
        activated_case(str): Enter or double click.
        sort_requested(str, bool): head cell clicked: column and True for descending.
        marks_changed(tuple[str, ...]): as the model's.
    """

    current_changed = Signal(str)
    activated_case = Signal(str)
    sort_requested = Signal(str, bool)
    marks_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(parent)
        self._now = now or (lambda: datetime.now(UTC))
        self._glow = RowGlow(self)
        self._glow.frame.connect(self._on_glow_frame)
        self._anchor = RowAnchor(self, self._key_of, self._place_of)
        self._current_id = ""
        self._columns = column_names()
        self._setup_view()
        self._delegate = QueueDelegate(self._now_for_delegate, self._glow.strength, self)
        self._delegate.view_has_focus = self.hasFocus
        self.setItemDelegate(self._delegate)
        self._head = QueueHeader(self)
        self.setHorizontalHeader(self._head)
        self._head.sectionClicked.connect(self._on_head_clicked)
        self.activated.connect(self._on_activated)
        theme_store().changed.connect(self._on_theme_changed)
        self._density = "standard"
        self.set_density("standard")
        self.setModel(QueueModel(self))

    # --- values in --------------------------------------------------------------------------------

    def queue_model(self) -> QueueModel:
        """Return the built-in model.

        Raises:
            TypeError: another model has been set.
        """
        model = self.model()
        if not isinstance(model, QueueModel):
            raise TypeError("this table shows another model")
        return model

    def set_rows(self, rows: "list[QueueRow] | tuple[QueueRow, ...]") -> None:
        """Show these rows; selection, marks and the current row's place on the screen are kept."""
        self.queue_model().set_rows(rows)

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

    def show_sort(self, column: str, descending: bool = False) -> None:
        """Mark the column that orders the list."""
        self._head.show_sort(column, descending)

    def tick(self) -> None:
        """Repaint the limit column of the visible rows; call once a second, all lists in the same tick."""
        column = self._columns.index("limit")
        strip = QRect(
            self.columnViewportPosition(column), 0, self.columnWidth(column), self.viewport().height()
        )
        self.viewport().update(strip)

    def highlight(self, case_ids: Iterable[str]) -> None:
        """Let rows stand out once: their ground fades over 1600 ms (not at all with reduced motion)."""
        self._glow.start(case_ids)

    # --- the current row --------------------------------------------------------------------------

    @property
    def current_id(self) -> str:
        """The current case; empty when none."""
        return self._current_id

    def row_of(self, place: int) -> QueueRow | None:
        """Return the row value at a place; None outside or while it is being read."""
        model = self.model()
        if not 0 <= place < model.rowCount():
            return None
        found = model.index(place, 0).data(ROW_ROLE)
        return found if isinstance(found, QueueRow) else None

    def select_case(self, case_id: str) -> bool:
        """Make a case current and bring it into view; False when it is not in the list."""
        place = self._place_of(case_id)
        if place < 0:
            return False
        self.set_current_place(place)
        return True

    def set_current_place(self, place: int) -> None:
        """Make the row at a place current (clamped to the list) and bring it into view."""
        count = self.model().rowCount()
        if count == 0:
            return
        index = self.model().index(min(max(place, 0), count - 1), 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def current_place(self) -> int:
        """Return the place of the current row, −1 when none."""
        index = self.currentIndex()
        return index.row() if index.isValid() else -1

    # --- keys -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, mark and open; any other key goes to the window."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if plain and self._move_by_key(event.key(), shift):
            event.accept()
        elif plain and event.key() == Qt.Key.Key_Space:
            self._toggle_current_mark()
            event.accept()
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._current_id:
                self.activated_case.emit(self._current_id)
            event.accept()
        else:
            event.ignore()

    def _move_by_key(self, key: int, shift: bool) -> bool:
        place, count = self.current_place(), self.model().rowCount()
        page = max(1, self.viewport().height() // max(1, self.verticalHeader().defaultSectionSize()) - 1)
        targets = {
            Qt.Key.Key_J: place + 1,
            Qt.Key.Key_Down: place + 1,
            Qt.Key.Key_K: place - 1,
            Qt.Key.Key_Up: place - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
            Qt.Key.Key_PageDown: place + page,
            Qt.Key.Key_PageUp: place - page,
        }
        if key not in targets:
            return False
        target = min(max(targets[Qt.Key(key)], 0), count - 1)
        if count and shift and key in (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._mark_places(place, target)
        self.set_current_place(target)
        return True

    def _mark_places(self, first: int, last: int) -> None:
        rows = (self.row_of(place) for place in range(min(first, last), max(first, last) + 1))
        self._set_marked([row.case_id for row in rows if row is not None])

    def _toggle_current_mark(self) -> None:
        toggle = getattr(self.model(), "toggle_mark", None)
        if toggle is not None and self._current_id:
            toggle(self._current_id)

    def _set_marked(self, case_ids: list[str]) -> None:
        mark = getattr(self.model(), "set_marked", None)
        if mark is not None:
            mark(case_ids)

    # --- Qt ---------------------------------------------------------------------------------------

    def setModel(self, model: QAbstractItemModel | None) -> None:  # noqa: N802 - Qt's name
        """Show another model; it must answer ``ROW_ROLE`` and have the columns of the design."""
        super().setModel(model)
        self._current_id = ""
        if model is None:
            return
        self._setup_columns()
        model.rowsAboutToBeInserted.connect(self._hold_place)
        model.rowsAboutToBeRemoved.connect(self._hold_place)
        model.rowsAboutToBeMoved.connect(self._hold_place)
        model.layoutAboutToBeChanged.connect(self._hold_place)
        model.rowsInserted.connect(self._restore_place)
        model.rowsRemoved.connect(self._restore_place)
        model.rowsMoved.connect(self._restore_place)
        model.layoutChanged.connect(self._on_layout_changed)
        model.modelReset.connect(self._on_model_reset)
        if isinstance(model, KeyedRows):
            model.marks_changed.connect(self.marks_changed)
        if isinstance(model, QueueModel):
            model.arrived.connect(self.highlight)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: N802 - Qt's name
        """Say which case is current."""
        super().currentChanged(current, previous)
        row = self.row_of(current.row()) if current.isValid() else None
        self._say_current(row.case_id if row else "")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus frame; the first row becomes current when none was."""
        super().focusInEvent(event)
        if self.current_place() < 0:
            self.set_current_place(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus frame away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns where they are whether or not the scroll bar is shown."""
        bar = 0 if self.verticalScrollBar().isVisible() else SCROLL_ROOM
        last = self._columns[-1]
        self.setColumnWidth(len(self._columns) - 1, column_width(last) + bar)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Repaint times that stood still while the table was hidden."""
        super().showEvent(event)
        self.tick()

    # --- inside -----------------------------------------------------------------------------------

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

    def _setup_columns(self) -> None:
        self._head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for place, name in enumerate(self._columns):
            width = column_width(name)
            if width:
                self.setColumnWidth(place, width)
            else:
                self._head.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)

    def _hold_place(self, *_args: object) -> None:
        self._anchor.hold()

    def _restore_place(self, *_args: object) -> None:
        self._anchor.restore()

    def _on_layout_changed(self, *_args: object) -> None:
        self._anchor.restore()
        if not self.currentIndex().isValid():  # Qt forgets a current row that has left without a word
            self._say_current("")

    def _key_of(self, place: int) -> str:
        key = getattr(self.model(), "case_id_at", None)
        return str(key(place)) if key is not None else ""

    def _place_of(self, case_id: str) -> int:
        find = getattr(self.model(), "place_of", None)
        return int(find(case_id)) if find is not None and case_id else -1

    def _say_current(self, case_id: str) -> None:
        if case_id != self._current_id:
            self._current_id = case_id
            self.current_changed.emit(case_id)

    def _on_model_reset(self) -> None:
        place = self._place_of(self._current_id)
        if place >= 0:
            self.set_current_place(place)
        else:
            self._say_current("")

    def _on_head_clicked(self, section: int) -> None:
        name = self._columns[section]
        if name in SORTABLE:
            column, descending = self._head.sort
            self.sort_requested.emit(name, not descending if name == column else False)

    def _on_activated(self, index: QModelIndex) -> None:
        row = self.row_of(index.row())
        if row is not None:
            self.activated_case.emit(row.case_id)

    def _now_for_delegate(self) -> datetime:
        return self._now()

    def _on_glow_frame(self, case_ids: tuple[str, ...]) -> None:
        for case_id in case_ids:
            place = self._place_of(case_id)
            if place >= 0:
                top, height = self.rowViewportPosition(place), self.rowHeight(place)
                self.viewport().update(QRect(0, top, self.viewport().width(), height))

    def _on_theme_changed(self, _theme: object) -> None:
        self.set_density(self._density)
        self.viewport().update()
