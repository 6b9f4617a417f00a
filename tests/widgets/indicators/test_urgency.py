"""Urgency: height, colour and word."""

import pytest
from PySide6.QtCore import QRectF

from tests.widgets.pixels import count, extent, painted, picture
from widgets.indicators.urgency import UrgencyTag, draw_urgency_bar, urgency_label
from widgets.theme import Theme

TOKENS = ("line.strong", "sla.soon.fill", "sla.over1.fill", "sla.over2.fill")


@pytest.mark.parametrize(("level", "height"), [(0, 4), (1, 10), (2, 18), (3, 26)])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_height_is_the_second_cue(name: str, level: int, height: int) -> None:
    look = Theme(name)
    image = painted(lambda painter, rect: draw_urgency_bar(painter, rect, level, look), 14, 32, look)
    box = extent(image, look.color(TOKENS[level]), 40)
    assert abs(box.height() - height) <= 1
    assert 3 <= box.width() <= 4


def test_never_higher_than_its_row() -> None:
    look = Theme()
    image = painted(
        lambda painter, _rect: draw_urgency_bar(painter, QRectF(5, 2, 4, 12), 3, look), 14, 32, look
    )  # fmt: skip
    assert extent(image, look.color("sla.over2.fill"), 40).height() <= 12


@pytest.mark.parametrize(
    ("level", "word"), [(-1, "一般"), (0, "一般"), (1, "较急"), (2, "紧急"), (3, "特急"), (7, "特急")]
)
def test_words(level: int, word: str) -> None:
    assert urgency_label(level) == word


@pytest.mark.parametrize("level", range(4))
def test_tag(qtbot, level: int) -> None:
    tag = UrgencyTag(level)
    qtbot.addWidget(tag)
    tag.resize(tag.sizeHint())
    assert tag.height() == 20
    assert tag.accessibleName() == urgency_label(level)
    look = Theme()
    tone = look.tone(("neutral", "sla.soon", "sla.over1", "sla.over2")[level])
    image = picture(tag)
    assert count(image, tone.soft, tolerance=3) > 200
    assert count(image, tone.text, tolerance=60) > 15


def test_tag_changes(qtbot) -> None:
    tag = UrgencyTag()
    qtbot.addWidget(tag)
    tag.set_level(9)
    assert tag.level == 3
    assert tag.accessibleName() == "特急"
