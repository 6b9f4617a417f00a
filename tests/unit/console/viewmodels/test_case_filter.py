"""One predicate: vectorised answers are those of a plain reading, documents survive anything."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.case_columns import CaseColumns, world
from console.viewmodels.case_filter import (
    BOX,
    EMPTY,
    LASSO,
    MOST_POINTS,
    CaseFilter,
    LegendPart,
    Region,
    cheap_mask,
    legend_mask,
    text_hits,
)
from console.viewmodels.limit_columns import WorkedTime
from services.domain.bands import BANDS, BandSettings, read_clock
from services.domain.case import Case
from tests.support.fakes import NOW, SOUTH, STEP, WEST, shipped_rules
from tests.support.many_cases import many

RULES = shipped_rules()
ENTRIES = many(600, NOW, RULES)


def columns() -> CaseColumns:
    made = CaseColumns(WorkedTime(RULES.calendar, NOW - timedelta(days=1)), BandSettings())
    for entry in ENTRIES:
        made.put(entry, NOW)
    return made


COLUMNS = columns()


def ring(*points: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Corners in world metres of corners in steps of the invented grids."""
    return tuple(world(WEST + x * STEP, SOUTH + y * STEP) for x, y in points)


def passes(wanted: CaseFilter, case: Case) -> bool:
    """Read the filter the plain way."""
    clock = case.clock
    reading = read_clock(clock, NOW, RULES.calendar, BandSettings()) if clock is not None else None
    band = reading.band if reading is not None else "ok"
    urgency = 3 if case.urgent else case.level
    tests = [
        not wanted.stages or case.stage in wanted.stages,
        not wanted.bands or band in wanted.bands,
        not wanted.urgency or urgency in wanted.urgency,
        not wanted.categories or any((case.category or "").startswith(c) for c in wanted.categories),
        not wanted.sources or case.source in wanted.sources,
        not wanted.departments or case.lead_dept in wanted.departments,
        not wanted.areas or any((case.grid or "").startswith(a) for a in wanted.areas),
        not wanted.unplaced or case.location.lon is None,
        wanted.ids is None or case.case_id in wanted.ids,
    ]
    return all(tests)


def random_filter(rng: random.Random) -> CaseFilter:
    """Ask for one to three things."""
    depts = sorted(RULES.departments)
    choices: dict[str, Any] = {
        "stages": tuple(rng.sample(("intake", "filing", "dispatch", "handle", "check", "close"), 2)),
        "bands": tuple(rng.sample(BANDS, 2)),
        "urgency": tuple(rng.sample(range(4), 2)),
        "categories": (rng.choice(("component-01", "event-0", "component", "event-01")),),
        "sources": (rng.choice(sorted(RULES.sources)),),
        "departments": tuple(rng.sample(depts, 4)),
        "areas": tuple(rng.sample(("990101001", "990101002001", "990101003001002", "990101", "99020"), 2)),
        "unplaced": True,
        "ids": frozenset(rng.sample([e.case.case_id for e in ENTRIES], 200)) | {"gone"},
    }
    return CaseFilter(**{name: choices[name] for name in rng.sample(sorted(choices), rng.randrange(1, 4))})


@pytest.mark.parametrize("seed", range(60))
def test_the_mask_is_the_plain_reading(seed: int) -> None:
    wanted = random_filter(random.Random(seed))
    mask = cheap_mask(wanted, COLUMNS)
    for entry in ENTRIES:
        assert bool(mask[COLUMNS.slot[entry.case.case_id]]) == passes(wanted, entry.case), wanted


def test_nothing_asked_lets_everything_pass() -> None:
    assert not EMPTY.active
    assert CaseFilter(unplaced=True).active
    assert cheap_mask(EMPTY, COLUMNS).all()


def test_text_is_looked_for_in_number_description_and_address() -> None:
    slots = np.arange(COLUMNS.n)
    for needle in ("井盖缺失", "柳岸", "00042", "没有这个词"):
        hits = text_hits(COLUMNS, slots, needle)
        for entry in ENTRIES:
            case = entry.case
            words = f"{case.number or ''} {case.description} {case.location.address}".lower()
            assert bool(hits[COLUMNS.slot[case.case_id]]) == (needle in words)


# --- regions ---------------------------------------------------------------------------------------------

SHAPES = [
    ring((0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)),
    ring((0, 0), (3, 0), (1.5, 3)),
    ring((0.2, 0.2), (2.8, 2.8), (2.8, 0.2), (0.2, 2.8)),  # a lasso that crosses itself
    ring((0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)),
]


@pytest.mark.parametrize("points", SHAPES)
def test_a_region_holds_what_shapely_says(points: tuple[tuple[float, float], ...]) -> None:
    region = Region(points)
    found = region.holds(COLUMNS.x, COLUMNS.y)
    shape = shapely.make_valid(shapely.Polygon(points))
    assert found.any()
    for at, (x, y) in enumerate(zip(COLUMNS.x.tolist(), COLUMNS.y.tolist(), strict=True)):
        inside = np.isfinite(x) and shape.intersects(shapely.Point(x, y))
        assert bool(found[at]) == bool(inside)


def test_a_region_is_made_of_a_polygon_with_an_area() -> None:
    box = shapely.box(0, 0, 10, 5)
    region = Region.of(box, BOX)
    assert region is not None
    assert region.drawn == BOX
    assert len(region.points) == 4
    assert region.polygon.equals(box)
    assert Region.of(shapely.Polygon()) is None
    assert Region.of(shapely.LineString([(0, 0), (1, 1)])) is None


def test_an_empty_set_of_points_is_no_trouble() -> None:
    assert Region(SHAPES[0]).holds(np.zeros(0), np.zeros(0)).tolist() == []


# --- legend ----------------------------------------------------------------------------------------------


def test_legend_classes_leave_out_grids_or_whole_streets() -> None:
    grid, street = "990101001001001", "990101002"
    mask = legend_mask(LegendPart(frozenset({grid, street})), COLUMNS)
    for entry in ENTRIES:
        code = entry.case.grid or ""
        assert bool(mask[COLUMNS.slot[entry.case.case_id]]) == (code != grid and not code.startswith(street))
    assert legend_mask(LegendPart(frozenset()), COLUMNS).all()
    assert legend_mask(LegendPart(frozenset({"-"})), COLUMNS).all()


# --- documents -------------------------------------------------------------------------------------------


def test_a_filter_comes_back_from_its_document() -> None:
    wanted = CaseFilter(
        text="井盖", stages=("dispatch",), bands=("soon", "over1"), urgency=(2, 3), categories=("component-01",),
        sources=("hotline",), departments=("muni",), areas=("990101001", "990101002001003"),
        region=Region(SHAPES[1], LASSO), unplaced=True,
    )  # fmt: skip
    again = CaseFilter.from_doc(json.loads(json.dumps(wanted.to_doc())))
    assert again == wanted
    box = CaseFilter(region=Region(SHAPES[0], BOX))
    assert CaseFilter.from_doc(box.to_doc()) == box


def test_single_cases_and_legend_classes_are_not_remembered() -> None:
    wanted = CaseFilter(ids=frozenset({"a"}), ids_words="聚合", legend=LegendPart(frozenset({"1"}), "不含 0"))
    assert CaseFilter.from_doc(wanted.to_doc()) == EMPTY


@pytest.mark.parametrize(
    "doc",
    [
        None, 3, "text", [], {"text": 3}, {"areas": "990101"}, {"areas": [1, None, ""]}, {"bands": ["purple"]},
        {"stages": ["nowhere"]}, {"urgency": [7, True, "1", 1.0]}, {"urgency": "3"}, {"unplaced": "yes"},
        {"region": 5}, {"region": {"points": []}}, {"region": {"points": [[0, 0], [1, 1], [2, 2]]}},
        {"region": {"points": [[0, 0], [float("nan"), 0], [1, 1]]}},
        {"region": {"points": [[0, 0], ["x", 0], [1, 1]]}}, {"region": {"points": [[0], [1], [2]]}},
        {"region": {"points": [[0.0, 0.0]] * (MOST_POINTS + 1)}}, {"region": {"points": "abc"}},
        {"region": {"points": [[0, 0], [float("inf"), 0], [1, 1]]}}, {"unknown": {"deep": [1]}},
    ],
)  # fmt: skip
def test_rubbish_asks_for_nothing(doc: object) -> None:
    assert CaseFilter.from_doc(doc) == EMPTY


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "text",
        "stages",
        "bands",
        "urgency",
        "categories",
        "sources",
        "departments",
        "areas",
        "region",
        "unplaced",
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_no_document_breaks_a_start(doc: dict[str, Any]) -> None:
    found = CaseFilter.from_doc(doc)
    assert isinstance(found, CaseFilter)
    assert cheap_mask(found, COLUMNS).shape == (COLUMNS.n,)
    assert CaseFilter.from_doc(found.to_doc()) == found


def test_with_keeps_the_other_parts() -> None:
    wanted = CaseFilter(text="a", bands=("soon",)).with_(areas=("990101",))
    assert (wanted.text, wanted.bands, wanted.areas) == ("a", ("soon",), ("990101",))
