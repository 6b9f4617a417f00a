"""Shapes of cameras, components, crowds, stays and flags: told apart without colour, in both themes and sizes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from maps.canvas.mark_stack import StampSheet, stamp
from maps.canvas.mark_symbols import (
    badge_text,
    badge_width,
    component_path,
    heading_point,
    paint_badge_of,
    paint_camera,
    paint_component,
    paint_cone,
    paint_drawn_point,
    paint_officer_group,
    paint_stay,
)
from maps.canvas.palette import MapPalette
from maps.canvas.sprites import SpriteBook
from maps.canvas.symbols import paint_band
from maps.geometry.viewport import Viewport
from maps.layers.components import MAIN_CLASSES
from maps.layers.tokens import BANDS

pytestmark = pytest.mark.usefixtures("qapp")
SIDE = 96
THEMES = ("dark", "light")
Paint = Callable[[QPainter, QPointF], None]


def drawn(paint: Paint, ground: str = "#808080", side: int = SIDE) -> np.ndarray:
    """Brightness of every pixel after painting around the middle of a grey square."""
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    paint(painter, QPointF(side / 2, side / 2))
    painter.end()
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    flat = np.frombuffer(grey.constBits(), np.uint8).reshape(side, grey.bytesPerLine())
    return flat[:, :side].astype(int)


def difference(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.count_nonzero(np.abs(a - b) > 24))


def extent(picture: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(np.abs(picture - picture[0, 0]) > 12)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize("theme", THEMES)
def test_the_states_of_a_camera_are_told_apart_in_grey(theme: str) -> None:
    palette = MapPalette.load(theme)
    looks = [
        drawn(lambda p, c, w=watched, x=lost: paint_camera(p, c, w, x, palette))
        for watched, lost in ((False, False), (True, False), (False, True))
    ]
    # A lost one is struck; watched is told by colour and by the words of its card.
    assert difference(looks[0], looks[2]) > 20
    assert difference(looks[1], looks[2]) > 20
    assert all(14 <= side <= 18 for side in extent(looks[0]))


@pytest.mark.parametrize("theme", THEMES)
def test_component_classes_are_told_apart_without_colour(theme: str) -> None:
    palette = MapPalette.load(theme)
    looks = [
        drawn(lambda p, c, m=main: paint_component(p, c, m, True, palette))
        for main in range(len(MAIN_CLASSES))
    ]
    for a, b in combinations(looks, 2):
        assert difference(a, b) > 18
    struck = [
        drawn(lambda p, c, m=main: paint_component(p, c, m, False, palette))
        for main in range(len(MAIN_CLASSES))
    ]
    assert all(difference(a, b) > 10 for a, b in zip(looks, struck, strict=True))


@pytest.mark.parametrize("theme", THEMES)
def test_no_component_looks_like_a_case(theme: str) -> None:
    palette = MapPalette.load(theme)
    bands = [drawn(lambda p, c, b=band: paint_band(p, b, c, 16.0, palette)) for band in BANDS]
    for main in range(len(MAIN_CLASSES)):
        mine = drawn(lambda p, c, m=main: paint_component(p, c, m, True, palette))
        assert all(difference(mine, band) > 30 for band in bands)


def test_paths_of_components_fit_their_box() -> None:
    for main in range(len(MAIN_CLASSES)):
        box = component_path(main).boundingRect()
        assert box.left() >= -7 and box.right() <= 7 and box.top() >= -7 and box.bottom() <= 7


@pytest.mark.parametrize(
    ("heading", "seen", "blank"),
    [
        (0, (0, -25), (0, 25)),
        (90, (25, 0), (-25, 0)),
        (180, (0, 25), (0, -25)),
        (270, (-25, 0), (25, 0)),
        (45, (18, -18), (-18, 18)),
    ],
)
def test_a_cone_looks_where_the_camera_looks(
    heading: float, seen: tuple[int, int], blank: tuple[int, int]
) -> None:
    picture = drawn(lambda p, c: paint_cone(p, c, heading, True, MapPalette.load("dark")))
    middle = SIDE // 2
    assert picture[middle + seen[1], middle + seen[0]] != picture[0, 0]
    assert picture[middle + blank[1], middle + blank[0]] == picture[0, 0]
    tip = heading_point(QPointF(0, 0), heading, 25.0)
    assert (round(tip.x()), round(tip.y())) == seen or abs(tip.x() - seen[0]) < 1


def test_a_cone_is_48_degrees_wide() -> None:
    picture = drawn(lambda p, c: paint_cone(p, c, 0.0, True, MapPalette.load("dark")))
    middle = SIDE // 2
    inside = []
    for degrees in range(-40, 41):
        at = heading_point(QPointF(middle, middle), degrees, 28.0)
        inside.append((degrees, picture[round(at.y()), round(at.x())] != picture[0, 0]))
    seen = [degrees for degrees, is_in in inside if is_in]
    assert -27 <= min(seen) <= -22 and 22 <= max(seen) <= 27


@pytest.mark.parametrize("theme", THEMES)
def test_a_crowd_shows_its_number_and_a_busy_one(theme: str) -> None:
    palette = MapPalette.load(theme)
    two = drawn(lambda p, c: paint_officer_group(p, c, 2, False, False, palette))
    nine = drawn(lambda p, c: paint_officer_group(p, c, 9, False, False, palette))
    busy = drawn(lambda p, c: paint_officer_group(p, c, 2, True, False, palette))
    lost = drawn(lambda p, c: paint_officer_group(p, c, 2, False, True, palette))
    many = drawn(lambda p, c: paint_officer_group(p, c, 12345, False, False, palette))
    for a, b in combinations((two, nine, busy, lost, many), 2):
        assert difference(a, b) > 4
    assert extent(many)[0] <= 48


@pytest.mark.parametrize(
    ("count", "text"), [(2, "2"), (999, "999"), (9999, "9999"), (10_000, "1.0万"), (123_456, "12.3万")]
)
def test_numbers_on_badges(count: int, text: str) -> None:
    assert badge_text(count) == text
    palette = MapPalette.load("dark")
    width = badge_width(count)
    picture = drawn(lambda p, c: paint_badge_of(p, c, count, 0, palette), side=128)
    assert extent(picture)[0] <= width + 2


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_more_is_never_narrower_while_digits_are_added(a: int, b: int) -> None:
    low, high = sorted((a, b))
    if len(badge_text(low)) <= len(badge_text(high)):
        assert badge_width(low) <= badge_width(high)


@pytest.mark.parametrize("theme", THEMES)
def test_flags_and_stays_are_seen_on_every_class(theme: str) -> None:
    palette = MapPalette.load(theme)
    grounds = [palette.tokens.colours[f"map.density_ramp.{i}"] for i in range(5)]
    for ground in grounds:
        empty = drawn(lambda _p, _c: None, ground)
        for colour in palette.tokens.drawn_colours:
            flag = drawn(
                lambda p, c, n=colour: paint_drawn_point(p, c, palette.color(f"map.drawn.{n}"), palette),
                ground,
            )
            assert difference(flag, empty) > 25, (ground, colour)
        assert difference(drawn(lambda p, c: paint_stay(p, c, palette), ground), empty) > 25


@pytest.mark.parametrize("theme", THEMES)
def test_drawn_colours_are_readable_and_none_is_a_state(theme: str) -> None:
    colours = MapPalette.load(theme).tokens.colours
    names = MapPalette.load(theme).tokens.drawn_colours
    assert len({colours[f"map.drawn.{n}"] for n in names}) == len(names) == 5
    states = {colours[f"sla.{band}.{part}"] for band in BANDS for part in ("text", "fill")}
    assert states.isdisjoint(colours[f"map.drawn.{n}"] for n in names)


# --- stamping -------------------------------------------------------------------------------------

VIEW = Viewport(0.0, 0.0, 2.0, 200.0, 100.0)


def sheet_picture(xy: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    book = SpriteBook(MapPalette.load("dark"), ratio)
    sheet = StampSheet(xy, [book.officer(False, False)] * len(xy))
    assert len(sheet) == len(xy)
    image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    sheet.paint(painter, VIEW)
    painter.end()
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return flat[:, : image.width()] & 0xFFFFFF


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_sheet_stamps_where_single_sprites_stand(ratio: float) -> None:
    rng = np.random.default_rng(5)
    xy = rng.uniform((-260, -140), (260, 140), (40, 2))
    book = SpriteBook(MapPalette.load("dark"), ratio)
    image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    for x, y in VIEW.to_screen(xy).tolist():
        stamp(painter, book.officer(False, False), QPointF(x, y))
    painter.end()
    flat = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    one_by_one = flat[:, : image.width()] & 0xFFFFFF
    assert np.mean(sheet_picture(xy, ratio) != one_by_one) < 0.004


def test_what_is_off_screen_is_not_stamped() -> None:
    assert not sheet_picture(np.array([[5000.0, 0.0], [0.0, -900.0]])).any()
    assert not sheet_picture(np.empty((0, 2))).any()
    # Half on screen is on screen.
    assert sheet_picture(np.array([[-200.0, 0.0]])).any()


def test_sprites_are_painted_once(qapp: QApplication) -> None:
    del qapp
    book = SpriteBook(MapPalette.load("dark"), 1.0)
    painted: list[int] = []

    def paint(painter: QPainter, at: QPointF) -> None:
        painted.append(1)
        painter.drawPoint(at)

    first = book.symbol("x", 4.0, paint)
    assert book.symbol("x", 4.0, paint) is first
    assert book.symbol("y", 4.0, paint) is not first
    assert len(painted) == 2
