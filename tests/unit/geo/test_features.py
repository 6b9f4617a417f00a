"""Files of areas feature by feature; the lint cases and the real files of the shared material."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.geo.errors import FeatureFileError
from services.geo.features import AreaFeature, open_features
from services.geo.geojson_text import Limits
from services.geo.polygons import Repaired, repair_polygon

SharedData = Callable[[str], Path]

BOX = {"type": "Polygon", "coordinates": [[[113, 23], [113.1, 23], [113.1, 23.1], [113, 23.1], [113, 23]]]}


def collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def feature(geometry: Any = BOX, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def only(data: bytes) -> AreaFeature:
    file = open_features(data)
    assert file.total == 1
    return next(iter(file))


def test_a_collection() -> None:
    file = open_features(collection(feature(name="甲"), feature(None, name="乙")))
    first, second = file
    assert (file.total, file.crs, file.format) == (2, None, "geojson")
    assert (first.index, first.properties["name"], first.problem) == (1, "甲", None)
    assert first.geometry is not None
    assert first.geometry.geom_type == "Polygon"
    assert (second.index, second.geometry, second.problem) == (2, None, None)
    assert len(list(file)) == 2, "a file can be walked again"


def test_a_single_feature_and_a_bare_geometry() -> None:
    assert only(json.dumps(feature(name="甲")).encode()).properties == {"name": "甲"}
    bare = only(json.dumps(BOX).encode())
    assert bare.properties == {}
    assert bare.geometry is not None


def test_null_properties_are_none() -> None:
    assert only(collection({"type": "Feature", "properties": None, "geometry": BOX})).properties == {}
    assert only(collection({"type": "Feature", "geometry": BOX})).geometry is not None


def test_an_open_ring_carries_a_note() -> None:
    ring = BOX["coordinates"][0][:-1]  # type: ignore[index]  # a literal of mixed values
    found = only(collection(feature({"type": "Polygon", "coordinates": [ring]})))
    assert found.note == "的环没有闭合，已补上"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (None, "不是 GeoJSON 要素（Feature）"),
        ([], "不是 GeoJSON 要素（Feature）"),
        ({"type": "feature"}, "不是 GeoJSON 要素（Feature）"),
        ({"type": "Feature", "properties": []}, "的 properties 不是对象"),
        ({"type": "Feature", "properties": {}, "geometry": {"type": "Blob"}}, "的图形类型“Blob”不认识"),
    ],
)
def test_a_wrong_feature_has_a_problem_and_the_rest_is_read(raw: Any, problem: str) -> None:
    bad, good = open_features(collection(raw, feature()))
    assert (bad.index, bad.geometry, bad.problem) == (1, None, problem)
    assert good.geometry is not None


def test_nan_in_a_property_is_a_problem() -> None:
    assert (
        only(collection(feature(a=1)).replace(b'"a": 1', b'"a": NaN')).problem == "的属性 a 是 NaN 或无穷大"
    )
    assert (
        only(collection(feature(a=1)).replace(b'"a": 1', b'"a": 1e999')).problem == "的属性 a 是 NaN 或无穷大"
    )


def test_double_keys_of_a_feature_are_a_problem() -> None:
    text = collection(feature(a=1, b=2))
    assert only(text.replace(b'"b": 2', b'"a": 2')).problem == "的 properties键重复：a"
    assert (
        only(text.replace(b'"geometry":', b'"geometry": null, "geometry":')).problem == "的键重复：geometry"
    )
    assert (
        only(text.replace(b'"coordinates":', b'"type": "Point", "coordinates":')).problem
        == "的 geometry键重复：type"
    )


def test_the_coordinate_system_of_the_old_geojson() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    assert open_features(collection(feature(), crs=crs)).crs == "urn:ogc:def:crs:EPSG::4490"
    assert open_features(collection(feature(), crs=None)).crs is None
    for odd in ("EPSG:4490", {"type": "link"}, {"properties": []}, {"properties": {"name": 4490}}):
        with pytest.raises(FeatureFileError, match="--crs"):
            open_features(collection(feature(), crs=odd))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[]", "顶层是数组"),
        (b"null", "顶层是null"),
        (b'"FeatureCollection"', "顶层是字符串"),
        (b"5", "顶层是数值"),
        (b"true", "顶层是数值或布尔值"),
        (b"{}", "没有 type"),
        (b'{"type": 5}', "“5”"),
        (b'{"type": {}}', "type"),
        (b'{"type": "Topology"}', "TopoJSON"),
        (b'{"type": "FeatureCollection"}', "features 不是数组"),
        (b'{"type": "FeatureCollection", "features": {}}', "features 不是数组"),
        (b'{"type": "A", "type": "B"}', "键重复：type"),
        (b'{"type": "' + b"x" * 5000 + b'"}', "…"),
    ],
)
def test_a_wrong_top_is_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FeatureFileError, match=words) as caught:
        open_features(data)
    assert len(str(caught.value)) < 200


def test_limits_of_features_and_vertices() -> None:
    data = collection(*[feature()] * 3)
    with pytest.raises(FeatureFileError, match="3 个要素，超过上限 2"):
        open_features(data, limits=Limits(most_features=2))
    file = open_features(data, limits=Limits(most_vertices_in_file=12))
    with pytest.raises(FeatureFileError, match="顶点超过上限 12"):
        list(file)
    first = next(iter(open_features(data, limits=Limits(most_vertices=4))))
    assert first.problem == "的顶点超过上限 4 个"


@pytest.mark.parametrize("name", ["a.txt", "a.kml", "noending"])
def test_unknown_endings(tmp_path: Path, name: str) -> None:
    with pytest.raises(FeatureFileError, match="不认识文件"):
        open_features(tmp_path / name)


def test_archives_are_to_be_unpacked_first(tmp_path: Path) -> None:
    with pytest.raises(FeatureFileError, match="请先解压"):
        open_features(tmp_path / "areas.ZIP")


@pytest.mark.parametrize("name", ["a.geojson", "A.GEOJSON", "a.json", "a.geojson.gz", "a.json.gz"])
def test_endings_of_geojson(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data = collection(feature())
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert open_features(path).total == 1


# --- the shared lint cases -------------------------------------------------------------------------

REFUSED_FILES = {
    "bad-duplicate-properties": "键重复",
    "bad-json": "不是正确的 JSON",
    "bad-object-type": "type",
    "featurecollection-obj": "features 不是数组",
    "rootstring": "顶层是null",
    "unknowntype": "FooBar",
}
PROBLEMS = {
    "bad-featurelist": "层次不对",
    "bad-properties-as-array": "properties 不是对象",
    "badfeature": "不是 GeoJSON 要素",
    "expected_object": "properties 不是对象",
    "false": "geometry 不是对象",
    "point": "缺少 coordinates",
    "point-labeled-as-a-multipolygon": "层次不对",
    "point-toofew": "[经度, 纬度]",
    "stringcoord": "不是数值",
}


def test_bad_lint_cases_are_refused_or_named(shared_data: SharedData) -> None:
    """What only breaks a linter's taste (winding, bbox, precision) is read; what is broken is named."""
    paths = sorted(shared_data("data/geojson_cases/bad").glob("*.geojson"))
    assert len(paths) == 25
    for path in paths:
        name = path.stem
        if name in REFUSED_FILES:
            with pytest.raises(FeatureFileError, match=REFUSED_FILES[name]):
                open_features(path)
            continue
        problems = [f.problem for f in open_features(path) if f.problem]
        assert bool(problems) == (name in PROBLEMS), (name, problems)
        assert all(PROBLEMS[name] in p for p in problems)


def test_good_lint_cases_are_read(shared_data: SharedData) -> None:
    paths = sorted(shared_data("data/geojson_cases/good").glob("*.geojson"))
    assert len(paths) == 13
    for path in paths:
        features = list(open_features(path))
        assert features
        assert all(f.problem is None for f in features), path.name


def test_lint_cases_through_the_polygon_check(shared_data: SharedData) -> None:
    """Only one of the good polygons lies on earth; every other file ends in a sentence."""
    usable = []
    for path in sorted(shared_data("data/geojson_cases").glob("*/*.geojson")):
        if path.stem in REFUSED_FILES:
            continue
        for found in open_features(path):
            if found.problem is None and isinstance(repair_polygon(found.geometry, "要素"), Repaired):
                usable.append(path.stem)
    assert "good-polygon" in usable
    assert "issue82" not in usable, "its latitudes lie beyond the pole"
    assert "nullgeometry" not in usable


def test_an_api_record_is_not_geojson(shared_data: SharedData) -> None:
    with pytest.raises(FeatureFileError, match="没有 type"):
        open_features(shared_data("data/amsterdam_centrum_areas.json"))
