"""Reference data as values: categories, departments, settings, exclusion windows, and the `Rules` of a decision.

All of it is data of a centre, read from tables; nothing here is a constant of the field. A `Rules` value is
immutable, so that the same case, command, actor and moment always lead to the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.domain.calendar import WorkCalendar
from services.domain.clocks import Pause
from services.domain.codes import covers
from services.domain.limits import Limit

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FilingCondition:
    """An observable state that makes a report a case, with its limit and closing condition (立案条件)."""

    text: str
    limit: Limit
    closing: str = ""
    dept: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A 小类 such as `event-0110` 暴露生活垃圾, with the 大类 it belongs to and its filing conditions.

    `dept` is the usual lead department; `street` means the office of the case's area. `safety` puts it first
    in the queue.
    """

    code: str
    name: str
    major: str
    major_name: str
    dept: str | None
    conditions: tuple[FilingCondition, ...]
    safety: bool = False

    @property
    def kind(self) -> str:
        """Return `component`, `event`, `grid` or `service`."""
        return self.code.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that can be made responsible; `short` is what a row shows, `area_code` for street offices."""

    id: str
    name: str
    short: str = ""
    kind: str = "dept"
    area_code: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class ExclusionWindow:
    """A declared stretch that does not count (line cut, typhoon, holiday order) and the document it rests on.

    Empty `area_code`, `dept` or `clock` means all of them.
    """

    id: str
    start: datetime
    end: datetime
    document: str
    area_code: str = ""
    dept: str = ""
    clock: str = ""
    declared_by: str = ""

    def applies(self, clock: str, grid: str | None, lead_dept: str | None) -> bool:
        """Tell whether a clock of a case in `grid` with `lead_dept` lies in the scope."""
        return (
            (not self.clock or self.clock == clock)
            and (not self.area_code or covers(self.area_code, grid))
            and (not self.dept or self.dept == lead_dept)
        )

    @property
    def pause(self) -> Pause:
        """Return the window as a pause of a clock."""
        return Pause("window", self.start, self.end, self.id)


@dataclass(frozen=True, slots=True)
class Settings:
    """Switches and numbers a centre sets for itself; the values here are those shipped."""

    acceptor_may_file: bool = False
    self_close_by_reporter: bool = False
    reopen_unsolved: bool = False
    rework_fresh_limit: bool = False
    max_extensions: int = 2
    suspend_max_days: int = 366
    suspend_once: bool = True
    confirm_after_s: int = 600
    archive_after_days: int = 30
    near_boundary_m: float = 30.0
    photos_required: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    needs_verify: Mapping[str, bool] = field(default_factory=lambda: _EMPTY)
    similar_m: float = 50.0
    similar_hours: int = 24
    # 退单 referee: bounces after which a joint meeting (会商) decides
    bounce_limit: int = 3
    # automatic rules: switched off when this share of a day's acts came back, once so many did
    rule_bounce_share: float = 0.2
    rule_bounce_least: int = 5


@dataclass(frozen=True, slots=True)
class Position:
    """What the grid index says of a point: the grid (None outside every grid), its areas, a near neighbour."""

    grid: str | None
    area_path: tuple[str, ...] = ()
    near: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What had to be looked up before a decision, because `decide` looks nothing up.

    `number` for a new case; `positions` by case id for every location in the payload; `missing` photo hashes
    that are not stored; `users` ids known to be active, with their department; `cases` ids that exist in the
    actor's scope, with the id they are a duplicate of (or None).
    """

    number: str | None = None
    numbers: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    positions: Mapping[str, Position] = field(default_factory=lambda: _EMPTY)
    missing: frozenset[str] = frozenset()
    users: Mapping[str, str | None] = field(default_factory=lambda: _EMPTY)
    cases: Mapping[str, str | None] = field(default_factory=lambda: _EMPTY)


#: stage limits as shipped (domain section 6.6; all [U] there, so a centre sets its own)
STAGE_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "accept": Limit(30, "minute"),
        "verify": Limit(2, "urgent_hour"),
        "file": Limit(30, "minute"),
        "dispatch": Limit(30, "minute"),
        "forward": Limit(30, "minute"),
        "check": Limit(2, "urgent_hour"),
        "close": Limit(1, "urgent_day"),
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a decision rests on besides case, command, actor and moment."""

    version: str
    categories: Mapping[str, Category]
    departments: Mapping[str, Department]
    calendar: WorkCalendar
    sources: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    stage_limits: Mapping[str, Limit] = field(default_factory=lambda: STAGE_LIMITS)
    settings: Settings = Settings()
    windows: tuple[ExclusionWindow, ...] = ()
    facts: Facts = Facts()

    def with_facts(self, facts: Facts) -> Rules:
        """Return the same rules with other facts."""
        return replace(self, facts=facts)

    def pauses(self, clock: str, grid: str | None, lead_dept: str | None) -> tuple[Pause, ...]:
        """Return the exclusion windows that touch a clock of such a case."""
        if not self.windows:
            return ()
        return tuple(w.pause for w in self.windows if w.applies(clock, grid, lead_dept))

    def handling_limit(self, category: str | None, condition: int | None) -> Limit | None:
        """Return the limit of a filing condition, None when there is no such condition."""
        found = self.condition(category, condition)
        return found.limit if found else None

    def condition(self, category: str | None, condition: int | None) -> FilingCondition | None:
        """Return a filing condition by category code and index from 0."""
        entry = self.categories.get(category or "")
        if entry is None or condition is None or not 0 <= condition < len(entry.conditions):
            return None
        return entry.conditions[condition]

    def lead_of(self, category: str | None, condition: int | None, area_path: tuple[str, ...]) -> str | None:
        """Return the department the duty table names for a category and condition in an area."""
        entry = self.categories.get(category or "")
        if entry is None:
            return None
        found = self.condition(category, condition)
        dept = (found.dept if found else None) or entry.dept
        if dept == "street":
            return next((f"street-{code}" for code in area_path if len(code) == 9), None)
        return dept
