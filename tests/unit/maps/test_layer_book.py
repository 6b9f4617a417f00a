"""The layer book: no change and no document ever loses a layer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.layers.book import ALIASES, DEFAULT_ORDER, HIDDEN_AT_FIRST, PINNED, LayerBook, is_ground, kind_of
from maps.layers.measures import BreaksError, break_keys

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
IDS = st.sampled_from([*DEFAULT_ORDER, "tiles:a", "tiles:b", "features:x", "later:thing", "", "tiles:"])
NAMES = st.sampled_from([*DEFAULT_ORDER, *ALIASES, "tiles:a", "features:x", "clouds"])
ROW = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS | JSON,
        "visible": JSON,
        "opacity": JSON,
        "title": JSON,
        "options": JSON,
        "junk": JSON,
    },
)
DOC = st.fixed_dictionaries(
    {},
    optional={
        "version": JSON,
        "layers": st.lists(ROW | JSON, max_size=12) | JSON,
        "breaks": st.dictionaries(st.sampled_from(break_keys()) | st.text(max_size=4), JSON) | JSON,
    },
)


def whole(book: LayerBook) -> None:
    """Every built-in layer once, pinned layers at their places, ground below marks."""
    ids = book.ids()
    assert len(ids) == len(set(ids))
    assert set(DEFAULT_ORDER) <= set(ids)
    assert (ids[0], ids[-1]) == ("base.sea", "labels")
    border = ids.index("borders")
    assert ids[border + 1] == "heat"
    assert all(is_ground(s) for s in book.layers[1:border])
    assert not any(is_ground(s) for s in book.layers[border:])
    assert all(0.0 <= s.opacity <= 1.0 for s in book.layers)
    assert json.loads(json.dumps(book.to_doc(), allow_nan=False)) == book.to_doc()


def test_the_first_book() -> None:
    book = LayerBook()
    whole(book)
    assert book.ids() == DEFAULT_ORDER
    assert {s.id for s in book.layers if not s.visible} == HIDDEN_AT_FIRST
    assert [s.id for s in book.under()] == ["outside"]
    assert [s.id for s in book.over()] == ["water", "roads"]
    assert [s.id for s in book.marks()] == ["officers", "cases", "drawings"]


@given(DOC | JSON)
def test_any_document_gives_a_whole_book(doc: Any) -> None:
    book = LayerBook.from_doc(doc)
    whole(book)
    assert LayerBook.from_doc(book.to_doc()) == book


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_gives_a_whole_book(text: str | bytes) -> None:
    whole(LayerBook.from_doc(text))


def test_a_document_as_text_and_bombs() -> None:
    book = LayerBook().shown("cases", False)
    assert LayerBook.from_doc(json.dumps(book.to_doc())) == book
    assert LayerBook.from_doc("[" * 100_000) == LayerBook()
    assert LayerBook.from_doc("1" * 500_000) == LayerBook()
    assert LayerBook.from_doc({"layers": [{"id": "cases", "opacity": 10**400}]}).opacity("cases") == 1.0
    assert LayerBook.from_doc({"layers": [{"id": "cases", "opacity": -(10**400)}]}).opacity("cases") == 0.0
    assert LayerBook.from_doc({"layers": [{"id": "cases", "opacity": float("nan")}]}).opacity("cases") == 1.0


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("move"), NAMES, st.integers(-20, 20)),
        st.tuples(st.just("show"), NAMES, st.booleans()),
        st.tuples(st.just("opacity"), NAMES, st.floats()),
        st.tuples(st.just("add"), IDS, st.text(max_size=5)),
        st.tuples(st.just("drop"), IDS, st.none()),
        st.tuples(st.just("option"), NAMES, st.integers()),
        st.tuples(st.just("reset"), st.none(), st.none()),
    ),
    max_size=15,
)


@settings(max_examples=150)
@given(CHANGES)
def test_no_change_loses_a_layer(changes: list[tuple[str, Any, Any]]) -> None:
    book = LayerBook()
    for what, name, value in changes:
        before = set(book.ids())
        if what == "move":
            book = book.moved(name, value)
        elif what == "show":
            book = book.shown(name, value)
        elif what == "opacity":
            book = book.with_opacity(name, value)
        elif what == "add":
            book = book.with_source(name, value)
        elif what == "drop":
            book = book.without_source(name)
        elif what == "option":
            book = book.with_option(name, "mode", value)
        else:
            book = book.reset()
        whole(book)
        assert before - set(book.ids()) <= ({name} if what == "drop" else set())
        assert LayerBook.from_doc(book.to_doc()).ids() == book.ids()


@given(st.sampled_from(DEFAULT_ORDER), st.integers(-5, 5))
def test_moving_keeps_the_others_in_order(name: str, by: int) -> None:
    book = LayerBook().with_source("tiles:a", "天地图").with_source("features:x", "绿地")
    moved = book.moved(name, by)
    assert [i for i in moved.ids() if i != name] == [i for i in book.ids() if i != name]
    if name in PINNED:
        assert moved is book


def test_moves_and_the_ground_pictures() -> None:
    book = LayerBook().with_source("tiles:img", "影像").with_source("features:green", "绿地")
    assert [s.id for s in book.under()] == ["outside", "tiles:img"]
    assert [s.id for s in book.over()] == ["water", "roads", "features:green"]
    raised = book.moved("tiles:img", 1)
    assert [s.id for s in raised.over()] == ["tiles:img", "water", "roads", "features:green"]
    assert [s.id for s in raised.shown("tiles:img", False).over()] == ["water", "roads", "features:green"]
    assert book.moved("cases", 99).ids()[-2] == "cases"
    assert book.moved("cases", -99).ids()[book.ids().index("heat") + 1] == "cases"


def test_switching_through_an_alias() -> None:
    book = LayerBook().shown("base", False)
    assert not any(book.shows(i) for i in ("outside", "water", "roads", "base"))
    assert book.shown("water", True).shows("base")
    assert not book.shown("grid", False).shows("fill")
    assert LayerBook().shown("clouds", False) == LayerBook()
    assert LayerBook().shown("cases", True) == LayerBook()
    assert not LayerBook().shows("clouds")


def test_opacity_and_options() -> None:
    book = LayerBook().with_opacity("fill", 0.4).with_opacity("cases", 7).with_opacity("roads", -1)
    assert (book.opacity("fill"), book.opacity("cases"), book.opacity("roads")) == (0.4, 1.0, 0.0)
    assert book.with_opacity("fill", float("nan")) is book
    assert book.opacity("nobody") == 1.0
    book = book.with_option("cases", "mode", "dots").with_option("heat", "radius", 12)
    assert book.option("cases", "mode", "clusters") == "dots"
    assert book.option("heat", "radius", 8.0) == 12
    assert book.option("cases", "mode", 3) == 3
    assert book.option("nobody", "mode", "clusters") == "clusters"
    assert LayerBook.from_doc(book.to_doc()).option("cases", "mode", "") == "dots"


def test_an_unknown_layer_of_a_newer_version_is_kept() -> None:
    doc = LayerBook().to_doc()
    doc["layers"].insert(4, {"id": "weather", "visible": False, "opacity": 0.5, "options": {"a": 1}})
    again = LayerBook.from_doc(doc).to_doc()["layers"]
    assert {"id": "weather", "title": "", "visible": False, "opacity": 0.5, "options": {"a": 1}} in again
    assert kind_of("weather") == "unknown"
    assert "weather" in LayerBook.from_doc(doc).reset().ids()


def test_a_missing_layer_stands_at_its_usual_place() -> None:
    doc = LayerBook().to_doc()
    doc["layers"] = [row for row in doc["layers"] if row["id"] not in ("officers", "water")]
    book = LayerBook.from_doc(doc)
    assert book.ids() == DEFAULT_ORDER


def test_sources_come_and_go() -> None:
    book = LayerBook().with_source("tiles:a", "天地图")
    spec = book.get("tiles:a")
    assert spec is not None and (spec.kind, spec.title) == ("tiles", "天地图")
    renamed = book.with_source("tiles:a", "天地图影像").get("tiles:a")
    assert renamed is not None and renamed.title == "天地图影像"
    assert book.without_source("tiles:a") == LayerBook()
    assert book.without_source("cases") == book
    assert book.with_source("weather", "云") == book
    assert book.reset().get("tiles:a") is not None


def test_breaks_are_checked_and_kept() -> None:
    book = LayerBook().with_breaks("density/grid", (0, 2, 4, 8, 16))
    assert book.breaks == {"density/grid": (0, 2, 4, 8, 16)}
    assert LayerBook.from_doc(book.to_doc()) == book
    assert book.with_breaks("density/grid", None) == LayerBook()
    assert book.reset() == LayerBook()
    doc = book.to_doc()
    doc["breaks"]["overdue"] = [0, 5, 4, 3, 2]
    doc["breaks"]["nearest"] = [0, 10**400, 3, 4, 5]
    assert LayerBook.from_doc(doc) == book


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        ("density/grid", (0, 1, 2, 3), "count"),
        ("density/grid", (0, 1, 2, 3, 4, 5), "count"),
        ("density/grid", (0, 1, 2, 2, 3), "order"),
        ("density/grid", (0, 1, 5, 4, 6), "order"),
        ("density/grid", (1, 2, 3, 4, 5), "first"),
        ("density/grid", (0, 1.5, 2, 3, 4), "number"),
        ("overdue", (0, float("nan"), 2, 3, 4), "number"),
        ("overdue", (0, 1, 2, 3, float("inf")), "number"),
        ("overdue", (0, 1, 2, 3, True), "number"),
        ("clouds", (0, 1, 2, 3, 4), "key"),
    ],
)
def test_bad_breaks_are_refused_with_a_reason(key: str, values: tuple[float, ...], reason: str) -> None:
    with pytest.raises(BreaksError) as told:
        LayerBook().with_breaks(key, values)
    assert told.value.reason == reason


@given(st.lists(st.floats() | st.integers(), max_size=7))
def test_breaks_that_pass_are_five_and_ascend_from_zero(values: list[float]) -> None:
    try:
        kept = LayerBook().with_breaks("overdue", values).breaks["overdue"]
    except BreaksError:
        return
    assert len(kept) == 5 and kept[0] == 0 and list(kept) == sorted(set(kept))
