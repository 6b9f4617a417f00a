"""Features of services: pages of every dialect, coordinate systems, GCJ-02, limits, packing, and refusals."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.basemaps.errors import AnswerError
from services.basemaps.feature_files import read_feature_file
from services.basemaps.feature_pages import Page, read_json, read_page
from services.basemaps.features import (
    FeatureLimits,
    FeatureSet,
    Gatherer,
    MapFeature,
    name_of,
    unpacked,
)
from services.basemaps.rings import polygons_of
from services.basemaps.sources import Datum, Kind, MapSource
from services.geo.coords import from_wgs84

SOURCE = MapSource("a", "a", Kind.WFS, "http://h/wfs", layer="n:t")
LINE = shapely.LineString([(114.0, 30.5), (114.01, 30.51)])


def geojson(geometries: list[Any], crs: str = "", **more: Any) -> bytes:
    top: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": f"路{n}"}, "geometry": g}
            for n, g in enumerate(geometries)
        ],
    }
    if crs:
        top["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(top | more).encode()


def gathered(page: Page, source: MapSource = SOURCE, limits: FeatureLimits | None = None) -> FeatureSet:
    gatherer = Gatherer(source, limits or FeatureLimits())
    gatherer.take(page.rows, page.crs)
    return gatherer.done()


def near(shape: Any, other: Any, degrees: float = 1e-6) -> bool:
    return bool(shapely.hausdorff_distance(shape, other) < degrees)


# --- GeoJSON ------------------------------------------------------------------------------------------


def test_a_page_of_geojson() -> None:
    page = read_page(geojson([shapely.geometry.mapping(LINE)], numberMatched=7, exceededTransferLimit=True))
    assert (page.matched, page.more, len(page.rows)) == (7, True, 1)
    made = gathered(page)
    assert made.features[0].name == "路0"
    assert near(made.features[0].geometry, LINE)


@pytest.mark.parametrize(
    ("more", "matched"),
    [
        ({"totalFeatures": "unknown"}, None),
        ({"totalFeatures": 9}, 9),
        ({"numberMatched": "12"}, 12),
        ({}, None),
    ],
)
def test_how_many_there_are(more: dict[str, Any], matched: int | None) -> None:
    assert read_page(geojson([], **more)).matched == matched


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:3857", "EPSG:4490", "urn:ogc:def:crs:EPSG::4547"])
def test_other_coordinate_systems_come_to_wgs84(crs: str) -> None:
    name = crs.replace("urn:ogc:def:crs:EPSG::", "EPSG:")
    there = from_wgs84(LINE, name)
    made = gathered(read_page(geojson([shapely.geometry.mapping(there)], crs)))
    assert near(made.features[0].geometry, LINE)


def test_the_system_set_for_a_source_is_stronger_than_the_declared_one() -> None:
    there = from_wgs84(LINE, "EPSG:4547")
    page = read_page(geojson([shapely.geometry.mapping(there)], "EPSG:3857"))
    made = gathered(page, replace(SOURCE, crs="EPSG:4547"))
    assert near(made.features[0].geometry, LINE)


def test_metres_without_a_system_are_refused_with_the_way_out() -> None:
    there = from_wgs84(LINE, "EPSG:4547")
    with pytest.raises(AnswerError, match="EPSG:4547"):
        gathered(read_page(geojson([shapely.geometry.mapping(there)])))
    with pytest.raises(AnswerError, match="不认识坐标系"):
        gathered(read_page(geojson([shapely.geometry.mapping(there)])), replace(SOURCE, crs="my grid"))


@pytest.mark.parametrize("crs", ["", "EPSG:3857"])
def test_gcj02_by_declaration(crs: str) -> None:
    shifted = from_wgs84(LINE, "gcj02")
    there = from_wgs84(shifted, crs) if crs else shifted
    made = gathered(
        read_page(geojson([shapely.geometry.mapping(there)], crs)), replace(SOURCE, datum=Datum.GCJ02)
    )
    assert near(made.features[0].geometry, LINE, 1e-7)
    assert not near(shifted, LINE, 1e-3)


def test_what_cannot_be_drawn_is_counted_and_left_out() -> None:
    bad = [
        None,
        {"type": "Point", "coordinates": [500.0, 30.0]},
        {"type": "Point", "coordinates": [114.0, 89.0]},
        {"type": "LineString", "coordinates": []},
        {"type": "Nonsense"},
    ]
    made = gathered(
        read_page(geojson([*bad, shapely.geometry.mapping(LINE)])), replace(SOURCE, crs="EPSG:4326")
    )
    assert len(made.features) == 1
    assert made.notes == ("5 个要素没有可用的图形，没有显示。",)
    with pytest.raises(AnswerError, match="请检查坐标系"):
        gathered(read_page(geojson(bad)), replace(SOURCE, crs="EPSG:4326"))


def test_limits_of_features_and_vertices() -> None:
    page = read_page(geojson([shapely.geometry.mapping(LINE)] * 30))
    made = gathered(page, limits=FeatureLimits(most_features=10))
    assert (len(made.features), made.notes) == (10, ("要素过多，只显示前 10 个。",))
    assert len(gathered(page, limits=FeatureLimits(most_vertices=21)).features) == 10


def test_names() -> None:
    assert name_of({"名称": " 中山\n路 "}, "") == "中山 路"
    assert name_of({"NAME": "x", "road": "y"}, "road") == "y"
    assert name_of({"NAME": "x"}, "road") == ""
    assert name_of({"name": None, "mc": 5}, "") == "5"
    assert name_of({"name": {"a": 1}}, "") == ""
    assert len(name_of({"name": "长" * 500}, "")) == 80


# --- Esri ---------------------------------------------------------------------------------------------


def esri(geometry: Any, wkid: int = 4326, **more: Any) -> bytes:
    feature = {"attributes": {"NAME": "一号"}, "geometry": geometry}
    return json.dumps({"features": [feature], "spatialReference": {"wkid": wkid}} | more).encode()


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        ({"x": 114.0, "y": 30.5}, "Point"),
        ({"points": [[114.0, 30.5], [114.1, 30.5]]}, "MultiPoint"),
        ({"paths": [[[114.0, 30.5, 9], [114.1, 30.5, 9]]]}, "MultiLineString"),
        ({"rings": [[[114, 30], [114, 31], [115, 31], [115, 30], [114, 30]]]}, "Polygon"),
    ],
)
def test_esri_geometries(geometry: Any, kind: str) -> None:
    made = gathered(read_page(esri(geometry)))
    assert made.features[0].geometry.geom_type == kind
    assert made.features[0].name == "一号"


def test_esri_systems_and_paging() -> None:
    x, y = from_wgs84((114.0, 30.5), "EPSG:3857")
    for wkid in (102100, 3857):
        page = read_page(esri({"x": x, "y": y}, wkid, exceededTransferLimit=True))
        assert page.more
        assert near(gathered(page).features[0].geometry, shapely.Point(114.0, 30.5))
    latest = read_page(esri({"x": x, "y": y}, 102100, spatialReference={"wkid": 102100, "latestWkid": 3857}))
    assert latest.crs == "EPSG:3857"
    assert read_page(esri({"x": 1, "y": 2}, spatialReference=None)).crs is None


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        5,
        {},
        {"x": "NaN", "y": "a"},
        {"rings": [[[1]]]},
        {"rings": [[["a", "b"]]]},
        {"paths": [[[1, 2]]]},
        {"rings": [[[0, 0], [1, 1]]]},
        {"rings": [[[0, 0], [1, 1], [2, 2], [0, 0]]]},
        {"points": None},
    ],
)
def test_broken_esri_geometry_is_no_geometry(geometry: Any) -> None:
    assert read_page(esri(geometry)).rows[0][0] is None


@pytest.mark.parametrize(
    ("data", "words", "code"),
    [
        (b'{"error":{"code":499,"message":"Token Required"}}', "密钥", "denied"),
        (b'{"error":{"code":400,"message":"Invalid or missing input parameters."}}', "Invalid", "bad_answer"),
        (b'{"succeed":false,"error":{"code":404,"errorMsg":"no dataset"}}', "no dataset", "bad_answer"),
        (b'{"succeed":false}', "没有说明原因", "bad_answer"),
        (b'{"layers":[]}', "features", "bad_answer"),
        (b"[1,2]", "不是要素", "bad_answer"),
        (b"{not json", "JSON", "bad_answer"),
        (b"", "空的", "bad_answer"),
        (b"\x89PNG", "不是要素", "bad_answer"),
        (b"<html><body>Sign in</body></html>", "网页", "bad_answer"),
        (b'{"features":[5]}', "写法不认识", "bad_answer"),
        (b'{"features":' + b"[" * 5000, "JSON", "bad_answer"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_page_is_refused(data: bytes, words: str, code: str) -> None:
    with pytest.raises(AnswerError, match=words) as error:
        read_page(data)
    assert error.value.code == code


@given(st.binary(max_size=200))
def test_no_rubbish_raises_anything_else(data: bytes) -> None:
    for body in (data, b"{" + data, b"<" + data):
        try:
            read_page(body)
        except AnswerError as error:
            assert error.title


def test_json_objects_only() -> None:
    assert read_json(b'{"a":1}')["a"] == 1
    with pytest.raises(AnswerError):
        read_json(b"7")


# --- rings --------------------------------------------------------------------------------------------


def square(x: float, y: float, side: float, *, turned: bool = False) -> list[tuple[float, float]]:
    ring = [(x, y), (x, y + side), (x + side, y + side), (x + side, y), (x, y)]
    return ring[::-1] if turned else ring


@pytest.mark.parametrize("turned", [False, True])
def test_holes_islands_and_neighbours_whatever_the_direction(turned: bool) -> None:
    rings = [
        square(0, 0, 10),
        square(2, 2, 6, turned=turned),
        square(4, 4, 2),
        square(20, 0, 5, turned=turned),
        square(21, 1, 1),
    ]
    made = polygons_of(rings)
    assert made is not None
    assert made.area == pytest.approx(100 - 36 + 4 + 25 - 1)
    assert made.is_valid
    assert shapely.get_num_geometries(made) == 3


def test_rings_without_area() -> None:
    assert polygons_of([]) is None
    assert polygons_of([[(0, 0), (1, 1), (0, 0)]]) is None
    assert polygons_of([[(0, 0), (float("nan"), 1), (1, 0), (0, 0)]]) is None


def test_ten_thousand_rings_take_no_time() -> None:
    rings = [square(x * 2.0, y * 2.0, 1.0) for x in range(100) for y in range(100)]
    began = time.perf_counter()
    made = polygons_of(rings)
    assert made is not None
    assert time.perf_counter() - began < 3.0
    assert shapely.get_num_geometries(made) == 10_000


# --- SuperMap -----------------------------------------------------------------------------------------


def supermap(geometry: Any) -> bytes:
    feature = {
        "ID": 1,
        "fieldNames": ["SMID", "NAME"],
        "fieldValues": ["1", "东湖"],
        "geometry": geometry,
    }
    return json.dumps({"features": [feature], "featureCount": 3}).encode()


def dots(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in points]


def test_supermap_geometries() -> None:
    outer, inner = square(114.0, 30.0, 0.4), square(114.1, 30.1, 0.1)
    region = {
        "type": "REGION",
        "parts": [5, 5],
        "points": dots(*outer, *inner),
        "prjCoordSys": {"epsgCode": 4490},
    }
    page = read_page(supermap(region))
    assert (page.crs, page.matched) == ("EPSG:4490", 3)
    made = gathered(page)
    assert made.features[0].name == "东湖"
    assert made.features[0].geometry.area == pytest.approx(0.16 - 0.01)
    line = {"type": "LINE", "parts": [2, 2], "points": dots((114, 30), (114, 31), (115, 30), (115, 31))}
    assert gathered(read_page(supermap(line))).features[0].geometry.length == pytest.approx(2)
    point = {"type": "POINT", "parts": [1], "points": dots((114, 30))}
    assert gathered(read_page(supermap(point))).features[0].geometry.geom_type == "Point"


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "REGION", "parts": [9], "points": dots((1, 2))},
        {"type": "REGION", "parts": [-1], "points": []},
        {"type": "LINE", "parts": ["x"], "points": dots((1, 2))},
        {"type": "POINT", "points": [{"x": 1}]},
        {"type": "POINT", "points": []},
    ],
)
def test_broken_supermap_geometry_is_no_geometry(geometry: Any) -> None:
    assert read_page(supermap(geometry)).rows[0][0] is None


def test_lists_of_addresses_are_told_as_such() -> None:
    page = read_page(b'{"featureCount":2,"geometryType":"LINE","childUriList":["http://x/1","http://x/2",5]}')
    assert (page.matched, page.children) == (2, ("http://x/1", "http://x/2"))


# --- GML ----------------------------------------------------------------------------------------------


def gml(crs: str, *positions: str, more: str = "", matched: str = "") -> bytes:
    members = "".join(
        f'<gml:featureMember><n:road gml:id="r{n}"><n:name>路{n}</n:name><n:geom>'
        f'<gml:LineString srsName="{crs}"><gml:posList>{text}</gml:posList></gml:LineString>'
        "</n:geom></n:road></gml:featureMember>"
        for n, text in enumerate(positions)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>{more}
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml"
 xmlns:n="http://example.org/n" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {matched}
 xsi:schemaLocation="http://example.org/n http://127.0.0.1:9/schema.xsd">{members}</wfs:FeatureCollection>""".encode()


@pytest.mark.parametrize(
    ("crs", "positions"),
    [
        ("urn:ogc:def:crs:EPSG::4326", "30.5 114.0 30.51 114.01"),
        ("urn:x-ogc:def:crs:EPSG:4490", "30.5 114.0 30.51 114.01"),
        ("EPSG:4326", "114.0 30.5 114.01 30.51"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "30.5 114.0 30.51 114.01"),
    ],
)
def test_the_order_of_axes_in_gml(crs: str, positions: str) -> None:
    page = read_page(gml(crs, positions, matched='numberMatched="5"'))
    assert page.matched == 5
    made = gathered(page)
    assert near(made.features[0].geometry, LINE)
    assert made.features[0].name == "路0"


def test_a_projected_system_in_gml_north_first() -> None:
    xs, ys = from_wgs84((np.array([114.0, 114.01]), np.array([30.5, 30.51])), "EPSG:4547")
    text = " ".join(f"{y} {x}" for x, y in zip(xs, ys, strict=True))
    made = gathered(read_page(gml("urn:ogc:def:crs:EPSG::4547", text)))
    assert near(made.features[0].geometry, LINE)


def test_gml_with_entities_or_without_members() -> None:
    with pytest.raises(AnswerError, match="实体"):
        read_page(gml("EPSG:4326", "1 2 3 4", more='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'))
    assert read_page(gml("EPSG:4326")).rows == ()
    with pytest.raises(AnswerError, match="no such type"):
        read_page(
            b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception>'
            b"<ows:ExceptionText>no such type</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
        )


# --- keeping ------------------------------------------------------------------------------------------


def test_features_are_packed_and_come_back() -> None:
    made = FeatureSet((MapFeature(LINE, "一"), MapFeature(shapely.Point(1, 2))), ("注意。", "还有。"))
    again = unpacked(made.packed())
    assert [f.name for f in again.features] == ["一", ""]
    assert near(again.features[0].geometry, LINE, 1e-12)
    assert again.notes == made.notes
    assert unpacked(FeatureSet().packed()).features == ()


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_damaged_packs_are_refused(damage: bytes) -> None:
    with pytest.raises(AnswerError):
        unpacked(damage)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(geojson([shapely.geometry.mapping(LINE)]))
    source = MapSource("f", "f", Kind.FILE, str(path))
    assert near(read_feature_file(source, FeatureLimits()).features[0].geometry, LINE)
    with pytest.raises(AnswerError, match="读不到"):
        read_feature_file(replace(source, address=str(tmp_path / "no.geojson")), FeatureLimits())
    import pyogrio

    pyogrio.raw.write(
        str(tmp_path / "a.gpkg"),
        np.array([shapely.to_wkb(from_wgs84(LINE, "EPSG:4547"))], dtype=object),
        [np.array(["沿江路"], dtype=object)],
        ["MC"],
        geometry_type="LineString",
        crs="EPSG:4547",
        layer="roads",
        driver="GPKG",
    )
    made = read_feature_file(
        replace(source, address=str(tmp_path / "a.gpkg"), name_field="MC"), FeatureLimits()
    )
    assert near(made.features[0].geometry, LINE)
    assert made.features[0].name == "沿江路"
