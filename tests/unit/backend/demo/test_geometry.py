"""The made district: exact sharing, numbering, connected groups, one seed one district."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from services.backend.demo.geometry import LEAST_GRIDS, District, make_district
from services.backend.demo.names import load_recipe
from services.domain.codes import check_area_code, parent_code
from services.geo.areas import AreaTree, to_wkb
from services.geo.coords import distance_m, metres_per_degree
from services.geo.errors import AreaError


@pytest.fixture(scope="module")
def district() -> District:
    """The demo district as it is shipped."""
    return make_district()


def polygons(district: District, level: str) -> np.ndarray:
    return np.array([a.geometry for a in district.areas if a.level == level], dtype=object)


def test_its_size(district: District) -> None:
    levels = Counter(a.level for a in district.areas)
    assert levels["district"] == 1
    assert levels["street"] == 8
    assert 52 <= levels["community"] <= 68
    assert levels["grid"] == 600
    west, south, east, north = district.bounds
    assert distance_m(west, south, east, south) == pytest.approx(12_000, rel=0.05)
    assert distance_m(west, south, west, north) == pytest.approx(10_000, rel=0.05)
    assert west < 113.6 < east
    assert south < 23.4 < north


def test_grids_share_their_edges_exactly(district: District) -> None:
    grids = polygons(district, "grid")
    assert shapely.is_valid(grids).all()
    assert shapely.coverage_is_valid(grids)
    assert (shapely.get_type_id(grids) == shapely.GeometryType.POLYGON).all()
    assert shapely.get_num_interior_rings(grids).sum() == 0


@pytest.mark.parametrize("level", ["community", "street"])
def test_upper_levels_are_their_grids_and_share_edges(district: District, level: str) -> None:
    shapes = polygons(district, level)
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()
    total = shapely.area(polygons(district, "grid")).sum()
    assert shapely.area(shapes).sum() == pytest.approx(total, rel=1e-9)
    tree = AreaTree(district.areas)
    for area in tree.level(level):
        inner = [c.geometry for c in tree.children(area.code)]
        assert area.geometry is not None
        assert area.geometry.equals(shapely.union_all(inner))


def test_the_district_has_no_gaps(district: District) -> None:
    outline = district.areas[0].geometry
    assert outline is not None
    assert outline.geom_type == "Polygon"
    assert len(outline.interiors) == 0
    assert outline.area == pytest.approx(shapely.area(polygons(district, "grid")).sum(), rel=1e-9)


def test_codes_parents_and_order(district: District) -> None:
    AreaTree(district.areas)
    order = {"district": 0, "street": 1, "community": 2, "grid": 3}
    assert [(order[a.level], a.code) for a in district.areas] == sorted(
        (order[a.level], a.code) for a in district.areas
    )
    for area in district.areas:
        check_area_code(area.code, area.level)
        assert area.parent == (None if area.level == "district" else parent_code(area.code))
        assert area.registered


def test_numbers_in_a_community_run_without_gaps(district: District) -> None:
    by_community = defaultdict(list)
    for grid in district.grids:
        by_community[grid.code[:12]].append(int(grid.code[12:]))
    for numbers in by_community.values():
        assert numbers == list(range(1, len(numbers) + 1))
        assert 4 <= len(numbers) <= 30


def test_numbers_run_from_west_to_east_and_north_to_south(district: District) -> None:
    """Within rows as high as a grid: a later number lies further east in its row, or in a row further south."""
    cell = np.sqrt(shapely.area(polygons(district, "grid")).mean())
    by_community = defaultdict(list)
    for grid in district.grids:
        assert grid.geometry is not None
        by_community[grid.code[:12]].append(grid.geometry.centroid)
    for points in by_community.values():
        for earlier, later in pairwise(points):
            assert later.x > earlier.x - 1e-6 or later.y < earlier.y + 1e-6
            assert later.y < earlier.y + 1.2 * cell
        assert points[0].y > points[-1].y - 1.2 * cell


def test_names(district: District) -> None:
    names = [a.name for a in district.grids]
    assert len(set(names)) == 600
    by_street = {a.code: a.name.removesuffix("街道") for a in district.areas if a.level == "street"}
    assert set(by_street.values()) == {s.stem for s in load_recipe().streets}
    numbers = Counter()  # type: ignore[var-annotated]  # of street codes
    for grid in district.grids:
        street = grid.code[:9]
        numbers[street] += 1
        assert grid.name == f"{by_street[street]}-{numbers[street]:02d}"
    communities = [a.name for a in district.areas if a.level == "community"]
    assert len(set(communities)) == len(communities)
    assert all(name.endswith("社区") for name in communities)


def test_streets_lie_where_the_recipe_says(district: District) -> None:
    middles = {a.name: a.geometry.centroid for a in district.areas if a.level == "street" and a.geometry}
    assert middles["青禾街道"].y > middles["望塔街道"].y > middles["临溪街道"].y
    assert middles["石鼓塘街道"].x < middles["望塔街道"].x < middles["松荫街道"].x


def test_one_seed_one_district() -> None:
    first, again, other = make_district(11, 80), make_district(11, 80), make_district(12, 80)
    assert [to_wkb(a.geometry) for a in first.areas] == [to_wkb(a.geometry) for a in again.areas]
    assert [(a.code, a.name) for a in first.areas] == [(a.code, a.name) for a in again.areas]
    assert (first.roads, first.places) == (again.roads, again.places)
    assert to_wkb(first.areas[0].geometry) != to_wkb(other.areas[0].geometry)
    assert first.seed == 11


@settings(max_examples=12)
@given(st.integers(0, 2**32), st.integers(LEAST_GRIDS, 260))
def test_any_seed_and_size_make_a_sound_district(seed: int, grids: int) -> None:
    made = make_district(seed, grids)
    assert len(made.grids) == grids
    assert {a.geometry.geom_type for a in made.areas if a.geometry} == {"Polygon"}
    assert shapely.coverage_is_valid(polygons(made, "grid"))
    AreaTree(made.areas)
    assert made.roads
    assert made.places


@pytest.mark.parametrize("grids", [0, -5, 49, 10**6])
def test_sizes_that_cannot_be_made(grids: int) -> None:
    with pytest.raises(AreaError, match="50 到"):
        make_district(1, grids)


def test_a_grid_keeps_its_size_when_there_are_more() -> None:
    small, large = make_district(3, 60), make_district(3, 1000)
    sizes = [np.mean(shapely.area(polygons(d, "grid"))) for d in (small, large)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.12)
    assert len([a for a in large.areas if a.level == "street"]) == 13


def test_random_points_fall_into_their_area(district: District) -> None:
    rng, draw = random.Random(5), np.random.default_rng(5)
    for grid in district.grids[::10]:
        for source in (rng, draw):
            lon, lat = district.random_point(grid.code, source)
            hit = district.index.locate(lon, lat)
            assert hit is not None
            assert hit.code == grid.code
    lon, lat = district.random_point("990101001", rng)
    assert district.index.locate(lon, lat).code.startswith("990101001")  # type: ignore[union-attr]  # None fails too
    with pytest.raises(KeyError):
        district.random_point("1", rng)


def test_random_points_need_no_luck(district: District) -> None:
    class Corner:
        """A source that always says the corner of the box."""

        def random(self) -> float:
            return 0.0

    lon, lat = district.random_point(district.grids[0].code, Corner())
    assert district.grids[0].geometry.contains(shapely.Point(lon, lat))  # type: ignore[union-attr]  # made with one


def test_water_and_roads_are_geojson(district: District) -> None:
    base = json.loads(json.dumps(district.base_map(), ensure_ascii=False))
    assert set(base) == {"roads", "water", "places"}
    for layer in base.values():
        assert layer["type"] == "FeatureCollection"
        for feature in layer["features"]:
            assert feature["properties"]["name"]
            assert not shapely.from_geojson(json.dumps(feature["geometry"])).is_empty
    assert {f["properties"]["klass"] for f in base["roads"]["features"]} == {
        "primary",
        "secondary",
        "tertiary",
    }
    assert {f["properties"]["width_m"] for f in base["roads"]["features"]} == {32.0, 20.0, 10.0}
    assert {w.klass for w in district.water} == {"river", "brook", "lake"}


def test_the_river_crosses_the_district_and_divides_grids(district: District) -> None:
    river = next(w.geometry for w in district.water if w.klass == "river")
    outline = district.areas[0].geometry
    assert outline is not None
    assert not outline.contains(river)
    inside = shapely.intersection(polygons(district, "grid"), river)
    wet = shapely.area(inside) > 0
    assert 25 < wet.sum() < 200
    swallowed = shapely.area(inside) > 0.9 * shapely.area(polygons(district, "grid"))
    assert not swallowed.any()


def test_roads_lie_inside(district: District) -> None:
    outline = district.areas[0].geometry
    assert outline is not None
    grown = outline.buffer(1.0 / metres_per_degree(23.4)[1])
    lines = [shapely.LineString(r.coords) for r in district.roads]
    assert all(grown.contains(line) for line in lines)
    assert len({r.name for r in district.roads}) == len(lines)
    assert sum(r.klass == "primary" for r in district.roads) >= 6


def test_addresses(district: District) -> None:
    names = {r.name for r in district.roads}
    for grid in district.grids[::25]:
        lon, lat = district.random_point(grid.code, random.Random(1))
        address = district.address_at(lon, lat)
        road = address.rstrip("0123456789号")
        assert road in names
        assert address.endswith("号")
        assert address == district.address_at(lon, lat)
        full = district.full_address_at(lon, lat)
        street = district.by_code[grid.code[:9]].name
        assert full.startswith(f"示例区{street}")


def test_every_point_is_near_a_road(district: District) -> None:
    rng = random.Random(3)
    away = []
    for grid in district.grids[::5]:
        found = district.addresses.nearest(*district.random_point(grid.code, rng))
        assert found is not None
        away.append(found[1])
    assert np.median(away) < 200.0
    assert max(away) < 1500.0


def test_outside_there_is_no_street(district: District) -> None:
    assert district.index.locate(110.0, 20.0) is None
    assert district.full_address_at(110.0, 20.0).startswith("示例区")


def test_places_lie_in_their_grids(district: District) -> None:
    assert len({p.name for p in district.places}) == len(district.places) > 200
    assert {p.kind for p in district.places} == {k.kind for k in load_recipe().places}
    rows = district.index.locate_many([p.lon for p in district.places], [p.lat for p in district.places])
    assert rows.tolist() == [p.grid for p in district.places]
    assert all(p.address.endswith("号") for p in district.places)
