"""Planning an import of areas: codes, parents, names, coordinate systems; the real files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from services.geo.area_import import AreaImport, ImportOptions, plan_areas
from services.geo.coords import wgs84_to_gcj02
from services.geo.errors import AreaError, CoordinateError, FeatureFileError
from services.geo.geojson_text import Limits

SharedData = Callable[[str], Path]

GRIDS = ImportOptions("grid", "code", "name")
KNOWN = frozenset({"990101", "990101001", "990101001001"})

# All areas of the Welsh file whose polygon is invalid: rings that touch themselves in one point.
WELSH_REPAIRS = [
    "W00000202",
    "W00000326",
    "W00000656",
    "W00000672",
    "W00000690",
    "W00001759",
    "W00001760",
    "W00002803",
    "W00002837",
    "W00002882",
    "W00002947",
    "W00002965",
    "W00003685",
    "W00003726",
    "W00005373",
    "W00005396",
    "W00005830",
    "W00008899",
    "W00008986",
    "W00009259",
    "W00006094",
    "W00007827",
    "W00008243",
]


def ring(column: int = 0) -> list[list[float]]:
    west = 113.0 + column * 0.01
    return [[west, 23.0], [west + 0.01, 23.0], [west + 0.01, 23.01], [west, 23.01], [west, 23.0]]


def feature(code: Any, name: Any = "甲", column: int = 0, **more: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring(column)]}
    return {"type": "Feature", "properties": {"code": code, "name": name, **more}, "geometry": geometry}


def data(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def reasons(plan: AreaImport) -> list[str]:
    return [reason for _, reason in plan.refused]


def test_a_good_grid() -> None:
    plan = plan_areas(data(feature("990101001001001", "望塔-01")), GRIDS)
    (area,) = plan.areas
    assert (area.code, area.name, area.level, area.parent) == (
        "990101001001001",
        "望塔-01",
        "grid",
        "990101001001",
    )
    assert area.geometry is not None
    assert area.geometry.equals(shapely.box(113.0, 23.0, 113.01, 23.01))
    assert area.officer is None
    assert (plan.repaired, plan.refused) == ([], [])


def test_an_officer_field() -> None:
    options = ImportOptions("grid", "code", "name", officer_field="officer")
    plan = plan_areas(data(feature("990101001001001", officer="方知夏")), options)
    assert plan.areas[0].officer == "方知夏"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "缺少编码字段 code"),
        ("", "为空"),
        ("  ", "为空"),
        (True, "不是编码"),
        ([1], "不是编码"),
        (1.5, "不是编码"),
        ("99010100100100", "长度为 14 位"),
        ("990101001001", "应为 15 位"),
        ("99010100100100X", "只能由数字组成"),
        ("990101001001000", "001–999"),
        ("9" * 40, "超过 32 个字符"),
    ],
)
def test_codes_that_are_refused(code: Any, words: str) -> None:
    plan = plan_areas(data(feature(code)), GRIDS)
    assert plan.areas == []
    ((label, reason),) = plan.refused
    assert label == "第 1 个要素“甲”"
    assert reason.startswith(label)
    assert words in reason


@pytest.mark.parametrize(
    "code", [990101001001001, 990101001001001.0, "９９０１０１００１００１００１", " 990101001001001\u200b"]
)
def test_codes_as_tables_write_them(code: Any) -> None:
    assert plan_areas(data(feature(code)), GRIDS).areas[0].code == "990101001001001"


def test_older_codes_of_fourteen_digits() -> None:
    options = ImportOptions("grid", "code", "name", code_rule="cjt213", known_codes=KNOWN)
    features = [feature("99010101010007"), feature("99010101011007", "乙"), feature("990101001001008", "丙")]
    plan = plan_areas(data(*features), options)
    assert [(a.code, a.parent) for a in plan.areas] == [
        ("990101001001007", "990101001001"),
        ("990101001001008", "990101001001"),
    ]
    assert plan.repaired == [
        ("第 1 个要素“甲”", "第 1 个要素“甲”的旧编码 99010101010007 已写为 990101001001007。")
    ]
    assert "长度为 14 位" in reasons(plan)[0], "a sequence above 999 has no room in the newer layout"


def test_the_older_layout_is_for_grids_only() -> None:
    options = ImportOptions("street", "code", "name", code_rule="cjt213")
    assert [a.code for a in plan_areas(data(feature("990101001")), options).areas] == ["990101001"]


def test_names_that_are_numbers() -> None:
    plan = plan_areas(data(feature("990101001001001", 12.0), feature("990101001001002", 7)), GRIDS)
    assert [a.name for a in plan.areas] == ["12", "7"]


def test_double_codes_name_the_first() -> None:
    plan = plan_areas(data(feature("990101001001001", "甲"), feature("990101001001001", "乙")), GRIDS)
    assert len(plan.areas) == 1
    assert reasons(plan) == ["第 2 个要素“乙”的编码 990101001001001 与第 1 个要素“甲”重复。"]


def test_a_refused_feature_does_not_take_its_code() -> None:
    broken = feature("990101001001001", "甲")
    broken["geometry"] = None
    plan = plan_areas(data(broken, feature("990101001001001", "乙")), GRIDS)
    assert [a.name for a in plan.areas] == ["乙"]


def test_unknown_parents_are_refused() -> None:
    options = ImportOptions("grid", "code", "name", known_codes=KNOWN)
    plan = plan_areas(data(feature("990101001001001", "甲"), feature("990101001009001", "乙")), options)
    assert [a.name for a in plan.areas] == ["甲"]
    assert reasons(plan) == ["第 2 个要素“乙”的上级社区 990101001009 不存在，请先导入上级。"]


def test_a_given_parent_must_be_known_and_fit() -> None:
    with pytest.raises(AreaError, match="990101009 不存在"):
        plan_areas(data(), ImportOptions("community", "code", "name", parent="990101009", known_codes=KNOWN))
    options = ImportOptions("community", "code", "name", parent="990101001", known_codes=KNOWN)
    plan = plan_areas(data(feature("990101001002"), feature("990101002001", "乙")), options)
    assert [a.parent for a in plan.areas] == ["990101001"]
    assert "不属于上级 990101001" in reasons(plan)[0]


def test_a_district_needs_no_city() -> None:
    options = ImportOptions("district", "code", "name", known_codes=KNOWN)
    assert [a.parent for a in plan_areas(data(feature("990102")), options).areas] == [None]
    options = ImportOptions("district", "code", "name", known_codes={"9901"})
    assert [a.parent for a in plan_areas(data(feature("990102")), options).areas] == ["9901"]


def test_unknown_level() -> None:
    with pytest.raises(AreaError, match="block"):
        plan_areas(data(), ImportOptions("block", "code", "name"))


def test_any_codes_are_kept_under_a_given_parent() -> None:
    options = ImportOptions("grid", "code", "name", parent="990101001001", code_rule="any", known_codes=KNOWN)
    plan = plan_areas(data(feature("W00000001"), feature("W00000001"), feature("W-2", column=1)), options)
    assert [(a.code, a.parent) for a in plan.areas] == [
        ("W00000001", "990101001001"),
        ("W-2", "990101001001"),
    ]
    assert "重复" in reasons(plan)[0]
    free = plan_areas(data(feature("W1")), ImportOptions("grid", "code", "name", code_rule="any"))
    assert free.areas[0].parent is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, "缺少字段 name"),
        ("", "字段 name 为空"),
        ([], "不是文字"),
        ("长" * 81, "超过 80 个字"),
        ("\u0000\u200b", "为空"),
    ],
)
def test_names_that_are_refused(name: Any, words: str) -> None:
    plan = plan_areas(data(feature("990101001001001", name)), GRIDS)
    assert words in reasons(plan)[0]


def test_names_lose_control_characters() -> None:
    plan = plan_areas(data(feature("990101001001001", " 望塔\u200b-0\t1\n")), GRIDS)
    assert plan.areas[0].name == "望塔-01"


def test_a_feature_without_name_is_called_by_its_code_or_number() -> None:
    broken = {"type": "Feature", "properties": {"code": "990101001001001"}, "geometry": None}
    plan = plan_areas(data(broken, {"type": "Feature", "properties": {}, "geometry": None}, 5), GRIDS)
    assert [label for label, _ in plan.refused] == [
        "第 1 个要素“990101001001001”",
        "第 2 个要素",
        "第 3 个要素",
    ]
    assert reasons(plan)[2] == "第 3 个要素不是 GeoJSON 要素（Feature）。"


def test_notes_of_reading_and_of_mending_are_both_told() -> None:
    touching = [[0, 0], [2, 0], [2, 2], [1, 1], [0.5, 2], [1, 1], [0, 2]]
    broken = feature("990101001001001")
    broken["geometry"] = {"type": "Polygon", "coordinates": [touching]}
    ((label, note),) = plan_areas(data(broken), GRIDS).repaired
    assert label == "第 1 个要素“甲”"
    assert "的环没有闭合，已补上。" in note
    assert "已修复" in note


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e999"])
def test_broken_numbers_refuse_one_feature_only(bad: str) -> None:
    text = data(feature("990101001001001"), feature("990101001001002", "乙", 3)).decode()
    broken = text.replace("[113.01, 23.01]", f"[{bad}, 23.01]").encode()
    plan = plan_areas(broken, ImportOptions("grid", "code", "name", crs="gcj02"))
    assert [a.name for a in plan.areas] == ["乙"]
    assert reasons(plan) == ["第 1 个要素“甲”的坐标含有 NaN 或无穷大。"]


def test_gcj02_is_brought_to_wgs84() -> None:
    x, y = wgs84_to_gcj02(*np.array(ring()).T)
    shifted = feature("990101001001001")
    shifted["geometry"]["coordinates"] = [np.column_stack((x, y)).tolist()]
    area = plan_areas(data(shifted), ImportOptions("grid", "code", "name", crs="gcj02")).areas[0]
    assert np.allclose(shapely.get_coordinates(area.geometry), ring(), atol=1e-9, rtol=0)


def test_the_files_own_system_counts_unless_overridden() -> None:
    metres = feature("990101001001001")
    metres["geometry"]["coordinates"] = [[[5e5, 256e4], [501e3, 256e4], [501e3, 2561e3], [5e5, 256e4]]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    area = plan_areas(data(metres, crs=crs), GRIDS).areas[0]
    assert area.geometry is not None
    assert area.geometry.bounds[0] == pytest.approx(114.0)
    overridden = plan_areas(data(metres, crs=crs), ImportOptions("grid", "code", "name", crs="wgs84"))
    assert "--crs" in reasons(overridden)[0]


def test_what_lies_outside_the_system_is_refused() -> None:
    far = feature("990101001001001")
    far["geometry"]["coordinates"] = [[[1e20, 1e20], [2e20, 1e20], [2e20, 2e20], [1e20, 1e20]]]
    plan = plan_areas(data(far), ImportOptions("grid", "code", "name", crs="EPSG:4547"))
    assert "不在坐标系" in reasons(plan)[0]


def test_an_unknown_system_refuses_the_file() -> None:
    with pytest.raises(CoordinateError):
        plan_areas(data(), ImportOptions("grid", "code", "name", crs="mars"))


def test_a_local_grid_by_parameter_file(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_text("[projection]\ncentral_meridian = 113.5\nfalse_northing = -2000000.0\n")
    metres = feature("990101001001001")
    metres["geometry"]["coordinates"] = [[[0, 59e4], [1e3, 59e4], [1e3, 591e3], [0, 59e4]]]
    area = plan_areas(data(metres), ImportOptions("grid", "code", "name", crs=str(path))).areas[0]
    assert area.geometry is not None
    assert area.geometry.bounds[0] == pytest.approx(113.5)


def test_a_shapefile_without_prj_needs_a_system(tmp_path: Path) -> None:
    path = tmp_path / "grids.shp"
    wkb = np.array([shapely.to_wkb(shapely.box(113, 23, 113.1, 23.1))], dtype=object)
    columns = [np.array(["990101001001001"], dtype=object), np.array(["望塔-01"], dtype=object)]
    pyogrio.raw.write(
        path, wkb, columns, ["code", "name"], geometry_type="Polygon", crs="EPSG:4490", encoding="GBK"
    )
    assert plan_areas(path, GRIDS).areas[0].name == "望塔-01"
    path.with_suffix(".prj").unlink()
    with pytest.raises(CoordinateError, match="--crs"):
        plan_areas(path, GRIDS)
    assert len(plan_areas(path, ImportOptions("grid", "code", "name", crs="cgcs2000")).areas) == 1


def test_progress_is_told_and_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    many = data(*[feature(f"990101001001{i:03d}", f"网格{i}", i) for i in range(1, 251)])
    plan = plan_areas(many, GRIDS, lambda done, total: seen.append((done, total)))
    assert len(plan.areas) == 250
    assert seen == [(100, 250), (200, 250), (250, 250)]


def test_limits_reach_the_reader() -> None:
    with pytest.raises(FeatureFileError):
        plan_areas(data(feature("1")), ImportOptions("grid", "code", "name", limits=Limits(most_bytes=10)))
    plan = plan_areas(
        data(feature("990101001001001")),
        ImportOptions("grid", "code", "name", limits=Limits(most_vertices=4)),
    )
    assert reasons(plan) == ["第 1 个要素“甲”的顶点超过上限 4 个。"]


# --- real files -------------------------------------------------------------------------------------


def test_the_welsh_areas(shared_data: SharedData) -> None:
    """10,036 real areas become grids under one community; the 23 invalid ones are mended and named."""
    options = ImportOptions(
        "grid", "OA11CD", "OA11CD", parent="990101001001", code_rule="any", known_codes=KNOWN
    )
    plan = plan_areas(shared_data("data/wales_output_areas.geojson.gz"), options)
    assert len(plan.areas) == 10_036
    assert plan.refused == []
    assert [label.split("“")[1].rstrip("”") for label, _ in plan.repaired] == WELSH_REPAIRS
    assert all(
        "的环与自身相接（" in note and note.endswith("已修复，面积不变。") for _, note in plan.repaired
    )
    polygons = np.array([a.geometry for a in plan.areas], dtype=object)
    assert shapely.is_valid(polygons).all()
    assert sum(p.geom_type == "MultiPolygon" for p in polygons) >= 190


def test_the_welsh_codes_are_not_national(shared_data: SharedData) -> None:
    plan = plan_areas(
        shared_data("data/wales_output_areas.geojson.gz"), ImportOptions("grid", "OA11CD", "OA11CD")
    )
    assert plan.areas == []
    assert len(plan.refused) == 10_036


def test_tianhe_from_gcj02(shared_data: SharedData) -> None:
    path = shared_data("data/tianhe_440106_gcj02.geojson")
    options = ImportOptions("district", "adcode", "name", crs="gcj02", known_codes=frozenset())
    (area,) = plan_areas(path, options).areas
    assert (area.code, area.name, area.parent) == ("440106", "天河区", None)
    assert area.geometry is not None
    assert area.geometry.bounds == pytest.approx((113.29561, 23.10063, 113.44256, 23.24833), abs=1e-5)
    assert area.geometry.contains(shapely.Point(113.3305, 23.1291)), "a square in the middle of the district"
    unshifted = plan_areas(path, ImportOptions("district", "adcode", "name")).areas[0]
    assert unshifted.geometry is not None
    assert unshifted.geometry.distance(area.geometry) == 0.0
    assert unshifted.geometry.bounds[0] - area.geometry.bounds[0] == pytest.approx(0.0053, abs=0.0005)


def test_the_districts_of_guangzhou(shared_data: SharedData) -> None:
    options = ImportOptions("district", "adcode", "name", crs="gcj02")
    plan = plan_areas(shared_data("data/guangzhou_districts_gcj02.geojson"), options)
    assert len(plan.areas) == 11
    assert plan.refused == []
    assert {a.parent for a in plan.areas} == {"4401"}
