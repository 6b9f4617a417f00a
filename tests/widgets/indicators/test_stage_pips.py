"""Six pips for six steps."""

import pytest

from tests.widgets.pixels import count, extent, painted
from widgets.indicators.stage_pips import PIPS_WIDTH, STAGE_COUNT, draw_stage_pips, stage_labels
from widgets.theme import Theme


def pips(index: int, name: str = "dark"):
    look = Theme(name)
    return painted(lambda painter, rect: draw_stage_pips(painter, rect, index, look), 48, 16, look), look


def test_words_in_order() -> None:
    assert stage_labels() == ("受理", "立案", "派遣", "处置", "核查", "结案")
    assert len(stage_labels()) == STAGE_COUNT


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("index", range(1, 7))
def test_the_current_one_is_higher_and_in_accent(name: str, index: int) -> None:
    image, look = pips(index, name)
    box = extent(image, look.color("accent.base"), 60)
    assert 8 <= box.height() <= 9
    assert 4 <= box.width() <= 5
    assert abs(box.x() - (index - 1) * 7) <= 1


@pytest.mark.parametrize(
    ("index", "past", "to_come"), [(1, 0, 5), (3, 2, 3), (6, 5, 0), (7, 6, 0), (0, 0, 6)]
)
def test_past_and_to_come(index: int, past: int, to_come: int) -> None:
    image, look = pips(index)
    a_pip = 21  # 5×5 with soft corners
    assert abs(count(image, look.color("text.tertiary"), tolerance=4) - past * a_pip) <= 4 * past
    assert abs(count(image, look.color("line.normal"), tolerance=4) - to_come * a_pip) <= 4 * to_come


def test_room() -> None:
    image, look = pips(6)
    assert extent(image, look.color("accent.base"), 60).right() < PIPS_WIDTH
