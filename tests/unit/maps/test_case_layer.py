"""Cases: marks add up at every zoom, whatever comes in."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.mercator import project
from maps.geometry.picking import AreaPicker
from maps.layers.cases import CaseLayer, MapCase, Mark, risk_key
from maps.layers.tokens import BANDS, load_tokens
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares

TOKENS = load_tokens()
SCALES = (60.0, 25.0, 8.0, 2.0, 0.5)


def case(i: int, lon: float = WEST, lat: float = SOUTH, band: str = "ok", **more: object) -> MapCase:
    return replace(MapCase(f"c{i:03d}", f"1120-{i:04d}", lon, lat, band), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def areas() -> PreparedAreas:
    made, _ = prepare_areas(squares(6, 4))
    assert made is not None
    return made


def marks_of(
    layer: CaseLayer, areas: PreparedAreas | None, scale: float, apart: str | None = None
) -> tuple[Mark, ...]:
    picker = AreaPicker(areas) if areas else None
    return layer.marks(TOKENS.band_at(scale), scale, TOKENS, areas, picker, apart)


CASES = st.lists(
    st.builds(
        case,
        st.integers(0, 40),
        st.floats(WEST - SIDE, WEST + 7 * SIDE) | st.just(math.nan),
        st.floats(SOUTH - SIDE, SOUTH + 5 * SIDE) | st.just(400.0),
        st.sampled_from(BANDS),
    ),
    max_size=40,
)


@given(CASES, st.sampled_from(SCALES), st.booleans())
def test_every_placed_case_is_in_exactly_one_mark(cases: list[MapCase], scale: float, select: bool) -> None:
    made, _ = prepare_areas(squares(3, 2))
    layer = CaseLayer()
    layer.replace_all(cases)
    apart = cases[0].case_id if select and cases else None
    marks = marks_of(layer, made, scale, apart)
    ids = [i for m in marks for i in m.case_ids]
    assert len(ids) == len(set(ids))
    assert set(ids) | layer.unplaced == set(layer.cases)
    assert not set(ids) & layer.unplaced
    for mark in marks:
        assert sum(n for _, n in mark.bands) == mark.count
        assert [b for b, _ in mark.bands] == sorted((b for b, _ in mark.bands), key=BANDS.index)


def test_one_mark_per_street_when_far_out(areas: PreparedAreas) -> None:
    layer = CaseLayer()
    layer.replace_all([case(i, WEST + SIDE * (i % 6 + 0.5), SOUTH + SIDE * 1.5) for i in range(12)])
    marks = marks_of(layer, areas, 25.0)
    assert sorted(m.count for m in marks) == [6, 6]
    assert {(m.x, m.y) for m in marks} == {tuple(a) for a in areas.levels["street"].anchors.tolist()}


def test_cases_outside_every_street_are_one_mark_more(areas: PreparedAreas) -> None:
    layer = CaseLayer()
    layer.replace_all([case(1, WEST + SIDE, SOUTH + SIDE), case(2, 113.9, 23.9), case(3, 113.9, 23.9)])
    assert sorted(m.count for m in marks_of(layer, areas, 60.0)) == [1, 2]


def test_without_areas_far_out_clusters_by_distance() -> None:
    layer = CaseLayer()
    layer.replace_all([case(1), case(2)])
    assert [m.count for m in marks_of(layer, None, 25.0)] == [2]


def test_the_selected_case_is_never_hidden_in_a_cluster(areas: PreparedAreas) -> None:
    layer = CaseLayer()
    layer.replace_all([case(i, WEST + SIDE / 2, SOUTH + SIDE / 2) for i in range(5)])
    marks = marks_of(layer, areas, 8.0, "c002")
    assert sorted(m.count for m in marks) == [1, 4]
    (single,) = [m for m in marks if m.count == 1]
    assert single.case_ids == ("c002",)
    assert (single.x, single.y) == pytest.approx(tuple(project(WEST + SIDE / 2, SOUTH + SIDE / 2)))
    assert [m.count for m in marks_of(layer, areas, 8.0, "unknown")] == [5]


def test_worst_first_inside_a_mark() -> None:
    layer = CaseLayer()
    layer.replace_all(
        [case(1), case(2, band="over2"), case(3, band="soon"), case(4, band="over2", urgency=3)]
    )
    (mark,) = marks_of(layer, None, 8.0)
    assert mark.case_ids == ("c004", "c002", "c003", "c001")
    assert mark.bands == (("over2", 2), ("soon", 1), ("ok", 1))
    assert not mark.pending


def test_a_waiting_case_marks_its_cluster() -> None:
    layer = CaseLayer()
    layer.replace_all([case(1), case(2, pending=True)])
    assert marks_of(layer, None, 8.0)[0].pending


def test_near_cases_part_when_zoomed_in() -> None:
    layer = CaseLayer()
    layer.replace_all([case(1), case(2, lon=WEST + 0.0004)])
    assert [m.count for m in marks_of(layer, None, 8.0)] == [2]
    assert [m.count for m in marks_of(layer, None, 2.0)] == [1, 1]


def test_stacked_cases_stay_one_mark_even_near() -> None:
    layer = CaseLayer()
    layer.replace_all([case(1), case(2)])
    assert [m.count for m in marks_of(layer, None, 0.5)] == [2]


def test_changes_are_noticed_and_only_those() -> None:
    layer = CaseLayer()
    assert layer.replace_all([case(1), case(2)])
    assert not layer.replace_all([case(2), case(1)])
    assert not layer.update([case(1)], ["nobody"])
    assert layer.update([case(1, band="over1")], [])
    assert layer.update([], ["c002"])
    assert set(layer.cases) == {"c001"}
    assert marks_of(layer, None, 8.0)[0].bands == (("over1", 1),)


def test_update_equals_replacing_all(areas: PreparedAreas) -> None:
    one, other = CaseLayer(), CaseLayer()
    one.replace_all([case(i, WEST + i * 0.002) for i in range(20)])
    marks_of(one, areas, 25.0)
    one.update([case(3, WEST + 0.05, band="over3"), case(30)], ["c005"])
    other.replace_all(one.cases.values())
    for scale in SCALES:
        assert marks_of(one, areas, scale) == marks_of(other, areas, scale)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 23.0), (113.0, math.inf), (500.0, 23.0), (113.0, -90.0)])
def test_a_case_without_a_place_is_kept_apart(lon: float, lat: float) -> None:
    layer = CaseLayer()
    layer.replace_all([case(1, lon, lat), case(2)])
    assert [m.case_ids for m in marks_of(layer, None, 8.0)] == [("c002",)]
    assert layer.unplaced == {"c001"}
    assert layer.point("c001") is None
    assert layer.point("nobody") is None
    assert layer.point("c002") is not None


def test_new_areas_mean_new_streets(areas: PreparedAreas) -> None:
    layer = CaseLayer()
    layer.replace_all(
        [case(1, WEST + SIDE / 2, SOUTH + SIDE / 2), case(2, WEST + SIDE * 5.5, SOUTH + SIDE / 2)]
    )
    assert len(marks_of(layer, areas, 25.0)) == 2
    other, _ = prepare_areas(
        [
            replace(s, code=s.code.replace("440199002", "440199001")[:12] + f"{i:03d}")
            for i, s in enumerate(squares(6, 1))
        ]
    )
    layer.forget_owners()
    assert len(marks_of(layer, other, 25.0)) == 1


def test_unknown_band_comes_last() -> None:
    assert (
        sorted([case(1, band="odd"), case(2, band="closed"), case(3, band="over3")], key=risk_key)[0].case_id
        == "c003"
    )
    assert risk_key(case(1, band="odd"))[0] == len(BANDS)


def test_band_counts() -> None:
    layer = CaseLayer([case(1), case(2), case(3, lon=WEST + 1, band="soon"), case(4, math.nan)])
    assert layer.band_counts() == {"ok": 2, "soon": 1}
    x, y = layer.point("c001")
    assert layer.band_counts((x - 1, y - 1, x + 1, y + 1)) == {"ok": 2}
    assert layer.band_counts((0.0, 0.0, 1.0, 1.0)) == {}
