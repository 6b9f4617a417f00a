"""The cases of a seat by id: the latest ones in memory, the others read from the own files when they are asked for.

A district has tens of thousands of open cases, a window shows a few dozen; what all of them are asked for stands in
the columns of the book. Used on the main thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from services.ports.errors import StoreError
from services.ports.picture import Picture, Projected

KEPT = 1024


class CaseShelf(MutableMapping[str, Projected]):
    """Every case the seat knows. `known` names the cases of the book: they are what is counted and walked over.

    A case outside the book (an ended one that was searched for) is found all the same.
    """

    def __init__(self, picture: Picture, known: Callable[[], Collection[str]]) -> None:
        """Read through `picture`; nothing is in memory yet."""
        self._picture = picture
        self._known = known
        self._kept: OrderedDict[str, Projected] = OrderedDict()

    def __getitem__(self, case_id: str) -> Projected:
        """Return a case, from memory or from the file; KeyError for one nobody knows or that cannot be read now."""
        entry = self._kept.get(case_id)
        if entry is None:
            try:
                entry = self._picture.project(case_id)
            except StoreError as error:  # a row that is painted while the files are closed
                raise KeyError(case_id) from error
            if entry is None:
                raise KeyError(case_id)
            self[case_id] = entry
        else:
            self._kept.move_to_end(case_id)
        return entry

    def __setitem__(self, case_id: str, entry: Projected) -> None:
        """Keep a case as it is now."""
        self._kept[case_id] = entry
        self._kept.move_to_end(case_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def __delitem__(self, case_id: str) -> None:
        """Let go of a case."""
        del self._kept[case_id]

    def __iter__(self) -> Iterator[str]:
        """Walk over the cases of the book."""
        return iter(list(self._known()))

    def __len__(self) -> int:
        return len(self._known())

    def __contains__(self, case_id: object) -> bool:
        """Tell whether a case is in the book or in memory; this never reads the file."""
        return case_id in self._known() or case_id in self._kept

    def read(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        """Return several cases, those that are not in memory read in one go; unknown ones are left out."""
        wanted = list(case_ids)
        missing = [case_id for case_id in wanted if case_id not in self._kept]
        found = {case_id: self._kept[case_id] for case_id in wanted if case_id in self._kept}
        if missing:
            try:
                found.update(self._picture.projects(missing))
            except StoreError:
                return found
        self.update(found)
        return found

    def kept(self, case_id: str) -> bool:
        """Tell whether a case is in memory; this never reads the file."""
        return case_id in self._kept

    def keep(self, found: Mapping[str, Projected]) -> None:
        """Keep what a lane has read; what is in memory already is as new or newer, and stays."""
        for case_id, entry in found.items():
            if case_id not in self._kept:
                self[case_id] = entry

    def pop(self, case_id: str, default: Any = None) -> Any:
        """Let go of a case and return what was kept of it, without reading the file."""
        return self._kept.pop(case_id, default)

    def forget(self) -> None:
        """Keep nothing: everything may be different now."""
        self._kept.clear()
