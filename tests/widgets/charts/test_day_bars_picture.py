"""Bars by day to the pixel: their heights are their counts, and what came back is seen however little it is."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QImage

from widgets.charts.day_bars import BarWords, DayBar, DayBars
from widgets.theme import theme

WORDS = BarWords("一致", "不一致", "退回")
#: the plot within a picture of 420 by 132: left edge, top and bottom line
LEFT, TOP, BOTTOM = 40, 26, 112
HEIGHT = BOTTOM - TOP


def picture(qtbot: Any, *bars: DayBar, words: BarWords = WORDS) -> QImage:
    made = DayBars(words)
    qtbot.addWidget(made)
    made.resize(420, 132)
    made.set_bars(bars)
    return made.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def column(image: QImage, x: int) -> dict[str, int]:
    """How many pixels of each part stand in a column of the plot, without the two lines of the scale."""
    names = {theme().color(token).name(): token for token in ("accent.base", "line.strong", "sla.over2.fill")}
    found = dict.fromkeys(names.values(), 0)
    for y in range(TOP + 1, BOTTOM):
        token = names.get(image.pixelColor(x, y).name())
        if token is not None:
            found[token] += 1
    return found


def middle(place: int, count: int) -> int:
    """The middle of a bar."""
    step = min((420 - LEFT - 4) / count, 44.0)
    return int(LEFT + place * step + (step - 2) / 2)


@pytest.mark.parametrize(("total", "good"), [(10, 10), (10, 5), (10, 0), (4, 1)])
def test_the_highest_day_fills_the_plot_and_parts_keep_their_share(qtbot: Any, total: int, good: int) -> None:
    found = column(picture(qtbot, DayBar("11-20", total, good, 0)), middle(0, 1))
    assert found["accent.base"] == pytest.approx(HEIGHT * good / total, abs=2)
    assert found["line.strong"] == pytest.approx(HEIGHT * (total - good) / total, abs=2)
    assert found["sla.over2.fill"] == 0


def test_days_are_drawn_to_one_scale(qtbot: Any) -> None:
    image = picture(
        qtbot, DayBar("a", 20, 20, 0), DayBar("b", 10, 10, 0), DayBar("c", 0, 0, 0), DayBar("d", 5, 5, 0)
    )
    heights = [column(image, middle(place, 4))["accent.base"] for place in range(4)]
    for height, share in zip(heights, (1.0, 0.5, 0.0, 0.25), strict=True):
        assert height == pytest.approx(HEIGHT * share, abs=2)


def test_one_of_a_thousand_that_came_back_is_seen(qtbot: Any) -> None:
    image = picture(qtbot, DayBar("a", 1000, 1000, 1), DayBar("b", 1000, 1000, 0))

    def differs(place: int) -> int:
        good = theme().color("accent.base").name()
        x = middle(place, 2)
        return sum(
            image.pixelColor(dx, y).name() != good
            for dx in range(x - 8, x + 8)
            for y in range(TOP + 2, TOP + 4)
        )

    marked = sum(
        image.pixelColor(x, y).name() == theme().color("sla.over2.fill").name()
        for x in range(middle(0, 2) - 10, middle(0, 2) + 10)
        for y in range(TOP - 1, TOP + 4)
    )
    assert marked > 0 and differs(1) == 0


def test_what_came_back_hangs_from_the_top_of_its_bar(qtbot: Any) -> None:
    """It is part of the day, not on top of it: the bar keeps its height."""
    whole, part = DayBar("a", 10, 10, 0), DayBar("b", 10, 10, 4)
    image = picture(qtbot, whole, part)
    good = theme().color("accent.base").name()
    for place, free in ((0, 0.0), (1, 0.4)):
        x = middle(place, 2)
        top = next(y for y in range(TOP + 1, BOTTOM) if image.pixelColor(x, y + 3).name() == good
                   and image.pixelColor(x, y).name() == good and image.pixelColor(x, y + 6).name() == good)  # fmt: skip
        assert top - TOP == pytest.approx(HEIGHT * free, abs=4)


@pytest.mark.parametrize("count", [1, 2, 8, 9, 31, 200])
def test_bars_stay_inside_the_picture(qtbot: Any, count: int) -> None:
    image = picture(qtbot, *(DayBar(f"{n}", 1, 1, 0) for n in range(count)))
    good = theme().color("accent.base").name()
    y = BOTTOM - 10
    filled = [x for x in range(420) if image.pixelColor(x, y).name() == good]
    assert filled and min(filled) >= LEFT and max(filled) < 420 - 4
    if count <= 8:
        assert len(filled) == pytest.approx(42 * count, abs=count + 1), "never wider than a thumb"


def test_a_part_without_a_word_is_not_in_the_legend(qtbot: Any) -> None:
    rest = theme().color("line.strong").name()

    def legend(words: BarWords) -> bool:
        image = picture(qtbot, words=words)
        return any(image.pixelColor(x, 10).name() == rest for x in range(LEFT, 420))

    assert legend(WORDS) and not legend(BarWords("办成", "", "退回"))


@pytest.mark.parametrize(
    ("bars", "said"),
    [
        ((), "一致 0，不一致 0，退回 0"), ((DayBar("a", 3, 1, 1),), "一致 1，不一致 2，退回 1"),
        ((DayBar("a", 3, 3, 0), DayBar("b", 7, 0, 2)), "一致 3，不一致 7，退回 2"),
    ],
)  # fmt: skip
def test_the_sums_are_said(qtbot: Any, bars: tuple[DayBar, ...], said: str) -> None:
    made = DayBars(WORDS)
    qtbot.addWidget(made)
    made.set_bars(bars)
    assert made.accessibleName() == said and made.bars == bars


def test_no_day_draws_no_bar_and_days_of_nought_neither(qtbot: Any) -> None:
    for bars in ((), (DayBar("a", 0, 0, 0),)):
        image = picture(qtbot, *bars)
        for x in range(LEFT + 1, 410, 5):
            assert column(image, x) == {"accent.base": 0, "line.strong": 0, "sla.over2.fill": 0}
