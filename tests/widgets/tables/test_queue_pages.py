"""The queue of any length: sixteen bytes a row, pages read when they are looked at, nothing jumps."""

import random
import tracemalloc
from collections.abc import Sequence
from uuid import UUID

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from tests.widgets.pixels import count, picture
from widgets.tables.queue_pages import PackedKeys, PagedQueueModel
from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow
from widgets.tables.queue_table import CaseQueueTable
from widgets.theme import Theme


def case_id(number: int) -> str:
    return str(UUID(int=number))


class Store:
    """Rows by id; remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.missing: set[str] = set()
        self.word = "甲"

    def fetch(self, ids: tuple[str, ...]) -> Sequence[QueueRow]:
        self.asked.append(ids)
        return [
            QueueRow(one, number_short=one[-4:], summary=self.word)
            for one in reversed(ids)
            if one not in self.missing
        ]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def model(store: Store) -> PagedQueueModel:
    model = PagedQueueModel(store.fetch, page=10, kept=3)
    model.set_keys([case_id(n) for n in range(100)])
    return model


# --- keys --------------------------------------------------------------------------------------------


def test_packed_keys() -> None:
    keys = PackedKeys([case_id(n) for n in range(5)])
    assert len(keys) == 5
    assert keys.at(3) == case_id(3)
    assert keys.place_of(case_id(4)) == 4
    assert keys.place_of(case_id(9)) == -1
    assert keys.place_of("no uuid") == -1
    keys.insert(0, case_id(9))
    keys.remove(2)
    assert [keys.at(n) for n in range(len(keys))] == [case_id(n) for n in (9, 0, 2, 3, 4)]


def test_a_key_across_two_others_is_not_found() -> None:
    """The bytes of an id may stand across two neighbours; only whole places count."""
    first, second = UUID(bytes=b"a" * 8 + b"b" * 8), UUID(bytes=b"c" * 16)
    across = UUID(bytes=b"b" * 8 + b"c" * 8)
    keys = PackedKeys([str(first), str(second)])
    assert keys.place_of(str(across)) == -1
    keys.insert(2, str(across))
    assert keys.place_of(str(across)) == 2


def test_keys_against_a_plain_list() -> None:
    chance = random.Random(11)
    plain = [case_id(n) for n in range(40)]
    keys = PackedKeys(plain)
    for turn in range(300):
        place = chance.randrange(len(plain))
        if chance.random() < 0.5 and len(plain) > 1:
            keys.remove(place)
            del plain[place]
        else:
            keys.insert(place, case_id(1000 + turn))
            plain.insert(place, case_id(1000 + turn))
        assert len(keys) == len(plain)
    assert [keys.at(n) for n in range(len(keys))] == plain
    assert all(keys.place_of(one) == place for place, one in enumerate(plain))


def test_memory_of_a_row() -> None:
    ids = [case_id(n) for n in range(50_000)]
    tracemalloc.start()
    model = PagedQueueModel(Store().fetch)
    before, _ = tracemalloc.get_traced_memory()
    model.set_keys(ids)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert model.count() == 50_000
    assert (after - before) / 50_000 <= 64


# --- pages -------------------------------------------------------------------------------------------


def test_only_what_is_looked_at_is_read(model: PagedQueueModel, store: Store) -> None:
    assert store.asked == []
    row = model.index(25, 0).data(ROW_ROLE)
    assert row.case_id == case_id(25)
    assert store.asked == [tuple(case_id(n) for n in range(20, 30))]
    model.index(29, 2).data()
    assert len(store.asked) == 1


def test_few_pages_are_kept(model: PagedQueueModel, store: Store) -> None:
    for place in (5, 15, 25, 35, 15, 5):
        model.row_at(place)
    assert [int(UUID(ids[0])) for ids in store.asked] == [0, 10, 20, 30, 0]


def test_the_last_page_may_be_short(model: PagedQueueModel, store: Store) -> None:
    model.set_keys([case_id(n) for n in range(13)])
    assert model.row_at(12).case_id == case_id(12)
    assert len(store.asked[-1]) == 3
    assert model.row_at(13) is None and model.row_at(-1) is None
    assert model.case_id_at(13) == ""


def test_a_row_the_store_does_not_give_is_being_read(model: PagedQueueModel, store: Store) -> None:
    store.missing = {case_id(3)}
    assert model.index(3, 0).data(ROW_ROLE) is None
    assert model.index(3, 2).data() is None
    assert model.row_at(4) is not None


# --- changes -----------------------------------------------------------------------------------------


def test_qt_finds_no_fault(model: PagedQueueModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    held = QPersistentModelIndex(model.index(50, 3))
    model.insert(case_id(500), 0)
    model.insert(case_id(501), 999)
    model.remove(case_id(7))
    model.remove(case_id(7))
    model.move(case_id(90), 2)
    model.move(case_id(3), 98)
    model.move("nobody", 1)
    assert model.case_id_at(held.row()) == case_id(50)
    model.set_keys([case_id(n) for n in range(99, -1, -1)])
    assert held.row() == 49 and held.column() == 3
    model.set_keys([case_id(1)])
    assert not held.isValid()
    del tester


def test_a_changed_row_is_read_again(model: PagedQueueModel, store: Store, qtbot) -> None:
    model.row_at(3)
    model.row_at(14)
    store.word = "乙"
    told: list[int] = []
    model.dataChanged.connect(lambda first, _last, _roles=None: told.append(first.row()))
    model.changed([case_id(3), case_id(4), case_id(77)])  # the last one is on no kept page
    assert sorted(told) == [3, 4]
    assert model.row_at(3).summary == "乙"
    assert model.row_at(14).summary == "甲"


def test_marks(model: PagedQueueModel, qtbot) -> None:
    with qtbot.waitSignal(model.marks_changed) as told:
        model.set_marked([case_id(9), case_id(2), case_id(1000)])
    assert told.args == [(case_id(2), case_id(9))]
    assert model.index(9, 0).data(MARK_ROLE) is True
    model.remove(case_id(2))
    assert model.marked() == (case_id(9),)
    model.set_keys([case_id(9), case_id(1)])
    assert model.index(0, 0).data(MARK_ROLE) is True
    model.set_keys([case_id(1)])
    assert model.marked() == ()


def test_a_word_that_is_no_id(model: PagedQueueModel) -> None:
    with pytest.raises(ValueError, match="UUID"):
        model.set_keys(["nobody"])
    assert model.count() == 100


# --- in the table ------------------------------------------------------------------------------------


@pytest.fixture
def table(model: PagedQueueModel, qtbot) -> CaseQueueTable:
    table = CaseQueueTable()
    qtbot.addWidget(table)
    table.setModel(model)
    table.resize(808, 28 + 10 * 32)
    with qtbot.waitExposed(table):
        table.show()
    table.setFocus()
    return table


def screen_place(table: CaseQueueTable) -> int:
    return table.current_place() - table.verticalScrollBar().value()


def test_nothing_jumps(table: CaseQueueTable, model: PagedQueueModel) -> None:
    table.select_case(case_id(60))
    table.verticalScrollBar().setValue(55)
    assert screen_place(table) == 5
    model.insert(case_id(900), 3)
    model.remove(case_id(10))
    model.remove(case_id(11))
    model.move(case_id(95), 0)
    assert (table.current_id, screen_place(table)) == (case_id(60), 5)
    model.set_keys([case_id(n) for n in range(99, -1, -1)])
    assert (table.current_id, screen_place(table)) == (case_id(60), 5)


def test_a_current_case_that_left_is_none(table: CaseQueueTable, model: PagedQueueModel, qtbot) -> None:
    table.select_case(case_id(60))
    with qtbot.waitSignal(table.current_changed) as told:
        model.set_keys([case_id(n) for n in range(20)])
    assert told.args == [""]
    assert table.current_id == ""


def test_it_is_painted(table: CaseQueueTable, store: Store) -> None:
    image = picture(table)
    assert count(image, Theme().color("text.primary"), tolerance=60) > 500
    asked = len(store.asked)
    table.tick()
    picture(table)
    assert len(store.asked) == asked


def test_marks_by_space(table: CaseQueueTable, model: PagedQueueModel, qtbot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with qtbot.waitSignal(table.marks_changed) as told:
        QTest.keyClick(table, Qt.Key.Key_Space)
    assert told.args == [(case_id(0),)]


# --- rows that are read elsewhere ----------------------------------------------------------------------


def test_rows_that_are_read_elsewhere_follow(store: Store) -> None:
    """With `ahead` the page, the next and the one before are announced, and rows are asked for one by one."""
    told: list[tuple[str, ...]] = []
    store.missing = {case_id(n) for n in range(100)}
    model = PagedQueueModel(store.fetch, page=10, kept=5, ahead=told.append)
    model.set_keys([case_id(n) for n in range(100)])
    assert model.row_at(25) is None
    assert [int(UUID(one)) for one in told[0]] == [*range(20, 30), *range(30, 40), *range(10, 20)]
    assert store.asked == [(case_id(25),)]
    assert model.row_at(25) is None
    assert len(store.asked) == 1, "what is being read is not asked for at every look"
    store.missing = set()
    model.changed([case_id(25)])
    assert model.row_at(25).summary == "甲"
    assert len(told) == 1


def test_a_changed_row_shows_its_old_words_until_the_new_are_here(store: Store) -> None:
    model = PagedQueueModel(store.fetch, page=10, ahead=lambda _ids: None)
    model.set_keys([case_id(n) for n in range(100)])
    assert model.row_at(3).summary == "甲"
    store.word, store.missing = "乙", {case_id(3)}
    model.changed([case_id(3)])
    assert model.row_at(3).summary == "甲"
    store.missing = set()
    model.changed([case_id(3)])
    assert model.row_at(3).summary == "乙"


def test_another_order_of_the_same_rows_asks_for_none(model: PagedQueueModel, store: Store) -> None:
    model.row_at(0)
    asked = len(store.asked)
    model.set_keys([case_id(n) for n in reversed(range(10))])
    assert [model.row_at(n).case_id for n in range(10)] == [case_id(n) for n in reversed(range(10))]
    assert len(store.asked) == asked
    model.stale()
    model.row_at(0)
    assert len(store.asked) == asked + 1


def test_a_row_that_is_being_read_can_be_current_and_marked(store: Store, qtbot) -> None:
    store.missing = {case_id(n) for n in range(100)}
    table = CaseQueueTable()
    qtbot.addWidget(table)
    model = PagedQueueModel(store.fetch, page=10, ahead=lambda _ids: None)
    table.setModel(model)
    model.set_keys([case_id(n) for n in range(100)])
    assert table.select_case(case_id(4))
    assert table.current_id == case_id(4)
    table._mark_places(4, 6)
    assert model.marked() == (case_id(4), case_id(5), case_id(6))
