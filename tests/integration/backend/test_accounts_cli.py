"""`griddesk account`, and the phone index and places beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from sqlalchemy import select

from services.backend import accounts_cli
from services.backend.access.passwords import COMMON, check_password, one_time_password, password_fault
from services.backend.access.settings import AccessSettings, access_settings
from services.backend.db.access_tables import audit, sessions
from services.backend.db.opening import database_url
from services.backend.db.tables import callers
from services.backend.payload_mask import normal_phone, phone_mac
from services.backend.places import path_of
from services.backend.scoping import prefix
from services.sql.engine import glancing
from tests.support.centre import Backend, furnish_url, running


class Cli:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def __call__(self, *arguments: str, db: str | None = None) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        accounts_cli.add_arguments(parser)
        where = ["--data", str(self.folder), *(("--db", db) if db else ())]
        code = accounts_cli.run(parser.parse_args([*where, *arguments]))
        said = self.capsys.readouterr()
        return code, said.out + said.err


def secret(said: str) -> str:
    return next(line.partition("：")[2] for line in said.splitlines() if line.startswith("一次性密码"))


def test_an_account_from_beginning_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    furnish_url(database_url(tmp_path))
    cli = Cli(tmp_path, capsys)
    code, said = cli(
        "add", "wang1", "--name", "王一", "--role", "dept_user", "--area", "990101", "--dept", "muni"
    )
    assert code == 0 and "首次登录后必须修改密码" in said
    password = secret(said)
    assert cli("add", "wang1", "--name", "王一", "--role", "acceptor")[0] == 1
    assert "部门" in cli("add", "li2", "--name", "李二", "--role", "handler")[1]
    assert "wang1\t王一\tdept_user\t990101\tmuni\t启用" in cli("list")[1]
    with running(database_url(tmp_path), tmp_path, light=True) as backend:
        seat = _changed(backend, password)
        head = backend.settle()
        assert seat.get("/changes", since=head, wait=0).status_code == 200
        assert cli("rights", "wang1", "--role", "dispatcher", "--area", "990101001")[0] == 0
        backend.centre.ticker.beat()
        assert seat.get("/changes", since=head, wait=0).json()["code"] == "must_refetch"
        assert seat.get("/me").json()["user"]["roles"] == ["dispatcher"]
        for _ in range(5):
            backend.sign_in("wang1", "wrong")
        assert backend.sign_in("wang1", "Brand-new-77").status_code == 403
        assert cli("unlock", "wang1")[0] == 0 and backend.sign_in("wang1", "Brand-new-77").status_code == 200
        code, said = cli("reset", "wang1")
        assert code == 0 and seat.get("/me").status_code == 401
        assert backend.sign_in("wang1", secret(said)).json()["must_change_password"] is True
        assert cli("disable", "wang1")[0] == 0 and backend.sign_in("wang1", secret(said)).status_code == 401
        with glancing(backend.engine) as conn:
            done = conn.execute(select(audit.c.action).where(audit.c.actor_id == "cli")).scalars().all()
            assert conn.execute(select(sessions).where(sessions.c.user_id == seat.user["id"])).first() is None
    assert done == ["account_added", "rights_changed", "unlocked", "password_reset", "account_disabled"]
    assert "停用" in cli("list")[1]
    for act in ("rights", "unlock", "reset", "disable"):
        code, said = cli(act, "nobody")
        assert code == 1 and "没有用户 nobody" in said


def _changed(backend: Backend, password: str):  # type: ignore[no-untyped-def]  # a Seat
    from tests.support.centre import Seat

    seat = Seat(backend.client, backend.sign_in("wang1", password).json())
    assert seat.post("/me/password", {"old": password, "new": "Brand-new-77"}).status_code == 204
    return seat


def test_wrong_places_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli = Cli(tmp_path / "new", capsys)
    assert cli("list") == (0, "")  # a fresh centre has no account at all
    assert "地址不对" in cli("list", db="nonsense")[1]
    assert "打不开" in cli("list", db="postgresql://u@127.0.0.1:1/x")[1]
    (tmp_path / "file").write_text("")
    assert "打不开" in Cli(tmp_path / "file" / "x", capsys)("list")[1]


def test_password_rules() -> None:
    strict, free = AccessSettings(), AccessSettings(password_policy="asvs")
    assert password_fault("Correct-horse-1", "u", strict) is None
    assert password_fault("correct horse battery", "u", strict) is not None
    assert password_fault("correct horse battery", "u", free) is None
    for weak in ("Ab1-", "Password123", "aaaa1111A", "some-user-9A", "Ab1-" * 40):
        assert password_fault(weak, "some-user-9A", strict) and password_fault(weak, "some-user-9A", free)
    assert all(word == word.lower() for word in COMMON)
    for _ in range(20):
        assert password_fault(one_time_password(), "u", strict) is None
    assert not check_password(None, "x") and not check_password("no hash at all", "x")


def test_settings_of_the_reference_document() -> None:
    assert access_settings({}) == access_settings({"access": 5}) == AccessSettings()
    given = {
        "idle_minutes": 10,
        "lock_failures": "many",
        "max_sessions": True,
        "password_policy": "none",
        "x": 1,
    }
    assert access_settings({"access": given}) == AccessSettings(idle_minutes=10)
    assert access_settings({"access": {"password_policy": "asvs"}}).password_policy == "asvs"


def test_a_phone_is_found_by_its_mark_and_not_readable_in_it(backend: Backend) -> None:
    case = backend.seat("acceptor1").register(caller={"name": "张三", "phone": "+86 138 1111 2222"})
    with glancing(backend.engine) as conn:
        row = conn.execute(select(callers).where(callers.c.case_id == case["case_id"])).one()
    key = backend.centre.facts.phone_key
    assert bytes(row.phone_mac) == phone_mac(normal_phone("138-1111-2222"), key) and row.last4 == "2222"
    assert phone_mac("13811112222", "00" * 32) != bytes(row.phone_mac)


def test_area_paths_follow_the_tree_or_the_code() -> None:
    tree = {
        "990101001001001": "990101001001",
        "990101001001": "990101001",
        "990101001": "990101",
        "990101": "9901",
    }
    assert path_of("990101001001001", tree) == ("990101", "990101001", "990101001001", "990101001001001")
    assert path_of("990101001001001", {}) == ("990101", "990101001", "990101001001", "990101001001001")
    assert path_of("W00001", {}) == ("W00001",) and path_of("a", {"a": "b", "b": "a"}) == ()


def test_an_empty_prefix_is_no_condition() -> None:
    from services.backend.db.tables import cases

    assert str(prefix(cases.c.grid, "")) == "true"
