"""How a case goes, from its report to its file being put away: the courses of the invented history.

Each function takes a `Telling` some steps further. Nothing here decides: what the law refuses does not happen.
Handling in the units is told in `handling.py`.
"""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

from services.backend.demo.drafts import PUBLIC, Draft
from services.backend.demo.handling import dispatch, handle_round
from services.backend.demo.telling import CaseStory, Stage, Telling, TimeUpError
from services.backend.demo.unit_steps import late
from services.domain.calendar import from_s
from services.domain.reference import Facts
from services.domain.roles import UPPER

_KINDS = {"component", "event", "grid", "service"}
_GIVEN = "芳强敏伟静军丽勇艳杰娟涛明超秀霞平刚桂兰"
_FAMILY = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁"
#: appeals of the last days have not all been decided yet, so that there is something to decide
_RECENT_S = 5 * 86400
#: attempts at a finished case, each quicker than the last, before it gets a short end
_PACES = (1.0, 0.45, 0.15, 0.04)


def tell(stage: Stage, draft: Draft, seed: random.Random | int) -> CaseStory:
    """Tell one case from its draft: an open one up to where it stands, any other one to its end."""
    base = seed if isinstance(seed, int) else seed.getrandbits(60)
    if draft.target is not None:
        telling = Telling(stage, draft, random.Random(base))
        with suppress(TimeUpError):
            _to_target(telling)
        return telling.story()
    for attempt, pace in enumerate(_PACES):
        telling = Telling(stage, draft, random.Random(base ^ attempt << 61), pace)
        try:
            _to_end(telling)
        except TimeUpError:
            if telling.steps and not telling.case.open:
                break
        else:
            break
    else:
        telling = _short(stage, draft, base)
    _put_away(telling)
    return telling.story()


def _short(stage: Stage, draft: Draft, base: int) -> Telling:
    """Tell a case that came in too late for anything but an end at the desk."""
    telling = Telling(stage, draft, random.Random(base), _PACES[-1])
    register(telling)
    telling.wait(4)
    telling.do(
        "self_close", telling.desk("acceptor"), {"result": telling.phrases.say("self_close", telling.rng)}
    )
    return telling


def _to_target(telling: Telling) -> None:
    """Tell an open case up to its state."""
    target = telling.draft.target
    state = target.state if target is not None else ""
    intake(telling)
    if state in ("reported", "verifying", "pending_filing"):
        return
    file_case(telling)
    if state == "pending_dispatch":
        return
    dispatch(telling, state)
    if state != "pending_sign":
        handle_round(telling, state)


def _to_end(telling: Telling) -> None:
    """Tell a finished case."""
    course = telling.draft.course
    intake(telling, stop=course != "normal" and telling.rng.random() < 0.6)
    if course != "normal":
        _early_end(telling, course)
        return
    file_case(telling)
    dispatch(telling, "")
    handle_round(telling, "")
    close(telling)
    if "called_back" in telling.case.marks:
        return
    if telling.draft.source in PUBLIC:
        _call_back(telling)


# -- intake and filing --------------------------------------------------------------------------------


def register(telling: Telling) -> None:
    """登记: by whoever found it or took the call."""
    draft, rng = telling.draft, telling.rng
    payload = _report(telling)
    if draft.source == "patrol":
        actor = telling.local("supervisor")
    elif draft.source == "grid_worker":
        actor = telling.local("grid_worker")
    elif draft.source == "upper":
        actor = UPPER
        payload["upper_id"] = f"SJ{rng.randrange(10**8):08d}"
        due = draft.birth + 86400 * (3 + int(rng.random() * 7))
        payload["upper_due"] = from_s(due - due % 3600).isoformat()
    else:
        actor = telling.desk("acceptor")
    facts = Facts(number=draft.number, positions={draft.case_id: draft.site.position})
    if not telling.do("register", actor, payload, facts):
        raise RuntimeError(f"the history's own report was refused: {draft}")


def _report(telling: Telling) -> dict[str, Any]:
    """Return the payload of the report, fields in the order of the payload table."""
    draft, rng, phrases = telling.draft, telling.rng, telling.phrases
    category = draft.category
    prefix = category.partition("-")[0]
    payload: dict[str, Any] = {
        "kind": "hotline" if draft.source == "hotline" else prefix if prefix in _KINDS else "event",
        "source": draft.source,
        "description": draft.description,
        "location": {"lon": draft.lon, "lat": draft.lat, "address": draft.site.address},
    }
    if draft.source not in ("hotline", "media", "petition") or rng.random() < 0.8:
        payload["category"] = category
    if draft.source in PUBLIC:
        tail = int(rng.random() * 10000)
        name = _FAMILY[int(rng.random() * 20)] + _GIVEN[int(rng.random() * 20)]
        payload["caller"] = {"name": name, "phone": f"1990000{tail:04d}"}
        if draft.source == "hotline":
            wish = ("投诉", "求助", "投诉", "建议")[int(rng.random() * 4)]
            payload["ticket"] = {"line": "12345", "demand": wish, "talk_s": 40 + int(rng.random() * 200)}
        payload["need_callback"] = rng.random() < phrases.rates["need_callback"]
        if rng.random() < 0.03:
            payload["confidential"] = True
    found = telling.rules.categories[category]
    if rng.random() < phrases.rates["urgent"] * (4 if found.safety else 0.3):
        payload["urgent"] = True
    elif (found.safety and rng.random() < 0.3) or draft.source in ("leader", "upper"):
        payload["level"] = 1 + int(rng.random() * 2)
    return payload


def intake(telling: Telling, *, stop: bool = False) -> None:
    """登记 and 受理, with 核实 where the draft wants it; `stop` leaves the case at the desk."""
    draft = telling.draft
    state = draft.target.state if draft.target is not None else ""
    register(telling)
    if state == "reported" or stop:
        return
    if draft.verify:
        telling.until("send_verify", 7)
        telling.do("send_verify", telling.desk("acceptor"))
        if state == "verifying":
            return
        telling.until("verify_result", 50, by_day=True)
        note = telling.phrases.say("verify_note", telling.rng)
        telling.do("verify_result", telling.local("supervisor"), {"result": "true", "note": note})
    else:
        telling.until("accept", 7)
        telling.do("accept", telling.desk("acceptor"))


def file_case(telling: Telling) -> None:
    """立案 by the shift leader, sometimes after a correction of the description."""
    draft = telling.draft
    if draft.target is None and telling.chance("amend"):
        telling.wait(4)
        changed: dict[str, Any] = {
            "reason": telling.phrases.say("amend", telling.rng),
            "description": draft.description + "已补充现场照片。",
        }
        telling.do("amend", telling.desk("acceptor"), changed)
    telling.until("file", 9)
    payload = {"category": draft.category, "condition": draft.condition}
    if not telling.do("file", telling.desk("shift_leader"), payload):
        raise RuntimeError(f"the history's own filing was refused: {draft}")


def _early_end(telling: Telling, course: str) -> None:
    """End a case before it is filed: refused, a double, settled on the spot, a mistake."""
    telling.wait(12)
    case, phrases, rng = telling.case, telling.phrases, telling.rng
    desk = telling.desk("acceptor" if case.state == "reported" else "shift_leader")
    if course == "reject":
        telling.do("reject", desk, {"reason": phrases.say("reject", rng)})
    elif course == "self_close":
        telling.do("self_close", desk, {"result": phrases.say("self_close", rng)})
    elif course == "duplicate" and telling.draft.double_of is not None:
        first = telling.draft.double_of
        payload = {"reason": phrases.say("duplicate", rng), "duplicate_of": first}
        telling.do("cancel", telling.desk("shift_leader"), payload, Facts(cases={first: None}))
    else:
        telling.do("cancel", telling.desk("shift_leader"), {"reason": phrases.say("cancel", rng)})


# -- closing and after --------------------------------------------------------------------------------


def close(telling: Telling) -> None:
    """结案: with the call-back where the caller wanted one."""
    telling.until("close", 170)
    case, rng = telling.case, telling.rng
    found = telling.rules.condition(case.category, case.condition)
    payload: dict[str, Any] = {"closing_condition": (found.closing if found else "") or "已处置"}
    if case.need_callback:
        payload["callback"] = _callback(telling, solved=True)
    telling.do("close", telling.desk("acceptor" if rng.random() < 0.6 else "shift_leader"), payload)


def _callback(telling: Telling, *, solved: bool) -> dict[str, Any]:
    """Return the facts of a call-back that reached the caller."""
    rng = telling.rng
    marks = (5, 5, 5, 4, 4, 3) if solved else (1, 2, 2, 3)
    text = telling.phrases.say("callback_good" if solved else "callback_bad", rng)
    return {
        "reached": True,
        "solved": solved,
        "satisfaction": marks[int(rng.random() * len(marks))],
        "text": text,
    }


def _call_back(telling: Telling) -> None:
    """回访 after closing; who is not content gets the case opened again now and then."""
    if not telling.chance(0.5):
        return
    telling.wait(600, by_day=True)
    unsolved = telling.chance("unsolved")
    reached = unsolved or telling.chance(0.9)
    facts = _callback(telling, solved=not unsolved) if reached else {"reached": False}
    telling.do("callback", telling.desk("acceptor"), facts)
    # a second round has to come to its end as well, so only where there is time for it
    if unsolved and telling.chance("reopen") and telling.stage.now - telling.t > 12 * 86400:
        telling.wait(40)
        telling.do(
            "reopen", telling.desk("shift_leader"), {"reason": telling.phrases.say("reopen", telling.rng)}
        )
        dispatch(telling, "")
        handle_round(telling, "")
        close(telling)


def _put_away(telling: Telling) -> None:
    """What follows a closed case: an appeal against being late, and the archive after its days."""
    with suppress(TimeUpError):
        if telling.steps and telling.case.state == "closed":
            _appeal(telling)
            closed = telling.case.closed_at
            if closed is not None and telling.case.state == "closed":
                telling.timed("archive", closed + timedelta(days=telling.rules.settings.archive_after_days))


def _appeal(telling: Telling) -> None:
    """申诉 of a unit that was late, decided by an evaluator a day or two later."""
    recent = telling.stage.now - telling.t < _RECENT_S
    if not late(telling.case) or not telling.chance("appeal_recent" if recent else "appeal"):
        return
    phrases, rng = telling.phrases, telling.rng
    telling.wait(700, by_day=True)
    telling.do("appeal", telling.unit(), {"reason": phrases.say("appeal", rng)})
    telling.wait(4200, by_day=True)
    approve = telling.chance(0.4)
    note = phrases.say("appeal_yes" if approve else "appeal_no", rng)
    telling.do("decide_appeal", telling.desk("evaluator"), {"approve": approve, "note": note})
