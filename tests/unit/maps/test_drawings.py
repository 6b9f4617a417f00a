"""Drawn marks: checked, undone and redone, kept as a document that survives rubbish."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.layers.drawings import (
    LEAST,
    MOST_MARKS,
    SHAPES,
    DrawingError,
    DrawingLayer,
    DrawnMark,
    checked_mark,
    renamed,
)

LON, LAT = st.floats(-179, 179), st.floats(-80, 80)


@st.composite
def marks(draw: st.DrawFn) -> DrawnMark:
    shape = draw(st.sampled_from(SHAPES))
    least = LEAST[shape]
    corners = draw(
        st.lists(st.tuples(LON, LAT), min_size=least, max_size=1 if least == 1 else 6, unique=True)
    )
    text = draw(st.text(min_size=1, max_size=20).filter(lambda t: bool(t.strip())))
    return DrawnMark(
        draw(st.uuids()).hex,
        shape,
        tuple(corners),
        text,
        draw(st.sampled_from(["ink", "blue"])),
        "方",
        "2026-11-20",
    )


@given(st.lists(marks(), max_size=8, unique_by=lambda m: m.mark_id))
def test_a_document_gives_the_same_marks_back(drawn: list[DrawnMark]) -> None:
    layer = DrawingLayer()
    for mark in drawn:
        layer = layer.put(mark)
    text = json.dumps(layer.to_doc(), ensure_ascii=False, allow_nan=False)
    again, left_out = DrawingLayer.from_doc(text)
    assert again.marks == layer.marks
    assert left_out == 0
    assert again.past == ()


@given(st.lists(marks(), min_size=1, max_size=6, unique_by=lambda m: m.mark_id), st.integers(0, 9))
def test_undo_and_redo_are_each_others_opposite(drawn: list[DrawnMark], back: int) -> None:
    layer = DrawingLayer()
    states = [layer.marks]
    for mark in drawn:
        layer = layer.put(mark)
        states.append(layer.marks)
    steps = min(back, len(drawn))
    for i in range(back):
        layer = layer.undone()
        assert layer.marks == states[max(len(drawn) - 1 - i, 0)]
    for _ in range(steps):
        layer = layer.redone()
    assert layer.marks == states[-1]
    assert layer.redone() is layer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
FEATURE = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "geometry": JSON
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["Point", "LineString", "Polygon", "Blob"]), "coordinates": JSON}
        ),
        "properties": JSON
        | st.fixed_dictionaries({}, optional={"shape": JSON, "text": JSON, "colour": JSON}),
    },
)


@given(JSON | st.fixed_dictionaries({"features": JSON | st.lists(FEATURE | JSON, max_size=5)}))
def test_any_document_gives_marks_that_can_be_drawn(doc: Any) -> None:
    layer, left_out = DrawingLayer.from_doc(doc)
    assert left_out >= 0
    for mark in layer.marks:
        assert checked_mark(mark) is mark
        assert mark.world().shape == (len(mark.lonlat), 2)


def test_rubbish_and_bombs() -> None:
    assert DrawingLayer.from_doc("[" * 90_000) == (DrawingLayer(), 0)
    assert DrawingLayer.from_doc(b"\xff") == (DrawingLayer(), 0)
    swapped = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [23.1, 113.2]}}
    huge = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [10**400, 1]}}
    assert DrawingLayer.from_doc({"features": [swapped, huge, 7]}) == (DrawingLayer(), 3)


def test_plain_geojson_of_others_is_taken() -> None:
    square = [[[113, 23], [113.1, 23], [113.1, 23.1], [113, 23]]]
    doc = {"features": [{"geometry": {"type": "Polygon", "coordinates": square}, "properties": None}]}
    layer, left_out = DrawingLayer.from_doc(doc)
    assert left_out == 0
    assert layer.marks[0].shape == "polygon"
    assert layer.marks[0].lonlat == ((113.0, 23.0), (113.1, 23.0), (113.1, 23.1))


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        (DrawnMark("1", "circle", ((113, 23),)), "shape"),
        (DrawnMark("1", "line", ((113, 23),)), "corners"),
        (DrawnMark("1", "polygon", ((113, 23), (114, 23))), "corners"),
        (DrawnMark("1", "point", ((113, 23), (114, 23))), "corners"),
        (DrawnMark("1", "line", tuple((113.0, 23.0) for _ in range(2001))), "corners"),
        (DrawnMark("1", "point", ((200, 23),)), "range"),
        (DrawnMark("1", "point", ((float("nan"), 23),)), "range"),
        (DrawnMark("1", "text", ((113, 23),), "  "), "text"),
        (DrawnMark("1", "point", ((113, 23),), "长" * 201), "text"),
    ],
)
def test_what_cannot_be_drawn_is_refused(mark: DrawnMark, reason: str) -> None:
    with pytest.raises(DrawingError) as told:
        DrawingLayer().put(mark)
    assert told.value.reason == reason


def test_marks_are_changed_removed_and_cleared() -> None:
    first, second = DrawnMark("1", "point", ((113, 23),)), DrawnMark("2", "point", ((113, 24),))
    layer = DrawingLayer().put(first).put(second)
    changed = layer.put(renamed(first, " 集结点 "))
    assert [m.text for m in changed.marks] == ["集结点", ""]
    assert changed.put(changed.marks[0]) is changed
    assert layer.removed("1").marks == (second,)
    assert layer.removed("9") is layer
    assert layer.cleared().undone().marks == (first, second)
    # A new mark after undo forgets what could have been redone.
    assert layer.undone().put(second).future == ()


def test_there_is_an_end_to_it() -> None:
    full = DrawingLayer(tuple(DrawnMark(str(i), "point", ((113, 23),)) for i in range(MOST_MARKS)))
    with pytest.raises(DrawingError) as told:
        full.put(DrawnMark("more", "point", ((113, 23),)))
    assert told.value.reason == "full"
    layer = DrawingLayer()
    for i in range(130):
        layer = layer.put(DrawnMark("1", "point", ((113, 23),), str(i)))
    assert len(layer.past) == 100
