"""The case (案件): one problem moving through the closed loop, as an immutable value.

Every field follows contract section 4. Collections are never changed in place: a step makes a new case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.domain.clocks import Clock
from services.domain.codes import covers
from services.domain.roles import DEPT_ROLES, Actor
from services.domain.states import OPEN, STATES, stage_of

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Location:
    """A point in WGS84 degrees and its address text; both coordinates are None for an unlocated case."""

    lon: float | None
    lat: float | None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds the case now: a role, and where it applies a department and a user id."""

    role: str | None = None
    dept: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a case was sent back, extended, pushed …; KPI rates rest on these."""

    rework: int = 0
    return_: int = 0
    extension: int = 0
    suspend: int = 0
    supervise: int = 0
    urge: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One case after `version` changes; `xver` counts the exclusive ones only.

    `assignee` is the person inside the unit it was given to, `reporter` the user who registered it.
    `clocks` holds the latest clock of each name; `pending` the open applications (extension, suspend, appeal)
    with their facts; `marks` what later rules ask of the past (called back, appealed once …).
    """

    case_id: str
    kind: str
    source: str
    state: str
    description: str
    location: Location
    created_at: datetime
    number: str | None = None
    category: str | None = None
    condition: int | None = None
    grid: str | None = None
    area_path: tuple[str, ...] = ()
    urgent: bool = False
    level: int = 0
    lead_dept: str | None = None
    co_depts: tuple[str, ...] = ()
    owner: Owner = Owner()
    clocks: Mapping[str, Clock] = field(default_factory=lambda: _EMPTY)
    counts: Counts = Counts()
    round: int = 1
    parent: str | None = None
    flags: frozenset[str] = frozenset()
    upper_id: str | None = None
    upper_due: datetime | None = None
    caller_masked: str | None = None
    need_callback: bool = False
    reporter: str | None = None
    assignee: str | None = None
    closed_at: datetime | None = None
    pending: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    marks: frozenset[str] = frozenset()
    version: int = 0
    xver: int = 0

    @property
    def open(self) -> bool:
        """Whether the case still waits for somebody."""
        return self.state in OPEN

    @property
    def stage(self) -> str | None:
        """Return the stage of the state."""
        return stage_of(self.state)

    @property
    def clock(self) -> Clock | None:
        """Return the clock of the present state (running or frozen), None at an end."""
        name = STATES[self.state].clock
        return self.clocks.get(name) if name else None

    @property
    def due_at(self) -> datetime | None:
        """Return the deadline of the running clock."""
        clock = self.clock
        return clock.due_at if clock is not None and clock.running else None


def in_scope(actor: Actor, grid: str | None, depts: frozenset[str] | tuple[str, ...]) -> bool:
    """Tell whether an actor may see a case by its grid and its lead and co departments (contract section 3).

    Area prefix; for 专业部门, 处置人员 and 街道用户 also: the own department is lead or co department.
    """
    if actor.area_code == "" and actor.roles in (("system",), ("upper",)):
        return True
    if not covers(actor.area_code, grid):
        return False
    if all(role in DEPT_ROLES for role in actor.roles):
        return actor.dept is not None and actor.dept in depts
    return True


def case_depts(case: Case) -> tuple[str, ...]:
    """Return lead and co departments of this round."""
    return ((case.lead_dept,) if case.lead_dept else ()) + case.co_depts


def sees(actor: Actor, case: Case) -> bool:
    """Tell whether a case lies in an actor's scope."""
    return in_scope(actor, case.grid, case_depts(case))
