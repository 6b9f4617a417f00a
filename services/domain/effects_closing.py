"""Effects of closing and of everything additive: close, reopen, appeal, supervise, urge, calls, links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.domain.commands import Rejected
from services.domain.steps import Ctx, Effect, Result, pend, settle


def close(ctx: Ctx) -> Result:
    """结案: a call-back first only when the caller wanted one."""
    called = "called_back" in ctx.case.marks or ctx.get("callback") is not None
    if ctx.case.need_callback and not called:
        return Rejected("callback_required", "来电人要求回访，请先回访再结案。")
    marks = ctx.case.marks
    if ctx.get("callback") is not None:
        marks = _called(marks, ctx.payload["callback"])
    return Effect({"closed_at": ctx.now, "assignee": None, "marks": marks})


def _called(marks: frozenset[str], call: Mapping[str, Any]) -> frozenset[str]:
    """Return the marks after a call-back; what the citizen calls unsolved may be reopened (setting)."""
    marks = marks | {"called_back"}
    if call.get("solved") is None:
        return marks
    return marks - {"unsolved"} if call["solved"] else marks | {"unsolved"}


def reopen(ctx: Ctx) -> Result:
    """重新办理: keeps the number, adds a round; the units of the last round lose it.

    A case closed without filing (answered at once) has no filing condition yet: the dispatcher amends it or
    returns it to filing before it can be dispatched.
    """
    marks = frozenset(mark for mark in ctx.case.marks if mark not in ("called_back", "appealed", "unsolved"))
    return Effect(
        {
            "round": ctx.case.round + 1,
            "lead_dept": None,
            "co_depts": (),
            "assignee": None,
            "closed_at": None,
            "marks": marks,
        }
    )


def archive(ctx: Ctx) -> Result:
    """归档: automatic, some days after closing."""
    return Effect()


def appeal(ctx: Ctx) -> Result:
    """申诉 against a timeout: once a case [A2]."""
    if "appealed" in ctx.case.marks:
        return Rejected("appealed_before", "每件案件只能申诉一次。")
    facts = {"reason": ctx.payload["reason"], "by": ctx.actor.id}
    return Effect({**pend(ctx.case, "appeal", facts), "marks": ctx.case.marks | {"appealed"}})


def decide_appeal(ctx: Ctx) -> Result:
    """裁定申诉: success exempts the case from overdue statistics, the fact stays visible [A2]."""
    if "appeal" not in ctx.case.pending:
        return Rejected("nothing_pending", "没有等待裁定的申诉。")
    changes = settle(ctx.case, "appeal")
    if ctx.payload["approve"]:
        changes["flags"] = changes["flags"] | {"appeal_exempt"}
    return Effect(changes)


def supervise(ctx: Ctx) -> Result:
    """督办: counted; when a reply is wanted the case says so until it came."""
    counts = replace(ctx.case.counts, supervise=ctx.case.counts.supervise + 1)
    flags = ctx.case.flags | ({"reply_due"} if ctx.payload["need_reply"] else frozenset())
    return Effect({"counts": counts, "flags": flags})


def reply_supervise(ctx: Ctx) -> Result:
    """回复督办."""
    return Effect({"flags": ctx.case.flags - {"reply_due"}})


def urge(ctx: Ctx) -> Result:
    """催办: counted."""
    return Effect({"counts": replace(ctx.case.counts, urge=ctx.case.counts.urge + 1)})


def flag_urgent(ctx: Ctx) -> Result:
    """标为急要件: always the highest level."""
    return Effect({"urgent": True, "level": 3})


def callback(ctx: Ctx) -> Result:
    """回访: a caller who was reached counts as called back."""
    if not ctx.payload["reached"]:
        return Effect()
    return Effect({"marks": _called(ctx.case.marks, ctx.payload)})


def contact_citizen(ctx: Ctx) -> Result:
    """联系群众: the first contact feeds 响应率."""
    return Effect({"marks": ctx.case.marks | {"contacted"}}) if ctx.payload["reached"] else Effect()


def link(ctx: Ctx) -> Result:
    """关联: to another case in scope, never to itself."""
    if ctx.payload["to"] == ctx.case.case_id:
        return Rejected("link_to_itself", "不能把案件关联到它自己。")
    if ctx.payload["to"] not in ctx.rules.facts.cases:
        return Rejected("unknown_case", "没有找到要关联的案件。")
    return Effect()


def note(ctx: Ctx) -> Result:
    """备注, 附件, 通话记录, 协办回复: only the log grows."""
    return Effect()
