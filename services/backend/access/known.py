"""Remembering who a token stands for between two polls, without missing that it changed.

Whatever changes somebody's access (a session ended, rights, a password) raises a number in the same transaction;
every process reads it with each beat (`sequencer.look`, fifty times a second) and then trusts nothing it remembers.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from services.backend.history import Lru

if TYPE_CHECKING:
    from services.backend.access.sessions import Caller

#: for so long a caller that was found out may be remembered, and for so long the beat may be blind meanwhile
TRUST_S, BLIND_S = 5.0, 1.0

_BUMP = text(
    "INSERT INTO meta (key, value) VALUES ('access_version', '1') ON CONFLICT (key)"
    " DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)"
)


def tell_changed(conn: Connection) -> None:
    """Say that a session has ended or somebody's rights have changed: no process trusts what it remembers of them.

    Part of the transaction that changed it; every process looks with each beat (`sequencer.look`).
    """
    conn.execute(_BUMP)


class KnownCallers:
    """Callers this process has found out lately, so that a console's next poll need not ask the database again.

    An entry holds for `TRUST_S`, and only while nothing changed about anybody's access. Thread-safe.
    """

    def __init__(self, most: int = 4096) -> None:
        self._known: Lru[bytes, tuple[Caller, float, int]] = Lru(most)
        self._version = 0
        self._seen_at = 0.0

    def look(self, version: int) -> None:
        """Take up what the beat has seen of the version of all access."""
        self._version, self._seen_at = version, time.monotonic()

    @property
    def version(self) -> int:
        """Return the version seen last; to be read before a caller is found out."""
        return self._version

    def keep(self, caller: Caller, version: int) -> None:
        """Remember a caller that was found out while `version` held."""
        self._known.put(caller.token_hash, (caller, time.monotonic(), version))

    def get(self, token: str) -> Caller | None:
        """Return who a token stands for, None when that must be found out anew."""
        found = self._known.get(hashlib.sha256(token.encode("utf-8", "replace")).digest())
        now = time.monotonic()
        if (
            found is None
            or found[2] != self._version
            or now - found[1] > TRUST_S
            or now - self._seen_at > BLIND_S
        ):
            return None
        return found[0]

    def forget(self) -> None:
        """Forget everybody (this process has just changed something about access)."""
        self._known.clear()
