"""What may be done to many cases at once: a table of acts, their fields, and which of them a selection offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from console.notices.outcomes import action_word
from console.viewmodels.actions.specs import CHOICE, LINE, SPECS, TEXT, ActionSpec, FieldSpec
from console.viewmodels.case_actions import KEYS
from services.domain.decide import role_for
from services.domain.lifecycle import MOVES
from services.domain.reference import Rules
from services.domain.roles import Actor

#: more than this in one act is a job for a rule, not for a hand
MOST = 5000
#: editors beside those of the simple dialogs: a unit, a filing condition of the selection's category
UNIT, CONDITION = "unit", "condition"
ONE, OWN = "one", "own"


def tr(text: str) -> str:
    """Translate a word of acts on many cases."""
    return QCoreApplication.translate("Bulk", text)


def _n(text: str) -> str:
    return str(QT_TRANSLATE_NOOP("ActionFields", text))


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One act: the action it takes in each state (`""`: any other), its fields, its meaning and its icon."""

    id: str
    actions: Mapping[str, str]
    spec: ActionSpec

    def action_in(self, state: str) -> str:
        """Return the action for a case in a state."""
        return self.actions.get(state, self.actions[""])

    @property
    def word(self) -> str:
        """Return what it is called."""
        return action_word(self.id)

    @property
    def key(self) -> str:
        """Return its key, the one it has on a single case."""
        return KEYS.get(self.id, "")


_DECIDE = (
    FieldSpec("approve", CHOICE, _n("决定"), True, (("yes", _n("批准")), ("no", _n("不批准"))), "yes"),
    FieldSpec("note", TEXT, _n("审批意见"), hint=_n("不批准时必填")),
)
_OWN_SPECS: Mapping[str, ActionSpec] = {
    "dispatch": ActionSpec(
        (
            FieldSpec(
                "way", CHOICE, _n("派往"), True, ((OWN, _n("各按首选建议")), (ONE, _n("同一个单位"))), OWN
            ),
            FieldSpec("lead_dept", UNIT, _n("承办单位"), True),
            FieldSpec("reason", LINE, _n("改派理由"), hint=_n("有回退的案件时必填")),
            FieldSpec("note", TEXT, _n("派遣意见")),
        ),
        _n("待派遣的派出，回退的改派；每件的时限由它自己的立案条件定。"),
        icon="send",
    ),
    "file": ActionSpec(
        (FieldSpec("condition", CONDITION, _n("立案条件"), True),),
        _n("只能一起立同一类别的案；类别不同的留下单独办。"),
        icon="stamp",
    ),
    "close": ActionSpec(
        (
            FieldSpec(
                "closing_condition", LINE, _n("结案条件"), hint=_n("不填则各用自己立案条件对应的结案条件")
            ),
        ),
        _n("要求回访而没有回访的不能一起结案。"),
        icon="check_circle",
    ),
    "decide_extension": ActionSpec(_DECIDE, _n("同意的各按自己申请的时长顺延。"), icon="clock"),
    "decide_suspend": ActionSpec(_DECIDE, _n("同意的各挂到自己申请的日期。"), icon="pause"),
    "cancel": ActionSpec(
        (FieldSpec("reason", TEXT, _n("理由"), True),), _n("案件作废，不再办理。"), danger=True, icon="x"
    ),
}
#: acts whose form is that of the single case, in one order with the others
_SHARED = (
    "accept", "send_verify", "send_check", "rework", "return_to_filing", "recall", "resume", "urge", "supervise",
    "comment", "flag_urgent", "self_close", "reject",
)  # fmt: skip
#: the order of bar and menu: what a post's own step is comes first
ORDER = (
    "accept", "file", "dispatch", "send_check", "decide_extension", "decide_suspend", "close", "resume", "rework",
    "send_verify", "return_to_filing", "recall", "urge", "supervise", "comment", "flag_urgent", "self_close",
    "reject", "cancel",
)  # fmt: skip


def _act(name: str) -> BulkAct:
    """Return the act of a name."""
    actions = {"": "dispatch", "returned": "redispatch"} if name == "dispatch" else {"": name}
    return BulkAct(name, actions, _OWN_SPECS.get(name) or SPECS[name])


ACTS: Mapping[str, BulkAct] = {name: _act(name) for name in ORDER if name in _SHARED or name in _OWN_SPECS}


@dataclass(frozen=True, slots=True)
class Offer:
    """An act a selection offers: how many of its cases are in a state the act starts from."""

    act: BulkAct
    count: int


def offers(states: Mapping[str, int], actor: Actor, rules: Rules) -> tuple[Offer, ...]:
    """Return the acts of the actor's post for cases in some states (state to number), in the order of the bar.

    States only: what else a rule asks for, the preview says case by case.
    """
    found = []
    for act in ACTS.values():
        count = sum(n for state, n in states.items() if state in MOVES.get(act.action_in(state), {}))
        if count and any(role_for(None, name, actor, rules)[0] for name in act.actions.values()):
            found.append(Offer(act, count))
    return tuple(found)


def act_of(action: str) -> BulkAct | None:
    """Return the act in which an action is taken on many cases, None where it is one for single cases."""
    if action in ACTS:
        return ACTS[action]
    return next((act for act in ACTS.values() if action in act.actions.values()), None)


def act_word(action: str) -> str:
    """Return the word of an act by one of its actions: of 派遣 and 改派 in one act, the dispatch."""
    act = act_of(action)
    return act.word if act is not None else action_word(action)
