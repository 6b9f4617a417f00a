"""Nothing jumps: whatever changes in the list, the selected row keeps its place on the screen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.gallery_rows import NOW
from widgets.indicators.countdown import LimitReading
from widgets.tables.queue_pages import PagedQueueModel
from widgets.tables.queue_row import QueueRow, column_names
from widgets.tables.queue_table import CaseQueueTable

ROWS = 10


class Rows:
    """What the rows of a list say; a test changes the words."""

    def __init__(self, n: int) -> None:
        self.ids = [str(UUID(int=(n << 64) + i)) for i in range(n)]
        self.words: dict[str, str] = {}
        self.limits: dict[str, LimitReading] = {}

    def fetch(self, ids: tuple[str, ...]) -> list[QueueRow]:
        return [
            QueueRow(i, i[-4:], summary=self.words.get(i, ""), limit=self.limits.get(i), limit_text="—")
            for i in ids
        ]


@pytest.fixture
def shown(qtbot: Any) -> Iterator[tuple[CaseQueueTable, PagedQueueModel, Rows]]:
    rows = Rows(300)
    table = CaseQueueTable(now=lambda: NOW)
    qtbot.addWidget(table)
    model = PagedQueueModel(rows.fetch, parent=table)
    table.setModel(model)
    table.resize(808, 28 + ROWS * 32)
    with qtbot.waitExposed(table):
        table.show()
    yield table, model, rows


def put(model: PagedQueueModel, ids: list[str]) -> None:
    model.set_packed(b"".join(UUID(one).bytes for one in ids))


def offset(table: CaseQueueTable) -> int:
    """How many rows below the top the current row stands."""
    return table.current_place() - table.verticalScrollBar().value()


def changed_list(rng: random.Random, ids: list[str], spare: list[str], keep: str) -> list[str]:
    """Insert, remove, move and shuffle; the kept case stays in the list, at any place."""
    ids = list(ids)
    for _ in range(rng.randrange(1, 6)):
        act = rng.randrange(5)
        if act == 0 and spare:
            at = rng.randrange(len(ids) + 1)
            ids[at:at] = [spare.pop() for _ in range(min(len(spare), rng.randrange(1, 5)))]
        elif act == 1 and len(ids) > 40:
            for one in rng.sample([i for i in ids if i != keep], rng.randrange(1, 6)):
                ids.remove(one)
                spare.insert(0, one)
        elif act == 2:
            one = rng.choice(ids)
            ids.remove(one)
            ids.insert(rng.randrange(len(ids) + 1), one)
        elif act == 3:
            first = rng.randrange(len(ids))
            part = ids[first : first + 30]
            rng.shuffle(part)
            ids[first : first + 30] = part
        else:
            ids.reverse()
    return ids


@pytest.mark.parametrize("seed", range(5))
def test_the_selected_row_keeps_its_place_on_the_screen(shown: Any, seed: int) -> None:
    table, model, rows = shown
    rng = random.Random(seed)
    ids, spare = rows.ids[:120], rows.ids[120:]
    put(model, ids)
    chosen = rng.choice(ids)
    table.select_case(chosen)
    heard: list[str] = []
    table.current_changed.connect(heard.append)
    for _ in range(30):
        if rng.random() < 0.2:  # the operator scrolls a little; the row stays in sight
            low = max(0, table.current_place() - ROWS + 1)
            table.verticalScrollBar().setValue(rng.randint(low, table.current_place()))
        before = offset(table)
        ids = changed_list(rng, ids, spare, chosen)
        put(model, ids)
        place, last_top = ids.index(chosen), max(0, len(ids) - ROWS)
        top = min(max(place - before, 0), last_top)
        assert (table.current_id, table.current_place()) == (chosen, place)
        assert table.verticalScrollBar().value() == top, "only the ends of the list bring it nearer"
        QApplication.processEvents()
        assert table.verticalScrollBar().value() == top, "nor does it jump a moment later"
        assert table.selectionModel().selectedRows()[0].row() == place
    assert heard == []


@pytest.mark.parametrize("seed", range(2))
def test_out_of_sight_what_is_looked_at_stays(shown: Any, seed: int) -> None:
    table, model, rows = shown
    rng = random.Random(seed)
    ids, spare = rows.ids[:150], rows.ids[150:]
    put(model, ids)
    table.select_case(ids[0])
    for _ in range(25):
        table.verticalScrollBar().setValue(rng.randrange(40, len(ids) - 20))
        top = table.verticalScrollBar().value()
        if top <= table.current_place() <= top + ROWS:
            continue
        looked_at = ids[top]
        at = rng.choice([0, top, rng.randrange(top + 1)])
        fresh = [spare.pop() for _ in range(min(len(spare), 3))]
        ids = [*ids[:at], *fresh, *ids[at:]]
        put(model, ids)
        assert ids[table.verticalScrollBar().value()] == looked_at
        assert table.current_id == rows.ids[0]


def test_a_case_that_leaves_is_missed_and_the_hand_goes_on_from_there(shown: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:50])
    table.select_case(rows.ids[20])
    top = table.verticalScrollBar().value()
    left = [one for one in rows.ids[:50] if one != rows.ids[20]]
    put(model, left)
    assert table.current_id == "" and table.verticalScrollBar().value() == top
    table.clearFocus()
    table.setFocus()
    assert table.current_id == "", "the focus that comes back opens nothing by itself"
    QTest.keyClick(table, Qt.Key.Key_J)
    assert table.current_id == rows.ids[21]
    put(model, [one for one in left if one != rows.ids[21]])
    QTest.keyClick(table, Qt.Key.Key_K)
    assert table.current_id == rows.ids[19]


def test_another_question_begins_at_the_top(shown: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:50])
    table.select_case(rows.ids[40])
    put(model, rows.ids[60:200])
    table.start_over()
    assert (table.verticalScrollBar().value(), table.current_id) == (0, "")
    QTest.keyClick(table, Qt.Key.Key_J)
    assert table.current_place() == 0
    table.select_case(rows.ids[150])
    top = table.verticalScrollBar().value()
    put(model, rows.ids[60:190])
    table.start_over()
    assert (table.current_id, table.verticalScrollBar().value()) == (rows.ids[150], top)


# --- flashing ---------------------------------------------------------------------------------------------


def test_a_row_in_sight_that_says_something_else_flashes_once(shown: Any, qtbot: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:50])
    table.viewport().repaint()
    rows.words = {rows.ids[3]: "改派环卫", rows.ids[40]: "看不见"}
    asked = (rows.ids[3], rows.ids[4], rows.ids[40])
    model.changed(asked)
    table.flash_changed(asked)
    assert table._glow.strength(rows.ids[3]) > 0
    assert table._glow.strength(rows.ids[4]) == 0, "it says what it said"
    assert table._glow.strength(rows.ids[40]) == 0, "nobody sees it"
    qtbot.waitUntil(lambda: not table._glow.active, timeout=5000)
    table.viewport().repaint()
    model.changed(asked)
    table.flash_changed(asked)
    assert not table._glow.active, "once"


# --- time -------------------------------------------------------------------------------------------------


class Painted(QObject):
    """The rectangles a viewport was asked to paint."""

    def __init__(self, table: CaseQueueTable) -> None:
        super().__init__(table)
        self.areas: list[QRect] = []
        self._of = table.viewport()
        self._of.installEventFilter(self)

    def quiet(self) -> bool:
        """Whether nothing was painted just now."""
        self.areas.clear()
        QApplication.processEvents()
        return not self.areas

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._of and event.type() == QEvent.Type.Paint:
            self.areas += list(event.region())  # type: ignore[attr-defined] # a paint event
        return False


def test_a_tick_paints_times_that_read_differently_and_nothing_else(shown: Any, qtbot: Any) -> None:
    table, model, rows = shown
    counting, still = LimitReading("ok", 5000, NOW), LimitReading("suspended", 5000, NOW, counting=False)
    rows.limits = {rows.ids[1]: counting, rows.ids[2]: still, rows.ids[6]: counting}
    put(model, rows.ids[:50])
    moment = [NOW]
    table.set_now(lambda: moment[0])
    seen = Painted(table)
    qtbot.waitUntil(seen.quiet)
    moment[0] += timedelta(seconds=1)
    table.tick()
    qtbot.waitUntil(lambda: len(seen.areas) >= 2)
    limit = column_names().index("limit")
    x, width = table.columnViewportPosition(limit), table.columnWidth(limit)
    assert sorted((a.left(), a.width(), a.top() // 32) for a in seen.areas) == [(x, width, 1), (x, width, 6)]
    seen.areas.clear()
    table.tick()
    assert seen.quiet(), "the same second once more paints nothing"


def test_a_hidden_table_is_right_when_it_is_shown_again(shown: Any, qtbot: Any) -> None:
    table, model, rows = shown
    rows.limits = {rows.ids[0]: LimitReading("ok", 50, NOW)}
    put(model, rows.ids[:5])
    moment = [NOW]
    table.set_now(lambda: moment[0])
    table.hide()
    moment[0] += timedelta(seconds=9)
    table.tick()
    table.show()
    qtbot.waitUntil(lambda: table._times.get(0) == ("", "余 0:00:41"))


def test_rows_are_painted_from_kept_pictures(shown: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:50])
    table.viewport().repaint()
    kept = len(table._painter._strips)
    assert kept >= ROWS
    table.viewport().repaint()
    assert len(table._painter._strips) == kept
    rows.words[rows.ids[2]] = "变了"
    model.changed([rows.ids[2]])
    table.viewport().repaint()
    assert len(table._painter._strips) == kept + 1


def test_kept_pictures_have_a_bound(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from widgets.tables import row_painter

    monkeypatch.setattr(row_painter, "STRIP_BYTES", 0)
    table, model, rows = shown
    put(model, rows.ids)
    for top in range(0, 290, 10):
        table.verticalScrollBar().setValue(top)
        table.viewport().repaint()
    assert len(table._painter._strips) <= row_painter._LEAST_STRIPS


# --- pointer ----------------------------------------------------------------------------------------------


def test_control_and_shift_mark_by_the_pointer(shown: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:50])
    table.set_current_place(1)

    def click(place: int, held: Any) -> None:
        at = QPoint(300, table.rowViewportPosition(place) + 10)
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, at)

    click(4, Qt.KeyboardModifier.ControlModifier)
    assert model.marked() == (rows.ids[4],)
    click(3, Qt.KeyboardModifier.ShiftModifier)
    assert model.marked() == tuple(rows.ids[1:5])
    assert table.current_place() == 1
    click(4, Qt.KeyboardModifier.ControlModifier)
    assert model.marked() == tuple(rows.ids[1:4])


def test_the_hand_that_rests_on_a_cell_is_told_of_it(shown: Any) -> None:
    table, model, rows = shown
    put(model, rows.ids[:5])
    asked: list[tuple[str, str]] = []

    def card(case_id: str, column: str) -> str:
        asked.append((case_id, column))
        return "余量 2 小时"

    table.card_of = card
    at = QPoint(table.columnViewportPosition(column_names().index("limit")) + 5, 40)
    event = QHelpEvent(QEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at))
    QApplication.sendEvent(table.viewport(), event)
    assert asked == [(rows.ids[1], "limit")]
    assert table.show_card(3) == "余量 2 小时"
    assert asked[-1] == (rows.ids[3], "limit")
    assert table.show_card(99) == ""
