"""Judges suggestions on history: what would have been suggested at each dispatch, knowing only what came before it.

For every case that was dispatched and handled, the top suggestion, the duty table's unit and the unit the dispatcher
really chose are held against the unit that handled the case in the end (转派准确率, domain 8.2: transferred to the
right unit the first time / transferred). The log is walked once, in its own order, so nothing of the future is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, select

from services.backend.db.tables import changes
from services.backend.learned.following import SPAN, facts_at, used_s
from services.domain.experience import Experience
from services.domain.facts import HANDLED
from services.domain.reference import Rules
from services.domain.suggestion import Ask, suggest
from services.sql.engine import reading

_ASKED = ("dispatch", "close", "reopen")


@dataclass(slots=True)
class Judged:
    """How many dispatches were judged, and how many of each were right.

    `among` counts the cases whose right unit was among the suggestions shown.
    """

    cases: int = 0
    suggested: int = 0
    among: int = 0
    duty: int = 0
    chosen: int = 0

    def share(self, right: int) -> float | None:
        """Return a count as percent of the cases judged; None when there were none."""
        return 100.0 * right / self.cases if self.cases else None


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
    judged.cases += 1
    judged.suggested += pick.suggested[:1] == (right,)
    judged.among += right in pick.suggested
    judged.duty += pick.duty == right
    judged.chosen += pick.chosen == right


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
