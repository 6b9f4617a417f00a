"""Finding cases of the seat's book by the end of their number, text, address, category, grid or unit."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np

from console.viewmodels.case_columns import NO_NUMBER, Bools, CaseColumns, Floats, Ints
from console.viewmodels.limit_columns import Bytes, WorkedTime, left_at
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.line import is_number
from console.viewmodels.verbs.matching import match

CHUNK = 4000
"""So many texts are looked at in one go, between two places where the search may be interrupted."""
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class FoundCases:
    """The best cases in order, how many there are in all, and whether their numbers end as asked."""

    ids: tuple[str, ...] = ()
    total: int = 0
    by_number: bool = False


class CaseSearch:
    """Searches the book of one seat; texts are joined in chunks, anew only when a case has changed."""

    def __init__(self, seat: SeatViewModel) -> None:
        """Nothing is joined yet."""
        self.seat = seat
        self._of: tuple[CaseColumns, int] | None = None
        self._chunks: dict[int, Chunk] = {}

    def find(self, words: Sequence[str], limit: int) -> Generator[None, None, FoundCases]:
        """Look for cases that hold every word; `yield from` gives `FoundCases`.

        Cases whose number ends in the digits come first, then open ones, then those with the least time left. The
        columns may change between two steps: what is looked at is a copy of the moment the search began.
        """
        columns = self.seat.book.columns
        if not words or not columns.n:
            return FoundCases()
        chunks, texts = self._chunks_of(columns), list(columns.texts)
        shown = Shown.of(columns)
        # digits first: what they leave over makes the rest short
        ordered = sorted(words, key=lambda word: not is_number(word))
        masks = [(word, ends_with(columns, word), by_name(self.seat, columns, word)) for word in ordered]
        yield
        fits, by_number = np.ones(len(texts), np.bool_), np.zeros(len(texts), np.bool_)
        for word, ending, name in masks:
            by_number |= ending
            hits = ending | name
            if not (is_number(word) and ending.any()):
                yield from _spell_out(hits, fits, word, texts, chunks)
            fits &= hits
        slots = np.flatnonzero(fits)
        best = shown.order(slots, by_number, self.seat.now())[:limit].tolist()
        return FoundCases(tuple(shown.ids[at] for at in best), len(slots), bool(by_number[slots].any()))

    def _chunks_of(self, columns: CaseColumns) -> dict[int, Chunk]:
        """Return what is joined of these columns as they are now."""
        if self._of is None or self._of[0] is not columns or self._of[1] != columns.revision:
            self._of, self._chunks = (columns, columns.revision), {}
        return self._chunks


@dataclass(frozen=True, slots=True)
class Chunk:
    """Texts of neighbouring slots in one string, and where each ends in it."""

    joined: bytes
    ends: Ints

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Chunk:
        """Join some texts."""
        return cls(b"\0".join(texts), np.cumsum([len(text) + 1 for text in texts]))

    def holding(self, word: bytes) -> Ints:
        """Return the places of the texts that hold a word, some of them more than once."""
        found, at = [], self.joined.find(word)
        while at >= 0:
            found.append(at)
            at = self.joined.find(word, at + 1)
        return np.searchsorted(self.ends, np.array(found, dtype=np.int64), side="right")


def _spell_out(
    hits: Bools, fits: Bools, word: str, texts: list[bytes], chunks: dict[int, Chunk]
) -> Generator[None, None, None]:
    """Note the cases whose text holds a word; the few that are left over are looked at one by one."""
    wanted, asked = np.flatnonzero(fits & ~hits), word.encode()
    if len(wanted) < CHUNK:
        hits[[at for at in wanted.tolist() if asked in texts[at]]] = True
        return
    for begin in range(0, len(texts), CHUNK):
        if begin not in chunks:
            chunks[begin] = Chunk.of(texts[begin : begin + CHUNK])
        hits[begin + chunks[begin].holding(asked)] = True
        yield


@dataclass(frozen=True, slots=True)
class Shown:
    """What the order of an answer goes by, as it was when the search began."""

    ids: list[str]
    open: Bools
    kind: Bytes
    due: Floats
    left: Floats
    worked: WorkedTime

    @classmethod
    def of(cls, columns: CaseColumns) -> Shown:
        """Copy the columns."""
        parts = (columns.open.copy(), columns.kind.copy(), columns.due.copy(), columns.left.copy())
        return cls(list(columns.ids), *parts, columns.worked)

    def order(self, slots: Ints, by_number: Bools, now: datetime) -> Ints:
        """Return slots with the best first."""
        left = left_at(self.kind[slots], self.due[slots], self.left[slots], now, self.worked)
        return slots[np.lexsort((left, ~self.open[slots], ~by_number[slots]))]


def ends_with(columns: CaseColumns, word: str) -> Bools:
    """Tell which cases have a number that ends in the digits of a word (`0312`, `1120-0312`)."""
    digits = word.replace("-", "")
    if not is_number(word) or len(digits) > MOST_DIGITS:
        return np.zeros(columns.n, np.bool_)
    numbers = columns.number
    return np.asarray((numbers != NO_NUMBER) & (numbers % 10 ** len(digits) == int(digits)), dtype=np.bool_)


def by_name(seat: SeatViewModel, columns: CaseColumns, word: str) -> Bools:
    """Tell which cases have a category, grid or unit that is spelled by a word; each code is asked once."""
    names = seat.rules.categories
    units, areas = seat.rules.departments, seat.areas

    def category(code: str) -> str:
        return names[code].name if code in names else ""

    def unit(code: str) -> str:
        return (units[code].short or units[code].name) if code in units else ""

    found = columns.by_code(
        columns.category, columns.categories, ("command-category", word), partial(_spelled, word, category)
    )
    found = found | columns.by_code(
        columns.grid, columns.grids, ("command-grid", word, areas), partial(_spelled, word, areas.name)
    )
    return found | columns.by_code(
        columns.dept, columns.depts, ("command-unit", word), partial(_spelled, word, unit)
    )


def _spelled(word: str, name_of: Callable[[str], str], codes: Sequence[str]) -> list[bool]:
    """Tell for each code whether its name is spelled by a word."""
    return [bool(code) and match(word, name_of(code)) is not None for code in codes]
