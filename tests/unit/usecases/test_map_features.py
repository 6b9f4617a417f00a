"""Features of a source: kept for work without a line, told when old, and the sentence of a trial."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.basemaps.errors import AnswerError, ServiceError
from services.basemaps.sources import Kind, MapSource
from services.ports.map_services import Fetched, MapServices, Secret
from services.usecases.map_features import KEPT_FRESH_S, FeatureReader
from services.usecases.map_tiles import cache_stem, piece_key
from services.usecases.map_trial import Trial, try_source
from tests.support.map_server import Answer, Asked, MapServer, map_server
from tests.support.map_services import real_services, xyz
from tests.unit.basemaps.test_pictures import picture

PLACE = (114.03, 30.59)


def wells(*names: str | None) -> bytes:
    """Points with a name, as GeoJSON; None stands for a feature without a shape."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": [114.0 + n / 1000, 30.5]}
            if name is not None
            else None,
        }
        for n, name in enumerate(names)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


class City:
    """A layer of ArcGIS; what it answers can be changed."""

    def __init__(self) -> None:
        self.body, self.status = wells("东门井", "西门井", ""), 200

    def answer(self, asked: Asked) -> Answer:
        if self.status != 200:
            return Answer(status=self.status)
        if not asked.path.endswith("/query"):
            about = {
                "geometryType": "esriGeometryPoint",
                "maxRecordCount": 1000,
                "supportedQueryFormats": "JSON, geoJSON",
            }
            return Answer(json.dumps(about).encode(), kind="application/json")
        return Answer(self.body, kind="application/geo+json")


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def server(city: City) -> Iterator[MapServer]:
    with map_server(city.answer) as made:
        yield made


@pytest.fixture
def services(tmp_path: Path) -> Iterator[MapServices]:
    with real_services(tmp_path) as made:
        yield made


def source(server: MapServer) -> MapSource:
    return MapSource("wells", "井盖", Kind.ARCGIS, f"{server.url}/arcgis/rest/services/city/FeatureServer/0")


def reader(server: MapServer, services: MapServices) -> FeatureReader:
    return FeatureReader(source(server), Secret(), services)


def names(reader: FeatureReader, *, again: bool = False) -> list[str]:
    return [feature.name for feature in reader.read(again=again).features.features]


def test_features_are_fetched_once_and_then_taken_from_the_disk(
    server: MapServer, services: MapServices
) -> None:
    assert names(reader(server, services)) == ["东门井", "西门井", ""]
    asked = len(server.asked)
    assert names(reader(server, services)) == ["东门井", "西门井", ""]
    assert len(server.asked) == asked, "a fresh copy needs no line"


def test_again_asks_anew(server: MapServer, services: MapServices, city: City) -> None:
    reader(server, services).read()
    city.body = wells("南门井")
    assert names(reader(server, services)) == ["东门井", "西门井", ""]
    assert names(reader(server, services), again=True) == ["南门井"]
    assert names(reader(server, services)) == ["南门井"], "what came last is what is kept"


def test_without_an_answer_the_last_copy_is_shown_and_why(
    server: MapServer, services: MapServices, city: City
) -> None:
    reader(server, services).read()
    city.status = 503
    answer = reader(server, services).read(again=True)
    assert answer.stale
    assert answer.why.endswith("。")
    assert len(answer.features.features) == 3


def test_an_answer_nobody_can_read_does_not_spoil_the_copy(
    server: MapServer, services: MapServices, city: City
) -> None:
    reader(server, services).read()
    city.body = b'{"features":'
    assert reader(server, services).read(again=True).stale
    city.body = wells("北门井")
    assert names(reader(server, services), again=True) == ["北门井"]


def test_without_a_copy_the_fault_is_told(server: MapServer, services: MapServices, city: City) -> None:
    city.status = 503
    with pytest.raises(ServiceError) as caught:
        reader(server, services).read()
    assert caught.value.title.endswith("。")


def test_a_damaged_copy_is_fetched_anew(server: MapServer, services: MapServices, city: City) -> None:
    """Half a file on the disk is as good as none: no error, one more request."""
    place = piece_key(cache_stem(source(server)), "features", str(source(server).datum))
    services.cache.put("wells", place, Fetched(b"half a copy", fresh_s=KEPT_FRESH_S))
    assert names(reader(server, services)) == ["东门井", "西门井", ""]
    services.cache.put("wells", place, Fetched(b"half a copy", fresh_s=KEPT_FRESH_S))
    city.status = 503
    with pytest.raises(ServiceError):
        reader(server, services).read()


def test_sources_of_another_name_field_do_not_share_a_copy(server: MapServer, services: MapServices) -> None:
    reader(server, services).read()
    other = FeatureReader(replace(source(server), name_field="NR"), Secret(), services)
    assert names(other) == ["", "", ""]


# --- trials --------------------------------------------------------------------------------------------


def test_a_trial_counts_features_names_and_what_is_missing(
    server: MapServer, services: MapServices, city: City
) -> None:
    city.body = wells("东门井", "", None)
    assert try_source(source(server), Secret(), services, *PLACE) == Trial(
        True, "可以使用：2 个要素，1 个有名称。1 个要素没有可用的图形，没有显示。"
    )


def test_a_trial_never_passes_on_a_copy(server: MapServer, services: MapServices, city: City) -> None:
    """The service is down: that there is something on the disk is told, but it is no success."""
    reader(server, services).read()
    city.status = 503
    trial = try_source(source(server), Secret(), services, *PLACE)
    assert not trial.fine
    assert trial.sentence.endswith("（本机存有以前取到的 3 个要素。）")


def test_a_trial_of_a_file(services: MapServices, tmp_path: Path) -> None:
    place = tmp_path / "井盖.geojson"
    file = MapSource("file", "井盖", Kind.FILE, str(place))
    missing = try_source(file, Secret(), services, *PLACE)
    assert (missing.fine, missing.sentence[-1]) == (False, "。")
    place.write_bytes(wells("东门井"))
    assert try_source(file, Secret(), services, *PLACE) == Trial(True, "可以使用：1 个要素，1 个有名称。")
    place.write_bytes(wells("南门井", "北门井"))
    assert try_source(file, Secret(), services, *PLACE).sentence.startswith("可以使用：2 个要素")
    place.write_bytes(b"\x00\x01")
    assert not try_source(file, Secret(), services, *PLACE).fine


def test_a_file_is_read_anew_each_time(services: MapServices, tmp_path: Path) -> None:
    """A file on the disk is its own copy: an edit is seen at the next look."""
    place = tmp_path / "wells.geojson"
    file = FeatureReader(MapSource("file", "井盖", Kind.FILE, str(place)), Secret(), services)
    for text in ("东门井", "南门井"):
        place.write_bytes(wells(text))
        assert names(file) == [text]
    place.unlink()
    with pytest.raises(AnswerError):
        file.read()


def test_a_trial_of_settings_that_do_not_fit_asks_nobody(server: MapServer, services: MapServices) -> None:
    trial = try_source(xyz(server.url, min_zoom=9, max_zoom=3), Secret(), services, *PLACE)
    assert trial == Trial(False, "级别应在 0 到 24 之间，且最小级不大于最大级。")
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "fine", "words"),
    [
        (200, True, "可以使用：墨卡托（3857），级别 3–18，瓦片 256×256 像素。"),
        (404, True, "但本地没有瓦片。"),
    ],
)
def test_a_trial_of_tiles_looks_at_the_place(
    services: MapServices, server: MapServer, status: int, fine: bool, words: str
) -> None:
    server.rule = lambda asked: Answer(picture() if status == 200 else b"", status=status)
    trial = try_source(xyz(server.url, min_zoom=3), Secret(), services, *PLACE)
    assert (trial.fine, trial.sentence[-len(words) :]) == (fine, words)
    assert 1 <= len(server.asked) <= 4, "a trial is a few tiles, never an area"
