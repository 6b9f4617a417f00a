"""Walks through feature services: WFS, ArcGIS, SuperMap with paging, errors, and servers that page wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from services.api import map_features
from services.api.map_features import FeatureWalker
from services.api.map_services import HttpMapFetcher
from services.basemaps.errors import AnswerError, ServiceError
from services.basemaps.features import FeatureLimits, FeatureSet
from services.basemaps.sources import Kind, MapSource
from services.basemaps.wfs import parse_wfs_capabilities
from services.ports.map_services import Secret
from services.usecases.map_features import FeatureReader
from tests.support.map_server import Answer, Asked, MapServer, map_server
from tests.support.map_services import real_services
from tests.unit.basemaps.test_features import gml

KEY = Secret("token", "secret-key")


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(status=404)) as made:
        yield made


@pytest.fixture
def fetcher() -> Iterator[HttpMapFetcher]:
    made = HttpMapFetcher()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_features, "PAGE_FEATURES", 10)


def walk(fetcher: HttpMapFetcher, source: MapSource, **limits: Any) -> FeatureSet:
    return FeatureWalker(fetcher, FeatureLimits(**limits))(source, KEY)


def point(n: int) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [114.0 + n / 1000, 30.5]}


def collection(numbers: range | list[int], **more: Any) -> Answer:
    features = [{"type": "Feature", "properties": {"name": f"n{n}"}, "geometry": point(n)} for n in numbers]
    body = {"type": "FeatureCollection", "features": features} | more
    return Answer(json.dumps(body).encode(), kind="application/json")


def names(made: FeatureSet) -> list[str]:
    return [feature.name for feature in made.features]


# --- WFS ----------------------------------------------------------------------------------------------


def capabilities(version: str = "2.0.0", formats: tuple[str, ...] = ("application/json",)) -> bytes:
    values = "".join(f"<ows:Value>{f}</ows:Value>" for f in formats)
    return f"""<?xml version="1.0"?><wfs:WFS_Capabilities version="{version}" xmlns:wfs="http://www.opengis.net/wfs/2.0"
 xmlns:ows="http://www.opengis.net/ows/1.1"><ows:OperationsMetadata>
 <ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>{values}</ows:AllowedValues>
 </ows:Parameter></ows:Operation></ows:OperationsMetadata><wfs:FeatureTypeList>
 <wfs:FeatureType><wfs:Name>n:roads</wfs:Name><wfs:Title>道路</wfs:Title>
 <wfs:DefaultCRS>urn:ogc:def:crs:EPSG::4490</wfs:DefaultCRS></wfs:FeatureType>
 </wfs:FeatureTypeList></wfs:WFS_Capabilities>""".encode()


def wfs(url: str, **more: Any) -> MapSource:
    return replace(MapSource("w", "w", Kind.WFS, f"{url}/wfs?map=a", layer="roads", key_name="token"), **more)


def wfs_rule(total: int, told: bool = True, version: str = "2.0.0") -> Any:
    def rule(asked: Asked) -> Answer:
        if asked.query["request"] == "GetCapabilities":
            return Answer(capabilities(version), kind="text/xml")
        start = int(asked.query.get("startindex", "0"))
        count = int(asked.query.get("count") or asked.query["maxfeatures"])
        return collection(
            range(start, min(start + count, total)), **({"numberMatched": total} if told else {})
        )

    return rule


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
@pytest.mark.parametrize("total", [0, 9, 10, 25])
def test_all_pages_of_a_wfs(
    server: MapServer, fetcher: HttpMapFetcher, told: bool, version: str, total: int
) -> None:
    server.rule = wfs_rule(total, told, version)
    made = walk(fetcher, wfs(server.url))
    assert names(made) == [f"n{n}" for n in range(total)]
    asked = server.asked[1].query
    assert asked["map"] == "a"
    assert asked["token"] == "secret-key"
    assert asked["srsname"] == "urn:ogc:def:crs:EPSG::4490"
    assert asked["typenames" if version == "2.0.0" else "typename"] == "n:roads"


def test_a_service_that_gives_gml_only(server: MapServer, fetcher: HttpMapFetcher) -> None:
    def rule(asked: Asked) -> Answer:
        if asked.query["request"] == "GetCapabilities":
            return Answer(capabilities(formats=("application/gml+xml; version=3.2",)))
        assert "outputformat" not in asked.query
        return Answer(gml("urn:ogc:def:crs:EPSG::4490", "30.5 114.0 30.6 114.1", matched='numberMatched="1"'))

    server.rule = rule
    made = walk(fetcher, wfs(server.url))
    assert made.features[0].geometry.bounds == pytest.approx((114.0, 30.5, 114.1, 30.6))


def test_a_service_that_ignores_paging_ends(server: MapServer, fetcher: HttpMapFetcher) -> None:
    def rule(asked: Asked) -> Answer:
        if asked.query["request"] == "GetCapabilities":
            return Answer(capabilities())
        return collection(range(10))

    server.rule = rule
    made = walk(fetcher, wfs(server.url))
    assert len(made.features) == 10
    assert made.notes == ("服务不支持分页，只显示了第一批要素。",)


def test_a_service_without_end_is_cut_off(server: MapServer, fetcher: HttpMapFetcher) -> None:
    server.rule = wfs_rule(10**9)
    made = walk(fetcher, wfs(server.url), most_features=35)
    assert len(made.features) == 35
    made = walk(fetcher, wfs(server.url), most_pages=3)
    assert len(made.features) == 30
    assert "取数时间过长" in made.notes[0]
    made = walk(fetcher, wfs(server.url), most_s=0.0)
    assert len(made.features) == 10


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(capabilities("1.0.0")), "1.0.0 不支持"),
        (Answer(b"<html>"), "网页"),
        (Answer(b"<Other/>"), "不是 WFS"),
        (Answer(capabilities().replace(b"FeatureType>", b"Other>")), "没有任何要素类型"),
        (Answer(capabilities().replace(b"n:roads", b"n:rivers")), "现有：n:rivers"),
        (Answer(status=404), "没有这个地址"),
        (Answer(status=401), "拒绝访问"),
        (
            Answer(
                b'<ExceptionReport><Exception exceptionCode="x"><ExceptionText>off</ExceptionText>'
                b"</Exception></ExceptionReport>"
            ),
            "off",
        ),
    ],
)
def test_a_wfs_that_does_not_do(
    server: MapServer, fetcher: HttpMapFetcher, answer: Answer, words: str
) -> None:
    server.rule = lambda asked: answer
    with pytest.raises((AnswerError, ServiceError), match=words):
        walk(fetcher, wfs(server.url))


def test_a_type_by_its_full_name_is_stronger() -> None:
    service = parse_wfs_capabilities(capabilities())
    assert service.named(wfs("http://h", layer="n:roads")).title == "道路"
    assert service.json_format == "application/json"


# --- ArcGIS -------------------------------------------------------------------------------------------


def arcgis_rule(total: int, formats: str = "JSON, geoJSON", most: int = 7) -> Any:
    about = {
        "geometryType": "esriGeometryPoint",
        "maxRecordCount": most,
        "displayField": "name",
        "supportedQueryFormats": formats,
    }

    def rule(asked: Asked) -> Answer:
        if not asked.path.endswith("/query"):
            return Answer(json.dumps(about).encode())
        start, count = int(asked.query["resultoffset"]), int(asked.query["resultrecordcount"])
        numbers = range(start, min(start + count, total))
        more = {"exceededTransferLimit": True} if start + count < total else {}
        if asked.query["f"] == "geojson":
            return collection(numbers, **({"properties": more} if more else {}))
        features = [{"attributes": {"name": f"n{n}"}, "geometry": {"x": 114.0, "y": 30.0}} for n in numbers]
        body = {"features": features, "spatialReference": {"wkid": 4490}} | more
        return Answer(json.dumps(body).encode())

    return rule


def arcgis(url: str, **more: Any) -> MapSource:
    return replace(
        MapSource("g", "g", Kind.ARCGIS, f"{url}/arcgis/rest/services/x/MapServer", layer="3"), **more
    )


@pytest.mark.parametrize("formats", ["JSON, geoJSON, PBF", "JSON, AMF"])
@pytest.mark.parametrize("total", [0, 7, 20])
def test_all_pages_of_an_arcgis_layer(
    server: MapServer, fetcher: HttpMapFetcher, formats: str, total: int
) -> None:
    server.rule = arcgis_rule(total, formats)
    made = walk(fetcher, arcgis(server.url))
    assert names(made) == [f"n{n}" for n in range(total)]
    query = server.asked[-1].query
    assert (query["where"], query["outsr"], query["outfields"]) == ("1=1", "4326", "name")
    assert server.asked[0].path.endswith("/MapServer/3")


def test_an_arcgis_service_without_a_layer_tells_its_layers(
    server: MapServer, fetcher: HttpMapFetcher
) -> None:
    server.rule = lambda asked: Answer(b'{"layers":[{"id":0,"name":"roads"},{"id":1,"name":"water"}]}')
    with pytest.raises(AnswerError, match="0 roads、1 water"):
        walk(fetcher, arcgis(server.url, layer=""))


def test_an_arcgis_service_that_wants_a_token(server: MapServer, fetcher: HttpMapFetcher) -> None:
    server.rule = lambda asked: Answer(b'{"error":{"code":498,"message":"Invalid Token"}}')
    with pytest.raises(AnswerError, match="密钥"):
        walk(fetcher, arcgis(server.url))


# --- SuperMap -----------------------------------------------------------------------------------------


def supermap(url: str) -> MapSource:
    return MapSource("s", "s", Kind.SUPERMAP, f"{url}/iserver/services/data/rest/data", layer="城管:道路")


def supermap_rule(total: int, geojson: bool, children: bool = False) -> Any:
    stem = "/iserver/services/data/rest/data/datasources/城管/datasets/道路"
    info = {"datasetInfo": {"recordCount": total, "prjCoordSys": {"epsgCode": 4490}}}

    def feature(n: int) -> dict[str, Any]:
        geometry = {"type": "POINT", "parts": [1], "points": [{"x": 114 + n / 1000, "y": 30.5}]}
        return {"fieldNames": ["NAME"], "fieldValues": [f"n{n}"], "geometry": geometry}

    def rule(asked: Asked) -> Answer:
        if asked.path == f"{stem}.json":
            return Answer(json.dumps(info).encode())
        if asked.path.startswith(f"{stem}/features/"):
            return Answer(json.dumps(feature(int(asked.path.split("/")[-1].split(".")[0]))).encode())
        first = int(asked.query["fromindex"])
        numbers = range(first, min(int(asked.query["toindex"]) + 1, total))
        if asked.path == f"{stem}/features.geojson" and geojson:
            return collection(numbers)
        if asked.path == f"{stem}/features.json":
            if children:
                uris = [f"http://inner-name:8090{stem}/features/{n}" for n in range(total)]
                return Answer(json.dumps({"featureCount": total, "childUriList": uris}).encode())
            features = [feature(n) for n in numbers]
            return Answer(json.dumps({"features": features, "featureCount": total}).encode())
        return Answer(status=404)

    return rule


@pytest.mark.parametrize("geojson", [True, False])
@pytest.mark.parametrize("total", [3, 10, 24])
def test_all_pages_of_a_supermap_dataset(
    server: MapServer, fetcher: HttpMapFetcher, geojson: bool, total: int
) -> None:
    server.rule = supermap_rule(total, geojson)
    assert names(walk(fetcher, supermap(server.url))) == [f"n{n}" for n in range(total)]


def test_an_old_supermap_gives_its_features_one_by_one(
    server: MapServer, fetcher: HttpMapFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.rule = supermap_rule(5, False, children=True)
    assert names(walk(fetcher, supermap(server.url))) == [f"n{n}" for n in range(5)]
    monkeypatch.setattr(map_features, "_MOST_CHILDREN", 2)
    made = walk(fetcher, supermap(server.url))
    assert (len(made.features), made.notes) == (2, ("服务只能逐个取要素，只显示前 2 个。",))


# --- kept for offline ---------------------------------------------------------------------------------


def test_features_are_kept_and_shown_offline(server: MapServer, tmp_path: Path) -> None:
    server.rule = wfs_rule(12)
    with real_services(tmp_path) as services:
        reader = FeatureReader(wfs(server.url), KEY, services)
        assert not reader.read().stale
        asked = len(server.asked)
        assert len(reader.read().features.features) == 12
        assert len(server.asked) == asked, "fresh: not asked again"
        server.rule = lambda asked: Answer(status=500)
        answer = reader.read(again=True)
        assert (answer.stale, len(answer.features.features)) == (True, 12)
        assert "500" in answer.why
        with pytest.raises(ServiceError):
            FeatureReader(wfs(server.url, layer="other"), KEY, services).read()


def test_a_progress_is_told(server: MapServer, fetcher: HttpMapFetcher) -> None:
    server.rule = wfs_rule(25)
    told: list[tuple[int, int | None]] = []
    FeatureWalker(fetcher)(wfs(server.url), KEY, lambda count, total: told.append((count, total)))
    assert told == [(10, 25), (20, 25), (25, 25)]
    assert isinstance(shapely.Point(1, 2), shapely.Point)
