"""`SyncEngine`: the threads that keep console and centre in step, and the announcements they make.

Five named threads: `griddesk-feed` (first copy, change feed, digest), `griddesk-sender` (outbox),
`griddesk-documents` (reference data, polygons, layers of the map) and `griddesk-officers` (positions, while
somebody looks at them), `griddesk-history` (after a restored backup). Listeners are called on these threads
with plain values; a screen relays them to its own thread.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway
from services.ports.errors import GatewayError, SignInNeeded, Unknown
from services.ports.field import OFFICERS
from services.ports.lost import LostCommands
from services.ports.outbox import Outbox, SavedCommand
from services.ports.picture import ONLINE, SYNCING, Changes, Connection
from services.ports.system import CentreTime, Clock, IdSource
from services.sync.backoff import Backoff
from services.sync.connection import Line
from services.sync.digest import DigestCheck, Drift
from services.sync.documents import REFERENCE, Documents
from services.sync.feed import Feed, FeedReport
from services.sync.officers import OfficerWatch
from services.sync.overlay import Overlay
from services.sync.restored import PAUSE_S, Restored
from services.sync.sender import Sender, SendReport
from services.sync.worker import Worker

#: one long poll; with the gateway's own margin a dead line is noticed within 15 s
WAIT_S = 8.0
DIGEST_EVERY_S = 900.0
DOCUMENTS_EVERY_S = 600.0
#: known documents are looked at one after the other and never in the first moments after a silence, so that a hall
#: of consoles that wakes up at once does not fall upon the centre
DOCUMENT_PAUSE_S = 1.0
CALM_S = 2.0
#: a centre that is back must be noticed within 5 s
FEED_BACKOFF_S = 4.0
#: a centre that answers "nothing new" at once instead of waiting is not asked in a circle
SHORT_POLL_S = 0.2
AFTER_SHORT_POLL_S = 1.0

Listener = Callable[[Changes], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the engine is made of."""

    outbox: Outbox
    cache: CaseCache
    gateway: CentreGateway
    overlay: Overlay
    clock: Clock
    centre_time: CentreTime
    ids: IdSource
    random: Callable[[], float] = random.random
    lost: LostCommands | None = None


class SyncEngine:
    """Keeps one console in step with its centre. `start` once, `stop` once; everything else from any thread."""

    def __init__(self, parts: Parts, *, wait_s: float = WAIT_S) -> None:
        """Build the machines; nothing runs yet."""
        self._p = parts
        self._wait_s = wait_s
        self.feed = Feed(parts.cache, parts.gateway, self._went_back)
        self.sender = Sender(parts.outbox, parts.gateway, parts.ids, parts.clock, parts.random)
        self._digest = DigestCheck(parts.cache, parts.gateway)
        self._documents = Documents(parts.cache, parts.gateway)
        self._officers = OfficerWatch(parts.cache, parts.gateway, parts.random)
        self._feed_backoff = Backoff(parts.random, 0.5, FEED_BACKOFF_S)
        self._refetch_backoff = Backoff(parts.random, 0.5, 60.0)
        self._documents_backoff = Backoff(parts.random, 2.0, 60.0)
        self._next_digest = 0.0
        self._calm_until = 0.0
        self._restored: Restored | None = None
        if parts.lost is not None:
            known = self.feed.place.epoch
            self._restored = Restored(parts.lost, parts.gateway, parts.clock, parts.centre_time, known)
        self._history_backoff = Backoff(parts.random, 1.0, 30.0)
        self._line = Line()
        self._shown: Connection | None = None
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._workers = {
            "feed": Worker("griddesk-feed", self._feed_round),
            "sender": Worker("griddesk-sender", self._sender_round),
            "documents": Worker("griddesk-documents", self._documents_round),
            "officers": Worker("griddesk-officers", self._officers_round),
            "history": Worker("griddesk-history", self._history_round),
        }

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads."""
        for worker in self._workers.values():
            worker.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop; returns whether all threads have ended (a request under way may outlive `timeout`)."""
        for worker in self._workers.values():
            worker.stop()
        return all([worker.join(timeout) for worker in self._workers.values()])

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear announcements; returns the function that ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    # --- what others tell the engine ----------------------------------------------------------------

    def saved(self, *commands: SavedCommand) -> None:
        """A command was saved, taken back or put aside: show it and send what there is to send."""
        self._p.overlay.touch(command.case_id for command in commands)
        self._announce({"outbox", "cases"}, frozenset(command.case_id for command in commands))
        self._workers["sender"].poke()

    def signed_in(self) -> None:
        """Somebody has signed in: ask the centre afresh, send what was held."""
        with self._lock:
            self._line = self._line.signed_in()
        self.sender.line_is_back()
        self._p.overlay.touch_all()
        for worker in self._workers.values():
            worker.poke()

    def refetch(self) -> None:
        """Fetch the whole copy anew at the next round (a wish of the operator)."""
        self.feed.refetch()
        self._workers["feed"].poke()

    def send_now(self) -> None:
        """Try to send at once (立即再送)."""
        self.sender.line_is_back()
        self._workers["sender"].poke()

    def watch_officers(self, on: bool) -> None:
        """Ask for the officers' positions from now on (at most every 15 s), or no longer."""
        changed = on != self._officers.wanted
        self._officers.want(on)
        if changed:
            self._workers["officers"].poke()

    @property
    def connection(self) -> Connection:
        """Return the value of the connection pill."""
        counts = self._p.outbox.counts()
        with self._lock:
            return self._line.connection(counts)

    # --- rounds -------------------------------------------------------------------------------------

    def _feed_round(self) -> float | None:
        """Do one step of the feed, and a digest check when it is time."""
        began = self._p.clock.monotonic()
        with self._lock:
            silent = not self._line.heard or self._line.feed is not None
        try:
            # after a silence, and at the start, the first answer tells that the line works: it must not wait for news
            report = self.feed.step(0.0 if silent else self._wait_s)
            if self._workers["feed"].stopping:
                return None
            self._feed_worked(report)
            if report.caught_up and self._p.clock.monotonic() >= self._next_digest:
                self._check_digest()
        except GatewayError as error:
            return self._feed_failed(error)
        self._feed_backoff.worked()
        if report.refetch:
            return self._refetch_backoff.failed()
        if report.caught_up:
            self._refetch_backoff.worked()
            quick = self._p.clock.monotonic() - began < SHORT_POLL_S
            idle = quick and not silent and not report.changes
            return AFTER_SHORT_POLL_S if idle else 0.0
        return 0.0

    def _feed_worked(self, report: FeedReport) -> None:
        """Take note of an answer and announce what it brought."""
        self._p.centre_time.heard(report.server_time)
        with self._lock:
            silent, warm = self._line.state not in (ONLINE, SYNCING), self._line.heard
            self._line = self._line.feed_worked(
                self._p.clock.monotonic(),
                report.server_time,
                syncing=self.feed.copying or not (report.caught_up or report.copied),
                progress=report.progress,
            )
        if report.copied:
            self._p.overlay.copied()
            self._announce({"all", "cases"})
            self._workers["history"].poke()
        self._p.overlay.arrived(report.changes)
        ids = report.changed | report.left
        if ids:
            self._p.overlay.touch(ids)
            news = tuple((c.case_id, c.action, c.actor_id) for c in report.changes if c.case_id in ids)
            self._announce({"cases"}, ids, news)
        if silent:
            self._next_digest = 0.0
            self._calm_until = self._p.clock.monotonic() + CALM_S if warm else 0.0
            self.sender.line_is_back()
            self._workers["sender"].poke()
            self._workers["documents"].poke()
            self._workers["officers"].poke()
        self._announce_connection()

    def _feed_failed(self, error: GatewayError) -> float | None:
        """Take note of a failure; returns when to ask again (a lapsed sign-in waits for the operator)."""
        with self._lock:
            self._line = self._line.feed_failed(error)
        self._announce_connection()
        if isinstance(error, SignInNeeded):
            return None
        return self._feed_backoff.failed(error.retry_after_s if isinstance(error, Unknown) else None)

    def _check_digest(self) -> None:
        """Compare digests; repair or ask for a new copy. Raises GatewayError."""
        self._next_digest = self._p.clock.monotonic() + DIGEST_EVERY_S
        report = self._digest.check(self.feed.place.cursor)
        if report.drift is Drift.REFETCH:
            self.feed.refetch()
        elif report.changed:
            self._p.overlay.touch(report.changed)
            self._announce({"cases"}, report.changed)
        if self._digest.doubtful:
            self._next_digest = 0.0

    def _sender_round(self) -> float | None:
        """Do one round of sending."""
        report = self.sender.step()
        self._sent(report)
        return 0.0 if report.more else report.retry_in_s

    def _sent(self, report: SendReport) -> None:
        """Take note of a round of sending and announce what changed."""
        with self._lock:
            if report.failure is not None:
                self._line = self._line.sender_failed(report.failure)
            else:
                self._line = self._line.sender_worked()
        if report.changed:
            self._p.overlay.decided(report.outcomes)
            ids = frozenset(command.case_id for command in report.changed)
            self._p.overlay.touch(ids)
            self._announce({"outbox", "cases"}, ids)
        self._announce_connection()

    def _documents_round(self) -> float | None:
        """Look for new reference data and polygons."""
        if not self._p.gateway.signed_in:
            return None
        calm = self._calm_until - self._p.clock.monotonic()
        if calm > 0:
            return calm
        try:
            more = self._documents.step()
        except GatewayError:
            return self._documents_backoff.failed()  # the feed tells the operator about the line
        self._documents_backoff.worked()
        self._documents_told(self._documents.news())
        if not more:
            return DOCUMENTS_EVERY_S
        return 0.0 if self._documents.cold else DOCUMENT_PAUSE_S

    def _documents_told(self, kinds: frozenset[str]) -> None:
        """Announce fresh documents; only reference data and areas bear on what a case will become."""
        if kinds & {REFERENCE, "areas"}:
            self._p.overlay.touch_all()
        if kinds:
            self._announce(set(kinds))

    def _officers_round(self) -> float | None:
        """Look where the officers are, while somebody wants to know."""
        news, delay = self._officers.round()
        if news:
            self._announce({OFFICERS})
        return delay

    def _went_back(self) -> None:
        """The centre's history went back under the same epoch (a backup was put in place by hand)."""
        if self._restored is not None:
            self._restored.doubt()

    def _history_round(self) -> float | None:
        """Compare decided commands with a history that is another one, case by case; usually nothing to do."""
        place = self.feed.place
        if (
            self._restored is None
            or place.epoch is None
            or self.feed.copying
            or not self._p.gateway.signed_in
        ):
            return None
        try:
            report = self._restored.step(place.epoch)
        except GatewayError:
            return self._history_backoff.failed()
        self._history_backoff.worked()
        if report.changed:
            self._announce({"outbox"})
        if report.found:
            self._announce({"outbox", "restored"})
        return PAUSE_S if report.more else None

    # --- announcements ------------------------------------------------------------------------------

    def _announce(
        self, kinds: set[str], ids: frozenset[str] = frozenset(), news: tuple[tuple[str, str, str], ...] = ()
    ) -> None:
        """Call the listeners."""
        changes = Changes(frozenset(kinds), ids, news)
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(changes)

    def _announce_connection(self) -> None:
        """Announce the pill when it looks different."""
        now = self.connection
        seen = self._shown
        self._shown = now
        if seen is None or _look(seen) != _look(now):
            self._announce({"connection"})


def _look(connection: Connection) -> tuple[object, ...]:
    """Return what of the pill can be seen; the age of the data is read when it is drawn."""
    return connection.state, connection.progress, connection.queued, connection.attention, connection.sentence
