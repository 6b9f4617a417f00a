"""Chips in every tone."""

import pytest

from tests.widgets.pixels import count, extent, painted, picture
from widgets.forms.chip import Chip, chip_width, draw_chip
from widgets.theme import Theme


@pytest.mark.parametrize("tone", ["sla.soon", "sla.over2", "sla.ok", "accent", "neutral"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_tones(name: str, tone: str) -> None:
    look = Theme(name)
    image = painted(
        lambda p, r: draw_chip(p, r.adjusted(4, 6, -4, -6), "待发送", "cloud_up", tone, look), 90, 32, look
    )
    paints = look.tone(tone)
    assert count(image, paints.text, tolerance=50) > 30
    if paints.soft != look.color("bg.panel"):
        assert extent(image, paints.soft, 2).height() <= 20


def test_width_follows_the_words() -> None:
    look = Theme()
    assert chip_width("待发送", "", look) < chip_width("待发送", "cloud_up", look)
    assert chip_width("冲突", "warn", look) < chip_width("需再确认", "warn", look)
    assert chip_width("1234", "", look, bold=True) >= chip_width("1234", "", look)


def test_too_narrow_a_place_cuts_the_word() -> None:
    look = Theme()
    image = painted(
        lambda p, _r: draw_chip(p, _r.adjusted(0, 6, -60, -6), "派遣 05 席许未央", "lock", "sla.ok", look),
        120,
        32,
    )
    assert extent(image, look.color("sla.ok.text"), 40).right() <= 62


def test_widget(qtbot) -> None:
    chip = Chip("待发送", "cloud_up", "sla.soon")
    qtbot.addWidget(chip)
    assert chip.sizeHint().height() == 20
    assert chip.text == chip.accessibleName() == "待发送"
    wide = chip.sizeHint().width()
    chip.set_chip("冲突", "warn", "sla.over2")
    assert chip.accessibleName() == "冲突"
    assert chip.sizeHint().width() < wide
    chip.resize(chip.sizeHint())
    assert count(picture(chip), Theme().color("sla.over2.soft"), tolerance=3) > 200
