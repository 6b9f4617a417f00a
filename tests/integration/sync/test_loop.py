"""The console's core against a real centre over HTTP: the closed loop, conflicts, attachments, drift."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.case import Case
from services.ports.errors import NeverValid, SignInNeeded
from services.ports.outbox import APPLIED, CONFLICT, NEEDS_CONFIRM, REPLACED, SavedCommand
from services.ports.picture import CaseQuery
from services.ports.system import RandomIds, SystemClock
from services.sync.digest import DigestCheck, Drift
from services.sync.documents import Documents
from services.usecases.desk import attachment
from tests.support.console_core import ConsoleCore, quick_folder
from tests.support.demo_centre import RunningCentre

Open = Callable[..., ConsoleCore]


@pytest.fixture
def seat(demo_centre: RunningCentre) -> Iterator[Open]:
    """Open a console's core for an account of a role, with reference data and a first copy."""
    with ExitStack() as closing:

        def open_(role: str, index: int = 0) -> ConsoleCore:
            gateway, actor = demo_centre.seat(role, index)
            core = ConsoleCore(quick_folder(), gateway, actor, SystemClock(), RandomIds())
            closing.callback(gateway.close)
            closing.callback(core.close)
            Documents(core.cache, gateway).reference()
            core.world.reload()
            core.catch_up()
            return core

        yield open_


def act(core: ConsoleCore, action: str, case_id: str, payload: dict[str, Any] | None = None) -> SavedCommand:
    """Catch up, click, send; the command's fate."""
    core.catch_up()
    saved = core.desk.submit(action, core.overlay.project(case_id), payload or {})
    return sent(core, saved)


def sent(core: ConsoleCore, saved: SavedCommand) -> SavedCommand:
    while core.outbox.waiting():
        report = core.push()
        assert report.failure is None, report.failure
    found = core.outbox.get(saved.command_id)
    assert found is not None
    return found


def spot(core: ConsoleCore) -> dict[str, Any]:
    """A place inside the district: where some case already lies."""
    row = next(row for row in core.overlay.rows(CaseQuery(open_only=False)) if row.lon is not None)
    return {"lon": row.lon, "lat": row.lat, "address": "示例路 8 号"}


def birth(core: ConsoleCore, text: str = "路边有垃圾堆积") -> str:
    facts = {"kind": "event", "source": "patrol", "description": text, "location": spot(core)}
    saved = core.desk.register(facts)
    assert sent(core, saved).status == APPLIED
    return saved.case_id


def a_case_to_dispatch(core: ConsoleCore) -> tuple[str, str]:
    """A filed case and its usual department."""
    case_id = birth(core)
    act(core, "accept", case_id)
    rules = core.world.rules()
    assert rules is not None
    code, lead = next((c.code, c.dept) for c in rules.categories.values() if c.dept in rules.departments)
    assert act(core, "file", case_id, {"category": code, "condition": 0}).status == APPLIED
    assert lead is not None
    return case_id, lead


def test_a_case_goes_round_the_loop(seat: Open, demo_centre: RunningCentre) -> None:
    leader = seat("shift_leader")
    case_id, _ = a_case_to_dispatch(leader)
    depts = [seat("dept_user", i) for i in range(1)]
    unit = depts[0].actor.dept
    assert act(leader, "dispatch", case_id, {"lead_dept": unit}).status == APPLIED
    assert act(depts[0], "sign", case_id).status == APPLIED
    assert act(depts[0], "feed_back", case_id, {"result": "已清理"}).status == APPLIED
    assert act(leader, "send_check", case_id).status == APPLIED
    leader.catch_up()
    case = leader.cache.get(case_id)
    assert case is not None
    assert case.state == "checking"
    checker = _checker(demo_centre, case)
    if checker is not None:
        supervisor = seat("supervisor", checker)
        assert act(supervisor, "check_pass", case_id).status == APPLIED
        assert act(leader, "close", case_id, {"closing_condition": "清理"}).status == APPLIED
        leader.catch_up()
        closed = leader.cache.get(case_id)
        assert closed is not None
        assert closed.state == "closed"
    detail = leader.gateway.case_detail(case_id)
    assert detail.timeline[0].action == "register"
    assert [entry.version for entry in detail.timeline] == list(range(1, len(detail.timeline) + 1))
    assert detail.case == leader.cache.get(case_id)


def _checker(centre: RunningCentre, case: Case) -> int | None:
    """The supervisor whose area holds the case, if the demo has an account for it."""
    supervisors = [a for a in centre.accounts if a["roles"] == ["supervisor"]]
    for index, account in enumerate(supervisors):
        if (case.grid or "").startswith(account["area_code"]):
            return index
    return None


def test_two_dispatchers_one_case(seat: Open) -> None:
    leader, first, second = seat("shift_leader"), seat("dispatcher", 0), seat("dispatcher", 1)
    case_id, lead = a_case_to_dispatch(leader)
    first.catch_up()
    second.catch_up()
    clicks = [
        core.desk.submit("dispatch", core.overlay.project(case_id), {"lead_dept": lead})
        for core in (first, second)
    ]
    assert sent(first, clicks[0]).status == APPLIED
    lost = sent(second, clicks[1])
    assert lost.status == CONFLICT
    assert lost.winner is not None
    assert (lost.winner.actor, lost.winner.action) == (first.actor.name, "dispatch")
    assert lost.winner.summary
    second.catch_up()
    shown = second.desk.view(case_id)
    assert shown is not None
    assert shown.case.state == "pending_sign"
    assert second.desk.resolve_conflict(lost, again=False) is None
    assert second.outbox.attention() == ()


def test_an_old_picture_is_asked_about(seat: Open) -> None:
    leader = seat("shift_leader")
    case_id = birth(leader)
    leader.catch_up()
    now = leader.time.now()
    assert now is not None
    leader.time.heard(now - timedelta(minutes=11))
    saved = leader.desk.submit("accept", leader.overlay.project(case_id), {})
    asked = sent(leader, saved)
    assert asked.status == NEEDS_CONFIRM
    leader.catch_up()
    again = leader.desk.confirm_again(asked)
    assert again.command_id != asked.command_id
    assert sent(leader, again).status == APPLIED
    old = leader.outbox.get(asked.command_id)
    assert old is not None
    assert (old.status, old.replaced_by) == (REPLACED, again.command_id)


def test_an_attachment_goes_first(seat: Open) -> None:
    leader = seat("shift_leader")
    case_id = birth(leader)
    leader.catch_up()
    photo = attachment(b"\xff\xd8" + b"picture" * 500, "现场.jpg", "image/jpeg")
    projected = leader.overlay.project(case_id)
    assert projected is not None
    saved = leader.desk.attach(projected, photo)
    assert saved.uploads == (photo.sha256,)
    assert sent(leader, saved).status == APPLIED
    assert leader.gateway.get_attachment(photo.sha256) == photo.data
    assert leader.outbox.attachment(photo.sha256) is None
    assert [info.sha256 for info in leader.gateway.case_detail(case_id).attachments] == [photo.sha256]


def test_a_prediction_is_what_the_centre_decides(seat: Open) -> None:
    leader = seat("shift_leader")
    case_id = birth(leader)
    leader.catch_up()
    leader.desk.submit("accept", leader.overlay.project(case_id), {})
    predicted = leader.overlay.project(case_id)
    assert predicted is not None
    while leader.outbox.waiting():
        leader.push()
    leader.catch_up()
    decided = leader.cache.get(case_id)
    assert decided is not None
    same = replace(predicted.case, clocks={})
    assert same == replace(decided, clocks={})
    assert predicted.case.due_at is not None
    assert decided.due_at is not None
    assert abs(predicted.case.due_at - decided.due_at) < timedelta(seconds=5)


def test_silent_drift_is_found_and_repaired(seat: Open) -> None:
    leader = seat("shift_leader")
    leader.catch_up()
    check = DigestCheck(leader.cache, leader.gateway)
    assert check.check(leader.feed.place.cursor).drift is Drift.NONE
    row = leader.cache.rows(CaseQuery())[0]
    true = leader.cache.get(row.case_id)
    assert true is not None
    leader.cache.replace_cases([replace(true, version=true.version + 7)])
    report = check.check(leader.feed.place.cursor)
    assert report.drift is Drift.REPAIRED
    assert report.changed == {row.case_id}
    assert leader.cache.get(row.case_id) == true
    assert check.check(leader.feed.place.cursor).drift is Drift.NONE


def test_a_department_sees_its_own_cases_come_and_go(seat: Open) -> None:
    leader, dept = seat("shift_leader"), seat("dept_user")
    case_id, _ = a_case_to_dispatch(leader)
    assert act(leader, "dispatch", case_id, {"lead_dept": dept.actor.dept}).status == APPLIED
    dept.catch_up()
    assert dept.cache.get(case_id) is not None
    assert act(leader, "recall", case_id, {"reason": "派错了"}).status == APPLIED
    dept.catch_up()
    assert dept.cache.get(case_id) is None
    assert dept.overlay.project(case_id) is None


def test_the_smaller_questions(seat: Open) -> None:
    leader = seat("shift_leader")
    case_id = birth(leader, "桥头井盖缺失，行人绕行")
    leader.catch_up()
    case = leader.cache.get(case_id)
    assert case is not None
    assert leader.gateway.meta().contract == 1
    assert leader.gateway.me().actor == leader.actor
    found = leader.gateway.search_cases({"q": "井盖缺失", "state": ["reported", "verifying"]}, limit=5)
    assert case_id in [hit.case_id for hit in found.cases]
    assert case.location.lon is not None
    assert case.location.lat is not None
    near = leader.gateway.similar(case.location.lon, case.location.lat, None, "井盖缺失")
    assert case_id in [hit.case.case_id for hit in near]
    leader.gateway.claim(case_id)
    held = [entry for entry in leader.gateway.presence() if entry.case_id == case_id]
    assert [entry.user_id for entry in held] == [leader.actor.id]
    leader.gateway.unclaim(case_id)
    assert case_id not in [entry.case_id for entry in leader.gateway.presence()]
    with pytest.raises(NeverValid) as refused:
        leader.gateway.case_detail("01930000-0000-7000-8000-00000000dead")
    assert refused.value.problem.status == 404


def test_signed_out_is_held_not_lost(seat: Open) -> None:
    leader = seat("shift_leader")
    case_id = birth(leader)
    leader.catch_up()
    leader.gateway.sign_out()
    saved = leader.desk.submit("comment", leader.overlay.project(case_id), {"text": "下班前"})
    report = leader.push()
    assert isinstance(report.failure, SignInNeeded)
    assert report.retry_in_s is None
    assert [c.command_id for c in leader.outbox.waiting()] == [saved.command_id]
