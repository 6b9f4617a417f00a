"""Clock readings: words, counting on, standing still, paint."""

from datetime import timedelta

import pytest

from tests.widgets.gallery_rows import NOW, reading
from tests.widgets.pixels import count, extent, painted, picture, same
from widgets.indicators.countdown import CountdownLabel, LimitReading, draw_limit, limit_text, limit_words
from widgets.theme import Theme

H, D = 3600, 86400


@pytest.mark.parametrize(
    ("value", "shown", "spoken"),
    [
        (reading("ok", 15036), "余 4:10:36", "余 4 小时 10 分"),
        (reading("soon", 292), "余 0:04:52", "余 4 分 52 秒"),
        (reading("over1", -22360), "超 6:12:40", "超 6 小时 12 分"),
        (reading("over2", -(D + 19 * H + 300)), "超 1天 19:05", "超 1 天 19 小时"),
        (reading("over3", -(3 * D + 8 * H + 840)), "超 3天 08:14", "超 3 天 8 小时"),
        (reading("suspended", 2 * D, counting=False), "挂账 余 2天", "余 2 天 0 小时"),
        (reading("ok", 12000, counting=False, off_hours=True), "非工作时 余 3:20:00", "余 3 小时 20 分"),
        (reading("closed", 0, on_time=True), "按期结案", "按期结案"),
        (reading("closed", 0, on_time=False), "超期结案", "超期结案"),
    ],
)
def test_words(value: LimitReading, shown: str, spoken: str) -> None:
    assert limit_text(value, NOW) == shown
    assert limit_words(value, NOW) == spoken


def test_it_counts_on_by_itself() -> None:
    value = reading("soon", 292)
    later = [limit_text(value, NOW + timedelta(seconds=s)) for s in (0, 1, 291, 292, 293)]
    assert later == ["余 0:04:52", "余 0:04:51", "余 0:00:01", "超 0:00:00", "超 0:00:01"]


def test_it_stands_still_when_told() -> None:
    value = reading("suspended", 2 * D, counting=False)
    assert value.remaining_at(NOW + timedelta(days=9)) == 2 * D
    off = reading("ok", 600, counting=False, off_hours=True)
    assert limit_text(off, NOW + timedelta(hours=5)) == "非工作时 余 0:10:00"


def drawn(text: str, band: str, name: str = "dark"):
    look = Theme(name)
    return painted(lambda painter, rect: draw_limit(painter, rect, text, band, look), 120, 32, look), look


@pytest.mark.parametrize("band", ["ok", "soon", "over1", "over2", "suspended", "closed"])
def test_words_stand_at_the_right_in_the_colour_of_the_band(band: str) -> None:
    image, look = drawn("余 0:04:52", band)
    box = extent(image, look.color(f"sla.{band}.text"), 40)
    assert box.right() >= 116
    assert box.left() >= 40
    assert count(image, look.color(f"sla.{band}.fill"), tolerance=4) < 200  # no ground


@pytest.mark.parametrize("name", ["dark", "light"])
def test_worst_band_is_a_filled_chip(name: str) -> None:
    image, look = drawn("超 3天 08:14", "over3", name)
    assert count(image, look.color("sla.over3.fill"), tolerance=4) > 700
    assert extent(image, look.color("sla.over3.fill"), 4).height() in (19, 20)
    assert count(image, look.color("sla.over3.on_fill"), tolerance=80) > 60


def test_from_soon_on_it_is_bold() -> None:
    look = Theme()
    regular = painted(lambda p, r: draw_limit(p, r, "余 4:10:36", "ok", look), 120, 32)
    bold = painted(lambda p, r: draw_limit(p, r, "余 4:10:36", "soon", look), 120, 32)
    wide = extent(bold, look.color("sla.soon.text"), 90).width()
    assert wide > extent(regular, look.color("sla.ok.text"), 90).width()


@pytest.mark.parametrize("text", ["余 0:54:12", "余 10:36:00", "余 23:59:59", "超 12:40:00"])
def test_a_clock_that_stands_still_is_never_cut(text: str) -> None:
    """In the 102 px of the queue 非工作时 gets smaller and 余 goes; every figure of the time stays."""
    look = Theme()
    image = painted(
        lambda p, r: draw_limit(p, r.adjusted(18, 0, 0, 0), text, "ok", look, "非工作时"), 120, 32
    )
    word, time = look.color("text.tertiary"), look.color("sla.ok.text")
    assert extent(image, time, 30).right() >= 117
    bare = painted(lambda p, r: draw_limit(p, r, text.split(" ")[1], "ok", look), 120, 32)
    figures = extent(bare, time, 30)
    assert same(image.copy(figures), bare.copy(figures))
    assert count(image.copy(14, 0, 50, 32), word, tolerance=24) > 10


def test_with_room_word_and_time_are_one() -> None:
    look = Theme()
    apart = painted(lambda p, r: draw_limit(p, r, "余 2天", "suspended", look, "挂账"), 120, 32)
    joined = painted(lambda p, r: draw_limit(p, r, "挂账 余 2天", "suspended", look), 120, 32)
    assert same(apart, joined)


def test_in_too_narrow_a_place_the_word_goes() -> None:
    look = Theme()
    image = painted(
        lambda p, r: draw_limit(p, r.adjusted(60, 0, 0, 0), "余 10:36:00", "ok", look, "非工作时"), 120, 32
    )
    assert extent(image, look.color("sla.ok.text"), 60).left() >= 58


@pytest.fixture
def label(qtbot) -> CountdownLabel:
    label = CountdownLabel()
    qtbot.addWidget(label)
    return label


def test_label_ticks(label: CountdownLabel) -> None:
    label.set_reading(reading("soon", 292), NOW)
    assert label.text == "余 0:04:52"
    assert label.accessibleName() == "余 4 分 52 秒"
    label.resize(label.sizeHint())
    before = picture(label)
    label.tick(NOW + timedelta(seconds=1))
    assert label.text == "余 0:04:51"
    assert not same(before, picture(label))
    assert label.sizeHint() == label.size()  # figures are tabular: nothing jumps


def test_label_without_a_clock(label: CountdownLabel) -> None:
    label.set_reading(reading("soon", 292), NOW)
    label.set_reading(None, NOW)
    assert label.text == "" and label.accessibleName() == ""
    label.resize(100, 26)
    assert count(picture(label), Theme().color("sla.soon.fill")) == 0


@pytest.mark.parametrize(("step", "height"), [("title_l", 26), ("body", 22), ("title", 26)])
def test_label_steps(qtbot, step: str, height: int) -> None:
    label = CountdownLabel(step=step)
    qtbot.addWidget(label)
    label.set_reading(reading("over2", -100000), NOW)
    assert label.sizeHint().height() == height
    label.resize(label.sizeHint())
    assert count(picture(label), Theme().color("sla.over2.fill")) > 60


def test_words_as_long_but_wider_get_their_room(qtbot) -> None:
    """「超 1:07:01」 and 「非工作时 余 3天」 have nine signs each; the layout has to hear of the second."""
    from PySide6.QtWidgets import QHBoxLayout, QWidget

    box = QWidget()
    qtbot.addWidget(box)
    row = QHBoxLayout(box)
    label = CountdownLabel(box)
    row.addWidget(label)
    row.addStretch(1)
    box.resize(600, 60)
    label.set_reading(reading("over1", -4021), NOW)
    box.show()
    qtbot.waitExposed(box)
    first = len(label.text)
    label.set_reading(reading("ok", 3 * D, counting=False, off_hours=True), NOW)
    assert len(label.text) == first
    qtbot.waitUntil(lambda: label.width() >= label.sizeHint().width())
