"""Every drawing: box, stroke, tint, density."""

import xml.etree.ElementTree as ElementTree
from importlib.resources import files

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QIcon

from tests.widgets.pixels import count, extent, painted
from widgets.indicators.stage_pips import STAGE_ICONS
from widgets.theme import Theme
from widgets.theme.icons import (
    SOURCE_ICONS,
    draw_icon,
    icon_names,
    icon_pixmap,
    icon_size,
    resolve_icon,
    themed_icon,
)
from widgets.theme.tokens import value

RED = QColor("#FF0000")


@pytest.mark.parametrize("name", sorted(icon_names()))
def test_every_drawing_is_ours_to_tint(name: str) -> None:
    """A 16-unit box, 1.4 stroke, round ends; black only; something is drawn and nothing touches the edge."""
    text = files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    if name == "mark":
        assert root.get("viewBox") == "0 0 24 24"
        return
    assert root.get("viewBox") == "0 0 16 16"
    assert root.get("stroke-width") == "1.4"
    assert root.get("stroke-linecap") == root.get("stroke-linejoin") == "round"
    colours = {part for node in root.iter() for part in (node.get("fill"), node.get("stroke")) if part}
    assert colours <= {"none", "#000"}
    image = icon_pixmap(name, RED, 32).toImage()
    assert count(image, RED) > 20
    edges = [image.pixelColor(x, y).alpha() for x in range(32) for y in (0, 31)]
    assert max(edges) < 160, "cut off at the edge"


def test_what_the_tokens_name_exists() -> None:
    wanted = {stage["icon"] for stage in value("stage")}
    wanted |= {
        entry["icon"] for group in ("sync", "pending") for entry in value(group).values() if "icon" in entry
    }
    assert wanted <= icon_names()
    assert set(STAGE_ICONS) <= icon_names()
    assert set(SOURCE_ICONS.values()) <= icon_names()


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("phone", "phone"),
        ("hotline", "phone"),
        ("officer", "person"),
        ("video", "camera"),
        ("citizen", "speech"),
        ("12345", "transfer"),
        ("iot", "waves"),
        ("patrol", "eye"),
        ("an-unknown-source", "document"),
        ("", "document"),
    ],
)
def test_sources_take_their_drawing(asked: str, given: str) -> None:
    assert resolve_icon(asked) == given


def test_tinting() -> None:
    look = Theme()
    for token in ("sla.over2.text", "accent.base", "text.secondary"):
        image = icon_pixmap("check", look.color(token), 32).toImage()
        assert count(image, look.color(token)) > 20


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_sharp_at_every_scale(ratio: float) -> None:
    pixmap = icon_pixmap("bell", RED, 16, ratio)
    assert pixmap.width() == round(16 * ratio)
    assert pixmap.devicePixelRatio() == ratio


def test_drawings_are_cached() -> None:
    first, second = (icon_pixmap("lock", RED, 16, 1.0) for _ in range(2))
    assert first.cacheKey() == second.cacheKey()
    assert icon_pixmap("lock", QColor("#00FF00"), 16, 1.0).cacheKey() != first.cacheKey()


def test_large_drawings_keep_a_thin_line() -> None:
    """A line grows to 1.6 px and no further, so that a drawing of 48 px is not heavy."""
    image = icon_pixmap("minus", RED, 48).toImage()
    assert 1 <= extent(image, RED, 90).height() <= 3


def test_draw_icon_stands_in_the_middle() -> None:
    image = painted(lambda painter, rect: draw_icon(painter, rect, "plus", RED, 16), 40, 40)
    box = extent(image, RED, 60)
    assert abs(box.center().x() - 20) <= 1 and abs(box.center().y() - 20) <= 1


def test_draw_icon_takes_the_density_of_the_paper() -> None:
    image = painted(lambda painter, rect: draw_icon(painter, rect, "plus", RED, 16), 40, 40, ratio=2.0)
    assert extent(image, RED, 60).width() >= 18  # 10 of 16 units at double density


def test_the_mark_keeps_its_colours() -> None:
    image = icon_pixmap("mark", RED, 24).toImage()
    assert count(image, RED) == 0
    assert count(image, QColor("#2468BF")) > 100


def test_themed_icon_has_a_disabled_look() -> None:
    look = Theme()
    icon = themed_icon("print", look, "text.primary")
    plain = icon.pixmap(icon_size(look)).toImage()
    grey = icon.pixmap(icon_size(look), QIcon.Mode.Disabled).toImage()
    assert count(plain, look.color("text.primary")) > 5
    assert count(grey, look.color("text.disabled")) > 5


def test_icon_rect_may_be_anywhere() -> None:
    image = painted(lambda painter, rect: draw_icon(painter, QRectF(4, 2, 16, 16), "x", RED), 40, 40)
    assert QRectF(4, 2, 16, 16).toRect().contains(extent(image, RED, 60))
