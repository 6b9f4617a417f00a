"""After a restored backup: which decided commands the centre's history no longer knows, and how that is found."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from services.ports.centre import TimelineEntry
from services.ports.errors import GatewayError, NeverValid, Problem, Unknown
from services.ports.outbox import SavedCommand
from services.sync.restored import DAYS, Restored, RestoredReport
from services.usecases.lost import LostDesk
from tests.unit.sync.ground import Ground


class Details:
    """The centre's histories, which a test takes things out of."""

    def __init__(self, g: Ground) -> None:
        self.log = [(c.case_id, c.command_id) for c in g.core.outbox.history(1000)]
        self.forgotten: set[str] = set()
        self.gone: set[str] = set()
        self.asked: list[str] = []
        self.failure: GatewayError | None = None

    def case_detail(self, case_id: str) -> object:
        self.asked.append(case_id)
        if self.failure is not None:
            raise self.failure
        if case_id in self.gone:
            raise NeverValid(Problem(404, "not_found", "没有。"))
        known = [command_id for case, command_id in self.log if case == case_id]
        entries = [
            TimelineEntry(0, 0, "comment", "", "", "", None, command_id, {})
            for command_id in known
            if command_id not in self.forgotten
        ]
        return SimpleNamespace(timeline=tuple(entries))


def told(g: Ground, *texts: str) -> tuple[str, list[SavedCommand]]:
    """A case with decided comments on it."""
    case_id = g.born()
    clicks = [g.click("comment", case_id, {"text": text}) for text in texts]
    g.drain()
    return case_id, clicks


def watch(g: Ground, known: str | None = "one") -> tuple[Restored, Details]:
    details = Details(g)
    core = g.core
    return Restored(core.stores.lost, details, core.clock, core.time, known), details  # type: ignore[arg-type]


def all_steps(restored: Restored, epoch: str) -> list[RestoredReport]:
    reports = [restored.step(epoch)]
    while reports[-1].more:
        reports.append(restored.step(epoch))
    return reports


def test_the_same_history_asks_nothing(g: Ground) -> None:
    told(g, "一")
    restored, details = watch(g)
    assert restored.step("one") == RestoredReport() and details.asked == []
    assert g.core.stores.lost.settled_epoch() == "one"


def test_a_first_copy_of_all_is_taken_as_it_is(g: Ground) -> None:
    restored, details = watch(g, known=None)
    assert restored.step("one") == RestoredReport() and details.asked == []
    assert g.core.stores.lost.settled_epoch() == "one"


def test_another_history_is_compared_case_by_case(g: Ground) -> None:
    first, [a, b] = told(g, "一", "二")
    second, [c] = told(g, "三")
    restored, details = watch(g)
    details.forgotten = {b.command_id}
    details.gone = {second}
    reports = all_steps(restored, "two")
    assert details.asked == [first, second]
    lost = [command.command_id for command in g.core.stores.lost.lost()]
    assert b.command_id in lost and c.command_id in lost and a.command_id not in lost
    assert reports[-1].found == len(lost) == 3, "the birth of the case that is gone is among them"
    assert restored.step("two") == RestoredReport() and len(details.asked) == 2


def test_nothing_missing_says_nothing(g: Ground) -> None:
    told(g, "一")
    restored, _ = watch(g)
    assert [report.found for report in all_steps(restored, "two")] == [0]
    assert g.core.stores.lost.lost() == ()


def test_a_failure_asks_for_the_same_case_again(g: Ground) -> None:
    case_id, [click] = told(g, "一")
    restored, details = watch(g)
    details.forgotten, details.failure = {click.command_id}, Unknown("没有答复。")
    for _ in range(2):
        with pytest.raises(Unknown):
            restored.step("two")
    details.failure = NeverValid(Problem(422, "odd", "不行。"))
    with pytest.raises(NeverValid):
        restored.step("two")
    assert g.core.stores.lost.settled_epoch() == "one", "not settled before the end"
    details.failure = None
    assert all_steps(restored, "two")[-1].found == 1
    assert details.asked == [case_id] * 4


def test_a_crash_in_between_compares_again(g: Ground) -> None:
    _, [a] = told(g, "一")
    _, [b] = told(g, "二")
    restored, details = watch(g)
    details.forgotten = {a.command_id, b.command_id}
    assert restored.step("two").more
    g.core.restart()
    again, details = watch(g, known="two")
    details.forgotten = {a.command_id, b.command_id}
    all_steps(again, "two")
    assert {c.command_id for c in g.core.stores.lost.lost()} == {a.command_id, b.command_id}


def test_yet_another_history_in_the_middle_begins_anew(g: Ground) -> None:
    told(g, "一")
    told(g, "二")
    restored, details = watch(g)
    assert restored.step("two").more
    all_steps(restored, "three")
    assert len(details.asked) == 3 and g.core.stores.lost.settled_epoch() == "three"


def test_doubt_under_the_same_epoch_compares_again(g: Ground) -> None:
    _, [click] = told(g, "一")
    restored, details = watch(g)
    details.forgotten = {click.command_id}
    restored.doubt()
    assert all_steps(restored, "one")[-1].found == 1


def test_a_doubt_while_the_last_case_is_looked_up_is_not_forgotten(g: Ground) -> None:
    """The feed's thread learns of it while the other thread waits for the centre's answer."""
    _, [click] = told(g, "一")
    restored, details = watch(g)
    ask = details.case_detail

    def meanwhile(case_id: str) -> object:
        answer = ask(case_id)
        if len(details.asked) == 1:
            restored.doubt()
            details.forgotten = {click.command_id}
        return answer

    details.case_detail = meanwhile  # type: ignore[method-assign]  # the double's answer takes its time
    assert restored.step("two").more, "what was answered before the doubt says nothing"
    assert all_steps(restored, "two")[-1].found == 1
    assert g.core.stores.lost.settled_epoch() == "two"


def test_what_is_older_than_a_week_is_left_alone(g: Ground) -> None:
    told(g, "一")
    g.core.clock.pass_((DAYS + 1) * 86400)
    g.core.time.heard(g.core.clock.wall())
    restored, details = watch(g)
    assert all_steps(restored, "two") == [RestoredReport()] and details.asked == []


def test_what_was_never_lost_is_applied_when_it_is_sent_again(g: Ground) -> None:
    """A case that has left the scope cannot be looked up; its commands are offered though the centre has them."""
    case_id, [click] = told(g, "一")
    restored, details = watch(g)
    details.gone = {case_id}
    all_steps(restored, "two")
    lost = [command.command_id for command in g.core.stores.lost.lost()]
    assert click.command_id in lost
    g.core.clock.pass_(3600)
    g.core.time.heard(g.core.clock.wall())
    LostDesk(g.core.stores.lost, g.core.time, lambda *_: None).send_again(lost)
    g.drain()
    assert {g.core.outbox.get(one).status for one in lost} == {"applied"}  # type: ignore[union-attr]  # they are there
    assert g.core.outbox.counts().attention == 0
