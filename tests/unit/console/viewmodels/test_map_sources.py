"""The sources of a seat: stored apart from keys, the centre's below the user's own, states in words; the editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from console.tasks.runner import Background
from console.viewmodels.map_source_editor import SourceEditor, templates
from console.viewmodels.map_source_settings import KEYS, SOURCES, SourceSettings
from console.viewmodels.map_sources import MapSources
from services.basemaps.errors import SourceError
from services.basemaps.sources import Datum, Kind, MapSource
from services.ports.map_services import MapServices
from services.usecases.map_trial import Trial
from tests.support.map_server import Answer, MapServer, map_server
from tests.support.map_services import MemorySettings, services_in
from tests.unit.basemaps.test_pictures import picture

PLACE = (114.03, 30.59)
OWN = MapSource("own", "我的", Kind.XYZ, "https://a.example/{z}/{x}/{y}", key_name="tk")
CENTRE = {"id": "city", "title": "市局底图", "kind": "xyz", "address": "https://c.example/{z}/{x}/{y}"}


class Ground:
    """A seat's sources with what they are built on."""

    def __init__(self, folder: Path) -> None:
        self.settings = MemorySettings()
        self.background = Background()
        self.services: MapServices = services_in(folder)
        self.sources = MapSources(self.services, self.settings, self.background)

    def settled(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: not self.background.busy)

    def close(self) -> None:
        self.sources.close()
        self.background.close()


@pytest.fixture
def ground(qtbot: QtBot, tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(picture())) as made:
        yield made


def test_what_is_saved_is_read_again_and_the_key_is_kept_apart(
    qtbot: QtBot, ground: Ground, tmp_path: Path
) -> None:
    ground.sources.save([OWN], {"own": "my-secret"})
    ground.settled(qtbot)
    assert "my-secret" not in json.dumps(ground.settings.values[SOURCES])
    assert ground.settings.values[KEYS] == {"own": "my-secret"}
    again = MapSources(ground.services, ground.settings, ground.background)
    with qtbot.waitSignal(again.changed):
        again.load()
    assert again.sources == (OWN,)
    assert again.has_key("own")
    assert not again.has_key("other")
    assert "my-secret" not in repr(SourceSettings((OWN,), {"own": "my-secret"}))


def test_a_key_is_kept_until_its_source_goes(qtbot: QtBot, ground: Ground) -> None:
    ground.sources.save([OWN], {"own": "k"})
    ground.sources.save([replace(OWN, title="anders")], {})
    assert ground.sources.has_key("own")
    ground.sources.save([OWN], {"own": ""})
    assert not ground.sources.has_key("own")
    ground.sources.save([OWN], {"own": "k"})
    ground.sources.save([], {})
    ground.settled(qtbot)
    assert ground.settings.values[KEYS] == {}


def test_a_wrong_source_is_not_stored(qtbot: QtBot, ground: Ground) -> None:
    with pytest.raises(SourceError):
        ground.sources.save([OWN, replace(OWN, id="b", address="")], {})
    assert ground.sources.sources == ()
    assert SOURCES not in ground.settings.values


def test_what_the_user_saves_while_it_is_being_read_stays(qtbot: QtBot, ground: Ground) -> None:
    ground.settings.values[SOURCES] = [replace(OWN, id="old").to_doc()]
    ground.sources.load()
    ground.sources.save([OWN], {})
    ground.settled(qtbot)
    assert ground.sources.sources == (OWN,)


def test_stored_rubbish_is_told_and_harmless(qtbot: QtBot, ground: Ground) -> None:
    ground.settings.values |= {SOURCES: [OWN.to_doc(), {"id": "?"}], KEYS: "no mapping"}
    with qtbot.waitSignal(ground.sources.changed):
        ground.sources.load()
    assert ground.sources.sources == (OWN,)
    assert len(ground.sources.problems) == 1


def test_the_centres_sources_lie_below_and_may_be_overruled(qtbot: QtBot, ground: Ground) -> None:
    sources = ground.sources
    sources.save([OWN], {})
    sources.set_centre({"settings": {"map_sources": [CENTRE, {"id": "bad"}]}})
    assert [s.id for s in sources.sources] == ["city", "own"]
    assert sources.from_centre("city")
    assert not sources.from_centre("own")
    assert sources.problems
    sources.show_source("city", False, 0.5)
    city = sources.source("city")
    assert city is not None
    assert (city.shown, city.opacity) == (False, 0.5)
    assert not sources.from_centre("city")
    sources.show_source("none", True)
    ground.settled(qtbot)
    assert [d["id"] for d in ground.settings.values[SOURCES]] == ["own", "city"]


def test_a_key_the_centre_gives_is_used_and_not_shown(ground: Ground) -> None:
    inside = CENTRE | {"id": "b", "address": "https://c.example/{z}/{x}/{y}?tk=centre-key-2"}
    ground.sources.set_centre({"map_sources": [CENTRE | {"key": "centre-key", "key_name": "tk"}, inside, 5]})
    assert ground.sources.has_key("city")
    assert ground.sources.has_key("b")
    for source in ground.sources.sources:
        assert "centre-key" not in json.dumps(source.to_doc())
        assert source.key_name == "tk"


@pytest.mark.parametrize("doc", [{}, {"settings": None}, {"settings": {"map_sources": "x"}}])
def test_a_centre_without_sources(ground: Ground, doc: dict[str, Any]) -> None:
    ground.sources.set_centre(doc)
    assert ground.sources.sources == ()


def test_feeds_and_features_by_kind(ground: Ground) -> None:
    feature = MapSource("f", "f", Kind.FILE, "/no/such.geojson")
    ground.sources.save([OWN, feature], {})
    feed = ground.sources.feed("own")
    assert feed is ground.sources.feed("own")
    assert ground.sources.feed("f") is None
    assert ground.sources.feed("none") is None
    assert ground.sources.features("own") is None
    ground.sources.save([replace(OWN, title="x", shown=False), feature], {})
    assert ground.sources.feed("own") is feed, "the same bytes: nothing is loaded anew"
    ground.sources.save([replace(OWN, datum=Datum.GCJ02), feature], {})
    assert ground.sources.feed("own") is not feed


def test_a_fault_of_features_is_told_in_words(qtbot: QtBot, ground: Ground) -> None:
    ground.sources.save([MapSource("f", "f", Kind.FILE, "/no/such.geojson")], {})
    with qtbot.waitSignal(ground.sources.state_changed):
        assert ground.sources.features("f") is None
    assert "读不到文件" in ground.sources.state("f")
    assert ground.sources.state("none") == ""


def test_features_come_and_are_remembered(qtbot: QtBot, ground: Ground, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"Feature","properties":{"name":"塔"},"geometry":{"type":"Point","coordinates":[114,30]}}'
    )
    ground.sources.save([MapSource("f", "f", Kind.FILE, str(path))], {})
    with qtbot.waitSignal(ground.sources.features_ready):
        ground.sources.features("f")
    found = ground.sources.features("f")
    assert found is not None
    assert found.features[0].name == "塔"
    assert ground.sources.state("f") == ""


class Got:
    """Takes what comes back."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def take(self, value: Any) -> None:
        self.values.append(value)


def test_the_cache_can_be_measured_and_cleared(qtbot: QtBot, ground: Ground) -> None:
    got = Got()
    ground.sources.cache_bytes(got.take)
    ground.sources.clear_cache("own", got.take)
    qtbot.waitUntil(lambda: len(got.values) == 2)
    assert got.values[0] == 0


# --- the editor ---------------------------------------------------------------------------------------


def editor(ground: Ground) -> SourceEditor:
    return SourceEditor(ground.sources, PLACE)


def test_the_list_has_the_topmost_first(ground: Ground) -> None:
    ground.sources.set_centre({"map_sources": [CENTRE]})
    ground.sources.save([OWN, replace(OWN, id="b", title="B")], {})
    made = editor(ground)
    assert [(row.id, row.from_centre) for row in made.rows] == [("b", False), ("own", False), ("city", True)]
    assert made.current == "b"


def test_adding_ordering_and_removing(ground: Ground) -> None:
    made = editor(ground)
    assert made.source is None
    made.remove()
    made.move(1)
    made.set_field("title", "x")
    made.set_key("k")
    made.add("tdt-vec")
    made.add("tdt-vec")
    made.add("xyz")
    assert [row.id for row in made.rows] == ["xyz", "tdt-vec-2", "tdt-vec"]
    made.move(1)
    assert [row.id for row in made.rows] == ["tdt-vec-2", "xyz", "tdt-vec"]
    made.move(99)
    made.move(1)
    assert [row.id for row in made.rows][-1] == "xyz"
    made.remove()
    assert made.current == "tdt-vec"
    assert made.save()
    assert [s.id for s in ground.sources.sources] == ["tdt-vec", "tdt-vec-2"]


def test_every_template_but_its_address_and_layer_is_right() -> None:
    for template in templates():
        source = replace(template.source, id="a")
        fixes = {
            Kind.XYZ: "http://h/{z}/{x}/{y}",
            Kind.MBTILES: "/a.mbtiles",
            Kind.FILE: "/a.gpkg",
        }
        if not source.address:
            layer = "a:b" if source.kind is Kind.SUPERMAP else "a"
            source = replace(source, address=fixes.get(source.kind, "http://h/x"), layer=layer)
        assert source.checked()


def test_a_key_in_a_pasted_address_goes_where_keys_belong(qtbot: QtBot, ground: Ground) -> None:
    made = editor(ground)
    made.add("xyz")
    assert not made.key_known
    made.set_field("address", " https://h/{z}/{x}/{y}?T=vec&tk=pasted-key ")
    source = made.source
    assert source is not None
    assert source.address == "https://h/{z}/{x}/{y}?T=vec"
    assert source.key_name == "tk"
    assert made.key_known
    assert made.save()
    ground.settled(qtbot)
    assert ground.settings.values[KEYS] == {"xyz": "pasted-key"}


def test_an_emptied_key_field_leaves_the_stored_key(qtbot: QtBot, ground: Ground) -> None:
    ground.sources.save([OWN], {"own": "stored"})
    made = editor(ground)
    made.set_key("new")
    made.set_key("")
    assert made.key_known
    made.save()
    ground.settled(qtbot)
    assert ground.settings.values[KEYS] == {"own": "stored"}


def test_a_wrong_source_is_chosen_and_says_what(ground: Ground) -> None:
    made = editor(ground)
    made.add("wmts")
    made.add("tdt-img")
    assert not made.save()
    assert made.current == "wmts"
    assert set(made.errors) == {"address", "layer"}
    made.set_field("layer", "vec")
    assert set(made.errors) == {"address"}
    made.try_current()
    assert not made.trying


def test_a_source_of_the_centre_that_is_changed_becomes_the_users(ground: Ground) -> None:
    ground.sources.set_centre({"map_sources": [CENTRE]})
    made = editor(ground)
    made.set_field("title", CENTRE["title"])
    assert made.rows[0].from_centre, "nothing was changed"
    made.set_field("opacity", 0.5)
    assert made.save()
    assert not ground.sources.from_centre("city")
    again = editor(ground)
    again.remove()
    assert again.save()
    assert ground.sources.from_centre("city"), "the centre's own is back"


def test_a_trial_of_what_stands_in_the_form(qtbot: QtBot, ground: Ground, server: MapServer) -> None:
    made = editor(ground)
    made.add("xyz")
    made.set_field("address", f"{server.url}/{{z}}/{{x}}/{{y}}.png")
    made.set_field("key_name", "tk")
    made.set_key("typed")
    with qtbot.waitSignal(made.tried, timeout=5000) as tried:
        made.try_current()
        assert made.trying
        made.try_current()
    assert isinstance(tried.args[0], Trial)
    assert tried.args[0].fine
    assert made.trial is tried.args[0]
    assert server.asked[0].query == {"tk": "typed"}
    made.set_field("title", "anders")
    assert made.trial is None, "what was tried is no longer what stands there"
    assert ground.sources.sources == (), "nothing is stored by a trial"
