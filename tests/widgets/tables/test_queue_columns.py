"""The columns of the queue as a value: what may be hidden, how wide, in which order; kept and read back."""

from __future__ import annotations

import pytest

from widgets.tables.queue_columns import (
    ALWAYS,
    DENSITIES,
    MOST_WIDTH,
    ColumnLayout,
    column_word,
    density_word,
)
from widgets.tables.queue_row import column_names, column_width


def test_the_design_is_what_stands_first() -> None:
    plain = ColumnLayout()
    assert plain.names == column_names()
    assert [plain.width(name) for name in plain.names] == [column_width(name) for name in column_names()]
    assert plain.density == "standard"


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_what_a_row_cannot_be_without_stays(name: str) -> None:
    assert name not in ColumnLayout().with_shown(name, False).hidden


def test_hide_and_show() -> None:
    hidden = ColumnLayout().with_shown("grid", False)
    assert hidden.hidden == {"grid"}
    assert hidden.with_shown("grid", True) == ColumnLayout()


def test_widths_stay_within_reason() -> None:
    assert ColumnLayout().with_width("grid", 3).width("grid") == 40
    assert ColumnLayout().with_width("grid", 9999).width("grid") == MOST_WIDTH
    assert ColumnLayout().with_width("limit", 10).width("limit") == 84
    assert ColumnLayout().with_width("summary", 50).width("summary") == 0, "the words take the rest"


def test_moving_passes_hidden_neighbours() -> None:
    layout = ColumnLayout().with_shown("category", False).moved("number", 1)
    shown = [name for name in layout.names if name not in layout.hidden]
    assert shown[:4] == ["urgency", "sla_shape", "grid", "number"]
    assert sorted(layout.names) == sorted(column_names())
    assert ColumnLayout().moved("urgency", -1).names == column_names()
    assert ColumnLayout().moved("holder", 5).names == column_names()
    assert ColumnLayout().moved("nothing", 1).names == column_names()
    assert ColumnLayout().moved("urgency", 99).names[-1] == "urgency"


def test_kept_and_read_back() -> None:
    layout = ColumnLayout(density="compact").moved("limit", -3).with_shown("source", False)
    layout = layout.with_width("grid", 120)
    assert ColumnLayout.from_doc(layout.to_doc()) == layout
    assert ColumnLayout.from_doc(ColumnLayout().to_doc()) == ColumnLayout()


@pytest.mark.parametrize(
    "doc",
    [
        None,
        [],
        {"order": 3, "hidden": "x", "widths": [], "density": "huge"},
        {"order": ["?", 4], "hidden": ["number", "?"], "widths": {"grid": "wide", "?": 3, "stage": True}},
    ],
    ids=["nothing", "list", "wrong-types", "unknown-names"],
)
def test_what_is_not_understood_is_left_out(doc: object) -> None:
    assert ColumnLayout.from_doc(doc) == ColumnLayout()


def test_a_column_an_older_version_did_not_know_comes_last() -> None:
    order = [name for name in reversed(column_names()) if name != "grid"]
    assert ColumnLayout.from_doc({"order": order}).names == (*order, "grid")


def test_every_column_and_density_has_a_word() -> None:
    words = [column_word(name) for name in column_names()] + [density_word(name) for name in DENSITIES]
    assert all(words) and len(set(words)) == len(words)
