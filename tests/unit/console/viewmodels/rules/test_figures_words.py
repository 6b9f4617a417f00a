"""Figures of rules in words: what a shift leader reads before a rule is let on cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from console.viewmodels.rules.figures import (
    DayCount,
    line_of,
    passed_word,
    payload_words,
    standing_words,
    state_of,
    trial_days,
    trial_facts,
    tried_words,
    worked_days,
)
from console.viewmodels.seat import SeatViewModel
from services.domain.auto_acting import PASSED
from services.domain.auto_rules import STATES_OF
from services.domain.auto_trial import OTHER, SAME, Tried, figures
from services.domain.lifecycle import ACTION_NAMES
from tests.support.fakes import close_seat, seat_of, world_for
from tests.support.rule_centre import AT, TRIAL, TRIED


@pytest.fixture(scope="module")
def seat(qapp: Any) -> Iterator[SeatViewModel]:
    """Only units and calendar are asked, so one seat that never starts does for all."""
    made = seat_of(world_for("shift_leader"))
    yield made
    close_seat(made)


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r1", "name": "夜间受理", "action": "accept", "cap": 50, "active": False, "tried": False, "edit": 1,
        "edited_by": "甲", "edited_at": AT, "switched_by": None, "switched_at": None, "switched_why": None, **changes,
    }  # fmt: skip


# --- the list -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word", "tone"),
    [
        ({}, "未试运行", "sla.soon.text"), ({"tried": True}, "已试，未启用", "text.secondary"),
        ({"active": True, "tried": True}, "已启用", "sla.ok.text"),
        ({"active": True, "switched_by": "系统"}, "已启用", "sla.ok.text"),
        ({"switched_by": "系统", "tried": True}, "自动停用", "sla.over2.text"),
        ({"switched_by": "甲", "tried": True}, "已试，未启用", "text.secondary"),
    ],
)  # fmt: skip
def test_how_a_rule_stands_in_one_word(changes: dict[str, Any], word: str, tone: str) -> None:
    assert state_of(rule(**changes)) == (word, tone)
    line = line_of(rule(**changes))
    assert (line.id, line.name, line.state, line.tone) == ("r1", "夜间受理", word, tone)


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_the_second_line_says_what_it_does_and_how_much(action: str) -> None:
    quiet = line_of(rule(action=action, today={"concerned": 0, "bounced": 0})).under
    busy = line_of(rule(action=action, today={"concerned": 12, "bounced": 0})).under
    assert quiet.endswith(" · 每日至多 50") and busy.endswith(" · 今日 12 件，退回 0")
    assert not quiet.split(" · ")[0].isascii()


def test_an_action_of_a_later_release_is_shown_as_it_is() -> None:
    assert line_of(rule(action="later_action")).under.startswith("later_action")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "甲 11-20 09:00 修改（第 1 版）"),
        ({"switched_by": "乙", "switched_at": AT, "active": True},
         "乙 11-20 09:00 启用 · 甲 11-20 09:00 修改（第 1 版）"),
        (
            {"switched_by": "乙", "switched_at": AT, "switched_why": "规则已修改", "edit": 2},
            "乙 11-20 09:00 停用：规则已修改 · 甲 11-20 09:00 修改（第 2 版）",
        ),
        ({"edited_at": "2026-11-20T16:30:00Z"}, "甲 11-21 00:30 修改（第 1 版）"),
    ],
)  # fmt: skip
def test_how_it_came_to_stand_so(seat: SeatViewModel, changes: dict[str, Any], words: str) -> None:
    assert standing_words(rule(**changes), seat) == words


# --- a trial --------------------------------------------------------------------------------------------------------


def told(seat: SeatViewModel, **changes: Any) -> dict[str, tuple[str, str]]:
    return {label: (text, tone) for label, text, tone in trial_facts({**TRIAL, **changes}, seat)}


@pytest.mark.parametrize(
    ("agreement", "words", "tone"),
    [
        (1.0, "100.0%", "sla.ok.text"), (0.95, "95.0%", "sla.ok.text"), (0.9499, "95.0%", "sla.soon.text"),
        (0.85, "85.0%", "sla.soon.text"), (0.8499, "85.0%", "sla.over2.text"), (0.0, "0.0%", "sla.over2.text"),
        (None, "—", ""),
    ],
)  # fmt: skip
def test_agreement_has_a_tone(seat: SeatViewModel, agreement: float | None, words: str, tone: str) -> None:
    text, seen = told(seat, agreement=agreement)["与人一致"]
    assert text.startswith(words) and seen == tone


def test_what_came_back_is_red_only_when_something_did(seat: SeatViewModel) -> None:
    assert told(seat, bounced=0, reworked=0)["一致中退回"] == ("0 件，返工 0 件", "")
    assert told(seat, bounced=0, reworked=3)["一致中退回"] == ("0 件，返工 3 件", "")
    assert told(seat, bounced=2, reworked=0)["一致中退回"][1] == "sla.over2.text"


def test_only_the_four_commonest_reasons_are_told_commonest_first(seat: SeatViewModel) -> None:
    passed = {"state": 1, "special": 9, "unsure": 30, "early": 7, "cap": 8}
    assert told(seat, passed=passed)["不办的原因"][0] == (
        f"{PASSED['unsure']} 30、{PASSED['special']} 9、超过每日上限 8、人已先办 7"
    )
    assert "不办的原因" not in told(seat, passed={})


def test_the_window_is_in_the_centres_time(seat: SeatViewModel) -> None:
    assert told(seat)["试运行区间"][0] == "10-21 09:00 至 11-20 09:00"


def test_a_trial_that_found_nothing_has_no_shares_to_divide(seat: SeatViewModel) -> None:
    empty = {**figures([], {}, 0), "from": AT, "to": AT}
    words = {label: text for label, text, _ in trial_facts(empty, seat)}
    assert words["会办理"] == "0 件（同环节共 0 件）" and words["与人一致"] == "—（0/0 件）"
    assert "一次派准" not in words and trial_days(empty) == ()


def test_figures_of_the_domain_are_read_as_they_are_made(seat: SeatViewModel) -> None:
    """No double between: what the trial counts is what the shift leader reads."""
    found = [
        Tried("a", None, "20261119", AT, {"lead_dept": "sani"}, 0.9, SAME, "dispatch", "甲", {"lead_dept": "sani"},
              undone=True, final="muni"),
        Tried("b", None, "20261120", AT, {"lead_dept": "sani"}, 0.9, OTHER, "dispatch", "甲", {"lead_dept": "muni"},
              final="sani"),
    ]  # fmt: skip
    trial = {**figures(found, {"held": 3}, 5), "from": AT, "to": AT}
    words = {label: text for label, text, _ in trial_facts(trial, seat)}
    assert words["会办理"] == "2 件（同环节共 5 件）"
    assert words["与人一致"] == "50.0%（1/2 件）" and words["一致中退回"] == "1 件，返工 0 件"
    assert words["一次派准"] == "规则 50.0%，当时派遣员 0.0%（已办结 2 件）"
    assert words["不办的原因"] == "有人正在办 3"
    assert trial_days(trial) == (DayCount("20261119", 1, 1, 1), DayCount("20261120", 1, 0, 0))


@pytest.mark.parametrize("word", [*sorted(PASSED), "cap", "early"])
def test_every_reason_has_a_word(word: str) -> None:
    assert not passed_word(word).isascii()
    assert passed_word("later_reason") == "later_reason"


# --- days and cases ---------------------------------------------------------------------------------------------------


def test_a_worked_day_counts_what_was_done_not_what_was_refused() -> None:
    days = {
        "days": [{"day": "20261120", "applied": 7, "refused": 5, "bounced": 2, "reworked": 1}],
        "acts": [],
    }
    assert worked_days(days) == (DayCount("20261120", 7, 5, 2),)
    assert worked_days({"days": []}) == ()


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.934, "把握 93%"), (0.999, "把握 99%"), (1.0, "把握 99%"), (0.0, "把握 0%"), (None, "")],
)
def test_nothing_is_ever_wholly_sure(seat: SeatViewModel, confidence: float | None, words: str) -> None:
    wanted, _, _ = tried_words({**TRIED, "confidence": confidence}, "dispatch", seat)
    assert wanted.endswith(words) and ("把握" in wanted) == bool(words)


@pytest.mark.parametrize(
    ("verdict", "undone", "tone"),
    [
        ("same", False, "sla.ok.text"), ("same", True, "sla.over2.text"), ("other", False, "sla.over2.text"),
        ("other", True, "sla.over2.text"), ("open", True, "text.tertiary"), ("rule", True, "text.tertiary"),
    ],
)  # fmt: skip
def test_the_tone_of_a_tried_case(seat: SeatViewModel, verdict: str, undone: bool, tone: str) -> None:
    one = {**TRIED, "verdict": verdict, "undone": undone}
    _, made, told_tone = tried_words(one, "dispatch", seat)
    assert told_tone == tone
    assert ("后被退回" in made) == (undone and verdict in ("same", "other"))


def test_people_who_did_something_else_are_told_with_what(seat: SeatViewModel) -> None:
    one = {**TRIED, "verdict": "other", "action": "reject", "did": {"reason": "不属于受理范围"}}
    assert tried_words(one, "accept", seat)[1] == f"派遣员甲 {ACTION_NAMES['reject']} 不属于受理范围"
    bare = {**one, "action": "accept", "did": {}}
    assert tried_words(bare, "accept", seat)[1] == "派遣员甲 受理"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"condition": 0, "category": "x"}, "立案条件第 1 条"), ({"result": "好"}, "好"),
        ({"closing_condition": "恢复"}, "恢复"), ({"reason": "不是"}, "不是"), ({}, ""),
        ({"lead_dept": "later-unit"}, "派 later-unit"),
    ],
)  # fmt: skip
def test_payloads_in_words(seat: SeatViewModel, payload: dict[str, Any], words: str) -> None:
    assert payload_words(payload, seat) == words
