"""Segmented controls, framed and boxed."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.pixels import count, picture
from widgets.forms.segmented import Segment, Segmented
from widgets.theme import Theme

KINDS = (Segment("t", "投诉", "Alt+T"), Segment("q", "求助", "Alt+Q"), Segment("z", "咨询"))
URGENCY = tuple(Segment(str(n), word, urgency=n) for n, word in enumerate(("一般", "较急", "紧急", "特急")))


@pytest.fixture(params=[False, True], ids=["framed", "boxed"])
def control(request, qtbot) -> Segmented:
    control = Segmented(KINDS, boxed=request.param)
    qtbot.addWidget(control)
    control.resize(360 if request.param else control.sizeHint().width(), control.sizeHint().height())
    with qtbot.waitActive(control):
        control.show()
    return control


def test_nothing_is_chosen_silently(control: Segmented, qtbot) -> None:
    assert control.current == ""
    with qtbot.assertNotEmitted(control.chosen):
        control.set_current("q")
        control.set_current("unknown")
    assert control.current == ""


def test_click(control: Segmented, qtbot) -> None:
    boxes = control._boxes(Theme())
    with qtbot.waitSignal(control.chosen) as told:
        QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=boxes[1][1].center().toPoint())
    assert told.args == ["q"]
    with qtbot.assertNotEmitted(control.chosen):
        QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=boxes[1][1].center().toPoint())
        QTest.mouseClick(control, Qt.MouseButton.RightButton, pos=boxes[2][1].center().toPoint())
    assert control.accessibleDescription() == "求助"


@pytest.mark.parametrize(
    ("start", "key", "after"),
    [
        ("", Qt.Key.Key_Right, "t"),
        ("t", Qt.Key.Key_Right, "q"),
        ("z", Qt.Key.Key_Right, "z"),
        ("q", Qt.Key.Key_Left, "t"),
        ("", Qt.Key.Key_Left, "z"),
    ],
)
def test_keys(control: Segmented, start: str, key: Qt.Key, after: str) -> None:
    control.set_current(start)
    QTest.keyClick(control, key)
    assert control.current == after


def test_the_chosen_one_is_seen(control: Segmented) -> None:
    ground = Theme().color("bg.selected")
    assert count(picture(control), ground, tolerance=2) == 0
    control.set_current("q")
    assert count(picture(control), ground, tolerance=2) > 500


def test_focus_is_seen(control: Segmented) -> None:
    control.set_current("q")
    control.setFocus()
    assert count(picture(control), Theme().color("accent.focus")) > 80


def test_at_most_five(qtbot) -> None:
    with pytest.raises(ValueError, match="at most"):
        Segmented(tuple(Segment(str(n), "甲") for n in range(6)))


def test_urgency_has_its_bar(qtbot) -> None:
    control = Segmented(URGENCY, boxed=True)
    qtbot.addWidget(control)
    control.resize(400, 32)
    image, look = picture(control), Theme()
    heights = [
        count(image, look.color(t), tolerance=10)
        for t in ("sla.soon.fill", "sla.over1.fill", "sla.over2.fill")
    ]
    assert heights[0] < heights[1] < heights[2]
    assert control.sizeHint().height() == 32


def test_pointer_between_and_outside(control: Segmented) -> None:
    assert control._place_at(-5) == -1
    assert control._place_at(5000) == -1
    QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=QPoint(control.width() - 1, 2))
