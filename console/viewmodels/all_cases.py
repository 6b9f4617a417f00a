"""All cached cases, open and ended (全部): what the filter asks for is looked up in the files, on a lane of its own.

The answer is a list of ids in order; rows are read when they are looked at. Parts of the filter that only the columns
of the desk can answer (bands, a drawn region, classes of the legend, single cases) leave ended cases out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.areas import AreaBook
from console.viewmodels.case_filter import EMPTY, CaseFilter, sounds_like
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.queue_sight import first_of
from console.viewmodels.seat import SeatViewModel
from services.domain.reference import Rules
from services.ports.picture import Projected
from services.ports.search import ID_BYTES, NO_NAMES, FindQuery, Found, NamedCodes

LANE = "search"
CALM_MS = 3000
"""A list that is looked at is asked for anew so long after a change."""
_DESK_ONLY = ("bands", "region", "legend", "ids")
Question = tuple[CaseFilter, str, bool]
Answer = tuple[Question, Found, float, tuple[object, dict[str, Projected]]]


class AllCases(QObject):
    """The answer to one question at a time.

    `changed()` tells that `packed` is another one. `whole` is False while the text index is still being built.
    """

    changed = Signal()

    def __init__(self, seat: SeatViewModel, filters: FilterModel) -> None:
        """Ask nothing yet; the text index of a new copy is finished in the background."""
        super().__init__(filters)
        self.seat, self.filters = seat, filters
        self.packed = b""
        self.whole = True
        self.question: Question | None = None
        self.looked_at = False
        self._wanted: Question | None = None
        self._away = self._stale = self._filling = False
        self._cost_s = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._ask_again)
        seat.book.changed.connect(self._on_book)

    @property
    def count(self) -> int:
        """How many cases were found; −1 before anything was asked."""
        return len(self.packed) // ID_BYTES if self.question is not None else -1

    def ask(self, wanted: CaseFilter, order: str, descending: bool) -> bool:
        """Ask for cases in an order; True when the answer is here. A newer question takes the place of one waiting."""
        self._wanted = (wanted, order, descending)
        if self._wanted == self.question and not self._stale:
            return True
        if not self._away:
            self._submit()
        return False

    # --- asking ---------------------------------------------------------------------------------------

    def _submit(self) -> None:
        """Send the latest question to the lane."""
        question = self._wanted
        assert question is not None
        self._away, self._stale = True, False
        work = self._work(question)
        self.seat.background.submit(LANE, "find", work, self._found, self._failed)

    def _work(self, question: Question) -> Callable[[], Answer]:
        """Return what the lane does; it rests on values alone."""
        wanted, order, descending = question
        cache, rules, areas = self.seat.services.cache, self.seat.rules, self.seat.areas
        among = self._among(wanted)
        fresh, picture, cases = question != self.question, self.seat.services.picture, self.seat.cases

        def work() -> Answer:
            begun = time.perf_counter()
            found = cache.find(find_query(wanted, order, descending, named(wanted.text, rules, areas)))
            packed = found.packed if among is None else only(found.packed, among)
            first = first_of(picture, packed) if fresh else {}
            return question, Found(packed, found.whole), time.perf_counter() - begun, (cases, first)

        return work

    def _among(self, wanted: CaseFilter) -> frozenset[bytes] | None:
        """Return the only cases that can be meant, None for all."""
        if all(getattr(wanted, name) == getattr(EMPTY, name) for name in _DESK_ONLY):
            return None
        columns = self.seat.book.columns
        keys = columns.keys[columns.open & self.filters.mask()]
        return frozenset(key.tobytes() for key in keys)

    def _found(self, answer: Answer) -> None:
        """Show an answer, unless something else is asked by now."""
        question, found, self._cost_s, (cases, first) = answer
        if cases is self.seat.cases and isinstance(cases, CaseShelf):
            cases.keep(first)
        self._away = False
        if question != self._wanted:
            self._submit()
            return
        self.whole = found.whole
        if question != self.question or found.packed != self.packed:
            self.packed, self.question = found.packed, question
            self.changed.emit()
        if not found.whole:
            self._fill()

    def _failed(self, error: Exception) -> None:
        """Keep what is shown; the next question tries again."""
        self._away, self._stale = False, True
        self.seat.background.failed.emit(("find", error))

    # --- keeping up -----------------------------------------------------------------------------------

    def _on_book(self, change: object) -> None:
        """Ask anew some time after a change, while somebody looks; a new copy has its words indexed."""
        if bool(getattr(change, "everything", False)):
            self._fill()
        elif not (getattr(change, "changed", None) or getattr(change, "left", None)):
            return
        self._stale = True
        if self.looked_at and not self._later.isActive():
            self._later.start(max(CALM_MS, int(self._cost_s * 10_000)))

    def _ask_again(self) -> None:
        """Ask the same once more."""
        if self.looked_at and self._stale and not self._away and self._wanted is not None:
            self._submit()

    def _fill(self) -> None:
        """Index another portion of a new copy."""
        if not self._filling:
            self._filling = True
            self.seat.background.submit(
                LANE, "words", self.seat.services.cache.index_words, self._filled, self._not_filled
            )

    def _filled(self, done: bool) -> None:
        """Go on until nothing is left."""
        self._filling = False
        if not done:
            self._fill()
        elif not self.whole:
            self.whole, self._stale = True, True
            self._ask_again()

    def _not_filled(self, error: Exception) -> None:
        """A full disk, mostly: the next change of the desk tries again."""
        self._filling = False
        self.seat.background.failed.emit(("words", error))


def find_query(wanted: CaseFilter, order: str, descending: bool, names: NamedCodes) -> FindQuery:
    """Return the question to the cache; an order it does not know is the newest first."""
    known = order in ("number", "limit", "category", "grid", "source", "stage", "holder", "urgency")
    return FindQuery(
        text=wanted.text,
        names=names,
        states=wanted.states,
        stages=wanted.stages,
        categories=wanted.categories,
        areas=wanted.areas,
        sources=wanted.sources,
        depts=wanted.departments,
        urgency=wanted.urgency,
        unplaced=wanted.unplaced,
        order=order if known else "newest",
        descending=descending and known,
    )


def named(text: str, rules: Rules, areas: AreaBook) -> NamedCodes:
    """Return the codes whose names hold a text, or whose initials do (`sz` means 市政); for any thread."""
    needle = text.strip().lower()
    if not needle:
        return NO_NAMES
    units = rules.departments.values()
    return NamedCodes(
        tuple(code for code, entry in rules.categories.items() if sounds_like(needle, entry.name)),
        tuple(unit.id for unit in units if sounds_like(needle, unit.name, unit.short)),
        tuple(
            entry.code
            for level in ("street", "community", "grid")
            for entry in areas.of_level(level)
            if sounds_like(needle, entry.name)
        ),
    )


def only(packed: bytes, among: Iterable[bytes]) -> bytes:
    """Return the ids that are among some, in their order."""
    wanted = among if isinstance(among, frozenset) else frozenset(among)
    keys = np.frombuffer(packed, dtype=f"V{ID_BYTES}")
    kept = np.fromiter((bytes(key) in wanted for key in keys), np.bool_, len(keys))
    return keys[kept].tobytes()
