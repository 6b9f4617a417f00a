"""Track replay: gaps stay gaps, positions are only reckoned between reports close in time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geometry.mercator import project, true_distance
from maps.layers.tracks import COLOURS, GAP_S, OfficerTrack, Stay, TrackLayer

T0 = 1_795_000_000.0


def track(*reports: tuple[float, float, float], gap_s: float = GAP_S) -> OfficerTrack:
    """A track from (seconds after the start, metres east, metres north) near one place."""
    t, east, north = np.array(reports, dtype=float).reshape(-1, 3).T
    return OfficerTrack.of("o1", "方知夏", T0 + t, 113.26 + east / 102_000, 23.15 + north / 110_800, gap_s)


def test_positions_between_close_reports_are_reckoned() -> None:
    made = track((0, 0, 0), (60, 60, 0))
    point = made.at(T0 + 30)
    assert point is not None and point.known
    assert true_distance((point.x, point.y), made.xy[0]) == pytest.approx(30, rel=0.02)
    assert point.seen_at == T0


def test_inside_a_gap_the_last_report_stands_and_is_not_known() -> None:
    made = track((0, 0, 0), (1800, 900, 0))
    assert made.gaps.tolist() == [True]
    point = made.at(T0 + 900)
    assert point is not None and not point.known
    assert (point.x, point.y) == tuple(made.xy[0].tolist())
    assert point.seen_at == T0
    end = made.at(T0 + 1800)
    assert end is not None and end.known


def test_nothing_is_known_before_and_after() -> None:
    made = track((0, 0, 0), (60, 60, 0))
    assert made.at(T0 - 1) is None
    assert made.at(T0 + 61) is None
    assert track().at(T0) is None


def test_a_gap_of_half_an_hour_is_never_a_solid_line() -> None:
    made = track((0, 0, 0), (60, 60, 0), (1860, 900, 0), (1920, 960, 0))
    strokes = made.strokes()
    assert [known for _, _, known in strokes].count(False) == 1
    join = next(line for line, _, known in strokes if not known)
    assert np.array_equal(join, made.xy[1:3])
    for line, _, known in strokes:
        if known:
            both = {tuple(p) for p in line.tolist()}
            assert not {tuple(made.xy[1].tolist()), tuple(made.xy[2].tolist())} <= both


REPORTS = st.lists(
    st.tuples(st.integers(0, 20_000), st.floats(-5000, 5000), st.floats(-5000, 5000)), max_size=40
)


@given(REPORTS, st.floats(60, 2000))
def test_solid_lines_join_reports_that_are_close_in_time(
    reports: list[tuple[int, float, float]], gap_s: float
) -> None:
    made = track(*reports, gap_s=gap_s)
    where: dict[tuple[float, float], list[int]] = {}
    for i, p in enumerate(made.xy.tolist()):
        where.setdefault((p[0], p[1]), []).append(i)
    solid = dashed = 0
    for line, part, known in made.strokes():
        assert 0 <= part < COLOURS
        solid += (len(line) - 1) * known
        dashed += not known
        if known:
            for a, b in zip(line[:-1].tolist(), line[1:].tolist(), strict=True):
                pairs = [(i, j) for i in where[(a[0], a[1])] for j in where[(b[0], b[1])] if j == i + 1]
                assert any(not made.gaps[i] for i, _ in pairs)
    # Every way from one report to the next is drawn once, either way.
    assert solid + dashed == max(len(made) - 1, 0)
    assert dashed == int(made.gaps.sum())


@given(REPORTS, st.floats(0, 20_000))
def test_a_moment_is_near_the_reports_around_it(reports: list[tuple[int, float, float]], at: float) -> None:
    made = track(*reports)
    point = made.at(T0 + at)
    low, high = made.span
    if not len(made) or not low <= T0 + at <= high:
        assert point is None
        return
    assert point is not None
    i = int(np.searchsorted(made.times, T0 + at, side="right")) - 1
    ends = made.xy[i : i + 2]
    assert (ends.min(axis=0) - 1e-6 <= (point.x, point.y)).all()
    assert (ends.max(axis=0) + 1e-6 >= (point.x, point.y)).all()
    assert point.known or bool(made.gaps[i])


def test_reports_come_in_any_order_and_bad_ones_are_left_out() -> None:
    nan = float("nan")
    made = OfficerTrack.of(
        "o", "", [30, 10, 10, 20, nan, 40, 50], [113.3, 113.1, 113.9, 113.2, 113, nan, 113], [23] * 6 + [95]
    )
    assert made.times.tolist() == [10, 20, 30]
    assert made.left_out == 4
    assert np.allclose(made.xy[0], project(113.1, 23))
    with pytest.raises(ValueError, match="equally"):
        OfficerTrack.of("o", "", [1, 2], [113.0], [23.0])


def test_stays_are_found_but_not_across_a_gap() -> None:
    here = [(t, 5.0 * (t % 3), 0.0) for t in range(0, 900, 60)]
    away = [(t, 400.0 + t, 0.0) for t in range(900, 1200, 60)]
    made = track(*here, *away)
    stays = made.stays()
    assert len(stays) == 1
    assert (stays[0].since, stays[0].until) == (T0, T0 + 840)
    parted = track((0, 0, 0), (60, 0, 0), (1900, 0, 0), (1960, 0, 0))
    assert parted.stays() == ()
    long = track(*[(t, 0, 0) for t in range(0, 36_000, 60)])
    assert len(long.stays()) == 1


def test_a_day_of_reports_every_five_seconds_is_quick() -> None:
    t = np.arange(0, 43_200, 5.0)
    east = np.cumsum(np.full(len(t), 7.0))
    made = OfficerTrack.of("o", "", T0 + t, 113 + east / 102_000, np.full(len(t), 23.0))
    assert made.stays() == ()
    assert made.length_m() == pytest.approx(7.0 * (len(t) - 1), rel=0.02)
    assert made.unknown_s() == 0


def test_length_and_unknown_time_leave_each_other_alone() -> None:
    made = track((0, 0, 0), (60, 60, 0), (3660, 5000, 0), (3720, 5060, 0))
    assert made.length_m() == pytest.approx(120, rel=0.02)
    assert made.unknown_s() == 3600
    assert track().length_m() == 0
    assert track((0, 0, 0)).unknown_s() == 0


def test_the_layer_keeps_the_moment_inside_the_span() -> None:
    made = track((0, 0, 0), (60, 0, 0), (120, 0, 0), (900, 0, 0))
    layer = TrackLayer.of(made)
    assert layer.moment == T0
    assert layer.moved(T0 + 90).moment == T0 + 90
    assert layer.moved(T0 - 90).moment == T0
    assert layer.moved(T0 + 9e9).moment == T0 + 900
    assert layer.moved(float("nan")) is layer
    empty = TrackLayer.of(None, "当天没有上报")
    assert (empty.track, empty.sentence, empty.moved(5)) == (None, "当天没有上报", empty)
    assert TrackLayer.of(track(), "无").track is None


def test_the_stay_of_a_moment() -> None:
    layer = TrackLayer(
        track((0, 0, 0), (60, 0, 0)), T0, "", (Stay(0, 0, T0, T0 + 10), Stay(0, 0, T0 + 30, T0 + 40))
    )
    found = layer.stay_at(T0 + 35)
    assert found is not None and found.since == T0 + 30
    assert layer.stay_at(T0 + 20) is None
    assert layer.stay_at(T0 - 1) is None


def test_colours_go_with_the_time() -> None:
    made = track(*[(t, t, 0) for t in range(0, 601, 60)])
    assert made.colour_of([T0, T0 + 300, T0 + 600]).tolist() == [0, 2, 4]
    parts = [part for _, part, _ in made.strokes()]
    assert parts == sorted(parts) and set(parts) == set(range(COLOURS))
