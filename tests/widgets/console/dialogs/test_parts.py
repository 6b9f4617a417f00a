"""Parts of the dialogs on their own: condition list, pick field, choice, moment, chips, strip."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from console.viewmodels.actions.choices import Choice, ConditionChoice
from console.viewmodels.actions.deciding import GOOD, WARN, Check
from console.viewmodels.actions.photos import photo_of
from console.windows.dialogs.co_units import CoUnits
from console.windows.dialogs.condition_list import ConditionList
from console.windows.dialogs.decide_dialog import CheckLines
from console.windows.dialogs.photo_strip import PhotoStrip
from console.windows.dialogs.pick_field import PickField, picker_items
from console.windows.dialogs.spec_fields import ChoiceField, FlagField, MomentField
from services.domain.limits import Limit
from tests.support.typing_in import type_in
from tests.widgets.pixels import count, picture
from widgets.theme import theme, theme_store

DUE = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
ROWS = (
    ConditionChoice(0, "缺失移位", Limit(2, "urgent_hour"), DUE),
    ConditionChoice(1, "破损较大", Limit(4, "work_hour"), DUE),
    ConditionChoice(2, "弹跳异响", Limit(2, "work_day"), DUE),
)
UNITS = (
    Choice("muni", "市政公用服务中心", "市政", "muni", "shi zheng gong yong fu wu zhong xin", "szgyfwzx"),
    Choice("sani", "市容环卫中心", "环卫", "sani", "shi rong huan wei zhong xin", "srhwzx"),
)


@pytest.fixture
def stand(qtbot):
    """Put a part into a window with another field after it."""
    hosts: list[QWidget] = []  # held: qtbot itself holds nothing

    def make(part: QWidget) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.addWidget(part)
        column.addWidget(QLineEdit(host))
        host.resize(640, 420)
        qtbot.addWidget(host)
        hosts.append(host)
        host.show()
        host.activateWindow()
        qtbot.waitUntil(host.isActiveWindow)
        return host

    return make


# --- conditions ---------------------------------------------------------------------------------------


@pytest.fixture
def conditions(stand):
    made = ConditionList(lambda when: when.strftime("%H:%M"))
    made.set_conditions(ROWS, None)
    stand(made)
    return made


def test_arrows_start_at_the_near_end_and_stop_at_the_far_one(conditions):
    chosen = []
    conditions.chosen.connect(chosen.append)
    for _ in range(4):
        QTest.keyClick(conditions, Qt.Key.Key_Down)
    QTest.keyClick(conditions, Qt.Key.Key_Up)
    assert chosen == [0, 1, 2, 2, 1]


def test_digits_beyond_the_list_choose_nothing(conditions):
    QTest.keyClick(conditions, Qt.Key.Key_9)
    assert conditions.current is None
    QTest.keyClick(conditions, Qt.Key.Key_0)
    assert conditions.current is None
    QTest.keyClick(conditions, Qt.Key.Key_2)
    assert conditions.current == 1


def test_clicks_on_the_head_or_below_choose_nothing(conditions, qtbot):
    qtbot.mouseClick(conditions, Qt.MouseButton.LeftButton, pos=QPoint(30, 5))
    qtbot.mouseClick(conditions, Qt.MouseButton.LeftButton, pos=QPoint(30, conditions.height() - 1))
    assert conditions.current in (None, 2)
    qtbot.mouseClick(conditions, Qt.MouseButton.LeftButton, pos=QPoint(30, 24 + 36 + 10))
    assert conditions.current == 1


@pytest.mark.parametrize("look", ["dark", "light"])
def test_the_chosen_condition_stands_out(conditions, look):
    theme_store().set_name(look)
    assert count(picture(conditions), theme().color("accent.soft"), tolerance=3) < 50
    conditions.choose(1)
    assert count(picture(conditions), theme().color("accent.soft"), tolerance=3) > 2000


def test_without_a_category_the_list_says_what_to_do(conditions, stand):
    empty = ConditionList(str)
    stand(empty)
    assert empty.sizeHint().height() < conditions.sizeHint().height()
    assert count(picture(empty), theme().color("text.tertiary"), tolerance=60) > 20


def test_an_error_takes_its_room_and_goes(conditions):
    before = conditions.sizeHint().height()
    conditions.set_error("请选择立案条件")
    assert conditions.sizeHint().height() == before + 20
    conditions.set_error("")
    assert conditions.sizeHint().height() == before


def test_the_choice_is_told_to_a_screen_reader(conditions):
    conditions.set_conditions(ROWS, 1)
    assert conditions.accessibleDescription() == "破损较大"


# --- pick field ---------------------------------------------------------------------------------------


@pytest.fixture
def field(stand):
    made = PickField("承办单位", placeholder="拼音")
    made.set_choices(UNITS)
    stand(made)
    return made


def test_the_list_unfolds_while_searching_and_folds_after_a_choice(field):
    assert not field.picker.list.isVisible()
    type_in(field.picker.line, "srhw")
    assert field.picker.list.isVisible()
    QTest.keyClick(field.picker.line, Qt.Key.Key_Return)
    assert field.chosen == "sani"
    assert field.picker.line.text() == "市容环卫中心"
    assert not field.picker.list.isVisible()


def test_leaving_the_field_puts_the_chosen_name_back(field):
    field.set_chosen("muni", "市政公用服务中心")
    field.picker.line.setFocus()
    field.picker.line.selectAll()
    type_in(field.picker.line, "x")
    field.parentWidget().findChildren(QLineEdit)[-1].setFocus()
    assert field.picker.line.text() == "市政公用服务中心"
    assert not field.picker.list.isVisible()


def test_esc_folds_without_leaving_the_dialog(field):
    field.picker.line.setFocus()
    type_in(field.picker.line, "s")
    QTest.keyClick(field.picker.line, Qt.Key.Key_Escape)
    assert not field.picker.list.isVisible()
    assert field.picker.line.text() == ""


def test_down_unfolds_everything(field):
    field.set_chosen("muni", "市政公用服务中心")
    field.picker.line.setFocus()
    QTest.keyClick(field.picker.line, Qt.Key.Key_Down)
    assert field.picker.list.isVisible()
    assert field.picker.count == 2


def test_an_error_marks_the_line(field):
    field.set_error("请选承办单位")
    assert field.picker.line.property("invalid") is True
    assert field.picker.line.accessibleDescription() == "请选承办单位"
    field.set_error("")
    assert field.picker.line.property("invalid") is False


def test_choices_become_picker_items_with_all_their_keys():
    (first, _) = picker_items(UNITS)
    assert (first.id, first.short, first.initials) == ("muni", "市政", "szgyfwzx")


# --- small fields -------------------------------------------------------------------------------------


def test_a_choice_says_its_error_and_its_key(stand):
    choice = ChoiceField("是否联系上", (("yes", "是"), ("no", "否")), True)
    stand(choice)
    choice.set_error("请选择")
    assert choice.segmented.accessibleDescription() == "请选择"
    choice.segmented.choose("no")
    assert choice.segmented.current == "no"


def test_a_tick_has_its_error_on_hover(stand):
    flag = FlagField("要求回复")
    stand(flag)
    flag.set_error("不能勾选")
    assert flag.box.toolTip() == "不能勾选"


def test_a_moment_is_shown_in_the_centres_zone_and_given_back_in_utc(stand):
    field = MomentField("到期", "Asia/Shanghai", DUE)
    stand(field)
    assert field.editor.text() == "2026-11-20 16:30"
    assert field.moment() == DUE
    field.editor.setDateTime(field.editor.dateTime().addDays(1))
    assert field.moment() == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def test_co_units_are_added_and_taken_out(stand, qtbot):
    units = CoUnits("协办单位")
    stand(units)
    units.set_units((), UNITS)
    added, removed = [], []
    units.added.connect(added.append)
    units.removed.connect(removed.append)
    type_in(units.field.picker.line, "szgy")
    QTest.keyClick(units.field.picker.line, Qt.Key.Key_Return)
    assert added == ["muni"]
    units.set_units((("muni", "市政公用服务中心"),), UNITS[1:])
    assert units.buttons[0].accessibleName() == "移除协办 市政公用服务中心"
    qtbot.mouseClick(units.buttons[0], Qt.MouseButton.LeftButton)
    assert removed == ["muni"]
    units.set_error("主办单位不能同时是协办单位")
    assert units.field.picker.line.property("invalid") is True


def test_checks_are_drawn_with_tick_or_warning_and_read_out(stand, qtbot):
    lines = CheckLines()
    stand(lines)
    lines.set_checks((Check(GOOD, "到期前提出"), Check(WARN, "第 2 次延期")))
    assert lines.accessibleName() == "到期前提出；第 2 次延期"
    qtbot.waitUntil(lambda: lines.height() == 56)
    image = picture(lines)
    assert count(image, theme().color("sla.closed.text"), tolerance=40) > 5
    assert count(image, theme().color("sla.soon.text"), tolerance=40) > 5


# --- strip --------------------------------------------------------------------------------------------


def green_png() -> bytes:
    from console.windows.dialogs.photo_strip import _png

    image = QImage(200, 120, QImage.Format.Format_RGB32)
    image.fill(QColor("#00aa33"))
    return _png(image)


def test_a_picture_fills_its_thumbnail_and_a_file_shows_its_name(stand):
    strip = PhotoStrip()
    stand(strip)
    strip.set_photos((photo_of(green_png(), "现场.png"),))
    strip.resize(600, strip.sizeHint().height())
    assert count(picture(strip), QColor("#00aa33"), tolerance=20) > 94 * 64 * 0.6
    assert strip.accessibleDescription() == "1 个附件"
    strip.set_photos((photo_of(b"%PDF", "说明.pdf"),))
    assert count(picture(strip), QColor("#00aa33"), tolerance=20) == 0


def test_a_broken_picture_is_shown_as_a_file(stand):
    strip = PhotoStrip()
    stand(strip)
    strip.set_photos((photo_of(b"no picture at all", "坏.png"),))
    strip.resize(600, strip.sizeHint().height())
    assert strip.photos[0].mime == "image/png"
    assert count(picture(strip), theme().color("text.secondary"), tolerance=40) > 10


def test_the_strip_grows_with_photos_and_with_an_error(stand):
    strip = PhotoStrip()
    stand(strip)
    empty = strip.sizeHint().height()
    strip.set_error("请拖入文件")
    assert strip.sizeHint().height() == empty + 20
    strip.set_error("")
    strip.set_photos((photo_of(b"x", "a.txt"),))
    assert strip.sizeHint().height() > empty
