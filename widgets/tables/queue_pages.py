"""A queue of any length: sixteen bytes a row and a few pages of row values; the rest stays in the store."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from PySide6.QtCore import QModelIndex, QObject

from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_row import QueueRow

_WIDTH = 16
Fetch = Callable[[tuple[str, ...]], Sequence[QueueRow]]


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
    """Rows are read page by page when they are looked at, and kept while they are near.

    Args:
        fetch: gives the rows of some case ids (in any order; missing ones are shown as being read). It is called
            while painting: it must answer from this machine, at once.
        page: rows read at a time.
        kept: pages kept.
        parent: Qt parent.
    """

    def __init__(self, fetch: Fetch, page: int = 32, kept: int = 32, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._page, self._kept = page, kept
        self._keys = PackedKeys()
        self._pages: OrderedDict[int, dict[str, QueueRow]] = OrderedDict()

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
        """Return the row at a place; None outside, or when the store did not give it."""
        case_id = self.case_id_at(place)
        return self._page_of(place).get(case_id) if case_id else None

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
        self._keys = keys
        self._pages.clear()
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
        self._pages.clear()
        self.endInsertRows()

    def remove(self, case_id: str) -> None:
        """Take one case out; unknown ids are passed over."""
        place = self.place_of(case_id)
        if place < 0:
            return
        self.beginRemoveRows(QModelIndex(), place, place)
        self._keys.remove(place)
        self._pages.clear()
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
        self._pages.clear()
        self.endMoveRows()

    def changed(self, case_ids: Iterable[str]) -> None:
        """Say that rows say something else now; only those on kept pages are read again."""
        wanted = set(case_ids)
        stale = {number for number, rows in self._pages.items() if not wanted.isdisjoint(rows)}
        seen = {case_id for number in stale for case_id in self._pages[number] if case_id in wanted}
        for number in stale:
            del self._pages[number]
        for case_id in seen:
            self._touch(self.place_of(case_id))

    def stale(self) -> None:
        """Say that any row may say something else now; what is looked at is read again."""
        self._pages.clear()
        if self.count():
            self.dataChanged.emit(self.index(0, 0), self.index(self.count() - 1, len(self._columns) - 1))

    # --- inside -------------------------------------------------------------------------------------

    def _page_of(self, place: int) -> dict[str, QueueRow]:
        number = place // self._page
        rows = self._pages.get(number)
        if rows is None:
            first = number * self._page
            ids = tuple(self._keys.at(one) for one in range(first, min(first + self._page, self.count())))
            rows = {row.case_id: row for row in self._fetch(ids)}
            self._pages[number] = rows
            while len(self._pages) > self._kept:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return rows
