"""The desk of the hotline at the real centre: what each seat sees, what is still to do, and what nobody may change."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from services.backend.calls import book
from services.backend.calls.desk import DAYS, HISTORY, open_ends
from services.backend.calls.turns import EVERY_S, CallTurns
from services.backend.db.access_tables import audit
from services.backend.db.call_tables import calls, seat_states
from services.domain.ids import uuid7
from services.sql.engine import reading
from tests.support.centre import HERE, THERE, Backend

PHONE = "13812342716"


class Hotline:
    """A centre's hotline as its seats speak to it; moments are told in seconds after the first."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.begin = backend.centre.now()

    def at(self, seconds: float) -> str:
        return (self.begin + timedelta(seconds=seconds)).isoformat()

    def say(self, who: str, call_id: str, state: str, second: float = 0.0, **more: Any) -> int:
        body = {"call_id": call_id, "state": state, "at": self.at(second), **more}
        answer = self.backend.seat(who).post("/calls/reports", {"reports": [body]})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["rev"])

    def new(self, who: str = "acceptor1", caller: str = PHONE, **more: Any) -> str:
        call_id = f"{uuid7()}@pbx"
        self.say(who, call_id, "ringing", caller=caller, **more)
        return call_id

    def answered(self, who: str = "acceptor1", **more: Any) -> str:
        call_id = self.new(who, **more)
        self.say(who, call_id, "talking")
        self.say(who, call_id, "ended", ending="there")
        return call_id

    def missed(self, caller: str = PHONE) -> str:
        call_id = self.new(caller=caller)
        self.say("acceptor1", call_id, "ended", ending="abandoned")
        return call_id

    def seen(self, who: str, call_id: str) -> dict[str, Any]:
        rows = self.backend.seat(who).get("/calls", limit=500).json()["calls"]
        (found,) = [row for row in rows if row["call_id"] == call_id]
        return dict(found)

    def post(self, who: str, what: str, call_id: str, **more: Any) -> Any:
        return self.backend.seat(who).post(f"/calls/{what}", {"call_id": call_id, **more})


@pytest.fixture
def hotline(backend: Backend) -> Hotline:
    return Hotline(backend)


@pytest.fixture
def still(own_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    """The hotline of a centre whose clock stands and whose own beat rests."""
    made = Hotline(own_backend)
    monkeypatch.setattr(own_backend.centre.calls, "turn", lambda: None)
    monkeypatch.setattr(own_backend.centre, "now", lambda: made.begin)
    return made


# --- what is told of a call ------------------------------------------------------------------------------------


def test_a_call_dialled_out_asks_for_nothing(hotline: Hotline) -> None:
    call_id = f"{uuid7()}@pbx"
    hotline.say("acceptor1", call_id, "ringing", caller=PHONE, incoming=False)
    hotline.say("acceptor1", call_id, "talking")
    hotline.say("acceptor1", call_id, "ended", ending="there")
    call = hotline.seen("acceptor1", call_id)
    assert (call["incoming"], call["outcome"], call["to_do"]) == (False, "answered", "")


def test_a_hidden_caller_cannot_be_called_back(hotline: Hotline) -> None:
    call_id = hotline.missed(caller="anonymous")
    with hotline.backend.later(seconds=10):
        call = hotline.seen("acceptor1", call_id)
        assert (call["hidden"], call["number"], call["outcome"], call["to_do"]) == (True, "", "abandoned", "")
        assert hotline.post("acceptor1", "number", call_id, reason="回拨").status_code == 404
        assert hotline.post("acceptor1", "history", call_id).json() == {
            "call_id": call_id, "cases": [], "calls": [],
        }  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "masked", "kind"),
    [
        ("+8613812342716", "138****2716", "mobile"), ("02088886666", "0208888****", "landline"),
        ("sip:13812342716@10.0.0.1", "138****2716", "mobile"), ("95598", None, "service"),
    ],
    ids=range(4),
)  # fmt: skip
def test_others_see_no_whole_number(hotline: Hotline, caller: str, masked: str | None, kind: str) -> None:
    call_id = hotline.new(caller=caller)
    for who in ("acceptor1", "shift_leader1"):
        call = hotline.seen(who, call_id)
        assert (call["kind"], call["full"]) == (kind, False) and "*" in call["number"]
        if masked is not None and kind == "mobile":
            assert call["number"] == masked
    hotline.say("acceptor1", call_id, "talking")
    assert (
        "*" not in hotline.seen("acceptor1", call_id)["number"] and hotline.seen("acceptor1", call_id)["full"]
    )
    assert "*" in hotline.seen("shift_leader1", call_id)["number"]


def test_the_takers_sight_of_the_number_ends_with_the_wrap_up(hotline: Hotline) -> None:
    call_id = hotline.answered()
    for minutes, full in ((14, True), (16, False)):
        with hotline.backend.later(minutes=minutes):
            call = hotline.seen("acceptor1", call_id)
            assert call["full"] is full and (call["number"] == PHONE) is full, minutes


def test_the_number_is_shown_for_a_reason_that_is_kept(hotline: Hotline) -> None:
    call_id = hotline.missed()
    assert hotline.post("acceptor1", "number", call_id, reason="").status_code == 422
    assert hotline.post("acceptor1", "number", call_id).status_code == 422

    def entries() -> list[Any]:
        with reading(hotline.backend.engine) as conn:
            return list(
                conn.execute(
                    select(audit).where(audit.c.action == "call_number_shown", audit.c.target == call_id)
                )
            )

    assert entries() == [], "a refused question is none"
    for who in ("acceptor1", "shift_leader1"):
        assert hotline.post(who, "number", call_id, reason="回拨").json()["phone"] == PHONE
    assert [entry.actor_id for entry in entries()] == ["u-acceptor1", "u-shift_leader1"]
    assert all(PHONE not in entry.detail for entry in entries())


def test_a_recording_is_kept_when_it_comes_after_the_end(hotline: Hotline) -> None:
    call_id = hotline.answered()
    before = hotline.seen("shift_leader1", call_id)
    assert before["recording"] is None
    rev = hotline.say("acceptor1", call_id, "ended", ending="there", recording="rec/2026/11/one.wav")
    after = hotline.seen("shift_leader1", call_id)
    assert after["recording"] == "rec/2026/11/one.wav" and after["rev"] == rev > before["rev"]
    assert (after["outcome"], after["over_at"]) == (before["outcome"], before["over_at"])


def test_moments_of_the_future_and_of_long_ago_are_brought_into_bounds(hotline: Hotline) -> None:
    early, late = hotline.new(), f"{uuid7()}@pbx"
    hotline.say("acceptor1", late, "ringing", 3600.0, caller=PHONE)
    old = f"{uuid7()}@pbx"
    hotline.say("acceptor1", old, "ringing", -30 * 3600.0, caller=PHONE)
    now = hotline.backend.centre.now()
    moments = {
        name: datetime.fromisoformat(hotline.seen("acceptor1", call_id)["began_at"])
        for name, call_id in (("early", early), ("late", late), ("old", old))
    }
    assert moments["late"] <= now, "a seat's clock that runs ahead"
    assert moments["early"] <= moments["late"]
    assert timedelta(hours=23) < now - moments["old"] < timedelta(hours=25)


def test_reports_of_a_seat_that_was_offline_tell_the_same_story(hotline: Hotline) -> None:
    """All at once, in the wrong order and twice."""
    call_id = f"{uuid7()}@pbx"
    steps = [
        {"call_id": call_id, "state": "ended", "at": hotline.at(-10), "ending": "there"},
        {"call_id": call_id, "state": "talking", "at": hotline.at(-50)},
        {"call_id": call_id, "state": "ringing", "at": hotline.at(-58), "caller": PHONE},
    ]
    for given in (steps, steps):
        answer = hotline.backend.seat("acceptor1").post("/calls/reports", {"reports": given})
        assert answer.status_code == 200
    call = hotline.seen("acceptor1", call_id)
    assert (call["state"], call["outcome"], call["taker"]) == ("ended", "answered", "u-acceptor1")
    assert call["answer_s"] == pytest.approx(8, abs=0.01)
    with reading(hotline.backend.engine) as conn:
        assert conn.execute(select(func.count()).where(calls.c.call_id == call_id)).scalar() == 1


def test_several_reports_are_taken_together_or_not_at_all(hotline: Hotline) -> None:
    good = {"call_id": f"{uuid7()}@pbx", "state": "ringing", "at": hotline.at(0), "caller": PHONE}
    bad = {"call_id": f"{uuid7()}@pbx", "state": "flying", "at": hotline.at(0)}
    refused = hotline.backend.seat("acceptor1").post("/calls/reports", {"reports": [good, bad]})
    assert refused.status_code == 422
    with reading(hotline.backend.engine) as conn:
        assert book.find(conn, good["call_id"]) is None


# --- threads to cases -------------------------------------------------------------------------------------------


def test_a_call_may_move_to_another_case_but_to_none_that_is_out_of_sight(hotline: Hotline) -> None:
    backend = hotline.backend
    call_id = hotline.answered("acceptor_street")
    here, there = backend.seat("acceptor1").register(HERE), backend.seat("acceptor1").register(THERE)
    assert hotline.post("acceptor_street", "bind", call_id, case_id=there["case_id"]).status_code == 404
    assert hotline.seen("acceptor_street", call_id)["case_id"] is None
    for case in (here, there):
        bound = hotline.post("shift_leader1", "bind", call_id, case_id=case["case_id"])
        assert bound.json()["case_id"] == case["case_id"]
    unknown = hotline.post("shift_leader1", "bind", f"{uuid7()}@pbx", case_id=here["case_id"])
    assert unknown.status_code == 404 and unknown.json()["title"] == "没有这个电话。"


@pytest.mark.parametrize("what", ["bind", "close", "back", "number", "history"])
def test_an_unknown_call_is_told_in_words(hotline: Hotline, what: str) -> None:
    more = {
        "bind": {"case_id": uuid7()}, "close": {"reason": "x"}, "back": {"result": "reached"},
        "number": {"reason": "x"}, "history": {},
    }[what]  # fmt: skip
    answer = hotline.post("acceptor1", what, f"{uuid7()}@pbx", **more)
    assert answer.status_code == 404 and answer.json()["title"].startswith("没有这个电话")


def test_a_call_back_may_be_tried_again_and_the_last_result_stands(hotline: Hotline) -> None:
    call_id = hotline.missed()
    with hotline.backend.later(seconds=10):
        book.settle(hotline.backend.centre)
        tries = [
            hotline.post("acceptor1", "back", call_id, result=result).json()["back"]["result"]
            for result in ("not_reached", "reached")
        ]
        assert tries == ["not_reached", "reached"]
        assert hotline.post("acceptor1", "back", call_id, result="perhaps").status_code == 422
        call = hotline.seen("shift_leader1", call_id)
    assert (call["back"]["result"], call["back"]["by"], call["to_do"]) == ("reached", "u-acceptor1", "")


def test_an_answered_call_is_not_called_back(hotline: Hotline) -> None:
    refused = hotline.post("acceptor1", "back", hotline.answered(), result="reached")
    assert refused.status_code == 409 and refused.json()["code"] == "not_missed"


def test_the_history_of_a_number_is_short_and_leaves_the_call_itself_out(hotline: Hotline) -> None:
    number = "13900000017"
    ids = [hotline.answered(caller=f"+86{number}") for _ in range(HISTORY + 2)]
    other = hotline.answered(caller="13900000018")
    told = hotline.post("acceptor1", "history", ids[-1]).json()["calls"]
    assert len(told) == HISTORY
    found = {one["call_id"] for one in told}
    assert found <= set(ids[:-1]) and other not in found


# --- what is still to do ----------------------------------------------------------------------------------------


def test_open_ends_are_counted_by_what_they_ask_for(still: Hotline) -> None:
    hotline, own_backend, centre = still, still.backend, still.backend.centre
    assert open_ends(centre) == {"ticket": 0, "call_back": 0}
    first, second = hotline.answered(), hotline.answered()
    lost = hotline.missed()
    hotline.missed(caller="anonymous")
    assert open_ends(centre) == {"ticket": 2, "call_back": 0}, "a call that just ended may still be taken"
    with own_backend.later(seconds=10):
        assert book.settle(centre) == 2
        assert book.settle(centre) == 0, "once"
        assert open_ends(centre) == {"ticket": 2, "call_back": 1}
        assert hotline.post("acceptor1", "close", first, reason="咨询").json()["to_do"] == ""
        case = own_backend.seat("acceptor1").register(HERE)
        hotline.post("acceptor1", "bind", second, case_id=case["case_id"])
        hotline.post("acceptor1", "back", lost, result="dropped")
        assert open_ends(centre) == {"ticket": 0, "call_back": 0}
    with own_backend.later(days=DAYS + 1):
        assert open_ends(centre) == {"ticket": 0, "call_back": 0}
        assert own_backend.seat("acceptor1").get("/calls").json()["calls"] == [], "old calls are told no more"


def test_the_beat_settles_only_when_it_is_time(still: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    call_id, beat = still.missed(), SimpleNamespace(now=1000.0)
    monkeypatch.setattr("services.backend.calls.turns.time", SimpleNamespace(monotonic=lambda: beat.now))
    turns = CallTurns(still.backend.centre)

    def written() -> str:
        with reading(still.backend.engine) as conn:
            row = book.find(conn, call_id)
        assert row is not None
        return str(row.outcome)

    with still.backend.later(seconds=10):
        turns.turn()
        assert written() == "", "not yet"
        beat.now += EVERY_S
        turns.turn()
        assert written() == "abandoned"


# --- seats -------------------------------------------------------------------------------------------------------


def test_saying_the_same_again_adds_nothing_and_every_change_is_kept(own_backend: Backend) -> None:
    seat = own_backend.seat("acceptor1")

    def say(state: str, extension: str = "8001") -> None:
        answer = seat.call("PUT", "/seats/me", json={"state": state, "extension": extension})
        assert answer.status_code == 200, answer.text

    for state in ("idle", "idle", "talking", "wrap_up", "wrap_up", "idle"):
        say(state)
    say("idle", "8002")
    own_backend.seat("shift_leader1").call("PUT", "/seats/me", json={"state": "away", "extension": ""})
    with reading(own_backend.engine) as conn:
        rows = conn.execute(select(seat_states).order_by(seat_states.c.id)).all()
    assert [(r.state, r.extension) for r in rows if r.user_id == "u-acceptor1"] == [
        ("idle", "8001"), ("talking", "8001"), ("wrap_up", "8001"), ("idle", "8001"), ("idle", "8002"),
    ]  # fmt: skip
    told = seat.get("/seats").json()["seats"]
    assert [(one["user"]["id"], one["state"], one["extension"]) for one in told] == [
        ("u-acceptor1", "idle", "8002"), ("u-shift_leader1", "away", ""),
    ]  # fmt: skip
