"""The five states of the connection pill."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture, same
from widgets.indicators.connection_pill import (
    ConnectionPill,
    ConnectionReading,
    ConnectionState,
    connection_words,
)
from widgets.theme import Theme

S = ConnectionState


@pytest.mark.parametrize(
    ("reading", "bold", "rest"),
    [
        (ConnectionReading(), "", "在线 · 已同步"),
        (ConnectionReading(S.ONLINE, 2), "", "在线 · 2 项待发送"),
        (ConnectionReading(S.SYNCING, percent=64), "", "正在同步 64%"),
        (ConnectionReading(S.OFFLINE), "离线", ""),
        (ConnectionReading(S.OFFLINE, 7, 1), "离线", "7 项待发送 · 1 项冲突"),
        (ConnectionReading(S.OFFLINE, 0, 1), "离线", "1 项冲突"),
        (ConnectionReading(S.NO_ANSWER, 1), "", "中心未答复 · 1 项待发送"),
        (ConnectionReading(S.SIGN_IN, 7), "", "登录已失效 · 7 项待发送"),
    ],
)
def test_words(reading: ConnectionReading, bold: str, rest: str) -> None:
    assert connection_words(reading) == (bold, rest)


@pytest.fixture
def pill(qtbot) -> ConnectionPill:
    pill = ConnectionPill()
    qtbot.addWidget(pill)
    return pill


@pytest.mark.parametrize(
    ("state", "token"),
    [
        (S.ONLINE, "sla.closed"),
        (S.SYNCING, "accent"),
        (S.OFFLINE, "sla.soon"),
        (S.NO_ANSWER, "sla.over2"),
        (S.SIGN_IN, "sla.over2"),
    ],
)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_each_state_has_its_tone(pill: ConnectionPill, name: str, state: S, token: str) -> None:
    from widgets.theme import theme_store

    theme_store().set_name(name)
    pill.set_reading(ConnectionReading(state, 7, 1, 64))
    pill.resize(pill.sizeHint())
    tone = Theme(name).tone(token)
    image = picture(pill)
    assert count(image, tone.soft, tolerance=4) > 500
    assert count(image, tone.text, tolerance=50) > 60


def test_red_states_differ_by_their_mark(pill: ConnectionPill) -> None:
    pictures = []
    for state in (S.NO_ANSWER, S.SIGN_IN):
        pill.set_reading(ConnectionReading(state, 7))
        pill.resize(200, 24)
        pictures.append(picture(pill).copy(0, 0, 30, 24))
    assert not same(*pictures)


def test_progress_is_an_arc(pill: ConnectionPill) -> None:
    arcs = []
    for percent in (10, 90):
        pill.set_reading(ConnectionReading(S.SYNCING, percent=percent))
        pill.resize(pill.sizeHint())
        arcs.append(count(picture(pill).copy(0, 0, 28, 24), Theme().tone("accent").text, tolerance=50))
    assert arcs[1] > arcs[0] * 2


def test_it_is_a_button(pill: ConnectionPill, qtbot) -> None:
    pill.set_reading(ConnectionReading(S.OFFLINE, 7, 1))
    assert pill.accessibleName() == "离线 7 项待发送 · 1 项冲突"
    assert pill.reading.waiting == 7
    pill.resize(pill.sizeHint())
    with qtbot.waitSignal(pill.clicked):
        QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    pill.show()
    pill.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(pill.clicked):
        QTest.keyClick(pill, Qt.Key.Key_Space)


def test_it_is_as_wide_as_its_words(pill: ConnectionPill) -> None:
    narrow = pill.sizeHint().width()
    pill.set_reading(ConnectionReading(S.OFFLINE, 7, 1))
    assert pill.sizeHint().width() > narrow + 40
    assert pill.sizeHint().height() == 24
