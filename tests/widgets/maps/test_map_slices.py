"""The ground in slices: what is drawn again, what is used again, what is shown meanwhile, what it costs."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from maps.canvas.ground import Ground
from maps.canvas.palette import MapPalette
from maps.canvas.panes import PANE_PX, PaneGrid
from maps.canvas.scene import Scene
from maps.canvas.stack import GroundLayer, SteppedLayer
from maps.geometry.areas import AreaShape
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures, Measure
from maps.layers.base import BaseLayer
from maps.layers.book import LayerBook, LayerSpec
from maps.layers.cases import MapCase
from maps.layers.state import MapState
from tests.widgets.maps import invented
from tests.widgets.maps.conftest import MakeMap, settle

pytestmark = pytest.mark.usefixtures("qapp")
DARK, LIGHT = MapPalette.load("dark"), MapPalette.load("light")


@pytest.fixture
def state(shapes: list[AreaShape]) -> MapState:
    made = MapState()
    made.set_areas(shapes)
    made.set_base(BaseLayer.of(*invented.base()))
    made.set_figures({s.code: AreaFigures(i % 30) for i, s in enumerate(shapes) if s.level == "grid"})
    return made


def whole(state: MapState, width: float = 1200, height: float = 900) -> Viewport:
    assert state.areas is not None
    return Viewport.fit(state.areas.extent, width, height)


def shown(ground: Ground, view: Viewport, ratio: float = 1.0) -> QImage:
    """The frame, without drawing anything anew."""
    image = QImage(round(view.width * ratio), round(view.height * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    ground.draw(painter, view)
    painter.end()
    return image


def colours(image: QImage) -> np.ndarray:
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return flat & 0xFFFFFF


MAGENTA = 0xFF00FF


class Blot:
    """A layer of others: one rectangle of the world in one colour."""

    def __init__(self, key: str, color: str) -> None:
        self.key, self.revision, self.color, self.paints = key, 0, color, 0

    def paint(self, painter: QPainter, view: Viewport) -> None:
        self.paints += 1
        painter.fillRect(QRectF(0, 0, view.width, view.height / 2), QColor(self.color))


class Slow(Blot):
    """The same in many steps."""

    closed = 0

    def steps(self, painter: QPainter, view: Viewport) -> Iterator[None]:
        try:
            for _ in range(30_000):
                yield
            self.paint(painter, view)
        finally:
            self.closed += 1


# --- panes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "ratio"), [((1920, 1080), 1.0), ((1537, 861), 1.25), ((3840, 2160), 1.0), ((300, 200), 2.0)]
)
def test_whole_panes_just_fill_the_first_view(size: tuple[int, int], ratio: float) -> None:
    view = Viewport(12_604_000.3, 2_650_000.7, 7.3, *map(float, size))
    grid = PaneGrid.for_view(view, ratio)
    keys = grid.keys(view)
    columns, rows = {k[0] for k in keys}, {k[1] for k in keys}
    assert len(columns) * grid.width <= size[0] * ratio + PANE_PX / 2 + len(columns)
    assert len(rows) * grid.height <= size[1] * ratio + PANE_PX / 2 + len(rows)
    assert grid.width <= PANE_PX * 1.5 + 1
    assert grid.height <= PANE_PX * 1.5 + 1


def test_panes_lie_side_by_side_and_on_pixels_of_the_world() -> None:
    view = Viewport(1000.3, 500.2, 0.7, 800.0, 600.0)
    grid = PaneGrid.for_view(view, 1.25)
    for key in ((0, 0), (-3, 2), (4, -1)):
        frame, right = grid.frame(key), grid.frame((key[0] + 1, key[1]))
        assert frame.bounds[2] == pytest.approx(right.west)
        assert frame.west / grid.pixel == pytest.approx(round(frame.west / grid.pixel), abs=1e-6)
        west, _, _, north = grid.view(key).bounds
        assert (west, north) == pytest.approx((frame.west, frame.north))


def test_the_middle_of_a_view_is_drawn_first() -> None:
    view = Viewport(0.0, 0.0, 1.0, 2000.0, 1500.0)
    grid = PaneGrid.for_view(view, 1.0)
    keys = grid.keys(view)
    far = [(k[0] - 1.5) ** 2 + (k[1] - 1.0) ** 2 for k in keys]
    assert far == sorted(far)


# --- what is drawn again ------------------------------------------------------------------------------


def test_slices_give_the_same_picture_as_one_go(state: MapState) -> None:
    view = whole(state)
    one, sliced = Ground(state, DARK), Ground(state, DARK)
    one.finish(view, 1.0)
    slices = 0
    while sliced.advance(view, 1.0, 0.001):
        slices += 1
    assert slices > 5
    assert (colours(shown(one, view)) == colours(shown(sliced, view))).all()
    assert one.paints == sliced.paints == 1


def test_nothing_is_shown_before_it_is_whole_and_then_all_of_it(state: MapState) -> None:
    view = whole(state)
    ground = Ground(state, DARK)
    while not ground.paints:
        assert (colours(shown(ground, view)) == MAGENTA).all()
        ground.advance(view, 1.0, 0.002)
    assert not (colours(shown(ground, view)) == MAGENTA).any()
    assert ground.take_changed()
    assert not ground.take_changed()


def test_a_pan_draws_only_the_strip_that_comes_into_view(state: MapState) -> None:
    view = whole(state).zoomed_at(3.0, 600, 450)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    kept = {id(p): p.ids for p in ground.panes()}
    moved = view.panned(-250, 0)
    ground.finish(moved, 1.0)
    again = [p for p in ground.panes() if id(p) in kept]
    assert len(again) == len(kept)
    assert all(p.ids is kept[id(p)] for p in again)
    fresh = Ground(state, DARK)
    fresh.finish(moved, 1.0)
    differ = colours(shown(ground, moved)) != colours(shown(fresh, moved))
    assert differ.mean() < 0.01


def test_while_a_pan_goes_on_the_old_panes_are_shown_where_they_are(state: MapState) -> None:
    view = whole(state).zoomed_at(3.0, 600, 450)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    before = colours(shown(ground, view))
    after = colours(shown(ground, view.panned(-100, 40)))
    assert (after[40:, :-100] == before[:-40, 100:]).all()
    assert (after[:40] == MAGENTA).all()


def test_panes_far_away_are_given_back(state: MapState) -> None:
    view = whole(state).zoomed_at(6.0, 600, 450)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    first = ground.nbytes
    for _ in range(12):
        view = view.panned(-700, 0)
        ground.finish(view, 1.0)
    assert ground.nbytes < 3 * first


def test_at_another_scale_only_the_picture_is_kept_until_the_new_one_is_whole(state: MapState) -> None:
    view = whole(state)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    full = ground.nbytes
    nearer = view.zoomed_at(1.5, 600, 450)
    ground.advance(nearer, 1.0, 0.0)
    assert ground.nbytes < full
    assert (colours(shown(ground, nearer)) != MAGENTA).mean() > 0.99
    ground.finish(nearer, 1.0)
    assert all(p.frame.pixel == pytest.approx(nearer.scale) for p in ground.panes())


def test_work_for_a_view_that_is_left_is_given_up(state: MapState) -> None:
    slow = Slow("slow", "red")
    ground = Ground(state, DARK)
    ground.set_over((slow,))
    view = whole(state, 400, 300)
    while ground.advance(view, 1.0, 0.001) and not slow.closed:
        ground.advance(view.zoomed_at(1.1, 0, 0), 1.0, 0.001)
        view = view.zoomed_at(1.01, 10, 10)
    assert slow.closed
    assert slow.paints == 0
    ground.finish(view, 1.0)
    assert slow.paints >= 1


# --- colours only -------------------------------------------------------------------------------------


def counted(state: MapState) -> tuple[Ground, Blot, Viewport]:
    """A ground with a layer that counts its paintings, drawn."""
    blot = Blot("blot", "#102030")
    ground = Ground(state, DARK)
    ground.set_over((blot,))
    view = whole(state)
    ground.finish(view, 1.0)
    blot.paints = 0
    return ground, blot, view


def same_as_drawn_anew(
    ground: Ground, state: MapState, view: Viewport, layers: tuple[GroundLayer, ...]
) -> None:
    fresh = Ground(state, DARK)
    fresh.set_over(layers)
    fresh.finish(view, 1.0)
    assert (colours(shown(ground, view)) == colours(shown(fresh, view))).all()


@pytest.mark.parametrize("what", ["few", "all", "measure", "legend", "opacity"])
def test_a_change_of_colours_draws_nothing_and_is_there_with_the_next_frame(
    state: MapState, what: str
) -> None:
    ground, blot, view = counted(state)
    before = colours(shown(ground, view))
    assert state.areas is not None
    codes = state.areas.cells.codes
    if what == "few":
        state.update_figures({codes[5]: AreaFigures(29), codes[17]: None})
    elif what == "all":
        state.set_figures({c: AreaFigures(25) for c in codes})
    elif what == "measure":
        state.set_measure(Measure.OVERDUE)
    elif what == "legend":
        state.set_legend_off(frozenset({0, 1}))
    else:
        state.set_book(state.book.with_opacity("fill", 0.5))
    ids = [p.ids for p in ground.panes()]
    ground.advance(view, 1.0, 0.0)
    after = colours(shown(ground, view))
    assert (after != before).any()
    assert blot.paints == 0
    assert all(a is b.ids for a, b in zip(ids, ground.panes(), strict=True))
    same_as_drawn_anew(ground, state, view, (Blot("blot", "#102030"),))


def test_an_offline_map_is_hatched_without_drawing_anew(state: MapState) -> None:
    ground, blot, view = counted(state)
    before = colours(shown(ground, view))
    state.set_offline(True, "离线")
    ground.finish(view, 1.0)
    assert 0.05 < (colours(shown(ground, view)) != before).mean() < 0.5
    assert blot.paints == 0


def test_the_same_state_asks_for_nothing(state: MapState) -> None:
    ground, blot, view = counted(state)
    paints = ground.paints
    while ground.advance(view, 1.0):
        pass
    assert not ground.advance(view, 1.0)
    assert ground.paints == paints
    drawn = blot.paints
    ground.finish(view, 1.0)
    assert blot.paints == drawn


# --- layers of others ---------------------------------------------------------------------------------


def test_protocols() -> None:
    assert isinstance(Blot("a", "red"), GroundLayer)
    assert not isinstance(Blot("a", "red"), SteppedLayer)
    assert isinstance(Slow("a", "red"), SteppedLayer)


def test_under_lies_below_the_fill_and_over_above(state: MapState) -> None:
    view = whole(state)
    outside = (5, 5)
    assert state.areas is not None
    anchor = [round(float(v)) for v in view.to_screen(state.areas.cells.anchors[0])]
    below, above = Ground(state, DARK), Ground(state, DARK)
    below.set_under((Blot("u", "#ff0000"),))
    above.set_over((Blot("o", "#00ff00"),))
    under, over = below.picture(view, 1.0).toImage(), above.picture(view, 1.0).toImage()
    assert under.pixelColor(*outside).name() == "#ff0000"
    assert over.pixelColor(*outside).name() == "#00ff00"
    assert under.pixelColor(*anchor).name() != "#ff0000"


def test_a_layer_that_grew_is_painted_again_and_no_other(state: MapState) -> None:
    tiles, lines = Blot("t", "#ff0000"), Blot("l", "#00ff00")
    ground = Ground(state, DARK)
    ground.set_under((tiles,))
    ground.set_over((lines,))
    view = whole(state)
    ground.finish(view, 1.0)
    tiles.paints = lines.paints = 0
    ids = [p.ids for p in ground.panes()]
    tiles.revision, tiles.color = 1, "#0000ff"
    ground.finish(view, 1.0)
    assert lines.paints == 0
    assert tiles.paints == len(ids)
    assert all(a is p.ids for a, p in zip(ids, ground.panes(), strict=True))


def test_the_layer_book_orders_and_hides_and_fades(state: MapState) -> None:
    first, second = Blot("features:a", "#ff0000"), Blot("features:b", "#00ff00")
    ground = Ground(state, DARK)
    ground.set_over((second, first))
    view = whole(state)
    specs = list(LayerBook().layers)
    at = [s.id for s in specs].index("borders")
    a, b = LayerSpec("features:a", "features"), LayerSpec("features:b", "features")
    state.set_book(LayerBook((*specs[:at], a, b, *specs[at:])))
    assert ground.picture(view, 1.0).toImage().pixelColor(5, 5).name() == "#00ff00"
    state.set_book(LayerBook((*specs[:at], b, a, *specs[at:])))
    assert ground.picture(view, 1.0).toImage().pixelColor(5, 5).name() == "#ff0000"
    state.set_book(LayerBook((*specs[:at], replace(a, visible=False), replace(b, opacity=0.5), *specs[at:])))
    seen = ground.picture(view, 1.0).toImage().pixelColor(5, 5)
    assert 100 < seen.green() < 150


def test_a_layer_that_fails_leaves_no_painter_and_the_next_try_works(state: MapState) -> None:
    class Broken(Blot):
        def paint(self, painter: QPainter, view: Viewport) -> None:
            raise RuntimeError("tile")

    ground, view = Ground(state, DARK), whole(state)
    ground.set_under((Broken("x", "red"),))
    with pytest.raises(RuntimeError, match="tile"):
        ground.finish(view, 1.0)
    ground.set_under(())
    ground.finish(view, 1.0)
    assert ground.paints == 1


# --- themes, ratios, sizes ----------------------------------------------------------------------------


def test_another_theme_is_shown_when_it_is_whole(state: MapState) -> None:
    view = whole(state)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    before = colours(shown(ground, view))
    ids = {id(p.ids) for p in ground.panes()}
    ground.set_palette(LIGHT)
    ground.advance(view, 1.0, 0.0)
    assert (colours(shown(ground, view)) == before).all()
    ground.finish(view, 1.0)
    assert QColor(int(colours(shown(ground, view))[3, 3])).name() == LIGHT.color("map.sea").name()
    assert {id(p.ids) for p in ground.panes()} == ids, "cells stay where they are"


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_panes_are_device_pixels_and_leave_no_seam(state: MapState, ratio: float) -> None:
    view = whole(state, 801, 603)
    ground = Ground(state, DARK)
    ground.finish(view, ratio)
    assert not (colours(shown(ground, view, ratio)) == MAGENTA).any()
    for other in (view.panned(0.4, 0.3), view.zoomed_at(1.27, 333, 222)):
        # at the rim a fraction of a pixel may come into view that has not been drawn
        assert not (colours(shown(ground, other, ratio))[2:-2, 2:-2] == MAGENTA).any()


def test_another_ratio_is_drawn_anew(state: MapState) -> None:
    view = whole(state)
    ground = Ground(state, DARK)
    ground.finish(view, 1.0)
    assert ground.advance(view, 2.0, 0.001)
    ground.finish(view, 2.0)
    assert all(p.frame.pixel == pytest.approx(view.scale / 2) for p in ground.panes())


def test_resize_hide_and_show_keep_picture_and_memory(qtbot: QtBot, make_map: MakeMap) -> None:
    widget = make_map(size=(700, 500))
    first = widget.scene.ground.nbytes
    for n in range(6):
        widget.resize(700 + 60 * (n % 3), 500 + 40 * (n % 2))
        settle(qtbot, widget)
    widget.hide()
    QApplication.processEvents()
    widget.show()
    qtbot.waitExposed(widget)
    widget.resize(700, 500)
    settle(qtbot, widget)
    gc.collect()
    assert widget.scene.ground.nbytes < 3 * first
    assert widget.grab().toImage().pixelColor(350, 250) != widget.scene.palette.color("map.sea")


def test_a_minimised_map_takes_data_and_shows_it_later(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape]
) -> None:
    widget = make_map(size=(600, 400))
    view = widget.view
    widget.showMinimized()
    QApplication.processEvents()
    widget.set_metric({s.code: AreaFigures(29) for s in shapes})
    widget.showNormal()
    widget.resize(600, 400)
    settle(qtbot, widget)
    strong = widget.scene.palette.color("map.density_ramp.4").rgb() & 0xFFFFFF
    assert (
        colours(widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)) == strong
    ).mean() > 0.1
    assert widget.view.scale == pytest.approx(view.scale)


# --- the time of a frame ------------------------------------------------------------------------------


def test_data_while_panning_moves_no_view_and_keeps_frames_cheap(
    qtbot: QtBot, make_map: MakeMap, shapes: list[AreaShape], open_cases: list[MapCase]
) -> None:
    widget = make_map()
    widget.nav.jump(widget.view.zoomed_at(2.0, 450, 350))
    for n in range(10):
        widget.nav.jump(widget.view.panned(10, 5))
        view = widget.view
        widget.update_metric({shapes[n].code: AreaFigures(n)})
        widget.update_cases([replace(open_cases[n], band="over3")])
        qtbot.wait(5)
        assert widget.view == view


def processor_ms(work: object, times: int) -> float:
    """Median milliseconds that the processor spent, whatever else the machine does."""
    spent = []
    for _ in range(times):
        begun = time.thread_time()
        work()
        spent.append((time.thread_time() - begun) * 1e3)
    return float(np.median(spent))


def test_a_frame_costs_a_few_copies_of_its_picture(state: MapState, open_cases: list[MapCase]) -> None:
    state.set_cases(open_cases)
    view = whole(state, 1600, 1000)
    scene = Scene(state, DARK)
    scene.refresh(view, 1.0, [])
    target, picture = (QImage(1600, 1000, QImage.Format.Format_RGB32) for _ in range(2))
    picture.fill(0)
    painter = QPainter(target)
    floor = processor_ms(lambda: painter.drawImage(0, 0, picture), 15)
    moved = processor_ms(lambda: scene.draw(painter, view.panned(30, 20)), 15)
    scaled = processor_ms(lambda: scene.draw(painter, view.zoomed_at(1.2, 300, 300)), 15)
    painter.end()
    assert moved < 20 * floor + 12
    assert scaled < 60 * floor + 12


def test_a_slice_is_short_however_much_there_is_to_do(state: MapState, open_cases: list[MapCase]) -> None:
    state.set_cases(open_cases)
    view = whole(state, 1600, 1000)
    scene = Scene(state, DARK)
    spent = []
    more = True
    while more:
        begun = time.thread_time()
        more = scene.advance(view, 1.0, [], seconds=0.002)
        spent.append((time.thread_time() - begun) * 1e3)
    assert len(spent) > 5
    assert float(np.percentile(spent, 90)) < 16
    assert scene.layout is not None
    assert scene.ground_paints == 1
