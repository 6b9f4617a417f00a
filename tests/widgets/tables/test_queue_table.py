"""The queue by keys and clicks; nothing jumps when the list changes; what is painted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest

from tests.widgets.gallery_rows import NOW, queue_rows
from tests.widgets.pixels import count, differing, picture, same
from widgets.tables.queue_row import QueueRow, column_names, column_width
from widgets.tables.queue_table import SCROLL_ROOM, CaseQueueTable
from widgets.theme import Theme, theme_store


@pytest.fixture
def table(qtbot) -> CaseQueueTable:
    table = CaseQueueTable(now=lambda: NOW)
    qtbot.addWidget(table)
    table.resize(808, 28 + 10 * 32)
    table.set_rows(queue_rows(100))
    with qtbot.waitExposed(table):
        table.show()
    table.setFocus()
    table.set_current_place(0)
    return table


def press(table: CaseQueueTable, *keys: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    for key in keys:
        QTest.keyClick(table, key, modifier)


def screen_place(table: CaseQueueTable, case_id: str) -> int:
    """How many rows below the top a case stands."""
    return table.queue_model().place_of(case_id) - table.verticalScrollBar().value()


# --- sizes -----------------------------------------------------------------------------------------


def test_sizes_of_the_design(table: CaseQueueTable) -> None:
    assert table.horizontalHeader().height() == 28
    assert table.rowHeight(0) == 32
    for place, name in enumerate(column_names()):
        if column_width(name) and name != "holder":
            assert table.columnWidth(place) == column_width(name), name


@pytest.mark.parametrize(("density", "height"), [("compact", 28), ("standard", 32), ("comfortable", 40)])
def test_densities(table: CaseQueueTable, density: str, height: int) -> None:
    table.set_density(density)
    assert table.density == density
    assert table.rowHeight(3) == height


def test_columns_stay_when_the_scroll_bar_goes(table: CaseQueueTable, qtbot) -> None:
    limit = column_names().index("limit")
    assert table.verticalScrollBar().isVisible()
    with_bar = table.columnViewportPosition(limit)
    table.set_rows(queue_rows(4))
    qtbot.waitUntil(lambda: not table.verticalScrollBar().isVisible())
    qtbot.waitUntil(lambda: table.columnWidth(len(column_names()) - 1) == 84 + SCROLL_ROOM)
    assert abs(table.columnViewportPosition(limit) - with_bar) <= 12


# --- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ([Qt.Key.Key_J], 1),
        ([Qt.Key.Key_Down, Qt.Key.Key_Down], 2),
        ([Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_K], 1),
        ([Qt.Key.Key_K], 0),
        ([Qt.Key.Key_Up], 0),
        ([Qt.Key.Key_End], 99),
        ([Qt.Key.Key_End, Qt.Key.Key_J], 99),
        ([Qt.Key.Key_End, Qt.Key.Key_Home], 0),
        ([Qt.Key.Key_PageDown], 9),
        ([Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp], 9),
    ],
)
def test_moving(table: CaseQueueTable, keys: list[Qt.Key], place: int) -> None:
    press(table, *keys)
    assert table.current_place() == place
    assert table.selectionModel().selectedRows()[0].row() == place
    assert 0 <= screen_place(table, table.current_id) <= 10


def test_moving_says_which_case(table: CaseQueueTable, qtbot) -> None:
    with qtbot.waitSignal(table.current_changed) as told:
        press(table, Qt.Key.Key_J)
    assert told.args == ["c1"]
    assert table.current_id == "c1"


def test_enter_opens(table: CaseQueueTable, qtbot) -> None:
    press(table, Qt.Key.Key_J)
    with qtbot.waitSignal(table.activated_case) as told:
        press(table, Qt.Key.Key_Return)
    assert told.args == ["c1"]


def test_a_double_click_opens(table: CaseQueueTable, qtbot) -> None:
    point = QPoint(300, table.rowViewportPosition(3) + 10)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert table.current_id == "c3"
    with qtbot.waitSignal(table.activated_case) as told:
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert told.args == ["c3"]


def test_space_marks(table: CaseQueueTable, qtbot) -> None:
    with qtbot.waitSignal(table.marks_changed) as told:
        press(table, Qt.Key.Key_Space)
    assert told.args == [("c0",)]
    press(table, Qt.Key.Key_J, Qt.Key.Key_J, Qt.Key.Key_Space)
    assert table.queue_model().marked() == ("c0", "c2")
    assert table.current_id == "c2"
    press(table, Qt.Key.Key_Space)
    assert table.queue_model().marked() == ("c0",)


def test_shift_marks_a_range(table: CaseQueueTable) -> None:
    press(table, Qt.Key.Key_J)
    press(table, Qt.Key.Key_J, Qt.Key.Key_J, shift=True)
    assert table.queue_model().marked() == ("c1", "c2", "c3")
    assert table.current_id == "c3"
    press(table, Qt.Key.Key_K, shift=True)
    assert table.queue_model().marked() == ("c1", "c2", "c3")


@pytest.mark.parametrize("key", [Qt.Key.Key_D, Qt.Key.Key_Q, Qt.Key.Key_Tab, Qt.Key.Key_F, Qt.Key.Key_1])
def test_other_keys_go_to_the_window(table: CaseQueueTable, key: Qt.Key) -> None:
    """Letters are no type-ahead search here; shortcuts of the window get them."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "d")
    table.keyPressEvent(event)
    assert not event.isAccepted()
    assert table.current_place() == 0


def test_control_keys_are_not_ours(table: CaseQueueTable) -> None:
    QTest.keyClick(table, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert table.current_place() == 0


def test_keys_in_an_empty_list(qtbot) -> None:
    table = CaseQueueTable()
    qtbot.addWidget(table)
    table.show()
    press(table, Qt.Key.Key_J, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_End)
    press(table, Qt.Key.Key_J, shift=True)
    assert table.current_place() == -1
    assert table.current_id == ""


# --- the list changes under the operator -------------------------------------------------------------


def test_the_current_row_keeps_its_place_on_the_screen(table: CaseQueueTable) -> None:
    table.select_case("c40")
    table.verticalScrollBar().setValue(36)
    assert screen_place(table, "c40") == 4
    model = table.queue_model()
    model.upsert(QueueRow("n1"), 0)
    model.upsert(QueueRow("n2"), 20)
    model.upsert(QueueRow("n3"), 90)
    assert (table.current_id, screen_place(table, "c40")) == ("c40", 4)
    model.remove(["c3", "c5", "c80"])
    assert (table.current_id, screen_place(table, "c40")) == ("c40", 4)
    model.move("c2", 70)
    assert (table.current_id, screen_place(table, "c40")) == ("c40", 4)
    table.set_rows(list(reversed(model.rows())))
    assert (table.current_id, screen_place(table, "c40")) == ("c40", 4)


def test_a_changed_row_moves_nothing(table: CaseQueueTable, qtbot) -> None:
    table.select_case("c40")
    top = table.verticalScrollBar().value()
    rows = list(table.queue_model().rows())
    rows[40] = replace(rows[40], summary="变了", band="over1")
    rows[2] = replace(rows[2], summary="变了")
    with qtbot.assertNotEmitted(table.current_changed):
        table.set_rows(rows)
    assert table.verticalScrollBar().value() == top
    assert table.current_id == "c40"


def test_out_of_sight_the_top_row_is_held(table: CaseQueueTable) -> None:
    table.set_current_place(0)
    table.verticalScrollBar().setValue(50)
    model = table.queue_model()
    model.upsert(QueueRow("n1"), 10)
    assert model.case_id_at(table.verticalScrollBar().value()) == "c50"
    model.remove(["c50"])
    assert screen_place(table, "c51") == 1  # what stood below stays; the gap closes above
    assert table.current_id == "c0"


def test_when_the_current_case_leaves_its_neighbour_is_current(table: CaseQueueTable, qtbot) -> None:
    table.select_case("c10")
    with qtbot.waitSignal(table.current_changed) as told:
        table.queue_model().remove(["c10"])
    assert told.args[0] in ("c9", "c11")
    assert table.current_id == told.args[0]


def test_another_list_keeps_the_case_when_it_is_there(table: CaseQueueTable, qtbot) -> None:
    table.select_case("c10")
    other = [QueueRow("x"), QueueRow("y")]
    with qtbot.waitSignal(table.current_changed) as told:
        table.set_rows(other)
    assert told.args == [""]
    assert table.current_place() == -1


def test_a_current_row_that_moves_is_followed(table: CaseQueueTable) -> None:
    table.select_case("c5")
    table.queue_model().move("c5", 60)
    assert table.current_id == "c5"
    assert table.current_place() == 60
    assert 0 <= screen_place(table, "c5") <= 10


def test_marks_survive(table: CaseQueueTable) -> None:
    table.queue_model().set_marked(["c1", "c50"])
    table.set_rows(list(reversed(table.queue_model().rows())))
    assert set(table.queue_model().marked()) == {"c1", "c50"}


def test_select_case(table: CaseQueueTable) -> None:
    assert table.select_case("c77")
    assert table.current_id == "c77"
    assert not table.select_case("nobody")
    assert table.current_id == "c77"
    assert table.row_of(77).case_id == "c77"
    assert table.row_of(-1) is None and table.row_of(100) is None


# --- head ------------------------------------------------------------------------------------------


def click_head(table: CaseQueueTable, name: str) -> None:
    head = table.horizontalHeader()
    x = head.sectionViewportPosition(column_names().index(name)) + 10
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))


def test_a_head_cell_asks_for_an_order(table: CaseQueueTable, qtbot) -> None:
    with qtbot.waitSignal(table.sort_requested) as told:
        click_head(table, "limit")
    assert told.args == ["limit", False]
    table.show_sort("limit")
    with qtbot.waitSignal(table.sort_requested) as told:
        click_head(table, "limit")
    assert told.args == ["limit", True]
    with qtbot.waitSignal(table.sort_requested) as told:
        click_head(table, "grid")
    assert told.args == ["grid", False]


@pytest.mark.parametrize("name", ["summary", "urgency", "sla_shape"])
def test_other_heads_do_not_sort(table: CaseQueueTable, qtbot, name: str) -> None:
    with qtbot.assertNotEmitted(table.sort_requested):
        click_head(table, name)


def test_the_sorted_head_is_marked(table: CaseQueueTable) -> None:
    before = picture(table.horizontalHeader())
    table.show_sort("category", True)
    assert table.horizontalHeader().sort == ("category", True)
    assert not same(before, picture(table.horizontalHeader()))


# --- paint -----------------------------------------------------------------------------------------


def row_area(table: CaseQueueTable, case_id: str) -> QRect:
    place = table.queue_model().place_of(case_id)
    top = table.rowViewportPosition(place) + table.horizontalHeader().height()
    return QRect(0, top, table.width(), table.rowHeight(place))


def test_the_current_row_has_ground_and_frame(table: CaseQueueTable) -> None:
    table.select_case("c2")
    look = Theme()
    area = row_area(table, "c2")
    image = picture(table)
    assert count(image, look.color("bg.selected"), area, 3) > 6000
    assert count(image, look.color("accent.base"), area) > 1500  # two lines across and the pip


def test_without_focus_there_is_no_frame(table: CaseQueueTable) -> None:
    table.select_case("c2")
    table.clearFocus()
    area = row_area(table, "c2")
    image = picture(table)
    assert count(image, Theme().color("bg.selected"), area, 3) > 6000
    assert count(image, Theme().color("accent.base"), area) < 200


def test_a_marked_row_has_the_edge_mark(table: CaseQueueTable) -> None:
    table.queue_model().set_marked(["c4"])
    area = row_area(table, "c4")
    edge = QRect(0, area.top(), 3, area.height())
    assert count(picture(table), Theme().color("accent.base"), edge) >= 80


def test_states_are_painted(table: CaseQueueTable) -> None:
    rows = queue_rows(100)
    rows[1] = replace(rows[1], pending="queued", holder_tone="pending")
    rows[3] = replace(rows[3], pending="conflict")
    rows[5] = replace(rows[5], locked_by="许未央")
    table.set_rows(rows)
    image, look = picture(table), Theme()
    assert count(image, look.color("sla.soon.soft"), row_area(table, "c1"), 3) > 400
    assert count(image, look.color("sla.over2.soft"), row_area(table, "c3"), 3) > 300
    assert count(image, look.color("sla.ok.soft"), row_area(table, "c5"), 3) > 300
    assert count(image, look.color("sla.over3.fill"), row_area(table, "c0")) > 1000  # octagon and chip


def test_words_the_design_does_not_know_never_break_the_paint(table: CaseQueueTable) -> None:
    strange = QueueRow(
        "s", "1120-9999", source_icon="?", band="?", limit_text="—", pending="?", urgency=9, stage_index=-3
    )
    table.queue_model().upsert(strange, 0)
    assert count(picture(table), Theme().color("sla.ok.text"), row_area(table, "s"), 40) > 20


def test_only_the_limit_column_is_repainted_each_second(table: CaseQueueTable) -> None:
    moment = [NOW]
    table.set_now(lambda: moment[0])
    before = picture(table)
    moment[0] = NOW + timedelta(seconds=1)
    table.tick()
    after = picture(table)
    column = column_names().index("limit")
    left = table.columnViewportPosition(column)
    right = left + table.columnWidth(column)
    changed = differing(before, after)
    assert not changed.isEmpty()
    assert left <= changed.left() and changed.right() <= right


def test_a_tick_asks_for_the_limit_column_only(table: CaseQueueTable, qtbot) -> None:
    from PySide6.QtCore import QEvent, QObject

    class Watcher(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.areas: list[QRect] = []

        def eventFilter(self, watched, event) -> bool:
            if event.type() == QEvent.Type.Paint:
                self.areas.append(event.rect())
            return False

    moment = [NOW]
    table.set_now(lambda: moment[0])
    table.viewport().repaint()
    watcher = Watcher()
    table.viewport().installEventFilter(watcher)
    moment[0] += timedelta(seconds=1)
    table.tick()
    qtbot.waitUntil(lambda: bool(watcher.areas))
    column = column_names().index("limit")
    assert watcher.areas[0].left() == table.columnViewportPosition(column)
    assert watcher.areas[0].width() == 102


def test_a_new_row_glows_once(table: CaseQueueTable, qtbot) -> None:
    model = table.queue_model()
    model.upsert(QueueRow("n", number_short="1120-0500", is_new=True), 2)
    assert table._glow.strength("n") > 0.9
    soft = Theme().color("accent.soft")
    assert count(picture(table), soft, row_area(table, "n"), 6) > 2000
    qtbot.waitUntil(lambda: not table._glow.active, timeout=4000)
    assert count(picture(table), soft, row_area(table, "n"), 3) == 0
    model.upsert(QueueRow("n", number_short="1120-0500", summary="变了", is_new=True))
    assert not table._glow.active


def test_reduced_motion_does_not_glow(table: CaseQueueTable) -> None:
    theme_store().set_reduced_motion(True)
    table.highlight(["c1"])
    assert not table._glow.active


def test_the_theme_changes_under_it(table: CaseQueueTable) -> None:
    theme_store().set_name("light")
    image = picture(table)
    light = Theme("light")
    assert count(image, light.color("bg.panel"), row_area(table, "c7"), 2) > 5000


def test_rows_being_read_are_skeletons(qtbot) -> None:
    """Any model that answers the row role will do; None is a row that is still being read."""
    table = CaseQueueTable()
    qtbot.addWidget(table)
    table.setModel(QStandardItemModel(6, len(column_names()), table))
    table.resize(808, 240)
    with qtbot.waitExposed(table):
        table.show()
    assert count(picture(table), Theme().color("bg.hover")) > 4000
    assert table.current_id == ""
    press(table, Qt.Key.Key_J, Qt.Key.Key_Space, Qt.Key.Key_Return)
    assert not table.select_case("c1")
    with pytest.raises(TypeError):
        table.queue_model()


def test_it_has_a_name(table: CaseQueueTable) -> None:
    assert table.accessibleName() == "案件队列"
