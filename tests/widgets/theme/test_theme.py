"""Colours and type: contrast on every ground, steps, tones."""

import pytest
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF

from widgets.theme import Theme, UnknownTokenError, make_font
from widgets.theme.theme import parse_colour

GROUNDS = (
    "bg.app",
    "bg.panel",
    "bg.raised",
    "bg.field",
    "bg.hover",
    "bg.selected",
    "bg.overlay",
    "accent.soft",
)
BANDS = ("ok", "soon", "over1", "over2", "over3", "suspended", "closed")


def luminance(colour: QColor) -> float:
    def part(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF())


def contrast(a: QColor, b: QColor) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_parse_colour_puts_alpha_last() -> None:
    colour = parse_colour("#06090CA3")
    assert (colour.red(), colour.green(), colour.blue(), colour.alpha()) == (0x06, 0x09, 0x0C, 0xA3)
    assert parse_colour("#14191F").alpha() == 255


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize(
    ("token", "least"),
    [("text.primary", 11.2), ("text.secondary", 6.5), ("text.tertiary", 4.5), ("accent.base", 4.8)],
)
def test_words_are_readable_on_every_ground(name: str, token: str, least: float) -> None:
    look = Theme(name)
    for ground in GROUNDS:
        assert contrast(look.color(token), look.color(ground)) >= least - 0.05, ground


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("band", BANDS)
def test_state_words_are_readable(name: str, band: str) -> None:
    look = Theme(name)
    tone = look.tone(f"sla.{band}")
    for ground in ("bg.panel", "bg.raised", "bg.overlay"):
        assert contrast(tone.text, look.color(ground)) >= 4.5, ground
    assert contrast(tone.text, tone.soft) >= 4.5
    assert contrast(tone.on_fill, tone.fill) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("band", [band for band in BANDS if band != "ok"])
def test_state_fills_stand_out_from_the_panel(name: str, band: str) -> None:
    look = Theme(name)
    assert contrast(look.color(f"sla.{band}.fill"), look.color("bg.panel")) >= 3.0


@pytest.mark.parametrize("name", ["dark", "light"])
def test_controls_are_seen(name: str) -> None:
    look = Theme(name)
    assert contrast(look.color("line.strong"), look.color("bg.panel")) >= 3.0
    assert contrast(look.color("accent.focus"), look.color("bg.panel")) >= 5.0
    for fill in ("accent.fill", "accent.fill_hover", "accent.fill_pressed", "danger.fill"):
        assert contrast(look.color("text.on_accent"), look.color(fill)) >= 4.4, fill


def test_unknown_colour() -> None:
    with pytest.raises(UnknownTokenError):
        Theme().color("sla.over9.fill")
    with pytest.raises(UnknownTokenError):
        Theme().color("map.density_ramp")  # a scale is no colour
    with pytest.raises(UnknownTokenError):
        Theme("sepia").color("bg.app")


def test_ramp() -> None:
    ramp = Theme().ramp("map.density_ramp")
    assert len(ramp) == 5
    assert ramp[0].name().upper() == "#182028"
    with pytest.raises(UnknownTokenError):
        Theme().ramp("bg.app")


@pytest.mark.parametrize("token", ["accent", "danger", "neutral", *(f"sla.{band}" for band in BANDS)])
def test_tones_are_complete(token: str) -> None:
    tone = Theme().tone(token)
    assert all(colour.isValid() for colour in (tone.text, tone.fill, tone.soft, tone.on_fill))


def test_unknown_tone() -> None:
    with pytest.raises(UnknownTokenError):
        Theme().tone("nothing")
    with pytest.raises(UnknownTokenError):
        Theme().tone("sla.over9")


@pytest.mark.parametrize(
    ("step", "pixels", "line", "bold"),
    [
        ("display", 28, 32, True),
        ("call", 26, 32, True),
        ("title_l", 20, 24, True),
        ("clock", 18, 20, True),
        ("title", 16, 24, True),
        ("heading", 14, 20, True),
        ("body", 13, 20, False),
        ("label", 12, 16, False),
        ("caption", 11, 16, False),
    ],
)
def test_type_steps(step: str, pixels: int, line: int, bold: bool) -> None:
    look = Theme()
    font = look.font(step)
    assert font.pixelSize() == pixels
    assert look.line(step) == line
    assert (font.weight() == QFont.Weight.Bold) is bold
    assert look.font(step, True).weight() == QFont.Weight.Bold
    assert look.font(step, False).weight() == QFont.Weight.Normal


def test_unknown_step_and_metric() -> None:
    with pytest.raises(UnknownTokenError):
        Theme().font("huge")
    with pytest.raises(UnknownTokenError):
        Theme().metric("size.row")
    with pytest.raises(UnknownTokenError):
        Theme().metric("motion.curve")


def test_figures_are_tabular(chinese_font: str) -> None:
    font = Theme().font("body")
    assert QFontInfo(font).family() == chinese_font
    widths = {round(QFontMetricsF(font).horizontalAdvance(figure), 2) for figure in "0123456789"}
    assert len(widths) == 1


def test_wall_fonts_take_any_size() -> None:
    assert make_font(220, True).pixelSize() == 220
    assert make_font(0.2).pixelSize() == 1


def test_strong_contrast_replaces_quiet_tokens() -> None:
    plain, strong = Theme(), Theme(strong_contrast=True)
    assert strong.color("text.secondary") == plain.color("text.primary")
    assert strong.color("line.subtle") == plain.color("line.strong")
    assert strong.color("sla.soon.text") == plain.color("sla.soon.text")


def test_reduced_motion() -> None:
    assert Theme().duration("normal_ms") == 160
    assert Theme(reduced_motion=True).duration("normal_ms") == 0


def test_themes_compare_by_what_they_are() -> None:
    first, second = Theme(), Theme()
    first.color("bg.app")
    assert first == second
    assert first != Theme("light")
    assert Theme().is_dark and not Theme("light").is_dark
