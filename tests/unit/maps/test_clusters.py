"""Grouping of points: nothing is lost, nothing is doubled, and the same points give the same marks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maps.geometry.clusters import Group, group_by_distance, group_by_owner

POINTS = hnp.arrays(np.float64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.floats(-2000, 2000))
REACH = st.floats(1.0, 900.0)


def members(groups: tuple[Group, ...]) -> list[int]:
    return sorted(m for g in groups for m in g.members)


@given(POINTS, REACH)
def test_every_point_is_in_exactly_one_group(xy: np.ndarray, reach: float) -> None:
    groups = group_by_distance(xy, reach)
    assert members(groups) == list(range(len(xy)))
    assert sum(g.count for g in groups) == len(xy)


@given(POINTS, REACH)
def test_no_two_marks_are_nearer_than_the_reach(xy: np.ndarray, reach: float) -> None:
    groups = group_by_distance(xy, reach)
    at = np.array([(g.x, g.y) for g in groups]).reshape(-1, 2)
    gap = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    assert gap.size == 0 or float(gap.min()) >= reach * (1 - 1e-6)


@given(POINTS, REACH)
def test_a_mark_stands_in_the_middle_of_its_points(xy: np.ndarray, reach: float) -> None:
    for g in group_by_distance(xy, reach):
        assert (g.x, g.y) == pytest.approx(xy[list(g.members)].mean(axis=0), abs=1e-6)


@given(POINTS, REACH)
def test_the_same_points_give_the_same_groups(xy: np.ndarray, reach: float) -> None:
    assert group_by_distance(xy, reach) == group_by_distance(xy.copy(), reach)


@settings(max_examples=40)
@given(POINTS, REACH, st.integers(0, 1000))
def test_the_order_of_the_points_does_not_change_the_marks(xy: np.ndarray, reach: float, seed: int) -> None:
    # Equal gaps may be broken by index, so the points are made unlike.
    xy = xy + np.random.default_rng(seed).uniform(0, 1e-3, xy.shape)
    order = np.random.default_rng(seed + 1).permutation(len(xy))
    one = {frozenset(g.members) for g in group_by_distance(xy, reach)}
    other = {frozenset(order[list(g.members)].tolist()) for g in group_by_distance(xy[order], reach)}
    assert one == other


def test_points_on_one_spot_are_one_mark() -> None:
    (group,) = group_by_distance(np.full((193, 2), 7.0), 8.0)
    assert group.count == 193
    assert (group.x, group.y) == (7.0, 7.0)


def test_far_points_stay_single_where_they_are() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
    assert group_by_distance(xy, 50.0) == tuple(
        Group(float(x), float(y), (i,)) for i, (x, y) in enumerate(xy)
    )


def test_no_reach_means_no_groups() -> None:
    assert [g.count for g in group_by_distance(np.zeros((3, 2)), 0.0)] == [1, 1, 1]


def test_no_points_no_groups() -> None:
    assert group_by_distance(np.empty((0, 2)), 10.0) == ()


def test_one_group_per_street_at_its_label_point() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 1.0], [9.0, 9.0], [50.0, 50.0], [52.0, 50.0]])
    anchors = np.array([[5.0, 5.0], [20.0, 20.0]])
    groups = group_by_owner(xy, [0, 0, 1, -1, -1], anchors)
    assert {(g.x, g.y): g.count for g in groups} == {(5.0, 5.0): 2, (9.0, 9.0): 1, (51.0, 50.0): 2}
    assert members(groups) == [0, 1, 2, 3, 4]


@given(st.lists(st.integers(-1, 4), max_size=40))
def test_groups_by_street_lose_nothing(owner: list[int]) -> None:
    xy = np.arange(2.0 * len(owner)).reshape(-1, 2)
    assert members(group_by_owner(xy, owner, np.zeros((5, 2)))) == list(range(len(owner)))


def test_a_hundred_thousand_points_come_back_whole() -> None:
    xy = np.random.default_rng(1).normal(0, 3000, (100_000, 2))
    groups = group_by_distance(xy, 400.0)
    assert sum(g.count for g in groups) == 100_000
