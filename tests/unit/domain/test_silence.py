"""Silent grids: never blamed where too few reports were to be expected."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.silence import (
    LEAST_EXPECTED,
    SilenceSettings,
    days_needed,
    expected_per_day,
    silence_settings,
    silent,
    silent_days,
)

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("last", "rate", "days", "answer"),
    [
        (ago(days=1), 5.0, 7, False),
        (ago(days=8), 5.0, 7, True),
        (ago(days=7), 5.0, 7, True),  # the stretch is over exactly now
        (ago(days=7) + timedelta(seconds=1), 5.0, 7, False),
        (None, 5.0, 7, True),
        (ago(days=400), 0.42, 7, None),  # 2.94 expected: cannot be told
        (ago(days=400), 3 / 7, 7, True),  # exactly three
        (None, 0.0, 365, None),
        (ago(days=1), 0.0, 7, False),  # heard of lately: not silent, however rare
        (NOW + timedelta(hours=3), 5.0, 7, False),  # a clock is wrong
    ],
)
def test_the_rule(last: datetime | None, rate: float, days: float, answer: bool | None) -> None:
    assert silent(last, rate, NOW, days) is answer


def test_the_number_expected_is_a_setting() -> None:
    assert silent(None, 1.0, NOW, 4) is True
    assert silent(None, 1.0, NOW, 4, least_expected=5) is None


def test_a_rate_that_is_no_number_tells_nothing() -> None:
    assert silent(None, math.nan, NOW, 30) is None


@pytest.mark.parametrize("days", [0.0, -1.0, math.nan])
def test_a_stretch_without_days_is_a_slip(days: float) -> None:
    with pytest.raises(ValueError, match="days"):
        silent(None, 1.0, NOW, days)


@given(st.floats(0.001, 100), st.floats(0.5, 400))
def test_wrongly_blamed_at_most_one_time_in_twenty(rate: float, days: float) -> None:
    """Whatever is called silent had less than a twentieth of a chance to be so by accident."""
    if silent(None, rate, NOW, days):
        assert math.exp(-rate * days) <= 0.05


@given(st.floats(0.001, 100))
def test_the_days_needed_are_where_the_answer_turns(rate: float) -> None:
    needed = days_needed(rate)
    assert needed is not None
    assert silent(None, rate, NOW, needed * 1.001) is True
    assert silent(None, rate, NOW, needed * 0.999) is None


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_no_days_are_enough_without_a_rate(rate: float) -> None:
    assert days_needed(rate) is None


def test_a_rate_of_its_own() -> None:
    assert expected_per_day(90, 90) == 1.0
    assert expected_per_day(0, 90) == 0.0
    assert expected_per_day(5, 0, 0.0) == 0.0  # observed no day at all, and nothing known around


def test_a_grid_that_never_reported_is_measured_by_its_neighbours() -> None:
    rate = expected_per_day(0, 90, around_per_day=2.0, prior_days=15)
    assert rate == pytest.approx(2.0 * 15 / 105)
    assert silent(None, rate, NOW, 30) is True
    assert silent(None, expected_per_day(0, 90), NOW, 30) is None


@given(st.integers(0, 5000), st.floats(0, 50), st.floats(0.1, 100))
def test_the_rate_lies_between_own_and_surroundings(own: int, around: float, prior: float) -> None:
    rate = expected_per_day(own, 90, around, prior)
    low, high = sorted((own / 90, around if around else own / 90))
    assert low - 1e-9 <= rate <= high + 1e-9


@pytest.mark.parametrize(
    ("reports", "days", "around", "prior"),
    [(-1, 90, 0, 15), (1, 90, -1, 15), (1, 90, 0, -1), (1, -15, 0, 15)],
)
def test_rates_of_nothing_are_slips(reports: int, days: float, around: float, prior: float) -> None:
    with pytest.raises(ValueError, match="negative"):
        expected_per_day(reports, days, around, prior)


def test_days_since_the_last_report() -> None:
    assert silent_days(ago(hours=36), NOW) == 1.5
    assert silent_days(NOW + timedelta(hours=1), NOW) == 0.0
    assert silent_days(None, NOW) is None


def test_settings_come_from_the_reference_document() -> None:
    shipped = SilenceSettings()
    assert shipped.least_expected == LEAST_EXPECTED
    assert silence_settings({}) == shipped
    assert silence_settings({"silence": 7}) == shipped
    assert silence_settings({"silence": {"days": 14}}) == SilenceSettings(14.0, 3.0)
    assert silence_settings({"silence": {"days": 7, "least_expected": 4}}) == SilenceSettings(7.0, 4.0)


@pytest.mark.parametrize("wrong", [0, -3, True, "30", None, math.inf, math.nan, [1]])
def test_a_wrong_setting_keeps_the_shipped_one(wrong: object) -> None:
    assert silence_settings({"silence": {"days": wrong}}) == SilenceSettings()
