"""Signing in and out, locks, sessions, passwords, and who may see what."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, func, select, update

from services.backend.access import passwords, signin
from services.backend.access.accounts import Account, AccountError, add_account, change_rights, disable
from services.backend.access.sessions import token_mark
from services.backend.db.access_tables import accounts, audit, login_failures, sessions
from services.sql.engine import glancing, writing
from tests.support.centre import PASSWORD, Backend, Seat, command


def audited(backend: Backend, action: str) -> int:
    with glancing(backend.engine) as conn:
        return int(conn.execute(select(func.count()).where(audit.c.action == action)).scalar_one())


def set_session(backend: Backend, seat: Seat, **values: Any) -> None:
    with writing(backend.engine) as conn:
        mark = token_mark(seat.session["token"])
        conn.execute(update(sessions).where(sessions.c.token_hash == mark).values(**values))


def test_signing_in_tells_who_and_until_when(backend: Backend) -> None:
    document = backend.sign_in("dispatcher2").json()
    assert document["user"] == {
        "id": "u-dispatcher2", "name": "dispatcher2先生", "roles": ["dispatcher"], "area_code": "990101", "dept": None,
    }  # fmt: skip
    assert document["must_change_password"] is False and document["last_login"] is None
    assert document["failed_since"] == 0 and document["expires_at"] and len(document["token"]) >= 43
    assert backend.sign_in("dispatcher2").json()["last_login"] is not None
    seat = Seat(backend.client, document)
    me = seat.get("/me").json()
    assert me["user"] == document["user"] and me["expires_at"] == document["expires_at"]
    with glancing(backend.engine) as conn:
        stored = conn.execute(select(sessions.c.token_hash)).scalars().all()
    assert document["token"].encode() not in [bytes(mark) for mark in stored]


def test_sessions_live_side_by_side_and_end_one_by_one(backend: Backend) -> None:
    one, two = backend.fresh_seat("leader1"), backend.fresh_seat("leader1")
    assert one.call("DELETE", "/session").status_code == 204
    assert one.get("/me").status_code == 401 and two.get("/me").status_code == 200
    assert one.call("DELETE", "/session").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer " + "é" * 30, "Bearer " + "x" * 43]
)
def test_without_a_valid_token_everything_is_401(backend: Backend, header: str) -> None:
    answer = backend.client.get("/v1/me", headers={"Authorization": header.encode()} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_sessions_lapse(backend: Backend) -> None:
    now = int(time.time() * 1000)
    idle = backend.fresh_seat("leader1")
    set_session(backend, idle, last_seen=now - 31 * 60_000)
    assert idle.get("/me").status_code == 401
    old = backend.fresh_seat("leader1")
    set_session(backend, old, created_at=now - 12 * 3_600_000 - 1000)
    assert old.get("/me").status_code == 401
    used = backend.fresh_seat("leader1")
    set_session(backend, used, last_seen=now - 29 * 60_000)
    assert used.get("/me").status_code == 200
    with glancing(backend.engine) as conn:
        mark = token_mark(used.session["token"])
        seen = conn.execute(select(sessions.c.last_seen).where(sessions.c.token_hash == mark)).scalar_one()
    assert seen >= now - 1000


def test_wrong_and_unknown_names_sound_alike_and_take_as_long(own_backend: Backend) -> None:
    backend = own_backend
    texts = set()
    for name in ("evaluator1", "nobody-at-all"):
        answer = backend.sign_in(name, "wrong")
        document = answer.json()
        texts.add((answer.status_code, document["code"], document["title"]))
    assert texts == {(401, "wrong_credentials", "用户名或密码不对。")}
    assert audited(backend, "sign_in_failed") == 2
    assert backend.sign_in("x" * 150, "wrong").status_code == 401
    good = backend.sign_in("evaluator1").json()
    assert good["failed_since"] == 1 and backend.sign_in("evaluator1").json()["failed_since"] == 0


def test_a_name_that_is_not_there_costs_a_real_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the parameters in use: argon2id, 19 MiB, two passes; and the dummy takes as long as a real one."""
    real = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    assert passwords._DUMMY.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    monkeypatch.setattr(passwords, "_hasher", real)
    stored = passwords.hash_password(PASSWORD)
    took = []
    for hashed in (stored, None):
        begun = time.perf_counter()
        assert passwords.check_password(hashed, PASSWORD) is (hashed is not None)
        took.append(time.perf_counter() - begun)
    assert took[1] > took[0] / 5 and not passwords.needs_rehash(stored)


@pytest.mark.parametrize("name", ["auditor1", "nobody-at-all"])
def test_five_failures_lock_also_what_is_not_there(own_backend: Backend, name: str) -> None:
    backend = own_backend
    for _ in range(5):
        assert backend.sign_in(name, "wrong").status_code == 401
    for password in ("wrong", PASSWORD):
        answer = backend.sign_in(name, password)
        assert (answer.status_code, answer.json()["code"]) == (403, "account_locked")
        assert int(answer.headers["retry-after"]) > 1700
    assert backend.sign_in("leader1").status_code == 200
    assert audited(backend, "locked") == 1
    with writing(backend.engine) as conn:
        past = int(time.time() * 1000) - 1
        conn.execute(update(login_failures).values(at=past - 31 * 60_000, locked_until=past))
    assert backend.sign_in(name, PASSWORD).status_code == (200 if name == "auditor1" else 401)


def test_parallel_guesses_do_not_outrun_the_lock(own_backend: Backend) -> None:
    codes: list[int] = []

    def guess() -> None:
        codes.append(own_backend.sign_in("admin1", "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) == 5 and codes.count(403) == 7


@pytest.mark.parametrize("rest", [PASSWORD, "wrong"])
def test_several_processes_do_not_outrun_the_lock(
    own_backend: Backend, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    """Without the turns of one process, as between processes, five guesses are answered and no more."""
    monkeypatch.setattr(signin._turns, "of", lambda _name: nullcontext())
    codes: list[int] = []
    together = threading.Barrier(12)

    def guess(password: str) -> None:
        together.wait(20)
        codes.append(own_backend.sign_in("admin1", password).status_code)

    for _ in range(5):
        own_backend.sign_in("admin1", "wrong")
    threads = [threading.Thread(target=guess, args=(rest,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [403] * 12
    with writing(own_backend.engine) as conn:
        conn.execute(delete(login_failures))
    codes.clear()
    together.reset()
    threads = [threading.Thread(target=guess, args=("wrong",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes.count(401), codes.count(403)) == (5, 7)


def test_failures_long_apart_do_not_lock(own_backend: Backend) -> None:
    backend = own_backend
    for _ in range(4):
        backend.sign_in("leader1", "wrong")
    with writing(backend.engine) as conn:
        conn.execute(update(login_failures).values(at=login_failures.c.at - 16 * 60_000))
    for _ in range(4):
        assert backend.sign_in("leader1", "wrong").status_code == 401
    assert backend.sign_in("leader1").status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "a"}, {"username": "a", "password": 1}, {"username": "", "password": "x"},
     {"username": "a\x00", "password": "x"}, {"username": "a", "password": "x", "admin": True}, []],
)  # fmt: skip
def test_wrong_sign_in_bodies(backend: Backend, body: Any) -> None:
    assert backend.client.post("/v1/session", json=body).status_code == 422


def test_a_password_must_be_changed_before_anything_else(own_backend: Backend) -> None:
    backend = own_backend
    with writing(backend.engine) as conn:
        add_account(conn, Account("u-new", "new1", "新人", ("acceptor",), "990101"), "One-time-0001")
    seat = Seat(backend.client, backend.sign_in("new1", "One-time-0001").json())
    other = Seat(backend.client, backend.sign_in("new1", "One-time-0001").json())
    assert seat.session["must_change_password"] is True
    for method, path in (
        ("GET", "/changes"),
        ("GET", "/cases"),
        ("GET", "/reference"),
        ("POST", "/commands"),
    ):
        answer = seat.call(method, path)
        assert (answer.status_code, answer.json()["code"]) == (403, "must_change_password"), path
    assert seat.get("/me").json()["must_change_password"] is True and seat.get("/meta").status_code == 200

    def change(old: str, new: str) -> tuple[int, str]:
        answer = seat.post("/me/password", {"old": old, "new": new})
        return answer.status_code, answer.json()["code"] if answer.content else ""

    assert change("wrong", "Another-0002") == (403, "wrong_password")
    for weak in ("short", "One-time-0001", "password123", "new1", "alllowercase", "x" * 200):
        assert change("One-time-0001", weak) == (422, "weak_password"), weak
    assert change("One-time-0001", "Aa1Aa1Aa1\x01") == (422, "invalid")
    assert change("One-time-0001", "Another-0002") == (204, "")
    assert seat.get("/cases").status_code == 200 and other.get("/me").status_code == 401
    assert backend.sign_in("new1", "One-time-0001").status_code == 401
    assert audited(backend, "password_changed") == 1 and audited(backend, "password_change_failed") == 1


def test_a_closed_account_is_out_at_once(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("leader1")
    with writing(backend.engine) as conn:
        disable(conn, "u-leader1")
    assert seat.get("/me").status_code == 401 and backend.sign_in("leader1").status_code == 401


def test_old_hashes_are_made_anew(own_backend: Backend) -> None:
    backend = own_backend
    weak = PasswordHasher(time_cost=1, memory_cost=128, parallelism=1).hash(PASSWORD)
    with writing(backend.engine) as conn:
        conn.execute(update(accounts).where(accounts.c.user_id == "u-leader1").values(password_hash=weak))
    assert backend.sign_in("leader1").status_code == 200
    with glancing(backend.engine) as conn:
        stored = conn.execute(
            select(accounts.c.password_hash).where(accounts.c.user_id == "u-leader1")
        ).scalar_one()
    assert stored != weak and not passwords.needs_rehash(stored)
    assert backend.sign_in("leader1").status_code == 200


def test_accounts_that_contradict_themselves_are_refused(own_backend: Backend) -> None:
    good = Account("u-x", "xuser", "某人", ("acceptor",), "990101")
    with writing(own_backend.engine) as conn:
        for wrong in (
            {"user_id": ""}, {"username": "a b"}, {"name": " "}, {"roles": ()}, {"roles": ("king",)},
            {"area_code": "north"}, {"roles": ("dept_user",)}, {"user_id": "u-leader1"}, {"username": "leader1"},
        ):  # fmt: skip
            values = {
                name: getattr(good, name) for name in ("user_id", "username", "name", "roles", "area_code")
            }
            with pytest.raises(AccountError):
                add_account(conn, Account(**{**values, **wrong}), "Some-pass-1")
        with pytest.raises(AccountError):
            change_rights(conn, "u-nobody", area_code="1")
        with pytest.raises(AccountError):
            change_rights(conn, "u-leader1", roles=("dept_user",))


def test_a_limit_of_sessions_ends_the_oldest(own_backend: Backend) -> None:
    from services.backend.access.sessions import open_session
    from services.backend.access.settings import AccessSettings

    backend = own_backend
    seats = [backend.fresh_seat("leader1") for _ in range(3)]
    for place, seat in enumerate(seats):
        set_session(backend, seat, created_at=int(time.time() * 1000) - 10_000 + place)
    with writing(backend.engine) as conn:
        open_session(conn, "u-leader1", 1, None, AccessSettings(max_sessions=2))
    assert [seat.get("/me").status_code for seat in seats] == [401, 401, 200]


# --- personal data -------------------------------------------------------------------------------------


def test_a_caller_is_masked_everywhere_and_shown_with_a_reason(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    since = backend.settle()
    ticket = {"caller_phone": "13912345678", "caller_name": "李四光", "caller_id_no": "440106199001011234",
              "company_name": "某某公司", "topic": "回电 13712345678", "rounds": 2}  # fmt: skip
    case = seat.register(caller={"name": "张三丰", "phone": "+86 138-1234-5678"}, ticket=ticket)
    assert case["caller_masked"] == "张** 138****5678"
    outcome = seat.do("log_call", case, caller={"name": "王五", "phone": "020-81234567"}, call_id="c1")
    texts = [
        seat.get(f"/cases/{case['case_id']}").text, str(backend.changes(seat, since)), seat.get("/snapshot").text,
        seat.get("/cases", q="井盖").text, str(outcome),
    ]  # fmt: skip
    for text in texts:
        for secret in (
            "张三丰",
            "1234-5678",
            "13812345678",
            "李四光",
            "13912345678",
            "440106",
            "某某",
            "137123",
            "81234567",
        ):
            assert secret not in text, secret
    payload = seat.get(f"/cases/{case['case_id']}").json()["timeline"][0]["payload"]
    assert payload["ticket"] == {"caller_phone": "139****5678", "caller_name": "李**", "caller_id_no": "****",
                                 "company_name": "某**", "topic": "回电 137****5678", "rounds": 2}  # fmt: skip
    shown = seat.post(f"/cases/{case['case_id']}/caller", {"reason": "回访"}).json()
    assert (shown["name"], shown["phone"]) == ("张三丰", "+86 138-1234-5678")
    assert [entry["name"] for entry in shown["callers"]] == ["张三丰", "王五"]
    with glancing(backend.engine) as conn:
        row = conn.execute(
            select(audit).where(audit.c.action == "caller_revealed").order_by(audit.c.id.desc())
        ).first()
    assert (
        row is not None
        and row.actor_id == "u-acceptor1"
        and row.target == case["case_id"]
        and "回访" in row.detail
    )


def test_who_may_see_a_caller(backend: Backend) -> None:
    case = backend.reach("handling", caller={"name": "张三丰", "phone": "13812345678"})
    path = f"/cases/{case['case_id']}/caller"

    def codes(*names: str) -> list[int]:
        return [backend.seat(name).post(path, {"reason": "办理"}).status_code for name in names]

    assert codes("acceptor1", "shift_leader1", "muni1") == [200, 200, 200]
    assert codes("dispatcher1", "leader1", "admin1", "auditor1", "supervisor1") == [403] * 5
    assert codes("sani1", "nowhere1") == [404, 404]
    assert audited(backend, "caller_refused") >= 5
    assert backend.seat("acceptor1").post(path, {}).status_code == 422
    assert backend.seat("acceptor1").post(path, {"reason": " "}).status_code == 422
    nobody = backend.seat("acceptor1").register()
    shown = backend.seat("acceptor1").post(f"/cases/{nobody['case_id']}/caller", {"reason": "x"}).json()
    assert shown["name"] is None and shown["callers"] == []


def test_a_confidential_caller_leaves_no_trace_in_the_log(backend: Backend) -> None:
    seat = backend.seat("acceptor1")
    case = seat.register(
        confidential=True,
        caller={"name": "张三丰", "phone": "13812345678"},
        ticket={"caller_name": "张三丰", "topic": "x"},
    )
    seat.do("log_call", case, caller={"name": "李四"}, caller_phone="13812345678")
    shown = seat.get(f"/cases/{case['case_id']}").json()
    assert shown["caller_masked"] is None and "confidential" in shown["flags"]
    assert "caller" not in shown["timeline"][0]["payload"] and shown["timeline"][0]["payload"]["ticket"] == {
        "topic": "x"
    }
    assert shown["timeline"][1]["payload"] == {}
    path = f"/cases/{case['case_id']}/caller"
    assert seat.post(path, {"reason": "x"}).status_code == 403
    assert backend.seat("shift_leader1").post(path, {"reason": "x"}).json()["name"] == "张三丰"


# --- every route -----------------------------------------------------------------------------------------


def test_every_route_but_the_open_ones_wants_a_token(backend: Backend) -> None:
    """Taken from the table of routes, so that a new one fails here until it is looked at."""
    open_routes = {
        ("GET", "/v1/meta"),
        ("POST", "/v1/session"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
    seen = 0
    for method, path in routes(backend):
        if (method, path) in open_routes or not path.startswith("/v1"):
            continue
        url = path.replace("{case_id}", "0193d6c1-0000-7000-8000-000000000000").replace("{sha256}", "0" * 64)
        answer = backend.client.request(method, url, params={"level": "grid"} if "areas" in path else {})
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        seen += 1
    assert seen >= 18


def routes(backend: Backend) -> list[tuple[str, str]]:
    """Method and path of every route of the application's API."""
    from services.backend.http.openapi import operations

    return operations(backend.client.app)


def test_admin_and_auditor_act_on_no_case(backend: Backend) -> None:
    case = backend.seat("acceptor1").register()
    for who in ("admin1", "auditor1"):
        for action, payload in (("comment", {"text": "x"}), ("accept", {}), ("attach", None)):
            if payload is None:
                payload = {"sha256": "0" * 64, "name": "a", "mime": "image/png", "size": 1}
            outcome = backend.seat(who).send(command(action, case, **payload))
            assert outcome["outcome"] == "rejected", (who, action)
        assert backend.seat(who).get(f"/cases/{case['case_id']}").json()["allowed"] == []
