"""Clocks, order, timeline sentences and lists of the seats from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.backend.reference.load import load_reference, rules_from
from services.backend.seat.clocks import clock_view, risk_key
from services.backend.seat.desks import keeps_sight, report_source, tabs_of, works_here
from services.backend.seat.history_words import step_of
from services.backend.seat.lists import chips_of
from services.domain.bands import BANDS
from services.domain.case import Case, Counts, Location, Owner
from services.domain.clocks import Clock
from services.domain.lifecycle import ACTIONS
from services.domain.limits import Limit
from services.domain.roles import ROLES, Actor
from services.sql.types import to_ms

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # a Friday, 14:00 in the centre's zone
RULES = rules_from(load_reference())
ME = Actor("u-me", "我", ("dept_user",), "990101", "muni")


def case(left_s: int | None = 3600, state: str = "handling", **more: Any) -> Case:
    """A case whose handling clock of 4 continuous hours has so much left."""
    limit = Limit(4, "urgent_hour")
    clocks = {}
    if left_s is not None:
        due = NOW + timedelta(seconds=left_s)
        clocks = {"handle": Clock("handle", due - timedelta(hours=4), limit, due)}
    values: dict[str, Any] = {
        "case_id": "c", "kind": "event", "source": "hotline", "state": state, "description": "", "version": 1,
        "location": Location(1, 2), "created_at": NOW, "clocks": clocks, "lead_dept": "muni", **more,
    }  # fmt: skip
    return Case(**values)


@pytest.mark.parametrize(
    ("left", "band", "text", "used"),
    [(3 * 3600, "ok", "余 3:00:00", 25), (600, "soon", "余 0:10:00", 96), (-60, "over1", "超 0:01:00", 100),
     (-30 * 3600, "over2", "超 1天 06:00", 100), (-80 * 3600, "over3", "超 3天 08:00", 100)],
)  # fmt: skip
def test_a_running_clock(left: int, band: str, text: str, used: int) -> None:
    view = clock_view(case(left), NOW, RULES)
    assert view is not None
    assert (view.band, view.text, view.used, view.runs) == (band, text, used, True)
    assert view.name == "处置时限"
    assert view.limit == "4 紧急工作时"


def test_a_clock_that_stands_still_or_is_not_there() -> None:
    frozen = Clock("handle", NOW - timedelta(hours=1), Limit(4, "urgent_hour"), None, frozen_s=2 * 86400)
    view = clock_view(case(None, "suspended", clocks={"handle": frozen}), NOW, RULES)
    assert view is not None
    assert (view.band, view.text, view.runs, view.due) == ("suspended", "挂账 余 2天", False, "")
    assert clock_view(case(None), NOW, RULES) is None
    working = Clock("handle", NOW, Limit(4, "work_hour"), NOW + timedelta(hours=4))
    night = clock_view(case(None, clocks={"handle": working}), NOW + timedelta(hours=8), RULES)
    assert night is not None
    assert night.band.startswith("over"), "late time runs on by the wall clock"
    evening = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    asleep = Clock("handle", evening, Limit(4, "work_hour"), datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
    view = clock_view(case(None, clocks={"handle": asleep}), evening, RULES)
    assert view is not None
    assert (view.off_hours, view.runs, view.text) == (True, False, "余 4:00:00")


def test_ended_cases_say_whether_they_were_in_time() -> None:
    def ended(stopped: timedelta) -> Case:
        clock = Clock(
            "handle", NOW, Limit(4, "urgent_hour"), NOW + timedelta(hours=4), stopped_at=NOW + stopped
        )
        return case(None, "closed", clocks={"handle": clock})

    for found, text in (
        (ended(timedelta(hours=3)), "按期结案"),
        (ended(timedelta(hours=5)), "超期结案"),
        (case(None, "cancelled"), "已结束"),
        (case(None, "archived"), "按期结案"),
    ):
        view = clock_view(found, NOW, RULES)
        assert view is not None
        assert (view.band, view.text) == ("closed", text)


def test_risk_order() -> None:
    order = [
        case(5000, case_id="urgent", urgent=True),
        case(600, case_id="soon"),
        case(9000, case_id="ok"),
        case(-600, case_id="over1"),
        case(-30 * 3600, case_id="over2"),
        case(-80 * 3600, case_id="over3"),
        case(None, case_id="none"),
    ]
    keyed = sorted(reversed(order), key=lambda one: risk_key(one, clock_view(one, NOW, RULES), RULES))
    assert [one.case_id for one in keyed] == [one.case_id for one in order]
    assert set(BANDS) >= {"ok", "closed"}


def test_chips_say_what_a_row_needs() -> None:
    plain = case(
        counts=Counts(rework=2, urge=1), round=2, assignee="u-you", flags=frozenset({"extension_pending"})
    )
    assert chips_of(plain, ME) == (
        ("延期待批", "ask"),
        ("返工 2", ""),
        ("催办 1", ""),
        ("第 2 轮", ""),
        ("已指派", ""),
    )
    co = case(lead_dept="sani", co_depts=("muni",), urgent=True, assignee="u-me")
    assert chips_of(co, ME) == (("急要件", "urgent"), ("协办", ""), ("指派给我", ""))
    named = case(state="verifying", owner=Owner("supervisor", None, "u-me"))
    assert ("指名给我", "") in chips_of(named, ME)


def step(action: str, role: str = "dispatcher", who: str = "江予安", /, **payload: Any) -> Any:
    row = {"action": action, "role": role, "at": to_ms(NOW)}
    return step_of(row, {"p": payload, "n": who}, NOW, RULES)


@pytest.mark.parametrize(
    ("action", "payload", "head", "said", "more"),
    [
        ("dispatch", {"lead_dept": "muni", "co_depts": ["sani"], "note": "请尽快"}, "派遣 → 市政公用服务中心", "请尽快",
         ("协办：市容环卫中心",)),
        ("dispatch", {"lead_dept": "gone"}, "派遣 → gone", "", ()),
        ("file", {"category": "component-0101", "condition": 0}, "立案",
         "上水井盖，缺失移位开裂有隐患，处置时限 2 紧急工作时", ()),
        ("file", {"category": "gone-1", "condition": 9}, "立案", "gone-1", ()),
        ("return_case", {"reason": "不归我们", "basis": "清单"}, "退单", "不归我们", ("依据：清单",)),
        ("feed_back", {"result": "好了", "outside_duty": True}, "反馈（非本单位职责）", "好了", ()),
        ("feed_back", {"result": "好了", "solved": False, "public_reply": "您好"}, "反馈（未解决）", "好了",
         ("公开答复：您好",)),
        ("feed_back", {"result": "好了"}, "反馈", "好了", ()),
        ("decide_extension", {"approve": True, "note": "可以"}, "审批延期：同意", "可以", ()),
        ("decide_appeal", {"approve": False}, "裁定申诉：不同意", "", ()),
        ("apply_extension", {"reason": "雨", "amount": 1.5, "unit": "work_day"}, "申请延期 1.5 工作日", "雨", ()),
        ("apply_extension", {"reason": "雨"}, "申请延期", "雨", ()),
        ("apply_suspend", {"reason": "苗木", "until": "2026-12-01T00:00:00+08:00"},
         "申请挂账至 12-01 00:00", "苗木", ()),
        ("apply_suspend", {"reason": "苗木", "until": "?"}, "申请挂账至 ?", "苗木", ()),
        ("verify_result", {"result": "not_found", "note": "找过"}, "核实反馈：未找到", "找过", ()),
        ("contact_citizen", {"at": "2026-11-20T05:00:00+00:00", "reached": True, "text": "约好"},
         "联系群众（13:00）：已联系上", "约好", ()),
        ("callback", {"reached": False}, "回访：未联系上", "", ()),
        ("attach", {"name": "图.jpg", "mime": "image/jpeg", "sha256": "b" * 64}, "添加附件", "图.jpg", ()),
        ("assign", {"to": None}, "指派（撤销）", "", ()),
        ("assign", {"to": "u-1"}, "指派", "", ()),
    ],
)  # fmt: skip
def test_sentences_of_the_timeline(
    action: str, payload: dict[str, Any], head: str, said: str, more: tuple[str, ...]
) -> None:
    found = step(action, **payload)
    assert (found.head, found.said, found.more) == (head, said, more)


def test_timeline_names_the_post_masks_numbers_and_shows_photos() -> None:
    found = step("comment", "dept_user", "苏安兰", text="打 13812345678")
    assert (found.at, found.who, found.said) == ("14:00", "专业部门 苏安兰", "打 138****5678")
    assert step("archive", "system", "系统").who == "系统"
    assert step("attach", sha256="b" * 64, mime="image/png", name="x").photos == ("b" * 64,)
    assert step("attach", sha256="b" * 64, mime="audio/wav", name="x").photos == ()
    assert step("feed_back", result="x", photos=["c" * 64]).photos == ("c" * 64,)


def test_every_action_has_a_sentence() -> None:
    assert all(step(action).head for action in ACTIONS)


def test_every_role_is_seated_or_told_where_it_works() -> None:
    for role in ROLES:
        check_role(role)


def check_role(role: str) -> None:
    actor = Actor("u", "谁", (role,), "990101", "muni")
    if tabs_of(actor):
        assert works_here(actor)
    assert (report_source(actor) is not None) == (
        role in ("supervisor", "grid_worker", "dept_user", "street_user")
    )
    if report_source(actor):
        assert report_source(actor) in RULES.sources
        assert works_here(actor)
    assert keeps_sight(actor) is (role not in ("dept_user", "street_user", "handler"))


def test_several_roles_have_all_their_lists_once() -> None:
    both = Actor("u", "谁", ("leader", "evaluator"), "990101")
    assert [tab.id for tab in tabs_of(both)] == ["late", "open", "recent", "appeals"]
