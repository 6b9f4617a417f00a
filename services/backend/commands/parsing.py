"""Reading a command from JSON values: shape of the envelope, payload of the action, the compared fields.

Written by hand and not with a schema library: this stands in the way of every command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.backend.db.packing import compact
from services.backend.problems import Problem, invalid
from services.backend.rows import fingerprint
from services.domain.commands import Command
from services.domain.errors import PayloadError
from services.domain.fields import Bad, fit_text, moment
from services.domain.ids import canonical_uuid
from services.domain.lifecycle import ADDITIVE, BIRTH, MOVES
from services.domain.payloads import check_payload

_KNOWN = frozenset(
    {
        "command_id", "case_id", "action", "base_xver", "seen_at", "payload_v", "payload", "console_id",
        "console_n", "client_time",
    }
)  # fmt: skip
_BIG = 1 << 53
PAYLOAD_V = 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command that can be decided: the domain's value, the fingerprint of its compared fields, diagnosis."""

    command: Command
    mark: bytes
    diag: str | None


def parse_command(raw: Any) -> Parsed:
    """Return a command from JSON values; raises Problem 422 when it can never be valid."""
    if not isinstance(raw, dict):
        raise invalid({"": "应为对象"}, "命令应为一个对象。")
    wrong: dict[str, str] = {str(key)[:40]: "不认识的字段" for key in raw if key not in _KNOWN}
    command_id = _uuid(raw, "command_id", wrong)
    case_id = _uuid(raw, "case_id", wrong)
    action = raw.get("action")
    if not isinstance(action, str) or action not in MOVES:
        wrong["action"] = "不能缺少" if "action" not in raw else "不认识的操作"
        action = ""
    base_xver = _whole(raw, "base_xver", wrong)
    seen_at = _seen_at(raw, wrong)
    if action and action not in ADDITIVE and action not in BIRTH:
        wrong.update({name: "不能缺少" for name in ("base_xver", "seen_at") if name not in raw})
    if raw.get("payload_v", PAYLOAD_V) != PAYLOAD_V or isinstance(raw.get("payload_v"), bool):
        wrong["payload_v"] = f"只支持 {PAYLOAD_V}"
    diag = _diagnosis(raw, wrong)
    payload = _payload(raw, action, wrong)
    if wrong or command_id is None or case_id is None:
        raise invalid(wrong)
    stamp = None if seen_at is None else seen_at.isoformat()
    mark = fingerprint(case_id, action, base_xver, stamp, PAYLOAD_V, _plain(raw["payload"]))
    return Parsed(Command(command_id, case_id, action, payload, base_xver, seen_at), mark, diag)


def named_id(raw: Any) -> str | None:
    """Return the command id an undecidable entry of a batch names, None when it names none."""
    return canonical_uuid(raw.get("command_id")) if isinstance(raw, dict) else None


def check_key(header: str | None, command_id: str) -> None:
    """Raise Problem 422 when the header `Idempotency-Key` names another command."""
    if header is not None and canonical_uuid(header.strip()) != command_id:
        raise Problem(
            422,
            "idempotency_key_differs",
            "请求头 Idempotency-Key 与命令编号不一致。",
            fields={"Idempotency-Key": "应与 command_id 相同"},
        )


def _uuid(raw: Mapping[str, Any], name: str, wrong: dict[str, str]) -> str | None:
    found = canonical_uuid(raw.get(name))
    if found is None:
        wrong[name] = "不是有效的 UUID" if name in raw else "不能缺少"
    return found


def _whole(raw: Mapping[str, Any], name: str, wrong: dict[str, str]) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _BIG:
        wrong[name] = "应为不小于 0 的整数"
        return None
    return value


def _seen_at(raw: Mapping[str, Any], wrong: dict[str, str]) -> datetime | None:
    value = raw.get("seen_at")
    if value is None:
        return None
    try:
        return datetime.fromisoformat(moment(value)).astimezone(UTC)
    except Bad as bad:
        wrong["seen_at"] = str(bad)
        return None


def _diagnosis(raw: Mapping[str, Any], wrong: dict[str, str]) -> str | None:
    """Return what is kept for diagnosis only, as compact JSON; a wrong client clock is no reason to refuse."""
    kept: dict[str, Any] = {}
    for name in ("console_id", "client_time"):
        value = raw.get(name)
        if value is None:
            continue
        try:
            kept[name] = fit_text(value)
        except Bad as bad:
            wrong[name] = str(bad)
        else:
            if len(value) > 64:
                wrong[name] = "最多 64 个字"
    number = _whole(raw, "console_n", wrong)
    if number is not None:
        kept["console_n"] = number
    return compact(kept) if kept and not wrong else None


def _payload(raw: Mapping[str, Any], action: str, wrong: dict[str, str]) -> dict[str, Any]:
    if "payload" not in raw:
        wrong["payload"] = "不能缺少"
        return {}
    if not action:
        return {}
    try:
        return check_payload(action, raw["payload"])
    except PayloadError as error:
        wrong.update(
            {name if name == "payload" else f"payload.{name}": text for name, text in error.fields.items()}
        )
        return {}


def _plain(value: Any) -> Any:
    """Return parsed JSON in which equal numbers are written alike (1 and 1.0)."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
