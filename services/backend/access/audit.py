"""The audit trail of access: sign-ins, failures, revealed callers, changed passwords and accounts. Only appended to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from services.backend.db.access_tables import audit
from services.backend.db.packing import compact


def record(
    conn: Connection,
    actor_id: str,
    action: str,
    target: str | None = None,
    detail: Mapping[str, Any] | None = None,
    trace_id: str | None = None,
) -> None:
    """Append one entry, in the caller's transaction. `detail` holds no password, token or phone number."""
    conn.execute(
        insert(audit).values(
            at=int(time.time() * 1000),
            actor_id=actor_id[:64],
            action=action,
            target=None if target is None else target[:100],
            detail=None if detail is None else compact(detail),
            trace_id=trace_id,
        )
    )
