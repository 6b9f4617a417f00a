"""Sign-in settings of a centre: part `access` of the reference document, with shipped values for what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

POLICIES = ("mlps", "asvs")


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Numbers of the contract's session rules (section 3) and the password policy.

    `password_policy`: `mlps` (等保: at least 8 characters of three kinds) or `asvs` (at least 8, no
    composition rule). `max_sessions` 0 means that one account may have any number of sessions.
    """

    idle_minutes: int = 30
    session_hours: int = 12
    lock_failures: int = 5
    lock_window_minutes: int = 15
    lock_minutes: int = 30
    max_sessions: int = 0
    password_policy: str = "mlps"
    password_least: int = 8


def access_settings(doc: Mapping[str, Any]) -> AccessSettings:
    """Return the sign-in settings of a reference document; a wrong value takes the shipped one."""
    given = doc.get("access")
    if not isinstance(given, Mapping):
        return AccessSettings()
    known: dict[str, Any] = {}
    for field in fields(AccessSettings):
        value = given.get(field.name)
        if field.name == "password_policy":
            if value in POLICIES:
                known[field.name] = value
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            known[field.name] = value
    return AccessSettings(**known)
