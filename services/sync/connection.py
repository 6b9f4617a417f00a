"""The connection pill as a pure state machine: what feed and sender report goes in, one value comes out.

An established line that falls silent counts as offline (nothing answered); an answer that is not the centre's
own, or a 5xx, counts as "no answer" (the line works, the centre does not).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.ports.errors import GatewayError, SignInNeeded, Unknown
from services.ports.outbox import OutboxCounts
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SIGN_IN, STARTING, SYNCING, Connection


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of the line; `feed` and `sender` hold the last failure of each, None when it worked."""

    feed: GatewayError | None = None
    sender: GatewayError | None = None
    heard: bool = False
    syncing: bool = False
    progress: float | None = None
    sign_in: bool = False
    data_at: datetime | None = None
    since_mono: float | None = None

    def feed_worked(
        self,
        mono: float,
        server_time: datetime | None,
        *,
        syncing: bool = False,
        progress: float | None = None,
    ) -> Line:
        """Return the line after an answer of the feed or of the first copy."""
        return replace(
            self,
            feed=None,
            heard=True,
            syncing=syncing,
            progress=progress,
            sign_in=False,
            data_at=server_time or self.data_at,
            since_mono=mono,
        )

    def feed_failed(self, error: GatewayError) -> Line:
        """Return the line after a failure of the feed."""
        return replace(self, feed=error, sign_in=self.sign_in or isinstance(error, SignInNeeded))

    def sender_worked(self) -> Line:
        """Return the line after commands were decided."""
        return replace(self, sender=None)

    def sender_failed(self, error: GatewayError) -> Line:
        """Return the line after commands had no answer."""
        return replace(self, sender=error, sign_in=self.sign_in or isinstance(error, SignInNeeded))

    def signed_in(self) -> Line:
        """Return the line after a sign-in: the centre is asked afresh."""
        return replace(self, feed=None, sender=None, sign_in=False)

    @property
    def state(self) -> str:
        """Return the state of the pill."""
        if self.sign_in:
            return SIGN_IN
        if self.feed is not None:
            return NO_ANSWER if _reached(self.feed) else OFFLINE
        if not self.heard:
            return STARTING
        if self.sender is not None:
            return NO_ANSWER
        return SYNCING if self.syncing else ONLINE

    def connection(self, counts: OutboxCounts) -> Connection:
        """Return the value of the pill."""
        state = self.state
        failure = self.feed or self.sender
        return Connection(
            state,
            self.progress if state == SYNCING else None,
            counts.waiting,
            counts.attention,
            self.data_at,
            self.since_mono,
            failure.title if failure is not None and state != ONLINE else "",
        )


def _reached(error: GatewayError) -> bool:
    """Tell whether something answered."""
    return error.reached if isinstance(error, Unknown) else True
