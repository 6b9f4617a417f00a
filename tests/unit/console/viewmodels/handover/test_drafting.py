"""Drafting a brief: every kind of line from real cases, in order, counted where it does not fit, no number in full."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.viewmodels.handover import drafting
from console.viewmodels.handover.drafting import Sight, draft
from services.domain.handover import KINDS, check_brief
from services.ports.centre import Reason
from services.ports.field import GridActivity, GridReports
from services.ports.handover import BriefLine, Callback, Contact, LogFacts
from services.ports.outbox import SavedCommand
from services.ports.picture import Projected
from tests.support.fakes import World, world_for


@pytest.fixture
def world() -> World:
    return world_for("dispatcher")


def sight(world: World, **more: Any) -> Sight:
    cases = tuple(Projected(case, case) for case in world.cases.values())
    return Sight(
        cases, more.pop("commands", ()), more.pop("facts", None), world.rules, world.now, "u-me",
        lambda dept: {"muni": "市政"}.get(dept or "", dept or ""), lambda code: f"网格{(code or '')[-3:]}", **more,
    )  # fmt: skip


def kinds(lines: tuple[BriefLine, ...]) -> list[str]:
    return [line.kind for line in lines]


def only(lines: tuple[BriefLine, ...], kind: str) -> BriefLine:
    found = [line for line in lines if line.kind == kind]
    assert len(found) == 1, found
    return found[0]


def saved(case_id: str, status: str, now: datetime, **more: Any) -> SavedCommand:
    return SavedCommand(
        0, "c-1", case_id, "dispatch", {}, 1, now, "u-me", now, status=status, label="望塔街道", **more
    )


def test_nothing_known_is_an_empty_brief(world: World) -> None:
    assert draft(sight(world)) == ()


def test_an_urgent_case_names_state_and_unit(world: World) -> None:
    case = world.walk("handling", urgent=True)
    line = only(draft(sight(world)), "urgent")
    assert line.case_id == case.case_id and line.number == case.number
    assert line.text.startswith("处置中，市政") and "松影路" in line.text


def test_a_closed_case_is_nobodys_business(world: World) -> None:
    world.walk("closed", urgent=True)
    assert draft(sight(world)) == ()


def test_what_citizens_were_told_and_who_waits_for_a_call(world: World) -> None:
    case = world.walk("handling")
    at = world.now - timedelta(minutes=30)
    facts = LogFacts(
        7,
        (
            Contact(case.case_id, case.number, "松影路", at, True, "答应今晚前回电 13800001234", "江予安"),
            Contact("c-2", None, "南苑街", at, False, "无人接听", "江予安"),
        ),
        (Callback("c-3", "20261120-0009", "柳岸路", world.now + timedelta(hours=1)),),
        {},
    )
    lines = draft(sight(world, facts=facts))
    promises = [line.text for line in lines if line.kind == "promise"]
    assert promises[0] == "江予安 09:00 告知市民：答应今晚前回电 138****1234"
    assert "要再联系" in promises[1]
    callback = only(lines, "callback")
    assert callback.case_id == "c-3" and callback.due_at == world.now + timedelta(hours=1)


def test_near_breaches_stand_by_slack_and_late_ones_are_counted(world: World) -> None:
    first, second = world.walk("handling"), world.walk("handling")
    late = world.walk("pending_dispatch")
    due = first.due_at
    assert due is not None and late.due_at is not None
    assert "breach" not in kinds(draft(sight(world)))
    world.now = max(late.due_at, due - timedelta(minutes=20)) + timedelta(minutes=1)
    moved = replace(second.clocks["handle"], due_at=due + timedelta(minutes=4))
    world.cases[second.case_id] = replace(second, clocks={**second.clocks, "handle": moved})
    lines = [line for line in draft(sight(world, late=1)) if line.kind == "breach"]
    assert [line.case_id for line in lines] == [first.case_id, second.case_id, None]
    assert "还剩" in lines[0].text and lines[-1].text == "另有 1 件已经超期，由督查盯办"


class _Slow:
    """Units that need three hours for everything."""

    def usual_s(self, dept: str, category: str) -> float:
        return 3 * 3600.0


def test_what_a_unit_usually_needs_makes_a_case_near(world: World) -> None:
    case = world.walk("handling")
    assert case.due_at is not None
    world.now = case.due_at - timedelta(hours=2)
    assert "breach" not in kinds(draft(sight(world)))
    line = only(draft(sight(world, experience=_Slow())), "breach")
    assert "同类通常要 3 小时 0 分" in line.text


def test_a_unit_that_has_not_signed_is_named_after_half_an_hour(world: World) -> None:
    case = world.walk("pending_sign")
    world.advance(minutes=29)
    assert "silent_unit" not in kinds(draft(sight(world)))
    world.advance(minutes=2)
    line = only(draft(sight(world)), "silent_unit")
    assert line.case_id == case.case_id and line.text.startswith("市政 派遣后 31 分未签收")


def test_cases_of_the_upper_platform_and_orders_that_want_an_answer(world: World) -> None:
    due = (world.now + timedelta(hours=3)).isoformat()
    with_due = world.walk("handling", upper_id="SJ-1", upper_due=due)
    world.walk("pending_dispatch", upper_id="SJ-2")
    asked = world.walk("handling")
    world.apply("supervise", asked.case_id, kind="leader", level=1, reason="进度", need_reply=True)
    texts = {line.case_id: line.text for line in draft(sight(world)) if line.kind == "upper"}
    assert "SJ-1 要在 12:30 前答复" in texts[with_due.case_id]
    assert texts[asked.case_id].startswith("督办要答复") and len(texts) == 3


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        ("waiting", "unsent", "还没有得到中心答复"),
        ("invalid", "failed", "中心收不下"),
        ("rejected", "failed", "未通过：不能重复派遣"),
        ("conflict", "failed", "被别人先办"),
        ("needs_confirm", "failed", "要再确认"),
        ("held", "failed", "已暂停送出"),
    ],
)
def test_own_commands_that_wait_or_failed(world: World, status: str, kind: str, word: str) -> None:
    case = world.walk("pending_dispatch")
    reason = Reason("rule", "不能重复派遣") if status == "rejected" else None
    line = only(draft(sight(world, commands=(saved(case.case_id, status, world.now, reason=reason),))), kind)
    assert line.case_id == case.case_id and line.number == case.number and word in line.text


def test_decided_commands_are_no_line(world: World) -> None:
    case = world.walk("pending_dispatch")
    assert draft(sight(world, commands=(saved(case.case_id, "applied", world.now),))) == ()


def test_applications_that_wait(world: World) -> None:
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="材料未到")
    line = only(draft(sight(world)), "waiting")
    assert line.case_id == case.case_id and line.text.startswith("市政 延期申请等审批")


def test_own_claims_only(world: World) -> None:
    mine, other = world.walk("pending_dispatch"), world.walk("pending_dispatch")
    facts = LogFacts(1, (), (), {mine.case_id: "u-me", other.case_id: "u-else", "gone": "u-me"})
    assert only(draft(sight(world, facts=facts)), "claim").case_id == mine.case_id


def test_silent_grids_are_one_line(world: World) -> None:
    old = world.now - timedelta(days=60)
    grids = {f"99010100100100{n}": GridReports(90, old) for n in range(3)}
    line = only(draft(sight(world, activity=GridActivity(grids))), "silent_grid")
    assert line.case_id is None and line.text.startswith("3 个网格久未上报")


def test_what_does_not_fit_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "MOST", 2)
    for _ in range(4):
        world.walk("handling", urgent=True)
    lines = [line for line in draft(sight(world)) if line.kind == "urgent"]
    assert [bool(line.case_id) for line in lines] == [True, True, False]
    assert lines[-1].text == "另有 2 件，没有逐件列出"


def test_kinds_come_in_the_order_of_the_sheet_and_pass_the_check(world: World) -> None:
    world.walk("handling", urgent=True, upper_id="SJ-1")
    world.walk("pending_sign")
    world.advance(minutes=40)
    note = BriefLine("note", "关注：望塔路")
    lines = draft(sight(world, notes=(note,)))
    order = list(KINDS)
    assert kinds(lines) == sorted(kinds(lines), key=order.index) and lines[-1] == note
    brief = {
        "handover_id": "0193d6c1-0000-7000-8000-0000000000aa", "post": "dispatcher",
        "began_at": world.now.isoformat(), "drafted_at": world.now.isoformat(), "said_at": world.now.isoformat(),
        "lines": [line.doc() for line in lines], "remarks": "",
    }  # fmt: skip
    assert len(check_brief(brief)["lines"]) == len(lines)


@pytest.fixture(autouse=True)
def _app(qapp: Any) -> Iterator[None]:
    yield
