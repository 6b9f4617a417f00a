"""What the store's lane reads for a seat: a whole desk, or the cases that changed. No Qt, no main thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from console.viewmodels.case_columns import CaseColumns
from console.viewmodels.desk_columns import columns_of
from services.domain.bands import BandSettings
from services.domain.calendar import WorkCalendar
from services.domain.clocks import Clock
from services.ports.picture import Picture, Projected

Clocks = list[tuple[str, int, Clock | None]]
PORTION = 64
"""So many cases are read at a time, so that no other reader waits long."""


@dataclass(frozen=True, slots=True)
class DeskRead:
    """What was read: with `columns` a whole desk (`own` look different from their cached rows), else some cases.

    `found` are cases as the operator should see them; those of `ids` (or `own`) that are not there are gone.
    """

    ids: frozenset[str] = frozenset()
    found: Mapping[str, Projected] = field(default_factory=dict)
    columns: CaseColumns | None = None

    @property
    def everything(self) -> bool:
        """Whether this is a whole desk."""
        return self.columns is not None


def read_desk(
    picture: Picture, calendar: WorkCalendar, bands: BandSettings, since: datetime, now: datetime
) -> DeskRead:
    """Read every open case and those reported since a moment, as columns."""
    desk = picture.desk(since)
    return DeskRead(desk.own, desk.shown, columns_of(desk.columns, calendar, bands, now))


def read_cases(picture: Picture, ids: Iterable[str]) -> DeskRead:
    """Read some cases, a few at a time."""
    wanted = frozenset(ids)
    found: dict[str, Projected] = {}
    for portion in _portions(wanted):
        found.update(picture.projects(portion))
    return DeskRead(wanted, found)


def clocks_of(picture: Picture, ids: Iterable[str]) -> Clocks:
    """Read version and present clock of some cases, a few at a time; none of those that are gone."""
    found: Clocks = []
    for portion in _portions(ids):
        entries = picture.projects(portion).values()
        found += [(entry.case.case_id, entry.case.version, entry.case.clock) for entry in entries]
    return found


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids a few at a time."""
    left = iter(ids)
    while portion := list(islice(left, PORTION)):
        yield portion
