"""What each action's payload holds (contract section 5), as a table, and the one function that checks it.

A payload of the wrong shape is never valid: the centre answers 4xx, the console shows the sentence at the
field. Whether a well-formed payload is *allowed* is decided in `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.domain import fields as f
from services.domain.errors import PayloadError

KINDS = ("component", "event", "grid", "hotline", "service")

_reason = f.text(1, 1000)
_note = f.text(0, 2000)
_long = f.text(1)
_caller = f.record({}, {"name": f.text(0, 60), "phone": f.text(0, 300)})
_coordinates = {"lon": f.number(-180, 180), "lat": f.number(-90, 90)}
_location = f.record(_coordinates, {"address": f.text(0, f.NAME_MAX)})
_callback = f.record(
    {"reached": f.flag}, {"solved": f.flag, "satisfaction": f.whole(1, 5), "text": f.text(0, 2000)}
)
_part = f.record({"case_id": f.uuid, "description": _long}, {"category": f.ident, "location": _location})

Fields = dict[str, f.Check]

#: action -> (required fields, optional fields)
PAYLOADS: dict[str, tuple[Fields, Fields]] = {
    "register": (
        {"kind": f.one_of(*KINDS), "source": f.ident, "description": _long, "location": _location},
        {
            "category": f.ident,
            "caller": _caller,
            "ticket": f.open_record,
            "need_callback": f.flag,
            "confidential": f.flag,
            "urgent": f.flag,
            "level": f.whole(0, 3),
            "upper_id": f.text(1, 64),
            "upper_due": f.moment,
        },
    ),
    # never sent over HTTP: the importer's own facts, with the source's times and state
    "import": (
        {
            "kind": f.one_of(*KINDS),
            "source": f.ident,
            "description": f.text(0),
            "state": f.ident,
            "at": f.moment,
        },
        {
            "location": _location,
            "address": f.text(0, f.NAME_MAX),
            "category": f.ident,
            "condition": f.whole(0, 999),
            "lead_dept": f.ident,
            "due_at": f.moment,
            "closed_at": f.moment,
            "external_id": f.text(1, 100),
            "note": _note,
        },
    ),
    "accept": ({}, {}),
    "send_verify": ({}, {"to": f.ident}),
    "verify_result": (
        {"result": f.one_of("true", "false", "not_found")},
        {"note": _note, "photos": f.photos},
    ),
    "reject": ({"reason": _reason}, {}),
    "file": ({"category": f.ident, "condition": f.whole(0, 999)}, {}),
    "self_close": ({"result": _long}, {"photos": f.photos}),
    "dispatch": ({"lead_dept": f.ident}, {"co_depts": f.listed(f.ident, 20), "note": _note}),
    "recall": ({"reason": _reason}, {}),
    "redispatch": (
        {"lead_dept": f.ident, "reason": _reason},
        {"co_depts": f.listed(f.ident, 20), "note": _note},
    ),
    "return_to_filing": ({"reason": _reason}, {}),
    "amend": (
        {"reason": _reason},
        {
            "category": f.ident,
            "condition": f.whole(0, 999),
            "location": _location,
            "description": _long,
            "kind": f.one_of(*KINDS),
        },
    ),
    "adjust_limit": ({"due_at": f.moment, "reason": _reason, "basis": _reason}, {}),
    "sign": ({}, {}),
    "return_case": ({"reason": _reason, "basis": _reason}, {}),
    "assign": ({"to": f.ident_or_null}, {}),
    "feed_back": (
        {"result": _long},
        {"public_reply": _note, "photos": f.photos, "solved": f.flag, "outside_duty": f.flag},
    ),
    "co_reply": ({"text": _long}, {"photos": f.photos}),
    "contact_citizen": ({"at": f.moment, "reached": f.flag, "text": _note}, {}),
    "send_check": ({}, {}),
    "rework": ({"reason": _reason}, {}),
    "check_pass": ({}, {"photos": f.photos, "note": _note}),
    "check_fail": ({"reason": _reason}, {"photos": f.photos}),
    "close": ({"closing_condition": f.text(1, 500)}, {"callback": _callback}),
    "cancel": ({"reason": _reason}, {"duplicate_of": f.uuid}),
    "split": ({"parts": f.listed(_part, 20, 1)}, {}),
    "link": ({"to": f.uuid, "relation": f.text(1, 40)}, {}),
    "apply_extension": ({"reason": _reason}, {"amount": f.limit_amount, "unit": f.unit}),
    "decide_extension": ({"approve": f.flag}, {"note": _note}),
    "apply_suspend": ({"until": f.moment, "reason": _reason}, {}),
    "decide_suspend": ({"approve": f.flag}, {"note": _note}),
    "resume": ({}, {}),
    "reopen": ({"reason": _reason}, {}),
    "appeal": ({"reason": _reason}, {}),
    "decide_appeal": ({"approve": f.flag}, {"note": _note}),
    "supervise": (
        {
            "kind": f.one_of("timeout", "leader", "key"),
            "level": f.whole(1, 3),
            "reason": _reason,
            "need_reply": f.flag,
        },
        {},
    ),
    "reply_supervise": ({"text": _long}, {}),
    "urge": ({"text": _reason}, {}),
    "flag_urgent": ({}, {}),
    "log_call": ({}, {}),
    "callback": ({"reached": f.flag}, {"solved": f.flag, "satisfaction": f.whole(1, 5), "text": _note}),
    "comment": ({"text": _long}, {}),
    "attach": (
        {
            "sha256": f.sha256,
            "name": f.text(1, f.NAME_MAX),
            "mime": f.text(1, 100),
            "size": f.whole(0, 20 * 1024 * 1024),
        },
        {},
    ),
    "archive": ({}, {}),
}

#: fields that name a person: kept apart from the log, masked in it
PERSONAL = ("name", "phone", "caller_name", "caller_phone", "caller_id_no", "company_name")


def check_payload(action: str, payload: Any) -> dict[str, Any]:
    """Return the cleaned payload of an action (a new dict; times in UTC, texts trimmed).

    Raises PayloadError with a sentence a field for a wrong shape, KeyError for an unknown action.
    """
    if action == "log_call":
        return _check_call(payload)
    required, optional = PAYLOADS[action]
    if not isinstance(payload, dict):
        raise PayloadError({"payload": "应为对象"})
    wrong: dict[str, str] = {
        str(key)[:40]: "不认识的字段" for key in payload if key not in {*required, *optional}
    }
    cleaned: dict[str, Any] = {}
    for name, check in (*required.items(), *optional.items()):
        if name not in payload:
            if name in required:
                wrong[name] = "不能缺少"
            continue
        if payload[name] is None and name in optional:
            continue  # null says the same as leaving an optional field out
        try:
            cleaned[name] = check(payload[name])
        except f.Bad as bad:
            wrong[name + bad.at] = str(bad)
    if wrong:
        raise PayloadError(wrong)
    return cleaned


def _check_call(payload: Any) -> dict[str, Any]:
    """Check `log_call`: free facts of the call, and a caller who joins the case."""
    if not isinstance(payload, dict):
        raise PayloadError({"payload": "应为对象"})
    facts = {key: value for key, value in payload.items() if key != "caller"}
    try:
        cleaned = f.open_record(facts)
        if "caller" in payload:
            cleaned["caller"] = _caller(payload["caller"])
    except f.Bad as bad:
        raise PayloadError({bad.at.lstrip(".") or "payload": str(bad)}) from None
    return cleaned


def locations_in(case_id: str, payload: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return every point a cleaned payload names, by the case it belongs to, as (lon, lat)."""
    found: dict[str, tuple[float, float]] = {}
    if "location" in payload:
        found[case_id] = (payload["location"]["lon"], payload["location"]["lat"])
    for part in payload.get("parts", ()):
        if "location" in part:
            found[part["case_id"]] = (part["location"]["lon"], part["location"]["lat"])
    return found


def photos_in(payload: Mapping[str, Any]) -> frozenset[str]:
    """Return every attachment hash a cleaned payload names."""
    named = payload.get("photos", ())
    single = payload.get("sha256")
    return frozenset(named) | ({single} if single else frozenset())
