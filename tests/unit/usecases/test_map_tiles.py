"""A tile from service, cache or file: fresh, stale, absent, broken; what is kept, and when a service is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.basemaps.errors import AnswerError, PictureError, ServiceError
from services.basemaps.matrices import Plane, TileAddress, ladder
from services.basemaps.sources import Dark, Datum, Kind, MapSource
from services.ports.map_services import MapServices, Secret
from services.usecases.map_gate import Gate
from services.usecases.map_tiles import TileReader, cache_stem
from services.usecases.map_trial import try_source
from tests.support.map_server import Answer, Asked, MapServer, map_server
from tests.support.map_services import real_services, xyz
from tests.support.tile_world import GROUND, png, tile_pixels
from tests.support.wmts_world import c_set, document, layer
from tests.unit.store.test_mbtiles import made

TILE = TileAddress(3, 6, 3)
FLAT = png(tile_pixels(Plane.MERCATOR, Datum.WGS84, (0, 0, 1, 1), []))
KEY = Secret("tk", "secret-key")
WUHAN = (114.03, 30.59)


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(FLAT)) as made:
        yield made


@pytest.fixture
def services(tmp_path: Path) -> Iterator[MapServices]:
    with real_services(tmp_path) as made:
        yield made


def quick_gate() -> Gate:
    """A gate that is open again at once, so that every call asks."""
    now = [0.0]

    def clock() -> float:
        now[0] += 10_000
        return now[0]

    return Gate(clock)


def reader(
    source: MapSource, services: MapServices, gate: Gate | None = None, secret: Secret = KEY
) -> TileReader:
    return TileReader(source, secret, services, gate or quick_gate())


def test_a_tile_is_fetched_once_and_kept(server: MapServer, services: MapServices) -> None:
    tiles = reader(xyz(server.url), services)
    answer = tiles.read(TILE)
    assert answer.patch is not None
    assert tuple(answer.patch.pixels[9, 9, :3]) == GROUND[::-1]
    assert (answer.tile, answer.stale) == (TILE, False)
    again = reader(xyz(server.url), services).read(TILE)
    assert again.patch is not None
    assert server.paths() == ["/3/6/3.png"]


def test_rows_from_the_south_quadkeys_and_sub_domains(server: MapServer, services: MapServices) -> None:
    source = replace(xyz(server.url), address=f"{server.url}/{{z}}/{{x}}/{{-y}}/{{y}}/{{q}}")
    reader(source, services).read(TILE)
    assert server.paths() == ["/3/6/4/3/132"] or server.paths() == ["/3/6/4/3/132"]
    column, row = 6, 3
    quadkey = "".join(str((column >> b & 1) + 2 * (row >> b & 1)) for b in (2, 1, 0))
    assert server.paths()[0].endswith(quadkey)


def test_the_key_goes_into_the_request_and_not_into_the_name(
    server: MapServer, services: MapServices
) -> None:
    source = xyz(server.url, key_name="tk")
    reader(source, services).read(TILE)
    assert server.asked[0].query == {"tk": "secret-key"}
    reader(source, services, secret=Secret("tk", "another")).read(TILE)
    assert len(server.asked) == 1, "another key finds the same kept tile"
    assert cache_stem(source) == cache_stem(replace(source, title="x", opacity=0.2, shown=False))
    assert cache_stem(source) != cache_stem(replace(source, layer="x"))


def test_a_stale_tile_is_asked_for_with_its_mark_and_renewed(
    server: MapServer, services: MapServices
) -> None:
    def rule(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"1"':
            return Answer(status=304, headers=[("Cache-Control", "max-age=1000")])
        return Answer(FLAT, headers=[("ETag", '"1"'), ("Cache-Control", "max-age=0")])

    server.rule = rule
    tiles = reader(xyz(server.url), services)
    tiles.read(TILE)
    answer = tiles.read(TILE)
    assert (answer.stale, len(server.asked)) == (False, 2)
    tiles.read(TILE)
    assert len(server.asked) == 2, "fresh again"


def test_offline_the_kept_tile_is_shown_however_old(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(FLAT, headers=[("Cache-Control", "max-age=0")])
    source = xyz(server.url)
    reader(source, services).read(TILE)
    server.rule = lambda asked: Answer(b"", 500)
    answer = reader(source, services).read(TILE)
    assert answer.stale
    assert answer.patch is not None
    with pytest.raises(ServiceError):
        reader(source, services).read(TileAddress(3, 0, 0))


def test_where_there_is_nothing_it_is_not_asked_again(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(status=404)
    for _ in range(3):
        assert reader(xyz(server.url), services).read(TILE).patch is None
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"GIF89a", FLAT[:100]])
def test_rubbish_is_refused_and_never_kept(server: MapServer, services: MapServices, body: bytes) -> None:
    server.rule = lambda asked: Answer(body)
    tiles = reader(xyz(server.url), services)
    with pytest.raises(PictureError):
        tiles.read(TILE)
    assert services.cache.volume() == 0
    server.rule = lambda asked: Answer(FLAT)
    assert tiles.read(TILE).patch is not None


def test_rubbish_does_not_displace_a_good_old_tile(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(FLAT, headers=[("Cache-Control", "max-age=0")])
    tiles = reader(xyz(server.url), services)
    tiles.read(TILE)
    server.rule = lambda asked: Answer(b"<html>sign in</html>")
    assert tiles.read(TILE).stale
    server.rule = lambda asked: Answer(status=503)
    assert tiles.read(TILE).stale


def test_a_service_that_refuses_is_left_alone(server: MapServer, services: MapServices) -> None:
    server.rule = lambda asked: Answer(status=403)
    tiles = reader(xyz(server.url), services, Gate())
    for column in range(5):
        with pytest.raises(ServiceError, match="403"):
            tiles.read(TileAddress(3, column, 0))
    assert len(server.asked) == 1
    trouble = tiles.gate.trouble
    assert trouble is not None
    assert "403" in trouble.sentence
    assert 290 < trouble.again_in_s <= 300


def test_the_dark_theme_darkens(server: MapServer, services: MapServices) -> None:
    tiles = reader(xyz(server.url), services)
    plain, dark = tiles.read(TILE).patch, tiles.read(TILE, Dark.DIM).patch
    assert plain is not None
    assert dark is not None
    assert dark.pixels[..., :3].max() < plain.pixels[..., :3].max()
    assert len(server.asked) == 1, "the same bytes"


# --- WMTS ---------------------------------------------------------------------------------------------


def wmts(url: str) -> MapSource:
    return MapSource("tdt", "天地图", Kind.WMTS, f"{url}/vec_c/wmts", layer="vec", key_name="tk")


def wmts_rule(asked: Asked) -> Answer:
    if asked.query.get("request") == "GetCapabilities":
        return Answer(document(layer(), c_set()), kind="text/xml")
    return Answer(FLAT) if asked.query.get("tk") == "secret-key" else Answer(status=403)


def test_a_wmts_source_from_its_capabilities_to_a_tile(server: MapServer, services: MapServices) -> None:
    server.rule = wmts_rule
    tiles = reader(wmts(server.url), services)
    grid = tiles.open()
    assert (grid.plane, len(grid.matrices)) == (Plane.DEGREES, 18)
    assert tiles.read(TileAddress(9, 835, 169)).patch is not None
    asked = server.asked[-1].query
    assert (asked["tilematrix"], asked["tilecol"], asked["tilerow"]) == ("10", "835", "169")


def test_capabilities_are_kept_for_work_offline(server: MapServer, services: MapServices) -> None:
    server.rule = wmts_rule
    reader(wmts(server.url), services).read(TILE)
    server.rule = lambda asked: Answer(status=500)
    offline = reader(wmts(server.url), services)
    assert offline.read(TILE).patch is not None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"<html>"), "网页"),
        (Answer(status=404), "没有这个地址"),
        (Answer(status=500), "500"),
        (Answer(document(layer("img"), c_set())), "现有：img"),
    ],
)
def test_bad_capabilities_are_told_and_not_kept(
    server: MapServer, services: MapServices, answer: Answer, words: str
) -> None:
    server.rule = lambda asked: answer
    with pytest.raises((AnswerError, ServiceError), match=words):
        reader(wmts(server.url), services).open()


# --- files --------------------------------------------------------------------------------------------


def test_tiles_of_a_file(services: MapServices, tmp_path: Path) -> None:
    path = made(tmp_path / "city.mbtiles", {(3, 6, 4): FLAT, (3, 7, 4): b"rubbish"})
    tiles = reader(MapSource("m", "m", Kind.MBTILES, str(path)), services)
    assert [m.id for m in tiles.open().matrices] == ["3"]
    assert tiles.read(TileAddress(0, 6, 3)).patch is not None
    assert tiles.read(TileAddress(0, 5, 3)).patch is None
    with pytest.raises(PictureError):
        tiles.read(TileAddress(0, 7, 3))
    tiles.close()
    tiles.close()


# --- 试连 ----------------------------------------------------------------------------------------------


def test_a_trial_says_what_a_source_gives(server: MapServer, services: MapServices, tmp_path: Path) -> None:
    good = try_source(xyz(server.url), KEY, services, *WUHAN)
    assert good.fine
    assert "256×256" in good.sentence
    server.rule = wmts_rule
    assert "经纬度" in try_source(wmts(server.url), KEY, services, *WUHAN).sentence
    denied = try_source(wmts(server.url), Secret("tk", "wrong"), services, *WUHAN)
    assert not denied.fine
    assert "403" in denied.sentence
    assert "wrong" not in denied.sentence
    path = made(tmp_path / "far.mbtiles", {(5, 0, 0): FLAT})
    far = try_source(MapSource("m", "m", Kind.MBTILES, str(path)), KEY, services, *WUHAN)
    assert "范围不包括本地" in far.sentence
    server.rule = lambda asked: Answer(status=404)
    nothing = try_source(xyz(server.url + "/other"), KEY, services, *WUHAN)
    assert (nothing.fine, nothing.sentence.endswith("本地没有瓦片。")) == (True, True)


def test_a_trial_of_something_wrong_says_what(server: MapServer, services: MapServices) -> None:
    source = xyz(server.url)
    for change, words in (
        ({"address": "http://h/none"}, "XYZ 地址"),
        ({"address": "http://127.0.0.1:9/{z}/{x}/{y}"}, "连不上"),
        ({"kind": Kind.MBTILES, "address": "/no/such.mbtiles"}, "找不到"),
        ({"kind": Kind.FILE, "address": "/no/such.geojson"}, "读不到"),
        ({"kind": Kind.WMTS, "layer": ""}, "图层"),
    ):
        trial = try_source(replace(source, **change), KEY, services, *WUHAN)  # type: ignore[arg-type]
        assert not trial.fine
        assert words in trial.sentence


# --- the gate -----------------------------------------------------------------------------------------


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def closed_after(gate: Gate, errors: list[ServiceError | PictureError]) -> int | None:
    """How many failures it takes to close the gate."""
    for number, error in enumerate(errors, 1):
        gate.failed(error)
        if gate.wait_s() > 0:
            return number
    return None


SLOW: Callable[[], ServiceError] = lambda: ServiceError("慢。", code="timeout")  # noqa: E731 - a value by name


def test_one_slow_answer_changes_nothing_two_close_the_gate() -> None:
    clock = Clock()
    gate = Gate(clock, lambda: 1.0)
    assert closed_after(gate, [SLOW(), SLOW()]) == 2
    with pytest.raises(ServiceError) as error:
        gate.check()
    assert error.value.code == "waiting"
    assert gate.wait_s() == 2.0
    gate.failed(SLOW())
    assert gate.wait_s() == 2.0, "what was under way does not count again"


def test_the_pause_doubles_up_to_five_minutes_and_ends_with_a_good_answer() -> None:
    clock = Clock()
    gate = Gate(clock, lambda: 1.0)
    gate.failed(SLOW())
    pauses = []
    for _ in range(10):
        gate.failed(SLOW())
        pauses.append(gate.wait_s())
        clock.at += gate.wait_s()
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    gate.worked()
    assert (gate.trouble, gate.wait_s()) == (None, 0.0)
    gate.failed(SLOW())
    assert gate.wait_s() == 0.0
    assert gate.trouble is not None


@pytest.mark.parametrize(
    ("error", "count", "pause"),
    [
        (ServiceError("x。", code="denied", passing=False), 1, 300.0),
        (ServiceError("x。", code="busy", retry_after_s=17.0), 1, 17.0),
        (ServiceError("x。", code="busy"), 1, 30.0),
        (ServiceError("x。", code="busy", retry_after_s=1e9), 1, 600.0),
        (ServiceError("x。", code="redirected", passing=False), 1, 2.0),
        (PictureError("x。"), 6, 2.0),
    ],
)
def test_what_closes_the_gate_for_how_long(
    error: ServiceError | PictureError, count: int, pause: float
) -> None:
    gate = Gate(Clock(), lambda: 1.0)
    assert closed_after(gate, [error] * 10) == count
    assert gate.wait_s() == pause


def test_jitter_spreads_the_consoles_of_a_hall() -> None:
    waits = set()
    for draw in (0.0, 0.5, 1.0):
        gate = Gate(Clock(), lambda draw=draw: draw)  # type: ignore[misc] # the default binds the draw
        closed_after(gate, [SLOW(), SLOW()])
        waits.add(gate.wait_s())
    assert waits == {1.0, 1.5, 2.0}


def test_grids_of_xyz_sources(server: MapServer, services: MapServices) -> None:
    source = xyz(server.url, tile_crs="EPSG:4490", min_zoom=2, max_zoom=4)
    assert reader(source, services).open() == ladder(Plane.DEGREES, 2, 4)
    assert np.isclose(reader(xyz(server.url, tile_size=512), services).open().matrices[0].width, 512)
