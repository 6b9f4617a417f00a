"""Columns by hand: dragged wider, to another place, hidden; they stay where they were put."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint

from tests.widgets.gallery_rows import NOW, queue_rows
from tests.widgets.pixels import picture, same
from widgets.tables.queue_columns import SUMMARY_LEAST, ColumnLayout
from widgets.tables.queue_header import SCROLL_ROOM
from widgets.tables.queue_row import column_names, column_width
from widgets.tables.queue_table import CaseQueueTable


@pytest.fixture
def table(qtbot: Any) -> CaseQueueTable:
    table = CaseQueueTable(now=lambda: NOW)
    qtbot.addWidget(table)
    table.resize(808, 28 + 10 * 32)
    table.set_rows(queue_rows(60))
    with qtbot.waitExposed(table):
        table.show()
    return table


def width(table: CaseQueueTable, name: str) -> int:
    return table.columnWidth(column_names().index(name))


def shown(table: CaseQueueTable) -> list[str]:
    return [name for name, _, _ in table._head.boxes()]


def test_a_dragged_edge_is_remembered(table: CaseQueueTable) -> None:
    heard: list[ColumnLayout] = []
    table.columns_arranged.connect(heard.append)
    words = width(table, "summary")
    table._head.resizeSection(column_names().index("grid"), 118)
    assert heard[-1].width("grid") == 118
    assert table.columns == heard[-1]
    assert width(table, "summary") == words - 40, "the words give way"


def test_no_column_grows_over_the_words(table: CaseQueueTable) -> None:
    table._head.resizeSection(column_names().index("grid"), 700)
    table.resize(807, table.height())
    table.resize(808, table.height())
    assert width(table, "summary") >= SUMMARY_LEAST - 1
    assert table.columns.width("grid") <= 400


def test_no_column_gets_too_narrow(table: CaseQueueTable) -> None:
    table._head.resizeSection(column_names().index("limit"), 20)
    assert (width(table, "limit"), table.columns.width("limit")) == (84, 84)


def test_a_dragged_head_changes_the_order(table: CaseQueueTable) -> None:
    heard: list[ColumnLayout] = []
    table.columns_arranged.connect(heard.append)
    table._head.moveSection(8, 2)
    assert shown(table)[:4] == ["urgency", "sla_shape", "limit", "number"]
    assert heard[-1].names[2] == "limit"
    table._head.moveSection(9, 3)
    assert shown(table)[-1] == "stage"
    last = column_width("stage") + (0 if table.verticalScrollBar().isVisible() else SCROLL_ROOM)
    assert width(table, "stage") == last
    assert width(table, "holder") == column_width("holder")


def test_layouts_are_put_and_put_back(table: CaseQueueTable) -> None:
    before = picture(table)
    layout = (
        ColumnLayout(density="compact")
        .with_shown("source", False)
        .with_width("grid", 130)
        .moved("holder", -5)
    )
    table.set_columns(layout)
    assert table.columns == layout and table.rowHeight(0) == 28
    assert "source" not in shown(table) and width(table, "grid") == 130
    assert not same(before, picture(table))
    table.set_columns(ColumnLayout())
    assert shown(table) == list(column_names())
    assert same(before, picture(table))


def test_hidden_columns_are_not_painted(table: CaseQueueTable) -> None:
    table.set_columns(ColumnLayout().with_shown("holder", False))
    edge = max(x + wide for _, x, wide in table._head.boxes())
    room = 0 if table.verticalScrollBar().isVisible() else SCROLL_ROOM
    assert table._head.last_shown() == "limit"
    assert width(table, "limit") == column_width("limit") + room
    assert edge == table.viewport().width()


def test_the_menu_is_asked_for(table: CaseQueueTable) -> None:
    heard: list[QPoint] = []
    table.menu_wanted.connect(heard.append)
    from PySide6.QtGui import QContextMenuEvent

    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(105, 205))
    table._head.contextMenuEvent(event)
    assert heard == [QPoint(105, 205)]
