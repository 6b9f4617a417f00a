"""Counts by day: what is drawn, and what is said."""

from __future__ import annotations

from typing import Any

from widgets.charts.day_bars import BarWords, DayBar, DayBars
from widgets.theme import theme

WORDS = BarWords("一致", "不一致", "退回")


def colours(bars: DayBars) -> set[str]:
    bars.resize(420, 132)
    image = bars.grab().toImage()
    # below the legend
    return {image.pixelColor(x, y).name() for x in range(42, 420, 3) for y in range(30, 110, 3)}


def test_the_parts_have_their_colours(qtbot: Any) -> None:
    bars = DayBars(WORDS)
    qtbot.addWidget(bars)
    bars.set_bars((DayBar("11-19", 10, 6, 2), DayBar("11-20", 4, 4, 0)))
    found = colours(bars)
    for token in ("accent.base", "line.strong", "sla.over2.fill"):
        assert theme().color(token).name() in found, token
    assert bars.accessibleName() == "一致 10，不一致 4，退回 2"


def test_nothing_came_back_nothing_is_hatched(qtbot: Any) -> None:
    bars = DayBars(WORDS)
    qtbot.addWidget(bars)
    bars.set_bars((DayBar("11-20", 4, 4, 0),))
    assert theme().color("sla.over2.fill").name() not in colours(bars)
    assert bars.bars == (DayBar("11-20", 4, 4, 0),)


def test_no_days_and_many_days_are_drawn(qtbot: Any) -> None:
    bars = DayBars(BarWords("办成", "", "退回"))
    qtbot.addWidget(bars)
    bars.set_bars(())
    assert theme().color("accent.base").name() not in colours(bars)
    bars.set_bars(tuple(DayBar(f"11-{n:02d}", n, n, 0) for n in range(31)))
    assert theme().color("accent.base").name() in colours(bars)
    assert bars.accessibleName() == "办成 465，退回 0"
