"""Symbols that are not bands: officers, pin, ring of the selected case, waiting mark; and the palette."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from maps.canvas.palette import MapPalette
from maps.canvas.symbols import (
    PIP_STEP,
    PIPS,
    band_path,
    cluster_figure,
    paint_band,
    paint_cluster,
    paint_officer,
    paint_pending,
    paint_pin,
    paint_single,
    paint_target,
)
from maps.layers.tokens import BANDS

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = 80
MIDDLE = QPointF(SIZE / 2, SIZE / 2)


@pytest.fixture(params=["dark", "light"])
def palette(request: pytest.FixtureRequest) -> MapPalette:
    return MapPalette.load(request.param)


def painted(paint: Callable[[QPainter], None]) -> QImage:
    image = QImage(SIZE, SIZE, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def extent(image: QImage) -> tuple[int, int]:
    """Width and height of what is painted."""
    seen = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 40
    ]
    xs, ys = [x for x, _ in seen], [y for _, y in seen]
    return max(xs) - min(xs) + 1, max(ys) - min(ys) + 1


def test_an_officer_on_duty(palette: MapPalette) -> None:
    image = painted(lambda p: paint_officer(p, MIDDLE, False, False, palette))
    assert palette.color("map.officer").name() in colours(image)
    assert palette.color("sla.soon.fill").name() not in colours(image)


def test_a_busy_officer_has_a_yellow_dot_at_the_upper_right(palette: MapPalette) -> None:
    image = painted(lambda p: paint_officer(p, MIDDLE, True, False, palette))
    assert image.pixelColor(SIZE // 2 + 7, SIZE // 2 - 7).name() == palette.color("sla.soon.fill").name()


def test_a_lost_officer_is_grey_and_struck_and_not_busy(palette: MapPalette) -> None:
    lost = painted(lambda p: paint_officer(p, MIDDLE, True, True, palette))
    found = colours(lost)
    assert palette.color("text.disabled").name() in found
    assert palette.color("map.officer").name() not in found
    assert palette.color("sla.soon.fill").name() not in found
    ground, ink = palette.color("bg.overlay").lightness(), palette.color("text.disabled").lightness()
    struck = lost.pixelColor(SIZE // 2 + 5, SIZE // 2 - 5).lightness()
    beside = lost.pixelColor(SIZE // 2 + 6, SIZE // 2 - 1).lightness()
    assert abs(struck - ink) < abs(struck - ground)
    assert abs(beside - ground) < 4


def test_the_officer_is_a_disc_of_twenty_pixels(palette: MapPalette) -> None:
    width, height = extent(painted(lambda p: paint_officer(p, MIDDLE, False, False, palette)))
    assert 20 <= width <= 24
    assert 20 <= height <= 24


def test_the_ring_of_the_selected_case(palette: MapPalette) -> None:
    image = painted(lambda p: paint_target(p, MIDDLE, palette))
    focus = palette.color("accent.focus").name()
    for dx, dy in ((19, 0), (-19, 0), (0, 19), (0, -19), (25, 0), (0, -25)):
        assert image.pixelColor(SIZE // 2 + dx, SIZE // 2 + dy).name() == focus
    assert image.pixelColor(SIZE // 2, SIZE // 2).alpha() == 0


def test_the_pin_stands_on_its_tip(palette: MapPalette) -> None:
    tip = QPointF(SIZE / 2, 60)
    image = painted(lambda p: paint_pin(p, tip, palette))
    rows = [y for y in range(SIZE) for x in range(SIZE) if image.pixelColor(x, y).alpha() > 40]
    assert max(rows) <= 62
    assert min(rows) >= 60 - 32
    assert image.pixelColor(SIZE // 2, 60 - 10).name() == palette.color("accent.fill").name()
    assert image.pixelColor(SIZE // 2, 60 - 19).name() == palette.color("text.on_accent").name()


def test_a_pin_outside_is_red(palette: MapPalette) -> None:
    image = painted(lambda p: paint_pin(p, QPointF(40, 60), palette, good=False))
    assert palette.color("danger.fill").name() in colours(image)
    assert palette.color("accent.fill").name() not in colours(image)


def test_the_waiting_mark_is_yellow(palette: MapPalette) -> None:
    found = colours(painted(lambda p: paint_pending(p, MIDDLE, palette)))
    assert palette.color("sla.soon.soft").name() in found


@pytest.mark.parametrize("band", BANDS)
def test_every_band_fits_its_box(palette: MapPalette, band: str) -> None:
    box = band_path(band).boundingRect()
    assert box.left() >= 0
    assert box.top() >= 0
    assert box.right() <= 16
    assert box.bottom() <= 16
    width, height = extent(painted(lambda p: paint_band(p, band, MIDDLE, 16, palette)))
    assert 12 <= width <= 21
    assert 12 <= height <= 21


@pytest.mark.parametrize("band", BANDS)
def test_in_a_legend_there_is_no_halo(palette: MapPalette, band: str) -> None:
    with_halo = extent(painted(lambda p: paint_band(p, band, MIDDLE, 32, palette)))
    without = extent(painted(lambda p: paint_band(p, band, MIDDLE, 32, palette, halo=False)))
    assert without[0] < with_halo[0]


def test_symbols_stand_off_every_class_of_the_fill(palette: MapPalette) -> None:
    """The halo keeps a symbol apart where its own colour is near that of the fill."""
    halo = palette.color("map.halo")
    for i in range(5):
        fill = palette.color(f"map.density_ramp.{i}")
        for band in ("soon", "over1", "over2", "over3"):
            inner = palette.color(f"sla.{band}.fill")
            assert max(_contrast(inner, fill), _contrast(inner, halo)) >= 2.4


def _contrast(a: QColor, b: QColor) -> float:
    def light(c: QColor) -> float:
        parts = [
            v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4
            for v in (c.redF(), c.greenF(), c.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("count", "radius"), [(2, 17), (10, 20), (25, 22), (100, 26)])
def test_a_cluster_has_the_radius_of_its_count(palette: MapPalette, count: int, radius: float) -> None:
    image = painted(lambda p: paint_cluster(p, (("ok", count),), MIDDLE, radius, palette))
    width, height = extent(image)
    assert width == pytest.approx(2 * radius + 5, abs=2)
    assert height == pytest.approx(2 * radius + 5, abs=2)


def test_a_cluster_of_one_band_has_a_whole_ring(palette: MapPalette) -> None:
    image = painted(lambda p: paint_cluster(p, (("over1", 8),), MIDDLE, 17, palette))
    ring = palette.color("sla.over1.fill").name()
    for dx, dy in ((15, 0), (-15, 0), (0, 15), (0, -15)):
        assert image.pixelColor(SIZE // 2 + dx, SIZE // 2 + dy).name() == ring


def test_large_counts_fit_into_the_disc(palette: MapPalette) -> None:
    for count in (7, 88, 214, 4321, 43_210, 99_999, 100_000, 1_234_567):
        image = painted(lambda p, n=count: paint_cluster(p, (("ok", n),), MIDDLE, 26, palette))
        ink = palette.color("text.primary").name()
        columns = [x for x in range(SIZE) for y in range(SIZE) if image.pixelColor(x, y).name() == ink]
        assert columns
        assert max(abs(x - SIZE // 2) for x in columns) < 21


@pytest.mark.parametrize(
    ("count", "figure"),
    [
        (7, "7"),
        (9999, "9999"),
        (10_000, "10,000"),
        (99_999, "99,999"),
        (100_000, "10.0 万"),
        (190_400, "19.0 万"),
    ],
)
def test_the_figure_in_a_disc(count: int, figure: str) -> None:
    assert cluster_figure(count) == figure


def grey(image: QImage) -> QImage:
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


def unlike(one: QImage, other: QImage, least: int = 40) -> int:
    """Pixels that differ clearly."""
    return sum(
        abs(one.pixelColor(x, y).red() - other.pixelColor(x, y).red()) >= least
        for x in range(one.width())
        for y in range(one.height())
    )


def on_ground(palette: MapPalette, paint: Callable[[QPainter], None]) -> QImage:
    image = QImage(SIZE, SIZE, QImage.Format.Format_RGB32)
    image.fill(palette.color("map.density_ramp.2"))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


def test_single_shapes_are_told_apart_without_colour(palette: MapPalette) -> None:
    shapes = {
        b: grey(on_ground(palette, lambda p, b=b: paint_single(p, b, 0, MIDDLE, 16, palette))) for b in BANDS
    }
    for i, one in enumerate(BANDS):
        for other in BANDS[:i]:
            assert unlike(shapes[one], shapes[other]) >= 12, (one, other)


@pytest.mark.parametrize("band", ["ok", "over3"])
def test_stages_are_told_apart_without_colour(palette: MapPalette, band: str) -> None:
    shapes = [
        grey(on_ground(palette, lambda p, s=s: paint_single(p, band, s, MIDDLE, 16, palette)))
        for s in range(PIPS + 1)
    ]
    for i, one in enumerate(shapes):
        for other in shapes[:i]:
            assert unlike(one, other, 15) >= 6


def test_the_present_stage_is_the_tall_pip(palette: MapPalette) -> None:
    for stage in range(1, PIPS + 1):
        image = painted(lambda p, s=stage: paint_single(p, "ok", s, MIDDLE, 16, palette))
        accent = palette.color("accent.base").name()
        columns = {x for x in range(SIZE) for y in range(SIZE) if image.pixelColor(x, y).name() == accent}
        assert columns
        middle = SIZE / 2 + (stage - (PIPS + 1) / 2) * PIP_STEP
        assert all(abs(x + 0.5 - middle) <= 2 for x in columns)


def test_an_unknown_stage_has_no_pips(palette: MapPalette) -> None:
    plain = painted(lambda p: paint_band(p, "soon", MIDDLE, 16, palette))
    for stage in (0, -1, PIPS + 1):
        assert painted(lambda p, s=stage: paint_single(p, "soon", s, MIDDLE, 16, palette)) == plain


def test_the_ring_begins_with_the_worst_at_the_top_and_goes_clockwise(palette: MapPalette) -> None:
    bands = (("over3", 1), ("over1", 1), ("soon", 1), ("ok", 1))
    image = painted(lambda p: paint_cluster(p, bands, MIDDLE, 26, palette))
    reach = 23 * 0.7071
    for (band, _), (dx, dy) in zip(bands, ((1, -1), (1, 1), (-1, 1), (-1, -1)), strict=True):
        at = image.pixelColor(round(SIZE / 2 + dx * reach), round(SIZE / 2 + dy * reach))
        assert at.name() == palette.band_color(band).name()


def test_the_palette_reads_alpha_last(palette: MapPalette) -> None:
    scrim = palette.color("bg.scrim")
    text = palette.tokens.colours["bg.scrim"]
    assert (scrim.red(), scrim.alpha()) == (int(text[1:3], 16), int(text[7:9], 16))


def test_an_opacity_does_not_change_the_token(palette: MapPalette) -> None:
    faint = palette.color("accent.base", 0.14)
    assert faint.alphaF() == pytest.approx(0.14, abs=0.01)
    assert palette.color("accent.base").alpha() == 255


def test_an_unknown_token_is_told(palette: MapPalette) -> None:
    with pytest.raises(KeyError):
        palette.color("map.nothing")


def test_fonts_have_figures_of_equal_width(palette: MapPalette) -> None:
    font = palette.font(13, bold=True)
    assert font.pixelSize() == 13
    assert font.weight() == QFont.Weight.Bold
    assert font.families()[0] == palette.tokens.families[0]
    assert font.isFeatureSet(QFont.Tag("tnum"))
    assert palette.font(0.2).pixelSize() == 1
