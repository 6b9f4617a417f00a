"""Places of content that is still being read."""

import pytest
from PySide6.QtCore import QRect

from tests.widgets.pixels import count, picture
from widgets.indicators.skeleton import DELAY_MS, Skeleton, case_panel_blocks
from widgets.theme import Theme


@pytest.fixture
def skeleton(qtbot) -> Skeleton:
    skeleton = Skeleton(((16, 16, 100, 20), (0.5, 60, 0.5, 20)))
    qtbot.addWidget(skeleton)
    skeleton.resize(200, 100)
    return skeleton


def blocks(skeleton: Skeleton, area: QRect | None = None) -> int:
    return count(picture(skeleton), Theme().color("bg.hover"), area, 2)


def test_nothing_is_shown_at_first(skeleton: Skeleton, qtbot) -> None:
    assert blocks(skeleton) == 0
    assert not skeleton.blocks_shown
    qtbot.waitUntil(lambda: skeleton.blocks_shown, timeout=DELAY_MS * 10)
    assert blocks(skeleton) > 3500


def test_places_in_pixels_and_parts(skeleton: Skeleton) -> None:
    skeleton.show_now()
    assert blocks(skeleton, QRect(16, 16, 100, 20)) > 1900
    assert blocks(skeleton, QRect(100, 60, 100, 20)) > 1900
    assert blocks(skeleton, QRect(0, 40, 200, 18)) == 0
    assert skeleton.sizeHint().height() == 80


def test_again(skeleton: Skeleton) -> None:
    skeleton.show_now()
    skeleton.restart()
    assert blocks(skeleton) == 0
    skeleton.show()
    skeleton.hide()
    assert not skeleton._delay.isActive()


def test_other_places(skeleton: Skeleton) -> None:
    skeleton.show_now()
    skeleton.set_blocks(())
    assert blocks(skeleton) == 0
    assert skeleton.accessibleName() == "正在读取…"


def test_the_case_panel() -> None:
    places = case_panel_blocks()
    assert len(places) > 20
    assert all(width > 0 and height > 0 for _, _, width, height in places)
    assert all(x <= 400 and (x + width <= 1 if x <= 1 and width <= 1 else True) for x, _, width, _ in places)
