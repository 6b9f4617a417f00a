"""What every model of the case queue has in common: columns, cells, marks that belong to cases."""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow, column_names, column_title

AnyIndex = QModelIndex | QPersistentModelIndex
MANY = 16


class KeyedRows(QAbstractTableModel):
    """A table of ``QueueRow`` values known by their ``case_id``; how they are kept is up to the subclass.

    Marks (several selected) belong to cases, not to places, and survive every change of the list.

    Signals:
        marks_changed(tuple[str, ...]): ids marked now, in row order.
    """

    marks_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = column_names()
        self._marked: set[str] = set()

    # --- what a subclass answers --------------------------------------------------------------------

    @abstractmethod
    def count(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def row_at(self, place: int) -> QueueRow | None:
        """Return the row at a place; None outside, or while it is being read."""

    @abstractmethod
    def case_id_at(self, place: int) -> str:
        """Return the case at a place, an empty string outside."""

    @abstractmethod
    def place_of(self, case_id: str) -> int:
        """Return the place of a case, −1 when it is not in the list."""

    # --- what Qt asks -------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows; none below a row."""
        return 0 if parent.isValid() else self.count()

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns of the design."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the row value, its mark, or the words of one cell."""
        if not index.isValid():
            return None
        if role == MARK_ROLE:
            return bool(self._marked) and self.case_id_at(index.row()) in self._marked
        row = self.row_at(index.row())
        return row if role == ROW_ROLE else cell_data(row, self._columns[index.column()], role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head words."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return column_title(self._columns[section])
        return None

    # --- marks --------------------------------------------------------------------------------------

    def marked(self) -> tuple[str, ...]:
        """Return the marked cases in row order."""
        return tuple(sorted(self._marked, key=self.place_of))

    def is_marked(self, case_id: str) -> bool:
        """Tell whether a case is marked."""
        return case_id in self._marked

    def set_marked(self, case_ids: Iterable[str], on: bool = True) -> None:
        """Mark or unmark cases that are in the list."""
        known = {case_id for case_id in case_ids if self.place_of(case_id) >= 0}
        after = self._marked | known if on else self._marked - known
        if after == self._marked:
            return
        changed = after ^ self._marked
        self._marked = after
        places = [self.place_of(case_id) for case_id in changed]
        if len(places) > MANY:  # one word about the stretch is cheaper than one about each row
            last = len(self._columns) - 1
            self.dataChanged.emit(self.index(min(places), 0), self.index(max(places), last))
        else:
            for place in places:
                self._touch(place)
        self.marks_changed.emit(self.marked())

    def toggle_mark(self, case_id: str) -> None:
        """Mark a case, or take its mark away."""
        self.set_marked([case_id], case_id not in self._marked)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.set_marked(tuple(self._marked), False)

    # --- inside -------------------------------------------------------------------------------------

    def _touch(self, place: int) -> None:
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(self._columns) - 1))

    def _prune_marks(self) -> None:
        """Forget the marks of cases that have left."""
        kept = {case_id for case_id in self._marked if self.place_of(case_id) >= 0}
        if kept != self._marked:
            self._marked = kept
            self.marks_changed.emit(self.marked())


def cell_data(row: QueueRow | None, column: str, role: int) -> Any:
    """Return what a cell says beside its drawing: words, tool tip, words for a screen reader."""
    if row is None:
        return None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return row.spoken(datetime.now(UTC))
    if role == Qt.ItemDataRole.ToolTipRole:
        return {"summary": row.summary, "source": row.source, "holder": row.holder}.get(column)
    if role == Qt.ItemDataRole.DisplayRole:
        words = {
            "number": row.number_short,
            "category": row.category,
            "grid": row.grid,
            "summary": row.summary,
            "source": row.source,
            "stage": row.stage,
            "limit": row.limit_shown(datetime.now(UTC)) if column == "limit" else "",
            "holder": row.holder,
        }
        return words.get(column, "")
    return None
