"""本班经办: only this person's operations since the shift began, counted by what took effect; as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from console.viewmodels.desk.own_shift import OwnShift, plain, status_word
from console.viewmodels.desk.shift import Shift
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


def loaded(seat: SeatViewModel, qtbot: Any) -> OwnShift:
    shift = Shift(seat, seat)
    shift.began_at = seat.now()
    return OwnShift(seat, shift, seat)


def test_counts_what_took_effect_since_the_shift_began(world: World, start: Start, qtbot: Any) -> None:
    first, second = world.walk("pending_dispatch"), world.walk("pending_dispatch")
    seat = start(world)
    model = loaded(seat, qtbot)
    for case in (first, second):
        seat.submit("dispatch", case.case_id, {"lead_dept": "muni"})
    settled(seat, qtbot)
    world.judge_all()
    seat.submit("comment", first.case_id, {"text": "已联系"})
    settled(seat, qtbot)
    earlier, other = world.commands[0], world.commands[1]
    world.commands.append(
        replace(earlier, n=3, command_id="old", saved_at=earlier.saved_at - timedelta(hours=1))
    )
    world.commands.append(replace(other, n=4, command_id="theirs", user_id="u-else"))
    model.load()
    settled(seat, qtbot)
    assert [row.status for row in model.rows].count("applied") == 2 and len(model.rows) == 3
    assert model.counts == (("派遣", 2),) and model.cases == 2
    assert model.rows[0].action == "comment" and status_word(model.rows[0].status) == "待发送"
    rows = list(csv.reader(io.StringIO(model.table().lstrip("\ufeff"))))
    assert rows[0][:3] == ["时间", "案号", "办理"] and len(rows) == 4
    assert model.table().startswith("\ufeff") and rows[1][1] == first.number


def test_no_cell_is_a_formula() -> None:
    assert plain(("=1+1", "+2", "-3", "@x", "井盖", "")) == ["'=1+1", "'+2", "'-3", "'@x", "井盖", ""]


def test_every_status_has_a_word() -> None:
    for status in (
        "applied", "waiting", "conflict", "rejected", "needs_confirm", "invalid", "held", "discarded", "replaced",
    ):  # fmt: skip
        assert status_word(status) != status
