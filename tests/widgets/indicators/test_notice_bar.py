"""Notices inside a panel."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture, same
from widgets.forms.buttons import Button
from widgets.indicators.notice_bar import SEVERITIES, NoticeBar
from widgets.theme import Theme


@pytest.mark.parametrize("severity", sorted(SEVERITIES))
@pytest.mark.parametrize("name", ["dark", "light"])
def test_tone_and_mark(qtbot, severity: str, name: str) -> None:
    from widgets.theme import theme_store

    theme_store().set_name(name)
    bar = NoticeBar(severity, "网络已断开，可继续工作")
    qtbot.addWidget(bar)
    bar.resize(400, bar.sizeHint().height())
    tone = Theme(name).tone(SEVERITIES[severity][0])
    image = picture(bar)
    assert count(image, tone.soft, tolerance=3) > 6000
    assert count(image.copy(0, 0, 40, 40), tone.text, tolerance=60) > 15


def test_marks_differ_beside_their_colour() -> None:
    assert (
        len({icon for _, icon in SEVERITIES.values()}) == 3
    )  # warning and error share the triangle, not the word


def test_action(qtbot) -> None:
    bar = NoticeBar("warning", "网络已断开", "操作先存本机", "打开待发送", "Ctrl+O")
    qtbot.addWidget(bar)
    bar.resize(500, bar.sizeHint().height())
    bar.show()
    button = bar.findChild(Button)
    assert button.isVisible() and button.text() == "打开待发送"
    with qtbot.waitSignal(bar.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    bar.set_notice("info", "以下为本机数据")
    assert not button.isVisible()
    assert bar.accessibleName() == "以下为本机数据"


def test_long_sentences_wrap(qtbot) -> None:
    bar = NoticeBar(
        "error", "派遣 05 席许未央 14:11 已改派，您 14:15 的改派没有生效。", "照片属于补充，已照常收下。"
    )
    qtbot.addWidget(bar)
    assert bar.heightForWidth(200) > bar.heightForWidth(600)
    assert bar.accessibleName().endswith("照片属于补充，已照常收下。")


def test_changing_the_severity_changes_the_look(qtbot) -> None:
    bar = NoticeBar("info", "同样的话")
    qtbot.addWidget(bar)
    bar.resize(300, 40)
    before = picture(bar)
    bar.set_notice("error", "同样的话")
    assert not same(before, picture(bar))
    with pytest.raises(KeyError):
        bar.set_notice("fatal", "x")
