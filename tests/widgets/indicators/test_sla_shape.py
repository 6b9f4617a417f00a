"""The shapes of the bands: colour, form, place, density."""

import pytest
from PySide6.QtCore import QRectF

from tests.widgets.pixels import count, extent, painted, picture, same
from widgets.indicators.sla_shape import BANDS, SlaShape, band_label, draw_sla_shape, outline_path
from widgets.theme import Theme

FILLED = [band for band in BANDS if band != "ok"]


def shape(band: str, size: float = 16, look: Theme | None = None, ratio: float = 1.0, **more):
    look = look or Theme()
    return painted(
        lambda painter, rect: draw_sla_shape(painter, rect, band, look, size, **more), 40, 40, look, ratio
    )


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("band", FILLED)
def test_filled_with_the_band(name: str, band: str) -> None:
    look = Theme(name)
    assert count(shape(band, look=look), look.color(f"sla.{band}.fill")) > 40


def test_ok_is_a_ring_in_the_colour_of_its_words() -> None:
    image, look = shape("ok", 32), Theme()
    assert count(image, look.color("sla.ok.text"), tolerance=30) > 60
    assert image.pixelColor(20, 20) == look.color("bg.panel")


@pytest.mark.parametrize("band", ["over3", "suspended", "closed"])
def test_what_stands_inside(band: str) -> None:
    look = Theme()
    assert count(shape(band, 32), look.color(f"sla.{band}.on_fill"), tolerance=40) > 12


def test_shapes_can_be_told_apart_without_colour() -> None:
    """In one grey every band still looks different (DESIGN §9)."""
    grey = Theme().color("text.secondary")
    pictures = [shape(band, 18, colour=grey) for band in BANDS]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert not same(one, other)


@pytest.mark.parametrize("band", FILLED)
@pytest.mark.parametrize("size", [14, 16, 18])
def test_in_its_box_and_in_the_middle(band: str, size: int) -> None:
    box = extent(shape(band, size), Theme().color(f"sla.{band}.fill"), 20)
    assert box.width() <= size and box.height() <= size
    assert abs(box.center().x() - 19.5) <= 1.5
    assert box.width() >= size * 0.55


@pytest.mark.parametrize("band", FILLED)
def test_twice_the_density_twice_the_size(band: str) -> None:
    colour = Theme().color(f"sla.{band}.fill")
    assert count(shape(band, ratio=2.0), colour) > 3 * count(shape(band), colour)


def test_a_halo_for_the_map() -> None:
    look = Theme("light")
    halo = look.color("map.halo")
    plain, haloed = shape("over2", look=Theme()), shape("over2", look=Theme(), outline=halo)
    assert count(haloed, halo) > count(plain, halo) + 20
    ring = shape("ok", look=Theme(), outline=halo)
    assert ring.pixelColor(20, 20) == halo  # the ring is filled, so that the map does not shine through


def test_an_unknown_band_is_a_ring() -> None:
    assert same(shape("unknown"), shape("ok"))


def test_no_data_is_a_dash() -> None:
    box = extent(shape("dash"), Theme().color("text.tertiary"), 40)
    assert box.width() >= 7 and box.height() <= 3


@pytest.mark.parametrize("band", BANDS)
def test_outlines_are_closed(band: str) -> None:
    path = outline_path(band, QRectF(0, 0, 16, 16))
    assert path.contains(QRectF(7, 7.5, 1, 1))
    assert QRectF(0, 0, 16, 16).contains(path.boundingRect())


def test_words() -> None:
    words = [band_label(band) for band in BANDS]
    assert words == ["正常", "即将超时", "超时<24h", "超时24–72h", "超时>72h", "挂账", "已结案"]
    assert band_label("other") == "other"


def test_widget(qtbot) -> None:
    widget = SlaShape("soon", 18)
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    assert widget.size().toTuple() == (18, 18)
    assert widget.accessibleName() == "即将超时"
    before = picture(widget)
    widget.set_band("over1")
    assert widget.band == "over1"
    assert widget.accessibleName() == "超时<24h"
    assert not same(before, picture(widget))
