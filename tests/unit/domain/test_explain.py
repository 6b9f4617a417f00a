"""时限说明书: slices that add up, sentences that say why, the deadline that holds; every clock of a case's life."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import clocks as ck
from services.domain.calendar import WorkCalendar, to_s
from services.domain.case import Case
from services.domain.case_doc import delta
from services.domain.clocks import Clock, Pause
from services.domain.explain import (
    Explanation,
    Rule,
    explain,
    explain_case,
    explanation_doc,
    from_log,
    rule_of,
)
from services.domain.explain_slices import KINDS
from services.domain.explain_story import STAGE
from services.domain.explain_words import (
    SENTENCES,
    counted_words,
    day_words,
    slot_words,
    span_words,
    week_words,
)
from services.domain.limits import Limit
from services.domain.reference import ExclusionWindow
from services.domain.roles import SYSTEM
from tests.unit.domain.ground import (
    ACCEPTOR,
    CALENDAR,
    DISPATCHER,
    LEADER_OF_SHIFT,
    MUNI,
    OCTOBER,
    RULES,
    SANI,
    SUPERVISOR,
    act,
    at,
    case_in,
    rules,
)
from tests.unit.domain.test_clocks import histories, started, window

CONDITION = Rule("event-0110", "暴露生活垃圾", "未入容器", Limit(4, "work_hour"))
TYPHOON = ExclusionWindow("w1", at("2026-11-23 10:00"), at("2026-11-23 15:00"), "防汛〔2026〕7号")


def told(
    clock: Clock, now: str | datetime, *, rule: Rule = CONDITION, calendar: WorkCalendar = CALENDAR
) -> Explanation:
    moment = at(now) if isinstance(now, str) else now
    return explain(clock, rule=rule, calendar=calendar, windows={"w1": TYPHOON}, now=moment)


def codes(explanation: Explanation) -> list[str]:
    return [sentence.code for sentence in explanation.sentences]


def drawn(explanation: Explanation) -> list[tuple[str, str, str]]:
    return [
        (
            f"{s.start.astimezone(CN):%d %H:%M}",
            f"{s.end.astimezone(CN):%d %H:%M}",
            s.kind + ("" if s.past else "?"),
        )
        for s in explanation.slices
    ]


CN = at("2026-11-23 00:00").tzinfo


def test_a_running_clock_over_a_weekend() -> None:
    shown = told(started("2026-11-20 16:00", "4wh"), "2026-11-20 17:00")
    assert drawn(shown) == [
        ("20 16:00", "20 17:00", "counting"),
        ("20 17:00", "20 18:00", "counting?"),
        ("20 18:00", "23 08:00", "non_working?"),
        ("23 08:00", "23 10:00", "counting?"),
    ]
    assert (shown.state, shown.total_s, shown.counted_s, shown.remaining_s) == ("running", 14400, 3600, 10800)
    assert shown.text.splitlines() == [
        "处置时限为 4 工作时，由立案条件“未入容器”（暴露生活垃圾）确定。",
        "工作时只计工作时段：周一至周五 08:00–12:00、14:00–18:00，1 工作日等于 8 工作时；节假日不计，调休上班日计入。",
        "自 2026-11-20（周五）16:00 起计。",
        "因此到期时间为 2026-11-23（周一）10:00。",
        "到 2026-11-20（周五）17:00 已计 1 工作时，剩余 3 工作时。",
    ]


def test_a_start_outside_working_time_says_from_when_it_counts() -> None:
    shown = told(started("2026-11-20 18:30", "2wh"), "2026-11-21 10:00")
    assert shown.first_counted == at("2026-11-23 08:00")
    assert "开始于非工作时间（2026-11-20（周五）18:30），自 2026-11-23（周一）08:00 起计。" in shown.text
    assert drawn(shown)[0] == ("20 18:30", "21 10:00", "non_working")


def test_a_late_clock_shows_what_is_overdue() -> None:
    shown = told(started("2026-11-23 09:00", "1wh"), "2026-11-24 10:00:30")
    assert (shown.state, shown.overdue_s, shown.remaining_s) == ("late", 86430, -86430)
    assert shown.slices[-1].kind == "overdue"
    assert "已超期 24 小时 30 秒（自然时间）。" in shown.text


def test_stage_limits_and_continuous_units() -> None:
    clock = ck.start("accept", Limit(30, "minute"), at("2026-11-21 02:00"), CALENDAR)
    shown = told(clock, "2026-11-21 02:10", rule=STAGE)
    assert shown.text.splitlines()[:2] == [
        "受理时限为 30 分钟，由本中心的环节时限设置确定。",
        "分钟连续计算，夜间、周末和节假日都计入。",
    ]
    assert codes(shown) == ["rule.stage", "unit.continuous", "start.now", "due", "now.left"]
    assert shown.name == "受理时限"


def test_holidays_and_make_up_days_on_the_way_are_named() -> None:
    shown = told(started("2026-09-30 10:00", "5wd", OCTOBER), "2026-10-09 09:00", calendar=OCTOBER)
    assert shown.due == at("2026-10-13 10:00")
    assert "期间的节假日不计：2026-10-01 至 2026-10-07。" in shown.text
    assert "期间的调休上班日计入：2026-10-10。" in shown.text


def test_a_suspension_over_and_one_still_open() -> None:
    clock = ck.pause(started("2026-11-23 09:00", "4wh"), at("2026-11-23 11:00"), CALENDAR)
    frozen = told(clock, "2026-11-24 09:00")
    assert (frozen.state, frozen.due, frozen.remaining_s) == ("paused", None, 7200)
    assert drawn(frozen) == [("23 09:00", "23 11:00", "counting"), ("23 11:00", "24 09:00", "pause")]
    assert codes(frozen)[3:] == ["pause.open", "due.open", "now.left"]
    resumed = told(ck.resume(clock, at("2026-11-25 14:30"), CALENDAR), "2026-11-25 15:00")
    assert resumed.due == at("2026-11-25 16:30")
    assert (
        "2026-11-23（周一）11:00 至 2026-11-25（周三）14:30 挂账，不计时（共 51 小时 30 分）。"
        in resumed.text
    )
    assert ("23 11:00", "25 14:30", "pause") in drawn(resumed)


def test_a_clock_suspended_when_it_was_late() -> None:
    clock = ck.pause(started("2026-11-23 08:00", "2uh"), at("2026-11-23 11:00"), CALENDAR)
    frozen = told(clock, "2026-11-23 12:00")
    assert frozen.overdue_s == 3600
    assert "挂账前已超期 1 小时。" in frozen.text
    shown = told(ck.resume(clock, at("2026-11-23 15:00"), CALENDAR), "2026-11-23 16:00")
    assert shown.due == at("2026-11-23 14:00")
    assert shown.overdue_s == 7200
    assert shown.exact
    assert "pause.late" in codes(shown)
    assert drawn(shown) == [
        ("23 08:00", "23 10:00", "counting"),
        ("23 10:00", "23 11:00", "overdue"),
        ("23 11:00", "23 15:00", "pause"),
        ("23 15:00", "23 16:00", "overdue"),
    ]


def test_an_exclusion_window_is_named_with_its_document_and_what_it_took() -> None:
    clock = started("2026-11-23 09:00", "4wh", CALENDAR, TYPHOON.pause)
    shown = told(clock, "2026-11-23 16:00")
    assert (
        "2026-11-23（周一）10:00 至 2026-11-23（周一）15:00 为免计时段，依据：防汛〔2026〕7号；" in shown.text
    )
    assert "其中 3 工作时 不计入本时限。" in shown.text
    assert ("23 10:00", "23 15:00", "window") in drawn(shown)
    unknown = started(
        "2026-11-23 09:00", "4wh", CALENDAR, window("2026-11-23 10:00", "2026-11-23 11:00", "w9")
    )
    assert "（编号 w9）" in told(unknown, "2026-11-23 16:00").text


def test_a_window_after_the_end_of_a_clock_is_not_mentioned() -> None:
    clock = started("2026-11-23 09:00", "1wh", CALENDAR, TYPHOON.pause)
    assert "window" not in codes(told(clock, "2026-11-23 09:30"))


def test_where_a_window_and_a_suspension_overlap_the_suspension_is_drawn() -> None:
    clock = started("2026-11-23 09:00", "4wh", CALENDAR, TYPHOON.pause)
    clock = ck.pause(clock, at("2026-11-23 11:00"), CALENDAR)
    clock = ck.resume(clock, at("2026-11-23 14:00"), CALENDAR)
    shown = told(clock, "2026-11-23 15:30")
    assert drawn(shown)[:5] == [
        ("23 09:00", "23 10:00", "counting"),
        ("23 10:00", "23 11:00", "window"),
        ("23 11:00", "23 14:00", "pause"),
        ("23 14:00", "23 15:00", "window"),
        ("23 15:00", "23 15:30", "counting"),
    ]
    assert shown.due == at("2026-11-23 18:00")
    assert "其中 2 工作时 不计入本时限。" in shown.text


def test_starts_inside_a_window_and_clocks_that_have_not_counted_yet() -> None:
    clock = started("2026-11-23 10:30", "1uh", CALENDAR, TYPHOON.pause)
    shown = told(clock, "2026-11-23 11:00")
    assert "开始于免计时段内（2026-11-23（周一）10:30），自 2026-11-23（周一）15:00 起计。" in shown.text
    asleep = ck.pause(started("2026-11-21 10:00", "1wh"), at("2026-11-21 11:00"), CALENDAR)
    never = told(asleep, "2026-11-21 12:00")
    assert never.first_counted is None
    assert "到 2026-11-21（周六）12:00 还没有开始计时。" in never.text
    assert "start.now" in codes(told(started("2026-11-23 09:00", "1wh"), "2026-11-23 08:00"))


def test_a_clock_ended_the_very_second_it_started_has_nothing_to_draw_but_the_way_ahead() -> None:
    frozen = ck.pause(started("2026-11-23 09:00", "1wh"), at("2026-11-23 09:00"), CALENDAR)
    shown = told(ck.stop(frozen, at("2026-11-23 09:00")), "2026-11-23 12:00")
    assert shown.slices == ()
    assert codes(shown)[2:] == ["unit.working", "start.now", "pause.open", "end.paused"]


def test_extensions_are_told_as_they_were_granted_before_a_later_suspension() -> None:
    clock = ck.extend(
        started("2026-11-23 09:00", "4wh"), Limit(4, "work_hour"), CALENDAR, at("2026-11-23 10:00")
    )
    clock = ck.pause(clock, at("2026-11-23 16:00"), CALENDAR)
    clock = ck.resume(clock, at("2026-11-25 08:00"), CALENDAR)
    shown = told(clock, "2026-11-25 08:30")
    (more,) = shown.extensions
    assert (more.before, more.due) == (at("2026-11-23 15:00"), at("2026-11-24 09:00"))
    assert shown.due == at("2026-11-25 11:00")
    assert codes(shown)[3:6] == ["extension", "pause.over", "due"]
    assert "第 1 次延期 4 工作时，于 2026-11-23（周一）10:00 批准" in shown.text


def test_an_extension_in_another_unit_is_counted_in_its_own() -> None:
    clock = ck.extend(
        started("2026-11-27 16:00", "2wh"), Limit(16, "urgent_hour"), CALENDAR, at("2026-11-27 17:00")
    )
    shown = told(clock, "2026-11-27 20:00")
    assert drawn(shown) == [("27 16:00", "27 20:00", "counting"), ("27 20:00", "28 10:00", "counting?")]
    assert "已计 4 小时，剩余 14 小时。" in shown.text


def test_a_deadline_set_by_hand_and_one_from_an_import() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    hand = told(ck.set_due(clock, at("2026-11-24 20:00"), at("2026-11-23 10:00")), "2026-11-23 11:00")
    assert hand.due == at("2026-11-24 20:00")
    assert "到期时间于 2026-11-23（周一）10:00 由值班长人工调整为 2026-11-24（周二）20:00；" in hand.text
    assert "按规则推算为 2026-11-23（周一）15:00" in hand.text
    source = told(ck.set_due(clock, at("2026-11-24 20:00")), "2026-11-23 11:00")
    assert "取自导入的原系统" in source.text
    early = told(ck.set_due(clock, at("2026-11-23 08:00")), "2026-11-23 11:00")
    assert early.overdue_s == 3 * 3600
    assert "start.now" in codes(early)


def test_stopped_clocks_in_time_late_suspended_and_replaced() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    in_time = told(ck.stop(clock, at("2026-11-23 10:00")), "2026-12-01 10:00")
    assert (in_time.state, in_time.counted_s, in_time.remaining_s) == ("stopped", 3600, None)
    assert in_time.slices[-1].end == at("2026-11-23 15:00")
    assert not in_time.slices[-1].past
    assert "于 2026-11-23（周一）10:00 结束，未超期，已计 1 工作时。" in in_time.text
    late = told(ck.stop(clock, at("2026-11-23 15:00:01")), "2026-12-01 10:00")
    assert (late.state, late.overdue_s) == ("stopped_late", 1)
    assert "超期 1 秒" in late.text
    frozen = ck.stop(ck.pause(clock, at("2026-11-23 10:00"), CALENDAR), at("2026-11-25 10:00"))
    suspended = told(frozen, "2026-12-01 10:00")
    assert (suspended.state, suspended.due) == ("stopped", None)
    assert codes(suspended)[-1] == "end.paused"
    assert suspended.slices[-1].end == at("2026-11-25 10:00")
    replaced = explain(
        ck.stop(clock, at("2026-11-23 10:00")),
        rule=CONDITION,
        calendar=CALENDAR,
        windows={},
        now=at("2026-12-01 10:00"),
        replaced=True,
    )
    assert (replaced.state, codes(replaced)[-1]) == ("replaced", "end.replaced")


@pytest.mark.parametrize("holiday", [date(2026, 11, 23), date(2026, 11, 24)])
def test_a_calendar_changed_later_moves_no_deadline_and_the_explanation_says_so(holiday: date) -> None:
    clock = ck.extend(
        started("2026-11-23 09:00", "1wd"), Limit(4, "work_hour"), CALENDAR, at("2026-11-23 10:00")
    )
    changed = WorkCalendar(holidays=frozenset({holiday}))
    shown = told(clock, "2026-11-23 15:00", calendar=changed)
    assert shown.due == clock.due_at == at("2026-11-24 15:00")
    assert not shown.exact
    assert shown.slices[-1].end == clock.due_at
    assert "工作日历在起计之后有过变更" in shown.text


def test_a_limit_changed_in_the_tables_is_mentioned_and_moves_nothing() -> None:
    shown = told(started("2026-11-23 09:00", "2wd"), "2026-11-23 15:00")
    assert "现行标准中这个立案条件的时限是 4 工作时，只用于新派遣的案件。" in shown.text
    gone = told(started("2026-11-23 09:00", "2wd"), "2026-11-23 15:00", rule=Rule("event-9999"))
    assert codes(gone)[0] == "rule.unknown"


# --- a whole case, and its log -----------------------------------------------------------------------


def _lived() -> tuple[list[dict[str, object]], Case]:
    """A case that was sent to two units, suspended, extended, closed and reopened; every step in the log."""
    steps = [
        ("register", ACCEPTOR, {}, "2026-11-20 09:00"),
        ("accept", ACCEPTOR, {}, "2026-11-20 09:05"),
        ("file", LEADER_OF_SHIFT, {}, "2026-11-20 09:10"),
        ("dispatch", DISPATCHER, {}, "2026-11-20 09:20"),
        ("sign", SANI, {}, "2026-11-20 09:30"),
        ("redispatch", LEADER_OF_SHIFT, {"lead_dept": "muni"}, "2026-11-20 10:00"),
        ("return_case", MUNI, {}, "2026-11-20 10:30"),
        ("redispatch", DISPATCHER, {"lead_dept": "sani"}, "2026-11-20 10:40"),
        ("amend", DISPATCHER, {"condition": 1}, "2026-11-20 10:50"),
        ("sign", SANI, {}, "2026-11-20 11:00"),
        ("apply_extension", SANI, {}, "2026-11-20 11:10"),
        ("decide_extension", DISPATCHER, {}, "2026-11-20 11:20"),
        ("apply_suspend", SANI, {}, "2026-11-20 11:30"),
        ("decide_suspend", DISPATCHER, {}, "2026-11-20 11:40"),
        ("resume", DISPATCHER, {}, "2026-11-23 14:00"),
        ("feed_back", SANI, {}, "2026-11-24 10:00"),
        ("rework", DISPATCHER, {}, "2026-11-24 10:10"),
        ("feed_back", SANI, {}, "2026-11-24 11:00"),
        ("send_check", DISPATCHER, {}, "2026-11-24 11:10"),
        ("check_pass", SUPERVISOR, {}, "2026-11-24 12:00"),
        ("close", LEADER_OF_SHIFT, {}, "2026-11-24 12:10"),
        ("reopen", LEADER_OF_SHIFT, {}, "2026-11-30 09:00"),
        ("dispatch", DISPATCHER, {}, "2026-11-30 09:10"),
    ]  # fmt: skip
    case: Case | None = None
    deltas = []
    for action, actor, payload, moment in steps:
        after = act(case, action, actor, payload, now=at(moment))
        deltas.append(delta(case, after))
        case = after
    assert case is not None
    return deltas, case


def test_every_clock_of_a_case_is_explained_in_order() -> None:
    _, case = _lived()
    shown = explain_case(case, RULES, at("2026-11-30 10:00"))
    assert [e.clock.name for e in shown] == [
        "accept",
        "file",
        "forward",
        "check",
        "close",
        "dispatch",
        "handle",
    ]
    assert shown[-1].rule.condition == "大面积堆积"
    assert all(e.exact for e in shown)


def test_the_log_tells_of_the_clocks_the_case_no_longer_holds() -> None:
    deltas, case = _lived()
    shown = from_log(deltas, RULES, at("2026-11-30 10:00"))
    handles = [e for e in shown if e.clock.name == "handle"]
    assert [(e.state, e.rule.condition) for e in handles] == [
        ("replaced", "未入容器"),
        ("stopped", "未入容器"),
        ("stopped", "大面积堆积"),
        ("running", "大面积堆积"),
    ]
    assert handles[0].clock.stopped_at == at("2026-11-20 10:00")
    assert handles[2].total_s == 4 * 8 * 3600
    assert [s.kind for s in handles[2].slices if s.kind == "pause"] == ["pause"]
    assert len([e for e in shown if e.clock.name == "dispatch"]) == 3
    assert handles[3].clock == case.clocks["handle"]
    assert [e.clock.started_at for e in shown] == sorted(e.clock.started_at for e in shown)


def test_an_unfiled_import_has_a_clock_without_a_condition() -> None:
    case = act(
        None, "import", SYSTEM, {"category": None, "condition": None, "due_at": "2026-11-22T09:00:00+08:00"}
    )
    (shown,) = explain_case(case, RULES, at("2026-11-23 09:00"))
    assert shown.rule == Rule("")
    assert codes(shown)[:3] == ["rule.unknown", "unit.continuous", "start.now"]
    assert "fixed.source" in codes(shown)


def test_rules_name_the_condition_and_its_present_limit() -> None:
    assert rule_of("check", "event-0110", 0, RULES) == STAGE
    assert rule_of("handle", "event-0110", 0, RULES) == CONDITION
    assert rule_of("handle", "event-0110", 9, RULES) == Rule("event-0110")


def test_windows_come_from_the_rules() -> None:
    under = rules(windows=(TYPHOON,))
    case = case_in("handling", now=at("2026-11-23 09:00"), under=under)
    shown = explain_case(case, under, at("2026-11-23 16:00"))[-1]
    assert shown.due == at("2026-11-23 18:00")
    assert "防汛〔2026〕7号" in shown.text


def test_the_document_of_an_explanation_holds_everything_in_plain_values() -> None:
    clock = ck.extend(
        started("2026-11-23 09:00", "4wh"), Limit(4, "work_hour"), CALENDAR, at("2026-11-23 10:00")
    )
    doc = explanation_doc(told(clock, "2026-11-23 11:00"))
    assert json.loads(json.dumps(doc)) == doc
    assert doc["due_at"] == "2026-11-24T01:00:00Z"
    assert doc["slices"][0] == {
        "start": "2026-11-23T01:00:00Z",
        "end": "2026-11-23T03:00:00Z",
        "kind": "counting",
        "seconds": 7200,
        "past": True,
        "ref": "",
    }
    assert doc["extensions"][0]["due_at"] == "2026-11-24T01:00:00Z"
    assert [entry["code"] for entry in doc["sentences"]] == codes(told(clock, "2026-11-23 11:00"))


# --- words -------------------------------------------------------------------------------------------


def test_spans_in_words() -> None:
    assert span_words(0) == "0 秒"
    assert span_words(3 * 86400 - 1) == "71 小时 59 分 59 秒"
    assert span_words(3 * 86400 + 60) == "3 天 1 分"
    assert counted_words(0, True) == "0 秒"
    assert counted_words(100 * 3600 + 61, True) == "100 工作时 1 分 1 秒"
    assert counted_words(5 * 86400, False) == "5 天"


def test_weeks_slots_and_days_in_words() -> None:
    odd = WorkCalendar(week=frozenset({0, 1, 2, 4, 6}))
    assert week_words(odd) == "周一至周三、周五、周日"
    assert slot_words(odd) == "08:00–12:00、14:00–18:00"
    assert (
        day_words([date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 10)])
        == "2026-10-01 至 2026-10-02、2026-10-10"
    )


def test_every_sentence_template_is_complete_chinese() -> None:
    assert all(text.endswith("。") for text in SENTENCES.values())


# --- it always adds up -------------------------------------------------------------------------------


@given(
    histories(),
    st.integers(-3 * 86400, 20 * 86400),
    st.sampled_from(["run", "freeze", "stop", "freeze_stop"]),
)
def test_the_slices_always_add_up(history: tuple[Clock, datetime], later: int, fate: str) -> None:
    clock, last = history
    now = last + timedelta(seconds=max(later, 0) if fate != "run" else later)
    if fate.startswith("freeze"):
        clock = ck.pause(clock, last, OCTOBER)
    if fate.endswith("stop"):
        clock = ck.stop(clock, now)
    shown = told(clock, now, calendar=OCTOBER)
    assert shown.due == clock.due_at
    assert shown.exact
    until = max(clock.stopped_at or now, clock.started_at).replace(microsecond=0)
    end = max(until, clock.due_at) if clock.due_at else until
    _joined_from_start_to_end(shown, end, until)
    counting = sum(s.seconds for s in shown.slices)
    if clock.fixed_due is None and clock.due_at is not None:
        assert counting == shown.total_s
        assert all(s.end <= clock.due_at for s in shown.slices if s.kind == "counting")
    if clock.fixed_due is None and clock.frozen_s is not None:
        assert counting + max(clock.frozen_s, 0) == shown.total_s
    if fate == "run" and later >= 0 and (shown.remaining_s or 0) > 0:
        assert sum(s.seconds for s in shown.slices if not s.past) == shown.remaining_s
    for pause in clock.pauses:
        _holds_no_counting(shown, pause)
    assert shown.text.count("\n") + 1 == len(shown.sentences)


def _joined_from_start_to_end(shown: Explanation, end: datetime, until: datetime) -> None:
    """No hole, no overlap, known kinds, nothing past after the end of the past."""
    if not shown.slices:
        assert to_s(end) == to_s(shown.clock.started_at)
        return
    assert shown.slices[0].start == shown.clock.started_at
    assert shown.slices[-1].end == end
    for before, after in pairwise(shown.slices):
        assert before.end == after.start
    for part in shown.slices:
        assert part.start < part.end
        assert part.kind in KINDS
        assert part.past == (part.end <= until)
        assert part.seconds == (to_s(part.end) - to_s(part.start) if part.kind == "counting" else 0)


def _holds_no_counting(shown: Explanation, pause: Pause) -> None:
    """Nothing counts inside a pause of the ledger."""
    for part in shown.slices:
        if part.kind == "counting":
            assert part.end <= pause.start or (pause.end is not None and part.start >= pause.end)


def test_total_of_a_hand_set_clock_is_still_its_limit() -> None:
    fixed = ck.set_due(started("2026-11-23 09:00", "4wh"), at("2026-11-30 09:00"), at("2026-11-23 10:00"))
    assert told(replace(fixed), "2026-11-23 10:00").total_s == 4 * 3600
