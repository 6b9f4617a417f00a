"""Keeping personal data out of the log: what a payload shows there, and the caller's facts that are kept apart.

The log, the feed and the timeline hold masked names and numbers only; the full ones lie in `callers` and are
shown by `POST /cases/{id}/caller` alone. Of a confidential caller the log says nothing at all.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.backend.db.packing import compact
from services.domain.masking import mask_name, mask_phone, mask_phones_in
from services.domain.payloads import PERSONAL
from services.sql.types import to_ms

_PHONE_KEYS = frozenset({"phone", "caller_phone"})


def _masked(key: str, value: Any) -> Any:
    """Return one fact of a call as the log may show it."""
    if not isinstance(value, str):
        return value
    if key in _PHONE_KEYS:
        return mask_phone(value)
    if key == "caller_id_no":
        return "****"
    return mask_name(value)


def _facts(facts: Mapping[str, Any], confidential: bool) -> dict[str, Any]:
    """Return the facts of a call without personal data."""
    shown: dict[str, Any] = {}
    for key, value in facts.items():
        if key == "caller":
            if not confidential and isinstance(value, Mapping):
                shown[key] = {name: _masked(name, text) for name, text in value.items()}
        elif key in PERSONAL:
            if not confidential:
                shown[key] = _masked(key, value)
        else:
            shown[key] = mask_phones_in(value) if isinstance(value, str) else value
    return shown


def shown_payload(action: str, payload: Mapping[str, Any], confidential: bool) -> Mapping[str, Any]:
    """Return a cleaned payload as the log may show it; the same object when it holds nothing personal.

    `confidential` is the case's flag, or for a birth the payload's own.
    """
    if action == "log_call":
        return _facts(payload, confidential)
    if action != "register" or ("caller" not in payload and "ticket" not in payload):
        return payload
    shown = dict(payload)
    if "ticket" in shown:
        shown["ticket"] = _facts(shown["ticket"], confidential)
    if "caller" in shown:
        caller = _facts({"caller": shown.pop("caller")}, confidential)
        shown.update(caller)
    return shown


def caller_row(
    case_id: str, command_id: str, action: str, payload: Mapping[str, Any], at: datetime, key: str
) -> dict[str, Any] | None:
    """Return the row of `callers` for a command that names a caller, None when it names none.

    `key` is the hex key of the phone index.
    """
    if action not in ("register", "log_call"):
        return None
    caller = payload.get("caller") or {}
    facts = payload.get("ticket", {}) if action == "register" else payload
    personal = {name: value for name, value in facts.items() if name in PERSONAL and value}
    name = caller.get("name") or personal.get("caller_name") or personal.get("name")
    phone = caller.get("phone") or personal.get("caller_phone") or personal.get("phone")
    if not (name or phone or personal):
        return None
    digits = normal_phone(phone) if isinstance(phone, str) else ""
    return {
        "case_id": case_id,
        "command_id": command_id,
        "name": name if isinstance(name, str) else None,
        "phone": phone if isinstance(phone, str) else None,
        "phone_mac": phone_mac(digits, key) if digits else None,
        "last4": digits[-4:] or None,
        "facts": compact(personal) if personal else None,
        "at": to_ms(at),
    }


def normal_phone(phone: str) -> str:
    """Return the digits of a number without the country code, so that one number has one spelling."""
    digits = re.sub(r"[^0-9]", "", phone)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def phone_mac(digits: str, key: str) -> bytes:
    """Return the keyed mark of a number: equal numbers are found, the number cannot be read from it."""
    return hmac.new(bytes.fromhex(key), digits.encode(), hashlib.sha256).digest()[:16]
