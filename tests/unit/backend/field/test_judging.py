"""Positions are judged before they are kept; settings of the field."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.field.judging import REFUSALS, Fix, judge
from services.backend.field.settings import FieldSettings, field_settings
from services.backend.reference.load import load_reference, rules_from
from services.sql.types import from_ms, to_ms

CALENDAR = rules_from(load_reference()).calendar
#: noon in the centre's zone
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
EAST_M = 1 / 102_000  # degrees a metre, roughly, at 23° N
SETTINGS = FieldSettings()


def fix(seconds: float = 0.0, east_m: float = 0.0, accuracy: float | None = None) -> Fix:
    """A point so many seconds after now, so many metres east of a place in the district."""
    return Fix(to_ms(NOW + timedelta(seconds=seconds)), 113.3 + east_m * EAST_M, 23.1, accuracy)


def judged(*points: Fix, stored: tuple[Fix, ...] = (), settings: FieldSettings = SETTINGS) -> Any:
    def grid_of(lon: float, lat: float) -> str | None:
        return "990101001001001" if abs(lon - 113.3) < 0.2 else None

    return judge(points, stored, NOW, settings, CALENDAR, grid_of)


def codes(verdict: Any) -> dict[int, str]:
    return dict(verdict.refused)


def test_a_walk_is_taken_with_its_grid() -> None:
    found = judged(*(fix(-60 + n, n * 1.2, 8.0) for n in range(60)))
    assert len(found.taken) == 60 and found.known == 0 and not found.refused
    assert {one.grid for one in found.taken} == {"990101001001001"} and found.taken[0].accuracy_m == 8.0


@pytest.mark.parametrize(
    ("point", "code"),
    [
        (fix(121), "future"),
        (fix(-24 * 3600 - 1), "too_late"),
        (fix(-12 * 3600), "off_hours"),  # midnight
        (fix(-60, 40_000), "outside_area"),
        (fix(-60, 0, 501), "inaccurate"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(point: Fix, code: str) -> None:
    assert codes(judged(point)) == {0: code} and code in REFUSALS


def test_the_edges_are_still_good() -> None:
    night = FieldSettings(hours=(0, 24 * 60))
    assert not judged(fix(120), fix(-24 * 3600), fix(-60, 0, 500), settings=night).refused


def test_what_was_sent_before_is_known_and_ignored() -> None:
    kept = (fix(-60), fix(-30, 20))
    found = judged(fix(-60, 9_000), fix(-30, 20), fix(0, 40), stored=kept)
    assert found.known == 2 and len(found.taken) == 1 and not found.refused


def test_doubles_inside_a_batch_count_once() -> None:
    found = judged(fix(-10), fix(-10), fix(-10, 1))
    assert (len(found.taken), found.known) == (1, 2)


def test_nobody_flies() -> None:
    # 42 m/s: 60 s reach 2,520 m
    assert codes(judged(fix(-60), fix(0, 3_000))) == {1: "impossible_speed"}
    assert not judged(fix(-60), fix(0, 2_400)).refused


def test_the_doubt_of_both_points_is_forgiven() -> None:
    assert not judged(fix(-60, 0, 400), fix(0, 3_000, 400)).refused


def test_a_late_batch_is_held_against_what_follows_it() -> None:
    assert codes(judged(fix(-30, 9_000), stored=(fix(0),))) == {0: "impossible_speed"}
    assert codes(judged(fix(-30, 9_000), stored=(fix(-60),))) == {0: "impossible_speed"}


def test_after_a_wrong_point_the_way_is_free_again() -> None:
    """One wrong first point must not lock somebody out for the day."""
    walk = [fix(-600 + 20 * n, 5_000 + 20 * n) for n in range(30)]
    found = judged(fix(-601, 0), *walk)
    assert 0 < len(found.refused) <= 7
    assert [index for index, _ in found.refused] == list(range(1, len(found.refused) + 1))


def test_two_points_of_one_moment_need_no_speed() -> None:
    near = Fix(to_ms(NOW) - 5, 113.3 + 20 * EAST_M, 23.1)
    assert not judged(near, fix(0)).refused


@given(
    st.lists(
        st.tuples(st.integers(-3000, 100), st.integers(-4000, 4000)), max_size=20, unique_by=lambda p: p[0]
    )
)
def test_every_point_has_one_fate_and_order_does_not_matter(spots: list[tuple[int, int]]) -> None:
    points = [fix(at, east) for at, east in spots]
    one, other = judged(*points), judged(*points[::-1])
    assert len(one.taken) + one.known + len(one.refused) == len(points)
    assert one.taken == other.taken
    for before, after in zip(one.taken, one.taken[1:], strict=False):
        assert from_ms(before.at) < from_ms(after.at)


# --- settings -------------------------------------------------------------------------------------------------


def test_the_shipped_settings_hold_where_nothing_is_said() -> None:
    assert field_settings({}) == FieldSettings() == field_settings({"field": "x"})


def test_a_centre_sets_its_own() -> None:
    given_ = {"hours": ["06:30", "22:00"], "retention_days": 7, "lost_after_s": 300, "most_speed_mps": 30}
    assert field_settings({"field": given_}) == FieldSettings((390, 1320), 7.0, 300.0, most_speed_mps=30.0)


@pytest.mark.parametrize("wrong", [0, -1, True, "7", None, math.inf, math.nan])
def test_a_wrong_number_keeps_the_shipped_one(wrong: object) -> None:
    assert field_settings({"field": {"retention_days": wrong}}) == FieldSettings()


@pytest.mark.parametrize(
    "wrong",
    [None, "07:00", [], ["07:00"], ["7:00", "21:00"], ["07:00", "24:30"], ["08:00", "08:00"], [7, 21]],
)
def test_wrong_hours_keep_the_shipped_ones(wrong: object) -> None:
    assert field_settings({"field": {"hours": wrong}}).hours == (420, 1260)


@pytest.mark.parametrize(
    ("hours", "hour", "at_work"),
    [((420, 1260), 6, False), ((420, 1260), 7, True), ((420, 1260), 21, False), ((0, 1440), 3, True),
     ((1320, 360), 23, True), ((1320, 360), 5, True), ((1320, 360), 12, False)],
)  # fmt: skip
def test_hours_are_those_of_the_centres_zone(hours: tuple[int, int], hour: int, at_work: bool) -> None:
    local = datetime.fromisoformat(f"2026-11-20T{hour:02d}:00:00+08:00")
    assert FieldSettings(hours=hours).at_work(local.astimezone(UTC), CALENDAR) is at_work
