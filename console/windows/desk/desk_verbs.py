"""The verbs of the desk's tools, bound into `seat.verbs`: command bar, keys and menus read them from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from console.viewmodels.verbs.verb import A_CASE, A_UNIT, CASE, CASE_GROUP, Call, Verb, noop

if TYPE_CHECKING:
    from console.windows.desk.tools import DeskTools

BEFORE_DISPATCH = ("pending_dispatch", "returned", "pending_sign")


def tr(text: str) -> str:
    """Translate a reason."""
    return QCoreApplication.translate("DeskVerbs", text)


def bind_desk(tools: DeskTools) -> None:
    """Bind every verb of the tools."""
    verbs = tools.seat.verbs
    for verb, run in (
        (
            Verb("handover.open", noop("交接班"), ("jiaojie", "交班"), keys=("Ctrl+B",), icon="people"),
            tools.open_handover,
        ),
        (Verb("handover.last", noop("历次交接班"), ("接班", "jieban"), icon="history"), tools.open_last),
        (
            Verb("desk.watch", noop("我的关注"), ("关注列表", "提醒"), keys=("Ctrl+Shift+Y",), icon="star"),
            tools.open_watch,
        ),
        (Verb("desk.own_shift", noop("本班经办"), ("我办的", "统计"), icon="list"), tools.open_own_shift),
        (Verb("desk.papers", noop("待补录派遣单"), ("补录", "bl"), icon="document"), tools.open_papers),
    ):
        verbs.add(verb, run)
    _sentences(tools)
    _marks(tools)
    _cases(tools)
    verbs.add_for(
        Verb(
            "desk.contact", noop("单位联系卡"), ("电话", "值班电话", "通讯录"), takes=(A_UNIT,), icon="phone"
        ),
        lambda call: tools.open_contact(call.case, call.unit),
    )


def _sentences(tools: DeskTools) -> None:
    verb = Verb("desk.sentences", noop("常用语"), ("短语", "cyy"), keys=("Ctrl+;",), fixed=True, listed=False)
    tools.seat.verbs.add(verb, tools.sentence_keys.open)


def _marks(tools: DeskTools) -> None:
    verbs, marks = tools.seat.verbs, tools.marks
    if marks.may_see:
        verbs.add(Verb("desk.marks", noop("来电标记"), ("骚扰电话",), icon="flag"), tools.open_marks)
    if marks.may_set:
        verbs.add(Verb("desk.mark", noop("标记一个号码"), ("标记号码",), icon="flag"), tools.open_mark)


def _cases(tools: DeskTools) -> None:
    """Bind what is done to a case."""
    seat, verbs = tools.seat, tools.seat.verbs

    def known(call: Call) -> str:
        return "" if call.case and seat.case(call.case) is not None else tr("还没有选中案件")

    def may_paper(call: Call) -> str:
        entry = seat.case(call.case) if call.case else None
        if entry is None:
            return tr("还没有选中案件")
        return "" if entry.case.state in BEFORE_DISPATCH else tr("案件待派遣、已回退或待签收时才打印派遣单")

    def case_verb(
        id_: str, title: str, aliases: tuple[str, ...], icon: str, keys: tuple[str, ...] = ()
    ) -> Verb:
        return Verb(id_, title, aliases, group=CASE_GROUP, place=CASE, keys=keys, takes=(A_CASE,), icon=icon)

    def bind(verb: Verb, run: Callable[[str], object], why: Callable[[Call], str] = known) -> None:
        verbs.add_for(verb, lambda call: run(call.case), why)

    bind(
        case_verb("case.watch", noop("关注或取消关注"), ("星标", "gz"), "star", ("Shift+S",)),
        tools.watch.toggle,
    )
    bind(case_verb("case.remind", noop("设提醒"), ("提醒我", "tx"), "bell"), tools.open_reminder)
    bind(
        case_verb("case.contact", noop("承办单位联系卡"), ("打电话",), "phone", ("Shift+T",)),
        tools.open_contact,
    )
    bind(
        case_verb("case.paper", noop("打印纸质派遣单"), ("派遣单", "pqd"), "print"),
        tools.open_paper,
        may_paper,
    )
    bind(case_verb("case.grab", noop("截屏为附件"), ("截图", "jt"), "crosshair"), tools.grab_region)
    bind(
        case_verb("case.paste", noop("粘贴图片为附件"), ("剪贴板",), "copy", ("Ctrl+V",)),
        tools.paste_picture,
        lambda call: known(call) or tools.why_no_paste(),
    )
    if tools.marks.may_set:
        bind(case_verb("case.mark_caller", noop("标记这件的来电号码"), ("骚扰",), "flag"), tools.open_mark)
