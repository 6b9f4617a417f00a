"""Where the open cases stand at the end: a state, how late or how early, and from that when they began.

Worked out backwards: the clock of the state must show the wanted time left, whatever the hour of the day is at
which the demo district is made.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from services.backend.demo.phrases import Phrases
from services.domain.calendar import WorkCalendar
from services.domain.limits import Limit
from services.domain.states import STATES

#: the steps before a state is entered, with the mean minutes each takes
_BEFORE = {"accept": 6.0, "file": 9.0, "dispatch": 8.0, "send_verify": 6.0, "verify_result": 45.0}
_AFTER = {"send_check": 10.0, "check_pass": 55.0}
_BANDS = ("late3", "late2", "late1", "soon")

#: seconds left in each band, from and to
_BAND_S = {
    "late3": (-1 << 40, -72 * 3600), "late2": (-72 * 3600, -24 * 3600), "late1": (-24 * 3600, -1), "soon": (0, 7200),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Where a case has to stand: its state and the band of time left of that state's clock."""

    state: str
    band: str


def targets(count: int, phrases: Phrases, seed: int) -> list[Target]:
    """Share out `count` open cases over states and bands; with 16 cases and more every state is there."""
    shares = phrases.open["states"]
    counts = _shared(count, shares)
    found = []
    for state, number in counts.items():
        table = phrases.open[_table(state)]
        bands = _shared(number, {**{band: table[band] for band in _BANDS}, "rest": 1 - sum(table.values())})
        found += [Target(state, band) for band, n in bands.items() for _ in range(n)]
    random.Random(f"targets-{seed}").shuffle(found)
    return found


def _table(state: str) -> str:
    """Return which table of bands holds for a state."""
    clock = STATES[state].clock or ""
    return clock if clock in ("handle", "verify", "check", "close") else "desk"


def _shared(count: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Share out a whole number in proportion, by largest remainder, one for each first where it goes."""
    total = sum(shares.values())
    least = 1 if count >= len(shares) + 5 else 0
    wanted = {name: (count * share / total if total else 0.0) for name, share in shares.items()}
    found = {name: max(int(value), least if shares[name] > 0 else 0) for name, value in wanted.items()}
    names = sorted(shares, key=lambda name: wanted[name] - found[name], reverse=True)
    at = 0
    while sum(found.values()) < count:
        found[names[at % len(names)]] += 1
        at += 1
    while sum(found.values()) > count:
        found[max(found, key=lambda name: found[name])] -= 1
    return found


def anchor(target: Target, limit: Limit, now: int, calendar: WorkCalendar, rng: random.Random) -> int:
    """Return when the clock of the target's state has to have started (seconds since 1970)."""
    if target.state == "suspended":
        return now - int(rng.uniform(2, 24) * 86400)
    total = limit.seconds(calendar.day_hours)
    if target.band == "rest":
        due = calendar.add(now, int(total * rng.uniform(0.25, 0.97)), limit.working)
    elif target.band == "soon":
        due = now + int(min(total, 7200) * rng.uniform(0.04, 0.18))
    else:
        due = now - _late_by(target, rng)
    return min(started_for(limit, due, calendar), now - 20)


def in_band(target: Target, limit: Limit, start: int, now: int, calendar: WorkCalendar) -> bool:
    """Tell whether a clock that started then shows the band; limits of working time cannot at every hour."""
    if target.state == "suspended":
        return True
    left = calendar.add(start, limit.seconds(calendar.day_hours), limit.working) - now
    least, most = _BAND_S.get(target.band, (0, 1 << 40))
    return least <= left <= most


def _late_by(target: Target, rng: random.Random) -> int:
    """Return by how many seconds a case of a late band is late."""
    if target.band == "late3":
        return int(rng.uniform(72.5, 190) * 3600)
    if target.band == "late2":
        return int(rng.uniform(24.5, 71) * 3600)
    if _table(target.state) == "desk":
        return int(60 + rng.expovariate(1 / 1200) % 14400)
    return int(rng.uniform(0.2, 23) * 3600)


def started_for(limit: Limit, due: int, calendar: WorkCalendar) -> int:
    """Return the latest start from which a limit ends at or before `due`."""
    total = limit.seconds(calendar.day_hours)
    if not limit.working:
        return due - total
    low, high = due - 6 * total - 20 * 86400, due
    while high - low > 30:
        middle = (low + high) // 2
        if calendar.add(middle, total, True) <= due:
            low = middle
        else:
            high = middle
    return low


def milestones(
    target: Target, start: int, verify: bool, handle: Limit, calendar: WorkCalendar, rng: random.Random
) -> dict[str, int]:
    """Return when each step up to the target was taken (seconds since 1970) for the anchor `start`.

    `handle` is the limit of the filing condition; a unit that has fed back took a share of it.
    """
    first = ["send_verify", "verify_result"] if verify or target.state == "verifying" else ["accept"]
    path = [*first, "file", "dispatch"]
    entered = {
        "reported": "register", "verifying": "send_verify", "pending_filing": first[-1], "pending_dispatch": "file",
    }.get(target.state, "dispatch")  # fmt: skip
    times: dict[str, int] = {}
    if target.state in ("returned", "feedback_review", "checking", "pending_close"):
        start = _after_dispatch(target, start, times, rng)
        share = rng.uniform(0.1, 0.6) if target.state == "returned" else rng.uniform(0.15, 1.06)
        start = started_for(Limit(handle.amount * share, handle.unit), start, calendar)
    steps = ["register", *path]
    at = start
    for name in reversed(steps[: steps.index(entered) + 1]):
        times[name] = at
        if name != "register":
            at -= 20 + int(60 * _BEFORE[name] * rng.uniform(0.3, 1.7))
    return times


def _after_dispatch(target: Target, start: int, times: dict[str, int], rng: random.Random) -> int:
    """Fill in the steps behind the dispatch and return when the unit gave the case back."""
    if target.state == "returned":
        times["return_case"] = start
        return start
    steps = ["feed_back", "send_check", "check_pass"]
    entered = {"feedback_review": 0, "checking": 1, "pending_close": 2}[target.state]
    at = start
    for name in reversed(steps[1 : entered + 1]):
        times[name] = at
        at -= 20 + int(60 * _AFTER[name] * rng.uniform(0.3, 1.6))
    times["feed_back"] = at
    return at
