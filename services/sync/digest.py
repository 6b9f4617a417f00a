"""Finds silent drift: compares digests with the centre and reads the cases of differing buckets again.

Runs between two steps of the feed, so the cache stands exactly at its cursor. A case of ours that differs is
read on its own; what cannot be repaired that way (a case we never had, too many, twice in a row) costs a new copy.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from services.domain.case import Case
from services.domain.digest import bucket_of, digest
from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway
from services.ports.errors import NeverValid, TooOld

#: more differing cases than this are quicker to fetch as a whole
MAX_SINGLE = 400


class Drift(enum.Enum):
    """What a check found."""

    NONE = "none"
    REPAIRED = "repaired"
    REFETCH = "refetch"


@dataclass(frozen=True, slots=True)
class DigestReport:
    """Result of a check: what was found, which cases were repaired."""

    drift: Drift
    changed: frozenset[str] = frozenset()


class DigestCheck:
    """One console's check; used by the feed's thread."""

    def __init__(self, cache: CaseCache, gateway: CentreGateway) -> None:
        """Take the copy to check and the gateway to check it against."""
        self._cache = cache
        self._gateway = gateway
        self._suspect: frozenset[int] = frozenset()

    def check(self, cursor: int) -> DigestReport:
        """Compare at `cursor`. Raises GatewayError (but TooOld means: fetch anew)."""
        try:
            theirs = self._gateway.digest(cursor).buckets
        except TooOld:
            return DigestReport(Drift.REFETCH)
        pairs = self._cache.open_versions()
        ours = digest(pairs)
        differing = frozenset(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        again = differing & self._suspect
        self._suspect = differing
        if not differing:
            return DigestReport(Drift.NONE)
        ids = [case_id for case_id, _ in pairs if bucket_of(case_id) in differing]
        if again or len(ids) > MAX_SINGLE or not ids:
            self._suspect = frozenset()
            return DigestReport(Drift.REFETCH)
        return DigestReport(Drift.REPAIRED, self._repair(ids))

    @property
    def doubtful(self) -> bool:
        """Whether the last check repaired something and should soon be followed by another."""
        return bool(self._suspect)

    def _repair(self, ids: list[str]) -> frozenset[str]:
        """Read cases again; one that is no longer in scope leaves the copy."""
        found: list[Case] = []
        gone: list[str] = []
        for case_id in ids:
            try:
                found.append(self._gateway.case_detail(case_id).case)
            except NeverValid as error:
                if error.problem.status != 404:
                    raise
                gone.append(case_id)
        return self._cache.replace_cases(found, gone)
