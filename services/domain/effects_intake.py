"""Effects of intake and filing: register, import, accept, verify, reject, file, self_close, amend, split, cancel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.domain import clocks as ck
from services.domain.case import Case, Counts, Location, Owner
from services.domain.commands import Command, Rejected
from services.domain.masking import mask_caller
from services.domain.reference import Position, Rules
from services.domain.roles import Actor
from services.domain.states import BEFORE_FILING, DISPATCHED, STATES
from services.domain.steps import Ctx, Effect, Result, fresh_clock, owner_of

_OUTSIDE = Rejected("outside_area", "地址不在本区范围内，请重选位置。")
_NO_CATEGORY = Rejected("unknown_category", "没有这个案件类别，请重新选择。")
_NO_CONDITION = Rejected("unknown_condition", "没有这个立案条件，请重新选择。")
_PART_EXISTS = Rejected("case_exists", "拆分出的案件编号已经被用过。")


def place(position: Position | None) -> dict[str, Any] | Rejected:
    """Return grid, areas and boundary flag for a resolved point, or the refusal when it lies in no grid."""
    if position is None or position.grid is None:
        return _OUTSIDE
    return {"grid": position.grid, "area_path": position.area_path}


def _flags(payload: dict[str, Any], position: Position | None) -> frozenset[str]:
    """Return the flags a new case starts with."""
    flags = set()
    if position is None or position.grid is None:
        flags.add("unlocated")
    elif position.near:
        flags.add("near_boundary")
    if payload.get("confidential"):
        flags.add("confidential")
    return frozenset(flags)


def register(command: Command, actor: Actor, now: datetime, rules: Rules) -> Case | Rejected:
    """Make a case in `reported`; the grid is found from the point (contract section 5)."""
    p = dict(command.payload)
    if p["source"] not in rules.sources:
        return Rejected("unknown_source", "没有这个来源，请重新选择。")
    if p.get("category") is not None and p["category"] not in rules.categories:
        return _NO_CATEGORY
    position = rules.facts.positions.get(command.case_id)
    spot = place(position)
    if isinstance(spot, Rejected):
        return spot
    caller = p.get("caller") or {}
    urgent = bool(p.get("urgent"))
    case = Case(
        case_id=command.case_id,
        kind=p["kind"],
        source=p["source"],
        state="reported",
        description=p["description"],
        location=Location(p["location"]["lon"], p["location"]["lat"], p["location"].get("address", "")),
        created_at=now,
        number=rules.facts.number,
        category=p.get("category"),
        urgent=urgent,
        level=3 if urgent else p.get("level", 0),
        flags=_flags(p, position),
        upper_id=p.get("upper_id"),
        upper_due=datetime.fromisoformat(p["upper_due"]) if p.get("upper_due") else None,
        caller_masked=None if p.get("confidential") else mask_caller(caller.get("name"), caller.get("phone")),
        need_callback=bool(p.get("need_callback")),
        reporter=actor.id,
        owner=owner_of("reported", None, None),
        version=1,
        xver=1,
        **spot,
    )
    return with_first_clock(case, now, rules)


def with_first_clock(case: Case, now: datetime, rules: Rules) -> Case:
    """Start the clock of a new case's state."""
    name = STATES[case.state].clock
    fields = {key: getattr(case, key) for key in ("category", "condition", "grid", "lead_dept")}
    clock = fresh_clock(fields, name, now, rules) if name else None
    return replace(case, clocks={clock.name: clock}) if clock else case


def import_case(command: Command, actor: Actor, now: datetime, rules: Rules) -> Case | Rejected:
    """Make a case in its own state with the source's times; no point or no grid gives the flag `unlocated`."""
    p = dict(command.payload)
    if p["state"] not in STATES:
        return Rejected("unknown_state", f"没有“{p['state']}”这个状态。")
    if p.get("category") is not None and p["category"] not in rules.categories:
        return _NO_CATEGORY
    condition = p.get("condition")
    if condition is not None and rules.condition(p.get("category"), condition) is None:
        return _NO_CONDITION
    if p.get("lead_dept") is not None and p["lead_dept"] not in rules.departments:
        return Rejected("unknown_dept", f"没有“{p['lead_dept']}”这个单位。")
    born = datetime.fromisoformat(p["at"])
    closed = datetime.fromisoformat(p["closed_at"]) if p.get("closed_at") else None
    if closed is not None and closed < born:
        return Rejected("closed_before_opened", "结案时间早于上报时间。")
    position = rules.facts.positions.get(command.case_id)
    spot = p.get("location") or {}
    case = Case(
        case_id=command.case_id,
        kind=p["kind"],
        source=p["source"],
        state=p["state"],
        description=p["description"],
        location=Location(spot.get("lon"), spot.get("lat"), spot.get("address", p.get("address", ""))),
        created_at=born,
        number=rules.facts.number,
        category=p.get("category"),
        condition=condition,
        grid=position.grid if position else None,
        area_path=position.area_path if position else (),
        lead_dept=p.get("lead_dept"),
        flags=_flags({}, position),
        owner=owner_of(p["state"], p.get("lead_dept"), None),
        closed_at=closed,
        marks=frozenset({"imported"}),
        version=1,
        xver=1,
    )
    return _imported_clock(case, p.get("due_at"), max(now, born), rules)


def _imported_clock(case: Case, due: str | None, now: datetime, rules: Rules) -> Case:
    """Give an imported open case its clock: from the source's due time, else by the rules from its birth.

    A case that comes in suspended stands still from the import on; when it was suspended nobody knows.
    """
    name = STATES[case.state].clock
    if name is None:
        return case
    fields = {key: getattr(case, key) for key in ("category", "condition", "grid", "lead_dept")}
    born = case.created_at
    clock = fresh_clock(fields, name, born, rules) or fresh_clock(fields, "close", born, rules)
    if clock is None:
        return case
    clock = replace(clock, name=name)
    if due is not None:
        clock = ck.set_due(clock, datetime.fromisoformat(due))
    if STATES[case.state].frozen:
        clock = ck.pause(clock, now, rules.calendar)
    return replace(case, clocks={name: clock})


def plain(ctx: Ctx) -> Result:
    """An action that only moves the case."""
    return Effect()


def send_verify(ctx: Ctx) -> Result:
    """派核实: to the supervisor named, else to the pool of the duty grid."""
    to = ctx.get("to")
    if to is not None and to not in ctx.rules.facts.users:
        return Rejected("unknown_user", "没有这位监督员，请重新选择。")
    return Effect({"owner": Owner("supervisor", None, to)})


def verify_result(ctx: Ctx) -> Result:
    """核实反馈: the result is kept as a mark, filing decides what follows from it."""
    marks = {mark for mark in ctx.case.marks if not mark.startswith("verified_")}
    return Effect({"marks": frozenset(marks | {f"verified_{ctx.payload['result']}"})})


def end(ctx: Ctx) -> Result:
    """Reject and self_close: the case ends here."""
    return Effect({"closed_at": ctx.now, "assignee": None})


def file(ctx: Ctx) -> Result:
    """立案: a filing condition must be chosen, it fixes the handling limit [A2]."""
    category, condition = ctx.payload["category"], ctx.payload["condition"]
    if category not in ctx.rules.categories:
        return _NO_CATEGORY
    if ctx.rules.condition(category, condition) is None:
        return _NO_CONDITION
    if ctx.case.grid is None:
        return Rejected("unlocated", "这件案件还没有位置，请先更正位置再立案。")
    return Effect({"category": category, "condition": condition})


def cancel(ctx: Ctx) -> Result:
    """作废: duplicate or mistaken; a merge points to the surviving case and never makes a ring."""
    target = ctx.get("duplicate_of")
    if target is not None:
        if target == ctx.case.case_id:
            return Rejected("duplicate_of_itself", "不能把案件并入它自己。")
        if target not in ctx.rules.facts.cases:
            return Rejected("unknown_case", "没有找到要并入的案件。")
        if ctx.rules.facts.cases[target] is not None:
            return Rejected("duplicate_chain", "要并入的案件自己已经并入别的案件，请并入那一件。")
    return Effect({"closed_at": ctx.now, "assignee": None, "parent": target or ctx.case.parent})


def amend(ctx: Ctx) -> Result:
    """更正: a new condition recomputes the limit from the clock's own start; a new position finds its grid."""
    case, p = ctx.case, ctx.payload
    if not any(key in p for key in ("category", "condition", "location", "description", "kind")):
        return Rejected("nothing_to_amend", "没有要更正的内容。")
    changes: dict[str, Any] = {key: p[key] for key in ("description", "kind") if key in p}
    refusal = _amend_place(ctx, changes) or _amend_category(ctx, changes)
    if refusal is not None:
        return refusal
    filed = changes.get("category", case.category), changes.get("condition", case.condition)
    # before a dispatch and after a return there is only the ended clock of an earlier unit: it stays as it was
    if filed != (case.category, case.condition) and case.state in DISPATCHED:
        limit = ctx.rules.handling_limit(*filed)
        handle = case.clocks.get("handle")
        if limit is not None and handle is not None:
            changed = ck.change_limit(handle, limit, ctx.rules.calendar)
            changes["clocks"] = {**case.clocks, "handle": changed}
    return Effect(changes)


def _amend_place(ctx: Ctx, changes: dict[str, Any]) -> Rejected | None:
    """Put a new position into the changes."""
    if "location" not in ctx.payload:
        return None
    position = ctx.rules.facts.positions.get(ctx.case.case_id)
    spot = place(position)
    if isinstance(spot, Rejected):
        return spot
    wanted = ctx.payload["location"]
    changes |= spot
    address = wanted.get("address", ctx.case.location.address)
    changes["location"] = Location(wanted["lon"], wanted["lat"], address)
    flags = ctx.case.flags - {"near_boundary", "unlocated"}
    changes["flags"] = flags | ({"near_boundary"} if position and position.near else frozenset())
    return None


def _amend_category(ctx: Ctx, changes: dict[str, Any]) -> Rejected | None:
    """Put a new category and condition into the changes; a filed case always keeps a valid pair."""
    case, p = ctx.case, ctx.payload
    if "category" not in p and "condition" not in p:
        return None
    category = p.get("category", case.category)
    if category not in ctx.rules.categories:
        return _NO_CATEGORY
    same = category == case.category
    condition = p.get("condition", case.condition if same else None)
    filed = case.state not in BEFORE_FILING
    if condition is None and filed and not same:
        return Rejected("condition_required", "已立案的案件更正类别时，必须同时选立案条件。")
    if condition is not None and ctx.rules.condition(category, condition) is None:
        return _NO_CONDITION
    changes["category"], changes["condition"] = category, condition
    return None


def split(ctx: Ctx) -> Result:
    """拆分: each part becomes a case of its own with `parent`; what is to be filed is filed again."""
    state = ctx.case.state if ctx.case.state in ("reported", "pending_filing") else "pending_filing"
    if ctx.case.state == "verifying":
        state = "reported"
    births = []
    if len({part["case_id"] for part in ctx.payload["parts"]}) < len(ctx.payload["parts"]):
        return _PART_EXISTS
    for part in ctx.payload["parts"]:
        made = _part(ctx, part, state)
        if isinstance(made, Rejected):
            return made
        births.append(made)
    return Effect(births=tuple(births))


def _part(ctx: Ctx, part: dict[str, Any], state: str) -> Case | Rejected:
    """Make one part of a split case."""
    case, rules = ctx.case, ctx.rules
    if part["case_id"] == case.case_id or part["case_id"] in rules.facts.cases:
        return _PART_EXISTS
    category = part.get("category", case.category)
    if category is not None and category not in rules.categories:
        return _NO_CATEGORY
    flags = case.flags & {"near_boundary", "unlocated", "confidential"}
    changes: dict[str, Any] = {"grid": case.grid, "area_path": case.area_path, "location": case.location}
    if "location" in part:
        position = rules.facts.positions.get(part["case_id"])
        spot = place(position)
        if isinstance(spot, Rejected):
            return spot
        at = part["location"]
        changes = {
            **spot,
            "location": Location(at["lon"], at["lat"], at.get("address", case.location.address)),
        }
        flags = flags & {"confidential"} | ({"near_boundary"} if position and position.near else frozenset())
    made = replace(
        case,
        case_id=part["case_id"],
        number=rules.facts.numbers.get(part["case_id"]),
        state=state,
        description=part["description"],
        category=category,
        condition=None,
        parent=case.case_id,
        clocks={},
        pending={},
        marks=frozenset(),
        flags=frozenset(flags),
        created_at=ctx.now,
        owner=owner_of(state, None, None),
        counts=Counts(),
        round=1,
        version=1,
        xver=1,
        **changes,
    )
    return with_first_clock(made, ctx.now, rules)
