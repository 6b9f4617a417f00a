"""One case as the map knows it: the value that comes in and goes out; within, cases are columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from maps.layers.tokens import BANDS


@dataclass(frozen=True, slots=True)
class MapCase:
    """One open case as the map knows it.

    Attributes:
        case_id: identity.
        number: readable number, short form.
        lon: WGS84 longitude, degrees; None or NaN where it is not known.
        lat: WGS84 latitude, degrees; None or NaN where it is not known.
        band: time-limit band: ok, soon, over1, over2, over3, suspended, closed.
        urgency: 0 一般 to 3 特急.
        title: class in words (井盖缺失).
        address: where, in words.
        area_code: code of its grid; empty if unknown.
        area_name: name of its grid; empty if unknown.
        limit_text: time left or over, in words.
        pending: an operation of this seat on the case has not been decided yet.
        stage: 1 受理 to 6 结案, 0 for none.
    """

    case_id: str
    number: str
    lon: float | None
    lat: float | None
    band: str = "ok"
    urgency: int = 0
    title: str = ""
    address: str = ""
    area_code: str = ""
    area_name: str = ""
    limit_text: str = ""
    pending: bool = False
    stage: int = 0


def same_case(one: MapCase, other: MapCase) -> bool:
    """Equality that takes every way to say "no point" as the same."""
    if one == other:
        return True
    if replace(one, lon=None, lat=None) != replace(other, lon=None, lat=None):
        return False
    pairs = ((one.lon, other.lon), (one.lat, other.lat))
    numbers = ((number_or_nan(a), number_or_nan(b)) for a, b in pairs)
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in numbers)


def number_or_nan(value: float | None) -> float:
    """A coordinate as a number, NaN where there is none."""
    return math.nan if value is None else float(value)


def risk_key(case: MapCase) -> tuple[int, int, str]:
    """Sort key: worse band first, then higher urgency, then id."""
    band = BANDS.index(case.band) if case.band in BANDS else len(BANDS)
    return (band, -case.urgency, case.case_id)
