"""What became of a command, as one sentence to the operator (design section 10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.notices.notice import ERROR, GOOD, WARN, Notice, NoticeAction
from services.domain.errors import DomainError, PayloadError
from services.domain.lifecycle import ACTION_NAMES
from services.ports.outbox import APPLIED, CONFLICT, HELD, INVALID, NEEDS_CONFIRM, REJECTED, SavedCommand

RESOLVE = "resolve_conflict"
"""Notice button that opens the dialog of a conflict."""
Words = Callable[[str], str]
Clock = Callable[[datetime | None], str]


def tr(text: str) -> str:
    """Translate a sentence of a notice."""
    return QCoreApplication.translate("Notice", text)


def action_word(action: str) -> str:
    """Return the Chinese name of an action."""
    return ACTION_NAMES.get(action, action)


def saved_notice(command: SavedCommand, online: bool) -> Notice | None:
    """Return what is said when a command is durable: nothing while online, the offline words otherwise."""
    if online:
        return None
    title = tr("已保存，待发送")
    if command.action in ("dispatch", "redispatch"):
        title = tr("已保存，待发送—尚未派出")
    return Notice(WARN, title, command.label, key=f"cmd:{command.command_id}", case_id=command.case_id)


def decided_notice(command: SavedCommand, dept: Words, time: Clock) -> Notice | None:
    """Return what is said when the centre has judged a command; None for what speaks for itself."""
    key = f"cmd:{command.command_id}"
    word = action_word(command.action)
    show = NoticeAction("show_case", tr("看案件"), command.case_id)
    waiting = NoticeAction("open_waiting", tr("打开待处理"))
    if command.status == APPLIED:
        return _applied(command, dept, key, word, show)
    if command.status == CONFLICT:
        winner = command.winner
        who = winner.actor if winner else tr("别人")
        did = action_word(winner.action) if winner else tr("处理")
        when = time(winner.at) if winner else ""
        text = tr("{who} {when} 已{did}，您 {mine} 的{word}没有生效。").format(
            who=who, when=when, did=did, mine=time(command.saved_at), word=word
        )
        settle = NoticeAction(RESOLVE, tr("处理…"), command.command_id)
        return Notice(ERROR, tr("对方先办了这件"), text, (settle, show), key, command.case_id)
    if command.status == REJECTED:
        why = command.reason.title if command.reason else ""
        title = tr("没有办成：{reason}").format(reason=why or tr("中心没有说明原因"))
        return Notice(ERROR, title, command.label, (waiting, show), key, command.case_id)
    if command.status == NEEDS_CONFIRM:
        title = tr("{word}需再确认").format(word=word)
        text = tr("这项操作放得太久，中心没有办理。") + command.label
        return Notice(WARN, title, text, (waiting,), key, command.case_id)
    if command.status == INVALID:
        why = command.problem.title if command.problem else ""
        return Notice(ERROR, tr("中心收不下这项操作"), why, (waiting,), key, command.case_id)
    if command.status == HELD:
        text = tr("前一项没有按预想办成，后面的{word}先不送出。").format(word=word)
        return Notice(WARN, tr("已暂停送出"), text, (waiting,), key, command.case_id)
    return None


def _applied(command: SavedCommand, dept: Words, key: str, word: str, show: NoticeAction) -> Notice | None:
    """Return the words for what took effect: where something left this desk, it is said."""
    number = command.number or ""
    short = number[4:] if len(number) > 8 else number
    if command.action in ("dispatch", "redispatch"):
        unit = dept(str(command.payload.get("lead_dept", "")))
        title = tr("已派出 {number} → {unit}").format(number=short, unit=unit)
    elif command.action == "register":
        title = tr("已登记 {number}").format(number=number)
    else:
        title = tr("{number} 已{word}").format(number=short, word=word)
    return Notice(GOOD, title, command.label, (), key, command.case_id)


def error_notice(error: Exception, doing: str = "") -> Notice:
    """Return the notice for an act that failed here: the form stays, nothing was half-saved."""
    if isinstance(error, PayloadError):
        text = "；".join(error.fields.values())
        return Notice(ERROR, tr("还不能提交"), text, key="form")
    if isinstance(error, DomainError):
        if error.code == "storage_full":
            text = tr("表单内容还在。请清理后再保存。")
            return Notice(ERROR, tr("本机空间不足，这次没有保存"), text, key="disk")
        return Notice(ERROR, tr("没有办成：{reason}").format(reason=error.title), doing, key="form")
    return Notice(ERROR, tr("程序出现问题"), tr("内容还在，请再试一次。") + doing, key="bug")


def crash_notice(number: str) -> Notice:
    """Return the notice for an error of ours."""
    text = tr("编号 {id}，已记录。").format(id=number)
    return Notice(ERROR, tr("程序出现问题，您的操作已保存"), text, key="crash", number=number)
