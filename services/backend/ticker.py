"""The beat of a backend process: numbers the log, watches its head, takes up new reference data and areas.

One daemon thread with a database session of its own. Every process runs it; on PostgreSQL the advisory lock
lets one number at a time, and a process frozen in the middle of a batch is cut off by the server after a
moment (`idle_in_transaction_session_timeout`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from services.backend import sequencer
from services.sql.engine import glancing, is_sqlite, writing

logger = logging.getLogger(__name__)
BEAT_S = 0.02
SLOW_EVERY_S = 0.5
FROZEN_MS = 1500

_FROZEN = text("SELECT set_config('idle_in_transaction_session_timeout', :ms, true)")


class Ticker:
    """Runs until stopped and tells what it sees.

    `on_head` hears the head, `on_access` the version of all access, `on_slow` is called twice a second.
    Errors of the database are logged once until it answers again; the beat goes on.
    """

    def __init__(
        self,
        engine: Engine,
        on_head: Callable[[int], None],
        on_slow: Callable[[], None],
        beat_s: float = BEAT_S,
        on_access: Callable[[int], None] = lambda _version: None,
    ) -> None:
        self._engine = engine
        self._on_head = on_head
        self._on_slow = on_slow
        self._on_access = on_access
        self._beat_s = beat_s
        self._stop = threading.Event()
        self._nudge = threading.Event()
        self._thread = threading.Thread(target=self._run, name="griddesk-ticker", daemon=True)
        self._down = False
        #: when the last beat ended well (monotonic); readiness and the supervisor look at it
        self.last_beat = time.monotonic()

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        self._nudge.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def nudge(self) -> None:
        """Beat at once: this process has just committed something."""
        self._nudge.set()

    @property
    def down(self) -> bool:
        """Whether the database did not answer the last beat."""
        return self._down

    def _run(self) -> None:
        slow_at = 0.0
        while not self._stop.is_set():
            try:
                self.beat()
                if time.monotonic() >= slow_at:
                    self._on_slow()
                    slow_at = time.monotonic() + SLOW_EVERY_S
                self._recovered()
                self.last_beat = time.monotonic()
            except SQLAlchemyError as error:
                self._failed(error)
                self._stop.wait(0.5)
            except Exception:
                logger.exception("the beat stumbled")
                self._stop.wait(0.5)
            self._nudge.wait(self._beat_s)
            self._nudge.clear()

    def beat(self) -> None:
        """Number what waits and tell the head; raises SQLAlchemyError when the database does not answer."""
        with glancing(self._engine) as conn:
            waits, head, access = sequencer.look(conn)
        self._on_access(access)
        if waits and not is_sqlite(self._engine):
            with writing(self._engine) as conn:
                conn.execute(_FROZEN, {"ms": str(FROZEN_MS)})
                sequencer.number(conn)
                head = sequencer.head_of(conn)
        self._on_head(head)

    def _failed(self, error: SQLAlchemyError) -> None:
        if not self._down:
            logger.error("the database does not answer: %s", str(error.__cause__ or error).splitlines()[0])
        self._down = True

    def _recovered(self) -> None:
        if self._down:
            logger.info("the database answers again")
        self._down = False
