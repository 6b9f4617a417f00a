"""The draft of 底图与图层来源: what stands at a source is about that source; keys apart; 预下载 in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from console.viewmodels.map_source_editor import SourceEditor
from console.viewmodels.map_source_settings import (
    KEYS,
    SOURCES,
    SourceSettings,
    keys_apart,
    read_settings,
    write_settings,
)
from services.basemaps.keys import KEY_NAMES
from services.basemaps.sources import Kind, MapSource, sources_from
from tests.support.map_server import Answer, MapServer, map_server
from tests.support.map_services import MemorySettings, xyz
from tests.support.tile_world import Beacon
from tests.unit.basemaps.test_pictures import picture
from tests.unit.console.viewmodels.test_map_sources import OWN, PLACE, Ground

X, Y = Beacon(*PLACE).world
AREA = (X - 3000, Y - 3000, X + 3000, Y + 3000)


@pytest.fixture
def ground(qtbot: QtBot, tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(picture(size=(8, 8)))) as made:
        yield made


def editor(ground: Ground, area: Any = AREA) -> SourceEditor:
    return SourceEditor(ground.sources, PLACE, area)


# --- trials and the source they are about -----------------------------------------------------------------


def two(ground: Ground, server: MapServer) -> SourceEditor:
    """A draft with one source that answers (chosen) and another."""
    ground.sources.save([OWN, xyz(server.url)], {})
    made = editor(ground)
    assert made.current == "tiles"
    return made


def test_a_trial_does_not_speak_for_another_source(qtbot: QtBot, ground: Ground, server: MapServer) -> None:
    """The operator goes on to the next source while the first is tried: 可以使用 would be said of the wrong one."""
    made = two(ground, server)
    with qtbot.waitSignal(made.tried, timeout=5000):
        made.try_current()
        made.choose("own")
    assert made.current == "own"
    assert made.trial is None
    assert not made.trying


def test_a_trial_does_not_speak_for_what_was_typed_meanwhile(
    qtbot: QtBot, ground: Ground, server: MapServer
) -> None:
    made = two(ground, server)
    with qtbot.waitSignal(made.tried, timeout=5000):
        made.try_current()
        made.set_field("address", "https://elsewhere.example/{z}/{x}/{y}")
    assert made.trial is None
    made.set_field("address", xyz(server.url).address)
    with qtbot.waitSignal(made.tried, timeout=5000):
        made.try_current()
        made.set_key("typed-meanwhile")
    assert made.trial is None, "with the other key it may be refused"
    with qtbot.waitSignal(made.tried, timeout=5000):
        made.try_current()
    assert made.trial is not None
    assert made.trial.fine


def test_a_source_taken_out_while_it_is_tried(qtbot: QtBot, ground: Ground, server: MapServer) -> None:
    made = two(ground, server)
    with qtbot.waitSignal(made.tried, timeout=5000):
        made.try_current()
        made.remove()
    assert ([row.id for row in made.rows], made.trial) == (["own"], None)


# --- choosing, ordering, taking out --------------------------------------------------------------------------


def test_choosing_what_is_chosen_keeps_errors_and_says_nothing(qtbot: QtBot, ground: Ground) -> None:
    made = editor(ground)
    made.add("wmts")
    assert not made.save()
    with qtbot.assertNotEmitted(made.changed):
        made.choose("wmts")
    assert set(made.errors) == {"address", "layer"}
    made.add("xyz")
    assert made.errors == {}, "the errors were those of the other one"


def test_the_last_of_the_list_hands_over_to_its_neighbour(ground: Ground) -> None:
    made = editor(ground)
    for _ in range(3):
        made.add("xyz")
    assert [row.id for row in made.rows] == ["xyz-3", "xyz-2", "xyz"]
    made.choose("xyz-2")
    made.remove()
    assert made.current == "xyz", "the one that stands in its place"
    made.remove()
    assert made.current == "xyz-3"
    made.remove()
    assert (made.current, made.source, made.rows) == ("", None, ())


def test_a_field_set_to_what_it_is_changes_nothing(qtbot: QtBot, ground: Ground) -> None:
    ground.sources.save([OWN], {})
    made = editor(ground)
    with qtbot.assertNotEmitted(made.changed):
        made.set_field("title", OWN.title)
        made.move(0)
        made.move(-5)


def test_a_key_of_a_source_taken_out_is_not_given_to_the_next_of_its_name(
    qtbot: QtBot, ground: Ground
) -> None:
    """天地图 is taken out and added anew: the old key must be entered again."""
    made = editor(ground)
    made.add("tdt-vec")
    made.set_key("secret-of-the-first")
    assert made.save()
    ground.settled(qtbot)
    made.remove()
    made.add("tdt-vec")
    assert made.current == "tdt-vec"
    assert not made.key_known
    assert made.save()
    ground.settled(qtbot)
    assert ground.settings.values[KEYS] == {}


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(("add", "remove", "up", "down", "first", "last")), max_size=12))
def test_whatever_is_clicked_one_of_the_list_is_chosen(tmp_path_factory: Any, steps: list[str]) -> None:
    """Ids are never doubled, and the form never edits something that is not in the list."""
    ground = Ground(tmp_path_factory.mktemp("draft"))
    try:
        made = editor(ground)
        for step in steps:
            rows = [row.id for row in made.rows]
            if step == "add":
                made.add("tdt-img")
            elif step == "remove":
                made.remove()
            elif step in ("up", "down"):
                made.move(1 if step == "down" else -1)
            elif rows:
                made.choose(rows[0 if step == "first" else -1])
            rows = [row.id for row in made.rows]
            assert len(rows) == len(set(rows))
            assert made.current in rows if rows else made.current == ""
        assert made.save()
        assert [s.id for s in reversed(ground.sources.sources)] == [row.id for row in made.rows]
    finally:
        ground.close()


# --- fetching ahead ---------------------------------------------------------------------------------------------


def test_why_nothing_can_be_fetched_ahead_is_said(ground: Ground, server: MapServer) -> None:
    made = editor(ground)
    only, first = "只有网上的瓦片可以预下载。", "请先保存，再预下载。"
    assert made.prefetch_reason == only, "nothing is chosen"
    made.add("mbtiles")
    assert made.prefetch_reason == only
    made.add("wfs")
    assert made.prefetch_reason == only
    made.add("xyz")
    made.set_field("address", xyz(server.url).address)
    assert made.prefetch_reason == first
    assert editor(ground, None).prefetch_reason == only, "without a district there is no area"


def test_what_was_changed_must_be_saved_before_it_is_fetched(ground: Ground, server: MapServer) -> None:
    ground.sources.save([xyz(server.url)], {})
    made = editor(ground)
    assert made.prefetch_reason == ""
    made.set_field("tile_size", 512)
    assert made.prefetch_reason == "请先保存，再预下载。"
    made.set_field("tile_size", 256)
    assert made.prefetch_reason == "", "it is again what is stored"
    made.set_key("new")
    assert made.prefetch_reason == "请先保存，再预下载。"
    made.toggle_prefetch()
    assert not made.prefetching
    assert server.asked == []


def test_an_area_is_fetched_and_told_in_words(qtbot: QtBot, ground: Ground, server: MapServer) -> None:
    ground.sources.save([OWN, xyz(server.url, max_zoom=10)], {})
    made = editor(ground)
    assert made.prefetch_text == ""
    made.toggle_prefetch()
    assert made.prefetching
    assert made.prefetch_reason == "", "it runs, and can be stopped"
    qtbot.waitUntil(lambda: not made.prefetching, timeout=10000)
    count = len(server.asked)
    assert made.prefetch_text.startswith(f"已完成。已看 {count} / {count} 张瓦片，下载 ")
    assert made.prefetch_text.endswith(" MB。")
    made.choose("own")
    assert made.prefetch_text == "", "these words are about the other one"


def test_fetching_can_be_stopped_by_the_same_button(qtbot: QtBot, ground: Ground, server: MapServer) -> None:
    server.rule = lambda asked: Answer(picture(size=(8, 8)), drip=0.001)
    ground.sources.save([xyz(server.url, max_zoom=16)], {})
    made = editor(ground)
    made.toggle_prefetch()
    qtbot.waitUntil(lambda: bool(server.asked), timeout=5000)
    made.toggle_prefetch()
    qtbot.waitUntil(lambda: not made.prefetching, timeout=10000)
    assert made.prefetch_text.startswith("已停止。已看 ")


# --- what is stored -----------------------------------------------------------------------------------------------

_KEY = st.text("abcdefgh0123456789", min_size=8, max_size=12)


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(sorted(KEY_NAMES)), key=_KEY, plain=st.booleans(), upper=st.booleans())
def test_a_key_of_the_centre_never_stays_in_the_list(name: str, key: str, plain: bool, upper: bool) -> None:
    """Written as `key` or inside the address: the list that is shown and logged holds nothing of it."""
    shown = name.upper() if upper else name
    entry: dict[str, Any] = {"id": "city", "kind": "xyz", "address": "http://c.example/{z}/{x}/{y}?T=vec"}
    if plain:
        entry |= {"key": key, "key_name": shown}
    else:
        entry["address"] += f"&{shown}={key}"
    clean, keys = keys_apart([entry, "rubbish", None])
    assert keys == {"city": key}
    assert key not in json.dumps(clean)
    assert clean[1:] == ["rubbish", None]
    (source,) = sources_from(clean[:1]).sources
    assert (source.key_name, source.address) == (shown, "http://c.example/{z}/{x}/{y}?T=vec")
    assert "key" in entry or key in entry["address"], "what the centre sent is not changed"


@pytest.mark.parametrize("raw", [None, "text", 5, {"id": "a", "key": "k"}])
def test_a_list_that_is_none_is_left_to_who_reads_it(raw: Any) -> None:
    assert keys_apart(raw) == (raw, {})


@pytest.mark.parametrize(
    ("stored", "keys"),
    [
        ({"own": "k", "gone": ""}, {"own": "k"}),
        (["own"], {}),
        ("k", {}),
        (None, {}),
        ({"own": 5}, {"own": "5"}),
    ],
)
def test_stored_keys_of_any_shape(stored: Any, keys: dict[str, str]) -> None:
    read, problems = read_settings(MemorySettings({SOURCES: [OWN.to_doc()], KEYS: stored}))
    assert read.keys == keys
    assert (read.own, problems.problems) == ((OWN,), ())


def test_what_is_written_is_json_and_comes_back() -> None:
    store = MemorySettings()
    kept = SourceSettings(
        (OWN, replace(OWN, id="b", kind=Kind.WFS, address="http://h", layer="t")), {"b": "k"}
    )
    write_settings(store, kept)
    again = MemorySettings(json.loads(json.dumps(store.values)))
    assert read_settings(again)[0] == kept
    assert "k" not in repr(kept).replace("SourceSettings", "")


def test_a_source_stored_by_an_older_version_is_told_by_its_number() -> None:
    docs = [OWN.to_doc(), {"id": "x", "kind": "wms", "address": "http://h"}]
    read, problems = read_settings(MemorySettings({SOURCES: docs}))
    assert [s.id for s in read.own] == ["own"]
    assert problems.problems[0].startswith("第 2 个来源没有采用：kind 不认识“wms”")


def test_an_address_given_by_hand_keeps_its_places() -> None:
    source = MapSource("own", "我的", Kind.XYZ, "http://h/{key}/{z}/{x}/{y}")
    assert keys_apart([{**source.to_doc(), "key": "k"}])[0][0]["address"] == source.address
