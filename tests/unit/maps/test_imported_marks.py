"""Marks of other programs: none is lost over its id; settings of layers of another type; tracks with odd reports."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.layers.book import LayerBook
from maps.layers.drawings import MOST_CORNERS, MOST_MARKS, MOST_TEXT, DrawingLayer, DrawnMark
from maps.layers.tracks import OfficerTrack

LON, LAT = 114.03, 30.59


def point(mark_id: Any = None, **properties: Any) -> dict[str, Any]:
    """A point as other programs write it; None stands for no id."""
    made: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [LON, LAT]},
        "properties": properties,
    }
    return made if mark_id is None else {**made, "id": mark_id}


def read(*features: Any) -> tuple[DrawingLayer, int]:
    return DrawingLayer.from_doc(json.dumps({"type": "FeatureCollection", "features": list(features)}))


@pytest.mark.parametrize(
    "ids",
    [(None, "m1"), ("m2", None), (None, None, "m1", "m2"), ("m3", None, None, 7), ("m1", None, "m2", None)],
)
def test_a_mark_without_an_id_takes_nobodys_place(ids: tuple[Any, ...]) -> None:
    """An id that is made up must not be one that another mark of the file has."""
    layer, left_out = read(*(point(one, text=f"第{n}个") for n, one in enumerate(ids)))
    assert [mark.text for mark in layer.marks] == [f"第{n}个" for n in range(len(ids))]
    assert left_out == 0
    assert {one for one in ids if isinstance(one, str)} <= {mark.mark_id for mark in layer.marks}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.integers(0, 9) | st.sampled_from(("m1", "m2", "m3", "m4", "a")), max_size=9))
def test_as_many_marks_come_as_there_are_different_ones(ids: list[Any]) -> None:
    """Only a repeated id of the file itself makes a mark the same as an earlier one."""
    named = [one for one in ids if isinstance(one, str)]
    layer, left_out = read(*(point(one) for one in ids))
    assert len(layer.marks) == len(ids) - (len(named) - len(set(named)))
    assert left_out == len(named) - len(set(named))
    again, lost = DrawingLayer.from_doc(json.dumps(layer.to_doc()))
    assert (again.marks, lost) == (layer.marks, 0)


def test_of_two_marks_with_one_id_the_first_counts() -> None:
    layer, left_out = read(point("a", text="先"), point("a", text="后"))
    assert ([mark.text for mark in layer.marks], left_out) == (["先"], 1)


def test_one_bad_mark_does_not_cost_the_others() -> None:
    broken = point("b")
    broken["geometry"]["coordinates"] = ["x", LAT]
    heights = point("c")
    heights["geometry"]["coordinates"] = [LON, LAT, 33.5]
    layer, left_out = read(point("a"), broken, None, heights, point("d", text="字" * (MOST_TEXT + 1)))
    assert ([mark.mark_id for mark in layer.marks], left_out) == (["a", "c"], 3)
    assert layer.marks[1].lonlat == ((LON, LAT),), "heights are left"


@pytest.mark.parametrize(("corners", "kept"), [(3, 1), (MOST_CORNERS, 1), (MOST_CORNERS + 1, 0), (2, 0)])
def test_areas_with_as_many_corners_as_are_taken(corners: int, kept: int) -> None:
    """The corner that closes the ring is none of its own."""
    ring = [[LON + np.cos(a) / 100, LAT + np.sin(a) / 100] for a in np.linspace(0, 6, corners).tolist()]
    area = point("a")
    area["geometry"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    layer, left_out = read(area)
    assert (len(layer.marks), left_out) == (kept, 1 - kept)
    if kept:
        assert len(layer.marks[0].lonlat) == corners


def test_a_file_with_too_many_marks_is_cut_and_says_so() -> None:
    layer, left_out = read(*(point() for _ in range(MOST_MARKS + 5)))
    assert (len(layer.marks), left_out) == (MOST_MARKS, 5)


def test_a_new_stroke_forgets_what_could_be_done_again() -> None:
    first = DrawnMark("a", "point", ((LON, LAT),))
    layer = DrawingLayer().put(first).put(DrawnMark("b", "point", ((LON, LAT),))).undone()
    assert layer.redone().get("b") is not None
    branched = layer.put(DrawnMark("c", "point", ((LON, LAT),)))
    assert branched.redone() is branched
    assert [mark.mark_id for mark in branched.undone().marks] == ["a"]
    assert branched.removed("nobody") is branched
    assert branched.put(first) is branched, "the same mark again is no step to undo"


# --- settings of layers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "default", "expected"),
    [
        ("dots", "clusters", "dots"),
        (3, "clusters", "clusters"),
        (0.5, 1, 0.5),
        (2, 1.5, 2),
        (True, 1.5, 1.5),
        (True, 1, 1),
        (2, True, True),
        (0.0, True, True),
        (False, True, False),
        ("x", True, True),
    ],
)
def test_a_setting_of_another_type_takes_the_usual_value(stored: Any, default: Any, expected: Any) -> None:
    """A switch stays a switch, whatever another version wrote in its place."""
    value = LayerBook().with_option("cases", "mode", stored).option("cases", "mode", default)
    assert (value, type(value)) == (expected, type(expected))


def test_a_setting_nobody_stored_or_of_no_layer() -> None:
    assert LayerBook().option("cases", "mode", "clusters") == "clusters"
    assert LayerBook().option("nothing", "mode", 4) == 4


# --- tracks -------------------------------------------------------------------------------------------------------


def test_a_track_of_one_report_is_a_moment() -> None:
    track = OfficerTrack.of("g", "方知夏", [100.0], [LON], [LAT])
    assert track.span == (100.0, 100.0)
    place = track.at(100.0)
    assert place is not None
    assert track.at(99.9) is None
    assert track.at(100.1) is None
    assert (track.strokes(), track.length_m(), track.unknown_s()) == ((), 0.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7200), st.floats(113.9, 114.1), st.floats(30.5, 30.7)), max_size=25),
    st.randoms(use_true_random=False),
)
def test_a_track_is_the_same_in_whatever_order_its_reports_come(reports: list[Any], random: Any) -> None:
    """Reports of one moment aside, what is drawn does not depend on the order of the line."""
    reports = list({r[0]: r for r in reports}.values())
    mixed = list(reports)
    random.shuffle(mixed)
    one, other = (
        OfficerTrack.of("g", "", [r[0] for r in some], [r[1] for r in some], [r[2] for r in some])
        for some in (reports, mixed)
    )
    assert one.times.tolist() == other.times.tolist() == sorted(r[0] for r in reports)
    assert one.xy.tolist() == other.xy.tolist()
    assert one.left_out == other.left_out == 0
    drawn = sum(len(line) - 1 for line, _, _ in one.strokes())
    assert drawn == max(len(reports) - 1, 0), (
        "from each report to the next there is one line, solid or dashed"
    )
    assert one.unknown_s() <= (one.span[1] - one.span[0])


def test_reports_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        OfficerTrack.of("g", "", [1.0, 2.0], [LON], [LAT])
