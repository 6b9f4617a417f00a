"""The committed `openapi.json`: made from the table of routes and the shapes beside it.

`python -m services.backend.http.openapi` writes the file anew; a test holds it to the code.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI

from services.backend.http.openapi_calls import CALL_SCHEMAS
from services.backend.http.openapi_filters import FILTER_SCHEMAS
from services.backend.http.openapi_kpi import KPI_SCHEMAS
from services.backend.http.openapi_rules import RULE_SCHEMAS
from services.backend.http.openapi_schemas import (
    FREE,
    SHA,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    Schema,
    ref,
    words,
)
from services.backend.http.openapi_schemas import SCHEMAS as BASE
from services.backend.problems import MEDIA_TYPE
from services.domain.codes import LEVELS

#: every named shape
SCHEMAS: dict[str, Schema] = {**BASE, **CALL_SCHEMAS, **FILTER_SCHEMAS, **KPI_SCHEMAS, **RULE_SCHEMAS}
PATH = Path(__file__).resolve().parent.parent / "openapi.json"


class Route(NamedTuple):
    """One operation: what it gives, what it takes, how else it may answer."""

    method: str
    path: str
    summary: str
    gives: str
    takes: str = ""
    query: tuple[tuple[str, Schema], ...] = ()
    status: int = 200
    refusals: tuple[int, ...] = ()
    signed_in: bool = True


_PAGE = (("limit", WHOLE),)
_SEARCH = tuple(
    (name, TEXT)
    for name in (
        "state",
        "stage",
        "dept",
        "area",
        "category",
        "source",
        "q",
        "overdue",
        "from",
        "to",
        "order",
        "cursor",
    )
)
_FIGURES = (
    ("from", TEXT), ("to", TEXT), ("area", TEXT),
    ("group_by", words(("none", "dept", "area", "category", "source", "post", "day", "week", "month"))),
)  # fmt: skip
_LEVEL = ("level", words(LEVELS))
_BODY = (400, 413, 415, 422)
_HERE = (404,)

#: every operation the centre answers; a test compares it with the routes of the application
ROUTES = (
    Route("get", "/v1/meta", "Who this centre is and what time it has", "Meta", signed_in=False),
    Route("post", "/v1/session", "Sign in", "Session", "SignIn", refusals=(401, *_BODY), signed_in=False),
    Route("delete", "/v1/session", "Sign out", "", status=204),
    Route("get", "/v1/me", "Who is signed in", "Me"),
    Route("post", "/v1/me/password", "Change the own password", "", "NewPassword", status=204, refusals=_BODY),
    Route("get", "/v1/reference", "Reference data of the centre (ETag)", "Reference", refusals=(304, 422)),
    Route("get", "/v1/areas", "Areas of a level as GeoJSON (ETag)", "Areas", query=(_LEVEL,), refusals=(304, 422)),
    Route("post", "/v1/commands", "Give one command", "Outcome", "Command", refusals=_BODY),
    Route("post", "/v1/commands/batch", "Give up to 200 commands", "Outcomes", "Batch", refusals=_BODY),
    Route(
        "get", "/v1/changes", "The feed: changes after a number", "Changes",
        query=(("epoch", TEXT), ("since", WHOLE), *_PAGE, ("wait", WHOLE)), refusals=(409, 422),
    ),
    Route("get", "/v1/snapshot", "One page of the open cases in scope", "Snapshot",
          query=(("page", TEXT), *_PAGE), refusals=(409, 422)),
    Route("get", "/v1/digest", "Digest of the open cases in scope", "Digest", query=(("as_of", WHOLE),),
          refusals=(409, 422)),
    Route("get", "/v1/cases", "Search over all cases in scope", "Cases", query=(*_SEARCH, *_PAGE), refusals=(422,)),
    Route("post", "/v1/cases/similar", "Cases that may be about the same thing", "Similar", "SimilarQuery",
          refusals=_BODY),
    Route("get", "/v1/cases/{case_id}", "One case in full", "FullCase", refusals=_HERE),
    Route("post", "/v1/cases/{case_id}/caller", "The caller's full name and phone; audited", "Caller", "Reason",
          refusals=(*_HERE, *_BODY)),
    Route("put", "/v1/cases/{case_id}/claim", "Hold or look at a case", "Claimed", "ClaimKind",
          refusals=(*_HERE, *_BODY)),
    Route("delete", "/v1/cases/{case_id}/claim", "Take a claim back", "", status=204, refusals=_HERE),
    Route("get", "/v1/presence", "Who holds or looks at what", "Presence", refusals=(422,)),
    Route("put", "/v1/attachments/{sha256}", "Store bytes under their hash", "Stored", "bytes", status=201,
          refusals=(200, *_HERE, *_BODY)),
    Route("get", "/v1/attachments/{sha256}", "The bytes of an attachment", "bytes", refusals=_HERE),
    Route("get", "/v1/grids/activity", "Reports of 90 days and the last report of every grid in scope (ETag)",
          "GridActivity", refusals=(304, 422)),
    Route("get", "/v1/components", "Components (部件) in scope, paged (ETag)", "Components",
          query=(("area", TEXT), ("cursor", TEXT), *_PAGE), refusals=(304, 422)),
    Route("get", "/v1/cameras", "Cameras in scope (ETag)", "Cameras", refusals=(304, 422)),
    Route("get", "/v1/officers", "Where the people in the field were last heard of (ETag)", "Officers",
          refusals=(304, 422)),
    Route("get", "/v1/officers/{user}/track", "A person's way within a day, working hours only; audited", "Track",
          query=(("from", TIME), ("to", TIME)), refusals=(*_HERE, 422)),
    Route("post", "/v1/positions", "Send up to 500 positions of one's own", "PositionsTaken", "Positions",
          refusals=_BODY),
    Route("get", "/v1/experience", "What the log teaches of units: right ones, returns, handling times (ETag)",
          "Experience", refusals=(304, *_HERE, 422)),
    Route("get", "/v1/filters", "Saved filters: the own ones and those shared with one's posts (ETag)",
          "SavedFilters", refusals=(304, 422)),
    Route("put", "/v1/filters/{filter_id}", "Keep a filter of one's own; shared ones are audited", "SavedFilter",
          "SavedFilterDoc", refusals=(*_HERE, 409, *_BODY)),
    Route("delete", "/v1/filters/{filter_id}", "Take a filter away", "", status=204, refusals=_HERE),
    Route("get", "/v1/handovers/facts", "What the log knows for a hand-over brief", "HandoverFacts", refusals=(422,)),
    Route("post", "/v1/handovers", "Hand the shift over: a brief signed by the caller", "Handover", "HandoverBrief",
          refusals=(409, *_BODY)),
    Route("get", "/v1/handovers", "The last hand-overs of the area", "Handovers",
          query=(*_PAGE, ("before", WHOLE), ("unsigned", TEXT)), refusals=(422,)),
    Route("get", "/v1/handovers/{handover_id}", "One hand-over in full", "Handover", refusals=_HERE),
    Route("post", "/v1/handovers/{handover_id}/sign", "Take the shift over; claims move", "Handover", "HandoverSign",
          refusals=(*_HERE, 409, *_BODY)),
    Route("post", "/v1/marked-callers/match", "The mark of a number, if one holds", "CallerMatch", "CallerNumber",
          refusals=_BODY),
    Route("get", "/v1/marked-callers", "The marks that hold", "CallerMarks", refusals=(422,)),
    Route("post", "/v1/marked-callers", "Mark a number or the caller of a case; audited", "CallerMark",
          "NewCallerMark", status=201, refusals=(*_HERE, *_BODY)),
    Route("delete", "/v1/marked-callers/{mark_id}", "Take a mark off; audited", "", status=204, refusals=_HERE),
    Route("get", "/v1/rules", "Automatic rules of the area: switches, last trials, figures of today", "Rules",
          refusals=(*_HERE, 422)),
    Route("get", "/v1/rules/{rule_id}", "One automatic rule with the cases of its last trial", "Rule",
          refusals=(*_HERE, 422)),
    Route("put", "/v1/rules/{rule_id}", "Make or change a rule; that switches it off; audited", "Rule", "RuleDoc",
          refusals=(*_HERE, 409, *_BODY)),
    Route("post", "/v1/rules/{rule_id}/try", "Try a rule on history; audited", "Rule", "RuleTry",
          refusals=(*_HERE, 409, *_BODY)),
    Route("post", "/v1/rules/{rule_id}/switch", "Switch a rule on (only when tried since its edit) or off; audited",
          "Rule", "RuleSwitch", refusals=(*_HERE, 409, *_BODY)),
    Route("get", "/v1/rules/{rule_id}/days", "What a rule did by day, what came back, and its last acts", "RuleDays",
          refusals=(*_HERE, 422)),
    Route("get", "/v1/cases/{case_id}/referee", "What log, duty table and ground say of whose a case is", "Referee",
          refusals=(*_HERE, 422)),
    Route("get", "/v1/meetings", "Cases that wait for a joint meeting of units", "Meetings", refusals=(*_HERE, 422)),
    Route("post", "/v1/calls/reports", "What the telephone of a seat saw", "CallsTaken", "CallReports", refusals=_BODY),
    Route("get", "/v1/calls", "The calls that changed after a rev", "Calls", query=(("rev", WHOLE), *_PAGE),
          refusals=(422,)),
    Route("post", "/v1/calls/bind", "Tie a call to a case", "Call", "CallBind", refusals=(*_HERE, *_BODY)),
    Route("post", "/v1/calls/close", "Say why a call became no case", "Call", "CallClose",
          refusals=(*_HERE, 409, *_BODY)),
    Route("post", "/v1/calls/back", "Note that a missed caller was called back", "Call", "CallBack",
          refusals=(*_HERE, 409, *_BODY)),
    Route("post", "/v1/calls/number", "The full number of a call; audited", "CallPhone", "CallClose",
          refusals=(*_HERE, *_BODY)),
    Route("post", "/v1/calls/history", "The last cases and calls of the same number", "CallHistory", "CallOne",
          refusals=(*_HERE, *_BODY)),
    Route("put", "/v1/seats/me", "Say how the own seat stands", "SeatSaid", "SeatState", refusals=_BODY),
    Route("get", "/v1/seats", "How every seat of the hotline stands", "Seats", refusals=(422,)),
    Route("get", "/v1/kpi", "Figures of a period in scope, with the version of their definitions", "Figures",
          query=(("ids", TEXT), *_FIGURES, ("compare", TEXT), ("windows", TEXT)), refusals=(422,)),
    Route("get", "/v1/kpi/{kpi_id}/cases", "The very cases behind one side of a figure", "FigureCases",
          query=(("side", words(("numerator", "denominator"))), *_FIGURES, ("group", TEXT), ("windows", TEXT),
                 ("cursor", TEXT), *_PAGE), refusals=(*_HERE, 422)),
    Route("post", "/v1/windows", "Declare an exclusion window, or move the end of one", "Window", "WindowDoc",
          status=201, refusals=(403, 409, *_BODY)),
    Route("post", "/v1/kpi/entries", "Enter a number the log cannot know", "KpiEntry", "KpiEntryDoc", status=201,
          refusals=(403, *_BODY)),
    Route("get", "/v1/kpi/months/{month}", "A month of evaluation as it stands", "KpiMonth", refusals=(*_HERE, 422)),
    Route("post", "/v1/kpi/months/{month}", "Compute, publish, score again, sign or freeze a month", "KpiMonth",
          "KpiMonthStep", refusals=(403, *_HERE, 409, *_BODY)),
    Route("post", "/v1/kpi/months/{month}/objections", "Object to a figure of one's own unit", "KpiObjection",
          "KpiObjectionDoc", status=201, refusals=(403, *_HERE, 409, *_BODY)),
    Route("post", "/v1/kpi/objections/{objection_id}", "Decide an objection", "KpiObjection", "KpiDecision",
          refusals=(403, *_HERE, 409, *_BODY)),
    Route("get", "/healthz", "Alive", "Status", signed_in=False, refusals=_HERE),
    Route("get", "/readyz", "Ready", "Status", signed_in=False, refusals=_HERE),
    Route("get", "/metrics", "Counts in Prometheus' text form", "text", signed_in=False, refusals=_HERE),
    Route("get", "/openapi.json", "This document", "Any", signed_in=False),
)  # fmt: skip


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every operation an application answers, as its own table of routes has them."""
    paths = app.openapi()["paths"]
    return sorted((method.upper(), path) for path, methods in paths.items() for method in methods)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "griddesk centre",
            "version": "1",
            "description": "The contract between console and centre. Additions never change what is here.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {"summary": route.summary, "responses": _responses(route)}
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": name == "level" or route.path.endswith("/track"),
            "schema": schema,
        }
        for name, schema in route.query
    ]
    for name, schema in (
        ("case_id", UUID),
        ("sha256", SHA),
        ("user", TEXT),
        ("handover_id", UUID),
        ("mark_id", UUID),
        ("rule_id", TEXT),
        ("filter_id", UUID),
        ("kpi_id", TEXT),
        ("month", TEXT),
        ("objection_id", UUID),
    ):
        if f"{{{name}}}" in route.path:
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    if parameters:
        made["parameters"] = parameters
    if route.takes:
        made["requestBody"] = {
            "required": route.takes not in ("ClaimKind", "HandoverSign"),
            "content": _content(route.takes),
        }
    if route.signed_in:
        made["security"] = [{"token": []}]
    return made


def _content(name: str) -> dict[str, Any]:
    if name == "bytes":
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    if name == "text":
        return {"text/plain": {"schema": TEXT}}
    if name == "Any":
        return {"application/json": {"schema": FREE}}
    media = "application/geo+json" if name == "Areas" else "application/json"
    return {media: {"schema": ref(name)}}


def _responses(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {str(route.status): {"description": "as asked"}}
    if route.gives:
        made[str(route.status)]["content"] = _content(route.gives)
    refusals = {
        *route.refusals,
        500,
        503,
        *((401, 403) if route.signed_in or route.path == "/v1/session" else ()),
    }
    for status in sorted(refusals):
        if status == 304:
            made["304"] = {"description": "the asker has this state already"}
        elif status < 300:
            made[str(status)] = {"description": "was there already", "content": _content(route.gives)}
        else:
            made[str(status)] = {
                "description": "problem",
                "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
            }
    return made


def text() -> str:
    """Return the document as the committed file holds it."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
