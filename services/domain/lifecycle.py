"""The lifecycle as data: which action leads from which state to which, and who may ask for it.

This table and `decide()` behind it are the law of both sides (contract section 5, domain section 5.3).
Reading aid: `MOVES[action][state]` is the step, `GRANTS[action]` who may take it.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.states import BEFORE_DISPATCH, END, OPEN

#: what happens to the clock of the state that is entered
FRESH, KEEP, RUN_ON, PAUSE, RESUME, NONE = "fresh", "keep", "run_on", "pause", "resume", "none"


@dataclass(frozen=True, slots=True)
class Move:
    """One step: the state it leads to (None: unchanged) and what the clock of that state does."""

    to: str | None
    clock: str = FRESH


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may take an action: a role, optionally only from some states, in some relation, by a setting.

    `relation`: `lead` (own department leads), `co`, `assigned` (handler it was assigned to), `own_report`.
    """

    role: str
    states: frozenset[str] | None = None
    relation: str = ""
    setting: str = ""


STAY = Move(None, KEEP)

#: additive actions never change the state and never conflict
ADDITIVE = frozenset(
    {
        "comment", "attach", "urge", "supervise", "reply_supervise", "flag_urgent", "log_call", "callback",
        "contact_citizen", "co_reply", "link",
    }
)  # fmt: skip
#: additive actions that end states still accept
AT_END = frozenset({"comment", "attach", "log_call", "callback", "reply_supervise", "link"})


def _moves(*rows: tuple[str, str, str | None, str]) -> dict[str, dict[str, Move]]:
    """Turn rows (action, states, target, clock) into a table by action and state."""
    table: dict[str, dict[str, Move]] = {}
    for action, states, to, clock in rows:
        for state in states.split():
            table.setdefault(action, {})[state] = Move(to, clock)
    return table


_ANY_OPEN = " ".join(sorted(OPEN))
_ANY = " ".join(sorted(OPEN | END))

MOVES: dict[str, dict[str, Move]] = _moves(
    ("register", "new", "reported", FRESH),
    ("import", "new", None, KEEP),
    ("accept", "reported", "pending_filing", FRESH),
    ("send_verify", "reported", "verifying", FRESH),
    ("verify_result", "verifying", "pending_filing", FRESH),
    ("reject", "reported", "not_accepted", NONE),
    ("reject", "pending_filing", "not_filed", NONE),
    ("file", "pending_filing", "pending_dispatch", FRESH),
    ("self_close", "reported pending_filing", "closed", NONE),
    ("dispatch", "pending_dispatch", "pending_sign", FRESH),
    # a recall or a rework buys no time: the earlier clock goes on as if it had not stopped
    ("recall", "pending_sign", "pending_dispatch", RUN_ON),
    ("redispatch", "returned pending_sign handling", "pending_sign", FRESH),
    ("return_to_filing", "pending_dispatch returned", "pending_filing", FRESH),
    ("amend", _ANY_OPEN, None, KEEP),
    ("adjust_limit", _ANY_OPEN, None, KEEP),
    ("sign", "pending_sign", "handling", KEEP),
    ("return_case", "pending_sign handling", "returned", FRESH),
    ("assign", "pending_sign handling", None, KEEP),
    ("feed_back", "handling", "feedback_review", FRESH),
    ("send_check", "feedback_review", "checking", FRESH),
    ("rework", "feedback_review pending_close", "handling", RUN_ON),
    ("check_pass", "checking", "pending_close", FRESH),
    ("check_fail", "checking", "handling", RUN_ON),
    ("close", "pending_close", "closed", NONE),
    ("cancel", _ANY_OPEN, "cancelled", NONE),
    ("split", " ".join(sorted(BEFORE_DISPATCH)), None, KEEP),
    ("apply_extension", "handling", None, KEEP),
    ("decide_extension", "handling", None, KEEP),
    ("apply_suspend", "handling", None, KEEP),
    ("decide_suspend", "handling", "suspended", PAUSE),
    ("resume", "suspended", "handling", RESUME),
    ("reopen", "closed", "pending_dispatch", FRESH),
    ("appeal", "closed", None, KEEP),
    ("decide_appeal", "closed", None, KEEP),
    ("archive", "closed", "archived", NONE),
    *((action, _ANY if action in AT_END else _ANY_OPEN, None, KEEP) for action in sorted(ADDITIVE)),
)

ACTIONS = tuple(MOVES)
EXCLUSIVE = frozenset(ACTIONS) - ADDITIVE
#: actions that make a case
BIRTH = frozenset({"register", "import"})

ACTION_NAMES: dict[str, str] = {
    "register": "登记", "import": "导入", "accept": "受理", "send_verify": "派核实", "verify_result": "核实反馈",
    "reject": "不予受理/立案", "file": "立案", "self_close": "自行处置结案", "dispatch": "派遣", "recall": "撤回派遣",
    "redispatch": "改派", "return_to_filing": "退回立案", "amend": "更正", "adjust_limit": "调整时限", "sign": "签收",
    "return_case": "退单", "assign": "指派", "feed_back": "反馈", "send_check": "送核查", "rework": "返工",
    "check_pass": "核查通过", "check_fail": "核查不通过", "close": "结案", "cancel": "作废", "split": "拆分",
    "apply_extension": "申请延期", "decide_extension": "审批延期", "apply_suspend": "申请挂账",
    "decide_suspend": "审批挂账", "resume": "恢复处置", "reopen": "重新办理", "appeal": "申诉",
    "decide_appeal": "裁定申诉", "archive": "归档", "comment": "备注", "attach": "添加附件", "urge": "催办",
    "supervise": "督办", "reply_supervise": "回复督办", "flag_urgent": "标为急要件", "log_call": "通话记录",
    "callback": "回访", "contact_citizen": "联系群众", "co_reply": "协办回复", "link": "关联",
}  # fmt: skip


def _only(*states: str) -> frozenset[str]:
    """Return states as a set."""
    return frozenset(states)


_BEFORE = _only("reported", "verifying", "pending_filing")
_AFTER = OPEN - _BEFORE
_LEAD = (Grant("dept_user", relation="lead"), Grant("street_user", relation="lead"))
_ASSIGNED = Grant("handler", relation="assigned")
_CO = tuple(Grant(role, relation="co") for role in ("dept_user", "street_user"))
_EVERYONE = tuple(
    Grant(role)
    for role in (
        "acceptor", "dispatcher", "shift_leader", "supervisor", "grid_worker", "dept_user", "street_user",
        "leader", "evaluator",
    )
)  # fmt: skip
_DESKS = (Grant("acceptor"), Grant("dispatcher"), Grant("shift_leader"))
_SELF_CLOSE = tuple(
    Grant(role, relation="own_report", setting="self_close_by_reporter")
    for role in ("supervisor", "grid_worker")
)

GRANTS: dict[str, tuple[Grant, ...]] = {
    "register": tuple(
        Grant(role)
        for role in (
            "acceptor",
            "shift_leader",
            "supervisor",
            "grid_worker",
            "dept_user",
            "street_user",
            "upper",
        )
    ),
    "import": (Grant("system"),),
    "accept": (Grant("acceptor"),),
    "send_verify": (Grant("acceptor"),),
    "verify_result": (Grant("supervisor"),),
    "reject": (Grant("acceptor", _only("reported")), Grant("shift_leader", _only("pending_filing"))),
    "file": (Grant("shift_leader"), Grant("acceptor", setting="acceptor_may_file")),
    "self_close": (Grant("acceptor"), Grant("shift_leader"), *_SELF_CLOSE),
    "dispatch": (Grant("dispatcher"),),
    "recall": (Grant("dispatcher"),),
    "redispatch": (
        Grant("dispatcher", _only("returned", "pending_sign")),
        Grant("shift_leader", _only("handling")),
    ),
    "return_to_filing": (Grant("dispatcher"),),
    "amend": (Grant("acceptor", _BEFORE), Grant("dispatcher", _AFTER)),
    "adjust_limit": (Grant("shift_leader"), Grant("system")),
    "sign": _LEAD,
    "return_case": _LEAD,
    "assign": (Grant("dept_user", relation="lead"),),
    "feed_back": (*_LEAD, _ASSIGNED),
    "co_reply": _CO,
    "contact_citizen": (*_LEAD, _ASSIGNED, Grant("acceptor")),
    "send_check": (Grant("dispatcher"), Grant("acceptor")),
    "rework": (Grant("dispatcher", _only("feedback_review")), Grant("shift_leader", _only("pending_close"))),
    "check_pass": (Grant("supervisor"),),
    "check_fail": (Grant("supervisor"),),
    "close": (Grant("shift_leader"), Grant("acceptor")),
    "cancel": (Grant("shift_leader"), Grant("acceptor", _only("reported"), relation="duplicate")),
    "split": (Grant("acceptor"), Grant("dispatcher")),
    "link": _DESKS,
    "apply_extension": _LEAD,
    "decide_extension": (Grant("dispatcher", relation="first_extension"), Grant("shift_leader")),
    "apply_suspend": _LEAD,
    "decide_suspend": (Grant("dispatcher"), Grant("shift_leader")),
    "resume": (Grant("dispatcher"), Grant("system")),
    "reopen": (Grant("shift_leader"), Grant("system")),
    "appeal": _LEAD,
    "decide_appeal": (Grant("evaluator"),),
    "supervise": (Grant("shift_leader"), Grant("leader"), Grant("upper")),
    "reply_supervise": _LEAD,
    "urge": (*_DESKS, Grant("leader"), Grant("upper")),
    "flag_urgent": (*_DESKS, Grant("leader"), Grant("upper")),
    "log_call": (Grant("acceptor"), Grant("shift_leader")),
    "callback": (Grant("acceptor"), Grant("shift_leader")),
    "comment": (*_EVERYONE, _ASSIGNED),
    "attach": (*_EVERYONE, _ASSIGNED),
    "archive": (Grant("system"),),
}
#: desk roles whose actions the shift leader may take over (marked `override`)
OVERRIDABLE = ("acceptor", "dispatcher")
