"""The 退单裁判 sheet in words, asking for a joint meeting, and the list of those that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.referee.sheet import RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.viewmodels.seat import SeatViewModel
from services.domain.bounces import ASKED, DECIDED, meeting_mark
from tests.support.fakes import World, settled, world_for
from tests.support.rule_centre import AT, FakeRuleCentre, sheet_doc

Start = Callable[[World], SeatViewModel]
LATER = "2026-11-20T02:00:00+00:00"


def mark(text: str, at: str = AT) -> dict[str, Any]:
    return {"at": at, "by": "u", "name": "派遣员甲", "text": text}


def shown(world: World, start: Start, qtbot: Any, **changes: Any) -> RefereeViewModel:
    """A sheet that was read."""
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    centre.sheets[case.case_id] = sheet_doc(case_id=case.case_id, **changes)
    model = RefereeViewModel(start(world), centre, case.case_id)
    model.load()
    qtbot.waitUntil(lambda: model.sheet is not None)
    return model


def test_every_part_is_in_words(world: World, start: Start, qtbot: Any) -> None:
    model = shown(world, start, qtbot)
    step = model.steps()[0]
    muni, sani = model.unit("muni"), model.unit("sani")
    assert step.text == f"{muni} 退回 → {sani}" and step.lead == "第 1 次"
    assert step.under == "不在管段 · 依据：清单第3条 · 派遣员：经核对" and step.side == "市政甲 11-20 09:00"
    assert [entry.lead for entry in model.duty()] == ["本案", "第 2 条"] and model.duty()[1].side == "未定"
    assert [entry.side for entry in model.units()] == ["退单率 30%", "退单率 —"]
    assert "通常 2 小时 办结" in model.units()[0].under
    pair = model.pairs()[0]
    assert pair.text == f"{muni} → {sani}" and pair.side == "4 件 · 再退 25%" and f"{sani} 2" in pair.under
    found = model.precedents()[0]
    assert (found.text, found.lead) == (f"{sani} 办结", "1001-0009") and found.under.startswith(
        "80 米 · 50 天前"
    )
    assert found.side == f"{muni} → {sani} · 退 1 次"
    assert model.handled().startswith("近 90 天 3 公里内同类已办结 6 件")
    assert model.ground_words() == (
        "在 一格（甲街道）内",
        "距网格边界 12 米",
        "邻 二格（乙街道，跨街道）：12 米",
    )


def test_what_is_not_there_is_said(world: World, start: Start, qtbot: Any) -> None:
    model = shown(world, start, qtbot, ground=None, handled=[], bounces=[], pairs=[])
    assert "没有坐标" in model.ground_words()[0] and "没有已办结" in model.handled()
    assert model.steps() == model.pairs() == ()
    assert model.headline == ("info", "本轮流转 0 次，满 3 次提请会商", "")
    lost = {**sheet_doc()["bounces"][0], "taker": "", "returned": False, "answer": ""}
    nobody = shown(world_for("dispatcher"), start, qtbot, bounces=[lost])
    assert nobody.steps()[0].text.endswith("改派 → 尚无单位承办")


def test_the_headline_follows_the_dispute(world: World, start: Start, qtbot: Any) -> None:
    model = shown(world, start, qtbot)
    assert model.sheet is not None
    base = dict(model.sheet)
    model.sheet = {**base, "due": True}
    assert model.headline[0] == "error"
    model.sheet = {**base, "meeting": {ASKED: mark("说不清"), DECIDED: None}}
    assert model.headline[:2] == ("warning", "待会商：说不清")
    model.sheet = {**base, "meeting": {ASKED: mark("说不清"), DECIDED: mark("由市政承办", LATER)}}
    assert model.headline[:2] == ("good", "已会商：由市政承办")
    model.sheet = {**base, "meeting": {ASKED: mark("又说不清", LATER), DECIDED: mark("由市政承办")}}
    assert model.headline[0] == "warning"


def test_asking_and_deciding_are_comments_with_a_mark(world: World, start: Start, qtbot: Any) -> None:
    world.actor = world_for("dispatcher", "shift_leader").actor
    model = shown(world, start, qtbot)
    assert model.why_not_ask() == model.why_not_decide() == ""
    said: list[bool] = []
    model.said.connect(lambda: said.append(True))
    model.ask("两家都说不归自己")
    qtbot.waitUntil(lambda: len(said) == 1)
    reason = model.decide("muni", "设施是市政的")
    qtbot.waitUntil(lambda: len(said) == 2)
    assert reason == f"会商决定由{model.unit('muni')}承办：设施是市政的"
    texts = [str(saved.payload["text"]) for saved in world.commands if saved.action == "comment"]
    assert [meeting_mark(text) for text in texts] == [
        (ASKED, "两家都说不归自己"), (DECIDED, f"由{model.unit('muni')}承办：设施是市政的"),
    ]  # fmt: skip
    settled(model.seat, qtbot)


def test_who_may_ask_and_decide(start: Start, qtbot: Any) -> None:
    model = shown(world_for("dispatcher"), start, qtbot)
    assert model.why_not_ask() == "" and "值班长" in model.why_not_decide()
    assert "派遣员" in RefereeViewModel(start(world_for("leader")), None, "x").why_not_ask()


def test_offline_and_refused_are_told(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    model = RefereeViewModel(seat, FakeRuleCentre(world), "01930000-0000-7000-8000-000000000099")
    assert model.headline[1] == "正在读取…"
    model.load()
    qtbot.waitUntil(lambda: bool(model.trouble))
    assert "没有找到" in model.headline[1]
    seat.connection = None
    model.load()
    assert "离线" in model.trouble


# --- 待会商 ------------------------------------------------------------------------------------------------


def test_the_list_of_those_that_wait(world: World, start: Start, qtbot: Any) -> None:
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    wire = {
        "case_id": case.case_id, "number": "20261120-0007", "category": case.category, "lead_dept": "muni",
        "location": {"address": "示例路1号"},
    }  # fmt: skip
    centre.waiting = [
        {"case": wire, "bounces": 3, "asked": None, "decided": None, "last_at": AT},
        {
            "case": {**wire, "category": None},
            "bounces": 1,
            "asked": mark("说不清"),
            "decided": None,
            "last_at": AT,
        },
    ]
    listed = MeetingList(start(world), centre)
    listed.load()
    qtbot.waitUntil(lambda: len(listed.rows) == 2)
    first, second = listed.entries()
    assert first.lead == "1120-0007" and "流转已满 3 次" in first.under and first.side == "流转 3 次"
    assert second.text == "未定类别" and second.under.endswith("说不清")
    world.online = False
    listed.load()
    qtbot.waitUntil(lambda: bool(listed.trouble))


@pytest.mark.parametrize("centre", [None])
def test_no_centre_no_list(world: World, start: Start, centre: None) -> None:
    listed = MeetingList(start(world), centre)
    listed.load()
    assert "离线" in listed.trouble and listed.entries() == ()
