"""Routes over automatic rules: list, edit, try on history, switch, daily figures.

Rights: who leads the shift and who administers may read, edit and try; only who leads the shift may switch one on,
because from then on it acts on cases, which an administrator never does; either may switch one off. Evaluators and
auditors read. Everybody within their area.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.auto.store import all_rules as kept_rules
from services.backend.auto.store import find_rule, keep_trial, put_rule, read_rule, rule_wire, switch
from services.backend.auto.trying import DAYS, DAYS_MOST, try_rule
from services.backend.auto.watching import acts_of, day_and_start, days_of, today
from services.backend.centre import Centre
from services.backend.http.bodies import COMMAND_BYTES, read_body
from services.backend.http.calls import json_answer, only_query, signed_in, trace_of
from services.backend.http.routes_access import checked
from services.backend.problems import Problem, not_found
from services.backend.strict_json import read_json
from services.domain import fields as f
from services.domain.case_doc import time_text
from services.sql.engine import glancing, reading, writing

router = APIRouter()
READERS = frozenset({"shift_leader", "admin", "evaluator", "auditor"})
WRITERS = frozenset({"shift_leader", "admin"})
_switch = f.record({"active": f.flag}, {"why": f.text(0, 200)})
_try = f.record({}, {"days": f.whole(1, DAYS_MOST)})


def _may(caller: Caller, roles: frozenset[str]) -> None:
    """Raise Problem 404 for posts that have nothing to do with rules, 403 for those that only read."""
    if READERS.isdisjoint(caller.actor.roles) or not caller.actor.area_code:
        raise not_found()
    if roles.isdisjoint(caller.actor.roles):
        raise Problem(403, "not_allowed", "您的岗位只能查看自动规则。")


@router.get("/rules")
async def list_rules(request: Request) -> Response:
    """Return the rules of the caller's area with their switches, last trials and figures of today."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, READERS)
        now = centre.now()
        day, since = day_and_start(centre, now)
        settings = centre.reference.rules.settings
        with reading(centre.engine) as conn:
            rows = []
            for kept in kept_rules(conn, caller.actor.area_code or "-"):
                figures = today(conn, kept.rule.id, day, since)
                rows.append(
                    {**rule_wire(kept), "today": {"concerned": figures.concerned, "bounced": figures.bounced}}
                )
        limits = {"bounce_share": settings.rule_bounce_share, "bounce_least": settings.rule_bounce_least}
        return json_answer({"rules": rows, "limits": limits, "server_time": time_text(now)})

    return await signed_in(request, work)


@router.get("/rules/{rule_id}")
async def show_rule(request: Request, rule_id: str) -> Response:
    """Return one rule with the cases of its last trial."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, READERS)
        with glancing(centre.engine) as conn:
            kept = find_rule(conn, caller.actor, rule_id)
        return json_answer(_masked(caller, rule_wire(kept, whole=True)))

    return await signed_in(request, work)


def _masked(caller: Caller, wire: dict[str, Any]) -> dict[str, Any]:
    """Leave out the cases of a trial for posts without business in cases, or that somebody of a wider area tried."""
    if wire["trial"] is None:
        return wire
    trial = dict(wire["trial"])
    wide = str(trial.pop("area", "")).startswith(caller.actor.area_code or "-")
    if not wide or caller.actor.roles == ("admin",):
        trial["cases"] = []
    return {**wire, "trial": trial}


@router.put("/rules/{rule_id}")
async def edit_rule(request: Request, rule_id: str) -> Response:
    """Make or change a rule; it is switched off by that."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, WRITERS)
        doc = read_json(body)
        edit = doc.pop("edit", None) if isinstance(doc, dict) else None
        rule = read_rule(doc, rule_id, caller.actor, centre.reference.rules)
        with writing(centre.engine) as conn:
            kept, _ = put_rule(conn, caller.actor, rule, centre.now(), _edit(edit), trace)
        return json_answer(rule_wire(kept))

    return await signed_in(request, work)


def _edit(value: Any) -> int | None:
    """Return the edit a writer says to have seen; None for none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@router.post("/rules/{rule_id}/try")
async def try_a_rule(request: Request, rule_id: str) -> Response:
    """Try a rule on history; its result stands until the next edit."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, WRITERS)
        days = int(checked(body or b"{}", _try).get("days", DAYS))
        with glancing(centre.engine) as conn:
            kept = find_rule(conn, caller.actor, rule_id)
        rules, now = centre.reference.rules, centre.now()
        trial = try_rule(centre.engine, rules, kept.rule, caller.actor, now, days)
        trial["area"] = caller.actor.area_code
        with writing(centre.engine) as conn:
            if not keep_trial(conn, caller.actor, kept, trial, now, trace):
                raise Problem(409, "edited", "试运行期间规则被别人改过，请重新打开再试。")
            kept = find_rule(conn, caller.actor, rule_id)
        return json_answer(_masked(caller, rule_wire(kept, whole=True)))

    return await signed_in(request, work)


@router.post("/rules/{rule_id}/switch")
async def switch_rule(request: Request, rule_id: str) -> Response:
    """Switch a rule on or off."""
    body = await read_body(request, COMMAND_BYTES)
    trace = trace_of(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, WRITERS)
        given = checked(body, _switch)
        if given["active"] and "shift_leader" not in caller.actor.roles:
            raise Problem(403, "not_allowed", "启用自动规则由值班长决定；系统管理员可以编辑、试运行和停用。")
        with writing(centre.engine) as conn:
            kept = switch(
                conn, caller.actor, rule_id, given["active"], given.get("why", ""), centre.now(), trace
            )
        return json_answer(rule_wire(kept))

    return await signed_in(request, work)


@router.get("/rules/{rule_id}/days")
async def rule_days(request: Request, rule_id: str) -> Response:
    """Return what a rule did on its last days, what came back, and its last acts."""
    only_query(request)

    def work(centre: Centre, caller: Caller) -> Response:
        _may(caller, READERS)
        with reading(centre.engine) as conn:
            kept = find_rule(conn, caller.actor, rule_id)
            days = days_of(conn, kept.rule.id)
            acts = [] if caller.actor.roles == ("admin",) else acts_of(conn, caller.actor, kept.rule.id)
        return json_answer({"days": days, "acts": acts})

    return await signed_in(request, work)
