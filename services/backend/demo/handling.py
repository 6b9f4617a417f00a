"""The units' part of an invented case: dispatch, sign, return, extension, suspension, feedback, check, rework."""

from __future__ import annotations

from typing import Any

from services.backend.demo.customs import custom_of
from services.backend.demo.handling_now import still_handling
from services.backend.demo.telling import Telling
from services.backend.demo.unit_steps import extend, feed_back, sign, supervise, suspend_reason
from services.domain.calendar import from_s, to_s
from services.domain.effects_handling import suspended_until

#: units that are mistaken for one another
_MISTAKEN = {
    "muni": "drain", "drain": "water", "water": "drain", "sani": "order", "street": "enforce", "enforce": "order",
    "order": "enforce", "green": "sani", "power": "telecom", "telecom": "power", "police": "enforce",
    "housing": "enforce", "gas": "water", "traffic": "order",
}  # fmt: skip
#: units that like to work with a second one
_CO = {
    "muni": "traffic",
    "drain": "muni",
    "enforce": "police",
    "housing": "enforce",
    "water": "muni",
    "street": "enforce",
}
_OPEN_HANDLING = ("handling", "suspended")


def _kin(dept: str) -> str:
    """Return the word under which a department stands in the tables above."""
    return "street" if dept.startswith("street-") else dept


def _known(telling: Telling, dept: str | None) -> str | None:
    """Return a department when it is there and somebody answers for it."""
    return dept if dept in telling.rules.departments and dept in telling.stage.roster.units else None


# -- dispatch -----------------------------------------------------------------------------------------


def dispatch(telling: Telling, state: str) -> None:
    """派遣 to the unit of the duty table or of the street's custom; some go to the wrong one first and come back."""
    duty, right = _right_unit(telling)
    wrong = _known(telling, _MISTAKEN.get(_kin(right or "")))
    if duty != right and not telling.chance("custom_known"):
        # the desk follows the table, and the unit says that this is not how it is done here
        wrong = duty
        if state == "":
            _first_wrong(telling, str(duty), str(right))
            return
    if state == "" and wrong is not None and wrong != right and telling.chance("returned"):
        _first_wrong(telling, wrong, str(right))
        return
    telling.until("dispatch", 9)
    if state == "returned" and wrong is not None:
        right = wrong
    _send(telling, "dispatch", str(right))
    if state == "" and telling.chance("recall"):
        telling.wait(3)
        telling.do(
            "recall", telling.desk("dispatcher"), {"reason": telling.phrases.say("recall", telling.rng)}
        )
        telling.wait(4)
        _send(telling, "dispatch", str(right))


def _right_unit(telling: Telling) -> tuple[str | None, str | None]:
    """Return the unit of the duty table, and the one that will handle the case in the end."""
    case, path = telling.case, telling.draft.site.position.area_path
    duty = telling.rules.lead_of(case.category, case.condition, path)
    if _known(telling, duty) is None:
        duty = next(iter(telling.stage.roster.units))
    entry = telling.rules.categories.get(case.category or "")
    custom = custom_of(duty or "", entry.major if entry else "", path, telling.phrases.rates["custom"])
    if _known(telling, custom) is None or not telling.chance("custom_kept"):
        return duty, duty
    return duty, custom


def _first_wrong(telling: Telling, wrong: str, right: str) -> None:
    """派遣 to the wrong unit, 退单, and 改派 to the right one."""
    telling.until("dispatch", 9)
    _send(telling, "dispatch", wrong)
    _sent_back(telling)
    telling.wait(25)
    _send(telling, "redispatch", right)


def _send(telling: Telling, action: str, dept: str) -> None:
    """Give the command of a dispatch or redispatch."""
    payload: dict[str, Any] = {"lead_dept": dept}
    if action == "redispatch":
        payload["reason"] = telling.phrases.say("redispatch", telling.rng)
    co = _known(telling, _CO.get(_kin(dept)))
    if co is not None and co != dept and telling.chance("co_unit"):
        payload["co_depts"] = [co]
    note = telling.phrases.say("note", telling.rng) if telling.chance(0.2) else ""
    if note:
        payload["note"] = note
    if not telling.do(action, telling.desk("dispatcher"), payload):
        raise RuntimeError(f"the history's own dispatch to {dept} was refused: {telling.draft}")


def _sent_back(telling: Telling) -> None:
    """退单 by the wrong unit, once or twice."""
    telling.wait(90, by_day=True)
    if telling.chance(0.4):
        telling.do("sign", telling.unit())
        telling.wait(60, by_day=True)
    _return(telling)
    if telling.chance("returned_again"):
        telling.wait(30)
        payload = {"lead_dept": telling.case.lead_dept or "", "reason": "经核对权属清单，仍由该单位负责。"}
        telling.do("redispatch", telling.desk("dispatcher"), payload)
        telling.wait(120, by_day=True)
        _return(telling)


def _return(telling: Telling) -> None:
    """Give the command 退单."""
    phrases, rng = telling.phrases, telling.rng
    payload = {"reason": phrases.say("return_reason", rng), "basis": phrases.say("basis", rng)}
    telling.do("return_case", telling.unit(), payload)


# -- one round of handling ------------------------------------------------------------------------------


def handle_round(telling: Telling, state: str) -> None:
    """签收 to 核查通过; for an open case, up to its `state`."""
    if state in _OPEN_HANDLING:
        still_handling(telling, state)
        return
    if state == "returned":
        telling.until("return_case", 60)
        _return(telling)
        return
    feed = telling.draft.times.get("feed_back") if state else None
    sign(telling, feed if feed is not None else _feed_moment(telling))
    if not state:
        _detours(telling)
    telling.t = max(telling.t + 1, feed) if feed is not None else max(telling.t + 30, _feed_moment(telling))
    _chase(telling)
    feed_back(telling, "done")
    if state == "feedback_review":
        return
    if not state and telling.chance("rework"):
        _again(telling, "rework")
    telling.until("send_check", 12)
    telling.do("send_check", telling.desk("dispatcher" if telling.chance(0.7) else "acceptor"))
    if state == "checking":
        return
    telling.until("check_pass", 65, by_day=True)
    if not state and telling.chance("check_fail"):
        _again(telling, "check_fail")
        telling.wait(12)
        telling.do("send_check", telling.desk("dispatcher"))
        telling.wait(65, by_day=True)
    telling.do("check_pass", telling.local("supervisor"))


def _feed_moment(telling: Telling) -> int:
    """Draw when the unit will be done: mostly within the limit, some units often late."""
    clock = telling.case.clock
    if clock is None or clock.due_at is None:
        return telling.t + 3600
    rng, calendar = telling.rng, telling.rules.calendar
    unit = telling.phrases.unit(telling.case.lead_dept or "")
    due = to_s(clock.due_at)
    if rng.random() < unit["late"] and telling.pace > 0.3:
        return telling.daytime(due + 120 + int(rng.expovariate(1 / (9 * 3600 * unit["slow"]))))
    left = calendar.counted(telling.t, due, clock.limit.working, clock.gaps)
    share = min(0.96, (0.05 + rng.betavariate(1.6, 2.6) * 0.9) * unit["slow"] * telling.pace)
    done = calendar.add(telling.t, max(60, int(left * share)), clock.limit.working, clock.gaps)
    if telling.pace < 1:
        return telling.t + max(240, int((done - telling.t) * telling.pace))
    by_day = telling.daytime(done)
    return by_day if by_day < due else done


def _detours(telling: Telling) -> None:
    """What may happen while a unit works: extension, suspension, a word with the caller, a comment."""
    case, clock = telling.case, telling.case.clock
    if clock is None or clock.due_at is None:
        return
    seconds = clock.limit.seconds(telling.rules.calendar.day_hours)
    if case.need_callback and telling.chance("contact"):
        telling.wait(25)
        payload = {
            "at": from_s(telling.t - 60).isoformat(),
            "reached": True,
            "text": telling.phrases.say("contact", telling.rng),
        }
        telling.do("contact_citizen", telling.unit(), payload)
    if telling.chance("comment"):
        telling.wait(30)
        telling.do(
            "comment", telling.desk("dispatcher"), {"text": telling.phrases.say("comment", telling.rng)}
        )
    if telling.chance("flag_urgent"):
        telling.wait(20)
        telling.do("flag_urgent", telling.desk("acceptor"))
    room = telling.stage.now - telling.t
    if seconds >= 16 * 3600 and clock.limit.working and room > 14 * 86400 and telling.chance("suspend"):
        _suspend(telling, 5 + int(telling.rng.random() * min(30.0, room / 86400 - 10)))
        until = suspended_until(telling.case.marks)
        if until is not None:
            telling.timed("resume", until)
    elif seconds >= 8 * 3600 and room > 8 * 86400 and telling.chance("extension"):
        extend(telling)


def _suspend(telling: Telling, days: int) -> None:
    """申请挂账 until a morning so many days on, and 审批."""
    telling.wait(400, by_day=True)
    morning = telling.t - telling.second_of_day(telling.t) + 9 * 3600 + days * 86400
    payload = {"until": from_s(morning).isoformat(), "reason": suspend_reason(telling)}
    telling.do("apply_suspend", telling.unit(), payload)
    telling.wait(90)
    note = telling.phrases.say("approve", telling.rng)
    telling.do("decide_suspend", telling.desk("shift_leader"), {"approve": True, "note": note})


def _chase(telling: Telling) -> None:
    """催办 and 督办: often when a unit is late, now and then before."""
    clock, phrases, rng = telling.case.clock, telling.phrases, telling.rng
    feed = telling.t
    if clock is None or clock.due_at is None:
        return
    due = to_s(clock.due_at)
    if feed - due > 3600 and telling.chance("supervise_late"):
        telling.t = due + 600 + int(rng.random() * min(7200, feed - due - 1200))
        supervise(telling, "timeout", reply=feed - telling.t > 3600 and telling.chance(0.6))
    elif telling.chance("urge"):
        last = to_s(telling.steps[-1].at)
        telling.t = last + int((feed - last) * rng.uniform(0.4, 0.9))
        telling.do("urge", telling.desk("dispatcher"), {"text": phrases.say("urge", rng)})
    elif telling.chance("supervise"):
        last = to_s(telling.steps[-1].at)
        telling.t = last + int((feed - last) * rng.uniform(0.2, 0.5))
        supervise(telling, "leader" if telling.chance(0.5) else "key", reply=False)
    telling.t = max(telling.t + 1, feed)


def _again(telling: Telling, action: str) -> None:
    """返工 by the dispatcher or 核查不通过 by the supervisor, and the unit's second try."""
    reason = {"reason": telling.phrases.say(action, telling.rng)}
    if action == "rework":
        telling.wait(15)
        telling.do("rework", telling.desk("dispatcher"), reason)
    else:
        telling.do("check_fail", telling.local("supervisor"), reason)
    telling.wait(110, by_day=True)
    feed_back(telling, "again")
