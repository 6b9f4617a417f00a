"""Changing keys, and the list of keys of a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.case_acts import CaseActs
from console.viewmodels.verbs.key_choice import NAME, KeyChoice, KeyLine
from console.viewmodels.verbs.key_lists import key_of_action, keys_of_places
from console.viewmodels.verbs.verb import CASE, MAP, QUEUE, SETTINGS_GROUP, Verb
from tests.support.fakes import World, settled, world_for

Start = Callable[[World], SeatViewModel]
NEXT = Verb("queue.next_waiting", "下一件待派遣", place=QUEUE, keys=("Q",))
LOCK = Verb("frame.lock", "锁屏", keys=("Ctrl+L",))
QUIET = Verb("frame.quit", "关闭窗口", group=SETTINGS_GROUP)
LAYERS = Verb("map.layers", "图层", place=MAP, keys=("L",), fixed=True)


@pytest.fixture
def choice(start: Start) -> KeyChoice:
    seat = start(world_for("dispatcher"))
    CaseActs(seat, lambda *_: None)
    for verb in (NEXT, LOCK, QUIET, LAYERS):
        seat.verbs.add(verb, lambda: None)
    return KeyChoice(seat)


def line(choice: KeyChoice, verb_id: str, place: str = "") -> KeyLine:
    return next(one for one in choice.lines() if one.verb.id == verb_id and place in ("", one.place))


def test_every_verb_that_may_be_changed_has_a_line(choice: KeyChoice) -> None:
    ids = {one.verb.id for one in choice.lines()}
    assert {NEXT.id, LOCK.id, QUIET.id, "case.dispatch"} <= ids
    assert LAYERS.id not in ids, "the map hears it itself"
    assert line(choice, QUIET.id).keys == ()


@pytest.mark.parametrize(
    ("words", "found"), [("锁屏", LOCK.id), ("ctrl+l", LOCK.id), ("队列 下一件", NEXT.id)]
)
def test_lines_are_found_by_words_and_keys(choice: KeyChoice, words: str, found: str) -> None:
    assert [one.verb.id for one in choice.lines(words)] == [found]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("D", "D 已经用于“派遣”"),
        ("Ctrl+L", "Ctrl+L 已经用于“锁屏”"),
        ("Return", "这个键不能用来办事"),
        ("Esc", "这个键不能用来办事"),
        ("Ctrl+Alt+N", ""),
        ("F9", ""),
        ("N", ""),
        ("", ""),
    ],
)
def test_a_key_is_refused_with_a_reason(choice: KeyChoice, key: str, reason: str) -> None:
    comment = line(choice, "case.comment", CASE)
    assert choice.why_not(comment, key).startswith(reason)
    assert bool(choice.put(comment, key)) == bool(reason)
    assert (choice.book.keys(comment.verb, CASE) == ((key,) if key else ())) == (not reason)


def test_the_same_key_may_serve_in_another_place(choice: KeyChoice) -> None:
    assert choice.put(line(choice, NEXT.id), "D") == "", "queue and case are two panels"


def test_a_change_is_kept_read_again_and_taken_back(choice: KeyChoice, qtbot: Any) -> None:
    choice.put(line(choice, NEXT.id), "N")
    settled(choice.seat, qtbot)
    assert choice.seat.services.settings.value(NAME) == {NEXT.id: ["queue:N"]}
    again = KeyChoice(choice.seat)
    again.load()
    assert line(again, NEXT.id).changed
    assert again.restore(line(again, NEXT.id)) == ""
    assert choice.book.keys(NEXT) == ("Q",)
    again.put(line(again, NEXT.id), "N")
    again.restore_all()
    assert not line(again, NEXT.id).changed


def test_a_shipped_key_that_is_taken_by_now_is_not_given_back(choice: KeyChoice) -> None:
    choice.put(line(choice, LOCK.id), "F9")
    choice.put(line(choice, QUIET.id), "Ctrl+L")
    assert "已经用于“关闭窗口”" in choice.restore(line(choice, LOCK.id))


def test_buttons_and_lists_follow_the_change(choice: KeyChoice) -> None:
    book = choice.book
    assert key_of_action(book, "dispatch", CASE, "?") == "D"
    assert key_of_action(book, "accept", CASE, "Z") == "Z", "not of this post: as shipped"
    choice.put(line(choice, "case.comment", CASE), "F9")
    assert key_of_action(book, "comment", CASE, "C") == "F9"
    groups = dict(keys_of_places(book, (QUEUE, CASE, "everywhere")))
    assert ("F9", "备注") in groups["案件"]
    assert ("D", "派遣、改派") in groups["案件"]
    assert next(iter(groups)) == "队列"
    assert list(groups)[-1] == "随处可用"
