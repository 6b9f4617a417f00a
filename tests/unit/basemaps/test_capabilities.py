"""WMTS capabilities: 天地图's two sets, axis orders, pixel sizes, limits, templates, and what must be refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from services.basemaps.capabilities import parse_capabilities
from services.basemaps.errors import AnswerError
from services.basemaps.matrices import WORLD_HALF_M, Plane, TileAddress
from services.basemaps.sources import Kind, MapSource
from services.basemaps.urls import capabilities_url, wmts_url
from tests.support.wmts_world import OGC_SCALE_1, c_set, document, kvp, layer, matrix, w_set

SOURCE = MapSource("tdt", "天地图", Kind.WMTS, "http://t0.example/vec_c/wmts", layer="vec", key_name="tk")


def test_the_geographic_set_of_tianditu() -> None:
    plan = parse_capabilities(document(layer(), c_set())).plan(SOURCE)
    assert plan.grid.plane is Plane.DEGREES
    first = plan.grid.matrices[0]
    # 96 dots an inch: level 1 is 0.703125 degrees a pixel, 2 × 1 tiles from the north-west corner of the world
    assert first.resolution == pytest.approx(0.703125, rel=1e-6)
    assert (first.left, first.top, first.columns, first.rows) == (-180.0, 90.0, 2, 1)
    assert first.bounds(1, 0) == pytest.approx((0.0, -90.0, 180.0, 90.0), abs=1e-4)
    assert (plan.style, plan.format, plan.matrix_set) == ("default", "tiles", "c")


def test_the_mercator_set_of_tianditu_with_its_turned_corner() -> None:
    plan = parse_capabilities(document(layer(sets=("w",)), w_set())).plan(SOURCE)
    first = plan.grid.matrices[0]
    assert plan.grid.plane is Plane.MERCATOR
    assert (first.left, first.top) == pytest.approx((-WORLD_HALF_M, WORLD_HALF_M))
    assert first.resolution == pytest.approx(2 * WORLD_HALF_M / 512, rel=1e-6)
    assert (first.columns, first.rows) == (2, 2)


@pytest.mark.parametrize(
    ("crs", "corner"),
    [
        ("urn:ogc:def:crs:EPSG::4326", "90 -180"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "-180 90"),
        ("EPSG:4326", "-180.0 90.0"),
        ("EPSG:4490", "90,-180"),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", "90 -180"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "90 -180"),
    ],
)
def test_whatever_the_order_of_axes_the_corner_is_north_west(crs: str, corner: str) -> None:
    service = parse_capabilities(document(layer(), c_set(crs=crs, corner=corner)))
    assert {(m.left, m.top) for m in service.grids["c"].matrices} == {(-180.0, 90.0)}


def test_a_city_set_is_read_by_the_order_of_its_crs() -> None:
    """Corners inside the world fit either order; then the CRS decides."""
    levels = matrix(1, 20000.0, "32.5 72.0", 8, 8)
    for crs, left in (("urn:ogc:def:crs:EPSG::4490", 72.0), ("urn:ogc:def:crs:OGC:1.3:CRS84", 32.5)):
        body = (
            f"<TileMatrixSet><ows:Identifier>city</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>"
            f"{levels}</TileMatrixSet>"
        )
        service = parse_capabilities(document(layer(sets=("city",)), body))
        assert service.grids["city"].matrices[0].left == left


def test_scales_told_by_the_standard_pixel() -> None:
    levels = "".join(matrix(n, OGC_SCALE_1 / 2 ** (n - 1), "90 -180", 2**n, 2 ** (n - 1)) for n in (1, 2, 5))
    body = (
        "<TileMatrixSet><ows:Identifier>c</ows:Identifier>"
        f"<ows:SupportedCRS>EPSG:4326</ows:SupportedCRS>{levels}</TileMatrixSet>"
    )
    grid = parse_capabilities(document(layer(), body)).grids["c"]
    assert [m.resolution for m in grid.matrices] == pytest.approx([0.703125, 0.3515625, 0.0439453125])
    odd = body.replace(str(OGC_SCALE_1), "250000000.0")
    grid = parse_capabilities(document(layer(), odd)).grids["c"]
    assert grid.matrices[0].resolution == pytest.approx(250000000.0 * 0.00028 / 111319.49079, rel=1e-6)


def test_levels_come_from_coarse_to_fine_and_never_reach_beyond_the_world() -> None:
    levels = matrix(7, OGC_SCALE_1 / 4, "90 -180", 999999, 999999) + matrix(1, OGC_SCALE_1, "90 -180", 2, 1)
    body = (
        "<TileMatrixSet><ows:Identifier>c</ows:Identifier>"
        f"<ows:SupportedCRS>EPSG:4326</ows:SupportedCRS>{levels}</TileMatrixSet>"
    )
    first, second = parse_capabilities(document(layer(), body)).grids["c"].matrices
    assert (first.id, second.id) == ("1", "7")
    assert (second.columns, second.rows) == (8, 4)


def test_limits_of_a_layer_leave_only_its_levels() -> None:
    inner = """<TileMatrixSetLink><TileMatrixSet>c</TileMatrixSet><TileMatrixSetLimits>
    <TileMatrixLimits><TileMatrix>10</TileMatrix><MinTileRow>80</MinTileRow><MaxTileRow>90</MaxTileRow>
    <MinTileCol>830</MinTileCol><MaxTileCol>840</MaxTileCol></TileMatrixLimits>
    <TileMatrixLimits><TileMatrix>11</TileMatrix><MinTileRow>x</MinTileRow><MaxTileRow>9</MaxTileRow>
    <MinTileCol>1</MinTileCol><MaxTileCol>2</MaxTileCol></TileMatrixLimits>
    </TileMatrixSetLimits></TileMatrixSetLink>"""
    grid = parse_capabilities(document(layer(sets=(), inner=inner), c_set())).plan(SOURCE).grid
    (level,) = grid.matrices
    assert (level.id, level.limits) == ("10", (830, 840, 80, 90))
    assert level.has(835, 85)
    assert not level.has(829, 85)
    assert not grid.has(TileAddress(0, 835, 91))


def test_mercator_is_taken_where_both_are_offered_and_the_wish_counts() -> None:
    service = parse_capabilities(document(layer(sets=("c", "w")), c_set() + w_set()))
    assert service.plan(SOURCE).matrix_set == "w"
    assert service.plan(replace(SOURCE, matrix_set="c")).matrix_set == "c"


def test_requests_by_key_and_value_go_to_the_address_the_user_gave() -> None:
    plan = parse_capabilities(document(layer(), c_set())).plan(SOURCE)
    url = wmts_url(SOURCE, plan, TileAddress(9, 835, 169))
    assert url.startswith("http://t0.example/vec_c/wmts?")
    assert "inner-name" not in url
    for part in ("LAYER=vec", "TILEMATRIX=10", "TILECOL=835", "TILEROW=169", "FORMAT=tiles", "STYLE=default"):
        assert part in url
    assert "tk=" not in url


def test_requests_by_template_keep_the_host_and_fill_every_place() -> None:
    inner = (
        '<ResourceURL format="image/png" resourceType="tile" template="http://inner-name/r/{Layer}/{Style}/'
        '{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"/>'
        '<ResourceURL format="text/plain" resourceType="FeatureInfo" template="http://inner-name/no"/>'
    )
    body = document(layer(inner=inner, formats=("image/png",)), c_set(), kvp("RESTful"))
    source = replace(SOURCE, address="https://{s}.example/WMTSCapabilities.xml", subdomains=("a", "b"))
    plan = parse_capabilities(body).plan(source)
    url = wmts_url(source, plan, TileAddress(4, 7, 2))
    assert url == "https://b.example/r/vec/default/c/5/2/7.png"
    assert capabilities_url(source) == "https://a.example/WMTSCapabilities.xml"


def test_sub_domains_are_spread_and_stay_the_same_for_a_tile() -> None:
    source = replace(SOURCE, address="http://{s}.example/wmts")
    plan = parse_capabilities(document(layer(), c_set())).plan(source)
    hosts = {wmts_url(source, plan, TileAddress(9, column, 3)).split("/")[2] for column in range(20)}
    assert hosts == {f"t{n}.example" for n in range(8)}
    tile = TileAddress(9, 5, 3)
    assert wmts_url(source, plan, tile) == wmts_url(source, plan, tile)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (replace(SOURCE, layer="img"), "现有：vec"),
        (replace(SOURCE, matrix_set="w"), "现有：c"),
    ],
)
def test_a_wrong_name_is_answered_with_what_there_is(source: MapSource, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        parse_capabilities(document(layer(), c_set())).plan(source)


def test_a_set_in_another_plane_is_left_out_with_the_reason() -> None:
    service = parse_capabilities(document(layer(sets=("gk",)), c_set("gk", "urn:ogc:def:crs:EPSG::4547")))
    assert service.grids == {}
    with pytest.raises(AnswerError, match="4547 不支持"):
        service.plan(SOURCE)


@pytest.mark.parametrize(
    "broken",
    [
        matrix(1, 0.0, "90 -180", 2, 1),
        matrix(1, -5.0, "90 -180", 2, 1),
        matrix(1, math.nan, "90 -180", 2, 1),
        matrix(1, 1e8, "90", 2, 1),
        matrix(1, 1e8, "nord west", 2, 1),
        matrix(1, 1e8, "90 -180", 0, 1),
        matrix(1, 1e8, "90 -180", 2, 1).replace("256", "99999"),
        matrix(1, 1e8, "90 -180", 2, 1).replace("<TileWidth>256</TileWidth>", ""),
        "",
    ],
)
def test_senseless_levels_spoil_their_set_only(broken: str) -> None:
    bad = (
        "<TileMatrixSet><ows:Identifier>bad</ows:Identifier>"
        f"<ows:SupportedCRS>EPSG:4326</ows:SupportedCRS>{broken}</TileMatrixSet>"
    )
    service = parse_capabilities(document(layer(sets=("bad", "c")), bad + c_set()))
    assert set(service.grids) == {"c"}
    assert service.left_out[0].startswith("矩阵集 bad：")
    assert service.plan(SOURCE).matrix_set == "c"


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>"""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "XML"),
        (b"<html><body>login</body></html>", "网页|说明"),
        (b"<!DOCTYPE html><html><p>unclosed", "网页"),
        (b"\x89PNG\r\n\x1a\n", "XML"),
        (b"<a><b></a>", "XML"),
        (document(layer(), c_set(), head=BOMB), "实体"),
        (document("", c_set()), "没有任何图层"),
        (b"<Capabilities/>", "Contents"),
        (
            b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception>'
            b"<ows:ExceptionText>no such key</ows:ExceptionText></ows:Exception></ows:ExceptionReport>",
            "no such key",
        ),
        (b"<a>" * 300_000, "XML|过大"),
        (b"<a>" + b"<b/>" * 250_000 + b"</a>", "过大"),
        (b" " * (9 * 1024 * 1024), "过大"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_capabilities_document_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        parse_capabilities(data)


def test_a_document_in_gbk_is_read() -> None:
    text = document(layer(), c_set()).decode().replace('encoding="UTF-8"', 'encoding="GB2312"')
    assert parse_capabilities(text.encode("gb18030")).title == "在线地图服务"
