"""The register form on the real desk, overlay and files: saved is on disk, drafts survive a kill, photos go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.app.bootstrap import locator_of
from console.notices.centre import NoticeCentre
from console.tasks.runner import Background
from console.viewmodels.actions.dispatching import DispatchViewModel
from console.viewmodels.actions.generic import GenericViewModel
from console.viewmodels.intake import IntakeViewModel
from console.viewmodels.seat import SeatViewModel, Services
from services.domain.roles import Actor
from services.ports.cache import Draft
from services.ports.errors import StorageFull, Unknown
from services.ports.picture import OFFLINE, Changes, Connection
from tests.integration.faults.ground import Disk
from tests.support.console_core import ConsoleCore, CountedIds, HandClock, quick_folder
from tests.support.fakes import DISTRICT, close_seat, invented_areas, reference_doc, settled

LONG = "长" * 3000


class DeadLine:
    """A gateway to nowhere."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_args: Any, **_more: Any) -> Any:
            raise Unknown("网络已断开，中心没有答复。")

        return call


class StillEngine:
    """An engine that passes on what the test announces."""

    connection = Connection(OFFLINE)

    def __init__(self) -> None:
        self.listeners: list[Callable[[Changes], None]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def announce(self, *ids: str) -> None:
        for listener in self.listeners:
            listener(Changes(frozenset({"cases", "outbox"}), frozenset(ids)))


@pytest.fixture
def core() -> Iterator[ConsoleCore]:
    """An offline console of somebody who registers and dispatches, with reference data and areas on disk."""
    actor = Actor("u-me", "林晓禾", ("acceptor", "shift_leader", "dispatcher"), DISTRICT)
    made = ConsoleCore(quick_folder(), DeadLine(), actor, HandClock(), CountedIds(), reference_doc())
    for level, doc in invented_areas().items():
        made.cache.put_document(f"areas/{level}", "a1", doc)
    made.world.locate_by(locator_of(made.cache.document("areas/grid").doc))
    yield made
    made.close()


@pytest.fixture
def sit(core: ConsoleCore, qtbot: Any) -> Iterator[Callable[[], SeatViewModel]]:
    """Sit down at the console; called again after a restart."""
    seats: list[SeatViewModel] = []

    def make() -> SeatViewModel:
        stores, engine = core.stores, StillEngine()
        services = Services(
            core.gateway, core.overlay, core.outbox, core.desk, engine, core.cache, stores.drafts, stores.settings,
            core.time, core.world,
        )  # fmt: skip
        rules = core.world.rules()
        assert rules is not None
        seat = SeatViewModel(services, core.actor, rules, Background(), NoticeCentre())
        seats.append(seat)
        seat.saved.connect(lambda command: engine.announce(command.case_id))
        seat.start()
        settled(seat, qtbot)
        return seat

    yield make
    for seat in seats:
        close_seat(seat)


def fill(model: IntakeViewModel) -> None:
    model.set_value(description="雨水井盖整块缺失", address="松影路与南苑街口", caller_name="韩女士")
    model.set_point(113.005, 23.005)


def test_a_registration_is_on_disk_with_its_photos_and_predicted(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    model.reader.add_bytes(b"\x89PNG one", "1.png", "image/png")
    born = model.form.case_id
    with qtbot.waitSignal(model.registered):
        assert model.register()
    settled(seat, qtbot)
    assert [command.action for command in core.outbox.waiting(born)] == ["register", "attach"]
    assert core.outbox.attachment(core.outbox.waiting(born)[1].payload["sha256"]).data == b"\x89PNG one"
    entry = seat.case(born)
    assert (entry.case.state, entry.case.grid) == ("reported", "990101001001001")
    assert entry.case.caller_masked == "韩**"
    assert core.stores.drafts.drafts() == ()


def test_what_was_saved_survives_a_kill(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    born = model.form.case_id
    with qtbot.waitSignal(model.registered):
        model.register()
    settled(seat, qtbot)
    close_seat(seat)
    core.restart()
    assert [command.case_id for command in core.outbox.waiting()] == [born]


def test_a_draft_with_photos_survives_a_kill(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    model.reader.add_bytes(b"\x89PNG one", "1.png", "image/png")
    with qtbot.waitSignal(model.autosaved, timeout=2000):
        model.set_value(level=2)
    form = model.form
    close_seat(seat)
    core.restart()
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    (entry,) = model.drafts.entries
    assert entry.title == "雨水井盖整块缺失"
    model.open_draft(entry.case_id)
    settled(seat, qtbot)
    assert model.form == form


def test_a_point_outside_is_refused_here_as_the_centre_would(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    model.set_point(120.0, 30.0)
    assert not model.register()
    assert model.errors == {"grid": "地址不在本区范围内，请重选"}
    assert core.outbox.waiting() == ()


def test_a_direct_answer_is_two_commands_in_order(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    born = model.form.case_id
    with qtbot.waitSignal(model.registered):
        assert model.register("已告知办理地点")
    settled(seat, qtbot)
    assert [command.action for command in core.outbox.waiting(born)] == ["register", "self_close"]
    assert seat.case(born).case.state == "closed"


def test_the_whole_desk_works_offline_on_an_unsent_case(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    born = model.form.case_id
    with qtbot.waitSignal(model.registered):
        model.register()
    settled(seat, qtbot)
    for action, values in (
        ("accept", {}),
        ("comment", {"text": "现场有人看守"}),
    ):
        step = GenericViewModel(seat, action, born)
        step.load()
        settled(seat, qtbot)
        for name, value in values.items():
            step.set_value(name, value)
        with qtbot.waitSignal(step.saved):
            assert step.confirm()
        settled(seat, qtbot)
    filed = {"category": "component-0101", "condition": 1}
    seat.submit("file", born, filed)
    settled(seat, qtbot)
    dispatch = DispatchViewModel(seat, "dispatch", born, "muni")
    dispatch.load()
    settled(seat, qtbot)
    assert dispatch.limit().words == "4 工作时"
    with qtbot.waitSignal(dispatch.saved):
        assert dispatch.confirm()
    settled(seat, qtbot)
    assert seat.case(born).case.state == "pending_sign"
    assert [command.status for command in core.outbox.waiting(born)] == ["waiting"] * 5


def test_a_refusal_by_the_desk_leaves_the_files_untouched(core, sit, qtbot):
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    model.set_value(source="nobody")
    with qtbot.waitSignal(model.refused) as refused:
        model.register()
    assert refused.args == ["没有这个来源，请重新选择。"]
    assert core.outbox.waiting() == ()
    assert model.form.source == "nobody"


def test_a_form_that_could_not_be_saved_is_still_filled(core, sit, qtbot):
    disk = Disk(core.outbox._file._open())
    seat = sit()
    model = IntakeViewModel(seat)
    settled(seat, qtbot)
    fill(model)
    model.set_value(description=LONG[:1900])
    model.reader.add_bytes(b"\x89PNG" + bytes(30_000), "1.png", "image/png")
    settled(seat, qtbot)
    disk.fill()
    spill(core)
    form, before = model.form, core.outbox.history()
    with qtbot.waitSignal(model.refused, timeout=5000) as refused:
        model.register()
    settled(seat, qtbot)
    assert "磁盘已满" in refused.args[0]
    assert model.form == form, "what was typed is gone"
    assert core.outbox.history() == before
    assert list((core.folder / "attachments").iterdir()) == []
    disk.clear()
    with qtbot.waitSignal(model.registered, timeout=5000):
        assert model.register()
    settled(seat, qtbot)
    assert [row.action for row in core.outbox.waiting(form.case_id)] == ["register", "attach"]


def spill(core: ConsoleCore) -> None:
    """Take the last free bytes of the pages the file has."""
    for n in range(200):
        try:
            core.stores.drafts.keep(Draft(f"filler-{n}", {"text": LONG}, core.clock.wall()))
        except StorageFull:
            return
    pytest.fail("the disk never was full")
