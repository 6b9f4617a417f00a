"""Identifiers: UUIDv7 made where a thing is born, UUIDv5 for what several processes must name alike.

The layout of version 7 is that of RFC 9562 section 5.7; CPython 3.11 has no constructor for it.
"""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime


def uuid7(ms: int | None = None, random: bytes | None = None) -> str:
    """Return a new UUIDv7 as canonical lower-case text.

    `ms` is milliseconds since 1970 (default: now), `random` ten bytes (default: the system's).
    """
    stamp = time.time_ns() // 1_000_000 if ms is None else ms
    tail = int.from_bytes(os.urandom(10) if random is None else random, "big")
    value = (stamp & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (tail >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | tail & ((1 << 62) - 1)
    text = f"{value:032x}"  # every command makes one; going through uuid.UUID would cost five times as much
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def canonical_uuid(text: object) -> str | None:
    """Return `text` as canonical lower-case UUID text, or None when it is not one.

    Only the 36-character form is taken, so that one id has one spelling.
    """
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return None
    canonical = str(parsed)
    return canonical if canonical == text.lower() else None


def system_command_id(case_id: str, action: str, due: datetime) -> str:
    """Return the id of a timed system command, the same in every process (contract section 1)."""
    return str(uuid.uuid5(uuid.UUID(case_id), f"{action}|{due.astimezone(UTC).isoformat()}"))
