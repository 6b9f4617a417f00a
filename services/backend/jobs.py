"""Timed commands of the actor `system`: resume at its date, reopen, archive, exclusion windows on running clocks.

Every process looks for due work; the command id is made from case, action and due moment, so that several
processes make one (contract section 1).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.backend.commands.deciding import decide_batch
from services.backend.commands.parsing import PAYLOAD_V, Parsed
from services.backend.db.tables import cases
from services.backend.history import from_packed
from services.backend.reference_store import NoReferenceError
from services.backend.rows import fingerprint
from services.domain.case import Case
from services.domain.commands import Command
from services.domain.ids import system_command_id
from services.domain.roles import SYSTEM
from services.sql.engine import glancing
from services.sql.types import from_ms, to_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

logger = logging.getLogger(__name__)
EVERY_S = 2.0
AT_ONCE = 200
UNSOLVED = "回访时来电人表示未解决，按设置重新办理"
#: a clock that stood still when a window was declared may run by now
WINDOWS_AGAIN_S = 300.0


class Jobs:
    """Looks for due work at most every `EVERY_S` seconds, on the ticker's thread."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._next = time.monotonic() + EVERY_S
        self._windows_done: dict[tuple[int, str], float] = {}

    def turn(self) -> None:
        """Do what is due, when it is time to look."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_S
            self.run()

    def run(self) -> int:
        """Do what is due now; returns how many commands were given."""
        try:
            commands = [*self._resume(), *self._reopen(), *self._archive(), *self._windows()]
        except NoReferenceError:
            return 0
        for start in range(0, len(commands), AT_ONCE):
            decide_batch(self._centre.desk(), SYSTEM, commands[start : start + AT_ONCE], self._centre.now())
        if commands:
            self._centre.ticker.nudge()
        return len(commands)

    def _due(self, *conditions: object) -> list[Case]:
        """Return cases that meet some conditions, at most `AT_ONCE`."""
        statement = select(cases.c.doc).where(*conditions).limit(AT_ONCE)  # type: ignore[arg-type]  # column conditions
        with glancing(self._centre.engine) as conn:
            return [from_packed(doc) for doc in conn.execute(statement).scalars()]

    def _resume(self) -> Iterable[Parsed]:
        """挂账到期: the date has come."""
        now = to_ms(self._centre.now())
        with glancing(self._centre.engine) as conn:
            rows = conn.execute(
                select(cases.c.wake_at, cases.c.doc)
                .where(cases.c.wake_at <= now, cases.c.state == "suspended")
                .limit(AT_ONCE)
            ).all()
        for row in rows:
            yield system_command(from_packed(row.doc), "resume", from_ms(row.wake_at))

    def _reopen(self) -> Iterable[Parsed]:
        """回访未解决: handled again, where the centre has switched that on; once for each closing."""
        if not self._centre.reference.rules.settings.reopen_unsolved:
            return
        for case in self._due(cases.c.wake_at.is_not(None), cases.c.state == "closed"):
            if case.closed_at is not None:
                yield system_command(case, "reopen", case.closed_at, payload={"reason": UNSOLVED})

    def _archive(self) -> Iterable[Parsed]:
        """归档: some days after closing."""
        days = self._centre.reference.rules.settings.archive_after_days
        before = to_ms(self._centre.now() - timedelta(days=days))
        for case in self._due(cases.c.closed_at <= before, cases.c.state == "closed"):
            if case.closed_at is not None:
                yield system_command(case, "archive", case.closed_at + timedelta(days=days))

    def _windows(self) -> Iterable[Parsed]:
        """Exclusion windows declared after a clock had started."""
        reference = self._centre.reference
        for window in reference.rules.windows:
            mark = (reference.number, window.id)
            done = self._windows_done.get(mark)
            over = window.end + timedelta(days=1) < self._centre.now()
            if done is not None and (over or time.monotonic() - done < WINDOWS_AGAIN_S):
                continue
            open_cases = select(cases.c.doc).where(cases.c.open)
            if window.area_code:
                open_cases = open_cases.where(cases.c.grid.startswith(window.area_code, autoescape=True))
            with glancing(self._centre.engine) as conn:
                docs = conn.execute(open_cases).scalars().all()
            for doc in docs:
                case = from_packed(doc)
                clock = case.clock
                if (
                    clock is None
                    or not clock.running
                    or not window.applies(clock.name, case.grid, case.lead_dept)
                ):
                    continue
                if any(pause.ref == window.id for pause in clock.pauses):
                    continue
                yield system_command(case, "adjust_limit", window.start, f"|{window.id}|{clock.started_at}")
            self._windows_done[mark] = time.monotonic()


def system_command(
    case: Case, action: str, due: datetime, more: str = "", payload: Mapping[str, Any] | None = None
) -> Parsed:
    """Return a timed command, ready to be decided; equal in every process."""
    facts = dict(payload or {})
    command_id = system_command_id(case.case_id, action + more, due)
    mark = fingerprint(case.case_id, action, case.xver, None, PAYLOAD_V, facts)
    return Parsed(Command(command_id, case.case_id, action, facts, case.xver, None), mark, None)
