"""The actions of a case as buttons: word, key, whether allowed now, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from console.notices.outcomes import action_word
from services.domain.case import Case
from services.domain.decide import role_for
from services.domain.lifecycle import MOVES
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.states import STATES

#: action -> key in the case panel (design section 7)
KEYS = {
    "dispatch": "D",
    "redispatch": "D",
    "return_to_filing": "B",
    "send_check": "S",
    "rework": "W",
    "decide_extension": "E",
    "decide_suspend": "G",
    "resume": "Shift+G",
    "urge": "R",
    "supervise": "U",
    "comment": "C",
    "attach": "A",
    "flag_urgent": "I",
    "cancel": "X",
}
#: what the state calls for, best first: the main button
MAIN = (
    "dispatch", "redispatch", "decide_extension", "decide_suspend", "send_check", "accept", "file", "close",
    "resume", "comment",
)  # fmt: skip
#: order of the other buttons and of the menu
ORDER = (
    "accept", "send_verify", "file", "dispatch", "redispatch", "recall", "send_check", "rework",
    "decide_extension", "decide_suspend", "resume", "close", "return_to_filing", "amend", "urge", "supervise",
    "comment", "flag_urgent", "attach", "adjust_limit", "link", "split", "log_call", "callback", "reopen", "reject",
    "self_close", "cancel", "contact_citizen", "decide_appeal",
)  # fmt: skip


def tr(text: str) -> str:
    """Translate a word of the action bar."""
    return QCoreApplication.translate("Actions", text)


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action: id, word, key, and the reason why it may not be taken now (empty: it may)."""

    id: str
    word: str
    key: str
    reason: str = ""


def actions_of(case: Case, allowed: tuple[str, ...], actor: Actor, rules: Rules) -> tuple[ActionView, ...]:
    """Return the actions of the actor's post in the order of the menu, those not allowed now with the reason."""
    return tuple(
        ActionView(action, action_word(action), KEYS.get(action, ""), why_not(action, case, allowed))
        for action in ORDER
        if action in allowed or of_post(action, actor, rules)
    )


def why_not(action: str, case: Case, allowed: tuple[str, ...]) -> str:
    """Return why an action may not be taken on a case now, in a sentence; empty when it may."""
    if action in allowed:
        return ""
    return tr("现在不能{action}：{reason}").format(action=action_word(action), reason=_why_not(action, case))


def main_action(actions: tuple[ActionView, ...]) -> ActionView | None:
    """Return the action the state calls for."""
    usable = {action.id: action for action in actions if not action.reason}
    return next((usable[name] for name in MAIN if name in usable), None)


def of_post(action: str, actor: Actor, rules: Rules) -> bool:
    """Tell whether the actor's post ever takes this action, whatever the state."""
    return role_for(None, action, actor, rules)[0] is not None and action in MOVES


def _why_not(action: str, case: Case) -> str:
    """Return why an action is out of place now."""
    states = [STATES[state].name for state in MOVES[action] if state in STATES]
    if case.state not in MOVES[action]:
        shown = "、".join(states[:3]) + (tr("等") if len(states) > 3 else "")
        return tr("案件{state}，{wanted}时才能办").format(state=STATES[case.state].name, wanted=shown)
    if action in ("decide_extension", "decide_suspend", "decide_appeal"):
        return tr("没有等待审批的申请")
    return tr("不是这个岗位的事项，或条件还不具备")
