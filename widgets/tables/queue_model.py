"""Models of the case queue: rows keyed by case, changed one by one so that selection and scrolling never jump."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow, column_names, column_title
from widgets.tables.row_order import moves_to_order

AnyIndex = QModelIndex | QPersistentModelIndex
# More single moves than this cost more than telling the view once that the order is new.
_MOVE_LIMIT = 32


class QueueModel(QAbstractTableModel):
    """A list of ``QueueRow`` values with unique ``case_id``.

    Changes come as ``upsert``/``remove``/``move`` or as a whole new list by ``set_rows``, which works out the
    difference. Marks (several selected) belong to cases, not to places, and survive every change.

    Signals:
        marks_changed(tuple[str, ...]): ids marked now, in row order.
        arrived(tuple[str, ...]): ids of new rows whose ``is_new`` is set.
    """

    marks_changed = Signal(object)
    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = column_names()
        self._rows: list[QueueRow] = []
        self._places: dict[str, int] = {}
        self._marked: set[str] = set()

    # --- what Qt asks -----------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rows; none below a row."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns of the design."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the row value, its mark, or the words of one cell."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == MARK_ROLE:
            return row.case_id in self._marked
        return cell_data(row, self._columns[index.column()], role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head words."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return column_title(self._columns[section])
        return None

    # --- what others ask --------------------------------------------------------------------------

    def rows(self) -> tuple[QueueRow, ...]:
        """Return all rows in order."""
        return tuple(self._rows)

    def row_at(self, place: int) -> QueueRow | None:
        """Return the row at a place, None outside."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def case_id_at(self, place: int) -> str:
        """Return the case at a place, an empty string outside."""
        row = self.row_at(place)
        return row.case_id if row else ""

    def place_of(self, case_id: str) -> int:
        """Return the place of a case, −1 when it is not in the list."""
        return self._places.get(case_id, -1)

    # --- changes ----------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[QueueRow]) -> None:
        """Make the list equal to ``rows``, telling views only what is different.

        Raises:
            ValueError: two rows have the same ``case_id``.
        """
        if self._same_order(rows):
            return
        wanted = {row.case_id for row in rows}
        if len(wanted) != len(rows):
            raise ValueError("two rows with the same case_id")
        if wanted.isdisjoint(self._places):
            self._reset(rows)
            return
        self.remove(self._places.keys() - wanted)
        fresh = [row for row in rows if row.case_id not in self._places]
        if fresh:
            self._insert_fresh(rows)
        self._reorder(rows)
        self._change(rows)
        self._announce_new(fresh)

    def upsert(self, row: QueueRow, place: int | None = None) -> None:
        """Change one row where it stands, or put a new one at ``place`` (default: the end).

        An existing row moves only when ``place`` is given and different.
        """
        old = self.place_of(row.case_id)
        if old < 0:
            at = len(self._rows) if place is None else min(max(place, 0), len(self._rows))
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.insert(at, row)
            self._number(at)
            self.endInsertRows()
            self._announce_new([row])
            return
        if place is not None and place != old:
            self.move(row.case_id, place)
        self._change([row])

    def remove(self, case_ids: Iterable[str]) -> None:
        """Take cases out of the list; unknown ids are passed over."""
        places = sorted(
            (self._places[case_id] for case_id in case_ids if case_id in self._places), reverse=True
        )
        if not places:
            return
        for first, last in _runs_backwards(places):
            self.beginRemoveRows(QModelIndex(), first, last)
            for row in self._rows[first : last + 1]:
                del self._places[row.case_id]
            del self._rows[first : last + 1]
            self._number(first)
            self.endRemoveRows()
        self._prune_marks()

    def move(self, case_id: str, place: int) -> None:
        """Move one case to a place; unknown ids are passed over."""
        old = self.place_of(case_id)
        place = min(max(place, 0), len(self._rows) - 1)
        if old < 0 or old == place:
            return
        before = place + 1 if place > old else place  # Qt counts the target before the row is taken out
        self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), before)
        self._rows.insert(place, self._rows.pop(old))
        self._number(min(old, place), max(old, place) + 1)
        self.endMoveRows()

    # --- marks ------------------------------------------------------------------------------------

    def marked(self) -> tuple[str, ...]:
        """Return the marked cases in row order."""
        return tuple(sorted(self._marked, key=lambda case_id: self._places.get(case_id, 0)))

    def set_marked(self, case_ids: Iterable[str], on: bool = True) -> None:
        """Mark or unmark cases that are in the list."""
        known = {case_id for case_id in case_ids if case_id in self._places}
        after = self._marked | known if on else self._marked - known
        if after == self._marked:
            return
        changed = after ^ self._marked
        self._marked = after
        for case_id in changed:
            self._touch(self._places[case_id])
        self.marks_changed.emit(self.marked())

    def toggle_mark(self, case_id: str) -> None:
        """Mark a case, or take its mark away."""
        self.set_marked([case_id], case_id not in self._marked)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.set_marked(tuple(self._marked), False)

    # --- inside -----------------------------------------------------------------------------------

    def _reset(self, rows: Sequence[QueueRow]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._places = {}
        self._number(0)
        self.endResetModel()
        self._prune_marks()
        self._announce_new(rows)

    def _number(self, first: int, end: int | None = None) -> None:
        for place in range(first, len(self._rows) if end is None else end):
            self._places[self._rows[place].case_id] = place

    def _insert_fresh(self, rows: Sequence[QueueRow]) -> None:
        """Put new rows behind the known row they follow, neighbours in one call."""
        batch: list[QueueRow] = []
        at = 0
        for row in (*rows, None):
            if row is not None and row.case_id not in self._places:
                batch.append(row)
                continue
            if batch:
                self.beginInsertRows(QModelIndex(), at, at + len(batch) - 1)
                self._rows[at:at] = batch
                self._number(at)
                self.endInsertRows()
                batch = []
            if row is not None:
                at = self._places[row.case_id] + 1

    def _same_order(self, rows: Sequence[QueueRow]) -> bool:
        """Take the usual case at once: the same cases in the same order, a few of them changed."""
        if len(rows) != len(self._rows):
            return False
        changed = []
        for place, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old is not new:
                if old.case_id != new.case_id:
                    return False
                changed.append(place)
        self._change(rows[place] for place in changed)
        return True

    def _reorder(self, rows: Sequence[QueueRow]) -> None:
        first, last = 0, len(rows) - 1
        while first <= last and self._rows[first].case_id == rows[first].case_id:
            first += 1
        while last > first and self._rows[last].case_id == rows[last].case_id:
            last -= 1
        order = [row.case_id for row in rows[first : last + 1]]
        moves = moves_to_order([self._places[case_id] for case_id in order])
        if len(moves) <= _MOVE_LIMIT:
            for place in moves:
                behind = self._places[order[place - 1]] + 1 if place else first
                self.move(order[place], behind - (self._places[order[place]] < behind))
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(self._rows[index.row()].case_id, index.column()) for index in before]
        by_id = {row.case_id: row for row in self._rows[first : last + 1]}
        self._rows[first : last + 1] = [by_id[case_id] for case_id in order]
        self._number(first, last + 1)
        after = [self.index(self._places[case_id], column) for case_id, column in held]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _change(self, rows: Iterable[QueueRow]) -> None:
        for row in rows:
            place = self._places[row.case_id]
            if self._rows[place] != row:
                self._rows[place] = row
                self._touch(place)

    def _touch(self, place: int) -> None:
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(self._columns) - 1))

    def _prune_marks(self) -> None:
        kept = {case_id for case_id in self._marked if case_id in self._places}
        if kept != self._marked:
            self._marked = kept
            self.marks_changed.emit(self.marked())

    def _announce_new(self, rows: Iterable[QueueRow]) -> None:
        fresh = tuple(row.case_id for row in rows if row.is_new)
        if fresh:
            self.arrived.emit(fresh)


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


def _runs_backwards(places: Sequence[int]) -> list[tuple[int, int]]:
    """Group places sorted downwards into runs (first, last), last run first."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][0] == place + 1:
            runs[-1] = (place, runs[-1][1])
        else:
            runs.append((place, place))
    return runs
