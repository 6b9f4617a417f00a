"""The painted list over any model: which rows are in sight, what is told of a cell, order and columns passed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHoverEvent, QStandardItemModel
from PySide6.QtWidgets import QToolTip

from tests.widgets.gallery_rows import NOW, queue_rows
from widgets.tables.painted_rows import PaintedRows
from widgets.tables.queue_columns import DENSITIES, ColumnLayout
from widgets.tables.queue_model import QueueModel
from widgets.tables.queue_row import column_names

ROWS = 8


@pytest.fixture
def model(qapp: Any) -> QueueModel:
    model = QueueModel()
    model.set_rows(queue_rows(40))
    return model


@pytest.fixture
def table(qtbot: Any, model: QueueModel) -> PaintedRows:
    table = PaintedRows(now=lambda: NOW)
    qtbot.addWidget(table)
    table.setModel(model)
    table.set_density("standard")
    table.resize(900, 28 + ROWS * 32)
    with qtbot.waitExposed(table):
        table.show()
    return table


def test_the_rows_in_sight(table: PaintedRows) -> None:
    assert table.shown_places() == range(ROWS)
    table.verticalScrollBar().setValue(10)
    assert table.shown_places() == range(10, 10 + ROWS)
    table.resize(900, 28 + ROWS * 32 + 5)
    assert table.shown_places() == range(10, 10 + ROWS + 1), "the one that is cut counts"
    table.verticalScrollBar().setValue(1000)
    assert table.shown_places().stop == 40


@pytest.mark.parametrize("rows", [0, 3])
def test_a_short_list_is_in_sight_whole(table: PaintedRows, model: QueueModel, rows: int) -> None:
    model.set_rows(queue_rows(rows))
    assert list(table.shown_places()) == list(range(rows))


def test_rows_by_place(table: PaintedRows, model: QueueModel) -> None:
    first = table.row_of(0)
    assert first is not None and first.case_id == model.case_id_at(0)
    assert table.row_of(-1) is None and table.row_of(40) is None


def test_a_model_of_another_kind_has_skeleton_rows(qtbot: Any) -> None:
    table = PaintedRows(now=lambda: NOW)
    qtbot.addWidget(table)
    other = QStandardItemModel(5, len(column_names()), table)
    table.setModel(other)
    table.resize(600, 200)
    with qtbot.waitExposed(table):
        table.show()
    assert table.row_of(2) is None and table.row_of(9) is None
    assert not table.grab().isNull()


@pytest.mark.parametrize("density", DENSITIES)
def test_columns_bring_their_density(table: PaintedRows, density: str) -> None:
    layout = ColumnLayout(density=density).with_shown("grid", False).with_width("holder", 150)
    table.set_columns(layout)
    assert table.density == density
    assert table.columns == layout
    assert table.isColumnHidden(column_names().index("grid"))
    assert (
        table.verticalHeader().defaultSectionSize()
        == {"compact": 28, "standard": 32, "comfortable": 40}[density]
    )


def test_columns_stand_where_the_layout_wants_them(table: PaintedRows) -> None:
    layout = ColumnLayout().moved("limit", -20)
    table.set_columns(layout)
    head = table.horizontalHeader()
    by_place = sorted(layout.names, key=lambda name: head.visualIndex(column_names().index(name)))
    assert tuple(by_place) == layout.names and by_place[0] == "limit"


class TestTold:
    """What is told of a cell."""

    def asks(self, table: PaintedRows) -> list[tuple[str, str]]:
        asked: list[tuple[str, str]] = []

        def card(case_id: str, column: str) -> str:
            asked.append((case_id, column))
            return f"{column} 的说明"

        table.card_of = card
        return asked

    def test_the_case_and_the_column_are_asked_for(self, table: PaintedRows, model: QueueModel) -> None:
        asked = self.asks(table)
        place = column_names().index("holder")
        assert table.show_card(3, place) == "holder 的说明"
        assert table.show_card(3) == "limit 的说明", "by the key it is the time"
        assert asked == [(model.case_id_at(3), "holder"), (model.case_id_at(3), "limit")]
        QToolTip.hideText()

    @pytest.mark.parametrize(
        ("place", "column"), [(-1, 2), (99, 2), (1, -1)], ids=["above", "below", "beside"]
    )
    def test_beside_the_rows_nothing_is_told(self, table: PaintedRows, place: int, column: int) -> None:
        asked = self.asks(table)
        assert table.show_card(place, column) == "" and asked == []

    def test_without_somebody_who_knows_nothing_is_told(self, table: PaintedRows) -> None:
        assert table.show_card(1, 2) == ""


def test_the_row_under_the_pointer_is_raised_and_falls_back(table: PaintedRows) -> None:
    def hover(kind: QEvent.Type, y: int) -> None:
        point = QPointF(50, y)
        event = QHoverEvent(kind, point, point, point, Qt.KeyboardModifier.NoModifier)
        table.viewportEvent(event)

    plain = table.grab().toImage()
    hover(QEvent.Type.HoverMove, 2 * 32 + 5)
    raised = table.grab().toImage()
    assert raised != plain
    top = table.viewport().mapTo(table, QPoint(0, 0)).y()
    differ = {
        (y - top) // 32
        for y in range(top, raised.height())
        if any(raised.pixel(x, y) != plain.pixel(x, y) for x in range(0, raised.width(), 40))
    }
    assert differ == {2}, "that row alone"
    hover(QEvent.Type.HoverLeave, 0)
    assert table.grab().toImage() == plain


def test_times_follow_another_clock(table: PaintedRows) -> None:
    before = table.grab().toImage()
    table.set_now(lambda: NOW + timedelta(days=2))
    assert table.grab().toImage() != before
    table.set_now(lambda: NOW)
    assert table.grab().toImage() == before


def test_a_hidden_list_asks_for_no_paint(table: PaintedRows) -> None:
    table.hide()
    table.set_now(lambda: NOW + timedelta(hours=1))
    table.tick()
    assert not table.isVisible()


def test_only_rows_in_sight_that_say_something_else_stand_out(table: PaintedRows, model: QueueModel) -> None:
    table.grab()
    rows = list(model.rows())
    rows[1], rows[30] = replace(rows[1], summary="改过"), replace(rows[30], summary="改过")
    model.set_rows(rows)
    table.flash_changed([rows[1].case_id, rows[2].case_id, rows[30].case_id])
    glow = table._glow
    assert glow.strength(rows[1].case_id) > 0
    assert glow.strength(rows[2].case_id) == glow.strength(rows[30].case_id) == 0
