"""Signing in and out at the web seat, the password page, and what keeps a session to itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from services.backend.access.accounts import Account, add_account
from services.backend.db.access_tables import audit
from services.sql.engine import glancing, writing
from tests.integration.seat.web import Web, forms_in, said
from tests.support.centre import DISTRICT, PASSWORD, Backend

Browsers = Callable[[str], Web]


def add(
    backend: Backend, name: str, *, must_change: bool = False, roles: tuple[str, ...] = ("dept_user",)
) -> Web:
    """A person of the municipal unit with an account of their own."""
    with writing(backend.engine) as conn:
        account = Account(f"u-{name}", name, f"{name}女士", roles, DISTRICT, "muni", must_change=must_change)
        add_account(conn, account, PASSWORD)
    return Web(backend, name)


def test_seat_without_slash_leads_to_the_seat(backend: Backend) -> None:
    answer = Web(backend).request("GET", "/seat")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/seat/"


def test_stranger_is_sent_to_sign_in_and_back_afterwards(backend: Backend) -> None:
    web = add(backend, "back1")
    answer = web.request("GET", "/seat/reports")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/seat/sign-in?next=/seat/reports"
    assert web.sign_in(then="/seat/reports").headers["location"] == "/seat/reports"
    assert "我的上报" in web.get("/reports")


@pytest.mark.parametrize(
    "place", ["https://elsewhere.example/", "//elsewhere.example", "/v1/me", "/seat//x", "\\x"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(backend: Backend, web: Browsers, place: str) -> None:
    somebody = Web(backend, "muni1")
    assert somebody.sign_in(then=place).headers["location"] == "/seat/"


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(backend: Backend) -> None:
    plain, secure = Web(backend, "muni1"), Web(backend, "muni1", scheme="https")
    for browser in (plain, secure):
        lines = browser.sign_in().headers.get_list("set-cookie")
        session = next(line for line in lines if line.startswith("griddesk_seat=")).lower()
        assert "httponly" in session
        assert "samesite=strict" in session
        assert "path=/seat" in session
        assert ("secure" in session.split("; ")) is (browser is secure)


def test_wrong_name_and_wrong_password_get_the_same_sentence(backend: Backend) -> None:
    known, unknown = add(backend, "wrong1"), Web(backend, "nobody-here")
    first, second = known.sign_in("Wrong-Pass-1"), unknown.sign_in("Wrong-Pass-1")
    assert first.status_code == second.status_code == 401
    assert "用户名或密码不对" in said(first.text)
    assert said(first.text) == said(second.text)
    # the name is kept in its field, the password is not
    assert forms_in(first.text)[0]["username"] == "wrong1"
    assert forms_in(first.text)[0]["password"] == ""


def test_five_failures_lock_the_account_here_and_at_the_console(backend: Backend) -> None:
    web = add(backend, "locked1")
    for _ in range(5):
        web.sign_in("Wrong-Pass-1")
    answer = web.sign_in()
    assert answer.status_code == 403
    assert "账号已锁定" in said(answer.text)
    assert backend.sign_in("locked1").json()["code"] == "account_locked"


def test_sign_in_needs_its_own_forms_token(backend: Backend) -> None:
    web = Web(backend, "muni1")
    web.get("/sign-in")
    values = {"username": "muni1", "password": PASSWORD, "form_token": "0" * 64, "then": "/seat/"}
    assert web.request("POST", "/seat/sign-in", data=values).status_code == 403
    assert "griddesk_seat" not in web.cookies
    bare = Web(backend, "muni1")
    assert bare.request("POST", "/seat/sign-in", data=values).status_code == 403


def test_empty_fields_are_named(backend: Backend) -> None:
    answer = Web(backend, "muni1").sign_in("")
    assert answer.status_code == 422
    assert "请填写用户名和密码" in said(answer.text)


def test_sign_out_ends_the_session_in_every_door(backend: Backend) -> None:
    web = add(backend, "leaving1")
    web.sign_in()
    token = web.cookies["griddesk_seat"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert backend.client.get("/v1/me", headers=bearer).status_code == 200
    leave = forms_in(web.get("/"))[-1]
    assert web.request("POST", "/seat/sign-out", data={"form_token": "x"}).status_code == 303
    assert backend.client.get("/v1/me", headers=bearer).status_code == 200, (
        "a form without token ends nothing"
    )
    web.cookies["griddesk_seat"] = token
    answer = web.request("POST", "/seat/sign-out", data=leave)
    assert answer.headers["location"] == "/seat/sign-in"
    assert answer.headers["clear-site-data"] == '"storage"'
    assert "griddesk_seat" not in web.cookies
    assert backend.client.get("/v1/me", headers=bearer).status_code == 401
    # a second time nothing happens, and a stale cookie is told about
    assert web.request("POST", "/seat/sign-out", data=leave).status_code == 303
    web.cookies["griddesk_seat"] = token
    gone = web.request("GET", "/seat/")
    assert gone.headers["location"] == "/seat/sign-in?ended=1"
    assert "登录已失效" in said(web.get("/sign-in?ended=1"))


def test_sign_in_out_and_failure_are_audited(backend: Backend) -> None:
    web = add(backend, "audited1")
    web.sign_in("Wrong-Pass-1")
    web.sign_in()
    web.request("POST", "/seat/sign-out", data=forms_in(web.get("/"))[-1])
    with glancing(backend.engine) as conn:
        rows = conn.execute(select(audit).where(audit.c.actor_id == "u-audited1").order_by(audit.c.id)).all()
    assert [row.action for row in rows] == ["sign_in_failed", "sign_in", "sign_out"]
    assert all(row.trace_id for row in rows)


def test_last_sign_in_is_told(backend: Backend) -> None:
    web = add(backend, "again1")
    web.sign_in()
    assert "这是您第一次登录" in said(web.get("/"))
    web.sign_in("Wrong-Pass-1")
    web.sign_in()
    assert "次登录失败" in said(web.get("/"))
    assert "上次登录" in said(web.get("/"))
    web.cookies["griddesk_seat_last"] = "99999999999999999.x"
    assert "上次登录" not in said(web.get("/"))
    web.cookies["griddesk_seat_last"] = "999999999999999.0"
    assert "上次登录" not in said(web.get("/"))


def test_first_password_must_be_changed_before_anything_else(backend: Backend) -> None:
    web = add(backend, "first1", must_change=True)
    assert web.sign_in().headers["location"] == "/seat/password"
    for path in ("/", "/reports", "/register"):
        assert web.request("GET", f"/seat{path}").headers["location"] == "/seat/password"
    page = web.get("/password")
    assert "请先修改密码" in said(page)
    values = {**forms_in(page)[0], "old": PASSWORD}
    for new, again, status, sentence in (
        ("short", "short", 422, "至少 8 位"),
        ("longenoughbutplain", "longenoughbutplain", 422, "三种"),
        ("Good-Pass-2027", "Good-Pass-2028", 422, "两次填写的新密码不一样"),
    ):
        answer = web.request("POST", "/seat/password", data={**values, "new": new, "again": again})
        assert answer.status_code == status
        assert sentence in said(answer.text)
    good = {"new": "Good-Pass-2027", "again": "Good-Pass-2027"}
    wrong = web.request("POST", "/seat/password", data={**values, **good, "old": "Wrong-Pass-1"})
    assert "原密码不对" in said(wrong.text)
    stolen = web.request("POST", "/seat/password", data={**values, **good, "form_token": "x"})
    assert stolen.status_code == 403
    assert web.request("GET", "/seat/").status_code == 303, "nothing was changed so far"
    done = web.request("POST", "/seat/password", data={**values, **good})
    assert "密码已修改" in said(done.text)
    assert "待签收" in web.get("/")
    assert Web(backend, "first1").sign_in().status_code == 401
    assert Web(backend, "first1").sign_in("Good-Pass-2027").status_code == 303


def test_forms_of_another_site_are_refused(backend: Backend) -> None:
    web = Web(backend, "muni1")
    values = {**web.form("/sign-in"), "username": "muni1", "password": PASSWORD}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/x"},
    ):
        answer = web.request("POST", "/seat/sign-in", data=values, headers=headers)
        assert answer.status_code == 403, headers
        assert "不是从本页面发出的" in said(answer.text)
    own = web.request("POST", "/seat/sign-in", data=values, headers={"Origin": "http://testserver"})
    assert own.status_code == 303


def test_lapsed_session_keeps_a_form_on_its_page(backend: Backend) -> None:
    web = Web(backend, "muni1")
    web.cookies["griddesk_seat"] = "x" * 43
    answer = web.post("/register", {"description": "路面塌陷"})
    assert answer.status_code == 401
    assert "登录已失效" in said(answer.text)
    assert "同一编号" in said(answer.text)


@pytest.mark.parametrize("name", ["acceptor1", "dispatcher1", "shift_leader1", "admin1", "auditor1"])
def test_who_sits_in_the_hall_is_told_so(web: Browsers, name: str) -> None:
    text = said(web(name).get("/"))
    assert "不在这里办公" in text
    assert "桌面程序" in text
    web(name).get("/reports", 404)
    web(name).get("/register", 404)
