"""Judges suggestions on history: what would have been suggested at each dispatch, knowing only what came before it.

For every case that was dispatched and handled, the top suggestion, the duty table's unit and the unit the dispatcher
really chose are held against the unit that handled the case in the end (转派准确率, domain 8.2: transferred to the
right unit the first time / transferred). The log is walked once, in its own order, so nothing of the future is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from services.backend.db.tables import changes
from services.backend.learned.following import SPAN, facts_at, used_s
from services.domain.experience import Experience
from services.domain.facts import HANDLED
from services.domain.reference import Rules
from services.domain.suggestion import Ask, suggest
from services.sql.engine import reading

_ASKED = ("dispatch", "close", "reopen")


#: what is judged of a case, in this order
NAMES = ("suggested", "among", "duty", "chosen")


@dataclass(slots=True)
class Judged:
    """How many dispatches were judged, and how many of each were right.

    `among` counts the cases whose right unit was among the suggestions shown. `each` holds every case in the order of
    closing, one truth for every name of `NAMES`: so a stretch of time can be told apart from what came before it.
    """

    each: list[tuple[bool, ...]] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """Return how many were judged."""
        return len(self.each)

    def right(self, name: str) -> int:
        """Return how many were right by one of `NAMES`."""
        place = NAMES.index(name)
        return sum(one[place] for one in self.each)

    def share(self, name: str) -> float | None:
        """Return what was right as percent of the cases judged; None when there were none."""
        return 100.0 * self.right(name) / self.cases if self.cases else None

    def parts(self, count: int) -> list[Judged]:
        """Return the cases in so many stretches of time, oldest first; each knew only what came before it."""
        size = max(1, -(-self.cases // count))
        return [Judged(self.each[start : start + size]) for start in range(0, self.cases, size)]


@dataclass(frozen=True, slots=True)
class _Pick:
    """What would have been suggested for one dispatch, and what was done."""

    suggested: tuple[str, ...]
    duty: str | None
    chosen: str | None


def replay(engine: Engine, rules: Rules, skip: int = 0) -> Judged:
    """Walk the whole log and judge; the first `skip` closed cases only teach (a new centre's first weeks)."""
    judged, experience, picks, closed = Judged(), Experience(), dict[str, _Pick](), 0
    for case_id, version, action in _steps(engine):
        with reading(engine) as conn:
            found = facts_at(conn, case_id, version)
        if found is None:
            continue
        facts, case = found
        if action == "reopen":
            picks.pop(case_id, None)
        elif action == "dispatch":
            ask = Ask(case.category, case.condition, case.grid)
            shown = tuple(one.dept for one in suggest(ask, rules, experience))
            duty = rules.lead_of(case.category, case.condition, case.area_path)
            picks.setdefault(case_id, _Pick(shown, duty, case.lead_dept))
        else:
            closed += 1
            pick = picks.pop(case_id, None)
            if (
                pick is not None
                and closed > skip
                and facts.standing
                and facts.standing[-1].outcome == HANDLED
            ):
                _judge(judged, pick, facts.standing[-1].dept)
            experience.learn(facts, used_s(case, rules.calendar))
    return judged


def _judge(judged: Judged, pick: _Pick, right: str) -> None:
    """Count one case."""
    judged.each.append(
        (pick.suggested[:1] == (right,), right in pick.suggested, pick.duty == right, pick.chosen == right)
    )


def _steps(engine: Engine) -> Iterator[tuple[str, int, str]]:
    """Yield (case, version, action) of what matters, in the order of the log."""
    since = 0
    while True:
        with reading(engine) as conn:
            rows = conn.execute(
                select(changes.c.seq, changes.c.case_id, changes.c.version, changes.c.action)
                .where(changes.c.seq > since, changes.c.seq <= since + SPAN)
                .order_by(changes.c.seq)
            ).all()
        if not rows:
            return
        since = int(rows[-1].seq)
        for row in rows:
            if row.action in _ASKED:
                yield row.case_id, row.version, row.action
