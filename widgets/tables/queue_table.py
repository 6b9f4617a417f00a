"""The case queue: a table for hands that stay on the keys (DESIGN §6, §7)."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from widgets.tables.painted_rows import PaintedRows
from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_columns import DENSITIES
from widgets.tables.queue_header import SCROLL_ROOM, SORTABLE
from widgets.tables.queue_model import QueueModel
from widgets.tables.queue_row import QueueRow, column_names
from widgets.tables.row_anchor import RowAnchor

__all__ = ["DENSITIES", "SCROLL_ROOM", "CaseQueueTable"]
AnyIndex = QModelIndex | QPersistentModelIndex
_COLUMNS = column_names()


class CaseQueueTable(PaintedRows):
    """Rows of ``QueueRow``; one current row, any number of marked rows.

    The current case follows its row when the list changes, and keeps its place on the screen. When it leaves the list
    nothing is current; the hand goes on from where it stood. The table never sorts and never opens anything: it says
    what the operator asked for.

    Signals:
        current_changed(str): another case is current; empty when none.
        activated_case(str): Enter or double click.
        sort_requested(str, bool): head cell clicked: column and True for descending.
        marks_changed(tuple[str, ...]): as the model's.
        settled(): the list is another one and stands in its place.
        columns_arranged(ColumnLayout): a column was dragged wider or to another place.
        menu_wanted(QPoint): the menu of the head is asked for, in global pixels.
    """

    current_changed = Signal(str)
    activated_case = Signal(str)
    sort_requested = Signal(str, bool)
    marks_changed = Signal(object)
    settled = Signal()
    columns_arranged = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(parent, now)
        self._anchor = RowAnchor(self, self._key_of, self._place_of)
        self._current_id = ""
        self._gap = self._held_place = -1
        self._head.sectionClicked.connect(self._on_head_clicked)
        self._head.arranged.connect(self.columns_arranged)
        self._head.menu_wanted.connect(self.menu_wanted)
        self.activated.connect(self._on_activated)
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

    # --- the current row --------------------------------------------------------------------------

    @property
    def current_id(self) -> str:
        """The current case; empty when none."""
        return self._current_id

    def place_of(self, case_id: str) -> int:
        """Return the place of a case, −1 when it is not in the list."""
        return self._place_of(case_id)

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

    def start_over(self) -> None:
        """The list answers another question: begin at its top, unless the current case is in it."""
        if self.current_place() < 0:
            self._gap = -1
            self.scrollToTop()

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
        below = above = place
        if place < 0 <= self._gap:  # the current row has left: go on from where it stood
            place, below, above = self._gap, self._gap - 1, self._gap
        page = max(1, self.viewport().height() // max(1, self.verticalHeader().defaultSectionSize()) - 1)
        targets = {
            Qt.Key.Key_J: below + 1,
            Qt.Key.Key_Down: below + 1,
            Qt.Key.Key_K: above - 1,
            Qt.Key.Key_Up: above - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
            Qt.Key.Key_PageDown: place + page,
            Qt.Key.Key_PageUp: place - page,
        }
        if key not in targets:
            return False
        target = min(max(targets[Qt.Key(key)], 0), count - 1)
        if count and shift and key in (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._mark_places(self.current_place() if self._current_id else target, target)
        self.set_current_place(target)
        return True

    def _mark_places(self, first: int, last: int) -> None:
        keys = (self._key_of(place) for place in range(min(first, last), max(first, last) + 1))
        self._set_marked([key for key in keys if key])

    def _toggle_current_mark(self) -> None:
        self._toggle_mark(self._current_id)

    def _toggle_mark(self, case_id: str) -> None:
        toggle = getattr(self.model(), "toggle_mark", None)
        if toggle is not None and case_id:
            toggle(case_id)

    def _set_marked(self, case_ids: list[str]) -> None:
        mark = getattr(self.model(), "set_marked", None)
        if mark is not None:
            mark(case_ids)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark with Ctrl (one row) or Shift (from the current row on); a plain press makes the row current."""
        shift, ctrl = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
        held, place = event.modifiers() & (shift | ctrl), self.rowAt(int(event.position().y()))
        if place < 0 or not held or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif held & ctrl:
            self._toggle_mark(self._key_of(place))
        else:
            self._mark_places(self.current_place() if self._current_id else place, place)

    # --- Qt ---------------------------------------------------------------------------------------

    def setModel(self, model: QAbstractItemModel | None) -> None:  # noqa: N802 - Qt's name
        """Show another model; it must answer ``ROW_ROLE`` and have the columns of the design."""
        super().setModel(model)
        self._current_id = ""
        if model is None:
            return
        self._arrange()
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
        case_id = self._key_of(current.row()) if current.isValid() else ""
        if case_id:
            self._gap = -1
        self._say_current(case_id)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus frame; the first row becomes current when none ever was."""
        super().focusInEvent(event)
        if self.current_place() < 0 and self._gap < 0:
            self.set_current_place(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns where they are whether or not the scroll bar is shown."""
        self._arrange()
        super().resizeEvent(event)

    # --- inside -----------------------------------------------------------------------------------

    def _hold_place(self, *_args: object) -> None:
        self._held_place = self.current_place()
        self._anchor.hold()

    def _restore_place(self, *_args: object) -> None:
        self._anchor.restore()
        self.settled.emit()

    def _on_layout_changed(self, *_args: object) -> None:
        self._anchor.restore()
        if self._current_id and not self.currentIndex().isValid():
            self._gap = self._held_place
            self._say_current("")  # Qt forgets a current row that has left without a word
        self.settled.emit()

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
        name = _COLUMNS[section]
        if name in SORTABLE:
            column, descending = self._head.sort
            self.sort_requested.emit(name, not descending if name == column else False)

    def _on_activated(self, index: QModelIndex) -> None:
        case_id = self._key_of(index.row())
        if case_id:
            self.activated_case.emit(case_id)
