"""Heat of the cases: a density that does not depend on the view, and loses no case."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.geometry.mercator import project, true_scale
from maps.layers.heat import MOST_CELLS, RADII_M, HeatField, heat_field, heat_steps

X, Y = (float(v) for v in project(113.3, 23.15))
HERE = np.array([X, Y])
POINTS = hnp.arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-4000, 4000))


def cases_of(field: HeatField) -> float:
    """Cases in the whole field: density by the true area of its cells."""
    west, south, east, north = field.bounds
    rows, columns = field.density.shape
    true = true_scale(Y)
    area = (east - west) / columns * (north - south) / rows * round(true, 2) ** 2 / 1e6
    return float(field.density.sum(dtype=np.float64) * area)


@given(POINTS, st.sampled_from(sorted(RADII_M.values())))
def test_the_density_adds_up_to_the_cases(xy: np.ndarray, radius: float) -> None:
    field = heat_field(xy + HERE, radius)
    assert field is not None
    assert cases_of(field) == pytest.approx(len(xy), rel=1e-3)


@given(POINTS)
def test_the_densest_place_is_where_the_cases_are(xy: np.ndarray) -> None:
    field = heat_field(np.vstack([xy, np.full((60, 2), 500.0)]) + HERE, 300.0)
    assert field is not None
    west, south, east, north = field.bounds
    rows, columns = field.density.shape
    row, column = np.unravel_index(int(field.density.argmax()), field.density.shape)
    cell = (east - west) / columns
    at = west + (column + 0.5) * cell, north - (row + 0.5) * (north - south) / rows
    assert np.hypot(at[0] - X - 500, at[1] - Y - 500) < 300


def test_a_place_has_the_same_density_whatever_else_is_in_the_extent() -> None:
    xy = np.random.default_rng(2).normal(0, 900, (500, 2)) + HERE
    near = (X - 3000.0, Y - 3000.0, X + 3000.0, Y + 3000.0)
    wide = (X - 9000.0, Y - 7000.0, X + 5000.0, Y + 6000.0)
    one, other = heat_field(xy, 300.0, near), heat_field(xy, 300.0, wide)
    assert one is not None
    assert other is not None
    cell = (one.bounds[2] - one.bounds[0]) / one.density.shape[1]
    left = round((one.bounds[0] - other.bounds[0]) / cell)
    top = round((other.bounds[3] - one.bounds[3]) / cell)
    rows, columns = one.density.shape
    part = other.density[top : top + rows, left : left + columns]
    assert np.allclose(part[12:-12, 12:-12], one.density[12:-12, 12:-12], atol=1e-3)


def test_cases_outside_the_district_are_left_out() -> None:
    xy = np.array([[X, Y], [X + 90_000, Y]])
    field = heat_field(xy, 300.0, (X - 2000.0, Y - 2000.0, X + 2000.0, Y + 2000.0))
    assert field is not None
    assert cases_of(field) == pytest.approx(1, rel=1e-3)


def test_no_cases_no_heat() -> None:
    assert heat_field(np.empty((0, 2)), 300.0) is None
    assert heat_field(np.array([[X, Y]]), 0.0) is None


def test_a_case_far_away_does_not_make_a_giant_picture() -> None:
    field = heat_field(np.array([[X, Y], [X + 3e6, Y + 2e6]]), 80.0)
    assert field is not None
    assert field.density.size < MOST_CELLS * 1.5


def test_levels_and_legend_belong_together() -> None:
    field = heat_field(np.random.default_rng(2).normal(0, 900, (5000, 2)) + HERE, 600.0)
    assert field is not None
    levels = field.levels()
    assert levels.dtype == np.uint8
    assert levels.max() >= 200
    steps = field.legend()
    assert steps[-1] == field.top
    assert list(steps) == sorted(steps)
    assert field.top in {f * 10.0**p for f in (1, 2, 5, 10) for p in range(-3, 6)}
    # The third of five steps is three fifths of the ramp.
    at = np.abs(field.density - steps[2]).argmin()
    assert levels.reshape(-1)[at] == pytest.approx(255 * 3 / 5, abs=4)


def test_one_case_more_moves_no_cell() -> None:
    xy = np.random.default_rng(3).normal(0, 900, (400, 2)) + HERE
    extent = (X - 3000.0, Y - 3000.0, X + 3000.0, Y + 3000.0)
    one, other = heat_field(xy, 300.0, extent), heat_field(np.vstack([xy, [[X, Y]]]), 300.0, extent)
    assert one is not None
    assert other is not None
    assert one.bounds == other.bounds
    assert one.top == other.top


def test_a_hundred_thousand_cases_take_short_turns() -> None:
    xy = np.random.default_rng(4).normal(0, 9000, (100_000, 2)) + HERE
    extent = (X - 30_000.0, Y - 30_000.0, X + 30_000.0, Y + 30_000.0)
    plane = np.ones((1000, 1000), dtype=np.float32)
    started = time.thread_time()
    for _ in range(5):
        plane * np.float32(0.5) + plane
        np.bincount(np.arange(100_000) % 1_000_000, minlength=1_000_000)
    floor = (time.thread_time() - started) / 5
    turns = []
    steps = heat_steps(xy, 300.0, extent)
    while True:
        started = time.thread_time()
        try:
            next(steps)
        except StopIteration:
            break
        turns.append(time.thread_time() - started)
    assert len(turns) > 20
    assert float(np.median(turns)) < 4 * floor
