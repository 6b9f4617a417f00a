"""Laws of the queue model: any way to a list ends in that list, and views can follow every step of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from widgets.tables.queue_model import QueueModel
from widgets.tables.queue_row import MARK_ROLE, ROW_ROLE, QueueRow

IDS = "abcdefghij"
LISTS = st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS)).map("".join)


def row(case_id: str, summary: str = "", *, fresh: bool = False) -> QueueRow:
    return QueueRow(case_id, summary=summary, is_new=fresh)


def shown(model: QueueModel) -> str:
    return "".join(model.case_id_at(place) for place in range(model.count()))


class Follower:
    """A view that keeps its own copy of the list by what it is told, as Qt's views do."""

    def __init__(self, model: QueueModel) -> None:
        self.model = model
        self.kept = list(shown(model))
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.rowsMoved.connect(self._moved)
        model.modelReset.connect(self._anew)
        model.layoutChanged.connect(self._anew)

    def _inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.kept[first:first] = [self.model.case_id_at(place) for place in range(first, last + 1)]

    def _removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.kept[first : last + 1]

    def _moved(self, _from: QModelIndex, first: int, last: int, _to: QModelIndex, before: int) -> None:
        block = self.kept[first : last + 1]
        del self.kept[first : last + 1]
        at = before - len(block) if before > first else before
        self.kept[at:at] = block

    def _anew(self, *_: Any) -> None:
        self.kept = list(shown(self.model))


@given(st.lists(LISTS, min_size=1, max_size=6))
@settings(max_examples=25)
def test_any_way_to_a_list_ends_in_that_list(steps: list[str]) -> None:
    model = QueueModel()
    follower = Follower(model)
    for n, wanted in enumerate(steps):
        model.set_rows([row(case_id, f"{n}") for case_id in wanted])
        assert shown(model) == wanted
        assert "".join(follower.kept) == wanted, "whoever follows what is told has the same list"
        assert all(model.place_of(case_id) == place for place, case_id in enumerate(wanted))
        assert all(model.place_of(case_id) == -1 for case_id in IDS if case_id not in wanted)
        rows = [model.row_at(place) for place in range(model.count())]
        assert all(one is not None and one.summary == f"{n}" for one in rows)


@given(LISTS, LISTS)
@settings(max_examples=25)
def test_an_index_that_is_held_stays_with_its_case(before: str, after: str) -> None:
    model = QueueModel()
    model.set_rows([row(case_id) for case_id in before])
    held = {case_id: QPersistentModelIndex(model.index(at, 3)) for at, case_id in enumerate(before)}
    model.set_rows([row(case_id) for case_id in after])
    if set(before).isdisjoint(after):
        return  # another list altogether: nothing is held over
    for case_id, index in held.items():
        if case_id in after:
            assert (index.row(), index.column()) == (after.index(case_id), 3)
        else:
            assert not index.isValid()


@given(LISTS, st.sets(st.sampled_from(IDS)), LISTS)
@settings(max_examples=25)
def test_marks_go_with_their_cases_and_out_with_them(before: str, marked: set[str], after: str) -> None:
    model = QueueModel()
    model.set_rows([row(case_id) for case_id in before])
    model.set_marked(marked)
    assert model.marked() == tuple(case_id for case_id in before if case_id in marked)
    model.set_rows([row(case_id) for case_id in after])
    assert model.marked() == tuple(case_id for case_id in after if case_id in marked and case_id in before)


@given(LISTS.filter(bool), st.data())
@settings(max_examples=25)
def test_single_steps_are_those_of_a_plain_list(start: str, data: st.DataObject) -> None:
    model, plain = QueueModel(), list(start)
    model.set_rows([row(case_id) for case_id in start])
    follower = Follower(model)
    for _ in range(data.draw(st.integers(1, 6))):
        act = data.draw(st.sampled_from(["move", "remove", "upsert"]))
        case_id = data.draw(st.sampled_from(IDS))
        place = data.draw(st.integers(-2, 12))
        if act == "move":
            model.move(case_id, place)
            if case_id in plain:
                plain.remove(case_id)
                plain.insert(min(max(place, 0), len(plain)), case_id)
        elif act == "remove":
            model.remove([case_id])
            plain = [one for one in plain if one != case_id]
        else:
            model.upsert(row(case_id), place)
            if case_id in plain:
                plain.remove(case_id)
            plain.insert(min(max(place, 0), len(plain)), case_id)
        assert shown(model) == "".join(plain) == "".join(follower.kept)


def test_the_same_case_twice_is_refused_and_nothing_changes() -> None:
    model = QueueModel()
    model.set_rows([row("a"), row("b")])
    with pytest.raises(ValueError, match="case_id"):
        model.set_rows([row("c"), row("d"), row("c")])
    assert shown(model) == "ab"


def test_only_new_rows_that_say_so_arrive() -> None:
    model = QueueModel()
    told: list[tuple[str, ...]] = []
    model.arrived.connect(told.append)
    model.set_rows([row("a", fresh=True), row("b")])
    model.set_rows([row("a", fresh=True), row("b"), row("c"), row("d", fresh=True)])
    model.upsert(row("e", fresh=True), 0)
    model.upsert(row("e", "anders", fresh=True), 3)
    assert told == [("a",), ("d",), ("e",)]


def test_a_row_that_is_the_same_is_not_painted_again() -> None:
    model = QueueModel()
    told: list[tuple[int, int]] = []
    model.set_rows([row("a", "1"), row("b", "1"), row("c", "1")])
    model.dataChanged.connect(lambda first, last, _roles=None: told.append((first.row(), last.row())))
    model.set_rows([row("a", "1"), row("b", "2"), row("c", "1")])
    model.upsert(row("c", "1"))
    assert told == [(1, 1)]


def test_many_marks_are_told_in_one_word_and_few_one_by_one() -> None:
    model = QueueModel()
    model.set_rows([row(str(n)) for n in range(40)])
    told: list[tuple[int, int]] = []
    marks: list[tuple[str, ...]] = []
    model.dataChanged.connect(lambda first, last, _roles=None: told.append((first.row(), last.row())))
    model.marks_changed.connect(marks.append)
    model.set_marked([str(n) for n in range(5, 30)])
    assert told == [(5, 29)] and len(marks) == 1
    told.clear()
    model.set_marked(["5", "6"], False)
    assert sorted(told) == [(5, 5), (6, 6)]
    model.set_marked(["5", "6"], False)
    model.set_marked(["nobody"])
    assert len(marks) == 2, "what changes nothing is not told"
    model.clear_marks()
    assert marks[-1] == ()


def test_a_mark_is_put_and_taken_by_the_same_key() -> None:
    model = QueueModel()
    model.set_rows([row("a"), row("b")])
    model.toggle_mark("b")
    assert model.is_marked("b") and model.index(1, 0).data(MARK_ROLE) is True
    assert model.index(0, 0).data(MARK_ROLE) is False
    model.toggle_mark("b")
    model.toggle_mark("nobody")
    assert model.marked() == ()


def test_cells_of_a_row_that_is_not_there_say_nothing() -> None:
    model = QueueModel()
    for role in (ROW_ROLE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
        assert model.data(QModelIndex(), role) is None
    assert model.row_at(-1) is None and model.row_at(0) is None and model.case_id_at(5) == ""
