"""Drawing one line of words."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from tests.widgets.pixels import extent, painted
from widgets.theme import Theme
from widgets.theme.text import CENTER, LEFT, RIGHT, draw_text, metrics_of, text_width

RED = QColor("#FF0000")


def drawn(text: str, align, width: float = 120, **more):
    look = Theme()
    taken: list[float] = []

    def draw(painter, rect) -> None:
        taken.append(
            draw_text(painter, QRectF(10, 0, width, 32), text, look.font("body"), RED, align, **more)
        )

    return painted(draw, 200, 32), taken[0]


@pytest.mark.parametrize(("align", "least", "most"), [(LEFT, 10, 40), (CENTER, 50, 90), (RIGHT, 90, 130)])
def test_alignment(align, least: int, most: int) -> None:
    image, _ = drawn("派遣", align)
    box = extent(image, RED, 120)
    assert least <= box.left() and box.right() <= most


def test_the_width_taken() -> None:
    _, taken = drawn("派遣", LEFT)
    assert taken == pytest.approx(text_width(Theme().font("body"), "派遣"))
    assert 24 <= taken <= 28


def test_too_long_is_cut_inside_the_rectangle() -> None:
    image, taken = drawn("云栈东路非机动车道塌陷约一平方米", LEFT, width=80)
    assert taken <= 80
    assert extent(image, RED, 120).right() <= 91


def test_uncut_when_told_so() -> None:
    image, _ = drawn("云栈东路非机动车道塌陷约一平方米", LEFT, width=30, elide=False)
    assert extent(image, RED, 120).width() <= 30  # Qt clips to the rectangle, but does not shorten


def test_metrics_are_cached_by_font() -> None:
    look = Theme()
    assert metrics_of(look.font("body")) is metrics_of(Theme().font("body"))
    assert metrics_of(look.font("body")) is not metrics_of(look.font("label"))
