"""Order of judgement, stored outcomes, refusals and wrong bodies (contract section 4)."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.backend.db.tables import changes, commands
from services.domain.ids import uuid7
from services.sql.engine import glancing, writing
from tests.support.centre import CATEGORY, HERE, NEAR, OUTSIDE, THERE, Backend, birth, command


def count(backend: Backend, case_id: str) -> int:
    with glancing(backend.engine) as conn:
        return int(conn.execute(select(func.count()).where(changes.c.case_id == case_id)).scalar_one())


def raw(backend: Backend, body: Any, who: str = "acceptor1", path: str = "/commands", **more: Any) -> Any:
    return backend.seat(who).call(
        "POST", path, content=body, headers={"content-type": "application/json"}, **more
    )


# --- the same id again -------------------------------------------------------------------------------


def test_the_same_command_gives_the_same_bytes_for_ever(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    body = command("register", **birth())
    first = seat.post("/commands", body)
    case = first.json()["case"]
    for step in ("accept",):
        seat.do(step, case)
    with backend.later(days=40):
        again = seat.post("/commands", body)
    assert again.content == first.content
    moved = {**body, "console_n": 99, "client_time": "2030-01-01T00:00:00Z", "console_id": "other"}
    assert seat.post("/commands", moved).content == first.content
    same_moment = {**body, "seen_at": datetime.fromisoformat(body["seen_at"]).astimezone(UTC).isoformat()}
    assert seat.post("/commands", same_moment).content == first.content
    assert count(backend, case["case_id"]) == 2


@pytest.mark.parametrize("kind", ["conflict", "rejected", "needs_confirm", "not_found"])
def test_refusals_are_stored_byte_for_byte_too(backend: Backend, kind: str) -> None:
    case = backend.reach("pending_dispatch")
    body = command("dispatch", case, lead_dept="muni")
    if kind == "conflict":
        body["base_xver"] = 1
    elif kind == "rejected":
        body["payload"] = {"lead_dept": "nobody"}
    elif kind == "needs_confirm":
        body["seen_at"] = (datetime.now(UTC) - timedelta(minutes=11)).isoformat()
    else:
        body["case_id"] = uuid7()
    seat = backend.seat("dispatcher1")
    first = seat.post("/commands", body)
    assert first.status_code == 200
    outcome = first.json()
    assert outcome["outcome"] == ("rejected" if kind == "not_found" else kind)
    assert outcome["reason"]["title"] and outcome["reason"]["code"]
    if kind == "not_found":
        assert outcome["case"] is None and outcome["version"] is None
    else:
        assert outcome["case"]["state"] == "pending_dispatch" and outcome["version"] == case["version"]
        assert seat.do("dispatch", case, lead_dept="sani")["outcome"] == "applied"
    assert seat.post("/commands", body).content == first.content


def test_another_body_or_user_under_a_known_id_is_422(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    body = command("register", **birth())
    assert seat.send(body)["outcome"] == "applied"
    for name, value in (
        ("case_id", uuid7()), ("action", "accept"), ("base_xver", 1),
        ("seen_at", "2026-01-01T00:00:00Z"), ("payload", {**body["payload"], "description": "别的"}),
    ):  # fmt: skip
        other = {**body, name: value}
        if name == "action":
            other |= {"payload": {}, "base_xver": 1}
        answer = seat.post("/commands", other)
        assert (answer.status_code, answer.json()["code"]) == (422, "id_reused"), name
    answer = backend.seat("acceptor2").post("/commands", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "id_taken")
    assert "case" not in answer.json() and body["case_id"] not in answer.text


def test_equal_numbers_and_key_order_are_the_same_body(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    body = command("register", **birth({"lon": 113.3025, "lat": 23.1025, "address": "x"}), level=1)
    first = raw(backend, json.dumps(body))
    text = json.dumps(dict(reversed(body.items()))).replace('"payload_v": 1', '"payload_v": 1.0')
    assert raw(backend, text).content == first.content
    assert seat.post("/commands", {**body, "payload": {**body["payload"], "level": 1.0}}).status_code == 422


def test_a_storm_of_one_command_has_one_effect(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    body = command("register", **birth())
    answers: list[bytes] = []

    def fire() -> None:
        for _ in range(5):
            answers.append(seat.post("/commands", body).content)

    threads = [threading.Thread(target=fire) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 30 and len(set(answers)) == 1
    assert count(backend, body["case_id"]) == 1


# --- the order of judgement --------------------------------------------------------------------------


def test_conflict_comes_before_role_and_rule_and_names_the_winner(backend: Backend) -> None:
    case = backend.reach("pending_dispatch")
    won = backend.seat("dispatcher1").do("dispatch", case, lead_dept="muni")
    for who, action, payload in (
        ("dispatcher2", "dispatch", {"lead_dept": "sani"}),
        ("leader1", "dispatch", {"lead_dept": "sani"}),
        ("dispatcher2", "close", {"closing_condition": "x"}),
    ):
        lost = backend.seat(who).do(action, case, **payload)
        assert lost["outcome"] == "conflict"
        winner = lost["winner"]
        assert winner["actor"] == {"id": "u-dispatcher1", "name": "dispatcher1先生", "role": "dispatcher"}
        assert winner["action"] == "dispatch" and winner["at"] == won["decided_at"]
        assert "市政" in winner["summary"] and "dispatcher1先生" in lost["reason"]["title"]
        assert lost["case"]["lead_dept"] == "muni" and lost["xver"] == won["xver"]


def test_additive_commands_ignore_the_version_and_age(backend: Backend) -> None:
    case = backend.reach("pending_dispatch")
    body = command("comment", case, text="知道了")
    body |= {"base_xver": 0, "seen_at": "2026-01-01T00:00:00Z"}
    outcome = backend.seat("leader1").send(body)
    assert outcome["outcome"] == "applied"
    assert (outcome["version"], outcome["xver"]) == (case["version"] + 1, case["xver"])
    assert backend.seat("dispatcher1").do("dispatch", case, lead_dept="muni")["outcome"] == "applied"


def test_rule_comes_before_age(backend: Backend) -> None:
    case = backend.reach("pending_dispatch")
    body = command("sign", case) | {"seen_at": "2026-01-01T00:00:00Z"}
    outcome = backend.seat("dispatcher1").send(body)
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("rejected", "illegal_state")


def test_a_confirmed_command_is_a_new_one(backend: Backend) -> None:
    case = backend.reach("pending_dispatch")
    old = command("dispatch", case, lead_dept="muni")
    old["seen_at"] = (datetime.now(UTC) - timedelta(minutes=10, seconds=5)).isoformat()
    assert backend.seat("dispatcher1").send(old)["outcome"] == "needs_confirm"
    almost = command("dispatch", case, lead_dept="muni")
    almost["seen_at"] = (datetime.now(UTC) - timedelta(minutes=9, seconds=50)).isoformat()
    assert backend.seat("dispatcher1").send(almost)["outcome"] == "applied"


@pytest.mark.parametrize("who", ["nowhere1", "supervisor2", "sani1", "street1", "handler1"])
def test_out_of_scope_is_not_found_everywhere(backend: Backend, who: str) -> None:
    case = backend.reach("handling") if who != "handler1" else backend.reach("pending_dispatch")
    seat = backend.seat(who)
    outcome = seat.do("comment", case, text="x")
    assert (outcome["outcome"], outcome["reason"]["code"], outcome["case"]) == ("rejected", "not_found", None)
    missing = seat.do("comment", uuid7(), text="x")
    assert missing["reason"] == outcome["reason"]
    assert seat.get(f"/cases/{case['case_id']}").status_code == 404
    assert seat.call("PUT", f"/cases/{case['case_id']}/claim").status_code == 404
    assert seat.post(f"/cases/{case['case_id']}/caller", {"reason": "x"}).status_code == 404


def test_an_occupied_case_id_is_no_birth(backend: Backend) -> None:
    case = backend.seat("acceptor1").register()
    body = command("register", case["case_id"], **birth())
    outcome = backend.seat("acceptor2").send({**body, "base_xver": 1})
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("rejected", "case_exists")
    assert (
        backend.seat("acceptor2").send(command("register", case["case_id"], **birth()))["outcome"]
        == "conflict"
    )


# --- facts ---------------------------------------------------------------------------------------------


def test_points_find_their_grid(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = seat.register(HERE)
    assert case["grid"] == "990101001001001"
    assert case["area_path"] == ["990101", "990101001", "990101001001", "990101001001001"]
    assert "near_boundary" not in case["flags"] and "near_boundary" in seat.register(NEAR)["flags"]
    outside = seat.do("register", **birth(OUTSIDE))
    assert (outside["outcome"], outside["reason"]["code"]) == ("rejected", "outside_area")
    moved = seat.do("amend", case, location=THERE, reason="位置有误")
    assert moved["case"]["grid"] == "990101002001001" and moved["case"]["location"] == THERE


def test_links_and_duplicates_need_a_case_in_scope(backend: Backend) -> None:
    seat, street = backend.seat("acceptor1"), backend.seat("acceptor_street")
    one, other, far = seat.register(), seat.register(), seat.register(THERE)
    assert seat.do("link", one, to=other["case_id"], relation="相关")["outcome"] == "applied"
    assert seat.do("link", one, to=uuid7(), relation="相关")["reason"]["code"] == "unknown_case"
    assert street.do("link", one, to=far["case_id"], relation="相关")["reason"]["code"] == "unknown_case"
    merged = seat.do("cancel", other, reason="重复", duplicate_of=one["case_id"])
    assert merged["case"]["state"] == "cancelled" and merged["case"]["parent"] == one["case_id"]
    chain = seat.do("cancel", far, reason="重复", duplicate_of=other["case_id"])
    assert chain["reason"]["code"] == "duplicate_chain"


def test_assignment_needs_an_active_user(backend: Backend) -> None:
    case = backend.reach("handling")
    unit = backend.seat("muni1")
    assert unit.do("assign", case, to="u-nobody")["outcome"] == "rejected"
    case = unit.do("assign", case, to="u-handler1")["case"]
    assert case["assignee"] == "u-handler1"
    assert backend.seat("handler1").do("feed_back", case, result="好了")["outcome"] == "applied"


def test_verification_goes_to_a_supervisor_only(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = seat.register()
    assert seat.do("send_verify", case, to="u-muni1")["reason"]["code"] == "unknown_user"
    case = seat.do("send_verify", case, to="u-supervisor1")["case"]
    assert case["owner"] == {"role": "supervisor", "dept": None, "user": "u-supervisor1"}
    assert backend.seat("supervisor1").do("verify_result", case, result="true")["outcome"] == "applied"


def test_import_is_not_for_people(backend: Backend) -> None:
    body = command("import", **{"kind": "event", "source": "app", "description": "", "state": "closed",
                                "at": "2026-01-01T00:00:00Z"})  # fmt: skip
    assert backend.seat("admin1").send(body)["reason"]["code"] == "not_allowed"


# --- wrong bodies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b'{"a": NaN}', 400, "bad_json"),
        (b'{"a": -Infinity}', 400, "bad_json"),
        (b'{"a": 1e999}', 400, "bad_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, "bad_json"),
        (b'{"a": 0.' + b"9" * 5000 + b"}", 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b'{"a":' * 100_000, 400, "bad_json"),
        (b'{"a": 1, "a": 2}', 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"[" * 300 + b"]" * 300, 422, "invalid"),
        (b'{"command_id": 1}', 422, "invalid"),
    ],
)
def test_wrong_json_is_told(backend: Backend, body: bytes, status: int, code: str) -> None:
    answer = raw(backend, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    document = answer.json()
    assert (
        document["code"] == code
        and document["title"]
        and document["trace_id"] == answer.headers["x-trace-id"]
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"command_id": "0193"}, "command_id"),
        ({"case_id": None}, "case_id"),
        ({"action": "fly"}, "action"),
        ({"action": ["accept"]}, "action"),
        ({"base_xver": -1}, "base_xver"),
        ({"base_xver": True}, "base_xver"),
        ({"base_xver": 1.5}, "base_xver"),
        ({"base_xver": 1 << 60}, "base_xver"),
        ({"seen_at": "yesterday"}, "seen_at"),
        ({"seen_at": "2026-01-01T00:00:00"}, "seen_at"),
        ({"payload_v": 2}, "payload_v"),
        ({"payload_v": True}, "payload_v"),
        ({"payload": []}, "payload"),
        ({"payload": {}}, "payload.kind"),
        ({"surprise": 1}, "surprise"),
        ({"console_id": "x" * 65}, "console_id"),
        ({"console_id": "\ud800"}, "console_id"),
        ({"console_n": "one"}, "console_n"),
        ({"client_time": 5}, "client_time"),
        ({"payload": {**birth(), "surprise": 1}}, "payload.surprise"),
        ({"payload": {**birth(), "description": "a\x00b"}}, "payload.description"),
        ({"payload": {**birth(), "description": "a\ud800b"}}, "payload.description"),
        ({"payload": {**birth(), "description": "长" * 5001}}, "payload.description"),
        ({"payload": {**birth(), "location": {"lon": 200, "lat": 0}}}, "payload.location.lon"),
        ({"payload": {**birth(), "caller": {"name": 1}}}, "payload.caller.name"),
    ],
)
def test_wrong_fields_are_named(backend: Backend, change: dict[str, Any], field: str) -> None:
    body = {**command("register", **birth()), **change}
    answer = raw(backend, json.dumps(body))
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["fields"], answer.json()
    assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("name", ["command_id", "case_id", "action", "payload"])
def test_what_is_needed_must_be_there(backend: Backend, name: str) -> None:
    body = command("register", **birth())
    del body[name]
    assert backend.seat("acceptor1").post("/commands", body).json()["fields"][name] == "不能缺少"


def test_exclusive_actions_need_their_base(backend: Backend) -> None:
    body = command("accept", backend.seat("acceptor1").register())
    del body["base_xver"], body["seen_at"]
    assert set(backend.seat("acceptor1").post("/commands", body).json()["fields"]) == {"base_xver", "seen_at"}


def test_a_foreign_field_name_with_a_lone_surrogate_is_answered(backend: Backend) -> None:
    answer = raw(backend, b'{"\\ud800": 1}')
    assert answer.status_code == 422 and answer.json()["fields"]


def test_idempotency_key_must_be_the_command_id(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    body = command("register", **birth())
    answer = seat.call("POST", "/commands", json=body, headers={"Idempotency-Key": uuid7()})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_differs")
    answer = seat.call(
        "POST", "/commands", json=body, headers={"Idempotency-Key": body["command_id"].upper()}
    )
    assert answer.json()["outcome"] == "applied"


def test_oversize_bodies_are_413(backend: Backend) -> None:
    body = json.dumps({**command("register", **birth()), "console_id": "x" * (1 << 20)}).encode()
    assert raw(backend, body).status_code == 413

    def pieces() -> Any:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    answer = raw(backend, pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


# --- batches ------------------------------------------------------------------------------------------


def test_a_batch_is_decided_in_order_each_on_its_own(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    new = command("register", **birth())
    accept = command("accept", new["case_id"]) | {"base_xver": 1}
    stale = command("accept", new["case_id"]) | {"base_xver": 1}
    broken = {"command_id": uuid7(), "case_id": "x"}
    alien = command("comment", uuid7(), text="x")
    answer = seat.post("/commands/batch", {"commands": [new, accept, stale, broken, 5, alien, new]})
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert [entry["outcome"] for entry in outcomes] == [
        "applied", "applied", "conflict", "invalid", "invalid", "rejected", "applied",
    ]  # fmt: skip
    assert outcomes[0] == outcomes[6]
    assert (
        outcomes[2]["winner"]["action"] == "accept" and outcomes[2]["winner"]["actor"]["id"] == "u-acceptor1"
    )
    assert outcomes[3]["command_id"] == broken["command_id"] and outcomes[3]["problem"]["fields"]["case_id"]
    assert outcomes[4]["command_id"] is None
    again = seat.post("/commands/batch", {"commands": [stale, accept, new]}).json()["outcomes"]
    assert again == [outcomes[2], outcomes[1], outcomes[0]]
    assert seat.post("/commands", accept).json() == outcomes[1]


def test_an_id_twice_in_a_batch_with_another_body_is_invalid(backend: Backend) -> None:
    one = command("register", **birth())
    two = {**one, "case_id": uuid7()}
    outcomes = backend.seat("acceptor1").post("/commands/batch", {"commands": [one, two]}).json()["outcomes"]
    assert [entry["outcome"] for entry in outcomes] == ["applied", "invalid"]
    assert outcomes[1]["problem"]["code"] == "id_reused"


def test_a_whole_life_in_one_batch(backend: Backend) -> None:
    case_id = uuid7()
    seat = backend.seat("shift_leader1")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("register", birth()), ("accept", {}), ("file", {"category": CATEGORY, "condition": 0}),
        ("dispatch", {"lead_dept": "muni"}), ("recall", {"reason": "误"}), ("dispatch", {"lead_dept": "sani"}),
    ]  # fmt: skip
    batch = [
        command(action, case_id, **payload) | {"base_xver": n} for n, (action, payload) in enumerate(steps)
    ]
    outcomes = seat.post("/commands/batch", {"commands": batch}).json()["outcomes"]
    assert [entry["outcome"] for entry in outcomes] == ["applied"] * 6, outcomes
    assert [entry["version"] for entry in outcomes] == [1, 2, 3, 4, 5, 6]
    assert "override" in outcomes[1]["case"]["flags"]
    shown = seat.get(f"/cases/{case_id}").json()
    assert (shown["version"], shown["state"], shown["lead_dept"]) == (6, "pending_sign", "sani")
    singles = [seat.post("/commands", body).json() for body in batch]
    assert singles == outcomes


@pytest.mark.parametrize(
    "body", [{}, {"commands": {}}, {"commands": [], "x": 1}, [], {"commands": [1] * 201}]
)
def test_a_wrong_batch_is_422(backend: Backend, body: Any) -> None:
    assert backend.seat("acceptor1").post("/commands/batch", body).status_code == 422


def test_an_empty_batch_and_an_oversize_entry(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    assert seat.post("/commands/batch", {"commands": []}).json() == {"outcomes": []}
    big = {**command("register", **birth()), "console_id": "x" * (1 << 20)}
    assert seat.post("/commands/batch", {"commands": [big]}).status_code == 413
    assert raw(backend, b" " * (8 * 1024 * 1024 + 1), path="/commands/batch").status_code == 413


def test_a_batch_falls_back_to_one_by_one(backend: Backend) -> None:
    """Two cases carry an active dispatch of their own already: the index refuses, only that entry conflicts."""
    from services.backend.db.tables import dispatches

    good, bad = backend.reach("pending_dispatch"), backend.reach("pending_dispatch")
    with writing(backend.engine) as conn:
        conn.execute(
            dispatches.insert().values(
                case_id=bad["case_id"], command_id=uuid7(), round=1, lead_dept="muni", at=0, ended_at=None
            )
        )
    batch = [command("dispatch", case, lead_dept="muni") for case in (good, bad)]
    outcomes = backend.seat("dispatcher1").post("/commands/batch", {"commands": batch}).json()["outcomes"]
    assert [entry["outcome"] for entry in outcomes] == ["applied", "conflict"]
    assert outcomes[1]["case"]["state"] == "pending_dispatch"
    with glancing(backend.engine) as conn:
        ids = [entry["command_id"] for entry in batch]
        assert conn.execute(select(func.count()).where(commands.c.command_id.in_(ids))).scalar_one() == 2
