"""The used part of a limit."""

import pytest

from tests.widgets.pixels import count, extent, picture
from widgets.indicators.limit_bar import HEIGHT, LimitBar
from widgets.theme import Theme


@pytest.fixture
def bar(qtbot) -> LimitBar:
    bar = LimitBar()
    qtbot.addWidget(bar)
    bar.resize(200, HEIGHT)
    return bar


@pytest.mark.parametrize(
    ("part", "width"), [(0.0, 0), (0.25, 50), (0.84, 168), (1.0, 200), (1.7, 200), (-0.2, 0)]
)
def test_the_used_part(bar: LimitBar, part: float, width: int) -> None:
    bar.set_used(part, "soon")
    box = extent(picture(bar), Theme().color("sla.soon.fill"))
    assert abs(box.width() - width) <= 2
    assert bar.part == min(max(part, 0), 1)


@pytest.mark.parametrize(
    ("band", "token"),
    [("ok", "text.tertiary"), ("over1", "sla.over1.fill"), ("suspended", "sla.suspended.fill")],
)
def test_in_the_fill_of_the_band(bar: LimitBar, band: str, token: str) -> None:
    bar.set_used(1.0, band)
    assert count(picture(bar), Theme().color(token)) > 1000


def test_it_says_how_much(bar: LimitBar) -> None:
    bar.set_used(0.844, "soon")
    assert bar.accessibleName() == "时限已用 84%"
    assert bar.sizeHint().height() == 6
