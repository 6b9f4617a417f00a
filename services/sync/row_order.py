"""Filter and order of queue rows in Python, for projected cases; the same as the cache's own in SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from services.domain.case import Case
from services.ports.picture import CaseQuery, CaseRow

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)

_KEYS: dict[str, Callable[[CaseRow], Any]] = {
    "due": lambda row: (not row.urgent, row.due_at or _LATEST, row.created_at),
    "newest": lambda row: -row.created_at.timestamp(),
    "number": lambda row: row.number or "",
    "closed": lambda row: -(row.closed_at or _EARLIEST).timestamp(),
}


def sorted_rows(rows: Iterable[CaseRow], order: str) -> list[CaseRow]:
    """Return rows in the order of a query; KeyError for an unknown one."""
    return sorted(rows, key=_KEYS[order])


def matches(case: Case, query: CaseQuery) -> bool:
    """Tell whether a case belongs to a queue."""
    chosen: tuple[tuple[tuple[str, ...], str | None], ...] = (
        (query.states, case.state),
        (query.stages, case.stage),
        (query.lead_depts, case.lead_dept),
        (query.sources, case.source),
        (query.kinds, case.kind),
        (query.categories, case.category),
    )
    if any(wanted and value not in wanted for wanted, value in chosen):
        return False
    if query.open_only and not case.open:
        return False
    if query.area and not (case.grid or "").startswith(query.area):
        return False
    if query.due_before is not None and (case.due_at is None or case.due_at >= query.due_before):
        return False
    if query.closed_since is not None and (case.closed_at is None or case.closed_at < query.closed_since):
        return False
    return _has_text(case, query.text.strip())


def _has_text(case: Case, text: str) -> bool:
    """Tell whether number, address or description contain a text (letters of either case)."""
    folded = text.casefold()
    texts = (case.number or "", case.location.address, case.description)
    return any(folded in shown.casefold() for shown in texts)
