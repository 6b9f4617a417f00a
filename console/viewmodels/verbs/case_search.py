"""Finding cases of the seat's book by the end of their number, text, address, category, grid or unit."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from console.viewmodels.case_columns import NO_NUMBER, Bools, CaseColumns
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.line import is_number
from console.viewmodels.verbs.matching import match

STEP = 1500
"""So many texts are looked at between two places where the search may be interrupted."""
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class FoundCases:
    """The best cases in order, how many there are in all, and whether their numbers end as asked."""

    ids: tuple[str, ...] = ()
    total: int = 0
    by_number: bool = False


def search_cases(seat: SeatViewModel, words: Sequence[str], limit: int) -> Generator[None, None, FoundCases]:
    """Look for cases that hold every word; `yield from` gives `FoundCases`.

    Cases whose number ends in the digits come first, then open ones, then those with the least time left. The columns
    may change between two steps: what is looked at is a copy of the moment the search began.
    """
    columns = seat.book.columns
    if not words or not columns.n:
        return FoundCases()
    ids, texts = list(columns.ids), list(columns.texts)
    is_open = columns.open.copy()
    left = columns.remaining(seat.now())
    ends = [ends_with(columns, word) for word in words]
    named = [by_name(seat, columns, word) for word in words]
    fits = np.ones(len(ids), np.bool_)
    by_number = np.zeros(len(ids), np.bool_)
    for word, ending, name in zip(words, ends, named, strict=True):
        hits = ending | name
        by_number |= ending
        if not (is_number(word) and ending.any()):
            slots = np.flatnonzero(fits & ~hits)
            for begin in range(0, len(slots), STEP):
                part = slots[begin : begin + STEP].tolist()
                hits[[at for at in part if word in texts[at]]] = True
                yield
        fits &= hits
    slots = np.flatnonzero(fits)
    order = np.lexsort((left[slots], ~is_open[slots], ~by_number[slots]))
    best = slots[order][:limit].tolist()
    return FoundCases(tuple(ids[at] for at in best), len(slots), bool(by_number[slots].any()))


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
