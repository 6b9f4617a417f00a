"""The cached copy of the centre's cases (disposable), drafts, and small settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.domain.case import Case
from services.ports.centre import ChangesPage, Tagged
from services.ports.picture import CaseQuery, CaseRow
from services.ports.search import DeskColumns, FindQuery, Found


@dataclass(frozen=True, slots=True)
class Position:
    """How far the copy has come: epoch and cursor of the feed; `complete` once a first copy was finished.

    `server_time` is the centre's time of the last answer that was stored.
    """

    epoch: str | None
    cursor: int
    complete: bool
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppliedPage:
    """What a page of changes did: cases changed and cases that left the scope."""

    changed: frozenset[str]
    left: frozenset[str]


class CaseCache(Protocol):
    """A copy of the cases in scope. Changes and cursor are stored in one transaction.

    A change is applied when its version is greater than the cached one. Safe from several threads.
    """

    def position(self) -> Position:
        """Return how far the copy has come."""
        ...

    def apply(self, page: ChangesPage) -> AppliedPage:
        """Apply a page of the feed and move the cursor to `page.next`, in one transaction."""
        ...

    def begin_copy(self, epoch: str, as_of_seq: int) -> None:
        """Start a new copy beside the present one; an unfinished one is dropped."""
        ...

    def add_to_copy(self, cases: Sequence[Case]) -> None:
        """Put a page into the new copy."""
        ...

    def finish_copy(self, server_time: datetime | None = None) -> int:
        """Replace the present copy by the new one in one transaction; returns the number of cases."""
        ...

    def put(self, case: Case) -> bool:
        """Store one case read on its own, when it is newer; False when it was not."""
        ...

    def replace_cases(self, cases: Sequence[Case], gone: Iterable[str] = ()) -> frozenset[str]:
        """Repair: store cases whatever version is cached, remove `gone`; returns what changed."""
        ...

    def get(self, case_id: str) -> Case | None:
        """Return a cached case."""
        ...

    def many(self, case_ids: Iterable[str]) -> dict[str, Case]:
        """Return the cached ones among the ids."""
        ...

    def rows(self, query: CaseQuery) -> list[CaseRow]:
        """Return queue rows."""
        ...

    def row(self, case_id: str) -> CaseRow | None:
        """Return one queue row."""
        ...

    def search(self, text: str, limit: int = 50) -> list[CaseRow]:
        """Search number, address and description of cached cases, best first."""
        ...

    def find(self, query: FindQuery) -> Found:
        """Find among all cached cases, open and closed; ids in order. ValueError for an unknown order."""
        ...

    def index_words(self) -> bool:
        """Index the next portion of a new copy for `find`; True when nothing is left to be indexed."""
        ...

    def desk(self, since: datetime) -> DeskColumns:
        """Return the open cases, and the ended ones reported since a moment, as columns."""
        ...

    def open_versions(self) -> list[tuple[str, int]]:
        """Return (case_id, version) of the open cases, for the digest."""
        ...

    def forget(self) -> None:
        """Drop the whole copy (the first start of another user, a wish of the operator)."""
        ...

    def document(self, name: str) -> Tagged:
        """Return a stored document (`reference`, `areas/grid` …) with its ETag; (None, None) when absent."""
        ...

    def put_document(self, name: str, etag: str | None, doc: Mapping[str, Any]) -> None:
        """Store a document with its ETag."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """An intake form that was not registered yet; `case_id` is the id the case will be born with."""

    case_id: str
    fields: Mapping[str, Any]
    saved_at: datetime
    title: str = ""


class DraftStore(Protocol):
    """Open intake forms, saved while the operator types (at most 2 s are lost)."""

    def keep(self, draft: Draft) -> None:
        """Store or replace a draft. Raises StorageFull."""
        ...

    def drafts(self) -> tuple[Draft, ...]:
        """Return all drafts, the latest first."""
        ...

    def draft(self, case_id: str) -> Draft | None:
        """Return one draft."""
        ...

    def drop(self, case_id: str) -> None:
        """Remove a draft (registered, or given up)."""
        ...


class SettingsStore(Protocol):
    """Small values of one user on this machine (view settings, quota, last workspace). JSON values only."""

    def value(self, name: str, default: Any = None) -> Any:
        """Return a value."""
        ...

    def put_value(self, name: str, value: Any) -> None:
        """Store a value. Raises StorageFull."""
        ...
