"""A queue of any length: sixteen bytes a row and the values of a few hundred rows; the rest stays in the store."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from PySide6.QtCore import QModelIndex, QObject

from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_row import QueueRow

_WIDTH = 16
Fetch = Callable[[tuple[str, ...]], Sequence[QueueRow]]
Ahead = Callable[[tuple[str, ...]], None]


class PackedKeys:
    """A list of case ids (UUIDs) in sixteen bytes each; finding one is a search through plain memory."""

    def __init__(self, case_ids: Iterable[str] = ()) -> None:
        self._data: bytes | bytearray = b"".join(UUID(case_id).bytes for case_id in case_ids)

    @classmethod
    def of_bytes(cls, packed: bytes) -> "PackedKeys":
        """Take ids that are packed already, sixteen bytes each; they are copied when the list first changes."""
        made = cls()
        made._data = packed
        return made

    def _own(self) -> bytearray:
        """Return the ids as memory of its own, that may be changed."""
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        return self._data

    def __len__(self) -> int:
        return len(self._data) // _WIDTH

    def at(self, place: int) -> str:
        """Return the id at a place, which must exist."""
        start = place * _WIDTH
        return str(UUID(bytes=bytes(self._data[start : start + _WIDTH])))

    def place_of(self, case_id: str) -> int:
        """Return the first place of an id; −1 when it is not there or is no UUID."""
        try:
            wanted = UUID(case_id).bytes
        except ValueError:
            return -1
        start = self._data.find(wanted)
        while start >= 0 and start % _WIDTH:
            start = self._data.find(wanted, start + 1)
        return start // _WIDTH

    def insert(self, place: int, case_id: str) -> None:
        """Put an id before the one at a place."""
        start = place * _WIDTH
        self._own()[start:start] = UUID(case_id).bytes

    def remove(self, place: int) -> None:
        """Take the id at a place out."""
        del self._own()[place * _WIDTH : (place + 1) * _WIDTH]


class PagedQueueModel(KeyedRows):
    """Rows are asked for when they are looked at, and kept while they are among the latest.

    A row that says something else now is asked for again; until its new words are here it shows the old ones.

    Args:
        fetch: gives the rows of some case ids (in any order). It is called while painting: it must answer at once,
            from memory. A row it does not give is shown as being read until `changed` names it.
        page: rows asked for at a time; with `ahead` they are asked for one by one.
        kept: so many pages of rows are kept.
        parent: Qt parent.
        ahead: is told which cases will be looked at soon, a page before and a page behind: they can be read meanwhile.
    """

    def __init__(
        self,
        fetch: Fetch,
        page: int = 32,
        kept: int = 32,
        parent: QObject | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        super().__init__(parent)
        self._fetch, self._ahead = fetch, ahead
        self._page, self._kept = page, page * kept
        self._keys = PackedKeys()
        self._rows: OrderedDict[str, QueueRow] = OrderedDict()
        self._stale: set[str] = set()
        self._asked: set[str] = set()
        self._near = -1

    # --- what others ask ----------------------------------------------------------------------------

    def count(self) -> int:
        """Return the number of rows."""
        return len(self._keys)

    def case_id_at(self, place: int) -> str:
        """Return the case at a place, an empty string outside."""
        return self._keys.at(place) if 0 <= place < len(self._keys) else ""

    def place_of(self, case_id: str) -> int:
        """Return the place of a case, −1 when it is not in the list."""
        return self._keys.place_of(case_id)

    def row_at(self, place: int) -> QueueRow | None:
        """Return the row at a place; None outside, or while it is being read."""
        case_id = self.case_id_at(place)
        if not case_id:
            return None
        if self._ahead is not None and place // self._page != self._near:
            self._look_ahead(place // self._page)
        if case_id not in self._asked and (case_id not in self._rows or case_id in self._stale):
            self._read(place)
        row = self._rows.get(case_id)
        if row is not None:
            self._rows.move_to_end(case_id)
        return row

    # --- changes ------------------------------------------------------------------------------------

    def set_keys(self, case_ids: Sequence[str]) -> None:
        """Show another question's answer: these cases in this order; what views hold follows its case.

        Raises:
            ValueError: an id is no UUID.
        """
        self._take_keys(PackedKeys(case_ids))

    def set_packed(self, packed: bytes) -> None:
        """Show another answer, given as sixteen bytes for each case; much quicker for long lists."""
        self._take_keys(PackedKeys.of_bytes(packed))

    def _take_keys(self, keys: PackedKeys) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(self.case_id_at(index.row()), index.column()) for index in before]
        self._keys, self._near = keys, -1
        after = []
        for case_id, column in held:
            place = self.place_of(case_id)
            after.append(self.index(place, column) if place >= 0 else QModelIndex())
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self._prune_marks()

    def insert(self, case_id: str, place: int) -> None:
        """Put one new case at a place (clamped)."""
        place = min(max(place, 0), self.count())
        self.beginInsertRows(QModelIndex(), place, place)
        self._keys.insert(place, case_id)
        self._near = -1
        self.endInsertRows()

    def remove(self, case_id: str) -> None:
        """Take one case out; unknown ids are passed over."""
        place = self.place_of(case_id)
        if place < 0:
            return
        self.beginRemoveRows(QModelIndex(), place, place)
        self._keys.remove(place)
        self._near = -1
        self.endRemoveRows()
        self._prune_marks()

    def move(self, case_id: str, place: int) -> None:
        """Move one case; unknown ids are passed over."""
        old = self.place_of(case_id)
        place = min(max(place, 0), self.count() - 1)
        if old < 0 or old == place:
            return
        self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), place + 1 if place > old else place)
        self._keys.remove(old)
        self._keys.insert(place, case_id)
        self._near = -1
        self.endMoveRows()

    def changed(self, case_ids: Iterable[str]) -> None:
        """Say that rows say something else now, or are here now; only those that were asked for are touched."""
        seen = [case_id for case_id in set(case_ids) if case_id in self._rows or case_id in self._asked]
        self._asked.difference_update(seen)
        self._stale.update(one for one in seen if one in self._rows)
        places = sorted(place for case_id in seen if (place := self.place_of(case_id)) >= 0)
        for place in places:
            self._touch(place)

    def stale(self) -> None:
        """Say that any row may say something else now; what is looked at is asked for again."""
        self._asked.clear()
        self._stale.update(self._rows)
        if self.count():
            self.dataChanged.emit(self.index(0, 0), self.index(self.count() - 1, len(self._columns) - 1))

    # --- inside -------------------------------------------------------------------------------------

    def _page_ids(self, number: int) -> tuple[str, ...]:
        """Return the cases of a page; none outside."""
        first = max(0, number * self._page)
        return tuple(self._keys.at(one) for one in range(first, min((number + 1) * self._page, self.count())))

    def _look_ahead(self, number: int) -> None:
        """Tell what will be looked at soon: this page, the next and the one before."""
        assert self._ahead is not None
        self._near = number
        near = (*self._page_ids(number), *self._page_ids(number + 1), *self._page_ids(number - 1))
        self._ahead(tuple(case_id for case_id in near if case_id not in self._rows))

    def _read(self, place: int) -> None:
        """Ask for a row, or for all of its page that are not here."""
        ids = self._page_ids(place // self._page) if self._ahead is None else (self._keys.at(place),)
        wanted = tuple(one for one in ids if one not in self._rows or one in self._stale)
        self._asked.update(wanted)
        for row in self._fetch(wanted):
            self._rows[row.case_id] = row
            self._asked.discard(row.case_id)
            self._stale.discard(row.case_id)
        while len(self._rows) > self._kept:
            gone, _ = self._rows.popitem(last=False)
            self._stale.discard(gone)
        if len(self._asked) > self._kept:
            self._asked.clear()
