"""Keeps the cached copy up to date: a first copy page by page, then the change feed with a cursor.

`step(wait)` makes one request and stores what came, in one transaction with the cursor. A centre that says
"must refetch" (another epoch, a cursor too old, other rights) costs the copy, never the outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.ports.cache import CaseCache, Position
from services.ports.centre import CentreGateway, Change, ChangesPage, SnapshotPage
from services.ports.errors import MustRefetch, NeverValid, Unknown

LIMIT = 500
#: an idle feed moves no cursor; centre time is still written down now and then, for a start offline
STORE_TIME_S = 60.0


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What a step did.

    `copied`: the whole copy was replaced. `caught_up`: nothing more waits at the centre. `refetch`: the copy must be
    made anew.
    `progress` is 0–1 while the first copy runs (None: the centre did not say how much there is).
    """

    changed: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    copied: bool = False
    caught_up: bool = False
    refetch: bool = False
    progress: float | None = None
    server_time: datetime | None = None


@dataclass(slots=True)
class _Copy:
    """A first copy under way."""

    epoch: str
    as_of_seq: int
    next_page: str | None
    done: int


class Feed:
    """One console's feed; used by one thread at a time."""

    def __init__(
        self, cache: CaseCache, gateway: CentreGateway, went_back: Callable[[], None] = lambda: None
    ) -> None:
        """Go on where the cache stands.

        `went_back` is told that the log of the same epoch ends earlier or goes on otherwise than ours did (a backup was
        put in place by hand), before anything of the old copy is given up: a kill afterwards must not forget it.
        """
        self._cache = cache
        self._gateway = gateway
        self._went_back = went_back
        self._copy: _Copy | None = None
        self._place: Position = cache.position()
        self._refetch = not self._place.complete
        #: (seq, command) of the last change that was taken; after a silence the centre must still know it there
        self._witness: tuple[int, str] | None = None
        self._ask_witness = False

    @property
    def copying(self) -> bool:
        """Whether the copy has to be made (again)."""
        return self._refetch

    @property
    def place(self) -> Position:
        """Return how far the stored copy has come."""
        return self._place

    def refetch(self) -> None:
        """Ask for a whole new copy; the present one is shown until the new one is complete."""
        self._refetch = True
        self._copy = None

    def step(self, wait: float) -> FeedReport:
        """Make one request. Raises GatewayError; then nothing was stored."""
        try:
            if self._refetch:
                return self._copy_page()
            if self._ask_witness and self._witness is not None:
                self._compare(*self._witness)
            return self._follow(wait)
        except Unknown:
            self._ask_witness = True
            raise
        except MustRefetch:
            self.refetch()
            return FeedReport(refetch=True)
        except NeverValid:  # a page or cursor the centre does not know: asking for it again would never end
            self.refetch()
            raise

    # --- the feed -----------------------------------------------------------------------------------

    def _follow(self, wait: float) -> FeedReport:
        """Ask for the changes after the cursor."""
        place = self._place
        page = self._gateway.changes(place.epoch or "", place.cursor, LIMIT, wait)
        if page.epoch != place.epoch:
            raise MustRefetch("中心的数据已换成另一份，正在重新取。")
        if page.next < place.cursor:
            raise Unknown("中心的答复前后不一致。", code="feed_went_back", reached=True)
        if page.next == place.cursor and not self._time_is_stale(page.server_time):
            return FeedReport(caught_up=True, server_time=page.server_time)
        return self._store(page)

    def _compare(self, seq: int, command_id: str) -> None:
        """Ask after a silence whether the log still holds the last change we took, where we took it.

        A backup that was put back by hand keeps its epoch, and may have gone on beyond our cursor since; versions
        alone would not tell.
        """
        page = self._gateway.changes(self._place.epoch or "", seq - 1, 1, 0)
        if any(change.seq == seq and change.command_id == command_id for change in page.changes):
            self._ask_witness = False
            return
        self._went_back()
        self._witness, self._ask_witness = None, False
        raise MustRefetch("中心的数据恢复到了较早的时刻，正在重新取。")

    def _store(self, page: ChangesPage) -> FeedReport:
        """Store a page; only then does the cursor move."""
        applied = self._cache.apply(page)
        last = next((c for c in reversed(page.changes) if c.command_id and not c.left_scope), None)
        if last is not None and last.command_id is not None:
            self._witness = last.seq, last.command_id
        self._place = Position(page.epoch, page.next, True, page.server_time or self._place.server_time)
        return FeedReport(
            applied.changed,
            applied.left,
            page.changes,
            caught_up=page.next >= page.head,
            server_time=page.server_time,
        )

    def _time_is_stale(self, heard: datetime | None) -> bool:
        """Tell whether the stored centre time should be written anew."""
        stored = self._place.server_time
        if heard is None:
            return False
        return stored is None or abs((heard - stored).total_seconds()) >= STORE_TIME_S

    # --- the whole copy -----------------------------------------------------------------------------

    def _copy_page(self) -> FeedReport:
        """Fetch the next page of the copy."""
        copy = self._copy
        page = self._gateway.snapshot(copy.next_page if copy else None)
        if copy is None:
            if page.epoch == self._place.epoch and page.as_of_seq < self._place.cursor:
                self._went_back()
            self._cache.begin_copy(page.epoch, page.as_of_seq)
            copy = self._copy = _Copy(page.epoch, page.as_of_seq, None, 0)
        elif (page.epoch, page.as_of_seq) != (copy.epoch, copy.as_of_seq):
            raise MustRefetch("中心的数据已换成另一份，正在重新取。")
        self._cache.add_to_copy(page.cases)
        copy.done += len(page.cases)
        copy.next_page = page.next_page
        if page.next_page is not None:
            return FeedReport(progress=_share(copy.done, page.total), server_time=page.server_time)
        return self._finish(page)

    def _finish(self, page: SnapshotPage) -> FeedReport:
        """Put the new copy in the place of the old one."""
        self._copy = (
            None  # should the disk refuse the swap, the copy is begun anew and not added to once more
        )
        self._cache.finish_copy(page.server_time)
        self._refetch = False
        self._place = self._cache.position()
        self._witness = None
        return FeedReport(copied=True, progress=1.0, server_time=page.server_time)


def _share(done: int, total: int) -> float | None:
    """Return how much of the copy is here, None when the centre did not say."""
    return min(1.0, done / total) if total else None
