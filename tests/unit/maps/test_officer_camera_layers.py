"""Officers with ages and groups, cameras, outside vector layers, and why a layer is empty."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.layers.base import BaseLayer, FeatureLayer, FeatureStyle
from maps.layers.book import DEFAULT_ORDER
from maps.layers.cameras import CameraLayer, MapCamera, usable_heading
from maps.layers.components import ComponentLayer, MapComponent
from maps.layers.drawings import DrawingLayer, DrawnMark
from maps.layers.notes import layer_note
from maps.layers.officers import LOST_AFTER_S, MapOfficer, OfficerLayer
from maps.layers.state import MapState, Redraw
from maps.layers.tracks import OfficerTrack, TrackLayer
from tests.unit.maps.districts import squares

NOW = 1_795_000_000.0


def officer(
    i: int, lon: float = 113.2, lat: float = 23.1, age: float | None = None, **more: bool
) -> MapOfficer:
    return MapOfficer(f"o{i:03d}", "方", lon, lat, seen_at=None if age is None else NOW - age, **more)


@pytest.mark.parametrize(
    ("age", "lost"), [(0, False), (599, False), (LOST_AFTER_S, False), (LOST_AFTER_S + 1, True), (9000, True)]
)
def test_who_has_not_been_heard_of_for_ten_minutes_is_lost(age: float, lost: bool) -> None:
    layer = OfficerLayer.of([officer(1, age=age)], NOW)
    assert (layer.age(0), layer.lost(0)) == (age, lost)


def test_without_a_time_the_flag_counts() -> None:
    layer = OfficerLayer.of([officer(1, lost=True), officer(2, age=5.0, lost=True)])
    assert [layer.lost(0), layer.lost(1)] == [True, True]
    later = layer.at(NOW)
    assert later.age(0) is None
    assert [later.lost(0), later.lost(1)] == [True, False]
    assert OfficerLayer.of([officer(1, age=-30.0)], NOW).age(0) == 0


def test_time_passes_and_the_map_is_told() -> None:
    state = MapState()
    state.set_officers([officer(1, age=30.0)])
    assert state.set_now(NOW) is Redraw.NOTHING
    assert not state.officers.lost(0)
    assert state.set_now(NOW + 500) is Redraw.NOTHING
    assert state.officers.age(0) == 530
    assert state.set_now(NOW + 700) is Redraw.MARKS
    assert state.officers.lost(0)
    assert state.set_now(NOW + 900) is Redraw.NOTHING
    state.set_officers([officer(1, age=-690.0)])
    assert state.officers.now == NOW + 900


SPOTS = st.lists(st.tuples(st.floats(113.0, 113.05), st.floats(23.0, 23.05)), max_size=40)


@settings(max_examples=60)
@given(SPOTS, st.sampled_from([5.0, 50.0, 500.0, 20_000.0]))
def test_groups_hold_every_officer_once(spots: list[tuple[float, float]], reach: float) -> None:
    layer = OfficerLayer.of([officer(i, lon, lat) for i, (lon, lat) in enumerate(spots)])
    groups = layer.groups(reach)
    assert sorted(i for g in groups for i in g.members) == list(range(len(spots)))
    for group in groups:
        xs, ys = zip(*(layer.points[i] for i in group.members), strict=True)
        slack = reach * 1.5 + 1
        assert min(xs) - slack <= group.x <= max(xs) + slack
        assert min(ys) - slack <= group.y <= max(ys) + slack
        if len(group.members) == 1:
            assert (group.x, group.y) == layer.points[group.members[0]]
    assert layer.groups(reach) is groups


def test_officers_on_one_spot_are_one_group() -> None:
    layer = OfficerLayer.of([officer(i) for i in range(5)] + [officer(9, 113.4)])
    assert sorted(len(g.members) for g in layer.groups(40.0)) == [1, 5]
    assert OfficerLayer().groups(40.0) == ()


def test_cameras_with_a_place_in_order() -> None:
    layer = CameraLayer.of(
        [
            MapCamera("b", "路口", 113.2, 23.1, 400.0),
            MapCamera("a", "桥头", 113.3, 23.1),
            MapCamera("c", "坏", math.nan, 23.1),
            MapCamera("b", "路口新", 113.2, 23.1),
        ]
    )
    assert [c.name for c in layer.cameras] == ["桥头", "路口新"]
    assert layer.xy.shape == (2, 2)
    assert len(CameraLayer()) == 0
    assert (usable_heading(400.0), usable_heading(-90.0)) == (40.0, 270.0)
    assert usable_heading(None) is None
    assert usable_heading(math.inf) is None


# --- vector layers --------------------------------------------------------------------------------


def test_features_become_flat_parts() -> None:
    hole = shapely.box(113, 23, 113.1, 23.1).difference(shapely.box(113.02, 23.02, 113.04, 23.04))
    bad = shapely.box(113, 23, 200, 24)
    layer = FeatureLayer.of(
        "green",
        "绿地",
        [
            hole,
            shapely.LineString([(113, 23), (113.1, 23.1)]),
            shapely.Point(113, 23),
            bad,
            None,
            shapely.Polygon(),
            shapely.GeometryCollection([shapely.MultiPoint([(113, 23), (113.1, 23)]), hole]),
        ],
        ["公园", "路", "树"],
        FeatureStyle(token="map.water"),
    )
    assert layer.key == "features:green"
    assert (len(layer), layer.left_out) == (8, 3)
    assert layer.closed.tolist() == [True, True, False, False, False, False, True, True]
    assert layer.owner.tolist() == [0, 0, 1, 2, 3, 3, 3, 3]
    assert layer.labels == ("公园", "路", "树", "")
    assert layer.start[-1] == len(layer.xy)
    assert np.allclose(layer.bounds[1, :2], layer.xy[layer.start[1] : layer.start[2]].min(axis=0))


def test_an_empty_feature_layer() -> None:
    layer = FeatureLayer.of("x", "空", [])
    assert len(layer) == 0
    assert layer.in_view((0, 0, 1, 1)).tolist() == []
    assert layer.thinned(2.0) is layer


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(113, 113.1), st.floats(23, 23.1)), min_size=2, max_size=30), max_size=6
    ),
    st.sampled_from([0.5, 8.0, 300.0]),
)
def test_thinning_keeps_ends_and_moves_nothing(lines: list[list[tuple[float, float]]], scale: float) -> None:
    layer = FeatureLayer.of("x", "线", [shapely.LineString(line) for line in lines])
    thin = layer.thinned(scale)
    assert len(thin) == len(layer)
    for part in range(len(layer)):
        whole = layer.xy[layer.start[part] : layer.start[part + 1]]
        kept = thin.xy[thin.start[part] : thin.start[part + 1]]
        assert len(kept) <= len(whole)
        assert np.array_equal(kept[0], whole[0]) and np.array_equal(kept[-1], whole[-1])
        known = {tuple(p) for p in whole.tolist()}
        assert all(tuple(p) in known for p in kept.tolist())
        # What is left out lies on the pixel of a point that stays.
        pixels = {tuple(p) for p in np.floor(kept / scale).astype(int).tolist()}
        assert {tuple(p) for p in np.floor(whole / scale).astype(int).tolist()} <= pixels


def test_many_corners_thin_to_what_the_screen_shows() -> None:
    angle = np.linspace(0, 2 * np.pi, 100_000)
    ring = shapely.Polygon(np.column_stack([113.2 + np.cos(angle) / 50, 23.1 + np.sin(angle) / 50]))
    layer = FeatureLayer.of("x", "湖", [ring])
    assert len(layer.xy) == 100_000
    assert len(layer.thinned(32.0).xy) < 2000
    assert len(layer.in_view((0, 0, 1, 1))) == 0
    assert len(layer.in_view(tuple(layer.bounds[0].tolist()))) == 1


# --- empty layers ---------------------------------------------------------------------------------


def test_every_empty_layer_says_so() -> None:
    state = MapState()
    told = {name: layer_note(state, name) for name in DEFAULT_ORDER}
    assert {name for name, note in told.items() if not note} == {"base.sea", "labels"}
    assert set(told.values()) == {"", "no_data"}
    assert layer_note(state, "tiles:a") == "no_source"
    assert layer_note(state, "tiles:a", frozenset({"tiles:a"})) == ""
    assert layer_note(state, "weather") == "newer"


def test_layers_with_something_to_show_say_nothing() -> None:
    state = MapState()
    state.set_areas(squares(4, 2))
    state.set_base(BaseLayer.of([shapely.LineString([(113, 23), (114, 23)])]))
    state.set_officers([officer(1)])
    state.set_cameras(CameraLayer.of([MapCamera("a", "", 113, 23)]))
    state.set_components(ComponentLayer.of([MapComponent("1", lon=113.0, lat=23.0)]))
    state.set_drawings(DrawingLayer().put(DrawnMark("1", "point", ((113, 23),))))
    state.set_tracks(TrackLayer.of(OfficerTrack.of("o", "", [1, 2], [113, 113], [23, 23])))
    for name in ("fill", "borders", "roads", "officers", "cameras", "components", "drawings", "tracks"):
        assert layer_note(state, name) == "", name
    assert layer_note(state, "water") == "no_data"


def test_the_same_again_draws_nothing() -> None:
    state = MapState()
    assert state.set_tracks(TrackLayer()) is Redraw.NOTHING
    assert state.set_drawings(DrawingLayer()) is Redraw.NOTHING
    assert state.set_book(state.book) is Redraw.NOTHING
    changed = state.book.with_breaks("density/grid", (0, 2, 3, 4, 5))
    assert Redraw.LEGEND in state.set_book(changed)
    assert state.area_layer.custom == {"density/grid": (0, 2, 3, 4, 5)}
