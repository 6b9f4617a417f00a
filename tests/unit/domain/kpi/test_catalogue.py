"""The shipped definitions against the field's own tables, written out by hand: names, both sides, direction, subjects.

The first table is domain section 8 (reports and standard figures) and 9.4 (hotline), the second the metric dictionary
of the field's practice. A definition that is changed by mistake differs from what stands here.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from services.backend.reference.kpis import catalogue_of
from services.domain.kpi.definitions import Definition
from services.domain.kpi.event import EVENT_NAMES
from services.domain.kpi.figures import figure
from services.domain.kpi.measures import WHOLE

CATALOGUE = catalogue_of({})
FOUND = CATALOGUE.definitions

#: id, Chinese name, above the line, below it, which way is better
RATIOS = [
    # --- the seed reports (domain 8.2) ---
    ("case_closure_rate", "结案率（绩效）", "close_n", "due_to_close_n", "up"),
    ("transfer_accuracy_rate", "工单转派准确率", "accurate_transfer_n", "transfer_n", "up"),
    ("transfer_timeliness_rate", "工单转派及时率", "on_time_dispatch_n", "need_dispatch_n", "up"),
    ("grid_event_completion_rate", "网格事件办结率", "grid_closed_n", "grid_due_n", "up"),
    ("hard_ticket_ratio", "疑难工单存量占比", "hard_n", "report_n", "down"),
    ("service_request_response_rate", "服务请求响应率", "responded_n", "report_n", "up"),
    ("user_satisfaction_rate", "用户满意度", "satisfied_n", "rated_n", "up"),
    ("issue_resolution_rate", "问题解决成功率", "service_solved_n", "service_n", "up"),
    ("service_satisfaction_rate", "人员及群众满意度", "satisfied_n", "rated_n", "up"),
    ("assigned_case_handling_rate", "受理市派案件处置率", "assigned_handled_n", "assigned_n", "up"),
    ("collected_case_handling_rate", "采集案件处置率", "collected_handled_n", "collected_n", "up"),
    ("assigned_on_time_handling_rate", "按期处置率（市派）", "assigned_on_time_n", "assigned_due_n", "up"),
    ("public_satisfaction_score", "服务对象 / 社会公众满意度", "satisfied_n", "rated_n", "up"),
    # --- standard figures (domain 8.3) and those of the dictionary beside them ---
    ("valid_report_rate", "有效上报率", "valid_report_n", "report_n", "up"),
    ("public_report_rate", "公众举报率", "public_report_n", "report_n", ""),
    ("acceptance_rate", "受理率", "accept_n", "report_n", ""),
    ("filing_rate", "立案率", "accepted_filed_n", "accept_n", ""),
    ("on_time_filing_rate", "按时立案率", "on_time_file_n", "file_n", "up"),
    ("accurate_filing_rate", "准确立案率", "accurate_file_n", "file_n", "up"),
    ("dispatch_rate", "派遣率", "dispatch_n", "need_dispatch_n", "up"),
    ("on_time_dispatch_rate", "按时派遣率", "on_time_dispatch_n", "need_dispatch_n", "up"),
    ("accurate_dispatch_rate", "准确派遣率", "accurate_dispatch_n", "need_dispatch_n", "up"),
    ("handling_rate", "处置率", "handle_n", "due_to_handle_n", "up"),
    ("on_time_handling_rate", "按期处置率", "on_time_handle_n", "due_to_handle_n", "up"),
    ("overtime_handling_rate", "超期处置率", "overtime_handle_n", "due_to_handle_n", "down"),
    ("overdue_open_rate", "超期未处置率", "overtime_open_n", "due_to_handle_n", "down"),
    ("urgent_handling_rate", "紧急问题按期处置率", "urgent_on_time_n", "urgent_due_n", "up"),
    ("rework_rate", "返工率", "rework_n", "due_to_close_n", "down"),
    ("extension_rate", "延期率", "extension_n", "due_to_handle_n", "down"),
    ("return_rate", "回退率", "return_n", "received_n", "down"),
    ("closure_rate", "结案率", "close_n", "due_to_close_n", "up"),
    ("on_time_closure_rate", "按期结案率", "on_time_close_n", "due_to_close_n", "up"),
    ("overtime_closure_rate", "超期结案率", "overtime_close_n", "due_to_close_n", "down"),
    ("open_rate", "未结案率", "open_n", "report_n", "down"),
    ("rectification_rate", "整改率", "rectified_n", "rework_n", "up"),
    ("supervision_rate", "督办率", "transfer_supervised_n", "transfer_n", "down"),
    ("suspension_rate", "挂账率", "transfer_suspended_n", "transfer_n", "down"),
    ("on_time_verify_rate", "按时核实率", "on_time_verify_n", "need_verify_n", "up"),
    ("check_rate", "核查率", "check_n", "need_check_n", "up"),
    ("on_time_check_rate", "按时核查率", "on_time_check_n", "need_check_n", "up"),
    ("on_time_accept_rate", "按时受理率", "on_time_accept_n", "accept_n", "up"),
    ("accurate_accept_rate", "准确受理率", "accurate_accept_n", "accept_n", "up"),
    ("repeat_rate", "重复案件率", "duplicate_n", "file_n", "down"),
    # --- the hotline (domain 9.4) ---
    ("direct_answer_rate", "直接答复率", "ticket_direct_n", "ticket_accept_n", "up"),
    ("first_call_resolution_rate", "首呼解决率", "ticket_direct_n", "ticket_n", "up"),
    ("one_time_completion_rate", "一次性办结率", "ticket_once_n", "ticket_closed_n", "up"),
    ("on_time_transfer_rate", "按时转出率", "ticket_on_time_transfer_n", "ticket_due_transfer_n", "up"),
    ("on_time_completion_rate", "按时办结率", "ticket_on_time_close_n", "ticket_due_close_n", "up"),
    ("on_time_reply_rate", "按时答复率", "ticket_on_time_reply_n", "ticket_due_reply_n", "up"),
    ("response_rate", "响应率", "ticket_contacted_n", "ticket_transfer_n", "up"),
    ("resolution_rate", "解决率", "solved_n", "opined_n", "up"),
    ("satisfaction_rate", "满意率", "satisfied_n", "rated_n", "up"),
    ("callback_rate", "回访率", "called_back_n", "closed_day_n", "up"),
]

#: id, Chinese name, above, below, unit, seconds of one unit
MEANS = [
    ("fault_response_time", "故障响应时间", "service_accept_seconds", "service_accept_n", "分钟", 60),
    ("avg_handling_hours", "平均处置时长", "handle_seconds", "handled_day_n", "小时", 3600),
    ("avg_accept_minutes", "平均受理时长", "accept_seconds", "accept_n", "分钟", 60),
]

#: id, Chinese name, what is counted
COUNTED = [
    ("closed_case_count", "办结案件数量", "closed_day_n"),
    ("annual_ticket_volume", "年度经办工单量", "accept_n"),
    ("collected_case_count", "采集案件数量", "collected_n"),
    ("on_time_open_n", "按期处置中", "unhandled_n - overtime_open_n"),
]

#: figures the log cannot know: id, Chinese name, kind, unit
OTHERS = [
    ("system_uptime_rate", "系统运行正常率", "entered", "%"),
    ("data_sync_timeliness", "数据更新同步及时性", "stated", ""),
    ("interface_stability", "数据对接平稳性", "stated", ""),
    ("integrated_grid_registration_rate", "综合网格备案率", "areas", "%"),
    ("valid_complaint_count", "有效投诉量", "entered", "件"),
    ("major_event_support_rate", "重大活动参与度", "entered", "%"),
    ("miss_rate", "漏报率", "entered", "%"),
    ("call_through_rate", "接通率", "entered", "%"),
    ("answer_15s_rate", "15秒接通率", "entered", "%"),
    ("service_error_rate", "服务差错率", "entered", "%"),
    ("service_complaint_rate", "服务投诉率", "entered", "%"),
]

#: the metric dictionary (field section 2): Chinese name -> the count
DICTIONARY = {
    "上报": "report_n", "有效上报": "valid_report_n", "公众举报": "public_report_n", "受理": "accept_n",
    "待受理": "waiting_accept_n", "立案": "file_n", "待立案": "waiting_file_n", "派遣": "dispatch_n",
    "应派遣": "need_dispatch_n", "按时派遣": "on_time_dispatch_n", "准确派遣": "accurate_dispatch_n",
    "待派遣": "waiting_dispatch_n", "处置": "handle_n", "应处置": "due_to_handle_n", "按期处置": "on_time_handle_n",
    "按期处置中": "on_time_open_n", "超期处置": "overtime_handle_n", "未处置": "unhandled_n",
    "超期未处置": "overtime_open_n", "核实": "verify_n", "应核实": "need_verify_n", "按时核实": "on_time_verify_n",
    "核查": "check_n", "应核查": "need_check_n", "按时核查": "on_time_check_n", "待核查": "waiting_check_n",
    "结案": "close_n", "应结案": "due_to_close_n", "按期结案": "on_time_close_n", "超期结案": "overtime_close_n",
    "未结案": "open_n", "超期未结案": "overtime_unclosed_n", "作废": "cancel_n", "返工": "rework_n",
    "回退": "return_n", "自行处置": "self_handle_n", "急要件": "urgent_n", "重点案件": "key_n",
    "转办（改派）": "redispatch_n", "回访": "callback_n", "非常满意": "very_satisfied_n", "满意": "satisfied_n",
    "不满意": "unsatisfied_n", "事件案件": "event_n", "部件案件": "component_n", "网格红灯": "grid_red_n",
    "公众红灯": "public_red_n", "延期": "extension_n", "挂账": "suspend_n", "督办": "supervise_n",
    "错误受理": "wrong_accept_n", "不予受理": "not_accepted_n", "不予立案": "not_filed_n",
    "错误派遣": "wrong_dispatch_n", "超时派遣": "overtime_dispatch_n", "缓办": "deferred_close_n",
}  # fmt: skip

#: who is evaluated by it (domain 8.3, column level)
SUBJECTS = {
    "valid_report_rate": {"supervisor"}, "public_report_rate": {"area"}, "filing_rate": {"area", "shift_leader"},
    "on_time_filing_rate": {"shift_leader"}, "accurate_filing_rate": {"shift_leader"},
    "dispatch_rate": {"dispatcher"}, "on_time_dispatch_rate": {"dispatcher"}, "accurate_dispatch_rate": {"dispatcher"},
    "handling_rate": {"dept", "area"}, "on_time_handling_rate": {"dept", "area"}, "overdue_open_rate": {"dept"},
    "rework_rate": {"dept"}, "extension_rate": {"dept"}, "return_rate": {"dept"}, "closure_rate": {"area", "dept"},
    "on_time_closure_rate": {"area", "dept"}, "overtime_closure_rate": {"area"}, "supervision_rate": {"dept"},
    "suspension_rate": {"dept"}, "on_time_verify_rate": {"supervisor"}, "on_time_check_rate": {"supervisor"},
    "miss_rate": {"supervisor"}, "on_time_accept_rate": {"acceptor"}, "accurate_accept_rate": {"acceptor"},
    "avg_handling_hours": {"dept"}, "avg_accept_minutes": {"acceptor"}, "repeat_rate": {"area"},
    "high_incidence_share": {"area"},
}  # fmt: skip

#: what the reports aim at
TARGETS = {
    "case_closure_rate": ">= 90", "closed_case_count": ">= 1000000", "integrated_grid_registration_rate": ">= 90",
    "transfer_accuracy_rate": ">= 90", "transfer_timeliness_rate": ">= 95", "grid_event_completion_rate": ">= 95",
    "valid_complaint_count": "<= 10", "hard_ticket_ratio": "< 0.5", "fault_response_time": "< 10",
    "service_satisfaction_rate": ">= 90", "collected_case_count": ">= 2500", "assigned_case_handling_rate": ">= 95",
    "collected_case_handling_rate": ">= 95", "public_satisfaction_score": ">= 95",
    "call_through_rate": ">= 95",
}  # fmt: skip


def text_of(side: object) -> str:
    return "" if side is None else str(getattr(side, "text", ""))


@pytest.mark.parametrize(("name", "zh", "above", "below", "better"), RATIOS, ids=[row[0] for row in RATIOS])
def test_a_rate_is_what_the_field_says(name: str, zh: str, above: str, below: str, better: str) -> None:
    found = FOUND[name]
    assert (found.zh, found.kind, found.unit, found.direction) == (zh, "ratio", "%", better)
    assert (text_of(found.numerator), text_of(found.denominator)) == (above, below)


@pytest.mark.parametrize(
    ("name", "zh", "above", "below", "unit", "seconds"), MEANS, ids=[row[0] for row in MEANS]
)
def test_a_mean_time_is_what_the_field_says(
    name: str, zh: str, above: str, below: str, unit: str, seconds: int
) -> None:
    found = FOUND[name]
    assert (found.zh, found.kind, found.unit, found.direction) == (zh, "mean", unit, "down")
    assert (text_of(found.numerator), text_of(found.denominator)) == (above, below)
    assert found.seconds_a_unit == seconds


@pytest.mark.parametrize(("name", "zh", "counted"), COUNTED, ids=[row[0] for row in COUNTED])
def test_a_count_is_what_the_field_says(name: str, zh: str, counted: str) -> None:
    found = FOUND[name]
    assert (found.zh, found.kind, found.unit) == (zh, "count", "件")
    assert (text_of(found.numerator), found.denominator) == (counted, None)


@pytest.mark.parametrize(("name", "zh", "kind", "unit"), OTHERS, ids=[row[0] for row in OTHERS])
def test_what_the_log_cannot_know_is_entered_or_stated(name: str, zh: str, kind: str, unit: str) -> None:
    found = FOUND[name]
    assert (found.zh, found.kind, found.unit) == (zh, kind, unit)
    assert found.numerator is None and found.denominator is None and found.measures == ()


def test_no_figure_is_shipped_that_these_tables_do_not_name() -> None:
    named = {row[0] for table in (RATIOS, MEANS, COUNTED, OTHERS) for row in table} | {"high_incidence_share"}
    assert {name for name in FOUND if name not in CATALOGUE.measures} == named


@pytest.mark.parametrize(("zh", "name"), sorted(DICTIONARY.items()), ids=sorted(DICTIONARY))
def test_every_count_of_the_dictionary_is_carried(zh: str, name: str) -> None:
    assert FOUND[name].zh == zh


def test_who_is_evaluated_by_what() -> None:
    assert {name: set(FOUND[name].levels) for name in SUBJECTS} == SUBJECTS


def test_targets_are_those_of_the_reports() -> None:
    assert {name: found.target for name, found in FOUND.items() if found.target} == TARGETS


def test_the_top_category_is_divided_by_all_that_was_filed() -> None:
    found = FOUND["high_incidence_share"]
    assert (found.kind, found.unit, found.zh) == ("top", "%", "高发案件占比")
    assert text_of(found.numerator) == text_of(found.denominator) == "file_n"


# --- every definition by itself ------------------------------------------------------------------------------


def counted(found: Definition) -> bool:
    return found.kind in ("ratio", "mean", "count", "top")


def test_every_counted_figure_says_on_which_day_it_counts_and_where_it_comes_from() -> None:
    for name, found in FOUND.items():
        if name not in CATALOGUE.measures:
            assert found.source, name
            assert bool(found.basis) == counted(found), name
            assert found.zh and found.en and found.en.isascii(), name


def test_every_base_count_says_on_which_day_it_counts() -> None:
    for name in CATALOGUE.measures:
        assert FOUND[name].note.startswith("按") and FOUND[name].note.endswith("计"), name
        assert FOUND[name].kind == "count" and FOUND[name].denominator is None


def test_no_two_figures_share_a_version_unless_they_say_the_same() -> None:
    seen: dict[str, str] = {}
    for name, found in FOUND.items():
        assert len(found.version) == 12 and found.version not in seen, (name, seen.get(found.version))
        seen[found.version] = name


def test_every_event_is_counted_by_something() -> None:
    assert {measure.event for measure in CATALOGUE.measures.values()} == set(EVENT_NAMES)


def test_a_part_is_counted_with_fewer_conditions_than_its_whole() -> None:
    """A rate of one event can never exceed the whole: above the line stands the same event, narrowed."""
    implied = {"satisfied": "rated", "solved": "opined"}  # who is satisfied has rated
    for name, _, above, below, _ in RATIOS:
        part, whole = CATALOGUE.measures[above], CATALOGUE.measures[below]
        if part.event != whole.event:
            continue  # told by two days, for example 受理 ÷ 上报
        held = part.tags | {implied[tag] for tag in part.tags if tag in implied}
        assert whole.tags <= held and whole.without <= part.without, name
        assert not whole.kinds or whole.kinds == part.kinds, name
        assert not whole.sources or part.sources == whole.sources, name


def test_rates_over_two_kinds_of_event_are_known_and_say_both_days() -> None:
    mixed = {
        name
        for name, _, above, below, _ in RATIOS
        if CATALOGUE.measures[above].event != CATALOGUE.measures[below].event
    }
    assert mixed == {"acceptance_rate", "repeat_rate", "first_call_resolution_rate"}
    assert all("；" in FOUND[name].basis for name in mixed)


def test_due_to_handle_is_what_was_handled_and_what_is_overdue() -> None:
    """Domain 8.1: 应处置 = 按期处置 + 超期处置 + 超期未处置, so the three are told apart by tags of one event."""
    parts = [
        CATALOGUE.measures[name] for name in ("on_time_handle_n", "overtime_handle_n", "overtime_open_n")
    ]
    whole = CATALOGUE.measures["due_to_handle_n"]
    assert {part.event for part in parts} == {whole.event} and whole.tags == frozenset()
    assert len({part.tags for part in parts}) == 3


def test_a_hotline_figure_counts_hotline_tickets_only() -> None:
    for name, measure in CATALOGUE.measures.items():
        assert (measure.kinds == {"hotline"}) == name.startswith("ticket_"), name


@pytest.mark.parametrize(("name", "zh", "above", "below", "better"), RATIOS, ids=[row[0] for row in RATIOS])
def test_seven_of_nine_is_an_exact_fraction_everywhere(
    name: str, zh: str, above: str, below: str, better: str
) -> None:
    counts = {below: 9 * WHOLE, above: 7 * WHOLE}
    found = figure(FOUND[name], counts)
    assert found.value == Fraction(700, 9)
    assert figure(FOUND[name], {}).value is None, "nothing below the line"
    assert figure(FOUND[name], {below: 9 * WHOLE}).value == 0, "none of nine is no missing value"
