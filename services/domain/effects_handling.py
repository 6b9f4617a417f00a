"""Effects of dispatch and handling: dispatch, recall, return, assign, feed back, extension, suspension, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.domain import clocks as ck
from services.domain.commands import Rejected
from services.domain.lifecycle import KEEP, Move
from services.domain.limits import Limit
from services.domain.steps import Ctx, Effect, Result, fresh_clock, pend, settle

#: no deadline is set or extended to a moment further away
FARTHEST = timedelta(days=3650)
_TOO_FAR = Rejected("due_too_far", "到期时间最远只能到十年之后。")


def _units(ctx: Ctx) -> dict[str, Any] | Rejected:
    """Check lead and co departments of a dispatch and return them as changes."""
    lead, co = ctx.payload["lead_dept"], tuple(ctx.get("co_depts", ()))
    for dept in (lead, *co):
        unit = ctx.rules.departments.get(dept)
        if unit is None or not unit.active:
            return Rejected("unknown_dept", f"没有“{dept}”这个承办单位，请重新选择。")
    if lead in co:
        return Rejected("lead_is_co", "主办单位不能同时是协办单位。")
    if ctx.rules.handling_limit(ctx.case.category, ctx.case.condition) is None:
        return Rejected(
            "condition_required", "这件案件还没有立案条件，不能计算处置时限，请先更正类别和立案条件。"
        )
    return {"lead_dept": lead, "co_depts": co, "assignee": None}


def dispatch(ctx: Ctx) -> Result:
    """派遣: one lead unit, optional co-units; the handling clock starts here [D1]."""
    units = _units(ctx)
    return units if isinstance(units, Rejected) else Effect(units)


def redispatch(ctx: Ctx) -> Result:
    """改派: a new handling clock with the full limit; the first unit's ends without counting as handled."""
    units = _units(ctx)
    if isinstance(units, Rejected):
        return units
    if ctx.case.state != "returned" and units["lead_dept"] == ctx.case.lead_dept:
        return Rejected("same_dept", "案件已经在这个单位，不需要改派。")
    return Effect(units)


def recall(ctx: Ctx) -> Result:
    """撤回: sent by mistake and not yet signed; not counted as a return."""
    return Effect({"lead_dept": None, "co_depts": (), "assignee": None})


def return_to_filing(ctx: Ctx) -> Result:
    """退回立案: fields are kept, the unit is not."""
    return Effect({"lead_dept": None, "co_depts": (), "assignee": None})


def return_case(ctx: Ctx) -> Result:
    """退单: an assignment inside the unit must be revoked first [A2]; the count survives."""
    if ctx.case.assignee is not None:
        return Rejected("assigned", "案件已指派给本单位人员，请先撤销指派再退单。")
    counts = replace(ctx.case.counts, return_=ctx.case.counts.return_ + 1)
    return Effect({"counts": counts})


def assign(ctx: Ctx) -> Result:
    """指派: to a person of the own unit, or revoke with null."""
    to = ctx.payload["to"]
    if to is not None and ctx.rules.facts.users.get(to, "") != ctx.case.lead_dept:
        return Rejected("unknown_user", "本单位没有这个人员，请重新选择。")
    return Effect({"assignee": to})


def feed_back(ctx: Ctx) -> Result:
    """反馈: the handling clock stops here [A2]."""
    return Effect()


def again(ctx: Ctx) -> Result:
    """返工 and 核查不通过: the same unit goes on; by setting with a fresh limit."""
    counts = replace(ctx.case.counts, rework=ctx.case.counts.rework + 1)
    changes: dict[str, Any] = {"counts": counts, "closed_at": None}
    if ctx.rules.settings.rework_fresh_limit:
        fields = {key: getattr(ctx.case, key) for key in ("category", "condition", "grid", "lead_dept")}
        started = fresh_clock(fields, "handle", ctx.now, ctx.rules)
        if started is not None:
            changes["clocks"] = {"handle": started}
    return Effect(changes)


def apply_extension(ctx: Ctx) -> Result:
    """申请延期: at most 2 approved, not after the deadline, not while another one is open [A2]."""
    case, clock = ctx.case, ctx.case.clock
    if "extension" in case.pending:
        return Rejected("already_pending", "已有一份延期申请在等待审批。")
    if case.counts.extension >= ctx.rules.settings.max_extensions:
        return Rejected("extensions_used_up", f"最多延期 {ctx.rules.settings.max_extensions} 次，已经用完。")
    if clock is None or not clock.running:
        return Rejected("no_clock", "这件案件没有正在计时的时限，不能延期。")
    if ck.is_late(clock, ctx.now):
        return Rejected("past_due", "已超过到期时间，不能再申请延期。")
    amount, unit = ctx.get("amount"), ctx.get("unit")
    if (amount is None) != (unit is None):
        return Rejected("amount_and_unit", "延长多少和单位要一起填写。")
    more = clock.limit if amount is None or unit is None else Limit(amount, unit)
    if _too_far(ck.extend(clock, more, ctx.rules.calendar, ctx.now).due_at, ctx):
        return _TOO_FAR
    facts = {"reason": ctx.payload["reason"], "amount": more.amount, "unit": more.unit, "by": ctx.actor.id}
    return Effect(pend(case, "extension", facts))


def _too_far(due: datetime | None, ctx: Ctx) -> bool:
    """Tell whether a deadline lies further away than any may."""
    return due is not None and due > ctx.now + FARTHEST


def decide_extension(ctx: Ctx) -> Result:
    """审批延期: granted, the new deadline is the current one plus what was asked; a refusal uses up nothing."""
    case, asked = ctx.case, ctx.case.pending.get("extension")
    clock = case.clock
    if asked is None or clock is None or clock.due_at is None:
        return Rejected("nothing_pending", "没有等待审批的延期申请。")
    changes = settle(case, "extension")
    if ctx.payload["approve"]:
        more = Limit(asked["amount"], asked["unit"])
        longer = ck.extend(clock, more, ctx.rules.calendar, ctx.now)
        if _too_far(longer.due_at, ctx):
            return _TOO_FAR
        changes["clocks"] = {**case.clocks, clock.name: longer}
        changes["counts"] = replace(case.counts, extension=case.counts.extension + 1)
    return Effect(changes)


def apply_suspend(ctx: Ctx) -> Result:
    """申请挂账: an end date is mandatory, at most a year away, once a case [A2] (settings)."""
    case, settings = ctx.case, ctx.rules.settings
    if "suspend" in case.pending:
        return Rejected("already_pending", "已有一份挂账申请在等待审批。")
    if settings.suspend_once and case.counts.suspend:
        return Rejected("suspended_before", "每件案件只能挂账一次。")
    until = datetime.fromisoformat(ctx.payload["until"])
    if until <= ctx.now:
        return Rejected("until_past", "挂账的结束时间应在现在之后。")
    if until > ctx.now + timedelta(days=settings.suspend_max_days):
        return Rejected("until_too_far", f"挂账最长 {settings.suspend_max_days} 天。")
    facts = {"until": ctx.payload["until"], "reason": ctx.payload["reason"], "by": ctx.actor.id}
    return Effect(pend(case, "suspend", facts))


def decide_suspend(ctx: Ctx) -> Result:
    """审批挂账: granted, the clock freezes; refused, the case stays in handling."""
    case, asked = ctx.case, ctx.case.pending.get("suspend")
    if asked is None:
        return Rejected("nothing_pending", "没有等待审批的挂账申请。")
    if not ctx.payload["approve"]:
        return Effect(settle(case, "suspend"), Move(None, KEEP))
    if datetime.fromisoformat(asked["until"]) <= ctx.now:
        return Rejected("until_past", "申请的挂账结束时间已过，请退回重新申请。")
    counts = replace(case.counts, suspend=case.counts.suspend + 1)
    marks = {mark for mark in case.marks if not mark.startswith("until:")} | {f"until:{asked['until']}"}
    return Effect({"counts": counts, "marks": frozenset(marks)})


def resume(ctx: Ctx) -> Result:
    """恢复处置: by itself at the date, or by the dispatcher before it."""
    until = suspended_until(ctx.case.marks)
    if ctx.role == "system" and until is not None and ctx.now < until:
        return Rejected("not_yet", "挂账还没有到期。")
    return Effect({"marks": frozenset(m for m in ctx.case.marks if not m.startswith("until:"))})


def suspended_until(marks: frozenset[str]) -> datetime | None:
    """Return the date to which a case is suspended, None when it is not."""
    found = next((mark[6:] for mark in marks if mark.startswith("until:")), None)
    return datetime.fromisoformat(found) if found else None


def adjust_limit(ctx: Ctx) -> Result:
    """调整时限: the shift leader sets a deadline by hand, with reason and basis; `system` applies windows."""
    case, clock = ctx.case, ctx.case.clock
    if clock is None or not clock.running:
        return Rejected("no_clock", "这件案件没有正在计时的时限，不能调整。")
    if ctx.role == "system":
        pauses = ctx.rules.pauses(clock.name, case.grid, case.lead_dept)
        changed = ck.add_windows(clock, pauses, ctx.rules.calendar)
        if changed == clock:
            return Rejected("nothing_to_adjust", "没有要计入的免计时段。")
    else:
        due = datetime.fromisoformat(ctx.payload["due_at"])
        if due <= clock.started_at:
            return Rejected("due_before_start", "到期时间应在时限开始之后。")
        if _too_far(due, ctx):
            return _TOO_FAR
        changed = ck.set_due(clock, due, ctx.now)
    return Effect({"clocks": {**case.clocks, clock.name: changed}})
