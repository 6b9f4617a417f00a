"""Saved filters as they are sent and kept: what is none is none, what is kept is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ports.filters import ALL, NOBODY, SavedFilter, filter_from

DOC: dict[str, Any] = {
    "filter_id": "f-1", "name": "我的井盖", "filter": {"text": "井盖"}, "tab": "turn", "share": "dispatcher",
    "place": 3, "mine": False, "owner": {"id": "u-gu", "name": "顾怀舟"},
}  # fmt: skip


def test_a_whole_filter_is_read() -> None:
    found = filter_from(DOC)
    assert found == SavedFilter(
        "f-1", "我的井盖", {"text": "井盖"}, "turn", "dispatcher", 3, mine=False, owner="顾怀舟"
    )


def test_what_is_not_said_has_a_plain_value() -> None:
    found = filter_from({"filter_id": "f", "name": "", "filter": {}})
    assert found == SavedFilter("f", "", {})
    assert found is not None and (found.share, found.mine, found.unsent) == (NOBODY, True, False)


@pytest.mark.parametrize(
    "doc",
    [
        None, 3, "f", [], {}, {**DOC, "filter_id": ""}, {**DOC, "filter_id": 4}, {**DOC, "name": None},
        {**DOC, "filter": "text"}, {**DOC, "filter": []},
    ],
    ids=["none", "int", "text", "list", "empty", "no_id", "id_int", "no_name", "filter_text", "filter_list"],
)  # fmt: skip
def test_what_is_no_filter_is_none(doc: Any) -> None:
    assert filter_from(doc) is None


@pytest.mark.parametrize(
    ("part", "value", "attribute", "plain"),
    [
        ("tab", 4, "tab", ""),
        ("share", None, "share", NOBODY),
        ("place", "3", "place", 0),
        ("place", True, "place", 0),
        ("place", 2.5, "place", 0),
        ("mine", None, "mine", True),
        ("owner", "顾", "owner", ""),
        ("owner", {"name": 4}, "owner", ""),
    ],
)
def test_a_part_that_is_not_understood_is_left_out(part: str, value: Any, attribute: str, plain: Any) -> None:
    found = filter_from({**DOC, part: value})
    assert found is not None
    assert getattr(found, attribute) == plain
    assert found.name == "我的井盖", "the rest is read"


FILTERS = st.builds(
    SavedFilter,
    st.uuids().map(str),
    st.text(max_size=20),
    st.dictionaries(st.sampled_from(["text", "states", "areas"]), st.lists(st.text(max_size=3), max_size=2)),
    st.text(max_size=8),
    st.sampled_from([NOBODY, ALL, "dispatcher"]),
    st.integers(0, 1000),
)


@settings(max_examples=25)
@given(FILTERS)
def test_what_is_sent_comes_back_as_it_was(entry: SavedFilter) -> None:
    assert filter_from({"filter_id": entry.filter_id, **entry.body()}) == entry


@settings(max_examples=25)
@given(FILTERS)
def test_what_is_sent_says_nothing_of_owner_or_of_this_machine(entry: SavedFilter) -> None:
    assert set(entry.body()) == {"name", "filter", "tab", "share", "place"}
