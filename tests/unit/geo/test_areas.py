"""The area tree, dissolving upwards, shared simplification, stored form."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from services.backend.demo.geometry import make_district
from services.geo.areas import (
    LEVEL_LABEL,
    Area,
    AreaTree,
    dissolve,
    from_wkb,
    simplify_shared,
    to_wkb,
    union,
    upper_level,
)
from services.geo.errors import AreaError


def box(column: int, row: int) -> BaseGeometry:
    return shapely.box(113 + column, 23 + row, 114 + column, 24 + row)


def grid(code: str, column: int, row: int) -> Area:
    return Area(code, f"网格{code[-3:]}", "grid", code[:12], box(column, row))


@pytest.fixture(scope="module")
def grids() -> list[Area]:
    """A row of six squares, two per community; the communities belong to two streets."""
    codes = ["990101001001001", "990101001001002", "990101001002001", "990101001002002"]
    codes += ["990101002001001", "990101002001002"]
    return [grid(code, i, 0) for i, code in enumerate(codes)]


def test_levels_from_below() -> None:
    assert [upper_level(level) for level in ("grid", "community", "street", "district", "city")] == [
        "community",
        "street",
        "district",
        "city",
        None,
    ]
    assert set(LEVEL_LABEL) == {"city", "district", "street", "community", "grid"}
    with pytest.raises(AreaError, match="block"):
        upper_level("block")


def test_properties_are_those_of_the_contract(grids: list[Area]) -> None:
    assert grids[0].properties() == {
        "code": "990101001001001",
        "name": "网格001",
        "level": "grid",
        "parent": "990101001001",
        "officer": None,
        "registered": True,
    }


def test_dissolve_upwards(grids: list[Area]) -> None:
    communities = dissolve(grids, "community", lambda code: f"社区{code[-3:]}")
    assert [c.code for c in communities] == ["990101001001", "990101001002", "990101002001"]
    assert [c.parent for c in communities] == ["990101001", "990101001", "990101002"]
    assert communities[0].name == "社区001"
    assert communities[0].geometry is not None
    assert communities[0].geometry.equals(shapely.box(113, 23, 115, 24))
    streets = dissolve(communities, "street", lambda code: code)
    district = dissolve(streets, "district", lambda code: code)
    assert [(d.code, d.level, d.parent) for d in district] == [("990101", "district", "9901")]
    assert district[0].geometry is not None
    assert district[0].geometry.area == pytest.approx(6.0)


def test_dissolve_needs_the_level_right_below(grids: list[Area]) -> None:
    with pytest.raises(AreaError, match="下一级"):
        dissolve(grids, "street", lambda code: code)
    with pytest.raises(AreaError, match="下一级"):
        dissolve([Area("x", "x", "grid", None, box(0, 0))], "community", lambda code: code)


def test_dissolve_skips_areas_without_polygon() -> None:
    assert dissolve([Area("1" * 15, "x", "grid", "1" * 12, None)], "community", lambda code: code) == []


def test_union_of_overlapping_and_separate_polygons() -> None:
    joined = union([box(0, 0), shapely.box(113.5, 23, 115, 24), box(5, 5)])
    assert joined.is_valid
    assert joined.geom_type == "MultiPolygon"
    assert joined.area == pytest.approx(3.0)
    assert union([box(0, 0)]).equals(box(0, 0))


def test_union_of_polygons_that_cross() -> None:
    """GEOS refuses these as a coverage."""
    crossing = [
        shapely.Polygon([(1, 0), (1, 2), (3, 3), (3, 1)]),
        shapely.Polygon([(2, 1), (0, 2), (2, 3), (3, 3)]),
    ]
    with pytest.raises(shapely.errors.GEOSException):
        shapely.coverage_union_all(crossing)
    assert union(crossing).equals(shapely.union_all(crossing))


def test_union_leaves_no_hairs_inside() -> None:
    joined = union([box(c, r) for c, r in product(range(3), range(3))])
    assert joined.geom_type == "Polygon"
    assert len(joined.interiors) == 0
    assert joined.equals(shapely.box(113, 23, 116, 26))


def test_tree_children_and_path(grids: list[Area]) -> None:
    communities = dissolve(grids, "community", lambda code: code)
    streets = dissolve(communities, "street", lambda code: code)
    top = Area("990101", "示例区", "district", None, None)
    tree = AreaTree([*grids, top, *streets, *communities])
    assert len(tree) == 6 + 1 + 2 + 3
    assert [a.code for a in tree.children("990101")] == ["990101001", "990101002"]
    assert [a.code for a in tree.children(None)] == ["990101"]
    assert tree.children("990101001001001") == ()
    assert [a.level for a in tree.path("990101002001002")] == ["district", "street", "community", "grid"]
    assert [a.code for a in tree.level("street")] == ["990101001", "990101002"]
    assert "990101" in tree
    assert "990102" not in tree
    assert tree["990101"].name == "示例区"
    assert {a.code for a in tree} >= {"990101"}


def test_tree_refuses_double_codes_and_lost_parents(grids: list[Area]) -> None:
    with pytest.raises(AreaError, match="重复"):
        AreaTree([Area("1", "a", "city", None, None), Area("1", "b", "city", None, None)])
    with pytest.raises(AreaError, match="990101001001 不存在"):
        AreaTree(grids)


def test_tree_refuses_circles() -> None:
    tree = AreaTree([Area("a", "a", "street", "b", None), Area("b", "b", "street", "a", None)])
    with pytest.raises(AreaError, match="成环"):
        tree.path("a")


def test_wkb_round_trip_without_height() -> None:
    lifted = shapely.force_3d(box(0, 0), 3.0)
    packed = to_wkb(lifted)
    assert packed[0] == 1
    assert from_wkb(packed).equals_exact(box(0, 0), 0.0)
    assert not from_wkb(packed).has_z


@pytest.mark.parametrize("packed", [b"", b"\x01\x03", b"not a geometry"])
def test_broken_wkb_is_refused(packed: bytes) -> None:
    with pytest.raises(AreaError, match="损坏"):
        from_wkb(packed)


def test_simplified_areas_still_share_their_edges() -> None:
    district = make_district(seed=5, grids=60)
    simple = simplify_shared(district.grids, tolerance_m=60.0)
    assert [a.code for a in simple] == [a.code for a in district.grids]
    before = np.array([a.geometry for a in district.grids], dtype=object)
    after = np.array([a.geometry for a in simple], dtype=object)
    assert shapely.coverage_is_valid(after)
    assert shapely.is_valid(after).all()
    assert shapely.get_num_coordinates(after).sum() < 0.6 * shapely.get_num_coordinates(before).sum()
    assert shapely.area(after).sum() == pytest.approx(shapely.area(before).sum(), rel=0.02)


def test_simplifying_keeps_areas_without_polygon_in_their_place(grids: list[Area]) -> None:
    nothing = Area("990101009001001", "空", "grid", "990101009001", None)
    assert simplify_shared([nothing], 10.0) == [nothing]
    mixed = simplify_shared([grids[0], nothing, grids[1]], 10.0)
    assert mixed[1] is nothing
    assert mixed[0].code == grids[0].code
    assert mixed[2].geometry is not None
