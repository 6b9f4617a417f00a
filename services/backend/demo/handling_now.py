"""The units' part of cases that are with them at the end of an invented history: signed, chased, suspended."""

from __future__ import annotations

from services.backend.demo.telling import Telling
from services.backend.demo.unit_steps import extend, feed_back, sign, supervise, suspend_reason
from services.domain.calendar import from_s, to_s


def still_handling(telling: Telling, state: str) -> None:
    """Tell a case that is with its unit now: signed, perhaps chased, extended, suspended or sent back to work."""
    rng, now = telling.rng, telling.stage.now
    start, span = telling.t, now - telling.t
    sign(telling, start + span)
    if state == "suspended":
        telling.t = telling.daytime(max(telling.t + 60, start + int(span * rng.uniform(0.1, 0.4))))
        _suspend_open(telling, span)
        return
    clock = telling.case.clock
    overdue = clock is not None and clock.due_at is not None and to_s(clock.due_at) < now
    telling.t = max(telling.t + 60, start + int(span * rng.uniform(0.5, 0.9)))
    if overdue:
        telling.t = max(
            telling.t, to_s(clock.due_at) + 60 if clock is not None and clock.due_at else telling.t
        )
        if telling.chance(0.35):
            supervise(telling, "timeout", reply=telling.chance(0.5))
        elif telling.chance(0.5):
            telling.do("urge", telling.desk("dispatcher"), {"text": telling.phrases.say("urge", rng)})
        return
    spot = rng.random()
    if spot < 0.09 and clock is not None and clock.limit.working:
        extend(telling, decide=False)
    elif spot < 0.14 and clock is not None and clock.limit.working:
        until = from_s(now + (10 + int(rng.random() * 40)) * 86400).isoformat()
        telling.do("apply_suspend", telling.unit(), {"until": until, "reason": suspend_reason(telling)})
    elif spot < 0.20:
        _sent_back_to_work(telling, start, span)
    elif spot < 0.30:
        telling.do("comment", telling.desk("dispatcher"), {"text": telling.phrases.say("comment", rng)})


def _suspend_open(telling: Telling, span: int) -> None:
    """Suspend a case that stays suspended beyond the end of the history."""
    rng, now = telling.rng, telling.stage.now
    morning = now - telling.second_of_day(now) + 9 * 3600 + (2 + int(rng.random() * 40)) * 86400
    payload = {"until": from_s(morning).isoformat(), "reason": suspend_reason(telling)}
    telling.do("apply_suspend", telling.unit(), payload)
    telling.t += 600 + int(rng.random() * min(10_800, span * 0.3))
    note = telling.phrases.say("approve", rng)
    telling.do("decide_suspend", telling.desk("shift_leader"), {"approve": True, "note": note})


def _sent_back_to_work(telling: Telling, start: int, span: int) -> None:
    """A first feedback that failed its check, so that the unit works again."""
    rng = telling.rng
    telling.t = max(to_s(telling.steps[-1].at) + 30, start + int(span * rng.uniform(0.3, 0.5)))
    feed_back(telling, "done")
    telling.t += int(span * 0.1)
    telling.do("send_check", telling.desk("dispatcher"))
    telling.t += int(span * 0.1)
    telling.do("check_fail", telling.local("supervisor"), {"reason": telling.phrases.say("check_fail", rng)})
