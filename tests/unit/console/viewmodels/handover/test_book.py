"""The draft's way: at once, with the log, edited, signed here first, sent when there is a line, taken over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels.desk.shift import PAUSE, Shift
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.kept import (
    DRAFT,
    KEPT,
    REFUSED,
    SIGNED,
    draft_doc,
    draft_from,
    handover_doc,
    handover_from,
)
from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.seat import SeatViewModel
from services.ports.handover import BriefLine, Contact, LogFacts, Person
from tests.support.desk_centre import FakeDeskCentre, left_by
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class Desk:
    """A started seat with its book, its sheets and the centre's double."""

    def __init__(self, world: World, seat: SeatViewModel, qtbot: Any) -> None:
        self.world, self.seat, self.qtbot = world, seat, qtbot
        self.centre = FakeDeskCentre(world)
        self.begin()

    def begin(self) -> None:
        """Build the view-models as a start of the console does."""
        self.shift = Shift(self.seat, self.seat)
        self.sheets = HandoverSheets(self.seat, self.centre, self.shift, self.seat)
        self.book = HandoverBook(self.seat, self.sheets, parent=self.seat)
        self.said: list[str] = []
        self.book.failed.connect(self.said.append)
        self.sheets.failed.connect(self.said.append)
        self.shift.load()
        self.book.load()
        self.sheets.load()
        self.settle()

    def settle(self) -> None:
        settled(self.seat, self.qtbot)

    def line(self, online: bool) -> None:
        self.world.online = online
        self.world.announce({"connection"})
        self.settle()

    def drafted(self) -> None:
        self.book.begin()
        self.settle()

    def signed(self) -> None:
        self.book.sign()
        self.settle()


@pytest.fixture
def desk(world: World, start: Start, qtbot: Any) -> Desk:
    world.walk("handling", urgent=True)
    return Desk(world, start(world), qtbot)


def test_a_draft_holds_what_the_seat_and_the_log_know(desk: Desk) -> None:
    case_id = next(iter(desk.world.cases))
    desk.centre.facts = LogFacts(
        3, (Contact(case_id, None, "", desk.world.now, True, "今晚回电", "我"),), (), {}
    )
    desk.drafted()
    draft = desk.book.draft
    assert draft is not None and draft.log_known and draft.post == "dispatcher"
    assert {"urgent", "promise"} <= {line.kind for line in draft.lines}
    assert desk.world.settings.get("handover.draft") is None
    desk.qtbot.waitUntil(lambda: "handover.draft" in desk.world.settings, timeout=10_000)
    assert draft_from(desk.world.settings["handover.draft"]) == draft


def test_without_a_line_the_draft_says_that_the_log_is_missing(desk: Desk) -> None:
    desk.line(False)
    desk.centre.asked.clear()
    desk.drafted()
    assert desk.book.draft is not None and not desk.book.draft.log_known and desk.book.draft.lines
    assert desk.centre.asked == [] and not desk.book.drafting


def test_remarks_and_notes_stay_when_it_is_drafted_anew(desk: Desk) -> None:
    desk.drafted()
    desk.book.set_remark(0, "电话已催")
    desk.book.set_remarks("设备正常")
    desk.book.add_note("  车钥匙在抽屉  ")
    desk.book.add_note("   ")
    desk.world.walk("handling", urgent=True)
    desk.world.announce({"all"})
    desk.settle()
    desk.drafted()
    draft = desk.book.draft
    assert draft is not None
    urgent = [line for line in draft.lines if line.kind == "urgent"]
    assert [line.remark for line in urgent] == ["电话已催", ""] and draft.remarks == "设备正常"
    assert [line.text for line in draft.lines if line.kind == "note"] == ["车钥匙在抽屉"]
    desk.book.drop_note(0)
    assert desk.book.draft == draft
    desk.book.drop_note(len(draft.lines) - 1)
    assert desk.book.draft is not None and "note" not in {line.kind for line in desk.book.draft.lines}


def test_signed_online_is_at_the_centre(desk: Desk) -> None:
    desk.drafted()
    began = desk.shift.began_at
    desk.world.advance(hours=8)
    desk.signed()
    draft = desk.book.draft
    assert draft is not None and draft.status == KEPT and not desk.book.outgoing
    assert list(desk.centre.kept) == [draft.handover_id]
    assert desk.sheets.read[draft.handover_id].remarks == draft.remarks
    assert desk.shift.began_at > began
    desk.book.sign()
    desk.settle()
    assert len(desk.centre.kept) == 1


def test_signed_offline_waits_over_a_restart_and_is_sent_once(desk: Desk) -> None:
    desk.line(False)
    desk.drafted()
    desk.signed()
    draft = desk.book.draft
    assert draft is not None and draft.status == SIGNED and desk.centre.kept == {}
    assert any("还没有到中心" in notice.title for notice in desk.seat.notices.kept)
    desk.begin()
    assert [entry.handover_id for entry in desk.book.outgoing] == [draft.handover_id]
    assert desk.book.draft is not None and desk.book.draft.status == SIGNED
    desk.line(True)
    desk.qtbot.waitUntil(lambda: desk.centre.kept != {}, timeout=10_000)
    desk.settle()
    assert desk.book.draft.status == KEPT and desk.world.settings["handover.outgoing"] == []
    desk.begin()
    assert not desk.book.outgoing and len(desk.centre.kept) == 1


def test_a_kill_right_after_the_signature_leaves_no_second_brief_to_be_signed(desk: Desk) -> None:
    desk.line(False)
    desk.drafted()
    desk.qtbot.waitUntil(lambda: "handover.draft" in desk.world.settings, timeout=10_000)
    unsigned = desk.world.settings["handover.draft"]
    desk.signed()
    signed = desk.book.draft
    desk.world.settings["handover.draft"] = unsigned  # as a kill between the two writes leaves it
    desk.begin()
    assert desk.book.draft == signed and desk.book.draft is not None and desk.book.draft.status == SIGNED
    desk.book.sign()
    desk.settle()
    assert len(desk.book.outgoing) == 1


def test_a_signature_stays_until_the_centre_has_it(desk: Desk) -> None:
    desk.line(False)
    desk.drafted()
    desk.signed()
    desk.seat.connection = replace(desk.seat.services.engine.connection, state="online")
    desk.book.post()
    desk.settle()
    assert desk.centre.asked[-1] == "hand_over" and len(desk.book.outgoing) == 1


def test_a_brief_the_centre_refuses_is_told_and_a_new_one_can_be_drafted(desk: Desk) -> None:
    desk.drafted()
    desk.centre.refuse = "交班的岗位不是您的岗位。"
    desk.signed()
    refused = desk.book.draft
    assert refused is not None and refused.status == REFUSED and refused.why == desk.centre.refuse
    assert any("没有收下" in notice.title for notice in desk.seat.notices.kept)
    desk.centre.refuse = ""
    desk.drafted()
    assert desk.book.draft is not None and desk.book.draft.handover_id != refused.handover_id
    assert desk.book.draft.status == DRAFT


def test_what_is_no_brief_is_not_signed(desk: Desk) -> None:
    desk.drafted()
    desk.book.set_remarks("x" * 5000)
    desk.signed()
    assert desk.said and "最多" in desk.said[-1]
    assert desk.book.draft is not None and desk.book.draft.status == DRAFT and not desk.centre.kept


def test_the_next_one_signs_at_this_seat(desk: Desk) -> None:
    desk.drafted()
    desk.signed()
    assert desk.book.draft is not None
    one = desk.book.draft.handover_id
    desk.sheets.take_over(one, "", "pqy02", "falsch")
    desk.settle()
    assert desk.said == ["用户名或密码不对。"]
    taken: list[Any] = []
    desk.sheets.taken.connect(taken.append)
    desk.sheets.take_over(one, "收到", "pqy02", "Next-Pass-2026")
    desk.settle()
    assert taken[0].head.taken_over.name == "卢见青"
    assert desk.sheets.read[one].head.taken_over == taken[0].head.taken_over
    assert desk.sheets.heads[0].taken_over is not None


def test_taking_over_needs_a_line(desk: Desk) -> None:
    desk.line(False)
    desk.sheets.take_over("x")
    desk.sheets.open("x")
    assert len(desk.said) == 2 and all("离线" in said for said in desk.said)


def test_a_shift_begins_once_with_what_the_last_one_left(world: World, start: Start, qtbot: Any) -> None:
    desk = Desk(world, start(world), qtbot)
    sheet = left_by(world, BriefLine("note", "看好抢修"))
    desk.centre.kept[sheet.head.handover_id] = sheet
    shown: list[Any] = []

    def again() -> None:
        desk.begin()
        desk.sheets.incoming.connect(shown.append)
        desk.settle()

    desk.centre.asked.clear()
    again()
    desk.qtbot.waitUntil(lambda: "handovers" in desk.centre.asked, timeout=10_000)
    desk.settle()
    again()
    assert len([entry for entry in desk.centre.asked if entry == "handover"]) == 1
    assert desk.world.settings["handover.seen"] == [sheet.head.handover_id]
    desk.line(False)
    opened: list[Any] = []
    desk.sheets.opened.connect(opened.append)
    desk.sheets.open(sheet.head.handover_id)
    assert opened == [sheet]


@pytest.mark.parametrize("case", ["own", "other_post", "old"])
def test_what_is_not_for_this_person_is_not_shown(case: str, world: World, start: Start, qtbot: Any) -> None:
    desk = Desk(world, start(world), qtbot)
    sheet = left_by(world)
    head = sheet.head
    changes: dict[str, Any] = {
        "own": {"left": replace(head.left, user_id=world.actor.id)},
        "other_post": {"post": "shift_leader"},
        "old": {"left": replace(head.left, at=world.now - timedelta(hours=30))},
    }
    desk.centre.kept[head.handover_id] = replace(sheet, head=replace(head, **changes[case]))
    desk.begin()
    assert "handover" not in desk.centre.asked and "handover.seen" not in world.settings


def test_documents_come_back_as_they_were(desk: Desk) -> None:
    desk.drafted()
    draft = desk.book.draft
    assert draft is not None and draft_from(draft_doc(draft)) == draft
    sheet = left_by(desk.world, BriefLine("claim", "在办", "c-1", "20261120-0001", desk.world.now, "急"))
    taken = replace(
        sheet, head=replace(sheet.head, taken_over=Person("u", "人", desk.world.now, "好", ("c-1",)))
    )
    assert handover_from(handover_doc(taken)) == taken
    for wrong in (None, {}, {"handover_id": "x"}, "x", {**draft_doc(draft), "lines": [{}]}):
        assert draft_from(wrong) is None and handover_from(wrong) is None


def test_a_shift_survives_a_restart_and_ends_after_a_long_pause(
    world: World, start: Start, qtbot: Any
) -> None:
    seat = start(world)

    def shift() -> Shift:
        made = Shift(seat, seat)
        made.load()
        settled(seat, qtbot)
        assert made.known
        return made

    first = shift().began_at
    seat.services.centre_time.heard(world.now)
    world.advance(hours=6)
    assert shift().began_at == first
    world.settings["shift.began"] = (seat.now() - PAUSE).isoformat()
    later = shift().began_at
    assert abs(later - seat.now()) < timedelta(minutes=1)
    world.settings["shift.began"] = "gestern"
    assert shift().began_at >= later
