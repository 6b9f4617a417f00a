"""GeoJSON and GeoPackage, read back by other hands: GDAL's own programs and the json module."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.geo import export_files
from services.geo.export_files import (
    LONGEST_TEXT,
    Field,
    Layer,
    Row,
    clean,
    guarded,
    layer_names,
    write_geojson,
    write_geopackage,
)
from services.geo.whole_file import FileNotWritten, GivenUp
from tests.unit.geo.test_whole_file import largest_file

#: rows of a portion in these tests
PORTION = 400


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions that are quickly written."""
    monkeypatch.setattr(export_files, "PORTION", PORTION)


FIELDS = (
    Field("案件编号", "number"), Field("超时", "overdue", "flag"), Field("剩余秒", "left_s", "whole"),
    Field("上报时间", "at", "time"), Field("得分", "score", "number"),
)  # fmt: skip
AT = datetime.fromisoformat("2026-11-20T14:07:30+08:00")


def rows(count: int) -> Iterator[Row]:
    """Cases along a line; every fifth without a place."""
    for n in range(count):
        shape = None if n % 5 == 4 else shapely.Point(113.0 + n / 10_000, 23.0 + n / 20_000)
        yield Row(shape, (f"20261120-{n:04d}", n % 2 == 0, n - 3, AT, n / 4))


def cases(count: int = 12, name: str = "案件") -> Layer:
    return Layer(name, FIELDS, rows(count), "Point", "导出时间 2026-11-20")


def areas() -> Layer:
    fields = (Field("网格编码", "code"), Field("在办", "open", "whole"))
    shapes = [shapely.box(113, 23, 113.1, 23.1), shapely.MultiPolygon([shapely.box(113.2, 23, 113.3, 23.1)])]
    hole = shapely.Polygon(
        shapely.box(0, 0, 1, 1).exterior, [shapely.box(0.4, 0.4, 0.6, 0.6).exterior.coords]
    )
    return Layer("网格", fields, [Row(s, (f"99010100100100{n}", n)) for n, s in enumerate([*shapes, hole])],
                 "MultiPolygon")  # fmt: skip


def ogr(*arguments: str) -> str:
    """Run one of GDAL's programs."""
    if shutil.which(arguments[0]) is None:
        pytest.skip("GDAL's programs (Debian's gdal-bin) are not on this machine")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- GeoJSON ------------------------------------------------------------------------------------------------


def test_geojson_is_what_the_standard_says(tmp_path: Path) -> None:
    path = tmp_path / "cases.geojson"
    assert write_geojson(path, cases()) == 12
    doc = json.loads(path.read_text(encoding="utf-8"))
    assert doc["type"] == "FeatureCollection" and doc["name"] == "案件" and "crs" not in doc
    assert [field["alias"] for field in doc["fields"]] == ["number", "overdue", "left_s", "at", "score"]
    first, fifth = doc["features"][0], doc["features"][4]
    assert first == {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [113.0, 23.0]},
        "properties": {
            "案件编号": "20261120-0000", "超时": True, "剩余秒": -3, "得分": 0.0,
            "上报时间": "2026-11-20T14:07:30+08:00",
        },
    }  # fmt: skip
    assert fifth["geometry"] is None and fifth["properties"]["超时"] is True
    assert datetime.fromisoformat(first["properties"]["上报时间"]) == AT


def test_geojson_without_a_feature_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    assert write_geojson(path, cases(0)) == 0
    assert json.loads(path.read_text(encoding="utf-8"))["features"] == []


def test_gdal_reads_the_geojson(tmp_path: Path) -> None:
    path = tmp_path / "cases.geojson"
    write_geojson(path, cases(10))
    told = ogr("ogrinfo", "-al", "-so", str(path))
    assert "Feature Count: 10" in told and "Geometry: Point" in told and "WGS 84" in told
    assert "案件编号: String" in told and "剩余秒: Integer" in told and "得分: Real" in told
    back = ogr("ogr2ogr", "-f", "CSV", "/vsistdout/", str(path), "-lco", "GEOMETRY=AS_XY").splitlines()
    x, y, number = back[2].split(",")[:3]
    assert (float(x), float(y), number) == (113.0001, 23.00005, "20261120-0001")


# --- GeoPackage ---------------------------------------------------------------------------------------------


def test_gdal_reads_the_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "地图.gpkg"
    assert write_geopackage(path, [cases(10), areas()]) == 13
    listed = ogr("ogrinfo", "-so", str(path))
    assert "案件 (Point)" in listed and "网格 (Multi Polygon)" in listed
    told = ogr("ogrinfo", "-so", str(path), "案件")
    assert "Feature Count: 10" in told and 'ID["EPSG",4326]' in told
    assert "案件编号=number" in told and "导出时间" in told
    assert all(f"{name}: {kind}" in told for name, kind in (
        ("案件编号", "String"), ("超时", "Integer(Boolean)"), ("剩余秒", "Integer64"), ("上报时间", "String"),
        ("得分", "Real"),
    ))  # fmt: skip
    assert "Feature Count: 3" in ogr("ogrinfo", "-so", str(path), "网格")
    back = json.loads(ogr("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(path), "案件"))
    for feature, row in zip(back["features"], rows(10), strict=True):
        assert feature["properties"]["案件编号"] == row.values[0]
        wanted = None if row.shape is None else [round(v, 7) for v in row.shape.coords[0]]
        assert (feature["geometry"] and feature["geometry"]["coordinates"]) == wanted
    assert os.listdir(tmp_path) == ["地图.gpkg"]


def test_the_coordinates_and_values_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_geopackage(path, [cases(9), areas()])
    meta, _, shapes, columns = pyogrio.raw.read(path, layer="案件")
    assert meta["crs"] == "EPSG:4326"
    found = shapely.from_wkb(shapes)
    for n, row in enumerate(rows(9)):
        assert (found[n] is None) == (row.shape is None)
        if row.shape is not None:
            assert shapely.distance(found[n], row.shape) < 1e-7
        values = [column[n] for column in columns]
        assert values[0] == row.values[0] and bool(values[1]) == row.values[1] and values[2] == row.values[2]
        assert values[3] == "2026-11-20T14:07:30+08:00" and values[4] == row.values[4]
    polygons = shapely.from_wkb(pyogrio.raw.read(path, layer="网格")[2])
    assert {p.geom_type for p in polygons} == {"MultiPolygon"} and polygons[2].area == pytest.approx(0.96)


def test_nothing_known_is_null(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    layer = Layer("案件", FIELDS, [Row(None, (None,) * 5), Row(shapely.Point(), ("x", None, 1, None, None))])
    write_geopackage(path, [layer])
    back = json.loads(ogr("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(path), "案件"))
    first, second = back["features"]
    assert set(first["properties"].values()) == {None} and first["geometry"] is None
    assert second["properties"]["剩余秒"] == 1 and second["geometry"] is None


def test_an_empty_layer_keeps_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    assert write_geopackage(path, [cases(0)]) == 0
    info = pyogrio.read_info(path, layer="案件")
    assert list(info["fields"]) == [field.name for field in FIELDS] and info["features"] == 0


def test_layers_never_share_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_geopackage(path, [cases(2), cases(3), cases(4, "gpkg_x'; DROP TABLE")])
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == [
        "图层_gpkg_x_DROP_TABLE",
        "案件",
        "案件_2",
    ]
    assert layer_names(["", "A", "a", "😀", "长" * 99]) == ["图层", "A", "a_2", "图层_2", "长" * 40]


# --- big, broken off, refused -------------------------------------------------------------------------------


def test_big_sets_are_streamed(tmp_path: Path) -> None:
    held = [0]

    def counted() -> Iterator[Row]:
        for row in rows(2 * PORTION + 7):
            held[0] += 1
            yield row

    seen: list[tuple[int, int]] = []

    def progress(written: int) -> bool:
        seen.append((written, held[0]))
        return False

    path = tmp_path / "a.gpkg"
    assert write_geopackage(path, [Layer("案件", FIELDS, counted())], progress=progress) == 2 * PORTION + 7
    assert seen == [(PORTION, PORTION), (2 * PORTION, 2 * PORTION), (2 * PORTION + 7, 2 * PORTION + 7)]
    assert pyogrio.read_info(path, layer="案件")["features"] == 2 * PORTION + 7


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_given_up_half_way_nothing_is_left(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_text("旧", encoding="utf-8")

    def stop(count: int) -> bool:
        return count >= PORTION

    with pytest.raises(GivenUp, match="已取消"):
        if kind == "gpkg":
            write_geopackage(path, [cases(3 * PORTION)], progress=stop)
        else:
            write_geojson(path, cases(3 * PORTION), progress=stop)
    assert path.read_text(encoding="utf-8") == "旧" and os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_a_full_disk_is_told_and_nothing_is_left(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    with pytest.raises(FileNotWritten) as refused, largest_file(200_000):
        if kind == "gpkg":
            write_geopackage(path, [cases(12 * PORTION)])
        else:
            write_geojson(path, cases(12 * PORTION))
    assert path.name in refused.value.title and os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["geojson", "gpkg"])
def test_a_place_that_cannot_be_taken_is_told_before_the_work(kind: str, tmp_path: Path) -> None:
    def never() -> Iterator[Row]:
        raise AssertionError("nothing may be worked for")
        yield Row(None, ())

    layer, path = Layer("x", FIELDS, never()), tmp_path / "missing" / f"a.{kind}"
    with pytest.raises(FileNotWritten, match="不存在"):
        if kind == "gpkg":
            write_geopackage(path, [layer])
        else:
            write_geojson(path, layer)


# --- texts that play tricks ---------------------------------------------------------------------------------

TRICKS = [
    "=HYPERLINK(\"http://x\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
    "a\x00b", "\ud83d", "\udc00",
    "👨‍👩‍👧‍👦", "\u202e倒序", "x" * 100_000, "\"';--", "\ufeff井盖", "行\n二", "</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", ["=1", "+1+1", "-2+3", "@x", "\tx", "\rx", "-x", "+abc"])
def test_formulas_are_defused(text: str) -> None:
    assert guarded(text) == "'" + clean(text)


@pytest.mark.parametrize("text", ["", "井盖", "1=2", "-3.5", "+86", "-12", "13800000000", "a@b.cn"])
def test_plain_text_and_numbers_stay(text: str) -> None:
    assert guarded(text) == text


def test_tricks_come_through_both_files(tmp_path: Path) -> None:
    layer = Layer("案件", (Field("问题", "text"),), [Row(shapely.Point(113, 23), (text,)) for text in TRICKS])
    write_geojson(tmp_path / "a.geojson", layer)
    write_geopackage(tmp_path / "a.gpkg", [layer])
    doc = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    texts = [feature["properties"]["问题"] for feature in doc["features"]]
    assert texts == [guarded(text) for text in TRICKS]
    back: Any = pyogrio.raw.read(tmp_path / "a.gpkg")[3][0]
    assert list(back) == texts
    assert all(not text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in texts)
    assert len(texts[11]) == LONGEST_TEXT + 1 and texts[11].endswith("…")
    assert {"�"} <= set("".join(texts)) and texts[9] == TRICKS[9]


@given(st.text(st.characters(), max_size=60))
def test_any_text_can_be_written_and_read(text: str) -> None:
    made = guarded(text)
    assert json.loads(json.dumps(made)) == made
    made.encode("utf-8")
    assert not made or made[0] not in "=@\t\r"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_become_null(value: float, tmp_path: Path) -> None:
    layer = Layer("x", (Field("得分", "score", "number"),), [Row(shapely.Point(value, 1), (value,))])
    write_geojson(tmp_path / "a.geojson", layer)
    feature = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"][0]
    assert feature["geometry"] is None and feature["properties"] == {"得分": None}
