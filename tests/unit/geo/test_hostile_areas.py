"""Files of areas from strangers: refused or repaired with a sentence that names the feature, in bounded time and
memory, never half a layer."""

from __future__ import annotations

import gzip
import json
import math
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.codes import LEVELS
from services.geo.area_import import AreaImport, ImportOptions, plan_areas
from services.geo.errors import GeoError
from services.geo.geojson_text import Limits
from services.geo.polygons import looks_swapped, repair_polygon, too_tangled

CASES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "geojson_cases"
OPTIONS = ImportOptions("grid", "code", "name", code_rule="any")
SQUARE = [[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.1], [113.0, 23.0]]
HAN = re.compile("[\u4e00-\u9fff]")


def feature(geometry: Any, number: int = 1, **more: Any) -> dict[str, Any]:
    known = {"code": f"G{number:03d}", "name": f"望塔{number}号", **more}
    return {"type": "Feature", "properties": known, "geometry": geometry}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def packed(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False).encode()


def planned(data: bytes, options: ImportOptions = OPTIONS) -> AreaImport:
    """Plan an import, hold what every plan promises."""
    found = plan_areas(data, options)
    for label, sentence in [*found.repaired, *found.refused]:
        assert sentence.startswith(label) and label.startswith("第 "), sentence
        assert HAN.search(sentence) and len(sentence) < 400
    assert len({area.code for area in found.areas}) == len(found.areas)
    for area in found.areas:
        assert area.level in LEVELS
        assert area.geometry is not None and area.geometry.is_valid and area.geometry.area > 0
        west, south, east, north = area.geometry.bounds
        assert -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return found


def only_refusal(geometry: Any, **more: Any) -> str:
    """The sentence for a wrong feature between two good ones, which must not suffer."""
    good = [feature(polygon(SQUARE), 1), feature(polygon([[x + 0.1, y] for x, y in SQUARE]), 3)]
    found = planned(packed(good[0], feature(geometry, 2, **more), good[1]))
    assert [area.code for area in found.areas] == ["G001", "G003"]
    assert [label for label, _ in found.refused] == ["第 2 个要素“望塔2号”"]
    return found.refused[0][1]


def bounded(work: Callable[[], Any], seconds: float, megabytes: float) -> Any:
    """Run under limits of processor time and of memory that Python knows of."""
    begin = time.process_time()
    tracemalloc.start()
    try:
        result = work()
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert time.process_time() - begin <= seconds
    assert peak <= megabytes
    return result


# --- the lint cases -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not CASES.is_dir(), reason="the sample data is not beside the project")
@pytest.mark.parametrize("folder", ["good", "bad"])
def test_every_lint_case_is_read_or_refused_in_words(folder: str) -> None:
    seen = 0
    for path in sorted((CASES / folder).glob("*.geojson")):
        begin = time.process_time()
        try:
            found = planned(path.read_bytes(), ImportOptions("grid", "name", "name", code_rule="any"))
        except GeoError as error:
            assert HAN.search(str(error)), path.name
        else:
            document = json.loads(path.read_bytes())
            total = len(document["features"]) if document.get("type") == "FeatureCollection" else 1
            assert len(found.areas) + len(found.refused) == total, path.name
        assert time.process_time() - begin < 1.0, path.name
        seen += 1
    assert seen == {"good": 13, "bad": 25}[folder]


# --- one wrong feature among good ones ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (polygon([[113, 23], [113.1, math.nan], [113.1, 23.1], [113, 23]]), "NaN 或无穷大"),
        (polygon([[113, 23], [math.inf, 23], [113.1, 23.1], [113, 23]]), "NaN 或无穷大"),
        (polygon([[113, 23], [10**400, 23], [113.1, 23.1], [113, 23]]), "数值过大"),
        (polygon([[200, 23], [201, 23], [201, 24], [200, 23]]), "超出经纬度范围"),
        (polygon([[y, x] for x, y in SQUARE]), "经纬度可能写反"),
        (polygon([[496_000, 2_560_000], [497_000, 2_560_000], [497_000, 2_561_000], [496_000, 2_560_000]]), "投影坐标"),
        (polygon([[113, 23], [113.1, 23], [113, 23]]), "少于三个不同的点"),
        (polygon([[113, 23], [113.1, 23], [113.2, 23], [113, 23]]), "没有剩下面积"),
        (polygon(), "没有图形"),
        ({"type": "MultiPolygon", "coordinates": []}, "没有图形"),
        ({"type": "GeometryCollection", "geometries": []}, "没有图形"),
        ({"type": "Point", "coordinates": [113, 23]}, "不是面"),
        ({"type": "Polygon"}, "缺少 coordinates"),
        ({"type": "Polygon", "coordinates": "113,23"}, "应为数组"),
        (polygon([["113", "23"], ["114", "23"], ["114", "24"], ["113", "23"]]), "不是数值"),
        (polygon([[True, False], [1, 0], [1, 1], [True, False]]), "不是数值"),
        (polygon([[113], [114], [115], [113]]), "[经度, 纬度]"),
        (polygon([[[113, 23], [114, 23], [114, 24], [113, 23]]]), "不是数值"),
        ({"type": "圆", "coordinates": []}, "不认识"),
        (["Polygon"], "不是对象"),
    ],
)  # fmt: skip
def test_a_wrong_feature_is_refused_by_name_and_the_others_stay(geometry: Any, words: str) -> None:
    assert words in only_refusal(geometry)


def test_doubles_and_unknown_codes_are_refused_by_name() -> None:
    assert "重复" in only_refusal(polygon(SQUARE), code="G001")
    assert "缺少编码字段" in only_refusal(polygon(SQUARE), code=None)
    assert "为空" in only_refusal(polygon(SQUARE), code=" ​ ")
    data = packed(
        feature(polygon(SQUARE), code="44010600100"), feature(polygon(SQUARE), 2, code="990101001001001")
    )
    found = planned(data, ImportOptions("grid", "code", "name", known_codes={"440106001001"}))
    assert found.areas == [] and len(found.refused) == 2
    assert "44010600100" in found.refused[0][1] and "上级" in found.refused[1][1]


def test_a_bow_tie_is_repaired_and_told() -> None:
    tie = [[113, 23], [113.1, 23.1], [113.1, 23], [113.05, 23.06], [113, 23]]
    found = planned(packed(feature(polygon(tie))))
    assert [label for label, _ in found.repaired] == ["第 1 个要素“望塔1号”"]
    assert "自相交" in found.repaired[0][1] and "面积变化" in found.repaired[0][1]


def nested(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = {"type": "GeometryCollection", "geometries": [inner]}
    return inner


def test_collections_are_opened_a_few_levels_and_no_more() -> None:
    found = planned(packed(feature(nested(5, polygon(SQUARE)))))
    assert len(found.areas) == 1 and "几何集合" in found.repaired[0][1]
    assert "嵌套超过" in only_refusal(nested(20, polygon(SQUARE)))


# --- bombs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"type":"FeatureCollection","features":' + b"[" * 99_000 + b"]" * 99_000 + b"}",
        b'{"type":"Polygon","coordinates":' + b"[" * 99_000 + b"1" + b"]" * 99_000 + b"}",
        b'{"type":"Feature","geometry":null,"properties":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_000 + b"}",
        b'{"type":"FeatureCollection","features":[' + b"9" * 5_000 + b"]}",
        gzip.compress(b"[" * 50_000_000),
        gzip.compress(b" " * 60_000_000)[:-9],
        b"\x1f\x8b" + b"\0" * 100,
        b"\xff\xfe\x00\xd8" * 1000,
        b'{"type":"FeatureCollection","features":[{]}',
    ],
    ids=range(12),
)
def test_bombs_are_refused_in_a_second(data: bytes) -> None:
    limits = Limits(most_bytes=64 * 2**20)

    def read() -> str:
        with pytest.raises(GeoError) as caught:
            plan_areas(data, ImportOptions("grid", "code", "name", limits=limits))
        return str(caught.value)

    assert HAN.search(bounded(read, 2.5, 200))


def ring(count: int, jitter: float = 0.0) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = 0.1 * (1 + jitter * np.random.default_rng(0).random(count))
    xy = np.column_stack([113 + reach * np.cos(angle), 23 + reach * np.sin(angle)])
    return np.vstack([xy, xy[:1]])


def test_a_million_vertices_are_taken_and_more_are_not() -> None:
    whole = shapely.polygons(ring(999_999, 1e-5))
    taken = bounded(lambda: repair_polygon(whole, "第 1 个要素"), 8, 300)
    assert taken.geometry.area == pytest.approx(math.pi * 0.01, rel=1e-3)
    more = repair_polygon(shapely.polygons(ring(1_000_001)), "第 1 个要素")
    assert "1,000,002 个顶点，超过上限" in more.reason  # type: ignore[union-attr]  # it is a refusal


@pytest.mark.parametrize("count", [600, 20_000, 999_999])
@pytest.mark.parametrize("kind", ["random", "star"])
def test_a_tangle_is_refused_in_bounded_time(count: int, kind: str) -> None:
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, count) * (count // 2 - 1)
    xy = 0.1 * (
        rng.random((count, 2)) if kind == "random" else np.column_stack([np.cos(angle), np.sin(angle)])
    )
    tangle = shapely.polygons(xy + np.array([113.0, 23.0]))
    told = bounded(lambda: repair_polygon(tangle, "第 3 个要素“乱”"), 5, 300)
    assert told.reason.startswith("第 3 个要素“乱”") and "自交太多" in told.reason


def test_what_is_only_long_is_no_tangle() -> None:
    assert not too_tangled(shapely.polygons(ring(30_000, 1e-5)))
    assert not too_tangled(shapely.box(0, 0, 1, 1))
    teeth = np.column_stack([np.arange(10_000.0), np.tile([0.0, 50.0], 5_000)])
    comb = shapely.polygons(np.vstack([teeth, [(10_000, -9), (0, -9)]]))
    assert comb.is_valid and not too_tangled(comb)
    assert not too_tangled(shapely.MultiPolygon([shapely.box(i, 0, i + 0.5, 1) for i in range(500)]))


def test_a_file_of_too_many_vertices_or_features_is_refused_whole() -> None:
    data = packed(*(feature(polygon(SQUARE), i) for i in range(50)))
    for limits in (Limits(most_features=49), Limits(most_vertices_in_file=200), Limits(most_bytes=1000)):
        with pytest.raises(GeoError) as caught:
            plan_areas(data, ImportOptions("grid", "code", "name", code_rule="any", limits=limits))
        assert "上限" in str(caught.value)


def test_swapped_axes_are_seen_only_where_they_are_likely() -> None:
    assert looks_swapped(23.0, 113.0, 23.2, 113.4)
    assert not looks_swapped(113.0, 23.0, 113.4, 23.2)
    assert not looks_swapped(-3.0, 51.0, -2.0, 52.0)


# --- rubbish of every kind ------------------------------------------------------------------------------------

BASE = packed(feature(polygon(SQUARE), 1), feature({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, 2))

NUMBERS = st.one_of(st.floats(), st.integers(-(10**30), 10**30), st.floats(-180, 180))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometries", "code", "名"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["Polygon", "MultiPolygon", "GeometryCollection", "Point", "LineString", "多边形", ""]
)
PAIRS = st.lists(st.lists(st.one_of(st.floats(-200, 200), NUMBERS), min_size=1, max_size=4), max_size=8)


def survives(data: bytes) -> None:
    try:
        planned(data)
    except GeoError as error:
        assert HAN.search(str(error))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_and_cut_bytes_never_crash(data: st.DataObject) -> None:
    raw = bytearray(BASE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    survives(bytes(raw[: data.draw(st.integers(0, len(raw)))]) if data.draw(st.booleans()) else bytes(raw))


@settings(max_examples=200, deadline=None)
@given(TYPES, st.one_of(VALUES, PAIRS, st.lists(PAIRS, max_size=3)), VALUES)
def test_any_geometry_is_read_or_refused(kind: str, coordinates: Any, other: Any) -> None:
    geometry = {"type": kind, "coordinates": coordinates, "geometries": other}
    survives(packed(feature(geometry, 1), feature(polygon(SQUARE), 2)))


@settings(max_examples=150, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_any_document_is_read_or_refused(top: Any, properties: Any, item: Any) -> None:
    survives(json.dumps(top).encode())
    whole = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": properties, "geometry": None}],
    }
    survives(json.dumps(whole).encode())
    survives(json.dumps({"type": "FeatureCollection", "features": [item], "crs": top}).encode())
