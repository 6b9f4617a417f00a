"""Shapes of the hotline's calls, for `openapi.json`."""

from __future__ import annotations

from services.backend.calls.desk import BACK
from services.backend.calls.seats import STATES
from services.backend.http.openapi_schemas import (
    FLAG,
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
from services.domain.call_story import ENDINGS, REPORTED

_WHO = record({"id": TEXT, "name": TEXT})
_BACK = record({"by": TEXT, "at": TIME, "result": words(BACK)})
CALL_SCHEMAS: dict[str, Schema] = {
    "CallReports": record({"reports": array(ref("CallReport"))}),
    "CallReport": record(
        {"call_id": TEXT, "state": words(REPORTED), "at": TIME},
        {"ending": words(ENDINGS), "caller": TEXT, "incoming": FLAG, "queue": TEXT, "recording": TEXT},
    ),
    "CallsTaken": record({"rev": WHOLE, "server_time": TIME}),
    "Call": record(
        {
            "call_id": TEXT, "rev": WHOLE, "incoming": FLAG, "queue": TEXT, "number": TEXT, "kind": TEXT,
            "hidden": FLAG, "full": FLAG, "state": words(REPORTED), "outcome": TEXT, "taker": null(TEXT),
            "mine": FLAG, "seats": array(TEXT), "began_at": TIME, "answered_at": null(TIME),
            "over_at": null(TIME), "answer_s": null(NUMBER), "case_id": null(UUID), "reason": null(TEXT),
            "recording": null(TEXT), "back": null(_BACK), "to_do": words(("", "ticket", "call_back")),
        }
    ),
    "Calls": record({"calls": array(ref("Call")), "next": WHOLE, "rev": WHOLE, "server_time": TIME}),
    "CallBind": record({"call_id": TEXT, "case_id": UUID}),
    "CallClose": record({"call_id": TEXT, "reason": TEXT}),
    "CallBack": record({"call_id": TEXT, "result": words(BACK)}),
    "CallOne": record({"call_id": TEXT}),
    "CallPhone": record({"call_id": TEXT, "phone": TEXT}),
    "CallHistory": record(
        {
            "call_id": TEXT,
            "cases": array(
                record({"case_id": UUID, "number": null(TEXT), "state": TEXT, "created_at": TIME})
            ),
            "calls": array(ref("Call")),
        }
    ),
    "SeatState": record({"state": words(STATES)}, {"extension": TEXT}),
    "SeatSaid": record({"state": words(STATES), "extension": TEXT, "server_time": TIME}),
    "Seats": record(
        {
            "seats": array(record({"user": _WHO, "state": words(STATES), "extension": TEXT, "since": TIME})),
            "server_time": TIME,
        }
    ),
}  # fmt: skip
