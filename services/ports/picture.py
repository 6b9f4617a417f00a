"""What a screen shows of cases: queue rows, the projected case, and the announcement of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.domain.case import Case
from services.ports.outbox import SavedCommand
from services.ports.search import DeskColumns


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a queue and one mark on the map: columns only, so that 50,000 rows are quick to read.

    `due_at` is None where no clock runs; `clock` names the clock of the state, `paused` says that it stands
    still. `pending` counts the operator's own commands that are not decided yet (0 for a cached row).
    """

    case_id: str
    number: str | None
    kind: str
    source: str
    state: str
    stage: str | None
    category: str | None
    grid: str | None
    lead_dept: str | None
    owner_role: str | None
    owner_user: str | None
    urgent: bool
    level: int
    due_at: datetime | None
    clock: str | None
    paused: bool
    lon: float | None
    lat: float | None
    address: str
    description: str
    flags: tuple[str, ...]
    created_at: datetime
    closed_at: datetime | None
    version: int
    xver: int
    pending: int = 0


def row_of(case: Case, pending: int = 0) -> CaseRow:
    """Return the row of a case (cached or projected)."""
    clock = case.clock
    return CaseRow(
        case.case_id, case.number, case.kind, case.source, case.state, case.stage, case.category, case.grid,
        case.lead_dept, case.owner.role, case.owner.user, case.urgent, case.level, case.due_at,
        clock.name if clock is not None and clock.live else None, clock is not None and clock.paused,
        case.location.lon, case.location.lat, case.location.address, case.description[:200],
        tuple(sorted(case.flags)), case.created_at, case.closed_at, case.version, case.xver, pending,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cached rows are wanted; empty tuples and None mean "any".

    `area` is a prefix of the grid code, `text` searches number, address and description. `order` is `due`
    (urgent first, then the nearest deadline), `newest`, `number` or `closed` (the latest closed first).
    `closed_since` asks for cases that ended at that moment or later (with `open_only` there are none).
    """

    states: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    area: str = ""
    categories: tuple[str, ...] = ()
    lead_depts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: str = ""
    open_only: bool = True
    due_before: datetime | None = None
    closed_since: datetime | None = None
    order: str = "due"
    limit: int = 100_000


@dataclass(frozen=True, slots=True)
class Projected:
    """A case as the operator should see it: the cached one with the own undecided commands on top.

    `case` is the projection, `cached` what the centre last said (None for a case born here and not decided).
    `pending` are the waiting commands in order; `rests_on` those among them that are in the projection: one
    whose base the case has left behind is already in it, or has lost its race. `refused` tells the first
    sentence with which the prediction got stuck (the commands behind it are shown, not projected).
    """

    case: Case
    cached: Case | None
    pending: tuple[SavedCommand, ...] = ()
    refused: str | None = None
    rests_on: tuple[str, ...] = ()

    @property
    def row(self) -> CaseRow:
        """Return the row for lists and maps."""
        return row_of(self.case, len(self.pending))


@dataclass(frozen=True, slots=True)
class DeskPicture:
    """A whole desk: the cached cases side by side, and what looks different from its cached row.

    `own` are the cases with undecided or just decided commands of this operator, `shown` those of them that are
    there, with the commands on top.
    """

    columns: DeskColumns
    own: frozenset[str] = frozenset()
    shown: Mapping[str, Projected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """An announcement: what kinds of things changed, and which cases. Views reload what concerns them.

    Kinds: `cases` (the ids given), `all` (the whole copy was replaced), `outbox`, `connection`, `reference`,
    `areas`. `news` names the actions behind changed cases by id, for sounds and notices.
    """

    kinds: frozenset[str]
    ids: frozenset[str] = frozenset()
    news: tuple[tuple[str, str, str], ...] = field(default=())


class Picture(Protocol):
    """Read access to what the screens show; every call is quick and safe from any thread."""

    def project(self, case_id: str) -> Projected | None:
        """Return a case with the own commands on top, None when neither is known."""
        ...

    def projects(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        """Return several cases with the own commands on top, read in one go; unknown ones are left out."""
        ...

    def desk(self, since: datetime) -> DeskPicture:
        """Return every open case, and the ended ones reported since a moment, side by side."""
        ...

    def rows(self, query: CaseQuery) -> list[CaseRow]:
        """Return the rows of a queue, projected ones included (and removed where they left it)."""
        ...

    def row(self, case_id: str) -> CaseRow | None:
        """Return one row, None when the case is not known."""
        ...


#: states of the connection pill
STARTING, ONLINE, SYNCING, OFFLINE, NO_ANSWER, SIGN_IN = (
    "starting", "online", "syncing", "offline", "no_answer", "sign_in",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection pill as a value.

    `progress` 0–1 while syncing (None: not known). `queued` counts undecided commands, `attention` what waits
    for the operator (conflicts, confirmations, tray). `data_at` is the centre's time of the last good answer,
    `since_mono` the monotonic moment of it, for the age of lists (amber 15 s, red 60 s).
    """

    state: str
    progress: float | None = None
    queued: int = 0
    attention: int = 0
    data_at: datetime | None = None
    since_mono: float | None = None
    sentence: str = ""
