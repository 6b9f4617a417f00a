"""Finding among all cached cases, open and closed: the question, and its answer as packed ids in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class NamedCodes:
    """Codes whose names a search text hits, by characters or by initials; `areas` are beginnings of grid codes."""

    categories: tuple[str, ...] = ()
    depts: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


NO_NAMES = NamedCodes()
#: the orders of `FindQuery`: `risk` is open, urgent, nearest deadline; the others are columns
FIND_ORDERS = (
    "risk", "newest", "number", "limit", "category", "grid", "source", "stage", "holder", "urgency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindQuery:
    """Which cached cases are wanted; what is empty asks for nothing.

    Attributes:
        text: part of the number (its beginning, or anything behind the year), the address or the description, or
            initials of the address.
        names: codes that count as hits of the text.
        states: states as the centre knows them.
        stages: steps.
        categories: category codes or their beginnings.
        areas: beginnings of grid codes.
        sources: source ids.
        depts: lead units.
        urgency: 0–3.
        unplaced: only cases without a position.
        open: only open (True) or only ended ones (False).
        since: only cases reported from this moment on.
        order: one of `FIND_ORDERS`; ties are the newest first. Codes are ordered as codes.
        descending: the other way round.
    """

    text: str = ""
    names: NamedCodes = NO_NAMES
    states: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    depts: tuple[str, ...] = ()
    urgency: tuple[int, ...] = ()
    unplaced: bool = False
    open: bool | None = None
    since: datetime | None = None
    order: str = "newest"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: ids in order, sixteen bytes each; `whole` is False while the text index is still being built."""

    packed: bytes = b""
    whole: bool = True

    def __len__(self) -> int:
        return len(self.packed) // ID_BYTES


@dataclass(frozen=True, slots=True)
class DeskColumns:
    """Cases of a desk as columns of equal length, as the cache has them: a window is filled without reading a case.

    `clock` is the ledger of the running or suspended clock as JSON, None without one. Times are milliseconds since
    1970; `due_ms` is None where no clock runs.
    """

    case_id: tuple[str, ...] = ()
    number: tuple[str | None, ...] = ()
    state: tuple[str, ...] = ()
    stage: tuple[str | None, ...] = ()
    open: tuple[int, ...] = ()
    category: tuple[str | None, ...] = ()
    grid: tuple[str | None, ...] = ()
    source: tuple[str, ...] = ()
    lead_dept: tuple[str | None, ...] = ()
    owner_user: tuple[str | None, ...] = ()
    urgent: tuple[int, ...] = ()
    level: tuple[int, ...] = ()
    due_ms: tuple[int | None, ...] = ()
    lon: tuple[float | None, ...] = ()
    lat: tuple[float | None, ...] = ()
    created_ms: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()
    clock: tuple[str | None, ...] = ()
    address: tuple[str, ...] = ()
    description: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.case_id)
