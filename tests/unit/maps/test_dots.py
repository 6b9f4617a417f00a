"""Every case a dot: none is lost, the worse is seen, severe ones are larger."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.layers.dots import HALO, SEVERE, dot_levels, level_of
from maps.layers.tokens import BANDS

WIDTH, HEIGHT = 60, 40


def drawn(places: list[tuple[float, float]], bands: list[int], grow: int = 1) -> np.ndarray:
    order = np.argsort(np.array(bands), kind="stable")[::-1]
    xy = np.array(places, dtype=float).reshape(-1, 2)[order]
    level = level_of(np.array(bands, dtype=np.uint8)[order])
    return dot_levels(xy, level, 0.0, float(HEIGHT), 1.0, WIDTH, HEIGHT, grow)


def test_levels_go_from_quiet_to_worst() -> None:
    levels = level_of(np.arange(len(BANDS), dtype=np.uint8))
    assert levels.tolist() == list(range(len(BANDS), 0, -1))
    assert levels[BANDS.index("over2")] >= SEVERE > levels[BANDS.index("over1")]


@given(
    st.lists(
        st.tuples(st.tuples(st.floats(-5, WIDTH + 5), st.floats(-5, HEIGHT + 5)), st.integers(0, 6)),
        max_size=30,
    ),
    st.integers(0, 2),
)
def test_the_middle_of_every_dot_shows_its_band_or_a_worse_one(
    dots: list[tuple[tuple[float, float], int]], grow: int
) -> None:
    picture = drawn([p for p, _ in dots], [b for _, b in dots], grow)
    assert picture.shape == (HEIGHT, WIDTH)
    for (x, y), band in dots:
        column, row = int(np.floor(x)), int(np.floor(HEIGHT - y))
        if 0 <= column < WIDTH and 0 <= row < HEIGHT:
            assert len(BANDS) - band <= picture[row, column] < HALO


def test_a_severe_dot_is_larger_and_each_has_a_halo() -> None:
    quiet = drawn([(30.5, 20.5)], [BANDS.index("ok")])
    severe = drawn([(30.5, 20.5)], [BANDS.index("over3")])
    assert int(((quiet > 0) & (quiet < HALO)).sum()) == 9
    assert int(((severe > 0) & (severe < HALO)).sum()) == 25
    assert int((quiet == HALO).sum()) == 16
    assert int((severe == HALO).sum()) == 24


def test_a_dot_reaches_in_from_beyond_the_edge() -> None:
    assert drawn([(-0.5, 20.5)], [0])[19, 0] == 7
    assert drawn([(-9.5, 20.5)], [0]).max() == 0
    assert drawn([], []).max() == 0


def test_pictures_side_by_side_fit_together() -> None:
    rng = np.random.default_rng(6)
    xy, level = rng.uniform(0, 60, (300, 2)), np.sort(rng.integers(1, 8, 300)).astype(np.uint8)
    whole = dot_levels(xy, level, 0.0, 60.0, 1.0, 60, 60)
    left = dot_levels(xy, level, 0.0, 60.0, 1.0, 30, 60)
    right = dot_levels(xy, level, 30.0, 60.0, 1.0, 30, 60)
    assert np.array_equal(whole, np.hstack([left, right]))


@pytest.mark.parametrize("grow", [0, 1])
def test_a_hundred_thousand_dots_cost_a_few_walks_over_the_picture(grow: int) -> None:
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 1080, (100_000, 2)) * (1920 / 1080, 1)
    level = np.sort(rng.integers(1, 8, 100_000)).astype(np.uint8)
    plane = np.zeros((1080, 1920), dtype=np.uint8)
    floors, took = [], []
    for _ in range(7):
        started = time.thread_time()
        np.maximum(plane[1:], plane[:-1]).copy()
        (plane > 0) & (plane == 0)
        np.floor(xy / 2.0).astype(np.int64)
        floors.append(time.thread_time() - started)
        started = time.thread_time()
        dot_levels(xy, level, 0.0, 1080.0, 1.0, 1920, 1080, grow)
        took.append(time.thread_time() - started)
    assert min(took) < 20 * min(floors)
