"""Layouts in steps: short turns, labels that stand still, pictures that are painted once and given back."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from maps.canvas import sprites
from maps.canvas.label_room import LabelRoom
from maps.canvas.labels import label_point
from maps.canvas.layout import CHOSEN_PX, SceneLayout, lay_out, layout_steps
from maps.canvas.palette import MapPalette
from maps.canvas.scene import Scene
from maps.canvas.sprites import SpriteBook
from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.case_columns import prepare_columns
from maps.layers.cases import MapCase, ready_cases
from maps.layers.state import MapState, Redraw
from maps.layers.tokens import BANDS
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def book() -> SpriteBook:
    return SpriteBook(MapPalette.load(), 1.0)


def district(columns: int = 24, rows: int = 16) -> list[AreaShape]:
    return squares(columns, rows)


def state_of(count: int = 0, columns: int = 8, rows: int = 6, seed: int = 3) -> MapState:
    state = MapState()
    state.set_areas(district(columns, rows))
    rng = np.random.default_rng(seed)
    table = prepare_columns(
        [f"c{i:06d}" for i in range(count)],
        WEST + SIDE * rng.uniform(0, columns, count),
        SOUTH + SIDE * rng.uniform(0, rows, count),
        rng.integers(0, 7, count),
        stage=rng.integers(0, 7, count),
        details=lambda case_id: MapCase(case_id, f"1120-{case_id[-4:]}", None, None),
    )
    assert state.set_prepared_cases(ready_cases(table, state.areas, state.picker)) or count == 0
    return state


def view_at(
    scale: float, column: float = 4.0, row: float = 3.0, size: tuple[int, int] = (900, 600)
) -> Viewport:
    x, y = (float(v) for v in project(WEST + SIDE * column, SOUTH + SIDE * row))
    return Viewport(x, y, scale, *size)


# --- steps --------------------------------------------------------------------------------------------


def run(steps: object) -> tuple[SceneLayout, list[float]]:
    turns = []
    while True:
        started = time.thread_time()
        try:
            next(steps)  # type: ignore[call-overload]
        except StopIteration as done:
            return done.value, turns
        finally:
            turns.append(time.thread_time() - started)


@pytest.mark.parametrize("scale", [60.0, 20.0, 8.0, 2.5, 0.7])
def test_steps_give_what_one_go_gives(book: SpriteBook, scale: float) -> None:
    state = state_of(3000)
    made, turns = run(layout_steps(state, view_at(scale), book))
    assert len(turns) > 3
    other = lay_out(state, view_at(scale), SpriteBook(MapPalette.load(), 1.0))
    assert made.marks == other.marks
    assert made.labels == other.labels
    assert len(made.sprites) == len(made.marks) == len(made.anchors)
    assert len(made.texts) == len(made.labels)


def test_no_turn_of_a_large_layout_is_long(book: SpriteBook) -> None:
    state = state_of(100_000, 24, 16)
    column = state.cases.table.xy
    started = time.thread_time()
    for _ in range(10):
        np.argsort(column[:20_000, 0])
        np.flatnonzero((column[:, 0] > 0) & (column[:, 1] > 0))
    floor = (time.thread_time() - started) / 10
    for scale in (20.0, 8.0, 2.5, 0.7):
        _, turns = run(layout_steps(state, view_at(scale, 12, 8, (1920, 1080)), book))
        # One turn is at most the counting of 100,000 cases into marks; all others are a label or a picture.
        assert sorted(turns)[-3] < 12 * floor
        assert float(np.median(turns)) < floor


def test_data_may_change_between_two_turns(book: SpriteBook) -> None:
    state = state_of(2500)
    steps = layout_steps(state, view_at(8.0), book)
    next(steps)
    state.update_cases([MapCase("new", "1", WEST + SIDE * 4, SOUTH + SIDE * 3, "over3")], ["c000001"])
    made, _ = run(steps)
    again = lay_out(state, view_at(8.0), book)
    assert int(again.marks.counts.sum()) >= int(made.marks.counts.sum()) - 1


# --- labels -------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.floats(-180, 180), st.floats(-120, 120), st.sampled_from([8.0, 2.5]))
def test_labels_stand_still_while_the_map_is_dragged(dx: float, dy: float, scale: float) -> None:
    assert QApplication.instance() is not None
    book = SpriteBook(MapPalette.load(), 1.0)
    state = state_of(60)
    first = lay_out(state, view_at(scale), book)
    view = view_at(scale).panned(dx, dy)
    second = lay_out(state, view, book, before=first)
    stood = {label.key: label for label in first.labels if label.key}
    now = {label.key: label for label in second.labels if label.key}
    inner = QRectF(4, 4, view.width - 8, view.height - 8)
    for key, label in stood.items():
        width, height = book.text_size(label.text, label.pixels, label.bold)
        at = label_point(view, label)
        if inner.contains(QRectF(at.x() - width / 2, at.y() - height / 2, width, height)):
            assert now.get(key) == label


def test_labels_that_stood_make_way_for_a_symbol(book: SpriteBook) -> None:
    state = state_of()
    view = view_at(8.0)
    first = lay_out(state, view, book)
    label = next(x for x in first.labels if x.text == "20")
    state.set_cases([MapCase("a", "1", *_degrees(label.x, label.y))])
    second = lay_out(state, view, book, before=first)
    moved = [x for x in second.labels if x.key == label.key]
    assert all((m.dx, m.dy) != (label.dx, label.dy) for m in moved)


def _degrees(x: float, y: float) -> tuple[float, float]:
    lon = np.degrees(x / 6378137.0)
    lat = np.degrees(2 * np.arctan(np.exp(y / 6378137.0)) - np.pi / 2)
    return float(lon), float(lat)


def test_another_scale_places_labels_afresh(book: SpriteBook) -> None:
    state = state_of(80)
    first = lay_out(state, view_at(8.0), book)
    assert (
        lay_out(state, view_at(6.0), book, before=first).labels == lay_out(state, view_at(6.0), book).labels
    )


# --- room ---------------------------------------------------------------------------------------------

BOXES = st.lists(
    st.tuples(st.floats(-20, 320), st.floats(-20, 220), st.floats(0.5, 60), st.floats(0.5, 40)), max_size=9
)


@given(BOXES, BOXES)
def test_what_is_called_free_meets_nothing_taken(
    taken: list[tuple[float, float, float, float]], asked: list[tuple[float, float, float, float]]
) -> None:
    room = LabelRoom(300, 200)
    rects = [QRectF(*box) for box in taken]
    room.take_boxes(rects)
    screen = QRectF(4, 4, 292, 192)
    for box in asked:
        rect = QRectF(*box)
        free = room.free(rect.left(), rect.top(), rect.right(), rect.bottom())
        if free:
            assert screen.contains(rect)
            assert not any(rect.intersects(r) for r in rects)
        elif screen.contains(rect):
            # Refused only where something is within a square of it.
            assert any(rect.adjusted(-1, -1, 1, 1).intersects(r) for r in rects)


@given(st.lists(st.tuples(st.floats(-30, 330), st.floats(-30, 230), st.floats(0.5, 30)), max_size=30))
def test_many_squares_are_taken_as_one_by_one(spots: list[tuple[float, float, float]]) -> None:
    one, many = LabelRoom(300, 200), LabelRoom(300, 200)
    for x, y, r in spots:
        one.take(x - r, y - r, x + r, y + r)
    places = np.array([s[:2] for s in spots]).reshape(-1, 2)
    for _ in many.take_many(places, np.array([s[2] for s in spots])):
        pass
    assert np.array_equal(one._taken, many._taken)


def test_a_very_large_screen_has_a_coarser_picture() -> None:
    assert LabelRoom(3840, 2160)._taken.size < 4 * LabelRoom(1920, 1080)._taken.size


# --- pictures -----------------------------------------------------------------------------------------


def test_pictures_are_painted_once(book: SpriteBook) -> None:
    state = state_of(400)
    first = lay_out(state, view_at(2.5), book)
    painted = book.painted
    again = lay_out(state, view_at(2.5), book)
    assert book.painted == painted
    assert all(a is b for a, b in zip(first.sprites, again.sprites, strict=True))
    assert all(a is b for a, b in zip(first.texts, again.texts, strict=True))


def test_the_longest_unused_pictures_go_first(book: SpriteBook, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = book.band("over3", 16.0)
    one = book.band("soon", 16.0)
    size = one.pixmap.width() * one.pixmap.height() * 4
    monkeypatch.setattr(sprites, "MOST_BYTES", size * 3)
    book.band("ok", 16.0)
    assert book.band("over3", 16.0) is kept
    book.band("over1", 16.0)
    assert len(book) == 3
    assert book.nbytes == size * 3
    assert book.band("over3", 16.0) is kept
    assert book.band("soon", 16.0) is not one


def test_a_picture_larger_than_all_room_is_still_given(
    book: SpriteBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sprites, "MOST_BYTES", 1)
    assert book.band("ok", 64.0).pixmap.width() > 0
    assert len(book) == 1


def test_a_sharp_screen_may_keep_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sprites, "MOST_BYTES", 40_000)
    usual, sharp = SpriteBook(MapPalette.load(), 1.0), SpriteBook(MapPalette.load(), 2.0)
    for size in range(10, 60):
        usual.band("ok", float(size))
        sharp.band("ok", float(size))
    assert usual.nbytes <= 40_000
    assert 40_000 < sharp.nbytes <= 160_000
    assert abs(len(usual) - len(sharp)) <= 2


def test_texts_are_measured_once(book: SpriteBook) -> None:
    size = book.text_size("望塔街道", 15.0, True)
    assert book.text_size("望塔街道", 15.0, True) is size
    assert book.label_size("望塔街道", 15.0, True).width() == size[0]
    assert book.text_size("望塔街道", 11.0, True)[0] < size[0]


def test_near_the_ground_single_shapes_carry_their_stage(book: SpriteBook) -> None:
    state = state_of(30)
    near, far = lay_out(state, view_at(0.7), book), lay_out(state, view_at(2.5), book)
    assert far.marks.counts[0] == 1
    assert far.sprites[0] is book.single(BANDS[far.marks.worst[0]])
    staged = [i for i in range(len(near.marks)) if near.marks.stage[i] and near.marks.counts[i] == 1]
    lone = state_of(1)
    x, y = lone.cases.point("c000000")
    made = lay_out(lone, Viewport(x, y, 0.7, 900, 600), book)
    assert made.sprites[0] is book.single(BANDS[made.marks.worst[0]], int(made.marks.stage[0]))
    for i in staged:
        assert near.sprites[i] is book.single(BANDS[near.marks.worst[i]], int(near.marks.stage[i]))


def test_the_selected_case_is_larger(book: SpriteBook) -> None:
    state = state_of(50)
    state.select_case("c000007")
    x, y = state.cases.point("c000007")
    made = lay_out(state, Viewport(x, y, 8.0, 900, 600), book)
    assert made.marks.chosen >= 0
    band = state.cases.cases["c000007"].band
    assert made.sprites[made.marks.chosen] is book.band(band, CHOSEN_PX)


# --- ways to draw cases -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["dots", "heat"])
def test_where_all_cases_are_a_picture_only_the_selected_is_a_mark(book: SpriteBook, mode: str) -> None:
    state = state_of(50)
    assert state.set_case_mode(mode) == Redraw.GROUND | Redraw.MARKS
    assert state.set_case_mode(mode) is Redraw.NOTHING
    assert state.set_case_mode("smoke") is Redraw.NOTHING
    assert (state.shows_dots, state.shows_heat) == (mode == "dots", mode == "heat")
    assert len(lay_out(state, view_at(8.0), book).marks) == 0
    state.select_case("c000007")
    assert [tuple(m.case_ids) for m in lay_out(state, view_at(8.0), book).marks] == [("c000007",)]
    state.show_layer("cases", False)
    assert (state.shows_dots, state.shows_heat) == (False, False)
    state.set_case_mode("clusters")
    state.show_layer("heat", True)
    assert state.shows_heat


# --- in the scene -------------------------------------------------------------------------------------


def test_marks_come_in_while_the_map_is_dragged() -> None:
    state = state_of(3000)
    scene = Scene(state, MapPalette.load())
    view = view_at(8.0)
    scene.refresh(view, 1.0, [])
    begun = scene.layout
    assert begun is not None
    fresh = 0
    for _ in range(400):
        view = view.panned(3, 1)
        last = scene.layout
        scene.advance(view, 1.0, [], seconds=0.0005)
        fresh += scene.layout is not last
    assert fresh >= 1
    while scene.advance(view, 1.0, [], seconds=0.05):
        pass
    assert scene.layout is not None
    assert scene.layout.view == view


def test_marks_come_in_while_data_keep_changing() -> None:
    state = state_of(2500)
    scene = Scene(state, MapPalette.load())
    view = view_at(8.0)
    scene.refresh(view, 1.0, [])
    fresh = 0
    for i in range(400):
        state.update_cases([MapCase(f"n{i}", "1", WEST + SIDE * 4, SOUTH + SIDE * 3, "over3")], [])
        scene.marks_stale = True
        last = scene.layout
        scene.advance(view, 1.0, [], seconds=0.0005)
        fresh += scene.layout is not last
    assert fresh >= 1
    scene.refresh(view, 1.0, [])
    assert scene.layout is not None
    members = [i for m in scene.layout.marks for i in m.case_ids]
    assert {f"n{i}" for i in range(400)} <= set(members)


def test_another_scale_begins_anew() -> None:
    scene = Scene(state_of(2500), MapPalette.load())
    scene.refresh(view_at(8.0), 1.0, [])
    scene.advance(view_at(6.0), 1.0, [], seconds=0.0)
    while scene.advance(view_at(3.0), 1.0, [], seconds=0.002):
        assert scene.layout is not None
        assert scene.layout.view.scale in (8.0, 3.0)
    assert scene.layout is not None
    assert scene.layout.view == view_at(3.0)
