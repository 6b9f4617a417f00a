"""Requests: parameters are replaced whatever their letter case, templates filled, hosts kept; XML read with care."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from services.basemaps.errors import AnswerError, ServiceError, SourceError
from services.basemaps.matrices import Plane, TileAddress, ladder
from services.basemaps.sources import Kind, MapSource
from services.basemaps.urls import quadkey, spread, with_params, xyz_url
from services.basemaps.wfs import FeatureType, WfsService, feature_url, wfs_capabilities_url
from services.basemaps.xml import child, children, exception_words, local, read_xml, words

XYZ = MapSource("a", "a", Kind.XYZ, "https://h/{z}/{x}/{y}.png")
GRID = ladder(Plane.MERCATOR, 0, 18)


def query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://h/wmts", {"SERVICE": ["WMTS"]}),
        ("http://h/wmts?service=wms&map=a%20b", {"SERVICE": ["WMTS"], "map": ["a b"]}),
        ("http://h/wmts?Service=x&SERVICE=y", {"SERVICE": ["WMTS"]}),
        ("http://h/wmts?", {"SERVICE": ["WMTS"]}),
    ],
)
def test_parameters_are_put_in_once(address: str, expected: dict[str, list[str]]) -> None:
    assert query(with_params(address, {"SERVICE": "WMTS"})) == expected


def test_xyz_templates() -> None:
    tile = TileAddress(3, 5, 2)
    assert xyz_url(XYZ, GRID, tile) == "https://h/3/5/2.png"
    assert xyz_url(replace(XYZ, address="https://h/{z}/{x}/{-y}"), GRID, tile) == "https://h/3/5/5"
    assert xyz_url(replace(XYZ, address="https://h/{q}?z={z}&x={x}&y={y}"), GRID, tile).startswith(
        "https://h/121?"
    )
    shifted = ladder(Plane.DEGREES, 3, 18)
    assert xyz_url(XYZ, shifted, TileAddress(0, 1, 1)) == "https://h/3/1/1.png", "the level's own number"


@pytest.mark.parametrize(
    ("level", "column", "row", "key"), [(0, 0, 0, ""), (1, 1, 0, "1"), (3, 3, 5, "213"), (2, 3, 3, "33")]
)
def test_quadkeys(level: int, column: int, row: int, key: str) -> None:
    assert quadkey(level, column, row) == key


def test_sub_domains() -> None:
    assert spread("http://{s}.h/", ("a",), TileAddress(0, 9, 9)) == "http://a.h/"
    assert spread("http://h/", ("a",), TileAddress(0, 9, 9)) == "http://h/"
    used = {spread("{s}", (), TileAddress(0, n, 0)) for n in range(8)}
    assert used == {f"t{n}" for n in range(8)}


WFS = MapSource("w", "w", Kind.WFS, "http://h/wfs?map=/a.map", layer="n:t")
TYPE = FeatureType("n:t", "t", "EPSG:4490")


def test_wfs_requests_by_version() -> None:
    newer = query(feature_url(WFS, WfsService("2.0.0", (TYPE,), "application/json"), TYPE, 20, 10))
    assert newer["typeNames"] == ["n:t"]
    assert (newer["count"], newer["startIndex"]) == (["10"], ["20"])
    assert newer["outputFormat"] == ["application/json"]
    older = query(feature_url(WFS, WfsService("1.1.0", (TYPE,)), replace(TYPE, crs=""), 0, 10))
    assert (older["typeName"], older["maxFeatures"]) == (["n:t"], ["10"])
    assert not {"startIndex", "outputFormat", "srsName", "count"} & older.keys()
    assert older["map"] == ["/a.map"]


def test_a_version_in_the_address_is_kept() -> None:
    assert query(wfs_capabilities_url(WFS))["version"] == ["2.0.0"]
    fixed = replace(WFS, address="http://h/wfs?VERSION=1.1.0")
    assert query(wfs_capabilities_url(fixed))["VERSION"] == ["1.1.0"]


# --- XML ----------------------------------------------------------------------------------------------


def test_names_without_their_spaces() -> None:
    root = read_xml(b'<a xmlns="urn:x" xmlns:o="urn:o"><o:b><c> text </c></o:b><o:b/><!-- note --></a>')
    assert local(root) == "a"
    assert words(root, "b", "c") == "text"
    assert words(root, "b", "none") == words(None, "b") == ""
    assert len(list(children(root, "b"))) == 2
    assert child(root, "x", "y") is None
    assert exception_words(root) is None


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ("<Exception><ExceptionText>off</ExceptionText></Exception>", "off"),
        ('<Exception exceptionCode="NoSuchLayer"/>', "NoSuchLayer"),
        ("<Exception/>", "没有说明原因"),
        (f"<Exception><ExceptionText>{'x' * 999}</ExceptionText></Exception>", "x" * 200),
    ],
)
def test_exception_reports(inner: str, said: str) -> None:
    root = read_xml(f"<ExceptionReport>{inner}</ExceptionReport>".encode())
    assert exception_words(root) == said
    older = read_xml(
        b"<ServiceExceptionReport><ServiceException>no</ServiceException></ServiceExceptionReport>"
    )
    assert exception_words(older) == "no"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]><a/>',
        b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]><a>&m;</a>',
    ],
)
def test_entities_are_refused(data: bytes) -> None:
    with pytest.raises(AnswerError, match="实体"):
        read_xml(data)


@pytest.mark.parametrize("encoding", ["GB2312", "gbk", "GB18030"])
def test_encodings_of_the_field(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>网格</a>'.encode("gb18030")
    assert words(read_xml(b"<r>" + "网".encode() + b"</r>")) == "网"
    assert (read_xml(data).text or "") == "网格"


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(AnswerError):
        read_xml(b'<?xml version="1.0" encoding="x-unknown"?><a/>')


def test_errors_carry_their_sentence() -> None:
    error = ServiceError("停。", code="busy", retry_after_s=3.0)
    assert (error.title, error.code, error.passing, error.retry_after_s) == ("停。", "busy", True, 3.0)
    assert SourceError({}).title == "来源的设置有误。"
    assert SourceError({"a": "甲。", "b": "乙。"}).fields == {"a": "甲。", "b": "乙。"}
