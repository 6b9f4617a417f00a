"""Laws of the columns: what is kept is read back, every column stands once, nothing needed is hidden."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.tables.queue_columns import (
    ALWAYS,
    DENSITIES,
    LEAST_WIDTH,
    MOST_WIDTH,
    ColumnLayout,
    column_word,
)
from widgets.tables.queue_row import column_names, column_width

NAMES = st.sampled_from(column_names())
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("width"), NAMES, st.integers(-50, 900)),
        st.tuples(st.just("shown"), NAMES, st.booleans()),
        st.tuples(st.just("moved"), NAMES, st.integers(-12, 12)),
    ),
    max_size=12,
)


def walked(steps: list[tuple[str, str, int | bool]]) -> ColumnLayout:
    layout = ColumnLayout()
    for act, name, value in steps:
        if act == "width":
            layout = layout.with_width(name, int(value))
        elif act == "shown":
            layout = layout.with_shown(name, bool(value))
        else:
            layout = layout.moved(name, int(value))
    return layout


@settings(max_examples=25)
@given(STEPS)
def test_every_column_stands_once_whatever_was_done(steps: list[tuple[str, str, int | bool]]) -> None:
    layout = walked(steps)
    assert sorted(layout.names) == sorted(column_names())
    assert layout.hidden <= set(column_names()) - ALWAYS
    for name in layout.names:
        if not column_width(name):
            assert layout.width(name) == 0, "the words take the rest"
        elif name in layout.widths:
            assert LEAST_WIDTH.get(name, 40) <= layout.width(name) <= MOST_WIDTH


@settings(max_examples=25)
@given(STEPS, st.sampled_from(DENSITIES))
def test_what_is_kept_is_read_back(steps: list[tuple[str, str, int | bool]], density: str) -> None:
    doc = {**walked(steps).to_doc(), "density": density}
    again = ColumnLayout.from_doc(doc)
    assert again.to_doc() == doc
    assert ColumnLayout.from_doc(again.to_doc()) == again


@settings(max_examples=25)
@given(STEPS, NAMES, st.integers(-12, 12))
def test_moving_passes_shown_neighbours_and_stays_within_the_table(
    steps: list[tuple[str, str, int | bool]], name: str, step: int
) -> None:
    before = walked(steps)
    after = before.moved(name, step)
    shown = [one for one in before.names if one not in before.hidden]
    there = [one for one in after.names if one not in after.hidden]
    if name not in shown:
        assert after == before
        return
    at = shown.index(name)
    assert there.index(name) == min(max(at + step, 0), len(shown) - 1)
    assert [one for one in there if one != name] == [one for one in shown if one != name]


@settings(max_examples=25)
@given(STEPS, NAMES)
def test_hiding_and_showing_again_leaves_the_order(
    steps: list[tuple[str, str, int | bool]], name: str
) -> None:
    before = walked(steps)
    after = before.with_shown(name, False).with_shown(name, True)
    assert after.names == before.names and name not in after.hidden


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.sampled_from(["order", "hidden", "widths", "density", "other"]),
        st.none()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.none() | st.text(max_size=5) | NAMES, max_size=5)
        | st.dictionaries(NAMES | st.text(max_size=3), st.none() | st.booleans() | st.integers(), max_size=4),
    )
)
def test_any_kept_document_gives_a_usable_table(doc: dict[str, object]) -> None:
    layout = ColumnLayout.from_doc(doc)
    assert sorted(layout.names) == sorted(column_names())
    assert not layout.hidden & ALWAYS and layout.density in DENSITIES
    assert all(0 <= layout.width(name) <= MOST_WIDTH or not column_width(name) for name in layout.names)


def test_a_column_of_another_version_is_left_out_and_a_new_one_comes_last() -> None:
    rest = [name for name in column_names() if name != "grid"]
    layout = ColumnLayout.from_doc({"order": ["gone", *reversed(rest)], "hidden": ["gone"]})
    assert layout.names == (*reversed(rest), "grid") and layout.hidden == frozenset()


def test_every_column_has_a_word_in_the_menu() -> None:
    words = [column_word(name) for name in column_names()]
    assert all(words) and len(set(words)) == len(words)
