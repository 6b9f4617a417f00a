"""The seat: reads what changed, takes actions to the outbox, tells what became of them."""

from __future__ import annotations

from typing import Any

from console.viewmodels.seat import CaseView, RowsChanged
from services.domain.errors import PayloadError
from services.ports.errors import StorageFull
from services.ports.outbox import SavedCommand
from services.ports.picture import Changes
from tests.support.fakes import World, settled
from tests.unit.console.viewmodels.conftest import Start


def test_the_first_look_reads_everything(world: World, start: Start) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    assert set(seat.cases) == {case.case_id}
    assert seat.areas.name("990101001") == "望塔街道"
    assert seat.connection is not None
    assert seat.reference_doc["categories"]
    assert seat.now() == world.now


def test_a_change_touches_its_case_only(world: World, start: Start, qtbot: Any) -> None:
    first, second = world.walk("pending_dispatch"), world.walk("pending_dispatch")
    seat = start(world)
    heard: list[RowsChanged] = []
    seat.rows_changed.connect(heard.append)
    before = seat.case(second.case_id)
    world.apply("comment", first.case_id, text="看过")
    world.announce({"cases"}, {first.case_id})
    settled(seat, qtbot)
    assert heard == [RowsChanged(False, frozenset({first.case_id}))]
    assert seat.case(second.case_id) is before
    after = seat.case(first.case_id)
    assert after is not None
    assert after.case.version == first.version + 1


def test_a_case_that_left_the_scope_disappears(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    del world.cases[case.case_id]
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert seat.case(case.case_id) is None
    assert seat.open_cases() == []


def test_submit_is_saved_then_decided(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    saved: list[SavedCommand] = []
    decided: list[SavedCommand] = []
    seat.saved.connect(saved.append)
    seat.decided.connect(decided.append)
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"}, done=lambda _: None)
    settled(seat, qtbot)
    assert [c.action for c in saved] == ["dispatch"]
    assert decided == []
    entry = seat.case(case.case_id)
    assert entry is not None
    assert entry.cached is not None
    assert (entry.case.state, entry.cached.state, len(entry.pending)) == (
        "pending_sign",
        "pending_dispatch",
        1,
    )
    world.judge_all()
    settled(seat, qtbot)
    assert [c.status for c in decided] == ["applied"]


def test_a_failure_goes_to_the_form(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    failed: list[Exception] = []
    seat.submit("dispatch", case.case_id, {}, failed=failed.append)
    settled(seat, qtbot)
    assert isinstance(failed[0], PayloadError)
    world.full = True
    seat.submit("dispatch", case.case_id, {"lead_dept": "muni"}, failed=failed.append)
    settled(seat, qtbot)
    assert isinstance(failed[1], StorageFull)
    assert world.commands == []


def test_a_case_is_read_with_what_may_be_done(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    got: list[CaseView | None] = []
    seat.load_case(case.case_id, got.append)
    seat.background.submit("store", "barrier", lambda: None)
    settled(seat, qtbot)
    assert got[0] is not None
    assert "dispatch" in got[0].allowed
    seat.load_case("nobody", got.append)
    settled(seat, qtbot)
    assert got[1] is None


def test_the_beat_carries_centre_time(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    with qtbot.waitSignal(seat.second, timeout=3000) as heard:
        pass
    assert heard.args[0] == world.now


def test_after_close_nothing_is_heard(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    heard: list[object] = []
    seat.rows_changed.connect(heard.append)
    listeners = list(world.listeners)
    seat.close()
    assert world.listeners == []
    for listener in listeners:
        listener(Changes(frozenset({"all"})))
    qtbot.wait(20)
    assert heard == []


class Asker:
    def __init__(self) -> None:
        self.got: list[str] = []

    def take(self, view: CaseView | None) -> None:
        assert view is not None
        self.got.append(view.projected.case.case_id)


def test_two_askers_do_not_drop_each_other(world: World, start: Start, qtbot: Any) -> None:
    case, other = world.walk("pending_dispatch"), world.walk("handling")
    seat = start(world)
    panel, sheet = Asker(), Asker()
    seat.load_case(case.case_id, panel.take)
    seat.load_case(case.case_id, sheet.take)
    seat.load_case(other.case_id, panel.take)
    settled(seat, qtbot)
    assert panel.got == [other.case_id]
    assert sheet.got == [case.case_id]
