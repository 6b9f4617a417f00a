"""Hand-overs at the real centre: signed twice, chained, kept for ever, seen by the same area only."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from services.backend import handover
from services.backend.db.handover_tables import handovers
from services.backend.handover import verify_chain
from services.domain.ids import uuid7
from services.sql.engine import reading, writing
from tests.support.centre import HERE, PASSWORD, THERE, Backend


def brief(*lines: dict[str, Any], post: str = "dispatcher", **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "handover_id": uuid7(), "post": post, "began_at": (now - timedelta(hours=8)).isoformat(),
        "drafted_at": now.isoformat(), "said_at": now.isoformat(), "lines": list(lines), "remarks": "", **more,
    }  # fmt: skip


def claim_line(case: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "claim", "text": "手上", "case_id": case["case_id"], "number": case["number"]}


def given(backend: Backend, *lines: dict[str, Any], who: str = "dispatcher1", **more: Any) -> dict[str, Any]:
    answer = backend.seat(who).post("/handovers", brief(*lines, **more))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def holders(backend: Backend, case: dict[str, Any]) -> set[str]:
    claims = backend.seat("shift_leader1").get("/presence").json()["claims"]
    return {claim["user"]["id"] for claim in claims if claim["case_id"] == case["case_id"]}


@pytest.mark.parametrize("own_backend", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_of_two_who_sign_at_once_one_takes_over_and_the_other_is_told(
    own_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = given(own_backend)
    seats = [own_backend.seat(who) for who in ("dispatcher2", "shift_leader1")]
    looked, both = handover._signature, threading.Barrier(2)

    def together(*args: Any) -> Any:
        found = looked(*args)
        with contextlib.suppress(
            threading.BrokenBarrierError
        ):  # where one waits for the other, it is alone here
            both.wait(1)
        return found

    monkeypatch.setattr(handover, "_signature", together)
    path = f"/handovers/{made['handover_id']}/sign"
    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(lambda seat: seat.post(path, {}), seats)]
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409], [answer.text for answer in answers]
    assert {answer.json().get("code") for answer in answers} == {None, "already_signed"}


def test_no_number_of_a_citizen_stands_in_what_is_kept_for_ever(backend: Backend) -> None:
    said = "13812342716 的来电要回"
    made = given(backend, {"kind": "note", "text": said, "remark": said}, remarks=said)
    signed = backend.seat("dispatcher2").post(f"/handovers/{made['handover_id']}/sign", {"note": said})
    assert signed.status_code == 200, signed.text
    assert signed.json()["taken_over"]["note"] == "138****2716 的来电要回"
    whole = backend.seat("shift_leader1").get(f"/handovers/{made['handover_id']}").text
    assert "13812342716" not in whole and whole.count("138****2716") == 4
    with reading(backend.engine) as conn:
        assert verify_chain(conn).broken_at is None


def test_both_sign_and_the_claims_move(backend: Backend) -> None:
    case, taken = backend.reach("pending_dispatch"), backend.reach("pending_dispatch")
    leaves, comes = backend.seat("dispatcher1"), backend.seat("dispatcher2")
    leaves.call("PUT", f"/cases/{case['case_id']}/claim")
    backend.seat("shift_leader1").call("PUT", f"/cases/{taken['case_id']}/claim")
    made = given(backend, claim_line(case), claim_line(taken), remarks="夜间值守电话有人接")
    assert made["taken_over"] is None and made["from"]["id"] == "u-dispatcher1"
    answer = comes.post(f"/handovers/{made['handover_id']}/sign", {"note": "已清点"})
    assert answer.status_code == 200, answer.text
    signed = answer.json()["taken_over"]
    assert signed["id"] == "u-dispatcher2" and signed["note"] == "已清点"
    assert signed["moved"] == [case["case_id"]]
    assert holders(backend, case) == {"u-dispatcher2"} and holders(backend, taken) == {"u-shift_leader1"}
    again = comes.post(f"/handovers/{made['handover_id']}/sign", {"note": "再"})
    assert again.json()["taken_over"] == signed
    late = backend.seat("shift_leader1").post(f"/handovers/{made['handover_id']}/sign", {})
    assert late.status_code == 409 and late.json()["code"] == "already_signed"


def test_a_lapsed_claim_moves_too_and_a_closed_case_does_not(backend: Backend) -> None:
    lapsed, closed = backend.reach("pending_dispatch"), backend.reach("closed")
    made = given(backend, claim_line(lapsed), claim_line(closed), {**claim_line(lapsed), "case_id": uuid7()})
    answer = backend.seat("dispatcher2").post(f"/handovers/{made['handover_id']}/sign", {})
    assert answer.json()["taken_over"]["moved"] == [lapsed["case_id"]]


def test_the_same_brief_twice_is_one(backend: Backend) -> None:
    seat, doc = backend.seat("dispatcher1"), brief(remarks="一次")
    first, second = seat.post("/handovers", doc), seat.post("/handovers", doc)
    assert first.content == second.content
    other = seat.post("/handovers", {**doc, "remarks": "两次"})
    assert other.status_code == 409 and other.json()["code"] == "handover_differs"
    stranger = backend.seat("dispatcher2").post("/handovers", doc)
    assert stranger.status_code == 409


def test_who_takes_over_may_sign_at_the_seat_of_the_other(backend: Backend) -> None:
    made = given(backend)
    seat, path = backend.seat("dispatcher1"), f"/handovers/{made['handover_id']}/sign"
    own = seat.post(path, {})
    assert own.status_code == 409 and own.json()["code"] == "own_handover"
    wrong = seat.post(path, {"username": "dispatcher2", "password": "falsch"})
    assert wrong.status_code == 422 and wrong.json()["code"] == "wrong_credentials"
    half = seat.post(path, {"username": "dispatcher2"})
    assert half.status_code == 422
    post = seat.post(path, {"username": "muni1", "password": PASSWORD})
    assert post.status_code == 422 and "username" in post.json()["fields"]
    right = seat.post(path, {"username": "dispatcher2", "password": PASSWORD, "note": "同席"})
    assert right.status_code == 200 and right.json()["taken_over"]["id"] == "u-dispatcher2"
    assert seat.get("/me").status_code == 200


def test_only_desks_of_the_area(backend: Backend) -> None:
    made = given(backend)
    path = f"/handovers/{made['handover_id']}"
    for who in ("muni1", "handler1", "supervisor1", "admin1", "auditor1"):
        seat = backend.seat(who)
        answers = (
            seat.get("/handovers"), seat.get("/handovers/facts"), seat.get(path), seat.post(f"{path}/sign", {}),
            seat.post("/handovers", brief()),
        )  # fmt: skip
        assert [answer.status_code for answer in answers] == [403] * 5, who
    for who in ("nowhere1", "acceptor_street"):
        seat = backend.seat(who)
        assert seat.get(path).status_code == 404
        assert seat.post(f"{path}/sign", {}).status_code == 404
        assert made["handover_id"] not in seat.get("/handovers").text
    assert backend.seat("leader1").get(path).json()["hash"] == made["hash"]
    assert backend.seat("leader1").post(f"{path}/sign", {}).status_code == 403
    wrong = backend.seat("dispatcher1").post("/handovers", brief(post="shift_leader"))
    assert wrong.status_code == 403 and wrong.json()["code"] == "not_your_post"
    assert backend.seat("dispatcher1").get("/handovers/nichts").status_code == 404


def test_the_list_is_paged_and_knows_what_waits(backend: Backend) -> None:
    made = [given(backend, {"kind": "note", "text": f"第{n}条"}) for n in range(3)]
    seat = backend.seat("dispatcher2")
    first = seat.get("/handovers", limit=2).json()
    assert [head["handover_id"] for head in first["handovers"]] == [
        made[2]["handover_id"],
        made[1]["handover_id"],
    ]
    assert first["handovers"][0]["counts"] == {"note": 1}
    second = seat.get("/handovers", limit=1, before=first["next_before"]).json()
    assert second["handovers"][0]["handover_id"] == made[0]["handover_id"]
    seat.post(f"/handovers/{made[1]['handover_id']}/sign", {})
    waiting = {head["handover_id"] for head in seat.get("/handovers", unsigned="true").json()["handovers"]}
    assert made[1]["handover_id"] not in waiting and made[0]["handover_id"] in waiting
    for wrong in ({"unsigned": "yes"}, {"since": "1"}, {"limit": "0"}):
        assert seat.get("/handovers", **wrong).status_code == 422, wrong


def test_the_chain_shows_what_was_changed(own_backend: Backend) -> None:
    backend = own_backend
    for n in range(3):
        made = given(backend, {"kind": "note", "text": f"第{n}条"})
        backend.seat("dispatcher2").post(f"/handovers/{made['handover_id']}/sign", {})
    with reading(backend.engine) as conn:
        report = verify_chain(conn)
    assert (report.seen, report.broken_at) == (3, None)
    for statement in (update(handovers).values(name="别人"), delete(handovers)):
        with pytest.raises(DBAPIError, match="only appended to"), writing(backend.engine) as conn:
            conn.execute(statement)
    with writing(backend.engine) as conn:
        table = " ON handovers" if not backend.sqlite else ""
        trigger = "handovers_only_grows_UPDATE" if backend.sqlite else "handovers_only_grows"
        conn.exec_driver_sql(f"DROP TRIGGER {trigger}{table}")
        conn.execute(update(handovers).where(handovers.c.n == 2).values(user_id="u-x"))
    with reading(backend.engine) as conn:
        report = verify_chain(conn)
    assert (report.seen, report.broken_at) == (1, 2)


def test_facts_from_the_log(backend: Backend) -> None:
    promised = backend.reach("handling", HERE)
    elsewhere = backend.reach("handling", THERE)
    for text in ("答应下午回复", "答应明早给市民回电 13812345678"):
        outcome = backend.seat("muni1").do(
            "contact_citizen", promised, at=datetime.now(UTC).isoformat(), reached=True, text=text
        )
        assert outcome["outcome"] == "applied", outcome
    backend.seat("acceptor1").do(
        "contact_citizen", elsewhere, at=datetime.now(UTC).isoformat(), reached=False, text="无人接听"
    )
    waiting = backend.reach("pending_close", need_callback=True)
    called = backend.reach("pending_close", need_callback=True)
    backend.seat("acceptor1").do("callback", called, reached=True, solved=True, satisfaction=5, text="好")
    found = backend.seat("dispatcher1").get("/handovers/facts").json()
    by_case = {entry["case_id"]: entry for entry in found["contacts"]}
    assert by_case[promised["case_id"]]["text"] == "答应明早给市民回电 138****5678"
    assert by_case[elsewhere["case_id"]]["reached"] is False
    due = {entry["case_id"] for entry in found["callbacks"]}
    assert waiting["case_id"] in due and called["case_id"] not in due
    narrow = backend.seat("acceptor_street").get("/handovers/facts").json()
    assert elsewhere["case_id"] not in {entry["case_id"] for entry in narrow["contacts"]}
    with backend.later(days=20):
        assert backend.seat("dispatcher1").get("/handovers/facts").json()["contacts"] == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"post":"dispatcher"}'], ids=["empty", "list", "broken", "bare"]
)
def test_what_is_no_brief_is_refused(backend: Backend, body: bytes) -> None:
    answer = backend.seat("dispatcher1").call("POST", "/handovers", content=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_answers_are_as_described(backend: Backend) -> None:
    from tests.integration.backend.test_matrix import faults

    case = backend.reach("pending_close", need_callback=True)
    made = given(backend, claim_line(case))
    seat = backend.seat("dispatcher2")
    signed = seat.post(f"/handovers/{made['handover_id']}/sign", {}).json()
    answers = {
        "Handover": signed, "Handovers": seat.get("/handovers").json(),
        "HandoverFacts": seat.get("/handovers/facts").json(),
    }  # fmt: skip
    for name, answer in answers.items():
        assert faults(answer, {"$ref": f"#/x/{name}"}) == [], name
    assert faults(made, {"$ref": "#/x/Handover"}) == []
