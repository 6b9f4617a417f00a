"""The book of verbs: adding, keys by place, reasons, the case under the hand."""

from __future__ import annotations

from typing import Any

import pytest

from console.viewmodels.verbs.book import VerbBook
from console.viewmodels.verbs.keymap import KeyMap
from console.viewmodels.verbs.verb import A_CASE, CASE, EVERYWHERE, MAP, QUEUE, Call, Verb, split_key

OPEN = Verb("test.open", "打开", keys=("Ctrl+K", "/"))
WATCH = Verb("case.watch", "关注", place=CASE, keys=("Y", "pool.reported:V"), takes=(A_CASE,))
DOWN = Verb("queue.down", "下一行", place=QUEUE, keys=("J",), fixed=True, listed=False)


@pytest.fixture
def book(qtbot: Any) -> VerbBook:
    return VerbBook()


def test_a_verb_without_object_runs_and_is_told(book: VerbBook) -> None:
    done: list[str] = []
    ran: list[str] = []
    book.ran.connect(ran.append)
    book.add(OPEN, lambda: done.append("open"))
    assert book.run("test.open")
    assert done == ["open"]
    assert ran == ["test.open"]


def test_a_reason_keeps_a_verb_from_running(book: VerbBook) -> None:
    told: list[tuple[str, str]] = []
    book.refused.connect(lambda verb, why: told.append((verb, why)))
    book.add(OPEN, lambda: pytest.fail("ran"), lambda: "现在不行")
    assert not book.run("test.open")
    assert told == [("test.open", "现在不行")]


def test_what_nobody_bound_is_refused(book: VerbBook) -> None:
    assert book.why_not("test.none")
    assert not book.run("test.none")


def test_a_case_verb_takes_the_case_under_the_hand_or_the_one_that_is_said(book: VerbBook) -> None:
    calls: list[Call] = []
    book.add_for(WATCH, calls.append)
    assert book.why_not("case.watch") == "还没有选中案件"
    book.set_subject(lambda: ("a", "b"))
    assert book.run("case.watch")
    assert book.run("case.watch", Call(("c",)))
    assert [call.cases for call in calls] == [("a", "b"), ("c",)]
    assert calls[0].case == "a"


def test_two_verbs_with_one_id_are_refused_and_the_same_one_is_bound_anew(book: VerbBook) -> None:
    done: list[int] = []
    book.add(OPEN, lambda: done.append(1))
    book.add(OPEN, lambda: done.append(2))
    book.run(OPEN.id)
    assert done == [2]
    with pytest.raises(ValueError, match=r"test\.open"):
        book.add(Verb("test.open", "别的"), lambda: None)


def test_keys_count_in_their_place(book: VerbBook) -> None:
    book.add(OPEN, lambda: None)
    book.add_for(WATCH, lambda call: None)
    book.add(DOWN, lambda: None)
    assert book.of_key("Y", (QUEUE, CASE, EVERYWHERE)) == (WATCH,)
    assert book.of_key("Y", (MAP, EVERYWHERE)) == ()
    assert book.of_key("V", ("pool.reported",)) == (WATCH,)
    assert book.of_key("/", (MAP, EVERYWHERE)) == (OPEN,)
    assert book.of_key("J", (QUEUE, EVERYWHERE)) == (), "the list hears it itself"


def test_of_two_verbs_behind_one_key_the_possible_one_runs(book: VerbBook) -> None:
    done: list[str] = []
    first = Verb("case.dispatch", "派遣", place=CASE, keys=("D",))
    second = Verb("case.redispatch", "改派", place=CASE, keys=("D",), instead_of="case.dispatch")
    book.add(first, lambda: done.append("dispatch"), lambda: "已经派遣")
    book.add(second, lambda: done.append("redispatch"))
    assert book.run_key("D", (CASE,))
    assert done == ["redispatch"]
    assert not book.run_key("E", (CASE,))


def test_a_verb_of_a_workspace_asks_for_it_first(book: VerbBook) -> None:
    order: list[str] = []
    book.place_wanted.connect(order.append)
    book.add(Verb("map.fit", "全区", place=MAP), lambda: order.append("run"))
    book.run("map.fit")
    assert order == ["dispatch", "run"]


def test_a_key_may_name_its_place_and_may_be_a_colon() -> None:
    assert split_key("pool.reported:V", CASE) == ("pool.reported", "V")
    assert split_key("Ctrl+:", CASE) == (CASE, "Ctrl+:")
    assert split_key(":", CASE) == (CASE, ":")


class TestKeyMap:
    """Changing keys."""

    def test_a_changed_key_replaces_the_shipped_one_and_survives_the_store(self) -> None:
        changed = KeyMap().with_key(WATCH, CASE, "Shift+Y")
        again = KeyMap.from_doc(changed.doc)
        assert again.bindings(WATCH) == (("pool.reported", "V"), (CASE, "Shift+Y"))
        assert again.is_changed(WATCH)
        assert not again.without_change(WATCH).is_changed(WATCH)

    def test_an_empty_key_takes_it_away(self) -> None:
        assert KeyMap().with_key(WATCH, CASE, "").bindings(WATCH) == (("pool.reported", "V"),)

    def test_a_key_another_verb_has_there_is_named(self) -> None:
        verbs = (OPEN, WATCH, DOWN)
        assert KeyMap().taken_by(OPEN, QUEUE, "J", verbs) == DOWN
        assert KeyMap().taken_by(WATCH, CASE, "/", verbs) == OPEN, "everywhere is also here"
        assert KeyMap().taken_by(WATCH, CASE, "J", verbs) is None, "another panel"

    def test_fixed_verbs_keep_their_keys(self) -> None:
        assert KeyMap({DOWN.id: ((QUEUE, "N"),)}).bindings(DOWN) == ((QUEUE, "J"),)

    @pytest.mark.parametrize("doc", [None, [], "x", {"a": "b"}, {"a": [3, ":", "x"]}])
    def test_a_doc_of_another_form_changes_nothing(self, doc: object) -> None:
        assert KeyMap.from_doc(doc).bindings(OPEN) == OPEN.bindings
