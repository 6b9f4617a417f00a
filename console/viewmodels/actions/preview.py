"""What will happen after confirming: the lifecycle's own answer to the form as it stands.

The console asks the same `decide()` as the centre, so a dialog can say state, unit and due time before
anything is sent, and can say a refusal before it costs a journey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain.bands import BandSettings, Reading, read_clock
from services.domain.case import Case
from services.domain.clocks import Clock
from services.domain.commands import Applied, Command
from services.domain.decide import decide
from services.domain.errors import CalendarError, PayloadError
from services.domain.payloads import check_payload
from services.domain.reference import Facts, Rules
from services.domain.roles import Actor

INCOMPLETE, REFUSED, READY = "incomplete", "refused", "ready"


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer: `incomplete` with a sentence per field, `refused` with one sentence, or the case after it."""

    status: str
    fields: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    before: Case | None = None
    after: Case | None = None
    births: tuple[Case, ...] = ()
    override: bool = False

    @property
    def moves(self) -> bool:
        """Whether the case enters another state."""
        return self.before is not None and self.after is not None and self.before.state != self.after.state

    @property
    def clock(self) -> Clock | None:
        """Return the clock of the state it will be in."""
        return self.after.clock if self.after is not None else None

    @property
    def new_due(self) -> datetime | None:
        """Return the deadline afterwards when it is another one than now, or another clock's."""
        if self.after is None or self.after.due_at is None:
            return None
        before, clock = self.before.clock if self.before is not None else None, self.after.clock
        same = before is not None and clock is not None and before.name == clock.name
        unchanged = same and before is not None and before.due_at == self.after.due_at
        return None if unchanged else self.after.due_at


def preview(
    case: Case,
    action: str,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    rules: Rules,
    facts: Facts,
) -> Preview:
    """Ask the lifecycle what an action with this payload would do to a case now."""
    try:
        cleaned = check_payload(action, dict(payload))
    except PayloadError as error:
        return Preview(INCOMPLETE, error.fields, error.title, case)
    command = Command("", case.case_id, action, cleaned)
    try:
        verdict = decide(case, command, actor, now, rules.with_facts(facts))
    except CalendarError as error:
        return Preview(REFUSED, {}, error.title, case)
    if isinstance(verdict, Applied):
        return Preview(READY, {}, "", case, verdict.case, verdict.births, verdict.override)
    return Preview(REFUSED, {}, verdict.title, case)


def reading_of(case: Case | None, now: datetime, rules: Rules) -> Reading | None:
    """Read the running clock of a case; None where none runs."""
    clock = case.clock if case is not None else None
    return read_clock(clock, now, rules.calendar, BandSettings()) if clock is not None else None
