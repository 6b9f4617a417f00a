"""The shapes of the contract as JSON Schema, for `openapi.json`."""

from __future__ import annotations

from typing import Any

from services.backend.field.judging import REFUSALS
from services.backend.field.things import CAMERA_STATES, STATUSES
from services.domain.clocks import CLOCKS
from services.domain.handover import KINDS as HANDOVER_KINDS
from services.domain.handover import POSTS
from services.domain.lifecycle import ACTIONS, ADDITIVE
from services.domain.limits import UNITS
from services.domain.payloads import KINDS, PAYLOADS
from services.domain.roles import ROLES
from services.domain.states import STAGES, STATES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
UUID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}
SHA: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
FREE: Schema = {"type": "object", "additionalProperties": True}


def null(schema: Schema) -> Schema:
    """Return a schema that also takes null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def words(values: Any) -> Schema:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(values)}


def record(
    required: dict[str, Schema], optional: dict[str, Schema] | None = None, *, strict: bool = False
) -> Schema:
    """Return the schema of an object."""
    made: Schema = {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }
    return {**made, "additionalProperties": False} if strict else made


def _payload_lines() -> str:
    """Return the fields of every action's payload, in words."""
    lines = []
    for action, (needed, optional) in PAYLOADS.items():
        fields = ", ".join([*needed, *(f"[{name}]" for name in optional)]) or "{}"
        kind = "additive" if action in ADDITIVE else "exclusive"
        lines.append(f"- `{action}` ({kind}): {fields}")
    return "Fields in brackets are optional.\n" + "\n".join(lines)


_ACTOR = record({"id": TEXT, "name": TEXT, "role": TEXT})
_LIMIT = record({"amount": NUMBER, "unit": words(UNITS)})
_EXTENSION = record({"amount": NUMBER, "unit": words(UNITS), "at": null(TIME)})
_PERSON = record({"id": TEXT, "name": TEXT})
_HANDOVER: dict[str, Schema] = {
    "n": WHOLE, "handover_id": UUID, "area_code": TEXT, "post": words(POSTS), "from": _PERSON, "at": TIME,
    "said_at": TIME, "began_at": TIME, "hash": SHA,
}  # fmt: skip
_MARK: dict[str, Schema] = {
    "mark_id": UUID, "last4": TEXT, "reason": TEXT, "calls": WHOLE, "until": TIME, "by": _PERSON, "at": TIME,
}  # fmt: skip
_REASON = null(record({"code": TEXT, "title": TEXT}))
_CHANGE: dict[str, Schema] = {
    "seq": null(WHOLE), "case_id": UUID, "version": WHOLE, "xver": WHOLE, "action": words(ACTIONS), "actor": _ACTOR,
    "at": TIME, "command_id": UUID, "payload": FREE,
}  # fmt: skip
_CASE: dict[str, Schema] = {
    "case_id": UUID, "number": null(TEXT), "kind": words(KINDS), "source": TEXT, "state": words(STATES),
    "stage": null(words([*STAGES, None])), "category": null(TEXT), "condition": null(WHOLE), "description": TEXT,
    "location": record({"lon": null(NUMBER), "lat": null(NUMBER), "address": TEXT}), "grid": null(TEXT),
    "area_path": array(TEXT), "urgent": FLAG, "level": {"type": "integer", "minimum": 0, "maximum": 3},
    "lead_dept": null(TEXT), "co_depts": array(TEXT),
    "owner": record({"role": null(TEXT), "dept": null(TEXT), "user": null(TEXT)}), "clocks": array(ref("Clock")),
    "due_at": null(TIME),
    "counts": record({name: WHOLE for name in ("rework", "return", "extension", "suspend", "supervise", "urge")}),
    "round": WHOLE, "parent": null(UUID), "flags": array(TEXT),
    "upper": null(record({"id": null(TEXT), "due_at": null(TIME)})), "caller_masked": null(TEXT),
    "created_at": TIME, "closed_at": null(TIME), "version": WHOLE, "xver": WHOLE, "need_callback": FLAG,
    "assignee": null(TEXT), "reporter": null(TEXT), "pending": FREE, "marks": array(TEXT),
}  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "Problem": record(
        {"type": TEXT, "status": WHOLE, "code": TEXT, "title": TEXT, "detail": null(TEXT), "fields": FREE,
         "trace_id": TEXT}
    ),
    "Clock": record(
        {"clock": words(CLOCKS), "started_at": TIME, "due_at": null(TIME), "remaining_s": null(WHOLE),
         "paused": FLAG, "limit": _LIMIT, "extensions": array(_EXTENSION), "pauses": array(FREE),
         "stopped_at": null(TIME), "fixed_due": null(TIME), "fixed_at": null(TIME)}
    ),
    "Case": record(_CASE),
    "FullCase": record(
        {**_CASE, "timeline": array(record(_CHANGE)), "attachments": array(ref("Attachment")),
         "allowed": array(words(ACTIONS)), "server_time": TIME}
    ),
    "Attachment": record({"sha256": SHA, "size": WHOLE, "mime": TEXT, "at": TIME}),
    "Change": record({**_CHANGE, "left_scope": FLAG}, {"case": ref("Case")}),
    "Command": {
        **record(
            {"command_id": UUID, "case_id": UUID, "action": words(ACTIONS),
             "payload": {**FREE, "description": _payload_lines()}},
            {"base_xver": null(WHOLE), "seen_at": null(TIME), "payload_v": {"type": "integer", "enum": [1]},
             "console_id": null(TEXT), "console_n": null(WHOLE), "client_time": null(TEXT)},
            strict=True,
        ),
        "description": "base_xver and seen_at are needed by exclusive actions on a case.",
    },
    "Outcome": record(
        {"command_id": UUID, "case_id": UUID,
         "outcome": words(("applied", "conflict", "rejected", "needs_confirm")), "version": null(WHOLE),
         "xver": null(WHOLE), "number": null(TEXT), "decided_at": TIME, "case": null(ref("Case")),
         "reason": _REASON,
         "winner": null(record({"actor": _ACTOR, "at": TIME, "action": words(ACTIONS), "summary": TEXT}))}
    ),
    "Invalid": record({"command_id": null(UUID), "outcome": words(("invalid",)), "problem": ref("Problem")}),
    "Batch": record({"commands": {**array(FREE), "maxItems": 200}}, strict=True),
    "Outcomes": record({"outcomes": array({"anyOf": [ref("Outcome"), ref("Invalid")]})}),
    "Changes": record({"epoch": UUID, "changes": array(ref("Change")), "next": WHOLE, "head": WHOLE,
                       "server_time": TIME}),
    "Snapshot": record({"as_of_seq": WHOLE, "epoch": UUID, "cases": array(ref("Case")), "next_page": null(TEXT),
                        "total": WHOLE, "server_time": TIME}),
    "Digest": record({"as_of": WHOLE, "epoch": UUID,
                      "buckets": {**array(record({"count": WHOLE, "xor": TEXT})), "minItems": 256, "maxItems": 256}}),
    "Cases": record({"cases": array(ref("Case")), "next_cursor": null(TEXT), "server_time": TIME}),
    "User": record({"id": TEXT, "name": TEXT, "roles": array(words(ROLES)), "area_code": null(TEXT),
                    "dept": null(TEXT)}),
    "SignIn": record({"username": TEXT, "password": TEXT}, {"console_id": null(TEXT)}, strict=True),
    "Session": record({"token": TEXT, "user": ref("User"), "expires_at": TIME, "must_change_password": FLAG,
                       "last_login": null(TIME), "failed_since": WHOLE}),
    "Me": record({"user": ref("User"), "expires_at": TIME, "must_change_password": FLAG, "last_login": null(TIME),
                  "failed_since": WHOLE}),
    "NewPassword": record({"old": TEXT, "new": TEXT}, strict=True),
    "Meta": record({"feed_epoch": UUID, "server_version": TEXT, "contract": WHOLE, "server_time": TIME,
                    "centre": record({"code": TEXT, "name": TEXT})}),
    "Reference": record({"categories": array(FREE), "departments": array(FREE), "roster": array(FREE),
                         "calendar": FREE, "windows": array(FREE), "sources": array(FREE), "settings": FREE,
                         "kpis": array(FREE), "version": TEXT, "rules_version": WHOLE},
                        {"field": FREE, "silence": FREE, "map_sources": array(FREE), "kpi_measures": array(FREE),
                         "kpi_settings": FREE}),
    "Figures": record({"rows": array(ref("Figure")), "from": TEXT, "to": TEXT, "group_by": TEXT, "behind": WHOLE},
                      {"means": FREE}),
    "Figure": record({"id": TEXT, "group": null(TEXT), "numerator": null(NUMBER), "denominator": null(NUMBER),
                      "value": null(NUMBER), "unit": TEXT, "definition_version": TEXT},
                     {"previous": FREE, "last_year": FREE, "without_windows": FREE}),
    "FigureCases": record({"id": TEXT, "side": TEXT, "definition_version": TEXT, "from": TEXT, "to": TEXT,
                           "cases": array(ref("Case")), "total": WHOLE, "sum": NUMBER, "next_cursor": null(TEXT)}),
    "Areas": record({"type": words(("FeatureCollection",)), "features": array(FREE)}),
    "Reason": record({"reason": TEXT}, strict=True),
    "Caller": record({"case_id": UUID, "name": null(TEXT), "phone": null(TEXT), "callers": array(FREE)}),
    "SimilarQuery": record({"lon": NUMBER, "lat": NUMBER}, {"category": null(TEXT), "text": TEXT}, strict=True),
    "Similar": record({"candidates": array(record(
        {"case_id": UUID, "number": null(TEXT), "distance_m": NUMBER, "age_s": WHOLE, "score": NUMBER,
         "likely": FLAG, "why": array(TEXT), "case": ref("Case")}))}),
    "ClaimKind": record({}, {"kind": words(("hold", "look"))}, strict=True),
    "Claim": record({"case_id": UUID, "user": record({"id": TEXT, "name": TEXT}), "kind": words(("hold", "look")),
                     "since": TIME, "at": TIME}),
    "Claimed": record({"case_id": UUID, "lapses_after_s": WHOLE, "claims": array(ref("Claim"))}),
    "Presence": record({"claims": array(ref("Claim")), "silent": array(ref("Claim")), "server_time": TIME}),
    "GridActivity": record({"days": WHOLE, "as_of": TIME, "grids": array(record(
        {"code": TEXT, "reports": WHOLE, "last_at": null(TIME)}))}),
    "Experience": record({"seq": WHOLE, "units": array(array(FREE)), "right": array(array(FREE)),
                          "filed": array(array(FREE))}),
    "Components": record({"components": array(record(
        {"code": TEXT, "category": TEXT, "name": TEXT, "dept": null(TEXT), "maintainer": TEXT,
         "status": words(STATUSES), "lon": NUMBER, "lat": NUMBER, "grid": TEXT, "address": TEXT})),
        "next_cursor": null(TEXT), "version": WHOLE}),
    "Cameras": record({"cameras": array(record(
        {"code": TEXT, "name": TEXT, "lon": NUMBER, "lat": NUMBER, "heading": null(NUMBER),
         "state": words(CAMERA_STATES), "grid": TEXT})), "version": WHOLE}),
    "Officers": record({"officers": array(record(
        {"user": TEXT, "name": TEXT, "role": words(ROLES), "area_code": TEXT, "on_duty": FLAG, "at": null(TIME),
         "lon": null(NUMBER), "lat": null(NUMBER), "accuracy_m": null(NUMBER), "grid": TEXT})),
        "lost_after_s": NUMBER, "server_time": TIME}),
    "Track": record({"user": record({"id": TEXT, "name": TEXT}), "from": TIME, "to": TIME, "points": array(record(
        {"at": TIME, "lon": NUMBER, "lat": NUMBER, "accuracy_m": null(NUMBER)})), "server_time": TIME}),
    "Positions": record({"points": {**array(record(
        {"at": TIME, "lon": NUMBER, "lat": NUMBER}, {"accuracy_m": NUMBER}, strict=True)), "maxItems": 500}},
        strict=True),
    "PositionsTaken": record({"taken": WHOLE, "known": WHOLE, "refused": array(record(
        {"index": WHOLE, "code": words(REFUSALS), "title": TEXT}))}),
    "Stored": record({"sha256": SHA, "size": WHOLE}),
    "HandoverFacts": record({
        "as_of_seq": WHOLE, "server_time": TIME, "claims": array(ref("Claim")),
        "contacts": array(record({"case_id": UUID, "number": null(TEXT), "address": TEXT, "at": TIME,
                                  "reached": FLAG, "text": TEXT, "by": TEXT})),
        "callbacks": array(record({"case_id": UUID, "number": null(TEXT), "address": TEXT, "due_at": null(TIME)}))}),
    "HandoverLine": record(
        {"kind": words(HANDOVER_KINDS), "text": TEXT},
        {"case_id": null(UUID), "number": null(TEXT), "due_at": null(TIME), "remark": TEXT}, strict=True),
    "HandoverBrief": record(
        {"handover_id": UUID, "post": words(POSTS), "began_at": TIME, "drafted_at": TIME, "said_at": TIME,
         "lines": array(ref("HandoverLine")), "remarks": TEXT}, strict=True),
    "HandoverSign": record({}, {"note": TEXT, "username": TEXT, "password": TEXT}, strict=True),
    "Handover": record({
        **_HANDOVER, "drafted_at": TIME, "lines": array(ref("HandoverLine")), "remarks": TEXT, "prev_hash": SHA,
        "taken_over": null(record({"id": TEXT, "name": TEXT, "at": TIME, "note": TEXT, "moved": array(UUID),
                                   "hash": SHA}))}),
    "Handovers": record({
        "handovers": array(record({**_HANDOVER, "counts": FREE,
                                   "taken_over": null(record({"id": TEXT, "name": TEXT, "at": TIME}))})),
        "next_before": null(WHOLE), "server_time": TIME}),
    "CallerNumber": record({"phone": TEXT}, strict=True),
    "NewCallerMark": record({"reason": TEXT, "days": WHOLE}, {"phone": TEXT, "case_id": UUID}, strict=True),
    "CallerMark": record(_MARK),
    "CallerMatch": record({"mark": null(record(_MARK)), "calls_30d": WHOLE}),
    "CallerMarks": record({"marks": array(ref("CallerMark")), "server_time": TIME}),
    "Status": record({"status": TEXT}),
}  # fmt: skip
