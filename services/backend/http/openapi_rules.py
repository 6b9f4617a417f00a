"""Shapes of automatic rules and of the 退单 referee, for `openapi.json`."""

from __future__ import annotations

from services.backend.http.openapi_schemas import (
    FLAG,
    FREE,
    NUMBER,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    Schema,
    array,
    null,
    record,
    ref,
    words,
)
from services.domain.auto_rules import SPECIAL, STATES_OF
from services.domain.auto_trial import BY_RULE, OPEN, OTHER, SAME
from services.domain.payloads import KINDS

_WHEN = record(
    {},
    {"kinds": array(words(KINDS)), "categories": array(TEXT), "areas": array(TEXT), "sources": array(TEXT),
     "min_confidence": NUMBER, "hours": array(TEXT), "wait_s": WHOLE, "words": array(TEXT), "min_photos": WHOLE,
     "own_report": FLAG, "street_handled": FLAG, "include": array(words(SPECIAL))},
    strict=True,
)  # fmt: skip
_RULE = {
    "id": TEXT, "name": TEXT, "action": words(STATES_OF), "when": ref("RuleWhen"), "then": FREE, "cap": WHOLE,
}  # fmt: skip
_TRIED = record(
    {"case_id": UUID, "number": null(TEXT), "at": TIME, "payload": FREE, "confidence": null(NUMBER),
     "verdict": words((SAME, OTHER, OPEN, BY_RULE)), "action": TEXT, "actor": TEXT, "did": FREE, "undone": FLAG,
     "again": FLAG, "final": null(TEXT), "right": null(FLAG)}
)  # fmt: skip
_TRIAL = record(
    {"days_asked": WHOLE, "from": TIME, "to": TIME, "looked": WHOLE, "acted": WHOLE, "same": WHOLE, "other": WHOLE,
     "open": WHOLE, "by_rule": WHOLE, "agreement": null(NUMBER), "bounced": WHOLE, "reworked": WHOLE,
     "judged": WHOLE, "right": WHOLE, "people_right": WHOLE, "passed": FREE,
     "days": array(record({"day": TEXT, "acted": WHOLE, "same": WHOLE, "bounced": WHOLE}))},
    {"cases": array(ref("TriedCase")), "area": TEXT},
)  # fmt: skip
_STANDING = {
    "edit": WHOLE, "active": FLAG, "tried": FLAG, "edited_at": TIME, "edited_by": TEXT, "switched_at": null(TIME),
    "switched_by": null(TEXT), "switched_why": null(TEXT), "tried_at": null(TIME), "trial": null(ref("RuleTrial")),
}  # fmt: skip
_ACT = record(
    {"case_id": UUID, "number": null(TEXT), "at": TIME, "payload": FREE, "confidence": null(NUMBER),
     "outcome": null(words(("applied", "refused", "dropped"))), "undone_at": null(TIME), "undone_by": null(TEXT),
     "again": WHOLE}
)  # fmt: skip
_GROUND = record(
    {"lon": NUMBER, "lat": NUMBER, "address": TEXT, "inside": FLAG, "edge_m": NUMBER, "grid": ref("RefereeArea"),
     "neighbours": array(ref("RefereeArea"))}
)  # fmt: skip
_MEETING = record({"at": TIME, "by": TEXT, "name": TEXT, "text": TEXT})
_COUNTED = array(record({"dept": TEXT, "count": WHOLE}))

#: named shapes; they join those of `openapi_schemas`
RULE_SCHEMAS: dict[str, Schema] = {
    "RuleWhen": _WHEN,
    "RuleDoc": record(
        {"name": TEXT, "action": words(STATES_OF), "when": ref("RuleWhen"), "then": FREE},
        {"id": TEXT, "cap": WHOLE, "edit": null(WHOLE)}, strict=True,
    ),
    "TriedCase": _TRIED,
    "RuleTrial": _TRIAL,
    "Rule": record({**_RULE, **_STANDING}),
    "Rules": record({
        "rules": array(record({**_RULE, **_STANDING, "today": record({"concerned": WHOLE, "bounced": WHOLE})})),
        "limits": record({"bounce_share": NUMBER, "bounce_least": WHOLE}), "server_time": TIME}),
    "RuleTry": record({}, {"days": WHOLE}, strict=True),
    "RuleSwitch": record({"active": FLAG}, {"why": TEXT}, strict=True),
    "RuleDays": record({
        "days": array(record({"day": TEXT, "applied": WHOLE, "refused": WHOLE, "bounced": WHOLE, "reworked": WHOLE})),
        "acts": array(_ACT)}),
    "Meeting": _MEETING,
    "RefereeArea": record({"code": TEXT, "name": TEXT, "street": TEXT, "street_name": TEXT, "distance_m": NUMBER,
                           "outline": array(array(array(NUMBER)))}),
    "Referee": record({
        "case_id": UUID, "number": null(TEXT), "state": TEXT, "lead_dept": null(TEXT), "round": WHOLE,
        "bounces": array(record({"giver": TEXT, "taker": TEXT, "at": TIME, "returned": FLAG, "by": TEXT,
                                 "reason": TEXT, "basis": TEXT, "answer": TEXT})),
        "limit": WHOLE, "due": FLAG,
        "meeting": record({"asked": null(ref("Meeting")), "decided": null(ref("Meeting"))}),
        "duty": array(record({"condition": WHOLE, "text": TEXT, "limit": TEXT, "dept": null(TEXT), "own": FLAG,
                              "chosen": FLAG})),
        "units": array(record({"dept": TEXT, "received": WHOLE, "returned": WHOLE, "handled": WHOLE,
                               "in_time": WHOLE, "usual_s": null(NUMBER)})),
        "ground": null(_GROUND),
        "precedents": array(record({
            "case_id": UUID, "number": null(TEXT), "distance_m": NUMBER, "days_ago": WHOLE, "address": TEXT,
            "condition": null(WHOLE), "units": array(TEXT), "final": null(TEXT), "returned": WHOLE,
            "reworked": WHOLE})),
        "handled": _COUNTED,
        "pairs": array(record({"giver": TEXT, "taker": TEXT, "bounces": WHOLE, "back": WHOLE, "passed_on": WHOLE,
                               "open": WHOLE, "ended": _COUNTED})),
        "days": WHOLE, "server_time": TIME}),
    "Meetings": record({
        "cases": array(record({"case": ref("Case"), "bounces": WHOLE, "last_at": null(TIME),
                               "asked": null(ref("Meeting")), "decided": null(ref("Meeting"))})),
        "limit": WHOLE, "server_time": TIME}),
}  # fmt: skip
