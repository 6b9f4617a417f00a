"""Outcomes become one sentence each; nothing is told as done before the centre said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from console.notices.centre import KEPT, NoticeCentre
from console.notices.notice import ERROR, GOOD, WARN, Notice
from console.notices.outcomes import crash_notice, decided_notice, error_notice, saved_notice
from services.domain.errors import PayloadError
from services.ports.centre import Reason, Winner
from services.ports.errors import ActionRefused, Problem, StorageFull
from services.ports.outbox import SavedCommand

AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def command(action: str = "dispatch", **more: Any) -> SavedCommand:
    base = SavedCommand(
        1,
        "c-1",
        "case-1",
        action,
        {"lead_dept": "muni"},
        3,
        AT,
        "u",
        AT,
        label="1120-0417 松影路",
        number="20261120-0417",
    )
    return replace(base, **more)


def told(saved: SavedCommand) -> Notice:
    notice = decided_notice(
        saved, lambda dept: {"muni": "市政"}[dept], lambda at: f"{at:%H:%M}" if at else ""
    )
    assert notice is not None
    return notice


def test_online_saving_says_nothing_offline_says_not_sent() -> None:
    assert saved_notice(command(), online=True) is None
    notice = saved_notice(command(), online=False)
    assert notice is not None
    assert notice.title == "已保存，待发送—尚未派出"
    other = saved_notice(command("comment"), online=False)
    assert other is not None
    assert other.title == "已保存，待发送"


def test_applied_dispatch_names_the_unit() -> None:
    notice = told(command(status="applied"))
    assert (notice.severity, notice.title) == (GOOD, "已派出 1120-0417 → 市政")
    assert told(command("register", status="applied")).title == "已登记 20261120-0417"
    assert told(command("file", status="applied")).title == "1120-0417 已立案"


def test_conflict_says_who_was_first_and_when() -> None:
    winner = Winner("顾怀舟", datetime(2026, 11, 20, 6, 31, tzinfo=UTC), "dispatch", "派遣 → 排水")
    notice = told(command(status="conflict", winner=winner))
    assert (notice.severity, notice.title) == (ERROR, "对方先办了这件")
    assert notice.text == "顾怀舟 06:31 已派遣，您 06:30 的派遣没有生效。"
    assert told(command(status="conflict")).text.startswith("别人")


def test_refusals_carry_their_reason() -> None:
    notice = told(command(status="rejected", reason=Reason("past_due", "已超过到期时间，不能再申请延期。")))
    assert notice.title == "没有办成：已超过到期时间，不能再申请延期。"
    assert "没有说明原因" in told(command(status="rejected")).title
    invalid = told(command(status="invalid", problem=Problem(422, "bad", "内容有误")))
    assert invalid.text == "内容有误"
    assert told(command(status="needs_confirm")).severity == WARN
    assert told(command(status="held")).title == "已暂停送出"


@pytest.mark.parametrize("status", ["waiting", "discarded", "replaced"])
def test_what_speaks_for_itself_is_not_told(status: str) -> None:
    assert decided_notice(command(status=status), str, str) is None


def test_errors_here_keep_the_form() -> None:
    assert error_notice(PayloadError({"reason": "不能为空"})).text == "不能为空"
    assert "本机空间不足" in error_notice(StorageFull("x")).title
    assert "表单内容还在" in error_notice(StorageFull("x")).text
    assert error_notice(ActionRefused("现在不能派遣。")).title == "没有办成：现在不能派遣。"
    assert "内容还在" in error_notice(RuntimeError("bug")).text
    assert "E-1" in crash_notice("E-1").text


def test_the_centre_keeps_notices_and_counts_the_unseen(qtbot: Any) -> None:
    centre = NoticeCentre()
    heard: list[object] = []
    centre.raised.connect(heard.append)
    for number in range(KEPT + 5):
        centre.tell(Notice(GOOD, f"n{number}"))
    assert len(centre.kept) == KEPT
    assert centre.kept[0].title == f"n{KEPT + 4}"
    assert len(heard) == centre.unseen == KEPT + 5
    centre.seen()
    assert centre.unseen == 0
