"""Weights of points: one pass gives the lines of every tolerance."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.thinning import point_weights


def weights_of(*lines: np.ndarray, least: float = 0.0) -> np.ndarray:
    sizes = np.array([len(line) for line in lines])
    stop = np.cumsum(sizes)
    return point_weights(np.concatenate(lines), stop - sizes, stop, least)


def test_a_spike_weighs_its_height_and_ends_weigh_everything() -> None:
    line = np.array([[0.0, 0.0], [4.0, 0.0], [5.0, 3.0], [6.0, 0.0], [10.0, 0.0]])
    weights = weights_of(line)
    assert weights[0] == weights[-1] == np.inf
    assert weights[2] == pytest.approx(3.0)
    assert weights[1] > 0


def test_points_on_a_straight_line_weigh_nothing() -> None:
    line = np.column_stack([np.arange(20.0), np.zeros(20)])
    assert np.count_nonzero(weights_of(line)) == 2


def test_a_closed_ring_keeps_its_farthest_point() -> None:
    ring = shapely.get_coordinates(shapely.box(0, 0, 4, 3))
    weights = weights_of(ring)
    assert np.argmax(weights[1:-1]) + 1 == 2
    assert weights[2] == pytest.approx(5.0)


def test_points_that_matter_less_than_is_asked_for_weigh_nothing() -> None:
    line = np.array([[0.0, 0.0], [5.0, 0.2], [10.0, 0.0]])
    assert weights_of(line, least=0.25)[1] == 0
    assert weights_of(line, least=0.1)[1] == pytest.approx(0.2)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 200), st.integers(0, 10_000), st.floats(0.01, 60.0))
def test_no_dropped_point_is_further_away_than_the_tolerance(count: int, seed: int, tolerance: float) -> None:
    rng = np.random.default_rng(seed)
    line = np.cumsum(rng.normal(0, 5, (count, 2)), axis=0)
    other = rng.random((7, 2)) * 100
    weights = weights_of(other, line)[7:]
    kept = line[weights > tolerance]
    path = shapely.linestrings(kept)
    assert float(shapely.distance(shapely.points(line), path).max()) <= tolerance * (1 + 1e-5) + 1e-9
    assert np.array_equal(kept[[0, -1]], line[[0, -1]])


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 120), st.integers(0, 10_000))
def test_a_greater_tolerance_never_brings_a_point_back(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    line = np.cumsum(rng.normal(0, 5, (count, 2)), axis=0)
    weights = weights_of(line)
    counts = [int(np.count_nonzero(weights > t)) for t in (0.1, 0.5, 2.0, 8.0, 32.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= 2


def test_the_same_as_the_usual_way_at_one_tolerance() -> None:
    rng = np.random.default_rng(5)
    line = np.cumsum(rng.normal(0, 5, (400, 2)), axis=0)
    for tolerance in (1.0, 5.0, 20.0):
        usual = shapely.simplify(shapely.linestrings(line), tolerance, preserve_topology=False)
        ours = line[weights_of(line) > tolerance]
        assert abs(len(ours) - len(shapely.get_coordinates(usual))) <= 0.06 * len(ours) + 2


def test_a_line_that_is_all_spikes_takes_a_bounded_time() -> None:
    count = 200_000
    comb = np.column_stack([np.arange(count, dtype=float), np.tile([0.0, 1000.0], count // 2)])
    begin = time.process_time()
    weights = weights_of(comb)
    assert time.process_time() - begin < 20
    assert np.count_nonzero(weights > 1.0) > count * 0.9
