"""The history of a case."""

import pytest

from tests.widgets.pixels import count, extent, picture
from widgets.indicators.timeline import Timeline, TimelineEntry
from widgets.theme import Theme

LONG = "到场，已用锥桶围挡，上传 2 张照片，并通知水务值班人员到场关闭阀门，预计四十分钟后恢复通行"
ENTRIES = (
    TimelineEntry("14:20", "方知夏（网格员）", LONG, "now"),
    TimelineEntry("14:07", "值班长 顾怀舟", "立案，处置时限 2 紧急工作时"),
    TimelineEntry("14:02", "受理员 林晓禾", "热线登记", mark="待发送", mark_icon="cloud_up"),
)


def timeline(qtbot, entries=ENTRIES, **more) -> Timeline:
    line = Timeline(entries, **more)
    qtbot.addWidget(line)
    line.resize(400, line.heightForWidth(400))
    return line


def test_a_line_each(qtbot) -> None:
    line = timeline(qtbot)
    assert line.height() == 3 * 24
    assert not line.hasHeightForWidth()
    assert LONG in line.toolTip()  # cut words can be read


def test_wrapping(qtbot) -> None:
    line = timeline(qtbot, wrap=True)
    assert line.hasHeightForWidth()
    assert line.height() > 3 * 24
    assert line.heightForWidth(200) > line.heightForWidth(400) > line.heightForWidth(2000) == 72
    assert line.toolTip() == ""


def test_it_speaks(qtbot) -> None:
    line = timeline(qtbot)
    assert "14:07 值班长 顾怀舟 立案，处置时限 2 紧急工作时" in line.accessibleName()
    assert line.entries == ENTRIES
    assert line.sizeHint().height() == 72


def test_the_latest_has_the_accent_dot(qtbot) -> None:
    line = timeline(qtbot)
    box = extent(picture(line), Theme().color("accent.base"), 20)
    assert box.height() <= 8 and box.bottom() < 24
    assert 44 <= box.left() <= 54


@pytest.mark.parametrize(("tone", "token"), [("sla.over2", "sla.over2.fill"), ("", "line.strong")])
def test_other_dots(qtbot, tone: str, token: str) -> None:
    line = timeline(qtbot, (TimelineEntry("14:20", "系统", "合并", tone),))
    assert count(picture(line), Theme().color(token)) > 12


def test_an_undecided_entry_carries_its_mark(qtbot) -> None:
    line = timeline(qtbot)
    box = extent(picture(line), Theme().color("sla.soon.soft"), 3)
    assert box.top() >= 48 and box.height() in (19, 20)


def test_long_times_move_the_rest(qtbot) -> None:
    short = timeline(qtbot, (TimelineEntry("14:20", "系统", "合并", "now"),))
    long = timeline(qtbot, (TimelineEntry("2025-11-19 14:20", "系统", "合并", "now"),))
    accent = Theme().color("accent.base")
    assert extent(picture(long), accent, 20).left() > extent(picture(short), accent, 20).left() + 30


def test_empty(qtbot) -> None:
    line = timeline(qtbot, ())
    assert line.heightForWidth(400) == 0
    line.set_entries(ENTRIES)
    assert line.sizeHint().height() == 72
