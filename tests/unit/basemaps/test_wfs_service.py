"""WFS: what a service offers, by which name its types are found, and requests each version understands."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.basemaps.errors import AnswerError
from services.basemaps.sources import Kind, MapSource
from services.basemaps.wfs import FeatureType, WfsService, feature_url, parse_wfs_capabilities

SOURCE = MapSource("pipes", "管线", Kind.WFS, "http://gis.example/ows?map=city", layer="city:pipes")


def offered(*types: str, version: str = "2.0.0", formats: tuple[str, ...] = ()) -> bytes:
    """A capabilities document with types and formats."""
    values = "".join(f"<ows:Value>{name}</ows:Value>" for name in formats)
    operation = (
        '<ows:OperationsMetadata><ows:Operation name="DescribeFeatureType"><ows:Parameter name="outputFormat">'
        "<ows:Value>application/json</ows:Value></ows:Parameter></ows:Operation>"
        '<ows:Operation name="GetFeature"><ows:Parameter name="resultType"><ows:Value>hits</ows:Value>'
        f'</ows:Parameter><ows:Parameter name="outputFormat">{values}</ows:Parameter></ows:Operation>'
        "</ows:OperationsMetadata>"
    )
    return (
        f'<wfs:WFS_Capabilities version="{version}" xmlns:wfs="http://www.opengis.net/wfs/2.0"'
        f' xmlns:ows="http://www.opengis.net/ows/1.1">{operation}'
        f"<wfs:FeatureTypeList>{''.join(types)}</wfs:FeatureTypeList></wfs:WFS_Capabilities>"
    ).encode()


def one(name: str, title: str = "", crs: str = "urn:ogc:def:crs:EPSG::4490", tag: str = "DefaultCRS") -> str:
    return (
        f"<wfs:FeatureType><wfs:Name>{name}</wfs:Name><wfs:Title>{title}</wfs:Title>"
        f"<wfs:{tag}>{crs}</wfs:{tag}></wfs:FeatureType>"
    )


def asked(url: str) -> dict[str, str]:
    """The parameters of a request."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_types_come_with_a_title_to_choose_by() -> None:
    service = parse_wfs_capabilities(offered(one("city:pipes", "供水管线"), one("city:wells")))
    assert [(t.id, t.title) for t in service.types] == [
        ("city:pipes", "供水管线"),
        ("city:wells", "city:wells"),
    ]
    assert {t.crs for t in service.types} == {"urn:ogc:def:crs:EPSG::4490"}


def test_the_older_version_names_its_system_otherwise() -> None:
    service = parse_wfs_capabilities(
        offered(one("city:pipes", crs="EPSG:4547", tag="DefaultSRS"), version="1.1.0")
    )
    assert service.types[0].crs == "EPSG:4547"
    assert (service.version, service.paging) == ("1.1.0", False)


@pytest.mark.parametrize(
    ("formats", "picked"),
    [
        (("text/xml; subtype=gml/3.2", "application/json"), "application/json"),
        (("GML3", "GeoJSON", "application/json"), "GeoJSON"),
        (("application/json; subtype=geojson",), "application/json; subtype=geojson"),
        (("text/xml; subtype=gml/3.2", "SHAPE-ZIP"), ""),
        ((), ""),
    ],
)
def test_json_is_asked_for_where_get_feature_offers_it(formats: tuple[str, ...], picked: str) -> None:
    """What another operation offers says nothing about features."""
    service = parse_wfs_capabilities(offered(one("city:pipes"), formats=formats))
    assert service.json_format == picked
    query = asked(feature_url(SOURCE, service, service.types[0], 0, 10))
    assert query.get("outputFormat", "") == picked


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (offered(), "服务里没有任何要素类型。"),
        (offered(one("a"), version="1.0.0"), "WFS 版本 1.0.0 不支持，只支持 1.1.0 和 2.0.0。"),
        (offered(one("a"), version=""), "WFS 版本 未写明 不支持，只支持 1.1.0 和 2.0.0。"),
        (b"<WMS_Capabilities version='1.3.0'/>", "答复不是 WFS 服务说明。"),
        (
            b"<ServiceExceptionReport><ServiceException>\xe6\x9c\xaa\xe6\x8e\x88\xe6\x9d\x83"
            b"</ServiceException></ServiceExceptionReport>",
            "服务拒绝了请求：未授权",
        ),
        (b"<html><body>login</body></html>", "答复不是 WFS 服务说明。"),
        (b"<!doctype html><p>login", "服务返回的是网页，不是服务说明，请检查地址。"),
        (b"", "服务的答复不是正确的 XML，请检查地址。"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(AnswerError) as caught:
        parse_wfs_capabilities(data)
    assert caught.value.title == words


def test_a_type_is_found_with_and_without_its_prefix() -> None:
    """An exact name goes before one that only ends alike."""
    service = parse_wfs_capabilities(offered(one("old:pipes"), one("city:pipes"), one("pipes")))
    found = {
        wanted: service.named(MapSource("a", "a", Kind.WFS, "http://h", layer=wanted)).id
        for wanted in ("pipes", "city:pipes", "old:pipes")
    }
    assert found == {"pipes": "pipes", "city:pipes": "city:pipes", "old:pipes": "old:pipes"}
    shorter = parse_wfs_capabilities(offered(one("old:wells"), one("city:pipes")))
    assert shorter.named(MapSource("a", "a", Kind.WFS, "http://h", layer="pipes")).id == "city:pipes"


def test_a_wrong_name_is_answered_with_the_first_dozen_there_is() -> None:
    service = parse_wfs_capabilities(offered(*(one(f"t{n}") for n in range(20))))
    with pytest.raises(AnswerError) as caught:
        service.named(SOURCE)
    assert "“city:pipes”" in caught.value.title
    assert "t11。" in caught.value.title and "t12" not in caught.value.title


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 10**7),
    count=st.integers(1, 10**5),
    version=st.sampled_from(("2.0.0", "1.1.0")),
    name=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12),
)
def test_a_page_is_asked_for_in_the_words_of_its_version(
    start: int, count: int, version: str, name: str
) -> None:
    """Every page has its own request; the name of a type arrives as it was told, and the address keeps its own."""
    entry = FeatureType(name, name, "EPSG:4490")
    query = asked(feature_url(SOURCE, WfsService(version, (entry,)), entry, start, count))
    newer = version == "2.0.0"
    assert query["map"] == "city"
    assert query["typeNames" if newer else "typeName"] == name
    assert query["count" if newer else "maxFeatures"] == str(count)
    assert query.get("startIndex") == (str(start) if start or newer else None)
    assert (query["version"], query["srsName"]) == (version, "EPSG:4490")


def test_parameters_in_the_address_are_replaced_whatever_their_letters() -> None:
    source = MapSource(
        "a", "a", Kind.WFS, "http://h/ows?SERVICE=WMS&Request=GetMap&STARTINDEX=9&x=1", layer="t"
    )
    service = WfsService("2.0.0", (FeatureType("t", "t", ""),))
    query = asked(feature_url(source, service, service.types[0], 50, 25))
    assert query == {
        **{"x": "1", "service": "WFS", "request": "GetFeature", "version": "2.0.0"},
        **{"typeNames": "t", "count": "25", "startIndex": "50"},
    }
