"""The limit as a picture: slices, ticks, marks, readable in grey and on paper."""

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from tests.widgets.pixels import count, picture, same
from widgets.charts.limit_ledger import (
    LedgerBar,
    LedgerSlice,
    LimitLedger,
    SliceKind,
    draw_ledger,
    draw_slice,
    slice_label,
    span_of,
    ticks_of,
)
from widgets.theme import Theme, theme_store

DAY = datetime(2026, 11, 20, tzinfo=timezone(timedelta(hours=8)))
K = SliceKind


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def bar(**more) -> LedgerBar:
    values = {
        "start": at(10),
        "due": at(16),
        "now": at(14.5),
        "slices": (
            LedgerSlice(at(10), at(12), K.COUNTING),
            LedgerSlice(at(12), at(13.5), K.NON_WORKING),
            LedgerSlice(at(13.5), at(16), K.COUNTING),
        ),
    }
    return LedgerBar(**{**values, **more})


def test_every_kind_has_a_word() -> None:
    words = [slice_label(kind) for kind in SliceKind]
    assert len(set(words)) == len(SliceKind)
    assert slice_label(K.PAUSE) == "挂账停钟"


def test_span() -> None:
    first, last = span_of(bar())
    assert first == at(10)
    assert at(16) < last < at(16.3)
    first, last = span_of(bar(now=at(20), due=None))
    assert at(20) < last
    moment = at(9)
    first, last = span_of(LedgerBar(moment, moment, moment, ()))
    assert last > first


@pytest.mark.parametrize(
    ("hours", "width", "words"),
    [
        (6, 400, ["10", "11", "12", "13", "14", "15", "16"]),
        (6, 200, ["10", "12", "14", "16"]),
        (1, 400, ["10:00", "10:15", "10:30", "10:45", "11:00"]),
        (48, 300, ["12", "11-21", "12", "11-22"]),
        (24 * 10, 400, ["11-22", "11-24", "11-26", "11-28", "11-30"]),
    ],
)
def test_ticks(hours: float, width: float, words: list[str]) -> None:
    ticks = ticks_of(at(10), at(10 + hours), width)
    assert [word for _, word in ticks] == words
    seconds_per_px = hours * 3600 / width
    gaps = [(b[0] - a[0]).total_seconds() / seconds_per_px for a, b in pairwise(ticks)]
    assert all(gap >= 55 for gap in gaps)


@pytest.mark.parametrize("days", [60, 400])
def test_ticks_of_long_clocks_are_few(days: int) -> None:
    assert 2 <= len(ticks_of(at(0), at(24 * days), 400)) <= 15


def slice_picture(kind: SliceKind, name: str) -> QImage:
    look = Theme(name)
    image = QImage(60, 24, QImage.Format.Format_ARGB32)
    image.fill(look.color("bg.panel"))
    painter = QPainter(image)
    draw_slice(painter, QRectF(2, 2, 56, 20), kind, look)
    painter.end()
    return image


@pytest.mark.parametrize("name", ["dark", "light"])
def test_kinds_look_different(name: str) -> None:
    pictures = [slice_picture(kind, name) for kind in SliceKind]
    for number, one in enumerate(pictures):
        assert not any(same(one, other) for other in pictures[number + 1 :])


@pytest.mark.parametrize("name", ["dark", "light"])
def test_kinds_can_be_told_apart_in_grey(name: str) -> None:
    greys = [slice_picture(kind, name).convertToFormat(QImage.Format.Format_Grayscale8) for kind in SliceKind]
    for number, one in enumerate(greys):
        assert not any(same(one, other) for other in greys[number + 1 :])


@pytest.fixture
def ledger(qtbot) -> LimitLedger:
    ledger = LimitLedger(bar())
    qtbot.addWidget(ledger)
    ledger.resize(500, ledger.sizeHint().height())
    return ledger


def test_widget(ledger: LimitLedger) -> None:
    assert ledger.height() == 100
    assert ledger.accessibleName() == "时限说明书"
    assert (
        ledger.accessibleDescription()
        == "计时 10:00–12:00；非工作时 12:00–13:30；计时 13:30–16:00；到期 16:00"
    )
    assert ledger.toolTip().count("\n") == 2


def test_now_and_due_are_marked(ledger: LimitLedger) -> None:
    image, look = picture(ledger), Theme()
    assert count(image, look.color("sla.soon.text"), tolerance=50) > 30
    assert count(image, look.color("text.primary"), tolerance=50) > 30


def test_what_is_to_come_is_hollow(ledger: LimitLedger) -> None:
    grey = Theme().color("text.tertiary")
    partly = count(picture(ledger), grey, tolerance=3)
    ledger.set_bar(bar(now=at(16)))
    assert count(picture(ledger), grey, tolerance=3) > partly + 1000


def test_a_clock_that_stands_still_has_no_due_time(ledger: LimitLedger) -> None:
    ledger.set_bar(bar(due=None))
    assert "到期" not in ledger.accessibleDescription()
    assert ledger.bar is not None and ledger.bar.due is None
    picture(ledger)


def test_an_ended_clock_is_quiet(ledger: LimitLedger) -> None:
    ledger.set_bar(bar(ended=True))
    assert count(picture(ledger), Theme().color("sla.soon.text"), tolerance=20) == 0


def test_nothing(ledger: LimitLedger) -> None:
    ledger.set_bar(None)
    assert ledger.bar is None
    assert count(picture(ledger), Theme().color("text.tertiary"), tolerance=3) == 0


def test_light(ledger: LimitLedger) -> None:
    theme_store().set_name("light")
    assert count(picture(ledger), Theme("light").color("text.tertiary"), tolerance=3) > 1000


@pytest.mark.parametrize("ratio", [1.0, 3.0])
def test_on_paper(ratio: float) -> None:
    """Anything that paints will do: a page at any density, in the light theme."""
    paper = QImage(round(500 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    paper.setDevicePixelRatio(ratio)
    paper.fill(0xFFFFFFFF)
    painter = QPainter(paper)
    draw_ledger(painter, QRectF(0, 0, 500, 100), bar(), Theme("light"))
    painter.end()
    assert count(paper, Theme("light").color("text.tertiary"), tolerance=3) > 1000 * ratio


def test_marks_stay_inside(ledger: LimitLedger) -> None:
    ledger.set_bar(bar(due=at(10.1), now=at(16.5)))
    image = picture(ledger)
    primary = Theme().color("text.primary")
    assert (
        count(image.copy(0, 0, 90, 24), primary, tolerance=60) > 20
    )  # the due words, pushed in from the left edge


def test_the_legend_names_only_what_is_there(ledger: LimitLedger) -> None:
    two = count(picture(ledger).copy(0, 70, 500, 30), Theme().color("text.secondary"), tolerance=50)
    every = tuple(LedgerSlice(at(10 + n), at(11 + n), kind) for n, kind in enumerate(SliceKind))
    ledger.set_bar(bar(slices=every))
    assert (
        count(picture(ledger).copy(0, 70, 500, 30), Theme().color("text.secondary"), tolerance=50) > two * 2
    )
