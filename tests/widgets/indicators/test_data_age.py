"""How old data is, and when that turns yellow and red."""

from datetime import timedelta

import pytest

from tests.widgets.gallery_rows import NOW
from tests.widgets.pixels import count, picture
from widgets.indicators.data_age import DataAge
from widgets.theme import Theme


@pytest.fixture
def age(qtbot) -> DataAge:
    age = DataAge()
    qtbot.addWidget(age)
    return age


@pytest.mark.parametrize(
    ("seconds", "words", "level", "token"),
    [
        (0, "数据 0 秒前", 0, "text.secondary"),
        (14.9, "数据 14 秒前", 0, "text.secondary"),
        (15, "数据 15 秒前", 1, "sla.soon.text"),
        (59, "数据 59 秒前", 1, "sla.soon.text"),
        (60, "数据 1 分钟前", 2, "sla.over2.text"),
        (1500, "数据 25 分钟前", 2, "sla.over2.text"),
    ],
)
def test_levels(age: DataAge, seconds: float, words: str, level: int, token: str) -> None:
    age.set_moment(NOW - timedelta(seconds=seconds), NOW)
    assert (age.text, age.level) == (words, level)
    assert age.accessibleName() == words
    age.resize(age.sizeHint())
    assert count(picture(age), Theme().color(token), tolerance=50) > 20


def test_it_grows_old_by_itself(age: DataAge) -> None:
    age.set_moment(NOW, NOW)
    levels = []
    for seconds in (3, 15, 60):
        age.tick(NOW + timedelta(seconds=seconds))
        levels.append(age.level)
    assert levels == [0, 1, 2]


def test_fresh_has_a_green_dot_and_old_a_clock(age: DataAge) -> None:
    teal = Theme().color("sla.closed.text")
    age.set_moment(NOW, NOW)
    age.resize(age.sizeHint())
    assert count(picture(age), teal) > 15
    age.tick(NOW + timedelta(seconds=20))
    age.resize(age.sizeHint())
    assert count(picture(age), teal) == 0


def test_nothing_read_yet(age: DataAge) -> None:
    age.set_moment(None, NOW)
    assert age.text == "尚无数据"
    assert age.level == 0
