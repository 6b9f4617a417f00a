"""Silent grids (静默网格): no report for N days where reports were to be expected.

A grid without a report is either quiet or nobody looks. Nothing but the expected number tells them apart: if
reports come at λ a day and independently of each other (Poisson), the chance of none in N days is e^(-λN).
A grid is called silent only where λN ≥ 3, so that the chance of being wrong about a grid that is well looked
after is at most e^-3 = 5 %. Where fewer than three reports were to be expected the answer is None ("cannot
be told"), never "silent": small and new grids are not blamed.

The field gives no rule for it (domain.md has no source), so this is a choice of the product; N and the three
expected reports are settings of a centre (`SilenceSettings`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

#: expected reports below which nothing can be said: e^-3 = 0.0498
LEAST_EXPECTED = 3.0
#: days of reports from which the centre's figures come (`GET /v1/grids/activity`)
OBSERVED_DAYS = 90
#: days of the surroundings' rate that are mixed into a grid's own
PRIOR_DAYS = 15.0


@dataclass(frozen=True, slots=True)
class SilenceSettings:
    """When a grid counts as silent: days without a report, and how many reports must have been expected."""

    days: float = 30.0
    least_expected: float = LEAST_EXPECTED


def silence_settings(doc: Mapping[str, Any]) -> SilenceSettings:
    """Return part `silence` of a reference document; what is missing or wrong takes the shipped value."""
    given = doc.get("silence")
    if not isinstance(given, Mapping):
        return SilenceSettings()
    known = {field.name: _positive(given.get(field.name)) for field in fields(SilenceSettings)}
    return SilenceSettings(**{name: value for name, value in known.items() if value is not None})


def _positive(value: object) -> float | None:
    """Return a number above zero that can be counted with, None for anything else (NaN too)."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0.0 < value < math.inf:
        return None
    return float(value)


def expected_per_day(
    reports: int,
    observed_days: float = OBSERVED_DAYS,
    around_per_day: float = 0.0,
    prior_days: float = PRIOR_DAYS,
) -> float:
    """Return the rate λ of reports a day to be expected of a grid.

    `reports` of its own in `observed_days`; `around_per_day` is the mean rate of its surroundings (the
    community's or the street's grids), which counts like `prior_days` days of its own: a grid that has never
    reported at all is measured by its neighbours. Raises ValueError for a negative or missing time or rate.
    """
    if reports < 0 or around_per_day < 0 or prior_days < 0 or observed_days + prior_days <= 0:
        raise ValueError("reports, rates and days cannot be negative, and some days are needed")
    if around_per_day == 0.0:
        prior_days = 0.0  # nothing is known of the surroundings: the grid speaks for itself
    days = observed_days + prior_days
    return (reports + around_per_day * prior_days) / days if days > 0 else 0.0


def silent(
    last_at: datetime | None,
    expected_per_day: float,
    now: datetime,
    days: float,
    least_expected: float = LEAST_EXPECTED,
) -> bool | None:
    """Tell whether a grid is silent at `now`; None when that cannot be told.

    `last_at` is the last report (None: none is known), `expected_per_day` the rate λ, `days` the stretch N. A
    report within N days, or ahead of `now` (a clock is wrong), means "not silent". Raises ValueError for
    `days` that are not positive.
    """
    if not days > 0:
        raise ValueError("the stretch of silence needs days")
    if last_at is not None and now - last_at < timedelta(days=days):
        return False
    if not expected_per_day * days >= least_expected:  # also for NaN
        return None
    return True


def days_needed(expected_per_day: float, least_expected: float = LEAST_EXPECTED) -> float | None:
    """Return the days without a report from which silence can be told at a rate; None when never."""
    if not 0.0 < expected_per_day < math.inf:
        return None
    return least_expected / expected_per_day


def silent_days(last_at: datetime | None, now: datetime) -> float | None:
    """Return how many days have passed since the last report (0 when it lies ahead); None without one."""
    if last_at is None:
        return None
    return max(0.0, (now - last_at) / timedelta(days=1))
