"""Feed, snapshot and digest: what a console builds its picture from, and that the three agree."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.backend import digests, snapshot
from services.backend.access.accounts import change_rights
from services.backend.centre import system_now
from services.backend.db.access_tables import accounts
from services.backend.db.opening import read_meta, write_meta
from services.domain.digest import digest
from services.domain.ids import uuid7
from services.sql.engine import writing
from tests.support.centre import HERE, THERE, Backend, Seat, birth, command
from tests.support.waiting import rest, until


def open_cases(backend: Backend, seat: Seat, size: int = 500) -> tuple[int, dict[str, dict[str, Any]]]:
    """A whole snapshot: its number and the cases by id."""
    backend.settle()
    page: str | None = None
    numbers: set[int] = set()
    found: dict[str, dict[str, Any]] = {}
    while True:
        answer = seat.get("/snapshot", limit=size, **({"page": page} if page else {}))
        assert answer.status_code == 200, answer.text
        document = answer.json()
        numbers.add(document["as_of_seq"])
        assert len(document["cases"]) <= size + 50
        for case in document["cases"]:
            assert case["case_id"] not in found
            found[case["case_id"]] = case
        page = document["next_page"]
        if page is None:
            (number,) = numbers
            return number, found


def buckets_of(cases: Any) -> list[dict[str, Any]]:
    open_ones = [
        (case["case_id"], case["version"]) for case in cases if case["stage"] and not case["closed_at"]
    ]
    return [{"count": bucket.count, "xor": bucket.xor} for bucket in digest(open_ones)]


# --- the feed ------------------------------------------------------------------------------------------


def test_changes_carry_the_case_after_them(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    since = backend.settle()
    case = backend.reach("handling")
    got = backend.changes(seat, since)
    assert got["epoch"] == backend.centre.facts.epoch and got["next"] == got["head"] == since + 5
    changes = got["changes"]
    assert [change["seq"] for change in changes] == list(range(since + 1, since + 6))
    assert [change["action"] for change in changes] == ["register", "accept", "file", "dispatch", "sign"]
    for place, change in enumerate(changes, 1):
        assert change["version"] == change["case"]["version"] == place
        assert change["xver"] == change["case"]["xver"] and change["left_scope"] is False
        assert set(change) == {
            "seq", "case_id", "version", "xver", "action", "actor", "at", "command_id", "payload", "case", "left_scope",
        }  # fmt: skip
    last = {key: value for key, value in changes[-1]["case"].items() if key != "clocks"}
    assert last == {key: value for key, value in case.items() if key != "clocks"}
    assert changes[3]["payload"] == {"lead_dept": "muni"}
    assert changes[3]["actor"] == {"id": "u-dispatcher1", "name": "dispatcher1先生", "role": "dispatcher"}


def test_the_feed_is_the_same_from_memory_and_from_the_log(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    since = backend.settle()
    backend.reach("closed")
    warm = backend.changes(seat, since)
    backend.centre.cases.clear()
    backend.centre.change_bytes.clear()
    assert backend.changes(seat, since)["changes"] == warm["changes"]


def test_pages_of_the_feed_join_without_a_gap(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    since = backend.settle()
    backend.reach("handling")
    whole = backend.changes(seat, since)["changes"]
    joined: list[Any] = []
    at = since
    while True:
        got = backend.changes(seat, at, limit=2)
        if not got["changes"]:
            break
        assert len(got["changes"]) <= 2
        joined += got["changes"]
        at = got["next"]
    assert joined == whole


def test_a_case_that_leaves_the_scope_is_told_once(backend: Backend) -> None:
    unit = backend.seat("muni1")
    since = backend.settle()
    case = backend.reach("pending_sign")
    dispatcher = backend.seat("dispatcher1")
    case = dispatcher.do("recall", case, reason="误派")["case"]
    case = dispatcher.do("dispatch", case, lead_dept="sani")["case"]
    dispatcher.do("redispatch", case, lead_dept="muni", reason="改回")
    got = backend.changes(unit, since)
    mine = [(change["action"], change["left_scope"], "case" in change) for change in got["changes"]]
    assert mine == [("dispatch", False, True), ("recall", True, False), ("redispatch", False, True)]
    assert got["changes"][1]["payload"] == {}
    assert got["next"] == got["head"]
    theirs = [
        (change["action"], change["left_scope"])
        for change in backend.changes(backend.seat("sani1"), since)["changes"]
    ]
    assert theirs == [("dispatch", False), ("redispatch", True)]


def test_moving_a_case_out_of_an_area_is_told_there(backend: Backend) -> None:
    street = backend.seat("acceptor_street")
    since = backend.settle()
    case = backend.seat("acceptor1").register(HERE)
    case = backend.seat("acceptor1").do("amend", case, location=THERE, reason="位置有误")["case"]
    backend.seat("acceptor1").do("comment", case, text="之后")
    mine = backend.changes(street, since)["changes"]
    assert [(change["action"], change["left_scope"]) for change in mine] == [
        ("register", False),
        ("amend", True),
    ]


def test_a_waiting_poll_is_answered_when_something_comes(backend: Backend) -> None:
    seat = backend.seat("leader1")
    since = backend.settle()
    answers: list[tuple[float, dict[str, Any]]] = []

    def wait() -> None:
        begun = time.monotonic()
        answer = seat.get("/changes", epoch=backend.centre.facts.epoch, since=since, wait=20)
        answers.append((time.monotonic() - begun, answer.json()))

    thread = threading.Thread(target=wait)
    thread.start()
    rest(0.3)
    case = backend.seat("acceptor1").register()
    thread.join(15)
    took, got = answers[0]
    assert took < 10 and [change["case_id"] for change in got["changes"]] == [case["case_id"]]


def test_who_does_not_wait_is_told_of_everything_decided(
    own_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console that asks right after another one's answer sees its effect, though no beat came between."""
    seat = own_backend.seat("acceptor1")
    seat.register()
    since, epoch = own_backend.settle(), own_backend.centre.facts.epoch
    assert seat.get("/changes", epoch=epoch, since=since, wait=0).json()["changes"] == []
    monkeypatch.setattr(own_backend.centre.ticker, "beat", lambda: None)
    rest(0.1)  # a beat under way ends
    case = seat.register()
    page = seat.get("/changes", epoch=epoch, since=since, wait=0).json()
    assert [change["case_id"] for change in page["changes"]] == [case["case_id"]]
    assert page["next"] == page["head"] == since + 1
    behind = seat.get("/changes", epoch=epoch, since=since - 1, limit=1, wait=0).json()
    assert (behind["next"], behind["head"]) == (since, since + 1)


def test_a_poll_without_news_ends_in_time(backend: Backend) -> None:
    since = backend.settle()
    begun = time.monotonic()
    got = (
        backend.seat("leader1").get("/changes", epoch=backend.centre.facts.epoch, since=since, wait=1).json()
    )
    assert 0.9 <= time.monotonic() - begun < 5
    assert got["changes"] == [] and got["next"] == got["head"] == since and got["server_time"]


@pytest.mark.parametrize(
    "params",
    [
        {"since": "x"},
        {"since": "-1"},
        {"limit": "0"},
        {"wait": "1.5"},
        {"since": "１２"},
        {"sinse": "1"},
        {"since": "9" * 30},
    ],
)
def test_wrong_cursors_are_422(backend: Backend, params: dict[str, str]) -> None:
    assert backend.seat("acceptor1").get("/changes", **params).status_code == 422


def test_a_known_poller_is_answered_from_memory_and_cut_off_at_once(own_backend: Backend) -> None:
    """The second poll needs no database; ended sessions and changed rights are seen all the same."""
    backend = own_backend
    seat, other = backend.fresh_seat("leader1"), backend.fresh_seat("leader1")
    epoch = backend.centre.facts.epoch
    backend.settle()
    assert seat.get("/changes", epoch=epoch, since=0, wait=0).status_code == 200
    case = backend.seat("acceptor1").register()
    head = backend.settle()
    # the sign-in of another seat makes everybody unknown again; the next poll is remembered
    assert until(
        lambda: (
            seat.get("/changes", epoch=epoch, since=head, wait=0).status_code == 200
            and backend.centre.callers.get(seat.session["token"]) is not None
        )
    )
    from_log = other.get("/changes", epoch=epoch, since=0, wait=0).json()
    found = seat.get("/changes", epoch=epoch, since=0, wait=0).json()
    assert found["changes"] == from_log["changes"] and found["changes"][-1]["case_id"] == case["case_id"]
    assert seat.get("/changes", epoch=epoch, since=head, wait=0).json()["changes"] == []
    with writing(backend.engine) as conn:
        change_rights(conn, "u-leader1", area_code="990101001")
    assert until(lambda: seat.get("/changes", epoch=epoch, since=head, wait=0).status_code == 409)
    seat.get("/snapshot")
    assert seat.get("/changes", epoch=epoch, since=head, wait=0).status_code == 200
    assert seat.call("DELETE", "/session").status_code == 204
    assert seat.get("/changes", epoch=epoch, since=head, wait=0).status_code == 401


def test_must_refetch(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    seat.register()
    head = backend.settle()
    epoch = backend.centre.facts.epoch

    def code(**params: Any) -> tuple[int, str | None]:
        answer = seat.get("/changes", **{"wait": 0, **params})
        return answer.status_code, answer.json().get("code")

    assert code(epoch=epoch, since=head) == (200, None)
    assert code(since=head) == (200, None)
    assert code(epoch=str(uuid.uuid4()), since=head) == (409, "must_refetch")
    assert code(epoch=epoch, since=head + 1) == (409, "must_refetch")
    with writing(backend.engine) as conn:
        change_rights(conn, "u-acceptor1", area_code="990101001")
    backend.centre.ticker.beat()
    assert code(epoch=epoch, since=head) == (409, "must_refetch")
    number, _ = open_cases(backend, seat)
    assert code(epoch=epoch, since=number) == (200, None)
    with writing(backend.engine) as conn:
        write_meta(conn, "first_seq", str(head + 5))
    backend.centre._slow()
    assert code(epoch=epoch, since=0) == (409, "must_refetch")
    with writing(backend.engine) as conn:
        write_meta(conn, "feed_epoch", str(uuid.uuid4()))
        assert read_meta(conn, "feed_epoch") != epoch
    backend.centre._slow()
    assert code(epoch=epoch, since=head) == (409, "must_refetch")


def test_changed_rights_cut_a_snapshot_off(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    for _ in range(3):
        seat.register()
    page = seat.get("/snapshot", limit=1).json()["next_page"]
    with writing(backend.engine) as conn:
        conn.execute(update(accounts).where(accounts.c.user_id == "u-acceptor1").values(rights_version=9))
    assert seat.get("/snapshot", page=page).json()["code"] == "must_refetch"
    page = seat.get("/snapshot", limit=1).json()["next_page"]
    assert seat.get("/snapshot", page=page).status_code == 200


def test_a_change_of_area_shows_in_the_next_snapshot(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    here, there = seat.register(HERE), seat.register(THERE)
    assert set(open_cases(backend, seat)[1]) == {here["case_id"], there["case_id"]}
    with writing(backend.engine) as conn:
        change_rights(conn, "u-acceptor1", area_code="990101002")
    assert set(open_cases(backend, seat)[1]) == {there["case_id"]}


# --- snapshot and digest ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["acceptor1", "acceptor_street", "muni1", "nowhere1", "admin1", "street1"])
def test_snapshot_and_digest_agree_for_everybody(backend: Backend, who: str) -> None:
    for state in ("reported", "pending_sign", "handling", "closed"):
        backend.reach(state)
    backend.reach("pending_sign", dept="street-990101001")
    seat = backend.seat(who)
    number, cases = open_cases(backend, seat)
    got = seat.get("/digest", as_of=number).json()
    assert got["as_of"] == number and got["buckets"] == buckets_of(cases.values())
    assert sum(bucket["count"] for bucket in got["buckets"]) == sum(
        1 for case in cases.values() if not case["closed_at"]
    )
    if who == "nowhere1":
        assert not cases
    elif who in ("acceptor1", "admin1"):
        assert any(case["state"] == "closed" for case in cases.values())


@pytest.mark.parametrize("who", ["acceptor1", "acceptor_street", "muni1", "nowhere1"])
def test_every_page_says_how_many_there_are(backend: Backend, who: str) -> None:
    for state in ("reported", "handling", "closed"):
        backend.reach(state)
    seat = backend.seat(who)
    page = seat.get("/snapshot", limit=2).json()
    totals, count = [page["total"]], len(page["cases"])
    while page["next_page"]:
        page = seat.get("/snapshot", limit=2, page=page["next_page"]).json()
        totals.append(page["total"])
        count += len(page["cases"])
    assert set(totals) == {count}


def test_every_page_is_at_one_number_whatever_happens_meanwhile(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    cases = [seat.register() for _ in range(12)]
    closing = [backend.reach("pending_close") for _ in range(2)]
    done = [backend.reach("closed") for _ in range(3)]
    before_number, before = open_cases(backend, seat)
    first = seat.get("/snapshot", limit=4).json()
    found = {case["case_id"]: case for case in first["cases"]}
    # cases already sent and not yet sent move on, close, are born
    for case in cases[::2]:
        seat.do("accept", case)
    for case in closing:
        backend.seat("shift_leader1").do("close", case, closing_condition="恢复")
    backend.seat("shift_leader1").do("reopen", done[0], reason="复发")
    born = seat.register()
    page = first["next_page"]
    while page:
        document = seat.get("/snapshot", page=page, limit=4).json()
        assert document["as_of_seq"] == first["as_of_seq"]
        for case in document["cases"]:
            assert case["case_id"] not in found
            found[case["case_id"]] = case
        page = document["next_page"]
    assert born["case_id"] not in found and before_number == first["as_of_seq"]
    assert {key: case["version"] for key, case in found.items()} == {
        key: case["version"] for key, case in before.items()
    }
    assert {case["state"] for case in found.values()} == {"reported", "pending_close", "closed"}
    assert seat.get("/digest", as_of=first["as_of_seq"]).json()["buckets"] == buckets_of(before.values())
    after_number, after = open_cases(backend, seat, 3)
    assert seat.get("/digest", as_of=after_number).json()["buckets"] == buckets_of(after.values())
    assert seat.get("/digest").json()["buckets"] == buckets_of(after.values())


def test_a_snapshot_plus_the_feed_is_the_present(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    backend.reach("handling")
    number, cases = open_cases(backend, seat)
    for state in ("closed", "pending_dispatch", "checking"):
        backend.reach(state)
    for change in backend.changes(seat, number)["changes"]:
        kept = cases.get(change["case_id"])
        if kept is None or change["version"] > kept["version"]:
            cases[change["case_id"]] = change["case"]
    _, present = open_cases(backend, seat)
    assert {key: case["version"] for key, case in cases.items()} == {
        key: case["version"] for key, case in present.items()
    }


def test_old_closed_cases_are_left_out(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    with backend.later(days=-8):
        old = seat.register()
        body = command("cancel", old, reason="误报") | {
            "seen_at": (system_now() - timedelta(days=8)).isoformat()
        }
        assert backend.seat("shift_leader1").send(body)["outcome"] == "applied"
    new = backend.reach("closed")
    assert set(open_cases(backend, seat)[1]) == {new["case_id"]}


def test_too_old_numbers(own_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = own_backend
    monkeypatch.setattr(digests, "KEEPS", 3)
    monkeypatch.setattr(snapshot, "KEEPS", 3)
    seat = backend.seat("acceptor1")
    cases = [seat.register() for _ in range(2)]
    head = backend.settle()
    page = seat.get("/snapshot", limit=1).json()["next_page"]
    for _ in range(3):
        seat.do("comment", cases[0], text="x")
    backend.settle()
    assert (
        seat.get("/digest", as_of=head).status_code == 200
        and seat.get("/snapshot", page=page).status_code == 200
    )
    seat.do("comment", cases[0], text="x")
    backend.settle()
    answer = seat.get("/digest", as_of=head)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_old")
    assert seat.get("/snapshot", page=page).json()["code"] == "must_refetch"
    assert seat.get("/digest", as_of=head + 50).status_code == 422


@pytest.mark.parametrize(
    "page", ["x", "W10", "WzEsMl0", "é", "eyJhIjoxfQ", "WzEsIngiLDEsInN0cmFuZ2UiLDAsIiJd"]
)
def test_wrong_pages_are_422(backend: Backend, page: str) -> None:
    assert backend.seat("acceptor1").get("/snapshot", page=page).status_code == 422


def test_a_page_of_another_history_is_refused(backend: Backend) -> None:
    token = snapshot.Cursor(1, str(uuid.uuid4()), 0).text()
    assert backend.seat("acceptor1").get("/snapshot", page=token).json()["code"] == "must_refetch"


def test_unnumbered_changes_are_not_in_a_snapshot(own_backend: Backend) -> None:
    """On PostgreSQL a change is committed before it is numbered; a page at a number must not show it."""
    backend = own_backend
    if backend.sqlite:
        pytest.skip(
            "SQLite numbers a change in its own transaction: there is none without a number to leave out"
        )
    seat = backend.seat("acceptor1")
    case = seat.register()
    number, _ = open_cases(backend, seat)
    backend.centre.ticker.stop()
    seat.do("accept", case)
    seat.send(command("register", uuid7(), **birth()))
    document = seat.get("/snapshot").json()
    assert document["as_of_seq"] == number
    assert [(found["case_id"], found["version"]) for found in document["cases"]] == [(case["case_id"], 1)]
    assert seat.get("/digest", as_of=number).json()["buckets"] == buckets_of(document["cases"])
