"""Models of the case queue: rows keyed by case, changed one by one so that selection and scrolling never jump."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject, Signal

from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_row import QueueRow
from widgets.tables.row_order import moves_to_order

# More single moves than this cost more than telling the view once that the order is new.
_MOVE_LIMIT = 32


class QueueModel(KeyedRows):
    """A list of ``QueueRow`` values with unique ``case_id``.

    Changes come as ``upsert``/``remove``/``move`` or as a whole new list by ``set_rows``, which works out the
    difference. Marks (several selected) belong to cases, not to places, and survive every change.

    Signals:
        arrived(tuple[str, ...]): ids of new rows whose ``is_new`` is set.
    """

    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QueueRow] = []
        self._places: dict[str, int] = {}

    # --- what others ask --------------------------------------------------------------------------

    def count(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

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

    def _announce_new(self, rows: Iterable[QueueRow]) -> None:
        fresh = tuple(row.case_id for row in rows if row.is_new)
        if fresh:
            self.arrived.emit(fresh)


def _runs_backwards(places: Sequence[int]) -> list[tuple[int, int]]:
    """Group places sorted downwards into runs (first, last), last run first."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][0] == place + 1:
            runs[-1] = (place, runs[-1][1])
        else:
            runs.append((place, place))
    return runs
