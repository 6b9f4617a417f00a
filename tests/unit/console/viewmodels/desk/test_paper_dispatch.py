"""纸质派遣单 and 补录: a serial once printed waits until its dispatch is entered, marked with the paper's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.desk.paper_dispatch import PaperDispatch, PaperForm
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class Papers:
    def __init__(self, world: World, seat: SeatViewModel, qtbot: Any) -> None:
        self.world, self.seat, self.qtbot = world, seat, qtbot
        self.case = next(iter(world.cases.values()))
        self.book = self.opened()

    def opened(self) -> PaperDispatch:
        book = PaperDispatch(self.seat, self.seat)
        book.load()
        self.settle()
        return book

    def settle(self) -> None:
        settled(self.seat, self.qtbot)

    def issue(self) -> PaperForm:
        form = self.book.issue(self.case.case_id, "muni", "先设围挡")
        self.settle()
        return form

    def dispatch(self, dept: str, note: str) -> None:
        self.seat.submit("dispatch", self.case.case_id, {"lead_dept": dept, "co_depts": [], "note": note})
        self.settle()

    def remarks(self) -> list[str]:
        return [str(c.payload["text"]) for c in self.world.commands if c.action == "comment"]


@pytest.fixture
def papers(world: World, start: Start, qtbot: Any) -> Papers:
    world.walk("pending_dispatch")
    return Papers(world, start(world), qtbot)


def test_a_form_has_a_serial_of_its_day_and_waits_over_a_restart(papers: Papers) -> None:
    first, second = papers.issue(), papers.issue()
    assert first.serial == "ZP-20261120-ume-01" and second.serial.endswith("-02")
    again = papers.opened()
    assert {form.serial for form in again.waiting} == {first.serial, second.serial}
    papers.world.advance(hours=30)
    assert again.issue(papers.case.case_id, "muni").serial == "ZP-20261121-ume-01"


def test_the_dispatch_entered_later_carries_serial_and_time(papers: Papers) -> None:
    form = papers.issue()
    papers.world.advance(minutes=40)
    note = papers.book.dispatch_note(form)
    assert note == f"纸质派遣 {form.serial}，2026-11-20 09:30 已交市政。先设围挡"
    papers.dispatch("muni", note)
    papers.qtbot.waitUntil(lambda: bool(papers.remarks()), timeout=10_000)
    assert papers.book.waiting == ()
    entered = papers.book.forms[0]
    assert entered.status == "entered" and entered.command_id == papers.world.commands[0].command_id
    assert "09:30 出具并交市政" in papers.remarks()[0] and "10:10 补录" in papers.remarks()[0]
    assert papers.opened().waiting == ()


def test_another_unit_than_on_paper_is_said(papers: Papers) -> None:
    form = papers.issue()
    papers.dispatch("sani", papers.book.dispatch_note(form))
    papers.qtbot.waitUntil(lambda: bool(papers.remarks()), timeout=10_000)
    assert "系统派遣单位为环卫，与纸质单不同" in papers.remarks()[0]


def test_a_dispatch_that_does_not_name_the_serial_enters_nothing(papers: Papers) -> None:
    papers.issue()
    papers.dispatch("muni", "照常派遣")
    assert len(papers.book.waiting) == 1 and papers.remarks() == []


def test_a_case_dispatched_by_somebody_else_is_entered_by_a_remark(papers: Papers) -> None:
    form = papers.issue()
    papers.book.enter_by_remark(form.serial)
    papers.qtbot.waitUntil(lambda: not papers.book.waiting, timeout=10_000)
    assert "已另行办理" in papers.remarks()[0]
    papers.book.enter_by_remark("unknown")
    papers.settle()
    assert len(papers.remarks()) == 1


def test_a_spoilt_form_is_void(papers: Papers) -> None:
    form = papers.issue()
    papers.book.void(form.serial)
    papers.settle()
    assert papers.book.waiting == () and papers.opened().forms[0].status == "void"


@pytest.mark.parametrize("kept", [None, [{}], "x"])
def test_a_broken_list_is_an_empty_one(kept: Any, papers: Papers) -> None:
    papers.world.settings["paper.forms"] = kept
    papers.world.settings["paper.count"] = kept
    assert papers.opened().forms == ()
