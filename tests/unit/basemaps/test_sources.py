"""Sources as data: what is read, what is refused with which sentence, order, ids; keys stay apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.basemaps.errors import SourceError
from services.basemaps.keys import hidden, with_key, without_key
from services.basemaps.sources import (
    MOST_SOURCES,
    Dark,
    Datum,
    Kind,
    MapSource,
    fresh_id,
    kind_word,
    merged,
    shown_as,
    source_from,
    sources_from,
)

GOOD: dict[str, Any] = {"id": "osm", "kind": "xyz", "address": "https://a.example/{z}/{x}/{y}.png"}


def test_a_source_goes_to_json_and_back() -> None:
    source = MapSource(
        "tdt-vec",
        "天地图矢量",
        Kind.WMTS,
        "https://{s}.example/vec_c/wmts",
        layer="vec",
        subdomains=("t0", "t1"),
        key_name="tk",
        datum=Datum.GCJ02,
        dark=Dark.INVERT,
        opacity=0.8,
        shown=False,
    )
    doc = source.to_doc()
    assert source_from(doc) == source
    assert "tile_size" not in doc, "what is usual is left out"
    assert doc["subdomains"] == ["t0", "t1"]


def test_the_least_that_makes_a_source() -> None:
    source = source_from(GOOD)
    assert (source.title, source.is_tiles, source.is_local, source.layer_id) == (
        "osm",
        True,
        False,
        "tiles:osm",
    )
    feature = source_from({"id": "a", "kind": "wfs", "address": "http://h/wfs", "layer": "n:t", "later": 1})
    assert (feature.layer_id, feature.is_tiles) == ("features:a", False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "Öl"}, "id"),
        ({"id": 7}, "id"),
        ({"kind": "wms"}, "kind"),
        ({"address": ""}, "address"),
        ({"address": "file:///etc/passwd"}, "address"),
        ({"address": "ftp://h/{z}/{x}/{y}"}, "address"),
        ({"address": "https://u:p@h/{z}/{x}/{y}"}, "address"),
        ({"address": "https://h/tiles"}, "address"),
        ({"address": "https://h:99999/{z}/{x}/{y}"}, "address"),
        ({"address": "https://[::1/{z}/{x}/{y}"}, "address"),
        ({"address": "https://a b/{z}/{x}/{y}"}, "address"),
        ({"address": "x" * 3000}, "address"),
        ({"min_zoom": 9, "max_zoom": 3}, "max_zoom"),
        ({"max_zoom": 99}, "max_zoom"),
        ({"max_zoom": 9.5}, "max_zoom"),
        ({"max_zoom": True}, "max_zoom"),
        ({"tile_size": 300}, "tile_size"),
        ({"opacity": 2}, "opacity"),
        ({"opacity": "half"}, "opacity"),
        ({"shown": "yes"}, "shown"),
        ({"datum": "mars"}, "datum"),
        ({"tile_crs": "EPSG:4547"}, "tile_crs"),
        ({"subdomains": "t0"}, "subdomains"),
        ({"subdomains": [1]}, "subdomains"),
        ({"key_name": "a b"}, "key_name"),
        ({"kind": "wmts"}, "layer"),
        ({"kind": "supermap", "address": "http://h/data", "layer": "no colon"}, "layer"),
        ({"kind": "mbtiles", "address": "/a/b.txt"}, "address"),
        ({"kind": "mbtiles", "address": "http://h/b.mbtiles"}, "address"),
        ({"kind": "file", "address": "/a/b.zip"}, "address"),
        ({"kind": "file", "address": ""}, "address"),
    ],
)
def test_what_does_not_fit_is_named_with_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as error:
        source_from(GOOD | change)
    assert field in error.value.fields
    assert error.value.title.endswith("。")


@pytest.mark.parametrize("doc", [None, 5, "x", [], {}])
def test_what_is_no_source_is_refused(doc: Any) -> None:
    with pytest.raises(SourceError):
        source_from(doc)


def test_a_wrong_source_does_not_spoil_the_others() -> None:
    found = sources_from([GOOD, {"id": "x"}, GOOD, GOOD | {"id": "b"}, 7])
    assert [source.id for source in found.sources] == ["osm", "b"]
    assert len(found.problems) == 3
    assert found.problems[0].startswith("第 2 个来源没有采用：")
    assert "重复" in found.problems[1]


@pytest.mark.parametrize("doc", [{"a": 1}, "text", 4])
def test_what_is_no_list_is_said(doc: Any) -> None:
    assert sources_from(doc).sources == ()
    assert sources_from(doc).problems
    assert sources_from(None).problems == ()


def test_there_is_a_limit() -> None:
    found = sources_from([GOOD | {"id": f"s{n}"} for n in range(MOST_SOURCES + 5)])
    assert len(found.sources) == MOST_SOURCES
    assert str(MOST_SOURCES) in found.problems[0]


def test_own_sources_lie_above_the_centres_and_may_replace_them() -> None:
    a, b, c = (source_from(GOOD | {"id": name}) for name in "abc")
    mine = replace(b, title="我的")
    assert merged((mine, c), (a, b)) == (a, mine, c)


def test_ids_are_made_from_titles() -> None:
    assert fresh_id("OSM Streets", []) == "osm-streets"
    assert fresh_id("天地图", []) == "source"
    assert fresh_id("天地图", ["source", "source-2"]) == "source-3"
    assert not shown_as(source_from(GOOD), False).shown
    assert all(kind_word(kind) for kind in Kind)


# --- keys ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "clean", "name", "key"),
    [
        ("http://h/wmts?tk=abc123", "http://h/wmts", "tk", "abc123"),
        ("http://h/wmts?SERVICE=WMTS&tk=a%2Fb&x={x}", "http://h/wmts?SERVICE=WMTS&x={x}", "tk", "a/b"),
        ("http://h/q?TOKEN=t&f=json", "http://h/q?f=json", "TOKEN", "t"),
        ("http://h/{z}/{x}/{y}?tk={tk}", "http://h/{z}/{x}/{y}", "tk", ""),
        ("http://h/wmts?T=vec_c", "http://h/wmts?T=vec_c", "", ""),
        ("http://h/wmts?tk=", "http://h/wmts?tk=", "", ""),
        ("http://h/wmts", "http://h/wmts", "", ""),
    ],
)
def test_a_key_is_taken_out_of_an_address(address: str, clean: str, name: str, key: str) -> None:
    split = without_key(address)
    assert (split.address, split.key_name, split.key) == (clean, name, key)


def test_a_key_is_put_into_a_request() -> None:
    assert with_key("http://h/a?x=1", "tk", "k/1") == "http://h/a?x=1&tk=k%2F1" or with_key(
        "http://h/a?x=1", "tk", "k/1"
    ).endswith("tk=k/1")
    assert with_key("http://h/{key}/a", "tk", "k") == "http://h/k/a"
    assert with_key("http://h/a?tk=old", "tk", "new") == "http://h/a?tk=new"
    assert with_key("http://h/a?b=1", "", "k") == "http://h/a?b=1"
    assert with_key("http://h/a?b=1", "tk", "") == "http://h/a?b=1"


def test_a_key_cannot_be_read_in_a_text() -> None:
    assert "s3cret" not in hidden("GET /a?tk=s3cret failed", "s3cret")
    assert "a%2Fb" not in hidden("/x?tk=a%2Fb", "a/b")
    assert hidden("text", "") == "text"
