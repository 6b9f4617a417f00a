"""Components as columns: classes from codes, groups that add up, 100,000 in a moment."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.mercator import project
from maps.layers.components import MAIN_CLASSES, OTHER, ComponentLayer, MapComponent

CODE = "4401990101000001"


def one(code: str = CODE, lon: float = 113.2, lat: float = 23.1, **words: str) -> MapComponent:
    return MapComponent(code, lon=lon, lat=lat, **words)


def test_a_component_comes_back_as_it_went_in() -> None:
    layer = ComponentLayer.of(
        [
            one(name="雨水井盖", department="市政园林中心", unit="养护一队", state="破损"),
            one("4401990502000002"),
        ]
    )
    i = layer.find(CODE)
    row = layer.row(i)
    assert (row.code, row.name, row.department, row.unit, row.state) == (
        CODE,
        "雨水井盖",
        "市政园林中心",
        "养护一队",
        "破损",
    )
    assert not layer.sound[i]
    assert layer.main.tolist() == [0, 4]
    assert np.allclose(layer.xy[i], project(113.2, 23.1))
    assert layer.find("0") == -1


@pytest.mark.parametrize(
    ("code", "main"),
    [
        ("4401990101000001", 0),
        ("4401990203000001", 1),
        ("4401990301000001", 2),
        ("4401990401000001", 3),
        ("4401990501000001", 4),
        ("4401999901000001", OTHER),
        ("44019", OTHER),
        ("", OTHER),
        ("公用设施公用设施公用设施公用设施", OTHER),
    ],
)
def test_the_main_class_is_read_from_the_code(code: str, main: int) -> None:
    assert ComponentLayer.of([one(code)]).main.tolist() == [main]


def test_bad_positions_are_counted_and_later_ones_count() -> None:
    nan = float("nan")
    layer = ComponentLayer.of(
        [one("a", nan), one("b", 113, 91), one("c", name="旧"), one("c", name="新"), one("d")]
    )
    assert (len(layer), layer.unplaced) == (2, 2)
    assert layer.row(layer.find("c")).name == "新"
    assert len(ComponentLayer.of([])) == 0
    with pytest.raises(ValueError, match="equally long"):
        ComponentLayer.of_columns(["a"], [1.0], [], [""], [""], [""], [""])


PLACES = st.lists(
    st.tuples(st.floats(113.0, 113.2), st.floats(23.0, 23.2), st.sampled_from(MAIN_CLASSES)),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60)
@given(PLACES, st.sampled_from([2.0, 30.0, 400.0, 9000.0]))
def test_badges_add_up_to_all_components(places: list[tuple[float, float, str]], reach: float) -> None:
    layer = ComponentLayer.of(
        [one(f"440199{main}01{i:06d}", lon, lat) for i, (lon, lat, main) in enumerate(places)]
    )
    for _ in layer.grouping(reach):
        pass
    xy, counts, main = layer.badges(reach)
    assert counts.sum() == len(places) == len(layer)
    assert len(xy) == len(counts) == len(main)
    assert set(main.tolist()) <= set(layer.main.tolist())
    assert (counts >= 1).all()


@given(PLACES, st.floats(113.0, 113.2), st.floats(23.0, 23.2), st.floats(1, 5000))
def test_the_nearest_is_that_of_a_plain_search(
    places: list[tuple[float, float, str]], lon: float, lat: float, reach: float
) -> None:
    layer = ComponentLayer.of([one(f"{i:016d}", a, b) for i, (a, b, _) in enumerate(places)])
    x, y = project(lon, lat).tolist()
    gaps = np.hypot(*(layer.xy - (x, y)).T)
    found = layer.nearest(x, y, reach)
    if found < 0:
        assert gaps.min() > reach
    else:
        assert gaps[found] == gaps.min() <= reach


def test_in_view_keeps_to_the_rectangle() -> None:
    layer = ComponentLayer.of([one(f"{i:016d}", 113 + i / 100, 23) for i in range(10)])
    x, y = layer.xy[4].tolist()
    assert layer.in_view((x - 1, y - 1, x + 1, y + 1)).tolist() == [4]
    assert layer.in_view((x, y, x, y), 1200).tolist() == [3, 4, 5]


def test_a_hundred_thousand_are_grouped_for_a_view_in_little_more_than_a_sort() -> None:
    """Ratio to a floor of the same run: what the main thread does for a view once groups are warm."""
    n = 100_000
    rng = np.random.default_rng(2)
    words = ["井盖"] * n
    codes = [f"440199{1 + i % 5:02d}01{i:06d}" for i in range(n)]
    layer = ComponentLayer.of_columns(
        codes, 113 + rng.random(n) / 8, 23 + rng.random(n) / 8, words, words, words, ["完好"] * n
    ).warm()
    assert len(layer) == n and bool(layer.sound.all())
    floor = min(spent(lambda: np.argsort(rng.random(n))) for _ in range(3))
    for _ in layer.grouping(60.0):
        pass
    x, y = layer.xy[0].tolist()
    view = min(spent(lambda: layer.badges(60.0)) for _ in range(3))
    near = min(spent(lambda: layer.nearest(x, y, 20.0)) for _ in range(3))
    assert view < floor
    assert near < 2 * floor


def spent(work: object) -> float:
    start = time.thread_time()
    work()  # type: ignore[operator]
    return time.thread_time() - start
