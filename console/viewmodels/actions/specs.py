"""The simple action dialogs as a table: their fields, their question, and what stands beside the button.

Field names are the payload's own (`caller.phone` is `phone` inside `caller`), so that a complaint about the
payload finds its field. Only actions a console role may take and that need no dialog of their own stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

TEXT, LINE, CHOICE, FLAG, MOMENT, CASE, PHOTOS = "text", "line", "choice", "flag", "moment", "case", "photos"
_CONTEXT = "ActionFields"


def _n(text: str) -> str:
    return str(QT_TRANSLATE_NOOP("ActionFields", text))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: payload path, editor, label, whether it is asked for, choices (key, word), first value."""

    name: str
    kind: str
    label: str
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    first: Any = None
    hint: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One simple action: its fields, what it means in a sentence, whether its button is the danger word."""

    fields: tuple[FieldSpec, ...] = ()
    meaning: str = ""
    danger: bool = False
    icon: str = "edit"


_REASON = FieldSpec("reason", TEXT, _n("理由"), required=True)
_YES_NO = (("yes", _n("是")), ("no", _n("否")))
_REACHED = FieldSpec("reached", CHOICE, _n("是否联系上"), True, _YES_NO)
_SOLVED = FieldSpec("solved", CHOICE, _n("是否解决"), False, _YES_NO)
_SATISFIED = FieldSpec(
    "satisfaction",
    CHOICE,
    _n("满意度"),
    False,
    (
        ("5", _n("5 非常满意")),
        ("4", _n("4 满意")),
        ("3", _n("3 一般")),
        ("2", _n("2 不满意")),
        ("1", _n("1 很不满意")),
    ),
    number=True,
)

SPECS: Mapping[str, ActionSpec] = {
    "accept": ActionSpec((), _n("案件进入立案环节。"), icon="inbox"),
    "send_verify": ActionSpec((), _n("交责任网格的监督员到现场核实，核实后转立案。"), icon="eye"),
    "reject": ActionSpec(
        (FieldSpec("reason", TEXT, _n("不予办理的理由"), True, hint=_n("诉求人会看到这段话")),),
        _n("案件到此结束，不再办理。"),
        danger=True,
        icon="x",
    ),
    "self_close": ActionSpec(
        (FieldSpec("result", TEXT, _n("答复或处置结果"), True), FieldSpec("photos", PHOTOS, _n("附件"))),
        _n("直接答复，案件到此结案，不再派遣。"),
        icon="check_circle",
    ),
    "recall": ActionSpec(
        (_REASON,), _n("承办单位还没有签收。撤回后回到待派遣，不算回退，派遣时限接着算。"), icon="undo"
    ),
    "return_to_filing": ActionSpec((_REASON,), _n("退回值班长重新立案，类别和条件保留。"), icon="undo"),
    "send_check": ActionSpec((), _n("反馈可信，交责任网格的监督员核查。"), icon="eye"),
    "rework": ActionSpec(
        (_REASON,), _n("退回原单位继续处置，处置时限接着算，计一次返工。"), danger=True, icon="undo"
    ),
    "resume": ActionSpec((), _n("结束挂账，处置时限从现在接着算。"), icon="play"),
    "reopen": ActionSpec((_REASON,), _n("沿用原案号，从派遣重新开始一轮。"), icon="undo"),
    "cancel": ActionSpec(
        (
            _REASON,
            FieldSpec("duplicate_of", CASE, _n("并入案件"), hint=_n("案号或案号后四位；不是重复件可不填")),
        ),
        _n("案件作废，不再办理；填了并入案件的，以那一件为准。"),
        danger=True,
        icon="x",
    ),
    "adjust_limit": ActionSpec(
        (
            FieldSpec("due_at", MOMENT, _n("新的到期时间"), True),
            _REASON,
            FieldSpec("basis", TEXT, _n("依据"), True, hint=_n("文号或领导批示")),
        ),
        _n("到期时间由值班长直接确定，理由和依据记入流转记录。"),
        icon="clock",
    ),
    "decide_appeal": ActionSpec(
        (
            FieldSpec("approve", CHOICE, _n("裁定"), True, (("yes", _n("成立")), ("no", _n("不成立")))),
            FieldSpec("note", TEXT, _n("裁定意见")),
        ),
        _n("成立的，这件不计入超时；超时的事实仍可查到。"),
        icon="stamp",
    ),
    "supervise": ActionSpec(
        (
            FieldSpec(
                "kind",
                CHOICE,
                _n("督办类型"),
                True,
                (("timeout", _n("超时督办")), ("leader", _n("领导督办")), ("key", _n("重点督办"))),
                "timeout",
            ),
            FieldSpec(
                "level",
                CHOICE,
                _n("督办级别"),
                True,
                (("1", _n("一级")), ("2", _n("二级")), ("3", _n("三级"))),
                "1",
                number=True,
            ),
            FieldSpec("reason", TEXT, _n("督办要求"), True),
            FieldSpec("need_reply", FLAG, _n("要求承办单位书面回复"), first=True),
        ),
        _n("承办单位会看到督办要求；状态和时限不变。"),
        icon="flag",
    ),
    "urge": ActionSpec(
        (FieldSpec("text", TEXT, _n("催办内容"), True),),
        _n("提醒承办单位，计一次催办；状态和时限不变。"),
        icon="bell",
    ),
    "flag_urgent": ActionSpec((), _n("标为急要件，紧急程度升为特急，全席提示；时限不变。"), icon="flag"),
    "comment": ActionSpec(
        (FieldSpec("text", TEXT, _n("备注"), True),), _n("记入流转记录，各岗位都能看到。"), icon="edit"
    ),
    "link": ActionSpec(
        (
            FieldSpec("to", CASE, _n("关联案件"), True, hint=_n("案号或案号后四位、地址")),
            FieldSpec(
                "relation",
                CHOICE,
                _n("关系"),
                True,
                (
                    ("重复", _n("重复")),
                    ("同一原因", _n("同一原因")),
                    ("后续", _n("后续")),
                    ("其他", _n("其他")),
                ),
                "同一原因",
            ),
        ),
        _n("两件各自办理，互相能查到。"),
        icon="link",
    ),
    "log_call": ActionSpec(
        (
            FieldSpec("caller.name", LINE, _n("来电人")),
            FieldSpec("caller.phone", LINE, _n("来电号码")),
            FieldSpec("content", TEXT, _n("通话内容"), True),
        ),
        _n("记入这件案件；填了来电人的，加入这件的诉求人。"),
        icon="phone",
    ),
    "callback": ActionSpec(
        (_REACHED, _SOLVED, _SATISFIED, FieldSpec("text", TEXT, _n("回访内容"))),
        _n("联系上即算已回访；结案前要求回访的，可以接着结案。"),
        icon="phone",
    ),
    "contact_citizen": ActionSpec(
        (
            FieldSpec("at", MOMENT, _n("联系时间"), True, first="now"),
            _REACHED,
            FieldSpec("text", TEXT, _n("联系情况"), True),
        ),
        _n("首次联系计入响应率。"),
        icon="phone",
    ),
}


def words(text: str) -> str:
    """Translate a word of the table."""
    return QCoreApplication.translate(_CONTEXT, text) if text else ""
