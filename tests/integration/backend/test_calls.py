"""The book of calls at the real centre: three seats, one caller, and every call with an outcome."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.backend.calls import book
from services.backend.db.access_tables import audit
from services.backend.db.call_tables import calls
from services.domain.ids import uuid7
from services.sql.engine import reading
from tests.support.centre import HERE, Backend

PHONE = "13812342716"
SEATS = ("acceptor1", "acceptor_street", "shift_leader1")


def now_text(shift_s: float = 0.0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=shift_s)).isoformat()


def report(backend: Backend, who: str, call_id: str, state: str, **more: Any) -> dict[str, Any]:
    body = {"call_id": call_id, "state": state, "at": now_text(), **more}
    answer = backend.seat(who).post("/calls/reports", {"reports": [body]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(backend: Backend, who: str, call_id: str) -> dict[str, Any]:
    answer = backend.seat(who).get("/calls", limit=500)
    assert answer.status_code == 200, answer.text
    found = [call for call in answer.json()["calls"] if call["call_id"] == call_id]
    assert len(found) == 1
    return dict(found[0])


def rung(backend: Backend, **more: Any) -> str:
    """A call that rings at three seats."""
    call_id = f"{uuid7()}@pbx"
    for who in SEATS:
        report(backend, who, call_id, "ringing", caller=f"+86{PHONE}", queue="580", **more)
    return call_id


def test_one_takes_it_and_the_others_are_told(backend: Backend) -> None:
    call_id = rung(backend)
    first = shown(backend, "acceptor1", call_id)
    assert (first["state"], first["taker"], first["number"]) == ("ringing", None, "138****2716")
    report(backend, "acceptor_street", call_id, "talking")
    for who in ("acceptor1", "shift_leader1"):
        report(backend, who, call_id, "ended", ending="abandoned")
        other = shown(backend, who, call_id)
        assert (other["state"], other["taker"], other["mine"]) == ("talking", "u-acceptor_street", False)
        assert other["number"] == "138****2716" and not other["full"]
    mine = shown(backend, "acceptor_street", call_id)
    assert (mine["mine"], mine["number"], mine["full"]) == (True, PHONE, True)
    report(backend, "acceptor_street", call_id, "ended", ending="there")
    over = shown(backend, "acceptor_street", call_id)
    assert (over["outcome"], over["to_do"]) == ("answered", "ticket")
    assert over["answer_s"] is not None and over["answer_s"] >= 0
    with backend.later(minutes=20):
        assert shown(backend, "acceptor_street", call_id)["number"] == "138****2716"


def test_a_call_is_tied_to_its_case_or_closed_with_a_reason(backend: Backend) -> None:
    call_id = rung(backend)
    report(backend, "acceptor1", call_id, "talking")
    report(backend, "acceptor1", call_id, "ended", ending="there")
    seat = backend.seat("acceptor1")
    empty = seat.post("/calls/close", {"call_id": call_id, "reason": ""})
    assert empty.status_code == 422
    closed = seat.post("/calls/close", {"call_id": call_id, "reason": "咨询天气，已告知"}).json()
    assert (closed["reason"], closed["to_do"]) == ("咨询天气，已告知", "")
    case = seat.register(HERE, source="hotline", caller={"name": "李敏", "phone": PHONE})
    bound = seat.post("/calls/bind", {"call_id": call_id, "case_id": case["case_id"]}).json()
    assert (bound["case_id"], bound["reason"], bound["to_do"]) == (case["case_id"], None, "")
    late = seat.post("/calls/close", {"call_id": call_id, "reason": "x"})
    assert late.status_code == 409 and late.json()["code"] == "has_case"
    assert seat.post("/calls/bind", {"call_id": call_id, "case_id": uuid7()}).status_code == 404
    again = rung(backend)
    told = seat.post("/calls/history", {"call_id": again}).json()
    assert case["case_id"] in [one["case_id"] for one in told["cases"]]
    assert call_id in [one["call_id"] for one in told["calls"]]


def test_a_missed_caller_is_called_back_by_the_full_number(backend: Backend) -> None:
    call_id = rung(backend)
    for who in SEATS:
        report(backend, who, call_id, "ended", ending="abandoned")
    seat = backend.seat("acceptor1")
    early = seat.post("/calls/back", {"call_id": call_id, "result": "reached"})
    assert early.status_code == 409 and early.json()["code"] == "not_missed"
    with backend.later(seconds=5):
        book.settle(backend.centre)
        assert (
            shown(backend, "acceptor1", call_id)["outcome"],
            shown(backend, "acceptor1", call_id)["to_do"],
        ) == (
            "abandoned",
            "call_back",
        )
        number = seat.post("/calls/number", {"call_id": call_id, "reason": "回拨未接来电"})
        assert number.json()["phone"] == PHONE
        back = seat.post("/calls/back", {"call_id": call_id, "result": "reached"}).json()
        assert (back["back"]["result"], back["to_do"]) == ("reached", "")
    with reading(backend.engine) as conn:
        entry = conn.execute(
            select(audit).where(audit.c.action == "call_number_shown", audit.c.target == call_id)
        ).one()
    assert "回拨未接来电" in entry.detail and PHONE not in entry.detail


def test_a_killed_seat_leaves_no_call_open(backend: Backend) -> None:
    call_id = f"{uuid7()}@pbx"
    report(backend, "acceptor1", call_id, "ringing", caller=PHONE)
    with backend.later(seconds=30):
        book.settle(backend.centre)
        assert shown(backend, "acceptor1", call_id)["outcome"] == ""
    before = shown(backend, "shift_leader1", call_id)["rev"]
    with backend.later(seconds=70):
        book.settle(backend.centre)
        lost = shown(backend, "shift_leader1", call_id)
        assert (lost["outcome"], lost["to_do"]) == ("lost", "call_back")
    assert lost["rev"] > before, "everybody is told"
    report(backend, "acceptor_street", call_id, "talking")
    assert shown(backend, "shift_leader1", call_id)["taker"] == "u-acceptor_street", "a late answer wins"


def test_a_call_that_was_only_not_heard_of_goes_on_for_everybody(backend: Backend) -> None:
    """A seat that was cut off for a minute speaks again: the call it holds is no finished one."""
    call_id = f"{uuid7()}@pbx"
    report(backend, "acceptor1", call_id, "ringing", caller=PHONE)
    report(backend, "acceptor1", call_id, "talking")
    with backend.later(seconds=70):
        book.settle(backend.centre)
        over = shown(backend, "shift_leader1", call_id)
        assert over["outcome"] == "answered"
        report(backend, "acceptor1", call_id, "talking")
        news = backend.seat("shift_leader1").get("/calls", rev=over["rev"]).json()["calls"]
        assert [(call["call_id"], call["state"], call["over_at"]) for call in news] == [
            (call_id, "talking", None)
        ]
    with backend.later(seconds=300):
        book.settle(backend.centre)
        again = shown(backend, "shift_leader1", call_id)
        assert again["outcome"] == "answered" and again["rev"] > news[0]["rev"], "its real end is told too"


def test_the_news_miss_nothing_and_a_beat_is_no_news(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    begin = seat.get("/calls", limit=500).json()["next"]
    ids = [rung(backend) for _ in range(3)]
    seen, rev = set(), begin
    while page := seat.get("/calls", rev=rev, limit=2).json():
        if not page["calls"]:
            break
        assert page["next"] > rev
        seen |= {call["call_id"] for call in page["calls"]}
        rev = page["next"]
    assert seen == set(ids)
    assert report(backend, "acceptor1", ids[0], "ringing", caller=PHONE)["rev"] == rev


def test_two_hundred_calls_at_once_from_three_seats(own_backend: Backend) -> None:
    """Every call is answered or not in the end; every rev is given once."""
    backend = own_backend
    for who in SEATS:
        backend.seat(who)
    ids = [f"{n}@pbx" for n in range(200)]

    def seat_of(who: str, seed: int) -> None:
        chance = random.Random(seed)
        for start in range(0, len(ids), 20):
            batch = []
            for call_id in ids[start : start + 20]:
                batch.append({"call_id": call_id, "state": "ringing", "at": now_text(), "caller": PHONE})
                if chance.random() < 0.4:
                    batch.append({"call_id": call_id, "state": "talking", "at": now_text()})
                if chance.random() < 0.8:  # the others are never heard of again
                    batch.append({"call_id": call_id, "state": "ended", "at": now_text(), "ending": "there"})
            answer = backend.seat(who).post("/calls/reports", {"reports": batch})
            assert answer.status_code == 200, answer.text

    threads = [threading.Thread(target=seat_of, args=(who, n)) for n, who in enumerate(SEATS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with backend.later(minutes=5):
        book.settle(backend.centre)
    with reading(backend.engine) as conn:
        rows = conn.execute(select(calls)).all()
    assert {row.call_id for row in rows} == set(ids)
    assert all(row.outcome in ("answered", "abandoned", "missed", "refused", "lost") for row in rows)
    assert len({row.rev for row in rows}) == len(rows)
    assert all((row.outcome == "answered") == (row.taker is not None) for row in rows)


@pytest.mark.parametrize("who", ["dispatcher1", "muni1", "supervisor1", "admin1", "auditor1", "leader1"])
def test_other_posts_have_no_part_in_it(backend: Backend, who: str) -> None:
    seat = backend.seat(who)
    call_id = rung(backend)
    for answer in (
        seat.get("/calls"),
        seat.get("/seats"),
        seat.call("PUT", "/seats/me", json={"state": "idle"}),
        seat.post(
            "/calls/reports", {"reports": [{"call_id": call_id, "state": "talking", "at": now_text()}]}
        ),
        seat.post("/calls/close", {"call_id": call_id, "reason": "x"}),
        seat.post("/calls/number", {"call_id": call_id, "reason": "x"}),
        seat.post("/calls/history", {"call_id": call_id}),
        seat.post("/calls/back", {"call_id": call_id, "result": "reached"}),
        seat.post("/calls/bind", {"call_id": call_id, "case_id": uuid7()}),
    ):
        assert answer.status_code == 403 and answer.json()["code"] == "not_allowed"
    assert shown(backend, "acceptor1", call_id)["taker"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "flying"}, {"ending": "x", "state": "ended"}, {"call_id": ""}, {"call_id": "x" * 201}, {"at": "x"},
        {"caller": "9" * 401}, {"extra": 1},
    ],
    ids=range(7),
)  # fmt: skip
def test_wrong_reports_are_refused_and_begin_nothing(backend: Backend, wrong: dict[str, Any]) -> None:
    call_id = f"{uuid7()}@pbx"
    body = {"call_id": call_id, "state": "ringing", "at": now_text(), **wrong}
    assert backend.seat("acceptor1").post("/calls/reports", {"reports": [body]}).status_code == 422
    found = backend.seat("acceptor1").get("/calls", limit=500).json()["calls"]
    assert call_id not in [call["call_id"] for call in found]


@pytest.mark.parametrize(
    "caller", ["/", "anonymous", "", "9" * 300], ids=["slash", "anonymous", "empty", "long"]
)
def test_odd_numbers_are_kept_as_hidden(backend: Backend, caller: str) -> None:
    call_id = f"{uuid7()}@pbx"
    report(backend, "acceptor1", call_id, "ringing", caller=caller)
    call = shown(backend, "acceptor1", call_id)
    assert (call["hidden"], call["number"]) == (True, "")
    assert (
        backend.seat("acceptor1").post("/calls/number", {"call_id": call_id, "reason": "x"}).status_code
        == 404
    )


def test_how_the_seats_stand(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    for state in ("idle", "talking", "talking", "wrap_up"):
        assert seat.call("PUT", "/seats/me", json={"state": state, "extension": "8001"}).status_code == 200
    assert seat.call("PUT", "/seats/me", json={"state": "asleep"}).status_code == 422
    told = {one["user"]["id"]: one for one in backend.seat("shift_leader1").get("/seats").json()["seats"]}
    assert (told["u-acceptor1"]["state"], told["u-acceptor1"]["extension"]) == ("wrap_up", "8001")
