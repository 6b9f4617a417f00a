"""Cases as the cache gives them side by side, without a file."""

from __future__ import annotations

from collections.abc import Iterable

from services.domain.case import Case
from services.ports.search import DeskColumns
from services.store.case_rows import COPY_COLUMNS, DESK_COLUMNS, case_values


def desk_of(cases: Iterable[Case]) -> DeskColumns:
    """Return the desk of some cases."""
    names = [name.strip() for name in COPY_COLUMNS.split(",")]
    places = [names.index(name.strip()) for name in DESK_COLUMNS.split(",")]
    rows = [tuple(values[at] for at in places) for values in map(case_values, cases)]
    return DeskColumns(*zip(*rows, strict=True)) if rows else DeskColumns()
