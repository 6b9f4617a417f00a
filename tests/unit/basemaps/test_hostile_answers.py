"""What servers of the field send by accident or on purpose: the answer is a sentence, never a crash, never a key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.basemaps.capabilities import parse_capabilities
from services.basemaps.errors import AnswerError
from services.basemaps.feature_pages import Page, read_page
from services.basemaps.features import FeatureSet, Gatherer, name_of, unpacked
from services.basemaps.keys import hidden, with_key, without_key
from services.basemaps.matrices import TileAddress
from services.basemaps.sources import Kind, MapSource, source_from, sources_from
from services.basemaps.urls import wmts_url
from tests.support.wmts_world import c_set, document, kvp, layer, matrix

WMTS = MapSource("tdt", "天地图", Kind.WMTS, "http://t0.example/vec_c/wmts", layer="vec", key_name="tk")
WFS = MapSource("pipes", "管线", Kind.WFS, "http://gis.example/wfs", layer="pipes")
#: a whole number that no float can hold, as JSON writes it
HUGE = "1" + "0" * 400


def page(text: str) -> Page:
    """Read a page written as text."""
    return read_page(text.encode())


# --- feature pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"features":[{"fieldNames":5,"fieldValues":[],"geometry":null}]}',
        '{"features":[{"fieldNames":["NAME"],"fieldValues":7,"geometry":null}]}',
        '{"features":[{"fieldNames":[["NAME"]],"fieldValues":["x"],"geometry":null}]}',
        '{"features":[{"fieldNames":{"a":1},"fieldValues":"xyz","geometry":null}]}',
    ],
    ids=["names-number", "values-number", "names-nested", "names-object"],
)
def test_fields_that_are_no_lists_leave_the_feature_without_a_name(text: str) -> None:
    """A page of SuperMap is read; only the fields nobody can match are left."""
    (row,) = page(text).rows
    assert row[0] is None
    assert name_of(row[1], "") == ""


def test_fields_beside_a_broken_one_are_still_read() -> None:
    (row,) = page(
        '{"features":[{"fieldNames":["ID",["x"],"NAME"],"fieldValues":[1,2,"东门"],'
        '"geometry":{"type":"POINT","points":[{"x":118.7,"y":32.0}]}}]}'
    ).rows
    assert dict(row[1]) == {"ID": 1, "NAME": "东门"}


@pytest.mark.parametrize("value", ["5", "true", '"abc"', "{}"])
def test_a_list_of_addresses_that_is_none_gives_no_address(value: str) -> None:
    assert page(f'{{"childUriList":{value}}}').children == ()


@pytest.mark.parametrize(
    "text",
    [
        f'{{"features":[{{"attributes":{{}},"geometry":{{"x":{HUGE},"y":1}}}}]}}',
        f'{{"features":[{{"attributes":{{}},"geometry":{{"paths":[[[{HUGE},1],[2,2]]]}}}}]}}',
        f'{{"features":[{{"attributes":{{}},"geometry":{{"rings":[[[{HUGE},1],[2,2],[3,1]]]}}}}]}}',
        f'{{"features":[{{"fieldNames":[],"geometry":{{"type":"POINT","points":[{{"x":{HUGE},"y":1}}]}}}}]}}',
        '{"features":[{"fieldNames":[],"geometry":{"type":"LINE","points":[{"x":1,"y":1}],"parts":[1e999]}}]}',
    ],
    ids=["point", "line", "ring", "supermap-point", "supermap-parts"],
)
def test_numbers_beyond_measure_are_no_geometry(text: str) -> None:
    (row,) = page(text).rows
    assert row[0] is None


def test_one_point_at_infinity_does_not_spoil_its_neighbours() -> None:
    """The good ones are drawn, and how many are missing is told."""
    read = page('{"features":[{"geometry":{"x":1e999,"y":1}},{"geometry":{"x":118.7,"y":32.0}}]}')
    gatherer = Gatherer(WFS)
    gatherer.take(read.rows, "EPSG:4326")
    made = gatherer.done()
    assert [f.geometry.coords[0] for f in made.features] == [(118.7, 32.0)]
    assert made.notes == ("1 个要素没有可用的图形，没有显示。",)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**3), 10**3) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_GEOMETRY_KEYS = ("x", "y", "rings", "paths", "points", "parts", "type", "prjCoordSys")
_FEATURE_KEYS = ("geometry", "attributes", "fieldNames", "fieldValues", "ID")
_TOP_KEYS = (
    *("features", "childUriList", "featureCount", "spatialReference", "exceededTransferLimit"),
    *("fieldNames", "geometry", "error", "succeed"),
)


def _some(keys: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=len(keys))


_SHAPES = _some(_GEOMETRY_KEYS, _JSON) | _JSON
_FEATURES = st.lists(_some(_FEATURE_KEYS, _SHAPES) | _JSON, max_size=3)


@settings(max_examples=100, deadline=None)
@given(_some(_TOP_KEYS, _JSON | _FEATURES))
def test_any_json_that_looks_like_a_page_is_read_or_refused(top: dict[str, Any]) -> None:
    """Right names with wrong values: rows or a sentence, nothing else comes out."""
    try:
        read = read_page(json.dumps(top).encode())
    except AnswerError as error:
        assert error.title.endswith(("。", "…")) or error.title.startswith("服务拒绝了请求")
    else:
        assert all(shape is None or hasattr(shape, "geom_type") for shape, _ in read.rows)
        assert all(isinstance(child, str) for child in read.children)
        assert isinstance(read.print, bytes)


# --- names of features ----------------------------------------------------------------------------------


def test_half_a_sign_in_a_name_can_be_kept_on_disk() -> None:
    """JSON may hold half of a surrogate pair; UTF-8 cannot."""
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"\\ud83d井盖"},'
        '"geometry":{"type":"Point","coordinates":[118.7,32.0]}}]}'
    )
    gatherer = Gatherer(WFS)
    gatherer.take(page(text).rows, None)
    made = unpacked(gatherer.done().packed())
    assert [f.name for f in made.features] == ["?井盖"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (float("nan"), ""),
        (float("inf"), ""),
        (12.0, "12"),
        (12.5, "12.5"),
        (0, "0"),
        ("  南  京\n路 ", "南 京 路"),
        ("路" * 200, "路" * 80),
        ([1, 2], ""),
        ({"a": 1}, ""),
    ],
)
def test_a_name_is_what_a_person_would_write(value: Any, name: str) -> None:
    """A column of whole numbers with gaps comes from GML as floats and NaN; neither `nan` nor `12.0` is a name."""
    assert name_of({"编号": value}, "编号") == name


def test_a_name_that_is_no_number_makes_way_for_the_next_usual_one() -> None:
    assert name_of({"name": float("nan"), "名称": "雨水井"}, "") == "雨水井"


def test_an_empty_set_is_packed_with_its_notes() -> None:
    assert unpacked(FeatureSet((), ("没有要素。", "第二句。")).packed()).notes == ("没有要素。", "第二句。")


# --- capabilities ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "corner"),
    [
        ("1e-320", "90 -180"),
        ("1e-30", "90 -180"),
        ("5e-324", "90 -180"),
        ("1e300", "90 -180"),
        ("100000", "1e308 -1e308"),
        ("100000", "-1e300 -1e300"),
    ],
)
def test_numbers_beyond_measure_spoil_their_set_only(scale: str, corner: str) -> None:
    bad = (
        "<TileMatrixSet><ows:Identifier>bad</ows:Identifier>"
        "<ows:SupportedCRS>EPSG:4490</ows:SupportedCRS>"
        + matrix(1, 1.0, corner, 2, 1).replace(">1.0<", f">{scale}<")
        + "</TileMatrixSet>"
    )
    service = parse_capabilities(document(layer(sets=("bad", "c")), bad + c_set()))
    assert set(service.grids) == {"c"}
    assert service.left_out == ("矩阵集 bad：有级别的数值不合理",)
    assert service.plan(WMTS).matrix_set == "c"


@settings(max_examples=60, deadline=None)
@given(
    scale=st.floats(allow_nan=True).map(repr),
    corner=st.tuples(st.floats(), st.floats()).map(lambda p: f"{p[0]!r} {p[1]!r}"),
    columns=st.integers(-3, 10**30),
    crs=st.sampled_from(("EPSG:4490", "EPSG:3857", "urn:ogc:def:crs:OGC:1.3:CRS84")),
)
def test_any_numbers_make_a_grid_or_are_left_out(scale: str, corner: str, columns: int, crs: str) -> None:
    """Whatever is written, the tiles of a set that is taken have a place and an end."""
    body = (
        f"<TileMatrixSet><ows:Identifier>a</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>"
        + matrix(1, 1.0, corner, columns, columns).replace(">1.0<", f">{scale}<")
        + "</TileMatrixSet>"
    )
    service = parse_capabilities(document(layer(sets=("a",)), body))
    for grid in service.grids.values():
        (level,) = grid.matrices
        west, south, east, north = level.bounds(level.columns - 1, level.rows - 1)
        assert west < east and south < north
        assert 1 <= level.columns < 10**15 and 1 <= level.rows < 10**15
    assert len(service.grids) + len(service.left_out) == 1


def test_a_template_that_is_no_address_is_not_used() -> None:
    """The one that can be read is taken; with none left, tiles are asked for by key and value."""
    bad = '<ResourceURL format="tiles" resourceType="tile" template="http://[::1/{TileMatrix}"/>'
    good = '<ResourceURL format="tiles" resourceType="tile" template="http://in/{TileMatrix}/{TileRow}/{TileCol}"/>'
    both = parse_capabilities(document(layer(inner=bad + good), c_set(), operations=""))
    assert wmts_url(WMTS, both.plan(WMTS), TileAddress(0, 1, 0)) == "http://t0.example/1/0/1"
    alone = parse_capabilities(document(layer(inner=bad), c_set(), operations=""))
    assert "REQUEST=GetTile" in wmts_url(WMTS, alone.plan(WMTS), TileAddress(0, 1, 0))


@pytest.mark.parametrize(
    ("formats", "wanted"),
    [
        (("image/jpeg", "image/png"), "image/png"),
        (("image/tiff", "image/webp"), "image/webp"),
        (("image/tiff",), "image/tiff"),
        ((), "image/png"),
    ],
)
def test_a_picture_we_read_is_asked_for(formats: tuple[str, ...], wanted: str) -> None:
    service = parse_capabilities(document(layer(formats=formats), c_set()))
    assert service.plan(WMTS).format == wanted


@pytest.mark.parametrize(
    ("operations", "by_key"),
    [
        (kvp(), True),
        (kvp("RESTful"), False),
        (kvp().replace("GetTile", "GetFeatureInfo"), False),
        (kvp().replace("<ows:Value>KVP</ows:Value>", ""), True),
        ("", False),
    ],
    ids=["kvp", "rest", "no-get-tile", "not-told", "no-operations"],
)
def test_the_way_of_asking_is_what_the_service_tells(operations: str, by_key: bool) -> None:
    made = '<ResourceURL format="tiles" resourceType="tile" template="http://in/{TileMatrix}/{TileRow}/{TileCol}"/>'
    service = parse_capabilities(document(layer(inner=made), c_set(), operations=operations))
    assert service.kvp is by_key
    assert (service.plan(WMTS).template == "") is by_key


def test_a_layer_without_limits_that_mean_anything_has_all_its_tiles() -> None:
    """Limits the wrong way round, or words in their place, are as good as none."""
    for first, last in (("5", "2"), ("x", "9"), ("", "")):
        limits = (
            "<TileMatrixSetLink><TileMatrixSet>c</TileMatrixSet><TileMatrixSetLimits><TileMatrixLimits>"
            "<TileMatrix>3</TileMatrix>"
            f"<MinTileRow>0</MinTileRow><MaxTileRow>3</MaxTileRow>"
            f"<MinTileCol>{first}</MinTileCol><MaxTileCol>{last}</MaxTileCol>"
            "</TileMatrixLimits></TileMatrixSetLimits></TileMatrixSetLink>"
        )
        plan = parse_capabilities(document(layer(sets=(), inner=limits), c_set())).plan(WMTS)
        assert len(plan.grid.matrices) == 18
        assert plan.grid.has(TileAddress(2, 7, 3))


# --- keys -----------------------------------------------------------------------------------------------

_KEYS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x4E2D, exclude_characters="●"), min_size=12, max_size=24
).filter(lambda key: len(set(key)) >= 6)


@settings(max_examples=200, deadline=None)
@given(key=_KEYS, place=st.booleans())
def test_a_key_in_a_request_can_never_be_read_in_a_sentence_about_it(key: str, place: bool) -> None:
    """Requests stand in logs and sentences; every way in which a key is written there is hidden."""
    address = "http://t0.example/{key}/tiles" if place else "http://t0.example/tiles?layer=vec"
    request = with_key(address, "tk", key)
    clean = "http://t0.example/●●●●/tiles" if place else "http://t0.example/tiles?layer=vec&tk=●●●●"
    assert hidden(f"无法打开 {request} 。", key) == f"无法打开 {clean} 。"


@pytest.mark.parametrize("key", ["user:pass=", "a,b=c", "two words", "ab/c+d=", "中 文", "{x}="])
def test_keys_with_signs_are_hidden_too(key: str) -> None:
    request = with_key("http://gis.example/wfs?service=WFS", "token", key)
    assert hidden(request, key) == "http://gis.example/wfs?service=WFS&token=●●●●"


@pytest.mark.parametrize(
    ("address", "clean", "key"),
    [
        ("http://x/wmts?tk=one&tk=two&layer=vec", "http://x/wmts?layer=vec", "one"),
        ("http://x/wmts?TK=one&tk=two", "http://x/wmts", "one"),
        ("http://x/wmts?layer=vec&tk=one#/map", "http://x/wmts?layer=vec", "one"),
        ("http://x/wmts?tk={tk}&tk=two", "http://x/wmts", "two"),
    ],
)
def test_nothing_of_a_key_stays_in_a_pasted_address(address: str, clean: str, key: str) -> None:
    """The address is shown, exported and logged: a second key of the same name must not stay in it."""
    split = without_key(address)
    assert (split.address, split.key) == (clean, key)


def test_an_address_without_a_key_stays_to_the_letter() -> None:
    for address in ("http://x/{z}/{x}/{y}.png#a", "http://x/?layer=a%20b&&x", "", "?", "tk=abc"):
        assert without_key(address).address == address


# --- sources --------------------------------------------------------------------------------------------


def test_an_opacity_beyond_measure_is_told_and_spoils_nothing() -> None:
    good = {"id": "ok", "kind": "xyz", "address": "http://x/{z}/{x}/{y}"}
    made = sources_from([{**good, "id": "bad", "opacity": int(HUGE)}, good])
    assert [s.id for s in made.sources] == ["ok"]
    assert made.problems == ("第 1 个来源没有采用：opacity 应是数值。",)


_TITLES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(
    title=_TITLES,
    layer_name=st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=10),
    zooms=st.tuples(st.integers(0, 24), st.integers(0, 24)),
    opacity=st.floats(0, 1),
    subdomains=st.lists(st.sampled_from("abcd"), max_size=4),
    shown=st.booleans(),
)
def test_a_source_that_may_be_saved_comes_back_the_same(
    title: str, layer_name: str, zooms: tuple[int, int], opacity: float, subdomains: list[str], shown: bool
) -> None:
    source = MapSource(
        "s-1",
        title,
        Kind.WMTS,
        "https://{s}.example/wmts",
        layer=layer_name,
        min_zoom=min(zooms),
        max_zoom=max(zooms),
        opacity=opacity,
        subdomains=tuple(subdomains),
        shown=shown,
    ).checked()
    assert source_from(json.loads(json.dumps(source.to_doc()))) == source


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        _some(("id", "kind", "address", "opacity", "min_zoom", "subdomains", "shown"), _JSON), max_size=3
    )
)
def test_no_list_of_the_centre_breaks_a_start(doc: list[Any]) -> None:
    """Each entry becomes a source or a sentence with its number."""
    made = sources_from(doc)
    assert len(made.sources) + len(made.problems) == len(doc)
    assert all(text.startswith("第 ") and text.endswith("。") for text in made.problems)
