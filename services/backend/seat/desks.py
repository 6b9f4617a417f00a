"""Which lists each role finds at its web seat, as data; roles that work elsewhere have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.domain.case import Case
from services.domain.roles import Actor
from services.domain.states import OPEN

Keep = Callable[[Case, Actor], bool]

#: roles that find work or reports here
SEAT_ROLES = ("dept_user", "street_user", "handler", "supervisor", "grid_worker", "leader", "evaluator")
#: roles that may register a report from a seat, with the source it is registered under
REPORT_SOURCES = {
    "supervisor": "patrol",
    "grid_worker": "grid_worker",
    "dept_user": "transfer",
    "street_user": "transfer",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One list: id, name, the states it looks at, a further condition, and what is said when it is empty.

    `recent` lists ended cases by closing time instead of open ones by risk; `late` only what is overdue.
    """

    id: str
    name: str
    states: frozenset[str]
    empty: str
    keep: Keep | None = None
    recent: bool = False
    late: bool = False


def _pending(case: Case, _actor: Actor) -> bool:
    return bool({"extension_pending", "suspend_pending"} & case.flags)


def _mine(case: Case, actor: Actor) -> bool:
    return case.assignee == actor.id


def _appealed(case: Case, _actor: Actor) -> bool:
    return "appeal_pending" in case.flags


_AFTER = frozenset({"feedback_review", "checking", "pending_close"})
_ENDED = frozenset({"closed", "archived"})

_RECENT = Tab("recent", "最近结案", _ENDED, "最近 7 天没有结案的案件。", recent=True)
_UNIT = (
    Tab("sign", "待签收", frozenset({"pending_sign"}), "没有待签收的案件。"),
    Tab("work", "处置中", frozenset({"handling"}), "没有处置中的案件。"),
    Tab("suspended", "挂账", frozenset({"suspended"}), "没有挂账的案件。"),
    Tab("pending", "待审批", frozenset({"handling"}), "没有等待审批的延期或挂账申请。", _pending),
    Tab("done", "已反馈", _AFTER, "没有已反馈、等待批转或核查的案件。"),
    _RECENT,
)
_HANDLER = (
    Tab("mine", "指派给我", frozenset({"pending_sign", "handling"}), "没有指派给您的案件。", _mine),
    Tab("mine_suspended", "挂账", frozenset({"suspended"}), "没有挂账的案件。", _mine),
    Tab("mine_done", "已反馈", _AFTER, "没有已反馈、等待批转或核查的案件。", _mine),
)
_SUPERVISOR = (
    Tab("verify", "待核实", frozenset({"verifying"}), "没有待核实的案件。"),
    Tab("check", "待核查", frozenset({"checking"}), "没有待核查的案件。"),
)
_LEADER = (
    Tab("late", "超时", OPEN, "没有超时的案件。", late=True),
    Tab("open", "在办", OPEN, "没有在办的案件。"),
    _RECENT,
)
_EVALUATOR = (
    Tab("appeals", "申诉待裁定", frozenset({"closed"}), "没有等待裁定的申诉。", _appealed, recent=True),
    _RECENT,
)
_DESKS = {
    "dept_user": _UNIT,
    "street_user": _UNIT,
    "handler": _HANDLER,
    "supervisor": _SUPERVISOR,
    "leader": _LEADER,
    "evaluator": _EVALUATOR,
}


def tabs_of(actor: Actor) -> tuple[Tab, ...]:
    """Return the lists of a person; several roles have all of theirs, each once."""
    found: dict[str, Tab] = {}
    for role in SEAT_ROLES:
        if role in actor.roles:
            found.update((tab.id, tab) for tab in _DESKS.get(role, ()))
    return tuple(found.values())


def report_source(actor: Actor) -> str | None:
    """Return the source under which a person registers reports here, None when they do not."""
    return next(
        (REPORT_SOURCES[role] for role in SEAT_ROLES if role in actor.roles and role in REPORT_SOURCES), None
    )


def keeps_sight(actor: Actor) -> bool:
    """Tell whether a person still sees a case they have just registered."""
    return not actor.dept_only


def works_here(actor: Actor) -> bool:
    """Tell whether the web seat is this person's place."""
    return any(role in SEAT_ROLES for role in actor.roles)
