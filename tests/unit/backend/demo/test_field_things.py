"""Components and cameras of the demo district: plausible, in their place, the same every time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import shapely

from services.backend.demo.build import demo_reference
from services.backend.demo.field_things import make_cameras, make_components
from services.backend.demo.geometry import District
from services.backend.field.things import CAMERA_STATES, STATUSES, ComponentRow


@pytest.fixture(scope="module")
def doc(district: District) -> dict[str, Any]:
    return demo_reference(district)


@pytest.fixture(scope="module")
def rows(district: District, doc: dict[str, Any]) -> list[ComponentRow]:
    return make_components(district, doc)


def test_codes_follow_the_layout(district: District, rows: list[ComponentRow]) -> None:
    codes = [row.code for row in rows]
    assert codes == sorted(codes) and len(set(codes)) == len(codes) > 500
    for row in rows:
        assert row.code.isdigit() and len(row.code) == 16
        assert row.code.startswith(district.code) and f"component-{row.code[6:10]}" == row.category


def test_everything_stands_where_it_says(district: District, rows: list[ComponentRow]) -> None:
    found = district.index.locate_many([row.lon for row in rows], [row.lat for row in rows])
    assert list(found) == [row.grid for row in rows]
    streets = shapely.union_all([shapely.LineString(road.coords) for road in district.roads])
    beside = [row for row in rows if "（" not in row.address]
    off = shapely.distance(shapely.points([(row.lon, row.lat) for row in beside]), streets) * 105_000
    # beside its street; at a corner that may be on the other one
    assert float(off.max()) < 40 and float((off > 1).mean()) > 0.9


def test_names_and_units_are_those_of_the_reference_data(
    doc: dict[str, Any], rows: list[ComponentRow]
) -> None:
    known = {entry["code"]: entry for entry in doc["categories"]}
    units = {unit["id"] for unit in doc["departments"]}
    for row in rows:
        assert (
            row.name == known[row.category]["name"] and row.dept in units and row.maintainer and row.address
        )
    assert len({row.category for row in rows}) >= 8


def test_most_are_intact_and_every_state_is_there(rows: list[ComponentRow]) -> None:
    states = Counter(row.status for row in rows)
    assert states["intact"] / len(rows) > 0.9 and set(states) <= set(STATUSES) and len(states) >= 3


def test_a_kind_the_centre_does_not_know_is_left_out(district: District, doc: dict[str, Any]) -> None:
    fewer = {**doc, "categories": [entry for entry in doc["categories"] if entry["code"] != "component-0137"]}
    assert "component-0137" not in {row.category for row in make_components(district, fewer)}


def test_cameras_have_ids_of_the_standard(district: District) -> None:
    found = make_cameras(district)
    assert 10 <= len(found) <= 60 and len({camera.code for camera in found}) == len(found)
    for camera in found:
        assert len(camera.code) == 20 and camera.code.isdigit() and camera.code[10:13] == "132"
        assert camera.state in CAMERA_STATES and camera.grid.startswith(district.code) and camera.name
        assert camera.heading is None or 0 <= camera.heading < 360
    assert {camera.heading is None for camera in found} == {True, False}


def test_the_same_district_has_the_same_things(
    district: District, doc: dict[str, Any], rows: list[ComponentRow]
) -> None:
    assert make_components(district, doc) == rows and make_cameras(district) == make_cameras(district)
    assert make_components(replace(district, seed=district.seed + 1), doc) != rows
