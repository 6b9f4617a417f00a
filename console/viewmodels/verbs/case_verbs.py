"""The actions of the rules (派遣, 催办, …) as verbs: words, aliases, keys in the case panel and in the pools."""

from __future__ import annotations

from functools import lru_cache

from console.viewmodels.case_actions import KEYS, ORDER
from console.viewmodels.pools import POOL_ACTIONS
from console.viewmodels.verbs.verb import A_CASE, A_UNIT, CASE, CASE_GROUP, Verb, noop
from services.domain.lifecycle import ACTION_NAMES

#: action -> other words for it
ALIASES: dict[str, tuple[str, ...]] = {
    "accept": ("接件", "收件"),
    "send_verify": ("核实", "派员核实"),
    "file": ("立", "准予立案"),
    "dispatch": ("派发", "派单", "转派", "交办", "分派"),
    "redispatch": ("重派", "再派", "转派", "换单位", "派遣", "派发"),
    "recall": ("撤回", "收回"),
    "send_check": ("批转", "批转核查", "核查"),
    "rework": ("退回返工", "重做"),
    "decide_extension": ("延期", "批延期", "延期审批"),
    "decide_suspend": ("挂账", "批挂账", "缓办"),
    "resume": ("解挂", "恢复", "恢复计时"),
    "close": ("办结", "归结"),
    "return_to_filing": ("退立案", "回退立案"),
    "amend": ("更正信息", "修改", "改类别", "改地址"),
    "urge": ("催", "催单", "提醒单位"),
    "supervise": ("督", "督办函"),
    "comment": ("批注", "留言", "写备注"),
    "flag_urgent": ("急要件", "加急", "特急"),
    "attach": ("附件", "上传", "照片"),
    "adjust_limit": ("改时限", "时限调整", "顺延"),
    "link": ("关联案件", "并案"),
    "split": ("拆单", "分案"),
    "log_call": ("电话记录", "记电话"),
    "callback": ("回电", "回访群众"),
    "reopen": ("重办", "重新派"),
    "reject": ("不予受理", "不予立案", "不受理", "拒绝"),
    "self_close": ("自行处置", "直接办结", "自结"),
    "cancel": ("废除", "销案", "撤销"),
    "contact_citizen": ("联系诉求人", "联系市民"),
    "reply_supervise": ("回督办", "督办回复"),
}
ICONS = {
    "dispatch": "send", "redispatch": "send", "urge": "bell", "comment": "edit", "attach": "clip", "file": "stamp",
    "close": "check_circle", "accept": "inbox", "supervise": "alert", "cancel": "x",
}  # fmt: skip
UNIT_ACTIONS = frozenset({"dispatch", "redispatch"})
PREFIX = "case."


def verb_id(action: str) -> str:
    """Return the id of the verb of an action."""
    return PREFIX + action


def action_of(verb: Verb | str) -> str:
    """Return the action of a verb, empty when it is none of these."""
    name = (verb if isinstance(verb, str) else verb.id).removeprefix(PREFIX)
    return name if name in ORDER and verb_id(name) in (verb if isinstance(verb, str) else verb.id) else ""


@lru_cache(maxsize=1)
def case_verbs() -> tuple[Verb, ...]:
    """Return one verb for every action of a case, in the order of the menu."""
    return tuple(_verb(action) for action in ORDER)


def _verb(action: str) -> Verb:
    """Return the verb of an action; redispatch shares the key of dispatch, and is never possible beside it."""
    keys = [KEYS[action]] if action in KEYS else []
    keys += [
        f"pool.{pool}:{key}" for pool, acts in POOL_ACTIONS.items() for name, key in acts if name == action
    ]
    return Verb(
        verb_id(action),
        noop(ACTION_NAMES[action]),
        ALIASES.get(action, ()),
        CASE_GROUP,
        tuple(keys),
        CASE,
        (A_CASE, A_UNIT) if action in UNIT_ACTIONS else (A_CASE,),
        ICONS.get(action, ""),
        instead_of=verb_id("dispatch") if action == "redispatch" else "",
    )
