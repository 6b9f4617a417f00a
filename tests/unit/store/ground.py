"""Values the store tests share."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime
from typing import Any

from services.domain.case import Case, Location
from services.ports.centre import Change, ChangesPage
from services.ports.outbox import NewAttachment, NewCommand

KEY = bytes(range(32))
T0 = datetime(2026, 11, 23, 1, 0, 0, 123000, tzinfo=UTC)
_count = itertools.count(1)


def command(case_id: str = "case-1", action: str = "comment", **changes: Any) -> NewCommand:
    """A checked command."""
    values: dict[str, Any] = {
        "command_id": f"cmd-{next(_count)}",
        "case_id": case_id,
        "action": action,
        "payload": {"text": "内容 “引号” \u2028 😀"},
        "base_xver": 3,
        "seen_at": T0,
        "user_id": "lead1",
        "saved_at": T0,
        "console_id": "console-1",
        "label": "20261123-0001 示例路",
    }
    return NewCommand(**{**values, **changes})


def bytes_of(text: str, name: str = "现场.jpg") -> NewAttachment:
    data = text.encode()
    return NewAttachment(hashlib.sha256(data).hexdigest(), data, name, "image/jpeg")


def case(i: int = 1, version: int = 1, **changes: Any) -> Case:
    """A case as the cache keeps it."""
    values: dict[str, Any] = {
        "case_id": f"case-{i}",
        "kind": "event",
        "source": "patrol",
        "state": "reported",
        "description": f"第 {i} 处垃圾堆积",
        "location": Location(113.3, 23.1, f"示例路 {i} 号"),
        "created_at": T0,
        "number": f"20261123-{i:04d}",
        "version": version,
        "xver": version,
    }
    return Case(**{**values, **changes})


def page(*changes: Change, next_: int = 1, head: int | None = None, epoch: str = "e1") -> ChangesPage:
    return ChangesPage(epoch, changes, next_, next_ if head is None else head, T0)


def change(seq: int, made: Case) -> Change:
    return Change(seq, made.case_id, made.version, made.xver, "amend", at=T0, case=made)


def left(seq: int, case_id: str, version: int) -> Change:
    return Change(seq, case_id, version, version, "amend", left_scope=True)
