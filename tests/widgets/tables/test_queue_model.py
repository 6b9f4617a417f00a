"""The queue model: the least that views must be told, marks, any sequence of lists."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from tests.widgets.gallery_rows import queue_rows
from widgets.tables.queue_model import QueueModel
from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow


def rows_of(ids: str, summary: str = "") -> list[QueueRow]:
    return [QueueRow(case_id, number_short=f"1120-{case_id}", summary=summary) for case_id in ids]


def ids_of(model: QueueModel) -> str:
    return "".join(row.case_id for row in model.rows())


@pytest.fixture
def model() -> QueueModel:
    model = QueueModel()
    model.set_rows(rows_of("abcde"))
    return model


def watch(model: QueueModel) -> list[tuple]:
    """What the model tells its views, in order."""
    told: list[tuple] = []
    model.rowsInserted.connect(lambda _p, first, last: told.append(("in", first, last)))
    model.rowsRemoved.connect(lambda _p, first, last: told.append(("out", first, last)))
    model.rowsMoved.connect(lambda _p, first, last, _d, to: told.append(("move", first, to)))
    model.dataChanged.connect(lambda first, last, _r=None: told.append(("data", first.row(), last.row())))
    model.layoutChanged.connect(lambda *_: told.append(("layout",)))
    model.modelReset.connect(lambda: told.append(("reset",)))
    return told


def test_what_qt_sees(model: QueueModel) -> None:
    assert model.rowCount() == 5
    assert model.columnCount() == 10
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.index(1, 2).data() == "1120-b"
    assert model.index(1, 0).data(ROW_ROLE).case_id == "b"
    assert model.index(9, 0).data(ROW_ROLE) is None
    head = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(10)]
    assert head[2] == "案号" and head[8] == "时限"
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_words_of_cells() -> None:
    model = QueueModel()
    model.set_rows(queue_rows(3))
    row = model.row_at(0)
    assert row is not None
    texts = [model.index(0, column).data() for column in range(10)]
    assert texts[2:7] == [row.number_short, row.category, row.grid, row.summary, row.source]
    assert texts[7] == row.stage and texts[9] == row.holder
    assert texts[8].startswith("超 ")
    assert model.index(0, 5).data(Qt.ItemDataRole.ToolTipRole) == row.summary
    assert model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole) is None
    assert row.number_short in model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert model.index(0, 0).data(Qt.ItemDataRole.DecorationRole) is None


def test_finding_rows(model: QueueModel) -> None:
    assert model.place_of("c") == 2
    assert model.place_of("x") == -1
    assert model.case_id_at(0) == "a"
    assert model.case_id_at(99) == model.case_id_at(-1) == ""
    assert model.row_at(5) is None


def test_a_changed_row_is_told_alone(model: QueueModel) -> None:
    told = watch(model)
    rows = rows_of("abcde")
    rows[3] = replace(rows[3], summary="新的摘要")
    model.set_rows(rows)
    assert told == [("data", 3, 3)]
    assert model.row_at(3).summary == "新的摘要"


def test_nothing_new_is_told_to_nobody(model: QueueModel) -> None:
    told = watch(model)
    model.set_rows(rows_of("abcde"))
    assert told == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("abcdef", [("in", 5, 5)]),
        ("xabcde", [("in", 0, 0)]),
        ("abxycde", [("in", 2, 3)]),
        ("xabcyde", [("in", 0, 0), ("in", 4, 4)]),
        ("acde", [("out", 1, 1)]),
        ("ae", [("out", 1, 3)]),
        ("bd", [("out", 4, 4), ("out", 2, 2), ("out", 0, 0)]),
        ("bacde", [("move", 1, 0)]),
        ("bcdea", [("move", 0, 5)]),
        ("abxde", [("out", 2, 2), ("in", 2, 2)]),
    ],
)
def test_the_difference_is_told(model: QueueModel, after: str, expected: list[tuple]) -> None:
    told = watch(model)
    model.set_rows(rows_of(after))
    assert ids_of(model) == after
    if expected[0][0] == "move":
        assert len(told) == 1 and told[0][0] == "move"
    else:
        assert told == expected


def test_another_list_altogether_is_a_reset(model: QueueModel) -> None:
    told = watch(model)
    model.set_rows(rows_of("xyz"))
    assert told == [("reset",)]
    model.set_rows([])
    assert told == [("reset",)] * 2
    assert model.rowCount() == 0


def test_another_order_keeps_what_views_hold() -> None:
    """Beyond a few moves the view is told once, and what it holds follows its row."""
    model = QueueModel()
    rows = queue_rows(100)
    model.set_rows(rows)
    held = QPersistentModelIndex(model.index(7, 3))
    told = watch(model)
    model.set_rows(list(reversed(rows)))
    assert told == [("layout",)]
    assert held.row() == 92 and held.column() == 3
    assert model.case_id_at(held.row()) == rows[7].case_id


def test_the_same_case_twice_is_refused(model: QueueModel) -> None:
    with pytest.raises(ValueError, match="case_id"):
        model.set_rows(rows_of("aba"))
    assert ids_of(model) == "abcde"


def test_upsert(model: QueueModel) -> None:
    told = watch(model)
    model.upsert(QueueRow("c", summary="改了"))
    model.upsert(QueueRow("f"))
    model.upsert(QueueRow("g"), 0)
    model.upsert(QueueRow("h"), 99)
    assert ids_of(model) == "gabcdefh"
    assert told == [("data", 2, 2), ("in", 5, 5), ("in", 0, 0), ("in", 7, 7)]
    model.upsert(QueueRow("c", summary="又改"), 0)
    assert ids_of(model) == "cgabdefh"
    assert told[-2:] == [("move", 3, 0), ("data", 0, 0)]


def test_remove_passes_over_what_is_not_there(model: QueueModel) -> None:
    model.remove(["x", "b", "c", "e"])
    assert ids_of(model) == "ad"
    assert [model.place_of(case_id) for case_id in "abcde"] == [0, -1, -1, 1, -1]
    told = watch(model)
    model.remove(["x"])
    assert told == []


@pytest.mark.parametrize(
    ("case_id", "place", "after"),
    [
        ("a", 2, "bcade"),
        ("e", 0, "eabcd"),
        ("b", 1, "abcde"),
        ("b", 99, "acdeb"),
        ("d", -3, "dabce"),
        ("x", 1, "abcde"),
    ],
)
def test_move(model: QueueModel, case_id: str, place: int, after: str) -> None:
    model.move(case_id, place)
    assert ids_of(model) == after
    assert [model.place_of(one) for one in after] == [0, 1, 2, 3, 4]


def test_marks_belong_to_cases(model: QueueModel, qtbot) -> None:
    with qtbot.waitSignal(model.marks_changed) as told:
        model.set_marked(["d", "b", "x"])
    assert told.args == [("b", "d")]
    model.move("d", 0)
    assert model.marked() == ("d", "b")
    assert model.index(0, 0).data(MARK_ROLE) is True
    assert model.index(1, 0).data(MARK_ROLE) is False
    with qtbot.waitSignal(model.marks_changed) as told:
        model.remove(["d"])
    assert told.args == [("b",)]
    model.toggle_mark("b")
    model.toggle_mark("a")
    assert model.marked() == ("a",)
    model.clear_marks()
    assert model.marked() == ()


def test_marking_again_says_nothing(model: QueueModel, qtbot) -> None:
    model.set_marked(["a"])
    with qtbot.assertNotEmitted(model.marks_changed):
        model.set_marked(["a"])
        model.set_marked(["b"], False)


def test_marks_of_cases_that_left_with_a_reset(model: QueueModel) -> None:
    model.set_marked(["a", "b"])
    model.set_rows(rows_of("xyz"))
    assert model.marked() == ()


def test_new_rows_are_announced_once(model: QueueModel, qtbot) -> None:
    rows = rows_of("abcde")
    rows.insert(1, QueueRow("n", is_new=True))
    with qtbot.waitSignal(model.arrived) as told:
        model.set_rows(rows)
    assert told.args == [("n",)]
    with qtbot.assertNotEmitted(model.arrived):
        model.set_rows(rows)
        model.upsert(QueueRow("q"))


IDS = st.lists(st.sampled_from("abcdefghijkl"), unique=True)


@settings(max_examples=150)
@given(st.lists(st.tuples(IDS, st.sampled_from(["", "一", "二"])), min_size=1, max_size=6))
def test_any_sequence_of_lists(qapp_once, steps: list[tuple[list[str], str]]) -> None:
    """Whatever comes, the model says exactly what Qt expects, and what is held follows its row."""
    model = QueueModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for ids, summary in steps:
        held = {
            row.case_id: QPersistentModelIndex(model.index(place, 0))
            for place, row in enumerate(model.rows())
        }
        shared = held.keys() & set(ids)
        model.set_rows(rows_of("".join(ids), summary))
        assert ids_of(model) == "".join(ids)
        assert [model.place_of(case_id) for case_id in ids] == list(range(len(ids)))
        if shared:
            assert all(held[case_id].row() == ids.index(case_id) for case_id in shared)
    del tester


@pytest.fixture(scope="module")
def qapp_once(qapp):
    return qapp
