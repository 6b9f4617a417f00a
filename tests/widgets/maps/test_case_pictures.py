"""Dots and heat as pictures of the ground: what they show, when they are painted anew, and the same in every pane."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from maps.canvas import case_pictures
from maps.canvas.case_pictures import DotsPicture, HeatPicture, heat_colours
from maps.canvas.hits import cases_at
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.cases import MapCase
from maps.layers.heat import RADII_M
from maps.layers.state import MapState
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares
from tests.widgets.maps.conftest import MakeMap, settle

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = 200


@pytest.fixture(params=["dark", "light"])
def palette(request: pytest.FixtureRequest) -> MapPalette:
    return MapPalette.load(request.param)


def state_of(*places: tuple[float, float, str]) -> MapState:
    state = MapState()
    state.set_areas(squares(4, 3))
    state.set_cases(
        MapCase(f"c{i}", "1", WEST + SIDE * u, SOUTH + SIDE * v, band)
        for i, (u, v, band) in enumerate(places)
    )
    return state


def view_at(u: float = 2.0, v: float = 1.5, scale: float = 8.0) -> Viewport:
    x, y = (float(p) for p in project(WEST + SIDE * u, SOUTH + SIDE * v))
    return Viewport(x, y, scale, SIZE, SIZE)


def painted(picture: DotsPicture | HeatPicture, view: Viewport, ratio: float = 1.0) -> QImage:
    image = QImage(round(SIZE * ratio), round(SIZE * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    picture.paint(painter, view)
    painter.end()
    return image


def alpha(image: QImage) -> np.ndarray:
    pixels = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), image.width())
    return pixels >> 24


# --- dots ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", ["ok", "soon", "over1", "over2", "over3", "suspended", "closed"])
def test_a_dot_has_the_colour_of_its_band(palette: MapPalette, band: str) -> None:
    state = state_of((2.0, 1.5, band))
    state.set_case_mode("dots")
    image = painted(DotsPicture(state, palette), view_at())
    assert image.pixelColor(SIZE // 2, SIZE // 2).name() == palette.band_color(band).name()
    assert int((alpha(image) > 0).sum()) in (25, 49)


def test_dots_are_as_large_on_a_sharp_screen(palette: MapPalette) -> None:
    state = state_of((2.0, 1.5, "ok"))
    state.set_case_mode("dots")
    usual = int((alpha(painted(DotsPicture(state, palette), view_at())) == 255).sum())
    sharp = int((alpha(painted(DotsPicture(state, palette), view_at(), 2.0)) == 255).sum())
    assert 2 <= sharp / usual <= 5


def test_nothing_is_painted_in_another_mode(palette: MapPalette) -> None:
    state = state_of((2.0, 1.5, "ok"))
    dots, heat = DotsPicture(state, palette), HeatPicture(state, palette)
    assert not (dots.shown or heat.shown)
    assert int(alpha(painted(dots, view_at())).max()) == 0
    assert int(alpha(painted(heat, view_at())).max()) == 0


def test_crowded_dots_are_smaller(palette: MapPalette, monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_of((2.0, 1.5, "ok"), (1.0, 1.0, "ok"))
    state.set_case_mode("dots")
    before = int((alpha(painted(DotsPicture(state, palette), view_at())) == 255).sum())
    monkeypatch.setattr(case_pictures, "CROWDED_PX", 1e9)
    assert int((alpha(painted(DotsPicture(state, palette), view_at())) == 255).sum()) < before


# --- revisions ----------------------------------------------------------------------------------------


def test_the_revision_grows_with_what_is_shown_and_only_then(palette: MapPalette) -> None:
    state = state_of((2.0, 1.5, "ok"))
    dots = DotsPicture(state, palette)
    first = dots.revision
    state.update_cases([MapCase("x", "1", WEST, SOUTH)], [])
    assert dots.revision == first
    state.set_case_mode("dots")
    shown = dots.revision
    assert shown > first
    assert dots.revision == shown
    state.update_cases([MapCase("x", "1", WEST, SOUTH, "over1")], [])
    changed = dots.revision
    assert changed > shown
    dots.palette = MapPalette.load("light" if palette.tokens.theme == "dark" else "dark")
    assert dots.revision > changed


def test_few_changes_do_not_paint_the_heat_again_and_again(
    palette: MapPalette, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(case_pictures.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(case_pictures, "_FEW", 1)
    state = state_of(*((2.0, 1.5, "ok") for _ in range(9)))
    state.set_case_mode("heat")
    heat = HeatPicture(state, palette)
    first = heat.revision
    state.update_cases([MapCase("x", "1", WEST, SOUTH)], [])
    assert heat.revision == first
    now[0] += case_pictures.HEAT_HOLD_S + 0.1
    held = heat.revision
    assert held > first
    # Many at once are not few, however short ago the last were.
    state.update_cases([MapCase(f"y{i}", "1", WEST, SOUTH) for i in range(4)], [f"c{i}" for i in range(9)])
    assert heat.revision > held
    before = heat.revision
    state.set_cases([MapCase("z", "1", WEST, SOUTH)])
    assert heat.revision > before


# --- heat ---------------------------------------------------------------------------------------------


def test_heat_is_strongest_where_the_cases_are(palette: MapPalette) -> None:
    state = state_of(*((2.0, 1.5, "ok") for _ in range(40)), (0.5, 0.5, "ok"))
    state.set_case_mode("heat")
    seen = alpha(painted(HeatPicture(state, palette), view_at())).astype(int)
    assert seen[SIZE // 2, SIZE // 2] == seen.max() > 150
    assert seen[2, 2] < 40


def test_a_place_has_the_same_colour_in_every_view(palette: MapPalette) -> None:
    rng = np.random.default_rng(2)
    state = state_of(*((float(u), float(v), "ok") for u, v in rng.normal((2.0, 1.5), 0.3, (300, 2))))
    state.set_case_mode("heat")
    heat = HeatPicture(state, palette)
    view = view_at()
    one, other = painted(heat, view), painted(heat, view.panned(40, -24))
    a = np.frombuffer(one.constBits(), dtype=np.uint8).reshape(SIZE, SIZE, 4)[24:, : SIZE - 40].astype(int)
    b = np.frombuffer(other.constBits(), dtype=np.uint8).reshape(SIZE, SIZE, 4)[: SIZE - 24, 40:].astype(int)
    assert int(np.abs(a - b).max()) <= 2


def test_the_radius_is_that_of_the_zoom_or_of_the_setting(palette: MapPalette) -> None:
    state = state_of((2.0, 1.5, "ok"))
    state.set_case_mode("heat")
    heat = HeatPicture(state, palette)
    assert heat.radius_m(view_at(scale=8.0)) == RADII_M["street"]
    assert heat.radius_m(view_at(scale=70.0)) == RADII_M["city"]
    assert heat.field(view_at()) is None
    painted(heat, view_at())
    field = heat.field(view_at())
    assert field is not None
    assert field.radius_m == RADII_M["street"]
    state.set_book(state.book.with_option("heat", "radius_m", 450.0))
    assert heat.radius_m(view_at(scale=8.0)) == 450.0
    state.show_layer("heat", True)
    before = int(alpha(painted(heat, view_at())).max())
    state.set_book(state.book.with_opacity("heat", 0.5))
    assert int(alpha(painted(heat, view_at())).max()) < before


def test_heat_without_a_case_is_no_picture(palette: MapPalette) -> None:
    state = state_of()
    state.areas = None
    state.set_case_mode("heat")
    assert int(alpha(painted(HeatPicture(state, palette), view_at())).max()) == 0


def test_the_ramp_grows_from_clear_to_strong(palette: MapPalette) -> None:
    pixels = heat_colours(palette)
    seen = (pixels >> 24).astype(int)
    assert pixels.shape == (256,)
    assert seen[0] == 0
    assert np.all(np.diff(seen) >= 0)
    assert seen[-1] > 180


# --- on the map ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["dots", "heat"])
def test_the_map_shows_the_mode_and_goes_back(
    qtbot: object, make_map: MakeMap, mode: str, open_cases: list[MapCase]
) -> None:
    widget: GridMapWidget = make_map()
    settle(qtbot, widget)
    before = widget.grab().toImage()
    widget._apply(widget.state.set_case_mode(mode))
    widget.refresh_now()
    assert widget.grab().toImage() != before
    assert len(widget.scene.layout.marks) == 0
    widget._apply(widget.state.set_case_mode("clusters"))
    widget.refresh_now()
    assert len(widget.scene.layout.marks) > 0


def test_a_dot_can_be_pointed_at(qtbot: object, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget: GridMapWidget = make_map()
    widget._apply(widget.state.set_case_mode("dots"))
    case = open_cases[3]
    widget.nav.jump(widget.view.centred_on(*widget.state.cases.point(case.case_id)))
    settle(qtbot, widget)
    tokens, view = widget.scene.palette.tokens, widget.view
    (mark,) = cases_at(widget.state, widget.scene.layout, view, tokens, view.width / 2, view.height / 2)
    assert case.case_id in mark.case_ids
    assert cases_at(widget.state, widget.scene.layout, view, tokens, -500, -500) == []
