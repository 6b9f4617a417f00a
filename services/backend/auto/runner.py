"""The thread on which automatic rules work: follow the log, act, stop what goes wrong. One in every process.

Nothing here is needed to decide anybody's command; an error of the database is waited out. On a machine with a long
log it takes its time and leaves most of a core to others.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from services.backend.auto.acting import Acting
from services.backend.auto.following import Follower
from services.backend.auto.store import all_rules
from services.backend.auto.watching import stop_bad_ones
from services.backend.problems import Problem
from services.backend.reference_store import NoReferenceError
from services.sql.engine import glancing

if TYPE_CHECKING:
    from services.backend.centre import Centre

logger = logging.getLogger(__name__)
REST_S = 5.0
#: while behind: one part work, four parts rest
SHARE = 0.2


class AutoDesk:
    """Lets automatic rules work in this process."""

    def __init__(self, centre: Centre) -> None:
        """Take the centre; nothing runs before `start`."""
        self._centre = centre
        self._follower = Follower(centre.engine)
        self._acting = Acting(centre)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="griddesk-auto", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def turn(self) -> bool:
        """Do what is due; True when the log was not followed to its end yet or commands were given.

        Rules act only while the log is followed to its end: what came back must be known first.
        """
        if self._follower.turn():
            return True
        with glancing(self._centre.engine) as conn:
            kept = all_rules(conn)
        if not kept:
            return False
        stopped = stop_bad_ones(self._centre, kept)
        for rule_id in stopped:
            logger.info("automatic rule %s was switched off: too much came back", rule_id)
        return self._acting.turn([one for one in kept if one.rule.id not in stopped]) > 0

    def _run(self) -> None:
        """Work until stopped."""
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                more = self.turn()
            except (SQLAlchemyError, NoReferenceError, Problem) as error:
                logger.info("automatic rules wait: %s", str(error.__cause__ or error).splitlines()[:1])
                more = False
            except Exception:
                logger.exception("automatic rules stumbled")
                more = False
            took = time.monotonic() - begun
            self._stop.wait(took * (1 / SHARE - 1) if more else REST_S)
