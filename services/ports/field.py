"""What lies and moves in the district, as the console sees it: 部件, cameras, officers, activity of grids.

Positions are WGS84 lon/lat in degrees; times are aware datetimes in UTC. Values come from
`GET /v1/components`, `/cameras`, `/officers`, `/officers/{user}/track` and `/grids/activity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from services.domain.silence import (
    OBSERVED_DAYS,
    SilenceSettings,
    expected_per_day,
    silent,
    silent_days,
)

#: names of the documents in the cache
COMPONENTS, CAMERAS, OFFICERS, ACTIVITY = "components", "cameras", "officers", "grids/activity"


def component_part(side: str, part: int) -> str:
    """Return the name of a stored part of the components; the document `components` names side and parts."""
    return f"{COMPONENTS}/{side}/{part}"


@dataclass(frozen=True, slots=True)
class Component:
    """A public facility (部件).

    `code` is the 16-digit 标识码, `category` like `component-0101`, `dept` the unit in charge (主管部门),
    `maintainer` who looks after it (养护单位, a name), `status` one of 完好 `intact`, 破损 `damaged`, 丢失
    `lost`, 占用 `occupied`, 移除 `removed`.
    """

    code: str
    category: str
    name: str
    dept: str
    maintainer: str
    status: str
    lon: float
    lat: float
    grid: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera: 20-digit device id, `heading` in degrees from north clockwise (None: turns), `state` on/off/fault."""

    code: str
    name: str
    lon: float
    lat: float
    heading: float | None = None
    state: str = "on"
    grid: str = ""


@dataclass(frozen=True, slots=True)
class OfficerPosition:
    """Where somebody in the field was last heard of; `at` None: never.

    `area_code` is what he or she is responsible for; `accuracy_m` the radius the device gave.
    """

    user: str
    name: str
    role: str
    area_code: str
    on_duty: bool
    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    grid: str = ""

    def age_s(self, now: datetime) -> float | None:
        """Return the seconds since the last report, None without one (0 when it lies ahead)."""
        return None if self.at is None else max(0.0, (now - self.at).total_seconds())


@dataclass(frozen=True, slots=True)
class OfficerPositions:
    """All officers in scope as last heard; `server_time` is when the centre said so.

    `lost_after_s` is the centre's own word on when somebody on duty counts as lost (失联).
    """

    officers: tuple[OfficerPosition, ...] = ()
    server_time: datetime | None = None
    lost_after_s: float = 600.0

    def lost(self, officer: OfficerPosition, now: datetime) -> bool:
        """Tell whether an officer is on duty and has not been heard of for too long."""
        age = officer.age_s(now)
        return officer.on_duty and (age is None or age > self.lost_after_s)


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """One point of a track."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """The way of one officer in a stretch of time, oldest first."""

    user: str
    name: str
    start: datetime
    end: datetime
    points: tuple[TrackPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class GridReports:
    """Reports of one grid in the last days, and the last one of all (None: none ever)."""

    reports: int
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GridActivity:
    """How active the grids in scope are: by 15-digit code, over the last `days` days before `as_of`."""

    grids: Mapping[str, GridReports] = field(default_factory=lambda: MappingProxyType({}))
    days: float = OBSERVED_DAYS
    as_of: datetime | None = None
    around: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def per_day(self, code: str) -> float:
        """Return the expected reports a day of a grid, its community's mean mixed in; 0 for an unknown grid."""
        known = self.grids.get(code)
        if known is None:
            return 0.0
        return expected_per_day(known.reports, self.days, self.around.get(code[:12], 0.0))

    def silent(self, code: str, now: datetime, settings: SilenceSettings) -> bool | None:
        """Tell whether a grid is silent (静默); None when that cannot be told (see `services.domain.silence`)."""
        known = self.grids.get(code)
        if known is None:
            return None
        return silent(known.last_at, self.per_day(code), now, settings.days, settings.least_expected)

    def silent_days(self, code: str, now: datetime) -> float | None:
        """Return the days since a grid's last report; None without one or for an unknown grid."""
        known = self.grids.get(code)
        return None if known is None else silent_days(known.last_at, now)
