"""Single steps of the units in an invented history: sign, feed back, ask for more time, answer a supervision."""

from __future__ import annotations

from typing import Any

from services.backend.demo.telling import Telling
from services.domain.calendar import to_s
from services.domain.case import Case
from services.domain.clocks import is_late
from services.domain.reference import Facts

#: categories whose cases wait for the planting season
_PLANTED = frozenset({"component-0401", "component-0402", "event-0121"})


def late(case: Case) -> bool:
    """Tell whether the unit fed back after its deadline."""
    clock = case.clocks.get("handle")
    return clock is not None and clock.stopped_at is not None and is_late(clock, clock.stopped_at)


def sign(telling: Telling, feed: int) -> None:
    """签收, and the task given to somebody on the spot."""
    slow = telling.phrases.unit(telling.case.lead_dept or "")["slow"]
    drawn = int(telling.rng.lognormvariate(-0.32, 0.8) * 42 * 60 * slow)
    telling.t += max(30, min(drawn, int((feed - telling.t) * 0.5)))
    unit = telling.unit()
    telling.do("sign", unit)
    handler = telling.stage.roster.handlers.get((unit.dept or "", (telling.case.grid or "")[:12]))
    if handler is not None and telling.chance("assign"):
        telling.t += 60 + int(telling.rng.random() * 600)
        if telling.t < feed:
            telling.do("assign", unit, {"to": handler}, Facts(users={handler: unit.dept}))


def feed_back(telling: Telling, what: str) -> None:
    """反馈: result, a reply for the public where there is a caller."""
    case, phrases, rng = telling.case, telling.phrases, telling.rng
    found = telling.rules.condition(case.category, case.condition)
    closing = (found.closing if found else "") or "处置"
    payload: dict[str, Any] = {"result": phrases.say(what, rng, close=closing)}
    if case.caller_masked or case.need_callback:
        payload["public_reply"] = phrases.say("public", rng)
        payload["solved"] = True
    if not telling.do("feed_back", telling.unit(), payload):
        raise RuntimeError(f"the history's own feedback was refused: {telling.draft}")


def extend(telling: Telling, *, decide: bool = True) -> None:
    """申请延期 when most of the time has gone, and 审批."""
    clock = telling.case.clock
    if clock is None or clock.due_at is None:
        return
    left = to_s(clock.due_at) - telling.t
    if left < 1800:
        return
    if decide:
        telling.t += int(left * telling.rng.uniform(0.5, 0.85))
    if not telling.do(
        "apply_extension", telling.unit(), {"reason": telling.phrases.say("extension", telling.rng)}
    ):
        return
    if decide:
        telling.t += min(60 + int(telling.rng.expovariate(1 / 2400)), int(left * 0.1))
        approve = telling.chance(0.85)
        note = telling.phrases.say("approve" if approve else "refuse", telling.rng)
        telling.do("decide_extension", telling.desk("dispatcher"), {"approve": approve, "note": note})


def suspend_reason(telling: Telling) -> str:
    """Draw why a case cannot be done now; plants wait for their season."""
    planted = telling.case.category in _PLANTED
    return telling.phrases.say("suspend_green" if planted else "suspend", telling.rng)


def supervise(telling: Telling, kind: str, *, reply: bool) -> None:
    """督办, and the unit's reply where one is wanted."""
    phrases, rng = telling.phrases, telling.rng
    level = 1 + int(rng.random() * 2.2)
    actor = telling.desk("leader" if kind == "leader" else "shift_leader")
    payload = {"kind": kind, "level": level, "reason": phrases.say("supervise", rng), "need_reply": reply}
    telling.do("supervise", actor, payload)
    if reply:
        telling.t += 900 + int(rng.random() * 1500)
        telling.do("reply_supervise", telling.unit(), {"text": phrases.say("supervise_reply", rng)})
