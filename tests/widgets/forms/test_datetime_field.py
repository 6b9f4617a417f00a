"""Moments in one time zone, typed and bounded."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from widgets.forms.datetime_field import DateTimeField

BEIJING = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 20, 12, 30, tzinfo=BEIJING)


@pytest.fixture
def field(qtbot) -> DateTimeField:
    field = DateTimeField("约定时间", BEIJING, "Alt+Y", required=True)
    qtbot.addWidget(field)
    field.set_moment(NOON)
    field.show()
    return field


def test_shown_in_its_zone(field: DateTimeField) -> None:
    assert field.editor.text() == "2026-11-20 12:30"
    field.set_moment(datetime(2026, 11, 20, 6, 32, 8, tzinfo=UTC))
    assert field.editor.text() == "2026-11-20 14:32"
    assert field.moment() == datetime(2026, 11, 20, 14, 32, tzinfo=BEIJING)


def test_setting_is_silent_typing_is_not(field: DateTimeField, qtbot) -> None:
    with qtbot.assertNotEmitted(field.changed):
        field.set_moment(NOON + timedelta(days=3))
    field.set_moment(NOON)
    field.set_error("请选择将来的时间")
    field.editor.setFocus()
    field.editor.setCurrentSection(field.editor.Section.MinuteSection)
    with qtbot.waitSignal(field.changed) as told:
        QTest.keyClick(field.editor, Qt.Key.Key_Up)
    assert told.args == [NOON + timedelta(minutes=1)]
    assert field.error == ""


def test_range(field: DateTimeField) -> None:
    field.set_range(NOON, NOON + timedelta(hours=1))
    field.editor.setDateTime(field.editor.dateTime().addSecs(86400))
    assert field.moment() == NOON + timedelta(hours=1)
    field.set_moment(NOON - timedelta(days=1))
    assert field.moment() == NOON
    field.set_range(None, None)
    field.set_moment(NOON - timedelta(days=1))
    assert field.moment() == NOON - timedelta(days=1)
