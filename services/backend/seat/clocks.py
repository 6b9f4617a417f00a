"""A case's clock as the seats show it: band, shape, words, and where it stands between start and deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.backend.seat import words
from services.domain.bands import BandSettings, read_clock
from services.domain.case import Case
from services.domain.clocks import CLOCK_NAMES, is_late
from services.domain.reference import Rules

#: safety first, then what can still be kept, then what is late (design section 3.1)
_GROUPS = {"ok": 1, "soon": 1, "over1": 2, "over2": 3, "over3": 4, "suspended": 5, "closed": 6}


@dataclass(frozen=True, slots=True)
class ClockView:
    """What is shown of a clock. `left` are its seconds (late: negative), `runs` whether they go on now.

    `used` is the used share of the limit in percent (100 when late).
    """

    band: str
    text: str
    spoken: str
    left: int | None = None
    runs: bool = False
    name: str = ""
    due: str = ""
    limit: str = ""
    off_hours: bool = False
    used: int = 0


def clock_view(case: Case, now: datetime, rules: Rules) -> ClockView | None:
    """Return the clock of a case as shown; None for an open case without a clock."""
    if not case.open:
        return _ended(case)
    clock = case.clock
    found = None if clock is None else read_clock(clock, now, rules.calendar, BandSettings())
    if clock is None or found is None:
        return None
    left = found.remaining_s
    total = sum(limit.seconds(rules.calendar.day_hours) for limit in (clock.limit, *clock.extensions))
    used = 100 if left < 0 else min(100, max(0, round(100 * (total - left) / total))) if total else 0
    text = words.left_text(left)
    return ClockView(
        found.band,
        f"挂账 {text}" if found.band == "suspended" else text,
        words.spoken(left),
        left,
        found.counting,
        CLOCK_NAMES[clock.name],
        "" if clock.due_at is None else words.moment_text(clock.due_at, now, rules.calendar),
        "＋".join(limit.words for limit in (clock.limit, *clock.extensions)),
        found.off_hours,
        used,
    )


def _ended(case: Case) -> ClockView:
    """Return the view of a case at its end: in time or late by its handling clock."""
    if case.state not in ("closed", "archived"):
        return ClockView("closed", "已结束", "已结束")
    handle = case.clocks.get("handle")
    late = handle is not None and handle.stopped_at is not None and is_late(handle, handle.stopped_at)
    text = "超期结案" if late else "按期结案"
    return ClockView("closed", text, text)


def risk_key(case: Case, view: ClockView | None, rules: Rules) -> tuple[int, int, str]:
    """Return the sort key of the order 风险优先: 急要件 and safety first, least slack, then late, then 挂账."""
    category = rules.categories.get(case.category or "")
    safety = case.urgent or (category is not None and category.safety)
    group = 6 if view is None else _GROUPS[view.band]
    left = view.left if view is not None and view.left is not None else 1 << 40
    return (0 if safety and group < 5 else group, left, case.case_id)
