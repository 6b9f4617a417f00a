"""Grouping of points: nothing is lost, marks keep their distance, zooming out only merges, order has no say."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.geometry.clusters import REACHES, ClusterTree, step_of

POINTS = hnp.arrays(np.float64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.floats(-2000, 2000))
STEPS = st.integers(0, 22)
GRAIN = 0.002


def gaps(xy: np.ndarray) -> np.ndarray:
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    return away


def groups(tree: ClusterTree, step: int) -> set[frozenset[int]]:
    labels = tree.labels(step)
    return {frozenset(np.flatnonzero(labels == k).tolist()) for k in range(len(tree.step(step).places))}


@given(POINTS, STEPS)
def test_every_point_is_in_exactly_one_group_and_no_group_is_empty(xy: np.ndarray, step: int) -> None:
    tree = ClusterTree(xy)
    labels = tree.labels(step)
    assert labels.shape == (len(xy),)
    assert np.array_equal(np.unique(labels), np.arange(len(tree.step(step).places)))


@given(POINTS, STEPS)
def test_no_two_marks_are_nearer_than_the_reach(xy: np.ndarray, step: int) -> None:
    away = gaps(ClusterTree(xy).step(step).places)
    assert away.size == 0 or float(away.min()) >= REACHES[step] * (1 - 1e-9)


@given(POINTS, STEPS)
def test_a_mark_is_near_its_points(xy: np.ndarray, step: int) -> None:
    tree = ClusterTree(xy)
    places = tree.step(step).places[tree.labels(step)]
    # Each step moves a point by less than three squares; the reaches below add up to a multiple of the last.
    assert bool(np.all(np.hypot(*(places - xy).T) <= REACHES[step] * 3 * 0.75 / (1 - 2**-0.5)))


@given(POINTS, st.integers(0, 20), st.integers(1, 3))
def test_zooming_out_only_merges(xy: np.ndarray, step: int, more: int) -> None:
    tree = ClusterTree(xy)
    coarse = groups(tree, step + more)
    assert all(any(one <= other for other in coarse) for one in groups(tree, step))


@settings(max_examples=60)
@given(POINTS, STEPS, st.integers(0, 1000))
def test_the_order_of_the_points_does_not_change_the_marks(xy: np.ndarray, step: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(xy))
    one, other = ClusterTree(xy), ClusterTree(xy[order])
    assert np.array_equal(one.step(step).places, other.step(step).places)
    assert np.array_equal(one.labels(step)[order], other.labels(step))


@given(POINTS, STEPS)
def test_slices_give_what_one_go_gives(xy: np.ndarray, step: int) -> None:
    sliced = ClusterTree(xy)
    for _ in sliced.build(step):
        pass
    assert sliced.made == step + 1
    assert np.array_equal(sliced.labels(step), ClusterTree(xy).labels(step))


@given(POINTS, POINTS, STEPS, STEPS)
def test_points_put_in_later_keep_every_promise(
    xy: np.ndarray, late: np.ndarray, step: int, first: int
) -> None:
    tree = ClusterTree(xy)
    tree.labels(first)
    tree.add(late[:6])
    assert tree.late == len(late[:6])
    assert len(tree) == len(xy) + tree.late
    for at in (step, min(step + 2, 22), first):
        labels = tree.labels(at)
        places = tree.step(at).places
        assert np.array_equal(np.unique(labels), np.arange(len(places)))
        away = gaps(places)
        # The two lie on a grain of two millimetres each.
        assert away.size == 0 or float(away.min()) >= REACHES[at] - 2 * GRAIN
    coarse = groups(tree, min(step + 2, 22))
    assert all(any(one <= other for other in coarse) for one in groups(tree, step))


def test_a_point_put_in_later_joins_the_nearest_mark() -> None:
    tree = ClusterTree(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    tree.labels(step_of(256.0))
    tree.add(np.array([[900.0, 0.0], [500.0, 0.0]]))
    assert groups(tree, step_of(256.0)) == {frozenset({0}), frozenset({1, 2}), frozenset({3})}
    assert groups(tree, step_of(4096.0)) == {frozenset({0, 1, 2, 3})}


def test_a_far_point_does_not_change_the_marks() -> None:
    xy = np.random.default_rng(3).normal(0, 3000, (3000, 2))
    far = np.vstack([xy, [[80_000.0, 0.0]]])
    for step in (5, 9, 13):
        one, other = ClusterTree(xy), ClusterTree(far)
        assert groups(one, step) | {frozenset({3000})} == groups(other, step)


def test_points_on_one_spot_are_one_mark() -> None:
    tree = ClusterTree(np.full((193, 2), 7.0))
    assert groups(tree, 3) == {frozenset(range(193))}
    assert tree.step(3).places.tolist() == [[7.0, 7.0]]


def test_far_points_stay_single_where_they_are() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
    assert sorted(ClusterTree(xy).step(step_of(30.0)).places.tolist()) == sorted(xy.tolist())


def test_no_points_no_groups() -> None:
    tree = ClusterTree(np.empty((0, 2)))
    assert tree.labels(12).shape == (0,)
    tree.add(np.array([[1.0, 2.0]]))
    assert groups(tree, 12) == {frozenset({0})}


@pytest.mark.parametrize(("reach", "step"), [(0.1, 0), (1.0, 0), (1.5, 1), (16.0, 4), (352.0, 11), (1e9, 43)])
def test_step_of_a_reach(reach: float, step: int) -> None:
    assert step_of(reach) == step
    assert len(REACHES) == 44
    assert REACHES[step] >= reach or step == len(REACHES) - 1


def test_the_mark_stands_where_most_points_are() -> None:
    crowd = np.random.default_rng(2).normal(0, 5, (400, 2)) + 40
    lone = np.array([[150.0, 40.0], [-70.0, 40.0]])
    tree = ClusterTree(np.vstack([crowd, lone]))
    at = tree.step(step_of(181.0)).places[tree.labels(step_of(181.0))[0]]
    assert float(np.hypot(*(at - crowd.mean(axis=0)))) < 40


def test_a_hundred_thousand_points_take_a_few_sorts() -> None:
    xy = np.random.default_rng(1).normal(0, 9000, (100_000, 2))
    keys = np.random.default_rng(2).integers(0, 1 << 60, 100_000)
    started = time.thread_time()
    for _ in range(5):
        np.sort(keys)
        np.bincount(keys & 1023, xy[:, 0])
    floor = (time.thread_time() - started) / 5
    tree = ClusterTree(xy)
    took = []
    for step in range(20):
        started = time.thread_time()
        tree.step(step)
        took.append(time.thread_time() - started)
    assert int(np.bincount(tree.labels(19)).sum()) == 100_000
    # One step is a sort, two searches and some sums: ten times the floor is what was measured, twice that is slack.
    assert float(np.median(took)) < 20 * floor
    assert tree.nbytes < 24 * 2**20
