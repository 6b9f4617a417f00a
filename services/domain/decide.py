"""`decide()`: the lifecycle as one pure function used by both sides (contract section 1).

It looks nothing up and changes nothing: case, command, actor, moment and rules in, verdict out. `judge()` puts
the version check and the age check around it in the order of contract section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from services.domain.case import Case, sees
from services.domain.commands import Applied, Command, Conflict, NeedsConfirm, Rejected, Verdict
from services.domain.effects import BIRTHS, EFFECTS
from services.domain.errors import DomainError
from services.domain.lifecycle import (
    ACTION_NAMES,
    ADDITIVE,
    BIRTH,
    GRANTS,
    MOVES,
    OVERRIDABLE,
    Grant,
    Move,
)
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.states import STATES
from services.domain.steps import Ctx, Effect, lapse, move_clocks, owner_of

_FIELDS = tuple(f.name for f in dataclass_fields(Case))
_VALUES = attrgetter(*_FIELDS)
NOT_FOUND = Rejected("not_found", "没有找到这件案件，或它不在您的范围内。")
EXISTS = Rejected("case_exists", "这件案件已经登记过。")


def decide(
    case: Case | None, command: Command, actor: Actor, now: datetime, rules: Rules
) -> Applied | Rejected:
    """Decide a command on a case (None for a birth); the payload must be cleaned.

    Returns `Applied` with the case after it, or `Rejected` with code and sentence; never changes its arguments.
    What calendar or reference data cannot answer (a limit beyond all calendars) is a refusal like any other.
    """
    try:
        return _decide(case, command, actor, now, rules)
    except DomainError as error:
        return Rejected(error.code, f"{error.title}。")


def _decide(
    case: Case | None, command: Command, actor: Actor, now: datetime, rules: Rules
) -> Applied | Rejected:
    """Decide a command; may raise DomainError."""
    action = command.action
    if action not in MOVES or (case is None and action not in BIRTH):
        return NOT_FOUND if action in MOVES else Rejected("unknown_action", "不认识的操作。")
    if case is not None and action in BIRTH:
        return EXISTS
    move = MOVES[action].get(case.state if case is not None else "new")
    if move is None and case is not None:
        return Rejected("illegal_state", f"{STATES[case.state].name}的案件不能{ACTION_NAMES[action]}。")
    role, override = role_for(case, action, actor, rules, command.payload)
    if role is None:
        return Rejected("not_allowed", f"您的岗位不能对这件案件{ACTION_NAMES[action]}。")
    if case is None or move is None:
        return _birth(command, actor, role, now, rules)
    missing = _evidence(action, command.payload, rules)
    if missing is not None:
        return missing
    ctx = Ctx(case, command.payload, actor, role, now, rules)
    effect = EFFECTS[action](ctx)
    if isinstance(effect, Rejected):
        return effect
    after = _after(ctx, effect, effect.move or move, action, override)
    return Applied(after, role, override, effect.births)


def judge(case: Case | None, command: Command, actor: Actor, now: datetime, rules: Rules) -> Verdict:
    """Judge a command in the order of contract section 4, steps 2 to 6; step 1 (known id) is the log's."""
    exclusive = command.action not in ADDITIVE
    if case is None:
        if command.action not in BIRTH:
            return NOT_FOUND
    elif not sees(actor, case):
        return NOT_FOUND
    elif exclusive and command.base_xver != case.xver:
        return Conflict(case.xver)
    verdict = decide(case, command, actor, now, rules)
    if isinstance(verdict, Applied) and exclusive and command.seen_at is not None:
        age = (now - command.seen_at).total_seconds()
        if age > rules.settings.confirm_after_s:
            return NeedsConfirm(int(age))
    return verdict


def role_for(
    case: Case | None, action: str, actor: Actor, rules: Rules, payload: Mapping[str, Any] | None = None
) -> tuple[str | None, bool]:
    """Return the role in which an actor may take an action on a case, and whether it is an override.

    Without a payload every condition that depends on one counts as met (used for `allowed`).
    """
    for grant in GRANTS[action]:
        if grant.role in actor.roles and _holds(grant, case, actor, rules, payload):
            return grant.role, False
    if "shift_leader" in actor.roles:
        for grant in GRANTS[action]:
            if grant.role in OVERRIDABLE and _holds(grant, case, actor, rules, payload):
                return "shift_leader", True
    return None, False


def _holds(
    grant: Grant,
    case: Case | None,
    actor: Actor,
    rules: Rules,
    payload: Mapping[str, Any] | None,
) -> bool:
    """Tell whether a grant's states, setting and relation hold for this case and actor."""
    if grant.setting and not getattr(rules.settings, grant.setting):
        return False
    if case is None:
        return True
    if grant.states is not None and case.state not in grant.states:
        return False
    if grant.relation == "lead":
        return actor.dept is not None and actor.dept == case.lead_dept
    if grant.relation == "co":
        return actor.dept is not None and actor.dept in case.co_depts
    if grant.relation == "assigned":
        return case.assignee == actor.id
    if grant.relation == "own_report":
        return case.reporter == actor.id
    if grant.relation == "duplicate":
        return payload is None or bool(payload.get("duplicate_of"))
    if grant.relation == "first_extension":
        return case.counts.extension == 0
    return True


def allowed_actions(case: Case, actor: Actor, rules: Rules) -> tuple[str, ...]:
    """Return the actions an actor may take on a case now, by role, scope and state, in the table's order.

    What only the payload can tell (a department that does not exist, a missing reason) is not looked at.
    """
    if not sees(actor, case):
        return ()
    found = []
    for action, moves in MOVES.items():
        if case.state in moves and role_for(case, action, actor, rules)[0] is not None:
            blocked = _blocked(case, action, rules)
            if not blocked:
                found.append(action)
    return tuple(found)


def _blocked(case: Case, action: str, rules: Rules) -> bool:
    """Tell whether an action that state and role allow is out of place for a reason the case itself shows."""
    flags = case.flags
    if action == "adjust_limit":
        return case.clock is None or not case.clock.running
    if action == "decide_extension":
        return "extension_pending" not in flags
    if action == "decide_suspend":
        return "suspend_pending" not in flags
    if action == "decide_appeal":
        return "appeal_pending" not in flags
    if action == "apply_extension":
        return "extension_pending" in flags or case.counts.extension >= rules.settings.max_extensions
    if action == "apply_suspend":
        return "suspend_pending" in flags or (rules.settings.suspend_once and case.counts.suspend > 0)
    if action == "appeal":
        return "appealed" in case.marks
    if action == "reply_supervise":
        return "reply_due" not in flags
    return False


def _evidence(action: str, payload: Mapping[str, Any], rules: Rules) -> Rejected | None:
    """Check photos: those named must be stored, and where a setting asks for them there must be some."""
    if rules.facts.missing:
        return Rejected("attachment_missing", "附件还没有传到中心，请先上传附件。")
    if rules.settings.photos_required.get(action) and not payload.get("photos"):
        return Rejected("photos_required", f"{ACTION_NAMES[action]}需要附照片。")
    return None


def _birth(command: Command, actor: Actor, role: str, now: datetime, rules: Rules) -> Applied | Rejected:
    """Make a case by `register` or `import`."""
    missing = _evidence(command.action, command.payload, rules)
    if missing is not None:
        return missing
    made = BIRTHS[command.action](command, actor, now, rules)
    return made if isinstance(made, Rejected) else Applied(made, role)


def _after(ctx: Ctx, effect: Effect, move: Move, action: str, override: bool) -> Case:
    """Put the new case together: changed fields, state, clocks, owner, flags and versions."""
    case = ctx.case
    values: dict[str, Any] = dict(zip(_FIELDS, _VALUES(case), strict=True))
    values.update(effect.changes)
    to = move.to or case.state
    if to != case.state or move.to is not None:
        lapse(values)
        clocks = move_clocks(values, to, move.clock, ctx)
        # an effect may have touched a clock itself (fresh limit after rework); its word stands
        values["clocks"] = {**clocks, **effect.changes.get("clocks", {})}
        values["state"] = to
    owner = owner_of(to, values["lead_dept"], values["assignee"])
    values["owner"] = effect.changes.get("owner", case.owner if to == "verifying" == case.state else owner)
    values["flags"] = values["flags"] - {"override"} | (frozenset({"override"}) if override else frozenset())
    values["version"] = case.version + 1
    values["xver"] = case.xver + (0 if action in ADDITIVE else 1)
    return Case(**values)
