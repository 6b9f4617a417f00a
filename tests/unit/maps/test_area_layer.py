"""Figures to classes, by level; the legend says the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.layers.areas import NO_DATA, AreaFigures, AreaLayer, Measure, class_of, figures_of_cases
from maps.layers.legend import class_label, legend_of
from maps.layers.tokens import load_tokens
from tests.unit.maps.districts import squares

TOKENS = load_tokens()


@pytest.fixture(scope="module")
def areas() -> PreparedAreas:
    made, _ = prepare_areas(squares(4, 2))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (1, 1), (3, 1), (4, 2), (8, 2), (9, 3), (15, 3), (16, 4), (9999, 4), (-1, 0)],
)
def test_density_classes(value: float, expected: int) -> None:
    assert class_of(value, TOKENS.density_breaks["grid"]) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, 0), (0.05, 0), (0.1, 1), (4.99, 1), (5, 2), (9.99, 2), (10, 3), (20, 4), (100, 4)],
)
def test_overdue_classes(share: float, expected: int) -> None:
    assert class_of(share, TOKENS.overdue_breaks) == expected


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_is_never_a_lower_class(a: float, b: float) -> None:
    breaks = TOKENS.density_breaks["grid"]
    low, high = sorted((a, b))
    assert class_of(low, breaks) <= class_of(high, breaks)


def test_no_data_is_not_zero(areas: PreparedAreas) -> None:
    codes = areas.cells.codes
    layer = AreaLayer(figures={codes[0]: AreaFigures(0, 0), codes[1]: AreaFigures(5, 0)})
    assert layer.classes(areas, "grid", TOKENS) == [0, 2, *[NO_DATA] * 6]


def test_streets_sum_their_grids(areas: PreparedAreas) -> None:
    layer = AreaLayer(figures={c: AreaFigures(10, 2, False) for c in areas.cells.codes})
    assert layer.figures_at(areas, "street") == {
        "440199001": AreaFigures(40, 8, False),
        "440199002": AreaFigures(40, 8, False),
    }
    assert layer.figures_at(areas, "district") == {"440199": AreaFigures(80, 16, False)}
    assert layer.classes(areas, "street", TOKENS) == [2, 2]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=8, max_size=8))
def test_every_level_adds_up_to_the_same(counts: list[tuple[int, int]]) -> None:
    made, _ = prepare_areas(squares(4, 2))
    assert made is not None
    figures = {c: AreaFigures(n + m, m) for c, (n, m) in zip(made.cells.codes, counts, strict=True)}
    layer = AreaLayer(figures=figures)
    for level in made.levels:
        found = layer.figures_at(made, level)
        assert sum(f.open for f in found.values()) == sum(n + m for n, m in counts)
        assert sum(f.overdue for f in found.values()) == sum(m for _, m in counts)


def test_share_of_nothing_open_is_zero() -> None:
    layer = AreaLayer(measure=Measure.OVERDUE)
    assert layer.value(AreaFigures(0, 0)) == 0.0
    assert layer.value(AreaFigures(8, 1)) == pytest.approx(12.5)


def test_officers_on_duty(areas: PreparedAreas) -> None:
    codes = areas.cells.codes
    layer = AreaLayer(
        Measure.OFFICER, {codes[0]: AreaFigures(on_duty=True), codes[1]: AreaFigures(on_duty=False)}
    )
    assert layer.classes(areas, "grid", TOKENS)[:3] == [1, 0, NO_DATA]
    both = AreaLayer(
        Measure.OFFICER, {codes[0]: AreaFigures(on_duty=None), codes[1]: AreaFigures(on_duty=True)}
    )
    assert both.figures_at(areas, "street")["440199001"].on_duty is True
    assert both.classes(areas, "grid", TOKENS)[0] == NO_DATA


def test_fill_level_follows_the_zoom_unless_told(areas: PreparedAreas) -> None:
    assert AreaLayer().fill_level(areas, "city") == "street"
    assert AreaLayer().fill_level(areas, "street") == "grid"
    assert AreaLayer(level="community").fill_level(areas, "city") == "community"
    assert AreaLayer(level="unknown").fill_level(areas, "grid") == "grid"


def test_counting_cases() -> None:
    figures = figures_of_cases(
        ["a", "b", "c"],
        [("a", "ok"), ("a", "over1"), ("a", "over3"), ("b", "closed"), ("b", "suspended"), ("z", "over1")],
        {"a": True},
    )
    assert figures == {"a": AreaFigures(3, 2, True), "b": AreaFigures(1, 0), "c": AreaFigures(0, 0)}


@pytest.mark.parametrize(
    ("breaks", "whole", "labels"),
    [
        ((0, 1, 4, 9, 16), True, ["0", "1–3", "4–8", "9–15", "≥16"]),
        ((0, 1, 10, 25, 50), True, ["0", "1–9", "10–24", "25–49", "≥50"]),
        ((0, 1, 2, 3), True, ["0", "1", "2", "≥3"]),
        ((0, 0.1, 5, 10, 20), False, ["0", "<5", "5–10", "10–20", "≥20"]),
    ],
)
def test_the_legend_prints_the_bounds(breaks: tuple[float, ...], whole: bool, labels: list[str]) -> None:
    assert [class_label(breaks, i, whole) for i in range(len(breaks))] == labels


def test_legend_of_each_measure(areas: PreparedAreas) -> None:
    figures = {c: AreaFigures(1, 0, True) for c in areas.cells.codes}
    density = legend_of(AreaLayer(figures=figures), areas, "grid", TOKENS)
    assert (density.areas, density.has_gaps, len(density.classes)) == (8, False, 5)
    assert density.classes[4].token == "map.density_ramp.4"
    overdue = legend_of(AreaLayer(Measure.OVERDUE), areas, "street", TOKENS)
    assert overdue.has_gaps
    assert overdue.classes[0].token == "map.overdue_ramp.0"
    assert legend_of(AreaLayer(Measure.OFFICER, figures), areas, "grid", TOKENS).classes == ()
    assert density.bands == ("ok", "soon", "over1", "over2", "over3", "suspended")


def test_districts_are_read_with_the_breaks_of_streets(areas: PreparedAreas) -> None:
    assert AreaLayer().breaks("district", TOKENS) == TOKENS.density_breaks["street"]
