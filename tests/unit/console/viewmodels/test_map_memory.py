"""What the map remembers comes back; rubbish in the store never breaks a start."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.map_memory import MEASURES, SYSTEMS, MapMemory, MapMemoryKeeper
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure
from maps.layers.book import LayerBook
from tests.support.fakes import World
from tests.unit.console.viewmodels.conftest import Start

FULL = MapMemory(
    LayerBook().shown("heat", True).to_doc(), (12_580_000.0, 2_632_000.0, 9.5), "silent", "gcj02",
    (808, 680, 432), True,
)  # fmt: skip


def test_everything_comes_back_from_json() -> None:
    again = MapMemory.from_doc(json.loads(json.dumps(FULL.to_doc())))
    assert again == FULL
    assert LayerBook.from_doc(again.layers).shows("heat")


def test_names_are_those_of_the_map() -> None:
    assert tuple(measure.value for measure in Measure) == MEASURES
    assert SYSTEMS == ("wgs84", "gcj02")


def test_values_of_a_newer_version_are_kept() -> None:
    doc = {**FULL.to_doc(), "later": {"a": 1}}
    assert MapMemory.from_doc(doc).to_doc()["later"] == {"a": 1}


@pytest.mark.parametrize(
    "doc",
    [
        None, 5, [], "x", {"view": [1, 2]}, {"view": [1, 2, "3"]}, {"view": [0, 0, 0]}, {"view": [1e12, 0, 5]},
        {"view": [0, float("nan"), 5]}, {"view": [0, 10**400, 5]}, {"view": [True, 0, 5]}, {"measure": "none"},
        {"measure": ["density"]}, {"system": 3}, {"splitter": [1, 2]}, {"splitter": [0, 5, 5]},
        {"splitter": [1, 2, 10**9]}, {"splitter": "123"}, {"follow": 1}, {"layers": []},
    ],
)  # fmt: skip
def test_rubbish_takes_the_shipped_values(doc: object) -> None:
    found = MapMemory.from_doc(doc)
    assert (found.layers, found.view, found.measure, found.system, found.splitter, found.follow) == (
        None, None, "density", "wgs84", (), False,
    )  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(["layers", "view", "measure", "system", "splitter", "follow", "else"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=7))
def test_no_document_breaks_a_start(doc: dict[str, Any]) -> None:
    found = MapMemory.from_doc(doc)
    LayerBook.from_doc(found.layers)
    Measure(found.measure)
    if found.view is not None:
        Viewport(*found.view, 800.0, 600.0)


def test_the_keeper_writes_when_the_hand_rests(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    keeper = MapMemoryKeeper(seat)
    assert keeper.memory == MapMemory()
    keeper.keep(measure="overdue")
    keeper.keep(follow=True)
    assert "dispatch.map" not in world.settings
    qtbot.waitUntil(lambda: "dispatch.map" in world.settings)
    assert MapMemoryKeeper(seat).memory == MapMemory(measure="overdue", follow=True)
    before = world.settings.pop("dispatch.map")
    keeper.keep(follow=True)
    assert not keeper._timer.isActive()
    keeper.write()
    qtbot.waitUntil(lambda: world.settings.get("dispatch.map") == before)
