"""The 退单裁判 sheet read aloud: every line, its tone, and the state of a dispute told by real moments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.viewmodels.referee.sheet import RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.viewmodels.seat import SeatViewModel
from services.domain.bounces import ASKED, DECIDED
from services.domain.case_doc import time_text
from services.ports.errors import NeverValid, Problem
from services.sql.types import from_ms
from tests.support.fakes import close_seat, seat_of, world_for
from tests.support.rule_centre import AT, sheet_doc

CASE = "01930000-0000-7000-8000-000000000001"
BASE_MS = 1_795_000_000_000


@pytest.fixture(scope="module")
def seat(qapp: Any) -> Iterator[SeatViewModel]:
    """Units and calendar are all that is asked."""
    made = seat_of(world_for("dispatcher"))
    yield made
    close_seat(made)


def model(seat: SeatViewModel, **changes: Any) -> RefereeViewModel:
    made = RefereeViewModel(seat, None, CASE)
    made.sheet = sheet_doc(**changes)
    return made


def mark(text: str, at: str | None = AT) -> dict[str, Any]:
    return {"at": at, "by": "u", "name": "派遣员甲", "text": text}


def step(**changes: Any) -> dict[str, Any]:
    return {**sheet_doc()["bounces"][0], **changes}


# --- the headline ------------------------------------------------------------


def moments() -> st.SearchStrategy[int | None]:
    """Milliseconds within a second or two, so that whole seconds stand beside broken ones."""
    return st.one_of(st.none(), st.sampled_from([0, 1, 500, 999, 1000, 1001, 1500, 2000]))


def text_at(ms: int) -> str:
    return time_text(from_ms(BASE_MS + ms)) or ""


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments(), moments(), moments(), st.booleans())
def test_the_headline_goes_by_moments_not_by_letters(
    seat: SeatViewModel, asked: int | None, decided: int | None, last: int | None, due: bool
) -> None:
    """Moments are as exact as they are: 09:00:00Z, then 09:00:00.500Z. As text the later one comes first."""
    shown = model(
        seat,
        due=due,
        bounces=[] if last is None else [step(at=text_at(last))],
        meeting={
            ASKED: None if asked is None else mark("说不清", text_at(asked)),
            DECIDED: None if decided is None else mark("由市政承办", text_at(decided)),
        },
    )
    if decided is not None and (asked is None or decided >= asked) and (last is None or decided >= last):
        expected = "good"
    elif asked is not None and (decided is None or asked > decided):
        expected = "warning"
    else:
        expected = "error" if due else "info"
    assert shown.headline[0] == expected


def test_every_headline_tells_who_and_when(seat: SeatViewModel) -> None:
    asked = model(seat, meeting={ASKED: mark("说不清"), DECIDED: None}).headline
    assert asked == (
        "warning", "待会商：说不清", "本轮流转 1 次，满 3 次提请会商 · 派遣员甲 11-20 09:00",
    )  # fmt: skip
    decided = model(seat, meeting={ASKED: None, DECIDED: mark("由市政承办")}).headline
    assert decided == ("good", "已会商：由市政承办", "派遣员甲 11-20 09:00")
    due = model(seat, due=True, bounces=[step(), step(), step()]).headline
    assert due == ("error", "已到会商次数，请提请会商", "本轮流转 3 次，满 3 次提请会商")


def test_a_decision_before_the_last_return_settles_nothing(seat: SeatViewModel) -> None:
    early = mark("由市政承办", "2026-11-19T01:00:00Z")
    assert model(seat, due=True, meeting={ASKED: None, DECIDED: early}).headline[0] == "error"
    assert model(seat, due=False, meeting={ASKED: None, DECIDED: early}).headline[0] == "info"


# --- steps ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "text", "under", "tone"),
    [
        ({}, "市政 退回 → 环卫", "不在管段 · 依据：清单第3条 · 派遣员：经核对", "sla.over2.text"),
        ({"returned": False, "basis": "", "answer": ""}, "市政 改派 → 环卫", "不在管段", "text.tertiary"),
        ({"taker": "", "answer": ""}, "市政 退回 → 尚无单位承办", "不在管段 · 依据：清单第3条", "sla.over2.text"),
        ({"reason": "", "basis": "", "answer": ""}, "市政 退回 → 环卫", "", "sla.over2.text"),
        ({"giver": "later-unit"}, "later-unit 退回 → 环卫", "不在管段 · 依据：清单第3条 · 派遣员：经核对",
         "sla.over2.text"),
    ],
)  # fmt: skip
def test_a_step_in_words(
    seat: SeatViewModel, changes: dict[str, Any], text: str, under: str, tone: str
) -> None:
    shown = model(seat, bounces=[step(**changes)])
    entry = shown.steps()[0]
    text = text.replace("市政", shown.unit("muni")).replace("环卫", shown.unit("sani"))
    assert (entry.text, entry.under, entry.tone) == (text, under, tone)
    assert entry.side == "市政甲 11-20 09:00" and entry.case_id == ""


def test_the_newest_step_is_on_top_with_its_own_number(seat: SeatViewModel) -> None:
    shown = model(seat, bounces=[step(reason=f"第{n}回") for n in (1, 2, 3)])
    assert [(one.lead, one.under.split(" · ")[0]) for one in shown.steps()] == [
        ("第 3 次", "第3回"), ("第 2 次", "第2回"), ("第 1 次", "第1回"),
    ]  # fmt: skip


# --- evidence ------------------------------------------------------------


def test_the_row_of_this_case_stands_out(seat: SeatViewModel) -> None:
    rows = model(seat).duty()
    assert [(row.lead, row.tone) for row in rows] == [("本案", "accent.base"), ("第 2 条", "text.secondary")]
    assert rows[0].under == "时限 4 工作时" and rows[1].side == "未定"


@pytest.mark.parametrize(
    ("received", "returned", "rate", "tone"),
    [
        (0, 0, "退单率 —", "text.secondary"), (20, 2, "退单率 10%", "text.secondary"),
        (20, 3, "退单率 15%", "sla.over2.text"), (1, 1, "退单率 100%", "sla.over2.text"),
        (1000, 149, "退单率 15%", "text.secondary"),
    ],
)  # fmt: skip
def test_units_that_often_return_are_red(
    seat: SeatViewModel, received: int, returned: int, rate: str, tone: str
) -> None:
    row = {
        "dept": "muni",
        "received": received,
        "returned": returned,
        "handled": 0,
        "in_time": 0,
        "usual_s": None,
    }
    entry = model(seat, units=[row]).units()[0]
    assert (entry.side, entry.tone) == (rate, tone)
    assert f"收 {received} 件、退 {returned} 件" in entry.under and "通常" not in entry.under


@pytest.mark.parametrize(
    ("seconds", "words"), [(30.0, "1 分钟"), (3600.0, "60 分钟"), (7200.0, "2 小时"), (172_800.0, "2.0 天")]
)
def test_the_usual_time_is_rough(seat: SeatViewModel, seconds: float, words: str) -> None:
    row = {"dept": "muni", "received": 9, "returned": 0, "handled": 9, "in_time": 9, "usual_s": seconds}
    assert model(seat, units=[row]).units()[0].under.endswith(f"，通常 {words} 办结")


def test_a_pair_tells_where_it_ended_at_most_three(seat: SeatViewModel) -> None:
    ended = [
        {"dept": dept, "count": n}
        for n, dept in zip((9, 5, 3, 1), ("muni", "sani", "green", "drain"), strict=True)
    ]
    pair = {**sheet_doc()["pairs"][0], "bounces": 8, "passed_on": 2, "ended": ended}
    shown = model(seat, pairs=[pair])
    entry = shown.pairs()[0]
    assert entry.side == "8 件 · 再退 25%"
    assert f"{shown.unit('green')} 3" in entry.under and shown.unit("drain") not in entry.under
    bare = model(seat, pairs=[{**pair, "bounces": 0, "passed_on": 0, "ended": []}]).pairs()[0]
    assert bare.side == "0 件 · 再退 —" and "最终承办" not in bare.under


def precedent(**changes: Any) -> dict[str, Any]:
    return {**sheet_doc()["precedents"][0], **changes}


def test_a_precedent_that_went_straight_shows_no_way(seat: SeatViewModel) -> None:
    shown = model(
        seat, precedents=[precedent(returned=0, units=["sani"]), precedent(number=None, address="")]
    )
    straight, nameless = shown.precedents()
    assert straight.side == "" and straight.under == "80 米 · 50 天前 · 示例路9号"
    assert nameless.lead == "" and nameless.under.endswith("无地址") and nameless.case_id == CASE
    unknown = model(seat, precedents=[precedent(units=[], returned=2)]).precedents()[0]
    assert unknown.side == f"{shown.unit('sani')} · 退 2 次", "without its way at least the end"


def test_who_handled_it_near_by_names_the_first_four_of_all(seat: SeatViewModel) -> None:
    counts = [{"dept": dept, "count": 1} for dept in ("muni", "sani", "green", "drain", "water")]
    words = model(seat, handled=counts).handled()
    assert "已办结 5 件" in words and words.count("、") == 3
    assert model(seat, handled=[]).handled() == "近 90 天 3 公里内没有已办结的同类案件"


def test_the_ground_names_three_neighbours_and_says_what_is_wrong(seat: SeatViewModel) -> None:
    ground = sheet_doc()["ground"]
    own = {**ground["neighbours"][0], "street": ground["grid"]["street"], "name": "三格"}
    shown = model(seat, ground={**ground, "inside": False, "neighbours": [own] * 5})
    lines = shown.ground_words()
    assert lines[0] == "坐标不在登记的网格 一格 内" and len(lines) == 5
    assert lines[2] == "邻 三格：12 米", "of the same street: no word of another"
    assert "没有坐标" in RefereeViewModel(seat, None, CASE).ground_words()[0]


def test_before_anything_is_read_there_is_nothing_to_show(seat: SeatViewModel) -> None:
    fresh = RefereeViewModel(seat, None, CASE)
    assert fresh.headline == ("info", "正在读取…", "")
    assert fresh.steps() == fresh.duty() == fresh.units() == fresh.pairs() == fresh.precedents() == ()
    assert fresh.why_not_ask() == "还没有读到案件的流转记录"
    fresh.load()
    assert fresh.headline[1].startswith("离线")


# --- rights ------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "asks", "decides"),
    [
        (("dispatcher",), True, False), (("shift_leader",), True, True), (("acceptor",), False, False),
        (("leader",), False, False), (("evaluator", "dispatcher"), True, False),
    ],
)  # fmt: skip
def test_who_may_ask_and_who_may_decide(qapp: Any, roles: tuple[str, ...], asks: bool, decides: bool) -> None:
    made = seat_of(world_for(*roles))
    try:
        shown = model(made)
        assert (shown.why_not_ask() == "") == asks
        assert (shown.why_not_decide() == "") == decides
    finally:
        close_seat(made)


# --- 待会商 ------------------------------------------------------------


def waiting_row(seat: SeatViewModel, **changes: Any) -> dict[str, Any]:
    category = next(iter(seat.rules.categories))
    case = {
        "case_id": CASE, "number": "20261120-0007", "category": category, "lead_dept": "muni",
        "location": {"address": "示例路1号"},
    }  # fmt: skip
    case |= changes.pop("case", {})
    return {"case": case, "bounces": 3, "asked": None, "decided": None, "last_at": AT, **changes}


def test_a_case_that_waits_in_one_line(seat: SeatViewModel) -> None:
    listed = MeetingList(seat, None)
    bare = {"number": None, "category": "gone-99", "lead_dept": None, "location": {"address": ""}}
    listed._read(
        {
            "cases": [
                waiting_row(seat),
                waiting_row(seat, asked=mark("说不清")),
                waiting_row(seat, case=bare),
            ],
            "limit": 3,
        }
    )
    counted, asked, nothing = listed.entries()
    category = next(iter(seat.rules.categories.values()))
    assert counted.text == category.name and counted.lead == "1120-0007" and counted.side == "流转 3 次"
    assert counted.under.endswith("示例路1号 · 流转已满 3 次") and asked.under.endswith("示例路1号 · 说不清")
    assert (nothing.text, nothing.under, nothing.lead) == ("未定类别", "流转已满 3 次", "")
    assert all(entry.case_id == CASE for entry in listed.entries())


def test_a_failure_is_told_and_leaves_the_list(seat: SeatViewModel) -> None:
    listed = MeetingList(seat, None)
    listed._read({"cases": [waiting_row(seat)], "limit": 3})
    told: list[str] = []
    listed.changed.connect(lambda: told.append(listed.trouble))
    listed._failed(NeverValid(Problem(404, "not_found", "没有找到。")))
    listed._failed(RuntimeError("x"))
    listed.load()
    assert told == ["没有找到。", "没有读到，请再试。", "离线：待会商清单在中心，联网后才能查看。"]
    assert len(listed.entries()) == 1
    listed._read({"cases": [], "limit": 0})
    assert listed.trouble == "" and listed.entries() == ()
