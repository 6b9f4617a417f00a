"""Standard sentences: those of the post first, one's own, found by letters, filled with the facts of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.desk.sentences import MOST_LENGTH, PLACEHOLDERS, SentenceBook, matches, shipped
from console.viewmodels.seat import SeatViewModel
from services.domain.lifecycle import ACTIONS
from services.domain.roles import ROLES
from tests.support.fakes import World, settled, world_for

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def book(world: World, start: Start, qtbot: Any) -> SentenceBook:
    world.walk("pending_dispatch")
    seat = start(world)
    made = SentenceBook(seat, seat)
    made.load()
    settled(seat, qtbot)
    return made


def test_the_shipped_ones_name_real_posts_actions_and_placeholders() -> None:
    for entry in shipped():
        assert entry.post == "*" or entry.post in ROLES, entry
        assert entry.action == "*" or entry.action in ACTIONS, entry
        for hole in entry.text.split("{")[1:]:
            assert hole.partition("}")[0] in PLACEHOLDERS, entry
    assert len({entry.text for entry in shipped()}) == len(shipped()) >= 30


def test_those_of_the_action_stand_first_and_other_posts_are_left_out(book: SentenceBook) -> None:
    found = book.found(action="rework")
    assert [entry.action for entry in found[:2]] == ["rework", "rework"]
    assert {entry.post for entry in found} == {"dispatcher", "*"}


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("", True), ("安全", True), ("安全 看护", True), ("sjaq", True), ("shejianquan", True), ("anquan", True),
        ("kanhu", True), ("sjaqqxdckh", True), ("照片", False), ("zzz", False),
    ],
)  # fmt: skip
def test_found_by_words_pinyin_and_initials(query: str, hit: bool) -> None:
    assert matches("涉及安全，请先到场看护再处置。", query.replace("shejianquan", "shejianquan")) is hit


def test_own_ones_are_kept_used_ones_rise_and_can_be_dropped(
    book: SentenceBook, world: World, qtbot: Any
) -> None:
    assert book.add("  请先联系物业再进场 ")
    assert not book.add("请先联系物业再进场") and not book.add(" ") and not book.add("长" * (MOST_LENGTH + 1))
    assert not book.add(shipped()[0].text)
    assert book.add("请带齐工具")
    book.used("请带齐工具")
    assert [entry.text for entry in book.found() if entry.own] == ["请带齐工具", "请先联系物业再进场"]
    settled(book.seat, qtbot)
    again = SentenceBook(book.seat, book.seat)
    again.load()
    settled(book.seat, qtbot)
    assert [entry.text for entry in again.found() if entry.own] == ["请带齐工具", "请先联系物业再进场"]
    assert again.drop("请带齐工具") and not again.drop(shipped()[0].text)
    assert again.own == ("请先联系物业再进场",)


def test_a_sentence_takes_the_facts_of_a_case(book: SentenceBook, world: World) -> None:
    case = next(iter(world.cases.values()))
    text = book.fill("{案号} {地址} {类别} {单位} {时限} {时间}", case.case_id, "muni")
    assert text == f"{case.number} 望塔街道松影路与南苑街口 上水井盖 市政 4 紧急工作时 09:30" or (
        text.startswith(f"{case.number} 望塔街道松影路与南苑街口 ") and " 市政 " in text
    )
    assert "____" not in text


def test_what_is_not_known_becomes_a_gap(book: SentenceBook) -> None:
    assert book.fill("{案号}（{地址}）{别的}") == "____（____）{别的}"


def test_a_post_without_desk_gets_those_of_everybody(start: Start, qtbot: Any) -> None:
    seat = start(world_for("leader"))
    assert {entry.post for entry in SentenceBook(seat, seat).found()} == {"*"}
