"""What became of an operation as word, icon and tone: one look wherever it is listed (design section 3.4)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from services.ports.outbox import (
    APPLIED,
    CONFLICT,
    DISCARDED,
    HELD,
    INVALID,
    LOST,
    NEEDS_CONFIRM,
    REJECTED,
    REPLACED,
    WAITING,
    SavedCommand,
)

Look = tuple[str, str, str]


def tr(text: str) -> str:
    """Translate a word of an operation's fate."""
    return QCoreApplication.translate("Fate", text)


def fate_of(command: SavedCommand) -> Look:
    """Return word, icon and tone of a command; a status not known yet is shown by its own name."""
    if command.staged:
        return tr("可撤销"), "clock", "sla.soon"
    dispatch = command.action in ("dispatch", "redispatch")
    looks = {
        WAITING: (tr("待发送—尚未派出") if dispatch else tr("待发送"), "cloud_up", "sla.soon"),
        APPLIED: (tr("已办"), "check", "sla.closed"),
        NEEDS_CONFIRM: (tr("需再确认"), "history", "sla.soon"),
        CONFLICT: (tr("冲突"), "warn", "sla.over2"),
        REJECTED: (tr("未通过"), "x", "sla.over2"),
        INVALID: (tr("中心收不下"), "x", "sla.over2"),
        HELD: (tr("已暂停"), "pause", "sla.soon"),
        LOST: (tr("中心已不记得"), "history", "sla.over2"),
        DISCARDED: (tr("已撤销"), "undo", "neutral"),
        REPLACED: (tr("已另办"), "undo", "neutral"),
    }
    return looks.get(command.status, (command.status, "document", "neutral"))
