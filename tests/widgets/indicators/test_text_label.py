"""Words with the line height of the token: wrapping, cutting, aligning."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tests.widgets.pixels import count, extent, picture
from widgets.indicators.text_label import TextLabel, wrap_lines
from widgets.theme import Theme
from widgets.theme.text import text_width

LONG = "路口雨水井盖整块缺失，洞口约 60 厘米，旁边是小学放学路线，家长用纸箱临时遮挡。16:10 放学前请先围挡。"


@pytest.mark.parametrize(
    ("step", "height"),
    [("title_l", 24), ("title", 24), ("heading", 20), ("body", 20), ("label", 16), ("caption", 16)],
)
def test_line_height_comes_from_the_token(qtbot, step: str, height: int) -> None:
    label = TextLabel("派遣", step)
    qtbot.addWidget(label)
    assert label.sizeHint().height() == height


def test_wrapping(qtbot) -> None:
    label = TextLabel(LONG, wrap=True)
    qtbot.addWidget(label)
    assert label.hasHeightForWidth()
    assert label.heightForWidth(400) == 40
    assert label.heightForWidth(200) == 4 * 20
    assert label.heightForWidth(2000) == 20
    assert label.sizeHint().width() <= 40 * 13 + 1


@pytest.mark.parametrize("width", [60, 137, 200, 400])
def test_lines_fit_and_lose_nothing(width: int) -> None:
    font = Theme().font("body")
    lines = wrap_lines(LONG, font, width)
    assert all(text_width(font, line) <= width + 0.5 for line in lines)
    assert "".join(lines).replace(" ", "") == LONG.replace(" ", "")
    assert not any(line.startswith(("，", "。")) for line in lines)


@pytest.mark.parametrize("align", [Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight])
def test_an_aligned_label_takes_the_room_of_its_column(qtbot, align: Qt.AlignmentFlag) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    label, left = TextLabel("19:12", align=align), TextLabel("19:12")
    column.addWidget(label)
    column.addWidget(left)
    host.resize(400, 80)
    host.show()
    assert label.width() > 300
    assert left.width() < 60


def test_paragraphs() -> None:
    font = Theme().font("body")
    assert wrap_lines("一\n\n二", font, 100) == ["一", "", "二"]
    assert wrap_lines("", font, 100) == [""]


def test_limited_lines_end_with_an_ellipsis(qtbot) -> None:
    label = TextLabel(LONG, wrap=True, max_lines=2)
    qtbot.addWidget(label)
    label.resize(200, 40)
    assert label.heightForWidth(200) == 40
    lines = label._lines(200)
    assert len(lines) == 2
    assert lines[1].endswith("…")


def test_one_line_is_cut(qtbot) -> None:
    label = TextLabel(LONG)
    qtbot.addWidget(label)
    label.resize(120, 20)
    assert not label.hasHeightForWidth()
    assert extent(picture(label), Theme().color("text.primary"), 60).right() < 120
    assert label.minimumSizeHint().width() <= 26


def test_changing(qtbot) -> None:
    label = TextLabel("甲", token="text.secondary")
    qtbot.addWidget(label)
    label.set_text("乙乙乙")
    assert label.text() == label.accessibleName() == "乙乙乙"
    label.resize(label.sizeHint())
    narrow = label.sizeHint().width()
    label.set_token("sla.over2.text", bold=True)
    assert label.sizeHint().width() >= narrow
    label.resize(label.sizeHint())
    assert count(picture(label), Theme().color("sla.over2.text"), tolerance=60) > 20
    label.setEnabled(False)
    assert count(picture(label), Theme().color("text.disabled"), tolerance=40) > 20


@pytest.mark.parametrize(
    ("align", "side"),
    [(Qt.AlignmentFlag.AlignLeft, 0), (Qt.AlignmentFlag.AlignHCenter, 1), (Qt.AlignmentFlag.AlignRight, 2)],
)
def test_alignment(qtbot, align: Qt.AlignmentFlag, side: int) -> None:
    label = TextLabel("派遣", align=align)
    qtbot.addWidget(label)
    label.resize(300, 20)
    third = QRect(side * 100, 0, 100, 20)
    assert count(picture(label), Theme().color("text.primary"), third, 60) > 20
