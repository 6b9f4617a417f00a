"""Across everything at once: who sees what, texts of every kind, answers as described, chance walks."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.backend.http import openapi
from services.domain.case import in_scope
from services.domain.ids import uuid7
from services.domain.roles import Actor
from tests.support.centre import CATEGORY, HERE, THERE, Backend, birth, command
from tests.support.log_oracle import examine

PEOPLE = (
    "acceptor1", "acceptor_street", "dispatcher1", "shift_leader1", "muni1", "sani1", "handler1", "street1",
    "supervisor1", "supervisor2", "grid_worker1", "leader1", "evaluator1", "admin1", "auditor1", "nowhere1",
)  # fmt: skip


def actor(backend: Backend, who: str) -> Actor:
    user = backend.seat(who).user
    return Actor(user["id"], user["name"], tuple(user["roles"]), user["area_code"], user["dept"])


# --- the matrix of rights --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_sees_a_foreign_case_anywhere(backend: Backend, who: str) -> None:
    """Every route that could show a case, for every kind of person, against the law's own word on scope."""
    cases = [
        backend.seat("acceptor1").register(HERE, description="矩阵甲乙"),
        backend.seat("acceptor1").register(THERE, description="矩阵甲乙"),
        backend.reach("handling", HERE, description="矩阵甲乙"),
        backend.reach("pending_sign", THERE, dept="sani", description="矩阵甲乙"),
        backend.reach("pending_sign", HERE, dept="street-990101001", description="矩阵甲乙"),
    ]
    seat, person = backend.seat(who), actor(backend, who)
    backend.settle()
    feed = {
        change["case_id"]
        for change in backend.changes(seat, 0, limit=1000)["changes"]
        if not change["left_scope"]
    }
    listed = {case["case_id"] for case in seat.get("/snapshot", limit=1000).json()["cases"]}
    found = {case["case_id"] for case in seat.get("/cases", q="矩阵甲乙", limit=500).json()["cases"]}
    near = {entry["case_id"] for spot in (HERE, THERE) for entry in _similar(seat, spot)}
    for case in cases:
        case_id = case["case_id"]
        depts = frozenset([case["lead_dept"], *case["co_depts"]]) - {None}
        mine = in_scope(person, case["grid"], depts)
        assert (case_id in listed) == (case_id in found) == mine, (who, case["lead_dept"], case["grid"])
        assert mine or (case_id not in feed and case_id not in near)
        assert seat.get(f"/cases/{case_id}").status_code == (200 if mine else 404)
        assert seat.call("PUT", f"/cases/{case_id}/claim").status_code == (200 if mine else 404)
        outcome = seat.do("flag_urgent", case)
        assert (outcome["outcome"] == "rejected" and outcome["reason"]["code"] == "not_found") == (not mine)
        if not mine:
            assert outcome["case"] is None and case["number"] not in json.dumps(outcome)
            assert seat.post(f"/cases/{case_id}/caller", {"reason": "x"}).status_code == 404


def _similar(seat: Any, spot: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = seat.post(
        "/cases/similar", {"lon": spot["lon"], "lat": spot["lat"]}
    ).json()["candidates"]
    return found


def test_what_is_allowed_is_what_is_applied(backend: Backend) -> None:
    """`allowed` names an action exactly when role and state let it through (a rule may still refuse the payload)."""
    payloads: dict[str, dict[str, Any]] = {
        "accept": {}, "reject": {"reason": "x"}, "file": {"category": CATEGORY, "condition": 0}, "sign": {},
        "dispatch": {"lead_dept": "muni"}, "recall": {"reason": "x"}, "feed_back": {"result": "x"},
        "urge": {"text": "x"}, "comment": {"text": "x"},
        "close": {"closing_condition": "x"}, "return_case": {"reason": "x", "basis": "y"},
    }  # fmt: skip
    for state in ("reported", "pending_sign"):
        for who in ("acceptor1", "shift_leader1", "muni1", "admin1"):
            case = backend.reach(state)
            seat = backend.seat(who)
            shown = seat.get(f"/cases/{case['case_id']}")
            allowed = set(shown.json()["allowed"]) if shown.status_code == 200 else set()
            for action, payload in payloads.items():
                now = backend.seat("shift_leader1").get(f"/cases/{case['case_id']}").json()
                if now["state"] != state:
                    break
                outcome = seat.do(action, now, **payload)
                refused = outcome["outcome"] == "rejected" and outcome["reason"]["code"] in (
                    "not_allowed", "illegal_state", "not_found",
                )  # fmt: skip
                assert refused == (action not in allowed), (state, who, action, outcome["reason"])


# --- texts --------------------------------------------------------------------------------------------------

_TEXT = st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip()
)
_SPECIAL = st.sampled_from(
    [
        "%_%",
        "' OR '1'='1",
        "</script><b>",
        "\u202e倒序",
        "👨‍👩‍👧‍👦",
        "１２３",
        "a\u2028b\u2029c",
        '"\\',
        "=1+1",
        "\ufeff井盖",
        "𠮷野家",
        "é",
    ]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_TEXT | _SPECIAL)
def test_what_is_stored_is_what_is_shown(backend: Backend, text: str) -> None:
    seat = backend.seat("acceptor1")
    case = seat.register({**HERE, "address": text[:100]}, description=text)
    assert case["description"] == text.strip() and case["location"]["address"] == text[:100].strip()
    shown = seat.get(f"/cases/{case['case_id']}").json()
    assert (
        shown["description"] == text.strip()
        and shown["timeline"][0]["payload"]["description"] == text.strip()
    )
    answer = seat.get("/cases", q=text[:100], limit=500)
    assert answer.status_code in (200, 422)
    if answer.status_code == 200 and len(text.split()) <= 8:
        assert case["case_id"] in {entry["case_id"] for entry in answer.json()["cases"]}


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\ud800", "a\x1bb"])
def test_what_no_screen_can_hold_is_refused(backend: Backend, text: str) -> None:
    body = json.dumps(command("register", **{**birth(), "description": text}))
    answer = backend.seat("acceptor1").call("POST", "/commands", content=body)
    assert answer.status_code == 422 and "payload.description" in answer.json()["fields"]


# --- answers keep to their description ------------------------------------------------------------------------


def faults(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Where a value departs from a schema, for the few words of JSON Schema that the description uses."""
    if "$ref" in schema:
        return faults(value, openapi.SCHEMAS[schema["$ref"].rpartition("/")[2]], path)
    if "anyOf" in schema:
        found = [faults(value, option, path) for option in schema["anyOf"]]
        return [] if not all(found) else min(found, key=len)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    checks = {
        "object": isinstance(value, dict), "array": isinstance(value, list), "string": isinstance(value, str),
        "boolean": isinstance(value, bool), "null": value is None,
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }  # fmt: skip
    if kinds and not any(checks[kind] for kind in kinds):
        return [f"{path}: {value!r} is no {kinds}"]
    wrong = []
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{path}: {value!r} is none of the words")
    if isinstance(value, dict):
        wrong += [f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        known = schema.get("properties")
        if known is not None and not schema.get("additionalProperties"):
            wrong += [f"{path}.{name} is not described" for name in value if name not in known]
            for name in set(value) & set(known):
                wrong += faults(value[name], known[name], f"{path}.{name}")
    if isinstance(value, list) and "items" in schema:
        for place, entry in enumerate(value):
            wrong += faults(entry, schema["items"], f"{path}[{place}]")
    return wrong


def test_answers_are_as_described(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = backend.reach("pending_sign", caller={"name": "张三", "phone": "13812345678"}, upper_id="U-1")
    lost = seat.do("accept", {**case, "xver": 1})
    case_id = case["case_id"]
    answers = {
        "Meta": seat.get("/meta"), "Me": seat.get("/me"), "Reference": seat.get("/reference"),
        "Areas": seat.get("/areas", level="grid"), "Snapshot": seat.get("/snapshot"),
        "Digest": seat.get("/digest"), "Cases": seat.get("/cases", limit=5), "FullCase": seat.get(f"/cases/{case_id}"),
        "Presence": seat.get("/presence"), "Claimed": seat.call("PUT", f"/cases/{case_id}/claim"),
        "Caller": seat.post(f"/cases/{case_id}/caller", {"reason": "x"}),
        "Similar": seat.post("/cases/similar", {"lon": HERE["lon"], "lat": HERE["lat"]}),
        "Session": backend.sign_in("leader1"), "Problem": seat.get("/cases/x"),
        "Outcomes": seat.post("/commands/batch", {"commands": [command("comment", case, text="x"), {}]}),
    }  # fmt: skip
    for name, answer in answers.items():
        document = answer.json()
        extra = {"rules_version"} if name == "Reference" else set()
        assert faults({**document, **dict.fromkeys(extra, 1)}, {"$ref": f"#/x/{name}"}) == [], name
    assert faults(lost, {"$ref": "#/x/Outcome"}) == [] and lost["winner"] is not None
    changes = backend.changes(backend.seat("muni1"), 0)
    assert faults(changes, {"$ref": "#/x/Changes"}) == []


def test_the_checker_sees_what_is_wrong() -> None:
    schema = openapi.SCHEMAS["Problem"]
    good = {
        "type": "t",
        "status": 1,
        "code": "c",
        "title": "t",
        "detail": None,
        "fields": {},
        "trace_id": "x",
    }
    assert faults(good, schema) == []
    assert faults({**good, "status": "1"}, schema) and faults({**good, "more": 1}, schema)
    assert faults({key: value for key, value in good.items() if key != "code"}, schema)
    assert faults("x", openapi.SCHEMAS["Case"]["properties"]["state"]) and faults(
        [1], {"type": "array", "items": {"type": "null"}}
    )


# --- a chance walk -----------------------------------------------------------------------------------------------

_STEPS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "reported": [("acceptor1", "accept", {}), ("acceptor1", "send_verify", {}),
                 ("acceptor1", "reject", {"reason": "x"})],
    "verifying": [("supervisor1", "verify_result", {"result": "true"})],
    "pending_filing": [("shift_leader1", "file", {"category": CATEGORY, "condition": 0})],
    "pending_dispatch": [
        ("dispatcher1", "dispatch", {"lead_dept": "muni", "co_depts": ["green"]}),
        ("dispatcher1", "dispatch", {"lead_dept": "sani"}), ("dispatcher1", "return_to_filing", {"reason": "x"}),
        ("dispatcher1", "amend", {"location": THERE, "reason": "x"}),
    ],
    "pending_sign": [("dispatcher1", "recall", {"reason": "x"}), ("UNIT", "sign", {}),
                     ("UNIT", "return_case", {"reason": "x", "basis": "y"})],
    "returned": [("dispatcher1", "redispatch", {"lead_dept": "green", "reason": "x"})],
    "handling": [("UNIT", "feed_back", {"result": "好"}), ("UNIT", "apply_extension", {"reason": "x"}),
                 ("dispatcher1", "decide_extension", {"approve": True})],
    "feedback_review": [("dispatcher1", "send_check", {}), ("dispatcher1", "rework", {"reason": "x"})],
    "checking": [("SUPERVISOR", "check_pass", {}), ("SUPERVISOR", "check_fail", {"reason": "x"})],
    "pending_close": [("shift_leader1", "close", {"closing_condition": "x"})],
    "closed": [("shift_leader1", "reopen", {"reason": "x"}), ("UNIT", "appeal", {"reason": "x"})],
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_a_chance_walk_leaves_log_feed_snapshot_and_digest_in_agreement(
    own_backend: Backend, seed: int
) -> None:
    backend, rng = own_backend, random.Random(seed)
    leader = backend.seat("shift_leader1")
    cases = {case["case_id"]: case for case in (backend.seat("acceptor1").register() for _ in range(4))}
    outcomes: dict[str, dict[str, Any]] = {}
    for _ in range(60):
        case = rng.choice(list(cases.values()))
        options = _STEPS.get(case["state"], [("leader1", "urge", {"text": "x"})])
        who, action, payload = rng.choice([*options, ("leader1", "comment", {"text": str(rng.random())})])
        unit = {"muni": "muni1", "sani": "sani1", "green": "green1"}.get(case["lead_dept"] or "", "muni1")
        supervisor = "supervisor1" if (case["grid"] or "").startswith("990101001") else "supervisor2"
        body = command(
            action, case if rng.random() < 0.9 else {**case, "xver": max(0, case["xver"] - 1)}, **payload
        )
        outcome = backend.seat({"UNIT": unit, "SUPERVISOR": supervisor}.get(who, who)).send(body)
        outcomes[body["command_id"]] = outcome
        if outcome["outcome"] == "applied":
            assert outcome["version"] == case["version"] + 1
            cases[case["case_id"]] = outcome["case"]
        else:
            assert outcome["case"] is None or outcome["case"]["version"] == case["version"]
    replica: dict[str, dict[str, Any]] = {}
    for change in backend.changes(leader, 0, limit=1000)["changes"]:
        assert change["version"] == replica.get(change["case_id"], {"version": 0})["version"] + 1
        replica[change["case_id"]] = change["case"]
    assert {key: case["version"] for key, case in replica.items()} == {
        key: case["version"] for key, case in cases.items()
    }
    for case_id, case in cases.items():
        now = leader.get(f"/cases/{case_id}").json()
        for name in (
            "state",
            "version",
            "xver",
            "lead_dept",
            "co_depts",
            "grid",
            "flags",
            "counts",
            "round",
            "due_at",
        ):
            assert now[name] == case[name] == replica[case_id][name], name
    applied = {key: value for key, value in outcomes.items() if value["outcome"] == "applied"}
    assert len(applied) > 20
    examine(backend.url, outcomes)


def test_every_answer_of_a_walk_comes_again(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("shift_leader1")
    case_id = uuid7()
    bodies = [command("register", case_id, **birth())]
    bodies += [command("accept", case_id) | {"base_xver": n} for n in (1, 1)]
    bodies += [command("comment", case_id, text=str(n)) for n in range(3)]
    bodies += [
        command("file", case_id, category=CATEGORY, condition=n) | {"base_xver": 2} for n in (999, 0, 0)
    ]
    first = [seat.post("/commands", body).content for body in bodies]
    backend.centre.cases.clear()
    with backend.later(days=3):
        assert [seat.post("/commands", body).content for body in bodies] == first
        together = seat.post("/commands/batch", {"commands": bodies}).content
    assert together == b'{"outcomes":[' + b",".join(first) + b"]}"
